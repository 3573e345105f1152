//! SIPp's closing screens as text: scenario screen, then statistics screen.
//! Spec: outputs.md §14.3, §15.1-15.5, §16.1 (form of 3.7, its wrong figures put right). In: a [`Snapshot`]. Out: text
//! for stdout. Must not count or read the clock.

use super::{screen_head, screen_steps, screen_totals};
use crate::clock::{Span, Tick, WallClock};
use crate::scenario::plan::Plan;
use crate::stats::Stats;

/// A run at one moment: all that the closing screens and the verdict show.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot<'a> {
    /// The scenario.
    pub plan: &'a Plan,
    /// Its counters since the start, all workers together.
    pub stats: &'a Stats,
    /// What the counters do not tell.
    pub head: &'a Head,
    /// Makes stamps of ticks.
    pub clock: WallClock,
    /// When the scenario was loaded, or its counters were reset (`Start Time`).
    pub started: Tick,
    /// `Current Time`; `Total-time` is this tick.
    pub now: Tick,
    /// The running period of `-f` at a SIGINT, SIGTERM or fatal error. None at a normal end: periodic values are 0.
    pub period: Option<Period<'a>>,
}

/// The time since the last `-f` tick.
#[derive(Clone, Copy, Debug)]
pub struct Period<'a> {
    /// When the tick was.
    pub began: Tick,
    /// The counters at that moment.
    pub before: &'a Stats,
    /// Mean time between two rounds of the main loop, in ms.
    pub resolution_ms: u64,
}

/// What the screens show of options, sockets and tasks.
#[derive(Clone, Debug)]
pub struct Head {
    /// Which layout, and what only that one shows.
    pub side: Side,
    /// Whether steps with `hide` are left out (`set hide`).
    pub honours_hide: bool,
    /// `-d`
    pub default_pause: Span,
    /// `-m`
    pub calls_to_make: Option<u64>,
    /// Port of our socket.
    pub local_port: u16,
    /// `UDP`, `TCP`, `TLS`, `SCTP`
    pub transport: &'static str,
    /// `-aa`
    pub auto_answer: bool,
    /// `-lost` is not 0: the column of lost messages is there even if no step has a `lost` of its own.
    pub loses: bool,
    /// Sockets still open: 0 at the end.
    pub open_sockets: u64,
    /// Calls that wait or run.
    pub tasks: Tasks,
}

/// The two layouts (outputs.md §15).
#[derive(Clone, Debug)]
pub enum Side {
    /// Opens calls.
    Client {
        /// What drives it.
        load: Load,
        /// `-l`, or the limit computed from the rate, or the number of users.
        limit: u64,
        /// Address and port of the remote host.
        remote: (String, u16),
    },
    /// Waits for calls.
    Server,
}

/// What decides when a call is opened.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// `-r`, `-rp`
    Rate {
        /// Calls per period.
        calls: f64,
        /// The period.
        period: Span,
        /// From the start of the first call to that of the last, if the rate never changed in between; otherwise asked
        /// and achieved rate cannot be compared.
        steady: Option<Span>,
    },
    /// `-users`
    Users(u32),
}

/// Scheduler tasks: calls, and calls that are over but remembered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tasks {
    /// Ready to run.
    pub running: u64,
    /// Waiting.
    pub paused: u64,
    /// Woken since the last drawing.
    pub woken_up: u64,
}

const TERMINATED: &str = "------------------------------ Test Terminated --------------------------------\n";

/// Both screens, with the footer of the end.
pub fn closing(snapshot: &Snapshot<'_>) -> String {
    let mut screens = String::new();
    screens.push_str("------------------------------ Scenario Screen -------- [1-9]: Change Screen --\n");
    screen_head::append(snapshot, &mut screens);
    screens.push('\n');
    screen_steps::append(snapshot, &mut screens);
    screens.push_str(TERMINATED);
    screens.push_str(&closing_statistics(snapshot));
    screens
}

/// The statistics screen alone, with the footer of the end: when it is the one that was looked at.
pub fn closing_statistics(snapshot: &Snapshot<'_>) -> String {
    let mut screen =
        String::from("----------------------------- Statistics Screen ------- [1-9]: Change Screen --\n");
    screen_totals::append(snapshot, &mut screen);
    screen.push_str(TERMINATED);
    screen
}

/// Widest line (outputs.md §15.3).
const WIDEST: usize = 99;

/// Appends a line, cut where SIPp cuts it.
pub(super) fn push_line(line: &str, out: &mut String) {
    out.extend(line.chars().take(WIDEST));
    out.push('\n');
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
