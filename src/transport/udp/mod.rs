//! One bound UDP socket that receives and sends datagrams in batches.
//!
//! Spec: transport.md §9, §11, §13. In: a [`Binding`], datagrams to send. Out: datagrams in [`Received`], the fate of
//! those that could not be sent. Must not look into a datagram, wait, or allocate once a batch is warm.
//!
//! Receiving is `recvmmsg` through `nix`, sending `sendmmsg` through `rustix`: `nix` tells how many datagrams went
//! out only through addresses that it never initialised, `rustix` has no `recvmmsg`, and `quinn-udp` sends
//! datagrams of different peers one by one.

mod binding;
mod drops;
mod received;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, SocketAddr};

use rustix::net::addr::SocketAddrArg;
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, sendmmsg};
use smallvec::SmallVec;
use tokio::io::Interest;

pub use binding::{BindError, Binding, Buffers, Port, Purpose};
pub use received::Received;

/// Most datagrams of one system call.
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

    /// Replaces the content of `batch` with at most [`BATCH`] datagrams and says how many. 0: none is there, or none
    /// that the runtime has noticed; wait for [`readable`](Self::readable). A busy socket stays readable after a batch,
    /// so a busy loop saves the look at the runtime's events; it must look at its own clock instead of trusting the
    /// runtime's timers.
    ///
    /// # Errors
    /// A receive error of the system; the socket stays usable.
    pub fn receive(&self, batch: &mut Received) -> io::Result<usize> {
        batch.clear();
        match self.io.try_io(Interest::READABLE, || batch.fill(&self.io, self.local.is_ipv6())) {
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
        match batch.fill(&self.io, self.local.is_ipv6()) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(batch.len()),
        }
    }

    /// Sends `queue` in order. A datagram that cannot be sent is given to `failed` with its position and does not hold
    /// up the others. Returns how many of `queue` are dealt with, sent or failed; when these are not all, the
    /// rest is to be offered again after [`writable`](Self::writable).
    pub fn send<'d>(
        &self,
        queue: impl IntoIterator<Item = (SocketAddr, &'d [u8])>,
        mut failed: impl FnMut(usize, io::Error),
    ) -> usize {
        let mut queue = queue.into_iter();
        let mut done = 0;
        loop {
            let mut peers = SmallVec::<[SocketAddrAny; BATCH]>::new();
            let mut payloads = SmallVec::<[[io::IoSlice<'d>; 1]; BATCH]>::new();
            for (to, bytes) in queue.by_ref().take(BATCH) {
                peers.push(self.in_own_family(to).as_any());
                payloads.push([io::IoSlice::new(bytes)]);
            }
            let dealt_with = self.send_batch(&peers, &payloads, |at, error| failed(done + at, error));
            done += dealt_with;
            if dealt_with < BATCH {
                return done;
            }
        }
    }

    /// Sends at most [`BATCH`] datagrams; returns how many were sent or failed.
    fn send_batch(
        &self,
        peers: &[SocketAddrAny],
        payloads: &[[io::IoSlice<'_>; 1]],
        failed: impl FnMut(usize, io::Error),
    ) -> usize {
        let mut controls: SmallVec<[SendAncillaryBuffer<'_, '_, '_>; BATCH]> =
            peers.iter().map(|_| SendAncillaryBuffer::default()).collect();
        let mut headers: SmallVec<[MMsgHdr<'_>; BATCH]> = peers
            .iter()
            .zip(payloads)
            .zip(&mut controls)
            .map(|((peer, payload), control)| MMsgHdr::new_with_addr(peer, payload, control))
            .collect();
        send_in_order(
            headers.len(),
            |from| headers.get_mut(from..).map_or(Ok(0), |rest| self.send_now(rest)),
            failed,
        )
    }

    fn send_now(&self, headers: &mut [MMsgHdr<'_>]) -> io::Result<usize> {
        match send_uninterrupted(&self.io, headers) {
            // Tried without asking the runtime, which has not seen a new socket writable yet. Asked now, it starts to
            // watch, unless the socket has become writable in between.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.io.try_io(Interest::WRITABLE, || send_uninterrupted(&self.io, headers))
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

/// Has `send` send the datagrams from a position on until all `count` are dealt with or it would block; returns how many
/// were sent or failed. The system stops at a datagram that fails, and tells its error only when it is the first one.
fn send_in_order(
    count: usize,
    mut send: impl FnMut(usize) -> io::Result<usize>,
    mut failed: impl FnMut(usize, io::Error),
) -> usize {
    let mut done = 0;
    while done < count {
        match send(done) {
            // Never 0 of more than none; taken for one, it cannot turn this into an endless loop.
            Ok(sent) => done += sent.max(1),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => {
                failed(done, error);
                done += 1;
            }
        }
    }
    done
}

fn send_uninterrupted(io: &tokio::net::UdpSocket, headers: &mut [MMsgHdr<'_>]) -> io::Result<usize> {
    loop {
        match sendmmsg(io, headers, SendFlags::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            outcome => return outcome.map_err(io::Error::from),
        }
    }
}
