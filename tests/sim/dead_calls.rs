//! runtime.md §12.4: Call-IDs of calls that ended.

use rsipp::clock::Span;
use rsipp::engine::Verdict;

use super::pair::{Pair, Setup, steps};
use super::peer::Silent;
use super::text::{ask, invite, recv, response};

fn short_server(dead_call_wait_ms: u64) -> Setup {
    let scenario = steps(&[&recv("request='INVITE'"), &response("200 OK", "")]);
    scenario.with(|settings| settings.dead_call_wait = Span::from_millis(dead_call_wait_ms))
}

/// §12.4, Observed (`-deadcall_wait 600`): repeats at 0.1, 0.5, 0.9, 1.3 s are all caught; each restarts the period.
#[test]
fn every_message_for_a_dead_call_starts_its_period_again() {
    let mut pair = Pair::new(short_server(600), Silent);
    for at in [0, 100, 500, 900, 1_300] {
        pair.says(at, invite("x"));
    }
    pair.run_until(1_899);
    assert_eq!((pair.stats().dead_call, pair.stats().incoming, pair.sent().count()), (4, 1, 1));
    assert_eq!(pair.a().engine.holds().1, 1);
    pair.run();
    pair.assert_nothing_left();
    assert!(pair.warned("Dead call x (successful), received 'INVITE sip:"));
}

/// §12.4: after the period the Call-ID is unknown again: a server opens a new call.
#[test]
fn after_the_period_the_call_id_is_unknown_again() {
    let mut pair = Pair::new(short_server(600), Silent);
    pair.says(0, invite("x"));
    pair.says(601, invite("x"));
    pair.run();
    assert_eq!((pair.stats().dead_call, pair.verdicts()), (0, vec![Verdict::Successful; 2]));
}

/// §12.4: a period that was renewed ends on time, also when other calls have died in the meantime.
#[test]
fn a_renewed_period_is_not_longer_because_another_call_died_meanwhile() {
    let mut pair = Pair::new(short_server(600), Silent);
    pair.says(0, invite("x"));
    pair.says(100, invite("x")); // until 700
    pair.says(590, invite("y")); // until 1190
    pair.says(800, invite("x"));
    pair.run();
    assert_eq!((pair.stats().dead_call, pair.stats().incoming), (1, 3));
    pair.assert_nothing_left();
}

/// §2.2, README rule 4: with a `-cid_str` that repeats itself a live call is reachable although a dead one had its Call-ID.
#[test]
fn a_live_call_is_reachable_when_a_dead_one_had_its_call_id() {
    let scenario =
        steps(&[&super::text::request("OPTIONS", ""), &recv("response='200'")]).calls(20).rate(10.0, 1_000);
    let scenario = scenario.with(|settings| settings.call_id_format = "always-the-same".to_owned());
    let mut pair = Pair::new(scenario, |heard: super::peer::Heard<'_>| vec![heard.answer(10, "200 OK")]);
    pair.run();
    assert_eq!((pair.stats().successful, pair.stats().dead_call), (20, 0));
}

/// §12.4: 0 = off.
#[test]
fn with_a_period_of_0_nothing_is_remembered() {
    let mut pair = Pair::new(short_server(0), Silent);
    pair.says(0, invite("x"));
    pair.says(0, invite("x"));
    pair.run();
    assert_eq!((pair.stats().dead_call, pair.stats().incoming), (0, 2));
}

/// §12.4: the default period is 33 s, for every message, also requests that would open a call.
#[test]
fn the_default_period_is_33_s() {
    let mut pair = Pair::new(steps(&[&recv("request='INVITE'"), &response("200 OK", "")]), Silent);
    pair.says(0, invite("x"));
    pair.says(32_999, ask("BYE", "x", 2));
    pair.says(32_999 + 33_001, ask("INVITE", "x", 3));
    pair.run();
    assert_eq!((pair.stats().dead_call, pair.stats().incoming), (1, 2));
}

/// §12.4: dead calls never delay the end of the process.
#[test]
fn dead_calls_do_not_delay_the_end() {
    let mut pair = Pair::new(short_server(600).calls(1), Silent);
    pair.says(5, invite("x"));
    pair.run();
    assert_eq!(pair.a().finished_at, Some(5));
}
