//! The label `_unexp.main`: where a call goes on a message that nothing expects.
//! Spec: scenario.md §7.6. In: labels and variables of a whole scenario. Out: [`UnexpectedHandler`]. Must not jump.

use super::compile::Compiler;
use super::plan::UnexpectedHandler;
use super::variables::{INTERRUPTED_PAUSE, INTERRUPTED_STEP};

const LABEL: &str = "_unexp.main";

impl Compiler<'_> {
    /// The handler, if the scenario has one.
    pub(super) fn unexpected_handler(&self) -> Option<UnexpectedHandler> {
        Some(UnexpectedHandler {
            at: self.flow.labels.find(LABEL, self.flow.steps.len())?,
            return_to: self.variables.find(INTERRUPTED_STEP),
            paused_until: self.variables.find(INTERRUPTED_PAUSE),
        })
    }
}
