//! runtime.md §6.3, §9, §10: messages that fit nowhere, and automatic answers.

use rsipp::clock::Span;
use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, embedded, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{answer, ask, invite, pause, recv, recv_acting, request, response};

const UNEXPECTED: Verdict = Verdict::Failed(Failure::UnexpectedMessage);
const ID: &str = "1-1@127.0.0.1";

/// A client that waits for the 200 to its INVITE and has seen a 180; the peer then says `message` at 100 ms.
fn ringing(change: impl FnOnce(&mut rsipp::engine::Settings), message: String) -> Pair {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='180' optional='true'"),
        &recv("response='200'"),
        &request("ACK", ""),
    ]);
    let mut pair = Pair::new(scenario.with(change), Answers([("INVITE", 0, "180 Ringing")]));
    pair.says(100, message);
    pair
}

/// §9 items 1, 2, 5: counted at the current step, warned, failed; with `bye` a dead call.
#[test]
fn an_unexpected_message_fails_the_call() {
    let mut pair = ringing(|_| {}, ask("INFO", ID, 5));
    pair.run_until(200);
    assert_eq!(pair.verdict(), (100, UNEXPECTED));
    assert_eq!(pair.stats().steps[2].unexpected, 1);
    let text = "Aborting call on unexpected message for Call-Id '1-1@127.0.0.1': while expecting '200' (index 2), received 'INFO sip:";
    assert!(pair.warned(text));
    assert_eq!((pair.sent_at("CANCEL"), pair.a().engine.holds().1), (vec![100], 1));
}

/// §9 item 4: without `abortunexp` the message is dropped and the call is unchanged.
#[test]
fn without_abortunexp_an_unexpected_message_is_dropped() {
    let mut pair = ringing(|settings| settings.behaviors.abort_unexpected = false, ask("INFO", ID, 5));
    pair.run_until(200);
    assert_eq!((pair.stats().current, pair.stats().failed, pair.sent().count()), (1, 0, 1));
    assert!(pair.warned(
        "Continuing call on unexpected message for Call-Id '1-1@127.0.0.1': while expecting '200' (index 2)"
    ));
    assert_eq!(pair.stats().steps[2].unexpected, 1);
}

/// §9 item 5: without `bye` nothing is sent and no dead call is left.
#[test]
fn without_bye_an_unexpected_message_ends_the_call_in_silence() {
    let mut pair = ringing(|settings| settings.behaviors.bye = false, ask("INFO", ID, 5));
    pair.run_until(200);
    assert_eq!(pair.verdict(), (100, UNEXPECTED));
    assert_eq!((pair.sent().count(), pair.a().engine.holds().1), (1, 0));
}

