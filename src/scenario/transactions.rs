//! Transactions: which step starts, answers and acknowledges each.
//! Spec: scenario.md §9. In: `start_txn`, `ack_txn` and `response_txn` in the order of the file. Out: slots, and what is missing
//! at its end. Must not know branches.

use std::ops::Range;

use super::compile::Compiler;
use super::diagnostic::{Diagnostic, nearest};
use super::plan::{Method, Outgoing, SendTxn, Txn, TxnIx};
use super::xml::{Attribute, Element};

/// The transactions of a scenario, by slot.
#[derive(Debug, Default)]
pub(super) struct Txns {
    entries: Vec<Entry>,
}

/// Each place is that of the first of its kind.
#[derive(Debug)]
struct Entry {
    name: String,
    first: Range<usize>,
    started: Option<Range<usize>>,
    /// Started by an INVITE, wherever it is mentioned first.
    is_invite: bool,
    acked: Option<Range<usize>>,
    answered: bool,
}

impl Txns {
    fn entry(&mut self, name: &str, place: &Range<usize>) -> (TxnIx, &mut Entry) {
        let known = self.entries.iter().position(|entry| entry.name == name);
        let at = known.unwrap_or(self.entries.len());
        if known.is_none() {
            self.entries.push(Entry {
                name: name.to_owned(),
                first: place.clone(),
                started: None,
                is_invite: false,
                acked: None,
                answered: false,
            });
        }
        // In range: it was found there or has just been put there.
        (TxnIx(u16::try_from(at).unwrap_or(u16::MAX)), &mut self.entries[at])
    }

    /// What each lacks.
    pub(super) fn errors(&self) -> Vec<Diagnostic> {
        let started = self.entries.iter().filter(|entry| entry.started.is_some());
        let started: Vec<&str> = started.map(|entry| entry.name.as_str()).collect();
        let mut errors: Vec<_> = self.entries.iter().flat_map(|entry| entry.errors(&started)).collect();
        if self.entries.len() > usize::from(u16::MAX) {
            errors.push(Diagnostic::error("too-many-transactions", "more than 65535 transactions"));
        }
        errors
    }

    pub(super) fn into_plan(self) -> Box<[Txn]> {
        let txn = |entry: Entry| Txn { name: entry.name, is_invite: entry.is_invite };
        self.entries.into_iter().map(txn).collect()
    }
}

impl Entry {
    /// `all_started`: the names of the transactions that some request starts.
    fn errors(&self, all_started: &[&str]) -> Vec<Diagnostic> {
        let name = &self.name;
        let error = |problem: &str| Diagnostic::error("transaction", format!("Transaction {name} {problem}"));
        let Some(started) = &self.started else {
            let never = error("is never started!").at(self.first.clone(), "no request starts it");
            return vec![match nearest(name, all_started.iter().copied()) {
                Some(other) => never.help(format!("did you mean {other}?")),
                None => never.help(format!("put start_txn=\"{name}\" on the <send> of the request")),
            }];
        };
        let mut errors = Vec::new();
        if !self.answered {
            let unanswered =
                error("has no responses defined!").at(started.clone(), "no <recv> takes its answer");
            errors
                .push(unanswered.help(format!("put response_txn=\"{name}\" on the <recv> of each response")));
        }
        match (&self.acked, self.is_invite) {
            (None, true) => {
                let bare = error("is an INVITE transaction without an ACK!");
                let bare = bare.at(started.clone(), "this INVITE is never acknowledged");
                errors.push(bare.help(format!("put ack_txn=\"{name}\" on the <send> of the ACK")));
            }
            (Some(acked), false) => {
                let acked =
                    error("is a non-INVITE transaction with an ACK!").at(acked.clone(), "acknowledged here");
                errors.push(acked.at(started.clone(), "started by another request than INVITE"));
            }
            (None, false) | (Some(_), true) => {}
        }
        errors
    }
}

