//! How calls come into being: by the generator on its schedule, by messages with an unknown Call-ID, and which messages open none.
//! Spec: runtime.md §2, §6.3. In: the time, unknown messages. Out: new calls that have run their first steps. Must not run calls
//! further than `advance` does.

use std::net::SocketAddr;

use rand::RngExt;
use smallvec::SmallVec;

use super::Engine;
use super::advance::Progress;
use super::call::{Call, Dialog, Stopwatch, TxnState, Wait};
use super::effects::{Effect, Effects, Note, RunEnd};
use super::line::Line;
use super::matching::{self, Match};
use super::memory::Memory;
use super::pacer::{Pacer, default_limit};
use super::receive::is_auto_answered;
use super::settings::{Limit, Load, Settings};
use super::shared::Shared;
use super::table::{CallId, CallKey};
use super::users::Users;
use super::variable::Value;
use crate::clock::Tick;
use crate::inject::Lines;
use crate::link::Way;
use crate::scenario::plan::{Goto, Plan, Role, StepIx};
use crate::sip::{Message, Start};

/// Number of calls that only answer automatically: cannot meet the main counter (runtime.md §2.2).
const AUTOMATIC_CALL_NUMBER: u64 = 2_147_483_648;

/// A Call-ID is cut at this length (keywords.md §5.3).
const LONGEST_CALL_ID: usize = 2_048;

/// Decides when the generator opens a call.
#[derive(Debug)]
pub struct Opener {
    schedule: Schedule,
}

#[derive(Debug)]
enum Schedule {
    /// Server: messages open calls.
    None,
    Rate {
        pacer: Pacer,
        limit: Option<u64>,
    },
    Users(Users),
}

/// Leave to open one call.
struct Slot {
    due: Tick,
    user: Option<u32>,
}

impl Opener {
    /// The schedule that plan and settings ask for.
    pub fn new(plan: &Plan, settings: &Settings, now: Tick) -> Opener {
        let schedule = match settings.load {
            _ if plan.role == Role::Server => Schedule::None,
            Load::Users(wanted) => Schedule::Users(Users::new(wanted)),
            Load::Rate(rate) => {
                let default_pauses =
                    f64::from(plan.default_pauses) * settings.default_pause.micros() as f64 / 1e3;
                let limit = match settings.limit {
                    Limit::Given(limit) => limit,
                    Limit::Default => Some(default_limit(
                        rate,
                        plan.nominal_pauses_ms + default_pauses,
                        settings.default_pause,
                    )),
                };
                Schedule::Rate { pacer: Pacer::new(rate, now), limit }
            }
        };
        Opener { schedule }
    }

    /// `-users`
    pub fn users_wanted(&self) -> Option<u32> {
        match &self.schedule {
            Schedule::Users(users) => Some(users.wanted()),
            _ => None,
        }
    }

    /// The limit in force.
    pub fn limit(&self) -> Option<u64> {
        match &self.schedule {
            Schedule::None => None,
            Schedule::Rate { limit, .. } => *limit,
            Schedule::Users(users) => Some(u64::from(users.wanted())),
        }
    }

    /// When the next call may be opened.
    pub(super) fn next_due(&self, shared: &Shared) -> Option<Tick> {
        let reached = shared.settings.calls.is_some_and(|calls| shared.stats.created() >= calls);
        match &self.schedule {
            _ if reached => None,
            Schedule::None => None,
            Schedule::Rate { pacer, .. } => pacer.next_due(),
            Schedule::Users(users) => users.any_free().then_some(Tick::ZERO),
        }
    }

    /// A user's call has ended.
    pub fn give_back(&mut self, user: u32) {
        if let Schedule::Users(users) = &mut self.schedule {
            users.give_back(user);
        }
    }

