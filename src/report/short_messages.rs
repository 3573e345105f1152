//! The records of the short message trace, `-trace_shortmsg`: a line a message.
//! Spec: outputs.md §8. In: what was sent or received. Out: bytes. Must not write them.

use super::log_file::up_to_nul;
use super::recorder::Moments;
use super::trace::Passage;
use crate::clock::Tick;
use crate::sip;

/// Appends a line to `out`. Messages that were not sent have none.
pub(super) fn append(at: Tick, passage: Passage, message: &[u8], moments: Moments, out: &mut Vec<u8>) {
    let direction = match passage {
        Passage::Sent => "S",
        Passage::Received => "R",
        Passage::SendFailed => return,
    };
    let text = up_to_nul(message);
    out.extend_from_slice(moments.stamp(at).as_bytes());
    out.extend_from_slice(format!("\t{direction}\t").as_bytes());
    let read = sip::reread(text);
    out.extend_from_slice(read.as_ref().map_or(b"", |read| read.trimmed_call_id()));
    out.extend_from_slice(b"\tCSeq:");
    out.extend_from_slice(read.as_ref().and_then(|read| read.header(b"CSeq")).unwrap_or_default());
    out.push(b'\t');
    out.extend_from_slice(first_line(text));
    out.push(b'\n');
}

fn first_line(text: &[u8]) -> &[u8] {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::WallClock;
    use crate::report::stamp::StampStyle;

    fn line(passage: Passage, message: &[u8], style: StampStyle) -> String {
        let clock = WallClock { epoch_micros_at_zero: 1_795_305_019_614_026, utc_offset_seconds: 0 };
        let mut out = Vec::new();
        append(Tick::from_micros(253), passage, message, Moments { clock, style }, &mut out);
        String::from_utf8(out).unwrap()
    }

    const RINGING: &[u8] =
        b"SIP/2.0 180 Ringing\r\nCall-ID: a///1-12944@127.0.0.1\r\nCSeq:  1 INVITE\r\n\r\n";
    const STAMP: &str = "2026-11-21\t23:50:19.614279\t1795305019.614279";

    /// outputs.md §8: seven fields; the Call-ID without what stands before `///`.
    #[test]
    fn a_message_is_a_line_of_fields() {
        assert_eq!(
            line(Passage::Received, RINGING, StampStyle::Tabbed),
            format!("{STAMP}\tR\t1-12944@127.0.0.1\tCSeq:1 INVITE\tSIP/2.0 180 Ringing\n")
        );
        assert_eq!(
            line(Passage::Sent, b"ACK sip:x SIP/2.0\nCall-ID: 3\r\n", StampStyle::Tabbed),
            format!("{STAMP}\tS\t\tCSeq:\tACK sip:x SIP/2.0\n")
        );
    }

    /// outputs.md §8, §1.1: one field for the stamp with `-rfc3339`, both ways (a Bug of SIPp: its `R` lines keep three).
    #[test]
    fn rfc3339_makes_the_stamp_one_field() {
        let text = line(Passage::Received, RINGING, StampStyle::Rfc3339);
        assert!(text.starts_with("2026-11-21T23:50:19.614279Z\tR\t1-12944@127.0.0.1\t"), "{text}");
    }

    /// outputs.md §8: successful sends only.
    #[test]
    fn a_refused_message_has_no_line() {
        assert_eq!(line(Passage::SendFailed, RINGING, StampStyle::Tabbed), "");
    }
}
