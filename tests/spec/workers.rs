//! Ours, `-workers`: several threads do exactly what one does. The rules are those of one worker: cli.md §4.7 (`-m`, `-users`),
//! actions.md §4.4 (lines of injection files), runtime.md §2.2 (call numbers), transport.md §6 (ports).

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use rustix::process::Signal;

use crate::peer::Peer;
use crate::program::{Ended, Running, rsipp};
use crate::xml;

/// A server on a free port, and that port.
fn server(arguments: &str) -> (Running, u16) {
    let server = rsipp(&format!("-sn uas -i 127.0.0.1 {arguments}")).start();
    let port = if arguments.contains("-t t") { server.listens_on_tcp() } else { server.listens_on() };
    (server, port)
}

#[test]
fn a_client_and_a_server_make_exactly_m_calls_with_any_number_of_workers() {
    let pairs = [(1, 2), (2, 1), (2, 3), (3, 4), (4, 2)].map(|(client_workers, server_workers)| {
        let (server, port) = server(&format!("-m 101 -workers {server_workers}"));
        let client =
            format!("-sn uac -i 127.0.0.1 127.0.0.1:{port} -m 101 -r 2000 -workers {client_workers}");
        assert_eq!(
            rsipp(&client).run().exits(0).calls(),
            (101, 101, 0),
            "{client_workers}, {server_workers}"
        );
        server
    });
    for server in pairs {
        assert_eq!(server.wait().exits(0).calls(), (101, 101, 0));
    }
}

/// The server takes the calls that it was asked for, not one more, although each worker sees only some of them.
#[test]
fn a_server_takes_no_call_more_than_m_from_a_client_that_makes_more() {
    let (server, port) = server("-m 50 -workers 3");
    let client =
        format!("-sn uac -i 127.0.0.1 127.0.0.1:{port} -m 80 -r 4000 -workers 4 -recv_timeout 400 -nr");
    let client = rsipp(&client).run().exits(1);
    assert_eq!(server.wait().exits(0).calls(), (50, 50, 0));
    assert_eq!(client.calls(), (80, 50, 30));
}

#[test]
fn over_tcp_workers_share_the_listener_and_have_a_connection_each() {
    for transport in ["t1", "tn"] {
        let (server, port) = server(&format!("-t {transport} -m 40 -workers 2 -max_socket 100"));
        let client = format!(
            "-sn uac -t {transport} -max_socket 100 -i 127.0.0.1 127.0.0.1:{port} -m 40 -r 400 -workers 3"
        );
        assert_eq!(rsipp(&client).run().exits(0).calls(), (40, 40, 0), "{transport}");
        assert_eq!(server.wait().exits(0).calls(), (40, 40, 0), "{transport}");
    }
}

/// What a peer heard of OPTIONS calls: per source port the `X-Test` headers.
fn options_of(arguments: &str, test: &str, files: &[(&str, &str)]) -> (Ended, BTreeMap<u16, Vec<String>>) {
    let peer = Peer::answering();
    let mut program = rsipp(&format!("-i 127.0.0.1 {} {arguments}", peer.addr))
        .scenario(&xml::options_with(&format!("X-Test: {test}")));
    for (name, content) in files {
        program = program.file(name, content);
    }
    let ended = program.run().exits(0);
    let mut heard: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for request in peer.heard_of("OPTIONS") {
        heard.entry(request.from.port()).or_default().push(request.header("X-Test").to_owned());
    }
    (ended, heard)
}

fn sorted(heard: &BTreeMap<u16, Vec<String>>) -> Vec<String> {
    let mut all: Vec<_> = heard.values().flatten().cloned().collect();
    all.sort();
    all
}

/// runtime.md §2.2: numbers, and Call-IDs made of them, are those of one worker, each used once.
#[test]
fn each_worker_has_a_port_and_every_third_number() {
    let (ended, heard) = options_of("-m 10 -r 100 -workers 3", "[call_number] [local_port] [call_id]", &[]);
    assert_eq!(ended.calls(), (10, 10, 0));
    assert_eq!(heard.len(), 3, "a port each: {heard:?}");
    for (port, tests) in &heard {
        let numbers: Vec<u32> =
            tests.iter().map(|test| test.split(' ').next().unwrap().parse().unwrap()).collect();
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 3), "{numbers:?}");
        assert!(tests.iter().all(|test| test.contains(&format!(" {port} "))), "{port}: {tests:?}");
    }
    let numbers: BTreeSet<_> =
        sorted(&heard).iter().map(|test| test.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(numbers, (1..=10).map(|number| number.to_string()).collect());
}