/// §9 item 2: the words for what the call was doing.
#[test]
fn the_warning_says_what_the_call_was_doing() {
    let scenario = steps(&[&request("INVITE", ""), &pause(1_000), &request("BYE", "")]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(10, ask("INFO", ID, 5));
    pair.run();
    assert!(pair.warned("while pausing (index 1), received 'INFO"));
}

/// §10.1: an unexpected BYE or CANCEL gets a 200 and fails the call; nothing else is sent, no dead call.
#[test]
fn an_unexpected_bye_or_cancel_is_answered_and_fails_the_call() {
    for method in ["BYE", "CANCEL"] {
        let mut pair = ringing(|_| {}, ask(method, ID, 5));
        pair.run_until(200);
        assert_eq!(pair.verdict(), (100, UNEXPECTED));
        let expected = [(0, "INVITE"), (100, "200")];
        assert_eq!(pair.trace(), expected.map(|(at, what)| (at, what.to_owned())));
        assert_eq!(pair.a().engine.holds().1, 0);
        assert_eq!(pair.stats().steps[2].unexpected, 1);
        assert!(pair.warned(&format!("Aborting call on an unexpected {method} for call: {ID}")));
    }
}

/// §10.1, right column: without `abortunexp` no answer and the call goes on; without `bye` it fails unanswered.
#[test]
fn behaviours_decide_what_an_unexpected_bye_does() {
    let mut pair = ringing(|settings| settings.behaviors.abort_unexpected = false, ask("BYE", ID, 5));
    pair.run_until(200);
    assert_eq!((pair.stats().current, pair.sent().count()), (1, 1));
    assert!(pair.warned("Continuing call on an unexpected BYE for call: 1-1@127.0.0.1"));

    let mut pair = ringing(|settings| settings.behaviors.abort_unexpected = false, ask("CANCEL", ID, 5));
    pair.run_until(200);
    assert!(pair.warned("Continuing call on unexpected CANCEL for call: 1-1@127.0.0.1"));

    let mut pair = ringing(|settings| settings.behaviors.bye = false, ask("BYE", ID, 5));
    pair.run_until(200);
    assert_eq!((pair.verdict(), pair.sent().count()), ((100, UNEXPECTED), 1));
}

/// §10.1: the BYE before a mandatory ACK at a server: 200, failed; a repeated BYE then opens a new call.
#[test]
fn a_bye_repeated_after_an_unexpected_one_opens_a_new_call_at_a_server() {
    let scenario =
        steps(&[&recv("request='INVITE'"), &response("200 OK", ""), &recv("request='ACK'"), &pause(10)]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(0, invite("x"));
    pair.says(10, ask("BYE", "x", 2));
    pair.says(20, ask("BYE", "x", 2));
    pair.run();
    assert_eq!(pair.sent_at("SIP/2.0 200"), [0, 10, 20]);
    assert_eq!((pair.stats().incoming, pair.verdicts()), (2, vec![UNEXPECTED, UNEXPECTED]));
}

/// §10.1, Bug: with `pingreply` PING gets a 200, is counted, and the call goes on; without, a warning.
#[test]
fn an_unexpected_ping_is_answered_and_the_call_goes_on() {
    let mut pair = ringing(|_| {}, ask("PING", ID, 5));
    pair.run_until(200);
    assert_eq!(
        (pair.sent_at("SIP/2.0 200"), pair.stats().auto_answered, pair.stats().current),
        (vec![100], 1, 1)
    );

    let mut pair = ringing(|settings| settings.behaviors.ping_reply = false, ask("PING", ID, 5));
    pair.run_until(200);
    assert_eq!((pair.sent().count(), pair.stats().auto_answered, pair.stats().current), (1, 0, 1));
    assert!(pair.warned("Do not answer on an unexpected PING for call: 1-1@127.0.0.1"));
}

/// §10.1: with `-aa` INFO, NOTIFY, OPTIONS and UPDATE get a 200 and the call goes on; timers run on; others are unexpected.
#[test]
fn with_aa_four_methods_are_answered_inside_a_call() {
    for (method, answered) in
        [("INFO", true), ("NOTIFY", true), ("OPTIONS", true), ("UPDATE", true), ("MESSAGE", false)]
    {
        let mut pair = ringing(|settings| settings.auto_answer = true, ask(method, ID, 5));
        pair.run_until(200);
        assert_eq!(pair.stats().auto_answered, u64::from(answered), "{method}");
        assert_eq!(
            (pair.stats().current, pair.stats().failed),
            (answered.into(), (!answered).into()),
            "{method}"
        );
    }
    let scenario = steps(&[&request("INVITE", "retrans='500'"), &recv("response='200'")]);
    let mut pair = Pair::new(scenario.with(|settings| settings.auto_answer = true), Silent);
    pair.says(100, ask("INFO", ID, 5));
    pair.run_until(2_000);
    assert_eq!(pair.sent_at("INVITE"), [0, 500, 1_500], "retransmission timers untouched");
}

/// §10.1: after an automatic answer the last message is the one before it.
#[test]
fn an_automatic_answer_leaves_the_last_message_as_it_was() {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='180'"),
        &recv_acting("response='200'", "<log message='[last_CSeq:]'/>"),
    ]);
    let mut pair = Pair::new(scenario.with(|settings| settings.auto_answer = true), |heard: Heard<'_>| {
        match heard.kind() {
            "INVITE" => vec![heard.answer(0, "180 Ringing"), heard.answer(200, "200 OK")],
            _ => vec![],
        }
    });
    pair.says(100, ask("INFO", ID, 5));
    pair.run();
    assert_eq!(pair.a().logs, ["CSeq: 1 INVITE"]);
}

