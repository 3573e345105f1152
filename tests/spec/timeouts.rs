//! The time tables of runtime.md §4 (receive timeouts) and §15 (`-timeout`), by the clock of the peer.

use crate::peer::{Peer, after_ms, assert_times, now};
use crate::program::rsipp;
use crate::xml;

/// INVITE, an optional 180, and a 200 that must come within a second.
fn impatient() -> String {
    xml::scenario(&[
        xml::request("INVITE", ""),
        "<recv response=\"180\" optional=\"true\"/>".into(),
        "<recv response=\"200\" timeout=\"1000\"/>".into(),
    ])
}

/// runtime.md §4: "Same scenario with 180 received at 0.30: timeout at 1.30"; the automatic CANCEL (§11) tells when.
#[test]
fn the_timeout_of_the_200_runs_from_the_180_on() {
    let peer = Peer::new(|heard| match heard.method() {
        "INVITE" => vec![after_ms(300, heard.response("180 Ringing"))],
        _ => vec![],
    });
    let ended = rsipp(&format!("{} -m 1", peer.addr)).scenario(&impatient()).run().exits(1);
    assert_eq!(peer.wait_for(1, "CANCEL").len(), 1);
    assert_times(&peer.heard(), &[0.0, 1_300.0]);
    assert_eq!(ended.calls(), (1, 0, 1));
}

/// runtime.md §4: "Observed, silent peer: never times out", because the call waits at the optional step.
#[test]
fn the_timeout_of_a_step_behind_an_optional_one_does_not_run() {
    let peer = Peer::silent();
    let ended = rsipp(&format!("{} -m 1 -timeout 2", peer.addr)).scenario(&impatient()).run().exits(1);
    assert_eq!(peer.heard().len(), 1, "no CANCEL: nothing was ever received");
    assert!(ended.took.as_secs_f64() >= 2.0, "took {:?}", ended.took);
}

/// runtime.md §4, Bug and Replacement: `send INVITE retrans=300`, `recv 200 timeout=1000 ontimeout=1`, label 1: `send CANCEL`. The
/// jump stops the timer: INVITE at 0, 0.30, 0.90, and the CANCEL at 1.00.
#[test]
fn a_timeout_with_a_label_stops_the_resends_and_lets_the_next_send_go() {
    let peer = Peer::new(|heard| match heard.method() {
        "CANCEL" => vec![now(heard.response("200 OK"))],
        _ => vec![],
    });
    let xml = xml::scenario(&[
        xml::request("INVITE", "retrans=\"300\""),
        "<recv response=\"200\" timeout=\"1000\" ontimeout=\"1\"/>".into(),
        "<label id=\"1\"/>".into(),
        xml::request("CANCEL", ""),
        xml::expect("200"),
    ]);
    rsipp(&format!("{} -m 1 -max_invite_retrans 3", peer.addr)).scenario(&xml).run().exits(0);
    let methods: Vec<_> = peer.heard().iter().map(|heard| heard.method().to_owned()).collect();
    assert_eq!(methods, ["INVITE", "INVITE", "INVITE", "CANCEL"]);
    assert_times(&peer.heard(), &[0.0, 300.0, 900.0, 1_000.0]);
}

/// runtime.md §15, table, row `-timeout 2s`: ends at 2.03 with a BYE for each open call, exit 1. The first call is at 0 here.
#[test]
fn timeout_says_goodbye_to_every_open_call_at_its_second() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -r 2 -d 3000 -timeout 1700ms", peer.addr)).run().exits(1);
    assert_eq!(ended.calls(), (4, 0, 4));
    let byes = peer.wait_for(4, "BYE");
    assert_times(&byes, &[0.0; 4]);
    let invites = peer.heard_of("INVITE");
    assert_times(&invites, &[0.0, 500.0, 1_000.0, 1_500.0]);
    // -timeout runs from the start of the program's loop, which the first call follows at once.
    let after = byes[0].at.duration_since(invites[0].at).unwrap().as_secs_f64() * 1_000.0;
    assert!((1_650.0..1_750.0).contains(&after), "BYEs {after} ms after the first call");
}
