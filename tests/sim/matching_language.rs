//! runtime.md §7.1, §7.4 and scenario.md §7.4: `regexp_match`, `optional="global"` and `advance_state`.

use rsipp::clock::Span;
use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{answer, ask, nop, pause, recv, recv_acting, request, response};

const UNEXPECTED: Verdict = Verdict::Failed(Failure::UnexpectedMessage);
const ID: &str = "1-1@127.0.0.1";

/// What becomes of a server call whose first step has these attributes when it is opened by a request of this method.
fn request_at(attributes: &str, method: &str) -> Verdict {
    let mut pair = Pair::new(steps(&[&recv(attributes), &response("200 OK", "")]), Silent);
    pair.says(0, ask(method, "x", 1));
    pair.run();
    pair.verdict().1
}

/// The same for a client and a response to its OPTIONS.
fn response_at(attributes: &str, status: &'static str) -> Verdict {
    let mut pair =
        Pair::new(steps(&[&request("OPTIONS", ""), &recv(attributes)]), Answers([("OPTIONS", 5, status)]));
    pair.run();
    pair.verdict().1
}

/// §7.1: `regexp_match` on a request is unanchored and case-sensitive: `INFO` matches XINFO.
#[test]
fn a_request_pattern_is_unanchored_and_case_sensitive() {
    let pattern = "request='INFO' regexp_match='true'";
    for method in ["INFO", "XINFO", "INFORM"] {
        assert_eq!(request_at(pattern, method), Verdict::Successful, "{method}");
    }
    for method in ["info", "INVITE"] {
        assert_eq!(request_at(pattern, method), UNEXPECTED, "{method}");
    }
    let choice = "request='^(INFO|MESSAGE)$' regexp_match='true'";
    let verdicts = ["INFO", "MESSAGE", "XINFO"].map(|method| request_at(choice, method));
    assert_eq!(verdicts, [Verdict::Successful, Verdict::Successful, UNEXPECTED]);
    assert_eq!(request_at("request='INFO' regexp_match='false'", "XINFO"), UNEXPECTED);
}

/// §7.1: `regexp_match` on a response is unanchored, against the decimal code: `2..`, and `0` matches 204.
#[test]
fn a_response_pattern_is_unanchored_and_looks_at_the_code() {
    for (pattern, status, fits) in [
        ("2..", "202 Accepted", true),
        ("2..", "180 Ringing", false),
        ("2..", "320 Odd", false),
        ("0", "204 No Content", true),
        ("0", "200 OK", true),
        ("0", "183 Progress", false),
        ("^(180|183)$", "183 Progress", true),
        ("OK", "200 OK", false),
    ] {
        let expected = if fits { Verdict::Successful } else { UNEXPECTED };
        let attributes = format!("response='{pattern}' regexp_match='true'");
        assert_eq!(response_at(&attributes, status), expected, "{pattern} {status}");
    }
}

/// §7.1: a pattern does not free a response from the rule on its CSeq method.
#[test]
fn a_response_pattern_still_wants_a_method_sent_above() {
    let scenario = steps(&[&request("OPTIONS", ""), &recv("response='2..' regexp_match='true'")]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        vec![(5, answer(heard.text, "200 OK").replace("1 OPTIONS", "1 BYE"))]
    });
    pair.run();
    assert_eq!(pair.verdict().1, UNEXPECTED);
}

/// A client: INVITE answered at once, `global`, recv 200, ACK, a pause to 1 s, BYE. The peer asks with INFO as often as told.
fn in_a_pause(global: &str, infos: &[u64]) -> Pair {
    let scenario = steps(&[
        &request("INVITE", ""),
        global,
        &recv("response='200'"),
        &request("ACK", ""),
        &pause(1_000),
        &nop("", "<log message='[last_CSeq:]'/>"),
        &request("BYE", ""),
        &recv("response='200'"),
        "<label id='aside'/>",
        &nop("", "<log message='aside'/>"),
    ]);
    let mut pair = Pair::new(scenario, Answers([("INVITE", 0, "200 OK"), ("BYE", 0, "200 OK")]));
    for (number, at) in infos.iter().enumerate() {
        pair.says(*at, ask("INFO", ID, number as u32 + 10));
    }
    pair.run_until(3_000);
    pair
}

const COUNT: &str = "<add assign_to='n' value='1'/><log message='[$n]'/>";

/// §7.4, notes: global with `advance_state="false"` works as users expect: the pause ends when it was to end, and the last
/// message stays.
#[test]
fn a_global_recv_that_does_not_advance_leaves_the_pause_and_the_last_message() {
    let global = recv_acting("request='INFO' optional='global' advance_state='false'", COUNT);
    let pair = in_a_pause(&global, &[300, 700]);
    assert_eq!(pair.a().logs, ["1.000000", "2.000000", "CSeq: 1 INVITE", "aside"]);
    assert_eq!((pair.sent_at("BYE"), pair.verdict()), (vec![1_000], (1_000, Verdict::Successful)));
    assert_eq!(pair.stats().steps[1].messages, 2);
}

