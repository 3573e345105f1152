//! The time tables of runtime.md §5, "Observed sequences", and what the peer hears when.

use std::time::Duration;

use crate::peer::{Peer, after_ms, assert_times, now};
use crate::program::rsipp;
use crate::xml;

fn options(retrans: &str) -> String {
    xml::scenario(&[xml::request("OPTIONS", retrans), xml::expect("200")])
}

#[track_caller]
fn assert_lasted(took: Duration, seconds: f64) {
    assert!((seconds - 0.02..seconds + 0.3).contains(&took.as_secs_f64()), "took {took:?}, not {seconds} s");
}

/// runtime.md §5: "With `-max_retrans 2`".
#[test]
fn options_without_an_answer_goes_out_again_after_t1_and_twice_that() {
    let peer = Peer::silent();
    let command = format!("{} -m 1 -max_retrans 2", peer.addr);
    let ended = rsipp(&command).scenario(&options("retrans=\"500\"")).run().exits(1);
    assert_times(&peer.heard(), &[0.0, 500.0, 1_500.0]);
    assert_lasted(ended.took, 3.5);
    assert_eq!(ended.calls(), (1, 0, 1));
}

/// runtime.md §5: "With `-T2 1000`"; nine resends.
#[test]
fn t2_caps_the_interval_of_everything_but_invite() {
    let peer = Peer::silent();
    let ended =
        rsipp(&format!("{} -m 1 -T2 1000", peer.addr)).scenario(&options("retrans=\"500\"")).run().exits(1);
    let times: Vec<f64> =
        [0.0, 500.0].into_iter().chain((0..8).map(|n| 1_500.0 + f64::from(n) * 1_000.0)).collect();
    assert_times(&peer.heard(), &times);
    assert_lasted(ended.took, 9.5);
}

/// runtime.md §5: INVITE doubles without a cap, five resends at most; T1 is a tenth of the built-in's, so is the time.
#[test]
fn invite_goes_out_six_times_at_doubling_intervals() {
    let peer = Peer::silent();
    let xml = xml::scenario(&[xml::request("INVITE", "retrans=\"100\""), xml::expect("200")]);
    let ended = rsipp(&format!("{} -m 1 -T2 200", peer.addr)).scenario(&xml).run().exits(1);
    // Nothing was ever heard of the peer: no CANCEL.
    assert_times(&peer.heard(), &[0.0, 100.0, 300.0, 700.0, 1_500.0, 3_100.0]);
    assert_lasted(ended.took, 6.3);
    // The bytes are those of the first transmission.
    assert!(peer.heard().iter().all(|heard| heard.text == peer.heard()[0].text));
}

/// runtime.md §5, table "INVITE (`uac`), 100 received after first resend".
#[test]
fn a_100_stops_the_invite_and_the_bye_has_a_timer_of_its_own() {
    let mut invites = 0;
    let mut byes = 0;
    let peer = Peer::new(move |heard| match heard.method() {
        "INVITE" => {
            invites += 1;
            match invites {
                2 => vec![
                    now(heard.response("100 Trying")),
                    after_ms(5_000, heard.response("180 Ringing")),
                    after_ms(6_000, heard.response("200 OK")),
                ],
                _ => vec![],
            }
        }
        "BYE" => {
            byes += 1;
            if byes == 2 { vec![after_ms(700, heard.response("200 OK"))] } else { vec![] }
        }
        _ => vec![],
    });
    let ended = rsipp(&format!("{} -m 1", peer.addr)).run().exits(0);
    let methods: Vec<_> = peer.heard().iter().map(|heard| heard.method().to_owned()).collect();
    assert_eq!(methods, ["INVITE", "INVITE", "ACK", "BYE", "BYE"]);
    assert_times(&peer.heard(), &[0.0, 500.0, 6_500.0, 6_500.0, 7_000.0]);
    assert_eq!(ended.calls(), (1, 1, 0));
}

