//! One connection: connecting, securing, framing what comes, holding what cannot go out yet.
//! Spec: transport.md §11 (write algorithm), §12, §13, §17. In: an open socket, messages. Out: messages and the end, step by step.
//! Must not wait: each step goes as far as the socket lets it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};

use socket2::Socket;

use crate::engine::Lost;
use crate::transport::errno;
use crate::transport::frame::{Frame, Framer};
use crate::transport::tcp;
use crate::transport::ws::{self, Ws};

/// With more than this waiting to go out, a connection is congested: its calls wait, and nothing is read from it.
const HIGH: usize = 256 << 10;

/// With no more than this, it no longer is.
const LOW: usize = 64 << 10;

/// What messages of the engine's own (automatic answers) may add to a congested connection before they are dropped.
const HARD: usize = HIGH + (1 << 20);

/// Reads in a row that may come to no message before others get their turn.
const READS: usize = 16;

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its handshake of TCP goes on.
    Connecting,
    /// Those of TLS and WebSocket go on.
    Securing,
    /// It carries messages.
    Up,
    /// It only sends what is left.
    Closing,
}

/// What a step came to.
#[derive(Debug)]
pub(super) enum Step {
    /// A message; see [`Connection::text`].
    Message,
    /// A message of so many bytes was left out.
    TooLong(usize),
    /// It carries messages from now on.
    CameUp,
    /// There may be more; others, and what was caused so far, come first.
    More,
    /// Nothing more before the socket has news.
    Blocked,
    /// It is over, and why, in words if that is to be said.
    Over(Lost, Option<String>),
}

/// What a connection is under its messages.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// TLS.
    pub session: Option<Box<rustls::Connection>>,
    /// WebSocket.
    pub ws: Option<Box<Ws>>,
}

impl Layers {
    fn any(&self) -> bool {
        self.session.is_some() || self.ws.is_some()
    }
}

#[derive(Debug)]
pub(super) struct Connection {
    socket: Socket,
    peer: SocketAddr,
    stage: Stage,
    layers: Layers,
    framer: Framer,
    /// The message that the last step gave.
    current: std::ops::Range<usize>,
    /// It gave messages whose answers may still have to go out.
    has_spoken: bool,
    out: Outbox,
    is_congested: bool,
    write_failed: Option<io::Error>,
}

/// Bytes that wait to go out.
#[derive(Debug, Default)]
struct Outbox {
    bytes: Vec<u8>,
    gone: usize,
}

impl Outbox {
    fn pending(&self) -> &[u8] {
        self.bytes.get(self.gone..).unwrap_or_default()
    }

    fn consume(&mut self, count: usize) {
        self.gone += count;
        if self.gone >= self.bytes.len() {
            self.gone = 0;
            self.bytes.clear();
            if self.bytes.capacity() > LOW {
                self.bytes = Vec::new();
            }
        } else if self.gone > HIGH {
            self.bytes.drain(..self.gone);
            self.gone = 0;
        }
    }
}

impl Connection {
    /// A connection whose socket is being connected, or was accepted.
    pub fn new(socket: Socket, peer: SocketAddr, stage: Stage, layers: Layers) -> Connection {
        let stage = match stage {
            Stage::Up if layers.any() => Stage::Securing,
            stage => stage,
        };
        Connection {
            socket,
            peer,
            stage,
            layers,
            framer: Framer::default(),
            current: 0..0,
            has_spoken: false,
            out: Outbox::default(),
            is_congested: false,
            write_failed: None,
        }
    }

    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    pub fn stage(&self) -> Stage {
        self.stage
    }

    pub fn local_port(&self) -> u16 {
        let local = self.socket.local_addr().ok().and_then(|local| local.as_socket());
        local.map_or(0, |local| local.port())
    }

    /// The message that the last step gave.
    pub fn text(&self) -> &[u8] {
        match &self.layers.ws {
            Some(ws) => ws.text(),
            None => self.framer.text(self.current.clone()),
        }
    }

    /// Takes a message to send. False: there is no room, it is dropped.
    pub fn enqueue(&mut self, message: &[u8]) -> bool {
        if self.out.pending().len() + message.len() > HARD {
            return false;
        }
        match &mut self.layers.ws {
            Some(ws) => ws.send(message, &mut self.out.bytes),
            None => self.out.bytes.extend_from_slice(message),
        }
        true
    }

