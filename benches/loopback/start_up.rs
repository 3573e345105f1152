//! From exec to the first INVITE, with default options. No pinning: the program runs alone.

use super::Bench;
use super::pair::{Program, RSIPP, SIPP, exec_to_invite};
use super::table::{Goal, Table, Unit, median};

/// design.md.
const MOST_MS: f64 = 10.0;

pub fn measure(bench: &mut Bench, table: &mut Table) {
    let starts = bench.pick(9, 1);
    let figure = |program: &Program| {
        median((0..starts).map(|_| exec_to_invite(program).as_secs_f64() * 1e3).collect())
    };
    let figures = [figure(&RSIPP), figure(&SIPP), None, None];
    table.add("exec to first INVITE, ms", figures, Unit::Number(1), Goal::AtMost(MOST_MS));
}