/// runtime.md §5, table "OPTIONS `retrans=500`, 100 received": a 1xx stretches the timer to T2 and does not stop it.
#[test]
fn a_100_to_options_stretches_the_interval_to_t2() {
    let mut requests = 0;
    let peer = Peer::new(move |heard| {
        requests += 1;
        match requests {
            2 => vec![now(heard.response("100 Trying"))],
            4 => vec![after_ms(200, heard.response("200 OK"))],
            _ => vec![],
        }
    });
    let xml = xml::scenario(&[
        xml::request("OPTIONS", "retrans=\"500\""),
        "<recv response=\"100\" optional=\"true\"/>".into(),
        xml::expect("200"),
    ]);
    rsipp(&format!("{} -m 1 -T2 2000", peer.addr)).scenario(&xml).run().exits(0);
    assert_times(&peer.heard(), &[0.0, 500.0, 2_500.0, 4_500.0]);
}

/// runtime.md §5: "UAS `200 retrans=300`, no ACK, `-max_retrans 3`"; nothing is sent when it fails, for it is a server.
#[test]
fn a_server_repeats_its_200_until_the_ack_comes() {
    let peer = Peer::silent();
    let xml = xml::scenario(&[
        xml::await_request("INVITE"),
        xml::response("200 OK", "retrans=\"300\""),
        xml::await_request("ACK"),
    ]);
    let server = rsipp("-i 127.0.0.1 -m 1 -max_retrans 3").scenario(&xml).start();
    peer.say_to_port(server.listens_on(), xml::wire_request("INVITE", "a", 1));
    let ended = server.wait().exits(1);
    assert_times(&peer.heard(), &[0.0, 300.0, 900.0, 2_100.0]);
    assert_eq!(ended.calls(), (1, 0, 1));
}

/// runtime.md §5: "With `-nr`: one message only, waits for ever".
#[test]
fn nr_sends_everything_once() {
    let peer = Peer::silent();
    rsipp(&format!("{} -m 1 -nr -timeout 2", peer.addr)).scenario(&options("retrans=\"200\"")).run().exits(1);
    assert_eq!(peer.heard().len(), 1);
}

/// runtime.md §5: "There is no default T1".
#[test]
fn a_message_without_retrans_is_never_sent_again() {
    let peer = Peer::silent();
    rsipp(&format!("{} -m 1 -timeout 2", peer.addr)).scenario(&options("")).run().exits(1);
    assert_eq!(peer.heard().len(), 1);
}

/// runtime.md §8: byte-identical repeats of the 200 get the ACK again.
#[test]
fn a_repeated_200_gets_the_ack_again() {
    let peer = Peer::new(|heard| match heard.method() {
        "INVITE" => [0, 100, 200].map(|at| after_ms(at, heard.response("200 OK"))).into(),
        "BYE" => vec![now(heard.response("200 OK"))],
        _ => vec![],
    });
    rsipp(&format!("{} -m 1 -d 400", peer.addr)).run().exits(0);
    let acks = peer.heard_of("ACK");
    assert_times(&acks, &[0.0, 100.0, 200.0]);
    assert!(acks.iter().all(|ack| ack.text == acks[0].text));
}

/// runtime.md §8: a repeated BYE in the time-wait gets the 200 again.
#[test]
fn a_repeated_request_gets_its_answer_again() {
    let peer = Peer::silent();
    let xml = xml::scenario(&[
        xml::await_request("BYE"),
        xml::response("200 OK", ""),
        "<timewait milliseconds=\"1000\"/>".into(),
    ]);
    let server = rsipp("-i 127.0.0.1 -m 1").scenario(&xml).start();
    let port = server.listens_on();
    for count in 1..=3 {
        peer.say_to_port(port, xml::wire_request("BYE", "a", 1));
        peer.wait(count);
    }
    assert_eq!(server.wait().exits(0).calls(), (1, 1, 0));
    assert!(peer.heard().iter().all(|heard| heard.text == peer.heard()[0].text));
}
