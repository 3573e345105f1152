//! New connections a second: the highest rate of calls with one of their own at which no call fails, and what such a call costs at a
//! rate that all hold.
//!
//! Each call leaves a port in time-wait for a minute. On loopback Linux takes such a port again after a second (`tcp_tw_reuse` 2), so a
//! rate is limited by the 28,000 ports only beyond that.

use std::time::Duration;

use super::pairs::highest::{holds, search};
use super::pairs::program::{Load, SIPP};
use super::pairs::table::{Goal, Unit};
use super::{Bench, LN, LN_RESUMED, TN, Table};

/// Goal: full handshakes a second, each side on one core.
const LEAST_HANDSHAKES: f64 = 1_000.0;

/// Where the search begins; rsipp's beginnings stand below. It is what a core of 2026 does.
const FROM_OF_SIPP: f64 = 700.0;

pub fn measure(bench: &mut Bench, table: &mut Table) {
    for (way, from, goal) in [
        (TN, 17_000.0, Goal::None),
        (LN, 5_000.0, Goal::AtLeast(LEAST_HANDSHAKES)),
        (LN_RESUMED, 5_000.0, Goal::None),
    ] {
        let figures = way.each(bench, |program| {
            if bench.tiny {
                // One try at a rate that any machine holds.
                let load = Load::lasting(100, Duration::from_millis(500));
                return program.run(load, Duration::from_secs(30)).map(|_| f64::from(load.rate));
            }
            let from = if program.name == SIPP.name { FROM_OF_SIPP } else { from };
            let highest = search(from, |rate| holds(rate, |load| program.holds(load)));
            highest
                .map(f64::round)
                .ok_or_else(|| format!("{} does not hold any rate by {}", program.name, way.name))
        });
        let name = format!("{}: highest rate with no call failed, connections/s", way.name);
        table.add(name, figures, Unit::Number(0), goal);
    }
}
