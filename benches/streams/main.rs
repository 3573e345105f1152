//! rsipp beside sipp over TCP, TLS and WebSocket, on loopback, in one run: what a call costs, how many new connections a second, what
//! ten thousand open ones weigh.
//!
//! `cargo bench --bench streams` takes about seven minutes and wants a machine with nothing else to do. `-- cpu` measures only this
//! part, `-- --test` runs everything once, tiny, and says nothing about speed.
//!
//! Each pair is the built-in `uac` against the built-in `uas` of the same program, one core each (`taskset`). Debian's sipp has
//! TCP alone. TLS is version 1.3 with an ECDSA P-256 certificate; handshakes are full ones, or resumed where the line says so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a bench talks to real programs over real sockets and stops at the first thing that is not as it should be"
)]

mod connections;
mod cpu;
mod open;
#[path = "../pairs/mod.rs"]
#[allow(dead_code, reason = "all of it is used by the bench over UDP")]
mod pairs;

use std::process::ExitCode;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use pairs::bench::Part;
use pairs::program::{Program, RSIPP, SIPP};
use pairs::table::{Columns, Ratio};
use tempfile::TempDir;

type Bench = pairs::bench::Bench<Subject>;
type Table = pairs::table::Table<2>;

const PARTS: [Part<Subject, 2>; 3] =
    [("cpu", cpu::measure), ("connections", connections::measure), ("open", open::measure)];

/// sipp's column.
const OF_SIPP: usize = 1;

const COLUMNS: Columns<2> =
    Columns { titles: ["rsipp", "sipp"], ratios: &[Ratio { of: 0, to: OF_SIPP, title: "rsipp/sipp" }] };

/// What is measured.
pub struct Subject {
    /// A certificate and its key.
    folder: TempDir,
}

/// What both are told besides. sipp does not start when it may open more sockets than files.
const ALWAYS: [&str; 2] = ["-max_socket", "15000"];

/// Files that either side may open: these sockets and what it has besides.
const FILES: u64 = 15_100;

/// A transport as the command line has it.
#[derive(Clone, Copy, Debug)]
struct Way {
    name: &'static str,
    words: &'static [&'static str],
    /// Debian's sipp has it too.
    of_sipp: bool,
}

const T1: Way = Way { name: "t1", words: &["-t", "t1"], of_sipp: true };
const TN: Way = Way { name: "tn", words: &["-t", "tn"], of_sipp: true };
const L1: Way = Way { name: "l1", words: &["-t", "l1"], of_sipp: false };
const LN: Way = Way { name: "ln", words: &["-t", "ln", "-tls_no_resume"], of_sipp: false };
const LN_RESUMED: Way = Way { name: "ln, resumed", words: &["-t", "ln"], of_sipp: false };
const W1: Way = Way { name: "w1", words: &["-t", "w1"], of_sipp: false };

impl Way {
    /// Does something with rsipp, and with sipp if that is to be: a figure, or why there is none. rsipp must have one.
    fn each<T>(self, bench: &Bench, mut figure: impl FnMut(&Program) -> Result<T, String>) -> [Option<T>; 2] {
        let files = ["cert.pem", "key.pem"].map(|name| bench.subject.folder.path().join(name));
        let [cert, key] = files.each_ref().map(|file| file.to_str().unwrap());
        let plain = [self.words, &ALWAYS].concat();
        let words = [&plain[..], &["-tls_cert", cert, "-tls_key", key]].concat();
        let rsipp = bench.expect(figure(&Program { words: &words, ..RSIPP }));
        let sipp = self.of_sipp.then(|| figure(&Program { words: &plain, ..SIPP }));
        let sipp = sipp.and_then(|result| result.map_err(|why| println!("  sipp: {why}")).ok());
        [rsipp, sipp]
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The programs inherit it; sipp does not raise it by itself.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    if setrlimit(Resource::RLIMIT_NOFILE, FILES, most).is_err() {
        eprintln!(
            "this bench opens {FILES} files a process, and the system allows {most}: ulimit -Hn {FILES}"
        );
        return ExitCode::FAILURE;
    }
    pairs::bench::run(&arguments, &PARTS, COLUMNS, || {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        (Subject { folder }, "TLS 1.3, ECDSA P-256.".to_owned())
    })
}
