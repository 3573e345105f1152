//! The compiled scenario: what calls run. Everything that a name could stand for is resolved: labels to steps, variables
//! to slots, texts to templates, patterns to compiled expressions.
//! Spec: scenario.md §4-§6, §10, §11, §13. Made by `compile`, then immutable and shared by `Arc`. Must not know calls in progress.

mod action;

use std::ops::Index;

pub use action::{
    Action, Arithmetic, Check, Compare, Ereg, HeaderSearch, KeyText, Operand, SetDest, StopWhat, StrCmp,
    Subject, Test, TextOperand, VerifyAuth,
};

use super::distribution::Distribution;
use crate::clock::Span;
use crate::ere::Ere;
use crate::message::{Automatic, DefaultCredentials, Facts, Template};

/// Position of a step in [`Plan::steps`]. Only the compiler makes one for use in a plan, so `plan[at]` is in range; the end
/// of the scenario is [`Goto::End`], not an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepIx(pub(crate) u32);

impl StepIx {
    /// The number users see (`[msg_index]`, "index" in warnings).
    pub fn number(self) -> u32 {
        self.0
    }
}

/// Where a label, a jump or the end of a step leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goto {
    /// To a step.
    Step(StepIx),
    /// Past the last step: the call is over.
    End,
}

/// Slot of a variable in its scope (scenario.md §11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VarIx {
    /// Assigned somewhere and read nowhere: holds nothing, costs nothing.
    Unread(u16),
    /// One per call.
    Call(u16),
    /// One per user id; one per call without `-users`.
    User(u16),
    /// One for the process.
    Global(u16),
}

/// Slot of a response-time counter, in order of first appearance in the file (scenario.md §10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RtdIx(pub(crate) u16);

/// Slot of a transaction (`start_txn`, `ack_txn`, `response_txn`; scenario.md §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TxnIx(pub(crate) u16);

impl TxnIx {
    /// Position, from 0.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Slot of a generic counter (`counter=`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CounterIx(pub(crate) u16);

impl RtdIx {
    /// Position, from 0.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl CounterIx {
    /// Position, from 0.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Who begins (scenario.md §13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The scenario's first send or receive is a send: the generator opens calls.
    Client,
    /// It is a receive: messages with an unknown Call-ID open calls.
    Server,
}

/// A whole scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The `name` attribute of `<scenario>`: warnings show it.
    pub name: String,
    /// Its file, as diagnostics call it.
    pub file: String,
    /// Client or server.
    pub role: Role,
    /// The steps in document order; labels are not steps. Never empty.
    pub steps: Box<[Step]>,
    /// Variable names by slot and scope, for warnings.
    pub variables: VariableNames,
    /// Response-time counters by slot.
    pub rtds: Box<[Rtd]>,
    /// Names of generic counters by slot.
    pub counters: Box<[String]>,
    /// Borders in ms, ascending (`<CallLengthRepartition>`); empty without one.
    pub call_length_borders: Box<[u32]>,
    /// Sum of all pauses with a length of their own, in ms (99th percentile for random ones). Feeds the default `-l`.
    pub nominal_pauses_ms: f64,
    /// How many pauses take the `-d` length.
    pub default_pauses: u32,
    /// What a call must keep because a template can ask for it.
    pub keeps: Keeps,
    /// Transactions by slot.
    pub txns: Box<[Txn]>,
    /// `<init>`: steps that run once, before any call. They share the scenario's global variables.
    pub init: Option<Box<Plan>>,
    /// What is sent without a step: the built-in texts, or those of `<DefaultMessage>`.
    pub automatic: Automatic,
    /// Label `_unexp.main` (scenario.md §7.6).
    pub unexpected: Option<UnexpectedHandler>,
    /// User and password of `[authentication]` without its own.
    pub credentials: DefaultCredentials,
}

/// A transaction (scenario.md §9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Txn {
    /// As written.
    pub name: String,
    /// Started by an INVITE.
    pub is_invite: bool,
}

/// Where a call goes on a message that nothing expects (runtime.md §7.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnexpectedHandler {
    /// The step at the label.
    pub at: Goto,
    /// `_unexp.retaddr`, if the scenario uses it: the step interrupted; not zero means "already handling".
    pub return_to: Option<VarIx>,
    /// `_unexp.pausedaddr`, if the scenario uses it: end of the running pause in ms since the start, 0 if none.
    pub paused_until: Option<VarIx>,
}

impl Index<StepIx> for Plan {
    type Output = Step;
    fn index(&self, at: StepIx) -> &Step {
        &self.steps[at.0 as usize]
    }
}

