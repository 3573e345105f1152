//! How calls come into being: by the generator on its schedule, by messages with an unknown Call-ID, and which messages open none.
//! Spec: runtime.md §2, §6.3. In: the time, unknown messages. Out: new calls that have run their first steps. Must not run calls
//! further than `advance` does.

use std::net::SocketAddr;

use smallvec::SmallVec;

use super::Engine;
use super::advance::{Progress, Run};
use super::call::{Call, Dialog, Stopwatch, TxnState, Wait};
use super::call_id;
use super::effects::{Effect, Effects, Note, RunEnd};
use super::ending::End;
use super::history;
use super::line::Line;
use super::matching::{self, Match};
use super::memory::Memory;
use super::opener::Slot;
use super::receive::is_auto_answered;
use super::shared::{AllInUse, Shared};
use super::table::{CallId, CallKey};
use super::trail::Trail;
use super::variable::Value;
use crate::clock::Tick;
use crate::inject::{InjectError, Lines};
use crate::link::Way;
use crate::scenario::Part;
use crate::scenario::plan::{Goto, StepIx, StepKind};
use crate::sip::{Message, Start};
use crate::stats::Failure;

impl Engine {
    /// Opens calls that are due, at most `most`.
    pub(super) fn open_due_calls(&mut self, now: Tick, most: usize, out: &mut Effects) {
        self.open_calls_due_by(now, now, most, out);
    }

    /// Opens calls that were due at `until` or before, at most `most`.
    pub(super) fn open_calls_due_by(&mut self, until: Tick, now: Tick, most: usize, out: &mut Effects) {
        for _ in 0..most {
            if self.shared.has_all_calls() || self.shared.quit.is_quitting() {
                return;
            }
            let Some(slot) = self.opener.take(&mut self.shared, until) else { return };
            let Some(peer) = self.shared.settings.destination else {
                let text = b"Missing remote host parameter. This scenario requires it".to_vec();
                return out.end(RunEnd::Fatal(text));
            };
            let Shared { settings, next_number, rng, .. } = &mut self.shared;
            let id = call_id::make(settings, *next_number, now, rng);
            let Some(key) = self.open(Part::Main, id, peer, Some(&slot), now, out) else { return };
            self.take_line(key, self.shared.settings.lines.of_call());
            self.shared.stats.outgoing += 1;
            self.shared.stats.first_opened.get_or_insert(now);
            self.shared.stats.last_opened = now;
            self.shared.stats.start_lag.record(now.since(slot.due));
            self.with_call(key, now, out, |run, call| run.begin(call));
        }
    }

    /// A message with a Call-ID that leads to no call (runtime.md §6.3).
    pub(super) fn on_unknown(&mut self, now: Tick, from: Way, message: &Message<'_>, out: &mut Effects) {
        let auto_answered = self.shared.settings.auto_answer
            && matches!(message.start(), Start::Request(method) if is_auto_answered(method));
        let Some(called) = self.scenarios.called() else {
            return self.on_uncalled(now, from, message, auto_answered, out);
        };
        match called {
            _ if matches!(message.start(), Start::Malformed) => self.discard(now, message, out),
            part if auto_answered && !self.first_recv_takes(part, message) => {
                self.answer_out_of_call(now, from, message, out);
            }
            part if self.opens_no_more(part) => self.discard_while_quitting(out),
            Part::Main if !self.shared.may_open() => self.discard_while_quitting(out),
            part => self.open_incoming(part, now, from, message, out),
        }
    }

    /// The same for a client that is not called: `-oocsf` takes all requests, `-aa` some.
    fn on_uncalled(
        &mut self,
        now: Tick,
        from: Way,
        message: &Message<'_>,
        auto_answered: bool,
        out: &mut Effects,
    ) {
        let answers = self.scenarios.get(Part::OutOfCall).is_some();
        match message.start() {
            Start::Request(_) | Start::Response(_) if answers && self.opens_no_more(Part::OutOfCall) => {
                self.discard_while_quitting(out);
            }
            Start::Request(method) if answers => {
                self.shared.stats.auto_answered += 1;
                let method = String::from_utf8_lossy(method);
                let text = format!("Received out-of-call {method} message, using the out-of-call scenario");
                self.run(now, out).warn(text);
                self.open_incoming(Part::OutOfCall, now, from, message, out);
            }
            Start::Response(_) if answers => self.shared.stats.out_of_call += 1,
            _ if auto_answered => self.answer_out_of_call(now, from, message, out),
            _ => self.discard(now, message, out),
        }
    }

    /// Quitting ends the calls of the main scenario only; the others are opened until the run is over.
    fn opens_no_more(&self, part: Part) -> bool {
        match part {
            Part::Main => self.shared.quit.is_quitting(),
            Part::OutOfCall | Part::Receiving => self.is_finished(),
        }
    }

    fn discard_while_quitting(&mut self, out: &mut Effects) {
        self.shared.stats.out_of_call += 1;
        if self.shared.settings.traces_messages {
            out.others.push(Effect::Note(Note::Discarded));
        }
    }

    fn discard(&mut self, now: Tick, message: &Message<'_>, out: &mut Effects) {
        self.shared.stats.out_of_call += 1;
        let mut text = b"Discarding message which can't be mapped to a known SIPp call:\n".to_vec();
        text.extend_from_slice(message.text());
        self.run(now, out).warn(text);
    }

