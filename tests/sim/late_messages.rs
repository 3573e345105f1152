//! runtime.md §16, row by row: out-of-order and late messages at the embedded `uac` and `uas`.

use rsipp::clock::Span;
use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, embedded};
use super::peer::{Heard, Silent};
use super::text::{ask, invite};

const UNEXPECTED: Verdict = Verdict::Failed(Failure::UnexpectedMessage);

/// A `uac` that pauses for a second, whose INVITE gets these statuses at these times and whose BYE gets a 200 after `bye_ms`.
fn client(statuses: &'static [(u64, &'static str)], bye_ms: u64) -> Pair {
    let setup = embedded("uac").with(|settings| settings.default_pause = Span::from_millis(1_000));
    let mut pair = Pair::new(setup, move |heard: Heard<'_>| match heard.kind() {
        "INVITE" => statuses.iter().map(|(after, status)| heard.answer(*after, status)).collect(),
        "BYE" => vec![heard.answer(bye_ms, "200 OK")],
        _ => vec![],
    });
    pair.run_until(10_000);
    pair
}

/// A `uas` that hears these, all of one call, at these times.
fn server(messages: &[(u64, &str, u32)]) -> Pair {
    let mut pair = Pair::new(embedded("uas"), Silent);
    for (at, method, cseq) in messages {
        pair.says(*at, if *method == "INVITE" && *cseq == 1 { invite("x") } else { ask(method, "x", *cseq) });
    }
    pair.run_until(20_000);
    pair
}

fn trace(pair: &Pair) -> Vec<(u64, String)> {
    pair.trace()
}

fn expected<const N: usize>(messages: [(u64, &str); N]) -> Vec<(u64, String)> {
    messages.map(|(at, kind)| (at, kind.to_owned())).into()
}

/// Row "100 after 180 (both optional, before 200)": accepted.
#[test]
fn a_100_after_the_180_is_accepted() {
    let pair = client(&[(100, "180 Ringing"), (200, "100 Trying"), (300, "200 OK")], 0);
    assert_eq!(trace(&pair), expected([(0, "INVITE"), (300, "ACK"), (1_300, "BYE")]));
    assert_eq!(pair.verdict(), (1_300, Verdict::Successful));
}

/// Row "180 twice, 183 between": accepted, the second 180 is no newer message and dropped or taken again; the call goes on.
#[test]
fn a_180_on_either_side_of_a_183_leaves_the_call_as_it_was() {
    let pair = client(
        &[(100, "180 Ringing"), (200, "183 Session Progress"), (300, "180 Ringing"), (400, "200 OK")],
        0,
    );
    assert_eq!(trace(&pair), expected([(0, "INVITE"), (400, "ACK"), (1_400, "BYE")]));
    assert_eq!((pair.verdict(), pair.stats().warnings), ((1_400, Verdict::Successful), 0));
}

/// Row "180/183 after 200": call aborted, BYE.
#[test]
fn a_first_180_after_the_200_aborts_the_call_with_a_bye() {
    for late in [&[(100, "200 OK"), (150, "180 Ringing")], &[(100, "200 OK"), (150, "183 Session Progress")]]
    {
        let pair = client(late, 0);
        assert_eq!(trace(&pair), expected([(0, "INVITE"), (100, "ACK"), (150, "BYE")]));
        assert_eq!(pair.verdict(), (150, UNEXPECTED));
        assert!(pair.warned("while pausing (index 6)"));
    }
}

/// Row "200/INVITE repeated before BYE": ACK again.
#[test]
fn a_200_repeated_before_the_bye_gets_the_ack_again() {
    let pair = client(&[(100, "200 OK"), (600, "200 OK")], 0);
    assert_eq!(trace(&pair), expected([(0, "INVITE"), (100, "ACK"), (600, "ACK"), (1_100, "BYE")]));
    assert_eq!(pair.verdict(), (1_100, Verdict::Successful));
}

/// Row "200/INVITE repeated after BYE": taken as the BYE's 200; the call ends, successful.
#[test]
fn a_200_repeated_after_the_bye_is_taken_for_that_of_the_bye() {
    let pair = client(&[(100, "200 OK"), (1_300, "200 OK")], 5_000);
    assert_eq!(trace(&pair), expected([(0, "INVITE"), (100, "ACK"), (1_100, "BYE")]));
    assert_eq!(pair.verdict(), (1_300, Verdict::Successful));
}

/// Row "INVITE repeated after 180+200": SIPp aborts the call (§8 Bug); Replacement: the 200 again.
#[test]
fn an_invite_repeated_after_180_and_200_gets_the_200_again() {
    let pair = server(&[(0, "INVITE", 1), (200, "INVITE", 1), (300, "ACK", 1), (400, "BYE", 2)]);
    assert_eq!(trace(&pair), expected([(0, "180"), (0, "200"), (200, "200"), (400, "200")]));
    assert_eq!(pair.verdict(), (4_400, Verdict::Successful));
}

/// Row "BYE before ACK" (ACK optional): accepted; the late ACK, arriving in the final pause, fails the call.
#[test]
fn a_bye_before_the_ack_is_accepted_and_the_late_ack_fails_the_call() {
    let pair = server(&[(0, "INVITE", 1), (100, "BYE", 2), (200, "ACK", 1)]);
    assert_eq!(trace(&pair), expected([(0, "180"), (0, "200"), (100, "200")]));
    assert_eq!(pair.verdict(), (200, UNEXPECTED));
    assert!(pair.warned("while pausing (index 6)"));
}

/// Row "BYE repeated in timewait": 200 again.
#[test]
fn a_bye_repeated_in_the_time_wait_gets_the_200_again() {
    let pair =
        server(&[(0, "INVITE", 1), (100, "ACK", 1), (200, "BYE", 2), (700, "BYE", 2), (1_200, "BYE", 2)]);
    assert_eq!(trace(&pair), expected([(0, "180"), (0, "200"), (200, "200"), (700, "200"), (1_200, "200")]));
    assert_eq!(pair.verdict(), (4_200, Verdict::Successful));
}

/// Row "re-INVITE where BYE expected": aborted, nothing sent.
#[test]
fn a_re_invite_where_a_bye_is_expected_aborts_the_call_without_a_word() {
    let pair = server(&[(0, "INVITE", 1), (100, "ACK", 1), (200, "INVITE", 2)]);
    assert_eq!(trace(&pair), expected([(0, "180"), (0, "200")]));
    assert_eq!(pair.verdict(), (200, UNEXPECTED));
}

/// Row "ACK with other CSeq": 3.7: call deleted, failed.
#[test]
fn an_ack_with_another_cseq_number_ends_the_call() {
    let pair = server(&[(0, "INVITE", 1), (100, "ACK", 7)]);
    assert_eq!(pair.verdict(), (100, Verdict::Failed(Failure::AckCseqMismatch)));
}

/// Row "any message after the end": dead call, counted.
#[test]
fn any_message_after_the_end_is_counted_and_not_answered() {
    let pair = server(&[
        (0, "INVITE", 1),
        (100, "ACK", 1),
        (200, "BYE", 2),
        (5_000, "BYE", 2),
        (6_000, "INVITE", 3),
    ]);
    assert_eq!(trace(&pair), expected([(0, "180"), (0, "200"), (200, "200")]));
    assert_eq!((pair.stats().dead_call, pair.stats().incoming), (2, 1));
}
