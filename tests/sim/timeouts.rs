//! runtime.md §4: pauses and receive timeouts.

use rsipp::clock::Span;
use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{ask, nop, pause, recv, request};

const TIMED_OUT: Verdict = Verdict::Failed(Failure::TimeoutOnRecv);

fn invite_then(receives: &[&str]) -> Setup {
    let invite = request("INVITE", "");
    steps(&[&[&invite[..]], receives].concat())
}

/// §4: "Only the timeout of the current step counts", Observed with a silent peer.
#[test]
fn the_timeout_of_a_mandatory_step_does_not_run_while_the_call_is_at_an_optional_one() {
    let mut pair = Pair::new(
        invite_then(&[&recv("response='180' optional='true'"), &recv("response='200' timeout='1000'")]),
        Silent,
    );
    pair.run();
    assert_eq!((pair.stats().current, pair.a().engine.next_deadline()), (1, None));
}

/// §4: "Same scenario with 180 received at 0.30: timeout at 1.30".
#[test]
fn an_optional_message_that_advances_the_call_starts_the_next_steps_timeout() {
    let scenario =
        invite_then(&[&recv("response='180' optional='true'"), &recv("response='200' timeout='1000'")]);
    let mut pair = Pair::new(scenario, Answers([("INVITE", 300, "180 Ringing")]));
    pair.run();
    assert_eq!(pair.verdict(), (1_300, TIMED_OUT));
    assert_eq!(pair.sent_at("CANCEL"), [1_300], "automatic (§11)");
    assert_eq!(pair.stats().steps[2].timeouts, 1);
    pair.assert_nothing_left();
}

/// §4: each time an optional message advances the call the timer restarts with the next step's value.
#[test]
fn every_advance_restarts_the_timer_with_the_value_of_the_step_reached() {
    let scenario = invite_then(&[
        &recv("response='100' optional='true' timeout='500'"),
        &recv("response='180' optional='true' timeout='1000'"),
        &recv("response='200' timeout='3000'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(400, "100 Trying"), heard.answer(1_300, "180 Ringing")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.verdict(), (4_300, TIMED_OUT));
}

/// §4: a message that does not advance the call leaves the timer running: optional with `test` unset, repeats, `-aa`.
#[test]
fn a_message_that_does_not_advance_the_call_leaves_the_timer_running() {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='180' optional='true' timeout='1000' next='1' test='never'"),
        &recv("response='200'"),
        "<label id='1'/>",
        &pause(1),
        "<Reference variables='never'/>",
    ]);
    let mut pair = Pair::new(scenario.with(|settings| settings.auto_answer = true), |heard: Heard<'_>| {
        match heard.kind() {
            "INVITE" => vec![
                heard.answer(300, "180 Ringing"),
                heard.answer(600, "180 Ringing"),
                (700, ask("INFO", "1-1@127.0.0.1", 9)),
                heard.answer(900, "180 Still"),
            ],
            _ => vec![],
        }
    });
    pair.run();
    assert_eq!(pair.verdict(), (1_000, TIMED_OUT));
    assert_eq!((pair.stats().auto_answered, pair.stats().steps[1].messages), (1, 2));
}

/// §4: `-recv_timeout` counts for every step without a timeout of its own, the optional ones too.
#[test]
fn the_global_receive_timeout_applies_to_optional_steps_and_yields_to_a_steps_own() {
    let global = |setup: Setup| setup.with(|settings| settings.recv_timeout = Some(Span::from_millis(700)));
    let mut pair = Pair::new(
        global(invite_then(&[&recv("response='180' optional='true'"), &recv("response='200'")])),
        Silent,
    );
    pair.run();
    assert_eq!(pair.verdict(), (700, TIMED_OUT));

    let mut pair = Pair::new(global(invite_then(&[&recv("response='200' timeout='2000'")])), Silent);
    pair.run();
    assert_eq!(pair.verdict(), (2_000, TIMED_OUT));

    let mut pair = Pair::new(global(invite_then(&[&recv("response='200' timeout='0'")])), Silent);
    pair.run();
    assert_eq!(pair.verdict(), (700, TIMED_OUT), "0 = none: the global one counts");
}

/// §4: expiry without `ontimeout`, its warning, and nothing sent when nothing was received.
#[test]
fn an_expired_timeout_fails_the_call_with_its_warning() {
    let mut pair = Pair::new(invite_then(&[&recv("response='200' timeout='1000'")]), Silent);
    pair.run();
    assert_eq!(pair.verdict(), (1_000, TIMED_OUT));
    assert_eq!(pair.sent().count(), 1);
    let text = "Call-Id: 1-1@127.0.0.1, receive timeout on message test:1 without label to jump to (ontimeout attribute): aborting call";
    assert!(pair.warned(text));
}

