//! design.md, "Fast and honest": who was the limit.

use super::*;

pub(in crate::report) fn rate_of(calls: f64, steady_ms: u64) -> Load {
    Load::Rate { calls, period: Span::from_millis(1_000), steady: Some(Span::from_millis(steady_ms)) }
}

/// With a machine that has all it needs.
fn pace_of(load: Load, stats: &Stats) -> Option<Limit> {
    limits(Some(load), stats, &Resources::default()).pop()
}

pub(in crate::report) fn opened(outgoing: u64, lag: Span) -> Stats {
    let mut stats = Stats::new(0, 0, &[], &[]);
    stats.outgoing = outgoing;
    for _ in 0..outgoing {
        stats.start_lag.record(lag);
    }
    stats
}

/// 101 calls at 10/s take 10 s from the first to the last.
#[test]
fn a_rate_that_was_held_is_no_limit() {
    let stats = opened(101, Span::from_micros(300));
    assert_eq!(pace_of(rate_of(10.0, 10_000), &stats), None);
    assert_eq!(pace_of(rate_of(10.0, 10_090), &stats), None);
}

#[test]
fn more_than_one_percent_below_the_rate_is_the_generator_s_limit() {
    let stats = opened(101, Span::from_micros(300));
    let limit = pace_of(rate_of(10.0, 12_500), &stats);
    assert_eq!(limit, Some(Limit::Rate { asked: 10.0, achieved: 8.0 }));
}

#[test]
fn a_missing_rate_that_l_explains_is_not_the_generator_s() {
    let mut stats = opened(101, Span::from_micros(300));
    stats.held_back = 1;
    assert_eq!(pace_of(rate_of(10.0, 12_500), &stats), None);
}

#[test]
fn a_lag_over_10_ms_is_the_generator_s_even_when_the_rate_was_held() {
    let mut stats = opened(101, Span::from_millis(50));
    stats.held_back = 1;
    let limit = pace_of(rate_of(10.0, 10_000), &stats);
    assert!(matches!(limit, Some(Limit::Lag { p99_us: 49_000..=51_000 })), "{limit:?}");
    assert_eq!(pace_of(rate_of(10.0, 10_000), &opened(101, Span::from_millis(9))), None);
}

/// Two calls 5 ms too far apart are 5 % of 100 ms, but tell nothing.
#[test]
fn a_short_run_or_a_changed_rate_is_not_compared() {
    assert_eq!(pace_of(rate_of(10.0, 105), &opened(2, Span::from_millis(5))), None);
    let changed = Load::Rate { calls: 10.0, period: Span::from_millis(1_000), steady: None };
    assert_eq!(pace_of(changed, &opened(101, Span::ZERO)), None);
}

#[test]
fn users_set_no_rate_that_could_be_missed() {
    assert_eq!(pace_of(Load::Users(3), &opened(101, Span::from_millis(500))), None);
}

/// Losses of our own look like the peer's.
#[test]
fn a_dropped_datagram_is_the_generator_s_also_of_a_server() {
    let took = |drops| Resources { drops, ..Resources::default() };
    let stats = opened(0, Span::ZERO);
    assert_eq!(limits(None, &stats, &took(Some(3))), [Limit::Drops { count: 3 }]);
    assert_eq!((limits(None, &stats, &took(Some(0))), limits(None, &stats, &took(None))), (vec![], vec![]));
}

#[test]
fn a_worker_that_never_rests_is_the_limit_unless_the_run_is_short() {
    let of = |cpu_ms, wall_ms| {
        let took = Resources::of_worker(Span::from_millis(cpu_ms), Span::from_millis(wall_ms), None);
        limits(None, &opened(0, Span::ZERO), &took)
    };
    assert_eq!(of(1_960, 2_000), [Limit::Cpu { share: 0.98 }]);
    assert_eq!((of(1_800, 2_000), of(99, 100)), (vec![], vec![]));
}
