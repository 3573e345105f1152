//! Where a response goes when the connection of its request has gone.
//! Spec: RFC 3261 §18.2.2, transport.md §11. In: a request and its source. Out: an address. Must not resolve names.

use std::net::{IpAddr, SocketAddr};

use super::header;
use super::message::Message;

/// The source's address with the port that the top Via asks to be answered at: that of its sent-by, else 5060, or 5061 under TLS. A
/// `received` address wins over the source. Without a Via it is the source itself.
pub fn response_address(message: &Message<'_>, source: SocketAddr) -> SocketAddr {
    let Some(via) = header::value(message.text(), b"Via").and_then(|via| std::str::from_utf8(via).ok())
    else {
        return source;
    };
    let top = via.split(',').next().unwrap_or_default();
    let (protocol, rest) =
        top.trim().split_once(|byte: char| byte.is_ascii_whitespace()).unwrap_or((top, ""));
    let mut parts = rest.split(';').map(str::trim);
    let sent_by = parts.next().unwrap_or_default();
    let received = parts
        .find_map(|part| part.strip_prefix("received="))
        .and_then(|ip| ip.trim_matches(['[', ']']).parse::<IpAddr>().ok());
    let is_secure = protocol.to_ascii_uppercase().ends_with("TLS");
    let behind_host = sent_by.rsplit_once(']').map_or(sent_by, |(_, behind)| behind);
    let port = behind_host.rsplit_once(':').and_then(|(_, port)| port.trim().parse().ok());
    SocketAddr::new(received.unwrap_or(source.ip()), port.unwrap_or(if is_secure { 5061 } else { 5060 }))
}

#[cfg(test)]
mod tests {
    use super::super::reread;
    use super::*;

    /// RFC 3261 §18.2.2.
    #[test]
    fn a_response_without_its_connection_goes_to_the_port_of_the_via_at_the_source_or_received() {
        let source = "192.0.2.1:40000".parse().unwrap();
        for (via, expected) in [
            ("Via: SIP/2.0/TCP pc.example.com:5070;branch=z9hG4bKx\r\n", "192.0.2.1:5070"),
            ("Via: SIP/2.0/TCP pc.example.com;branch=z9hG4bKx\r\n", "192.0.2.1:5060"),
            ("Via: SIP/2.0/TLS [2001:db8::1];branch=z9hG4bKx\r\n", "192.0.2.1:5061"),
            ("Via: SIP/2.0/TCP [2001:db8::1]:5080;received=2001:db8::2\r\n", "[2001:db8::2]:5080"),
            ("v: SIP/2.0/TCP a:1;received=192.0.2.9, SIP/2.0/TCP b:2\r\n", "192.0.2.9:1"),
            ("", "192.0.2.1:40000"),
        ] {
            let text = format!("BYE sip:a SIP/2.0\r\n{via}Call-ID: 1\r\n\r\n");
            let message = reread(text.as_bytes()).unwrap();
            assert_eq!(response_address(&message, source), expected.parse().unwrap(), "{via}");
        }
    }
}
