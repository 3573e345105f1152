//! A batch of received datagrams and the memory they land in.
//!
//! Spec: transport.md §9, §13 (nothing is ever cut). In: a socket with datagrams waiting. Out: them, in order, with
//! their senders. Must not allocate after it was made.

use std::array;
use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, SockaddrIn6, SockaddrLike, recvmmsg};

use super::BATCH;

/// Room for the longest datagram there is, of either family.
const LARGEST: usize = 65_535;

/// From one buffer to the next. Not a power of two: the first kilobytes of all buffers, which is all that SIP messages
/// touch, would then compete for the same few lines of the cache.
const STRIDE: usize = LARGEST + 1 + 512;

/// Up to [`BATCH`] datagrams. Make one and reuse it; 4 MiB are reserved, and only what arrives is ever touched.
pub struct Received {
    bytes: Vec<u8>,
    // One set a family: the system shortens the room for a sender's address to what it wrote last.
    v4: MultiHeaders<SockaddrIn>,
    v6: MultiHeaders<SockaddrIn6>,
    arrived: Vec<Arrived>,
}

#[derive(Clone, Copy)]
struct Arrived {
    from: SocketAddr,
    len: usize,
}

impl Received {
    /// An empty batch.
    pub fn new() -> Self {
        Received {
            bytes: vec![0; BATCH * STRIDE],
            v4: MultiHeaders::preallocate(BATCH, None),
            v6: MultiHeaders::preallocate(BATCH, None),
            arrived: Vec::with_capacity(BATCH),
        }
    }

    /// How many datagrams the last [`receive`](super::Socket::receive) got.
    pub fn len(&self) -> usize {
        self.arrived.len()
    }

    /// Whether the last [`receive`](super::Socket::receive) got none.
    pub fn is_empty(&self) -> bool {
        self.arrived.is_empty()
    }

    /// The datagrams in order of arrival: sender and content, which may be empty. On a dual-stack socket an IPv4 sender
    /// has a mapped IPv6 address.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (SocketAddr, &[u8])> {
        let buffers = self.bytes.chunks_exact(STRIDE);
        self.arrived
            .iter()
            .zip(buffers)
            .map(|(datagram, buffer)| (datagram.from, buffer.get(..datagram.len).unwrap_or_default()))
    }

    pub(super) fn clear(&mut self) {
        self.arrived.clear();
    }

    /// Takes what waits in the socket, at most [`BATCH`]; nothing there is the error `WouldBlock`.
    pub(super) fn fill(&mut self, socket: &impl AsRawFd, is_ipv6: bool) -> io::Result<()> {
        loop {
            self.clear();
            let Received { bytes, v4, v6, arrived } = self;
            let outcome = if is_ipv6 {
                fill_with::<_, SocketAddrV6>(v6, bytes, arrived, socket)
            } else {
                fill_with::<_, SocketAddrV4>(v4, bytes, arrived, socket)
            };
            match outcome {
                Err(Errno::EINTR) => {}
                outcome => return outcome.map_err(io::Error::from),
            }
        }
    }
}

/// One system call. `S` is the system's form of an address, `A` ours.
fn fill_with<S, A>(
    headers: &mut MultiHeaders<S>,
    bytes: &mut [u8],
    arrived: &mut Vec<Arrived>,
    socket: &impl AsRawFd,
) -> nix::Result<()>
where
    S: SockaddrLike + Copy,
    A: From<S> + Into<SocketAddr>,
{
    let mut buffers = bytes.chunks_exact_mut(STRIDE);
    let mut slices: [[IoSliceMut<'_>; 1]; BATCH] = array::from_fn(|_| {
        let buffer = buffers.next().and_then(|buffer| buffer.get_mut(..LARGEST));
        [IoSliceMut::new(buffer.unwrap_or_default())]
    });
    let messages = recvmmsg(socket.as_raw_fd(), headers, &mut slices, MsgFlags::MSG_DONTWAIT, None)?;
    arrived.extend(messages.map(|message| Arrived {
        from: message.address.map_or(NOBODY, |sender| A::from(sender).into()),
        len: message.bytes,
    }));
    Ok(())
}

/// The sender of a datagram without one, which an IP socket never has; keeps positions in the batch right.
const NOBODY: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));

impl Default for Received {
    fn default() -> Self {
        Received::new()
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(from, bytes)| (from, bytes.len()))).finish()
    }
}
