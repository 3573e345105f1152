//! The records of the call debug log, `-trace_calldebug`: the story of a call that was aborted.
//! Spec: outputs.md §11. In: a Call-ID and what happened. Out: bytes. Must not write them.

use super::log_file::up_to_nul;
use super::recorder::Moments;
use crate::engine::history::Event;

/// Appends the record of a call to `out`.
pub(super) fn append(call_id: &[u8], history: &[Event], moments: Moments, out: &mut Vec<u8>) {
    out.extend_from_slice("-".repeat(79).as_bytes());
    out.extend_from_slice(b"\nCall debugging information for call ");
    out.extend_from_slice(up_to_nul(call_id));
    out.extend_from_slice(b":\n");
    for event in history {
        out.extend_from_slice(moments.stamp(event.at).as_bytes());
        out.push(b' ');
        out.extend_from_slice(up_to_nul(&event.text));
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Tick;

    /// outputs.md §11: 79 hyphens, the sentence, lines with stamp and one space.
    #[test]
    fn a_record_is_framed_and_each_line_of_the_story_has_its_stamp() {
        let event = |at, text: &str| Event { at: Tick::from_micros(at), text: text.into() };
        let mut out = Vec::new();
        let history = [event(1, "Starting call 1-9@h"), event(2, "Sending:\nACK x\n")];
        append(b"1-9@h", &history, Moments::default(), &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!(
                "{}\nCall debugging information for call 1-9@h:\n\
                 1970-01-01\t00:00:00.000001\t0000000000.000001 Starting call 1-9@h\n\
                 1970-01-01\t00:00:00.000002\t0000000000.000002 Sending:\nACK x\n\n",
                "-".repeat(79)
            )
        );
    }
}
