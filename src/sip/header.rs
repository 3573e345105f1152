//! Header look-up in a received message, as `[last_X]` and the engine's own questions see it.
//! Spec: keywords.md §8; `[last_Request_URI]` and `[last_cseq_number]`: §6.7. In: a whole message text. Out:
//! slices, or rendered text appended to a buffer. Must not look into the body or at the first line.

use std::sync::LazyLock;

use memchr::{memchr, memmem};
use smallvec::SmallVec;

/// The end of the header part: CR LF CR LF.
static EMPTY_LINE: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\r\n\r\n"));

/// Long names with the only compact forms that are looked for (keywords.md §8).
const COMPACT: [(&[u8], u8); 8] = [
    (b"Call-ID", b'i'),
    (b"Contact", b'm'),
    (b"Content-Encoding", b'e'),
    (b"Content-Length", b'l'),
    (b"Content-Type", b'c'),
    (b"From", b'f'),
    (b"To", b't'),
    (b"Via", b'v'),
];

/// Where the body begins: behind the first CR LF CR LF.
pub fn body_start(text: &[u8]) -> Option<usize> {
    EMPTY_LINE.find(text).map(|at| at + 4)
}

/// A header name to look for, with its compact form if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderName {
    name: Box<[u8]>,
    /// Its first letter, small; 0 without any.
    letter: u8,
    compact: Option<u8>,
}

impl HeaderName {
    /// The name as the scenario spells it, without colon.
    pub fn new(name: &[u8]) -> HeaderName {
        let letter = name.first().map_or(0, u8::to_ascii_lowercase);
        HeaderName { name: name.into(), letter, compact: compact_form(name) }
    }

    /// As written.
    pub fn as_bytes(&self) -> &[u8] {
        &self.name
    }
}

fn compact_form(name: &[u8]) -> Option<u8> {
    COMPACT.iter().find(|(long, _)| long.eq_ignore_ascii_case(name)).map(|&(_, compact)| compact)
}

/// The header lines of a message, each with its continuation lines, without the final LF.
struct HeaderLines<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> HeaderLines<'a> {
    fn of(text: &'a [u8]) -> HeaderLines<'a> {
        HeaderLines { text, at: memchr(b'\n', text).map_or(text.len(), |lf| lf + 1) }
    }
}

impl<'a> Iterator for HeaderLines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        // By patterns: `starts_with` calls a function to compare two bytes.
        if let [b'\r', b'\n', ..] = rest
            && let Some([.., b'\r', b'\n']) = self.text.get(..self.at)
        {
            return None;
        }
        let length = logical_line(rest);
        self.at += length + 1;
        rest.get(..length)
    }
}

/// Length of the header line that `text` begins with, continuation lines included, without the final LF.
pub(super) fn logical_line(text: &[u8]) -> usize {
    let mut from = 0;
    loop {
        let Some(lf) = text.get(from..).and_then(|rest| memchr(b'\n', rest)) else { return text.len() };
        let end = from + lf;
        match text.get(end + 1) {
            Some(b' ' | b'\t') => from = end + 1,
            _ => return end,
        }
    }
}

/// What follows `name:` in a header line, if the line has that name directly followed by a colon.
fn after_name<'a>(line: &'a [u8], name: &[u8], compact: Option<u8>) -> Option<&'a [u8]> {
    if let Some((written, [b':', value @ ..])) = line.split_at_checked(name.len())
        && written.eq_ignore_ascii_case(name)
    {
        return Some(value);
    }
    match line {
        [letter, b':', value @ ..] if compact == Some(letter.to_ascii_lowercase()) => Some(value),
        _ => None,
    }
}

/// A value without leading spaces (a TAB stays) and folds, and without trailing blanks and CR.
fn trimmed(value: &[u8]) -> &[u8] {
    let mut value = value;
    loop {
        match value {
            [b' ', rest @ ..]
            | [b'\r', b'\n', b' ' | b'\t', rest @ ..]
            | [b'\n', b' ' | b'\t', rest @ ..] => value = rest,
            _ => break trim_end(value),
        }
    }
}

