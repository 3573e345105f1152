//! The highest rate at which no call fails, and what a call costs near it: the machine is nearly saturated then, and work is
//! done in larger batches than at a lower rate.

use std::time::Duration;

use super::Bench;
use super::cpu;
use super::pair::{Load, Pair};
use super::table::{Figures, Goal, Table, Unit};

/// Neighbours in the search lie this close.
const PRECISION: f64 = 1.05;

/// Steps while nothing is known yet.
const STRIDE: f64 = 1.5;

/// How much of its highest rate a pair is asked for when CPU is measured, so that it certainly holds.
const NEARLY: f64 = 0.9;

pub fn measure(bench: &mut Bench, table: &mut Table) {
    let highest = bench.highest();
    table.add("highest rate with no call failed, calls/s", highest, Unit::Number(0), Goal::None);
    let time = bench.pick(Duration::from_secs(2), Duration::from_millis(500));
    let load = |highest: f64| Load::lasting((highest * NEARLY) as u32, time);
    let figures = cpu::per_call(bench, highest.map(|highest| highest.map(load)));
    cpu::add(table, "at 90 % of that", figures);
}

/// What each pair holds; None when it is not even the lowest rate tried.
pub fn search_all(bench: &Bench) -> Figures {
    if bench.tiny {
        // One try each at a rate that any machine holds.
        let load = Load::lasting(200, Duration::from_millis(500));
        return bench
            .pairs
            .each_ref()
            .map(|pair| bench.expect(pair.run(load, Duration::from_secs(30))).map(|_| f64::from(load.rate)));
    }
    bench.pairs.each_ref().map(|pair| {
        let from = match pair {
            Pair::Sip(_) => 30_000.0,
            Pair::Floor { .. } => 60_000.0,
        };
        let highest = search(from, |rate| holds(pair, rate)).map(f64::round);
        println!("  {} holds {highest:?} calls/s", pair.name());
        highest
    })
}

/// Held twice, of at most three tries: one alone is decided by noise.
fn holds(pair: &Pair, rate: f64) -> bool {
    let load = Load::lasting(rate as u32, Duration::from_secs(2));
    let held = || pair.holds(load);
    match (held(), held()) {
        (true, true) => true,
        (false, false) => false,
        _ => held(),
    }
}

/// The highest rate that is held: up or down by strides until it lies between two, then between closer ones.
fn search(from: f64, holds: impl Fn(f64) -> bool) -> Option<f64> {
    let (mut good, mut bad) = (from, from);
    if holds(from) {
        while good == bad {
            bad *= STRIDE;
            if holds(bad) {
                good = bad;
            }
        }
    } else {
        while good == bad {
            good /= STRIDE;
            if good < 100.0 {
                return None;
            }
            if !holds(good) {
                bad = good;
            }
        }
    }
    while bad > good * PRECISION {
        let middle = (good * bad).sqrt();
        if holds(middle) { good = middle } else { bad = middle }
    }
    Some(good)
}
