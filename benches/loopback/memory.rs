//! What an open call weighs, on either side: two runs whose calls are established and held, one with twice the calls of the other;
//! what the second has in RAM more, for each call that it has more.

use std::time::{Duration, Instant};

use super::Bench;
use super::pair::{Program, RSIPP, Running, SIPP};
use super::process::Process;
use super::table::{Figures, Goal, Table, Unit};

/// design.md: bytes of an open call.
const MOST_BYTES: f64 = 2_048.0;

pub fn measure(bench: &mut Bench, table: &mut Table) {
    let calls = bench.pick(20_000, 100);
    let rate = bench.pick(10_000, 200);
    let per_call = |program: &Program| -> Result<[f64; 2], String> {
        let [once, twice] = [held(program, calls, rate)?, held(program, 2 * calls, rate)?];
        Ok([0, 1].map(|side| (twice[side] - once[side]) / f64::from(calls)))
    };
    let [rsipp, sipp] = [RSIPP, SIPP].map(|program| bench.expect(per_call(&program)));
    for (side, name) in ["uac", "uas"].iter().enumerate() {
        let figures: Figures = [rsipp.map(|sides| sides[side]), sipp.map(|sides| sides[side]), None, None];
        table.add(
            format!("{name}: memory of an open call, bytes"),
            figures,
            Unit::Number(0),
            Goal::AtMost(MOST_BYTES),
        );
    }
}

/// RSS in bytes of caller and answerer while so many calls are held.
pub fn held(program: &Program, calls: u32, rate: u32) -> Result<[f64; 2], String> {
    let words = ["-r", &rate.to_string(), "-m", &calls.to_string(), "-l", "0", "-d", "600000"];
    let mut running = program.start_counted(&words);
    let until = Instant::now() + Duration::from_secs(20 + u64::from(2 * calls / rate));
    let everything = f64::from(calls);
    loop {
        let [caller, answerer] = running.rows().map(|rows| rows.last().copied().unwrap_or_default());
        if caller.open == everything && answerer.open == everything {
            break;
        }
        if caller.failed > 0.0 || Instant::now() > until || !running.caller.runs() {
            let name = program.name;
            return Err(format!("{name}: did not hold {calls} calls, but {caller:?} and {answerer:?}"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    // The ACKs of the last calls are on their way, and a program may tidy up.
    std::thread::sleep(Duration::from_millis(700));
    memory(&running).ok_or_else(|| "a side ended while calls were held".to_owned())
}

/// RSS in bytes of both sides now; None when one has ended.
pub fn memory(running: &Running) -> Option<[f64; 2]> {
    let [caller, answerer] = [&running.caller, &running.answerer].map(Process::memory);
    Some([caller? as f64, answerer? as f64])
}
