//! runtime.md §2: when calls are created, and what they are called.

use rsipp::clock::Span;
use rsipp::engine::Verdict;
use rsipp::engine::settings::{Limit, Load};

use super::pair::{Pair, Setup, embedded, steps};
use super::peer::{Answers, Silent};
use super::text::{invite, line_of, nop, pause, recv, request, request_with, response};

fn calls_of(length_ms: u32) -> Setup {
    steps(&[&request("OPTIONS", ""), &pause(length_ms)])
}

fn starts(setup: Setup, until_ms: u64) -> Vec<u64> {
    let mut pair = Pair::new(setup, Silent);
    pair.run_until(until_ms);
    pair.sent_at("OPTIONS")
}

/// §2.3, table, moved to a first call at once (Replacement): `-r 10 -m 10`, `-r 1 -m 3`, `-r 0.5 -m 2`, `-r 7 -rp 2000 -m 8`.
#[test]
fn calls_start_on_fixed_slots_from_the_first_one_at_once() {
    let at = |calls, rate, period_ms| starts(calls_of(0).calls(calls).rate(rate, period_ms), 100_000);
    assert_eq!(at(10, 10.0, 1_000), [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    assert_eq!(at(3, 1.0, 1_000), [0, 1_000, 2_000]);
    assert_eq!(at(2, 0.5, 1_000), [0, 2_000]);
    assert_eq!(at(8, 7.0, 2_000), [0, 285, 571, 857, 1_142, 1_428, 1_714, 2_000]);
}

/// §2.3, Bug: every due call is opened, at high rates too, and none too many.
#[test]
fn at_a_high_rate_every_due_call_is_opened() {
    let mut pair = Pair::new(calls_of(0).calls(None).rate(20_000.0, 1_000).limit(None), Silent);
    pair.run_until(999);
    let opened = pair.stats().outgoing;
    assert_eq!(opened, 19_981, "calls 0 to 19980 are due by 999.0 ms");
    assert!(pair.stats().start_lag.max_us() < 1_000, "{} us", pair.stats().start_lag.max_us());
}

/// §2.3: rate 0 opens nothing.
#[test]
fn at_rate_0_nothing_is_opened() {
    assert_eq!(starts(calls_of(0).calls(None).rate(0.0, 1_000), 10_000), [0_u64; 0]);
}

/// §2.5, Observed `-r 10 -l 2`, call length 1 s, 8 calls: 0.1 0.2 1.2 1.3 2.3 2.4 3.4 3.5, moved to a first call at 0.
#[test]
fn a_slot_that_the_limit_refuses_is_lost() {
    let setup = calls_of(1_000).calls(8).rate(10.0, 1_000).limit(Some(2));
    let times = starts(setup, 100_000);
    // A slot at the very moment at which a call ends may use its place: timers go before new calls.
    assert_eq!(times, [0, 100, 1_000, 1_100, 2_000, 2_100, 3_000, 3_100]);
}

/// §2.5, same with calls that end between two slots, as real ones do.
#[test]
fn after_the_limit_a_call_opens_at_the_next_regular_slot() {
    let setup = calls_of(1_005).calls(8).rate(10.0, 1_000).limit(Some(2));
    assert_eq!(starts(setup, 100_000), [0, 100, 1_100, 1_200, 2_200, 2_300, 3_300, 3_400]);
}

/// §2.5: the default limit is 3 · rate · D / rp; `-l 0` is no limit.
#[test]
fn the_default_limit_follows_rate_and_pauses() {
    let limit = |setup: Setup| Pair::new(setup, Silent).a().engine.limit();
    let d = |setup: Setup, ms| setup.with(|settings| settings.default_pause = Span::from_millis(ms));
    assert_eq!(limit(calls_of(0)), Some(30));
    assert_eq!(limit(calls_of(5_000)), Some(150));
    assert_eq!(limit(d(calls_of(0), 60_000)), Some(1_800));
    let both = steps(&[&request("OPTIONS", ""), "<pause/>", &pause(2_000)]);
    assert_eq!(limit(d(both, 60_000)), Some(1_860));
    assert_eq!(limit(calls_of(0).rate(0.5, 1_000)), Some(1));
    assert_eq!(limit(calls_of(0).rate(3.5, 1_000)), Some(10));
    assert_eq!(limit(calls_of(0).with(|settings| settings.limit = Limit::Given(None))), None);
}

/// §2.6, Observed `-users 3 -m 9`, call length 0.5 s: ids 3 2 1 | 3 2 1 | 3 2 1 at 0.000, 0.504, 1.006.
#[test]
fn users_call_at_once_and_again_when_their_call_has_ended() {
    let call = request_with("OPTIONS", "", "X-User: [userid]", "");
    let setup = steps(&[&call, &pause(500)]).calls(9).with(|settings| settings.load = Load::Users(3));
    let mut pair = Pair::new(setup, Silent);
    pair.run();
    assert_eq!(pair.sent_at("OPTIONS"), [0, 0, 0, 500, 500, 500, 1_000, 1_000, 1_000]);
    let ids: Vec<_> = pair.texts("OPTIONS").iter().map(|text| line_of(text, "X-User:").to_owned()).collect();
    assert_eq!(ids, ["3", "2", "1", "3", "2", "1", "3", "2", "1"].map(|id| format!("X-User: {id}")));
}

/// §2.7: `-m` counts calls created, failed or not; nothing is made up for failed ones.
#[test]
fn m_counts_calls_created_failed_or_not() {
    let setup = embedded("uac").calls(4).rate(10.0, 1_000);
    let mut pair = Pair::new(setup, Answers([("INVITE", 0, "486 Busy Here"), ("BYE", 0, "200 OK")]));
    pair.run();
    assert_eq!((pair.stats().outgoing, pair.stats().failed), (4, 4));
    assert_eq!(pair.a().finished_at, pair.a().ends.last().map(|(at, _)| *at));
}

/// §2.7, Observed: UAS `-m 1`, three requests with different Call-IDs at once: 1 call, `OutOfCallMsgs` 2, no warning.
#[test]
fn a_server_that_has_had_its_calls_drops_unknown_call_ids() {
    let mut pair = Pair::new(embedded("uas").calls(1), Silent);
    for id in ["a", "b", "c"] {
        pair.says(0, invite(id));
    }
    pair.run_until(100);
    assert_eq!((pair.stats().incoming, pair.stats().out_of_call, pair.stats().warnings), (1, 2, 0));
}

/// §2.7: `-m 0` ends at once.
#[test]
fn m_of_0_ends_at_once() {
    let mut pair = Pair::new(calls_of(0).calls(0), Silent);
    assert!(pair.a().engine.is_finished());
    pair.run();
    assert_eq!(pair.sent().count(), 0);
}

/// §2.7: the process ends when all calls have ended, time-wait included.
#[test]
fn the_run_ends_with_the_last_open_call_and_its_time_wait() {
    let mut pair = Pair::new(embedded("uas").calls(1), Silent);
    pair.says(0, invite("x"));
    pair.says(10, super::text::ask("ACK", "x", 1));
    pair.says(20, super::text::ask("BYE", "x", 2));
    pair.run();
    assert_eq!((pair.verdict(), pair.a().finished_at), ((4_020, Verdict::Successful), Some(4_020)));
}

/// §2.2: call numbers from 1 in order of creation; the Call-ID has number, pid and address.
#[test]
fn calls_are_numbered_in_order_of_creation() {
    let mut pair = Pair::new(calls_of(0).calls(3).known_as(42, 5061, 5060), Silent);
    pair.run();
    let ids: Vec<_> = pair.texts("OPTIONS").iter().map(|text| line_of(text, "Call-ID:").to_owned()).collect();
    assert_eq!(ids, ["1", "2", "3"].map(|number| format!("Call-ID: {number}-42@127.0.0.1")));
}

/// §2.1: a server scenario may begin with `<nop>`: the opening message is kept for the first recv.
#[test]
fn a_server_scenario_may_begin_with_a_nop() {
    let scenario = steps(&[
        &nop("", "<log message='opened'/>"),
        &recv("request='INVITE'"),
        &response("200 OK", ""),
        &pause(10),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(5, invite("x"));
    pair.run();
    assert_eq!(
        (pair.a().logs.len(), pair.sent_at("SIP/2.0 200"), pair.verdict()),
        (1, vec![5], (15, Verdict::Successful))
    );
}

/// §2.1, Surprise: a server scenario that begins with `<pause>` is accepted, but every call fails at once.
#[test]
fn a_server_scenario_that_begins_with_a_pause_fails_every_call() {
    let scenario = steps(&[&pause(100), &recv("request='INVITE'"), &response("200 OK", "")]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(5, invite("x"));
    pair.run();
    assert!(pair.warned("while pausing (index 0)"), "{:?}", pair.a().warnings);
    assert_eq!((pair.stats().incoming, pair.stats().failed), (1, 1));
}

/// §2.5: the limit does not apply to incoming calls.
#[test]
fn a_server_has_no_limit() {
    let mut pair = Pair::new(embedded("uas").limit(Some(1)), Silent);
    for id in 0..50 {
        pair.says(0, invite(&format!("call-{id}")));
    }
    pair.run_until(10);
    assert_eq!((pair.stats().current, pair.stats().peak), (50, 50));
}
