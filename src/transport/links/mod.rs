//! All sockets of a side besides its main UDP socket: connections, the listener, sockets of calls and of addresses.
//!
//! Spec: transport.md §3, §6-§8, §11-§14. In: what to open, send and give up. Out: names of links, and events one by one: messages,
//! losses, congestion. Must not know calls nor wait: the worker waits for [`Links::has_news`] and for [`Links::next_deadline`].
//!
//! Connections live in a slab and are served when the kernel says that they have news, so ten thousand of them cost what their
//! messages cost, and none can hold up another: each step goes as far as its socket lets it.

mod connection;
mod opening;
mod persistent;
mod poller;
mod setup;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use slab::Slab;
use socket2::Socket;

pub use setup::{Reconnection, Setup};

use crate::clock::{Span, Tick};
use crate::engine::Lost;
use crate::link::{Link, Transport, Way};
use crate::transport::errno;
use crate::transport::tcp;
use crate::transport::udp::Binding;
use connection::{Connection, Stage, Step};
use persistent::Persistent;
use poller::Poller;

/// What the listener is called towards the poller.
const LISTENER: u64 = u64::MAX;

/// How long accepting pauses when descriptors have run out.
const ACCEPT_AGAIN: Span = Span::from_millis(100);

/// Read at once.
const SCRATCH: usize = 64 << 10;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message came; see [`Links::text`].
    Message(Way),
    /// A link is no more; its calls are to be told.
    Lost(Link, Lost),
    /// The shared connection is up for the first time.
    Ready,
    /// A link takes messages again.
    Room(Link),
    /// The connection of all calls is gone for good: the run ends with this text.
    BrokenForGood(String),
    /// Something to tell the user.
    Warning(String),
}

/// What became of a message to send.
#[derive(Debug)]
pub enum Sent {
    /// It is on its way.
    Yes,
    /// It is, and the link takes no more for now.
    Congested,
    /// It is not, and why.
    No(io::Error),
    /// It is not, and the run must end with these words.
    Never(String),
}

#[derive(Debug)]
enum Kind {
    Udp {
        socket: UdpSocket,
    },
    Stream(Box<Connection>),
    /// The connection of all calls, which survives its socket.
    Persistent(Box<Persistent>),
}

/// Where a link comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// Opened for so many calls, to this destination.
    Calls { count: u32, to: SocketAddr },
    /// Accepted.
    Peer,
    /// There for all calls, until the end.
    Run,
}

#[derive(Debug)]
struct Slot {
    link: Link,
    kind: Kind,
    origin: Origin,
    port: u16,
    /// Waits in `ready`.
    is_ready: bool,
    /// Waits in `dirty`.
    is_dirty: bool,
    /// The entry in `deadlines`.
    deadline: Option<Tick>,
}

/// The sockets.
#[derive(Debug)]
pub struct Links {
    setup: Setup,
    poller: Poller,
    listener: Option<Socket>,
    slots: Slab<Slot>,
    generations: Vec<u32>,
    ready: VecDeque<u32>,
    /// Slots that may have more when the others have had their turn.
    later: Vec<u32>,
    dirty: Vec<u32>,
    /// When somebody's patience or pause is over; the listener's under [`LISTENER`].
    deadlines: BTreeSet<(Tick, u64)>,
    /// Events that came up while something else was done.
    told: VecDeque<Event>,
    current: Option<u32>,
    datagram: Vec<u8>,
    scratch: Box<[u8]>,
    /// Slots of calls, for sharing in turn (`-max_socket`).
    of_calls: Vec<u32>,
    turn: usize,
    of_addresses: Vec<(IpAddr, Link)>,
    reconnections: u32,
}

impl Links {
    /// None open yet. Must be called inside a tokio runtime with I/O enabled.
    ///
    /// # Errors
    /// The system's.
    pub fn new(setup: Setup) -> io::Result<Links> {
        Ok(Links {
            setup,
            poller: Poller::new()?,
            listener: None,
            slots: Slab::new(),
            generations: Vec::new(),
            ready: VecDeque::new(),
            later: Vec::new(),
            dirty: Vec::new(),
            deadlines: BTreeSet::new(),
            told: VecDeque::new(),
            current: None,
            datagram: Vec::new(),
            scratch: vec![0; SCRATCH].into(),
            of_calls: Vec::new(),
            turn: 0,
            of_addresses: Vec::new(),
            reconnections: 0,
        })
    }

