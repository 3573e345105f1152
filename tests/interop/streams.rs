//! TCP between rsipp and sipp in both roles, TLS against openssl, TCP, TLS and WebSocket against Kamailio (transport.md §3, §17).
//!
//! Debian's sipp has no TLS. A sipp `uas` fails calls in their time-wait when the client closes, so only a client's report is asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{MACHINE, Program, Running, installed, silent};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const PATIENCE: Duration = Duration::from_secs(30);

fn free_tcp_port(ip: IpAddr) -> u16 {
    TcpListener::bind((ip, 0)).unwrap().local_addr().unwrap().port()
}

/// A TCP connection can be made there; UDP ports are taken at once.
fn wait_until_listening(addr: SocketAddr, server: &Running) {
    let deadline = Instant::now() + PATIENCE;
    let table = if addr.is_ipv4() { "/proc/net/tcp" } else { "/proc/net/tcp6" };
    let wanted = format!(":{:04X} ", addr.port());
    while Instant::now() < deadline {
        let sockets = std::fs::read_to_string(table).unwrap();
        if sockets.lines().any(|line| line.contains(&wanted) && line.contains(" 0A ")) {
            return;
        }
        assert!(
            !server.ends(Duration::from_millis(5)),
            "the server ended; Kamailio needs kamailio-tls-modules and kamailio-websocket-modules (apt-get install)"
        );
    }
    panic!("nobody listens at {addr}");
}

/// 200 calls of the built-in scenarios; the client must end with 0.
fn calls(uac: (Program, &str), uas: (Program, &str), ip: IpAddr) {
    let _shared = MACHINE.read();
    let folder = tempfile::tempdir().unwrap();
    let addr = SocketAddr::new(ip, free_tcp_port(ip));
    let side = |(program, transport): (Program, &str), role: &str| {
        let mut command = Command::new(program.path());
        command.args(["-sn", role, "-t", transport, "-max_socket", "1000", "-m", "200", "-nostdin"]);
        command.args(["-i", &ip.to_string()]).current_dir(folder.path());
        silent(&mut command);
        command
    };
    let server = Running::start(side(uas, "uas").args(["-p", &addr.port().to_string()]));
    wait_until_listening(addr, &server);
    let mut client = side(uac, "uac");
    let client = Running::start(client.args(["-r", "200", "-d", "100", &addr.to_string()]));
    assert_eq!(client.exit_code(PATIENCE), 0);
    server.stop();
}

#[test]
fn rsipp_calls_sipp_over_tcp() {
    for ip in [V4, V6] {
        for transport in ["t1", "tn"] {
            calls((Program::under_test(), transport), (Program::Sipp, "t1"), ip);
        }
    }
}

#[test]
fn sipp_calls_rsipp_over_tcp() {
    for ip in [V4, V6] {
        for transport in ["t1", "tn"] {
            calls((Program::Sipp, transport), (Program::under_test(), transport), ip);
        }
    }
}

/// A certificate and its key, as openssl makes them.
fn certificate(folder: &Path) {
    let openssl = installed("openssl", "openssl");
    let mut command = Command::new(openssl);
    command.current_dir(folder).args([
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ]);
    command.args(["-keyout", "cakey.pem", "-out", "cacert.pem", "-days", "2", "-subj", "/CN=localhost"]);
    command.args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"]);
    assert_eq!(Running::start(silent(&mut command)).exit_code(PATIENCE), 0);
}

const OPTIONS: &str = "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:b@x>;tag=1\r\n\
                       To: <sip:a@x>\r\nCall-ID: s_client\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

const ANSWERS: &str = "<scenario><recv request=\"OPTIONS\"/><send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n\
                       [last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send></scenario>";

const ASKS: &str = "<scenario><send><![CDATA[\nOPTIONS sip:a@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n\
                    From: <sip:b@[local_ip]>;tag=[call_number]\nTo: <sip:a@[remote_ip]>\nCall-ID: [call_id]\nCSeq: 1 OPTIONS\nMax-Forwards: 70\n\
                    Content-Length: 0\n\n]]></send><recv response=\"200\"/></scenario>";

fn rsipp(folder: &Path, scenario: &str, arguments: &[&str]) -> Command {
    std::fs::write(folder.join("scenario.xml"), scenario).unwrap();
    let mut command = Command::new(Program::Rsipp.path());
    command
        .args(["-sf", "scenario.xml", "-nostdin", "-max_socket", "500"])
        .args(arguments)
        .current_dir(folder);
    silent(&mut command).stderr(Stdio::inherit());
    command
}

