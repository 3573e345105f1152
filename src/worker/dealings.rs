//! What the main thread asks of a worker, and what a worker tells it.
//! Spec: design.md (Threads). Plain data that crosses threads. Must not decide anything.

use tokio::sync::mpsc;

use crate::clock::Tick;
use crate::engine::circuits::Circuits;
use crate::engine::pacer::Rate;
use crate::engine::trail::FailedCall;
use crate::engine::{Command, Engine, Phase, RunEnd};
use crate::report::stat_csv::Figures;
use crate::scenario::Part;
use crate::stats::{Resources, Stats};

/// What the main thread tells a worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// Something for the engine.
    Engine(Command),
    /// The message trace was switched.
    TraceMessages(bool),
    /// End now, without a word to anybody (SIGINT, SIGTERM).
    Stop,
    /// A row of the statistics files is due (`-fd`): say how things stand.
    Row {
        /// `-periodic_rtd`: then the repartitions begin anew.
        clears_repartitions: bool,
    },
    /// Say how things stand.
    Show(Purpose),
}

/// What a status is for: it comes back with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A row of the statistics files (`-fd`).
    Row,
    /// The screens begin a new period (`-f`).
    NewPeriod,
    /// The line on the terminal.
    Progress,
    /// The live screen.
    Screen,
    /// The reports' time series, and metrics.
    Sample,
    /// A dump of the screens (SIGUSR2, key `s`).
    Dump,
}

/// How things stand with a worker at one moment.
#[derive(Clone, Debug)]
pub struct Status {
    /// The numbers of the main scenario and of the run.
    pub figures: Figures,
    /// Those of the other scenarios.
    pub others: Vec<(Part, Stats)>,
    /// The rate in force and since when; None with `-users`.
    pub rate: Option<(Rate, Tick)>,
    /// Calls that are over but remembered.
    pub dead_calls: usize,
    /// The most calls at a time; None: no limit.
    pub limit: Option<u64>,
    /// How far the run is.
    pub phase: Phase,
    /// Which circuits calls hold, with `-tdmmap`.
    pub circuits: Option<Circuits>,
    /// What the worker took of the machine.
    pub resources: Resources,
}

impl Status {
    /// What an engine says of itself.
    pub fn of(engine: &Engine, at: Tick, resources: Resources) -> Status {
        let (_, dead_calls, _) = engine.holds();
        let others = [Part::OutOfCall, Part::Receiving].into_iter();
        Status {
            figures: figures(engine, at),
            others: others.filter_map(|part| Some((part, engine.stats_of(part)?.clone()))).collect(),
            rate: engine.rate(),
            dead_calls,
            limit: engine.limit(),
            phase: engine.phase(),
            circuits: engine.circuits().cloned(),
            resources,
        }
    }

    /// Adds another worker of the same side. What is the same for all of them, such as the rate, is left as it is.
    pub fn merge(&mut self, other: &Status) {
        self.figures.at = self.figures.at.max(other.figures.at);
        self.figures.stats.merge(&other.figures.stats);
        for ((_, stats), (_, more)) in self.others.iter_mut().zip(&other.others) {
            stats.merge(more);
        }
        self.dead_calls += other.dead_calls;
        self.resources.merge(&other.resources);
    }

    /// The numbers of a part's scenario, if it has one.
    pub fn stats_of(&self, part: Part) -> Option<&Stats> {
        match part {
            Part::Main => Some(&self.figures.stats),
            part => self.others.iter().find(|(other, _)| *other == part).map(|(_, stats)| stats),
        }
    }
}

/// What a row of the statistics files is made of.
pub fn figures(engine: &Engine, at: Tick) -> Figures {
    Figures { at, stats: engine.stats().clone(), target: engine.target() }
}

/// What a worker tells the main thread.
#[derive(Debug)]
pub enum Report {
    /// `<exec command>`: to be started.
    Run(Vec<u8>),
    /// How things stand, because of [`Order::Show`] or [`Order::Row`].
    Status(Purpose, Box<Status>),
    /// `stop_gracefully`: no worker is to open calls any more.
    OpensNoMore,
    /// Its calls are done, and it stays for those of the others.
    Finished,
    /// It has ended.
    Ended {
        /// Its last words.
        status: Box<Status>,
        /// Whether it ended before its calls did: then so does the run.
        is_broken_off: bool,
    },
    /// Its thread is gone: the last report of each, and the only one of a worker that panicked.
    Gone,
}

/// Where a worker's reports go, with its position among the workers of its side.
#[derive(Clone, Debug)]
pub struct Reports {
    /// To the main thread.
    pub to: mpsc::UnboundedSender<(usize, Report)>,
    /// From 0.
    pub worker: usize,
}

impl Reports {
    /// Sends one. Nobody listens any more when the run is over.
    pub fn send(&self, report: Report) {
        let _ = self.to.send((self.worker, report));
    }
}

/// A worker's result.
#[derive(Debug)]
pub struct Outcome {
    /// The first calls that failed of each cause, if somebody wants to know.
    pub failed_calls: Vec<FailedCall>,
    /// Why it ended before its calls did.
    pub end: Option<RunEnd>,
}
