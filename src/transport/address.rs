//! Addresses: reading `host:port`, resolving the remote host, choosing the local address and what sockets bind to.
//!
//! Spec: transport.md §4, §5, §10. In: texts as typed. Out: [`Endpoints`], or an error with SIPp's sentence. Must not
//! ask the resolver for a numeric address (start-up budget, design.md), nor resolve anything twice.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};

use super::errno::Errno;

#[cfg(test)]
mod tests;

/// Remote port when none is given (transport.md §10).
pub const DEFAULT_PORT: u16 = 5060;

/// `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address, taken apart (transport.md §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostPort<'a> {
    /// Without brackets and port.
    pub host: &'a str,
    /// `None` when absent, 0 or not a number.
    pub port: Option<u16>,
}

impl<'a> HostPort<'a> {
    /// Takes `text` apart. The port is read up to its first character that is no digit (cli.md §3).
    ///
    /// # Errors
    /// [`AddressError::PortTooLarge`]; SIPp would silently use another port.
    pub fn parse(text: &'a str) -> Result<Self, AddressError> {
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, behind)) => (host, behind.split_once(':').map(|(_, port)| port)),
            None => match text.split_once(':') {
                Some((host, port)) if !port.contains(':') => (host, Some(port)),
                _ => (text, None),
            },
        };
        let port = match port {
            Some(digits) => {
                read_port(digits).ok_or_else(|| AddressError::PortTooLarge { text: text.to_owned() })?
            }
            None => 0,
        };
        Ok(HostPort { host, port: (port != 0).then_some(port) })
    }
}

/// The number at the start of `text`, 0 when there is none, `None` when it is larger than any port.
fn read_port(text: &str) -> Option<u16> {
    let digits = text.bytes().take_while(u8::is_ascii_digit);
    digits
        .map(|digit| u16::from(digit - b'0'))
        .try_fold(0_u16, |port, digit| port.checked_mul(10)?.checked_add(digit))
}

/// Whom the run talks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// As typed, without port and brackets: `[remote_host]`.
    pub host: String,
    /// Its first address: `[remote_ip]`, and the family of all sockets.
    pub addr: SocketAddr,
}

/// All addresses that are fixed before the first socket opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The remote host, when one was given.
    pub remote: Option<Remote>,
    /// `-rsa`: where messages physically go instead (transport.md §10).
    pub sending: Option<SocketAddr>,
    /// Text of `[local_ip]`: `-i` as typed or a numeric address, never with brackets.
    pub local_ip: String,
    /// The family of all sockets (transport.md §5).
    pub is_ipv6: bool,
    /// What the main socket binds to: the wildcard or a specific address.
    pub bind: IpAddr,
    /// What per-call UDP sockets bind to: the local address even when `bind` is the wildcard (transport.md §6).
    pub call_bind: IpAddr,
}

impl Endpoints {
    /// Puts together what was resolved, and works out the local side.
    ///
    /// # Errors
    /// Those of [`choose_local`].
    pub fn choose(
        remote: Option<Remote>,
        sending: Option<SocketAddr>,
        wish: LocalWish<'_>,
    ) -> Result<Endpoints, AddressError> {
        let local = choose_local(wish, remote.as_ref().map(|remote| remote.addr))?;
        Ok(Endpoints {
            remote,
            sending,
            local_ip: local.text,
            is_ipv6: local.bind.is_ipv6(),
            bind: local.bind,
            call_bind: local.addr,
        })
    }
}

/// What the command line says about the local address.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalWish<'a> {
    /// `-i`, as typed.
    pub address: Option<&'a str>,
    /// `-bind_local`: bind to the local address although `-i` was not given.
    pub bind_local: bool,
}

/// The local side (transport.md §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Text of `[local_ip]`, without brackets.
    pub text: String,
    /// The address behind the text.
    pub addr: IpAddr,
    /// What the main socket binds to.
    pub bind: IpAddr,
}

