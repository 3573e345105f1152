//! The sans-IO engine: calls, matching, retransmission, timers, pacing.
//! Spec: runtime.md. In: datagrams, the time, commands. Out: effects. Must not do IO, read the clock or know tokio.
//!
//! [`Engine`] is the whole of it for the outside: hand in what happened, carry out the [`Effects`], ask when it wants to be
//! woken. `advance` runs a call from step to step, `receive` handles its messages (`matching` says where one belongs), `retransmit`
//! its timer, `abort` what is said at a bad end, `ending` what is counted.

mod abort;
mod action;
mod advance;
pub mod call;
mod destination;
mod effects;
mod ending;
mod ereg;
mod init;
mod injection;
pub mod line;
mod matching;
pub mod memory;
pub mod opening;
pub mod pacer;
mod receive;
mod retransmit;
pub mod settings;
mod shared;
pub mod table;
mod text;
mod unexpected;
mod users;
pub mod variable;
pub mod wheel;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;

pub use effects::{Effect, Effects, Note, Open, RunEnd, Send};
pub use ending::Verdict;
pub use line::Lost;
pub use settings::Settings;
pub use table::CallKey;

use advance::{Progress, Run};
use call::{Call, Wait};
use ending::End;
use memory::Kept;
use opening::Opener;
use shared::{Reason, Shared};
use table::{Found, Table};

use crate::clock::{Span, Tick};
use crate::inject::Files;
use crate::link::Way;
use crate::scenario::plan::{Plan, Role, StepKind};
use crate::sip::{self, Incoming, Message};
use crate::stats::{Failure, Stats};

/// What the outside asks of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Key `q`, SIGUSR1: no new calls; a second time (or once `-m` was reached): abort all.
    Quit,
    /// `-timeout` is over: abort all.
    TimeUp,
    /// The other side of a test that one process runs alone has finished: no new calls, and calls in their time-wait are over.
    PeerDone,
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
    plan: Arc<Plan>,
    table: Table,
    shared: Shared,
    opener: Opener,
    due: Vec<(CallKey, Reason)>,
    /// Calls that ended well since effects were last carried out: one whose last message then cannot be sent has failed.
    just_succeeded: Vec<CallKey>,
    started: Tick,
}

impl Engine {
    /// An engine whose time begins at `now`: the first call of a client is due at once.
    pub fn new(plan: Arc<Plan>, settings: Settings, files: Files, seed: u64, now: Tick) -> Engine {
        let opener = Opener::new(&plan, &settings, now);
        let mut shared = Shared::new(&plan, settings, files, seed, now);
        if let Some(users) = opener.users_wanted() {
            let fresh = vec![variable::Value::Unset; plan.variables.user.len()].into_boxed_slice();
            shared.rendering.users = vec![fresh; users as usize + 1];
            shared.rendering.users_wanted = i64::from(users);
        }
        if shared.settings.calls == Some(0) {
            shared.quit.softly();
        }
        Engine {
            plan,
            table: Table::default(),
            shared,
            opener,
            due: Vec::new(),
            just_succeeded: Vec::new(),
            started: now,
        }
    }

    /// The numbers so far.
    pub fn stats(&self) -> &Stats {
        &self.shared.stats
    }

    /// The numbers so far, for what the shell counts (socket errors).
    pub fn stats_mut(&mut self) -> &mut Stats {
        &mut self.shared.stats
    }

    /// The plan that calls run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The limit of open calls now in force; None without one.
    pub fn limit(&self) -> Option<u64> {
        self.opener.limit()
    }

    /// Calls in progress, dead calls remembered, deadlines held: all zero when nothing is left (simulation invariant).
    pub fn holds(&self) -> (usize, usize, usize) {
        (self.table.len(), self.table.dead_len(), self.shared.wheel.len())
    }

    /// Whether the run is over: told to end, and no call in progress.
    pub fn is_finished(&self) -> bool {
        self.shared.quit.is_quitting() && self.table.is_empty()
    }