impl Plan {
    /// The step with this number, or the end when it is one past the last (target of `<jump>`).
    pub fn goto(&self, number: u32) -> Option<Goto> {
        match (number as usize).cmp(&self.steps.len()) {
            std::cmp::Ordering::Less => Some(Goto::Step(StepIx(number))),
            std::cmp::Ordering::Equal => Some(Goto::End),
            std::cmp::Ordering::Greater => None,
        }
    }

    /// Where a call begins.
    pub fn start(&self) -> Goto {
        if self.steps.is_empty() { Goto::End } else { Goto::Step(StepIx(0)) }
    }

    /// The step after `at` in the file.
    pub fn after(&self, at: StepIx) -> Goto {
        if (at.0 as usize) + 1 < self.steps.len() { Goto::Step(StepIx(at.0 + 1)) } else { Goto::End }
    }

    /// The step before `at` in the file.
    pub fn before(&self, at: StepIx) -> Option<StepIx> {
        at.0.checked_sub(1).map(StepIx)
    }

    /// Puts in all that is known once the sockets are open (addresses, ports, pid), so that rendering copies it as text.
    pub fn bind(&mut self, facts: &Facts) {
        self.automatic.bind(facts);
        self.credentials.bind(facts);
        if let Some(init) = &mut self.init {
            init.bind(facts);
        }
        for (index, step) in self.steps.iter_mut().enumerate() {
            let own_index = i32::try_from(index).unwrap_or(i32::MAX);
            if let StepKind::Send(send) = &mut step.kind {
                send.template.bind(facts, Some(own_index));
            }
            for action in &mut step.actions {
                for template in action.templates_mut() {
                    template.bind(facts, None);
                }
            }
        }
    }
}

/// Names of variables by slot, for warnings and `-set`.
#[derive(Clone, Debug, Default)]
pub struct VariableNames {
    /// Variables that nothing reads.
    pub unread: Vec<String>,
    /// Call scope.
    pub call: Vec<String>,
    /// User scope.
    pub user: Vec<String>,
    /// Global scope.
    pub global: Vec<String>,
}

impl VariableNames {
    /// The name behind a slot.
    pub fn name(&self, var: VarIx) -> &str {
        let (names, slot) = match var {
            VarIx::Unread(slot) => (&self.unread, slot),
            VarIx::Call(slot) => (&self.call, slot),
            VarIx::User(slot) => (&self.user, slot),
            VarIx::Global(slot) => (&self.global, slot),
        };
        names.get(usize::from(slot)).map_or("", String::as_str)
    }
}

/// One response-time counter.
#[derive(Clone, Debug)]
pub struct Rtd {
    /// As written (`true` became `1`).
    pub name: String,
    /// Borders in ms of `<ResponseTimeRepartition>`, ascending; empty when none applies.
    pub borders: Box<[u32]>,
}

/// What a call must keep for later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keeps {
    /// Some template uses `[last_*]` or `[last_message]`.
    pub last_message: bool,
    /// Some recv has `rrs`.
    pub route_set: bool,
    /// Some template uses `[peer_tag_param]`.
    pub peer_tag: bool,
}

/// One executable element (scenario.md §5) with what all elements share (§4).
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// The line of the file on which it begins, from 1.
    pub line: u32,
    /// Run only when the variable is set (or is not).
    pub condexec: Option<Condition>,
    /// `next`, with `test` and `chance`.
    pub next: Option<Branch>,
    /// `ontimeout`.
    pub on_timeout: Option<Goto>,
    /// `counter`, `start_rtd`, `rtd`, executed in this order.
    pub marks: Marks,
    /// `lost`: percent of its messages that are dropped on purpose; None: the run's default.
    pub lost: Option<f64>,
    /// The `<action>` list.
    pub actions: Box<[Action]>,
    /// How the scenario screen shows it.
    pub display: Display,
}

/// The kinds of step.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// `<send>`
    Send(Box<Send>),
    /// `<recv>`
    Recv(Box<Recv>),
    /// `<pause>`
    Pause(PauseLength),
    /// `<timewait>`: the last step; its end is the call's success.
    TimeWait(PauseLength),
    /// `<nop>`
    Nop,
}

/// `condexec` and `condexec_inverse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The variable looked at.
    pub var: VarIx,
    /// Run when it is *not* set.
    pub inverse: bool,
}

/// `next="label"`, taken when `test` (if any) is set and the draw succeeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Branch {
    /// The label's step.
    pub to: Goto,
    /// Branch only when this is set.
    pub test: Option<VarIx>,
    /// Probability 0..=1; 1 draws nothing.
    pub chance: f64,
}

/// Bookkeeping of a step (runtime.md §18).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Generic counter to add 1 to.
    pub counter: Option<CounterIx>,
    /// Response-time counter to (re)start.
    pub start: Option<RtdIx>,
    /// Response-time counter to stop.
    pub stop: Option<Stop>,
}

