//! Digest authentication against programs that are not ours: a real Kamailio with its auth module, and sipp's
//! `[authentication]` and `<verifyauth>`. The scenarios are the shipped ones. auth.md.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::phone::{Call, Phone};
use crate::program::{MACHINE, Program, Running, free_port, in_repository, installed, silent};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PATIENCE: Duration = Duration::from_secs(30);

/// The lines of `csv/users.csv`.
const USERS: u32 = 5;

/// Kamailio as a registrar and proxy that asks for credentials.
struct Registrar {
    address: SocketAddr,
    server: Running,
    folder: tempfile::TempDir,
}

impl Registrar {
    /// `calls_go_to`: the port of the phone behind it.
    fn start(algorithm: &str, calls_go_to: u16) -> Registrar {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = SocketAddr::new(HERE, free_port(HERE));
        let mut command = Command::new(installed("kamailio", "kamailio"));
        command
            .arg("-f")
            .arg(in_repository("tests/interop/authentication/kamailio.cfg"))
            .args(["-DD", "-E", "-T", "-m", "32", "-M", "4", "-l", &format!("udp:{address}")])
            .args(["-A", &format!("UAS=\"sip:127.0.0.1:{calls_go_to}\"")])
            .arg("-Y")
            .arg(folder.path())
            .arg("-w")
            .arg(folder.path());
        if algorithm == "SHA-256" {
            command.args(["-A", "SHA256"]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(File::create(folder.path().join("log")).expect("create a log"));
        let server = Running::start(&mut command);
        let registrar = Registrar { address, server, folder };
        registrar.wait_until_ready();
        registrar
    }

    fn wait_until_ready(&self) {
        let mut probe = Phone::new(self.address);
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline && !self.server.ends(Duration::ZERO) {
            probe.request("OPTIONS", Call { to: "ready", from: "ready", id: "ready" }, "");
            if probe.next(Duration::from_millis(50)).is_some() {
                return;
            }
        }
        panic!("Kamailio did not start (apt-get install kamailio)");
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        self.server.stop();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            eprintln!("--- Kamailio's log\n{log}");
        }
    }
}

/// A program with a scenario of `scenarios/` and the users of `csv/users.csv`, in a folder of its own.
fn side(program: Program, scenario: &str, port: u16, folder: &Path) -> Command {
    let mut command = Command::new(program.path());
    command.arg("-sf").arg(in_repository("scenarios").join(scenario).with_extension("xml"));
    command.arg("-inf").arg(in_repository("csv/users.csv")).args(["-infindex", "users.csv", "0"]);
    command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin"]).current_dir(folder);
    silent(&mut command);
    command
}

/// Makes `calls` calls to `target` and returns the exit code.
fn calls(program: Program, scenario: &str, target: SocketAddr, calls: u32, more: &[&str]) -> i32 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = side(program, scenario, free_port(HERE), folder.path());
    command
        .args(["-m", &calls.to_string(), "-r", "100", "-timeout", "20s"])
        .args(more)
        .arg(target.to_string());
    Running::start(&mut command).exit_code(PATIENCE)
}

fn registers_by(algorithm: &str) {
    let _shared = MACHINE.read();
    let registrar = Registrar::start(algorithm, 9);
    assert_eq!(calls(Program::Rsipp, "register", registrar.address, 2 * USERS, &[]), 0);
    let wrong = with_password("register", "wrong");
    assert_eq!(calls(Program::Rsipp, &wrong.0, registrar.address, 1, &[]), 1, "a wrong password");
}

/// A copy of a scenario, as a path, in which every password is that one.
fn with_password(scenario: &str, password: &str) -> (String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = std::fs::read_to_string(in_repository("scenarios").join(scenario).with_extension("xml"));
    let text = text.expect("read a scenario").replace("[field1]", password);
    let path = folder.path().join(scenario).with_extension("xml");
    std::fs::write(&path, text).expect("write a scenario");
    (path.display().to_string(), folder)
}

#[test]
fn kamailio_registers_our_users_by_md5_and_no_wrong_passwords() {
    registers_by("MD5");
}

#[test]
fn kamailio_registers_our_users_by_sha_256_and_no_wrong_passwords() {
    registers_by("SHA-256");
}