    /// The next moment at which [`Engine::on_time`] has something to do; None: only a message can bring something.
    pub fn next_deadline(&self) -> Option<Tick> {
        let opening = (!self.shared.quit.is_quitting()).then(|| self.opener.next_due(&self.shared)).flatten();
        [self.shared.wheel.next_deadline(), self.table.next_expiry(), opening].into_iter().flatten().min()
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
        match self.table.find(message.trimmed_call_id()) {
            Some(Found::Live(key)) => self.with_call(key, now, out, |run, call| run.receive(call, message)),
            Some(Found::Dead(dead)) => {
                let wait = self.shared.settings.dead_call_wait;
                self.shared.stats.dead_call += 1;
                let Some((id, epitaph)) = self.table.disturb(dead, now, wait) else { return };
                let text = format!("Dead call {} ({epitaph}), received '", String::from_utf8_lossy(id));
                if self.shared.settings.traces_messages {
                    let (id, message) = (id.to_vec(), message.text().to_vec());
                    out.others.push(Effect::Note(Note::DeadCall { id, message }));
                }
                self.run(now, out).warn_quoting(text, message.text());
            }
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
        self.open_due_calls(now, most_calls, out);
        self.after_event(now, out);
    }

    /// Carries out a command.
    pub fn on_command(&mut self, now: Tick, command: Command, out: &mut Effects) {
        match command {
            Command::Quit => self.shared.quit.press(),
            Command::TimeUp => self.shared.quit.hard(),
            Command::PeerDone => {
                self.shared.quit.softly();
                self.shared.peer_done = true;
                self.end_time_waits(now);
            }
        }
        self.after_event(now, out);
    }

    /// A datagram of this call could not be sent: the call fails, nothing else (transport.md §11).
    pub fn on_send_failed(&mut self, now: Tick, call: Option<CallKey>, error: &str, out: &mut Effects) {
        self.shared.stats.send_errors += 1;
        let text = format!("Unable to send {} message: {error}", self.shared.settings.transport);
        self.run(now, out).warn(text);
        match call {
            Some(key) if self.table.get(key).is_some() => {
                self.finish(key, End::failed(Failure::CannotSendMessage), now);
            }
            Some(key) => {
                if let Some(at) = self.just_succeeded.iter().position(|ended| *ended == key) {
                    self.just_succeeded.swap_remove(at);
                    self.shared.recount_as_failed(Failure::CannotSendMessage);
                }
            }
            None => {}
        }
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
                    Wait::Turn { .. } | Wait::Quiet | Wait::Link => run.advance(call),
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
        let mut run = Run { plan: &self.plan, shared: &mut self.shared, now, out };
        let progress = event(&mut run, call);
        let end = settle(&mut run, call, progress);
        if let Some(end) = end {
            self.finish(key, end, now);
        }
    }

    fn run<'r>(&'r mut self, now: Tick, out: &'r mut Effects) -> Run<'r> {
        Run { plan: &self.plan, shared: &mut self.shared, now, out }
    }

    /// When no effect waits, all that calls have sent is on its way.
    fn forget_carried_out(&mut self, out: &Effects) {
        if out.sends.is_empty() {
            self.just_succeeded.clear();
        }
    }

    /// Takes a call out, counts it, frees what it held.
    fn finish(&mut self, key: CallKey, end: End, now: Tick) {
        let Some(call) = self.table.remove(key) else { return };
        self.shared.count_end(call.opened, end.verdict, now);
        if end.verdict == Verdict::Successful {
            self.just_succeeded.push(key);
        }
        if let Some(user) = call.user {
            self.opener.give_back(user);
        }
        self.shared.links.leave(call.line, key);
        call.memory.release(&mut self.shared.pool);
        let wait = self.shared.settings.dead_call_wait;
        if let Some(epitaph) = end.epitaph.filter(|_| wait > Span::ZERO) {
            self.table.bury(call.id, epitaph, now + wait);
        }
    }

    /// `-m` reached, or told to end at once.
    fn after_event(&mut self, now: Tick, out: &mut Effects) {
        if self.shared.settings.calls.is_some_and(|calls| self.shared.stats.created() >= calls) {
            self.shared.quit.softly();
        }
        if self.shared.quit.is_hard() && !self.table.is_empty() {
            self.abort_all(now, out);
        }
        self.shared.links.take_released(&mut out.released);
    }

    /// Hard quit: every call fails, and the peer is told whatever the behaviours are (runtime.md §15).
    fn abort_all(&mut self, now: Tick, out: &mut Effects) {
        for key in self.table.keys() {
            let Some(call) = self.table.get_mut(key) else { continue };
            let mut run = Run { plan: &self.plan, shared: &mut self.shared, now, out };
            run.warn(format!("Aborted call with Call-ID '{}'", String::from_utf8_lossy(&call.id)));
            run.say_goodbye(call);
            self.finish(key, End::failed(Failure::Aborted), now);
        }
    }

    fn end_time_waits(&mut self, now: Tick) {
        for key in self.table.keys() {
            let in_time_wait = self.table.get(key).filter(|call| {
                matches!(self.plan[call.at].kind, StepKind::TimeWait(_))
                    && matches!(call.wait, Wait::Pause { .. })
            });
            if let Some(end) = in_time_wait.map(End::of_scenario) {
                self.finish(key, end, now);
            }
        }
    }

    /// Whether the generator opens calls here.
    pub fn is_client(&self) -> bool {
        self.plan.role == Role::Client
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
