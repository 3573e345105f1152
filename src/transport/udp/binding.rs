//! Where and how a UDP socket binds: address, port or port search, buffers, device.
//!
//! Spec: transport.md §5, §6, §9. In: a [`Binding`]. Out: a bound, non-blocking socket that programs we start do not
//! inherit (cli.md §10.5), or a [`BindError`] with SIPp's sentence.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;

use rustix::net::sockopt::set_socket_recv_buffer_size_force;
use socket2::{Domain, Protocol, SockAddr, Type};

use crate::transport::errno::{Errno, is_address_in_use};

/// The ports tried in turn when none is given (transport.md §6).
const SEARCHED: RangeInclusive<u16> = 5060..=5119;

/// Asked for by default; the system gives what its limits allow. 16 MiB hold a burst of some 10,000 messages.
const GENEROUS: usize = 16 << 20;

/// All that decides where a socket is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The wildcard or a local address. Fixes the family; `::` takes IPv4 too.
    pub ip: IpAddr,
    /// The port or how to find one.
    pub port: Port,
    /// Socket buffers.
    pub buffers: Buffers,
    /// `-bind_to_device`.
    pub device: Option<String>,
    /// Whether another socket of ours has the port already, and what arrives there is dealt out among them.
    pub joins: bool,
    /// What the socket is called in errors.
    pub purpose: Purpose,
}

impl Binding {
    /// The main socket, with everything else at its default.
    pub fn main(ip: IpAddr, port: Port) -> Self {
        Binding { ip, port, buffers: Buffers::Largest, device: None, joins: false, purpose: Purpose::Main }
    }

    /// The socket of one call (`un`), on a port of its own.
    pub fn call(ip: IpAddr) -> Self {
        Binding { purpose: Purpose::Call, ..Binding::main(ip, Port::Any) }
    }

    /// Opens and binds; the socket is non-blocking and watched by nobody.
    ///
    /// # Errors
    /// What failed, with SIPp's sentence.
    pub fn open(&self) -> Result<UdpSocket, BindError> {
        let domain = Domain::for_address(SocketAddr::new(self.ip, 0));
        // Close-on-exec, as all sockets of `socket2`.
        let socket =
            socket2::Socket::new(domain, Type::DGRAM, Some(Protocol::UDP)).map_err(BindError::Open)?;
        socket.set_nonblocking(true).map_err(BindError::Watch)?;
        self.buffers.request(&socket);
        if let Some(device) = &self.device {
            socket.bind_device(Some(device.as_bytes())).map_err(BindError::Device)?;
        }
        socket.set_reuse_port(self.joins).map_err(BindError::Watch)?;
        self.take_port(&socket).map_err(|error| BindError::Bind { purpose: self.purpose, error })?;
        Ok(socket.into())
    }

    fn take_port(&self, socket: &socket2::Socket) -> io::Result<()> {
        self.port.take(|port| socket.bind(&SockAddr::from(SocketAddr::new(self.ip, port))))
    }
}

/// Which port to bind to (transport.md §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// No `-p`: the first free one of 5060 to 5119, else any.
    FirstFree,
    /// `-p`: this one or none. 0 is [`Port::Any`].
    Exactly(u16),
    /// Whatever the system chooses.
    Any,
}

impl Port {
    /// The ports to try in turn, each by itself: for sockets of two kinds on one port.
    pub fn candidates(self) -> impl Iterator<Item = Port> {
        /// A port that the system chooses for one kind may be taken for the other.
        const TRIES: usize = 16;
        let searched = SEARCHED.filter(move |_| self == Port::FirstFree).map(Port::Exactly);
        let (last, tries) = match self {
            Port::FirstFree => (Port::Any, TRIES),
            Port::Exactly(0) | Port::Any => (Port::Any, TRIES),
            Port::Exactly(_) => (self, 1),
        };
        searched.chain(std::iter::repeat_n(last, tries))
    }

    pub(crate) fn take(self, bind: impl Fn(u16) -> io::Result<()>) -> io::Result<()> {
        match self {
            Port::Exactly(port) => bind(port),
            Port::Any => bind(0),
            // Any failure moves on, not only a taken port (transport.md §6).
            Port::FirstFree => {
                if SEARCHED.into_iter().any(|port| bind(port).is_ok()) {
                    Ok(())
                } else {
                    bind(0)
                }
            }
        }
    }
}

/// Socket buffers, in bytes (transport.md §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buffers {
    /// As large a receive buffer as the system allows, so that a burst is not lost; the system's send buffer.
    Largest,
    /// `-buff_size`: this for both. The system clamps it, and Linux doubles it.
    Exactly(usize),
}

