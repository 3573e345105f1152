//! A failed call in words: the engine's notes and the scenario become a [`FailureStory`].
//! In: a [`FailedCall`], its plan, what is known of both ends. Out: plain data. Must not guess: `hint` does.

use std::net::SocketAddr;

use super::hint;
use super::status_codes::phrase;
use crate::clock::{Span, Tick};
use crate::engine::trail::{FailedCall, Method, Moment};
use crate::scenario::plan::{Expected, Goto, Outgoing, PauseLength, Plan, Presence, Recv, StepIx, StepKind};
use crate::sip;
use crate::stats::Failure;
use crate::stats::story::{Event, FailureStory, Gap, Place, Rung};

/// What is known besides the call itself.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The scenario it ran.
    pub plan: &'a Plan,
    /// Our address, without port.
    pub local_ip: &'a str,
    /// The port of calls without one of their own.
    pub local_port: u16,
    /// What carries messages.
    pub transport: &'static str,
    /// Whether any call of the scenario received anything.
    pub was_heard: bool,
    /// `-d`
    pub default_pause: Span,
    /// What listens at an address of this machine.
    pub listeners: fn(SocketAddr, &'static str) -> Listeners,
}

/// What listens at an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listeners {
    /// It is not on this machine, or the system does not tell.
    #[default]
    Unknown,
    /// Something, for the transport that was used.
    Someone,
    /// Nothing at all.
    Nobody,
    /// Nothing for the transport that was used, but for this one.
    Only(&'static str),
}

/// Tells of a failed call.
pub fn tell(call: &FailedCall, around: &Surroundings<'_>) -> FailureStory {
    let plan = around.plan;
    let peer = call.peer;
    let local_port = call.local_port.unwrap_or(around.local_port);
    FailureStory {
        part: call.part,
        cause: call.cause,
        call_number: call.number,
        call_id: printable(&call.id),
        opened_s: call.opened.micros() as f64 / 1e6,
        failed_ms: millis(call.opened, call.failed),
        transport: call.transport.map_or(around.transport, |transport| transport.name()),
        local: address(around.local_ip, local_port),
        peer: address(&peer.ip().to_canonical().to_string(), peer.port()),
        ladder: call.moments.iter().map(|moment| rung(plan, call.opened, moment)).collect(),
        left_out: (call.left_out > 0).then_some(Gap { after: FailedCall::FIRST, rungs: call.left_out }),
        expected: expected(around, call.at),
        place: place(plan, call.at),
        came: came(call),
        details: details(call),
        hint: hint::hint(call, around),
    }
}

fn address(ip: &str, port: u16) -> String {
    if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
}

/// ms with three decimals.
fn millis(from: Tick, to: Tick) -> f64 {
    to.since(from).micros() as f64 / 1e3
}

/// Text from the network for a terminal: what is not printable becomes a question mark.
pub(super) fn printable(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().map(|char| if char.is_control() { '?' } else { char }).collect()
}

fn place(plan: &Plan, at: StepIx) -> Place {
    Place { file: plan.file.clone(), line: plan[at].line, step: at.number() }
}

fn rung(plan: &Plan, opened: Tick, moment: &Moment) -> Rung {
    let step = match plan.goto(moment.step) {
        Some(Goto::Step(at)) => Some(at),
        Some(Goto::End) | None => None,
    };
    let message = match moment.event {
        Event::Sent | Event::SentAgain | Event::DroppedSending => {
            step.map_or(String::new(), |at| sent(plan, at))
        }
        Event::TimedOut | Event::GaveUp => String::new(),
        _ => named(moment.code, moment.method),
    };
    // Only who takes a message belongs to it.
    let belongs = !matches!(moment.event, Event::Unexpected | Event::Ignored);
    Rung {
        at_ms: millis(opened, moment.at),
        event: moment.event,
        message,
        place: step.filter(|_| belongs).map(|at| place(plan, at)),
    }
}

/// What a step sends.
pub(super) fn sent(plan: &Plan, at: StepIx) -> String {
    match &plan[at].kind {
        StepKind::Send(send) => match &send.what {
            Outgoing::Request(method) => method.as_str().to_owned(),
            Outgoing::Response(code) => with_phrase(*code),
        },
        StepKind::Recv(_) | StepKind::Pause(_) | StepKind::TimeWait(_) | StepKind::Nop => String::new(),
    }
}

fn named(code: u16, method: Method) -> String {
    match (code, method.as_str()) {
        (0, "") => "?".to_owned(),
        (0, method) => method.to_owned(),
        (code, "") => with_phrase(code),
        (code, method) => format!("{} ({method})", with_phrase(code)),
    }
}

