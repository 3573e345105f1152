//! A bench: parts that can be asked for by name, each of which adds lines to one table. `-- --test` runs everything once, tiny;
//! `-- --long` the part of that name too.

use std::cell::Cell;
use std::process::ExitCode;

use super::machine;
use super::program::require_sipp;
use super::table::{Columns, Table};

/// The part that runs only when it is asked for.
pub const LONG: &str = "long";

/// Something to measure, by the name that the command line has for it.
pub type Part<S, const N: usize> = (&'static str, fn(&mut Bench<S>, &mut Table<N>));

/// What all parts use. `S`: what is measured.
pub struct Bench<S> {
    pub subject: S,
    /// Everything once, and too short to measure anything.
    pub tiny: bool,
    /// Something that rsipp should have done did not work.
    troubled: Cell<bool>,
}

impl<S> Bench<S> {
    pub fn pick<T>(&self, full: T, tiny: T) -> T {
        if self.tiny { tiny } else { full }
    }

    /// Says what did not work. The run goes on, and fails at its end.
    pub fn trouble(&self, what: &str) {
        println!("  {what}");
        self.troubled.set(true);
    }

    pub fn expect<T>(&self, result: Result<T, String>) -> Option<T> {
        result.map_err(|why| self.trouble(&why)).ok()
    }
}

/// The whole of a bench. `subject` is made once it is known that there is something to do; it comes with a line on what it is.
pub fn run<S, const N: usize>(
    arguments: &[String],
    parts: &[Part<S, N>],
    columns: Columns<N>,
    subject: impl FnOnce() -> (S, String),
) -> ExitCode {
    let [tiny, long] = ["--test", "--long"].map(|flag| arguments.iter().any(|argument| argument == flag));
    let named: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = named.iter().find(|name| !parts.iter().any(|(part, _)| part == **name)) {
        let parts: Vec<&str> = parts.iter().map(|(part, _)| *part).collect();
        eprintln!("{unknown} is no part of this bench: {}", parts.join(" "));
        return ExitCode::FAILURE;
    }
    let sipp = require_sipp();
    let (subject, description) = subject();
    let mut bench = Bench { subject, tiny, troubled: Cell::new(false) };
    let load = machine::load();
    if load > 0.5 && !tiny {
        println!("This machine is busy (load {load}): what follows may be wrong.");
    }
    let mut table = Table::new(columns);
    for (name, measure) in parts {
        let wanted = match *name {
            _ if !named.is_empty() => named.iter().any(|asked| asked == name),
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
    println!("{description}");
    if tiny {
        println!("This was a test of the bench: the figures mean nothing.");
    }
    if bench.troubled.get() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
