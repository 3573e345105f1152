//! What is ignored of received messages on request: `-pause_msg_ign` (runtime.md §7 item 1), `-callid_slash_ign` (§6.2).

use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, embedded, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{ask, invite, pause, recv, request, response};

/// INVITE, 200, a second of pause, then a BYE of the peer is awaited.
fn pausing_server() -> Setup {
    steps(&[
        &recv("request='INVITE'"),
        &response("200 OK", ""),
        &pause(1_000),
        &recv("request='BYE'"),
        &response("200 OK", ""),
    ])
}

fn dropping(setup: Setup) -> Setup {
    setup.with(|settings| settings.drops_in_pauses = true)
}

/// §7 item 1: an unexpected message in a pause is dropped; without the option it fails the call.
#[test]
fn with_pause_msg_ign_what_comes_in_a_pause_is_dropped_without_a_trace() {
    let run = |setup: Setup| {
        let mut pair = Pair::new(setup, Silent);
        pair.says(0, invite("x"));
        pair.says(500, ask("INFO", "x", 2));
        pair.says(600, ask("BYE", "x", 3));
        pair.says(1_500, ask("BYE", "x", 3));
        pair.run_until(2_000);
        pair
    };
    let pair = run(dropping(pausing_server()));
    assert_eq!((pair.sent_at("SIP/2.0 200"), pair.verdict()), (vec![0, 1_500], (1_500, Verdict::Successful)));
    assert_eq!((pair.stats().warnings, pair.stats().out_of_call), (0, 0));
    let unexpected: u64 = pair.stats().steps.iter().map(|step| step.unexpected + step.retransmissions).sum();
    assert_eq!(unexpected, 0);
    assert_eq!(run(pausing_server()).verdict(), (500, Verdict::Failed(Failure::UnexpectedMessage)));
}

/// §7 item 1 comes before the detection of repeats: an INVITE repeated in the pause is not answered.
#[test]
fn with_pause_msg_ign_a_repeat_in_a_pause_is_not_answered() {
    let run = |setup: Setup| {
        let mut pair = Pair::new(setup, Silent);
        pair.says(0, invite("x"));
        pair.says(300, invite("x"));
        pair.says(1_200, invite("x"));
        pair.run_until(1_300);
        pair.sent_at("SIP/2.0 200")
    };
    assert_eq!(run(dropping(pausing_server())), [0, 1_200], "after the pause it is a repeat again");
    assert_eq!(run(pausing_server()), [0, 300, 1_200]);
}

/// §7 item 1: `<timewait>` is a pause too; the call ends at its time.
#[test]
fn with_pause_msg_ign_nothing_disturbs_a_time_wait() {
    let scenario =
        steps(&[&recv("request='BYE'"), &response("200 OK", ""), "<timewait milliseconds='1000'/>"]);
    let mut pair = Pair::new(dropping(scenario), Silent);
    pair.says(0, ask("BYE", "x", 1));
    pair.says(300, ask("BYE", "x", 1));
    pair.says(600, ask("INVITE", "x", 2));
    pair.run_until(1_500);
    assert_eq!((pair.sent().count(), pair.verdict()), (1, (1_000, Verdict::Successful)));
}

/// §7 item 1: only pauses. A message that nothing expects elsewhere fails the call as ever.
#[test]
fn pause_msg_ign_does_not_touch_a_call_that_waits_for_a_message() {
    let mut pair = Pair::new(dropping(embedded("uas")), Silent);
    pair.says(0, invite("x"));
    pair.says(100, ask("INFO", "x", 2));
    pair.run_until(200);
    assert_eq!(pair.verdict(), (100, Verdict::Failed(Failure::UnexpectedMessage)));
}

/// An OPTIONS answered with a Call-ID that says `foo///` before ours.
fn answered_with_slashes(setup: Setup) -> Pair {
    let mut pair = Pair::new(setup, |heard: Heard<'_>| {
        let (after, answer) = heard.answer(5, "200 OK");
        vec![(after, answer.replace("Call-ID: ", "Call-ID: foo///"))]
    });
    pair.run_until(50);
    pair
}

/// §6.2, Observed: `foo///id` echoed is matched; with `-callid_slash_ign` it is not.
#[test]
fn with_callid_slash_ign_a_call_id_with_slashes_is_another_one() {
    let options = || steps(&[&request("OPTIONS", ""), &recv("response='200'")]);
    assert_eq!(answered_with_slashes(options()).verdict(), (5, Verdict::Successful));
    let pair = answered_with_slashes(options().with(|settings| settings.keeps_slashes = true));
    assert_eq!((pair.stats().current, pair.stats().out_of_call), (1, 1));
    assert!(pair.warned("Discarding message which can't be mapped to a known SIPp call"));
}

/// cli.md §4.4.1: with it a Call-ID of our own may have `///` in it.
#[test]
fn with_callid_slash_ign_a_cid_str_with_slashes_works() {
    let setup = |keeps| {
        let setup = steps(&[&request("OPTIONS", ""), &recv("response='200'")]);
        setup.with(|settings| {
            settings.keeps_slashes = keeps;
            settings.call_id_format = "a///%u".to_owned();
        })
    };
    let run = |keeps| {
        let mut pair = Pair::new(setup(keeps), Answers([("OPTIONS", 5, "200 OK")]));
        pair.run_until(50);
        pair.stats().successful
    };
    assert_eq!((run(true), run(false)), (1, 0));
}

/// §2.2: the id of an incoming call is its Call-ID, trimmed or not.
#[test]
fn with_callid_slash_ign_a_servers_call_has_the_whole_call_id() {
    let scenario = |keeps| {
        let answer = response("200 OK", "").replace("Contact:", "X-Id: [call_id]\nContact:");
        steps(&[&recv("request='OPTIONS'"), &answer]).with(|settings| settings.keeps_slashes = keeps)
    };
    let id_with = |keeps| {
        let mut pair = Pair::new(scenario(keeps), Silent);
        pair.says(0, ask("OPTIONS", "a///b", 1));
        pair.run_until(10);
        super::text::line_of(&pair.texts("SIP/2.0 200")[0], "X-Id:").to_owned()
    };
    assert_eq!((id_with(true), id_with(false)), ("X-Id: a///b".to_owned(), "X-Id: b".to_owned()));
}
