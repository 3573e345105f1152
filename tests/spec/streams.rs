//! transport.md §3, §6, §7, §11-§17 over TCP, TLS and WebSocket: which connection carries what, and what its loss costs.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use crate::certificates::Certificates;
use crate::program::{Running, rsipp};
use crate::stream_peer::{Server, answer, header, ok, one_request, options, read_message, server};
use crate::xml;

/// transport.md §3: one connection for all calls, or one for each.
#[test]
fn calls_share_a_connection_or_have_one_each_and_its_port_is_in_their_messages() {
    for (transport, connections) in [("t1", 1), ("tn", 5)] {
        let server = Server::start(|mut stream, _| {
            let from = stream.peer_addr().unwrap().port();
            let mut shared = 0;
            while let Some(request) = read_message(&mut stream) {
                let port = header(&request, "Via").split([':', ';']).nth(1).unwrap().to_owned();
                shared += u32::from(port != from.to_string());
                stream.write_all(ok(&request).as_bytes()).unwrap();
            }
            assert!(shared == 0 || shared == 5, "the port of a connection of one's own is in the Via");
        });
        let ended = server.called_by(transport, "-m 5 -r 100").scenario(&one_request()).run().exits(0);
        assert_eq!(ended.calls(), (5, 5, 0));
        for _ in 0..connections {
            server.waits_for_the_end_of_a_connection();
        }
        assert!(server.ended.recv_timeout(Duration::from_millis(50)).is_err(), "{transport}");
    }
}

/// transport.md §7: calls beyond `-max_socket` share.
#[test]
fn at_max_socket_calls_share_connections() {
    let server = Server::start(|stream, _| answer(stream));
    let command = format!("-t tn -max_socket 2 {} -m 9 -r 1000", server.addr);
    let scenario = xml::scenario(&[
        xml::request("OPTIONS", ""),
        xml::expect("200"),
        "<pause milliseconds=\"200\"/>".to_owned(),
        xml::request("INFO", ""),
        xml::expect("200"),
    ]);
    assert_eq!(rsipp(&command).scenario(&scenario).run().exits(0).calls(), (9, 9, 0));
    server.waits_for_the_end_of_a_connection();
    server.waits_for_the_end_of_a_connection();
    assert!(server.ended.recv_timeout(Duration::from_millis(50)).is_err());
}

/// transport.md §13: any splitting, several messages at once, keep-alives between them.
#[test]
fn a_client_understands_answers_byte_by_byte_and_all_at_once() {
    let server = Server::start(|mut stream, nth| {
        stream.set_nodelay(true).unwrap();
        while let Some(request) = read_message(&mut stream) {
            let answer = format!("\r\n\r\n{}\r\n", ok(&request));
            match nth {
                0 => answer.bytes().for_each(|byte| stream.write_all(&[byte]).unwrap()),
                _ => stream.write_all(answer.repeat(3).as_bytes()).unwrap(),
            }
        }
    });
    let ended = server.called_by("tn", "-m 2 -l 1").scenario(&one_request()).run().exits(0);
    assert_eq!(ended.calls(), (2, 2, 0));
}

/// transport.md §12: a `t1` client ends at startup if nobody listens, a `tn` client does not.
#[test]
fn a_refused_connection_ends_t1_before_its_first_call_and_only_the_call_of_tn() {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let ended = rsipp(&format!("-t t1 {nobody} -m 3")).scenario(&one_request()).run().exits(255);
    let ended = ended
        .complains("Error on TCP connection, remote peer probably closed the socket: Connection refused");
    assert_eq!(ended.calls(), (0, 0, 0));
    let command = format!("-t tn -max_socket 50 {nobody} -m 3 -r 100");
    let ended = rsipp(&command).scenario(&one_request()).run().exits(1);
    assert_eq!(ended.complains("Unable to send TCP message: Connection refused").calls(), (3, 0, 3));
}

/// transport.md §12: with the only connection gone, the next send is the end, and every call is counted.
#[test]
fn the_next_send_over_a_closed_t1_connection_is_fatal() {
    let server = Server::start(|mut stream, _| {
        read_message(&mut stream);
    });
    let ended = server.called_by("t1", "-m 20 -r 100").scenario(&one_request()).run().exits(255);
    let text = "Broken pipe on TCP connection, remote peer probably closed the socket";
    let (opened, _, failed) = ended.complains(text).calls();
    assert!(opened == failed && opened >= 2);
}

