//! What a test shows of itself: SIPp's screens, and our verdict at the end, for the main side and the other one.
//! Spec: outputs.md §16, §17. In: what a worker says of itself or left behind. Out: snapshots, text for stdout. Must not count.

use super::reports::End;
use super::screens::Screens;
use super::side::{Common, Running};
use super::stories;
use crate::cli::Options;
use crate::clock::Span;
use crate::control::view::View;
use crate::engine::Scenarios;
use crate::report::errors::Warnings;
use crate::report::expect::Judgement;
use crate::report::log_file::TraceFailure;
use crate::report::screen::{self, Head, Load, Period, Side as Layout, Snapshot, Tasks};
use crate::report::verdict;
use crate::scenario::Part;
use crate::scenario::plan::Role;
use crate::stats::Target;
use crate::stats::story::FailureStory;
use crate::worker::Status;

/// What the screens need of a side besides its counters.
#[derive(Debug)]
pub struct Side {
    local_port: u16,
    remote: (String, u16),
    scenarios: Scenarios,
}

impl Side {
    /// Remembered before the side's thread is joined.
    pub fn of(running: &Running) -> Side {
        let remote = running.endpoints.remote.as_ref();
        Side {
            local_port: running.workers.local_port(),
            remote: remote
                .map_or((String::new(), 0), |remote| (remote.addr.ip().to_string(), remote.addr.port())),
            scenarios: running.scenarios.clone(),
        }
    }
}

/// A side at one moment: all that its screens are made of.
#[derive(Debug)]
pub struct Moment<'a> {
    common: &'a Common<'a>,
    side: &'a Side,
    /// What its worker said.
    pub status: &'a Status,
    /// Of the main scenario.
    head: Head,
    /// The same for a scenario that is called.
    called: Head,
}

impl<'a> Moment<'a> {
    /// The side as its worker says it is. `open_sockets`: 0 at the end.
    pub fn new(
        common: &'a Common<'a>,
        side: &'a Side,
        status: &'a Status,
        view: View,
        open_sockets: u64,
    ) -> Moment<'a> {
        let head = Head { honours_hide: view.honours_hide, ..head(common, side, status, open_sockets) };
        let called = Head { side: Layout::Server, ..head.clone() };
        Moment { common, side, status, head, called }
    }

    /// What the screens of a part's scenario show, if it has one.
    pub fn of<'s>(&'s self, part: Part, period: Option<Period<'s>>) -> Option<Snapshot<'s>> {
        let stats = self.status.stats_of(part)?;
        Some(Snapshot {
            plan: self.side.scenarios.get(part)?,
            stats,
            head: if part == Part::Main { &self.head } else { &self.called },
            clock: self.common.wall,
            started: stats.since,
            now: self.status.figures.at,
            period,
        })
    }

    /// What stands above the counters of the main scenario.
    pub fn head(&self) -> &Head {
        &self.head
    }

    fn verdict(&self, part: Part) -> Option<String> {
        let resources = Some(&self.status.resources).filter(|_| part == Part::Main);
        self.of(part, None).map(|snapshot| verdict::verdict(&snapshot, resources))
    }
}

/// Screens of the scenario on display, and the verdict of each; of the counterpart only the verdict; thresholds. `screens`: for the
/// running period, unless the end was a normal one.
pub fn text(view: View, end: &End<'_>, screens: Option<&Screens>) -> String {
    let (main, _) = end.main;
    let period = screens.and_then(|screens| screens.period(view.display));
    let shown = main.of(view.display, period);
    let mut text = shown.map_or_else(String::new, |shown| screen::closing(view.screen, &shown));
    for (part, title) in [
        (Part::Main, ""),
        (Part::OutOfCall, "The out-of-call scenario:\n"),
        (Part::Receiving, "The receiving scenario:\n"),
    ] {
        if let Some(verdict) = main.verdict(part) {
            text.push_str(title);
            text.push_str(&verdict);
        }
    }
    if let Some(verdict) = end.peer.as_ref().and_then(|(peer, _)| peer.verdict(Part::Main)) {
        text.push_str("The other side:\n");
        text.push_str(&verdict);
    }
    if !end.judgements.is_empty() {
        text.push_str("Thresholds:\n");
        text.extend(end.judgements.iter().map(Judgement::line));
    }
    text
}

/// What stderr gets: failed calls, of the main side if it has any, warnings, thresholds that were not held, files that lack something.
pub fn complaints(
    options: &Options,
    end: &End<'_>,
    warnings: &Warnings,
    failure: Option<&TraceFailure>,
) -> Vec<u8> {
    let of = |moment: &Moment<'_>, told: &[FailureStory]| {
        stories::shown(options, told, moment.status.figures.stats.failed)
    };
    let mut failures = of(end.main.0, end.main.1);
    if let (Some((peer, told)), true) = (&end.peer, failures.is_empty()) {
        failures = of(peer, told);
    }
    let mut said = failures.into_bytes();
    said.extend_from_slice(&warnings.exit_report());
    for missed in end.judgements.iter().filter(|judgement| !judgement.held) {
        said.extend_from_slice(format!("Not held: {}: {}\n", missed.expected, missed.found).as_bytes());
    }
    if let Some(failure) = failure {
        said.extend_from_slice(format!("{failure}\n").as_bytes());
    }
    said
}

/// What stands above the counters.
fn head(common: &Common<'_>, side: &Side, status: &Status, open_sockets: u64) -> Head {
    let options = common.options;
    let stats = &status.figures.stats;
    let load = match (status.rate, status.figures.target) {
        (Some((rate, since)), _) => {
            let first = stats.first_opened.filter(|first| since <= *first);
            let steady = first.map(|first| stats.last_opened.since(first));
            Load::Rate { calls: rate.calls(), period: rate.period(), steady }
        }
        (None, Target::Users(users)) => Load::Users(users),
        (None, Target::CallsPerPeriod(_)) => Load::Users(0),
    };
    Head {
        side: match side.scenarios[Part::Main].role {
            Role::Server => Layout::Server,
            Role::Client => {
                Layout::Client { load, limit: status.limit.unwrap_or(0), remote: side.remote.clone() }
            }
        },
        honours_hide: true,
        default_pause: Span::from_millis(options.call.default_pause_ms),
        calls_to_make: options.load.calls,
        local_port: side.local_port,
        transport: options.network.mode.transport.name(),
        auto_answer: options.call.auto_answer,
        loses: options.call.lost_percent != 0.0,
        open_sockets,
        tasks: Tasks { running: 0, paused: stats.current + status.dead_calls as u64, woken_up: 0 },
        circuits: status.circuits.clone(),
    }
}