/// §10.2, Observed: the automatic 200, byte for byte.
#[test]
fn the_automatic_200_repeats_the_requests_own_headers() {
    let scenario = steps(&[&request("INVITE", ""), &recv("response='200'")]).known_as(21_230, 24_243, 24_242);
    let mut pair = Pair::new(scenario.with(|settings| settings.auto_answer = true), Silent);
    pair.says(
        10,
        "INFO sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:24242;branch=z9hG4bKp1\r\nFrom: <sip:p@127.0.0.1>;tag=ft\r\n\
         To: <sip:x@127.0.0.1>\r\nCall-ID: 1-21230@127.0.0.1\r\nCSeq: 7 INFO\r\nContent-Length: 0\r\n\r\n",
    );
    pair.run();
    let expected = "SIP/2.0 200 OK\r\n\
        Via: SIP/2.0/UDP 127.0.0.1:24242;branch=z9hG4bKp1\r\n\
        From: <sip:p@127.0.0.1>;tag=ft\r\n\
        To: <sip:x@127.0.0.1>\r\n\
        Call-ID: 1-21230@127.0.0.1\r\n\
        CSeq: 7 INFO\r\n\
        Contact: <sip:127.0.0.1:24243;transport=UDP>\r\n\
        Content-Length: 0\r\n\r\n";
    assert_eq!(pair.texts("SIP/2.0"), [expected]);
}

/// §6.3, client with `-aa`: answered to its source, counted once, nothing kept.
#[test]
fn with_aa_a_client_answers_requests_of_unknown_calls_and_keeps_nothing() {
    let mut pair = Pair::new(waiting_client().with(|settings| settings.auto_answer = true), Silent);
    pair.says_from(7_000, 10, ask("OPTIONS", "stranger", 1));
    pair.says_from(7_000, 20, ask("OPTIONS", "stranger", 2));
    pair.says_from(7_001, 30, ask("MESSAGE", "stranger", 3));
    pair.run_until(100);
    let answered: Vec<_> =
        pair.sent().filter(|sent| sent.to.port() == 7_000).map(|sent| sent.at.millis()).collect();
    assert_eq!(answered, [10, 20]);
    assert_eq!((pair.stats().auto_answered, pair.stats().out_of_call, pair.stats().created()), (2, 1, 1));
    assert_eq!(pair.a().engine.holds(), (1, 0, 1), "the client's own call in its pause");
}

/// §6.3, client: anything else with an unknown Call-ID is counted and warned of.
#[test]
fn a_client_discards_messages_of_unknown_calls() {
    let mut pair = Pair::new(waiting_client(), Silent);
    pair.says(10, ask("OPTIONS", "stranger", 1));
    pair.says(20, answer(&invite("stranger"), "200 OK"));
    pair.run_until(100);
    assert_eq!((pair.stats().out_of_call, pair.sent().count(), pair.stats().created()), (2, 1, 1));
    assert!(pair.warned("Discarding message which can't be mapped to a known SIPp call:\nOPTIONS sip:"));
}

/// §10.2, Surprise and Replacement: a server with `-aa` answers what its first recv does not take, and opens no call.
#[test]
fn with_aa_a_server_answers_what_its_first_recv_does_not_take_without_opening_a_call() {
    let mut pair = Pair::new(embedded("uas").with(|settings| settings.auto_answer = true), Silent);
    pair.says(0, ask("OPTIONS", "x", 1));
    pair.run();
    assert_eq!((pair.stats().auto_answered, pair.stats().created(), pair.sent().count()), (1, 0, 1));
    pair.assert_nothing_left();

    let scenario = steps(&[&recv("request='OPTIONS'"), &response("404 Not Found", "")]);
    let mut pair = Pair::new(scenario.with(|settings| settings.auto_answer = true), Silent);
    pair.says(0, ask("OPTIONS", "x", 1));
    pair.run();
    assert_eq!((pair.stats().auto_answered, pair.verdict()), (0, (0, Verdict::Successful)));
}

/// §6.3, Surprise: a server opens a call for every message with an unknown Call-ID; a stray one fails at once, silently.
#[test]
fn a_server_opens_a_call_for_any_message_and_a_stray_one_fails_at_once() {
    let strays = [
        (answer(&invite("a"), "200 OK"), UNEXPECTED),
        (ask("BYE", "b", 1), UNEXPECTED),
        (ask("ACK", "c", 1), Verdict::Failed(Failure::AckCseqMismatch)),
        (ask("INFO", "d", 1), UNEXPECTED),
    ];
    for (stray, verdict) in strays {
        let mut pair = Pair::new(embedded("uas"), Silent);
        let is_bye = stray.starts_with("BYE");
        pair.says(0, stray);
        pair.run();
        assert_eq!((pair.verdict(), pair.stats().incoming), ((0, verdict), 1));
        assert_eq!(pair.sent().count(), usize::from(is_bye), "only an unexpected BYE is answered");
    }
}

fn waiting_client() -> Setup {
    let pausing = pause(1_000);
    steps(&[&request("INVITE", ""), &pausing]).with(|settings| settings.dead_call_wait = Span::ZERO)
}
