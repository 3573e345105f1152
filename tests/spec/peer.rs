//! The other side: a UDP socket on a free loopback port, a thread that answers by a script, and a record of what came when.
//! Arrival times are the kernel's, so a busy test machine does not blur them. When a test fails, the record is printed.

use std::io::IoSliceMut;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;

use crate::program::readable_within;

/// How long an expected message may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// A message that arrived.
#[derive(Clone, Debug)]
pub struct Heard {
    /// When the kernel had it.
    pub at: SystemTime,
    /// Who sent it.
    pub from: SocketAddr,
    /// What it says.
    pub text: String,
}

impl Heard {
    /// The first word: a method, or `SIP/2.0`.
    pub fn method(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }

    /// The first line.
    pub fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// Value of the first header of this name, which must be there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.find(name).unwrap_or_else(|| panic!("no {name} in:\n{}", self.text))
    }

    /// Value of the first header of this name, in any letter case.
    pub fn find(&self, name: &str) -> Option<&str> {
        let lines = self.text.lines().take_while(|line| !line.is_empty()).skip(1);
        let mut headers = lines.filter_map(|line| line.split_once(':'));
        headers.find(|(found, _)| found.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// A response to it, such as `200 OK`; To gets a tag if it has none.
    pub fn response(&self, status: &str) -> String {
        self.response_with(status, "")
    }

    /// A response with more header lines, each with its CRLF.
    pub fn response_with(&self, status: &str, more: &str) -> String {
        let [via, from, to, id, cseq] =
            ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| self.find(name).unwrap_or_default());
        let tag = if to.contains(";tag=") { "" } else { ";tag=peer" };
        format!(
            "SIP/2.0 {status}\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}{tag}\r\nCall-ID: {id}\r\nCSeq: {cseq}\r\n\
             {more}Content-Length: 0\r\n\r\n"
        )
    }
}

/// Something to send back, now or later.
pub struct Say {
    after: Duration,
    text: String,
}

/// An answer at once.
pub fn now(text: String) -> Say {
    Say { after: Duration::ZERO, text }
}

/// An answer after some time.
pub fn after_ms(millis: u64, text: String) -> Say {
    Say { after: Duration::from_millis(millis), text }
}

/// What has been heard so far, and a bell for those who wait.
#[derive(Default)]
struct Record {
    heard: Mutex<Vec<Heard>>,
    bell: Condvar,
}

impl Record {
    fn lock(&self) -> MutexGuard<'_, Vec<Heard>> {
        self.heard.lock().unwrap()
    }
}

/// The scripted peer.
pub struct Peer {
    /// Where it listens.
    pub addr: SocketAddr,
    socket: UdpSocket,
    record: Arc<Record>,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    /// On 127.0.0.1, answering by `script`.
    pub fn new(script: impl FnMut(&Heard) -> Vec<Say> + Send + 'static) -> Peer {
        Peer::on("127.0.0.1:0", script)
    }

    /// On another address.
    pub fn on(address: &str, script: impl FnMut(&Heard) -> Vec<Say> + Send + 'static) -> Peer {
        let socket = UdpSocket::bind(address).unwrap();
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true).unwrap();
        let addr = socket.local_addr().unwrap();
        let record = Arc::new(Record::default());
        let talker = Talker { socket: socket.try_clone().unwrap(), addr, record: record.clone() };
        let thread = std::thread::spawn(move || talker.run(script));
        Peer { addr, socket, record, thread: Some(thread) }
    }

    /// Says nothing, ever.
    pub fn silent() -> Peer {
        Peer::new(|_| Vec::new())
    }

    /// Answers an INVITE with 200, any other request but ACK too.
    pub fn answering() -> Peer {
        Peer::new(accept)
    }

    /// Answers as this table says, method to status; no entry, no answer.
    pub fn saying(table: &'static [(&'static str, &'static str)]) -> Peer {
        Peer::new(move |heard| {
            let statuses = table.iter().filter(|(method, _)| *method == heard.method());
            statuses.map(|(_, status)| now(heard.response(status))).collect()
        })
    }

    /// Sends something by itself.
    pub fn say(&self, to: SocketAddr, bytes: impl AsRef<[u8]>) {
        self.socket.send_to(bytes.as_ref(), to).unwrap();
    }

    /// Sends something to a port of the host it is on itself.
    pub fn say_to_port(&self, port: u16, bytes: impl AsRef<[u8]>) {
        self.say(SocketAddr::new(self.addr.ip(), port), bytes);
    }

    /// All that has been heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.record.lock().clone()
    }

    /// Waits until `count` messages have been heard.
    #[track_caller]
    pub fn wait(&self, count: usize) -> Vec<Heard> {
        self.wait_until(&format!("{count} messages"), |heard| heard.len() >= count)
    }

    /// Waits until `count` messages with this first word have been heard, and returns those.
    #[track_caller]
    pub fn wait_for(&self, count: usize, method: &str) -> Vec<Heard> {
        let count_of = |heard: &[Heard]| heard.iter().filter(|heard| heard.method() == method).count();
        self.wait_until(&format!("{count} {method}"), |heard| count_of(heard) >= count);
        self.heard_of(method)
    }

    #[track_caller]
    fn wait_until(&self, what: &str, is_enough: impl Fn(&[Heard]) -> bool) -> Vec<Heard> {
        let heard = self.record.lock();
        let (heard, timeout) =
            self.record.bell.wait_timeout_while(heard, DEADLINE, |heard| !is_enough(heard)).unwrap();
        let result = heard.clone();
        drop(heard);
        assert!(!timeout.timed_out(), "waited in vain for {what}");
        result
    }

    /// What has been heard of one method.
    pub fn heard_of(&self, method: &str) -> Vec<Heard> {
        self.heard().into_iter().filter(|heard| heard.method() == method).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // An empty datagram from itself ends the thread.
        let _ = self.socket.send_to(&[], self.addr);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if std::thread::panicking() {
            let heard = self.heard();
            eprintln!("\n=== the peer at {} heard {} messages", self.addr, heard.len());
            for (heard, at) in heard.iter().zip(millis(&heard)).take(40) {
                eprintln!("--- {at:.1} ms, from {}\n{}", heard.from, heard.text);
            }
        }
    }
}

