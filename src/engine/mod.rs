//! The sans-IO engine: calls, matching, retransmission, timers, pacing.
//! Spec: runtime.md. In: datagrams, the time, commands. Out: effects. Must not do IO, read the clock or know tokio.
//!
//! [`Engine`] is the whole of it for the outside: hand in what happened, carry out the [`Effects`], ask when it wants to be
//! woken. `advance` runs a call from step to step, `receive` handles its messages (`matching` says where one belongs), `retransmit`
//! its timer, `abort` what is said at a bad end, `ending` what is counted, `history` what a call tells of itself.

mod abort;
mod action;
mod advance;
mod authentication;
pub mod call;
pub mod call_id;
pub mod circuits;
mod command;
mod destination;
mod dump;
mod effects;
mod ending;
mod ereg;
pub mod history;
mod init;
mod injection;
pub mod line;
mod matching;
pub mod memory;
mod opener;
mod opening;
pub mod pacer;
mod ramp;
mod receive;
mod retransmit;
pub mod scenarios;
pub mod settings;
pub mod share;
mod shared;
mod steering;
mod stray;
pub mod table;
mod text;
pub mod trail;
mod unexpected;
mod users;
pub mod variable;
pub mod wheel;

#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;

pub use command::Command;
pub use effects::{Effect, Effects, Loss, Note, Open, RunEnd, Send};
pub use ending::Verdict;
pub use line::Lost;
pub use scenarios::Scenarios;
pub use settings::Settings;
pub use stray::Stray;
pub use table::CallKey;

use advance::{Progress, Run};
use call::{Call, Wait};
use circuits::Circuits;
use ending::End;
use memory::Kept;
use opener::Opener;
use shared::{Reason, Shared};
use table::{Found, Table};

use crate::clock::{Span, Tick};
use crate::inject::Files;
use crate::link::Way;
use crate::scenario::Part;
use crate::scenario::plan::{Plan, Role, StepKind};
use crate::sip::{self, Incoming, Message};
use crate::stats::{Failure, Stats, Target};
use crate::transport::errno::{self, Errno};

/// How far the run is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Calls are opened or waited for.
    Running,
    /// No new calls until they are wanted again (`p`).
    Paused,
    /// No new calls; those in progress end by themselves (`-m` reached, `q`).
    Draining,
    /// Calls in progress are aborted.
    ForcedToEnd,
}

/// Whether a datagram is a SIP message for the message trace (outputs.md §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A SIP message with a Call-ID.
    Message,
    /// Anything else.
    Noise,
}

/// All calls of one worker.
#[derive(Debug)]
pub struct Engine {
    scenarios: Scenarios,
    table: Table,
    shared: Shared,
    opener: Opener,
    due: Vec<(CallKey, Reason)>,
    /// Calls that ended well since effects were last carried out: one whose last message then cannot be sent has failed.
    just_succeeded: Vec<(CallKey, Part)>,
    started: Tick,
}

impl Engine {
    /// An engine whose time begins at `now`: the first call of a client is due at once.
    pub fn new(
        scenarios: impl Into<Scenarios>,
        settings: Settings,
        files: Files,
        seed: u64,
        now: Tick,
    ) -> Engine {
        let scenarios = scenarios.into();
        let opener = Opener::new(&scenarios[Part::Main], &settings, now);
        let mut shared = Shared::new(&scenarios, settings, files, seed, now);
        if shared.has_all_calls() {
            shared.quit.softly();
        }
        let (due, just_succeeded) = (Vec::new(), Vec::new());
        let mut engine =
            Engine { scenarios, table: Table::default(), shared, opener, due, just_succeeded, started: now };
        engine.seat_users();
        engine
    }

    /// The numbers so far of the main scenario and of the run.
    pub fn stats(&self) -> &Stats {
        &self.shared.stats
    }

    /// The numbers so far of one of the scenarios, if there is one for that part.
    pub fn stats_of(&self, part: Part) -> Option<&Stats> {
        self.shared.stats_of(part)
    }

    /// The numbers so far, for what the shell counts (socket errors).
    pub fn stats_mut(&mut self) -> &mut Stats {
        &mut self.shared.stats
    }

    /// What its calls run.
    pub fn scenarios(&self) -> &Scenarios {
        &self.scenarios
    }

    /// The main scenario.
    pub fn plan(&self) -> &Plan {
        &self.scenarios[Part::Main]
    }

    /// One of the scenarios, if there is one for that part.
    pub fn plan_of(&self, part: Part) -> Option<&Plan> {
        self.scenarios.get(part).map(AsRef::as_ref)
    }

