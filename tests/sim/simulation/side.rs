//! One of the two engines of a run with its books: every event passes through here and is checked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use rsipp::clock::{Span, Tick};
use rsipp::engine::{CallKey, Command, Effect, Effects, Engine, Heard, RunEnd, Settings};
use rsipp::report::failure::ladder;
use rsipp::report::failure::story::{Listeners, Surroundings, tell};
use rsipp::scenario::plan::{Plan, StepKind};
use rsipp::sip;
use rsipp::stats::{Failure, StepCounts, story};

use super::cast;
use super::ledger::{Event, Ledger};

/// An engine.
pub struct Side {
    pub engine: Engine,
    /// What it wants done and nobody has done yet.
    pub out: Effects,
    /// It wanted the process to end: nothing happens to it any more.
    pub run_end: Option<RunEnd>,
    ledger: Ledger,
    /// Datagrams it was handed.
    pub heard: u64,
    /// Datagrams it wanted sent.
    pub sent: u64,
    warned: u64,
    /// What its `<send>` steps have put on the wire.
    on_the_wire: u64,
    /// Which steps are `<send>`s.
    sends: Box<[bool]>,
    /// Where the call of a Call-ID was opened from: its messages go there, whoever else uses the Call-ID.
    homes: BTreeMap<Vec<u8>, SocketAddr>,
    /// A call has a Call-ID that its own messages cannot show as it is.
    has_odd_ids: bool,
    /// Where they may go besides: `-rsa`, `<setdest>`.
    elsewhere: SocketAddr,
}

impl Side {
    pub fn new(plan: &Arc<Plan>, settings: Settings, seed: u64, other: SocketAddr) -> Side {
        let ids_repeat = !settings.call_id_format.contains('%');
        let ledger = Ledger::new(settings.dead_call_wait, settings.calls, ids_repeat);
        let engine = Engine::new(Arc::clone(plan), settings, cast::lines(), seed, Tick::ZERO);
        let mut side = Side {
            engine,
            out: Effects::default(),
            run_end: None,
            ledger,
            heard: 0,
            sent: 0,
            warned: 0,
            on_the_wire: 0,
            sends: plan.steps.iter().map(|step| matches!(step.kind, StepKind::Send(_))).collect(),
            homes: BTreeMap::new(),
            has_odd_ids: false,
            elsewhere: other,
        };
        side.engine.begin(Tick::ZERO, &mut side.out);
        side.check(Event::Command, Tick::ZERO, 0);
        side
    }

    pub fn hears(&mut self, now: Tick, from: SocketAddr, bytes: &[u8]) {
        let sends = self.out.sends.len();
        let opened = self.engine.stats().incoming;
        let heard = self.engine.on_datagram(now, from, bytes, &mut self.out);
        self.heard += 1;
        let message = sip::reread(bytes);
        assert_eq!(heard == Heard::Message, message.is_some());
        if let Some(message) = message.filter(|_| self.engine.stats().incoming > opened) {
            let id = message.trimmed_call_id();
            self.has_odd_ids |=
                id.iter().any(u8::is_ascii_control) || id.windows(3).any(|part| part == b"///");
            self.homes.insert(id.to_vec(), from);
        }
        self.check(Event::Datagram(bytes), now, sends);
    }

    pub fn looks_at_clock(&mut self, now: Tick, most_calls: usize) {
        let sends = self.out.sends.len();
        self.engine.on_time(now, most_calls, &mut self.out);
        self.check(Event::Time { most_calls }, now, sends);
    }

    pub fn is_told(&mut self, now: Tick, command: Command) {
        let sends = self.out.sends.len();
        self.engine.on_command(now, command, &mut self.out);
        self.check(Event::Command, now, sends);
    }

    pub fn is_refused(&mut self, now: Tick, call: Option<CallKey>) {
        let sends = self.out.sends.len();
        let refused = std::io::Error::from_raw_os_error(libc::EPERM);
        self.engine.on_send_failed(now, call, &refused, &mut self.out);
        self.check(Event::Refusal, now, sends);
    }

    fn check(&mut self, event: Event<'_>, now: Tick, sends_before: usize) {
        let is_over = self.out.others.iter().any(|effect| matches!(effect, Effect::End(_)));
        let event = if is_over { Event::Command } else { event };
        if !is_over {
            self.check_wire(sends_before);
        }
        self.check_destinations(sends_before);
        self.ledger.check(&self.engine, event, now, self.out.sends.len() - sends_before);
    }

    /// Each datagram of a call is a first or repeated transmission of a step, once, unless `lost` has dropped it; but for an ACK
    /// that a late response gets again (runtime.md §7.3), which counts nowhere.
    fn check_wire(&mut self, from: usize) {
        let steps = self.engine.stats().steps.iter().zip(&self.sends).filter(|(_, sends)| **sends);
        let mut counted = 0;
        for (step, _) in steps {
            counted += step.messages + step.retransmissions - step.lost;
        }
        let counted = counted - std::mem::replace(&mut self.on_the_wire, counted);
        let mut sent = self.out.sends[from..].iter().filter(|send| send.call.is_some());
        let first = sent.next();
        let sent = first.map_or(0, |_| 1 + sent.count() as u64);
        let is_ack_again = counted == 0
            && sent == 1
            && first.is_some_and(|send| self.out.datagram(send).starts_with(b"ACK "));
        assert!(sent == counted || is_ack_again, "{sent} datagrams sent, {counted} counted");
    }

