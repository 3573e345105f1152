//! The ruler: the datagrams of a call and nothing else. Two processes move them; the first byte says which of the six a datagram is.
//! No SIP, no calls, no timers but a pace.
//!
//! Like a busy rsipp it works by a beat, a millisecond or half a one: what came and what is due meanwhile is moved together. How it
//! crosses the kernel is its [`Style`], so that there is a ruler for each way in which the programs beside it do that.

use std::fmt;
use std::io::{IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::num::ParseIntError;
use std::os::fd::AsRawFd;
use std::str::FromStr;
use std::time::{Duration, Instant};

use nix::cmsg_space;
use nix::sys::socket::sockopt::UdpGroSegment;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, recvmsg, sendmsg,
    setsockopt,
};
use rustix::net::sockopt::set_socket_recv_buffer_size_force;
use rustix::net::{MMsgHdr, RecvFlags, SendAncillaryBuffer, SendFlags, recv, sendmmsg};

/// Room for any of the six.
const ROOM: usize = 2_048;

/// Room for a group of them: a datagram's most.
const GROUP_ROOM: usize = 65_535;

/// Datagrams of a system call or of a group, at most.
const BATCH: usize = 64;

/// Datagrams that are read before what they ask for is sent.
const TURN: usize = 1_024;

/// Receive buffer: what the programs beside it have.
const RECEIVE_BUFFER: usize = 4 << 20;

const BEAT: Duration = Duration::from_millis(1);
const QUICK_BEAT: Duration = Duration::from_micros(500);

/// Datagrams received a second from which on the beat is quick, as rsipp's.
const VERY_BUSY: f64 = 30_000.0;

const INVITE: usize = 0;
const RINGING: usize = 1;
const OK: usize = 2;
const ACK: usize = 3;
const BYE: usize = 4;
const BYE_OK: usize = 5;

/// How many of each of the six.
type Counts = [usize; 6];

/// How datagrams cross the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Those of one kind as one (`UDP_SEGMENT`, `UDP_GRO`), as rsipp does.
    Groups,
    /// Many a system call (`sendmmsg`, `recvmmsg`), as rsipp with `-no_gso` does.
    Batches,
    /// One a system call (`send`, `recv`), as sipp does.
    Single,
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Style::Groups => "groups",
            Style::Batches => "64",
            Style::Single => "1",
        })
    }
}

impl Style {
    /// All of them, in the order of their columns.
    pub const ALL: [Style; 3] = [Style::Groups, Style::Batches, Style::Single];

    fn named(word: &str) -> Style {
        Style::ALL.into_iter().find(|style| style.to_string() == word).unwrap()
    }
}

/// When this process was started as one side of the ruler, it is that, and true is returned at its end.
pub fn is_asked_for(arguments: &[String]) -> bool {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["floor-answerer", port, sizes, style] => answer(number(port), sizes, Style::named(style)),
        ["floor-caller", port, sizes, style, rate, calls] => {
            call(number(port), sizes, Style::named(style), number(rate), number(calls));
        }
        _ => return false,
    }
    true
}

fn number<T: FromStr<Err = ParseIntError>>(word: &str) -> T {
    word.parse().unwrap()
}

/// A connected socket, and all that may be sent.
struct Mover {
    socket: UdpSocket,
    style: Style,
    /// Of each kind a group, one behind the other.
    datagrams: Vec<Vec<u8>>,
    sizes: Vec<usize>,
    headers: MultiHeaders<SockaddrIn>,
    buffers: Vec<Vec<u8>>,
}

