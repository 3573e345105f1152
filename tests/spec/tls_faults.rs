//! transport.md §17 over TLS: certificates that are not believed, handshakes that stall, garbage above and below the encryption.
//! Each costs the calls of its connection, which are counted, and no descriptor; the calls beside it go on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use rustix::process::Signal;
use rustls::{ClientConfig, ServerConfig};

use crate::certificates::{Certificates, accept, connect};
use crate::fault;
use crate::program::{Running, rsipp};
use crate::stream_peer::{
    Client, RECORDS, Server, all_at_once, answer, connects, counted, header, is_hung_up_on, ok, one_request,
    options, read_message, reset, says, server, stays,
};

/// transport.md §17: who is believed, with which options.
#[test]
fn certificates_are_believed_by_the_rules_of_sipp_and_strictly_if_wanted() {
    let files = Certificates::make();
    let ca = files.authority("ca");
    let strict = format!("{ca} -tls_verify");
    // The server's certificate, what the client demands, whether that works.
    for (certificate, demand, works) in [
        ("own", "", true),
        ("old", "", true),
        ("wrong", "", true),
        ("good", &ca[..], true),
        ("wrong", &ca, true),
        ("old", &ca, false),
        ("own", &ca, false),
        ("own", &files.authority("own"), true),
        ("good", &strict, true),
        ("wrong", &strict, false),
        ("old", &strict, false),
    ] {
        let (running, addr) = server(&format!("-t l1 {}", files.of(certificate)));
        let client = format!(
            "-t ln -max_socket 50 localhost:{} -i 127.0.0.1 -m 3 -r 100 {RECORDS} {} {demand}",
            addr.port(),
            files.of("good")
        );
        let before = running.descriptors();
        let ended = rsipp(&client).scenario(&one_request()).run().exits(if works { 0 } else { 1 });
        let expected = if works { (3, 3, 0) } else { (3, 0, 3) };
        assert_eq!(ended.calls(), expected, "{certificate} with {demand:?}");
        assert_eq!(counted(&ended, "FailedTcpConnect"), expected.2, "{certificate} with {demand:?}");
        if !works {
            let ended = ended.complains("Error in SSL connection:");
            ended.complains("One side does not trust the other's certificate");
        }
        running.waits_for_descriptors(before);
        running.signal(Signal::TERM);
        running.wait();
    }
}

/// transport.md §17: `-tls_ca` on a server demands certificates of clients.
#[test]
fn a_server_with_authorities_serves_only_clients_with_a_certificate_of_theirs() {
    let files = Certificates::make();
    for (client, works) in [("good", true), ("own", false), ("old", false)] {
        for version in ["1.2", "1.3"] {
            let (running, addr) =
                server(&format!("-t l1 {RECORDS} {} {}", files.of("good"), files.authority("ca")));
            let before = running.descriptors();
            let command = format!(
                "-t ln -max_socket 50 {addr} -m 2 -r 100 -tls_version {version} {RECORDS} {}",
                files.of(client)
            );
            let ended = rsipp(&command).scenario(&one_request()).run().exits(if works { 0 } else { 1 });
            assert_eq!(ended.calls(), if works { (2, 2, 0) } else { (2, 0, 2) }, "{client} {version}");
            // A client of TLS 1.3 believes that it is connected before it is judged.
            let column = if version == "1.2" { "FailedTcpConnect" } else { "FailedTcpClosed" };
            assert_eq!(counted(&ended, column), ended.calls().2, "{client} {version}");
            is_refused(running, before, if works { 0 } else { 2 });
        }
    }
}