/// Why no address was found. Every one of these ends the run; none carries "address already in use".
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// The remote host or `-rsa` (transport.md §10).
    #[error("Unknown remote host '{}'.", .0.host)]
    UnknownRemote(#[source] Unresolved),
    /// `-i` does not resolve, or not in the remote's family (transport.md §5).
    #[error("Can't get local IP address in getaddrinfo, local_ip='{}', ret={}", .0.host, .0.code())]
    UnknownLocal(#[source] Unresolved),
    /// `-i` is numeric and of the other family (transport.md §5).
    #[error("Network family mismatch for local ({local}) and remote ({remote}, {}) IP", family_number(*.remote))]
    FamilyMismatch {
        /// As typed, without brackets.
        local: String,
        /// The remote host's address.
        remote: IpAddr,
    },
    /// The routing table has no way to the remote host (transport.md §4).
    #[error("Failed to find our local ip, {}", Errno(.0))]
    NoRoute(#[source] io::Error),
    /// A port that no socket can have; SIPp wraps it silently (cli.md §3, Bug).
    #[error("The port in '{text}' is larger than 65535")]
    PortTooLarge {
        /// As typed.
        text: String,
    },
}

/// A name without address. Shown, it is the warning `getaddrinfo failed: Name or service not known`.
#[derive(Debug, thiserror::Error)]
#[error("getaddrinfo failed: {reason}")]
pub struct Unresolved {
    /// The name asked for.
    pub host: String,
    /// The resolver's words.
    pub reason: String,
}

impl Unresolved {
    fn new(host: &str, error: &io::Error) -> Self {
        let shown = super::errno::text(error);
        let reason = shown.strip_prefix("failed to lookup address information: ").unwrap_or(&shown);
        Unresolved { host: host.to_owned(), reason: reason.to_owned() }
    }

    /// The resolver's result number. The standard library keeps only its text, so this is read off the text; -2 ("not
    /// known") is what nearly every unknown name gives.
    fn code(&self) -> i32 {
        match self.reason.as_str() {
            "Temporary failure in name resolution" => libc::EAI_AGAIN,
            "Non-recoverable failure in name resolution" => libc::EAI_FAIL,
            "No address associated with hostname" => libc::EAI_NODATA,
            _ => libc::EAI_NONAME,
        }
    }
}

/// The operating system's number for the family of `addr`: 2 or 10.
fn family_number(addr: IpAddr) -> i32 {
    if addr.is_ipv6() { libc::AF_INET6 } else { libc::AF_INET }
}

/// The first address of `host`, of any family (transport.md §10). `host` has no brackets.
///
/// # Errors
/// [`Unresolved`] when the resolver knows none.
pub fn resolve(host: &str, port: u16) -> Result<SocketAddr, Unresolved> {
    first_address(host, port, |_| true)
}

/// [`resolve`] for the remote host and `-rsa`.
///
/// # Errors
/// [`AddressError::UnknownRemote`].
pub fn resolve_remote(host: &str, port: u16) -> Result<SocketAddr, AddressError> {
    resolve(host, port).map_err(AddressError::UnknownRemote)
}

fn first_address(
    host: &str,
    port: u16,
    fits: impl Fn(&SocketAddr) -> bool,
) -> Result<SocketAddr, Unresolved> {
    // Parses a numeric address itself; the resolver loads its configuration even for those.
    let unknown = || io::Error::other("Name or service not known");
    (host, port)
        .to_socket_addrs()
        .and_then(|mut found| found.find(fits).ok_or_else(unknown))
        .map_err(|error| Unresolved::new(host, &error))
}

/// Works out the local address (transport.md §4): `-i`, else the source of the route to the remote host, else the
/// address of this machine's name.
///
/// # Errors
/// `-i` that does not resolve or does not match the remote's family; no route to the remote.
pub fn choose_local(wish: LocalWish<'_>, remote: Option<SocketAddr>) -> Result<Local, AddressError> {
    if let Some(typed) = wish.address {
        return given_local(typed, remote);
    }
    let addr = match remote {
        Some(remote) => Some(route_source(remote).map_err(AddressError::NoRoute)?),
        None => own_address(&nix::unistd::gethostname().unwrap_or_default().to_string_lossy()),
    };
    Ok(match addr {
        Some(addr) => {
            let bind = if wish.bind_local { addr } else { wildcard_like(addr) };
            Local { text: addr.to_string(), addr, bind }
        }
        None => nameless_local(),
    })
}

/// `-i`: the text stays as typed, the sockets bind to what it resolves to.
fn given_local(typed: &str, remote: Option<SocketAddr>) -> Result<Local, AddressError> {
    let host = HostPort::parse(typed)?.host;
    let same_family = |addr: &SocketAddr| remote.is_none_or(|remote| remote.is_ipv6() == addr.is_ipv6());
    if let (Ok(literal), Some(remote)) = (host.parse::<IpAddr>(), remote)
        && literal.is_ipv6() != remote.is_ipv6()
    {
        return Err(AddressError::FamilyMismatch { local: host.to_owned(), remote: remote.ip() });
    }
    let addr = first_address(host, 0, same_family).map_err(AddressError::UnknownLocal)?.ip();
    Ok(Local { text: host.to_owned(), addr, bind: addr })
}

/// The source address of packets to `remote`. Connecting a datagram socket asks the routing table and sends nothing.
fn route_source(remote: SocketAddr) -> io::Result<IpAddr> {
    let probe = UdpSocket::bind((wildcard_like(remote.ip()), 0))?;
    probe.connect(remote)?;
    Ok(probe.local_addr()?.ip())
}

/// The address of this machine's name, if the resolver knows one.
fn own_address(name: &str) -> Option<IpAddr> {
    resolve(name, 0).ok().map(|addr| addr.ip())
}

/// A machine whose own name does not resolve still serves, on every address. SIPp ends there (transport.md §4).
fn nameless_local() -> Local {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Local { text: loopback.to_string(), addr: loopback, bind: wildcard_like(loopback) }
}

fn wildcard_like(addr: IpAddr) -> IpAddr {
    match addr {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}
