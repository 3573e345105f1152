//! scenario.md §4, §6, §7, §8: rules of receiving and branching that no other theme has.

use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{answer, answer_with, ask, nop, pause, recv, request};

const ID: &str = "1-1@127.0.0.1";
const UNEXPECTED: Verdict = Verdict::Failed(Failure::UnexpectedMessage);

/// §4: a step that is skipped has no bookkeeping.
#[test]
fn a_skipped_step_counts_and_marks_nothing() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &pause(10),
        &nop("condexec='unset' counter='c' rtd='1'", "<log message='[$unset]'/>"),
        &pause(10),
        &nop("counter='c' rtd='1'", ""),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!((&*pair.stats().counters, pair.stats().response_times[0].sum_ms), (&[1][..], 20));
    assert_eq!(pair.a().logs, Vec::<String>::new());
}

/// §4, Surprise: "condexec does not take part in matching received messages".
#[test]
fn a_recv_with_a_false_condexec_still_matches() {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='100' optional='true'"),
        &recv("response='180' optional='true' condexec='unset'"),
        &recv("response='200'"),
        &nop("condexec='unset'", ""),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        vec![heard.answer(1, "180 Ringing"), heard.answer(2, "200 OK")]
    });
    pair.run();
    assert_eq!(pair.verdict(), (2, Verdict::Successful));
}

/// §6, Bug, observed: recv 200, nop, send ACK, recv INFO; 200 and INFO come back to back.
#[test]
fn steps_that_do_not_wait_run_before_the_next_message() {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='200'"),
        &nop("", "<log message='between'/>"),
        &request("ACK", ""),
        &recv("request='INFO'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(5, "200 OK"), (5, ask("INFO", ID, 1))],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.verdict(), (5, Verdict::Successful));
}

/// §7.1 item 7: the peer tag "is updated from its `To`, whatever the match result".
#[test]
fn an_unexpected_response_brings_its_peer_tag() {
    let scenario =
        steps(&[&request("OPTIONS", ""), &pause(100), &nop("", "<log message='[peer_tag_param]'/>")])
            .with(|settings| settings.behaviors.abort_unexpected = false);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 10, "486 Busy Here")]));
    pair.run();
    assert_eq!((&pair.a().logs[..], pair.verdict().1), (&[";tag=pt".to_owned()][..], Verdict::Successful));
}

/// §7.2: "or the recv is step 0: always", whatever its CSeq.
#[test]
fn the_first_step_takes_a_response_to_anything() {
    let mut pair = Pair::new(steps(&[&recv("response='200'"), &pause(10)]), Silent);
    pair.says(0, answer(&ask("WHATEVER", "x", 9), "200 OK"));
    pair.run();
    assert_eq!(pair.verdict(), (10, Verdict::Successful));
}

/// §7.2, Surprise: "file order, not execution order": a recv above the send that it answers does not match.
#[test]
fn a_recv_above_the_send_that_it_answers_does_not_match() {
    let scenario = steps(&[
        &request("MESSAGE", "next='1'"),
        "<label id='2'/>",
        &recv("response='200'"),
        &pause(10),
        "<label id='1'/>",
        &request("OPTIONS", "next='2'"),
    ]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 5, "200 OK")]));
    pair.run();
    assert_eq!(pair.verdict(), (5, UNEXPECTED));
}

/// §7.3: a global recv below is seen through an unbroken run of optional recvs only.
#[test]
fn a_global_recv_below_is_seen_through_optional_ones_only() {
    let info = recv("request='INFO' optional='global'");
    let verdict = |between: &str| {
        let scenario = steps(&[&request("OPTIONS", ""), between, &info, &recv("response='200'")]);
        let mut pair = Pair::new(scenario, Answers([("OPTIONS", 50, "200 OK")]));
        pair.says(10, ask("INFO", ID, 1));
        pair.run_until(100);
        pair.verdict()
    };
    assert_eq!(verdict(&recv("response='180' optional='true'")), (50, Verdict::Successful));
    assert_eq!(verdict(&recv("response='180'")), (10, UNEXPECTED));
    assert_eq!(verdict(&pause(30)), (10, UNEXPECTED));
}

