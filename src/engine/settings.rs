//! What the command line decides about calls, in the engine's own terms.
//! Spec: cli.md §4.4, §4.7, §4.8, §11.1. Made by `run` from the options; fixed for the run.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use super::line::Lines;
use super::pacer::Rate;
use crate::clock::{Span, WallClock};

/// `-default_behaviors` (cli.md §11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviors {
    /// Aborted calls send ACK, CANCEL or BYE; unexpected BYE and CANCEL get a 200.
    pub bye: bool,
    /// An unexpected message fails the call.
    pub abort_unexpected: bool,
    /// An unexpected PING gets a 200.
    pub ping_reply: bool,
    /// An ACK must carry its INVITE's CSeq number.
    pub cseq: bool,
}

impl Behaviors {
    /// `all`, the default.
    pub const ALL: Behaviors = Behaviors { bye: true, abort_unexpected: true, ping_reply: true, cseq: true };
    /// `none`, `-nd`.
    pub const NONE: Behaviors =
        Behaviors { bye: false, abort_unexpected: false, ping_reply: false, cseq: false };
}

impl Default for Behaviors {
    fn default() -> Behaviors {
        Behaviors::ALL
    }
}

/// Limits of UDP retransmission (runtime.md §5). Absent with `-nr` and on reliable transports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retransmission {
    /// Cap of the doubling delay for anything but INVITE.
    pub t2: Span,
    /// Most resends of an INVITE.
    pub max_invite: u32,
    /// Most resends of anything else.
    pub max_other: u32,
}

impl Default for Retransmission {
    fn default() -> Retransmission {
        Retransmission { t2: Span::from_millis(4_000), max_invite: 5, max_other: 9 }
    }
}

/// How calls come into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// So many per period (`-r`, `-rp`).
    Rate(Rate),
    /// So many at a time (`-users`).
    Users(u32),
}

/// `-l`: the most calls open at a time that the generator allows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Computed from rate and pauses (runtime.md §2.5).
    Default,
    /// As given; None means no limit.
    Given(Option<u64>),
}

/// Everything an engine needs to know besides the plan.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `-default_behaviors`
    pub behaviors: Behaviors,
    /// `-aa`
    pub auto_answer: bool,
    /// `-nr` and the retransmission limits.
    pub retransmission: Option<Retransmission>,
    /// `-deadcall_wait`; zero remembers nothing.
    pub dead_call_wait: Span,
    /// `-recv_timeout`
    pub recv_timeout: Option<Span>,
    /// `-d`
    pub default_pause: Span,
    /// `-base_cseq`: number of the first counted request.
    pub base_cseq: u32,
    /// `-cid_str`
    pub call_id_format: String,
    /// `%s` in it: the local address, no brackets.
    pub local_ip: String,
    /// `%p` in it.
    pub pid: u32,
    /// Where a client sends, and a server too when `-rsa` is given; None: to the source of a call's first message.
    pub destination: Option<SocketAddr>,
    /// What carries the messages of calls that do not answer on the way their first message came.
    pub lines: Lines,
    /// `[local_port]` of calls without a port of their own.
    pub local_port: u16,
    /// `-reconnect_close`: calls end with their connection.
    pub ends_with_connection: bool,
    /// `-r`, `-rp` or `-users`.
    pub load: Load,
    /// `-l`
    pub limit: Limit,
    /// Percent of messages dropped on purpose by steps that do not say (`lost`).
    pub lost: f64,
    /// Turns a host name into an address, for `<setdest>`. Numeric addresses never get here.
    pub resolve: fn(&str) -> Option<std::net::IpAddr>,
    /// Reads a file, for `[file name=]`.
    pub read_file: fn(&Path) -> io::Result<Vec<u8>>,
    /// `-m`: calls to create in all.
    pub calls: Option<u64>,
    /// `-set`: values of global variables by slot.
    pub globals: Vec<(u16, Vec<u8>)>,
    /// Relation of ticks to the calendar.
    pub wall: WallClock,
    /// Whether `-trace_msg` is on: only then notes are made.
    pub traces_messages: bool,
    /// Transport name in traces and automatic messages.
    pub transport: &'static str,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            behaviors: Behaviors::default(),
            auto_answer: false,
            retransmission: Some(Retransmission::default()),
            dead_call_wait: Span::from_millis(33_000),
            recv_timeout: None,
            default_pause: Span::ZERO,
            base_cseq: 1,
            call_id_format: "%u-%p@%s".to_owned(),
            local_ip: "127.0.0.1".to_owned(),
            pid: 1,
            destination: None,
            lines: Lines::default(),
            local_port: 0,
            ends_with_connection: true,
            load: Load::Rate(Rate::new(10.0, Span::from_millis(1_000))),
            limit: Limit::Default,
            lost: 0.0,
            resolve: |_| None,
            read_file: |_| Err(io::ErrorKind::NotFound.into()),
            calls: None,
            globals: Vec::new(),
            wall: WallClock::default(),
            traces_messages: false,
            transport: "UDP",
        }
    }
}
