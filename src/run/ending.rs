//! The end of a test: what is joined, written and printed, and the exit status.
//! Spec: cli.md §8, §9; outputs.md §3.1, §16, §17. In: a test that has ended, and why. Out: the exit status. Must not wait for anything
//! but the workers.

use super::live;
use super::reports::{self, End};
use super::screens::{self, Screens};
use super::side::Common;
use super::stop::Stop;
use super::stories::Teller;
use super::summary::{self, Moment};
use super::watch::{EndedBy, Test};
use super::workers::Finished;
use crate::cli::Exit;
use crate::engine::RunEnd;
use crate::report::recorder::Recorder;
use crate::report::results;
use crate::report::stat_csv::Figures;
use crate::scenario::Part;

impl EndedBy {
    fn is_normal(self) -> bool {
        matches!(self, EndedBy::Itself | EndedBy::Timeout)
    }

    fn in_results(self, fatal: bool) -> results::EndedBy {
        match self {
            _ if fatal => results::EndedBy::Error,
            EndedBy::Itself => results::EndedBy::Itself,
            EndedBy::Timeout => results::EndedBy::Timeout,
            EndedBy::Signal | EndedBy::Death(_) => results::EndedBy::Signal,
        }
    }
}

impl Test<'_> {
    /// Runs the test to its end.
    ///
    /// # Errors
    /// A worker failed.
    pub fn run_to_end(mut self, runtime: &tokio::runtime::Runtime) -> Result<Exit, Stop> {
        let ended_by = runtime.block_on(self.watch());
        let Test { common, main, peer, recorder, writer, mut screens, steering, reports } = self;
        let view = steering.view;
        // The terminal is as it was before anything is printed.
        let left = steering.close();
        let main_side = summary::Side::of(&main);
        let teller = Teller::of(&main);
        let mut outcome = main.workers.finish()?;
        let peer = peer
            .map(|peer| Ok((summary::Side::of(&peer), Teller::of(&peer), peer.workers.finish()?)))
            .transpose()?;
        let (fatal, exit) =
            conclude(&common, ended_by, view.display, &outcome, peer.as_ref().map(|(_, _, outcome)| outcome));
        if let Some(text) = &fatal {
            recorder.warning(outcome.status.figures.at, text);
            if outcome.end.is_none() {
                outcome.status.figures.stats.fatal_errors += 1;
            }
        }
        let normal = ended_by.is_normal() && fatal.is_none() && outcome.end.is_none();
        write_last_rows(&common, &mut outcome, normal, &recorder);
        let last = Moment::new(&common, &main_side, &outcome.status, view, 0);
        write_last_dump(&mut screens, &last, view.display, normal, &recorder);
        drop(recorder);
        let stories = teller.tell(&common, &outcome);
        let peer = peer.map(|(side, teller, outcome)| {
            let stories = teller.tell(&common, &outcome);
            (side, outcome.status, stories)
        });
        let peer = peer
            .as_ref()
            .map(|(side, status, stories)| (Moment::new(&common, side, status, view, 0), stories.as_slice()));
        let (judgements, exit) = reports::judge(common.options, &last, exit);
        let by = ended_by.in_results(fatal.is_some());
        let end = End { main: (&last, &stories), peer, by, fatal: fatal.as_deref(), exit, judgements };
        let finished = writer.finish();
        let failure = finished.failure.or(reports.write(&common, &end).err());
        if let EndedBy::Death(signal) = ended_by {
            signal.die();
        }
        let text = summary::text(view, &end, (!normal).then_some(&screens));
        let said = summary::complaints(common.options, &end, &finished.warnings, failure.as_ref());
        let exit = if failure.is_some() { Exit::Fatal } else { exit };
        Ok(live::say(left, text, Stop { text: said, exit }))
    }
}

/// The rows of the end (outputs.md §3.1): two after a normal one, the second of which has an empty period.
fn write_last_rows(common: &Common<'_>, outcome: &mut Finished, normal: bool, recorder: &Recorder) {
    let figures = &mut outcome.status.figures;
    recorder.row(|| figures.clone());
    if common.options.statistics.periodic_repartitions {
        figures.stats.clear_repartitions();
    }
    if normal {
        recorder.row(|| Figures { at: common.clock.now(), ..figures.clone() });
    }
}

/// The dump of the end, if somebody asked for it or `-trace_screen` does (outputs.md §17).
fn write_last_dump(
    screens: &mut Screens,
    last: &Moment<'_>,
    display: Part,
    normal: bool,
    recorder: &Recorder,
) {
    screens.heed_reset(last.status);
    let period = if normal { None } else { screens.period(display) };
    if screens.wants_last(normal)
        && let Some(snapshot) = last.of(display, period)
    {
        let dump = screens::dump(&snapshot, last.status.phase, recorder);
        screens.write(&dump, last.status.figures.at, recorder);
    }
}

/// The exit status (cli.md §9), and the fatal error's text if there was one.
fn conclude(
    common: &Common<'_>,
    ended_by: EndedBy,
    display: Part,
    main: &Finished,
    peer: Option<&Finished>,
) -> (Option<Vec<u8>>, Exit) {
    let fatal = [Some(main), peer].into_iter().flatten().find_map(|outcome| outcome.end.as_ref());
    match fatal {
        Some(RunEnd::Fatal(text)) => return (Some(text.clone()), Exit::Fatal),
        Some(RunEnd::StoppedNow) => return (None, Exit::StoppedNow),
        None => {}
    }
    if ended_by == EndedBy::Timeout && common.options.run.timeout_is_error {
        let seconds = main.status.figures.at.micros() as f64 / 1e6;
        let text = format!("{} timed out after '{seconds:.3}' seconds", common.options.scenario_name());
        return (Some(text.into()), Exit::Fatal);
    }
    // The numbers of the scenario that is displayed decide (cli.md §9, Surprise).
    let shown = main.status.stats_of(display).unwrap_or(&main.status.figures.stats);
    let failed = shown.failed + peer.map_or(0, |peer| peer.status.figures.stats.failed);
    let exit = match (failed, ended_by) {
        (1.., _) => Exit::CallsFailed,
        (0, EndedBy::Timeout) if shown.successful == 0 => Exit::TimedOut,
        (0, _) => Exit::Success,
    };
    (None, exit)
}
