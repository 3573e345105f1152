//! design.md, "Pacing is open-loop": what is said of asked and achieved rate, lag, and of who was the limit.

use super::*;
use crate::clock::Span;
use crate::report::generator::tests::{opened, rate_of};
use crate::stats::Failure;

fn verdict_of(side: Side, stats: &Stats) -> String {
    verdict_with(side, stats, &a_quarter())
}

fn live_of(side: Side, stats: &Stats) -> Vec<Note> {
    look(side, stats, |snapshot| live(snapshot, Some(&a_quarter())))
}

fn verdict_with(side: Side, stats: &Stats, took: &Resources) -> String {
    look(side, stats, |snapshot| verdict(snapshot, Some(took)))
}

/// Of a processor.
fn a_quarter() -> Resources {
    Resources::of_worker(Span::from_millis(250), Span::from_millis(1_000), Some(0))
}

fn look<T>(side: Side, stats: &Stats, at: impl FnOnce(&Snapshot<'_>) -> T) -> T {
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
        circuits: None,
    };
    let snapshot = Snapshot {
        plan: &plan,
        stats,
        head: &head,
        clock: WallClock::default(),
        started: Tick::ZERO,
        now: Tick::ZERO,
        period: None,
    };
    at(&snapshot)
}

fn client(load: Load) -> Side {
    Side::Client { load, limit: 30, remote: (String::from("127.0.0.1"), 5060) }
}

#[test]
fn a_good_run_takes_five_lines() {
    let mut stats = opened(101, Span::from_micros(100));
    (stats.successful, stats.peak, stats.peak_at_s) = (101, 4, 2);
    assert_eq!(
        verdict_of(client(rate_of(10.0, 10_000)), &stats),
        "Verdict: 101 calls opened, 101 succeeded, 0 failed\n  \
         0 messages sent again, at most 4 calls open at a time (after 2 s)\n  \
         rate asked 10.0/s, achieved 10.0/s\n  \
         calls started late by 0.1 ms (p50), 0.1 ms (p99), 0.1 ms (max)\n  \
         this side took 25 % of a processor, 0 received datagrams were dropped\n"
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
    assert!(lines[6].starts_with("  generator-limited: 1 call in 100 started over "), "{verdict}");
    assert_eq!(lines.len(), 7);
}

#[test]
fn a_server_s_verdict_has_no_rate_and_no_lag() {
    let verdict = verdict_of(Side::Server, &opened(0, Span::ZERO));
    assert_eq!(verdict.lines().count(), 3);
}

/// The last line of a run of 1,000 ms in which the worker's thread was busy for `busy_ms`.
fn limit_line(side: Side, lag_ms: u64, busy_ms: u64, drops: u64) -> String {
    let took = Resources::of_worker(Span::from_millis(busy_ms), Span::from_millis(1_000), Some(drops));
    let verdict = verdict_with(side, &opened(101, Span::from_millis(lag_ms)), &took);
    verdict.lines().last().unwrap().to_owned()
}

/// The peer may be full as well: nobody asked it for more.
#[test]
fn a_generator_that_fell_behind_says_nothing_of_the_peer() {
    let line = limit_line(client(rate_of(10.0, 10_000)), 50, 990, 0);
    let end = "the worker took 99 % of a processor; this side did not keep its schedule, and what the peer can do does not show: \
               lower -r, turn traces off, or share the load among more workers (-workers), processes or machines";
    assert!(
        line.starts_with("  generator-limited: 1 call in 100 started over ") && line.ends_with(end),
        "{line}"
    );
}

/// Then neither its thread nor the machine is to blame.
#[test]
fn a_worker_that_opened_as_many_calls_as_it_does_says_so() {
    let took = Resources::of_worker(Span::from_millis(400), Span::from_millis(2_000), Some(0));
    let verdict = |most_calls_a_second| {
        let took = Resources { most_calls_a_second, ..took };
        let verdict = verdict_with(client(rate_of(200.0, 1_000)), &opened(101, Span::from_millis(50)), &took);
        verdict.lines().last().unwrap().to_owned()
    };
    let line = verdict(105);
    assert!(line.contains("; a worker opens at most 105 calls a second; this side did not"), "{line}");
    assert!(line.ends_with(": take more workers (-workers)"), "{line}");
    assert!(verdict(150).contains("kept it from running"));
}

/// A lower rate would not help where the thread was idle and calls were late nevertheless.
#[test]
fn a_late_generator_that_had_time_left_was_kept_from_running() {
    let line = limit_line(client(rate_of(10.0, 10_000)), 50, 250, 0);
    assert!(
        line.contains("took only 25 % of a processor, so something kept it from running; this side"),
        "{line}"
    );
    assert!(line.ends_with(": leave it a processor to itself"), "{line}");
    let busy = limit_line(client(rate_of(10.0, 10_000)), 50, 600, 0);
    assert!(!busy.contains("of a processor") && busy.contains(": lower -r, "), "{busy}");
}

#[test]
fn a_schedule_that_was_kept_is_not_doubted_for_drops_or_a_busy_worker() {
    for (busy_ms, drops) in [(990, 0), (250, 7)] {
        for side in [client(rate_of(10.0, 10_000)), Side::Server] {
            let line = limit_line(side, 0, busy_ms, drops);
            assert!(line.contains("; delays and losses of this side are among the peer's: "), "{line}");
            assert!(line.contains("turn traces off") && !line.contains("schedule"), "{line}");
        }
    }
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

/// Ours: a line that fits into 80 columns, and one more for each reason to doubt the numbers.
#[test]
fn while_it_runs_one_line_tells_how_the_load_is_doing() {
    let shown = live_of(client(rate_of(100.0, 10_000)), &opened(1_001, Span::from_micros(300)));
    let line = "Load: asked 100.0/s, achieved 100.0/s, late 0.3 ms (p99), processor 25 %";
    assert_eq!(shown, [Note::Plain(line.into())]);
    assert_eq!(live_of(Side::Server, &opened(0, Span::ZERO)), [Note::Plain("Load: processor 25 %".into())]);
}

#[test]
fn while_it_runs_a_slow_rate_is_not_shown_as_none() {
    let shown = live_of(client(rate_of(0.01, 100_000)), &opened(2, Span::ZERO));
    let line = "Load: asked 0.010/s, achieved 0.010/s, late 0.0 ms (p99), processor 25 %";
    assert_eq!(shown, [Note::Plain(line.into())]);
}

#[test]
fn while_it_runs_each_limit_is_an_alarm() {
    let mut stats = opened(101, Span::from_micros(300));
    let [_, alarm] = live_of(client(rate_of(10.0, 12_500)), &stats).try_into().unwrap();
    assert_eq!(alarm, Note::Alarm("Generator-limited: 20.0 % below the rate asked for".into()));
    stats.held_back = 7;
    let [_, alarm] = live_of(client(rate_of(10.0, 12_500)), &stats).try_into().unwrap();
    assert_eq!(alarm, Note::Alarm("Limited by -l: 7 due calls were not opened".into()));
}
