//! runtime.md §2.3, §2.5; cli.md §12.1, §12.3, §14, §15: the rate, its limit and the pause, changed while calls are made.

use rsipp::engine::Command;

use super::pair::{Pair, Setup, steps};
use super::peer::Silent;
use super::text::{pause, request};

fn calls() -> Setup {
    steps(&[&request("OPTIONS", "")]).calls(None)
}

fn at_rate(rate: f64) -> Pair {
    Pair::new(calls().rate(rate, 1_000), Silent)
}

fn rate(pair: &Pair) -> f64 {
    pair.a().engine.rate().unwrap().0.calls()
}

fn starts_after(pair: &Pair, ms: u64) -> Vec<u64> {
    pair.sent_at("OPTIONS").into_iter().filter(|at| *at > ms).collect()
}

/// §2.3: a change sets t = 0 and n = 0: the running fraction of a slot is thrown away, the next call is one new slot away.
#[test]
fn a_new_rate_takes_effect_within_one_slot() {
    for change in [Command::SetRate(4.0), Command::Adjust(2)] {
        let mut pair = at_rate(2.0);
        pair.run_until(1_100);
        pair.command(change);
        pair.run_until(2_000);
        assert_eq!(pair.sent_at("OPTIONS"), [0, 500, 1_000, 1_350, 1_600, 1_850]);
        assert_eq!(
            pair.a().engine.rate().map(|(rate, since)| (rate.calls(), since.millis())),
            Some((4.0, 1_100))
        );
    }
}

/// §2.3: from a crawl to a run.
#[test]
fn a_high_rate_does_not_wait_for_the_slot_of_a_low_one() {
    let mut pair = at_rate(0.01);
    pair.run_until(3_000);
    pair.command(Command::SetRate(1_000.0));
    pair.run_until(3_500);
    assert_eq!(pair.stats().outgoing, 1 + 500);
}

/// cli.md §15: `+ -` one, `* /` ten times the rate scale; never below 0.
#[test]
fn the_keys_change_the_rate_by_the_rate_scale_down_to_0() {
    let mut pair = at_rate(10.0);
    let mut after = |command| {
        pair.command(command);
        rate(&pair)
    };
    assert_eq!([1, 10, -10, -1].map(|steps| after(Command::Adjust(steps))), [11.0, 21.0, 11.0, 10.0]);
    assert_eq!(after(Command::SetRateScale(0.5)), 10.0);
    assert_eq!([-1, 10, -10, -10].map(|steps| after(Command::Adjust(steps))), [9.5, 14.5, 9.5, 4.5]);
    assert_eq!([-10, 1].map(|steps| after(Command::Adjust(steps))), [0.0, 0.5]);
}

/// cli.md §4.7: `-rate_scale`.
#[test]
fn the_rate_scale_may_be_given_from_the_start() {
    let setup = calls().rate(4.0, 1_000).with(|settings| settings.rate_scale = 4.0);
    let mut pair = Pair::new(setup, Silent);
    pair.command(Command::Adjust(2));
    assert_eq!(rate(&pair), 12.0);
}

/// cli.md §14: negative is 0; the observed run of sipp 3.6.1 with `set rate -4`, then `set rate 3`.
#[test]
fn a_rate_of_0_opens_nothing_until_the_rate_is_changed_again() {
    let mut pair = at_rate(2.0);
    pair.run_until(1_200);
    pair.command(Command::SetRate(-4.0));
    assert_eq!(rate(&pair), 0.0);
    pair.run_until(5_000);
    pair.command(Command::SetRate(3.0));
    pair.run_until(6_100);
    assert_eq!(starts_after(&pair, 1_000), [5_333, 5_666, 6_000]);
}

/// §2.5: the default limit follows the rate.
#[test]
fn the_default_limit_follows_each_change_of_the_rate() {
    let mut pair = at_rate(10.0);
    let mut limit_after = |command| {
        pair.command(command);
        pair.a().engine.limit()
    };
    assert_eq!(limit_after(Command::Adjust(10)), Some(60));
    assert_eq!(limit_after(Command::SetRate(0.5)), Some(1));
    assert_eq!(limit_after(Command::SetRate(3.5)), Some(10));
}

