//! Our own short verdict below SIPp's screens: what became of the calls, and whether the generator kept its word.
//! Spec: none of SIPp's (design.md, "Pacing is open-loop"). In: a snapshot. Out: a few lines for stdout, none of which a
//! search for `Successful call` or `Failed call`, or for a `|`, can match.

use super::causes::CAUSES;
use super::generator::{self, Limit, SHORTEST_COMPARED, achieved_per_second, asked_per_second};
use super::page::Note;
use super::screen::{Load, Side, Snapshot};
use crate::stats::{Resources, Stats};

/// The lines, each with its LF. `resources`: what the worker took; None for a scenario that shares its worker with the main one.
pub fn verdict(snapshot: &Snapshot<'_>, resources: Option<&Resources>) -> String {
    let stats = snapshot.stats;
    let mut lines = vec![calls(stats)];
    lines.push(format!(
        "  {} messages sent again, at most {} calls open at a time (after {} s)",
        stats.retransmissions, stats.peak, stats.peak_at_s
    ));
    if let Side::Client { load, limit, .. } = &snapshot.head.side {
        lines.extend(rate(*load, stats));
        lines.push(lag(stats));
        if stats.held_back > 0 {
            lines.push(format!(
                "  limited by -l: {} due calls were not opened, because {limit} were open; raise -l to hold the rate",
                stats.held_back
            ));
        }
    }
    if let Some(resources) = resources {
        lines.push(machine(resources));
        let load = match snapshot.head.side {
            Side::Client { load, .. } => Some(load),
            Side::Server => None,
        };
        lines.extend(limited(load, &generator::limits(load, stats, resources), resources));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The same while the run goes on, in short lines: how the load is doing, and what keeps it from what was asked for.
pub fn live(snapshot: &Snapshot<'_>, resources: Option<&Resources>) -> Vec<Note> {
    let stats = snapshot.stats;
    let load = match &snapshot.head.side {
        Side::Client { load, .. } => Some(*load),
        Side::Server => None,
    };
    let mut said = Vec::new();
    if let Some(load) = load {
        said.extend(asked_per_second(load).map(|asked| format!("asked {}", per_second(asked))));
        said.extend(
            achieved_per_second(load, stats).map(|achieved| format!("achieved {}", per_second(achieved))),
        );
        said.push(format!("late {:.1} ms (p99)", stats.start_lag.quantile_us(0.99) as f64 / 1_000.0));
    }
    if let Some(resources) = resources.filter(|resources| resources.wall >= SHORTEST_COMPARED) {
        said.push(format!("processor {:.0} %", 100.0 * resources.cpu_share()));
    }
    let mut notes: Vec<_> =
        (!said.is_empty()).then(|| Note::Plain(format!("Load: {}", said.join(", ")))).into_iter().collect();
    if load.is_some() && stats.held_back > 0 {
        notes.push(Note::Alarm(format!("Limited by -l: {} due calls were not opened", stats.held_back)));
    }
    let limits = resources.map_or_else(Vec::new, |resources| generator::limits(load, stats, resources));
    if !limits.is_empty() {
        let what: Vec<_> = limits.iter().map(|limit| limit.text()).collect();
        notes.push(Note::Alarm(format!("Generator-limited: {}", what.join("; "))));
    }
    notes
}

/// A slow rate is not none.
fn per_second(rate: f64) -> String {
    if rate < 1.0 { format!("{rate:.3}/s") } else { format!("{rate:.1}/s") }
}

fn calls(stats: &Stats) -> String {
    let mut line = format!(
        "Verdict: {} calls opened, {} succeeded, {} failed",
        stats.created(),
        stats.successful,
        stats.failed
    );
    let causes: Vec<String> = CAUSES
        .iter()
        .map(|cause| (stats.failed_by(cause.failure), cause.words))
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    if !causes.is_empty() {
        line.push_str(&format!(" ({})", causes.join(", ")));
    }
    if stats.current > 0 {
        line.push_str(&format!(", {} still open", stats.current));
    }
    line
}

fn rate(load: Load, stats: &Stats) -> Option<String> {
    let asked = asked_per_second(load)?;
    Some(match achieved_per_second(load, stats) {
        Some(achieved) => format!("  rate asked {asked:.1}/s, achieved {achieved:.1}/s"),
        None => format!("  rate asked {asked:.1}/s"),
    })
}

fn lag(stats: &Stats) -> String {
    let [p50, p99, max] =
        [stats.start_lag.quantile_us(0.5), stats.start_lag.quantile_us(0.99), stats.start_lag.max_us()]
            .map(|micros| format!("{:.1} ms", micros as f64 / 1_000.0));
    format!("  calls started late by {p50} (p50), {p99} (p99), {max} (max)")
}

fn machine(resources: &Resources) -> String {
    let who = if resources.workers > 1 { "the busiest worker" } else { "this side" };
    let mut line = format!("  {who} took {:.0} % of a processor", 100.0 * resources.cpu_share());
    if let Some(drops) = resources.drops {
        line.push_str(&format!(", {drops} received datagrams were dropped"));
    }
    line
}

/// What is known: that this side fell short, and what that makes of the numbers. Not that the peer could have done more.
fn limited(load: Option<Load>, limits: &[Limit], resources: &Resources) -> Option<String> {
    let mut what: Vec<_> = limits.iter().map(|limit| limit.text()).collect();
    let behind = limits.iter().any(|limit| matches!(limit, Limit::Rate { .. } | Limit::Lag { .. }));
    let meaning = match behind {
        true => "this side did not keep its schedule, and what the peer can do does not show",
        false => "delays and losses of this side are among the peer's",
    };
    let traces = if load.is_some() { "lower -r, turn traces off" } else { "turn traces off" };
    let mut advice =
        format!("{traces}, or share the load among more workers (-workers), processes or machines");
    if let Some(most) = generator::opened_the_most(limits, resources) {
        let who = if resources.workers > 1 { "these workers open" } else { "a worker opens" };
        what.push(format!("{who} at most {most} calls a second"));
        advice = "take more workers (-workers)".to_owned();
    } else if behind && generator::had_time_left(resources) {
        let share = 100.0 * resources.cpu_share();
        what.push(format!(
            "the worker took only {share:.0} % of a processor, so something kept it from running"
        ));
        advice = "leave it a processor to itself".to_owned();
    }
    (!what.is_empty()).then(|| format!("  generator-limited: {}; {meaning}: {advice}", what.join("; ")))
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