/// §7.4, Surprise: "contiguity is by file position": optionals above the label still match after a jump into their group.
#[test]
fn a_jump_into_a_run_of_optionals_leaves_those_above_open() {
    let scenario = steps(&[
        &request("INVITE", "next='1'"),
        &recv("response='180' optional='true'"),
        "<label id='1'/>",
        &recv("response='183' optional='true'"),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        vec![heard.answer(1, "180 Ringing"), heard.answer(2, "200 OK")]
    });
    pair.run();
    assert_eq!(pair.verdict(), (2, Verdict::Successful));
}

/// §7.4, table, row "optional, `next`": "if the draw fails, on to the step after the matched one".
#[test]
fn an_optional_recv_whose_chance_fails_goes_on_below() {
    for (chance, ends_at) in [("0", 11), ("1", 10)] {
        let scenario = steps(&[
            &request("INVITE", ""),
            &recv(&format!("response='486' optional='true' next='end' chance='{chance}'")),
            &recv("response='200'"),
            &pause(1),
            "<label id='end'/>",
        ]);
        let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
            vec![heard.answer(10, "486 Busy Here"), (10, answer(heard.text, "200 OK"))]
        });
        pair.run_until(100);
        assert_eq!(pair.verdict(), (ends_at, Verdict::Successful), "{chance}");
    }
}

/// §7.4, table, row "mandatory"/"optional": the pause is cancelled by a global recv that moves the call.
#[test]
fn a_global_recv_that_moves_the_call_cancels_the_pause() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv("request='INFO' optional='global' next='out'"),
        &recv("response='200'"),
        &pause(1_000),
        "<label id='out'/>",
        &pause(7),
    ]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 0, "200 OK")]));
    pair.says(20, ask("INFO", ID, 1));
    pair.run();
    assert_eq!(pair.verdict(), (27, Verdict::Successful));
}

/// §7.6 item 3, table: the words for a recv are its request or its response text; the count is that of the current step.
#[test]
fn the_warning_names_what_the_recv_expects() {
    for (attributes, words) in [
        ("request='BYE'", "while expecting 'BYE' (index 1), received 'INFO"),
        ("response='2..' regexp_match='true'", "while expecting '2..' (index 1), received 'INFO"),
    ] {
        let mut pair = Pair::new(steps(&[&request("OPTIONS", ""), &recv(attributes)]), Silent);
        pair.says(10, ask("INFO", ID, 1));
        pair.run();
        assert!(pair.warned(&format!("Aborting call on unexpected message for Call-Id '{ID}': {words}")));
    }
}

/// §8: without a Contact no route set is recorded, and the target stored earlier is forgotten.
#[test]
fn a_message_without_contact_forgets_the_target() {
    let show = nop("", "<log message='[next_url]'/>");
    let expect = recv("response='200' rrs='true'");
    let scenario = steps(&[&request("ONE", ""), &expect, &show, &request("TWO", ""), &expect, &show]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        let contact = if heard.kind() == "ONE" { "Contact: <sip:c@9.9.9.9>\r\n" } else { "" };
        vec![(0, answer_with(heard.text, "200 OK", contact))]
    });
    pair.run();
    assert_eq!(pair.a().logs, ["sip:c@9.9.9.9", "sip:b@127.0.0.1:5060"]);
    assert!(pair.warned("Cannot record route set if there is no Contact"));
}

/// §8: "while no route set is stored yet": a second Record-Route changes nothing.
#[test]
fn the_first_record_route_stays() {
    let expect = recv("response='200' rrs='true'");
    let scenario = steps(&[
        &request("ONE", ""),
        &expect,
        &request("TWO", ""),
        &expect,
        &nop("", "<log message='[routes] [next_url]'/>"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        let name = heard.kind().to_lowercase();
        let headers = format!("Record-Route: <sip:{name};lr>\r\nContact: <sip:c@9.9.9.9>\r\n");
        vec![(0, answer_with(heard.text, "200 OK", &headers))]
    });
    pair.run();
    assert_eq!(pair.a().logs, ["Route: <sip:one;lr> sip:c@9.9.9.9"]);
}
