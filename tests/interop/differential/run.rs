//! One program through one case. In: which, and the case. Out: the transcript, folded. Ends only the child that it started.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::differential::case::{Case, Extra, Role};
use crate::differential::fold::{Numbers, fold, lines, visible};
use crate::differential::peer::Peer;
use crate::program::Program;

/// Begins the line of a transcript that says why the peer could not go on.
pub const PEER_STOPPED: &str = "peer stopped: ";

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A child that does not outlive its run.
struct Started(Child);

impl Started {
    fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    fn ending(&mut self) -> String {
        match self.0.try_wait() {
            Ok(Some(status)) => {
                status.code().map_or_else(|| status.to_string(), |code| format!("exit {code}"))
            }
            _ => "still runs".to_owned(),
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// What came of a run.
pub struct Outcome {
    /// What the peer heard, what else the case compares, and the exit code as the last line.
    pub transcript: String,
    /// What the program complained of, folded.
    pub stderr: String,
}

/// Runs the program through the case.
pub fn outcome(program: Program, case: &Case) -> Outcome {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in &case.files {
        std::fs::write(folder.path().join(name), text).expect("write a file of the case");
    }
    let mut peer = Peer::new(case.role, case.compares(Extra::EveryDatagram));
    let port = port_of_its_own();
    let deadline = Instant::now() + case.patience;
    let mut command = command(program, case, port, peer.port());
    let output = |name: &str| File::create(folder.path().join(name)).expect("create a file for the output");
    command.stdout(output("stdout")).stderr(output("stderr"));
    let child = command.current_dir(folder.path()).spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let numbers = Numbers { pid: child.id(), port, peer: peer.port() };
    let mut child = Started(child);

    if case.role == Role::Server {
        peer.calls(SocketAddr::new(LOCALHOST, port));
        wait_until_bound(port, &mut child);
    }
    let stopped = case.peer.iter().find_map(|step| peer.does(step, &mut || child.is_running()).err());
    while child.is_running() && Instant::now() < deadline {
        peer.listens();
    }
    peer.listens();

    let mut text = String::new();
    for message in &peer.heard {
        for line in lines(&message.0, numbers) {
            text.push_str(format!("wire | {line}").trim_end());
            text.push('\n');
        }
        text.push_str("-----\n");
    }
    for line in extras(case, folder.path(), numbers) {
        text.push_str(&line);
        text.push('\n');
    }
    if let Some(why) = stopped {
        text.push_str(&format!("{PEER_STOPPED}{why}\n"));
    }
    Outcome {
        transcript: text + &child.ending() + "\n",
        stderr: fold(&read(folder.path(), "stderr"), numbers),
    }
}

/// A free port below the range from which the kernel gives ports: nobody gets it before the program binds it.
fn port_of_its_own() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let next = std::process::id().wrapping_mul(512).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(20_000 + next % 10_000).expect("below 30,000");
        if UdpSocket::bind((LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

fn command(program: Program, case: &Case, port: u16, peer: u16) -> Command {
    let mut command = Command::new(program.path());
    if case.role == Role::Client {
        command.arg(format!("127.0.0.1:{peer}"));
    }
    command.arg("-sf").arg(&case.path);
    command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin"]);
    if !case.options.iter().any(|word| word == "-m") {
        command.args(["-m", "1"]);
    }
    for (extra, options) in [
        (Extra::Log, ["-trace_logs", "-log_file", "log"].as_slice()),
        (Extra::Warnings, ["-trace_err", "-error_file", "warnings"].as_slice()),
    ] {
        if case.compares(extra) {
            command.args(options);
        }
    }
    command.args(&case.options);
    command.stdin(Stdio::null());
    command
}

/// The peer must not come first. Linux lists bound ports in /proc/net/udp.
fn wait_until_bound(port: u16, child: &mut Started) {
    let wanted = format!(":{port:04X} ");
    let deadline = Instant::now() + Duration::from_secs(10);
    while child.is_running() && Instant::now() < deadline {
        let table = std::fs::read_to_string("/proc/net/udp").expect("read the table of sockets");
        if table.lines().filter_map(|line| line.get(..30)).any(|local| local.contains(&wanted)) {
            return;
        }
        std::thread::yield_now();
    }
}

fn extras(case: &Case, folder: &Path, numbers: Numbers) -> Vec<String> {
    let mut found = Vec::new();
    if case.compares(Extra::Log) {
        let text = fold(&read(folder, "log"), numbers);
        found.extend(text.split_terminator('\n').map(|line| format!("log | {}", visible(line))));
    }
    if case.compares(Extra::Warnings) {
        let text = fold(&read(folder, "warnings"), numbers);
        // 3.6.1 does not end its records with a newline.
        let records = text.split("TIMESTAMP: ").skip(1).flat_map(str::lines);
        found.extend(records.filter(|line| !line.is_empty()).map(|line| format!("warning | {line}")));
    }
    if case.compares(Extra::Screen) {
        found.extend(screen(&read(folder, "stdout")).into_iter().map(|row| format!("screen | {row}")));
    }
    if case.compares(Extra::Commands) {
        let text = read(folder, "stdout");
        found.extend(text.lines().filter(|line| line.starts_with("COMMAND")).map(str::to_owned));
    }
    found
}

fn read(folder: &Path, name: &str) -> String {
    String::from_utf8_lossy(&std::fs::read(folder.join(name)).unwrap_or_default()).into_owned()
}

/// The table of steps and the totals of the last screens, without the widths of their columns and without times.
fn screen(text: &str) -> Vec<String> {
    let mut rows = Vec::new();
    let mut is_table = false;
    for line in text.lines() {
        if line.starts_with("-----") {
            is_table = false;
        } else if line.contains("Messages  Retrans") {
            is_table = true;
            rows.clear();
        } else if is_table {
            // Newer versions number their rows.
            let row = line.split_once(" : ").filter(|(number, _)| number.parse::<u32>().is_ok());
            rows.push(collapsed(row.map_or(line, |(_, row)| row)));
        } else if line.starts_with("  Successful call")
            || line.starts_with("  Failed call")
            || line.starts_with("  Counter ")
        {
            let cumulative = line.rsplit('|').next().unwrap_or_default();
            rows.push(collapsed(&format!("{} {cumulative}", line.split('|').next().unwrap_or_default())));
        }
    }
    rows
}

fn collapsed(row: &str) -> String {
    row.split_whitespace().collect::<Vec<_>>().join(" ")
}
