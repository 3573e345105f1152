//! The scripted peer: a UDP socket on a port of its own that goes through a case's script and remembers what it heard.
//! It repeats nothing by itself. A script that cannot go on stops, and the peer only listens from then on.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::differential::case::{Role, Step};
use crate::differential::message::{Message, request, response};

/// How long an expected message may take.
const SOON: Duration = Duration::from_secs(4);

/// How long the peer listens before it looks whether the program still runs.
const A_MOMENT: Duration = Duration::from_millis(5);

/// The peer of one run.
pub struct Peer {
    socket: UdpSocket,
    role: Role,
    /// Where the program listens; in the client role known from its first message on.
    program: Option<SocketAddr>,
    /// Everything heard, oldest first; a repeated datagram once unless all are wanted.
    pub heard: Vec<Message>,
    keeps_repeats: bool,
    /// How many of `heard` the script has expected.
    expected: usize,
    sent: Vec<Message>,
    calls: u32,
    branches: u32,
    cseq: u32,
}

impl Peer {
    /// A peer that has not heard anything.
    pub fn new(role: Role, keeps_repeats: bool) -> Peer {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("bind the peer");
        Peer {
            socket,
            role,
            program: None,
            heard: Vec::new(),
            keeps_repeats,
            expected: 0,
            sent: Vec::new(),
            calls: 1,
            branches: 0,
            cseq: 0,
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.socket.local_addr().expect("local address").port()
    }

    /// Tells a caller where to call.
    pub fn calls(&mut self, program: SocketAddr) {
        self.program = Some(program);
    }

    /// One line of the script. The error says why it is the last.
    pub fn does(&mut self, step: &Step, is_running: &mut dyn FnMut() -> bool) -> Result<(), String> {
        match step {
            Step::Expect(kind) => return self.expect(kind, is_running),
            Step::Send { code, to, lines } => {
                let request = self.newest_request(to.as_deref()).ok_or("no request to answer")?;
                let answer = response(code, request, self.port(), lines);
                self.send(answer);
            }
            Step::Request { method, lines } => {
                let message = self.next_request(method, lines);
                self.send(message);
            }
            Step::Raw(lines) => {
                let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
                self.send(Message(text.into_bytes()));
            }
            Step::Repeat(kind) => {
                let mut newest = self.sent.iter().rev();
                let found = newest.find(|sent| kind.as_ref().is_none_or(|kind| sent.kind() == *kind));
                let message = found.cloned().ok_or("nothing to repeat")?;
                self.send(message);
            }
            Step::NewCall => {
                self.calls += 1;
                self.cseq = 0;
            }
            Step::Wait(time) => {
                let until = Instant::now() + *time;
                while Instant::now() < until {
                    self.listen(A_MOMENT);
                }
            }
        }
        Ok(())
    }

    /// Takes what comes within that time; at most one message.
    fn listen(&mut self, time: Duration) -> bool {
        self.socket.set_read_timeout(Some(time)).expect("set a timeout");
        let mut buffer = vec![0; 65_536];
        // A closed port of the program comes back as an error of the peer's socket.
        let Ok((length, from)) = self.socket.recv_from(&mut buffer) else { return false };
        buffer.truncate(length);
        self.program = Some(from);
        let message = Message(buffer);
        if self.keeps_repeats || self.heard.last() != Some(&message) {
            self.heard.push(message);
        }
        true
    }

    /// Listens until nothing comes for a moment.
    pub fn listens(&mut self) {
        while self.listen(A_MOMENT) {}
    }

    fn expect(&mut self, kind: &str, is_running: &mut dyn FnMut() -> bool) -> Result<(), String> {
        let until = Instant::now() + SOON;
        loop {
            if let Some(message) = self.heard.get(self.expected) {
                self.expected += 1;
                let found = message.kind();
                return if found == kind { Ok(()) } else { Err(format!("expected {kind}, heard {found}")) };
            }
            // Asked first: what the program sent before its end is there by then.
            let is_running = is_running();
            if !self.listen(A_MOMENT) && !is_running {
                return Err(format!("expected {kind}, but the program has ended"));
            }
            if Instant::now() > until {
                return Err(format!("expected {kind}, heard nothing"));
            }
        }
    }

    fn send(&mut self, message: Message) {
        let to = self.program.expect("somebody to send to");
        self.socket.send_to(&message.0, to).ok();
        self.sent.push(message);
    }

    fn newest_request(&self, method: Option<&str>) -> Option<&Message> {
        let mut newest = self.heard.iter().rev().filter(|message| message.is_request());
        newest.find(|message| method.map_or(message.kind() != "ACK", |method| message.kind() == method))
    }

    fn call_id(&self) -> String {
        match self.role {
            Role::Server => format!("call-{}@peer", self.calls),
            Role::Client => {
                self.newest_request(None).map(|request| request.header("Call-ID")).unwrap_or_default()
            }
        }
    }

    fn next_request(&mut self, method: &str, lines: &[String]) -> Message {
        let port = self.port();
        let invite = self.sent.iter().rev().find(|sent| sent.kind() == "INVITE").cloned();
        let call_id = self.call_id();
        let (mut cseq, mut branch) = (self.cseq + 1, None);
        if let ("ACK" | "CANCEL", Some(invite)) = (method, &invite) {
            let number = invite.header("CSeq");
            cseq = number.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(cseq);
            branch = (method == "CANCEL").then(|| invite.header("Via"));
        } else {
            self.cseq = cseq;
        }
        self.branches += 1;
        let own = format!("SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-peer-{}", self.branches);
        let (from, to) = self.dialog(&call_id);
        let headers = [
            ("Via", branch.unwrap_or(own)),
            ("From", from),
            ("To", to),
            ("Call-ID", call_id),
            ("CSeq", format!("{cseq} {method}")),
            ("Contact", format!("<sip:peer@127.0.0.1:{port}>")),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let target = self.program.map(|program| format!("sip:service@{program}")).unwrap_or_default();
        request(method, &target, headers, lines)
    }

    /// From and To of the peer's next request in that call.
    fn dialog(&self, call_id: &str) -> (String, String) {
        let mut heard = self.heard.iter().rev().filter(|message| message.header("Call-ID") == call_id);
        match self.role {
            Role::Client => {
                let request = heard.find(|message| message.is_request()).expect("a request of the program");
                let mut own = request.header("To");
                if !own.contains(";tag=") {
                    own.push_str(";tag=peer");
                }
                (own, request.header("From"))
            }
            Role::Server => {
                let answer = heard.find(|message| message.header("To").contains(";tag="));
                let to = answer.map(|message| message.header("To"));
                let program = self.program.expect("a program to call");
                let own = format!("<sip:peer@127.0.0.1:{}>;tag=peer", self.port());
                (own, to.unwrap_or_else(|| format!("<sip:service@{program}>")))
            }
        }
    }
}
