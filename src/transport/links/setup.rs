//! What decides how links are opened: addresses, buffers, TLS, limits.
//! Spec: transport.md §6, §7, §9, §12. Made by `run` from the options; fixed for the run.

use std::net::{IpAddr, SocketAddr};

use tungstenite::handshake::client::Request;

use super::connection::Layers;
use crate::clock::Span;
use crate::link::Transport;
use crate::transport::tls::Tls;
use crate::transport::udp::Buffers;
use crate::transport::ws::Ws;

/// How a side opens its links.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What its connections carry messages by; UDP for sockets of calls.
    pub transport: Transport,
    /// What connections of calls bind to: None leaves it to the system.
    pub bind: Option<IpAddr>,
    /// What UDP sockets of calls bind to.
    pub call_bind: IpAddr,
    /// Main socket's address.
    pub main: SocketAddr,
    /// `-buff_size`
    pub buffers: Buffers,
    /// `-bind_to_device`
    pub device: Option<String>,
    /// Certificates and keys; present when `transport` is secure.
    pub tls: Option<Tls>,
    /// What a WebSocket client asks for.
    pub upgrade: Option<Request>,
    /// `-max_socket`: sockets of calls; more calls share them.
    pub most: usize,
    /// `-max_reconnect`, `-reconnect_close`, `-reconnect_sleep`.
    pub reconnection: Reconnection,
    /// How long a peer may take to secure a connection.
    pub patience: Span,
}

/// What happens when a connection is lost (transport.md §12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnection {
    /// Reconnections of the whole run; None: any number.
    pub most: Option<u32>,
    /// Whether calls end with their connection.
    pub ends_calls: bool,
    /// The pause before each.
    pub pause: Span,
}

impl Default for Reconnection {
    fn default() -> Reconnection {
        Reconnection { most: Some(0), ends_calls: true, pause: Span::from_millis(1_000) }
    }
}

/// Which side of a connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// We connect.
    Client,
    /// We were connected to.
    Server,
}

impl Setup {
    /// The layers of a new connection.
    pub(super) fn layers(&self, side: Side) -> Result<Layers, String> {
        let session = match (&self.tls, side) {
            (None, _) => None,
            (Some(tls), Side::Client) => Some(tls.connect().map_err(|error| error.to_string())?),
            (Some(tls), Side::Server) => Some(tls.accept().map_err(|error| error.to_string())?),
        };
        let ws = match (self.transport, side, &self.upgrade) {
            (Transport::Ws | Transport::Wss, Side::Server, _) => Some(Ws::server()),
            (Transport::Ws | Transport::Wss, Side::Client, Some(request)) => Some(Ws::client(request)?),
            _ => None,
        };
        Ok(Layers { session: session.map(Box::new), ws: ws.map(Box::new) })
    }
}
