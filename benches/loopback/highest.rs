//! The highest rate at which no call fails, and what a call costs near it: the machine is nearly saturated then, and work is
//! done in larger batches than at a lower rate.

use std::time::Duration;

use super::cpu;
use super::pairs::highest::{holds, search};
use super::pairs::program::Load;
use super::pairs::table::{Goal, Unit};
use super::{Bench, Figures, OF_BATCHES, PAIRS, Table};

/// Where the search of each pair begins: what a core of 2026 does.
const FROM: [f64; PAIRS] = [90_000.0, 22_000.0, 60_000.0, 500_000.0, 90_000.0, 90_000.0];

/// How much of its highest rate a pair is asked for when CPU is measured, so that it certainly holds.
const NEARLY: f64 = 0.9;

/// Goal: all that a call costs, beside what moving its datagrams in batches through the kernel costs. (In groups, as rsipp does, they cost
/// next to nothing, and what is left is the program's own work; `-no_gso` is what does as that ruler does.)
const BESIDE_FLOOR: Goal = Goal::AtMostTimes { of: 0, times: 2.0, to: OF_BATCHES };

pub fn measure(bench: &mut Bench, table: &mut Table) {
    let highest = found(bench);
    table.add("highest rate with no call failed, calls/s", highest, Unit::Number(0), Goal::None);
    let time = bench.pick(Duration::from_secs(2), Duration::from_millis(500));
    let load = |highest: f64| Load::lasting((highest * NEARLY) as u32, time);
    let figures = cpu::per_call(bench, highest.map(|highest| highest.map(load)));
    cpu::add(table, "at 90 % of that", figures, BESIDE_FLOOR);
}

/// What each pair holds; None when it is not even the lowest rate tried. Searched for when a part first asks.
pub fn found(bench: &mut Bench) -> Figures {
    if bench.subject.highest.is_none() {
        bench.subject.highest = Some(search_all(bench));
    }
    bench.subject.highest.unwrap_or_default()
}

fn search_all(bench: &Bench) -> Figures {
    if bench.tiny {
        // One try each at a rate that any machine holds.
        let load = Load::lasting(200, Duration::from_millis(500));
        return bench
            .subject
            .pairs
            .each_ref()
            .map(|pair| bench.expect(pair.run(load, Duration::from_secs(30))).map(|_| f64::from(load.rate)));
    }
    let mut from = FROM.into_iter();
    bench.subject.pairs.each_ref().map(|pair| {
        let highest = search(from.next()?, |rate| holds(rate, |load| pair.holds(load))).map(f64::round);
        println!("  {} holds {highest:?} calls/s", pair.name());
        highest
    })
}
