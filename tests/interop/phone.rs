//! A SIP phone over UDP that does what a test says, one message after the other, and remembers what it heard and when.
//! It checks nothing by itself, and retransmits nothing.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// Phones have an address of their own: the shipped configuration trusts the host that Kamailio runs on.
const PHONES_IP: &str = "127.0.0.2";

/// How long a test waits for a message that must come.
pub const SOON: Duration = Duration::from_secs(4);

/// A received message.
#[derive(Clone, Debug)]
pub struct Message {
    /// When it was read.
    pub at: Instant,
    /// Where it came from.
    pub from: SocketAddr,
    text: String,
}

impl Message {
    /// The same message with another value of that header.
    pub fn with_header(&self, name: &'static str, value: &str) -> Message {
        let old = format!("{name}: {}\r\n", self.header(name));
        Message { text: self.text.replacen(&old, &format!("{name}: {value}\r\n"), 1), ..self.clone() }
    }

    /// First line.
    pub fn start_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// `INVITE`, or `180` for a response.
    pub fn kind(&self) -> &str {
        let mut words = self.start_line().split(' ');
        match words.next() {
            Some("SIP/2.0") => words.next().unwrap_or_default(),
            method => method.unwrap_or_default(),
        }
    }

    /// Values of all headers of that name, in order.
    pub fn headers(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.text
            .lines()
            .skip(1)
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.split_once(':'))
            .filter(move |(found, _)| found.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// Value of the first header of that name; empty when there is none.
    pub fn header(&self, name: &'static str) -> &str {
        self.headers(name).next().unwrap_or_default()
    }

    /// Branch of the topmost Via.
    pub fn branch(&self) -> &str {
        parameter(self.header("Via"), "branch").unwrap_or_default()
    }

    /// The user part of the URI in that header.
    pub fn user(&self, header: &'static str) -> &str {
        let uri = self.header(header);
        uri.split_once("sip:").and_then(|(_, rest)| rest.split('@').next()).unwrap_or_default()
    }

    /// Body text.
    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

/// Value of `;name=value`.
pub fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .skip(1)
        .filter_map(|part| part.split_once('='))
        .find_map(|(found, value)| (found.trim() == name).then_some(value))
}

/// Who is called, by whom, under which Call-ID.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Number dialled.
    pub to: &'a str,
    /// Calling number.
    pub from: &'a str,
    /// Call-ID header value.
    pub id: &'a str,
}

/// One device.
pub struct Phone {
    socket: UdpSocket,
    server: SocketAddr,
    sent: u32,
    /// Everything received, oldest first.
    pub heard: Vec<Message>,
}

impl Phone {
    /// A device on a port of its own that talks to `server`.
    pub fn new(server: SocketAddr) -> Phone {
        Phone::at(PHONES_IP.parse().expect("an address"), server)
    }

    /// A device without a server: the peer that calls it comes first.
    pub fn alone() -> Phone {
        let ip: IpAddr = "127.0.0.1".parse().expect("an address");
        Phone::at(ip, SocketAddr::new(ip, 9))
    }

    fn at(ip: IpAddr, server: SocketAddr) -> Phone {
        let socket = UdpSocket::bind((ip, 0)).expect("bind a phone");
        Phone { socket, server, sent: 0, heard: Vec::new() }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("local address")
    }

    /// Sends bytes as they are.
    pub fn send(&self, text: &str, to: SocketAddr) {
        self.socket.send_to(text.as_bytes(), to).expect("send");
    }

    /// Sends a request with a new branch and returns the branch. `extra`: header lines, each with CRLF.
    pub fn request(&mut self, method: &str, call: Call<'_>, extra: &str) -> String {
        self.sent += 1;
        let branch = format!("z9hG4bK-{}-{}", self.address().port(), self.sent);
        self.request_on(&branch, method, call, extra);
        branch
    }

    fn request_on(&self, branch: &str, method: &str, call: Call<'_>, extra: &str) {
        let me = self.address();
        let target = if method == "REGISTER" { String::new() } else { format!("{}@", call.to) };
        // CANCEL has the number of its INVITE; everything else here is the first of its kind in its call.
        let number = if method == "REGISTER" { self.sent } else { 1 };
        let text = format!(
            "{method} sip:{target}{server} SIP/2.0\r\nVia: SIP/2.0/UDP {me};branch={branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{from}@{host}>;tag=from\r\nTo: <sip:{to}@{host}>\r\nCall-ID: {id}\r\n\
             CSeq: {number} {method}\r\nContact: <sip:{from}@{me}>\r\n{extra}Content-Length: 0\r\n\r\n",
            server = self.server,
            host = self.server.ip(),
            from = call.from,
            to = call.to,
            id = call.id,
        );
        self.send(&text, self.server);
    }

    /// Registers for `number` and waits for the 200. The time it returns is when the REGISTER was sent.
    #[track_caller]
    pub fn register(&mut self, number: &str, user_agent: &str) -> Instant {
        let sent = self.send_register(number, user_agent);
        self.expect("200");
        sent
    }

