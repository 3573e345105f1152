//! What calls leave behind for the story of their failure: a few bytes for each message, kept only when the call fails.
//! Spec: none of SIPp's (design.md: a failed call can be explained from the report alone). In: what happens to calls. Out:
//! [`FailedCall`]s, the first of each cause. Costs a branch when nobody wants them, and no allocation per message otherwise. Must not
//! word anything: `report::story` does.

use std::net::SocketAddr;

use super::advance::Run;
use super::call::Call;
use super::effects::Effect;
use super::ending::Verdict;
use crate::clock::Tick;
use crate::link::Transport;
use crate::scenario::Part;
use crate::scenario::plan::StepIx;
use crate::sip::{self, Message, Start};
use crate::stats::Failure;
use crate::stats::story::{EXAMPLES, Event};

/// Moments that a call keeps: the first ones and the last ones.
const MOST: usize = 64;
/// So many of them are the first ones.
const FIRST: usize = 24;
/// Moments that nearly all calls get by with: room for more is made one call at a time.
const USUAL: usize = 16;
/// Stories in all; then nobody leaves a trail any more.
const MOST_STORIES: usize = 100;
/// Messages that came too late and are kept, for each story.
const MOST_LATE: usize = 6;

/// Methods that a trail tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "they are what they are called")]
pub enum Method {
    None,
    Invite,
    Ack,
    Bye,
    Cancel,
    Options,
    Register,
    Prack,
    Update,
    Info,
    Notify,
    Subscribe,
    Message,
    Refer,
    Publish,
    Ping,
    Other,
}

impl Method {
    /// From the wire.
    pub fn of(text: &[u8]) -> Method {
        match text {
            b"" => Method::None,
            b"INVITE" => Method::Invite,
            b"ACK" => Method::Ack,
            b"BYE" => Method::Bye,
            b"CANCEL" => Method::Cancel,
            b"OPTIONS" => Method::Options,
            b"REGISTER" => Method::Register,
            b"PRACK" => Method::Prack,
            b"UPDATE" => Method::Update,
            b"INFO" => Method::Info,
            b"NOTIFY" => Method::Notify,
            b"SUBSCRIBE" => Method::Subscribe,
            b"MESSAGE" => Method::Message,
            b"REFER" => Method::Refer,
            b"PUBLISH" => Method::Publish,
            b"PING" => Method::Ping,
            _ => Method::Other,
        }
    }

    /// For people; empty when there was none.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::None => "",
            Method::Invite => "INVITE",
            Method::Ack => "ACK",
            Method::Bye => "BYE",
            Method::Cancel => "CANCEL",
            Method::Options => "OPTIONS",
            Method::Register => "REGISTER",
            Method::Prack => "PRACK",
            Method::Update => "UPDATE",
            Method::Info => "INFO",
            Method::Notify => "NOTIFY",
            Method::Subscribe => "SUBSCRIBE",
            Method::Message => "MESSAGE",
            Method::Refer => "REFER",
            Method::Publish => "PUBLISH",
            Method::Ping => "PING",
            Method::Other => "another method",
        }
    }
}

/// One thing that happened to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Tick,
    /// Index of the step that sent or took the message, or at which the call was; [`Moment::NO_STEP`]: none.
    pub step: u32,
    /// Code of a response; 0 for a request, and for what a step sent.
    pub code: u16,
    /// Method of a request, or the one that a response answers; None for what a step sent.
    pub method: Method,
    /// What.
    pub event: Event,
}

impl Moment {
    /// Of a message that no step sent.
    pub const NO_STEP: u32 = u32::MAX;

    fn new(at: Tick, event: Event, step: StepIx) -> Moment {
        Moment { at, step: step.number(), code: 0, method: Method::None, event }
    }

    fn of_message(at: Tick, event: Event, step: u32, message: &Message<'_>) -> Moment {
        let (code, method) = match message.start() {
            Start::Response(code) => (code, message.cseq().method),
            Start::Request(method) => (0, method),
            Start::Malformed => (0, &b"?"[..]),
        };
        Moment { at, step, code, method: Method::of(method), event }
    }
}