fn calls_through(algorithm: &str) {
    let _shared = MACHINE.read();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let port = free_port(HERE);
    let registrar = Registrar::start(algorithm, port);
    let mut uas = Command::new(Program::Rsipp.path());
    uas.args(["-sn", "uas", "-i", "127.0.0.1", "-p", &port.to_string(), "-m", "10", "-nostdin"]);
    let uas = Running::start(silent(&mut uas).current_dir(folder.path()));
    crate::sipp_pairs::wait_until_bound(port, HERE, &uas);
    let wrong = with_password("uac_auth", "wrong");
    assert_eq!(calls(Program::Rsipp, &wrong.0, registrar.address, 1, &["-s", "1000"]), 1, "a wrong password");
    assert_eq!(calls(Program::Rsipp, "uac_auth", registrar.address, 10, &["-s", "1000"]), 0);
    assert_eq!(uas.exit_code(PATIENCE), 0);
}

/// INVITE and BYE, the second with nc=00000002 for the same nonce, which Kamailio checks.
#[test]
fn kamailio_lets_our_calls_through_by_md5() {
    calls_through("MD5");
}

#[test]
fn kamailio_lets_our_calls_through_by_sha_256() {
    calls_through("SHA-256");
}

/// RFC 3261 §22.3. SIPp cannot do that: it answers the newest challenge only.
#[test]
fn kamailio_as_proxy_and_as_server_behind_it_gets_both_answers() {
    let _shared = MACHINE.read();
    let registrar = Registrar::start("MD5", 9);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = |keyword: &str| {
        format!(
            "<send retrans=\"500\"><![CDATA[\nOPTIONS sip:[remote_ip]:[remote_port] SIP/2.0\n\
             Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nFrom: <sip:alice@x>;tag=[call_number]\n\
             To: <sip:x@x>\nCall-ID: [call_id]\nCSeq: [cseq] OPTIONS\n{keyword}Content-Length: 0\n\n]]></send>"
        )
    };
    let signed = options("[authentication username=alice password=wonderland]\n");
    let scenario = format!(
        "<scenario name=\"both\">{}<recv response=\"407\" auth=\"true\"/>{signed}<recv response=\"401\" auth=\"true\"/>\
         {signed}<recv response=\"200\"/></scenario>",
        options("")
    );
    let path = folder.path().join("both.xml");
    std::fs::write(&path, scenario).expect("write a scenario");
    assert_eq!(calls(Program::Rsipp, &path.display().to_string(), registrar.address, 5, &[]), 0);
}

/// A server with `uas_verifyauth.xml` that ends after so many calls, and where it listens.
fn serve(program: Program, calls: u32, folder: &Path) -> (Running, SocketAddr) {
    let port = free_port(HERE);
    let server =
        Running::start(side(program, "uas_verifyauth", port, folder).args(["-m", &calls.to_string()]));
    crate::sipp_pairs::wait_until_bound(port, HERE, &server);
    (server, SocketAddr::new(HERE, port))
}

/// One program on one side, one on the other: users who know their passwords, and one who does not. The refused call ends with
/// an ACK or BYE that its server does not expect, so that server is only there for it.
fn pair(client: Program, server: Program, scenario: &str) {
    let _shared = MACHINE.read();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_refusing, target) = serve(server, 1, folder.path());
    let wrong = with_password(scenario, "wrong");
    assert_eq!(calls(client, &wrong.0, target, 1, &[]), 1, "a wrong password");

    let (letting_in, target) = serve(server, 2 * USERS, folder.path());
    assert_eq!(calls(client, scenario, target, 2 * USERS, &[]), 0);
    assert_eq!(letting_in.exit_code(PATIENCE), 0);
}

#[test]
fn sipp_registers_at_our_verifyauth() {
    pair(Program::Sipp, Program::Rsipp, "register");
}

#[test]
fn we_register_at_the_verifyauth_of_sipp() {
    pair(Program::Rsipp, Program::Sipp, "register");
}

#[test]
fn sipp_calls_our_verifyauth() {
    pair(Program::Sipp, Program::Rsipp, "uac_auth");
}

#[test]
fn we_call_the_verifyauth_of_sipp() {
    pair(Program::Rsipp, Program::Sipp, "uac_auth");
}

/// Every challenge asks for its own nonce, so a password that is right is not enough: both sides are ours.
#[test]
fn we_register_and_call_at_our_own_verifyauth() {
    pair(Program::Rsipp, Program::Rsipp, "register");
    pair(Program::Rsipp, Program::Rsipp, "uac_auth");
}