/// transport.md §17.
#[test]
fn openssl_s_client_is_answered_in_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    for (version, transport, ip) in
        [("-tls1_2", "l1", V4), ("-tls1_3", "l1", V4), ("-tls1_2", "ln", V6), ("-tls1_3", "l1", V6)]
    {
        let addr = SocketAddr::new(ip, free_tcp_port(ip));
        let (ip, port) = (ip.to_string(), addr.port().to_string());
        let server = Running::start(&mut rsipp(
            folder.path(),
            ANSWERS,
            &["-t", transport, "-i", &ip, "-p", &port, "-m", "1"],
        ));
        wait_until_listening(addr, &server);
        let mut client = Command::new(installed("openssl", "openssl"));
        client.args([
            "s_client",
            "-quiet",
            "-verify_return_error",
            "-CAfile",
            "cacert.pem",
            version,
            "-connect",
        ]);
        client.arg(addr.to_string()).current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut client = client.stderr(Stdio::null()).spawn().unwrap();
        let mut says = client.stdin.take().unwrap();
        says.write_all(OPTIONS.as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(client.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "SIP/2.0 200 OK\r\n", "{version}");
        drop(says);
        client.wait().unwrap();
        assert_eq!(server.exit_code(PATIENCE), 0, "{version}");
    }
}

/// transport.md §17: SNI, mutual authentication and the strict check of the name, as openssl sees them.
#[test]
fn openssl_s_server_gets_a_certificate_a_name_and_the_request() {
    for transport in ["l1", "ln"] {
        s_server_is_called(transport, V4, "localhost");
    }
    // A number is no name: none is sent.
    s_server_is_called("ln", V6, "[::1]");
}

fn s_server_is_called(transport: &str, ip: IpAddr, host: &str) {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    let addr = SocketAddr::new(ip, free_tcp_port(ip));
    let mut server = Command::new(installed("openssl", "openssl"));
    server.args(["s_server", "-accept", &addr.to_string(), "-cert", "cacert.pem", "-key", "cakey.pem"]);
    server.args([
        "-Verify",
        "1",
        "-CAfile",
        "cacert.pem",
        "-servername",
        "localhost",
        "-cert2",
        "cacert.pem",
    ]);
    server.args(["-key2", "cakey.pem", "-naccept", "1"]).current_dir(folder.path());
    let mut server =
        server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("ACCEPT") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "openssl ended");
    }
    let (target, ip) = (format!("{host}:{}", addr.port()), ip.to_string());
    let arguments = ["-t", transport, "-i", &ip, "-m", "1", "-tls_verify", "-tls_ca", "cacert.pem", &target];
    let client = Running::start(&mut rsipp(folder.path(), ASKS, &arguments));
    let mut text = String::new();
    while !text.contains("Content-Length: 0") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "openssl ended: {text}");
        text.push_str(&line);
    }
    assert_eq!(text.contains("Hostname in TLS extension: \"localhost\""), host == "localhost", "{text}");
    assert!(text.contains("OPTIONS sip:a@") && text.contains("Via: SIP/2.0/TLS"), "{text}");
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(client.exit_code(PATIENCE), 1, "the call fails with its connection");
}

/// A Kamailio that answers OPTIONS by TCP, TLS and WebSocket, but for what goes to these users: it passes that on, by that transport.
fn kamailio(
    folder: &Path,
    ip: IpAddr,
    users: &[(&str, &str, SocketAddr)],
) -> (Running, SocketAddr, SocketAddr) {
    let relays: String = users
        .iter()
        .map(|(user, transport, to)| {
            format!(
                "if ($rU == \"{user}\") {{ $du = \"sip:{to};transport={transport}\"; t_relay(); exit; }} "
            )
        })
        .collect();
    let (plain, secure) = (SocketAddr::new(ip, free_tcp_port(ip)), SocketAddr::new(ip, free_tcp_port(ip)));
    let config = format!(
        "listen=tcp:{plain}\nlisten=tls:{secure}\nenable_tls=yes\ntcp_accept_no_cl=yes\nchildren=1\ntcp_children=2\nlog_stderror=yes\n\
         loadmodule \"sl.so\"\nloadmodule \"pv.so\"\nloadmodule \"tm.so\"\nloadmodule \"xhttp.so\"\nloadmodule \"websocket.so\"\nloadmodule \"tls.so\"\n\
         modparam(\"tls\", \"certificate\", \"{0}/cacert.pem\")\nmodparam(\"tls\", \"private_key\", \"{0}/cakey.pem\")\n\
         modparam(\"tls\", \"tls_method\", \"TLSv1.2+\")\n\
         request_route {{ {relays} sl_send_reply(\"200\", \"OK\"); }}\n\
         event_route[xhttp:request] {{ if ($hdr(Upgrade) =~ \"websocket\") {{ ws_handle_handshake(); exit; }} xhttp_reply(\"404\", \"Not Found\", \"\", \"\"); }}\n",
        folder.display()
    );
    std::fs::write(folder.join("kamailio.cfg"), config).unwrap();
    let mut command = Command::new(installed("kamailio", "kamailio"));
    command
        .args(["-f", "kamailio.cfg", "-DD", "-E", "-m", "64", "-M", "8", "-P", "pid", "-Y"])
        .arg(folder)
        .arg("-w")
        .arg(folder);
    silent(&mut command).stderr(std::fs::File::create(folder.join("log")).unwrap()).current_dir(folder);
    let server = Running::start(&mut command);
    wait_until_listening(plain, &server);
    wait_until_listening(secure, &server);
    (server, plain, secure)
}