/// A server has said of so many clients why it does not serve them, and has no descriptor left of them.
#[track_caller]
fn is_refused(running: Running, before: usize, times: usize) {
    // The file of warnings is open, too.
    running.waits_for_descriptors(before + usize::from(times > 0));
    running.signal(Signal::TERM);
    let ended = running.wait();
    let said = if times > 0 { ended.read("errors") } else { String::new() };
    assert_eq!(said.matches("Error in SSL_accept: ").count(), times, "{said}");
    assert_eq!(said.matches(" (127.0.0.1:").count(), times, "{said}");
    assert!(ended.stdout.contains(&format!("0/{times}/0 TLS errors")));
}

/// transport.md §17: SIPp ends at this.
#[test]
fn a_server_with_authorities_refuses_a_client_without_certificate() {
    let files = Certificates::make();
    let (running, addr) = server(&format!("-t l1 {RECORDS} {} {}", files.of("good"), files.authority("ca")));
    let before = running.descriptors();
    let mut client = connect(&files.client(), connects(addr));
    let _ = client.write_all(options("no certificate").as_bytes());
    assert!(client.read(&mut [0]).is_err(), "an alert");
    is_refused(running, before, 1);
}

/// What a server does with a connection that it should secure.
type Fault = fault::Fault<fn(TcpStream, &Arc<ServerConfig>)>;

const NO_HANDSHAKE: Option<&str> = Some("FailedTcpConnect");
const CLOSED: Option<&str> = Some("FailedTcpClosed");

/// The request that comes over a connection once it is secured, and what carries it.
fn secured(stream: TcpStream, config: &Arc<ServerConfig>) -> (crate::certificates::Accepted, String) {
    let mut secured = accept(config, stream);
    let request = read_message(&mut secured).unwrap_or_default();
    (secured, request)
}

/// A record of a handshake that announces 64 bytes, of which 3 follow.
const HALF_A_HANDSHAKE: &[u8] = &[0x16, 3, 3, 0, 64, 2, 0, 0];
const HANDSHAKE_FAILURE: &[u8] = &[0x15, 3, 3, 0, 2, 2, 40];

const FAULTS: [Fault; 13] = [
    Fault {
        name: "silence",
        does: |stream, _| stays(stream),
        costs: NO_HANDSHAKE,
        says: "Error in SSL connection: no handshake within 5 s (127.0.0.1:",
    },
    Fault {
        name: "half a handshake",
        does: |stream, _| {
            says(&stream, HALF_A_HANDSHAKE);
            stays(stream);
        },
        costs: NO_HANDSHAKE,
        says: "Error in SSL connection: no handshake within 5 s (127.0.0.1:",
    },
    Fault {
        name: "plain text",
        does: |stream, _| {
            says(&stream, "SIP/2.0 200 OK\r\n\r\n");
            stays(stream);
        },
        costs: NO_HANDSHAKE,
        says: "Error in SSL connection: received corrupt message",
    },
    Fault {
        name: "a refusal",
        does: |stream, _| {
            says(&stream, HANDSHAKE_FAILURE);
            stays(stream);
        },
        costs: NO_HANDSHAKE,
        says: "Error in SSL connection: received fatal alert",
    },
    Fault {
        name: "closed amid the handshake",
        does: |mut stream, _| {
            let _ = stream.read(&mut [0; 4_096]);
        },
        costs: NO_HANDSHAKE,
        says: "Error in SSL connection: the peer closed the connection during the handshake (127.0.0.1:",
    },
    Fault {
        name: "reset amid the handshake",
        does: |stream, _| reset(stream),
        costs: NO_HANDSHAKE,
        says: "Connection reset by peer (127.0.0.1:",
    },
    Fault {
        name: "reset amid a message",
        does: |stream, config| {
            let (mut secured, request) = secured(stream, config);
            let _ = secured.write_all(&ok(&request).as_bytes()[..40]);
            reset(secured.sock);
        },
        costs: CLOSED,
        says: "Connection reset by peer (127.0.0.1:",
    },
    Fault {
        name: "closed without goodbye",
        does: |stream, config| drop(secured(stream, config)),
        costs: CLOSED,
        says: "",
    },
    Fault {
        name: "half closed behind the answer",
        does: |stream, config| {
            let (mut secured, request) = secured(stream, config);
            secured.write_all(ok(&request).as_bytes()).unwrap();
            secured.conn.send_close_notify();
            secured.flush().unwrap();
            secured.sock.shutdown(Shutdown::Write).unwrap();
            stays(secured.sock);
        },
        costs: None,
        says: "",
    },
    Fault {
        name: "a byte at a time",
        does: |stream, config| {
            stream.set_nodelay(true).unwrap();
            let (mut secured, request) = secured(stream, config);
            ok(&request).bytes().for_each(|byte| secured.write_all(&[byte]).unwrap());
            stays(secured);
        },
        costs: None,
        says: "",
    },
    Fault {
        name: "garbage below the encryption",
        does: |stream, config| {
            let (secured, _) = secured(stream, config);
            says(&secured.sock, [0xff; 1_000]);
            stays(secured.sock);
        },
        costs: CLOSED,
        says: "Error on TCP connection, remote peer probably closed the socket: received corrupt message",
    },
    Fault {
        name: "a record that nobody has encrypted",
        does: |stream, config| {
            let (secured, _) = secured(stream, config);
            says(&secured.sock, [&[0x17, 3, 3, 0, 100][..], &[7; 100]].concat());
            stays(secured.sock);
        },
        costs: CLOSED,
        says: "Error on TCP connection, remote peer probably closed the socket: cannot decrypt peer's message (127.0.0.1:",
    },
    Fault {
        name: "garbage above the encryption",
        does: |stream, config| {
            let (mut secured, _) = secured(stream, config);
            let _ = secured.write_all(&[0xff; 70_000]);
            stays(secured);
        },
        costs: CLOSED,
        says: "no end of headers within 65536 bytes (127.0.0.1:",
    },
];

