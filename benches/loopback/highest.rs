//! The highest rate at which no call fails, and what a call costs near it: the machine is nearly saturated then, and work is
//! done in larger batches than at a lower rate.

use std::time::Duration;

use super::Bench;
use super::cpu;
use super::pair::{Load, Pair};
use super::table::{Figures, Goal, Table, Unit};

/// Neighbours in the search lie this close.
const PRECISION: f64 = 1.05;

/// The first step while nothing is known yet; each further one is twice as wide.
const STRIDE: f64 = 1.2;

/// Where the search of each pair begins: what a core of 2026 does.
const FROM: [f64; 4] = [40_000.0, 22_000.0, 90_000.0, 60_000.0];

/// A rate below this is none, calls/s.
const LEAST: f64 = 100.0;

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
    let mut from = FROM.into_iter();
    bench.pairs.each_ref().map(|pair| {
        let highest = search(from.next()?, |rate| holds(pair, rate)).map(f64::round);
        println!("  {} holds {highest:?} calls/s", pair.name());
        highest
    })
}

/// Held twice, of at most three tries: one alone is decided by noise.
fn holds(pair: &Pair, rate: f64) -> bool {
    let load = Load::lasting(rate as u32, Duration::from_millis(2_500));
    let held = || pair.holds(load);
    match (held(), held()) {
        (true, true) => true,
        (false, false) => false,
        _ => held(),
    }
}

/// The highest rate that is held: up or down by strides until it lies between two, then between closer ones.
fn search(from: f64, holds: impl Fn(f64) -> bool) -> Option<f64> {
    let (mut edge, mut stride) = (from, STRIDE);
    let up = holds(from);
    let (mut good, mut bad) = loop {
        let next = if up { edge * stride } else { edge / stride };
        if next < LEAST {
            return None;
        }
        match (up, holds(next)) {
            (true, false) => break (edge, next),
            (false, true) => break (next, edge),
            (true, true) | (false, false) => (edge, stride) = (next, stride * stride),
        }
    };
    while bad > good * PRECISION {
        let middle = (good * bad).sqrt();
        if holds(middle) { good = middle } else { bad = middle }
    }
    Some(good)
}