#[test]
fn kamailio_answers_over_tcp_tls_and_websockets() {
    let _shared = MACHINE.read();
    for ip in [V4, V6] {
        let folder = tempfile::tempdir().unwrap();
        certificate(folder.path());
        let (server, plain, secure) = kamailio(folder.path(), ip, &[]);
        for (transport, addr) in [
            ("t1", plain),
            ("tn", plain),
            ("l1", secure),
            ("ln", secure),
            ("w1", plain),
            ("wn", plain),
            ("ws1", secure),
            ("wsn", secure),
        ] {
            let (target, ip) = (addr.to_string(), ip.to_string());
            let arguments = ["-t", transport, "-i", &ip, "-m", "20", "-r", "100", "-timeout", "20", &target];
            let client = Running::start(&mut rsipp(folder.path(), ASKS, &arguments));
            let code = client.exit_code(PATIENCE);
            let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            assert_eq!(code, 0, "{transport} to {addr}\n{log}");
        }
        server.stop();
    }
}

/// transport.md §3, §17, the other role: Kamailio connects to us by TCP and by TLS, with requests that came to it by every transport.
#[test]
fn kamailio_passes_calls_on_to_servers_over_tcp_and_tls() {
    let _shared = MACHINE.read();
    for ip in [V4, V6] {
        let folder = tempfile::tempdir().unwrap();
        certificate(folder.path());
        let servers = [("t1", "tcp"), ("l1", "tls")].map(|(mode, transport)| {
            let addr = SocketAddr::new(ip, free_tcp_port(ip));
            let (ip, port) = (ip.to_string(), addr.port().to_string());
            let arguments = ["-t", mode, "-i", &ip, "-p", &port, "-m", "60"];
            let server = Running::start(&mut rsipp(folder.path(), ANSWERS, &arguments));
            wait_until_listening(addr, &server);
            (server, transport, addr)
        });
        let users = servers.each_ref().map(|(_, transport, addr)| (*transport, *transport, *addr));
        let (proxy, plain, secure) = kamailio(folder.path(), ip, &users);
        for (_, user, _) in &servers {
            for (transport, addr) in [("tn", plain), ("ln", secure), ("w1", plain)] {
                let (target, ip) = (addr.to_string(), ip.to_string());
                let arguments =
                    ["-t", transport, "-i", &ip, "-m", "20", "-r", "100", "-timeout", "20", &target];
                let asks = ASKS.replace("OPTIONS sip:a@", &format!("OPTIONS sip:{user}@"));
                let client = Running::start(&mut rsipp(folder.path(), &asks, &arguments));
                let code = client.exit_code(PATIENCE);
                let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
                assert_eq!(code, 0, "{transport} to {addr}, then {user}\n{log}");
            }
        }
        for (server, transport, _) in &servers {
            assert_eq!(server.exit_code(PATIENCE), 0, "{transport}");
        }
        proxy.stop();
    }
}

/// transport.md §6: with `-p` the connection of `t1` leaves from the port on which the client listens.
#[test]
fn a_given_port_is_that_of_listener_and_connection() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind((V4, 0)).unwrap();
    let port = free_tcp_port(V4);
    let target = listener.local_addr().unwrap().to_string();
    let arguments = ["-t", "t1", "-i", "127.0.0.1", "-p", &port.to_string(), "-m", "1", &target];
    let client = Running::start(&mut rsipp(folder.path(), ASKS, &arguments));
    let (mut stream, from) = listener.accept().unwrap();
    assert_eq!(from.port(), port);
    // Whoever connects back is heard, too: the answer comes by another connection.
    let mut request = vec![0; 4_096];
    let length = stream.read(&mut request).unwrap();
    let text = String::from_utf8_lossy(&request[..length]).into_owned();
    let header = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    let headers = ["Via", "From", "To", "Call-ID", "CSeq"].map(header).join("\r\n");
    let mut back = TcpStream::connect((V4, port)).unwrap();
    back.write_all(format!("SIP/2.0 200 OK\r\n{headers}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
    assert_eq!(client.exit_code(PATIENCE), 0);
}
