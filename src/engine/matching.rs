//! Which step of the scenario a received message belongs to.
//! Spec: runtime.md §7.1-§7.3. A pure function of plan, position and message. Must not change anything.

use memchr::memmem;

use crate::scenario::plan::{Expected, Method, Outgoing, Plan, Presence, Recv, StepIx, StepKind};
use crate::sip::{Message, Start};

/// What the search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// This step takes the message.
    Accepted(StepIx),
    /// A late response to an INVITE: the ACK at this step is sent anew, nothing else happens.
    AckAgain(StepIx),
    /// No step wants it.
    Unexpected,
}

/// Searches forward over optional steps to the first mandatory one, then backward.
pub(super) fn find(plan: &Plan, at: StepIx, message: &Message<'_>) -> Match {
    match forward(plan, at, message) {
        Some(step) => Match::Accepted(step),
        None => backward(plan, at, message),
    }
}

fn forward(plan: &Plan, at: StepIx, message: &Message<'_>) -> Option<StepIx> {
    let mut here = Some(at);
    while let Some(step) = here {
        let recv = recv_at(plan, step)?;
        if accepts(recv, message) {
            return Some(step);
        }
        if recv.presence == Presence::Mandatory {
            return None;
        }
        here = below(plan, step);
    }
    None
}

fn backward(plan: &Plan, at: StepIx, message: &Message<'_>) -> Match {
    let mut contiguous = true;
    let mut here = at;
    while let Some(step) = plan.before(here) {
        here = step;
        let recv = recv_at(plan, step);
        contiguous &= recv.is_some_and(|recv| recv.presence == Presence::Optional);
        let Some(recv) = recv.filter(|recv| accepts(recv, message)) else { continue };
        if contiguous {
            return Match::Accepted(step);
        }
        if let Some(ack) = below(plan, step).filter(|ack| answers_invite(message) && sends_ack(plan, *ack)) {
            debug_assert!(matches!(recv.expects, Expected::Response { .. }));
            return Match::AckAgain(ack);
        }
    }
    Match::Unexpected
}

fn recv_at(plan: &Plan, at: StepIx) -> Option<&Recv> {
    match &plan[at].kind {
        StepKind::Recv(recv) => Some(recv),
        _ => None,
    }
}

fn below(plan: &Plan, at: StepIx) -> Option<StepIx> {
    match plan.after(at) {
        crate::scenario::plan::Goto::Step(step) => Some(step),
        crate::scenario::plan::Goto::End => None,
    }
}

fn sends_ack(plan: &Plan, at: StepIx) -> bool {
    matches!(&plan[at].kind, StepKind::Send(send) if send.what == Outgoing::Request(Method::Ack))
}

fn answers_invite(message: &Message<'_>) -> bool {
    matches!(message.start(), Start::Response(_)) && matches!(message.cseq().method, b"INVITE" | b"")
}

/// Whether this `<recv>` takes the message.
fn accepts(recv: &Recv, message: &Message<'_>) -> bool {
    match (&recv.expects, message.start()) {
        (Expected::Request(wanted), Start::Request(method)) => wanted.as_bytes() == method,
        (Expected::Response { code: wanted, .. }, Start::Response(code)) => {
            *wanted == code && knows_method(recv, message.cseq().method)
        }
        _ => false,
    }
}

/// Whether a response's CSeq method is among the requests sent above the step in the file; an absent one fits any.
fn knows_method(recv: &Recv, method: &[u8]) -> bool {
    match &recv.methods_above {
        None => true,
        Some(methods) if methods.is_empty() => false,
        Some(methods) => memmem::find(methods, method).is_some(),
    }
}
