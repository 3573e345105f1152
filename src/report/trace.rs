//! The records of the message trace, `-trace_msg`, in the form of SIPp 3.7.
//! Spec: outputs.md §7, §2.1. In: what was sent, received or noted. Out: bytes. Must not write them.

use super::log_file::up_to_nul;
use super::recorder::Moments;
use crate::clock::Tick;

const HYPHENS: &[u8] = b"-----------------------------------------------";

/// What became of a message: records with a stamp (outputs.md §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    Sent,
    Received,
    /// The socket refused it.
    SendFailed,
}

/// A record without a stamp (outputs.md §7.2).
#[derive(Debug)]
pub(super) enum Note {
    /// Follows the record of its reception.
    Unexpected { transport: &'static str, message: Vec<u8> },
    /// A message for a call that is over.
    DeadCall { call_id: Vec<u8>, transport: &'static str, message: Vec<u8> },
    /// A server that is quitting opens no call for it.
    DiscardedWhileQuitting,
    /// A message dropped on purpose, which has no record of its own.
    Lost { transport: &'static str, how: &'static str },
    /// A late response of a transaction.
    Ignored { class: &'static str, txn: String, transport: &'static str, message: Vec<u8> },
}

/// Appends a stamped record to `out`.
pub(super) fn append_message(
    at: Tick,
    passage: Passage,
    transport: &str,
    message: &[u8],
    moments: Moments,
    out: &mut Vec<u8>,
) {
    let bytes = message.len();
    let title = match passage {
        Passage::Sent => format!("{transport} message sent [{bytes}] bytes:"),
        Passage::Received => format!("{transport} message received [{bytes}] bytes:"),
        Passage::SendFailed => format!("Error sending {transport} message:"),
    };
    out.extend_from_slice(HYPHENS);
    out.push(b' ');
    out.extend_from_slice(moments.rfc3339(at).as_bytes());
    append_titled(title.as_bytes(), message, out);
}

/// Appends a note to `out`.
pub(super) fn append_note(note: &Note, out: &mut Vec<u8>) {
    match note {
        Note::Unexpected { transport, message } => {
            out.extend_from_slice(HYPHENS);
            append_titled(format!("Unexpected {transport} message received:").as_bytes(), message, out);
        }
        Note::DeadCall { call_id, transport, message } => {
            let mut title = b"Dead call ".to_vec();
            title.extend_from_slice(up_to_nul(call_id));
            title.extend_from_slice(format!(" received a {transport} message:").as_bytes());
            out.extend_from_slice(HYPHENS);
            append_titled(&title, message, out);
        }
        Note::DiscardedWhileQuitting => {
            out.extend_from_slice(b"Discarded message for new calls while quitting\n");
        }
        // SIPp writes no line end (outputs.md §7.2, Bug).
        Note::Lost { transport, how } => {
            out.extend_from_slice(format!("{transport} message {how}.\n").as_bytes());
        }
        Note::Ignored { class, txn, transport, message } => {
            out.extend_from_slice(HYPHENS);
            let title = format!("Ignoring {class} {transport} message for transaction {txn}:");
            append_titled(title.as_bytes(), message, out);
        }
    }
}

/// Title on a line of its own, an empty line, the message, one LF.
fn append_titled(title: &[u8], message: &[u8], out: &mut Vec<u8>) {
    out.push(b'\n');
    out.extend_from_slice(title);
    out.extend_from_slice(b"\n\n");
    out.extend_from_slice(up_to_nul(message));
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::super::stamp::StampStyle;
    use super::*;
    use crate::clock::WallClock;

    /// 2026-11-21T23:50:19.614026Z at tick zero.
    fn moments() -> Moments {
        let clock = WallClock { epoch_micros_at_zero: 1_795_305_019_614_026, utc_offset_seconds: 0 };
        Moments { clock, style: StampStyle::Tabbed }
    }

    fn message(passage: Passage, message: &[u8]) -> String {
        let mut out = Vec::new();
        append_message(Tick::from_micros(253), passage, "UDP", message, moments(), &mut out);
        String::from_utf8(out).unwrap()
    }

    fn note(note: &Note) -> String {
        let mut out = Vec::new();
        append_note(note, &mut out);
        String::from_utf8(out).unwrap()
    }

    /// outputs.md §7.1, 3.7: RFC stamp even without `-rfc3339`, size in brackets both ways.
    #[test]
    fn sent_and_received_records_have_the_3_7_form() {
        assert_eq!(
            message(Passage::Sent, b"BYE sip:x SIP/2.0\r\n\r\n"),
            "----------------------------------------------- 2026-11-21T23:50:19.614279Z\n\
             UDP message sent [21] bytes:\n\nBYE sip:x SIP/2.0\r\n\r\n\n"
        );
        assert_eq!(
            message(Passage::Received, b"SIP/2.0 200 OK\r\n\r\n"),
            "----------------------------------------------- 2026-11-21T23:50:19.614279Z\n\
             UDP message received [18] bytes:\n\nSIP/2.0 200 OK\r\n\r\n\n"
        );
    }

    /// outputs.md §7.1.
    #[test]
    fn a_refused_message_is_titled_error_sending() {
        assert_eq!(
            message(Passage::SendFailed, b"X"),
            "----------------------------------------------- 2026-11-21T23:50:19.614279Z\n\
             Error sending UDP message:\n\nX\n"
        );
    }

    /// outputs.md §2.1: the text ends at the first NUL, the count is of all bytes.
    #[test]
    fn bytes_after_a_nul_are_counted_but_not_shown() {
        let record = message(Passage::Received, b"ab\0cdefg");
        assert!(record.ends_with("\nUDP message received [8] bytes:\n\nab\n"), "{record}");
    }

    /// outputs.md §7.2; compared with sipp 3.6.1.
    #[test]
    fn notes_have_bare_hyphens_and_no_stamp() {
        assert_eq!(
            note(&Note::Unexpected { transport: "UDP", message: b"ACK\r\n".to_vec() }),
            "-----------------------------------------------\nUnexpected UDP message received:\n\nACK\r\n\n"
        );
        let dead =
            Note::DeadCall { call_id: b"1-9@h".to_vec(), transport: "TCP", message: b"BYE\r\n".to_vec() };
        assert_eq!(
            note(&dead),
            "-----------------------------------------------\nDead call 1-9@h received a TCP message:\n\nBYE\r\n\n"
        );
        assert_eq!(note(&Note::DiscardedWhileQuitting), "Discarded message for new calls while quitting\n");
        let late = Note::Ignored {
            class: "provisional",
            txn: "inv".to_owned(),
            transport: "UDP",
            message: b"SIP/2.0 180\r\n".to_vec(),
        };
        assert_eq!(
            note(&late),
            "-----------------------------------------------\n\
             Ignoring provisional UDP message for transaction inv:\n\nSIP/2.0 180\r\n\n"
        );
    }

    /// outputs.md §7.2, Bug: SIPp forgets the line end.
    #[test]
    fn a_message_dropped_on_purpose_is_a_line() {
        let lost = Note::Lost { transport: "UDP", how: "voluntary lost (while sending)" };
        assert_eq!(note(&lost), "UDP message voluntary lost (while sending).\n");
    }
}
