//! Runs a call from step to step until it has to wait.
//! Spec: runtime.md §3, §4, §18; scenario.md §4-§6. In: a call and the time. Out: effects, and what the call waits for or how
//! it ended. Must not look at received messages (`receive`) or decide retransmissions (`retransmit`).

use std::fmt;
use std::io::Write;

use super::call::{Call, LastSent, Stopwatch, Wait};
use super::effects::{Effect, Effects, Loss, Note, RunEnd};
use super::ending::End;
use super::shared::{Reason, Shared};
use crate::clock::{Span, Tick};
use crate::message::{RenderError, Template};
use crate::scenario::Part;
use crate::scenario::plan::{
    Goto, Marks, Method, Outgoing, PauseLength, Plan, Recv, Role, Send, SendTxn, Step, StepIx, StepKind,
};
use crate::sip;
use crate::stats::story::Event;
use crate::stats::{Failure, Stats, StepCounts};

/// The longest pause there is (scenario.md §5.3).
const LONGEST_PAUSE_MS: f64 = 2_147_483_647.0;

/// Room for what a warning says before it quotes a message, in bytes: a longer one only costs a second allocation.
const USUAL_REASON: usize = 200;

/// What became of a call that ran.
#[derive(Debug)]
pub(super) enum Progress {
    /// It waits.
    Waits(Wait),
    /// It is over.
    Ended(End),
}

/// What an executed step leaves to do.
#[derive(Debug, Default)]
struct Done {
    /// A `<jump>` of its actions.
    jump: Option<Goto>,
    /// A `<pauserestore>` of its actions.
    pause_until: Option<Tick>,
}

/// One event's view of the engine: the plan of the call's scenario, what calls share, the time, and the effects so far.
pub(super) struct Run<'a> {
    pub part: Part,
    pub plan: &'a Plan,
    pub shared: &'a mut Shared,
    pub now: Tick,
    pub out: &'a mut Effects,
}

/// Which indices a template prints for `[msg_index]` and `[branch]` (keywords.md §6.3, §7.4).
#[derive(Clone, Copy)]
pub(super) enum RenderedIn {
    /// The CDATA of the send at the call's position.
    Send,
    /// An action or an automatic message: one below the current step.
    Elsewhere,
}

impl<'a> Run<'a> {
    /// Runs `call` until it has to wait, and says for what.
    pub fn advance(&mut self, call: &mut Call) -> Progress {
        let plan = self.plan;
        // A scenario that loops must not stop the rest.
        for _ in 0..self.shared.settings.steps_per_turn {
            if self.out.is_over() {
                break;
            }
            let step = &plan[call.at];
            if self.is_skipped(call, step) {
                match self.leave(call, step, None) {
                    Some(end) => return Progress::Ended(end),
                    None => continue,
                }
            }
            self.note_step(call);
            let done = match &step.kind {
                StepKind::Send(_) if call.resend.is_some() => return Progress::Waits(Wait::Quiet),
                StepKind::Send(send) if !self.can_send(call) => {
                    return Progress::Waits(self.await_link(call, send));
                }
                StepKind::Send(send) => match self.send(call, step, send) {
                    Ok(done) => done,
                    Err(end) => return Progress::Ended(end),
                },
                StepKind::Recv(recv) => return Progress::Waits(self.await_message(call, recv)),
                StepKind::Pause(length) | StepKind::TimeWait(length) => {
                    match self.begin_pause(call, step, *length) {
                        Ok(done) => done,
                        Err(progress) => return progress,
                    }
                }
                StepKind::Nop => match self.run_nop(call, step) {
                    Ok(done) => done,
                    Err(end) => return Progress::Ended(end),
                },
            };
            if let Some(end) = self.leave(call, step, done.jump) {
                return Progress::Ended(end);
            }
            if let Some(until) = done.pause_until {
                // The step just reached counts as a pause in progress: it is left at that time, not executed.
                return self.pause_until(call, until);
            }
        }
        Progress::Waits(Wait::Turn { until: self.now + Span::from_millis(1) })
    }

    fn pause_until(&mut self, call: &mut Call, until: Tick) -> Progress {
        if until <= self.now {
            return self.end_pause(call);
        }
        self.shared.wheel.insert(until, (call.key, Reason::Wait));
        Progress::Waits(Wait::Pause { until })
    }