impl Buffers {
    /// Of a connection: only a given size, for the system knows best how large a stream's buffers should be.
    pub(crate) fn request_both(self, socket: &socket2::Socket) {
        if let Buffers::Exactly(_) = self {
            self.request(socket);
        }
    }

    /// A refusal is no error: the system's own size stays.
    fn request(self, socket: &socket2::Socket) {
        match self {
            Buffers::Largest => {
                // The first needs a privilege and ignores the system's limit.
                if set_socket_recv_buffer_size_force(socket, GENEROUS).is_err() {
                    let _ = socket.set_recv_buffer_size(GENEROUS);
                }
            }
            Buffers::Exactly(size) => {
                let _ = socket.set_recv_buffer_size(size);
                let _ = socket.set_send_buffer_size(size);
            }
        }
    }
}

/// What a socket is called in errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The socket of the local port.
    Main,
    /// A socket of one call or, in a `ui` client, of one address.
    Call,
    /// A further socket of a `ui` server.
    Server,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Purpose::Main => "main socket",
            Purpose::Call => "UDP socket",
            Purpose::Server => "server socket",
        })
    }
}

/// Why there is no socket. Fatal: 254 if [`is_address_in_use`](Self::is_address_in_use), else 255 (transport.md §1).
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Mostly: out of descriptors (transport.md §7).
    #[error("Unable to get a UDP socket (3), {}", Errno(.0))]
    Open(#[source] io::Error),
    /// No such device, or not permitted (transport.md §9).
    #[error("setsockopt(SO_BINDTODEVICE) failed, {}", Errno(.0))]
    Device(#[source] io::Error),
    /// The port is taken, or the address is not ours (transport.md §4, §6).
    #[error("Unable to bind {purpose}, {}", Errno(error))]
    Bind {
        /// Which socket.
        purpose: Purpose,
        /// The system's reason.
        #[source]
        error: io::Error,
    },
    /// The socket cannot be watched for readiness.
    #[error("Unable to watch a UDP socket, {}", Errno(.0))]
    Watch(#[source] io::Error),
}

impl BindError {
    /// Whether the exit code is 254 instead of 255 (transport.md §1).
    pub fn is_address_in_use(&self) -> bool {
        let (Self::Open(error) | Self::Device(error) | Self::Bind { error, .. } | Self::Watch(error)) = self;
        is_address_in_use(error)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// The ports that were tried when binding to those in `taken` fails, and the outcome.
    fn tried(port: Port, taken: impl Fn(u16) -> bool) -> (Vec<u16>, io::Result<()>) {
        let tried = RefCell::new(Vec::new());
        let outcome = port.take(|port| {
            tried.borrow_mut().push(port);
            if taken(port) { Err(io::Error::from_raw_os_error(libc::EACCES)) } else { Ok(()) }
        });
        (tried.into_inner(), outcome)
    }

    /// transport.md §6.
    #[test]
    fn without_a_port_the_first_free_one_from_5060_is_taken() {
        let (ports, outcome) = tried(Port::FirstFree, |_| false);
        assert!(outcome.is_ok());
        assert_eq!(ports, [5060]);
    }

    /// transport.md §6.
    #[test]
    fn any_failure_moves_on_to_the_next_port() {
        let (ports, outcome) = tried(Port::FirstFree, |port| port < 5063);
        assert!(outcome.is_ok());
        assert_eq!(ports, [5060, 5061, 5062, 5063]);
    }

    /// transport.md §6.
    #[test]
    fn after_5119_the_system_chooses() {
        let (ports, outcome) = tried(Port::FirstFree, |port| port != 0);
        assert!(outcome.is_ok());
        assert_eq!(ports, (5060..=5119).chain([0]).collect::<Vec<_>>());
    }

    /// transport.md §6.
    #[test]
    fn a_given_port_is_tried_once() {
        let (ports, outcome) = tried(Port::Exactly(5070), |_| true);
        assert_eq!(outcome.unwrap_err().raw_os_error(), Some(libc::EACCES));
        assert_eq!(ports, [5070]);
        assert_eq!(tried(Port::Any, |_| false).0, [0]);
    }

    /// transport.md §7.
    #[test]
    fn running_out_of_descriptors_reads_as_in_sipp() {
        let error = BindError::Open(io::Error::from_raw_os_error(libc::EMFILE));
        assert_eq!(error.to_string(), "Unable to get a UDP socket (3), errno = 24 (Too many open files)");
        assert!(!error.is_address_in_use());
    }
}