    /// Sockets that are open, for the screen.
    pub fn count(&self) -> usize {
        self.slots.len() + usize::from(self.listener.is_some())
    }

    /// Lets a bound socket listen, and accepts from it.
    ///
    /// # Errors
    /// The system's.
    pub fn listen(&mut self, socket: Socket) -> io::Result<()> {
        tcp::listen(&socket)?;
        self.poller.watch(&socket, LISTENER)?;
        self.listener = Some(socket);
        Ok(())
    }

    /// A further UDP socket of a server, on the main port (`ui`), or for `-rsa`.
    ///
    /// # Errors
    /// SIPp's sentence.
    pub fn add_socket(&mut self, binding: &Binding) -> Result<Link, crate::transport::udp::BindError> {
        let socket = binding.open()?;
        let port = socket.local_addr().map_or(0, |local| local.port());
        self.keep(Kind::Udp { socket }, Origin::Run, port).map_err(crate::transport::udp::BindError::Watch)
    }

    /// Waits until there may be news. Dropping the future loses nothing.
    pub async fn has_news(&self) {
        self.poller.has_news().await;
    }

    /// Looks for news; [`Links::next_event`] then tells them.
    pub fn look(&mut self) {
        // Who was not finished with last time gives way to the others.
        if self.ready.len() > 1 {
            self.ready.rotate_left(1);
        }
        let Links { poller, slots, generations, ready, later, deadlines, .. } = self;
        for at in later.drain(..) {
            if slots.get_mut(at as usize).is_some_and(|slot| !std::mem::replace(&mut slot.is_ready, true)) {
                ready.push_back(at);
            }
        }
        poller.news(|number| {
            if number == LISTENER {
                deadlines.insert((Tick::ZERO, LISTENER));
                return;
            }
            let (slot, generation) = (number as u32, (number >> 32) as u32);
            if generations.get(slot as usize) == Some(&generation)
                && let Some(entry) = slots.get_mut(slot as usize)
                && !std::mem::replace(&mut entry.is_ready, true)
            {
                ready.push_back(slot);
            }
        });
    }

    /// Whether something is left to be told without looking for news.
    pub fn has_more(&self) -> bool {
        !self.ready.is_empty() || !self.later.is_empty() || !self.told.is_empty()
    }

    /// When [`Links::next_event`] has something to do without news.
    pub fn next_deadline(&self) -> Option<Tick> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// The message of the last event.
    pub fn text(&self) -> &[u8] {
        let slot = self.current.and_then(|slot| self.slots.get(slot as usize));
        match slot.map(|slot| &slot.kind) {
            Some(Kind::Udp { .. }) => &self.datagram,
            Some(Kind::Stream(connection)) => connection.text(),
            Some(Kind::Persistent(persistent)) => persistent.text(),
            None => &[],
        }
    }