fn trim_end(text: &[u8]) -> &[u8] {
    let mut text = text;
    while let [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = text {
        text = rest;
    }
    text
}

/// Appends a value, each fold as one space (RFC 3261 §7.3.1; SIPp leaves a bare LF, a bug).
fn append_unfolded(value: &[u8], out: &mut Vec<u8>) {
    if memchr(b'\n', value).is_none() {
        out.extend_from_slice(value);
        return;
    }
    for (nth, line) in value.split(|&byte| byte == b'\n').enumerate() {
        if nth == 0 {
            out.extend_from_slice(trim_end(line));
            continue;
        }
        let line = trim_end(line.trim_ascii_start());
        if !line.is_empty() {
            out.push(b' ');
            out.extend_from_slice(line);
        }
    }
}

/// The header lines of one message, found once for several look-ups. Takes no heap memory up to 24 lines.
pub struct HeaderIndex<'a> {
    lines: SmallVec<[&'a [u8]; 24]>,
    /// The first letter of each line, small: most lines are told from what is looked for without a look at them.
    letters: SmallVec<[u8; 24]>,
}

impl<'a> HeaderIndex<'a> {
    /// Finds the lines.
    pub fn of(text: &'a [u8]) -> HeaderIndex<'a> {
        let lines: SmallVec<[&[u8]; 24]> = HeaderLines::of(text).collect();
        let letters = lines.iter().map(|line| line.first().map_or(0, u8::to_ascii_lowercase)).collect();
        HeaderIndex { lines, letters }
    }

    /// As [`append_rendered`].
    pub fn append_rendered(&self, name: &HeaderName, out: &mut Vec<u8>) {
        let begins_so = |letter: u8| letter == name.letter || Some(letter) == name.compact;
        let lines = self.lines.iter().zip(&self.letters).filter(|(_, letter)| begins_so(**letter));
        render(lines.map(|(line, _)| *line), name, out);
    }
}

fn values<'a>(text: &'a [u8], name: &[u8], compact: Option<u8>) -> impl Iterator<Item = &'a [u8]> {
    HeaderLines::of(text).filter_map(move |line| after_name(line, name, compact)).map(trimmed)
}

/// Value of the first header of this name (any case; compact forms of keywords.md §8), as received: possibly
/// folded inside.
pub fn value<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    values(text, name, compact_form(name)).next()
}

/// All values of the headers of this name, in message order.
pub fn all_values<'a>(text: &'a [u8], name: &[u8]) -> impl Iterator<Item = &'a [u8]> {
    values(text, name, compact_form(name))
}

/// Appends what `[last_Name:]` renders: `Name: value, value2`, no line end, or nothing when there is no such
/// header.
pub fn append_rendered(text: &[u8], name: &HeaderName, out: &mut Vec<u8>) {
    render(HeaderLines::of(text), name, out);
}

fn render<'a>(lines: impl Iterator<Item = &'a [u8]>, name: &HeaderName, out: &mut Vec<u8>) {
    let base = out.len();
    for value in lines.filter_map(|line| after_name(line, &name.name, name.compact)).map(trimmed) {
        if out.len() == base {
            out.extend_from_slice(&name.name);
            out.push(b':');
        }
        append_joined(value, base, out);
    }
    trim_written(base, out);
}

/// Appends the values alone, joined with `, `. False when there is no such header.
pub fn append_values(text: &[u8], name: &[u8], out: &mut Vec<u8>) -> bool {
    let base = out.len();
    let mut found = false;
    for value in all_values(text, name) {
        if found {
            append_joined(value, base, out);
        } else {
            append_unfolded(value, out);
        }
        found = true;
    }
    trim_written(base, out);
    found
}

/// A separator and one more value. After a colon (of the name, or of an empty or odd value) the separator is
/// one space.
fn append_joined(value: &[u8], base: usize, out: &mut Vec<u8>) {
    trim_written(base, out);
    out.extend_from_slice(if out.last() == Some(&b':') { b" " } else { b", " });
    append_unfolded(value, out);
}

fn trim_written(base: usize, out: &mut Vec<u8>) {
    let kept = out.get(base..).map_or(0, |written| trim_end(written).len());
    out.truncate(base + kept);
}

/// What `[last_Request_URI]` renders: between the first `<` and the first `>` of the `To`; empty without
/// them.
pub fn last_request_uri(text: &[u8]) -> &[u8] {
    value(text, b"To").and_then(between_angles).unwrap_or(b"")
}

/// Between the first `<` and the first `>`, when they come in that order.
pub(super) fn between_angles(value: &[u8]) -> Option<&[u8]> {
    value.get(memchr(b'<', value)? + 1..memchr(b'>', value)?)
}

/// The number of the `CSeq` header (name in any case); None when there is none or it has no 32-bit number.
pub fn cseq_number(text: &[u8]) -> Option<u32> {
    HeaderLines::of(text)
        .find_map(|line| super::scan::named(line, b"CSeq", None))
        .and_then(|value| leading_number(value).0)
}

/// A decimal number behind blanks and folds, and what follows it. None when there are no digits or it exceeds
/// 32 bits.
pub(super) fn leading_number(value: &[u8]) -> (Option<u32>, &[u8]) {
    let value = value.trim_ascii_start();
    let (mut number, mut digits) = (Some(0_u32), 0);
    while let Some(digit @ b'0'..=b'9') = value.get(digits) {
        number = number.and_then(|sum| sum.checked_mul(10)?.checked_add(u32::from(digit - b'0')));
        digits += 1;
    }
    (number.filter(|_| digits > 0), value.get(digits..).unwrap_or_default())
}
