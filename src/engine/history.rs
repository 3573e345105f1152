//! The story of a call for `-trace_calldebug`: noted while it runs, told when it is aborted.
//! Spec: outputs.md §11 (free form; only the frame matters). In: what happens to a call. Out: an effect at its abort. Costs one test
//! where the trace is off. Must not format moments: the report does.

use super::advance::Run;
use super::call::Call;
use super::effects::{Effect, Send};
use crate::clock::Tick;
use crate::scenario::plan::StepKind;

/// One thing that happened to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Tick,
    /// What; messages are quoted on the lines below.
    pub text: Vec<u8>,
}

impl Run<'_> {
    /// Notes what happens to `call`, if anybody wants to know.
    pub fn note(&self, call: &mut Call, what: impl FnOnce(&Call) -> String) {
        self.note_quoting(call, b"", what);
    }

    /// The same, with a message on the lines below.
    pub fn note_quoting(&self, call: &mut Call, message: &[u8], what: impl FnOnce(&Call) -> String) {
        if !self.shared.settings.traces_calls {
            return;
        }
        let mut text = what(call).into_bytes();
        if !message.is_empty() {
            text.extend_from_slice(b":\n");
            text.extend_from_slice(message);
            text.push(b'\n');
        }
        call.history.push(Event { at: self.now, text });
    }

    /// Notes the step that the call begins.
    pub fn note_step(&self, call: &mut Call) {
        let kind = match self.plan[call.at].kind {
            StepKind::Send(_) => 2,
            StepKind::Recv(_) => 3,
            StepKind::Pause(_) | StepKind::TimeWait(_) => 4,
            StepKind::Nop => 5,
        };
        let millis = self.now.millis();
        self.note(call, |call| {
            let index = call.at.number();
            format!("Processing message {index} of type {kind} for call {} at {millis}.", shown(call))
        });
    }

    /// Notes messages that went out from `first` of all sends on; `index` is that of the step, -1 for automatic ones.
    pub fn note_sends(&self, call: &mut Call, first: usize, index: i64) {
        if !self.shared.settings.traces_calls {
            return;
        }
        let transport = self.transport_of(call);
        let sends: &[Send] = self.out.sends.get(first..).unwrap_or_default();
        for send in sends {
            self.note_quoting(call, self.out.datagram(send), |call| {
                format!("Sending {transport} message for call {} (index {index})", shown(call))
            });
        }
    }

    /// The call is being aborted: its story is told.
    pub fn tell_history(&mut self, call: &mut Call) {
        if self.shared.settings.traces_calls {
            let (id, history) = (call.id.to_vec(), std::mem::take(&mut call.history));
            self.out.others.push(Effect::CallDebug { id, history });
        }
    }
}

/// The call's name in its history.
pub(super) fn shown(call: &Call) -> String {
    String::from_utf8_lossy(&call.id).into_owned()
}
