//! One call: plain data plus a position in the plan.
//! Spec: runtime.md §3-§5, §11, style.md 4.4 (a state is what the call waits for and owns the deadline of that wait).

use std::net::SocketAddr;

use smallvec::SmallVec;

use super::circuits::Circuit;
use super::history::Event;
use super::line::Line;
use super::memory::{Fingerprint, Memory};
use super::table::{CallId, CallKey};
use super::trail::Trail;
use super::variable::Value;
use crate::auth::Challenges;
use crate::clock::{Span, Tick};
use crate::inject::Lines;
use crate::scenario::Part;
use crate::scenario::plan::{Goto, StepIx};
use crate::sip::RouteSet;
use crate::stats::Failure;

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// A message that the current step or a later one accepts; `until` is the receive timeout (runtime.md §4).
    Message {
        /// When the timeout ends.
        until: Option<Tick>,
    },
    /// The end of a `<pause>` or `<timewait>`.
    Pause {
        /// When it ends.
        until: Tick,
    },
    /// A connection of its own, or room in the one it has (transport.md §11).
    Link {
        /// When the send timeout ends.
        until: Option<Tick>,
    },
    /// Leave to send: the message before is still being retransmitted (runtime.md §5).
    Quiet,
    /// Its turn: it has run many steps without waiting, and others want to run too.
    Turn {
        /// When it goes on.
        until: Tick,
    },
}

impl Wait {
    /// The deadline of this wait.
    pub fn until(&self) -> Option<Tick> {
        match self {
            Wait::Message { until } | Wait::Link { until } => *until,
            Wait::Pause { until } | Wait::Turn { until } => Some(*until),
            Wait::Quiet => None,
        }
    }
}

/// A running retransmission timer (runtime.md §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resend {
    /// Which of the remembered messages goes out again.
    pub message: super::memory::SentIx,
    /// When.
    pub due: Tick,
    /// The delay that ends then.
    pub delay: Span,
    /// How often it went out again.
    pub done: u32,
}

/// The last request or response the scenario sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSent {
    /// The step that sent it.
    pub step: StepIx,
    /// `[cseq]` at that time: number of the request.
    pub cseq: u32,
}

/// How far the dialog got, for the automatic messages of an abort (runtime.md §11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dialog {
    /// An ACK was sent or received since the last INVITE.
    pub established: bool,
    /// A 200 to an INVITE arrived since the last ACK was sent.
    pub ack_pending: bool,
    /// A BYE was sent: a later INVITE begins anew.
    pub bye_sent: bool,
    /// CSeq number of the last INVITE received.
    pub invite_received: u32,
}

/// One response-time counter of a call.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    /// When it was started: at first, when the call was opened.
    pub started: Tick,
    /// Stopped for good.
    pub closed: bool,
}

impl Call {
    /// How much later than it was due it was opened.
    pub fn lag(&self) -> Span {
        self.opened.since(self.due)
    }
}

/// A failed check: counted when the call ends (runtime.md §12.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedCheck {
    /// The cause.
    pub cause: Failure,
    /// The step the call was at.
    pub step: StepIx,
    /// The step whose action failed, and which of its actions.
    pub action: (StepIx, usize),
}

/// What a call knows of one of its transactions (scenario.md §9).
#[derive(Clone, Debug, Default)]
pub struct TxnState {
    /// Branch of the request that started it; empty before.
    pub branch: SmallVec<[u8; 32]>,
    /// The step whose ACK was sent.
    pub ack: Option<StepIx>,
    /// The final response that was accepted.
    pub answer: Option<Fingerprint>,
}

/// One call in progress.
#[derive(Debug)]
pub struct Call {
    /// Its own name.
    pub key: CallKey,
    /// Which of the run's scenarios it runs.
    pub part: Part,
    /// Its Call-ID.
    pub id: CallId,
    /// `[call_number]`
    pub number: u64,
    /// User id, with `-users`.
    pub user: Option<u32>,
    /// When it was opened.
    pub opened: Tick,
    /// When the schedule wanted it opened; a call that a message opens is never late.
    pub due: Tick,
    /// Where its messages go; on a connection: where a new one would go.
    pub peer: SocketAddr,
    /// Over what they go.
    pub line: Line,
    /// The step it is at.
    pub at: StepIx,
    /// What it waits for.
    pub wait: Wait,
    /// A `<jump>` of the pause it is in: taken when the pause ends (actions.md §3.14).
    pub jump: Option<Goto>,
    /// The running retransmission timer.
    pub resend: Option<Resend>,
    /// `[cseq]`
    pub cseq: u32,
    /// The last message the scenario sent.
    pub last_sent: Option<LastSent>,
    /// How far the dialog got.
    pub dialog: Dialog,
    /// Messages kept: the last received one, what was accepted, what was sent.
    pub memory: Memory,
    /// `[peer_tag_param]`, with `;tag=`.
    pub peer_tag: SmallVec<[u8; 32]>,
    /// `[routes]` and `[next_url]`, once recorded.
    pub routes: Option<Box<RouteSet>>,
    /// What it was challenged with, once a `<recv auth>` has seen to that.
    pub challenges: Option<Box<Challenges>>,
    /// Call variables by slot.
    pub variables: Box<[Value]>,
    /// User variables of its own, when it has no user.
    pub own_user_variables: Box<[Value]>,
    /// Response-time counters by slot.
    pub stopwatches: SmallVec<[Stopwatch; 1]>,
    /// Its circuit, with `-tdmmap`.
    pub circuit: Option<Circuit>,
    /// Its line in each injection file.
    pub lines: Lines,
    /// Its transactions by slot.
    pub txns: Box<[TxnState]>,
    /// A message that nothing expected is being handled after the jump to `_unexp.main`.
    pub handles_unexpected: bool,
    /// The last check that failed.
    pub failed_check: Option<FailedCheck>,
    /// What happened to it so far; empty unless `-trace_calldebug` is on.
    pub history: Vec<Event>,
    /// What it leaves behind for the story of its failure; empty unless somebody wants it.
    pub trail: Trail,
}
