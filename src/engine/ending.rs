//! How calls end: the verdict, and what is counted.
//! Spec: runtime.md §12. Every call ends once and is counted once. Must not send.

use super::call::{Call, FailedCheck};
use super::shared::Shared;
use super::table::Epitaph;
use crate::clock::Tick;
use crate::scenario::Part;
use crate::scenario::plan::StepIx;
use crate::stats::{Failure, Stats};

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The last step was passed and no check failed.
    Successful,
    /// It failed, for this reason.
    Failed(Failure),
}

/// The end of a call: its verdict, and how its Call-ID is remembered (None: not at all).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub verdict: Verdict,
    pub epitaph: Option<Epitaph>,
}

impl End {
    /// The call passed its last step: a success, unless a check failed on the way.
    pub fn of_scenario(call: &Call) -> End {
        match call.failed_check {
            None => End { verdict: Verdict::Successful, epitaph: Some(Epitaph::Successful) },
            Some(FailedCheck { cause, step, .. }) => {
                End { verdict: Verdict::Failed(cause), epitaph: Some(Epitaph::Check(cause, step.number())) }
            }
        }
    }

    /// Failed, and nothing is remembered of it.
    pub fn failed(cause: Failure) -> End {
        End { verdict: Verdict::Failed(cause), epitaph: None }
    }
}

impl Call {
    /// A check failed: the call goes on and fails at its end. The last one counts.
    pub(super) fn fail_check(&mut self, cause: Failure, action: (StepIx, usize)) {
        self.failed_check = Some(FailedCheck { cause, step: self.at, action });
    }
}

impl Shared {
    /// A call counted as a success has failed after all.
    pub fn recount_as_failed(&mut self, part: Part, cause: Failure) {
        let stats = self.stats_for(part);
        stats.successful -= 1;
        count_failure(stats, cause);
    }

    /// Counts a call that has ended.
    pub fn count_end(&mut self, call: &Call, verdict: Verdict, now: Tick) {
        let stats = self.stats_for(call.part);
        stats.current = stats.current.saturating_sub(1);
        stats.call_length.record_late(now.since(call.opened), call.lag());
        match verdict {
            Verdict::Successful => stats.successful += 1,
            Verdict::Failed(cause) => count_failure(stats, cause),
        }
    }
}

fn count_failure(stats: &mut Stats, cause: Failure) {
    stats.failed += 1;
    if let Some(count) = stats.failures.get_mut(cause.index()) {
        *count += 1;
    }
}