/// transport.md §12: the intended sequence, which SIPp has only for one of the cases.
#[test]
fn a_lost_connection_is_opened_again_if_that_is_allowed() {
    for options in ["-reconnect_close false", ""] {
        let server = Server::start(|mut stream, nth| {
            if nth == 0 {
                let request = read_message(&mut stream).unwrap();
                stream.write_all(ok(&request).as_bytes()).unwrap();
                return;
            }
            answer(stream);
        });
        let arguments = format!("-m 10 -r 50 -max_reconnect 3 -reconnect_sleep 100 {options}");
        let ended = server.called_by("t1", &arguments).scenario(&one_request()).run();
        let (opened, succeeded, failed) = ended.calls();
        assert_eq!(opened, succeeded + failed);
        assert!(opened == 10 && succeeded >= 9, "{options}: {succeeded} of {opened}");
    }
}

/// transport.md §11: what is not read waits with its calls, and costs bounded memory.
#[test]
fn a_peer_that_never_reads_stops_only_its_own_calls() {
    let server = Server::start(|stream, _| {
        std::thread::park_timeout(Duration::from_secs(20));
        drop(stream);
    });
    let body = "x".repeat(30_000);
    let scenario = xml::scenario(&[
        format!(
            "<send><![CDATA[\nMESSAGE sip:a@[remote_ip] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n\
         From: <sip:b>;tag=1\nTo: <sip:a>\nCall-ID: [call_id]\nCSeq: 1 MESSAGE\nContent-Length: [len]\n\n{body}\n]]></send>"
        ),
        xml::expect("200"),
    ]);
    let ended =
        server.called_by("t1", "-m 2000 -r 2000 -l 2000 -timeout 3").scenario(&scenario).run().exits(1);
    let (opened, _, failed) = ended.calls();
    assert_eq!(opened, failed);
    let congested = ended.stdout.lines().find(|line| line.contains("TCP errors")).unwrap();
    assert!(!congested.contains("/0 TCP errors"), "{congested}");
    // What went out fits the buffers of both sides; 60 MB would not.
    let sent = ended.stdout.lines().find_map(|line| line.split_once("MESSAGE ---------->")).unwrap().1;
    assert!(sent.split_whitespace().next().unwrap().parse::<u32>().unwrap() < 1_900, "{sent}");
}

/// scenario.md §14, transport.md §11: they come by the connection of the calls, or by one that a stranger opens to the port on which
/// a client listens too. cli.md §13: the remote control is a UDP socket whatever `-t` says.
#[test]
fn a_client_over_tcp_answers_requests_of_no_call_and_obeys_the_remote_control() {
    let scenario = xml::scenario(&[
        xml::request("OPTIONS", ""),
        xml::expect("200"),
        "<pause milliseconds=\"60000\"/>".into(),
    ]);
    for (arguments, heading) in [
        ("t1 -oocsn ooc_default", "The out-of-call scenario:"),
        ("tn -oocsn ooc_default", "The out-of-call scenario:"),
        ("tn -rxsf rx.xml", "The receiving scenario:"),
    ] {
        let server = Server::start(|mut stream, _| {
            let request = read_message(&mut stream).unwrap();
            stream.write_all(options("by-the-call").as_bytes()).unwrap();
            let answer = read_message(&mut stream).unwrap();
            assert!(answer.starts_with("SIP/2.0 200") && header(&answer, "Call-ID") == "by-the-call");
            stream.write_all(ok(&request).as_bytes()).unwrap();
            assert!(read_message(&mut stream).is_none_or(|text| !text.starts_with("SIP/2.0")));
        });
        let command = "-i 127.0.0.1 -ci 127.0.0.1 -m 1 -trace_msg -message_file m.log";
        let rx = xml::scenario(&[xml::await_request("OPTIONS"), xml::response("200 OK", "")]);
        let (transport, others) = arguments.split_once(' ').unwrap();
        let program = server.called_by(transport, &format!("{command} {others}"));
        let running = program.scenario(&scenario).file("rx.xml", &rx).start();
        let mut stranger = TcpStream::connect((Ipv4Addr::LOCALHOST, running.listens_on_tcp())).unwrap();
        stranger.write_all(options("by-a-stranger").as_bytes()).unwrap();
        let answer = read_message(&mut stranger).unwrap();
        assert!(answer.starts_with("SIP/2.0 200") && header(&answer, "Call-ID") == "by-a-stranger");
        running.waits_for_file("m.log", "Call-ID: by-the-call");
        let control = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        control.send_to(b"Q", (Ipv4Addr::LOCALHOST, running.listens_on())).unwrap();
        let ended = running.wait().exits(1);
        assert_eq!(ended.calls(), (1, 0, 1));
        let (_, behind) = ended.stdout.split_once(heading).unwrap();
        assert!(behind.starts_with("\nVerdict: 2 calls opened"), "{arguments}: {behind}");
    }
}

