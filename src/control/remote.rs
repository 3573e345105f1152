//! The remote control: a UDP socket whose datagrams are keys and commands.
//! Spec: cli.md §13, transport.md §18. In: `-ci`, `-cp`, datagrams. Out: wishes. Must not answer, ever.
#![allow(clippy::disallowed_methods, reason = "this socket carries no SIP, so transport does not know it")]

use std::future::pending;
use std::io;
use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs, UdpSocket};

use super::language::{self, Situation};
use super::{Wish, keys};
use crate::transport::errno::{self, Errno};

/// Tried one after the other without `-cp`.
const PORTS: std::ops::RangeInclusive<u16> = 8888..=8947;

/// As much of a datagram is read.
const LONGEST: usize = 2_048;

/// The remote control of a run; without a socket nothing ever comes.
#[derive(Debug, Default)]
pub struct Remote(Option<tokio::net::UdpSocket>);

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum NoRemote {
    /// `-ci` does not resolve: fatal.
    #[error("Unknown control address '{0}'.\nUse 'rsipp -h' for details")]
    UnknownAddress(String),
    /// No port without `-cp`: a warning, the run goes on.
    #[error("Unable to bind remote control socket (tried UDP ports {}-{}): {}", PORTS.start(), PORTS.end(), errno::text(.0))]
    NoFreePort(io::Error),
    /// Not the port of `-cp`: fatal, 254 when it is taken.
    #[error("Unable to bind remote control socket to UDP port {port}, {}", Errno(error))]
    NotThisPort {
        /// `-cp`
        port: u16,
        /// Why.
        error: io::Error,
    },
}

impl NoRemote {
    /// Whether the port is taken: exit 254 instead of 255.
    pub fn is_address_in_use(&self) -> bool {
        matches!(self, NoRemote::NotThisPort { error, .. } if errno::is_address_in_use(error))
    }
}

impl Remote {
    /// Binds. Must be called inside a tokio runtime with I/O enabled. `address` None: all of this host's.
    ///
    /// # Errors
    /// See [`NoRemote`].
    pub fn open(address: Option<&str>, port: Option<u16>) -> Result<Remote, NoRemote> {
        let ip = address.map_or(Ok(Ipv4Addr::UNSPECIFIED.into()), resolve)?;
        let socket = match port {
            Some(port) => bind(ip, port).map_err(|error| NoRemote::NotThisPort { port, error })?,
            None => first_free(ip).map_err(NoRemote::NoFreePort)?,
        };
        Ok(Remote(Some(socket)))
    }

    /// Waits for the next wish. Dropping the future loses nothing.
    pub async fn next(&self, situation: Situation) -> Wish {
        let Some(socket) = &self.0 else { return pending().await };
        let mut datagram = [0; LONGEST];
        loop {
            let Ok(length) = socket.recv(&mut datagram).await else {
                // The next one is another matter.
                tokio::task::yield_now().await;
                continue;
            };
            if let Some(wish) = wish(datagram.get(..length).unwrap_or_default(), situation) {
                return wish;
            }
        }
    }
}

/// What a datagram asks for: behind `c` a command, else its first byte is a key.
fn wish(datagram: &[u8], situation: Situation) -> Option<Wish> {
    match datagram.split_first()? {
        (b'c', line) => language::parse(&String::from_utf8_lossy(line), situation).transpose(),
        (key, _) => keys::command(*key).map(Ok),
    }
}

/// An IPv4 address if the name has one.
fn resolve(host: &str) -> Result<IpAddr, NoRemote> {
    let unknown = || NoRemote::UnknownAddress(host.to_owned());
    let found = (host, 0).to_socket_addrs().map_err(|_| unknown())?;
    found.map(|addr| addr.ip()).min_by_key(IpAddr::is_ipv6).ok_or_else(unknown)
}

