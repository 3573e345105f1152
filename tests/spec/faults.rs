//! Nothing that arrives from the network ends rsipp; every call ends and is counted once; a run ends when it is due
//! (spec README, rule 4).

use rustix::process::Signal;

use crate::peer::{Heard, Peer, now};
use crate::program::{Ended, rsipp};
use crate::xml;

/// Every call that was opened has succeeded or failed.
#[track_caller]
fn assert_all_calls_ended(ended: &Ended) -> (u64, u64, u64) {
    let (opened, succeeded, failed) = ended.calls();
    assert_eq!(opened, succeeded + failed, "opened = succeeded + failed");
    assert_eq!(ended.counter("Current Calls"), 0);
    (opened, succeeded, failed)
}

#[test]
fn a_client_survives_the_death_of_its_server() {
    let server = rsipp("-sn uas -i 127.0.0.1 -trace_msg -message_file wire.log").start();
    let port = server.listens_on();
    let client = rsipp(&format!("127.0.0.1:{port} -r 200 -m 200 -l 1000 -max_retrans 1")).start();
    server.waits_for_file("wire.log", "BYE sip:");
    server.signal(Signal::KILL);
    let ended = client.wait().exits(1);
    let (opened, succeeded, failed) = assert_all_calls_ended(&ended);
    assert_eq!(opened, 200);
    assert!(failed > 0 && succeeded < 200);
}

#[test]
fn a_server_survives_the_death_of_its_client() {
    let xml = xml::scenario(&[
        xml::await_request("INVITE"),
        xml::response("200 OK", "retrans=\"100\""),
        xml::await_request("ACK"),
        xml::await_request("BYE"),
        xml::response("200 OK", ""),
    ]);
    let server =
        rsipp("-i 127.0.0.1 -max_retrans 2 -trace_msg -message_file wire.log").scenario(&xml).start();
    let port = server.listens_on();
    let command = format!("127.0.0.1:{port} -r 200 -l 1000");
    let client = rsipp(&format!("{command} -d 60000")).start();
    server.waits_for_file("wire.log", "ACK sip:");
    client.signal(Signal::KILL);
    // Whoever comes next is served.
    assert_eq!(rsipp(&format!("{command} -m 20")).run().exits(0).calls(), (20, 20, 0));
    let ended = server.quit_hard().exits(1);
    let (_, succeeded, failed) = assert_all_calls_ended(&ended);
    assert!(succeeded == 20 && failed >= 1);
}

/// What nobody should send: to the port of whoever sent `heard`.
fn garbage(seed: u64) -> Vec<Vec<u8>> {
    let mut list: Vec<Vec<u8>> = vec![
        vec![],
        vec![0; 4],
        vec![0; 600],
        b"\r\n\r\n".to_vec(),
        b"\r\n".to_vec(),
        vec![b'A'; 65_507],
        vec![0xff; 65_507],
        b"SIP/2.0".to_vec(),
        b"SIP/2.0 \r\n\r\n".to_vec(),
        b"SIP/2.0 200 OK\r\n\r\n".to_vec(),
        b"SIP/2.0 99999999999999999999 OK\r\nCall-ID: \r\n\r\n".to_vec(),
        b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nCSeq: 1 OPTIONS\r\n\r\n".to_vec(),
        b"OPTIONS sip:x SIP/2.0\nCall-ID: lf-only\n\n".to_vec(),
        b"OPTIONS sip:x SIP/2.0\r\nCall-ID: ///\r\n\r\n".to_vec(),
        format!("{} SIP/2.0\r\nCall-ID: long-method\r\n\r\n", "M".repeat(60_000)).into_bytes(),
        format!("OPTIONS sip:x SIP/2.0\r\nCall-ID: {}\r\n\r\n", "i".repeat(60_000)).into_bytes(),
        b"INVITE sip:x SIP/2.0\r\nCall-ID: sdp\r\nContent-Type: application/sdp\r\nContent-Length: 99999\r\n\r\nv=0".to_vec(),
    ];
    // A burst of random bytes (xorshift), of all lengths, some of which say SIP/2.0.
    let mut state = seed | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..200 {
        let length = next() % 1_400;
        let mut bytes: Vec<u8> = (0..length).map(|_| next() as u8).collect();
        if next() % 2 == 0 {
            bytes.extend_from_slice(b"SIP/2.0\r\nCall-ID: random\r\n\r\n");
        }
        list.push(bytes);
    }
    list
}

