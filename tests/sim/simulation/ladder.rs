//! A run on paper: scenarios, conditions, every message and what each side said about it. Costs nothing when it is off.

use std::net::SocketAddr;

use rsipp::clock::Tick;

use super::cast::Cast;
use super::conditions::Conditions;
use super::ledger::Numbers;
use super::side::Side;
use crate::link::Arrival;

/// Prints lines as they come: a run that panics has then told all.
#[derive(Debug)]
pub struct Ladder {
    is_on: bool,
    lines: usize,
    last: [Numbers; 2],
}

impl Ladder {
    pub fn new(is_on: bool) -> Ladder {
        Ladder { is_on, lines: 0, last: [Numbers::default(); 2] }
    }

    /// How many lines were printed.
    pub fn lines(&self) -> usize {
        self.lines
    }

    fn line(&mut self, line: impl FnOnce() -> String) {
        if self.is_on {
            self.lines += 1;
            println!("{}", line());
        }
    }

    pub fn head(&mut self, seed: u64, cast: &Cast, conditions: &Conditions) {
        self.line(|| {
            format!("seed {seed}: {}\nA\n{}\nB\n{}\n{conditions:#?}", cast.title, cast.xml[0], cast.xml[1])
        });
    }

    pub fn sent(&mut self, now: Tick, side: usize, to: SocketAddr, bytes: &[u8], arrivals: &[Arrival]) {
        self.line(|| {
            let fate: Vec<_> = arrivals.iter().map(|arrival| seconds(now + arrival.after)).collect();
            let fate =
                if fate.is_empty() { "lost".to_owned() } else { format!("arrives {}", fate.join(" ")) };
            format!("{} {} sends {} | to {} {fate}", seconds(now), name(side), brief(bytes), to.port())
        });
    }

    pub fn heard(&mut self, now: Tick, side: usize, from: SocketAddr, bytes: &[u8]) {
        self.line(|| {
            format!("{} {} hears {} | from {}", seconds(now), name(side), brief(bytes), from.port())
        });
    }

    pub fn say(&mut self, now: Tick, side: usize, verb: &str, text: &[u8]) {
        self.line(|| format!("{} {} {verb} {}", seconds(now), name(side), String::from_utf8_lossy(text)));
    }

    /// What an event has changed in the numbers of a side.
    pub fn counted(&mut self, side: usize, of: &Side) {
        if !self.is_on {
            return;
        }
        let numbers = Numbers::of(of.engine.stats());
        if std::mem::replace(&mut self.last[side], numbers) != numbers {
            self.line(|| format!("          {} counts {numbers:?}", name(side)));
        }
    }
}

fn name(side: usize) -> &'static str {
    ["A", "B"][side]
}

fn seconds(at: Tick) -> String {
    format!("{:9.3}", at.micros() as f64 / 1e6)
}

/// First line, CSeq and Call-ID; of noise its beginning.
fn brief(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = |name: &str| text.split("\r\n").find(|line| line.starts_with(name)).unwrap_or("-").to_owned();
    let first: String = text.split("\r\n").next().unwrap_or_default().chars().take(60).collect();
    format!("{first:?} | {} | {} | {} bytes", line("CSeq:"), line("Call-ID:"), bytes.len())
}
