//! Our own short verdict below SIPp's screens: what became of the calls, and whether the generator kept its word.
//! Spec: none of SIPp's (design.md, "Pacing is open-loop"). In: a snapshot. Out: a few lines for stdout, none of which a
//! search for `Successful call` or `Failed call`, or for a `|`, can match.

use super::causes::CAUSES;
use super::screen::{Load, Side, Snapshot};
use crate::clock::Span;
use crate::stats::Stats;

/// The lines, each with its LF.
pub fn verdict(snapshot: &Snapshot<'_>) -> String {
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
        lines.extend(generator_limit(*load, stats).map(|limit| limit.text()));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
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

fn asked_per_second(load: Load) -> Option<f64> {
    match load {
        Load::Rate { calls, period, .. } if period > Span::ZERO => {
            Some(calls * 1_000_000.0 / period.micros() as f64)
        }
        _ => None,
    }
}

/// Over the gaps between the first call and the last: n calls have n - 1 gaps.
fn achieved_per_second(load: Load, stats: &Stats) -> Option<f64> {
    match load {
        Load::Rate { steady: Some(span), .. } if span > Span::ZERO && stats.outgoing > 1 => {
            Some((stats.outgoing - 1) as f64 * 1_000_000.0 / span.micros() as f64)
        }
        _ => None,
    }
}

/// How the generator fell short of the rate asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GeneratorLimit {
    /// It opened fewer calls per second than asked, and `-l` is not why.
    Rate {
        /// Calls per second asked for.
        asked: f64,
        /// Calls per second opened.
        achieved: f64,
    },
    /// It opened them, but late.
    Lag {
        /// The 99th percentile, in µs.
        p99_us: u64,
    },
}

/// A rate this far below the one asked for is not noise.
const RATE_TOLERANCE: f64 = 0.01;
/// Over a shorter time the tolerance would be less than [`LAG_TOLERANCE_US`] for the last call.
const SHORTEST_COMPARED: Span = Span::from_millis(1_000);
/// More lag than this at the 99th percentile shows in the peer's response times.
const LAG_TOLERANCE_US: u64 = 10_000;

/// Whether the generator, not the system under test, was the limit. Only a rate can be missed: with `-users` and as a
/// server a call is due when the peer makes it so.
pub fn generator_limit(load: Load, stats: &Stats) -> Option<GeneratorLimit> {
    let asked = asked_per_second(load)?;
    let long_enough = matches!(load, Load::Rate { steady: Some(span), .. } if span >= SHORTEST_COMPARED && stats.held_back == 0);
    if let Some(achieved) = achieved_per_second(load, stats).filter(|_| long_enough)
        && achieved < asked * (1.0 - RATE_TOLERANCE)
    {
        return Some(GeneratorLimit::Rate { asked, achieved });
    }
    let p99_us = stats.start_lag.quantile_us(0.99);
    (p99_us > LAG_TOLERANCE_US).then_some(GeneratorLimit::Lag { p99_us })
}

impl GeneratorLimit {
    fn text(self) -> String {
        let what = match self {
            GeneratorLimit::Rate { asked, achieved } => {
                format!("{:.1} % below the rate asked for", 100.0 * (1.0 - achieved / asked))
            }
            GeneratorLimit::Lag { p99_us } => {
                format!("1 call in 100 started over {:.1} ms late", p99_us as f64 / 1_000.0)
            }
        };
        format!(
            "  generator-limited: {what}; this machine, not the peer, set the pace: lower -r, turn traces off, or share \
             the load among more processes or machines"
        )
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