fn with_phrase(code: u16) -> String {
    match phrase(code) {
        Some(phrase) => format!("{code} {phrase}"),
        None => code.to_string(),
    }
}

/// What the call was at.
fn expected(around: &Surroundings<'_>, at: StepIx) -> String {
    let plan = around.plan;
    match &plan[at].kind {
        StepKind::Recv(_) => awaited(plan, at),
        StepKind::Send(_) => format!("to send {}", sent(plan, at)),
        StepKind::Pause(length) | StepKind::TimeWait(length) => {
            let length = match length {
                PauseLength::Fixed(span) => Some(*span),
                PauseLength::Default => Some(around.default_pause),
                PauseLength::Sampled(_) | PauseLength::Variable(_) => None,
            };
            let length = length.map_or(String::new(), |span| format!(" of {} ms", span.millis()));
            format!("nothing: the call was in a pause{length}")
        }
        StepKind::Nop => "nothing: the call was in a <nop>".to_owned(),
    }
}

/// The message that the call waits for, and those that may come before it.
fn awaited(plan: &Plan, at: StepIx) -> String {
    let mut optional = Vec::new();
    let mut here = Goto::Step(at);
    while let Goto::Step(step) = here {
        let StepKind::Recv(recv) = &plan[step].kind else { break };
        if recv.presence == Presence::Mandatory {
            let wanted = wanted(recv);
            return match &optional[..] {
                [] => wanted,
                optional => format!("{wanted} (before it, if at all: {})", optional.join(", ")),
            };
        }
        optional.push(self::wanted(recv));
        here = plan.after(step);
    }
    format!("{} (optional)", optional.join(", "))
}

/// What a `<recv>` takes.
pub(super) fn wanted(recv: &Recv) -> String {
    match &recv.expects {
        Expected::Request(method) => method.to_string(),
        Expected::Response { code, .. } => with_phrase(*code),
        Expected::RequestMatching { text, .. } => format!("a request like '{text}'"),
        Expected::ResponseMatching { text, .. } => format!("a response like '{text}'"),
        Expected::Nothing => "nothing".to_owned(),
    }
}

/// What came instead of what was expected.
fn came(call: &FailedCall) -> String {
    match call.cause {
        Failure::UnexpectedMessage => first_line(&call.last_received),
        Failure::AckCseqMismatch => "an ACK with another CSeq number than its INVITE".to_owned(),
        Failure::MaxUdpRetrans | Failure::TimeoutOnRecv | Failure::TimeoutOnSend => "nothing".to_owned(),
        Failure::RegexpDoesntMatch
        | Failure::RegexpShouldntMatch
        | Failure::RegexpHdrNotFound
        | Failure::TestDoesntMatch
        | Failure::TestShouldntMatch
        | Failure::StrcmpDoesntMatch
        | Failure::StrcmpShouldntMatch => {
            "a check of the scenario failed; the call went on to its end".to_owned()
        }
        Failure::CallRejected => "the scenario ended the call".to_owned(),
        Failure::Aborted => "the end of the run".to_owned(),
        Failure::TcpConnect => "no connection".to_owned(),
        Failure::TcpClosed => "the end of the connection".to_owned(),
        Failure::CannotSendMessage | Failure::CmdNotSent => "the message could not be sent".to_owned(),
        Failure::OutboundCongestion => "no free circuit".to_owned(),
    }
}

fn first_line(text: &[u8]) -> String {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    printable(line.trim_ascii_end())
}

/// Headers in which a peer says why.
const REASONS: [&[u8]; 5] = [b"Reason", b"Warning", b"Retry-After", b"Unsupported", b"Error-Info"];

/// The longest text that is shown of a warning.
const LONGEST_DETAILS: usize = 600;

fn details(call: &FailedCall) -> Option<String> {
    if let Some(text) = &call.details {
        let text = printable(text.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end());
        let end = text.char_indices().nth(LONGEST_DETAILS).map_or(text.len(), |(at, _)| at);
        return Some(text.get(..end).unwrap_or(&text).to_owned());
    }
    if call.cause != Failure::UnexpectedMessage {
        return None;
    }
    let message = sip::reread(&call.last_received)?;
    let said = REASONS.iter().filter_map(|name| {
        let value = message.header(name)?;
        Some(format!("{}: {}", String::from_utf8_lossy(name), printable(value.trim_ascii())))
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join("; "))
}
