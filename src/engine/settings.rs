//! What the command line decides about calls, in the engine's own terms.
//! Spec: cli.md §4.4, §4.7, §4.8, §11.1. Made by `run` from the options; fixed for the run.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use super::call_id::CallIdKind;
use super::circuits::CircuitMap;
use super::line::Lines;
use super::pacer::Rate;
use super::share::{Share, Tickets};
use crate::clock::{Span, WallClock};
use crate::message::DynamicIds;

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

/// The URI of digest credentials (auth.md §3): not the request's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DigestUri {
    /// `sip:` and the text of `-auth_uri`. `<verifyauth>` takes it for the peer's, too.
    Given(String),
    /// `sip:` and the target's address and port.
    Target(String),
}

impl DigestUri {
    /// The URI.
    pub fn as_str(&self) -> &str {
        let (DigestUri::Given(uri) | DigestUri::Target(uri)) = self;
        uri
    }

    /// The URI, if it was given.
    pub fn given(&self) -> Option<&str> {
        match self {
            DigestUri::Given(uri) => Some(uri),
            DigestUri::Target(_) => None,
        }
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

/// `-rate_increase`: the rate grows by itself (runtime.md §2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateIncrease {
    /// Calls per period that each step adds; may be negative.
    pub by: i32,
    /// `-rate_interval`: time from step to step, the first one included. Not zero.
    pub every: Span,
    /// `-rate_max`: no step goes beyond it.
    pub max: Option<u32>,
    /// Whether a step that would go beyond it ends the run softly (off with `-no_rate_quit`).
    pub quits_at_max: bool,
}

/// `-rtcheck`: when a received message is a repeat of an earlier one (runtime.md §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RepeatCheck {
    /// When every byte is the same.
    #[default]
    Full,
    /// When To, From, Call-ID and CSeq are the same, and of responses the first line and the body.
    Loose,
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
    /// `uri` of digest credentials.
    pub digest_uri: DigestUri,
    /// `-nr` and the retransmission limits.
    pub retransmission: Option<Retransmission>,
    /// `-deadcall_wait`; zero remembers nothing.
    pub dead_call_wait: Span,
    /// `-recv_timeout`
    pub recv_timeout: Option<Span>,
    /// `-send_timeout`
    pub send_timeout: Option<Span>,
    /// `-d`
    pub default_pause: Span,
    /// `-base_cseq`: number of the first counted request.
    pub base_cseq: u32,
    /// `-cid_type`
    pub call_id: CallIdKind,
    /// `-cid_str`
    pub call_id_format: String,
    /// `%s` in it: the local address, no brackets.
    pub local_ip: String,
    /// `%p` in it.
    pub pid: u32,
    /// Where the generator's calls send; a server has none.
    pub destination: Option<SocketAddr>,
    /// `-rsa`: where calls opened by a message send, and automatic answers; None: to the source of that message.
    pub next_hop: Option<SocketAddr>,
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
    /// `-rate_increase` and what belongs to it; without effect with `-users` and on a server.
    pub rate_increase: Option<RateIncrease>,
    /// `-rate_scale`: what one step of the keys `+ -` is worth.
    pub rate_scale: f64,
    /// `-rtcheck`
    pub repeat_check: RepeatCheck,
    /// `-pause_msg_ign`: messages for a call that is in a pause are dropped.
    pub drops_in_pauses: bool,
    /// `-callid_slash_ign`: a received Call-ID is not cut behind its first `///`.
    pub keeps_slashes: bool,
    /// Percent of messages dropped on purpose by steps that do not say (`lost`).
    pub lost: f64,
    /// Turns a host name into an address, for `<setdest>`. Numeric addresses never get here.
    pub resolve: fn(&str) -> Option<std::net::IpAddr>,
    /// Reads a file, for `[file name=]`.
    pub read_file: fn(&Path) -> io::Result<Vec<u8>>,
    /// `-sendbuffer_warn true`: an automatic message that the socket refuses ends the run.
    pub automatic_sends_must_succeed: bool,
    /// `-max_sched_loops`: steps a call may run without waiting before other calls get their turn; at least 1.
    pub steps_per_turn: u32,
    /// `-dynamicStart`, `-dynamicMax`, `-dynamicStep`.
    pub dynamic_ids: DynamicIds,
    /// `-tdmmap`: each call holds a circuit.
    pub circuits: Option<CircuitMap>,
    /// Which of the run's calls are this engine's.
    pub share: Share,
    /// `-m`: calls to create in all.
    pub calls: Option<u64>,
    /// `-m` where calls come to any of several workers.
    pub tickets: Option<Arc<Tickets>>,
    /// `-set`: values of global variables by slot.
    pub globals: Vec<(u16, Vec<u8>)>,
    /// Relation of ticks to the calendar.
    pub wall: WallClock,
    /// Whether `-trace_msg` is on: only then notes are made.
    pub traces_messages: bool,
    /// Whether `-trace_calldebug` is on: only then calls keep their history.
    pub traces_calls: bool,
    /// Whether `-trace_error_codes` is on, for this scenario.
    pub traces_error_codes: bool,
    /// Whether `-trace_rtt` is on, for this scenario.
    pub traces_response_times: bool,
    /// Whether failed calls are to be told of: only then calls leave a trail.
    pub tells_failures: bool,
    /// Transport name in traces and automatic messages.
    pub transport: &'static str,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            behaviors: Behaviors::default(),
            auto_answer: false,
            digest_uri: DigestUri::Target("sip::5060".to_owned()),
            retransmission: Some(Retransmission::default()),
            dead_call_wait: Span::from_millis(33_000),
            recv_timeout: None,
            send_timeout: None,
            default_pause: Span::ZERO,
            base_cseq: 1,
            call_id: CallIdKind::default(),
            call_id_format: "%u-%p@%s".to_owned(),
            local_ip: "127.0.0.1".to_owned(),
            pid: 1,
            destination: None,
            next_hop: None,
            lines: Lines::default(),
            local_port: 0,
            ends_with_connection: true,
            load: Load::Rate(Rate::new(10.0, Span::from_millis(1_000))),
            limit: Limit::Default,
            rate_increase: None,
            rate_scale: 1.0,
            repeat_check: RepeatCheck::Full,
            drops_in_pauses: false,
            keeps_slashes: false,
            lost: 0.0,
            resolve: |_| None,
            read_file: |_| Err(io::ErrorKind::NotFound.into()),
            automatic_sends_must_succeed: false,
            steps_per_turn: 1_000,
            dynamic_ids: DynamicIds::default(),
            circuits: None,
            share: Share::WHOLE,
            calls: None,
            tickets: None,
            globals: Vec::new(),
            wall: WallClock::default(),
            traces_messages: false,
            traces_calls: false,
            traces_error_codes: false,
            traces_response_times: false,
            tells_failures: false,
            transport: "UDP",
        }
    }
}
