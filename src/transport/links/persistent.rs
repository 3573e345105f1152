//! The connection of all calls (`t1`, `l1`): it is opened before the first call, and when it is lost, opened again if that is allowed.
//! Spec: transport.md §12 (set-up, loss, reconnection). In: losses, messages to send meanwhile. Out: the new connection, or the end of the
//! run. Must not sleep: a pause is a deadline.

use std::io;
use std::net::SocketAddr;

use super::connection::Connection;
use super::{Event, Kind, Links, Origin, Sent, words};
use crate::clock::Tick;
use crate::engine::Lost;
use crate::link::{Link, Transport};
use crate::transport::errno::{self, Errno};

/// The most that waits for a connection to be opened again.
const MOST_WAITING: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Persistent {
    state: State,
    to: SocketAddr,
    /// It has carried messages.
    was_up: bool,
}

#[derive(Debug)]
enum State {
    There(Box<Connection>),
    /// Lost; nobody has wanted to send since.
    Down,
    /// To be opened again when the pause is over, to send these.
    Paused(Vec<Vec<u8>>),
}

impl Persistent {
    /// The connection, while there is one.
    pub fn connection(&mut self) -> Option<&mut Connection> {
        match &mut self.state {
            State::There(connection) => Some(connection),
            State::Down | State::Paused(_) => None,
        }
    }

    pub fn text(&self) -> &[u8] {
        match &self.state {
            State::There(connection) => connection.text(),
            State::Down | State::Paused(_) => &[],
        }
    }
}

impl Links {
    /// Begins to open the connection of all calls; [`Event::Ready`] tells when it is up. `from`: with `-p`, the main port, which it
    /// shares with the listener.
    ///
    /// # Errors
    /// It is refused at once: SIPp's sentence.
    pub fn open_for_all(&mut self, from: Option<SocketAddr>, to: SocketAddr) -> Result<Link, String> {
        let connection = self.connect(from, to).map_err(|error| {
            format!("Unable to connect a TCP socket.\nUse 'rsipp -h' for details, {}", Errno(&error))
        })?;
        let port = self.setup.main.port();
        let persistent = Persistent { state: State::There(Box::new(connection)), to, was_up: false };
        let link = self
            .keep(Kind::Persistent(Box::new(persistent)), Origin::Run, port)
            .map_err(|error| error.to_string())?;
        self.watch_persistent(link);
        Ok(link)
    }

    fn persistent(&mut self, at: u32) -> Option<&mut Persistent> {
        match self.slots.get_mut(at as usize).map(|slot| &mut slot.kind) {
            Some(Kind::Persistent(persistent)) => Some(persistent),
            _ => None,
        }
    }

    fn watch_persistent(&mut self, link: Link) {
        let Links { slots, poller, .. } = self;
        let slot = slots.get_mut(link.slot() as usize);
        if let Some(Kind::Persistent(persistent)) = slot.map(|slot| &mut slot.kind)
            && let Some(connection) = persistent.connection()
        {
            // A failure shows at the next message, as that of a connection that says nothing.
            let _ = poller.watch(connection, link.number());
        }
    }

    /// A connection has come up. That concerns others only when all calls wait for it.
    pub(super) fn came_up(&mut self, at: u32) -> Option<Event> {
        let persistent = self.persistent(at)?;
        let is_first = !std::mem::replace(&mut persistent.was_up, true);
        is_first.then_some(Event::Ready)
    }

    /// The connection of all calls is lost.
    pub(super) fn lose_persistent(
        &mut self,
        at: u32,
        lost: Lost,
        why: Option<String>,
        now: Tick,
    ) -> Option<Event> {
        let link = self.slots.get(at as usize)?.link;
        let persistent = self.persistent(at)?;
        let (to, was_up) = (persistent.to, persistent.was_up);
        let was_carrying = matches!(lost, Lost::Closed | Lost::Broken) && was_up;
        persistent.state = State::Down;
        let text = words(link.transport(), Origin::Run, to, lost, why.as_deref());
        if was_carrying {
            if self.setup.reconnection.ends_calls && self.may_reconnect() {
                let closing = "Closing calls, because of TCP reset or close!".to_owned();
                self.told.push_back(Event::Warning(closing));
            }
            self.told.push_back(Event::Lost(link, lost));
            return text.map(Event::Warning);
        }
        if self.take_reconnection() {
            self.pause(at, now, Vec::new());
            let why = why.unwrap_or_default();
            return Some(Event::Warning(format!("Could not reconnect TCP socket: {why} ({to})")));
        }
        let is_plain = link.transport() == Transport::Tcp;
        if is_plain || !was_up {
            let why = why.unwrap_or_else(|| "Connection closed".to_owned());
            return Some(Event::BrokenForGood(match lost {
                Lost::Unsecured => text.unwrap_or_default(),
                _ if is_plain => {
                    format!("Error on TCP connection, remote peer probably closed the socket: {why}")
                }
                _ => text.unwrap_or(why),
            }));
        }
        self.told.push_back(Event::Lost(link, lost));
        text.map(Event::Warning)
    }

    fn may_reconnect(&self) -> bool {
        self.setup.reconnection.most.is_none_or(|most| self.reconnections < most)
    }

    fn take_reconnection(&mut self) -> bool {
        let may = self.may_reconnect();
        self.reconnections += u32::from(may);
        may
    }

    /// A message for the connection while there is none: it waits for the next one, or it is the end.
    pub(super) fn send_while_down(&mut self, at: u32, now: Tick, bytes: &[u8]) -> Sent {
        let Some(slot) = self.slots.get(at as usize) else { return Sent::No(io::Error::other("No error")) };
        let name = slot.link.transport();
        if let Some(State::Paused(waiting)) = self.persistent(at).map(|persistent| &mut persistent.state) {
            if waiting.iter().map(Vec::len).sum::<usize>() + bytes.len() > MOST_WAITING {
                return Sent::No(io::Error::other("too much waits for the connection"));
            }
            waiting.push(bytes.to_vec());
            return Sent::Yes;
        }
        if self.take_reconnection() {
            self.pause(at, now, vec![bytes.to_vec()]);
            return Sent::Yes;
        }
        let text = "Broken pipe on TCP connection, remote peer probably closed the socket";
        match name {
            Transport::Tcp => Sent::Never(text.to_owned()),
            _ => Sent::No(io::Error::other("the connection is closed")),
        }
    }

    fn pause(&mut self, at: u32, now: Tick, waiting: Vec<Vec<u8>>) {
        let pause = self.setup.reconnection.pause;
        if let Some(persistent) = self.persistent(at) {
            persistent.state = State::Paused(waiting);
        }
        self.set_deadline(at, now + pause);
    }

    /// The pause is over: connects again.
    pub(super) fn reconnect(&mut self, at: u32, now: Tick) {
        let Some(persistent) = self.persistent(at) else { return };
        let to = persistent.to;
        let State::Paused(waiting) = std::mem::replace(&mut persistent.state, State::Down) else { return };
        match self.connect(None, to) {
            Ok(mut connection) => {
                waiting.iter().for_each(|message| {
                    connection.enqueue(message);
                });
                if let Some(persistent) = self.persistent(at) {
                    persistent.state = State::There(Box::new(connection));
                }
                if let Some(link) = self.slots.get(at as usize).map(|slot| slot.link) {
                    self.watch_persistent(link);
                }
                self.told.push_back(Event::Warning("Socket required a reconnection.".to_owned()));
            }
            Err(error) => {
                let lost = self.lose_persistent(at, Lost::Refused, Some(errno::text(&error)), now);
                self.told.extend(lost);
            }
        }
    }
}