    fn open_incoming(&mut self, part: Part, now: Tick, from: Way, message: &Message<'_>, out: &mut Effects) {
        let id = CallId::from_slice(self.shared.id_of(message));
        let (line, peer) = self.way_back(from, message);
        let Some(key) = self.open(part, id, peer, None, now, out) else { return };
        self.take_line(key, line);
        self.shared.stats_for(part).incoming += 1;
        self.with_call(key, now, out, |run, call| match run.begin(call) {
            Progress::Waits(wait) => {
                call.wait = wait;
                run.receive_opening(call, message)
            }
            ended => ended,
        });
    }

    /// The number and the injection lines of a new call: automatic ones have numbers of their own and draw no lines.
    pub(super) fn draw(&mut self, part: Part, user: Option<u32>) -> Result<(u64, Lines), InjectError> {
        if part == Part::OutOfCall {
            return Ok((self.shared.automatic_number(), Lines::default()));
        }
        let lines = self.shared.rendering.files.draw(user, &mut self.shared.rng)?;
        Ok((self.shared.take_number(), lines))
    }

    /// Puts a new call into the table; `slot`: that of the schedule, if the generator opens it. None: the run cannot go on (a run error was raised).
    fn open(
        &mut self,
        part: Part,
        id: CallId,
        peer: SocketAddr,
        slot: Option<&Slot>,
        now: Tick,
        out: &mut Effects,
    ) -> Option<CallKey> {
        let user = slot.and_then(|slot| slot.user);
        let (number, lines) = match self.draw(part, user) {
            Ok(drawn) => drawn,
            Err(error) => {
                self.run(now, out).fatal(error.to_string().into_bytes());
                return None;
            }
        };
        let plan = &self.scenarios[part];
        let Goto::Step(at) = plan.start() else { return None };
        let base_cseq = self.shared.settings.base_cseq;
        let key = self.table.insert(|key| {
            let mut call = fresh(key, part, id, peer, at, now);
            call.number = number;
            call.user = user;
            call.due = slot.map_or(now, |slot| slot.due);
            call.cseq = base_cseq.wrapping_sub(1);
            call.lines = lines;
            call.variables = vec![Value::Unset; plan.variables.call.len()].into();
            if user.is_none() {
                call.own_user_variables = vec![Value::Unset; plan.variables.user.len()].into();
            }
            call.trail = self.shared.stories.begin();
            call.txns = vec![TxnState::default(); plan.txns.len()].into();
            call.stopwatches =
                SmallVec::from_elem(Stopwatch { started: now, closed: false }, plan.rtds.len());
            call
        });
        let running_s = now.since(self.started).millis() / 1_000;
        let stats = self.shared.stats_for(part);
        stats.current += 1;
        stats.note_peak(running_s);
        if let Some(call) = self.table.get_mut(key) {
            let run = Run { part, plan: &self.scenarios[part], shared: &mut self.shared, now, out };
            run.note(call, |call| format!("Starting call {}", history::shown(call)));
        }
        Some(key)
    }

    /// Whether the first `<recv>` (or one after it, if it is optional) takes a message; nops may stand before it.
    fn first_recv_takes(&self, part: Part, message: &Message<'_>) -> bool {
        let plan = &self.scenarios[part];
        let mut here = plan.start();
        while let Goto::Step(at) = here {
            if matches!(plan[at].kind, StepKind::Recv(_)) {
                return matches!(matching::find(plan, at, message, &[], None), Match::Accepted(_));
            }
            here = plan.after(at);
        }
        false
    }

    /// `-aa` outside any call: answered to the source (or `-rsa`), counted once, nothing kept and nothing opened.
    fn answer_out_of_call(&mut self, now: Tick, from: Way, message: &Message<'_>, out: &mut Effects) {
        self.shared.stats.auto_answered += 1;
        let Goto::Step(at) = self.plan().start() else { return };
        let (line, peer) = self.way_back(from, message);
        let id = CallId::from_slice(self.shared.id_of(message));
        let mut call = fresh(CallKey::nobody(), Part::Main, id, peer, at, now);
        call.line = if line.link().is_some() { line } else { Line::Shared(from.link) };
        call.number = self.shared.automatic_number();
        self.run(now, out).send_ok(&call, message);
    }
}

impl Run<'_> {
    /// Runs the first steps of a new call. With `-tdmmap` it must have a circuit: without a free one it fails.
    fn begin(&mut self, call: &mut Call) -> Progress {
        match self.shared.take_circuit() {
            Ok(circuit) => {
                call.circuit = circuit;
                self.advance(call)
            }
            Err(AllInUse) => {
                self.warn("Can't create new outgoing call: all tdm_map circuits busy");
                Progress::Ended(End::failed(Failure::OutboundCongestion))
            }
        }
    }
}

/// A call that has done nothing yet.
pub(super) fn fresh(key: CallKey, part: Part, id: CallId, peer: SocketAddr, at: StepIx, now: Tick) -> Call {
    Call {
        key,
        part,
        id,
        number: 0,
        user: None,
        opened: now,
        due: now,
        peer,
        line: Line::default(),
        at,
        wait: Wait::Quiet,
        jump: None,
        resend: None,
        cseq: 0,
        last_sent: None,
        dialog: Dialog::default(),
        memory: Memory::default(),
        peer_tag: SmallVec::new(),
        routes: None,
        challenges: None,
        variables: Box::default(),
        own_user_variables: Box::default(),
        stopwatches: SmallVec::new(),
        circuit: None,
        lines: Lines::default(),
        txns: Box::default(),
        handles_unexpected: false,
        failed_check: None,
        history: Vec::new(),
        trail: Trail::default(),
    }
}
