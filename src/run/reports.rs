//! The reports of a run from its first second to its end: samples, thresholds, results, files.
//! Spec: none of SIPp's (README, "Reports"). In: what workers say of themselves, how the run ended. Out: judgements, files. The exit
//! status comes from `conclude`; only thresholds change it, here.

use std::borrow::Cow;
use std::ffi::OsString;

use super::load::Scenario;
use super::side::Common;
use super::stop::Stop;
use super::summary::Moment;
use crate::cli::{Exit, Options, ScenarioChoice};
use crate::clock::Tick;
use crate::control::metrics::Endpoint;
use crate::engine::Scenarios;
use crate::engine::pacer::Rate;
use crate::engine::scenarios::fresh_stats;
use crate::report::expect::{self, Judgement, Measured};
use crate::report::generator::{self, achieved_per_second, asked_per_second};
use crate::report::log_file::TraceFailure;
use crate::report::metrics::{self, Shown};
use crate::report::report_file::{Format, ReportFile};
use crate::report::results::series::{Sampler, Series, thousandths};
use crate::report::results::{
    self, EndedBy, Generator, Machine, Reason, ReasonKind, Results, SCHEMA, Spread, Verdict,
};
use crate::report::screen::{Load, Side as Layout};
use crate::report::stamp;
use crate::scenario::Part;
use crate::scenario::plan::Role;
use crate::stats::story::FailureStory;
use crate::stats::{Resources, Stats};
use crate::worker::{Clock, Status};

/// What the command line wants to be told.
#[derive(Debug)]
pub struct Reports {
    opened: Clock,
    files: Vec<ReportFile>,
    sampler: Option<Sampler>,
    metrics: Option<Endpoint>,
}

/// How a run ended.
#[derive(Debug)]
pub struct End<'a> {
    /// The main side, and its failed calls.
    pub main: (&'a Moment<'a>, &'a [FailureStory]),
    /// The other one.
    pub peer: Option<(Moment<'a>, &'a [FailureStory])>,
    /// What ended it.
    pub by: EndedBy,
    /// Text of the fatal error.
    pub fatal: Option<&'a [u8]>,
    /// The exit status, thresholds included.
    pub exit: Exit,
    /// What came of the thresholds.
    pub judgements: Vec<Judgement>,
}

impl Reports {
    /// Creates the files, empty.
    ///
    /// # Errors
    /// One can not be created.
    pub fn create(options: &Options) -> Result<Reports, Stop> {
        let wanted = &options.reports;
        let formats =
            [(Format::Json, &wanted.json), (Format::Junit, &wanted.junit), (Format::Html, &wanted.html)];
        let files = formats.into_iter().filter_map(|(format, path)| Some((format, path.as_ref()?)));
        let files: Result<_, _> = files.map(|(format, path)| ReportFile::create(format, path)).collect();
        let files = files.map_err(|failure| Stop::refused(failure.to_string()))?;
        Ok(Reports { opened: Clock::start(), files, sampler: None, metrics: None })
    }

    /// The scenario is known: can its thresholds be judged?
    ///
    /// # Errors
    /// It lacks what they look at.
    pub fn prepare(&mut self, options: &Options, main: &Scenario) -> Result<(), Stop> {
        check_thresholds(options, main)?;
        if !self.files.is_empty() {
            let names = main.plan.rtds.iter().map(|rtd| rtd.name.clone());
            self.sampler = Some(Sampler::new(names, fresh_stats(&main.plan)));
        }
        Ok(())
    }

    /// Serves metrics, if they are wanted, on the runtime that is current, and says where.
    ///
    /// # Errors
    /// The port cannot be had.
    pub fn open_metrics(&mut self, options: &Options) -> Result<(), Stop> {
        let Some(at) = options.reports.metrics else { return Ok(()) };
        let endpoint = Endpoint::open(at).map_err(|failure| {
            let exit = if failure.is_address_in_use() { Exit::PortTaken } else { Exit::Fatal };
            Stop { text: failure.to_string().into(), exit }
        })?;
        eprintln!("Metrics are at http://{}/metrics", endpoint.local_addr);
        self.metrics = Some(endpoint);
        Ok(())
    }

