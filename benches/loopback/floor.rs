//! The ruler: the datagrams of a call and nothing else. Two processes move them, in batches (`recvmmsg`, `sendmmsg`) or one by
//! one (`recv`, `send`); the first byte says which of the six a datagram is. No SIP, no calls, no timers but a pace by the
//! millisecond.

use std::io::{IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::num::ParseIntError;
use std::os::fd::AsRawFd;
use std::str::FromStr;
use std::time::{Duration, Instant};

use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, recvmmsg};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{MMsgHdr, RecvFlags, SendAncillaryBuffer, SendFlags, recv, sendmmsg};

/// Room for any of the six.
const ROOM: usize = 2_048;

/// How long the caller sleeps at least, unless it hears something.
const TICK: Duration = Duration::from_millis(1);

const INVITE: u8 = 0;
const RINGING: u8 = 1;
const OK: u8 = 2;
const ACK: u8 = 3;
const BYE: u8 = 4;
const BYE_OK: u8 = 5;

/// When this process was started as one side of the ruler, it is that, and true is returned at its end.
pub fn is_asked_for(arguments: &[String]) -> bool {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["floor-answerer", port, sizes, batch] => answer(number(port), sizes, number(batch)),
        ["floor-caller", port, sizes, batch, rate, calls] => {
            call(number(port), sizes, number(batch), number(rate), number(calls));
        }
        _ => return false,
    }
    true
}

fn number<T: FromStr<Err = ParseIntError>>(word: &str) -> T {
    word.parse().unwrap()
}

/// A connected socket with a batch of buffers.
struct Mover {
    socket: UdpSocket,
    headers: MultiHeaders<SockaddrIn>,
    buffers: Vec<Vec<u8>>,
    datagrams: Vec<Vec<u8>>,
}

impl Mover {
    /// `batch`: most datagrams of a system call.
    fn new(socket: UdpSocket, sizes: &str, batch: usize) -> Mover {
        let sizes = sizes.split(',').map(|size| size.parse::<usize>().unwrap());
        let datagrams = (INVITE..).zip(sizes).map(|(kind, size)| vec![kind; size]).collect();
        socket2::SockRef::from(&socket).set_recv_buffer_size(4 << 20).unwrap();
        Mover {
            socket,
            headers: MultiHeaders::preallocate(batch, None),
            buffers: vec![vec![0; ROOM]; batch],
            datagrams,
        }
    }

    /// Puts the kinds of the datagrams that are there into `kinds`; false when there were none.
    fn receive(&mut self, kinds: &mut Vec<u8>) -> bool {
        kinds.clear();
        if let [buffer] = &mut self.buffers[..] {
            if let Ok((_, 1..)) = recv(&self.socket, &mut buffer[..], RecvFlags::DONTWAIT) {
                kinds.push(buffer[0]);
            }
            return !kinds.is_empty();
        }
        {
            let mut slices: Vec<_> =
                self.buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
            let fd = self.socket.as_raw_fd();
            let Ok(received) = recvmmsg(fd, &mut self.headers, &mut slices, MsgFlags::MSG_DONTWAIT, None)
            else {
                return false;
            };
            kinds.resize(received.count(), 0);
        }
        for (kind, buffer) in kinds.iter_mut().zip(&self.buffers) {
            *kind = buffer[0];
        }
        !kinds.is_empty()
    }

    fn send(&self, kinds: &[u8]) {
        if self.batch() == 1 {
            for kind in kinds {
                let _ = self.socket.send(&self.datagrams[usize::from(*kind)]);
            }
            return;
        }
        for batch in kinds.chunks(self.batch()) {
            let payloads: Vec<_> =
                batch.iter().map(|kind| [IoSlice::new(&self.datagrams[usize::from(*kind)])]).collect();
            let mut controls: Vec<_> = batch.iter().map(|_| SendAncillaryBuffer::default()).collect();
            let mut headers: Vec<_> = payloads
                .iter()
                .zip(&mut controls)
                .map(|(payload, control)| MMsgHdr::new(payload, control))
                .collect();
            let mut done = 0;
            while done < headers.len() {
                done += sendmmsg(&self.socket, &mut headers[done..], SendFlags::empty()).unwrap_or(1);
            }
        }
    }

    fn batch(&self) -> usize {
        self.buffers.len()
    }

    /// Waits for a datagram, or until it is time.
    fn wait(&self, time: Option<Duration>) {
        let time =
            time.map(|time| Timespec { tv_sec: time.as_secs() as i64, tv_nsec: time.subsec_nanos().into() });
        let _ = poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], time.as_ref());
    }
}

/// Answers until it is ended from outside.
fn answer(port: u16, sizes: &str, batch: usize) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let (_, caller) = socket.peek_from(&mut [0; ROOM]).unwrap();
    socket.connect(caller).unwrap();
    let mut mover = Mover::new(socket, sizes, batch);
    let (mut heard, mut said) = (Vec::new(), Vec::new());
    loop {
        if !mover.receive(&mut heard) {
            mover.wait(None);
            continue;
        }
        said.clear();
        for kind in &heard {
            match *kind {
                INVITE => said.extend([RINGING, OK]),
                BYE => said.push(BYE_OK),
                _ => {}
            }
        }
        mover.send(&said);
    }
}

/// Makes calls, each due at a time that the rate alone decides. Exits with 1 when answers stay away for a second, and when it
/// took 3 % longer than planned to open them.
fn call(port: u16, sizes: &str, batch: usize, rate: u32, calls: u32) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).unwrap();
    let mut mover = Mover::new(socket, sizes, batch);
    let (mut heard, mut said) = (Vec::new(), Vec::new());
    let due = |call: u32| Duration::from_nanos(u64::from(call) * 1_000_000_000 / u64::from(rate));
    let started = Instant::now();
    let (mut opened, mut done, mut last) = (0, 0, started);
    let mut all_opened = Duration::ZERO;
    while done < calls {
        said.clear();
        if mover.receive(&mut heard) {
            last = Instant::now();
            for kind in &heard {
                match *kind {
                    OK => said.extend([ACK, BYE]),
                    BYE_OK => done += 1,
                    _ => {}
                }
            }
        }
        let now = started.elapsed();
        while opened < calls && due(opened) <= now && said.len() < batch {
            said.push(INVITE);
            opened += 1;
            all_opened = now;
        }
        mover.send(&said);
        if heard.is_empty() && said.is_empty() {
            // Calls leave by the millisecond, as many at a time as were due: the cheapest pace that is still one.
            let next = if opened < calls { due(opened).saturating_sub(now).max(TICK) } else { TICK * 100 };
            mover.wait(Some(next));
            if last.elapsed() > Duration::from_secs(1) && opened == calls {
                std::process::exit(1);
            }
        }
    }
    if all_opened > due(calls).mul_f64(1.03) {
        std::process::exit(1);
    }
}
