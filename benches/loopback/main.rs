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
mod machine;
mod memory;
mod overload;
mod pair;
mod process;
mod rates;
mod start_up;
mod stat_file;
mod table;
mod traced;
mod verdict;

use std::cell::Cell;
use std::process::ExitCode;

use pair::{Pair, RSIPP, SIPP};
use table::{Figures, Table};

/// Something to measure, by the name that the command line has for it.
type Part = (&'static str, fn(&mut Bench, &mut Table));

/// In this order. A run without arguments measures all but `long`.
const PARTS: [Part; 8] = [
    ("cpu", cpu::measure),
    ("highest", highest::measure),
    ("overload", overload::measure),
    ("rates", rates::measure),
    ("memory", memory::measure),
    ("start", start_up::measure),
    ("trace", traced::measure),
    (LONG, long::measure),
];

/// The part that takes a quarter of an hour.
const LONG: &str = "long";

/// Datagrams of a system call, of the two rulers.
const BATCHES: [usize; 2] = [64, 1];

/// What all parts use.
pub struct Bench {
    /// rsipp, sipp, the ruler in batches, the ruler one by one.
    pairs: [Pair; 4],
    /// Everything once, and too short to measure anything.
    tiny: bool,
    /// Searched for when a part first asks.
    highest: Option<Figures>,
    /// Something that rsipp should have done did not work.
    troubled: Cell<bool>,
}

impl Bench {
    fn pick<T>(&self, full: T, tiny: T) -> T {
        if self.tiny { tiny } else { full }
    }

    /// The highest rate of each pair.
    fn highest(&mut self) -> Figures {
        if self.highest.is_none() {
            self.highest = Some(highest::search_all(self));
        }
        self.highest.unwrap_or_default()
    }

    /// Says what did not work. The run goes on, and fails at its end.
    fn trouble(&self, what: &str) {
        println!("  {what}");
        self.troubled.set(true);
    }

    fn expect<T>(&self, result: Result<T, String>) -> Option<T> {
        result.map_err(|why| self.trouble(&why)).ok()
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if floor::is_asked_for(&arguments) {
        return ExitCode::SUCCESS;
    }
    let [tiny, long] = ["--test", "--long"].map(|flag| arguments.iter().any(|argument| argument == flag));
    let named: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = named.iter().find(|name| !PARTS.iter().any(|(part, _)| part == **name)) {
        let parts: Vec<&str> = PARTS.iter().map(|(part, _)| *part).collect();
        eprintln!("{unknown} is no part of this bench: {}", parts.join(" "));
        return ExitCode::FAILURE;
    }
    let sipp = pair::require_sipp();
    let sizes = pair::message_sizes();
    let texts: Vec<String> = sizes.iter().map(ToString::to_string).collect();
    let [batched, single] = BATCHES.map(|batch| Pair::Floor { sizes: texts.join(","), batch });
    let pairs = [Pair::Sip(RSIPP), Pair::Sip(SIPP), batched, single];
    let mut bench = Bench { pairs, tiny, highest: None, troubled: Cell::new(false) };
    let load = machine::load();
    if load > 0.5 && !tiny {
        println!("This machine is busy (load {load}): what follows may be wrong.");
    }
    let mut table = Table::default();
    for (name, measure) in PARTS {
        let wanted = match name {
            _ if !named.is_empty() => named.iter().any(|asked| *asked == name),
            LONG => long || tiny,
            _ => true,
        };
        if wanted {
            println!("measuring {name} ...");
            measure(&mut bench, &mut table);
        }
    }
    for line in table.incomplete() {
        bench.trouble(&format!("rsipp has no figure for: {line}"));
    }
    println!("\n{}", table.markdown(!tiny));
    println!("rsipp {}, {sipp}, {}", env!("CARGO_PKG_VERSION"), machine::description());
    println!("Sizes of a call's six datagrams: {sizes:?} bytes.");
    if tiny {
        println!("This was a test of the bench: the figures mean nothing.");
    }
    if bench.troubled.get() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