fn first_free(ip: IpAddr) -> io::Result<tokio::net::UdpSocket> {
    let mut last = io::Error::from_raw_os_error(libc::EADDRINUSE);
    for port in PORTS {
        match bind(ip, port) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn bind(ip: IpAddr, port: u16) -> io::Result<tokio::net::UdpSocket> {
    if ip.is_ipv6() {
        return Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT));
    }
    let socket = UdpSocket::bind((ip, port))?;
    socket.set_nonblocking(true)?;
    tokio::net::UdpSocket::from_std(socket)
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::super::language::Load;
    use super::*;
    use crate::engine::Command as Engine;
    use crate::scenario::Part;

    const RATE: Situation = Situation { load: Load::Rate, displays: &[Part::Main] };

    /// cli.md §13.
    #[test]
    fn behind_a_c_is_a_command_with_blanks_around_it() {
        for text in ["cset rate 5", "cset rate 5\n", "c set rate 5", "c  set rate 5 \r\n"] {
            let wanted = Some(Ok(Command::Engine(Engine::SetRate(5.0))));
            assert_eq!(wish(text.as_bytes(), RATE), wanted, "{text:?}");
        }
        let refused = Some(Err(language::Refusal::NoArgument(String::new())));
        assert_eq!(wish(b"c", RATE), refused);
        assert_eq!(wish(b"cset index true", RATE), None);
    }

    /// cli.md §13: `++++` is one `+`, a leading newline makes it a no-op.
    #[test]
    fn otherwise_only_the_first_byte_counts_and_is_a_key() {
        let plus = Some(Ok(Command::Engine(Engine::Adjust(1))));
        assert_eq!(wish(b"+", RATE), plus);
        assert_eq!(wish(b"++++", RATE), plus);
        assert_eq!(wish(b"+q\n", RATE), plus);
        assert_eq!(wish(b"Quit", RATE), Some(Ok(Command::Engine(Engine::QuitNow))));
        for nothing in ["\nq", " q", "x", "Cset rate 5", "CSET", "\u{1b}q"] {
            assert_eq!(wish(nothing.as_bytes(), RATE), None, "{nothing:?}");
        }
    }

    /// cli.md §13.
    #[test]
    fn an_empty_datagram_is_nothing() {
        assert_eq!(wish(b"", RATE), None);
    }

    /// transport.md §18.
    #[tokio::test]
    async fn a_port_that_is_taken_and_an_address_that_is_none_are_said_so() {
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let refused = |address, port| Remote::open(Some(address), port).unwrap_err().to_string();
        assert_eq!(
            refused("127.0.0.1", Some(port)),
            format!(
                "Unable to bind remote control socket to UDP port {port}, errno = 98 (Address already in use)"
            )
        );
        assert_eq!(
            refused("::1", Some(port)),
            format!(
                "Unable to bind remote control socket to UDP port {port}, \
                 errno = 97 (Address family not supported by protocol)"
            )
        );
        assert_eq!(
            refused("::1", None),
            "Unable to bind remote control socket (tried UDP ports 8888-8947): Address family not supported by protocol"
        );
        assert_eq!(
            refused("no such host", None),
            "Unknown control address 'no such host'.\nUse 'rsipp -h' for details"
        );
    }

    /// cli.md §13: nobody is answered.
    #[tokio::test]
    async fn datagrams_become_wishes_in_order_and_nobody_is_answered() {
        let remote = Remote::open(Some("127.0.0.1"), Some(0)).unwrap();
        let at = remote.0.as_ref().unwrap().local_addr().unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        for text in ["", "x", "q", "cset rate 5"] {
            sender.send_to(text.as_bytes(), at).unwrap();
        }
        assert_eq!(remote.next(RATE).await, Ok(Command::Engine(Engine::Quit)));
        assert_eq!(remote.next(RATE).await, Ok(Command::Engine(Engine::SetRate(5.0))));
        sender.set_nonblocking(true).unwrap();
        assert_eq!(sender.recv(&mut [0; 8]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
