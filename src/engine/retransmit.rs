//! Retransmission: when the last sent message of a call goes out again, what stops that, and when the call gives up.
//! Spec: runtime.md §5. In: a send, a matched message, a due deadline. Out: effects. Must not render: a resend is the bytes of
//! the first transmission.

use super::advance::{Progress, Run};
use super::call::{Call, Resend};
use super::effects::Loss;
use super::memory::SentIx;
use super::settings::Retransmission;
use super::shared::Reason;
use crate::clock::Span;
use crate::link::Transport;
use crate::scenario::plan::{Goto, StepIx};
use crate::sip::{self, Cseq, Message, Start};
use crate::stats::Failure;
use crate::stats::story::Event;

/// What a received message does to a running timer.
enum Effect {
    Stop,
    /// A provisional response to another method: from now on every T2.
    Stretch,
    None,
}

impl Run<'_> {
    /// How messages of a call are sent again; None: not at all, by option or because what carries them is reliable (runtime.md §5).
    pub fn resends(&self, call: &Call) -> Option<Retransmission> {
        let is_reliable = call.line.transport().is_some_and(Transport::is_reliable);
        self.shared.settings.retransmission.filter(|_| !is_reliable)
    }

    /// The name of what carries a call's messages.
    pub fn transport_of(&self, call: &Call) -> &'static str {
        call.line.transport().map_or(self.shared.settings.transport, Transport::name)
    }

    /// Arms the timer for a message just sent.
    pub fn arm_resend(&mut self, call: &mut Call, message: SentIx, t1: Span) {
        let due = self.now + t1;
        call.resend = Some(Resend { message, due, delay: t1, done: 0 });
        self.shared.wheel.insert(due, (call.key, Reason::Resend));
    }

    /// The timer is due: sends again, or gives up.
    pub fn resend(&mut self, call: &mut Call) -> Progress {
        let (Some(resend), Some(limits)) = (call.resend, self.resends(call)) else {
            return Progress::Waits(call.wait);
        };
        let Some((step, bytes)) = call.memory.sent(resend.message) else {
            call.resend = None;
            return Progress::Waits(call.wait);
        };
        let is_invite = bytes.starts_with(b"INVITE");
        if resend.done >= most_resends(limits, is_invite) {
            return self.give_up(call, step);
        }
        if !self.loses(step, Loss::Sending) {
            let bytes = call.memory.sent(resend.message).map_or(&[][..], |(_, bytes)| bytes);
            let first = self.out.sends.len();
            self.out.send_copy(bytes, call.way(), Some(call.key));
            self.note_sends(call, first, i64::from(step.number()));
            self.leave_mark(call, Event::SentAgain, step);
        } else {
            self.leave_mark(call, Event::DroppedSending, step);
        }
        self.stats().retransmissions += 1;
        self.step_counts(step).retransmissions += 1;
        let doubled = resend.delay.doubled();
        let delay = if is_invite { doubled } else { doubled.min(limits.t2) };
        // From when it was due, not from when a busy loop came to it: small delays must not add up.
        let on_time = resend.due + delay;
        let due = if on_time > self.now { on_time } else { self.now + delay };
        call.resend = Some(Resend { due, delay, done: resend.done + 1, ..resend });
        self.shared.wheel.insert(due, (call.key, Reason::Resend));
        Progress::Waits(call.wait)
    }

    /// The wait after the last resend is over: `ontimeout` of the sending step, or the call fails.
    fn give_up(&mut self, call: &mut Call, sender: StepIx) -> Progress {
        call.resend = None;
        self.step_counts(sender).timeouts += 1;
        self.leave_mark(call, Event::GaveUp, sender);
        let id = String::from_utf8_lossy(&call.id).into_owned();
        let label = self.plan[sender].on_timeout;
        if let Some(to) = label {
            let (from, to) = (sender.number(), self.index_of(to));
            self.warn(format!(
                "Call-Id: {id}, timeout on max UDP retrans for message {from}, jumping to label {to} "
            ));
        }
        match label {
            Some(Goto::Step(at)) => {
                call.at = at;
                self.advance(call)
            }
            Some(Goto::End) | None => {
                if self.shared.settings.behaviors.bye {
                    self.warn(format!("Aborting call on UDP retransmission timeout for Call-ID '{id}'"));
                }
                Progress::Ended(self.abort(call, Failure::MaxUdpRetrans))
            }
        }
    }

    /// A message was matched by `step`: stops or stretches the timer.
    pub fn answered(&mut self, call: &mut Call, step: StepIx, message: &Message<'_>) {
        let (Some(resend), Some(limits)) = (call.resend, self.resends(call)) else { return };
        let below = call.last_sent.is_some_and(|sent| step > sent.step);
        if !below && !self.answers_the_resent(call, resend, message) {
            return;
        }
        match effect_of(message) {
            Effect::Stop => call.resend = None,
            Effect::Stretch => {
                let due = self.now + limits.t2;
                call.resend = Some(Resend { due, delay: limits.t2, ..resend });
                self.shared.wheel.insert(due, (call.key, Reason::Resend));
            }
            Effect::None => {}
        }
    }

    /// Whether a response has the CSeq number and method of the message being re-sent: then it stops the timer wherever the
    /// step stands in the file (runtime.md §5, Replacement).
    fn answers_the_resent(&self, call: &Call, resend: Resend, message: &Message<'_>) -> bool {
        let Some((_, bytes)) = call.memory.sent(resend.message) else { return false };
        let same = |sent: Message<'_>| same_cseq(message.cseq(), sent.cseq());
        matches!(message.start(), Start::Response(_)) && sip::reread(bytes).is_some_and(same)
    }

    /// The number a label stands for in warnings.
    pub fn index_of(&self, to: Goto) -> u32 {
        match to {
            Goto::Step(at) => at.number(),
            Goto::End => u32::try_from(self.plan.steps.len()).unwrap_or(u32::MAX),
        }
    }
}

fn same_cseq(one: Cseq<'_>, other: Cseq<'_>) -> bool {
    one.number.is_some() && one == other
}

fn most_resends(limits: Retransmission, is_invite: bool) -> u32 {
    if is_invite { limits.max_invite } else { limits.max_other }
}

fn effect_of(message: &Message<'_>) -> Effect {
    match message.start() {
        Start::Response(200..) => Effect::Stop,
        Start::Response(_) if message.cseq().method == b"INVITE" => Effect::Stop,
        Start::Response(_) => Effect::Stretch,
        Start::Request(b"ACK" | b"CANCEL" | b"BYE" | b"PRACK") => Effect::Stop,
        Start::Request(_) | Start::Malformed => Effect::None,
    }
}