/// What a call has left behind so far; empty when nobody wants to know.
#[derive(Debug, Default)]
pub struct Trail {
    moments: Vec<Moment>,
    left_out: u64,
    details: Option<Box<[u8]>>,
}

impl Trail {
    fn push(&mut self, moment: Moment) {
        if self.moments.len() >= MOST {
            self.moments.remove(FIRST);
            self.left_out += 1;
        }
        self.moments.push(moment);
    }
}

/// A call that failed, as the engine knows it.
#[derive(Clone, Debug)]
pub struct FailedCall {
    /// The scenario it ran.
    pub part: Part,
    /// Why it failed.
    pub cause: Failure,
    /// `[call_number]`
    pub number: u64,
    /// Its Call-ID.
    pub id: Box<[u8]>,
    /// When it was opened.
    pub opened: Tick,
    /// When it failed.
    pub failed: Tick,
    /// Where: the step whose check failed, else the one it was at.
    pub at: StepIx,
    /// Which action of the step failed.
    pub action: Option<usize>,
    /// Where its messages went.
    pub peer: SocketAddr,
    /// Its local port, if it had one of its own.
    pub local_port: Option<u16>,
    /// What carried its messages; None when it never had a link.
    pub transport: Option<Transport>,
    /// What happened, in order.
    pub moments: Vec<Moment>,
    /// How many moments are missing behind the first [`FailedCall::FIRST`].
    pub left_out: u64,
    /// The last message it received, or the one that failed it.
    pub last_received: Box<[u8]>,
    /// A warning that says more.
    pub details: Option<Box<[u8]>>,
    /// It had been challenged for credentials, and meant to answer.
    pub was_challenged: bool,
}

impl FailedCall {
    /// Moments before those that are left out.
    pub const FIRST: usize = FIRST;
}

/// The failed calls that are told of, and the memory of the others' trails.
#[derive(Debug)]
pub(super) struct Stories {
    is_on: bool,
    told: Vec<FailedCall>,
    counts: [[usize; Failure::COUNT]; Part::ALL.len()],
    free: Vec<Vec<Moment>>,
    trouble: Option<Box<[u8]>>,
}

impl Stories {
    pub fn new(are_wanted: bool) -> Stories {
        let counts = [[0; Failure::COUNT]; Part::ALL.len()];
        Stories { is_on: are_wanted, told: Vec::new(), counts, free: Vec::new(), trouble: None }
    }

    pub fn told(&self) -> &[FailedCall] {
        &self.told
    }

    /// What is wrong with the link of the calls that fail next.
    pub fn set_trouble(&mut self, text: &str) {
        if self.is_on {
            self.trouble = Some(text.as_bytes().into());
        }
    }

    /// The link's calls have failed.
    pub fn clear_trouble(&mut self) {
        self.trouble = None;
    }

    /// A trail for a new call.
    pub fn begin(&mut self) -> Trail {
        if !self.is_on {
            return Trail::default();
        }
        let moments = self.free.pop().unwrap_or_else(|| Vec::with_capacity(USUAL));
        Trail { moments, ..Trail::default() }
    }

    /// A call is over: tells of it if it failed and is among the first of its cause.
    pub fn end(&mut self, call: &mut Call, verdict: Verdict, now: Tick) {
        if !self.is_on {
            return;
        }
        let mut trail = std::mem::take(&mut call.trail);
        if let Verdict::Failed(cause) = verdict
            && self.takes(call.part, cause)
        {
            self.told.push(failed_call(call, cause, now, trail, &self.trouble));
            if self.told.len() >= MOST_STORIES {
                self.is_on = false;
                self.free = Vec::new();
            }
        } else {
            trail.moments.clear();
            self.free.push(trail.moments);
        }
    }

    /// Whether this is one of the first of its cause.
    fn takes(&mut self, part: Part, cause: Failure) -> bool {
        let count = &mut self.counts[part as usize][cause.index()];
        *count += 1;
        *count <= EXAMPLES
    }

