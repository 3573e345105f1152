//! SIP over WebSocket (RFC 7118): the upgrade, one SIP message a frame, in both roles.
//! Spec: ours (`-t w1 wn ws1 wsn`, `-ws_path`); RFC 7118 §4, RFC 6455. In: bytes from below, messages from above. Out: the same the
//! other way. Must not touch sockets: it works between two buffers, so that it does not matter whether TLS is underneath.

use std::collections::VecDeque;
use std::io::{self, Read, Write};

use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::client::Request;
use tungstenite::handshake::server::{Callback, ErrorResponse, Request as Asked, Response, write_response};
use tungstenite::handshake::{HandshakeError, MidHandshake};
use tungstenite::http::header::CONTENT_LENGTH;
use tungstenite::http::{HeaderValue, StatusCode};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{ClientHandshake, Message, ServerHandshake, WebSocket};

use super::frame::LONGEST;

/// RFC 7118 §4.
const SUBPROTOCOL: &str = "sip";
const SUBPROTOCOL_HEADER: &str = "Sec-WebSocket-Protocol";

/// What an upgrade request may amount to; a peer that sends more without asking for an upgrade is none.
const LONGEST_UPGRADE: usize = 16 << 10;

/// The two buffers.
#[derive(Debug, Default)]
struct Pipe {
    came: VecDeque<u8>,
    goes: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.came.is_empty() { Err(io::ErrorKind::WouldBlock.into()) } else { self.came.read(to) }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.goes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type Client = MidHandshake<ClientHandshake<Pipe>>;
type Server = MidHandshake<ServerHandshake<Pipe, Sip>>;

#[derive(Debug)]
enum State {
    Asks(Client),
    IsAsked(Server),
    Open(Box<WebSocket<Pipe>>),
    Failed,
}

/// What [`Ws::next_message`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A message; see [`Ws::text`].
    Message,
    /// Nothing more before the next bytes.
    Nothing,
    /// The peer has said goodbye, and was answered: the connection is to be closed (RFC 6455 §7.1.1).
    Goodbye,
}

/// One WebSocket.
#[derive(Debug)]
pub struct Ws {
    state: State,
    /// Messages that wait for the upgrade.
    waiting: Vec<Vec<u8>>,
    current: Message,
}

/// Agrees on the subprotocol of RFC 7118. A client that offers none is served all the same, one that offers only others is not.
#[derive(Debug)]
struct Sip;

impl Callback for Sip {
    #[allow(clippy::result_large_err, reason = "the trait wants it so")]
    fn on_request(self, asked: &Asked, mut response: Response) -> Result<Response, ErrorResponse> {
        let mut offers = asked.headers().get_all(SUBPROTOCOL_HEADER).iter().peekable();
        if offers.peek().is_none() {
            return Ok(response);
        }
        let has_sip = |offer: &HeaderValue| {
            let names = offer.to_str().unwrap_or_default();
            names.split(',').any(|name| name.trim().eq_ignore_ascii_case(SUBPROTOCOL))
        };
        if offers.any(has_sip) {
            response.headers_mut().insert(SUBPROTOCOL_HEADER, HeaderValue::from_static(SUBPROTOCOL));
            return Ok(response);
        }
        let mut refusal = ErrorResponse::new(None);
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        refusal.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        Err(refusal)
    }
}

fn has_whole_head(came: &mut VecDeque<u8>) -> bool {
    memchr::memmem::find(came.make_contiguous(), b"\r\n\r\n").is_some()
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(Some(LONGEST)).max_frame_size(Some(LONGEST))
}

/// A request for an upgrade, to `ws://host/path` or `wss://host/path`.
///
/// # Errors
/// The address makes no URL.
pub fn request(is_secure: bool, host: &str, path: &str) -> Result<Request, String> {
    let scheme = if is_secure { "wss" } else { "ws" };
    let slash = if path.starts_with('/') { "" } else { "/" };
    let request = format!("{scheme}://{host}{slash}{path}").into_client_request();
    let mut request = request.map_err(|error| format!("-ws_path: {error}"))?;
    request.headers_mut().insert(SUBPROTOCOL_HEADER, HeaderValue::from_static(SUBPROTOCOL));
    Ok(request)
}

impl Ws {
    fn new(state: State) -> Ws {
        Ws { state, waiting: Vec::new(), current: Message::Binary(Default::default()) }
    }

    /// The side that asks for the upgrade.
    ///
    /// # Errors
    /// The request cannot be written.
    pub fn client(request: &Request) -> Result<Ws, String> {
        let asks = ClientHandshake::start(Pipe::default(), request.clone(), Some(config()));
        Ok(Ws::new(State::Asks(asks.map_err(|error| error.to_string())?)))
    }

    /// The side that is asked.
    pub fn server() -> Ws {
        Ws::new(State::IsAsked(ServerHandshake::start(Pipe::default(), Sip, Some(config()))))
    }

