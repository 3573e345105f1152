//! runtime.md §8: messages of the peer that come again.

use rsipp::clock::Span;
use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, embedded, steps};
use super::peer::{Heard, Silent};
use super::text::{ask, invite, pause, recv, request, response};

const UNEXPECTED: Verdict = Verdict::Failed(Failure::UnexpectedMessage);

/// §8, Observed: `recv INVITE, send 200 retrans=500, recv ACK, recv BYE, send 200, timewait 2000`.
#[test]
fn the_observed_table_of_repeats_at_a_server() {
    let scenario = steps(&[
        &recv("request='INVITE'"),
        &response("200 OK", "retrans='500'"),
        &recv("request='ACK'"),
        &recv("request='BYE'"),
        &response("200 Bye", ""),
        "<timewait milliseconds='2000'/>",
    ]);
    let mut pair = Pair::new(scenario, Silent);
    for (at, message) in [
        (0, invite("x")),
        (201, invite("x")),
        (1_202, ask("ACK", "x", 1)),
        (1_302, ask("ACK", "x", 1)),
        (1_503, ask("BYE", "x", 2)),
        (1_803, ask("BYE", "x", 2)),
        (2_104, ask("BYE", "x", 2)),
    ] {
        pair.says(at, message);
    }
    pair.run();
    assert_eq!(pair.sent_at("SIP/2.0 200 OK"), [0, 201, 500]);
    assert_eq!(pair.sent_at("SIP/2.0 200 Bye"), [1_503, 1_803, 2_104]);
    let texts = pair.texts("SIP/2.0 200 OK");
    assert!(texts.iter().all(|text| *text == texts[0]), "Replacement: the stored bytes");
    assert_eq!(pair.verdict(), (3_503, Verdict::Successful));
    assert_eq!(pair.stats().retransmissions, 4);
    assert_eq!(
        pair.stats().steps.iter().map(|step| step.retransmissions).collect::<Vec<_>>()[..4],
        [1, 2, 1, 2]
    );
    pair.assert_nothing_left();
}

/// §8, Bug and its Replacement: an INVITE repeated at the embedded `uas` after 180 and 200 gets the 200, and the call lives.
#[test]
fn an_invite_repeated_at_the_embedded_uas_gets_the_200_again_and_the_call_goes_on() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, invite("x"));
    pair.says(200, invite("x"));
    pair.says(300, ask("ACK", "x", 1));
    pair.says(400, ask("BYE", "x", 2));
    pair.run();
    let expected = [(0, "180"), (0, "200"), (200, "200"), (400, "200")];
    assert_eq!(pair.trace(), expected.map(|(at, what)| (at, what.to_owned())));
    assert_eq!(pair.verdict(), (4_400, Verdict::Successful));
    assert_eq!((pair.stats().incoming, pair.stats().retransmissions), (1, 1));
}

/// §8, Bug "the answer is rebuilt": after the ACK a repeated INVITE gets the stored 200, not one with the ACK's headers.
#[test]
fn an_invite_repeated_after_the_ack_gets_the_stored_bytes() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, invite("x"));
    pair.says(100, ask("ACK", "x", 1));
    pair.says(200, invite("x"));
    pair.run_until(250);
    let texts = pair.texts("SIP/2.0 200");
    assert_eq!((texts.len(), &texts[1]), (2, &texts[0]));
    assert_eq!((pair.stats().current, pair.stats().failed), (1, 0));
}

/// §8: in time-wait the repeated BYE is answered again; after the end it meets a dead call.
#[test]
fn a_bye_repeated_in_time_wait_is_answered_and_after_it_is_not() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, invite("x"));
    pair.says(100, ask("ACK", "x", 1));
    for at in [200, 4_000, 4_201] {
        pair.says(at, ask("BYE", "x", 2));
    }
    pair.run();
    assert_eq!(pair.sent_at("SIP/2.0 200"), [0, 200, 4_000]);
    assert_eq!((pair.verdict(), pair.stats().dead_call), ((4_200, Verdict::Successful), 1));
}

/// §8: the answer need not be a response: a repeated 200 to OPTIONS re-sends the MESSAGE that followed it.
#[test]
fn a_repeated_200_re_sends_the_request_that_followed_it() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv("response='200'"),
        &request("MESSAGE", ""),
        &recv("response='202'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match (heard.kind(), heard.nth) {
        ("OPTIONS", _) => vec![heard.answer(0, "200 OK"), heard.answer(300, "200 OK")],
        ("MESSAGE", 1) => vec![heard.answer(10, "202 Accepted")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("MESSAGE"), [0, 300]);
    assert_eq!(pair.verdict(), (310, Verdict::Successful));
}

