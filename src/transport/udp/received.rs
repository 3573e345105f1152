//! A batch of received datagrams and the memory they land in.
//!
//! Spec: transport.md §9, §13 (nothing is ever cut). In: a socket with datagrams waiting. Out: them, in order, with
//! their senders. Must not allocate once it has held the largest batch.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::AsFd;

use super::BATCH;
use super::system::{self, Arrival, Slots};

/// Room for the longest datagram there is, of either family, and for the most that the system joins.
const LARGEST: usize = 65_535;

/// From one buffer to the next. Not a power of two: the first kilobytes of all buffers, which is all that SIP messages
/// touch, would then compete for the same few lines of the cache.
const STRIDE: usize = LARGEST + 1 + 512;

/// What one system call gives: up to [`BATCH`] buffers, each with a datagram or several that the system joined. Make one and reuse
/// it; 4 MiB are reserved, and only what arrives is ever touched.
pub struct Received {
    bytes: Vec<u8>,
    slots: Slots,
    datagrams: Vec<Datagram>,
    is_full: bool,
}

#[derive(Clone, Copy)]
struct Datagram {
    from: SocketAddr,
    at: usize,
    len: usize,
}

impl Received {
    /// An empty batch.
    pub fn new() -> Self {
        Received {
            bytes: vec![0; BATCH * STRIDE],
            slots: Slots::default(),
            datagrams: Vec::with_capacity(BATCH),
            is_full: false,
        }
    }

    /// How many datagrams the last [`receive`](super::Socket::receive) got.
    pub fn len(&self) -> usize {
        self.datagrams.len()
    }

    /// Whether the last [`receive`](super::Socket::receive) got none.
    pub fn is_empty(&self) -> bool {
        self.datagrams.is_empty()
    }

    /// Whether more may wait in the socket.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// The datagrams in order of arrival: sender and content, which may be empty. On a dual-stack socket an IPv4 sender
    /// has a mapped IPv6 address.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (SocketAddr, &[u8])> {
        let bytes = |datagram: &Datagram| self.bytes.get(datagram.at..datagram.at + datagram.len);
        self.datagrams.iter().map(move |datagram| (datagram.from, bytes(datagram).unwrap_or_default()))
    }

    pub(super) fn clear(&mut self) {
        self.datagrams.clear();
        self.is_full = false;
    }

    /// Takes what waits in the socket, at most [`BATCH`] buffers; nothing there is the error `WouldBlock`.
    pub(super) fn fill(&mut self, socket: &impl AsFd) -> io::Result<()> {
        loop {
            self.clear();
            let Received { bytes, slots, datagrams, .. } = self;
            let buffers = bytes.chunks_exact_mut(STRIDE).filter_map(|buffer| buffer.get_mut(..LARGEST));
            let mut used = 0;
            let outcome = system::receive(socket.as_fd(), slots, buffers, |arrival| {
                datagrams.extend(apart(used * STRIDE, arrival));
                used += 1;
            });
            self.is_full = used == BATCH;
            match outcome {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
    }
}

/// The datagrams of a buffer that begins at `start`.
fn apart(start: usize, arrival: Arrival) -> impl Iterator<Item = Datagram> {
    let Arrival { from, len, size } = arrival;
    let from = from.unwrap_or(NOBODY);
    let size = size.filter(|size| *size > 0).unwrap_or(len);
    let count = if size == 0 { 1 } else { len.div_ceil(size) };
    (0..count).map(move |number| {
        let at = number * size;
        Datagram { from, at: start + at, len: size.min(len - at) }
    })
}

/// The sender of a datagram without one, which an IP socket never has.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(len: usize, size: Option<usize>) -> Vec<(usize, usize)> {
        let arrival = Arrival { from: None, len, size };
        apart(1_000, arrival).map(|datagram| (datagram.at - 1_000, datagram.len)).collect()
    }

    /// transport.md §13: nothing is cut, and an empty datagram is one, too.
    #[test]
    fn joined_datagrams_are_told_apart_by_their_size_and_the_last_may_be_shorter() {
        assert_eq!(lengths(0, None), [(0, 0)]);
        assert_eq!(lengths(500, None), [(0, 500)]);
        assert_eq!(lengths(500, Some(500)), [(0, 500)]);
        assert_eq!(lengths(900, Some(300)), [(0, 300), (300, 300), (600, 300)]);
        assert_eq!(lengths(700, Some(300)), [(0, 300), (300, 300), (600, 100)]);
        assert_eq!(lengths(700, Some(0)), [(0, 700)]);
    }
}
