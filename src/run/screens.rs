//! The screens while a test runs: where their period began, pages for the display, and dumps on SIGUSR2 and at the end.
//! Spec: outputs.md §3.2, §14.1, §17. In: what the main worker says of itself. Out: pages, dumps in a file. Must not format.

use super::load::Scenario;
use crate::cli::Options;
use crate::clock::Tick;
use crate::control::view::View;
use crate::engine::Phase;
use crate::engine::scenarios::fresh_stats;
use crate::report::log_file::{Kind, LogFile, Names, TraceFailure};
use crate::report::page::{self, Frame, Page};
use crate::report::recorder::Recorder;
use crate::report::screen::{self, Footer, Period, Snapshot};
use crate::report::screen_file::ScreenFile;
use crate::scenario::Part;
use crate::scenario::plan::Role;
use crate::stats::Stats;
use crate::worker::Status;

/// What is known of the screens' period, and where dumps go.
#[derive(Debug)]
pub struct Screens {
    file: ScreenFile,
    periods: Vec<Began>,
    resolution_ms: u64,
    /// Dumps asked for that no status has come for yet.
    waiting: usize,
}

/// The beginning of a scenario's period.
#[derive(Debug)]
struct Began {
    part: Part,
    at: Tick,
    before: Stats,
}

impl Screens {
    /// Opens the file of `-trace_screen`, if it is wanted.
    ///
    /// # Errors
    /// It can not be created.
    pub fn open(options: &Options, names: &Names, scenario: &Scenario) -> Result<Screens, TraceFailure> {
        let wanted = &options.trace.screens;
        let file = LogFile::resolve(names, Kind::Screen, wanted.name.as_deref(), Some(!wanted.append));
        let file = if wanted.enabled { ScreenFile::open(&file)? } else { ScreenFile::OnDemand(file) };
        let plans = [
            (Part::Main, Some(&scenario.plan)),
            (Part::OutOfCall, scenario.out_of_call.as_ref()),
            (Part::Receiving, scenario.receiving.as_ref()),
        ];
        let periods = plans
            .into_iter()
            .filter_map(|(part, plan)| Some(Began { part, at: Tick::ZERO, before: fresh_stats(plan?) }))
            .collect();
        Ok(Screens { file, periods, resolution_ms: options.run.timer_resolution_ms, waiting: 0 })
    }

    /// The running period of a scenario.
    pub fn period(&self, part: Part) -> Option<Period<'_>> {
        let began = self.periods.iter().find(|began| began.part == part)?;
        Some(Period { began: began.at, before: &began.before, resolution_ms: self.resolution_ms })
    }

    /// A period is over (`-f`).
    pub fn begin_period(&mut self, status: &Status) {
        for began in &mut self.periods {
            if let Some(stats) = status.stats_of(began.part) {
                began.at = status.figures.at;
                began.before = stats.clone();
            }
        }
    }

    /// Where counting has begun anew since the period began (`reset stats`), the period does so too.
    pub fn heed_reset(&mut self, status: &Status) {
        for began in &mut self.periods {
            if let Some(stats) = status.stats_of(began.part) {
                let (at, before) = stats.period_start(began.at, &began.before);
                let before = before.into_owned();
                (began.at, began.before) = (at, before);
            }
        }
    }

    /// A dump is asked for: the worker will send its status.
    pub fn expect_dump(&mut self) {
        self.waiting += 1;
    }

    /// Whether the last status must be dumped: nobody may ask in vain, and `-trace_screen` asks for it after a normal end.
    pub fn wants_last(&self, normal_end: bool) -> bool {
        self.waiting > 0 || normal_end && self.file.wants_the_end()
    }

    /// Writes a dump that was asked for at `now`.
    pub fn write(&mut self, dump: &str, now: Tick, recorder: &Recorder) {
        self.waiting = self.waiting.saturating_sub(1);
        if let Err(failure) = self.file.dump(dump) {
            recorder.warning(now, failure.to_string().as_bytes());
        }
    }
}

/// A dump of a run in this phase.
pub fn dump(snapshot: &Snapshot<'_>, phase: Phase, recorder: &Recorder) -> String {
    screen::dump(snapshot, footer(snapshot, phase), recorder.last_warning().as_deref())
}

/// The page that the live display shows of it.
pub fn page(snapshot: &Snapshot<'_>, status: &Status, view: View, recorder: &Recorder) -> Page {
    let warning = recorder.last_warning();
    let frame = Frame {
        footer: footer(snapshot, status.phase),
        last_warning: warning.as_deref(),
        resources: Some(&status.resources).filter(|_| view.display == Part::Main),
    };
    page::page(view.screen, snapshot, &frame)
}

fn footer(snapshot: &Snapshot<'_>, phase: Phase) -> Footer {
    match (phase, snapshot.plan.role) {
        (Phase::Draining, _) => Footer::Draining,
        (Phase::ForcedToEnd, _) => Footer::ForcedToEnd,
        (Phase::Paused, _) => Footer::Paused,
        (Phase::Running, Role::Client) => Footer::Client,
        (Phase::Running, Role::Server) => Footer::Server,
    }
}
