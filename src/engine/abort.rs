//! What the engine sends on its own: ACK, CANCEL and BYE of an abort, and the automatic 200.
//! Spec: runtime.md §10.2, §11. In: a call that fails. Out: at most two requests, never retransmitted. Must not end the call.

use super::advance::Run;
use super::call::Call;
use super::ending::{End, Verdict};
use super::history::shown;
use super::table::{CallKey, Epitaph};
use crate::message::{RenderError, Template};
use crate::scenario::plan::{Method, Outgoing, Role, StepKind};
use crate::sip::{self, Message, Start};
use crate::stats::Failure;

/// What an abort sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goodbye {
    Nothing,
    Ack,
    AckThenBye,
    Cancel,
    Bye,
}

impl Run<'_> {
    /// Ends a call that failed on a message, a timeout or its retransmissions: with behaviour `bye` the peer is told.
    pub fn abort(&mut self, call: &mut Call, cause: Failure) -> End {
        if !self.shared.settings.behaviors.bye {
            return End::failed(cause);
        }
        self.note(call, |call| format!("Aborting call {} (index {})", shown(call), call.at.number()));
        let first = self.out.sends.len();
        self.say_goodbye(call);
        self.note_sends(call, first, -1);
        self.leave_automatic_marks(call, first);
        self.tell_history(call);
        End { verdict: Verdict::Failed(cause), epitaph: Some(Epitaph::Aborted(call.at.number())) }
    }

    /// Sends what §11 asks for, whatever the behaviours are.
    pub fn say_goodbye(&mut self, call: &Call) {
        match self.goodbye(call) {
            Goodbye::Nothing => {}
            Goodbye::Ack => self.send_automatic(call, |texts| &texts.ack),
            Goodbye::Cancel => self.send_automatic(call, |texts| &texts.cancel),
            Goodbye::Bye => self.send_automatic(call, |texts| &texts.bye),
            Goodbye::AckThenBye => {
                self.send_automatic(call, |texts| &texts.ack);
                self.send_automatic(call, |texts| &texts.bye);
            }
        }
    }

    fn goodbye(&self, call: &Call) -> Goodbye {
        if self.plan.role == Role::Server || call.at.number() == 0 {
            return Goodbye::Nothing;
        }
        let Some(last) = call.memory.last() else { return Goodbye::Nothing };
        if call.dialog.established || !self.last_sent_is_invite(call) {
            return Goodbye::Bye;
        }
        match sip::reread(last).map(|message| message.start()) {
            Some(Start::Response(400..)) => Goodbye::Ack,
            _ if call.dialog.ack_pending => Goodbye::AckThenBye,
            _ => Goodbye::Cancel,
        }
    }

    fn last_sent_is_invite(&self, call: &Call) -> bool {
        call.last_sent.is_some_and(|sent| {
            matches!(&self.plan[sent.step].kind, StepKind::Send(send) if send.what == Outgoing::Request(Method::Invite))
        })
    }

    fn send_automatic(&mut self, call: &Call, pick: impl Fn(&crate::message::Automatic) -> &Template) {
        let start = self.out.bytes.len();
        let mut scene = self.shared.rendering.scene(call, self.now, super::advance::RenderedIn::Elsewhere);
        scene.last = own_headers(call);
        let mut warnings = Vec::new();
        let rendered = pick(&self.plan.automatic).render(&mut scene, &mut self.out.bytes, &mut warnings);
        self.warn_all(warnings);
        self.send_rendered(call, start, None, rendered);
    }

    /// The automatic 200 to a request of the peer, from that request's own headers.
    pub fn send_ok(&mut self, call: &Call, request: &Message<'_>) {
        let start = self.out.bytes.len();
        let mut scene = self.shared.rendering.scene(call, self.now, super::advance::RenderedIn::Elsewhere);
        scene.last = Some(request.text());
        let mut warnings = Vec::new();
        let rendered = self.plan.automatic.ok.render(&mut scene, &mut self.out.bytes, &mut warnings);
        self.warn_all(warnings);
        self.send_rendered(call, start, None, rendered);
    }

    /// Sends what was rendered from `start` on, or says why it could not be.
    pub fn send_rendered(
        &mut self,
        call: &Call,
        start: usize,
        key: Option<CallKey>,
        rendered: Result<(), RenderError>,
    ) {
        match rendered {
            Ok(()) => self.out.send_from(start, call.way(), key),
            Err(error) => {
                self.out.bytes.truncate(start);
                self.render_failed(error);
            }
        }
    }
}

/// The method in the CSeq of a message.
fn method_of(text: &[u8]) -> Option<&[u8]> {
    sip::reread(text).map(|message| message.cseq().method)
}

/// The message whose headers an ACK, CANCEL or BYE repeats: the last one, but never a request of the peer, whose Via, From and
/// To are not ours (runtime.md §11, Replacement).
fn own_headers(call: &Call) -> Option<&[u8]> {
    let last = call.memory.last()?;
    if last.starts_with(b"SIP/2.0") {
        return Some(last);
    }
    let request = call.memory.last_request();
    let method = request.and_then(method_of);
    let fits = |response: &&[u8]| method.is_none() || method_of(response) == method;
    call.memory.response_before().filter(fits).or(request)
}
