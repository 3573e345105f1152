//! `<setdest>`: where the later messages of a call go.
//! Spec: actions.md §3.19, transport.md §14. In: rendered host, port and protocol. Out: the call's new peer, or why it fails. Values may
//! come from the network, so nothing here ends the run.

use std::net::{IpAddr, SocketAddr};

use super::advance::Run;
use super::call::Call;
use crate::scenario::plan::SetDest;
use crate::stats::Failure;

impl Run<'_> {
    /// Changes the destination; a failure ends the call.
    pub fn set_destination(&mut self, call: &mut Call, to: &SetDest) -> Option<Failure> {
        let host = self.render_text(call, &to.host);
        let port = self.render_text(call, &to.port);
        let protocol = self.render_text(call, &to.protocol);
        match self.destination(call, &host, &port, &protocol) {
            Ok(peer) => match self.redirect(call, peer) {
                Ok(()) => None,
                Err(text) => self.fails_at(text),
            },
            Err(text) => self.fails_at(&text),
        }
    }

    fn fails_at(&mut self, text: &str) -> Option<Failure> {
        self.warn(text);
        Some(Failure::CannotSendMessage)
    }

    fn destination(
        &self,
        call: &Call,
        host: &[u8],
        port: &[u8],
        protocol: &[u8],
    ) -> Result<SocketAddr, String> {
        let (host, shown) = (String::from_utf8_lossy(host), String::from_utf8_lossy(port));
        match protocol {
            b"udp" | b"UDP" | b"tcp" | b"TCP" | b"tls" | b"TLS" | b"sctp" | b"SCTP" | b"ws" | b"WS"
            | b"wss" | b"WSS" => match self.transport_of(call) {
                own if !own.as_bytes().eq_ignore_ascii_case(protocol) => {
                    return Err("Can not switch protocols during setdest.".to_owned());
                }
                "UDP" | "TCP" => {}
                own => return Err(format!("Changing destinations is not supported for {own}.")),
            },
            other => {
                let other = String::from_utf8_lossy(other);
                return Err(format!("Unknown transport for setdest: '{other}'"));
            }
        }
        let number = crate::number::float(&shown).filter(|number| (0.0..65_536.0).contains(number));
        let port = number.ok_or_else(|| format!("Invalid port for setdest: {shown}"))?;
        let ip = host.parse::<IpAddr>().ok().or_else(|| (self.shared.settings.resolve)(&host));
        let ip = ip.ok_or_else(|| format!("Unknown host '{host}' for setdest"))?;
        Ok(SocketAddr::new(ip, port as u16))
    }
}
