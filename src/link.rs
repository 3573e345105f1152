//! Names for the ways a message can take: the main socket, one of many sockets, a connection.
//! Spec: design.md (sans-IO). `transport` makes and resolves the names, the engine only compares them. Must not hold a socket.

use std::net::SocketAddr;

/// What carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Transport {
    /// Datagrams.
    #[default]
    Udp,
    /// A stream.
    Tcp,
    /// A stream under TLS.
    Tls,
    /// A WebSocket (RFC 7118).
    Ws,
    /// A WebSocket under TLS.
    Wss,
}

impl Transport {
    /// `[transport]`, and the name in traces and warnings.
    pub const fn name(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
            Transport::Ws => "WS",
            Transport::Wss => "WSS",
        }
    }

    /// Whether it delivers what was sent, or says that it cannot: nothing is sent again, repeats are not looked for.
    pub const fn is_reliable(self) -> bool {
        !matches!(self, Transport::Udp)
    }

    /// Whether TLS is under it.
    pub const fn is_secure(self) -> bool {
        matches!(self, Transport::Tls | Transport::Wss)
    }
}

/// Names a socket or connection: slot and generation, so that a late message never goes to the next one in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    slot: u32,
    generation: u32,
    transport: Transport,
}

impl Link {
    /// The main UDP socket, which is always there.
    pub const MAIN: Link = Link { slot: u32::MAX, generation: 0, transport: Transport::Udp };

    /// Only who keeps the slots makes names.
    pub fn new(slot: u32, generation: u32, transport: Transport) -> Link {
        Link { slot, generation, transport }
    }

    /// Where it is kept.
    pub fn slot(self) -> u32 {
        self.slot
    }

    /// Slot and generation in one number.
    pub fn number(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.slot)
    }

    /// What carries its messages.
    pub fn transport(self) -> Transport {
        self.transport
    }

    /// Whether it can be lost: all but the main socket.
    pub fn can_end(self) -> bool {
        self.slot != u32::MAX
    }
}

/// Where a message came from, or where one goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Over what.
    pub link: Link,
    /// The other end; a connection has only one.
    pub peer: SocketAddr,
}

impl Way {
    /// By the main socket.
    pub fn main(peer: SocketAddr) -> Way {
        Way { link: Link::MAIN, peer }
    }
}
