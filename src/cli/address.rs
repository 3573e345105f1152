//! `host:port` as it is written on the command line.
//! Spec: cli.md §3. In: text. Out: host and port. Must not resolve names.

use super::refusal::Refusal;

/// The port of SIP, where none is given.
pub const SIP_PORT: u16 = 5060;

/// A host, by name or number, and a port (cli.md §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// As typed; an IPv6 address without its brackets.
    pub host: String,
    /// `None` where none was typed: to `-srv` that is not the same as 5060 (RFC 3263 §4.2).
    pub port: Option<u16>,
}

impl HostPort {
    /// Splits `h`, `h:p`, `[v6]`, `[v6]:p` or a bare IPv6 address. A port that begins with no number is none,
    /// as with SIPp; one over 65535 is refused, where SIPp would send to another port.
    pub fn parse(text: &str) -> Result<HostPort, Refusal> {
        let (host, port) = match text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((host, behind)) => (host, behind.split_once(':').map(|(_, port)| port)),
            None => match text.split_once(':') {
                Some((host, port)) if !port.contains(':') => (host, Some(port)),
                _ => (text, None),
            },
        };
        let port = match port.map_or(0, decimal_prefix) {
            0 => None,
            number => Some(u16::try_from(number).map_err(|_| Refusal::PortRange(text.to_owned()))?),
        };
        Ok(HostPort { host: host.to_owned(), port })
    }

    /// The port, 5060 where none was typed.
    pub fn sip_port(&self) -> u16 {
        self.port.unwrap_or(SIP_PORT)
    }
}

/// What C's `atoi` reads; 0 where there is no number.
fn decimal_prefix(text: &str) -> i64 {
    let text = text.trim_start();
    let (factor, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let digits = digits.get(..end).unwrap_or_default();
    if digits.is_empty() { 0 } else { digits.parse().map_or(i64::MAX, |number: i64| factor * number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_port(text: &str) -> (String, u16) {
        HostPort::parse(text).map(|found| (found.host.clone(), found.sip_port())).unwrap()
    }

    /// The table of cli.md §3.
    #[test]
    fn a_host_may_have_a_port_and_ipv6_needs_brackets_only_with_one() {
        for (text, host, port) in [
            ("h", "h", 5060),
            ("1.2.3.4", "1.2.3.4", 5060),
            ("h:5070", "h", 5070),
            ("1.2.3.4:5070", "1.2.3.4", 5070),
            ("[::1]", "::1", 5060),
            ("[::1]:5070", "::1", 5070),
            ("::1", "::1", 5060),
            ("fe80::1%eth0", "fe80::1%eth0", 5060),
            ("[::1]junk:5070", "::1", 5070),
            ("sip:host:5070", "sip:host:5070", 5060),
        ] {
            assert_eq!(host_port(text), (host.to_owned(), port), "{text:?}");
        }
    }

    /// cli.md §3.
    #[test]
    fn a_port_is_read_as_a_decimal_prefix_and_0_is_5060() {
        for (text, port) in [("h:abc", 5060), ("h:0", 5060), ("h:", 5060), ("h:5070x", 5070), ("h:010", 10)] {
            assert_eq!(host_port(text).1, port, "{text:?}");
        }
    }

    /// RFC 3263 §4.2 treats the two differently.
    #[test]
    fn no_port_is_told_from_5060() {
        for (text, port) in [("h", None), ("h:0", None), ("h:5060", Some(5060)), ("[::1]", None)] {
            assert_eq!(HostPort::parse(text).unwrap().port, port, "{text:?}");
        }
    }

    /// cli.md §3, Bug.
    #[test]
    fn a_port_that_is_none_is_refused() {
        for text in ["h:85536", "h:65536", "h:-1", "[::1]:99999999999999999999"] {
            assert_eq!(HostPort::parse(text), Err(Refusal::PortRange(text.to_owned())), "{text:?}");
        }
        assert_eq!(host_port("h:65535").1, 65535);
    }
}