    /// The next thing that happened; None when all is told that can be before the next [`Links::look`].
    pub fn next_event(&mut self, now: Tick) -> Option<Event> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Some(event);
            }
            if let Some((_, number)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
                self.deadlines.pop_first();
                if number == LISTENER {
                    self.accept(now);
                } else {
                    self.out_of_time(number, now);
                }
                continue;
            }
            let slot = *self.ready.front()?;
            if let Some(event) = self.serve(slot, now) {
                return Some(event);
            }
        }
    }

    /// One step of a slot that has news. None: it has no more, or nothing that concerns others.
    fn serve(&mut self, at: u32, now: Tick) -> Option<Event> {
        let Some(slot) = self.slots.get_mut(at as usize) else {
            self.ready.pop_front();
            return None;
        };
        let link = slot.link;
        let connection = match &mut slot.kind {
            Kind::Udp { socket } => {
                self.datagram.resize(SCRATCH, 0);
                return match socket.recv_from(&mut self.datagram) {
                    Ok((length, from)) => {
                        self.datagram.truncate(length);
                        self.current = Some(at);
                        Some(Event::Message(Way { link, peer: from }))
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        self.is_done(at);
                        None
                    }
                    Err(error) => Some(Event::Warning(format!(
                        "Unable to receive UDP message: {}",
                        errno::text(&error)
                    ))),
                };
            }
            Kind::Persistent(persistent) => match persistent.connection() {
                Some(connection) => connection,
                None => {
                    self.is_done(at);
                    return None;
                }
            },
            Kind::Stream(connection) => connection,
        };
        connection.flush();
        if connection.got_room() {
            return Some(Event::Room(link));
        }
        let peer = connection.peer();
        match connection.step(&mut self.scratch) {
            Step::Message => {
                self.current = Some(at);
                Some(Event::Message(Way { link, peer }))
            }
            Step::TooLong(bytes) => {
                let text = format!("Discarding a message of {bytes} bytes from {peer}: longer than 65536");
                Some(Event::Warning(text))
            }
            Step::CameUp => {
                self.forget_deadline(at);
                self.came_up(at)
            }
            Step::More => {
                self.is_done(at);
                self.later.push(at);
                None
            }
            Step::Blocked => {
                if connection.stage() == Stage::Securing && slot.deadline.is_none() {
                    self.set_deadline(at, now + self.setup.patience);
                }
                self.is_done(at);
                None
            }
            Step::Over(lost, why) => self.lose(at, lost, why, now),
        }
    }

    fn is_done(&mut self, at: u32) {
        self.ready.pop_front();
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.is_ready = false;
        }
    }

    /// A connection of a slot is over: the slot goes, too, unless it is that of all calls.
    fn lose(&mut self, at: u32, lost: Lost, why: Option<String>, now: Tick) -> Option<Event> {
        self.forget_deadline(at);
        let slot = self.slots.get_mut(at as usize)?;
        let link = slot.link;
        if let Kind::Persistent(_) = slot.kind {
            self.is_done(at);
            return self.lose_persistent(at, lost, why, now);
        }
        let Kind::Stream(connection) = &slot.kind else { return None };
        let was_closing = connection.stage() == Stage::Closing;
        let words = words(link.transport(), slot.origin, connection.peer(), lost, why.as_deref());
        self.remove(at);
        if was_closing {
            return None;
        }
        self.told.push_back(Event::Lost(link, lost));
        words.map(Event::Warning)
    }

    fn remove(&mut self, at: u32) {
        self.forget_deadline(at);
        let Some(slot) = self.slots.try_remove(at as usize) else { return };
        if let Some(generation) = self.generations.get_mut(at as usize) {
            *generation = generation.wrapping_add(1);
        }
        if slot.is_ready {
            self.ready.retain(|other| *other != at);
        }
        if matches!(slot.origin, Origin::Calls { .. }) {
            self.of_calls.retain(|other| *other != at);
        }
    }

    /// Sends a message, or keeps it until [`Links::flush`] or until there is room.
    pub fn send(&mut self, now: Tick, way: Way, bytes: &[u8]) -> Sent {
        let at = way.link.slot();
        let Some(slot) = self.slots.get_mut(at as usize).filter(|slot| slot.link == way.link) else {
            return Sent::No(io::Error::other("the connection is closed"));
        };
        let connection = match &mut slot.kind {
            Kind::Udp { socket } => {
                return match socket.send_to(bytes, way.peer) {
                    Ok(_) => Sent::Yes,
                    Err(error) => Sent::No(error),
                };
            }
            Kind::Stream(connection) => connection,
            Kind::Persistent(persistent) => match persistent.connection() {
                Some(connection) => connection,
                None => return self.send_while_down(at, now, bytes),
            },
        };
        if !connection.enqueue(bytes) {
            return Sent::No(io::Error::other("the connection takes no more"));
        }
        let congested = connection.became_congested();
        if !std::mem::replace(&mut slot.is_dirty, true) {
            self.dirty.push(at);
        }
        if congested { Sent::Congested } else { Sent::Yes }
    }

    /// Writes what was sent.
    pub fn flush(&mut self) {
        for at in std::mem::take(&mut self.dirty) {
            let Some(slot) = self.slots.get_mut(at as usize) else { continue };
            slot.is_dirty = false;
            let connection = match &mut slot.kind {
                Kind::Stream(connection) => Some(&mut **connection),
                Kind::Persistent(persistent) => persistent.connection(),
                Kind::Udp { .. } => None,
            };
            let Some(connection) = connection else { continue };
            connection.flush();
            let wants_a_look = connection.has_failed() || connection.got_room_to_tell();
            if wants_a_look && !std::mem::replace(&mut slot.is_ready, true) {
                self.ready.push_back(at);
            }
        }
    }

    /// A call has done with a link. When none is left, what is still to be sent goes out and the link is closed.
    pub fn release(&mut self, now: Tick, link: Link) {
        let at = link.slot();
        let Some(slot) = self.slots.get_mut(at as usize).filter(|slot| slot.link == link) else { return };
        match &mut slot.origin {
            Origin::Run => return,
            Origin::Calls { count, .. } => {
                *count = count.saturating_sub(1);
                if *count > 0 {
                    return;
                }
                self.of_calls.retain(|other| *other != at);
            }
            Origin::Peer => self.told.push_back(Event::Lost(link, Lost::Closed)),
        }
        let is_over = match &mut slot.kind {
            Kind::Stream(connection) => {
                connection.begin_to_close();
                matches!(connection.step(&mut self.scratch), Step::Over(..))
            }
            Kind::Udp { .. } | Kind::Persistent(_) => true,
        };
        if is_over {
            self.remove(at);
        } else {
            // A peer that does not read keeps no descriptor for ever.
            self.forget_deadline(at);
            self.set_deadline(at, now + self.setup.patience);
        }
    }

    /// Closes all in good order, as far as that goes without waiting; true when nothing is left to be sent.
    pub fn close_all(&mut self) -> bool {
        self.listener = None;
        let mut all_gone = true;
        for (_, slot) in &mut self.slots {
            let connection = match &mut slot.kind {
                Kind::Stream(connection) => &mut **connection,
                Kind::Persistent(persistent) => match persistent.connection() {
                    Some(connection) => connection,
                    None => continue,
                },
                Kind::Udp { .. } => continue,
            };
            if connection.stage() == Stage::Up {
                connection.begin_to_close();
            }
            if connection.stage() == Stage::Closing {
                all_gone &=
                    matches!(connection.step(&mut self.scratch), Step::Over(..)) || !connection.has_pending();
            }
        }
        all_gone
    }

    fn set_deadline(&mut self, at: u32, until: Tick) {
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.deadline = Some(until);
            self.deadlines.insert((until, slot.link.number()));
        }
    }

    fn forget_deadline(&mut self, at: u32) {
        if let Some(slot) = self.slots.get_mut(at as usize)
            && let Some(until) = slot.deadline.take()
        {
            self.deadlines.remove(&(until, slot.link.number()));
        }
    }

    /// A peer did not secure its connection in time, or the pause before a reconnection is over.
    fn out_of_time(&mut self, number: u64, now: Tick) {
        let (at, generation) = (number as u32, (number >> 32) as u32);
        if self.generations.get(at as usize) != Some(&generation) {
            return;
        }
        let Some(slot) = self.slots.get_mut(at as usize) else { return };
        slot.deadline = None;
        let is_paused = match &mut slot.kind {
            Kind::Persistent(persistent) => persistent.connection().is_none(),
            _ => false,
        };
        if is_paused {
            return self.reconnect(at, now);
        }
        let text = format!("no handshake within {} s", self.setup.patience.millis() / 1_000);
        if let Some(event) = self.lose(at, Lost::Unsecured, Some(text), now) {
            self.told.push_front(event);
        }
    }
}

/// What is said of a lost connection; nothing of one that was closed in good order.
fn words(
    transport: Transport,
    origin: Origin,
    peer: SocketAddr,
    lost: Lost,
    why: Option<&str>,
) -> Option<String> {
    let why = why.unwrap_or("No error");
    match lost {
        Lost::Closed => None,
        Lost::Broken => {
            Some(format!("Error on TCP connection, remote peer probably closed the socket: {why} ({peer})"))
        }
        Lost::Refused if transport.is_secure() => Some(format!("Error in SSL connection: {why} ({peer})")),
        Lost::Refused => Some(format!("Unable to send {} message: {why} ({peer})", transport.name())),
        Lost::Unsecured => {
            let what = match (transport, origin) {
                (Transport::Ws, _) => "WebSocket handshake",
                (_, Origin::Peer) => "SSL_accept",
                _ => "SSL connection",
            };
            Some(format!("Error in {what}: {why} ({peer})"))
        }
    }
}
