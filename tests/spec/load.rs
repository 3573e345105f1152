//! When calls start and how many: runtime.md §2, cli.md §12. The first call is due at once (spec README, rule 6).

use std::time::Duration;

use crate::peer::{Peer, assert_times};
use crate::program::rsipp;
use crate::xml;

/// runtime.md §2.3: slots of rp / r.
#[test]
fn ten_calls_a_second_start_100_ms_apart_the_first_at_once() {
    let peer = Peer::answering();
    let client = rsipp(&format!("{} -m 10", peer.addr)).start();
    let started = client.started;
    client.wait().exits(0);
    let invites = peer.heard_of("INVITE");
    let times: Vec<f64> = (0..10).map(|call| f64::from(call) * 100.0).collect();
    assert_times(&invites, &times);
    let first = invites[0].at.duration_since(started).unwrap();
    assert!(first < Duration::from_millis(60), "the first after {first:?}");
}

/// runtime.md §2.3: the table's times, less the first slot.
#[test]
fn seven_calls_in_two_seconds() {
    let peer = Peer::answering();
    rsipp(&format!("{} -r 7 -rp 2000 -m 8", peer.addr)).run().exits(0);
    let times: Vec<f64> = (0..8).map(|call| f64::from(call) * 2_000.0 / 7.0).collect();
    assert_times(&peer.heard_of("INVITE"), &times);
}

/// runtime.md §2.3, Bug: SIPp loses calls here.
#[test]
fn every_due_call_is_opened_at_a_high_rate() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -r 1000 -m 1000", peer.addr)).run().exits(0);
    assert_eq!(ended.calls(), (1_000, 1_000, 0));
    let invites = peer.heard_of("INVITE");
    let span = invites[999].at.duration_since(invites[0].at).unwrap().as_secs_f64();
    assert!((0.98..1.1).contains(&span), "1,000 calls in {span} s");
}

/// runtime.md §2.4, Observed `-r 2 -rate_increase 2 -rate_interval 2s -rate_max 4`, less the first slot: the call due at 2.0 is lost
/// to the change, and the run ends at 4.0.
#[test]
fn the_rate_grows_and_the_run_ends_when_it_would_pass_its_maximum() {
    let peer = Peer::answering();
    let command = format!("{} -r 2 -rate_increase 2 -rate_interval 2s -rate_max 4", peer.addr);
    let ended = rsipp(&command).run().exits(0);
    let times = [0.0, 500.0, 1_000.0, 1_500.0, 2_250.0, 2_500.0, 2_750.0, 3_000.0, 3_250.0, 3_500.0, 3_750.0];
    assert_times(&peer.heard_of("INVITE"), &times);
    assert_eq!(ended.calls(), (11, 11, 0));
    assert!((4.0..4.5).contains(&ended.took.as_secs_f64()), "took {:?}", ended.took);
    assert!(ended.stdout.contains("4.0(0 ms)/1.000s"), "the rate at the end is shown");
}

/// runtime.md §2.4: `-no_rate_quit` goes on; another option ends the run.
#[test]
fn with_no_rate_quit_the_maximum_is_no_end() {
    let peer = Peer::answering();
    let grows = "-r 10 -rate_increase 40 -rate_interval 200ms -rate_max 20 -no_rate_quit -rate_scale 2.5";
    let ended = rsipp(&format!("{} {grows} -m 15", peer.addr)).run().exits(0);
    assert_eq!(ended.calls(), (15, 15, 0));
}

/// runtime.md §2.5: a slot refused by the limit is lost. Calls last 0.95 s, so each ends between two slots.
#[test]
fn a_call_over_the_limit_is_not_made_up_for() {
    let peer = Peer::answering();
    rsipp(&format!("{} -r 10 -l 2 -m 6 -d 950", peer.addr)).run().exits(0);
    assert_times(&peer.heard_of("INVITE"), &[0.0, 100.0, 1_000.0, 1_100.0, 2_000.0, 2_100.0]);
}

/// runtime.md §2.5: 3 * rate * D / rp, at least 1, with D at least 1000 ms.
#[test]
fn the_limit_follows_from_the_rate_and_the_pauses() {
    let peer = Peer::answering();
    for (options, limit) in
        [("", 30), ("-d 60000 -timeout 1", 1_800), ("-r 0.5", 1), ("-r 3.5", 10), ("-l 7", 7)]
    {
        let ended = rsipp(&format!("{} -m 1 {options}", peer.addr)).run();
        assert!(ended.stdout.contains(&format!("(limit {limit})")), "{options}: not (limit {limit})");
    }
}

/// runtime.md §2.6: ids 3 2 1, then each freed id at the back of the queue.
#[test]
fn users_start_together_and_an_ended_call_is_replaced_at_once() {
    let peer = Peer::answering();
    let xml = xml::scenario(&[
        xml::request_with("OPTIONS", "", "X-User: [userid] of [users]"),
        xml::expect("200"),
        "<pause milliseconds=\"500\"/>".into(),
    ]);
    let ended = rsipp(&format!("{} -users 3 -m 9", peer.addr)).scenario(&xml).run().exits(0);
    assert_eq!(ended.calls(), (9, 9, 0));
    let heard = peer.heard();
    let users: Vec<_> = heard.iter().map(|heard| heard.header("X-User").to_owned()).collect();
    let order: Vec<_> = [3, 2, 1].iter().cycle().take(9).map(|id| format!("{id} of 3")).collect();
    assert_eq!(users, order);
    assert_times(&heard, &[0.0, 0.0, 0.0, 500.0, 500.0, 500.0, 1_000.0, 1_000.0, 1_000.0]);
}

/// cli.md §1.2.
#[test]
fn a_limit_behind_users_is_refused_and_users_behind_a_limit_win() {
    let peer = Peer::answering();
    rsipp(&format!("{} -users 2 -l 5 -m 1", peer.addr))
        .run()
        .exits(1)
        .complains("Can not set open call limit (-l) when -users is specified.");
    rsipp(&format!("{} -l 5 -users 2 -m 4", peer.addr)).run().exits(0);
}

/// runtime.md §2.7: created is what counts, failed or not.
#[test]
fn m_counts_failed_calls_too() {
    let peer = Peer::saying(&[("INVITE", "503 Service Unavailable")]);
    let ended = rsipp(&format!("{} -r 100 -m 5", peer.addr)).run().exits(1);
    assert_eq!(ended.calls(), (5, 0, 5));
    assert_eq!(peer.heard_of("INVITE").len(), 5);
}

/// runtime.md §2.7: "UAS `-m 1`, three requests with different Call-IDs at once: 1 call, `OutOfCallMsgs`=2".
#[test]
fn a_server_takes_no_more_calls_than_m() {
    let peer = Peer::silent();
    let xml = xml::scenario(&[
        xml::await_request("OPTIONS"),
        xml::response("200 OK", ""),
        "<pause milliseconds=\"500\"/>".into(),
    ]);
    let server = rsipp("-i 127.0.0.1 -m 1").scenario(&xml).start();
    let port = server.listens_on();
    for id in ["a", "b", "c"] {
        peer.say_to_port(port, xml::wire_request("OPTIONS", id, 1));
    }
    assert_eq!(server.wait().exits(0).calls(), (1, 1, 0));
    assert_eq!(peer.heard().len(), 1);
}

/// cli.md §4.7.
#[test]
fn a_rate_of_zero_starts_no_call() {
    let peer = Peer::answering();
    rsipp(&format!("{} -r 0 -timeout 1", peer.addr)).run().exits(97);
    assert!(peer.heard().is_empty());
}
