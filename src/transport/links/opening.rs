//! How links come into being: for a call, for a local address, by a peer that connects.
//! Spec: transport.md §6-§8, §13 (read errors: accept). In: destinations, a listener with news. Out: new slots. Must not read messages.

use std::io;
use std::net::SocketAddr;

use socket2::Socket;

use super::connection::{Connection, Stage};
use super::setup::{Setup, Side};
use super::{ACCEPT_AGAIN, Event, Kind, LISTENER, Links, Origin, Slot};
use crate::clock::Tick;
use crate::link::{Link, Transport};
use crate::transport::errno::{self, Errno};
use crate::transport::tcp;
use crate::transport::udp::{Binding, Port, Purpose};

impl Links {
    /// Opens a link for a call, or shares one when there are enough. `from`: the local address that the injection file names.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn open(&mut self, to: SocketAddr, from: Option<&[u8]>) -> Result<(Link, u16), String> {
        if let Some(from) = from {
            return self.open_address(from);
        }
        if self.of_calls.len() >= self.setup.most
            && let Some(shared) = self.share(to)
        {
            return Ok(shared);
        }
        let origin = Origin::Calls { count: 1, to };
        if self.setup.transport == Transport::Udp {
            let Setup { buffers, device, call_bind, .. } = &self.setup;
            let binding = Binding { buffers: *buffers, device: device.clone(), ..Binding::call(*call_bind) };
            let socket = binding.open().map_err(|error| error.to_string())?;
            let port = socket.local_addr().map_or(0, |local| local.port());
            let link = self.keep(Kind::Udp { socket }, origin, port).map_err(|error| error.to_string())?;
            self.of_calls.push(link.slot());
            return Ok((link, port));
        }
        let connection = self.connect(None, to).map_err(|error| {
            let error = Errno(&error).to_string();
            format!("Unable to connect a TCP/SCTP/TLS socket, {error} ({to})")
        })?;
        let port = connection.local_port();
        let kind = Kind::Stream(Box::new(connection));
        let link = self.keep(kind, origin, port).map_err(|error| error.to_string())?;
        self.of_calls.push(link.slot());
        Ok((link, port))
    }

    pub(super) fn connect(&self, from: Option<SocketAddr>, to: SocketAddr) -> io::Result<Connection> {
        let layers = self.setup.layers(Side::Client).map_err(io::Error::other)?;
        let from = from.or_else(|| self.setup.bind.map(|ip| SocketAddr::new(ip, 0)));
        let socket = tcp::connect(from, to, self.setup.buffers, self.setup.device.as_deref())?;
        Ok(Connection::new(socket, to, Stage::Connecting, layers))
    }

    /// One of the links of calls to the same destination, in turn (transport.md §7).
    fn share(&mut self, to: SocketAddr) -> Option<(Link, u16)> {
        let many = self.of_calls.len();
        for step in 0..many {
            let place = (self.turn + step) % many;
            let slot = self.of_calls.get(place).and_then(|at| self.slots.get_mut(*at as usize));
            let Some(slot) = slot else { continue };
            let is_closing =
                matches!(&slot.kind, Kind::Stream(connection) if connection.stage() == Stage::Closing);
            let any_destination = matches!(slot.kind, Kind::Udp { .. });
            if let Origin::Calls { count, to: its } = &mut slot.origin
                && (any_destination || *its == to)
                && !is_closing
            {
                *count += 1;
                self.turn = place + 1;
                return Some((slot.link, slot.port));
            }
        }
        None
    }

    /// The socket of a local address, on the main port (transport.md §8).
    fn open_address(&mut self, from: &[u8]) -> Result<(Link, u16), String> {
        let shown = String::from_utf8_lossy(from);
        let ip = crate::transport::address::resolve(shown.trim(), 0)
            .map_err(|_| format!("Unknown host '{shown}'.\nUse 'rsipp -h' for details"))?
            .ip();
        let port = self.setup.main.port();
        if ip == self.setup.main.ip() {
            return Ok((Link::MAIN, port));
        }
        if let Some((_, link)) = self.of_addresses.iter().find(|(known, _)| *known == ip) {
            return Ok((*link, port));
        }
        let Setup { buffers, device, .. } = &self.setup;
        let (port_of_all, device) = (Port::Exactly(port), device.clone());
        let binding =
            Binding { buffers: *buffers, device, purpose: Purpose::Call, ..Binding::main(ip, port_of_all) };
        let link = self.add_socket(&binding).map_err(|error| format!("{error} ({ip})"))?;
        self.of_addresses.push((ip, link));
        Ok((link, port))
    }

    pub(super) fn keep(&mut self, kind: Kind, origin: Origin, port: u16) -> io::Result<Link> {
        let vacant = self.slots.vacant_entry();
        let at = vacant.key();
        if self.generations.len() <= at {
            self.generations.resize(at + 1, 0);
        }
        let transport = match kind {
            Kind::Udp { .. } => Transport::Udp,
            Kind::Stream(_) | Kind::Persistent(_) => self.setup.transport,
        };
        let link = Link::new(at as u32, self.generations.get(at).copied().unwrap_or(0), transport);
        match &kind {
            Kind::Udp { socket } => self.poller.watch(socket, link.number())?,
            Kind::Stream(connection) => self.poller.watch(&**connection, link.number())?,
            Kind::Persistent(_) => {}
        }
        vacant.insert(Slot { link, kind, origin, port, is_ready: false, is_dirty: false, deadline: None });
        Ok(link)
    }

    /// Accepts all that wait.
    pub(super) fn accept(&mut self, now: Tick) {
        loop {
            let Some(listener) = &self.listener else { return };
            match tcp::accept(listener) {
                Ok((socket, peer)) => self.welcome(socket, peer, now),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error)
                    if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM)) =>
                {
                    let text = format!("Unable to accept on a TCP socket: {}", errno::text(&error));
                    self.told.push_back(Event::Warning(text));
                    self.deadlines.insert((now + ACCEPT_AGAIN, LISTENER));
                    return;
                }
                // That one has gone already.
                Err(_) => {}
            }
        }
    }

    fn welcome(&mut self, socket: Socket, peer: SocketAddr, now: Tick) {
        let Ok(layers) = self.setup.layers(Side::Server) else { return };
        let connection = Connection::new(socket, peer, Stage::Up, layers);
        let is_securing = connection.stage() == Stage::Securing;
        let port = self.setup.main.port();
        if let Ok(link) = self.keep(Kind::Stream(Box::new(connection)), Origin::Peer, port)
            && is_securing
        {
            self.set_deadline(link.slot(), now + self.setup.patience);
        }
    }
}
