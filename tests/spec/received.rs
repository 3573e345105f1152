//! What received messages do by option: `-rtcheck` (runtime.md §8), `-pause_msg_ign` (§7 item 1), `-callid_slash_ign` (§6.2), `-lost`
//! (§17); and the time table of §8.

use crate::peer::{Peer, after_ms, assert_times, now};
use crate::program::rsipp;
use crate::xml;

/// runtime.md §8, Observed `recv INVITE, send 200 retrans=500, recv ACK, recv BYE, send 200, timewait 2000`: repeats of the peer are
/// answered at once, the timer of the 200 goes on beside them.
#[test]
fn repeats_are_answered_at_once_and_the_timer_goes_on_beside_them() {
    let invite = xml::wire_request("INVITE", "a", 1);
    let (ack, bye) = (xml::wire_request("ACK", "a", 1), xml::wire_request("BYE", "a", 2));
    let mut begun = false;
    let script = [
        (201, invite.clone()),
        (1_202, ack.clone()),
        (1_302, ack),
        (1_503, bye.clone()),
        (1_803, bye.clone()),
        (2_104, bye),
    ];
    // All times are relative to the first 200.
    let peer = Peer::new(move |_| {
        let says = if begun { vec![] } else { script.clone().map(|(ms, text)| after_ms(ms, text)).into() };
        begun = true;
        says
    });
    let scenario = xml::scenario(&[
        xml::await_request("INVITE"),
        xml::response("200 OK", "retrans=\"500\""),
        xml::await_request("ACK"),
        xml::await_request("BYE"),
        xml::response("200 OK", ""),
        "<timewait milliseconds=\"2000\"/>".into(),
    ]);
    let server = rsipp("-i 127.0.0.1 -m 1").scenario(&scenario).start();
    peer.say_to_port(server.listens_on(), invite);
    let ended = server.wait().exits(0);
    assert_times(&peer.heard(), &[0.0, 201.0, 500.0, 1_503.0, 1_803.0, 2_104.0]);
    assert_eq!(ended.calls(), (1, 1, 0));
}

/// An INVITE that is repeated under another branch 200 ms after its 200.
fn repeated_under_another_branch(options: &str) -> (Peer, u32) {
    let invite = xml::wire_request("INVITE", "a", 1);
    let other = invite.replace("branch=z9hG4bK-", "branch=z9hG4bK-other-");
    let (ack, bye) = (xml::wire_request("ACK", "a", 1), xml::wire_request("BYE", "a", 2));
    let mut oks = 0;
    let peer = Peer::new(move |heard| {
        if heard.first_line() != "SIP/2.0 200 OK" {
            return vec![];
        }
        oks += 1;
        match oks {
            1 => vec![after_ms(200, other.clone())],
            2 => vec![now(ack.clone()), after_ms(100, bye.clone())],
            _ => vec![],
        }
    });
    let server = rsipp(&format!("-sn uas -i 127.0.0.1 -m 1 -timeout 10 {options}")).start();
    peer.say_to_port(server.listens_on(), invite);
    let ended = server.wait();
    let failed = ended.calls().2;
    (peer, u32::try_from(failed).unwrap())
}

/// runtime.md §8, Observed: "With INVITE repeated under a new branch: unexpected under `full`; handled as duplicate under loose".
#[test]
fn rtcheck_loose_answers_an_invite_repeated_under_another_branch() {
    let (peer, failed) = repeated_under_another_branch("-rtcheck loose");
    let oks: Vec<_> =
        peer.heard().into_iter().filter(|heard| heard.first_line() == "SIP/2.0 200 OK").collect();
    assert_times(&oks, &[0.0, 200.0, 300.0]);
    assert_eq!(failed, 0);
    let (_, failed) = repeated_under_another_branch("-rtcheck full");
    assert_eq!(failed, 1);
    rsipp("127.0.0.1 -rtcheck tight")
        .run()
        .exits(1)
        .complains("Unknown retransmission detection method: tight");
}

/// runtime.md §7 item 1.
#[test]
fn pause_msg_ign_drops_what_comes_in_a_pause() {
    let run = |options: &str| {
        let peer = Peer::new(|heard| match heard.method() {
            "INVITE" => vec![
                now(heard.response("200 OK")),
                // Unexpected in the pause: a 180 that was not seen before.
                after_ms(100, heard.response("180 Ringing")),
            ],
            "BYE" => vec![now(heard.response("200 OK"))],
            _ => vec![],
        });
        rsipp(&format!("{} -m 1 -d 400 {options}", peer.addr)).run().calls()
    };
    assert_eq!(run("-pause_msg_ign"), (1, 1, 0));
    assert_eq!(run(""), (1, 0, 1));
}

/// runtime.md §6.2, Observed: `foo///id` echoed is matched, with `-callid_slash_ign` it is not.
#[test]
fn callid_slash_ign_takes_the_slashes_for_a_part_of_the_call_id() {
    let run = |options: &str| {
        let peer = Peer::new(|heard| {
            let id = heard.header("Call-ID").to_owned();
            vec![now(heard.response("200 OK").replace(&id, &format!("foo///{id}")))]
        });
        let scenario = xml::options_with("X: y");
        rsipp(&format!("{} -m 1 -timeout 500ms {options}", peer.addr)).scenario(&scenario).run().calls()
    };
    assert_eq!(run(""), (1, 1, 0));
    assert_eq!(run("-callid_slash_ign"), (1, 0, 1));
}

/// runtime.md §17, cli.md §4.3: what is lost does not reach the peer, counts as sent, and has a column of its own.
#[test]
fn lost_keeps_messages_from_the_wire_and_shows_them() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1 -lost 100 -timeout 700ms", peer.addr)).run().exits(1);
    assert!(peer.heard().is_empty());
    assert!(ended.stdout.contains("Unexp.    Lost"), "{ended}");
    let invite = ended.stdout.lines().find(|line| line.contains("INVITE ---------->")).unwrap();
    let numbers: Vec<_> = invite.split("---------->").nth(1).unwrap().split_whitespace().collect();
    assert_eq!(numbers, ["1", "1", "0", "2"], "sent, resent, timeouts, lost");
}

/// cli.md §4.8: without effect where nothing waits to be sent.
#[test]
fn send_timeout_is_accepted() {
    let peer = Peer::answering();
    rsipp(&format!("{} -m 1 -send_timeout 1", peer.addr)).run().exits(0);
    rsipp("127.0.0.1 -send_timeout soon")
        .run()
        .exits(1)
        .complains("-send_timeout, \"soon\" is not a valid time!");
}