    /// The first calls that failed of each cause, in order, if [`Settings::tells_failures`].
    pub fn failed_calls(&self) -> &[trail::FailedCall] {
        self.shared.stories.told()
    }

    /// What is wrong with the link whose loss comes next (`on_lost`), in words.
    pub fn set_trouble(&mut self, text: &str) {
        self.shared.stories.set_trouble(text);
    }

    /// The limit of open calls now in force; None without one.
    pub fn limit(&self) -> Option<u64> {
        self.opener.limit()
    }

    /// What the load is to be now, whatever becomes of it (`TargetRate`).
    pub fn target(&self) -> Target {
        match self.rate() {
            Some((rate, _)) => Target::CallsPerPeriod(rate.calls()),
            None => Target::Users(self.users().unwrap_or(0)),
        }
    }

    /// How far the run is.
    pub fn phase(&self) -> Phase {
        match self.shared.quit {
            quit if quit.is_hard() => Phase::ForcedToEnd,
            quit if quit.is_quitting() => Phase::Draining,
            _ if self.is_paused() => Phase::Paused,
            _ => Phase::Running,
        }
    }

    /// Calls in progress, dead calls remembered, deadlines held: all zero when nothing is left (simulation invariant).
    pub fn holds(&self) -> (usize, usize, usize) {
        (self.table.len(), self.table.dead_len(), self.shared.wheel.len())
    }

    /// Call-IDs of the calls in progress, in no order (simulation: whose is a message?).
    pub fn open_call_ids(&self) -> impl Iterator<Item = &[u8]> {
        self.table.open_ids()
    }

    /// Call-IDs that lead to a call, in progress or dead (simulation invariant).
    pub fn known_call_ids(&self) -> usize {
        self.table.known_ids()
    }

    /// Message buffers that calls have and must give back (simulation invariant).
    pub fn lent_buffers(&self) -> usize {
        self.shared.pool.lent()
    }

    /// Whether the run is over: told to end, and no call of the main scenario in progress. Those of the others do not hold it.
    pub fn is_finished(&self) -> bool {
        self.shared.quit.is_quitting() && self.shared.stats.current == 0
    }

    /// The next moment at which [`Engine::on_time`] has something to do; None: only a message can bring something.
    pub fn next_deadline(&self) -> Option<Tick> {
        let opens = !self.shared.quit.is_quitting();
        let opening = opens.then(|| self.opener.next_due(&self.shared)).flatten();
        let growing = opens.then(|| self.opener.next_step()).flatten();
        let (timers, dead) = (self.shared.wheel.next_deadline(), self.table.next_expiry());
        [timers, dead, opening, growing].into_iter().flatten().min()
    }

    /// A datagram came in by the main socket.
    pub fn on_datagram(&mut self, now: Tick, from: SocketAddr, bytes: &[u8], out: &mut Effects) -> Heard {
        self.on_received(now, Way::main(from), bytes, out)
    }

    /// A datagram or a message of a connection came in.
    pub fn on_received(&mut self, now: Tick, from: Way, bytes: &[u8], out: &mut Effects) -> Heard {
        self.forget_carried_out(out);
        let incoming = sip::classify(bytes);
        let heard = match incoming {
            Incoming::Message(message) => {
                self.on_message(now, from, &message, out);
                Heard::Message
            }
            Incoming::KeepAlive => Heard::Noise,
            Incoming::Empty => {
                self.shared.stats.receive_errors += 1;
                self.run(now, out).warn("Unable to receive UDP message: empty datagram");
                Heard::Noise
            }
            Incoming::NotSip | Incoming::NoCallId(_) => {
                for warning in sip::warning_text(bytes, &incoming) {
                    self.run(now, out).warn(warning);
                }
                Heard::Noise
            }
        };
        self.after_event(now, out);
        heard
    }

    fn on_message(&mut self, now: Tick, from: Way, message: &Message<'_>, out: &mut Effects) {
        match self.table.find(self.shared.id_of(message)) {
            Some(Found::Live(key)) => self.with_call(key, now, out, |run, call| run.receive(call, message)),
            Some(Found::Dead(dead)) => {
                let wait = self.shared.settings.dead_call_wait;
                self.shared.stats.dead_call += 1;
                self.shared.stories.came_late(self.shared.id_of(message), message, now);
                let Some((id, epitaph)) = self.table.disturb(dead, now, wait) else { return };
                if self.shared.settings.traces_messages {
                    let (id, message) = (id.to_vec(), message.text().to_vec());
                    out.others.push(Effect::Note(Note::DeadCall { id, message }));
                }
                let part = Part::Main;
                let mut run = Run { part, plan: &self.scenarios[part], shared: &mut self.shared, now, out };
                let id = String::from_utf8_lossy(id);
                run.warn_quoting(format_args!("Dead call {id} ({epitaph}), received '"), message.text());
            }
            None if self.may_be_elsewhere(message) => self.pass_on(from, message, out),
            None => self.on_unknown(now, from, message, out),
        }
    }

