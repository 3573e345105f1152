//! Where the remote host is by RFC 3263 (`-srv`): NAPTR, then SRV, then A or AAAA records.
//! Spec: RFC 3263 §4, RFC 2782, RFC 7118 (WebSocket). In: a host as typed, a transport, whom to ask. Out: targets, the best first, or
//! what was asked in vain. Must not connect, nor take longer than [`LIMIT`].
//!
//! The transport is that of `-t`, never the one that the domain likes best: who tests TCP wants TCP.

mod choice;
mod lookup;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::link::Transport;
use crate::transport::address::{self, DEFAULT_PORT};
use lookup::Lookup;

/// How long all questions together may take.
pub const LIMIT: Duration = Duration::from_secs(5);

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameServer {
    /// Those of `/etc/resolv.conf`, after `/etc/hosts`.
    System,
    /// `-srv_server`
    At(SocketAddr),
}

/// What is to be located.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    /// Name or numeric address, without brackets.
    pub host: &'a str,
    /// None if none was typed.
    pub port: Option<u16>,
    /// What messages go by.
    pub transport: Transport,
    /// The local address, if it is fixed: targets must be of its family.
    pub local: Option<IpAddr>,
}

/// A host that serves the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name, or its address as typed.
    pub host: String,
    /// Where it is.
    pub addr: SocketAddr,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.addr, self.host)
    }
}

/// Why there is no target. Every one of these ends the run.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// The name servers or the name are none.
    #[error("-srv cannot ask for '{host}': {reason}")]
    Unaskable {
        /// As typed.
        host: String,
        /// In words.
        reason: String,
    },
    /// The name server is silent, or slow.
    #[error("Unknown remote host '{host}': no answer from {server} to {question} (-srv waits {} s in all)", LIMIT.as_secs())]
    Silent {
        /// As typed.
        host: String,
        /// Who was asked.
        server: String,
        /// What was asked last.
        question: String,
    },
    /// The name server, or the way to it, is at fault.
    #[error("Unknown remote host '{host}': {server} failed at {question}: {reason}")]
    Failed {
        /// As typed.
        host: String,
        /// Who was asked.
        server: String,
        /// What was asked last.
        question: String,
        /// In words.
        reason: String,
    },
    /// The domain has an SRV record that says so (RFC 2782, "Target").
    #[error("'{host}' offers no such service: the target of {question} is '.'")]
    NotOffered {
        /// As typed.
        host: String,
        /// What was asked.
        question: String,
    },
    /// No answer led to an address.
    #[error("Unknown remote host '{host}': {server} knows no address ({asked})")]
    Nowhere {
        /// As typed.
        host: String,
        /// Who was asked.
        server: String,
        /// What was asked, each with what came of it.
        asked: String,
    },
    /// A numeric address that is none.
    #[error(transparent)]
    Address(#[from] address::AddressError),
}

/// The targets that serve `sought`, in the order in which they are to be tried. `random` gives a number from 0 to its argument,
/// inclusive. Must be called inside a tokio runtime with I/O and time.
///
/// # Errors
/// See [`LocateError`].
pub async fn locate(
    sought: Sought<'_>,
    server: NameServer,
    random: impl FnMut(u64) -> u64,
) -> Result<Vec<Target>, LocateError> {
    // A colon: IPv6, perhaps with a zone.
    if sought.host.parse::<IpAddr>().is_ok() || sought.host.contains(':') {
        let port = sought.port.unwrap_or(Service::of(sought.transport).port);
        let addr = address::resolve_remote(sought.host, port)?;
        return Ok(vec![Target { host: sought.host.to_owned(), addr }]);
    }
    let mut lookup = Lookup::new(sought, server)?;
    match tokio::time::timeout(LIMIT, lookup.targets(random)).await {
        Ok(found) => found,
        Err(_) => Err(lookup.silent()),
    }
}

/// What a transport is called in the DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Service {
    /// Service field of NAPTR records.
    naptr: &'static str,
    /// What stands before the domain in the name of SRV records.
    srv: &'static str,
    /// The port where no record names one.
    port: u16,
}

impl Service {
    /// RFC 3263 §4.1, §4.2; RFC 7118 §5.4 for WebSocket.
    const fn of(transport: Transport) -> Service {
        match transport {
            Transport::Udp => Service { naptr: "SIP+D2U", srv: "_sip._udp", port: DEFAULT_PORT },
            Transport::Tcp => Service { naptr: "SIP+D2T", srv: "_sip._tcp", port: DEFAULT_PORT },
            Transport::Tls => Service { naptr: "SIPS+D2T", srv: "_sips._tcp", port: 5061 },
            Transport::Ws => Service { naptr: "SIP+D2W", srv: "_sip._ws", port: 80 },
            Transport::Wss => Service { naptr: "SIPS+D2W", srv: "_sips._ws", port: 443 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn located(host: &str, port: Option<u16>, transport: Transport) -> String {
        // Port 1 of loopback: whoever asks the DNS fails.
        let nobody = NameServer::At(SocketAddr::from(([127, 0, 0, 1], 1)));
        let sought = Sought { host, port, transport, local: None };
        let targets = locate(sought, nobody, |_| 0).await.unwrap();
        targets.iter().map(|target| target.addr.to_string()).collect::<Vec<_>>().join(" ")
    }

    /// RFC 3263 §4.2: a numeric address needs no DNS, and its port is the transport's if none is typed; RFC 7118 §5.4.
    #[tokio::test]
    async fn a_numeric_address_is_not_asked_for() {
        for (transport, port) in [
            (Transport::Udp, 5060),
            (Transport::Tcp, 5060),
            (Transport::Tls, 5061),
            (Transport::Ws, 80),
            (Transport::Wss, 443),
        ] {
            assert_eq!(located("192.0.2.1", None, transport).await, format!("192.0.2.1:{port}"));
            assert_eq!(located("192.0.2.1", Some(5070), transport).await, "192.0.2.1:5070");
        }
        assert_eq!(located("2001:db8::1", None, Transport::Udp).await, "[2001:db8::1]:5060");
    }
}