    /// A message came for a call that is over.
    pub fn came_late(&mut self, id: &[u8], message: &Message<'_>, now: Tick) {
        let Some(story) = self.told.iter_mut().rev().find(|story| *story.id == *id) else { return };
        let late = story.moments.iter().filter(|moment| moment.event == Event::Late).count();
        if late < MOST_LATE {
            story.moments.push(Moment::of_message(now, Event::Late, Moment::NO_STEP, message));
        }
    }
}

fn failed_call(
    call: &Call,
    cause: Failure,
    now: Tick,
    trail: Trail,
    trouble: &Option<Box<[u8]>>,
) -> FailedCall {
    let check = call.failed_check.filter(|check| check.cause == cause);
    let of_link = matches!(cause, Failure::TcpClosed | Failure::TcpConnect | Failure::CannotSendMessage);
    FailedCall {
        part: call.part,
        cause,
        number: call.number,
        id: call.id[..].into(),
        opened: call.opened,
        failed: now,
        at: check.map_or(call.at, |check| check.action.0),
        action: check.map(|check| check.action.1),
        peer: call.peer,
        local_port: call.line.port(),
        transport: call.line.link().map(|link| link.transport()),
        moments: trail.moments,
        left_out: trail.left_out,
        last_received: call.memory.last().unwrap_or_default().into(),
        details: trail.details.or_else(|| trouble.clone().filter(|_| of_link)),
        was_challenged: call.challenges.is_some(),
    }
}

impl Run<'_> {
    /// Leaves a mark of what happened at a step, or of what it sent.
    pub fn leave_mark(&self, call: &mut Call, event: Event, step: StepIx) {
        if self.shared.stories.is_on {
            call.trail.push(Moment::new(self.now, event, step));
        }
    }

    /// Leaves a mark of a message that came. What becomes of it is told by [`Run::judge`]; until then nobody wants it.
    pub fn leave_mark_of(&self, call: &mut Call, message: &Message<'_>) {
        if self.shared.stories.is_on && !call.handles_unexpected {
            let step = call.at.number();
            call.trail.push(Moment::of_message(self.now, Event::Unexpected, step, message));
        }
    }

    /// What became of the message that came last.
    pub fn judge(&self, call: &mut Call, event: Event, step: StepIx) {
        if !self.shared.stories.is_on {
            return;
        }
        let came = call.trail.moments.iter_mut().rfind(|moment| moment.event == Event::Unexpected);
        if let Some(moment) = came {
            (moment.event, moment.step) = (event, step.number());
        }
    }

    /// Leaves marks of messages that went out without a step, from `first` of all sends on.
    pub fn leave_automatic_marks(&self, call: &mut Call, first: usize) {
        if !self.shared.stories.is_on {
            return;
        }
        for send in self.out.sends.get(first..).unwrap_or_default() {
            if let Some(message) = sip::reread(self.out.datagram(send)) {
                let event = Event::SentAutomatically;
                call.trail.push(Moment::of_message(self.now, event, Moment::NO_STEP, &message));
            }
        }
    }

    /// The warning just raised belongs to the story of `call`.
    pub fn keep_warning(&self, call: &mut Call) {
        if !self.shared.stories.is_on {
            return;
        }
        if let Some(Effect::Warn(text)) = self.out.others.last() {
            call.trail.details = Some(text.as_slice().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_small() {
        assert_eq!(size_of::<Moment>(), 16);
    }

    #[test]
    fn a_long_call_keeps_its_first_and_last_moments() {
        let mut trail = Trail::default();
        for ms in 0..200 {
            trail.push(Moment::new(Tick::from_millis(ms), Event::Sent, StepIx(0)));
        }
        let at: Vec<u64> = trail.moments.iter().map(|moment| moment.at.millis()).collect();
        let expected: Vec<u64> = (0..24).chain(160..200).collect();
        assert_eq!((at, trail.left_out), (expected, 136));
    }
}
