//! How calls reach their peers: which link each uses, what becomes of calls whose link is lost or takes no more.
//! Spec: transport.md §3, §7, §11, §12, §14; runtime.md §12.2, §14. In: news of links. Out: requests for links, links given up, calls
//! that fail or go on. Must not know what a link is made of.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::Engine;
use super::advance::{Progress, Run};
use super::call::{Call, Wait};
use super::effects::{Effect, Effects, Open};
use super::ending::{End, Verdict};
use super::history::shown;
use super::shared::Reason;
use super::table::{CallKey, Epitaph};
use crate::clock::Tick;
use crate::inject::Field;
use crate::link::{Link, Transport, Way};
use crate::scenario::plan::{Role, Send, StepKind};
use crate::sip::{Message, response_address};
use crate::stats::Failure;

/// Over what a call's messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A link that was there before the call: the main socket, the connection of all calls, or the one its first message came by.
    Shared(Link),
    /// A link of its own, not asked for yet.
    Unopened,
    /// A link of its own, asked for.
    Opening,
    /// The link opened for it.
    Own {
        /// Its name.
        link: Link,
        /// Its local port: `[local_port]`.
        port: u16,
    },
}

impl Default for Line {
    fn default() -> Line {
        Line::Shared(Link::MAIN)
    }
}

impl Line {
    /// The link, if there is one.
    pub fn link(self) -> Option<Link> {
        match self {
            Line::Shared(link) | Line::Own { link, .. } => Some(link),
            Line::Unopened | Line::Opening => None,
        }
    }

    /// What carries messages; None without a link.
    pub fn transport(self) -> Option<Transport> {
        self.link().map(Link::transport)
    }

    /// The local port, if the call has one of its own.
    pub fn port(self) -> Option<u16> {
        match self {
            Line::Own { port, .. } => Some(port),
            Line::Shared(_) | Line::Unopened | Line::Opening => None,
        }
    }
}

impl Call {
    /// Where its messages go now; None while it has no link.
    pub(super) fn way(&self) -> Option<Way> {
        self.line.link().map(|link| Way { link, peer: self.peer })
    }
}

/// What carries the messages of calls that the generator opens (transport.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// One link for all (`u1`, `t1`, `l1`).
    Shared(Link),
    /// One for each, opened at its first send (`un`, `tn`, `ln`).
    PerCall,
    /// One for each local address, which is in this column of the first injection file (`ui`).
    PerAddress {
        /// `-ip_field`, from 0.
        field: u32,
    },
}

impl Default for Lines {
    fn default() -> Lines {
        Lines::Shared(Link::MAIN)
    }
}

impl Lines {
    /// What a new call has.
    pub(super) fn of_call(self) -> Line {
        match self {
            Lines::Shared(link) => Line::Shared(link),
            Lines::PerCall | Lines::PerAddress { .. } => Line::Unopened,
        }
    }
}

/// Why a link is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The peer closed it in good order.
    Closed,
    /// Reset, or an error on reading: counted as a receive error.
    Broken,
    /// It never came up: refused, unreachable. Counted as a send error.
    Refused,
    /// It came up and could not be secured (TLS) or upgraded (WebSocket). Counted as a send error if calls wait for it, else as a
    /// receive error.
    Unsecured,
}

/// Calls that came by a link and do not own it. It must not be given up under them.
#[derive(Clone, Copy, Debug, Default)]
struct Guests {
    calls: usize,
    /// How many of its owners have done with it since.
    left: usize,
}

/// Whose the links are, and which of them take no more.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// And whether it is the call's own.
    users: BTreeMap<(Link, CallKey), bool>,
    guests: BTreeMap<Link, Guests>,
    congested: Vec<Link>,
    released: Vec<Link>,
}

impl Links {
    fn join(&mut self, line: Line, call: CallKey) {
        let Some(link) = line.link().filter(|link| link.can_end()) else { return };
        self.users.insert((link, call), matches!(line, Line::Own { .. }));
        if matches!(line, Line::Shared(_)) {
            self.guests.entry(link).or_default().calls += 1;
        }
    }

    /// The call no longer uses its link; one of its own is given up, once nobody else uses it.
    pub fn leave(&mut self, line: Line, call: CallKey) {
        let Some(link) = line.link().filter(|link| link.can_end()) else { return };
        self.users.remove(&(link, call));
        match (self.guests.get_mut(&link), line) {
            (None, Line::Own { .. }) => self.released.push(link),
            (Some(guests), Line::Own { .. }) => guests.left += 1,
            (Some(guests), _) if guests.calls > 1 => guests.calls -= 1,
            (Some(guests), _) => {
                self.released.extend(std::iter::repeat_n(link, guests.left));
                self.guests.remove(&link);
            }
            (None, _) => {}
        }
    }

    /// Links given up since the last time.
    pub fn take_released(&mut self, to: &mut Vec<Link>) {
        to.append(&mut self.released);
    }