/// §2.5, cli.md §14: `-l` and `set limit` fix it; 0 is no limit.
#[test]
fn a_limit_once_given_stays() {
    let mut pair = at_rate(10.0);
    pair.command(Command::SetLimit(Some(7)));
    pair.command(Command::SetRate(100.0));
    assert_eq!(pair.a().engine.limit(), Some(7));
    pair.command(Command::SetLimit(None));
    pair.command(Command::Adjust(1));
    assert_eq!(pair.a().engine.limit(), None);
    let mut pair = Pair::new(calls().rate(10.0, 1_000).limit(Some(5)), Silent);
    pair.command(Command::SetRate(100.0));
    assert_eq!(pair.a().engine.limit(), Some(5));
}

/// §2.5: the new limit counts from the next slot on, down and up.
#[test]
fn a_new_limit_holds_from_the_next_slot_on() {
    let setup = steps(&[&request("OPTIONS", ""), &pause(1_005)]).calls(None);
    let mut pair = Pair::new(setup.rate(10.0, 1_000), Silent);
    pair.run_until(250);
    pair.command(Command::SetLimit(Some(1)));
    pair.run_until(2_450);
    assert_eq!(pair.sent_at("OPTIONS"), [0, 100, 200, 1_300, 2_400], "none while one is open");
    pair.command(Command::SetLimit(Some(3)));
    pair.run_until(3_000);
    assert_eq!(starts_after(&pair, 2_400), [2_500, 2_600]);
}

/// cli.md §12.3: `p` opens no more calls, those in progress go on; the resumed run begins a slot of its own, with no catch-up.
#[test]
fn a_pause_holds_new_calls_back_and_the_resumed_run_catches_nothing_up() {
    let setup = steps(&[&request("OPTIONS", ""), &pause(800), &request("INFO", "")]).calls(None);
    let mut pair = Pair::new(setup.rate(2.0, 1_000), Silent);
    pair.run_until(1_100);
    pair.command(Command::TogglePause);
    assert!(pair.a().engine.is_paused());
    assert_eq!(rate(&pair), 2.0);
    pair.run_until(5_100);
    pair.command(Command::TogglePause);
    assert!(!pair.a().engine.is_paused());
    pair.run_until(6_200);
    assert_eq!(pair.sent_at("OPTIONS"), [0, 500, 1_000, 5_600, 6_100]);
    assert_eq!(pair.sent_at("INFO"), [800, 1_300, 1_800]);
}

/// Tried with sipp 3.6.1: `p`, `+` (or `set rate`), `p`.
#[test]
fn a_rate_changed_during_a_pause_holds_after_it() {
    for change in [Command::Adjust(2), Command::SetRate(4.0)] {
        let mut pair = at_rate(2.0);
        pair.run_until(1_100);
        pair.command(Command::TogglePause);
        pair.run_until(2_000);
        pair.command(change);
        pair.run_until(4_000);
        pair.command(Command::TogglePause);
        pair.run_until(4_600);
        assert_eq!(starts_after(&pair, 1_000), [4_250, 4_500]);
    }
}

/// A paused run without calls waits: nothing but a command brings anything, and the run is not over.
#[test]
fn a_paused_run_has_no_deadline_and_is_not_over() {
    let mut pair = at_rate(10.0);
    pair.run_until(50);
    pair.command(Command::TogglePause);
    pair.run_until(60_000);
    let engine = &pair.a().engine;
    // The dead call of the first one is forgotten by then.
    assert_eq!((engine.next_deadline(), engine.is_finished(), engine.quit_level()), (None, false, 0));
    pair.command(Command::Quit);
    assert!(pair.a().engine.is_finished());
}

/// §2.7: `-m` counts over all rates.
#[test]
fn m_ends_the_run_whatever_the_rates_were() {
    let mut pair = Pair::new(calls().calls(5).rate(2.0, 1_000), Silent);
    pair.run_until(600);
    pair.command(Command::SetRate(100.0));
    pair.run_until(10_000);
    assert_eq!(pair.sent_at("OPTIONS"), [0, 500, 610, 620, 630]);
}

/// cli.md §15, last line: without visible effect on a server. It must not fall over them either.
#[test]
fn a_server_has_a_rate_that_opens_nothing() {
    let mut pair = Pair::new(super::pair::embedded("uas"), Silent);
    for command in [Command::SetRate(100.0), Command::Adjust(10), Command::TogglePause, Command::TogglePause]
    {
        pair.command(command);
    }
    pair.command(Command::SetLimit(Some(1)));
    for id in ["a", "b", "c"] {
        pair.says(10, super::text::invite(id));
    }
    pair.run_until(1_000);
    assert_eq!((pair.stats().incoming, pair.stats().outgoing, pair.a().engine.limit()), (3, 0, None));
    assert!(pair.a().warnings.is_empty());
}