    /// Whether somebody wants to know how things stand, again and again.
    pub fn wants_samples(&self) -> bool {
        self.sampler.is_some() || self.metrics.is_some()
    }

    /// The main side begins: there is something to be served.
    pub fn begin(&mut self, options: &Options, scenarios: &Scenarios) {
        let fresh = Part::ALL.map(|part| scenarios.get(part).map(|plan| fresh_stats(plan)));
        let rate = options.load.users.is_none().then(|| super::side::rate(options));
        self.publish(options, scenarios, |part| fresh[part as usize].as_ref(), rate, &Resources::default());
    }

    /// How things stand with the main side.
    pub fn sample(&mut self, options: &Options, scenarios: &Scenarios, status: &Status) {
        if let Some(sampler) = &mut self.sampler {
            sampler.add(status.figures.at, &status.figures.stats, status.resources);
        }
        let rate = status.rate.map(|(rate, _)| rate);
        self.publish(options, scenarios, |part| status.stats_of(part), rate, &status.resources);
    }

    fn publish<'s>(
        &self,
        options: &Options,
        scenarios: &Scenarios,
        stats: impl Fn(Part) -> Option<&'s Stats>,
        rate: Option<Rate>,
        resources: &Resources,
    ) {
        let Some(endpoint) = &self.metrics else { return };
        let names = Part::ALL.map(|part| name(options, part));
        let shown = Part::ALL
            .into_iter()
            .zip(&names)
            .filter_map(|(part, name)| Some(Shown { name, plan: scenarios.get(part)?, stats: stats(part)? }));
        let is_client = scenarios[Part::Main].role == Role::Client;
        let asked = rate.filter(|_| is_client).and_then(|rate| {
            asked_per_second(Load::Rate { calls: rate.calls(), period: rate.period(), steady: None })
        });
        endpoint.publish(metrics::text(&shown.collect::<Vec<_>>(), asked, resources));
    }

    /// Writes what came of the run.
    ///
    /// # Errors
    /// A full disk and the like.
    pub fn write(&mut self, common: &Common<'_>, end: &End<'_>) -> Result<(), TraceFailure> {
        let last = end.main.0.status;
        if let Some(sampler) = &mut self.sampler {
            sampler.add(last.figures.at, &last.figures.stats, last.resources);
        }
        let series = self.sampler.take().map(Sampler::finish).unwrap_or_default();
        let results = results(common, end, series);
        self.write_all(&results)
    }

    /// Writes that the run broke off before its end, and why.
    pub fn broke_off(&mut self, by: EndedBy, stop: &Stop) {
        if self.files.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(&stop.text).trim_end().to_owned();
        let results = Results {
            reasons: vec![Reason { kind: ReasonKind::Run, text }],
            verdict: Verdict::Failed,
            ended_by: by,
            exit_code: stop.exit.code(),
            ..nothing(self.opened)
        };
        if let Err(failure) = self.write_all(&results) {
            eprintln!("{failure}");
        }
    }

    fn write_all(&mut self, results: &Results) -> Result<(), TraceFailure> {
        let files = std::mem::take(&mut self.files).into_iter();
        // All are tried; the first failure is told.
        let failures: Vec<_> = files.filter_map(|file| file.write(results).err()).collect();
        failures.into_iter().next().map_or(Ok(()), Err)
    }
}

/// Whether the scenario has what thresholds look at.
///
/// # Errors
/// It has not.
pub fn check_thresholds(options: &Options, main: &Scenario) -> Result<(), Stop> {
    expect::check(&options.reports.expectations, &main.plan.rtds)
        .map_err(|mistake| Stop::refused(format!("-expect: {mistake}")))
}