    /// Whether messages may pass.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Takes bytes from below.
    pub fn feed(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Open(socket) => socket.get_mut().came.extend(bytes),
            _ => {
                if let Some(came) = self.came() {
                    came.extend(bytes);
                }
            }
        }
    }

    /// What came of the other side's part of the upgrade.
    fn came(&mut self) -> Option<&mut VecDeque<u8>> {
        match &mut self.state {
            State::Asks(shaking) => Some(&mut shaking.get_mut().get_mut().came),
            State::IsAsked(shaking) => Some(&mut shaking.get_mut().get_mut().came),
            State::Open(_) | State::Failed => None,
        }
    }

    /// Goes on with the upgrade; true when it is done. What is to be sent is added to `out`.
    ///
    /// # Errors
    /// The other side does not speak WebSocket, or not SIP over it.
    pub fn shake_hands(&mut self, out: &mut Vec<u8>) -> Result<bool, String> {
        if self.came().is_some_and(|came| !came.is_empty() && !has_whole_head(came)) {
            // Its parser takes many small pieces for an attack.
            let is_too_long = self.came().is_some_and(|came| came.len() > LONGEST_UPGRADE);
            return if is_too_long { Err("no upgrade to WebSocket".to_owned()) } else { Ok(false) };
        }
        let state = std::mem::replace(&mut self.state, State::Failed);
        self.state = match state {
            State::Asks(shaking) => match shaking.handshake() {
                Ok((socket, response)) => {
                    let agreed = response.headers().get(SUBPROTOCOL_HEADER);
                    if agreed.is_none_or(|name| !name.as_bytes().eq_ignore_ascii_case(SUBPROTOCOL.as_bytes()))
                    {
                        return Err("the server does not speak SIP over WebSocket".to_owned());
                    }
                    State::Open(Box::new(socket))
                }
                Err(HandshakeError::Interrupted(mut shaking)) => {
                    out.append(&mut shaking.get_mut().get_mut().goes);
                    State::Asks(shaking)
                }
                Err(HandshakeError::Failure(error)) => return Err(error.to_string()),
            },
            State::IsAsked(shaking) => match shaking.handshake() {
                Ok(socket) => State::Open(Box::new(socket)),
                Err(HandshakeError::Interrupted(mut shaking)) => {
                    out.append(&mut shaking.get_mut().get_mut().goes);
                    State::IsAsked(shaking)
                }
                Err(HandshakeError::Failure(error)) => {
                    if let tungstenite::Error::Http(refusal) = &error {
                        // A buffer takes everything.
                        let _ = write_response(&mut *out, refusal);
                    }
                    return Err(error.to_string());
                }
            },
            other => other,
        };
        if self.is_open() {
            let waiting = std::mem::take(&mut self.waiting);
            self.take_output(out);
            waiting.iter().for_each(|message| self.send(message, out));
        }
        Ok(self.is_open())
    }

    /// Adds a message to `out`, or keeps it for when the upgrade is done. Text if it is UTF-8 (RFC 7118 §5).
    pub fn send(&mut self, message: &[u8], out: &mut Vec<u8>) {
        let State::Open(socket) = &mut self.state else { return self.waiting.push(message.to_vec()) };
        let message = match std::str::from_utf8(message) {
            Ok(text) => Message::text(text),
            Err(_) => Message::binary(message.to_vec()),
        };
        // Its buffer takes everything, and a closed WebSocket tells by its end.
        let _ = socket.send(message);
        self.take_output(out);
    }

    /// Finds the next message; see [`Ws::text`]. Answers pings.
    ///
    /// # Errors
    /// The peer breaks the rules of the protocol.
    pub fn next_message(&mut self, out: &mut Vec<u8>) -> Result<Found, String> {
        let State::Open(socket) = &mut self.state else { return Ok(Found::Nothing) };
        let found = loop {
            match socket.read() {
                Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                    self.current = message;
                    break Ok(Found::Message);
                }
                Ok(Message::Close(_)) => break Ok(Found::Goodbye),
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    break Ok(Found::Nothing);
                }
                Err(tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed) => {
                    break Ok(Found::Goodbye);
                }
                Err(error) => break Err(error.to_string()),
            }
        };
        let _ = socket.flush();
        self.take_output(out);
        found
    }

    /// The message found last.
    pub fn text(&self) -> &[u8] {
        match &self.current {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
            _ => &[],
        }
    }

    /// Says goodbye.
    pub fn close(&mut self, out: &mut Vec<u8>) {
        if let State::Open(socket) = &mut self.state {
            let _ = socket.close(None);
            let _ = socket.flush();
        }
        self.take_output(out);
    }

    fn take_output(&mut self, out: &mut Vec<u8>) {
        if let State::Open(socket) = &mut self.state {
            out.append(&mut socket.get_mut().goes);
        }
    }
}

#[cfg(test)]
mod tests;