    fn users_of(&self, link: Link) -> impl Iterator<Item = (CallKey, bool)> {
        let from = (link, CallKey::first());
        let of_link = self.users.range(from..).take_while(move |((of, _), _)| *of == link);
        of_link.map(|((_, call), is_own)| (*call, *is_own))
    }

    fn calls_of(&self, link: Link) -> Vec<CallKey> {
        self.users_of(link).map(|(call, _)| call).collect()
    }

    fn is_owned(&self, link: Link) -> bool {
        self.users_of(link).any(|(_, is_own)| is_own)
    }

    fn forget(&mut self, link: Link) {
        self.congested.retain(|other| *other != link);
    }
}

impl Run<'_> {
    /// Whether the call has a link that takes messages; asks for one if it has none.
    pub(super) fn can_send(&mut self, call: &mut Call) -> bool {
        match call.line.link() {
            Some(link) => {
                let congested = &self.shared.links.congested;
                congested.is_empty() || !congested.contains(&link)
            }
            None => {
                if call.line == Line::Unopened {
                    call.line = Line::Opening;
                    let from = self.own_address(call);
                    self.out.others.push(Effect::Open(Open { call: call.key, to: call.peer, from }));
                }
                false
            }
        }
    }

    /// Starts the send timeout of a message that has no way yet (runtime.md §4).
    pub(super) fn await_link(&mut self, call: &Call, send: &Send) -> Wait {
        let timeout = send.timeout.or(self.shared.settings.send_timeout);
        let until = timeout.map(|timeout| self.now + timeout);
        if let Some(until) = until {
            self.shared.wheel.insert(until, (call.key, Reason::Wait));
        }
        Wait::Link { until }
    }

    /// Nobody has taken the message in time (scenario.md §5.1).
    pub(super) fn send_timeout(&mut self, call: &mut Call) -> Progress {
        self.counts(call).timeouts += 1;
        let (id, name, index) = (shown(call), &self.plan.name, call.at.number());
        self.warn(format!("Call-Id: {id}, send timeout on message {name}:{index}: aborting call"));
        Progress::Ended(End::failed(Failure::TimeoutOnSend))
    }

    /// The local address that the call's line of the injection file names (`-t ui`).
    fn own_address(&mut self, call: &Call) -> Option<Vec<u8>> {
        let Lines::PerAddress { field } = self.shared.settings.lines else { return None };
        let files = &self.shared.rendering.files;
        let mut text = Vec::new();
        let found = files.default_file().and_then(|file| {
            let line = call.lines.get(file)?;
            matches!(files.field(file, line, field, &mut text), Ok(Field::Written)).then_some(())
        });
        if found.is_none() {
            text.clear();
        }
        Some(text)
    }

    /// `<closecon>`: the call's own link is given up, and its next send opens another. A server closes the connection its call
    /// came by; where calls share a link that was there before, nothing happens (transport.md §14).
    pub(super) fn close_connection(&mut self, call: &mut Call) {
        let is_own = matches!(call.line, Line::Own { .. });
        let is_stream = call.line.transport().is_some_and(Transport::is_reliable);
        let is_accepted = is_stream
            && matches!(call.line, Line::Shared(_))
            && call.line != self.shared.settings.lines.of_call();
        if !is_own && !is_accepted {
            return;
        }
        self.shared.links.leave(call.line, call.key);
        if let Line::Shared(link) = call.line
            && !self.shared.links.is_owned(link)
        {
            self.shared.links.released.push(link);
        }
        call.line = Line::Unopened;
        let settings = &self.shared.settings;
        let usual = if self.plan.role == Role::Client { settings.destination } else { settings.next_hop };
        if let Some(usual) = usual.filter(|_| is_stream) {
            call.peer = usual;
        }
    }

    /// `<setdest>`: later messages go to `peer`. A connection is given up for a new one.
    pub(super) fn redirect(&mut self, call: &mut Call, peer: SocketAddr) -> Result<(), &'static str> {
        let is_stream = self.transport_of(call) != "UDP";
        if is_stream && matches!(call.line, Line::Shared(_)) {
            return Err("Changing destinations for TCP or SCTP requires multisocket mode.");
        }
        call.peer = peer;
        if is_stream && matches!(call.line, Line::Own { .. }) {
            self.shared.links.leave(call.line, call.key);
            call.line = Line::Unopened;
        }
        Ok(())
    }
}

impl Engine {
    /// Gives a new call what carries its messages.
    pub(super) fn take_line(&mut self, key: CallKey, line: Line) {
        self.shared.links.join(line, key);
        if let Some(call) = self.table.get_mut(key) {
            call.line = line;
        }
    }