/// What came of the thresholds, and the exit status with them: one that is not held fails a run that has not failed already;
/// one on failed or succeeded calls takes the place of the rule that none may fail.
pub fn judge(options: &Options, main: &Moment<'_>, exit: Exit) -> (Vec<Judgement>, Exit) {
    let expectations = &options.reports.expectations;
    let Some(snapshot) = main.of(Part::Main, None) else { return (Vec::new(), exit) };
    let load = load(main);
    let measured = Measured {
        rtds: &snapshot.plan.rtds,
        stats: snapshot.stats,
        asked_rate: load.and_then(asked_per_second),
        achieved_rate: load.and_then(|load| achieved_per_second(load, snapshot.stats)),
        resources: main.status.resources,
    };
    let judgements: Vec<_> = expectations.iter().map(|expectation| expectation.judge(&measured)).collect();
    let all_held = judgements.iter().all(|judgement| judgement.held);
    let exit = match exit {
        Exit::CallsFailed if expect::excuses_failed_calls(expectations) && all_held => Exit::Success,
        Exit::Success if !all_held => Exit::ThresholdMissed,
        exit => exit,
    };
    (judgements, exit)
}

fn load(moment: &Moment<'_>) -> Option<Load> {
    match moment.head().side {
        Layout::Client { load, .. } => Some(load),
        Layout::Server => None,
    }
}

fn results(common: &Common<'_>, end: &End<'_>, series: Series) -> Results {
    let ended = end.main.0.status.figures.at;
    let generator = generator(common, end.main.0);
    let reasons = reasons(common, end);
    let moment = |at| stamp::rfc3339(common.wall.epoch_micros(at), common.wall.utc_offset_seconds);
    Results {
        pid: common.pid,
        started: moment(Tick::ZERO),
        ended: moment(ended),
        elapsed_s: ended.micros() as f64 / 1e6,
        ended_by: end.by,
        exit_code: end.exit.code(),
        verdict: match (reasons.is_empty(), generator.limits.is_empty()) {
            (false, _) => Verdict::Failed,
            (true, false) => Verdict::GeneratorLimited,
            (true, true) => Verdict::Passed,
        },
        reasons,
        failed_calls_excused: expect::excuses_failed_calls(&common.options.reports.expectations),
        generator,
        thresholds: end.judgements.clone(),
        scenarios: scenarios(common.options, end),
        series,
        ..nothing(common.clock)
    }
}

/// Of a run that did not begin.
fn nothing(clock: Clock) -> Results {
    let wall = clock.wall();
    let moment = |at| stamp::rfc3339(wall.epoch_micros(at), wall.utc_offset_seconds);
    let now = clock.now();
    Results {
        schema: SCHEMA,
        rsipp: env!("CARGO_PKG_VERSION"),
        options: shown(std::env::args_os().skip(1)),
        pid: std::process::id(),
        started: moment(Tick::ZERO),
        ended: moment(now),
        elapsed_s: now.micros() as f64 / 1e6,
        ended_by: EndedBy::Error,
        exit_code: Exit::Fatal.code(),
        verdict: Verdict::Failed,
        reasons: Vec::new(),
        failed_calls_excused: false,
        generator: Generator::default(),
        thresholds: Vec::new(),
        scenarios: Vec::new(),
        series: Series::default(),
        machine: machine(),
    }
}

/// Where the run is made.
fn machine() -> Machine {
    let system = rustix::system::uname();
    let [host, name, release, kind] =
        [system.nodename(), system.sysname(), system.release(), system.machine()]
            .map(|text| text.to_string_lossy());
    Machine {
        host: host.into_owned(),
        system: format!("{name} {release} {kind}"),
        processors: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    }
}

/// The command line, without its password.
fn shown(words: impl Iterator<Item = OsString>) -> Vec<String> {
    let mut is_password = false;
    words
        .map(|word| {
            let word = word.to_string_lossy().into_owned();
            let hidden = is_password;
            is_password = !hidden && matches!(word.as_str(), "-ap" | "--ap");
            if hidden { "***".to_owned() } else { word }
        })
        .collect()
}

fn generator(common: &Common<'_>, main: &Moment<'_>) -> Generator {
    let load = load(main);
    let Status { figures, resources, .. } = main.status;
    let stats = &figures.stats;
    Generator {
        asked_rate: load.and_then(asked_per_second).map(thousandths),
        achieved_rate: load.and_then(|load| achieved_per_second(load, stats)).map(thousandths),
        calls_wanted: common.options.load.calls,
        start_lag: Spread::of(&stats.start_lag),
        held_back: stats.held_back,
        socket_drops: resources.drops,
        cpu_s: resources.cpu.micros() as f64 / 1e6,
        cpu_share: thousandths(resources.cpu_share()),
        limits: limits(load, stats, resources),
    }
}