    /// Registers as the late iPhone does, and does not wait.
    pub fn send_register(&mut self, number: &str, user_agent: &str) -> Instant {
        let id = format!("register-{}", self.address().port());
        let extra = format!("Expires: 600\r\nUser-Agent: {user_agent}\r\n");
        let sent = Instant::now();
        self.request("REGISTER", Call { to: number, from: number, id: &id }, &extra);
        sent
    }

    /// Calls, and hangs up while it rings.
    #[track_caller]
    pub fn call_and_cancel(&mut self, call: Call<'_>) {
        let branch = self.request("INVITE", call, "");
        self.expect("180");
        self.request_on(&branch, "CANCEL", call, "");
        self.expect("487");
    }

    /// The same where the server may refuse, or drop, what is written in it. Tells whether it rang.
    pub fn try_to_call_and_cancel(&mut self, call: Call<'_>) -> bool {
        let branch = self.request("INVITE", call, "");
        let rang = self.hears_any_but("100") == Some("180".to_owned());
        if rang {
            self.request_on(&branch, "CANCEL", call, "");
            self.hears_any_but("180");
        }
        rang
    }

    /// The kind of the next message that is not of the given one, if any comes: a server says nothing to garbage.
    pub fn hears_any_but(&mut self, kind: &str) -> Option<String> {
        let patience = Duration::from_millis(300);
        std::iter::from_fn(|| self.next(patience))
            .map(|message| message.kind().to_owned())
            .find(|heard| heard != kind)
    }

    /// The next message, or none within that time.
    pub fn next(&mut self, within: Duration) -> Option<Message> {
        let mut bytes = [0; 65_536];
        self.socket.set_read_timeout(Some(within.max(Duration::from_millis(1)))).expect("set a timeout");
        let (length, from) = self.socket.recv_from(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        let message = Message { at: Instant::now(), from, text };
        self.heard.push(message.clone());
        Some(message)
    }

    /// The next message of that kind (`INVITE`, `180`); others before it are only remembered.
    #[track_caller]
    pub fn expect(&mut self, kind: &str) -> Message {
        self.expect_within(kind, SOON)
    }

    /// The same with a deadline of the test's own.
    #[track_caller]
    pub fn expect_within(&mut self, kind: &str, within: Duration) -> Message {
        let deadline = Instant::now() + within;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            match self.next(left) {
                Some(message) if message.kind() == kind => return message,
                Some(_) | None => {}
            }
        }
        panic!("no {kind} within {within:?}; heard {:?}", self.kinds());
    }

    /// What was heard, in short.
    pub fn kinds(&self) -> Vec<&str> {
        self.heard.iter().map(Message::kind).collect()
    }

    /// Answers `request` to where it came from.
    pub fn answer(&self, request: &Message, code: u16) {
        let me = self.address();
        let mut text = format!("SIP/2.0 {code} Answer\r\n");
        for name in ["Via", "Record-Route", "From", "To", "Call-ID", "CSeq"] {
            for value in request.headers(name) {
                let tag = if name == "To" && code > 100 && parameter(value, "tag").is_none() {
                    ";tag=phone"
                } else {
                    ""
                };
                write!(text, "{name}: {value}{tag}\r\n").expect("write to a string");
            }
        }
        write!(text, "Contact: <sip:phone@{me}>\r\nContent-Length: 0\r\n\r\n").expect("write to a string");
        self.send(&text, request.from);
    }

    /// Rings, and plays its part in being canceled. Returns the INVITE, the CANCEL and the ACK.
    #[track_caller]
    pub fn ring_until_canceled(&mut self) -> Canceled {
        let invite = self.expect("INVITE");
        self.answer(&invite, 100);
        self.answer(&invite, 180);
        let cancel = self.expect("CANCEL");
        self.answer(&cancel, 200);
        self.answer(&invite, 487);
        let ack = self.expect("ACK");
        Canceled { invite, cancel, ack }
    }
}

/// The requests of a simulated call, as the device saw them.
#[derive(Debug)]
pub struct Canceled {
    pub invite: Message,
    pub cancel: Message,
    pub ack: Message,
}

impl Canceled {
    /// RFC 3261, 9.1 and 17.1.1.3: one transaction, and the ACK carries the To tag of the 487.
    #[track_caller]
    pub fn assert_one_transaction(&self) {
        assert!(self.invite.branch().starts_with("z9hG4bK"), "{:?}", self.invite);
        for request in [&self.cancel, &self.ack] {
            assert_eq!(request.branch(), self.invite.branch(), "{request:?}");
            assert_eq!(request.header("From"), self.invite.header("From"));
            assert_eq!(request.header("Call-ID"), self.invite.header("Call-ID"));
            assert_eq!(
                request.header("CSeq").split(' ').next(),
                self.invite.header("CSeq").split(' ').next()
            );
        }
        assert_eq!(self.cancel.header("To"), self.invite.header("To"));
        assert_eq!(parameter(self.ack.header("To"), "tag"), Some("phone"));
    }
}