    /// Bytes of the framed stream that wait to go out; for a connection that replaces another one.
    pub fn has_pending(&self) -> bool {
        !self.out.pending().is_empty()
    }

    /// Whether it has just become congested.
    pub fn became_congested(&mut self) -> bool {
        let became = !self.is_congested && self.out.pending().len() > HIGH;
        self.is_congested |= became;
        became
    }

    /// Whether it no longer is congested, since now.
    pub fn got_room(&mut self) -> bool {
        let got = self.is_congested && self.out.pending().len() <= LOW;
        self.is_congested &= !got;
        got
    }

    /// Whether [`Connection::got_room`] has something to tell.
    pub fn got_room_to_tell(&self) -> bool {
        self.is_congested && self.out.pending().len() <= LOW
    }

    /// Goes on as far as one result.
    pub fn step(&mut self, scratch: &mut [u8]) -> Step {
        match self.stage {
            Stage::Connecting => match tcp::connected(&self.socket) {
                Ok(None) => Step::Blocked,
                Ok(Some(())) if self.layers.any() => {
                    self.stage = Stage::Securing;
                    self.secure(scratch)
                }
                Ok(Some(())) => self.come_up(),
                Err(error) => {
                    let lost = match error.kind() {
                        // It came up, and was reset before we looked.
                        io::ErrorKind::ConnectionReset if self.layers.any() => Lost::Unsecured,
                        io::ErrorKind::ConnectionReset => Lost::Broken,
                        _ => Lost::Refused,
                    };
                    Step::Over(lost, Some(errno::text(&error)))
                }
            },
            Stage::Securing => self.secure(scratch),
            Stage::Up => self.receive(scratch),
            Stage::Closing => self.drain(scratch),
        }
    }

    fn come_up(&mut self) -> Step {
        self.stage = Stage::Up;
        self.flush();
        Step::CameUp
    }

    /// The handshakes of TLS and WebSocket, one after the other.
    fn secure(&mut self, scratch: &mut [u8]) -> Step {
        loop {
            self.flush();
            let shaking = self.layers.session.as_ref().is_some_and(|session| session.is_handshaking());
            let upgrading = !shaking && self.layers.ws.as_ref().is_some_and(|ws| !ws.is_open());
            if !shaking && !upgrading {
                return self.come_up();
            }
            let unsecured = |text: String| Step::Over(Lost::Unsecured, Some(text));
            if upgrading && let Some(ws) = &mut self.layers.ws {
                match ws.shake_hands(&mut self.out.bytes) {
                    Ok(true) => continue,
                    Ok(false) => self.flush(),
                    Err(text) => {
                        self.flush();
                        return unsecured(text);
                    }
                }
            }
            match self.read(scratch) {
                Ok(0) => return unsecured("the peer closed the connection during the handshake".to_owned()),
                Ok(count) => self.feed(scratch.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // A handshake may have ended with what was written.
                    let still = self.layers.session.as_ref().is_some_and(|session| session.is_handshaking());
                    if still || upgrading {
                        return Step::Blocked;
                    }
                }
                Err(error) => {
                    // The peer is told by an alert.
                    self.flush();
                    return unsecured(errno::text(&error));
                }
            }
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        match &mut self.layers.ws {
            Some(ws) => ws.feed(bytes),
            None => self.framer.push(bytes),
        }
    }

    fn receive(&mut self, scratch: &mut [u8]) -> Step {
        for _ in 0..READS {
            match self.next_message() {
                Ok(Some(step)) => return step,
                Ok(None) => {}
                Err(text) => return Step::Over(Lost::Broken, Some(text)),
            }
            // What answers pings counts, too.
            let takes_no_more = self.is_congested || self.out.pending().len() > HIGH;
            if takes_no_more && self.write_failed.is_none() {
                return Step::Blocked;
            }
            match self.read(scratch) {
                // A peer that only says that it will send no more is answered what it has asked.
                Ok(0) if std::mem::take(&mut self.has_spoken) => return Step::More,
                Ok(0) => return Step::Over(Lost::Closed, None),
                Ok(count) => self.feed(scratch.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return match self.write_failed.take() {
                        None => Step::Blocked,
                        Some(error) => Step::Over(Lost::Broken, Some(errno::text(&error))),
                    };
                }
                Err(error) => return Step::Over(Lost::Broken, Some(errno::text(&error))),
            }
        }
        Step::More
    }

    fn next_message(&mut self) -> Result<Option<Step>, String> {
        let step = if let Some(ws) = &mut self.layers.ws {
            let found = ws.next_message(&mut self.out.bytes)?;
            self.flush();
            match found {
                ws::Found::Message => Some(Step::Message),
                ws::Found::Nothing => None,
                ws::Found::Goodbye => Some(Step::Over(Lost::Closed, None)),
            }
        } else {
            match self.framer.next_frame().map_err(|error| error.to_string())? {
                Frame::Message(at) => {
                    self.current = at;
                    Some(Step::Message)
                }
                Frame::TooLong(bytes) => Some(Step::TooLong(bytes)),
                Frame::Incomplete => None,
            }
        };
        self.has_spoken |= matches!(step, Some(Step::Message));
        Ok(step)
    }

    /// Sends what is left, and ends when all is gone. What comes meanwhile concerns nobody.
    fn drain(&mut self, scratch: &mut [u8]) -> Step {
        self.flush();
        let is_done = !self.has_pending() && !self.wants_write();
        if is_done || self.write_failed.is_some() {
            let _ = self.socket.shutdown(Shutdown::Write);
            return Step::Over(Lost::Closed, None);
        }
        match self.read(scratch) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Step::Blocked,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Step::More,
            Ok(0) | Err(_) => Step::Over(Lost::Closed, None),
            Ok(_) => Step::More,
        }
    }

