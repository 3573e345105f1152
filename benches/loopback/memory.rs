//! What an open call weighs, on either side: two runs whose calls are established and held, one with twice the calls of the other;
//! what the second has in RAM more, for each call that it has more.

use super::pairs::held::held;
use super::pairs::program::{Program, RSIPP, SIPP};
use super::pairs::table::{Goal, Unit};
use super::{Bench, Table, programs};

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
        let figures = programs(rsipp.map(|sides| sides[side]), sipp.map(|sides| sides[side]));
        table.add(
            format!("{name}: memory of an open call, bytes"),
            figures,
            Unit::Number(0),
            Goal::AtMost(MOST_BYTES),
        );
    }
}