/// 200 to everything but ACK.
pub fn accept(heard: &Heard) -> Vec<Say> {
    match heard.method() {
        "ACK" | "SIP/2.0" => Vec::new(),
        _ => vec![now(heard.response("200 OK"))],
    }
}

/// Arrival times in ms since the first one.
pub fn millis(heard: &[Heard]) -> Vec<f64> {
    let since_first =
        |at: SystemTime| at.duration_since(heard[0].at).unwrap_or_default().as_secs_f64() * 1_000.0;
    heard.iter().map(|heard| since_first(heard.at)).collect()
}

/// The messages must have come at these times, in ms since the first one, give or take 15 ms.
#[track_caller]
pub fn assert_times(heard: &[Heard], expected: &[f64]) {
    let found = millis(heard);
    let is_close = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() <= 15.0);
    assert!(found.len() == expected.len() && is_close, "messages at\n{found:.0?} instead of\n{expected:.0?}");
}

/// The peer's thread.
struct Talker {
    socket: UdpSocket,
    addr: SocketAddr,
    record: Arc<Record>,
}

impl Talker {
    fn run(self, mut script: impl FnMut(&Heard) -> Vec<Say>) {
        let mut later: Vec<(Instant, SocketAddr, String)> = Vec::new();
        loop {
            let next = later.iter().map(|(due, _, _)| *due).min();
            let wait = next.map_or(DEADLINE, |due| due.saturating_duration_since(Instant::now()));
            let is_readable = readable_within(&self.socket, wait);
            if let Some(heard) = is_readable.then(|| self.receive()).flatten() {
                if heard.from == self.addr {
                    return;
                }
                let said = Instant::now();
                for say in script(&heard) {
                    later.push((said + say.after, heard.from, say.text));
                }
                self.record.lock().push(heard);
                self.record.bell.notify_all();
            }
            let now = Instant::now();
            for (_, to, text) in later.extract_if(.., |(due, _, _)| *due <= now) {
                // The program may have ended: that is for the test to judge.
                let _ = self.socket.send_to(text.as_bytes(), to);
            }
        }
    }

    /// The next datagram, which is there; none when the kernel takes it back.
    fn receive(&self) -> Option<Heard> {
        let mut buffer = vec![0; 65_536];
        let mut control = nix::cmsg_space!(TimeSpec);
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let fd = self.socket.as_raw_fd();
        let (length, from, at) = {
            let message =
                recvmsg::<SockaddrStorage>(fd, &mut slices, Some(&mut control), MsgFlags::MSG_DONTWAIT)
                    .ok()?;
            let at = message.cmsgs().ok()?.find_map(|control| match control {
                ControlMessageOwned::ScmTimestampns(stamp) => {
                    Some(SystemTime::UNIX_EPOCH + Duration::from(stamp))
                }
                _ => None,
            })?;
            (message.bytes, message.address?, at)
        };
        let from = match (from.as_sockaddr_in(), from.as_sockaddr_in6()) {
            (Some(v4), _) => SocketAddr::V4((*v4).into()),
            (_, Some(v6)) => SocketAddr::V6((*v6).into()),
            _ => return None,
        };
        Some(Heard { at, from, text: String::from_utf8_lossy(&buffer[..length]).into_owned() })
    }
}