impl Mover {
    fn new(socket: UdpSocket, sizes: &str, style: Style) -> Mover {
        let sizes: Vec<usize> = sizes.split(',').map(|size| size.parse().unwrap()).collect();
        let group = |(kind, size): (u8, &usize)| vec![kind; size * BATCH];
        if set_socket_recv_buffer_size_force(&socket, RECEIVE_BUFFER).is_err() {
            socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER).unwrap();
        }
        let (buffers, room) = match style {
            Style::Groups => (1, GROUP_ROOM),
            Style::Batches => (BATCH, ROOM),
            Style::Single => (1, ROOM),
        };
        if style == Style::Groups {
            setsockopt(&socket, UdpGroSegment, &true).unwrap();
        }
        Mover {
            socket,
            style,
            datagrams: (0..).zip(&sizes).map(group).collect(),
            sizes,
            headers: MultiHeaders::preallocate(buffers, None),
            buffers: vec![vec![0; room]; buffers],
        }
    }

    /// Counts what is there, but not much more than a turn.
    fn receive(&mut self) -> Counts {
        let mut heard = [0; 6];
        while heard.iter().sum::<usize>() < TURN {
            let is_all = match self.style {
                Style::Groups => self.receive_group(&mut heard),
                Style::Batches => self.receive_batch(&mut heard),
                Style::Single => self.receive_one(&mut heard),
            };
            if is_all {
                break;
            }
        }
        heard
    }

    /// True when nothing is left.
    fn receive_group(&mut self, heard: &mut Counts) -> bool {
        let mut control = cmsg_space!(i32);
        let mut parts = [IoSliceMut::new(&mut self.buffers[0])];
        let (fd, flags) = (self.socket.as_raw_fd(), MsgFlags::MSG_DONTWAIT);
        let Ok(received) = recvmsg::<()>(fd, &mut parts, Some(&mut control), flags) else { return true };
        let size = received.cmsgs().unwrap().find_map(|message| match message {
            ControlMessageOwned::UdpGroSegments(size) => usize::try_from(size).ok(),
            _ => None,
        });
        let len = received.bytes;
        let bytes = &self.buffers[0][..len];
        bytes.chunks(size.unwrap_or(len).max(1)).for_each(|datagram| count(heard, datagram));
        false
    }

    fn receive_batch(&mut self, heard: &mut Counts) -> bool {
        let mut parts: Vec<_> = self.buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
        let fd = self.socket.as_raw_fd();
        let received = recvmmsg(fd, &mut self.headers, &mut parts, MsgFlags::MSG_DONTWAIT, None);
        let Ok(number) = received.map(Iterator::count) else { return true };
        self.buffers[..number].iter().for_each(|datagram| count(heard, datagram));
        number < BATCH
    }

    fn receive_one(&mut self, heard: &mut Counts) -> bool {
        let buffer = &mut self.buffers[0];
        let there = matches!(recv(&self.socket, &mut buffer[..], RecvFlags::DONTWAIT), Ok((_, 1..)));
        if there {
            count(heard, buffer);
        }
        !there
    }

    fn send(&self, said: &Counts) {
        match self.style {
            Style::Groups => self.send_groups(said),
            Style::Batches => self.send_batches(said),
            Style::Single => self.in_order(said).for_each(|datagram| drop(self.socket.send(datagram))),
        }
    }

    fn send_groups(&self, said: &Counts) {
        for (kind, &many) in said.iter().enumerate() {
            let (size, most) = (self.sizes[kind], BATCH.min(GROUP_ROOM / self.sizes[kind]));
            for first in (0..many).step_by(most) {
                let bytes = &self.datagrams[kind][..size * most.min(many - first)];
                let segment = size as u16;
                let control = [ControlMessage::UdpGsoSegments(&segment)];
                let flags = MsgFlags::empty();
                let _ = sendmsg::<()>(self.socket.as_raw_fd(), &[IoSlice::new(bytes)], &control, flags, None);
            }
        }
    }

    fn send_batches(&self, said: &Counts) {
        let payloads: Vec<_> = self.in_order(said).map(|datagram| [IoSlice::new(datagram)]).collect();
        for batch in payloads.chunks(BATCH) {
            let mut controls: [SendAncillaryBuffer<'_, '_, '_>; BATCH] =
                std::array::from_fn(|_| SendAncillaryBuffer::default());
            let headers = batch.iter().zip(&mut controls);
            let mut headers: Vec<_> =
                headers.map(|(payload, control)| MMsgHdr::new(payload, control)).collect();
            let mut done = 0;
            while done < headers.len() {
                done += sendmmsg(&self.socket, &mut headers[done..], SendFlags::empty()).unwrap_or(1);
            }
        }
    }

    /// The datagrams themselves, kind after kind.
    fn in_order(&self, said: &Counts) -> impl Iterator<Item = &[u8]> {
        let kinds = self.datagrams.iter().zip(&self.sizes).zip(*said);
        kinds.flat_map(|((datagrams, size), many)| std::iter::repeat_n(&datagrams[..*size], many))
    }
}

fn count(heard: &mut Counts, datagram: &[u8]) {
    heard[usize::from(datagram[0])] += 1;
}

/// When it is time to move datagrams.
struct Beat {
    next: Instant,
    every: Duration,
}

impl Beat {
    fn new() -> Beat {
        Beat { next: Instant::now(), every: BEAT }
    }

    /// Sleeps until the next beat, after so many datagrams came in the last one.
    fn rest(&mut self, heard: usize) {
        let a_second = heard as f64 / self.every.as_secs_f64();
        self.every = if a_second < VERY_BUSY { BEAT } else { QUICK_BEAT };
        let now = Instant::now();
        let due = self.next.max(now);
        self.next = due + self.every;
        std::thread::sleep(due - now);
    }
}

/// Answers until it is ended from outside.
fn answer(port: u16, sizes: &str, style: Style) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let (_, caller) = socket.peek_from(&mut [0; ROOM]).unwrap();
    socket.connect(caller).unwrap();
    let mut mover = Mover::new(socket, sizes, style);
    let mut beat = Beat::new();
    loop {
        let heard = mover.receive();
        let mut said = [0; 6];
        said[RINGING] = heard[INVITE];
        said[OK] = heard[INVITE];
        said[BYE_OK] = heard[BYE];
        mover.send(&said);
        beat.rest(heard.iter().sum());
    }
}

/// Makes calls, each due at a time that the rate alone decides. Exits with 1 when answers stay away for a second, for a datagram
/// was lost, and with 2 when it took 3 % longer than planned to open them.
fn call(port: u16, sizes: &str, style: Style, rate: u32, calls: u32) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).unwrap();
    let mut mover = Mover::new(socket, sizes, style);
    let mut beat = Beat::new();
    let calls = calls as usize;
    let due_by = |time: Duration| ((time.as_secs_f64() * f64::from(rate)) as usize + 1).min(calls);
    let started = Instant::now();
    let (mut opened, mut done, mut last) = (0, 0, started);
    let mut all_opened = Duration::ZERO;
    while done < calls {
        let heard = mover.receive();
        done += heard[BYE_OK];
        let mut said = [0; 6];
        said[ACK] = heard[OK];
        said[BYE] = heard[OK];
        let now = started.elapsed();
        if opened < calls {
            said[INVITE] = due_by(now) - opened;
            opened += said[INVITE];
            all_opened = now;
        }
        mover.send(&said);
        let number = heard.iter().sum();
        if number > 0 {
            last = Instant::now();
        } else if opened == calls && last.elapsed() > Duration::from_secs(1) {
            std::process::exit(1);
        }
        beat.rest(number);
    }
    let planned = f64::from(calls as u32) / f64::from(rate);
    if all_opened.as_secs_f64() > planned * 1.03 {
        std::process::exit(2);
    }
}
