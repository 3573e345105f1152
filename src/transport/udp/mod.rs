//! One bound UDP socket that receives and sends datagrams in batches.
//!
//! Spec: transport.md §9, §11, §13. In: a [`Binding`], datagrams to send. Out: datagrams in [`Received`], the fate of
//! those that could not be sent. Must not look into a datagram, wait, or allocate once a batch is warm.
//!
//! `system` makes the system calls, `grouping` decides which datagrams cross the system together, `received` and `sending` keep the
//! state of a batch on its way in and out.

mod binding;
mod dealing;
mod drops;
mod grouping;
mod received;
mod sending;
mod system;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;

use tokio::io::Interest;

pub use binding::{BindError, Binding, Buffers, Port, Purpose};
pub use grouping::Datagram;
pub use received::Received;
pub use sending::Outgoing;

/// Most buffers of one system call.
pub const BATCH: usize = 64;

/// A bound, non-blocking UDP socket, watched by the runtime that was current when it was bound.
#[derive(Debug)]
pub struct Socket {
    io: tokio::net::UdpSocket,
    local: SocketAddr,
}

impl Socket {
    /// Opens, sets up and binds a socket. Must be called inside a tokio runtime with I/O enabled.
    ///
    /// # Errors
    /// What failed, with SIPp's sentence; see [`BindError::is_address_in_use`].
    pub fn bind(at: &Binding) -> Result<Socket, BindError> {
        let bound = at.open()?;
        let local = bound.local_addr().map_err(BindError::Watch)?;
        let io = tokio::net::UdpSocket::from_std(bound).map_err(BindError::Watch)?;
        Ok(Socket { io, local })
    }

    /// Where it is bound; the port is the real one also when the system chose it.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Lets further sockets join ours on its port ([`Binding::joins`]). Nobody else can: the port was ours alone when it was bound.
    ///
    /// # Errors
    /// The system's.
    pub fn share_port(&self) -> io::Result<()> {
        socket2::SockRef::from(&self.io).set_reuse_port(true)
    }

    /// Deals what arrives at the port out among our sockets there, by source port; to be called when all have joined.
    pub fn deal_by_source_port(&self, sockets: u32) {
        dealing::by_source_port(&self.io, sockets);
    }

    /// How many datagrams the system has thrown away because the receive buffer was full; None where it does not tell.
    pub fn drops(&self) -> Option<u64> {
        drops::of(&self.io)
    }

    /// Waits until a datagram may be there. Dropping the future loses nothing.
    ///
    /// # Errors
    /// Only when the runtime is shutting down.
    pub async fn readable(&self) -> io::Result<()> {
        self.io.readable().await
    }

    /// Waits until a datagram may be sent again. Dropping the future loses nothing.
    ///
    /// # Errors
    /// Only when the runtime is shutting down.
    pub async fn writable(&self) -> io::Result<()> {
        self.io.writable().await
    }

    /// Replaces the content of `batch` with what one system call gives and says how many datagrams that are. 0: none is there, or none
    /// that the runtime has noticed; wait for [`readable`](Self::readable). A busy socket stays readable after a batch,
    /// so a busy loop saves the look at the runtime's events; it must look at its own clock instead of trusting the
    /// runtime's timers.
    ///
    /// # Errors
    /// A receive error of the system; the socket stays usable.
    pub fn receive(&self, batch: &mut Received) -> io::Result<usize> {
        batch.clear();
        match self.io.try_io(Interest::READABLE, || batch.fill(&self.io)) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(batch.len()),
        }
    }

    /// As [`receive`](Self::receive), but asks the system at once, whatever the runtime has noticed: for a caller that does not
    /// wait for [`readable`](Self::readable).
    ///
    /// # Errors
    /// A receive error of the system; the socket stays usable.
    pub fn receive_unannounced(&self, batch: &mut Received) -> io::Result<usize> {
        match batch.fill(&self.io) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(batch.len()),
        }
    }

    /// From now on datagrams of one size that arrive together from one peer cross the system as one, at a fraction of the cost.
    pub fn join_arrivals(&self) {
        // A system that cannot gives them one by one, as before.
        let _ = system::join_arrivals(self.io.as_fd());
    }

    /// Sends what is left of `outgoing`; `bytes` gives a datagram by its position. What cannot be sent is given to `failed`, with its
    /// position, and does not hold up the rest. False when the socket takes no more: to be called again after
    /// [`writable`](Self::writable).
    pub fn send<'d>(
        &self,
        outgoing: &mut Outgoing,
        bytes: impl Fn(usize) -> &'d [u8],
        mut failed: impl FnMut(usize, io::Error),
    ) -> bool {
        outgoing.send(|to| self.in_own_family(to), bytes, |parcels| self.send_now(parcels), &mut failed)
    }

    fn send_now(&self, parcels: &[system::Parcel<'_>]) -> io::Result<usize> {
        match send_uninterrupted(&self.io, parcels) {
            // Tried without asking the runtime, which has not seen a new socket writable yet. Asked now, it starts to
            // watch, unless the socket has become writable in between.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.io.try_io(Interest::WRITABLE, || send_uninterrupted(&self.io, parcels))
            }
            outcome => outcome,
        }
    }

    /// A dual-stack socket reaches IPv4 peers by their mapped addresses.
    fn in_own_family(&self, to: SocketAddr) -> SocketAddr {
        match (self.local.ip(), to.ip()) {
            (IpAddr::V6(_), IpAddr::V4(peer)) => SocketAddr::new(peer.to_ipv6_mapped().into(), to.port()),
            _ => to,
        }
    }
}

fn send_uninterrupted(io: &tokio::net::UdpSocket, parcels: &[system::Parcel<'_>]) -> io::Result<usize> {
    loop {
        match system::send(io.as_fd(), parcels) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