    fn wants_write(&self) -> bool {
        self.layers.session.as_ref().is_some_and(|session| session.wants_write())
    }

    /// From now on it only sends what is left.
    pub fn begin_to_close(&mut self) {
        if let Some(ws) = &mut self.layers.ws {
            ws.close(&mut self.out.bytes);
        }
        self.flush();
        if let Some(session) = &mut self.layers.session
            && self.out.pending().is_empty()
        {
            session.send_close_notify();
        }
        self.stage = Stage::Closing;
    }

    /// Plaintext: `WouldBlock` when none is there, `Interrupted` when some may follow, 0 at the end.
    fn read(&mut self, scratch: &mut [u8]) -> io::Result<usize> {
        let Some(session) = &mut self.layers.session else {
            return uninterrupted(|| (&self.socket).read(scratch));
        };
        if !session.is_handshaking() {
            match session.reader().read(scratch) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                outcome => return outcome,
            }
        }
        if uninterrupted(|| session.read_tls(&mut &self.socket))? == 0 {
            return Ok(0);
        }
        let shook = session.is_handshaking();
        session.process_new_packets().map_err(io::Error::other)?;
        while session.wants_write() {
            match session.write_tls(&mut &self.socket) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        // The caller learns that the handshake is done before there is anything to read.
        let is_done = shook && !session.is_handshaking();
        Err(if is_done { io::ErrorKind::WouldBlock } else { io::ErrorKind::Interrupted }.into())
    }

    /// Writes what waits, as far as it goes. An error is told by the next step, after what was received before it.
    pub fn flush(&mut self) {
        if self.stage == Stage::Connecting || self.write_failed.is_some() {
            return;
        }
        let outcome = match &mut self.layers.session {
            None => write_plain(&self.socket, &mut self.out),
            Some(session) => write_secured(&self.socket, session, &mut self.out),
        };
        match outcome {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => self.write_failed = Some(error),
            _ => {}
        }
    }

    /// Whether writing has failed, which the next step tells.
    pub fn has_failed(&self) -> bool {
        self.write_failed.is_some()
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn write_plain(mut socket: &Socket, out: &mut Outbox) -> io::Result<()> {
    while !out.pending().is_empty() {
        let count = uninterrupted(|| socket.write(out.pending()))?;
        out.consume(count);
    }
    Ok(())
}

fn write_secured(mut socket: &Socket, session: &mut rustls::Connection, out: &mut Outbox) -> io::Result<()> {
    loop {
        while session.wants_write() {
            uninterrupted(|| session.write_tls(&mut socket))?;
        }
        if out.pending().is_empty() || session.is_handshaking() {
            return Ok(());
        }
        let count = session.writer().write(out.pending())?;
        if count == 0 {
            return Ok(());
        }
        out.consume(count);
    }
}

fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
