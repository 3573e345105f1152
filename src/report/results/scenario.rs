//! What the report says of one scenario.
//! In: its plan and its counters. Out: plain data. Must not know the other scenarios of the run.

use super::{Calls, Counter, Duration, Failures, Messages, Part, Role, Scenario, Spread, Step, StepKind};
use crate::report::causes::CAUSES;
use crate::report::screen::Snapshot;
use crate::scenario::plan::{self, Expected, Outgoing, Plan};
use crate::stats::story::FailureStory;
use crate::stats::{Durations, Stats};

/// A scenario that has run. `name`: as in the names of files; `stories`: of its failed calls.
pub fn scenario(part: Part, name: &str, run: &Snapshot<'_>, stories: Vec<FailureStory>) -> Scenario {
    let Snapshot { plan, stats, .. } = *run;
    Scenario {
        part,
        name: name.to_owned(),
        role: match plan.role {
            plan::Role::Client => Role::Client,
            plan::Role::Server => Role::Server,
        },
        calls: Calls {
            opened: stats.created(),
            outgoing: stats.outgoing,
            incoming: stats.incoming,
            succeeded: stats.successful,
            failed: stats.failed,
            open: stats.current,
            most_open: stats.peak,
        },
        failures: failures(stats, stories),
        messages: messages(stats),
        steps: steps(plan, stats),
        response_times: plan
            .rtds
            .iter()
            .zip(&stats.response_times)
            .map(|(rtd, times)| duration(&rtd.name, times))
            .collect(),
        call_length: duration("", &stats.call_length),
        counters: plan
            .counters
            .iter()
            .zip(&stats.counters)
            .map(|(name, count)| Counter { name: name.clone(), count: *count })
            .collect(),
    }
}

fn failures(stats: &Stats, mut stories: Vec<FailureStory>) -> Vec<Failures> {
    let occurred = CAUSES.iter().filter(|cause| stats.failed_by(cause.failure) > 0);
    occurred
        .map(|cause| Failures {
            cause: cause.name,
            words: cause.words,
            count: stats.failed_by(cause.failure),
            examples: stories.extract_if(.., |story| story.cause == cause.failure).collect(),
        })
        .collect()
}

fn messages(stats: &Stats) -> Messages {
    Messages {
        retransmissions: stats.retransmissions,
        timeouts: stats.timeouts(),
        unexpected: stats.unexpected(),
        out_of_call: stats.out_of_call,
        dead_call: stats.dead_call,
        auto_answered: stats.auto_answered,
        send_errors: stats.send_errors,
        receive_errors: stats.receive_errors,
        warnings: stats.warnings,
    }
}

fn steps(plan: &Plan, stats: &Stats) -> Vec<Step> {
    let described = plan.steps.iter().map(describe);
    let counts = stats.steps.iter();
    described
        .zip(counts)
        .enumerate()
        .map(|(index, ((kind, message), counts))| Step {
            index,
            kind,
            message,
            messages: counts.messages,
            retransmissions: counts.retransmissions,
            timeouts: counts.timeouts,
            unexpected: counts.unexpected,
            lost: counts.lost,
        })
        .collect()
}

/// Kind and message of a step.
pub(crate) fn describe(step: &plan::Step) -> (StepKind, String) {
    match &step.kind {
        plan::StepKind::Send(send) => {
            let message = match &send.what {
                Outgoing::Request(method) => method.as_str().to_owned(),
                Outgoing::Response(code) => code.to_string(),
            };
            (StepKind::Send, message)
        }
        plan::StepKind::Recv(recv) => {
            let message = match &recv.expects {
                Expected::Nothing => "",
                expects => expects.as_str(),
            };
            (StepKind::Recv, message.to_owned())
        }
        plan::StepKind::Pause(_) => (StepKind::Pause, String::new()),
        plan::StepKind::TimeWait(_) => (StepKind::Timewait, String::new()),
        plan::StepKind::Nop => (StepKind::Nop, String::new()),
    }
}

fn duration(name: &str, durations: &Durations) -> Duration {
    Duration {
        name: name.to_owned(),
        from_start: Spread::of(&durations.from_start),
        from_due: Spread::of(&durations.from_due),
    }
}
