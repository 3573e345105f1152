//! Opens the files that the command line asks for.
//! Spec: outputs.md §2, §12; cli.md §4.11. In: options, the plan. Out: open files. Must not write to them.

use super::load::Scenario;
use super::screens::Screens;
use super::stop::Stop;
use crate::cli::{Options, ScenarioChoice};
use crate::report::log_file::{Kind, LogFile, Names};
use crate::report::recorder::{Logs, Moments, OpenTraces, Recorder, Writer};
use crate::report::ring::{Limit, Rotation};
use crate::report::statistics::{Statistics, Wanted};

/// The files of the start-up. Their names have the pid of the process that was started, also with `-bg`.
#[derive(Debug)]
pub struct Traces {
    names: Names,
    open: OpenTraces,
    /// The file of screen dumps.
    pub screens: Screens,
}

impl Traces {
    /// Creates them, in SIPp's order.
    ///
    /// # Errors
    /// One can not be created.
    pub fn create(options: &Options, scenario: &Scenario, pid: u32) -> Result<Traces, Stop> {
        let names = names(&options.scenario, pid);
        let refused = |failure: crate::report::log_file::TraceFailure| Stop::refused(failure.to_string());
        let trace = &options.trace;
        let log = |kind, wanted: &crate::cli::LogFile| wanted.enabled.then(|| file(&names, kind, wanted));
        let logs = Logs {
            logs: log(Kind::Logs, &trace.logs),
            messages: log(Kind::Messages, &trace.messages),
            short_messages: log(Kind::ShortMessages, &trace.short_messages),
            call_debug: log(Kind::CallDebug, &trace.call_debug),
        };
        let open = OpenTraces::create(&logs).map_err(refused)?;
        let screens = Screens::open(options, &names, scenario).map_err(refused)?;
        let statistics = Statistics::create(wanted(options, &names), &scenario.plan).map_err(refused)?;
        Ok(Traces { names, open: open.with_statistics(statistics), screens })
    }

    /// Starts to record. What is opened from now on has the pid of this process (cli.md §10.4).
    ///
    /// # Errors
    /// The statistics file can not be created, or there is no thread to be had.
    pub fn start(self, options: &Options, moments: Moments) -> Result<(Writer, Recorder, Screens), Stop> {
        let later = names(&options.scenario, std::process::id());
        let wanted = &options.trace.errors;
        let errors = wanted.enabled.then(|| file(&later, Kind::Errors, wanted));
        let rotation = Rotation { at_start: self.names, later, limit: limit(options) };
        let (writer, recorder) = self
            .open
            .start(errors, &rotation, moments)
            .map_err(|failure| Stop::fatal(failure.to_string()))?;
        Ok((writer, recorder, self.screens))
    }
}

/// The file that the options name.
pub fn file(names: &Names, kind: Kind, wanted: &crate::cli::LogFile) -> LogFile {
    LogFile::resolve(names, kind, wanted.name.as_deref(), Some(!wanted.append))
}

/// The parts of automatic names.
pub fn names(scenario: &ScenarioChoice, pid: u32) -> Names {
    match scenario {
        ScenarioChoice::File(path) => Names::for_scenario_file(path, pid),
        ScenarioChoice::Builtin(name) => Names::for_builtin(name, pid),
    }
}

fn limit(options: &Options) -> Limit {
    let trace = &options.trace;
    match (trace.ring_bytes, trace.most_bytes) {
        (0, 0) => Limit::Endless,
        (0, bytes) => Limit::Total { bytes },
        (bytes, _) => Limit::Ring { bytes, files: trace.ring_files },
    }
}

fn wanted(options: &Options, names: &Names) -> Wanted {
    let statistics = &options.statistics;
    let automatic =
        |kind, wanted: bool| wanted.then(|| LogFile { path: names.automatic(kind), append: false });
    let rows = automatic(Kind::Statistics, statistics.rows);
    Wanted {
        rows: rows.map(|file| match &statistics.rows_file {
            Some(path) if path.as_os_str().is_empty() => {
                let kept = file.path.display();
                eprintln!("new file name length is null - keeping the default filename : {kept}");
                file
            }
            Some(path) => LogFile { path: path.clone(), ..file },
            None => file,
        }),
        counts: automatic(Kind::Counts, statistics.counts),
        error_codes: automatic(Kind::ErrorCodes, statistics.error_codes),
        response_times: automatic(Kind::ResponseTimes, statistics.response_times),
        response_times_at_a_time: statistics.response_times_at_a_time,
        delimiter: statistics.delimiter.clone(),
        loses: options.call.lost_percent != 0.0,
    }
}
