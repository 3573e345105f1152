//! The log of `<log>` actions, `-trace_logs`: one expanded text and one LF a record, no time stamp.
//! Spec: outputs.md §10, §2.1. In: the expanded text. Out: bytes. Must not expand anything.

use super::log_file::up_to_nul;

/// Appends one record to `out`.
pub(super) fn append_record(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(up_to_nul(text));
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        append_record(text, &mut out);
        out
    }

    /// outputs.md §10.
    #[test]
    fn a_text_is_written_as_it_is_with_one_lf() {
        assert_eq!(record("call 1 says é <x>".as_bytes()), "call 1 says é <x>\n".as_bytes());
        assert_eq!(record(b"a\r\nb\xff"), b"a\r\nb\xff\n");
        assert_eq!(record(b""), b"\n");
    }

    /// outputs.md §2.1.
    #[test]
    fn a_text_ends_at_its_first_nul() {
        assert_eq!(record(b"ab\0cd"), b"ab\n");
    }
}
