//! Two workers on each side, all on both cores, against one on each side with a core to itself: the same cores may not carry less.

use std::time::Duration;

use super::highest;
use super::pairs::highest::{holds, search};
use super::pairs::program::{Load, RSIPP, WORKERS};
use super::pairs::table::{Goal, Unit};
use super::{Bench, Table, programs};

/// How much less would be noise: neighbours in the search for the highest rate lie this close.
const NOISE: f64 = 0.95;

pub fn measure(bench: &mut Bench, table: &mut Table) {
    let [one, ..] = highest::found(bench);
    let from = one.unwrap_or_default();
    let two = if bench.tiny {
        let load = Load::lasting(200, Duration::from_millis(500));
        bench.expect(WORKERS.run(load, Duration::from_secs(30))).map(|_| f64::from(load.rate))
    } else {
        search(from, |rate| holds(rate, |load| WORKERS.holds(load))).map(f64::round)
    };
    let goal = Goal::AtLeast((from * NOISE).round());
    table.add("highest rate, two workers on each side, calls/s", programs(two, None), Unit::Number(0), goal);
    // At a rate that both hold.
    let rate = (from / 2.0) as u32;
    let load = Load::lasting(rate, bench.pick(Duration::from_secs(3), Duration::from_millis(500)));
    for (program, what) in [(RSIPP, "one worker on each side"), (WORKERS, "two workers on each side")] {
        let used = bench.expect(program.run(load, load.time() + Duration::from_secs(30)));
        let micros =
            used.map(|used| 1e6 * (used.caller + used.answerer).as_secs_f64() / f64::from(load.calls));
        let name = format!("both sides, {what}: CPU of a call at {rate} calls/s, µs");
        table.add(name, programs(micros, None), Unit::Number(1), Goal::None);
    }
}