/// scenario.md §7.4: with `advance_state="false"` duplicate detection learns nothing: an identical repeat is processed again.
#[test]
fn a_repeat_of_a_message_that_did_not_advance_is_processed_again() {
    let global = recv_acting("request='INFO' optional='global' advance_state='false'", COUNT);
    let scenario = steps(&[&request("OPTIONS", ""), &global, &recv("response='200'"), &pause(50)]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 100, "200 OK")]));
    for at in [10, 20, 120] {
        pair.says(at, ask("INFO", ID, 10));
    }
    pair.run();
    assert_eq!(pair.a().logs, ["1.000000", "2.000000", "3.000000"]);
    assert_eq!((pair.stats().steps[1].retransmissions, pair.verdict()), (0, (150, Verdict::Successful)));
}

/// runtime.md §4: a message that does not advance the call leaves its receive timeout running.
#[test]
fn a_recv_that_does_not_advance_leaves_the_receive_timeout() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv("request='INFO' optional='true' advance_state='false'"),
        &recv("response='200'"),
    ]);
    let patient =
        |settings: &mut rsipp::engine::Settings| settings.recv_timeout = Some(Span::from_millis(200));
    let mut pair = Pair::new(scenario.with(patient), Silent);
    pair.says(150, ask("INFO", ID, 10));
    pair.run_until(1_000);
    assert_eq!(pair.verdict(), (200, Verdict::Failed(Failure::TimeoutOnRecv)));
}

/// scenario.md §7.4: with `advance_state="false"` not even a `next` is taken.
#[test]
fn a_recv_that_does_not_advance_takes_no_branch() {
    let pair =
        in_a_pause(&recv("request='INFO' optional='global' advance_state='false' next='aside'"), &[300]);
    assert_eq!(pair.a().logs, ["CSeq: 1 INVITE", "aside"]);
    assert_eq!(pair.sent_at("BYE"), [1_000]);
}

/// §7.4, notes: global with `next` goes to its label, and the pause is cut.
#[test]
fn a_global_recv_with_next_jumps_out_of_the_pause() {
    let pair = in_a_pause(&recv("request='INFO' optional='global' next='aside'"), &[300]);
    assert_eq!(
        (pair.verdict(), pair.a().logs.clone()),
        ((300, Verdict::Successful), vec!["aside".to_owned()])
    );
    assert_eq!(pair.sent_at("BYE"), [0_u64; 0]);
}

/// scenario.md §7.4, last row but one: global with `next` and an unset `test` becomes the last message; nothing else changes.
#[test]
fn a_global_recv_with_an_unset_test_leaves_the_pause_but_becomes_the_last_message() {
    let global = "<Global variables='t'/>".to_owned()
        + &recv("request='INFO' optional='global' next='aside' test='t'");
    let pair = in_a_pause(&global, &[300]);
    assert_eq!(pair.a().logs, ["CSeq: 10 INFO", "aside"]);
    assert_eq!((pair.sent_at("BYE"), pair.verdict()), (vec![1_000], (1_000, Verdict::Successful)));
}

/// §7.4, trap, Observed: `INVITE, recv 100 global, recv 180 optional, recv 200, ACK, pause, BYE, recv 200`; a 100 in the pause puts the
/// call back at the 180 step: the BYE is never sent.
#[test]
fn a_global_recv_without_next_throws_the_call_back() {
    let scenario = |advance: &str| -> Setup {
        steps(&[
            &request("INVITE", ""),
            &recv(&format!("response='100' optional='global' {advance}")),
            &recv("response='180' optional='true'"),
            &recv("response='200'"),
            &request("ACK", ""),
            &pause(500),
            &request("BYE", ""),
            &recv("response='200'"),
        ])
    };
    let run = |advance: &str| {
        let mut pair = Pair::new(scenario(advance), |heard: Heard<'_>| match heard.kind() {
            "INVITE" => vec![heard.answer(0, "200 OK"), heard.answer(200, "100 Trying")],
            "BYE" => vec![heard.answer(0, "200 OK")],
            _ => vec![],
        });
        pair.run_until(10_000);
        (pair.sent_at("BYE"), pair.verdicts())
    };
    assert_eq!(run(""), (vec![], vec![]));
    assert_eq!(run("advance_state='false'"), (vec![500], vec![Verdict::Successful]));
}

/// scenario.md §7.3: a global recv further down is seen only through an unbroken run of optional ones.
#[test]
fn a_global_recv_below_a_mandatory_one_is_not_seen() {
    let verdict = |first: &str| {
        let scenario = steps(&[
            &request("OPTIONS", ""),
            &recv(&format!("response='100' {first}")),
            &recv("request='INFO' optional='global' advance_state='false'"),
            &recv("response='200'"),
        ]);
        let mut pair = Pair::new(scenario, Answers([("OPTIONS", 100, "200 OK")]));
        pair.says(10, ask("INFO", ID, 10));
        pair.run();
        pair.verdict()
    };
    assert_eq!(verdict("optional='true'"), (100, Verdict::Successful));
    assert_eq!(verdict(""), (10, UNEXPECTED));
}

/// runtime.md §5 and §7.4 item 7: what does not advance the call still stops the timer of the request it answers.
#[test]
fn a_response_that_does_not_advance_still_stops_the_resends() {
    let scenario = steps(&[
        &request("OPTIONS", "retrans='100'"),
        &recv("response='100' optional='true' advance_state='false'"),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.nth {
        0 => vec![heard.answer(50, "100 Trying"), heard.answer(2_000, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!((pair.sent_at("OPTIONS"), pair.verdict()), (vec![0], (2_000, Verdict::Successful)));
}