    /// Goes on after the pause the call is in.
    pub fn end_pause(&mut self, call: &mut Call) -> Progress {
        let step = &self.plan[call.at];
        let jump = call.jump.take();
        match self.leave(call, step, jump) {
            Some(end) => Progress::Ended(end),
            None => self.advance(call),
        }
    }

    /// Goes to where `step` leads, or to `jump`. The end of the scenario ends the call.
    pub fn leave(&mut self, call: &mut Call, step: &Step, jump: Option<Goto>) -> Option<End> {
        let to = jump.unwrap_or_else(|| self.next_of(call, step));
        self.go(call, to)
    }

    /// Moves the call to a step; past the last one it is over.
    pub fn go(&mut self, call: &mut Call, to: Goto) -> Option<End> {
        match to {
            Goto::Step(at) => {
                call.at = at;
                None
            }
            Goto::End => Some(End::of_scenario(call)),
        }
    }

    /// `next`, when its `test` is set and its `chance` falls, else the step below (runtime.md §3 item 6).
    fn next_of(&mut self, call: &Call, step: &Step) -> Goto {
        let branch = step.next.filter(|branch| {
            branch.test.is_none_or(|var| self.shared.variables(call).get(var).is_set())
                && (branch.chance >= 1.0 || self.shared.draw() < branch.chance)
        });
        branch.map_or_else(|| self.plan.after(call.at), |branch| branch.to)
    }

    fn is_skipped(&self, call: &Call, step: &Step) -> bool {
        step.condexec.is_some_and(|condition| {
            self.shared.variables(call).get(condition.var).is_set() == condition.inverse
        })
    }

    fn run_nop(&mut self, call: &mut Call, step: &Step) -> Result<Done, End> {
        self.mark(call, &step.marks);
        let acted = self.act(call, step, None);
        if let Some(cause) = acted.failed_check {
            call.fail_check(cause, (call.at, acted.last));
        }
        match acted.ends_call {
            Some(cause) => Err(End::failed(cause)),
            None => Ok(Done { jump: acted.jump, pause_until: acted.pause_until }),
        }
    }

    /// Bookkeeping and actions run at the start of a pause; a pause of 0 does not wait.
    fn begin_pause(&mut self, call: &mut Call, step: &Step, length: PauseLength) -> Result<Done, Progress> {
        self.mark(call, &step.marks);
        self.counts(call).messages += 1;
        let length = self.pause_span(call, length);
        let acted = self.act(call, step, None);
        let length = match step.kind {
            // Nobody is left whom a repeat could come from.
            StepKind::TimeWait(_) if self.shared.peer_done => Span::ZERO,
            _ => length,
        };
        let until = acted.pause_until.unwrap_or(self.now + length);
        if until <= self.now {
            return Ok(Done { jump: acted.jump, pause_until: None });
        }
        call.jump = acted.jump;
        self.shared.wheel.insert(until, (call.key, Reason::Wait));
        Err(Progress::Waits(Wait::Pause { until }))
    }

    fn pause_span(&mut self, call: &Call, length: PauseLength) -> Span {
        match length {
            PauseLength::Sampled(distribution) => span_of_ms(distribution.sample(&mut self.shared.rng)),
            PauseLength::Fixed(span) => span,
            PauseLength::Default => self.shared.settings.default_pause,
            PauseLength::Variable(var) => span_of_ms(self.shared.variables(call).get(var).number()),
        }
    }

    /// Starts the receive timeout of the step the call has just reached (runtime.md §4).
    fn await_message(&mut self, call: &mut Call, recv: &Recv) -> Wait {
        let timeout = recv.timeout.or(self.shared.settings.recv_timeout);
        let until = timeout.map(|timeout| self.now + timeout);
        if let Some(until) = until {
            self.shared.wheel.insert(until, (call.key, Reason::Wait));
        }
        Wait::Message { until }
    }