/// Among them the stall, which holds up nobody; SIPp waits for it with everything.
#[test]
fn a_faulty_server_costs_a_client_its_call_and_no_descriptor() {
    let files = Certificates::make();
    let config = files.server("good");
    all_at_once(&FAULTS, |fault| {
        let (does, config) = (fault.does, Arc::clone(&config));
        let peer = Server::start(move |stream, nth| match nth % 2 {
            0 => answer(accept(&config, stream)),
            _ => does(stream, &config),
        });
        let client = Client::start(peer.called_by("ln", &files.of("own")), &one_request());
        client.opens_calls_until(|| peer.accepted() >= 20);
        fault.has_cost_half(client, &peer);
    });
}

/// transport.md §12: the connection of all calls is secured or the run ends, and not later.
#[test]
fn a_server_that_does_not_shake_hands_ends_l1_in_bounded_time() {
    let files = Certificates::make();
    let peer = Server::start(|stream, _| stays(stream));
    let ended =
        peer.called_by("l1", &format!("-m 3 {}", files.of("own"))).scenario(&one_request()).run().exits(255);
    let ended = ended.complains(&format!("Error in SSL connection: no handshake within 5 s ({})", peer.addr));
    assert_eq!(ended.calls(), (0, 0, 0));
    assert!(ended.took < std::time::Duration::from_secs(15));
    peer.waits_for_the_end_of_a_connection();
}

/// What a client does instead of securing its connection, or on it. Gives back what stays open.
type ClientFault = fault::ClientFault<fn(TcpStream, &Arc<ClientConfig>) -> Option<TcpStream>>;

