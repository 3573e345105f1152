//! rsipp beside sipp, on loopback, in one run, with the ruler beside them: what a call costs, how many a second, how well the rate
//! is kept, what an open call weighs. Goals: design.md.
//!
//! `cargo bench --bench loopback` takes about four minutes and wants a machine with nothing else to do. `-- cpu memory` measures
//! only these parts, `-- --long` the long part too, `-- --test` runs everything once, tiny, and says nothing about speed.
//!
//! Each pair is the built-in `uac` against the built-in `uas` of the same program, with their defaults but for equally large
//! socket buffers, one core each (`taskset`).
//!
//! The ruler is a pair that only moves datagrams of the same number and sizes (`floor`), 64 at a time or one by one. It wakes for each
//! datagram, so who lets them gather can do with less CPU. As for the highest rate it is no bound: it repeats nothing, so one datagram lost is a call lost.

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

use std::process::ExitCode;

use pair::Pair;
use pairs::bench::{LONG, Part};
use pairs::program::{RSIPP, SIPP};
use pairs::table::Columns;

type Bench = pairs::bench::Bench<Subject>;
type Table = pairs::table::Table<4>;
type Figures = pairs::table::Figures<4>;

/// In this order. A run without arguments measures all but `long`, which takes a quarter of an hour.
const PARTS: [Part<Subject, 4>; 8] = [
    ("cpu", cpu::measure),
    ("highest", highest::measure),
    ("overload", overload::measure),
    ("rates", rates::measure),
    ("memory", memory::measure),
    ("start", start_up::measure),
    ("trace", traced::measure),
    (LONG, long::measure),
];

/// The column of the ruler in batches.
const FLOOR: usize = 2;

const COLUMNS: Columns<4> = Columns {
    titles: ["rsipp", "sipp", "floor, 64", "floor, 1"],
    ratios: &[(1, "rsipp/sipp"), (FLOOR, "rsipp/floor")],
};

/// Datagrams of a system call, of the two rulers.
const BATCHES: [usize; 2] = [64, 1];

/// What is measured.
pub struct Subject {
    /// One for each column.
    pairs: [Pair; 4],
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
        let [batched, single] = BATCHES.map(|batch| Pair::Floor { sizes: texts.join(","), batch });
        let pairs = [Pair::Sip(RSIPP), Pair::Sip(SIPP), batched, single];
        let description = format!("Sizes of a call's six datagrams: {sizes:?} bytes.");
        (Subject { pairs, highest: None }, description)
    })
}
