//! `-trace_msg` and a statistics row every second: what is written must not hold up calls.

use std::time::Duration;

use super::pairs::program::{Left, Load, Program, RSIPP, SIPP};
use super::pairs::table::{Goal, Unit};
use super::{Bench, Table, programs};

/// How late one call in a hundred may start.
const MOST_LAG_MS: f64 = 5.0;

pub fn measure(bench: &mut Bench, table: &mut Table) {
    let rate = bench.pick(10_000, 200);
    let load = Load::lasting(rate, bench.pick(Duration::from_secs(5), Duration::from_millis(500)));
    let rsipp = bench.expect(run(&RSIPP, load));
    let sipp = run(&SIPP, load).ok();
    let failed = |left: &Left| left.caller.last().map(|row| row.failed);
    let figures = programs(rsipp.as_ref().and_then(failed), sipp.as_ref().and_then(failed));
    let name = format!("-trace_msg at {rate} calls/s: calls failed");
    table.add(name, figures, Unit::Number(0), Goal::AtMost(0.0));
    let lag = rsipp.and_then(|left| left.verdict.lag_p99_ms);
    let name = format!("-trace_msg at {rate} calls/s: start lag p99, ms");
    table.add(name, programs(lag, None), Unit::Number(1), Goal::AtMost(MOST_LAG_MS));
}

fn run(program: &Program, load: Load) -> Result<Left, String> {
    let [rate, calls] = [load.rate, load.calls].map(|number| number.to_string());
    let words = ["-r", &rate, "-m", &calls, "-trace_msg", "-message_file", "{folder}/messages"];
    let left = program.start_counted(&words).finish(load.time() * 3 + Duration::from_secs(5));
    match left.status {
        Some(_) => Ok(left),
        None => Err(format!("{}: did not end with -trace_msg at {rate} calls/s", program.name)),
    }
}
