//! runtime.md §5: what goes out again, when, and when a call gives up.

use rsipp::clock::Span;
use rsipp::engine::Verdict;
use rsipp::engine::settings::Retransmission;
use rsipp::stats::Failure;

use super::pair::{Pair, embedded, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{answer, ask, invite, nop, pause, recv, request, response};

const GAVE_UP: Verdict = Verdict::Failed(Failure::MaxUdpRetrans);

/// §5, Observed: embedded `uac`, silent peer.
#[test]
fn an_unanswered_invite_goes_out_six_times_and_fails_at_31_5_s() {
    let mut pair = Pair::new(embedded("uac"), Silent);
    pair.run();
    assert_eq!(pair.sent_at("INVITE"), [0, 500, 1_500, 3_500, 7_500, 15_500]);
    assert_eq!(pair.sent().count(), 6, "nothing else is sent: no message was ever received");
    assert_eq!(pair.verdict(), (31_500, GAVE_UP));
    assert_eq!(pair.stats().retransmissions, 5);
    assert_eq!((pair.stats().outgoing, pair.stats().steps[0].timeouts), (1, 1));
    pair.assert_nothing_left();
}

/// §5, Observed: OPTIONS `retrans=500`, silent peer.
#[test]
fn an_unanswered_options_goes_out_ten_times_with_delays_capped_at_t2() {
    let mut pair = Pair::new(options(), Silent);
    pair.run();
    let times = [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500];
    assert_eq!(pair.sent_at("OPTIONS"), times);
    assert_eq!(pair.verdict(), (31_500, GAVE_UP));
}

/// §5: "With `-T2 1000`: 0.000 0.501 1.504 2.506 3.508 … 8.516 (9 resends), fails at 9.5".
#[test]
fn with_t2_of_1000_options_goes_out_every_second_and_fails_at_9_5_s() {
    let t2 = |settings: &mut rsipp::engine::Settings| {
        let usual = Retransmission::default();
        settings.retransmission = Some(Retransmission { t2: Span::from_millis(1_000), ..usual });
    };
    let mut pair = Pair::new(options().with(t2), Silent);
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS"), [0, 500, 1_500, 2_500, 3_500, 4_500, 5_500, 6_500, 7_500, 8_500]);
    assert_eq!(pair.verdict(), (9_500, GAVE_UP));
}

/// §5: "With `-max_retrans 2`: 0.000 0.501 1.503, fails at 3.5".
#[test]
fn max_retrans_bounds_the_number_of_resends() {
    let mut pair = Pair::new(options().resends(2, 2), Silent);
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS"), [0, 500, 1_500]);
    assert_eq!(pair.verdict(), (3_500, GAVE_UP));
}

/// §5, Observed: `-timer_resol 100`, `retrans=250`, `-max_retrans 3`: 0.000 0.302 0.807 1.817. Replacement: timers have no grid,
/// and no errors add up.
#[test]
fn intervals_that_are_no_multiples_of_100_ms_are_kept_exactly() {
    let scenario = steps(&[&request("OPTIONS", "retrans='250'"), &recv("response='200'")]);
    let mut pair = Pair::new(scenario.resends(3, 3), Silent);
    pair.run();
    assert_eq!((pair.sent_at("OPTIONS"), pair.verdict()), (vec![0, 250, 750, 1_750], (3_750, GAVE_UP)));
}

/// §5: a resend that a busy loop sends late does not move the next ones; after a stall of several intervals one goes out, not all.
#[test]
fn late_resends_do_not_add_up_and_missed_ones_do_not_come_in_a_burst() {
    let mut pair = Pair::new(options(), Silent);
    pair.run_until(0);
    for late_ms in [503, 1_502, 3_504] {
        pair.stall_until(late_ms);
        pair.run_until(late_ms);
    }
    pair.run_until(7_500);
    assert_eq!(pair.sent_at("OPTIONS"), [0, 503, 1_502, 3_504, 7_500]);
    pair.stall_until(20_000);
    pair.run_until(24_000);
    assert_eq!(pair.sent_at("OPTIONS")[5..], [20_000, 24_000]);
}

/// §5, table: INVITE is never capped, and has a limit of its own.
#[test]
fn invite_keeps_doubling_past_t2_and_other_requests_do_not() {
    let scenario = steps(&[&request("INVITE", "retrans='3000'"), &recv("response='200'")]).resends(3, 12);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(pair.sent_at("INVITE"), [0, 3_000, 9_000, 21_000]);
    assert_eq!(pair.verdict(), (45_000, GAVE_UP));

    let mut pair = Pair::new(options().resends(3, 12), Silent);
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS").len(), 13, "both options at 12: 12 resends");
}

/// §5: a limit of 0 gives up when the first delay is over.
#[test]
fn with_no_resend_allowed_the_call_fails_after_t1() {
    let mut pair = Pair::new(options().resends(0, 0), Silent);
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS"), [0]);
    assert_eq!(pair.verdict(), (500, GAVE_UP));
}

/// §5: "With `-nr`: one message only, waits for ever".
#[test]
fn with_nr_one_message_goes_out_and_the_call_waits_for_ever() {
    let mut pair = Pair::new(options().without_retransmission(), Silent);
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS"), [0]);
    assert_eq!((pair.stats().current, pair.a().engine.next_deadline()), (1, None));
}

/// §5: "There is no default T1": without the attribute a message is never re-sent.
#[test]
fn without_the_retrans_attribute_nothing_is_sent_again() {
    for attributes in ["", "retrans='0'", "retrans='-5'"] {
        let mut pair = Pair::new(steps(&[&request("OPTIONS", attributes), &recv("response='200'")]), Silent);
        pair.run();
        assert_eq!((pair.sent_at("OPTIONS"), pair.stats().current), (vec![0], 1), "{attributes}");
    }
}

/// §5, Observed: OPTIONS `retrans=500`, 100 received.
#[test]
fn a_100_to_options_stretches_the_resends_to_every_t2() {
    let scenario = steps(&[
        &request("OPTIONS", "retrans='500'"),
        &recv("response='100' optional='true'"),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.nth {
        1 => vec![heard.answer(0, "100 Trying")],
        4 => vec![heard.answer(1_007, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS"), [0, 500, 4_500, 8_500, 12_500]);
    assert_eq!(pair.verdict(), (13_507, Verdict::Successful));
    pair.assert_nothing_left();
}

/// §5: after a 100 the count of resends is not reset, so the call gives up earlier than 9 resends of T2.
#[test]
fn a_100_to_options_does_not_reset_the_count_of_resends() {
    let scenario = steps(&[
        &request("OPTIONS", "retrans='500'"),
        &recv("response='100' optional='true'"),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario.resends(5, 2).without_bye(), Answers([("OPTIONS", 100, "100 Trying")]));
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS"), [0, 4_100, 8_100]);
    assert_eq!(pair.verdict(), (12_100, GAVE_UP));
}

/// §5, Bug: a 1xx must not arm a timer that was not running, nor block the next send.
#[test]
fn a_100_to_options_arms_no_timer_and_blocks_nothing() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv("response='100'"),
        &request("MESSAGE", ""),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 0, "100 Trying"), ("MESSAGE", 9_000, "200 OK")]));
    pair.run();
    assert_eq!(pair.trace(), [(0, "OPTIONS".to_owned()), (0, "MESSAGE".to_owned())]);
    assert_eq!(pair.verdict(), (9_000, Verdict::Successful));
}

/// §5, Observed: INVITE (`uac`), 100 received after the first resend.
#[test]
fn a_provisional_response_to_invite_ends_its_resends_for_good() {
    let mut pair = Pair::new(embedded("uac"), |heard: Heard<'_>| match (heard.kind(), heard.nth) {
        ("INVITE", 1) => vec![
            heard.answer(0, "100 Trying"),
            heard.answer(5_005, "180 Ringing"),
            heard.answer(6_006, "200 OK"),
        ],
        ("BYE", 1) => vec![heard.answer(699, "200 OK")],
        _ => vec![],
    });
    pair.run();
    let expected = [(0, "INVITE"), (500, "INVITE"), (6_506, "ACK"), (6_506, "BYE"), (7_006, "BYE")];
    assert_eq!(pair.trace(), expected.map(|(at, what)| (at, what.to_owned())));
    assert_eq!(pair.verdict(), (7_705, Verdict::Successful));
    assert_eq!(pair.stats().retransmissions, 2);
    pair.assert_nothing_left();
}

/// §5, Observed: UAS `200 retrans=300`, no ACK, `-max_retrans 3`.
#[test]
fn an_unacknowledged_200_is_re_sent_and_then_the_server_gives_up_in_silence() {
    let mut pair = Pair::new(uas_200().resends(3, 3), Silent);
    pair.says(0, invite("x"));
    pair.run();
    assert_eq!(pair.sent_at("SIP/2.0 200"), [0, 300, 900, 2_100]);
    assert_eq!(pair.sent().count(), 4);
    assert_eq!(pair.verdict(), (4_500, GAVE_UP));
    pair.assert_nothing_left();
}

/// §5, table of what stops the timer: ACK, CANCEL, BYE and PRACK do, any other request does not.
#[test]
fn ack_cancel_bye_and_prack_stop_the_timer_and_other_requests_do_not() {
    for method in ["ACK", "CANCEL", "BYE", "PRACK", "INFO", "UPDATE"] {
        let scenario = steps(&[
            &recv("request='INVITE'"),
            &response("200 OK", "retrans='300'"),
            &recv(&format!("request='{method}'")),
            &pause(1_000),
        ]);
        let mut pair = Pair::new(scenario, Silent);
        pair.says(0, invite("x"));
        pair.says(100, ask(method, "x", 1));
        pair.run();
        let stops = !matches!(method, "INFO" | "UPDATE");
        let times: &[u64] = if stops { &[0] } else { &[0, 300, 900] };
        assert_eq!(pair.sent_at("SIP/2.0 200"), times, "{method}");
    }
}

/// §5: "The bytes re-sent are those of the first transmission (not rebuilt)".
#[test]
fn a_resend_is_the_first_transmission_byte_for_byte() {
    let text = "<send retrans='500'><![CDATA[
OPTIONS sip:b@[remote_ip] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:a@h>;tag=[clock_tick]
To: <sip:b@h>
Call-ID: [call_id]
CSeq: [cseq] OPTIONS
Content-Length: 0
]]></send>";
    let mut pair = Pair::new(steps(&[text, &recv("response='200'")]), Silent);
    pair.run_until(8_000);
    let texts = pair.texts("OPTIONS");
    assert_eq!(texts.len(), 5);
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
}