/// actions.md §4.4: call k gets line k of a SEQUENTIAL file, whoever makes it.
#[test]
fn the_lines_of_an_injection_file_are_dealt_out_in_turn() {
    let lines = ("lines.csv", "SEQUENTIAL\n1\n2\n3\n4\n5\n");
    let (_, heard) = options_of("-m 10 -r 100 -workers 2 -inf lines.csv", "[call_number] [field0]", &[lines]);
    for test in heard.values().flatten() {
        let (number, field) = test.split_once(' ').unwrap();
        let (number, field): (u32, u32) = (number.parse().unwrap(), field.parse().unwrap());
        assert_eq!(field, (number - 1) % 5 + 1, "{heard:?}");
    }
}

/// runtime.md §2.6: every user has a number of its own, and they are those of one worker.
#[test]
fn users_are_shared_out_with_their_numbers() {
    let (_, heard) = options_of("-users 5 -m 5 -workers 2", "[userid] of [users]", &[]);
    assert_eq!(sorted(&heard), ["1 of 5", "2 of 5", "3 of 5", "4 of 5", "5 of 5"]);
}

/// A worker without a call would have nothing to do but to let its part of the rate pass by.
#[test]
fn there_are_no_more_workers_than_calls() {
    let (ended, heard) = options_of("-m 1 -workers 4", "[call_number]", &[]);
    assert_eq!((ended.calls(), sorted(&heard)), ((1, 1, 0), vec!["1".to_owned()]));
    let (ended, heard) = options_of("-m 6 -l 1 -r 1000 -workers 4", "x", &[]);
    assert_eq!((ended.calls(), heard.len()), ((6, 6, 0), 1));
}

/// transport.md §6: from `-p` upwards, and a port that is taken ends the run (254).
#[test]
fn the_ports_of_a_client_begin_at_p_and_a_taken_one_ends_the_run() {
    let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let first = taken.local_addr().unwrap().port() - 1;
    let client = rsipp(&format!("-sn uac -i 127.0.0.1 -p {first} 127.0.0.1:9 -m 2 -workers 2")).run();
    client.exits(254).complains("Unable to bind main socket");
}

/// transport.md §6: the workers share their port among themselves, and with nobody else.
#[test]
fn a_second_server_cannot_join_the_port_of_the_first() {
    for transport in ["u1", "t1"] {
        let (_running, port) = server(&format!("-t {transport} -workers 2"));
        for workers in [1, 2] {
            let second = format!("-sn uas -t {transport} -i 127.0.0.1 -p {port} -workers {workers}");
            rsipp(&second).run().exits(254);
        }
    }
}

