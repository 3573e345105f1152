//! runtime.md §2.4: `-rate_increase`, `-rate_interval`, `-rate_max`, `-no_rate_quit`.

use rsipp::clock::Span;
use rsipp::engine::settings::{Load, RateIncrease};
use rsipp::engine::{Command, Verdict};

use super::pair::{Pair, Setup, embedded, steps};
use super::peer::Silent;
use super::text::{pause, request};

fn growing(call_ms: u32, by: i32, every_ms: u64, max: Option<u32>, quits_at_max: bool) -> Setup {
    let every = Span::from_millis(every_ms);
    let setup = steps(&[&request("OPTIONS", ""), &pause(call_ms)]).calls(None).rate(2.0, 1_000);
    setup.with(|settings| settings.rate_increase = Some(RateIncrease { by, every, max, quits_at_max }))
}

fn rate(pair: &Pair) -> f64 {
    pair.a().engine.rate().unwrap().0.calls()
}

/// §2.4, Observed `-r 2 -rate_increase 2 -rate_interval 2s -rate_max 4`: 0.5 1.0 1.5 | 2.25 2.5 … 3.75 and soft quit at 4.0, with
/// a first call at once. The slot due at 2.0 is lost to the change.
#[test]
fn the_rate_grows_at_each_interval_and_the_run_ends_when_it_would_pass_the_maximum() {
    let mut pair = Pair::new(growing(0, 2, 2_000, Some(4), true), Silent);
    pair.run_until(60_000);
    let times = [0, 500, 1_000, 1_500, 2_250, 2_500, 2_750, 3_000, 3_250, 3_500, 3_750];
    assert_eq!(pair.sent_at("OPTIONS"), times);
    assert_eq!(pair.a().finished_at, Some(4_000));
    assert_eq!((rate(&pair), pair.a().engine.quit_level()), (4.0, 10));
}

/// §2.4: a soft quit. Calls in progress end by themselves, however many intervals that takes (tried with sipp 3.6.1).
#[test]
fn the_end_at_the_maximum_waits_for_the_calls_in_progress() {
    let mut pair = Pair::new(growing(10_000, 2, 1_000, Some(4), true), Silent);
    pair.run_until(60_000);
    assert_eq!(pair.sent_at("OPTIONS"), [0, 500, 1_250, 1_500, 1_750]);
    assert_eq!(pair.verdicts(), [Verdict::Successful; 5]);
    assert_eq!((pair.a().finished_at, pair.a().engine.quit_level()), (Some(11_750), 10));
}

/// §2.4: `-no_rate_quit`; each interval is a rate change even at the maximum, so each costs the running slot.
#[test]
fn with_no_rate_quit_the_run_goes_on_at_the_maximum() {
    let mut pair = Pair::new(growing(0, 3, 1_000, Some(4), false), Silent);
    pair.run_until(3_000);
    assert_eq!(
        pair.sent_at("OPTIONS"),
        [0, 500, 1_250, 1_500, 1_750, 2_250, 2_500, 2_750],
        "the slots due at 1.0, 2.0 and 3.0 are lost to the changes"
    );
    assert_eq!((rate(&pair), pair.a().engine.quit_level()), (4.0, 0));
}

/// cli.md §4.7: no maximum, and a falling rate; the default limit follows.
#[test]
fn without_a_maximum_the_rate_grows_on_and_a_negative_increase_ends_at_0() {
    let mut pair = Pair::new(growing(0, 10, 1_000, None, true), Silent);
    pair.run_until(5_500);
    assert_eq!((rate(&pair), pair.a().engine.limit()), (52.0, Some(156)));
    let mut pair = Pair::new(growing(0, -1, 1_000, None, true), Silent);
    pair.run_until(60_000);
    assert_eq!((rate(&pair), pair.sent_at("OPTIONS")), (0.0, vec![0, 500]));
}

/// Tried with sipp 3.6.1: the rate grows while new calls are held back by `p`.
#[test]
fn the_rate_grows_during_a_pause_too() {
    let mut pair = Pair::new(growing(0, 2, 2_000, None, true), Silent);
    pair.run_until(1_100);
    pair.command(Command::TogglePause);
    pair.run_until(5_000);
    assert_eq!((rate(&pair), pair.stats().outgoing), (6.0, 3));
}

/// §2.4: a step adds to the rate in force, whoever changed it last; a key alone ends nothing at the maximum.
#[test]
fn a_step_adds_to_the_rate_that_a_key_has_set() {
    let mut pair = Pair::new(growing(0, 1, 1_000, Some(20), true), Silent);
    pair.command(Command::SetRate(25.0));
    assert_eq!(pair.a().engine.quit_level(), 0);
    pair.command(Command::SetRate(10.0));
    pair.run_until(1_000);
    assert_eq!(rate(&pair), 11.0);
}

/// §2.3: steps are taken at their time, not when a late loop comes to them, and what was due before each is made up.
#[test]
fn a_stall_over_several_steps_loses_no_call_and_no_time() {
    let mut smooth = Pair::new(growing(0, 2, 1_000, None, true).limit(None), Silent);
    smooth.run_until(10_000);
    let mut stalled = Pair::new(growing(0, 2, 1_000, None, true).limit(None), Silent);
    for stall_ms in [700, 3_500, 3_501, 9_999] {
        stalled.stall_until(stall_ms);
        stalled.run_until(stall_ms);
    }
    stalled.run_until(10_000);
    assert_eq!(stalled.stats().outgoing, smooth.stats().outgoing);
    assert_eq!(rate(&stalled), rate(&smooth));
}

/// cli.md §12.2: rates have no effect with users; nor on a server. (sipp 3.6.1 ends such runs at a rate nobody sees.)
#[test]
fn neither_users_nor_a_server_have_a_rate_that_grows() {
    let by_users = growing(5_000, 50, 1_000, Some(4), true).with(|settings| settings.load = Load::Users(2));
    let mut pair = Pair::new(by_users, Silent);
    pair.run_until(4_000);
    assert_eq!((pair.stats().outgoing, pair.a().engine.quit_level()), (2, 0));
    let every = Span::from_millis(1_000);
    let server = embedded("uas").with(|settings| {
        settings.rate_increase = Some(RateIncrease { by: 50, every, max: Some(4), quits_at_max: true });
    });
    let mut pair = Pair::new(server, Silent);
    pair.run_until(4_000);
    assert_eq!(pair.a().engine.quit_level(), 0);
}
