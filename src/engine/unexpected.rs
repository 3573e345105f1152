//! The scenario's own handler for messages that nothing expects: label `_unexp.main`.
//! Spec: runtime.md §7.6, scenario.md §7.6. In: the call and the message. Out: the call at the label, with the message kept for its
//! next `<recv>`. Must not answer anything.

use super::advance::{Progress, Run};
use super::call::{Call, Wait};
use super::memory::Kept;
use super::variable::Value;
use crate::scenario::plan::VarIx;
use crate::sip::Message;

impl Run<'_> {
    /// Jumps to the handler; None when there is none, or when it is already at work.
    pub fn jump_to_handler(&mut self, call: &mut Call, message: &Message<'_>) -> Option<Progress> {
        let handler = self.plan.unexpected?;
        let returns_to = |var: VarIx| self.shared.variables(call).get(var).number();
        if call.handles_unexpected || handler.return_to.is_some_and(|var| returns_to(var) != 0.0) {
            return None;
        }
        if let Some(var) = handler.return_to {
            self.set(call, var, Value::Number(f64::from(call.at.number())));
        }
        if let Some(var) = handler.paused_until {
            let until = match call.wait {
                Wait::Pause { until } => until.millis(),
                _ => 0,
            };
            self.set(call, var, Value::Number(until as f64));
        }
        call.jump = None;
        call.memory.keep_for_later(Kept::Unexpected(message.text().to_vec()));
        Some(match self.go(call, handler.at) {
            Some(end) => Progress::Ended(end),
            None => self.advance(call),
        })
    }
}