const CLIENT_FAULTS: [ClientFault; 9] = [
    ClientFault {
        name: "silence",
        does: |stream, _| Some(stream),
        says: "Error in SSL_accept: no handshake within 5 s (127.0.0.1:",
    },
    ClientFault {
        name: "half a handshake",
        does: |stream, _| {
            says(&stream, HALF_A_HANDSHAKE);
            Some(stream)
        },
        says: "Error in SSL_accept: no handshake within 5 s (127.0.0.1:",
    },
    ClientFault {
        name: "plain text",
        does: |stream, _| {
            says(&stream, options("plain"));
            Some(stream)
        },
        says: "Error in SSL_accept: received corrupt message",
    },
    ClientFault {
        name: "a refusal",
        does: |stream, _| {
            says(&stream, HANDSHAKE_FAILURE);
            Some(stream)
        },
        says: "Error in SSL_accept: ",
    },
    ClientFault {
        name: "closed at once",
        does: |_, _| None,
        says: "Error in SSL_accept: the peer closed the connection during the handshake (127.0.0.1:",
    },
    ClientFault {
        name: "reset at once",
        does: |stream, _| {
            reset(stream);
            None
        },
        says: "Error in SSL_accept: Connection reset by peer (127.0.0.1:",
    },
    ClientFault {
        name: "garbage below the encryption",
        does: |stream, config| {
            let mut secured = connect(config, stream);
            secured.flush().unwrap();
            says(&secured.sock, [0xff; 1_000]);
            Some(secured.sock)
        },
        says: "received corrupt message",
    },
    ClientFault {
        name: "garbage above the encryption",
        does: |stream, config| {
            let mut secured = connect(config, stream);
            let _ = secured.write_all(&[0xff; 70_000]);
            Some(secured.sock)
        },
        says: "no end of headers within 65536 bytes (127.0.0.1:",
    },
    ClientFault {
        name: "half closed behind a request",
        does: |stream, config| {
            let mut secured = connect(config, stream);
            let id = secured.sock.local_addr().unwrap().to_string();
            secured.write_all(options(&id).as_bytes()).unwrap();
            secured.conn.send_close_notify();
            secured.flush().unwrap();
            secured.sock.shutdown(Shutdown::Write).unwrap();
            let answer = read_message(&mut secured).expect("an answer");
            assert_eq!(header(&answer, "Call-ID"), id);
            Some(secured.sock)
        },
        says: "",
    },
];

/// SIPp's server ends at each of these. Whoever stays is hung up on, after 5 s if it says nothing.
#[test]
fn a_faulty_client_costs_a_server_no_descriptor_and_nobody_else_anything() {
    let files = Certificates::make();
    let config = files.client();
    all_at_once(&CLIENT_FAULTS, |fault| {
        let (running, addr) = server(&format!("-t l1 {RECORDS} {}", files.of("good")));
        let mut good = connect(&config, connects(addr));
        is_answered(&mut good, "first");
        let before = running.descriptors();
        let staying: Vec<_> = (0..5).filter_map(|_| (fault.does)(connects(addr), &config)).collect();
        let mut beside = connect(&config, connects(addr));
        is_answered(&mut good, "second");
        is_answered(&mut beside, "third");
        drop(beside);
        for mut stream in staying {
            // Behind what it was answered.
            while stream.read(&mut [0; 4_096]).is_ok_and(|count| count > 0) {}
            is_hung_up_on(&mut stream);
        }
        fault.has_cost_no_other(running, before, 3, "TLS");
    });
}

#[track_caller]
fn is_answered(stream: &mut (impl Read + Write), id: &str) {
    stream.write_all(options(id).as_bytes()).unwrap();
    let answer = read_message(stream).expect("an answer");
    assert_eq!((&answer[..11], header(&answer, "Call-ID")), ("SIP/2.0 200", id));
}

/// transport.md §3.
#[test]
fn secured_connections_of_calls_that_went_well_leave_no_descriptor() {
    let files = Certificates::make();
    let config = files.server("good");
    let peer = Server::start(move |stream, _| answer(accept(&config, stream)));
    let client = Client::start(peer.called_by("ln", &files.of("own")), &one_request());
    client.opens_calls_until(|| peer.accepted() >= 100);
    let ended = client.ends().exits(0);
    assert!(ended.calls().0 >= 100 && ended.calls().2 == 0);
}