    /// The next slot, if one is due. A slot that the limit refuses is lost (runtime.md §2.5).
    fn take(&mut self, shared: &mut Shared, now: Tick) -> Option<Slot> {
        match &mut self.schedule {
            Schedule::None => None,
            Schedule::Users(users) => users.take().map(|user| Slot { due: now, user: Some(user) }),
            Schedule::Rate { limit: Some(limit), pacer } if shared.stats.current >= *limit => {
                shared.stats.held_back += pacer.lose_due(now);
                None
            }
            Schedule::Rate { pacer, .. } => pacer.take(now).map(|due| Slot { due, user: None }),
        }
    }
}

impl Engine {
    /// Opens calls that are due, at most `most`.
    pub(super) fn open_due_calls(&mut self, now: Tick, most: usize, out: &mut Effects) {
        for _ in 0..most {
            let reached =
                self.shared.settings.calls.is_some_and(|calls| self.shared.stats.created() >= calls);
            if reached || self.shared.quit.is_quitting() {
                return;
            }
            let Some(slot) = self.opener.take(&mut self.shared, now) else { return };
            let Some(peer) = self.shared.settings.destination else {
                let text = b"Missing remote host parameter. This scenario requires it".to_vec();
                return out.end(RunEnd::Fatal(text));
            };
            let id = call_id(&self.shared.settings, self.shared.next_number, self.shared.rng.random());
            let Some(key) = self.open(id, peer, slot.user, now, out) else { return };
            self.take_line(key, self.shared.settings.lines.of_call());
            self.shared.stats.outgoing += 1;
            self.shared.stats.first_opened.get_or_insert(now);
            self.shared.stats.last_opened = now;
            self.shared.stats.start_lag.record(now.since(slot.due));
            self.with_call(key, now, out, |run, call| run.advance(call));
        }
    }

    /// A message with a Call-ID that leads to no call (runtime.md §6.3).
    pub(super) fn on_unknown(&mut self, now: Tick, from: Way, message: &Message<'_>, out: &mut Effects) {
        let auto_answered = self.shared.settings.auto_answer
            && matches!(message.start(), Start::Request(method) if is_auto_answered(method));
        match self.plan.role {
            Role::Server if matches!(message.start(), Start::Malformed) => self.discard(now, message, out),
            Role::Server if auto_answered && !self.first_recv_takes(message) => {
                self.answer_out_of_call(now, from, message, out);
            }
            Role::Server if self.shared.quit.is_quitting() => {
                self.shared.stats.out_of_call += 1;
                if self.shared.settings.traces_messages {
                    out.others.push(Effect::Note(Note::Discarded));
                }
            }
            Role::Server => self.open_incoming(now, from, message, out),
            Role::Client if auto_answered => self.answer_out_of_call(now, from, message, out),
            Role::Client => self.discard(now, message, out),
        }
    }

    fn discard(&mut self, now: Tick, message: &Message<'_>, out: &mut Effects) {
        self.shared.stats.out_of_call += 1;
        let mut text = b"Discarding message which can't be mapped to a known SIPp call:\n".to_vec();
        text.extend_from_slice(message.text());
        self.run(now, out).warn(text);
    }

    fn open_incoming(&mut self, now: Tick, from: Way, message: &Message<'_>, out: &mut Effects) {
        let id = CallId::from_slice(message.trimmed_call_id());
        let (line, peer) = self.way_back(from, message);
        let Some(key) = self.open(id, peer, None, now, out) else { return };
        self.take_line(key, line);
        self.shared.stats.incoming += 1;
        self.with_call(key, now, out, |run, call| match run.advance(call) {
            Progress::Waits(wait) => {
                call.wait = wait;
                run.receive_opening(call, message)
            }
            ended => ended,
        });
    }

