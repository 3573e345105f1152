//! What stderr says of failed calls (ours): a ladder with step, file and line, what came instead, and a hint.

use std::io::Write;
use std::net::{TcpListener, UdpSocket};

use crate::peer::{Heard, Peer, now};
use crate::program::{Ended, rsipp};
use crate::xml::{expect, request, scenario};

fn busy() -> Peer {
    Peer::new(|heard: &Heard| match heard.method() {
        "ACK" => Vec::new(),
        _ => vec![now(heard.response_with("486 Busy Here", "Warning: 399 pbx \"no line\"\r\n"))],
    })
}

/// A port where nothing listens for datagrams.
fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The lines of the first story.
fn story(ended: &Ended) -> Vec<&str> {
    ended
        .stderr
        .lines()
        .skip_while(|line| !line.starts_with("Call 1 ("))
        .take_while(|line| !line.is_empty())
        .collect()
}

#[test]
fn a_failed_call_of_a_small_run_is_told_on_stderr_with_file_and_line() {
    let peer = busy();
    let ended = rsipp(&format!("{} -m 1", peer.addr))
        .scenario(&scenario(&[request("OPTIONS", ""), expect("200")]))
        .run()
        .exits(1);
    let story = story(&ended);
    assert!(story[0].ends_with("after it was opened: unexpected message"), "{story:#?}");
    assert!(story[1].contains(&format!("{}", peer.addr)), "{story:#?}");
    assert!(story[2].ends_with("OPTIONS --------------->|  step 0, line 3"), "{story:#?}");
    assert!(story[3].ends_with("|<------- 486 Busy Here (OPTIONS) -------|  not expected"), "{story:#?}");
    let has = |line: &str| assert!(story.contains(&line), "{line} is not in {story:#?}");
    has("  at       step 1, scenario.xml:15");
    has("  expected 200 OK");
    has("  came     SIP/2.0 486 Busy Here");
    has("  details  Warning: 399 pbx \"no line\"");
    assert!(
        story.iter().any(|line| line.starts_with("  hint     The called party is in a call")),
        "{story:#?}"
    );
    // What scripts look for stays at the end (outputs.md §16.2).
    assert!(ended.stderr.rfind("Aborting call on unexpected message") > ended.stderr.find("  hint "));
}

#[test]
fn a_larger_run_tells_of_failed_calls_with_trace_err_and_only_on_stderr() {
    let peer = busy();
    let run = |options: &str| rsipp(&format!("{} -sn uac -m 11 -r 100 {options}", peer.addr)).run().exits(1);
    assert_eq!(story(&run("")).len(), 0);
    let ended = run("-trace_err -error_file err.txt");
    assert!(!story(&ended).is_empty());
    assert!(ended.stderr.contains("\n  10 more calls failed like this\n"), "{}", ended.stderr);
    assert!(!ended.read("err.txt").contains("hint"));
}

#[test]
fn a_run_without_failures_tells_no_story() {
    let ended = rsipp("-sn uac -peer_sn uas -m 3 -r 100 -trace_err").run().exits(0);
    assert!(!ended.stderr.contains("failed"), "{}", ended.stderr);
}

#[test]
fn silence_of_a_closed_port_of_this_machine_is_recognised() {
    let port = free_port();
    rsipp(&format!("127.0.0.1:{port} -sn uac -m 1 -max_retrans 0"))
        .run()
        .exits(1)
        .complains(&format!("Nothing on this machine listens on port {port}, neither UDP nor TCP"));
}

#[test]
fn the_wrong_transport_is_recognised_when_the_peer_is_on_this_machine() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    rsipp(&format!("127.0.0.1:{port} -sn uac -m 1 -max_retrans 0"))
        .run()
        .exits(1)
        .complains("but something on TCP: try -t t1.");
}

#[test]
fn a_refused_connection_says_that_nothing_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ended = rsipp(&format!("127.0.0.1:{port} -sn uac -t tn -max_socket 10 -m 1")).run().exits(1);
    let ended = ended.complains("Nothing listens for connections on port");
    assert!(ended.stderr.contains("Connection refused"), "{}", ended.stderr);
}

#[test]
fn a_peer_that_speaks_no_websocket_is_recognised() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.write_all(b"SIP/2.0 400 what is this?\r\n\r\n");
        }
    });
    rsipp(&format!("127.0.0.1:{port} -sn uac -t wn -max_socket 10 -m 1"))
        .run()
        .exits(1)
        .complains("could not be made a WS one");
}
