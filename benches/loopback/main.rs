//! rsipp beside sipp, on loopback, in one run, with the ruler beside them: what a call costs, how many a second, how well the rate
//! is kept, what an open call weighs. Goals: design.md.
//!
//! `cargo bench --bench loopback` takes about ten minutes and wants a machine with nothing else to do. `-- cpu memory` measures
//! only these parts, `-- --long` the long part too, `-- --test` runs everything once, tiny, and says nothing about speed.
//!
//! Each pair is the built-in `uac` against the built-in `uas` of the same program, with their defaults but for equally large
//! socket buffers, one core each (`taskset`).
//!
//! The ruler is a pair that only moves datagrams of the same number and sizes (`floor`), by the same beat as rsipp and in three ways: in
//! groups as rsipp, 64 a system call as rsipp with `-no_gso`, one by one as sipp. So each ratio compares like with like. As for the
//! highest rate it is no bound: it repeats nothing, so one datagram lost is a call lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a bench talks to real programs over real sockets and stops at the first thing that is not as it should be"
)]

mod cpu;
mod floor;
mod highest;
mod long;
mod memory;
mod overload;
mod pair;
#[path = "../pairs/mod.rs"]
mod pairs;
mod rates;
mod start_up;
mod traced;
mod workers;

use std::process::ExitCode;

use floor::Style;
use pair::Pair;
use pairs::bench::{LONG, Part};
use pairs::program::{RSIPP, SINGLY, SIPP};
use pairs::table::{Columns, Ratio};

type Bench = pairs::bench::Bench<Subject>;
type Table = pairs::table::Table<PAIRS>;
type Figures = pairs::table::Figures<PAIRS>;

/// How many pairs there are, each with a column.
const PAIRS: usize = 6;

/// In this order. A run without arguments measures all but `long`, which takes a quarter of an hour.
const PARTS: [Part<Subject, PAIRS>; 9] = [
    ("cpu", cpu::measure),
    ("highest", highest::measure),
    ("overload", overload::measure),
    ("rates", rates::measure),
    ("memory", memory::measure),
    ("start", start_up::measure),
    ("trace", traced::measure),
    ("workers", workers::measure),
    (LONG, long::measure),
];

const OF_SIPP: usize = 1;

/// The ruler that moves 64 datagrams a system call.
const OF_BATCHES: usize = 4;

const COLUMNS: Columns<PAIRS> = Columns {
    titles: ["rsipp", "sipp", "-no_gso", "floor, groups", "floor, 64", "floor, 1"],
    ratios: &[
        Ratio { of: 0, to: 1, title: "rsipp/sipp" },
        Ratio { of: 0, to: 3, title: "rsipp/groups" },
        Ratio { of: 2, to: OF_BATCHES, title: "-no_gso/64" },
    ],
};

/// Figures of the two programs alone.
fn programs(rsipp: Option<f64>, sipp: Option<f64>) -> Figures {
    [rsipp, sipp, None, None, None, None]
}

/// What is measured.
pub struct Subject {
    /// One for each column.
    pairs: [Pair; PAIRS],
    /// The highest rate of each.
    highest: Option<Figures>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if floor::is_asked_for(&arguments) {
        return ExitCode::SUCCESS;
    }
    pairs::bench::run(&arguments, &PARTS, COLUMNS, || {
        let sizes = pair::message_sizes();
        let texts: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        let [groups, batches, single] = Style::ALL.map(|style| Pair::Floor { sizes: texts.join(","), style });
        let pairs = [Pair::Sip(RSIPP), Pair::Sip(SIPP), Pair::Sip(SINGLY), groups, batches, single];
        let description = format!("Sizes of a call's six datagrams: {sizes:?} bytes.");
        (Subject { pairs, highest: None }, description)
    })
}
