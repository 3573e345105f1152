//! Failed calls told: for which runs, of both sides, and what stderr gets of them.
//! Spec: none of SIPp's. In: options, what workers left behind. Out: stories and text. Must not word them: `report::failure` does.

use std::net::SocketAddr;

use super::side::{Common, Running, millis};
use super::workers::Finished;
use crate::cli::Options;
use crate::engine::Scenarios;
use crate::engine::trail::FailedCall;
use crate::report::failure::briefing;
use crate::report::failure::story::{Listeners, Surroundings, tell};
use crate::scenario::Part;
use crate::scenario::plan::{Plan, Step, StepKind};
use crate::stats::story::{FailureStory, first_of_each_cause};
use crate::stats::{Stats, StepCounts};
use crate::transport::listeners;

/// Up to so many calls (`-m`) a run is one that somebody looks at, and its failed calls are told on stderr.
pub const FEW_CALLS: u64 = 10;

/// Whether stderr is to tell of failed calls: few were asked for, or `-trace_err`.
pub fn are_shown(options: &Options) -> bool {
    options.trace.errors.enabled || options.load.calls.is_some_and(|calls| calls <= FEW_CALLS)
}

/// Whether anybody wants to know of failed calls.
pub fn are_wanted(options: &Options) -> bool {
    let reports = &options.reports;
    are_shown(options) || [&reports.json, &reports.junit, &reports.html].into_iter().any(Option::is_some)
}

/// What the stories of a side need besides its engine.
#[derive(Debug)]
pub struct Teller {
    local_ip: String,
    scenarios: Scenarios,
}

impl Teller {
    /// Remembered before the side's thread is joined.
    pub fn of(running: &Running) -> Teller {
        Teller { local_ip: running.endpoints.local_ip.clone(), scenarios: running.scenarios.clone() }
    }

    /// The stories of a side, in the order in which its calls failed.
    pub fn tell(&self, common: &Common<'_>, side: &Finished) -> Vec<FailureStory> {
        let call = &common.options.call;
        let of = |part: Part, local_port: u16| Surroundings {
            plan: &self.scenarios[part],
            local_ip: &self.local_ip,
            local_port,
            transport: common.options.network.mode.transport.name(),
            was_heard: side
                .status
                .stats_of(part)
                .is_some_and(|stats| was_heard(&self.scenarios[part], stats)),
            default_pause: millis(call.default_pause_ms),
            listeners: who_listens,
        };
        let told = |(port, calls): &(u16, Vec<FailedCall>)| {
            calls.iter().map(|failed| tell(failed, &of(failed.part, *port))).collect::<Vec<_>>()
        };
        match side.failed_calls.as_slice() {
            [only] => told(only),
            several => first_of_each_cause(several.iter().flat_map(told).collect()),
        }
    }
}

/// What stderr gets of a side; nothing unless [`are_shown`].
pub fn shown(options: &Options, stories: &[FailureStory], failed: u64) -> String {
    if are_shown(options) { briefing::text(stories, failed) } else { String::new() }
}

/// Whether a call of the scenario ever received anything.
fn was_heard(plan: &Plan, stats: &Stats) -> bool {
    let heard = |(step, counts): (&Step, &StepCounts)| {
        counts.unexpected > 0 || (matches!(step.kind, StepKind::Recv(_)) && counts.messages > 0)
    };
    plan.steps.iter().zip(&stats.steps).any(heard)
}

/// What listens there, seen from who used `transport`.
fn who_listens(at: SocketAddr, transport: &str) -> Listeners {
    let Some(found) = listeners::at(at) else { return Listeners::Unknown };
    match (transport, found.udp, found.tcp) {
        (_, false, false) => Listeners::Nobody,
        ("UDP", false, true) => Listeners::Only("TCP"),
        ("UDP", true, _) | (_, _, true) => Listeners::Someone,
        (_, true, false) => Listeners::Only("UDP"),
    }
}