/// §8, Observed `uac`: a 200 repeated at 0.000 and 0.301 gets the ACK each time.
#[test]
fn a_repeated_200_to_invite_gets_the_ack_each_time() {
    let scenario = embedded("uac").with(|settings| settings.default_pause = Span::from_millis(1_000));
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => [0, 0, 301].map(|after| heard.answer(after, "200 OK")).to_vec(),
        "BYE" => vec![heard.answer(0, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("ACK"), [0, 0, 301]);
    assert_eq!((pair.stats().retransmissions, pair.verdict()), (2, (1_000, Verdict::Successful)));
}

/// §8, Observed `uac`: repeated 180s are dropped, counted at their step, and move nothing.
#[test]
fn a_repeated_180_is_dropped() {
    let mut pair = Pair::new(embedded("uac"), |heard: Heard<'_>| match heard.kind() {
        "INVITE" => [1, 2, 3].map(|after| heard.answer(after, "180 Ringing")).to_vec(),
        _ => vec![],
    });
    pair.run_until(10);
    let step = pair.stats().steps[2];
    assert_eq!((step.messages, step.retransmissions, pair.sent().count()), (1, 2, 1));
}

/// §8, Replacement: a 180 that was accepted and comes again after the ACK is a repeat without an answer: dropped.
#[test]
fn a_180_that_was_accepted_and_comes_again_after_the_ack_is_dropped() {
    let scenario = embedded("uac").with(|settings| settings.default_pause = Span::from_millis(1_000));
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => {
            vec![heard.answer(0, "180 Ringing"), heard.answer(1, "200 OK"), heard.answer(100, "180 Ringing")]
        }
        "BYE" => vec![heard.answer(0, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.verdict(), (1_001, Verdict::Successful));
    assert_eq!(pair.stats().steps[2].retransmissions, 1);
}

/// §8, last bullet: with `-nr` repeats go to matching: 200 to INVITE → ACK by §7.3, INVITE at a server → unexpected.
#[test]
fn with_nr_repeats_go_to_matching() {
    let scenario = embedded("uac")
        .without_retransmission()
        .with(|settings| settings.default_pause = Span::from_millis(900));
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => [0, 300].map(|after| heard.answer(after, "200 OK")).to_vec(),
        "BYE" => vec![heard.answer(0, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!((pair.sent_at("ACK"), pair.stats().retransmissions), (vec![0, 300], 0));
    assert_eq!(pair.verdict(), (900, Verdict::Successful));

    let mut pair = Pair::new(embedded("uas").without_retransmission(), Silent);
    pair.says(0, invite("x"));
    pair.says(200, invite("x"));
    pair.run();
    assert_eq!(pair.verdict(), (200, UNEXPECTED));
}

/// §8: under `-rtcheck full` any differing byte makes it another message.
#[test]
fn an_invite_with_another_branch_is_no_repeat() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, invite("x"));
    pair.says(200, invite("x").replace("z9hG4bKp", "z9hG4bKq"));
    pair.run();
    assert_eq!(pair.verdict(), (200, UNEXPECTED));
    assert!(pair.warned("while expecting 'ACK' (index 3)"));
}

/// §8: a byte-identical message that the scenario expects twice is never seen the second time.
#[test]
fn a_message_expected_twice_is_seen_once() {
    let scenario = steps(&[&recv("request='INFO'"), &recv("request='INFO'"), &response("200 OK", "")]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(0, ask("INFO", "x", 1));
    pair.says(10, ask("INFO", "x", 1));
    pair.run_until(20);
    assert_eq!((pair.stats().current, pair.sent().count()), (1, 0));
    pair.says(30, ask("INFO", "x", 2));
    pair.run();
    assert_eq!(pair.verdict(), (30, Verdict::Successful));
}

/// §8 item 1: the repeat leaves step, timers and RTD as they are: a pause ends at its original time.
#[test]
fn a_repeat_does_not_cut_a_pause() {
    let scenario = steps(&[
        &recv("request='INVITE'"),
        &response("200 OK", ""),
        &pause(1_000),
        &request("BYE", ""),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(0, invite("x"));
    pair.says(400, invite("x"));
    pair.run_until(2_000);
    assert_eq!((pair.sent_at("SIP/2.0 200"), pair.sent_at("BYE")), (vec![0, 400], vec![1_000]));
}