fn limits(load: Option<Load>, stats: &Stats, resources: &Resources) -> Vec<String> {
    generator::limits(load, stats, resources).into_iter().map(generator::Limit::text).collect()
}

fn scenarios(options: &Options, end: &End<'_>) -> Vec<results::Scenario> {
    let of = |(moment, stories): (&Moment<'_>, &[FailureStory]), part, shown_as, name: &str| {
        let snapshot = moment.of(part, None)?;
        let stories: Vec<_> = stories.iter().filter(|story| story.part == part).cloned().collect();
        Some(results::scenario(shown_as, name, &snapshot, stories))
    };
    let own = [
        (Part::Main, results::Part::Main),
        (Part::OutOfCall, results::Part::OutOfCall),
        (Part::Receiving, results::Part::Receiving),
    ];
    let own =
        own.into_iter().filter_map(|(part, shown_as)| of(end.main, part, shown_as, &name(options, part)));
    let peer_name = options.peer.as_ref().map(ScenarioChoice::name).unwrap_or_default();
    let peer = end.peer.as_ref().map(|(moment, stories)| (moment, *stories));
    let peer = peer.and_then(|peer| of(peer, Part::Main, results::Part::OtherSide, &peer_name));
    own.chain(peer).collect()
}

/// The name of a scenario of the main side; empty if there is none.
fn name(options: &Options, part: Part) -> Cow<'_, str> {
    match part {
        Part::Main => Some(&options.scenario),
        Part::OutOfCall => options.out_of_call.as_ref(),
        Part::Receiving => options.receiving.as_ref(),
    }
    .map(ScenarioChoice::name)
    .unwrap_or_default()
}

/// Why the run has not passed. A `-m` that was not reached is one, even where SIPp's exit status is 0.
fn reasons(common: &Common<'_>, end: &End<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut add = |kind, text: String| reasons.push(Reason { kind, text });
    let options = common.options;
    let stats = &end.main.0.status.figures.stats;
    match (end.fatal, end.exit) {
        (Some(text), _) => add(ReasonKind::Run, String::from_utf8_lossy(text).trim_end().to_owned()),
        (None, Exit::StoppedNow) => {
            add(ReasonKind::Run, "stopped by <exec int_cmd=\"stop_now\"/>".to_owned())
        }
        (None, Exit::TimedOut) => add(ReasonKind::Run, "-timeout passed and no call had ended".to_owned()),
        _ => {}
    }
    let ended = stats.successful + stats.failed;
    if let Some(wanted) = options.load.calls.filter(|wanted| ended < *wanted) {
        add(ReasonKind::CallsMissing, format!("only {ended} of {wanted} calls (-m) were made and ended"));
    }
    let failed =
        |stats: &Stats, whose| format!("{} of {} calls{whose} failed", stats.failed, stats.created());
    if !expect::excuses_failed_calls(&options.reports.expectations) {
        let peer = end.peer.as_ref().map(|(peer, _)| peer);
        let sides = [(Some(end.main.0), ""), (peer, " of the other side")];
        for (moment, whose) in sides {
            let stats = moment.map(|moment| &moment.status.figures.stats);
            if let Some(stats) = stats.filter(|stats| stats.failed > 0) {
                add(ReasonKind::CallsFailed, failed(stats, whose));
            }
        }
    }
    for judgement in end.judgements.iter().filter(|judgement| !judgement.held) {
        add(ReasonKind::Threshold, format!("{} was not held: {}", judgement.expected, judgement.found));
    }
    if reasons.is_empty() && end.exit != Exit::Success {
        reasons.push(Reason { kind: ReasonKind::Run, text: end.exit.meaning().to_owned() });
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_in_the_report() {
        let words = ["-au", "alice", "-ap", "secret", "-ap", "-ap", "--ap", "x", "192.0.2.7"];
        let words = shown(words.into_iter().map(OsString::from));
        assert_eq!(words, ["-au", "alice", "-ap", "***", "-ap", "***", "--ap", "***", "192.0.2.7"]);
    }
}
