//! One pass over the header lines of a received message that finds what every message is asked for: Call-ID,
//! To, CSeq.
//! Spec: runtime.md §6.2 (Call-ID), §7; keywords.md §7.2, §7.3, §7.5. In: the text up to a NUL. Out: raw
//! values. Must not look behind the empty line.

use memchr::{memchr_iter, memmem};

use super::header::logical_line;
use super::incoming::NoCallId;

/// Longest Call-ID (keywords.md §5.3).
const LONGEST_CALL_ID: usize = 2048;

/// The headers that each message is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a> {
    /// Value of the first `Call-ID` or `i`: trailing blanks belong to it.
    pub call_id: &'a [u8],
    /// Everything behind the colon of the first `To` or `t`, continuation lines included.
    pub to: Option<&'a [u8]>,
    /// The same of the first `CSeq`.
    pub cseq: Option<&'a [u8]>,
}

/// Finds them, or says why there is no Call-ID. Line ends must be CR LF as far as the Call-ID.
pub(super) fn scan(text: &[u8]) -> Result<Scan<'_>, NoCallId> {
    let (mut call_id, mut to, mut cseq) = (None, None, None);
    let mut start = 0;
    let mut ends = memchr_iter(b'\n', text);
    while let Some(line) = text.get(start..).filter(|line| !line.is_empty()) {
        // By patterns: `starts_with` calls a function to compare two bytes.
        if let [b'\r', b'\n', ..] = line
            && start > 0
        {
            break;
        }
        let end = ends.next();
        // Two letters tell the headers apart that most messages have.
        match line.get(..2).map(|letters| [letters[0].to_ascii_lowercase(), letters[1].to_ascii_lowercase()])
        {
            _ if start == 0 => {}
            Some([b'c', b'a'] | [b'i', _]) if call_id.is_none() => {
                if let Some(value) = named(line, b"Call-ID", Some(b'i')) {
                    call_id = Some(call_id_value(text, value, end)?);
                }
            }
            Some([b'c', b's']) if cseq.is_none() => {
                cseq = named(line, b"CSeq", None).and_then(|value| header_value(text, value, end));
            }
            Some([b't', _]) if to.is_none() => {
                to = named(line, b"To", Some(b't')).and_then(|value| header_value(text, value, end));
            }
            _ => {}
        }
        if let (Some(call_id), Some(_), Some(_)) = (call_id, to, cseq) {
            return Ok(Scan { call_id, to, cseq });
        }
        let Some(end) = end else { break };
        if call_id.is_none() && !matches!(text.get(..end), Some([.., b'\r'])) {
            return Err(NoCallId::MissingCr { at: end });
        }
        start = end + 1;
    }
    call_id.map(|call_id| Scan { call_id, to, cseq }).ok_or(NoCallId::Absent)
}

/// The value behind `name`, optional blanks and a colon at the start of `line`; runs on behind the line.
pub(super) fn named<'a>(line: &'a [u8], name: &[u8], compact: Option<u8>) -> Option<&'a [u8]> {
    let long = line.get(..name.len()).filter(|written| written.eq_ignore_ascii_case(name));
    if let Some(value) = long.and_then(|_| line.get(name.len()..)).and_then(after_colon) {
        return Some(value);
    }
    let (first, rest) = line.split_first()?;
    if compact == Some(first.to_ascii_lowercase()) { after_colon(rest) } else { None }
}

fn after_colon(text: &[u8]) -> Option<&[u8]> {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    text.get(blanks..)?.strip_prefix(b":")
}

/// A value that runs to the end of `text`, cut where its header ends. `line_end`: the LF of the line it begins in.
fn header_value<'a>(text: &'a [u8], value: &'a [u8], line_end: Option<usize>) -> Option<&'a [u8]> {
    match line_end {
        Some(end) if !matches!(text.get(end + 1), Some(b' ' | b'\t')) => {
            text.get(text.len() - value.len()..end)
        }
        _ => value.get(..logical_line(value)),
    }
}

/// From behind the colon: leading blanks and folds are skipped, the value runs to CR LF.
fn call_id_value<'a>(text: &'a [u8], value: &'a [u8], line_end: Option<usize>) -> Result<&'a [u8], NoCallId> {
    let mut value = value;
    while let [b' ' | b'\t', rest @ ..] | [b'\r', b'\n', b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    // Nearly always the line's LF is the first one behind it, and a CR stands before it.
    let line = line_end.and_then(|end| text.get(text.len() - value.len()..end));
    let value = match line {
        Some([line @ .., b'\r']) => line,
        _ => value.get(..memmem::find(value, b"\r\n").unwrap_or(value.len())).unwrap_or_default(),
    };
    match value.len() {
        0 => Err(NoCallId::Absent),
        1..=LONGEST_CALL_ID => Ok(value),
        _ => Err(NoCallId::TooLong),
    }
}