    fn send(&mut self, call: &mut Call, step: &Step, send: &Send) -> Result<Done, End> {
        self.mark(call, &step.marks);
        if counts_up(&send.what) {
            call.cseq = call.cseq.wrapping_add(1);
        }
        let start = self.out.bytes.len();
        self.render_send(call, send)?;
        if !self.loses(call.at, Loss::Sending) {
            let first = self.out.sends.len();
            self.out.send_from(start, call.way(), Some(call.key));
            self.note_sends(call, first, i64::from(call.at.number()));
            self.leave_mark(call, Event::Sent, call.at);
        } else {
            self.leave_mark(call, Event::DroppedSending, call.at);
        }
        self.counts(call).messages += 1;
        self.note_txn(call, send, start);
        call.last_sent = Some(LastSent { step: call.at, cseq: call.cseq });
        note_dialog(call, &send.what);
        self.remember_sent(call, send, start);
        if step.actions.is_empty() {
            return Ok(Done::default());
        }
        let sent = self.out.bytes.get(start..).unwrap_or_default().to_vec();
        let acted = self.act(call, step, Some(&sent));
        Ok(Done { jump: acted.jump, pause_until: acted.pause_until })
    }

    /// Remembers the branch of a request that starts a transaction, and the step of its ACK (scenario.md §9).
    fn note_txn(&mut self, call: &mut Call, send: &Send, start: usize) {
        match send.txn {
            None => {}
            Some(SendTxn::Acks(txn)) => {
                if let Some(state) = call.txns.get_mut(txn.index()) {
                    state.ack = Some(call.at);
                }
            }
            Some(SendTxn::Starts(txn)) => {
                let sent = self.out.bytes.get(start..).unwrap_or_default();
                let message = sip::reread(sent);
                let branch = message.as_ref().and_then(|message| message.branch()).unwrap_or_default();
                if let Some(state) = call.txns.get_mut(txn.index()) {
                    state.branch = branch.into();
                }
            }
        }
    }

    /// Simulated loss: draws whether a message of this step is dropped, and counts it (runtime.md §17).
    pub fn loses(&mut self, step: StepIx, on_its_way: Loss) -> bool {
        let percent = self.plan[step].lost.unwrap_or(self.shared.settings.lost);
        let lost = percent > 0.0 && self.shared.draw() * 100.0 < percent;
        if lost {
            self.step_counts(step).lost += 1;
            self.trace(|| Note::Lost(on_its_way));
        }
        lost
    }

    fn render_send(&mut self, call: &mut Call, send: &Send) -> Result<(), End> {
        let start = self.out.bytes.len();
        self.render_message(call, send, call.at).map_err(|error| {
            self.out.bytes.truncate(start);
            self.render_failed(error);
            self.keep_warning(call);
            End::failed(Failure::CannotSendMessage)
        })
    }

    /// Keeps the bytes when the timer, a repeat of the peer or an abort can ask for them, and arms the timer.
    fn remember_sent(&mut self, call: &mut Call, send: &Send, start: usize) {
        let limits = self.resends(call);
        let armed = send.retrans.filter(|_| limits.is_some());
        let is_request = matches!(send.what, Outgoing::Request(_)) && self.plan.role == Role::Client;
        let is_answer = limits.is_some() && call.memory.answers_something();
        call.resend = None;
        if armed.is_none() && !is_request && !is_answer {
            return;
        }
        let bytes = self.out.bytes.get(start..).unwrap_or_default();
        let message = call.memory.keep_sent(call.at, bytes, is_request, None, &mut self.shared.pool);
        if let Some(t1) = armed {
            self.arm_resend(call, message, t1);
        }
    }

    /// Renders an action's text into a buffer of its own.
    pub fn render_text(&mut self, call: &Call, template: &Template) -> Vec<u8> {
        let mut text = Vec::new();
        let mut warnings = Vec::new();
        let mut scene = self.shared.rendering.scene(call, self.now, RenderedIn::Elsewhere);
        let rendered = template.render(&mut scene, &mut text, &mut warnings);
        self.warn_all(warnings);
        if let Err(error) = rendered {
            self.render_failed(error);
        }
        // A C string in SIPp: what follows a NUL is lost (keywords.md §1).
        if let Some(nul) = memchr::memchr(0, &text) {
            text.truncate(nul);
        }
        text
    }

    /// Says what is wrong with a text; some errors end the run (keywords.md §6.10).
    pub fn render_failed(&mut self, error: RenderError) {
        match error {
            RenderError::Fatal(text) => self.fatal(text.into_bytes()),
            RenderError::CallFails(text) => self.warn(text),
            RenderError::TooLong => self.warn("Unable to send UDP message: Message too long"),
        }
    }