impl Compiler<'_> {
    /// `start_txn` or `ack_txn` of a `<send>`; the first wins.
    pub(super) fn send_txn(&mut self, element: &Element, what: &Outgoing) -> Option<SendTxn> {
        if let Some(attribute) = element.attribute("response_txn") {
            self.misplaced(
                attribute,
                "response_txn can only be used for received messages.",
                "not on a <send>",
            );
        }
        let (start, ack) = (element.attribute("start_txn"), element.attribute("ack_txn"));
        if let (Some(_), Some(ack)) = (start, ack) {
            let warning = Diagnostic::warning("two-transactions", "ack_txn is ignored beside start_txn");
            self.report.push(warning.at(ack.name_span.clone(), "ignored"));
        }
        match (start, ack) {
            (Some(start), _) => self.starts(start, what),
            (None, Some(ack)) => self.acks(ack, what),
            (None, None) => None,
        }
    }

    fn starts(&mut self, attribute: &Attribute, what: &Outgoing) -> Option<SendTxn> {
        let method = match what {
            Outgoing::Request(Method::Ack) => {
                let sentence = "An ACK message can not start a transaction!";
                self.misplaced(attribute, sentence, "an ACK belongs to its INVITE: use ack_txn");
                return None;
            }
            Outgoing::Request(method) => method,
            Outgoing::Response(_) => {
                let sentence = "Responses can not start a transaction";
                self.misplaced(attribute, sentence, "only a request starts one");
                return None;
            }
        };
        let name = self.txn_name(attribute, "start transaction")?;
        let (at, entry) = self.txns.entry(&name, &attribute.value_span);
        entry.started.get_or_insert(attribute.value_span.clone());
        entry.is_invite |= *method == Method::Invite;
        Some(SendTxn::Starts(at))
    }

    fn acks(&mut self, attribute: &Attribute, what: &Outgoing) -> Option<SendTxn> {
        match what {
            Outgoing::Request(Method::Ack) => {}
            Outgoing::Request(_) => {
                let sentence = "The ack_txn attribute is valid only for ACK messages!";
                self.misplaced(attribute, sentence, "this is no ACK");
                return None;
            }
            Outgoing::Response(_) => {
                let sentence = "Responses can not ACK a transaction";
                self.misplaced(attribute, sentence, "this is no ACK");
                return None;
            }
        }
        let name = self.txn_name(attribute, "ack transaction")?;
        let (at, entry) = self.txns.entry(&name, &attribute.value_span);
        entry.acked.get_or_insert(attribute.value_span.clone());
        Some(SendTxn::Acks(at))
    }

    /// `response_txn` of a `<recv>`.
    pub(super) fn response_txn(&mut self, element: &Element) -> Option<TxnIx> {
        let attribute = element.attribute("response_txn")?;
        if element.attribute("request").is_some() {
            let sentence = "response_txn can only be used for received responses.";
            self.misplaced(attribute, sentence, "this <recv> waits for a request");
            return None;
        }
        // Without `response` the step matches nothing, of which there is a warning already.
        element.attribute("response")?;
        let name = self.txn_name(attribute, "transaction response")?;
        let (at, entry) = self.txns.entry(&name, &attribute.value_span);
        entry.answered = true;
        Some(at)
    }

    fn misplaced(&mut self, attribute: &Attribute, sentence: &str, label: &str) {
        let error = Diagnostic::error("transaction", sentence);
        self.report.push_hiding(error.at(attribute.name_span.clone(), label));
    }

    /// SIPp's sentences speak of variables here, and of transactions where a variable's name is wrong.
    fn txn_name(&mut self, attribute: &Attribute, what: &str) -> Option<String> {
        let name = attribute.value.to_str();
        let problem = match name.as_ref() {
            "" => "be empty",
            name if name.contains(['$', ',']) => "contain $ or ,",
            name => return Some(name.to_owned()),
        };
        let error = Diagnostic::error("bad-name", format!("Variable names may not {problem} for {what}"));
        self.report.push_hiding(error.at(attribute.value_span.clone(), "bad transaction name"));
        None
    }
}