    /// Puts a new call into the table. None: the run cannot go on (a run error was raised).
    fn open(
        &mut self,
        id: CallId,
        peer: SocketAddr,
        user: Option<u32>,
        now: Tick,
        out: &mut Effects,
    ) -> Option<CallKey> {
        let drawn = self.shared.rendering.files.draw(user, &mut self.shared.rng);
        let lines = match drawn {
            Ok(lines) => lines,
            Err(error) => {
                self.run(now, out).fatal(error.to_string().into_bytes());
                return None;
            }
        };
        let Goto::Step(at) = self.plan.start() else { return None };
        let number = self.shared.next_number;
        self.shared.next_number += 1;
        let (plan, base_cseq) = (&self.plan, self.shared.settings.base_cseq);
        let key = self.table.insert(|key| {
            let mut call = fresh(key, id, peer, at, now);
            call.number = number;
            call.user = user;
            call.cseq = base_cseq.wrapping_sub(1);
            call.lines = lines;
            call.variables = vec![Value::Unset; plan.variables.call.len()].into();
            if user.is_none() {
                call.own_user_variables = vec![Value::Unset; plan.variables.user.len()].into();
            }
            call.txns = vec![TxnState::default(); plan.txns.len()].into();
            call.stopwatches =
                SmallVec::from_elem(Stopwatch { started: now, closed: false }, plan.rtds.len());
            call
        });
        self.shared.stats.current += 1;
        self.shared.stats.note_peak(now.since(self.started).millis() / 1_000);
        Some(key)
    }

    fn first_recv_takes(&self, message: &Message<'_>) -> bool {
        match self.plan.start() {
            Goto::Step(at) => {
                matches!(matching::find(&self.plan, at, message, &[], None), Match::Accepted(_))
            }
            Goto::End => false,
        }
    }

    /// `-aa` outside any call: answered to the source, counted once, nothing kept.
    fn answer_out_of_call(&mut self, now: Tick, from: Way, message: &Message<'_>, out: &mut Effects) {
        self.shared.stats.auto_answered += 1;
        let Goto::Step(at) = self.plan.start() else { return };
        let (line, peer) = match self.plan.role {
            Role::Server => self.way_back(from, message),
            Role::Client => (Line::Shared(from.link), from.peer),
        };
        let key = CallKey::nobody();
        let mut call = fresh(key, CallId::from_slice(message.trimmed_call_id()), peer, at, now);
        call.line = line;
        call.number = AUTOMATIC_CALL_NUMBER;
        self.run(now, out).send_ok(&call, message);
    }
}

/// A call that has done nothing yet.
pub(super) fn fresh(key: CallKey, id: CallId, peer: SocketAddr, at: StepIx, now: Tick) -> Call {
    Call {
        key,
        id,
        number: 0,
        user: None,
        opened: now,
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
        variables: Box::default(),
        own_user_variables: Box::default(),
        stopwatches: SmallVec::new(),
        lines: Lines::default(),
        txns: Box::default(),
        handles_unexpected: false,
        failed_check: None,
    }
}

/// `-cid_str`: `%u` call number, `%p` pid, `%s` local address, `%r` a random number; another `%x` gives `%` (runtime.md §2.2).
fn call_id(settings: &Settings, number: u64, random: u32) -> CallId {
    let mut id = CallId::new();
    let mut digits = itoa::Buffer::new();
    let mut format = settings.call_id_format.bytes();
    while let Some(byte) = format.next() {
        if byte != b'%' {
            id.push(byte);
            continue;
        }
        match format.next() {
            Some(b'u') => id.extend_from_slice(digits.format(number).as_bytes()),
            Some(b'p') => id.extend_from_slice(digits.format(settings.pid).as_bytes()),
            Some(b's') => id.extend_from_slice(settings.local_ip.as_bytes()),
            Some(b'r') => id.extend_from_slice(digits.format(random >> 1).as_bytes()),
            _ => id.push(b'%'),
        }
    }
    id.truncate(LONGEST_CALL_ID);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cli.md §4.4.1
    #[test]
    fn the_call_id_template_knows_u_p_s_r_and_turns_the_rest_into_a_percent_sign() {
        let id = |format: &str| {
            let settings = Settings { call_id_format: format.to_owned(), pid: 42, ..Settings::default() };
            String::from_utf8(call_id(&settings, 7, 18).to_vec()).unwrap()
        };
        assert_eq!(id("%u-%p@%s"), "7-42@127.0.0.1");
        assert_eq!(id("a%u-%r%%b%xz@%s%"), "a7-9%b%z@127.0.0.1%");
        assert_eq!(id(&"x".repeat(3_000)).len(), 2_048);
    }
}
