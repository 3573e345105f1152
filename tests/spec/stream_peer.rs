//! The other side of connections: a server by script, small messages, and rsipp as a server or as a client whose descriptors are counted.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::program::{Ended, Program, Running, rsipp};
use crate::xml;

/// How long to wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A peer that gives every connection to a thread of its own.
pub struct Server {
    pub addr: SocketAddr,
    pub ended: Receiver<()>,
    accepted: Arc<AtomicUsize>,
}

impl Server {
    /// `serve` also gets the number of the connection, from 0.
    pub fn start(serve: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let (tell, ended) = channel();
        let (serve, accepted) = (Arc::new(serve), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&accepted);
        std::thread::spawn(move || {
            for (nth, stream) in listener.incoming().enumerate() {
                count.fetch_add(1, Ordering::Relaxed);
                let (tell, serve) = (tell.clone(), Arc::clone(&serve));
                std::thread::spawn(move || {
                    serve(stream.unwrap(), nth);
                    let _ = tell.send(());
                });
            }
        });
        Server { addr, ended, accepted }
    }

    /// Connections so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// An rsipp that calls it.
    pub fn called_by(&self, transport: &str, arguments: &str) -> Program {
        rsipp(&format!("-t {transport} -max_socket 500 {} {arguments}", self.addr))
    }

    pub fn waits_for_the_end_of_a_connection(&self) {
        self.ended.recv_timeout(Duration::from_secs(20)).unwrap();
    }
}

/// The next message without body, or None at the end.
pub fn read_message(stream: &mut impl Read) -> Option<String> {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        text.push(byte[0]);
    }
    let text = String::from_utf8(text).unwrap();
    let length = header(&text, "Content-Length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(text)
}

pub fn header<'t>(text: &'t str, name: &str) -> &'t str {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(found, _)| *found == name).map(|(_, value)| value.trim()).next().unwrap_or_default()
}

pub fn ok(request: &str) -> String {
    let headers =
        ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| format!("{name}: {}\r\n", header(request, name)));
    format!("SIP/2.0 200 OK\r\n{}Content-Length: 0\r\n\r\n", headers.concat())
}

/// Answers all requests but ACK.
pub fn answer(mut stream: impl Read + Write) {
    while let Some(request) = read_message(&mut stream) {
        if !request.starts_with("ACK") && stream.write_all(ok(&request).as_bytes()).is_err() {
            return;
        }
    }
}

/// Closes so that the other side gets a reset: with unread data, or without lingering.
pub fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
}

pub fn one_request() -> String {
    xml::scenario(&[xml::request("OPTIONS", ""), xml::expect("200")])
}

/// A server and its main port.
pub fn server(arguments: &str) -> (Running, SocketAddr) {
    server_of(arguments, &xml::scenario(&[xml::await_request("OPTIONS"), xml::response("200 OK", "")]))
}

/// The same with this scenario.
pub fn server_of(arguments: &str, scenario: &str) -> (Running, SocketAddr) {
    let running = rsipp(&format!("-i 127.0.0.1 {arguments}")).scenario(scenario).start();
    let port = running.listens_on_tcp();
    (running, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

pub fn options(id: &str) -> String {
    format!(
        "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK{id}\r\nFrom: <sip:b>;tag=1\r\nTo: <sip:a>\r\n\
         Call-ID: {id}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
}

/// What lets a test read warnings from `errors`, and counters by [`counted`].
pub const RECORDS: &str = "-trace_err -error_file errors -trace_stat -stf stat";

/// A client that opens calls only while it is told to, so that its descriptors can be counted while it has none.
pub struct Client {
    running: Running,
    control: UdpSocket,
    /// Its descriptors without any call.
    before: usize,
}

impl Client {
    /// Starts it with this scenario.
    #[track_caller]
    pub fn start(program: Program, scenario: &str) -> Client {
        let options = format!("-i 127.0.0.1 -ci 127.0.0.1 -r 0 -l 500 {RECORDS}");
        let program = options.split(' ').fold(program.scenario(scenario), Program::arg);
        let running = program.start();
        running.listens_on_tcp();
        let control = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        control.connect((Ipv4Addr::LOCALHOST, running.listens_on())).unwrap();
        // Who obeys has everything open that it opens without calls.
        control.send(b"cset nothing now").unwrap();
        running.waits_for_file("errors", "Unknown set attribute: nothing");
        let before = running.descriptors();
        Client { running, control, before }
    }

    /// Opens calls until that is so.
    #[track_caller]
    pub fn opens_calls_until(&self, enough: impl Fn() -> bool) {
        self.control.send(b"cset rate 200").unwrap();
        let until = Instant::now() + PATIENCE;
        while !enough() {
            assert!(Instant::now() < until && self.running.is_running(), "waited in vain for calls");
            std::thread::yield_now();
        }
        self.control.send(b"cset rate 0").unwrap();
    }

    /// Waits until it has only the descriptors that it had without calls, and ends it.
    #[track_caller]
    pub fn ends(self) -> Ended {
        self.running.waits_for_descriptors(self.before);
        self.control.send(b"q").unwrap();
        self.running.wait()
    }
}

/// A counter of the last row of `stat`.
#[track_caller]
pub fn counted(ended: &Ended, name: &str) -> u64 {
    let text = ended.read("stat");
    let mut lines = text.lines();
    let at = lines.next().unwrap().split(';').position(|column| column == format!("{name}(C)"));
    lines.next_back().unwrap().split(';').nth(at.unwrap()).unwrap().parse().unwrap()
}

pub fn says(mut stream: &TcpStream, bytes: impl AsRef<[u8]>) {
    // Who has given up is not to be reached.
    let _ = stream.write_all(bytes.as_ref());
}

/// Until the other side closes.
pub fn stays(mut stream: impl Read) {
    while stream.read(&mut [0; 4_096]).is_ok_and(|count| count > 0) {}
}

pub fn connects(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// By a close or by a reset.
pub fn is_hung_up_on(stream: &mut TcpStream) {
    match stream.read(&mut [0]) {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
}

/// Each has a thread, for most of them wait.
pub fn all_at_once<T: Sync>(faults: &[T], check: impl Fn(&T) + Sync) {
    std::thread::scope(|scope| {
        for fault in faults {
            scope.spawn(|| check(fault));
        }
    });
}
