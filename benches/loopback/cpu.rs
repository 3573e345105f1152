//! CPU of a call, of each side: what the kernel charges to the process, user and system, start and end included.

use std::time::Duration;

use super::pair::Pair;
use super::pairs::program::{Load, Used};
use super::pairs::table::{Goal, Unit, median};
use super::{Bench, Figures, OF_SIPP, PAIRS, Table};

/// Goal for a rate far below what any of them can do, where most of a call's cost is that of waking up for it.
const BESIDE_SIPP: Goal = Goal::AtMostTimes { of: 0, times: 0.5, to: OF_SIPP };

/// At the rate of most tests.
pub fn measure(bench: &mut Bench, table: &mut Table) {
    let rate = bench.pick(5_000, 200);
    let time = bench.pick(Duration::from_secs(3), Duration::from_millis(500));
    let loads = [Some(Load::lasting(rate, time)); PAIRS];
    let figures = per_call(bench, loads);
    add(table, &format!("at {rate} calls/s"), figures, BESIDE_SIPP);
}

/// Two lines, of caller and answerer.
pub fn add(table: &mut Table, when: &str, [caller, answerer]: [Figures; 2], goal: Goal) {
    table.add(format!("uac: CPU of a call {when}, µs"), caller, Unit::Number(1), goal);
    table.add(format!("uas: CPU of a call {when}, µs"), answerer, Unit::Number(1), goal);
}

/// Caller's and answerer's CPU of a call in µs: each pair with its load, in turns, so that a disturbance hits all of them; the
/// median of the rounds.
pub fn per_call(bench: &Bench, loads: [Option<Load>; PAIRS]) -> [Figures; 2] {
    let mut rounds: [Vec<[f64; 2]>; PAIRS] = Default::default();
    for _ in 0..bench.pick(3, 1) {
        for ((pair, load), rounds) in bench.subject.pairs.iter().zip(loads).zip(&mut rounds) {
            let Some(load) = load else { continue };
            match run(pair, load) {
                Ok(used) => rounds.push(used),
                Err(why) => println!("  {}: a round without a result: {why}", pair.name()),
            }
        }
    }
    [0, 1].map(|side| rounds.each_ref().map(|rounds| median(rounds.iter().map(|used| used[side]).collect())))
}

fn run(pair: &Pair, load: Load) -> Result<[f64; 2], String> {
    let Used { caller, answerer } = pair.run(load, load.time() * 2 + Duration::from_secs(5))?;
    Ok([caller, answerer].map(|time| time.as_secs_f64() * 1e6 / f64::from(load.calls)))
}
