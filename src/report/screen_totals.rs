//! The statistics screen.
//! Spec: outputs.md §15.5. In: a snapshot. Out: lines. Elapsed time, response times and call length show their true
//! cumulative values, where SIPp repeats the periodic ones (Bug).

use super::screen::{Snapshot, push_line};
use super::stamp;
use crate::clock::{Span, Tick};
use crate::stats::{Durations, Stats};

const RULE: &str = "-------------------------+---------------------------+--------------------------";

pub(super) fn append(snapshot: &Snapshot<'_>, out: &mut String) {
    let last_reset = snapshot.period.map_or(snapshot.now, |period| period.began);
    for (label, at) in
        [("Start Time", snapshot.started), ("Last Reset Time", last_reset), ("Current Time", snapshot.now)]
    {
        push_line(&format!("  {label:<22.22} | {:<52.52} ", stamp_text(snapshot, at)), out);
    }
    push_line(RULE, out);
    push_line("  Counter Name           | Periodic value            | Cumulative value", out);
    push_line(RULE, out);
    append_rates(snapshot, last_reset, out);
    push_line(RULE, out);
    push_count(snapshot, "Incoming calls created", |stats| stats.incoming, out);
    push_count(snapshot, "Outgoing calls created", |stats| stats.outgoing, out);
    push_row("Total Calls created", "", &count_text(snapshot.stats.created()), out);
    push_row("Current Calls", &count_text(snapshot.stats.current), "", out);
    if !snapshot.plan.counters.is_empty() {
        push_line(RULE, out);
    }
    for (slot, name) in snapshot.plan.counters.iter().enumerate() {
        let label = format!("Counter {name}");
        push_count(snapshot, &label, |stats| stats.counters.get(slot).copied().unwrap_or_default(), out);
    }
    push_line(RULE, out);
    push_count(snapshot, "Successful call", |stats| stats.successful, out);
    push_count(snapshot, "Failed call", |stats| stats.failed, out);
    push_line(RULE, out);
    for (slot, rtd) in snapshot.plan.rtds.iter().enumerate() {
        let label = format!("Response Time {}", rtd.name);
        push_mean(snapshot, &label, |stats| stats.response_times.get(slot), out);
    }
    push_mean(snapshot, "Call Length", |stats| Some(&stats.call_length), out);
}

fn append_rates(snapshot: &Snapshot<'_>, last_reset: Tick, out: &mut String) {
    let (periodic, total) = (snapshot.now.since(last_reset), snapshot.now.since(snapshot.started));
    push_row("Elapsed Time", &stamp::hmsu(periodic), &stamp::hmsu(total), out);
    let created = snapshot.stats.created();
    let lately = periodic_count(snapshot, Stats::created);
    push_row("Call Rate", &rate_text(lately, periodic), &rate_text(created, total), out);
}

fn stamp_text(snapshot: &Snapshot<'_>, at: Tick) -> String {
    stamp::stamp(snapshot.clock.epoch_micros(at), snapshot.clock.utc_offset_seconds)
}

fn count_text(count: u64) -> String {
    format!("{count:>8}")
}

/// Calls per second over whole milliseconds; 0 when there is none.
fn rate_text(calls: u64, span: Span) -> String {
    let rate = match span.millis() {
        0 => 0.0,
        millis => 1_000.0 * calls as f64 / millis as f64,
    };
    format!("{rate:>8.3} cps")
}

fn push_row(label: &str, periodic: &str, cumulative: &str, out: &mut String) {
    push_line(&format!("  {label:<22.22} | {periodic:<25} | {cumulative:<24} "), out);
}

/// What a counter rose by in this period; 0 at a normal end.
fn periodic_count(snapshot: &Snapshot<'_>, count: impl Fn(&Stats) -> u64) -> u64 {
    snapshot.period.map_or(0, |period| count(snapshot.stats).saturating_sub(count(period.before)))
}

fn push_count(snapshot: &Snapshot<'_>, label: &str, count: impl Fn(&Stats) -> u64, out: &mut String) {
    let cumulative = count_text(count(snapshot.stats));
    push_row(label, &count_text(periodic_count(snapshot, count)), &cumulative, out);
}

fn push_mean<'s>(
    snapshot: &Snapshot<'s>,
    label: &str,
    durations: impl Fn(&'s Stats) -> Option<&'s Durations>,
    out: &mut String,
) {
    let now = durations(snapshot.stats).map_or((0, 0), sum_and_count);
    let before = match snapshot.period {
        Some(period) => durations(period.before).map_or((0, 0), sum_and_count),
        None => now,
    };
    let periodic = mean_text((now.0.saturating_sub(before.0), now.1.saturating_sub(before.1)));
    push_row(label, &periodic, &mean_text(now), out);
}

fn sum_and_count(durations: &Durations) -> (u64, u64) {
    (durations.sum_ms, durations.count)
}

fn mean_text((sum_ms, count): (u64, u64)) -> String {
    stamp::hmsu(Span::from_millis(sum_ms.checked_div(count).unwrap_or(0)))
}