/// `rtd` with `repeat_rtd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The counter.
    pub rtd: RtdIx,
    /// Record, but leave it stoppable again.
    pub repeat: bool,
}

/// `hide`, `crlf`, `display`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Display {
    /// Not shown on the scenario screen.
    pub hidden: bool,
    /// An empty line follows it.
    pub blank_line_after: bool,
    /// Text shown for a `<nop>`.
    pub text: Option<String>,
}

/// `<send>`
#[derive(Clone, Debug)]
pub struct Send {
    /// The message.
    pub template: Template,
    /// Request or response.
    pub what: Outgoing,
    /// T1: retransmit after this, doubling (UDP). None: never.
    pub retrans: Option<Span>,
    /// Send timeout of its own; None means `-send_timeout`.
    pub timeout: Option<Span>,
    /// Its part in a transaction.
    pub txn: Option<SendTxn>,
}

/// `start_txn` or `ack_txn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendTxn {
    /// A request that begins the transaction: its branch is remembered.
    Starts(TxnIx),
    /// The ACK of an INVITE transaction.
    Acks(TxnIx),
}

/// What a send sends, from its first word (keywords.md §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A request with this method.
    Request(Method),
    /// A response with this code.
    Response(u16),
}

/// Request methods that the engine treats apart (keywords.md §4: compared case-sensitively).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// `INVITE`
    Invite,
    /// `ACK`: `[cseq]` does not count up.
    Ack,
    /// `CANCEL`: `[cseq]` does not count up.
    Cancel,
    /// `BYE`
    Bye,
    /// Any other.
    Other(Box<str>),
}

impl Method {
    /// From the text of the start line.
    pub fn from_text(text: &str) -> Method {
        match text {
            "INVITE" => Method::Invite,
            "ACK" => Method::Ack,
            "CANCEL" => Method::Cancel,
            "BYE" => Method::Bye,
            other => Method::Other(other.into()),
        }
    }

    /// As on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Method::Invite => "INVITE",
            Method::Ack => "ACK",
            Method::Cancel => "CANCEL",
            Method::Bye => "BYE",
            Method::Other(text) => text,
        }
    }
}

/// `<recv>`
#[derive(Clone, Debug)]
pub struct Recv {
    /// What it accepts.
    pub expects: Expected,
    /// Mandatory, optional or optional everywhere.
    pub presence: Presence,
    /// Receive timeout of its own; None means `-recv_timeout`.
    pub timeout: Option<Span>,
    /// `rrs`: record the route set.
    pub record_route: bool,
    /// `auth`: a 401 or 407 is a challenge that later requests answer.
    pub stores_challenge: bool,
    /// Methods of the requests sent above this step in the file, joined without separator: a response's CSeq method must
    /// be part of it (runtime.md §7.1). None for step 0, which accepts any.
    pub methods_above: Option<Box<[u8]>>,
    /// `response_txn`: the Via branch must be the transaction's; the CSeq is not looked at.
    pub txn: Option<TxnIx>,
    /// `advance_state`: false leaves the call, its last message and its memory as they are.
    pub advances: bool,
}

/// What a `<recv>` accepts (runtime.md §7.1).
#[derive(Clone, Debug)]
pub enum Expected {
    /// A request with exactly this method.
    Request(Box<str>),
    /// `regexp_match`: a request whose method matches.
    RequestMatching {
        /// Unanchored.
        pattern: Ere,
        /// As written.
        text: Box<str>,
    },
    /// A response with this code; `text` is the attribute as written.
    Response {
        /// Leading decimal number.
        code: u16,
        /// As written, for warnings and screens.
        text: Box<str>,
    },
    /// `regexp_match`: a response whose decimal code matches.
    ResponseMatching {
        /// Unanchored.
        pattern: Ere,
        /// As written.
        text: Box<str>,
    },
    /// Neither attribute given: matches nothing.
    Nothing,
}

impl Expected {
    /// The text in `while expecting '…'`.
    pub fn as_str(&self) -> &str {
        match self {
            Expected::Request(method) => method,
            Expected::Response { text, .. }
            | Expected::RequestMatching { text, .. }
            | Expected::ResponseMatching { text, .. } => text,
            Expected::Nothing => "",
        }
    }
}

/// The `optional` attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The call waits for it.
    Mandatory,
    /// `optional="true"`
    Optional,
    /// `optional="global"`: also accepted when the call is past it.
    Global,
}

/// How long a pause lasts (scenario.md §5.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PauseLength {
    /// `distribution` and the old attributes: drawn each time, in ms.
    Sampled(Distribution),
    /// `milliseconds`, already clipped to 0..=2147483647.
    Fixed(Span),
    /// `variable`: its number in ms, truncated, negative as 0.
    Variable(VarIx),
    /// `-d`.
    Default,
}
