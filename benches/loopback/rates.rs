//! Is the rate that was asked for the rate that is made? And how late do calls start?

use std::time::Duration;

use super::pairs::program::{Left, Load, Program, RSIPP, SIPP};
use super::pairs::stat_file::achieved;
use super::pairs::table::{Goal, Unit};
use super::{Bench, Table, programs};

/// Percent that the rate may be off.
const OFF: f64 = 0.1;

/// design.md: how late one call in a hundred may start at [`LAG_RATE`].
const MOST_LAG_MS: f64 = 1.0;
const LAG_RATE: u32 = 20_000;

pub fn measure(bench: &mut Bench, table: &mut Table) {
    let time = Duration::from_secs(4);
    let rates: &[u32] = bench.pick(&[1_000, 5_000, LAG_RATE, 50_000], &[200]);
    let mut lag = None;
    for &rate in rates {
        let load = Load::lasting(rate, time);
        let [rsipp, sipp] = [RSIPP, SIPP].map(|program| run(&program, load));
        let share_of_verdict = |left: &Left| {
            let (asked, achieved) = left.verdict.rate?;
            Some(100.0 * achieved / asked)
        };
        let share_of_rows = |left: &Left| Some(100.0 * achieved(&left.caller)? / f64::from(rate));
        let figures = programs(share_of_verdict(&rsipp), share_of_rows(&sipp));
        table.add(
            format!("rate achieved, asked for {rate} calls/s, %"),
            figures,
            Unit::Number(2),
            Goal::Hundred(OFF),
        );
        if bench.tiny || rate == LAG_RATE {
            lag = rsipp.verdict.lag_p99_ms;
        }
    }
    let name = format!("start lag p99 at {LAG_RATE} calls/s, ms");
    table.add(name, programs(lag, None), Unit::Number(1), Goal::AtMost(MOST_LAG_MS));
}

/// Whether calls fail, or sipp ends at all, is of no interest here.
fn run(program: &Program, load: Load) -> Left {
    let words = load.words();
    program.start_counted(&words.each_ref().map(String::as_str)).finish(load.time() + Duration::from_secs(3))
}
