//! runtime.md §18: response times, counters and call lengths.

use super::pair::{Pair, steps};
use super::peer::{Answers, Heard};
use super::text::{answer, nop, pause, recv, request};

/// §18, Observed: `INVITE start_rtd=a`; 180 at 0.2 and 0.4 with `rtd=a repeat_rtd=true`; 200 at 0.6 with `rtd=a`.
#[test]
fn a_repeated_stop_records_each_time_and_a_plain_one_only_the_first() {
    let recorded = |repeat: &str| {
        let scenario = steps(&[
            &request("INVITE", "start_rtd='a'"),
            &recv(&format!("response='180' optional='true' rtd='a' {repeat}")),
            &recv("response='200' rtd='a'"),
        ]);
        let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
            vec![
                heard.answer(200, "180 Ringing"),
                (400, answer(heard.text, "180 Still")),
                heard.answer(600, "200 OK"),
            ]
        });
        pair.run();
        let times = &pair.stats().response_times[0];
        (times.count, times.sum_ms)
    };
    assert_eq!(recorded("repeat_rtd='true'"), (3, 1_200));
    assert_eq!(recorded(""), (1, 200));
}

/// §18: every timer is started when the call is created; a later start moves it; after the stop a start reopens nothing.
#[test]
fn a_timer_runs_from_the_creation_of_the_call_unless_started_later() {
    let scenario = steps(&[
        &pause(100),
        &request("OPTIONS", "start_rtd='late'"),
        &recv("response='200' rtd='1'"),
        &nop("rtd='late' start_rtd='1'", ""),
        &pause(50),
        &nop("rtd='1'", ""),
    ]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 30, "200 OK")]));
    pair.run();
    let times: Vec<_> = pair.stats().response_times.iter().map(|times| (times.count, times.sum_ms)).collect();
    assert_eq!(times.len(), 2);
    assert!(times.contains(&(1, 130)) && times.contains(&(1, 30)), "{times:?}");
}

/// §18: start and stop on one step → 0.
#[test]
fn start_and_stop_on_one_step_give_0() {
    let scenario =
        steps(&[&pause(100), &request("OPTIONS", "start_rtd='1' rtd='1'"), &recv("response='200'")]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 30, "200 OK")]));
    pair.run();
    assert_eq!((pair.stats().response_times[0].count, pair.stats().response_times[0].sum_ms), (1, 0));
}

/// §18, table: a pause marks at its start, a recv when it matched; counters count each execution.
#[test]
fn a_pause_marks_at_its_start() {
    let scenario = steps(&[
        &request("OPTIONS", "counter='c'"),
        &recv("response='200' counter='c'"),
        "<pause milliseconds='70' rtd='1' counter='c'/>",
    ]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 30, "200 OK")]));
    pair.run();
    assert_eq!((pair.stats().response_times[0].sum_ms, &*pair.stats().counters), (30, &[3][..]));
}

/// §12.1: call length is recorded for every ended call, failed too.
#[test]
fn the_length_of_failed_calls_is_recorded_too() {
    let scenario = steps(&[&request("OPTIONS", ""), &recv("response='200' timeout='300'")]);
    let mut pair = Pair::new(scenario.calls(2).rate(1.0, 1_000), Answers([("OPTIONS", 100, "200 OK")]));
    pair.run();
    assert_eq!((pair.stats().call_length.count, pair.stats().call_length.sum_ms), (2, 400));
}

/// scenario.md §10: counters and response times "Not on retransmissions, skipped or lost messages".
#[test]
fn resends_repeats_and_lost_messages_mark_nothing() {
    let scenario = steps(&[
        &request("INVITE", "retrans='100' counter='sent'"),
        &recv("response='180' optional='true' counter='rings' rtd='1' repeat_rtd='true'"),
        &recv("response='183' optional='true' counter='lost' rtd='1' repeat_rtd='true' lost='100'"),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.nth {
        2 => vec![
            heard.answer(1, "180 Ringing"),
            heard.answer(2, "180 Ringing"),
            heard.answer(3, "183 Session Progress"),
            heard.answer(4, "200 OK"),
        ],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("INVITE"), [0, 100, 300]);
    assert_eq!((&*pair.stats().counters, pair.stats().response_times[0].count), (&[1, 1, 0][..], 1));
}

/// scenario.md §10: counters start when the call is created: "incoming: arrival of the first message".
#[test]
fn a_timer_of_an_incoming_call_runs_from_its_first_message() {
    let scenario = steps(&[&recv("request='INVITE'"), &pause(40), &nop("rtd='1'", "")]);
    let mut pair = Pair::new(scenario, super::peer::Silent);
    pair.says(500, super::text::invite("x"));
    pair.run();
    let times = &pair.stats().response_times[0];
    assert_eq!((times.count, times.sum_ms), (1, 40));
}
