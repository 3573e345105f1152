//! runtime.md §2.3: the schedule is exact, at low rates and at high ones, and a loop that stalls makes every due call up.

use rsipp::engine::Command;

use super::pair::{Pair, Setup, steps};
use super::peer::{Heard, Silent};
use super::text::{recv, request};

fn calls() -> Setup {
    steps(&[&request("OPTIONS", "")]).calls(None).limit(None)
}

/// The calls due within so many ms: slots 0 (at once) to the last one.
fn due_within(ms: u64, calls: f64, period_ms: u64) -> u64 {
    (ms as f64 * calls / period_ms as f64).floor() as u64 + 1
}

/// §2.3: at every look, from a call in ten seconds to 20,000 in one, as many are open as are due.
#[test]
fn at_any_rate_the_calls_opened_are_those_that_are_due() {
    let rates = [(0.1, 1_000), (0.3, 1_000), (1.0, 1_000), (7.0, 2_000), (1_000.0, 1_000), (20_000.0, 1_000)];
    for (rate, period_ms) in rates {
        let mut pair = Pair::new(calls().rate(rate, period_ms), Silent);
        let length_ms = if rate < 100.0 { 120_000 } else { 500 };
        for look in 1..=100 {
            let now_ms = look * length_ms / 100;
            pair.run_until(now_ms);
            assert_eq!(pair.stats().outgoing, due_within(now_ms, rate, period_ms), "{rate} at {now_ms} ms");
        }
        assert_eq!(pair.stats().start_lag.max_us(), 0, "{rate}");
    }
}

/// §2.3, Bug: SIPp loses what is due while its loop is late. Here the process stands still for up to 300 ms again and again.
#[test]
fn after_a_stall_every_call_is_made_up_and_counted_late() {
    for rate in [0.1, 7.0, 1_000.0, 20_000.0] {
        let mut pair = Pair::new(calls().rate(rate, 1_000), Silent);
        let mut now_ms = 0;
        for (nth, stall_ms) in [7, 300, 1, 64, 250, 33, 128, 2].into_iter().cycle().take(16).enumerate() {
            now_ms += stall_ms;
            pair.stall_until(now_ms);
            pair.run_until(now_ms);
            assert_eq!(pair.stats().outgoing, due_within(now_ms, rate, 1_000), "{rate}, stall {nth}");
        }
        assert!(rate < 1_000.0 || pair.stats().start_lag.max_us() >= 298_000, "the verdict must tell");
    }
}

/// Ours ("coordinated omission"): the lag of a call is part of its length and of what is timed from its start, and of nothing that begins
/// later; SIPp's figures know nothing of it.
#[test]
fn the_lag_of_a_call_counts_from_when_it_was_due_in_what_begins_with_it() {
    let setup = steps(&[
        &request("OPTIONS", "start_rtd=\"first\""),
        &recv("response=\"200\" rtd=\"first\""),
        &request("INFO", "start_rtd=\"later\""),
        &recv("response=\"200\" rtd=\"later\""),
    ]);
    let answers = |heard: Heard<'_>| vec![heard.answer(10, "200 OK")];
    let mut pair = Pair::new(setup.calls(2).rate(10.0, 1_000), answers);
    pair.run_until(50);
    pair.stall_until(160);
    pair.run();
    let stats = pair.stats();
    let [first, later] = &stats.response_times[..] else { panic!("two response times") };
    let longest = |times: &rsipp::stats::Durations| {
        [&times.from_start, &times.from_due].map(|times| (times.max_us() as f64 / 1_000.0).round() as u64)
    };
    assert_eq!((longest(first), longest(later), longest(&stats.call_length)), ([10, 70], [10, 10], [20, 80]));
    assert_eq!((first.mean_ms(), stats.call_length.mean_ms()), (10, 20));
}

/// §2.3: a stall that ends with a change of the rate loses nothing either.
#[test]
fn what_a_short_stall_held_up_is_opened_before_the_rate_changes() {
    let mut pair = Pair::new(calls().rate(20_000.0, 1_000), Silent);
    pair.run_until(100);
    pair.stall_until(140);
    pair.command(Command::SetRate(10.0));
    assert_eq!(pair.stats().outgoing, 2_801);
    pair.run_until(1_140);
    assert_eq!(pair.stats().outgoing, 2_801 + 10);
}

/// §2.3: a rate that the machine cannot keep up with is given up at once when it is changed, backlog and all.
#[test]
fn the_backlog_of_a_hopeless_rate_goes_with_it() {
    let mut pair = Pair::new(calls().rate(f64::INFINITY, 1_000), Silent);
    pair.stall_until(1_000);
    pair.command(Command::SetRate(10.0));
    let before = pair.stats().outgoing;
    assert!(before <= 1_000, "{before}");
    pair.run_until(2_000);
    assert_eq!(pair.stats().outgoing, before + 10);
}
