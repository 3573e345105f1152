//! Which step of the scenario a received message belongs to.
//! Spec: runtime.md §7.1-§7.3, scenario.md §9. A pure function of plan, position, message and the call's transactions. Must not
//! change anything.

use memchr::memmem;

use super::call::TxnState;
use super::memory::Fingerprint;
use crate::scenario::plan::{
    Expected, Goto, Method, Outgoing, Plan, Presence, Recv, StepIx, StepKind, TxnIx,
};
use crate::sip::{Message, Start};

/// What the search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// This step takes the message.
    Accepted(StepIx),
    /// A late response to an INVITE: the ACK at this step is sent anew, nothing else happens.
    AckAgain(StepIx),
    /// A late provisional response of this transaction: nothing happens.
    LateProvisional(TxnIx),
    /// The final response of this transaction again: nothing happens, but for a warning.
    FinalAgain(TxnIx),
    /// No step wants it.
    Unexpected,
}

/// What the search looks at.
struct Search<'a> {
    plan: &'a Plan,
    message: &'a Message<'a>,
    txns: &'a [TxnState],
    fingerprint: Option<Fingerprint>,
}

/// Searches forward over optional steps to the first mandatory one, then backward.
pub(super) fn find(
    plan: &Plan,
    at: StepIx,
    message: &Message<'_>,
    txns: &[TxnState],
    fingerprint: Option<Fingerprint>,
) -> Match {
    let search = Search { plan, message, txns, fingerprint };
    match search.forward(at) {
        Some(step) => Match::Accepted(step),
        None => search.backward(at),
    }
}

impl Search<'_> {
    fn forward(&self, at: StepIx) -> Option<StepIx> {
        let mut here = Some(at);
        while let Some(step) = here {
            let recv = self.recv_at(step)?;
            if self.accepts(recv) {
                return Some(step);
            }
            if recv.presence == Presence::Mandatory {
                return None;
            }
            here = self.below(step);
        }
        None
    }

    fn backward(&self, at: StepIx) -> Match {
        let mut contiguous = true;
        let mut here = at;
        while let Some(step) = self.plan.before(here) {
            here = step;
            let recv = self.recv_at(step);
            contiguous &= recv.is_some_and(|recv| recv.presence != Presence::Mandatory);
            let Some(recv) = recv.filter(|recv| self.accepts(recv)) else { continue };
            if contiguous || recv.presence == Presence::Global {
                return Match::Accepted(step);
            }
            if let Some(absorbed) = self.absorbs(recv, step) {
                return absorbed;
            }
        }
        Match::Unexpected
    }

    /// A past step that fits may swallow a late response (runtime.md §7.3).
    fn absorbs(&self, recv: &Recv, step: StepIx) -> Option<Match> {
        let Some(txn) = recv.txn else {
            let ack = self.below(step).filter(|ack| self.answers_invite() && self.sends_ack(*ack));
            return ack.map(Match::AckAgain);
        };
        if matches!(self.message.start(), Start::Response(100..=199)) {
            return Some(Match::LateProvisional(txn));
        }
        let state = self.txns.get(txn.index())?;
        if let Some(ack) = state.ack {
            return Some(Match::AckAgain(ack));
        }
        let is_invite = self.plan.txns.get(txn.index()).is_some_and(|txn| txn.is_invite);
        let same = state.answer.is_some() && state.answer == self.fingerprint;
        (!is_invite && same).then_some(Match::FinalAgain(txn))
    }

    fn recv_at(&self, at: StepIx) -> Option<&Recv> {
        match &self.plan[at].kind {
            StepKind::Recv(recv) => Some(recv),
            _ => None,
        }
    }

    fn below(&self, at: StepIx) -> Option<StepIx> {
        match self.plan.after(at) {
            Goto::Step(step) => Some(step),
            Goto::End => None,
        }
    }

    fn sends_ack(&self, at: StepIx) -> bool {
        matches!(&self.plan[at].kind, StepKind::Send(send) if send.what == Outgoing::Request(Method::Ack))
    }

    fn answers_invite(&self) -> bool {
        matches!(self.message.start(), Start::Response(_))
            && matches!(self.message.cseq().method, b"INVITE" | b"")
    }

    /// Whether this `<recv>` takes the message (runtime.md §7.1).
    fn accepts(&self, recv: &Recv) -> bool {
        match (&recv.expects, self.message.start()) {
            (Expected::Request(wanted), Start::Request(method)) => wanted.as_bytes() == method,
            (Expected::RequestMatching { pattern, .. }, Start::Request(method)) => pattern.is_match(method),
            (Expected::Response { code: wanted, .. }, Start::Response(code)) => {
                *wanted == code && self.belongs_to(recv)
            }
            (Expected::ResponseMatching { pattern, .. }, Start::Response(code)) => {
                pattern.is_match(itoa::Buffer::new().format(code).as_bytes()) && self.belongs_to(recv)
            }
            _ => false,
        }
    }

    /// A response belongs to a `<recv>` by the branch of its transaction, else by its CSeq method: it must be among the requests
    /// sent above the step in the file; an absent one fits any.
    fn belongs_to(&self, recv: &Recv) -> bool {
        if let Some(txn) = recv.txn {
            let branch = self.message.branch().unwrap_or_default();
            return self.txns.get(txn.index()).is_some_and(|state| state.branch[..] == *branch);
        }
        match &recv.methods_above {
            None => true,
            Some(methods) if methods.is_empty() => false,
            Some(methods) => memmem::find(methods, self.message.cseq().method).is_some(),
        }
    }
}