    /// Counter, start, stop, in this order (runtime.md §18).
    pub fn mark(&mut self, call: &mut Call, marks: &Marks) {
        let now = self.now;
        let stats = self.stats();
        if let Some(count) = marks.counter.and_then(|counter| stats.counters.get_mut(counter.index())) {
            *count += 1;
        }
        if let Some(watch) = marks.start.and_then(|rtd| call.stopwatches.get_mut(rtd.index())) {
            watch.started = now;
        }
        let Some(stop) = marks.stop else { return };
        let lag = call.lag();
        let watch = call.stopwatches.get_mut(stop.rtd.index());
        let times = stats.response_times.get_mut(stop.rtd.index());
        if let (Some(watch @ Stopwatch { closed: false, .. }), Some(times)) = (watch, times) {
            let took = now.since(watch.started);
            // Later than that it began because of the peer or the scenario, and was not late.
            let late = if watch.started == call.opened { lag } else { Span::ZERO };
            times.record_late(took, late);
            watch.closed = !stop.repeat;
            if self.part == Part::Main && self.shared.settings.traces_response_times {
                self.out.others.push(Effect::ResponseTime { rtd: stop.rtd, took });
            }
        }
    }

    /// The numbers of the call's scenario.
    pub fn stats(&mut self) -> &mut Stats {
        self.shared.stats_for(self.part)
    }

    /// The counts of a step of the call's scenario.
    pub fn step_counts(&mut self, at: StepIx) -> &mut StepCounts {
        self.shared.step_counts(self.part, at)
    }

    /// The counts of the step the call is at.
    pub fn counts(&mut self, call: &Call) -> &mut StepCounts {
        self.step_counts(call.at)
    }

    /// A record for the message trace, if there is one.
    pub fn trace(&mut self, note: impl FnOnce() -> Note) {
        if self.shared.settings.traces_messages {
            self.out.others.push(Effect::Note(note()));
        }
    }

    /// Raises a warning.
    pub fn warn(&mut self, text: impl Into<Vec<u8>>) {
        self.shared.stats.warnings += 1;
        self.out.others.push(Effect::Warn(text.into()));
    }

    /// Raises a warning that quotes a message: `before`, the message, `'`. One allocation, for a peer may send many of them.
    pub fn warn_quoting(&mut self, before: fmt::Arguments<'_>, message: &[u8]) {
        let mut text = Vec::with_capacity(USUAL_REASON + message.len());
        // Writing to a Vec cannot fail.
        drop(text.write_fmt(before));
        text.extend_from_slice(message);
        text.push(b'\'');
        self.warn(text);
    }

    pub fn warn_all(&mut self, warnings: Vec<String>) {
        warnings.into_iter().for_each(|warning| self.warn(warning));
    }

    /// A run error: the whole process ends, exit code 255.
    pub fn fatal(&mut self, text: Vec<u8>) {
        self.shared.stats.fatal_errors += 1;
        self.out.end(RunEnd::Fatal(text));
    }
}

/// A pause of so many ms: nothing below 0, clipped to the longest there is (scenario.md §5.3).
fn span_of_ms(millis: f64) -> Span {
    Span::from_millis(millis.clamp(0.0, LONGEST_PAUSE_MS) as u64)
}

/// `[cseq]` counts up for requests other than ACK and CANCEL (keywords.md §7.3).
fn counts_up(what: &Outgoing) -> bool {
    !matches!(what, Outgoing::Response(_) | Outgoing::Request(Method::Ack | Method::Cancel))
}

/// Follows the dialog for the automatic messages of an abort (runtime.md §11).
fn note_dialog(call: &mut Call, what: &Outgoing) {
    match what {
        Outgoing::Request(Method::Ack) => {
            call.dialog.established = true;
            call.dialog.ack_pending = false;
        }
        Outgoing::Request(Method::Bye) => call.dialog.bye_sent = true,
        Outgoing::Request(Method::Invite) if call.dialog.bye_sent => {
            call.dialog.established = false;
            call.dialog.bye_sent = false;
        }
        _ => {}
    }
}