fn request(method: &str, id: &str, cseq: u32, to_tag: &str) -> String {
    format!(
        "{method} sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-{method}-{id}\r\n\
         From: <sip:p@127.0.0.1>;tag=p\r\nTo: <sip:x@127.0.0.1>{to_tag}\r\nCall-ID: {id}\r\nCSeq: {cseq} {method}\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

/// Behind a proxy the messages of a call need not come from one address; the system deals them out by address all the same.
#[test]
fn a_message_that_comes_to_another_worker_finds_its_call() {
    let (server, port) = server("-m 12 -workers 4");
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let socket = || {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        socket
    };
    let hear = |socket: &UdpSocket| {
        let mut buffer = [0; 4_096];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    for number in 0..12 {
        let id = format!("stray-{number}");
        let caller = socket();
        caller.send_to(request("INVITE", &id, 1, "").as_bytes(), to).unwrap();
        assert!(hear(&caller).starts_with("SIP/2.0 180"));
        let answer = hear(&caller);
        assert!(answer.starts_with("SIP/2.0 200"));
        let tag = answer.split(";tag=").nth(2).unwrap().split("\r\n").next().unwrap();
        let tag = format!(";tag={tag}");
        // Another port for each call: of four workers, most are the wrong one.
        let other = socket();
        other.send_to(request("ACK", &id, 1, &tag).as_bytes(), to).unwrap();
        other.send_to(request("BYE", &id, 2, &tag).as_bytes(), to).unwrap();
        // The call answers to where it began (transport.md §13).
        assert!(hear(&caller).starts_with("SIP/2.0 200"), "{number}");
    }
    assert_eq!(server.wait().exits(0).calls(), (12, 12, 0));
}

/// actions.md §3.21: what ends the run ends it for all workers.
#[test]
fn a_scenario_that_ends_the_run_in_one_worker_ends_it_in_all() {
    let peer = Peer::answering();
    let ends = |action: &str| {
        let third = format!(
            "<nop><action><assignstr assign_to=\"n\" value=\"[call_number]\"/><todouble assign_to=\"d\" variable=\"n\"/>\
             <test assign_to=\"is_third\" variable=\"d\" compare=\"equal\" value=\"3\"/></action></nop>\
             <nop next=\"go\" test=\"is_third\"/><nop next=\"end\"/><label id=\"go\"/>{}<label id=\"end\"/>",
            xml::nop(action)
        );
        let scenario = xml::scenario(&[xml::request("OPTIONS", ""), xml::expect("200"), third]);
        // Without the action it would go on for a week.
        rsipp(&format!("-i 127.0.0.1 {} -m 6000000 -r 10 -workers 2", peer.addr)).scenario(&scenario).run()
    };
    let ended = ends("<exec int_cmd=\"stop_gracefully\"/>").exits(0);
    assert!((3..10).contains(&ended.calls().1), "{:?}", ended.calls());
    ends("<exec int_cmd=\"stop_now\"/>").exits(97);
    ends("<error message=\"enough\"/>").exits(255).complains("enough");
}

/// cli.md §8.1: SIGUSR1 once lets calls end, twice aborts them, in all workers.
#[test]
fn signals_reach_all_workers() {
    let peer = Peer::silent();
    let client = rsipp(&format!("-sn uac -i 127.0.0.1 {} -m 1000 -r 100 -workers 2", peer.addr)).start();
    peer.wait_for(4, "INVITE");
    client.signal(Signal::USR2);
    client.waits_for_file(&format!("uac_{}_screen.log", client.pid()), " 2 open sockets");
    let ended = client.quit_hard().exits(1);
    let (created, succeeded, failed) = ended.calls();
    assert!(created >= 4 && created == failed && succeeded == 0, "{created} {succeeded} {failed}");
    let (server, _) = server("-workers 2");
    server.signal(Signal::USR1);
    assert_eq!(server.wait().exits(0).calls(), (0, 0, 0));
}

/// outputs.md §3: the files hold the sum.
#[test]
fn statistics_and_failures_are_those_of_all_workers_together() {
    let peer = Peer::saying(&[("INVITE", "486 Busy Here")]);
    let arguments = format!(
        "-sn uac -i 127.0.0.1 {} -m 9 -r 100 -workers 3 -trace_stat -stf stat.csv -trace_error_codes -json out.json",
        peer.addr
    );
    let ended = rsipp(&arguments).run().exits(1);
    assert_eq!(ended.calls(), (9, 0, 9));
    let text = ended.read("stat.csv");
    let mut rows = text.lines().map(|row| row.split(';').collect::<Vec<_>>());
    let names = rows.next().unwrap();
    let last = rows.next_back().unwrap();
    let value = |name: &str| last[names.iter().position(|column| *column == name).unwrap()];
    assert_eq!((value("TotalCallCreated"), value("FailedCall(C)")), ("9", "9"));
    let json: serde_json::Value = serde_json::from_str(&ended.read("out.json")).unwrap();
    let failures = &json["scenarios"][0]["failures"];
    let examples = failures[0]["examples"].as_array().unwrap();
    let numbers: BTreeSet<u64> =
        examples.iter().map(|example| example["call_number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=9).collect());
    let ports: BTreeSet<&str> = examples.iter().map(|example| example["local"].as_str().unwrap()).collect();
    assert_eq!(ports.len(), 3, "each tells of its own port: {ports:?}");
}

/// What calls of several workers cannot share is refused, by name.
#[test]
fn a_scenario_whose_calls_change_what_all_see_is_refused() {
    let cases = [
        ("<Global variables=\"g\"/>", "<assign assign_to=\"g\" value=\"1\"/>", "global variable 'g'"),
        ("", "<insert file=\"lines.csv\" value=\"a\"/>", "changes an injection file"),
    ];
    for (before, action, why) in cases {
        let scenario = xml::scenario(&[before.to_owned(), xml::request("OPTIONS", ""), xml::nop(action)]);
        let program = |workers: u32| {
            rsipp(&format!(
                "-i 127.0.0.1 127.0.0.1:9 -m 2 -workers {workers} -inf lines.csv -infindex lines.csv 0"
            ))
            .file("lines.csv", "SEQUENTIAL\na\n")
            .scenario(&scenario)
            .run()
        };
        program(2).exits(1).complains(why);
        assert!(!program(1).stderr.contains(why));
    }
    let init = "<init><nop><action><log message=\"once\"/></action></nop></init>".to_owned();
    let scenario = xml::scenario(&[init, xml::request("OPTIONS", ""), xml::expect("200")]);
    rsipp("-i 127.0.0.1 127.0.0.1:9 -m 2 -workers 2").scenario(&scenario).run().exits(1).complains("<init>");
    rsipp("-sn uac 127.0.0.1:9 -t ui -inf x.csv -workers 2")
        .file("x.csv", "SEQUENTIAL\n127.0.0.1\n")
        .run()
        .exits(1)
        .complains("-t ui");
    rsipp("-sn uac 127.0.0.1:9 -m 2 -workers 2 -tdmmap {0-0}{1}{0-0}{0-9}")
        .run()
        .exits(1)
        .complains("-tdmmap");
}
