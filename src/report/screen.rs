//! SIPp's screens as text, and what is made of them: the two closing screens, and dumps.
//! Spec: outputs.md §14.3, §15, §16.1, §17 (form of 3.7, its wrong figures put right). In: a [`Snapshot`]. Out: text
//! for stdout and files. Must not count or read the clock.

use super::{
    screen_circuits, screen_head, screen_repartition, screen_steps, screen_totals, screen_variables,
};
use crate::clock::{Span, Tick, WallClock};
use crate::engine::circuits::Circuits;
use crate::scenario::plan::Plan;
use crate::stats::Stats;

/// A run at one moment: all that the screens and the verdict show.
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
    /// Which circuits calls hold, with `-tdmmap`.
    pub circuits: Option<Circuits>,
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

/// One of the screens (outputs.md §14.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// Counts per step.
    #[default]
    Scenario,
    /// Counters of the scenario.
    Statistics,
    /// Classes of the response time with this ordinal, from 0; the first one shows the call length too.
    Repartition(usize),
    /// Actions of each step.
    Variables,
    /// The TDM map, which only a run with `-tdmmap` has.
    Circuits,
}

impl Screen {
    /// The screen behind a key.
    pub fn of_key(key: char) -> Option<Screen> {
        match key {
            '1' => Some(Screen::Scenario),
            '2' => Some(Screen::Statistics),
            '3' => Some(Screen::Repartition(0)),
            '4' => Some(Screen::Variables),
            '5' => Some(Screen::Circuits),
            '6' => Some(Screen::Repartition(1)),
            '7' => Some(Screen::Repartition(2)),
            '8' => Some(Screen::Repartition(3)),
            '9' => Some(Screen::Repartition(4)),
            _ => None,
        }
    }
}

/// The line below a screen (outputs.md §14.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Footer {
    /// The closing screens.
    Terminated,
    /// No new calls; those in progress end by themselves.
    Draining,
    /// Calls in progress are being aborted.
    ForcedToEnd,
    /// No new calls until somebody wants them again.
    Paused,
    /// None of these, and we open calls.
    Client,
    /// None of these, and we are called.
    Server,
}

impl Footer {
    /// With its line end.
    pub fn line(self) -> &'static str {
        match self {
            Footer::Terminated => {
                "------------------------------ Test Terminated --------------------------------\n"
            }
            Footer::Draining => {
                "------- Waiting for active calls to end. Press [q] again to force exit. -------\n"
            }
            Footer::ForcedToEnd => {
                "-------------------------------- Forcing quit ---------------------------------\n"
            }
            Footer::Paused => {
                "----------------- Traffic Paused - Press [p] again to resume ------------------\n"
            }
            Footer::Client => {
                "------ [+|-|*|/]: Adjust rate ---- [q]: Soft exit ---- [p]: Pause traffic -----\n"
            }
            Footer::Server => {
                "------------------------------ SIPp Server Mode -------------------------------\n"
            }
        }
    }
}

/// Appends a screen, from its title to the line above the footer.
pub fn append(screen: Screen, snapshot: &Snapshot<'_>, out: &mut String) {
    match screen {
        Screen::Scenario => {
            out.push_str("------------------------------ Scenario Screen -------- [1-9]: Change Screen --\n");
            screen_head::append(snapshot, out);
            out.push('\n');
            screen_steps::append(snapshot, out);
        }
        Screen::Statistics => {
            out.push_str("----------------------------- Statistics Screen ------- [1-9]: Change Screen --\n");
            screen_totals::append(snapshot, out);
        }
        Screen::Repartition(0) => {
            out.push_str("---------------------------- Repartition Screen ------- [1-9]: Change Screen --\n");
            screen_repartition::append(snapshot, 0, out);
        }
        Screen::Repartition(ordinal) => {
            let number = ordinal + 1;
            push_line(
                &format!(
                    "--------------------------- Repartition {number} Screen ------ [1-9]: Change Screen --"
                ),
                out,
            );
            screen_repartition::append(snapshot, ordinal, out);
        }
        Screen::Variables => {
            out.push_str("----------------------------- Variables Screen -------- [1-9]: Change Screen --\n");
            screen_variables::append(snapshot, out);
        }
        Screen::Circuits => {
            out.push_str("------------------------------ TDM map Screen --------- [1-9]: Change Screen --\n");
            if let Some(circuits) = &snapshot.head.circuits {
                screen_circuits::append(circuits, out);
            }
        }
    }
}

/// The closing screens, with the footer of the end: the one that was looked at, then the statistics.
pub fn closing(first: Screen, snapshot: &Snapshot<'_>) -> String {
    let mut screens = String::new();
    append(first, snapshot, &mut screens);
    screens.push_str(Footer::Terminated.line());
    if first != Screen::Statistics {
        append(Screen::Statistics, snapshot, &mut screens);
        screens.push_str(Footer::Terminated.line());
    }
    screens
}

/// A dump (outputs.md §17): scenario, statistics, and the repartitions of all response times. `last_warning`: its text, if any.
pub fn dump(snapshot: &Snapshot<'_>, footer: Footer, last_warning: Option<&[u8]>) -> String {
    let further = (1..snapshot.plan.rtds.len()).map(Screen::Repartition);
    let mut screens = String::new();
    for screen in [Screen::Scenario, Screen::Statistics, Screen::Repartition(0)].into_iter().chain(further) {
        append(screen, snapshot, &mut screens);
        if let Some(text) = last_warning {
            screens.push_str(&last_error(text));
        }
        screens.push_str(footer.line());
    }
    screens
}

/// How much of a warning is shown.
const LAST_ERROR: usize = 60;

/// The line above the footer when something was warned of (outputs.md §14.3), with its line end. It ends where the warning's first
/// line does.
pub fn last_error(text: &[u8]) -> String {
    let line = text.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let shown: String = String::from_utf8_lossy(line).chars().take(LAST_ERROR).collect();
    format!("Last Error: {shown}...\n")
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
pub(super) mod tests;