    /// Time has passed: timers, expiries, new calls. Opens at most `most_calls`, so that input is served in between.
    pub fn on_time(&mut self, now: Tick, most_calls: usize, out: &mut Effects) {
        self.forget_carried_out(out);
        self.table.expire(now);
        let mut due = std::mem::take(&mut self.due);
        self.shared.wheel.advance(now, |token| due.push(token));
        for (key, reason) in due.drain(..) {
            self.on_deadline(key, reason, now, out);
        }
        self.due = due;
        self.grow_rate(now, out);
        self.open_due_calls(now, most_calls, out);
        self.after_event(now, out);
    }

    /// Whether the message trace is on: what it notes besides messages is worked out only then.
    pub fn trace_messages(&mut self, on: bool) {
        self.shared.settings.traces_messages = on;
    }

    /// Carries out a command.
    pub fn on_command(&mut self, now: Tick, command: Command, out: &mut Effects) {
        match command {
            Command::Quit => self.shared.quit.press(),
            Command::TimeUp => self.shared.quit.hard(),
            Command::QuitNow => self.shared.quit.press_hard(),
            Command::TogglePause => self.toggle_pause(now, out),
            Command::Adjust(steps) => self.adjust(steps, now, out),
            Command::SetRate(calls) => self.set_rate(calls, now, out),
            Command::SetRateScale(scale) => self.set_rate_scale(scale),
            Command::SetUsers(users) => self.set_users(users, now, out),
            Command::SetLimit(calls) => self.set_limit(calls, now, out),
            Command::ResetStats => self.reset_stats(now),
            Command::DumpTasks => self.dump_tasks(now, out),
            Command::DumpVariables => self.dump_variables(now, out),
            Command::NoMoreCalls => self.shared.quit.softly(),
            Command::PeerDone => {
                self.shared.quit.softly();
                self.shared.peer_done = true;
                self.end_time_waits(now);
            }
        }
        self.after_event(now, out);
    }

    /// A datagram of this call could not be sent: the call fails, nothing else (transport.md §11).
    pub fn on_send_failed(&mut self, now: Tick, call: Option<CallKey>, error: &io::Error, out: &mut Effects) {
        self.shared.stats.send_errors += 1;
        let settings = &self.shared.settings;
        if call.is_none() && settings.automatic_sends_must_succeed {
            return self.run(now, out).fatal(format!("Error sending raw message, {}", Errno(error)).into());
        }
        let text = format!("Unable to send {} message: {}", settings.transport, errno::text(error));
        self.shared.stories.set_trouble(&text);
        self.run(now, out).warn(text);
        match call {
            Some(key) if self.table.get(key).is_some() => {
                self.finish(key, End::failed(Failure::CannotSendMessage), now);
            }
            Some(key) => {
                if let Some(at) = self.just_succeeded.iter().position(|(ended, _)| *ended == key) {
                    let (_, part) = self.just_succeeded.swap_remove(at);
                    self.shared.recount_as_failed(part, Failure::CannotSendMessage);
                }
            }
            None => {}
        }
        self.shared.stories.clear_trouble();
        self.after_event(now, out);
    }

    /// A deadline the call no longer means is skipped.
    fn on_deadline(&mut self, key: CallKey, reason: Reason, now: Tick, out: &mut Effects) {
        let Some(call) = self.table.get(key) else { return };
        match reason {
            Reason::Resend if call.resend.is_some_and(|resend| resend.due <= now) => {
                self.with_call(key, now, out, |run, call| run.resend(call));
            }
            Reason::Wait if call.wait.until().is_some_and(|until| until <= now) => {
                self.with_call(key, now, out, |run, call| match call.wait {
                    Wait::Message { .. } => run.receive_timeout(call),
                    Wait::Pause { .. } => run.end_pause(call),
                    Wait::Link { .. } => run.send_timeout(call),
                    Wait::Turn { .. } | Wait::Quiet => run.advance(call),
                });
            }
            Reason::Resend | Reason::Wait => {}
        }
    }