/// §5: resends do not touch RTD, actions, `[cseq]`; the step's first transmission counts once.
#[test]
fn resends_count_as_retransmissions_of_their_step_only() {
    let scenario = steps(&[
        &super::text::request_acting("OPTIONS", "retrans='500' counter='c'", "<log message='sent'/>"),
        &recv("response='200'"),
        &request("OPTIONS", ""),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.nth {
        2 | 3 => vec![heard.answer(0, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS"), [0, 500, 1_500, 1_500]);
    assert_eq!((pair.stats().steps[0].messages, pair.stats().steps[0].retransmissions), (1, 2));
    assert_eq!((&*pair.stats().counters, pair.a().logs.len()), (&[1_u64][..], 1));
    assert!(pair.texts("OPTIONS")[3].contains("CSeq: 2 OPTIONS"));
}

/// §5: "Resends go on during pauses and while waiting in any step".
#[test]
fn resends_go_on_during_a_pause() {
    let scenario = steps(&[&request("INVITE", "retrans='300'"), &pause(2_000), &recv("response='200'")]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run_until(2_500);
    assert_eq!(pair.sent_at("INVITE"), [0, 300, 900, 2_100]);
}

/// §5: send blocked by a pending timer: INVITE `retrans=300`, pause 500, CANCEL.
#[test]
fn a_send_waits_for_the_timer_and_a_100_meanwhile_is_unexpected() {
    let scenario = steps(&[
        &request("INVITE", "retrans='300'"),
        &pause(500),
        &request("CANCEL", ""),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.nth {
        2 => vec![heard.answer(0, "100 Trying")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("INVITE"), [0, 300, 900]);
    assert_eq!(pair.verdict(), (900, Verdict::Failed(Failure::UnexpectedMessage)));
    assert!(pair.warned("while sending (index 2), received 'SIP/2.0 100 Trying"));
    assert_eq!(pair.sent_at("CANCEL"), [900], "the automatic one of the abort");
}

/// §3, §5: a blocked send never goes out when nothing stops the timer; the call gives up.
#[test]
fn a_blocked_send_dies_with_the_timer_that_blocks_it() {
    let scenario = steps(&[
        &request("INVITE", "retrans='300'"),
        &pause(500),
        &request("CANCEL", ""),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario.resends(3, 3), Silent);
    pair.run();
    assert_eq!((pair.sent_at("INVITE"), pair.sent_at("CANCEL")), (vec![0, 300, 900, 2_100], vec![]));
    assert_eq!(pair.verdict(), (4_500, GAVE_UP));
}

/// §5: the response is not checked to belong to the pending request: a late 200 that matches stops a newer timer.
#[test]
fn a_200_to_an_older_request_stops_the_timer_of_a_newer_one() {
    let mut pair = Pair::new(embedded("uac"), |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![
            heard.answer(0, "200 OK"),
            (700, answer(heard.text, "200 OK").replace(";tag=pt", ";tag=other")),
        ],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("BYE"), [0, 500], "the second 200 to the INVITE ends the call");
    assert_eq!(pair.verdict(), (700, Verdict::Successful));
}

/// §5, Replacement of the index rule: a response with the CSeq of what is being re-sent stops the timer wherever its step is.
#[test]
fn a_response_matched_above_the_send_stops_its_resends() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        "<label id='1'/>",
        &recv("response='200' next='2' test='second'"),
        &nop("", "<assign assign_to='second' value='1'/>"),
        &request("OPTIONS", "retrans='300' next='1'"),
        "<label id='2'/>",
        &pause(2_000),
    ]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 0, "200 OK")]));
    pair.says(0, "SIP/2.0 200 later"); // something that has no Call-ID goes nowhere
    pair.run_until(40);
    let second = pair.texts("OPTIONS")[1].clone();
    pair.says(50, answer(&second, "200 OK"));
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS"), [0, 0]);
    assert_eq!(pair.verdict(), (2_050, Verdict::Successful));
}

/// §5, same rule: a response to another request does not stop it.
#[test]
fn a_response_to_another_request_matched_above_the_send_does_not_stop_its_resends() {
    let scenario = steps(&[
        &request("INVITE", ""),
        "<label id='1'/>",
        &recv("response='200' next='2' test='second'"),
        &nop("", "<assign assign_to='second' value='1'/>"),
        &request("OPTIONS", "retrans='300' next='1'"),
        "<label id='2'/>",
        &pause(500),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK"), (50, answer(heard.text, "200 Again"))],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS"), [0, 300], "the 200 to the INVITE is accepted, the resends go on");
    assert_eq!(pair.verdict(), (550, Verdict::Successful));
}

/// §5, give-up item 1: `ontimeout` of the sent step is taken instead of failing.
#[test]
fn giving_up_jumps_to_the_label_of_the_step_that_was_sent() {
    let scenario = steps(&[
        &request("OPTIONS", "retrans='500' ontimeout='1'"),
        &recv("response='200'"),
        "<label id='1'/>",
        &request("MESSAGE", ""),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario.resends(1, 1), Answers([("MESSAGE", 0, "200 OK")]));
    pair.run();
    assert_eq!(pair.sent_at("MESSAGE"), [1_500]);
    assert_eq!(pair.verdict(), (1_500, Verdict::Successful));
    assert_eq!(pair.stats().steps[0].timeouts, 1);
    let text = "Call-Id: 1-1@127.0.0.1, timeout on max UDP retrans for message 0, jumping to label 2 ";
    assert!(pair.warned(text));
}

/// §5, give-up item 1: a label at the end of the scenario means failure.
#[test]
fn giving_up_towards_the_end_of_the_scenario_fails_the_call() {
    let scenario = steps(&[
        &request("OPTIONS", "retrans='500' ontimeout='1'"),
        &recv("response='200'"),
        "<label id='1'/>",
    ]);
    let mut pair = Pair::new(scenario.resends(1, 1), Silent);
    pair.run();
    assert_eq!(pair.verdict(), (1_500, GAVE_UP));
}

/// §5, give-up item 2 and §11: with `bye` the give-up warns and leaves a dead call, without it neither.
#[test]
fn giving_up_warns_and_leaves_a_dead_call_only_with_behaviour_bye() {
    let dead = |without_bye: bool| {
        let scenario = options().resends(0, 0);
        let scenario = if without_bye { scenario.without_bye() } else { scenario };
        let mut pair = Pair::new(scenario, Silent);
        pair.run_until(500);
        let text = "Aborting call on UDP retransmission timeout for Call-ID '1-1@127.0.0.1'";
        (pair.a().engine.holds().1, pair.warned(text))
    };
    assert_eq!((dead(false), dead(true)), ((1, true), (0, false)));
}

fn options() -> super::pair::Setup {
    steps(&[&request("OPTIONS", "retrans='500'"), &recv("response='200'")])
}

fn uas_200() -> super::pair::Setup {
    steps(&[&recv("request='INVITE'"), &response("200 OK", "retrans='300'"), &recv("request='ACK'")])
}
