//! A message of a call in progress: repeat, match or unexpected, and what each does to the call.
//! Spec: runtime.md §7-§10. In: the call and the message. Out: effects and what became of the call. Must not look up calls.

use super::advance::{Progress, Run};
use super::call::{Call, Wait};
use super::effects::{Effect, Loss, Note};
use super::ending::End;
use super::history::shown;
use super::matching::{self, Match};
use super::memory::{Fingerprint, Kept, Repeat};
use crate::scenario::Part;
use crate::scenario::plan::{Goto, Presence, Recv, Step, StepIx, StepKind, TxnIx};
use crate::sip::routes::NO_CONTACT;
use crate::sip::{Message, Recorded, Sender, Start};
use crate::stats::Failure;
use crate::stats::story::Event;

impl Run<'_> {
    /// Handles a message for `call`.
    pub fn receive(&mut self, call: &mut Call, message: &Message<'_>) -> Progress {
        self.leave_mark_of(call, message);
        if self.shared.settings.drops_in_pauses && self.is_at_pause(call) {
            self.judge(call, Event::Ignored, call.at);
            return Progress::Waits(call.wait);
        }
        if let Start::Request(method) = message.start() {
            if self.is_ack_of_another_invite(call, method, message) {
                self.warn("ACK CSeq value does NOT match value of related INVITE CSeq -- aborting call");
                return Progress::Ended(End::failed(Failure::AckCseqMismatch));
            }
            if method == b"INVITE" {
                call.dialog.invite_received = message.cseq().number.unwrap_or(0);
            }
        }
        self.note_quoting(call, message.text(), |call| {
            let bytes = message.text().len();
            format!("Processing {bytes} byte incoming message for call-ID {}", shown(call))
        });
        if !message.has_to() {
            return self.out_of_place(call, message);
        }
        let fingerprint = self.detects_repeats(call).then(|| self.shared.fingerprints.of(message));
        if let Some(repeat) = fingerprint.and_then(|print| call.memory.recognise(print)) {
            return self.repeat(call, repeat);
        }
        match message.start() {
            Start::Response(_) => note_peer_tag(call, message),
            Start::Request(b"ACK") => call.dialog.established = true,
            Start::Request(_) => {}
            Start::Malformed => return self.unexpected(call, message, None),
        }
        let known = fingerprint.or_else(|| self.fingerprint_for_txns(message));
        match matching::find(self.plan, call.at, message, &call.txns, known) {
            Match::Accepted(step) => self.accept(call, step, message, fingerprint),
            Match::AckAgain(step) => self.ack_again(call, step),
            Match::LateProvisional(txn) => self.ignore_provisional(call, txn, message),
            Match::FinalAgain(txn) => self.ignore_final(call, txn, message),
            Match::Unexpected => self.unexpected(call, message, fingerprint),
        }
    }

    fn is_at_pause(&self, call: &Call) -> bool {
        matches!(self.plan[call.at].kind, StepKind::Pause(_) | StepKind::TimeWait(_))
    }

    fn detects_repeats(&self, call: &Call) -> bool {
        self.resends(call).is_some()
    }

    /// Transactions recognise a repeated final response even where repeats are not detected otherwise.
    fn fingerprint_for_txns(&self, message: &Message<'_>) -> Option<Fingerprint> {
        (!self.plan.txns.is_empty()).then(|| self.shared.fingerprints.of(message))
    }

    fn ignore_provisional(&mut self, call: &mut Call, txn: TxnIx, message: &Message<'_>) -> Progress {
        self.judge(call, Event::Ignored, call.at);
        self.trace_ignored("provisional", txn, message);
        Progress::Waits(call.wait)
    }

    fn trace_ignored(&mut self, class: &'static str, txn: TxnIx, message: &Message<'_>) {
        let plan = self.plan;
        let name = plan.txns.get(txn.index()).map_or("", |txn| &txn.name);
        self.trace(|| Note::Ignored { class, txn: name.to_owned(), message: message.text().to_vec() });
    }

    fn ignore_final(&mut self, call: &mut Call, txn: TxnIx, message: &Message<'_>) -> Progress {
        self.judge(call, Event::Ignored, call.at);
        self.trace_ignored("final", txn, message);
        let name = self.plan.txns.get(txn.index()).map_or("", |txn| &txn.name);
        let transport = self.transport_of(call);
        let before = format_args!("Ignoring final {transport} message for transaction {name}: '");
        self.warn_quoting(before, message.text());
        Progress::Waits(call.wait)
    }

    /// Handles the message that opened `call`. A scenario that begins with `<nop>` keeps it until the call is at a `<recv>`
    /// (runtime.md §2.1).
    pub fn receive_opening(&mut self, call: &mut Call, message: &Message<'_>) -> Progress {
        let begins_with_nop = self.plan.steps.first().is_some_and(|step| matches!(step.kind, StepKind::Nop));
        if begins_with_nop && !matches!(call.wait, Wait::Message { .. }) {
            call.memory.keep_for_later(Kept::Opening(message.text().to_vec()));
            return Progress::Waits(call.wait);
        }
        self.receive(call, message)
    }

    fn is_ack_of_another_invite(&self, call: &Call, method: &[u8], message: &Message<'_>) -> bool {
        self.shared.settings.behaviors.cseq
            && method.starts_with(b"ACK")
            && message.cseq().number.unwrap_or(0) != call.dialog.invite_received
    }

    /// The peer repeats itself: the stored answer goes out again, or nothing does; the call stays where it is.
    fn repeat(&mut self, call: &mut Call, repeat: Repeat) -> Progress {
        let (Repeat::Answer { step, .. } | Repeat::Drop { step }) = repeat;
        if matches!(repeat, Repeat::Answer { .. }) && self.loses(step, Loss::ReceivingRepeat) {
            self.judge(call, Event::DroppedReceiving, step);
            return Progress::Waits(call.wait);
        }
        self.judge(call, Event::Repeated, step);
        self.step_counts(step).retransmissions += 1;
        if let Repeat::Answer { answer, .. } = repeat
            && let Some((sender, bytes)) = call.memory.sent(answer)
        {
            self.stats().retransmissions += 1;
            self.step_counts(sender).retransmissions += 1;
            if !self.loses(sender, Loss::Sending) {
                let first = self.out.sends.len();
                self.out.send_copy(bytes, call.way(), Some(call.key));
                self.note_sends(call, first, i64::from(sender.number()));
                self.leave_mark(call, Event::SentAgain, sender);
            } else {
                self.leave_mark(call, Event::DroppedSending, sender);
            }
        }
        Progress::Waits(call.wait)
    }

    /// The effect of a matched message, in the order of runtime.md §7.4.
    fn accept(
        &mut self,
        call: &mut Call,
        at: StepIx,
        message: &Message<'_>,
        fingerprint: Option<Fingerprint>,
    ) -> Progress {
        let plan = self.plan;
        let step = &plan[at];
        let StepKind::Recv(recv) = &step.kind else { return Progress::Waits(call.wait) };
        if self.loses(at, Loss::Receiving) {
            self.judge(call, Event::DroppedReceiving, at);
            return Progress::Waits(call.wait);
        }
        self.judge(call, Event::Received, at);
        self.note_answer(call, recv, message);
        self.mark(call, &step.marks);
        self.step_counts(at).messages += 1;
        let acted = self.act(call, step, Some(message.text()));
        if let Some(cause) = acted.failed_check {
            call.fail_check(cause, (at, acted.last));
        }
        if let Some(cause) = acted.ends_call {
            return Progress::Ended(End::failed(cause));
        }
        self.take_over(call, recv, at, message);
        if recv.stores_challenge && !self.store_challenge(call, message) {
            call.memory.set_last(message.text(), false, &mut self.shared.pool);
            return Progress::Ended(self.abort(call, Failure::UnexpectedMessage));
        }
        if !recv.advances {
            return self.stay(call);
        }
        let is_request = matches!(message.start(), Start::Request(_));
        call.memory.set_last(message.text(), is_request, &mut self.shared.pool);
        if let Some(fingerprint) = fingerprint {
            call.memory.accept(fingerprint, at, &mut self.shared.pool);
        }
        if self.stays(call, recv, step) {
            return self.stay(call);
        }
        call.at = at;
        call.jump = None;
        match self.leave(call, step, None) {
            Some(end) => Progress::Ended(end),
            None => self.advance(call),
        }
    }

    /// The final response of a transaction (runtime.md §7.4 item 2).
    fn note_answer(&mut self, call: &mut Call, recv: &Recv, message: &Message<'_>) {
        let state = recv.txn.and_then(|txn| call.txns.get_mut(txn.index()));
        if let Some(state) = state.filter(|_| matches!(message.start(), Start::Response(200..))) {
            state.answer = Some(self.shared.fingerprints.of(message));
        }
    }

    /// What the engine itself learns from a matched message: CSeq, timers, dialog, routes.
    fn take_over(&mut self, call: &mut Call, recv: &Recv, at: StepIx, message: &Message<'_>) {
        let cseq = message.cseq();
        match message.start() {
            Start::Request(_) => call.cseq = call.cseq.max(cseq.number.unwrap_or(0)),
            Start::Response(200) if cseq.method == b"INVITE" => call.dialog.ack_pending = true,
            _ => {}
        }
        self.answered(call, at, message);
        if recv.record_route {
            self.record_route(call, message);
        }
    }

    /// The first message with a Record-Route fixes the route set (runtime.md §13).
    fn record_route(&mut self, call: &mut Call, message: &Message<'_>) {
        let sender = match message.start() {
            Start::Request(_) => Sender::Request,
            Start::Response(_) | Start::Malformed => Sender::Response,
        };
        if call.routes.get_or_insert_default().record(message.text(), sender) == Recorded::NoContact {
            self.warn(NO_CONTACT);
        }
    }

    /// An optional step whose `test` is not set takes the message and leaves the call where it is.
    fn stays(&self, call: &Call, recv: &Recv, step: &Step) -> bool {
        let test = step.next.and_then(|branch| branch.test);
        recv.presence != Presence::Mandatory
            && test.is_some_and(|var| !self.shared.variables(call).get(var).is_set())
    }

    /// The call stays at its step; a send that waited for the timer may go on.
    fn stay(&mut self, call: &mut Call) -> Progress {
        if call.wait == Wait::Quiet && call.resend.is_none() {
            return self.advance(call);
        }
        Progress::Waits(call.wait)
    }

    /// A late response to an INVITE: its ACK is rendered anew and sent, nothing else happens (runtime.md §7.3).
    fn ack_again(&mut self, call: &mut Call, at: StepIx) -> Progress {
        let StepKind::Send(send) = &self.plan[at].kind else { return Progress::Waits(call.wait) };
        self.judge(call, Event::Repeated, at);
        let start = self.out.bytes.len();
        let rendered = self.render_message(call, send, at);
        self.send_rendered(call, start, Some(call.key), rendered);
        self.leave_mark(call, Event::SentAgain, at);
        Progress::Waits(call.wait)
    }

    /// A message that matched nothing (runtime.md §8 last row, §9, §10).
    fn unexpected(
        &mut self,
        call: &mut Call,
        message: &Message<'_>,
        fingerprint: Option<Fingerprint>,
    ) -> Progress {
        if let Some(progress) = self.jump_to_handler(call, message) {
            return progress;
        }
        if let Some(repeat) = fingerprint.and_then(|print| call.memory.recognise_any(print)) {
            return self.repeat(call, repeat);
        }
        if self.plan.unexpected.is_some() {
            // With a handler of its own the scenario gets no automatic answers (runtime.md §7.6).
            return self.out_of_place(call, message);
        }
        match message.start() {
            Start::Request(b"BYE") => {
                self.unexpected_hang_up(call, message, "an unexpected BYE", "an unexpected BYE")
            }
            Start::Request(b"CANCEL") => {
                self.unexpected_hang_up(call, message, "an unexpected CANCEL", "unexpected CANCEL")
            }
            Start::Request(b"PING") => self.unexpected_ping(call, message),
            Start::Request(method) if self.shared.settings.auto_answer && is_auto_answered(method) => {
                self.answer_ok(call, message)
            }
            _ => self.out_of_place(call, message),
        }
    }

    fn unexpected_hang_up(
        &mut self,
        call: &mut Call,
        message: &Message<'_>,
        abort: &str,
        go_on: &str,
    ) -> Progress {
        self.counts(call).unexpected += 1;
        let id = String::from_utf8_lossy(&call.id).into_owned();
        let behaviors = self.shared.settings.behaviors;
        call.memory.set_last(message.text(), true, &mut self.shared.pool);
        if !behaviors.abort_unexpected {
            self.warn(format!("Continuing call on {go_on} for call: {id}"));
            return Progress::Waits(call.wait);
        }
        self.warn(format!("Aborting call on {abort} for call: {id}"));
        if behaviors.bye {
            let first = self.out.sends.len();
            self.send_ok(call, message);
            self.leave_automatic_marks(call, first);
        }
        Progress::Ended(End::failed(Failure::UnexpectedMessage))
    }

    fn unexpected_ping(&mut self, call: &mut Call, message: &Message<'_>) -> Progress {
        let id = String::from_utf8_lossy(&call.id).into_owned();
        if self.shared.settings.behaviors.ping_reply {
            self.warn(format!("Automatic response mode for an unexpected PING for call: {id}"));
            return self.answer_ok(call, message);
        }
        self.warn(format!("Do not answer on an unexpected PING for call: {id}"));
        Progress::Waits(call.wait)
    }

    fn answer_ok(&mut self, call: &mut Call, message: &Message<'_>) -> Progress {
        self.judge(call, Event::Ignored, call.at);
        let first = self.out.sends.len();
        self.send_ok(call, message);
        self.leave_automatic_marks(call, first);
        self.shared.stats.auto_answered += 1;
        Progress::Waits(call.wait)
    }

    /// runtime.md §9.
    fn out_of_place(&mut self, call: &mut Call, message: &Message<'_>) -> Progress {
        self.counts(call).unexpected += 1;
        let aborts = self.shared.settings.behaviors.abort_unexpected;
        let verb = if aborts { "Aborting" } else { "Continuing" };
        let (id, place, index) = (String::from_utf8_lossy(&call.id), self.place(call), call.at.number());
        let before = format_args!(
            "{verb} call on unexpected message for Call-Id '{id}': {place} (index {index}), received '"
        );
        self.warn_quoting(before, message.text());
        self.trace(|| Note::Unexpected(message.text().to_vec()));
        if let Start::Response(code) = message.start()
            && self.part == Part::Main
            && self.shared.settings.traces_error_codes
        {
            self.out.others.push(Effect::UnexpectedCode(code));
        }
        self.note_quoting(call, message.text(), |call| {
            format!("Unexpected message received for call {} (index {index})", shown(call))
        });
        if !aborts {
            return Progress::Waits(call.wait);
        }
        let is_request = matches!(message.start(), Start::Request(_));
        call.memory.set_last(message.text(), is_request, &mut self.shared.pool);
        Progress::Ended(self.abort(call, Failure::UnexpectedMessage))
    }

    /// What the call was doing, for the warning.
    fn place(&self, call: &Call) -> String {
        match &self.plan[call.at].kind {
            StepKind::Recv(recv) => format!("while expecting '{}'", recv.expects.as_str()),
            StepKind::Send(_) => "while sending".to_owned(),
            StepKind::Pause(_) | StepKind::TimeWait(_) => "while pausing".to_owned(),
            StepKind::Nop => "while in message type 5".to_owned(),
        }
    }

    /// The receive timeout of the current step is over (runtime.md §4).
    pub fn receive_timeout(&mut self, call: &mut Call) -> Progress {
        let plan = self.plan;
        let step = &plan[call.at];
        self.counts(call).timeouts += 1;
        self.leave_mark(call, Event::TimedOut, call.at);
        self.note(call, |call| {
            format!("Receive timeout for call {} (index {})", shown(call), call.at.number())
        });
        let (id, name, index) =
            (String::from_utf8_lossy(&call.id).into_owned(), &plan.name, call.at.number());
        let before = format!("Call-Id: {id}, receive timeout on message {name}:{index}");
        match step.on_timeout {
            None => {
                self.warn(format!("{before} without label to jump to (ontimeout attribute): aborting call"));
                Progress::Ended(self.abort(call, Failure::TimeoutOnRecv))
            }
            Some(to) => {
                self.warn(format!("{before}, jumping to label {}", self.index_of(to)));
                call.resend = None;
                match to {
                    Goto::End => Progress::Ended(self.abort(call, Failure::TimeoutOnRecv)),
                    Goto::Step(at) => {
                        call.at = at;
                        self.advance(call)
                    }
                }
            }
        }
    }
}

/// The methods that `-aa` answers.
pub(super) fn is_auto_answered(method: &[u8]) -> bool {
    matches!(method, b"INFO" | b"NOTIFY" | b"OPTIONS" | b"UPDATE")
}

fn note_peer_tag(call: &mut Call, message: &Message<'_>) {
    const NAME: &[u8] = b";tag=";
    // Most messages of a peer have the tag of the one before.
    if let Some(tag) = message.peer_tag().filter(|tag| call.peer_tag.get(NAME.len()..) != Some(tag)) {
        call.peer_tag.clear();
        call.peer_tag.extend_from_slice(NAME);
        call.peer_tag.extend_from_slice(tag);
    }
}