    /// Runs `event` on a call and settles what became of it.
    fn with_call(
        &mut self,
        key: CallKey,
        now: Tick,
        out: &mut Effects,
        event: impl FnOnce(&mut Run<'_>, &mut Call) -> Progress,
    ) {
        let Some(call) = self.table.get_mut(key) else { return };
        let part = call.part;
        let mut run = Run { part, plan: &self.scenarios[part], shared: &mut self.shared, now, out };
        let progress = event(&mut run, call);
        let end = settle(&mut run, call, progress);
        if let Some(end) = end {
            self.finish(key, end, now);
        }
    }

    /// For what belongs to no call.
    fn run<'r>(&'r mut self, now: Tick, out: &'r mut Effects) -> Run<'r> {
        let part = Part::Main;
        Run { part, plan: &self.scenarios[part], shared: &mut self.shared, now, out }
    }

    /// When no effect waits, all that calls have sent is on its way.
    fn forget_carried_out(&mut self, out: &Effects) {
        if out.sends.is_empty() {
            self.just_succeeded.clear();
        }
    }

    /// Takes a call out, counts it, frees what it held.
    fn finish(&mut self, key: CallKey, end: End, now: Tick) {
        let Some(mut call) = self.table.remove(key) else { return };
        self.shared.count_end(&call, end.verdict, now);
        self.shared.stories.end(&mut call, end.verdict, now);
        if end.verdict == Verdict::Successful {
            self.just_succeeded.push((key, call.part));
        }
        if let Some(user) = call.user {
            self.opener.give_back(user);
        }
        self.shared.links.leave(call.line, key);
        self.shared.give_circuit_back(&call);
        call.memory.release(&mut self.shared.pool);
        let wait = self.shared.settings.dead_call_wait;
        if let Some(epitaph) = end.epitaph.filter(|_| wait > Span::ZERO) {
            self.table.bury(call.id, epitaph, now + wait);
        }
    }

    /// `-m` reached, told to end at once, or the main scenario has no call any more.
    fn after_event(&mut self, now: Tick, out: &mut Effects) {
        if self.shared.has_all_calls() {
            self.shared.quit.softly();
        }
        if (self.shared.quit.is_hard() || self.is_finished()) && !self.table.is_empty() {
            self.abort_all(now, out);
        }
        self.shared.links.take_released(&mut out.released);
    }

    /// Hard quit, or the end of a run in which calls of another scenario are open: they fail, and the peer is told whatever
    /// the behaviours are (runtime.md §15).
    fn abort_all(&mut self, now: Tick, out: &mut Effects) {
        for key in self.table.keys() {
            let Some(call) = self.table.get_mut(key) else { continue };
            let part = call.part;
            let mut run = Run { part, plan: &self.scenarios[part], shared: &mut self.shared, now, out };
            run.warn(format!("Aborted call with Call-ID '{}'", String::from_utf8_lossy(&call.id)));
            let first = run.out.sends.len();
            run.say_goodbye(call);
            run.leave_automatic_marks(call, first);
            self.finish(key, End::failed(Failure::Aborted), now);
        }
    }

    fn end_time_waits(&mut self, now: Tick) {
        for key in self.table.keys() {
            let in_time_wait = self.table.get(key).filter(|call| {
                matches!(self.scenarios[call.part][call.at].kind, StepKind::TimeWait(_))
                    && matches!(call.wait, Wait::Pause { .. })
            });
            if let Some(end) = in_time_wait.map(End::of_scenario) {
                self.finish(key, end, now);
            }
        }
    }

    /// Which circuits calls hold, with `-tdmmap`.
    pub fn circuits(&self) -> Option<&Circuits> {
        self.shared.rendering.circuits.as_ref()
    }

    /// Whether the generator opens calls here.
    pub fn is_client(&self) -> bool {
        self.scenarios[Part::Main].role == Role::Client
    }
}

/// Stores what the call waits for; a message kept for its first `<recv>` is handled as soon as it is there.
fn settle(run: &mut Run<'_>, call: &mut Call, progress: Progress) -> Option<End> {
    let mut progress = progress;
    loop {
        match progress {
            Progress::Ended(end) => return Some(end),
            Progress::Waits(wait) => {
                call.wait = wait;
                if let Wait::Turn { until } = wait {
                    run.shared.wheel.insert(until, (call.key, Reason::Wait));
                }
                if !matches!(wait, Wait::Message { .. }) {
                    return None;
                }
                let kept = call.memory.take_kept()?;
                call.handles_unexpected = matches!(kept, Kept::Unexpected(_));
                let (Kept::Opening(text) | Kept::Unexpected(text)) = kept;
                progress = run.receive(call, &sip::reread(&text)?);
                call.handles_unexpected = false;
            }
        }
    }
}
