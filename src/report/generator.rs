//! Whether the generator kept its word: rate asked for and achieved, and in which ways it fell short. Whether the peer would have
//! kept up is not known here.
//! Spec: none of SIPp's (design.md, "Fast and honest", "Pacing is open-loop"). In: load, counters, resources. Must not format more
//! than a sentence for each limit.

use super::screen::Load;
use crate::clock::Span;
use crate::stats::{Resources, Stats};

/// Calls a second asked for, if a rate was.
pub fn asked_per_second(load: Load) -> Option<f64> {
    match load {
        Load::Rate { calls, period, .. } if period > Span::ZERO => {
            Some(calls * 1_000_000.0 / period.micros() as f64)
        }
        _ => None,
    }
}

/// Over the gaps between the first call and the last: n calls have n - 1 gaps.
pub fn achieved_per_second(load: Load, stats: &Stats) -> Option<f64> {
    match load {
        Load::Rate { steady: Some(span), .. } if span > Span::ZERO && stats.outgoing > 1 => {
            Some((stats.outgoing - 1) as f64 * 1_000_000.0 / span.micros() as f64)
        }
        _ => None,
    }
}

/// How the generator fell short.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
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
    /// Messages of the peer were lost on our side.
    Drops {
        /// How many.
        count: u64,
    },
    /// Its thread had no time left: what it measures is its own queue as well.
    Cpu {
        /// Share of a processor, 0 to 1.
        share: f64,
    },
}

/// A rate this far below the one asked for is not noise.
const RATE_TOLERANCE: f64 = 0.01;
/// Over a shorter time the tolerance would be less than [`LAG_TOLERANCE_US`] for the last call, and the share of a processor noise.
pub(super) const SHORTEST_COMPARED: Span = Span::from_millis(1_000);
/// More lag than this at the 99th percentile shows in the peer's response times.
const LAG_TOLERANCE_US: u64 = 10_000;
/// From this share on a thread is never idle for long.
const CPU_TOLERANCE: f64 = 0.95;
/// So near to the most calls that workers open, they opened as many as they do.
const NEAR_THE_MOST: f64 = 0.9;
/// Below this share a thread that was late was not late for its own work.
const CPU_TO_SPARE: f64 = 0.5;

/// In which ways the generator was a limit, whatever the system under test can do. Only a rate can be missed: with `-users` and as a
/// server (`load` is None) a call is due when the peer makes it so.
pub fn limits(load: Option<Load>, stats: &Stats, resources: &Resources) -> Vec<Limit> {
    let mut limits: Vec<_> = load.and_then(|load| pace(load, stats)).into_iter().collect();
    if let Some(count) = resources.drops.filter(|drops| *drops > 0) {
        limits.push(Limit::Drops { count });
    }
    let share = resources.cpu_share();
    if share >= CPU_TOLERANCE && resources.wall >= SHORTEST_COMPARED {
        limits.push(Limit::Cpu { share });
    }
    limits
}

/// Whether the busiest worker had far less to do than a processor can: when it is late nevertheless, it was kept from running.
pub fn had_time_left(resources: &Resources) -> bool {
    resources.wall >= SHORTEST_COMPARED && resources.cpu_share() < CPU_TO_SPARE
}

/// The most calls a second that the workers open, if that is why the rate was missed.
pub fn opened_the_most(limits: &[Limit], resources: &Resources) -> Option<u64> {
    let most = Some(resources.most_calls_a_second).filter(|most| *most > 0)?;
    let reached = |limit: &Limit| matches!(limit, Limit::Rate { achieved, .. } if *achieved >= most as f64 * NEAR_THE_MOST);
    limits.iter().any(reached).then_some(most)
}

fn pace(load: Load, stats: &Stats) -> Option<Limit> {
    let asked = asked_per_second(load)?;
    let long_enough = matches!(load, Load::Rate { steady: Some(span), .. } if span >= SHORTEST_COMPARED && stats.held_back == 0);
    if let Some(achieved) = achieved_per_second(load, stats).filter(|_| long_enough)
        && achieved < asked * (1.0 - RATE_TOLERANCE)
    {
        return Some(Limit::Rate { asked, achieved });
    }
    let p99_us = stats.start_lag.quantile_us(0.99);
    (p99_us > LAG_TOLERANCE_US).then_some(Limit::Lag { p99_us })
}

impl Limit {
    /// A few words.
    pub fn text(self) -> String {
        match self {
            Limit::Rate { asked, achieved } => {
                format!("{:.1} % below the rate asked for", 100.0 * (1.0 - achieved / asked))
            }
            Limit::Lag { p99_us } => {
                format!("1 call in 100 started over {:.1} ms late", p99_us as f64 / 1_000.0)
            }
            Limit::Drops { count } => {
                format!(
                    "{count} received datagrams were dropped because they were not read in time (see net.core.rmem_max)"
                )
            }
            Limit::Cpu { share } => format!("the worker took {:.0} % of a processor", 100.0 * share),
        }
    }
}

#[cfg(test)]
#[path = "generator_tests.rs"]
pub(in crate::report) mod tests;
