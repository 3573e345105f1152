//! INT, TERM, USR1, USR2 in mid-run: cli.md §8, §9, §10.1; runtime.md §15.

use std::time::Duration;

use rustix::process::Signal;

use crate::peer::Peer;
use crate::program::{Running, rsipp};

/// Calls of a second, ten a second, with two open.
fn two_calls_open(peer: &Peer, more: &str) -> Running {
    let client = rsipp(&format!("{} -r 10 -d 1000 {more}", peer.addr)).start();
    peer.wait_for(2, "ACK");
    client
}

/// runtime.md §15: "SIGUSR1 at 2.0, ends 4.55, exit 0".
#[test]
fn usr1_opens_no_more_calls_and_waits_for_those_that_are_open() {
    let peer = Peer::answering();
    let client = two_calls_open(&peer, "");
    client.signal(Signal::USR1);
    let ended = client.wait().exits(0);
    let (opened, succeeded, failed) = ended.calls();
    assert!((2..=4).contains(&opened), "{opened} calls opened");
    assert_eq!((succeeded, failed), (opened, 0));
    assert_eq!(peer.heard_of("BYE").len() as u64, opened);
}

/// runtime.md §15: "SIGUSR1 twice: BYEs, failed, exit 1".
#[test]
fn usr1_twice_hangs_up_and_counts_the_open_calls_as_failed() {
    let peer = Peer::answering();
    // A third call would have nothing to hang up before it is answered.
    let client = rsipp(&format!("{} -users 2 -d 60000", peer.addr)).start();
    peer.wait_for(2, "ACK");
    let ended = client.quit_hard().exits(1);
    assert_eq!(ended.calls(), (2, 0, 2));
    assert_eq!(peer.wait_for(2, "BYE").len(), 2);
}

/// runtime.md §15, Surprise: level 1 + 10.
#[test]
fn one_usr1_after_the_last_call_was_opened_is_enough() {
    let peer = Peer::answering();
    let client = two_calls_open(&peer, "-m 2 -d 60000");
    client.signal(Signal::USR1);
    let ended = client.wait().exits(1);
    assert_eq!(ended.calls(), (2, 0, 2));
    assert_eq!(peer.wait_for(2, "BYE").len(), 2);
}

/// runtime.md §15: no SIP, no counting, 0 without a failed call.
#[test]
fn int_and_term_end_at_once_without_a_word_to_the_peer() {
    for signal in [Signal::INT, Signal::TERM] {
        let peer = Peer::answering();
        let client = two_calls_open(&peer, "-d 60000");
        client.signal(signal);
        let ended = client.wait().exits(0);
        let (opened, succeeded, failed) = ended.calls();
        assert!(opened >= 2 && succeeded == 0 && failed == 0, "{:?}", ended.calls());
        assert_eq!(ended.counter("Current Calls"), opened, "still open");
        assert!(peer.heard_of("BYE").is_empty());
        assert!(ended.took < Duration::from_secs(5));
    }
}

/// cli.md §9: the same evaluation as at a normal end.
#[test]
fn term_after_a_failed_call_ends_with_1() {
    let peer = Peer::saying(&[("INVITE", "486 Busy Here")]);
    let client = rsipp(&format!("{} -r 1", peer.addr)).start();
    // The ACK is the last thing a failed call does.
    peer.wait_for(1, "ACK");
    client.signal(Signal::TERM);
    assert_eq!(client.wait().exits(1).counter("Failed call"), 1);
}

/// cli.md §10.1.
#[test]
fn usr2_does_not_end_the_run() {
    let peer = Peer::answering();
    let client = two_calls_open(&peer, "-m 5");
    client.signal(Signal::USR2);
    assert_eq!(client.wait().exits(0).calls(), (5, 5, 0));
}

/// runtime.md §2.7, §15: a server that drains takes no new call.
#[test]
fn usr1_on_an_idle_server_ends_it_with_0() {
    let server = rsipp("-sn uas -i 127.0.0.1").start();
    server.listens_on();
    server.signal(Signal::USR1);
    assert_eq!(server.wait().exits(0).calls(), (0, 0, 0));
}