/// Answers calls, and throws a piece of garbage behind each answer.
fn answering_with_garbage(seed: u64) -> impl FnMut(&Heard) -> Vec<crate::peer::Say> {
    let mut pieces: Vec<String> = Vec::new();
    for piece in garbage(seed) {
        // As text, for the script speaks text; the raw bytes are sent by the test itself.
        pieces.push(String::from_utf8_lossy(&piece).chars().take(20_000).collect());
    }
    let mut pieces = pieces.into_iter().cycle();
    move |heard| {
        let mut says = crate::peer::accept(heard);
        says.extend(pieces.next().map(now));
        says
    }
}

#[test]
fn a_client_goes_on_through_garbage() {
    let peer = Peer::new(answering_with_garbage(1));
    let client = rsipp(&format!("{} -r 200 -m 400 -d 100", peer.addr)).start();
    let port = peer.wait_for(1, "INVITE")[0].from.port();
    for piece in garbage(2) {
        peer.say_to_port(port, piece);
    }
    let ended = client.wait().exits(0);
    assert_eq!(assert_all_calls_ended(&ended), (400, 400, 0));
}

/// runtime.md §6.3: an unknown Call-ID opens a call at a server, whatever the message is; such calls fail.
#[test]
fn a_server_goes_on_through_garbage() {
    let stranger = Peer::silent();
    let server = rsipp("-sn uas -i 127.0.0.1").start();
    let port = server.listens_on();
    let client = rsipp(&format!("127.0.0.1:{port} -r 200 -m 200")).start();
    for piece in garbage(3) {
        stranger.say_to_port(port, piece);
    }
    assert_eq!(client.wait().exits(0).calls(), (200, 200, 0));
    server.signal(Signal::USR1);
    let ended = server.wait();
    let (_, succeeded, _) = assert_all_calls_ended(&ended);
    assert_eq!(succeeded, 200);
}

/// Garbage with the Call-ID of a call that runs: that call may fail, the others do not.
#[test]
fn garbage_inside_a_call_harms_only_that_call() {
    let peer = Peer::new(|heard| {
        let mut says = crate::peer::accept(heard);
        if heard.method() == "INVITE" && heard.header("Call-ID").starts_with("3-") {
            let id = heard.header("Call-ID");
            for first_line in ["SIP/2.0 abc", "SIP/2.0", "\u{1}\u{2} SIP/2.0", "SIP/2.0 -5 x", "INVITE"] {
                says.push(now(format!("{first_line}\r\nCall-ID: {id}\r\nX: SIP/2.0\r\n\r\n")));
            }
        }
        says
    });
    let ended = rsipp(&format!("{} -r 50 -m 10 -d 100", peer.addr)).run();
    let (opened, succeeded, _) = assert_all_calls_ended(&ended);
    assert_eq!(opened, 10);
    assert!(succeeded >= 9, "{succeeded}");
}

/// transport.md: nobody listens there; the kernel says so on the next use of the socket.
#[test]
fn a_port_where_nobody_listens_fails_the_calls_and_nothing_else() {
    let nobody = Peer::silent().addr;
    let ended = rsipp(&format!("{nobody} -r 100 -m 20 -max_retrans 1")).run().exits(1);
    let (opened, _, failed) = assert_all_calls_ended(&ended);
    assert_eq!((opened, failed), (20, 20));
}
