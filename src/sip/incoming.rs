//! The first two checks of everything that arrives: is it SIP, has it a Call-ID.
//! Spec: transport.md §13 (checks 1 and 2, and the table of malformed datagrams), runtime.md §6.1. In: the
//! bytes of a datagram or frame. Out: what they are, and the sentences to warn with. Must not know whether a
//! call exists.

use memchr::{memchr, memmem};

use super::message::Message;
use super::scan::scan;

/// What arrived.
#[derive(Clone, Copy, Debug)]
pub enum Incoming<'a> {
    /// Exactly CR LF CR LF or four NULs: dropped without a word.
    KeepAlive,
    /// A datagram of no bytes: counts as a receive error.
    Empty,
    /// `SIP/2.0` occurs nowhere before the first NUL.
    NotSip,
    /// SIP without a Call-ID that a call could have.
    NoCallId(NoCallId),
    /// Something that may belong to a call.
    Message(Message<'a>),
}

/// Why a message has no usable Call-ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCallId {
    /// No such header, or an empty one.
    Absent,
    /// More than 2048 bytes.
    TooLong,
    /// A line before it ends in a bare LF.
    MissingCr {
        /// Byte position of that LF.
        at: usize,
    },
}

/// Looks at one datagram (or one frame of a stream). Never fails: whatever is wrong with it is the answer.
pub fn classify(datagram: &[u8]) -> Incoming<'_> {
    match datagram {
        [] => return Incoming::Empty,
        b"\r\n\r\n" | [0, 0, 0, 0] => return Incoming::KeepAlive,
        _ => {}
    }
    let text = up_to_nul(datagram);
    if !mentions_sip(text) {
        return Incoming::NotSip;
    }
    match scan(text) {
        Ok(found) => Incoming::Message(Message::new(text, found)),
        Err(reason) => Incoming::NoCallId(reason),
    }
}

/// A message kept from before, or one of our own, looked at again. None for what [`classify`] would not pass.
pub fn reread(text: &[u8]) -> Option<Message<'_>> {
    match classify(text) {
        Incoming::Message(message) => Some(message),
        Incoming::KeepAlive | Incoming::Empty | Incoming::NotSip | Incoming::NoCallId(_) => None,
    }
}

/// The warnings for a dropped datagram, in order; none for what is dropped silently or kept.
pub fn warning_text(datagram: &[u8], incoming: &Incoming<'_>) -> Vec<String> {
    let text = String::from_utf8_lossy(up_to_nul(datagram));
    match incoming {
        Incoming::KeepAlive | Incoming::Empty | Incoming::Message(_) => Vec::new(),
        Incoming::NotSip => vec![format!("non SIP message discarded: \"{text}\" ({})", datagram.len())],
        Incoming::NoCallId(reason) => {
            let (missing_cr, complaint) = match reason {
                NoCallId::Absent => (None, "No valid Call-ID: header"),
                NoCallId::TooLong => (None, "Call-ID: header too long"),
                NoCallId::MissingCr { at } => {
                    (Some(format!("Missing CR during header scan at pos {at}")), "No valid Call-ID: header")
                }
            };
            let rest = [
                format!("(1) {complaint} in reply '{text}'"),
                "SIP message without Call-ID discarded".to_owned(),
            ];
            missing_cr.into_iter().chain(rest).collect()
        }
    }
}

/// A NUL ends a message for all parsing and logging.
fn up_to_nul(datagram: &[u8]) -> &[u8] {
    memchr(0, datagram).and_then(|nul| datagram.get(..nul)).unwrap_or(datagram)
}

fn mentions_sip(text: &[u8]) -> bool {
    // The start line of a sound message answers at once; only odd ones are searched.
    text.starts_with(b"SIP/2.0")
        || memchr(b'\r', text).and_then(|cr| text.get(..cr)).is_some_and(|line| line.ends_with(b"SIP/2.0"))
        || memmem::find(text, b"SIP/2.0").is_some()
}
