//! What the engine wants done: datagrams, log lines, commands, the end of the run. The shell carries it out in order.
//! Spec: design.md (sans-IO). Bytes of datagrams share one buffer that is reused; nothing is allocated for a message in
//! steady state.

use std::net::SocketAddr;
use std::ops::Range;

use super::history::Event;
use super::stray::Stray;
use super::table::CallKey;
use crate::clock::Span;
use crate::link::{Link, Way};
use crate::scenario::plan::RtdIx;

/// One datagram to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Send {
    /// Where its bytes stand in [`Effects::bytes`].
    pub bytes: Range<usize>,
    /// Over what, and where to.
    pub way: Way,
    /// The call that fails when it cannot be sent; None for automatic messages (runtime.md §11).
    pub call: Option<CallKey>,
}

/// Something to do besides sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A line for the errors log; counted in `Warnings`.
    Warn(Vec<u8>),
    /// `<log>`
    Log(Vec<u8>),
    /// `<exec command>`
    Command(Vec<u8>),
    /// A record for `-trace_msg` that is no message of its own (outputs.md §7.2).
    Note(Note),
    /// A response-time counter was stopped (`-trace_rtt`).
    ResponseTime {
        /// Which.
        rtd: RtdIx,
        /// What it showed.
        took: Span,
    },
    /// A response that no step expected had this code (`-trace_error_codes`).
    UnexpectedCode(u16),
    /// The story of a call that was aborted (`-trace_calldebug`).
    CallDebug {
        /// Its Call-ID.
        id: Vec<u8>,
        /// What happened to it.
        history: Vec<Event>,
    },
    /// A call needs a link of its own: answered by [`super::Engine::on_opened`].
    Open(Open),
    /// The scenario wants no more calls (`stop_gracefully`): true for all workers.
    StopOpening,
    /// Perhaps a message for a call of another worker.
    Stray(Box<Stray>),
    /// The run ends at once.
    End(RunEnd),
}

/// A link wanted for one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The call.
    pub call: CallKey,
    /// The other end.
    pub to: SocketAddr,
    /// The local address, as the injection file has it (`-t ui`).
    pub from: Option<Vec<u8>>,
}

/// Records of the message trace about a message already recorded (outputs.md §7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// `Unexpected UDP message received:`
    Unexpected(Vec<u8>),
    /// `Dead call CALLID received a UDP message:`
    DeadCall {
        /// Its Call-ID.
        id: Vec<u8>,
        /// The message.
        message: Vec<u8>,
    },
    /// `Discarded message for new calls while quitting`
    Discarded,
    /// A message was dropped on purpose.
    Lost(Loss),
    /// `Ignoring provisional UDP message for transaction NAME:`, or `final`.
    Ignored {
        /// `provisional` or `final`.
        class: &'static str,
        /// The transaction's name.
        txn: String,
        /// The message.
        message: Vec<u8>,
    },
}

/// Where a message was dropped on purpose (runtime.md §17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// On its way out.
    Sending,
    /// On its way in.
    Receiving,
    /// On its way in, when it repeated one before.
    ReceivingRepeat,
}

/// Why the engine wants the process to end at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// `<exec int_cmd="stop_now"/>`: exit code 97.
    StoppedNow,
    /// A run error, such as `<error>`: exit code 255.
    Fatal(Vec<u8>),
}

/// Collected effects, in order.
#[derive(Debug, Default)]
pub struct Effects {
    /// Bytes of all datagrams in `sends`.
    pub bytes: Vec<u8>,
    /// Datagrams, in order.
    pub sends: Vec<Send>,
    /// The rest, in order.
    pub others: Vec<Effect>,
    /// Links that a call has done with, to be given up when `sends` are out.
    pub released: Vec<Link>,
    /// The run ends at once: nothing more is sent (cli.md §8.5).
    is_over: bool,
}

impl Effects {
    /// The bytes of a datagram.
    pub fn datagram(&self, send: &Send) -> &[u8] {
        self.bytes.get(send.bytes.clone()).unwrap_or_default()
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.sends.clear();
        self.others.clear();
        self.released.clear();
    }

    /// Ends the run.
    pub(super) fn end(&mut self, end: RunEnd) {
        self.others.push(Effect::End(end));
        self.is_over = true;
    }

    /// Whether the run was ended.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Adds a message whose bytes were appended to `bytes` from `start` on. Without a way it is dropped.
    pub(super) fn send_from(&mut self, start: usize, way: Option<Way>, call: Option<CallKey>) {
        match way {
            Some(way) if !self.is_over => self.sends.push(Send { bytes: start..self.bytes.len(), way, call }),
            _ => self.bytes.truncate(start),
        }
    }

    /// Adds a datagram with a copy of `bytes`.
    pub(super) fn send_copy(&mut self, bytes: &[u8], way: Option<Way>, call: Option<CallKey>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.send_from(start, way, call);
    }
}
