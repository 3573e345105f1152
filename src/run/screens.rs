//! The screens while a test runs: where their period began, and dumps on SIGUSR2 and at the end.
//! Spec: outputs.md §3.2, §14.1, §17. In: views of the main worker. Out: dumps in a file. Must not format.

use crate::cli::Options;
use crate::clock::Tick;
use crate::engine::Phase;
use crate::report::log_file::{Kind, LogFile, Names, TraceFailure};
use crate::report::recorder::Recorder;
use crate::report::screen::{self, Footer, Period, Snapshot};
use crate::report::screen_file::ScreenFile;
use crate::scenario::plan::{Plan, Role};
use crate::stats::Stats;
use crate::worker::View;

/// What is known of the screens' period, and where dumps go.
#[derive(Debug)]
pub struct Screens {
    file: ScreenFile,
    began: Tick,
    before: Stats,
    resolution_ms: u64,
    /// Dumps asked for that no view has come for yet.
    waiting: usize,
}

impl Screens {
    /// Opens the file of `-trace_screen`, if it is wanted.
    ///
    /// # Errors
    /// It can not be created.
    pub fn open(options: &Options, names: &Names, plan: &Plan) -> Result<Screens, TraceFailure> {
        let wanted = &options.trace.screens;
        let file = LogFile::resolve(names, Kind::Screen, wanted.name.as_deref(), Some(!wanted.append));
        let file = if wanted.enabled { ScreenFile::open(&file)? } else { ScreenFile::OnDemand(file) };
        let resolution_ms = options.run.timer_resolution_ms;
        Ok(Screens { file, began: Tick::ZERO, before: no_figures(plan), resolution_ms, waiting: 0 })
    }

    /// The running period.
    pub fn period(&self) -> Period<'_> {
        Period { began: self.began, before: &self.before, resolution_ms: self.resolution_ms }
    }

    /// A period is over (`-f`).
    pub fn begin_period(&mut self, view: View) {
        self.began = view.figures.at;
        self.before = view.figures.stats;
    }

    /// A dump is asked for: the worker will send a view.
    pub fn expect_dump(&mut self) {
        self.waiting += 1;
    }

    /// Whether the last view must be dumped: nobody may ask in vain, and `-trace_screen` asks for it after a normal end.
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
    let footer = match (phase, snapshot.plan.role) {
        (Phase::Draining, _) => Footer::Draining,
        (Phase::ForcedToEnd, _) => Footer::ForcedToEnd,
        (Phase::Running, Role::Client) => Footer::Client,
        (Phase::Running, Role::Server) => Footer::Server,
    };
    screen::dump(snapshot, footer, recorder.last_warning().as_deref())
}

/// The counters of a scenario before anything has happened.
pub fn no_figures(plan: &Plan) -> Stats {
    let borders: Vec<_> = plan.rtds.iter().map(|rtd| rtd.borders.clone()).collect();
    Stats::new(plan.steps.len(), plan.counters.len(), &borders, &plan.call_length_borders)
}