    /// runtime.md §6.4: a client sends to its peer, a server to where the first message of the call came from.
    fn check_destinations(&self, from: usize) {
        for send in self.out.sends[from..]
            .iter()
            .filter(|send| send.call.is_some() && send.way.peer != self.elsewhere)
        {
            let message = sip::reread(self.out.datagram(send));
            let home = message.and_then(|message| self.homes.get(message.trimmed_call_id()));
            assert!(!self.engine.is_client(), "a call of the client goes to {}", send.way.peer);
            assert!(
                home.is_none_or(|home| *home == send.way.peer) || self.has_odd_ids,
                "{} is not where the call came from",
                send.way.peer
            );
        }
    }

    /// What its `<send>` steps have sent first and its `<recv>` steps have heard, repeats included: a story may say the same
    /// twice.
    pub fn steps_counted(&self) -> (u64, u64) {
        let steps = self.engine.plan().steps.iter().zip(&self.engine.stats().steps);
        steps.fold((0, 0), |(sent, heard), (step, counts)| match step.kind {
            StepKind::Send(_) => (sent + counts.messages, heard),
            StepKind::Recv(_) => (sent, heard + counts.messages + counts.retransmissions),
            _ => (sent, heard),
        })
    }

    /// When it wants to be woken.
    pub fn deadline(&self) -> Option<Tick> {
        if self.run_end.is_some() { None } else { self.engine.next_deadline() }
    }

    /// Takes what it wants done besides sending; `tell` gets a line for each.
    pub fn take_others(&mut self, mut tell: impl FnMut(&str, &[u8])) {
        for effect in std::mem::take(&mut self.out.others) {
            match effect {
                Effect::Warn(text) => {
                    self.warned += 1;
                    tell("warns", &text);
                }
                Effect::Log(text) => tell("logs", &text),
                Effect::Command(text) => tell("starts", &text),
                Effect::ResponseTime { .. }
                | Effect::UnexpectedCode(_)
                | Effect::CallDebug { .. }
                | Effect::Stray(_)
                | Effect::Open(_) => {
                    panic!("nobody asked for {effect:?}")
                }
                Effect::StopOpening => tell("opens no more", b""),
                Effect::Note(note) => tell("notes", format!("{note:?}").as_bytes()),
                Effect::End(end) => {
                    tell("ends the run", format!("{end:?}").as_bytes());
                    self.run_end.get_or_insert(end);
                }
            }
        }
    }

    /// The counters of a run agree with one another and with what was said.
    pub fn assert_sums(&self) {
        let stats = self.engine.stats();
        let mut sums = StepCounts::default();
        let mut resent = 0;
        for (step, counts) in self.engine.plan().steps.iter().zip(&stats.steps) {
            sums.timeouts += counts.timeouts;
            sums.unexpected += counts.unexpected;
            resent += if matches!(step.kind, StepKind::Send(_)) { counts.retransmissions } else { 0 };
        }
        let failed = |cause: Failure| stats.failures[cause.index()];
        assert_eq!(self.warned, stats.warnings, "every warning is counted");
        assert_eq!(resent, stats.retransmissions, "a retransmission is one of a step");
        assert!(failed(Failure::UnexpectedMessage) <= sums.unexpected, "an unexpected message has a step");
        assert!(
            failed(Failure::TimeoutOnRecv) + failed(Failure::MaxUdpRetrans) <= sums.timeouts,
            "a timeout has a step"
        );
    }

    /// Every failed call that is told of can be told and drawn, in order of time, with what ended it.
    pub fn assert_stories_hold(&self) {
        let around = Surroundings {
            plan: self.engine.plan(),
            local_ip: "127.0.0.1",
            local_port: 5061,
            transport: "UDP",
            was_heard: false,
            default_pause: Span::ZERO,
            listeners: |_, _| Listeners::Unknown,
        };
        for call in self.engine.failed_calls() {
            let story = tell(call, &around);
            assert!(story.ladder.is_sorted_by_key(|rung| (rung.at_ms * 1e3) as u64), "{story:#?}");
            assert!(ladder::text(&story).lines().count() >= 4, "{story:#?}");
            let has = |event| story.ladder.iter().any(|rung| rung.event == event);
            match call.cause {
                Failure::MaxUdpRetrans => assert!(has(story::Event::GaveUp), "{story:#?}"),
                Failure::TimeoutOnRecv => assert!(has(story::Event::TimedOut), "{story:#?}"),
                _ => {}
            }
        }
    }

    /// Nothing may be left of a run: no call, dead call, Call-ID, deadline or buffer.
    pub fn assert_nothing_left(&self) {
        assert_eq!(self.engine.holds(), (0, 0, 0), "calls, dead calls and deadlines");
        assert_eq!(self.engine.known_call_ids(), 0, "Call-IDs");
        assert_eq!(self.engine.lent_buffers(), 0, "buffers");
        assert_eq!(self.engine.next_deadline(), None);
    }
}
