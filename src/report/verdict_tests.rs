//! design.md, "Pacing is open-loop": asked and achieved rate, lag, and who was the limit.

use super::*;
use crate::stats::Failure;

fn rate_of(calls: f64, steady_ms: u64) -> Load {
    Load::Rate { calls, period: Span::from_millis(1_000), steady: Some(Span::from_millis(steady_ms)) }
}

fn opened(outgoing: u64, lag: Span) -> Stats {
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
    assert_eq!(generator_limit(rate_of(10.0, 10_000), &stats), None);
    assert_eq!(generator_limit(rate_of(10.0, 10_090), &stats), None);
}

#[test]
fn more_than_one_percent_below_the_rate_is_the_generator_s_limit() {
    let stats = opened(101, Span::from_micros(300));
    let limit = generator_limit(rate_of(10.0, 12_500), &stats);
    assert_eq!(limit, Some(GeneratorLimit::Rate { asked: 10.0, achieved: 8.0 }));
}

#[test]
fn a_missing_rate_that_l_explains_is_not_the_generator_s() {
    let mut stats = opened(101, Span::from_micros(300));
    stats.held_back = 1;
    assert_eq!(generator_limit(rate_of(10.0, 12_500), &stats), None);
}

#[test]
fn a_lag_over_10_ms_is_the_generator_s_even_when_the_rate_was_held() {
    let mut stats = opened(101, Span::from_millis(50));
    stats.held_back = 1;
    let limit = generator_limit(rate_of(10.0, 10_000), &stats);
    assert!(matches!(limit, Some(GeneratorLimit::Lag { p99_us: 49_000..=51_000 })), "{limit:?}");
    assert_eq!(generator_limit(rate_of(10.0, 10_000), &opened(101, Span::from_millis(9))), None);
}

/// Two calls 5 ms too far apart are 5 % of 100 ms, but tell nothing.
#[test]
fn a_short_run_or_a_changed_rate_is_not_compared() {
    assert_eq!(generator_limit(rate_of(10.0, 105), &opened(2, Span::from_millis(5))), None);
    let changed = Load::Rate { calls: 10.0, period: Span::from_millis(1_000), steady: None };
    assert_eq!(generator_limit(changed, &opened(101, Span::ZERO)), None);
}

#[test]
fn users_set_no_rate_that_could_be_missed() {
    assert_eq!(generator_limit(Load::Users(3), &opened(101, Span::from_millis(500))), None);
}

fn verdict_of(side: Side, stats: &Stats) -> String {
    use super::super::screen::{Head, Tasks};
    use crate::clock::{Tick, WallClock};
    use crate::scenario::plan::{Keeps, Plan, Role, VariableNames};

    let plan = Plan {
        name: String::new(),
        file: String::new(),
        role: Role::Client,
        steps: Box::default(),
        variables: VariableNames::default(),
        rtds: Box::default(),
        counters: Box::default(),
        call_length_borders: Box::default(),
        nominal_pauses_ms: 0.0,
        default_pauses: 0,
        keeps: Keeps::default(),
        txns: Box::default(),
        init: None,
        automatic: crate::message::Automatic::new().unwrap(),
        unexpected: None,
        credentials: Default::default(),
    };
    let head = Head {
        side,
        honours_hide: true,
        default_pause: Span::ZERO,
        calls_to_make: None,
        local_port: 5060,
        transport: "UDP",
        auto_answer: false,
        loses: false,
        open_sockets: 0,
        tasks: Tasks::default(),
    };
    verdict(&Snapshot {
        plan: &plan,
        stats,
        head: &head,
        clock: WallClock::default(),
        started: Tick::ZERO,
        now: Tick::ZERO,
        period: None,
    })
}

fn client(load: Load) -> Side {
    Side::Client { load, limit: 30, remote: (String::from("127.0.0.1"), 5060) }
}

#[test]
fn a_good_run_takes_four_lines() {
    let mut stats = opened(101, Span::from_micros(100));
    (stats.successful, stats.peak, stats.peak_at_s) = (101, 4, 2);
    assert_eq!(
        verdict_of(client(rate_of(10.0, 10_000)), &stats),
        "Verdict: 101 calls opened, 101 succeeded, 0 failed\n  \
         0 messages sent again, at most 4 calls open at a time (after 2 s)\n  \
         rate asked 10.0/s, achieved 10.0/s\n  \
         calls started late by 0.1 ms (p50), 0.1 ms (p99), 0.1 ms (max)\n"
    );
}

#[test]
fn a_bad_run_names_its_causes_and_its_limits() {
    let mut stats = opened(101, Span::from_millis(50));
    (stats.successful, stats.failed, stats.current, stats.held_back) = (90, 9, 2, 40);
    stats.failures[Failure::UnexpectedMessage.index()] = 7;
    stats.failures[Failure::MaxUdpRetrans.index()] = 2;
    let verdict = verdict_of(client(rate_of(10.0, 10_000)), &stats);
    let lines: Vec<&str> = verdict.lines().collect();
    assert_eq!(
        lines[0],
        "Verdict: 101 calls opened, 90 succeeded, 9 failed (2 no answer after the last resend, 7 unexpected message), \
         2 still open"
    );
    assert!(lines[4].starts_with("  limited by -l: 40 due calls were not opened, because 30 were open;"));
    assert!(lines[5].starts_with("  generator-limited: 1 call in 100 started over "), "{verdict}");
    assert_eq!(lines.len(), 6);
}

#[test]
fn a_server_s_verdict_has_no_rate_and_no_lag() {
    let verdict = verdict_of(Side::Server, &opened(0, Span::ZERO));
    assert_eq!(verdict.lines().count(), 2);
}

/// Scripts search the closing screens; outputs.md §16.1.
#[test]
fn no_line_looks_like_a_row_of_a_screen() {
    let mut stats = opened(101, Span::from_millis(50));
    stats.failures.fill(1);
    stats.held_back = 1;
    let verdict = verdict_of(client(rate_of(10.0, 10_000)), &stats);
    for searched in ["successful call", "failed call", "|", "-----"] {
        assert!(!verdict.to_lowercase().contains(searched), "{verdict}");
    }
}