    /// Where a call that is opened by a message answers: on the link the message came by, or by `-rsa`. When calls outlive their
    /// connections, a new one goes to where the Via says (RFC 3261 §18.2.2).
    pub(super) fn way_back(&self, from: Way, message: &Message<'_>) -> (Line, SocketAddr) {
        let settings = &self.shared.settings;
        match settings.next_hop {
            Some(elsewhere) => (settings.lines.of_call(), elsewhere),
            None if from.link.transport().is_reliable() => {
                (Line::Shared(from.link), response_address(message, from.peer))
            }
            None => (Line::Shared(from.link), from.peer),
        }
    }

    /// The link a call asked for is there, with its local port, or cannot be had, and why.
    pub fn on_opened(
        &mut self,
        now: Tick,
        key: CallKey,
        opened: Result<(Link, u16), String>,
        out: &mut Effects,
    ) {
        let Some(call) = self.table.get_mut(key).filter(|call| call.line == Line::Opening) else {
            if let Ok((link, _)) = opened {
                out.released.push(link);
            }
            return;
        };
        match opened {
            Ok((link, port)) => {
                call.line = Line::Own { link, port };
                self.shared.links.join(call.line, key);
                self.go_on(now, key, out);
            }
            Err(text) => {
                self.shared.stats.send_errors += 1;
                let is_stream = self.shared.settings.transport != "UDP";
                let cause = if is_stream { Failure::TcpConnect } else { Failure::CannotSendMessage };
                self.shared.stories.set_trouble(&text);
                self.run(now, out).warn(text);
                self.finish(key, End::failed(cause), now);
                self.shared.stories.clear_trouble();
            }
        }
        self.after_event(now, out);
    }

    /// A link is lost: its calls end with it, or stay and are told at their next send (`-reconnect_close false`).
    pub fn on_lost(&mut self, now: Tick, link: Link, lost: Lost, out: &mut Effects) {
        let users = self.shared.links.calls_of(link);
        match lost {
            Lost::Closed => {}
            // A peer that connects and does not secure its connection is no call's, and nothing was sent to it.
            Lost::Unsecured if users.is_empty() => self.shared.stats.receive_errors += 1,
            Lost::Broken => self.shared.stats.receive_errors += 1,
            Lost::Refused | Lost::Unsecured => self.shared.stats.send_errors += 1,
        }
        self.shared.links.forget(link);
        let was_up = matches!(lost, Lost::Closed | Lost::Broken);
        let stay = was_up && !self.shared.settings.ends_with_connection;
        let cause = if lost == Lost::Unsecured { Failure::TcpConnect } else { Failure::TcpClosed };
        for key in users {
            if stay {
                self.outlive(now, key, out);
            } else if let Some(end) = self.end_with_link(key, cause) {
                self.finish(key, end, now);
            }
        }
        self.shared.stories.clear_trouble();
        self.after_event(now, out);
    }

    /// The call goes on without its connection: its next send opens another, unless all calls share that one.
    fn outlive(&mut self, now: Tick, key: CallKey, out: &mut Effects) {
        let of_all = self.shared.settings.lines.of_call();
        let Some(call) = self.table.get_mut(key) else { return };
        if call.line != of_all {
            self.shared.links.leave(call.line, key);
            call.line = Line::Unopened;
        }
        self.go_on(now, key, out);
    }

    fn end_with_link(&self, key: CallKey, cause: Failure) -> Option<End> {
        let call = self.table.get(key)?;
        let step = &self.scenarios[call.part][call.at];
        if matches!(step.kind, StepKind::TimeWait(_)) && matches!(call.wait, Wait::Pause { .. }) {
            return Some(End::of_scenario(call));
        }
        let epitaph = Some(Epitaph::Failed(call.at.number()));
        Some(End { verdict: Verdict::Failed(cause), epitaph })
    }

    /// A link takes no more: its calls wait with what they want to send.
    pub fn on_congested(&mut self, link: Link) {
        self.shared.stats.congestions += 1;
        if !self.shared.links.congested.contains(&link) {
            self.shared.links.congested.push(link);
        }
    }

    /// A link takes messages again.
    pub fn on_room(&mut self, now: Tick, link: Link, out: &mut Effects) {
        self.shared.links.forget(link);
        for key in self.shared.links.calls_of(link) {
            self.go_on(now, key, out);
        }
        self.after_event(now, out);
    }

    /// The connection of all calls is gone for good: each open call fails, and the run ends with this text (transport.md §12).
    pub fn on_broken_for_good(&mut self, now: Tick, text: String, out: &mut Effects) {
        self.shared.stories.set_trouble(&text);
        for key in self.table.keys() {
            self.finish(key, End::failed(Failure::TcpClosed), now);
        }
        self.run(now, out).fatal(text.into_bytes());
        self.after_event(now, out);
    }

    /// A call that waits for its link sends.
    fn go_on(&mut self, now: Tick, key: CallKey, out: &mut Effects) {
        if self.table.get(key).is_some_and(|call| matches!(call.wait, Wait::Link { .. })) {
            self.with_call(key, now, out, |run, call| run.advance(call));
        }
    }
}