/// transport.md §11: the 200 goes to the connection of the first message.
#[test]
fn a_server_answers_each_of_many_connections_in_any_order() {
    let (running, addr) = server("-t tn -max_socket 1000 -m 300");
    let mut streams: Vec<_> = (0..100).map(|_| TcpStream::connect(addr).unwrap()).collect();
    for round in 0..3 {
        for (at, stream) in streams.iter_mut().enumerate().rev() {
            stream.write_all(options(&format!("{round}-{at}")).as_bytes()).unwrap();
        }
        for (at, stream) in streams.iter_mut().enumerate() {
            assert_eq!(header(&read_message(stream).unwrap(), "Call-ID"), format!("{round}-{at}"));
        }
    }
    assert_eq!(running.wait().exits(0).calls(), (300, 300, 0));
}

/// transport.md §17.
#[test]
fn keys_are_logged_where_sslkeylogfile_says() {
    let files = Certificates::make();
    let log = files.path("keys.log");
    let (running, addr) = server(&format!("-t l1 -m 1 {}", files.of("own")));
    let command = format!("-t l1 {addr} -m 1 {}", files.of("own"));
    rsipp(&command).environment("SSLKEYLOGFILE", &log).scenario(&one_request()).run().exits(0);
    running.wait().exits(0);
    assert!(std::fs::read_to_string(log).unwrap().contains("CLIENT_HANDSHAKE_TRAFFIC_SECRET"));
}

/// Ours: RFC 7118, both roles, plain and over TLS.
#[test]
fn websockets_carry_calls_and_a_peer_without_upgrade_is_dropped() {
    let files = Certificates::make();
    for (here, there, path) in
        [("w1", "w1", "/"), ("w1", "wn", "/sip"), ("ws1", "ws1", "x"), ("ws1", "wsn", "/")]
    {
        let (running, addr) = server(&format!("-t {here} -m 10 {}", files.of("own")));
        let mut odd = TcpStream::connect(addr).unwrap();
        odd.write_all(options("no upgrade").as_bytes()).unwrap();
        let _ = odd.read(&mut [0; 100]);
        let command =
            format!("-t {there} -max_socket 50 {addr} -m 10 -r 100 -ws_path {path} {}", files.of("own"));
        assert_eq!(rsipp(&command).scenario(&one_request()).run().exits(0).calls(), (10, 10, 0), "{there}");
        assert_eq!(running.wait().exits(0).calls(), (10, 10, 0), "{here}");
    }
}

/// transport.md §6: until one of them listens, several can bind to a port.
#[test]
fn programs_that_start_together_listen_on_a_port_each() {
    let scenario = xml::scenario(&[xml::await_request("OPTIONS"), xml::response("200 OK", "")]);
    let command = "-i 127.0.0.1 -t tn -max_socket 50";
    let all: Vec<_> = (0..20).map(|_| rsipp(command).scenario(&scenario).start()).collect();
    let ports: HashSet<_> = all.iter().map(Running::listens_on_tcp).collect();
    assert_eq!(ports.len(), 20);
}

/// transport.md §16.
#[test]
fn more_sockets_than_descriptors_are_refused_before_anything_is_sent() {
    let command = "ulimit -n 100; exec \"$0\" -t tn -sn uac 127.0.0.1:9 -m 1";
    let output = std::process::Command::new("/bin/sh")
        .args(["-c", command, env!("CARGO_BIN_EXE_rsipp")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    let text =
        "Maximum number of open sockets (50000) should be less than the maximum number of open files (100).";
    assert!(said.contains(text), "{said}");
}