/// §4: expiry with `ontimeout`: the call goes on and is not failed.
#[test]
fn an_expired_timeout_with_a_label_goes_on_there() {
    let scenario = invite_then(&[
        &recv("response='200' timeout='1000' ontimeout='1'"),
        &pause(5_000),
        "<label id='1'/>",
        &request("MESSAGE", ""),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(pair.sent_at("MESSAGE"), [1_000]);
    assert_eq!(pair.verdict(), (1_000, Verdict::Successful));
    assert_eq!(pair.stats().steps[1].timeouts, 1);
    assert!(pair.warned("Call-Id: 1-1@127.0.0.1, receive timeout on message test:1, jumping to label 3"));
}

/// §4: "Label at the end of the scenario → treated as failure".
#[test]
fn an_expired_timeout_with_a_label_at_the_end_fails_the_call() {
    let scenario = invite_then(&[
        &recv("response='180' optional='true' timeout='900' ontimeout='1'"),
        &recv("response='200' timeout='1000' ontimeout='1'"),
        "<label id='1'/>",
    ]);
    let mut pair = Pair::new(scenario, Answers([("INVITE", 100, "180 Ringing")]));
    pair.run();
    assert_eq!(pair.verdict(), (1_100, TIMED_OUT));
    assert_eq!(pair.sent_at("CANCEL"), [1_100]);
}

/// §4: without behaviour `bye` silent deletion, and §9: no dead call.
#[test]
fn without_behaviour_bye_a_timeout_says_nothing_and_leaves_no_dead_call() {
    let scenario =
        invite_then(&[&recv("response='180' optional='true'"), &recv("response='200' timeout='1000'")]);
    let mut pair = Pair::new(scenario.without_bye(), Answers([("INVITE", 100, "180 Ringing")]));
    pair.run_until(1_100);
    assert_eq!(pair.verdict(), (1_100, TIMED_OUT));
    assert_eq!((pair.sent().count(), pair.a().engine.holds().1), (1, 0));
}

/// §4, Bug: the jump stops the retransmission timer, so the CANCEL goes out at once.
#[test]
fn a_timeout_that_jumps_stops_the_resends_and_frees_the_next_send() {
    let scenario = steps(&[
        &request("INVITE", "retrans='300'"),
        &recv("response='200' timeout='1000' ontimeout='1'"),
        "<label id='1'/>",
        &request("CANCEL", ""),
        &pause(5_000),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!((pair.sent_at("INVITE"), pair.sent_at("CANCEL")), (vec![0, 300, 900], vec![1_000]));
    assert_eq!(pair.verdict(), (6_000, Verdict::Successful));
}

/// §4: the timeout starts when the call first runs at the step; a `<recv>` that is jumped over never starts one.
#[test]
fn a_timeout_starts_when_the_step_is_reached_and_not_for_steps_jumped_over() {
    let scenario = steps(&[&request("INVITE", ""), &pause(2_000), &recv("response='200' timeout='1000'")]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(pair.verdict(), (3_000, TIMED_OUT));

    let scenario = steps(&[
        &request("INVITE", ""),
        &nop("next='1'", ""),
        &recv("response='200' timeout='1000'"),
        "<label id='1'/>",
        &pause(5_000),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(pair.verdict(), (5_000, Verdict::Successful));
}

/// §4: the timeout of a step that was left does not fire later.
#[test]
fn the_timeout_of_a_step_that_was_passed_is_over() {
    let scenario = invite_then(&[&recv("response='200' timeout='1000'"), &pause(5_000)]);
    let mut pair = Pair::new(scenario, Answers([("INVITE", 999, "200 OK")]));
    pair.run();
    assert_eq!(pair.verdict(), (5_999, Verdict::Successful));
}

/// §1.2, Replacement: a pause of 0 does not block, one of n ms lasts n ms; steps that do not wait take no time.
#[test]
fn pauses_last_exactly_as_long_as_they_say_and_other_steps_take_no_time() {
    let messages: Vec<_> =
        ["ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX"].map(|method| request(method, "")).into();
    let [one, two, three, four, five, six] = &messages[..] else { panic!("six") };
    let idle = nop("", "");
    let scenario = steps(&[one, &pause(0), two, &pause(1), three, &pause(10), four, &idle, &idle, five, six]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(pair.sent().map(|sent| sent.at.millis()).collect::<Vec<_>>(), [0, 0, 1, 11, 11, 11]);
}

/// §1.2, Bug: steps between a send and its recv leave no window in which the answer is unexpected.
#[test]
fn an_answer_that_comes_at_once_finds_the_call_at_its_recv() {
    let idle = nop("", "");
    let skipped = "<nop condexec='never'/>".to_owned();
    let used = nop("", "<log message='[$never][$never]'/>");
    for between in [vec![idle], vec![pause(0)], vec![skipped]] {
        let middle = between.concat();
        let scenario = steps(&[&request("OPTIONS", ""), &middle, &recv("response='200'"), &used]);
        let mut pair = Pair::new(scenario, Answers([("OPTIONS", 0, "200 OK")]));
        pair.run();
        assert_eq!(pair.verdict(), (0, Verdict::Successful), "{middle}");
    }
}

/// §4: a pause without length lasts as `-d` says; a pause by variable is truncated, and a negative one does not wait.
#[test]
fn a_pause_takes_its_length_from_d_or_from_a_variable() {
    let scenario = steps(&[&request("ONE", ""), "<pause/>", &request("TWO", "")]);
    let mut pair =
        Pair::new(scenario.with(|settings| settings.default_pause = Span::from_millis(250)), Silent);
    pair.run();
    assert_eq!(pair.sent_at("TWO"), [250]);

    for (value, length) in [("120.9", 120), ("-7", 0), ("0.5", 0)] {
        let assign = nop("", &format!("<assign assign_to='v' value='{value}'/>"));
        let scenario = steps(&[&request("ONE", ""), &assign, "<pause variable='v'/>", &request("TWO", "")]);
        let mut pair = Pair::new(scenario, Silent);
        pair.run();
        assert_eq!(pair.sent_at("TWO"), [length], "{value}");
    }
}
