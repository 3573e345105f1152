//! How calls end: the verdict, and what is counted.
//! Spec: runtime.md §12. Every call ends once and is counted once. Must not send.

use super::call::{Call, FailedCheck};
use super::shared::Shared;
use super::table::Epitaph;
use crate::clock::Tick;
use crate::stats::Failure;

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
            Some(FailedCheck { cause, step }) => {
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
    pub(super) fn fail_check(&mut self, cause: Failure) {
        self.failed_check = Some(FailedCheck { cause, step: self.at });
    }
}

impl Shared {
    /// A call counted as a success has failed after all.
    pub fn recount_as_failed(&mut self, cause: Failure) {
        self.stats.successful -= 1;
        self.count_failure(cause);
    }

    fn count_failure(&mut self, cause: Failure) {
        self.stats.failed += 1;
        if let Some(count) = self.stats.failures.get_mut(cause.index()) {
            *count += 1;
        }
    }

    /// Counts a call that has ended.
    pub fn count_end(&mut self, opened: Tick, verdict: Verdict, now: Tick) {
        self.stats.current = self.stats.current.saturating_sub(1);
        self.stats.call_length.record(now.since(opened));
        match verdict {
            Verdict::Successful => self.stats.successful += 1,
            Verdict::Failed(cause) => self.count_failure(cause),
        }
    }
}
