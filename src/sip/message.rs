//! The view of one received message: start line, Call-ID, CSeq, the peer's tag, the top branch.
//! Spec: runtime.md §6.2, §7 (items 4 and 7), §7.1; keywords.md §7.2, §7.5. In: a text that
//! [`super::classify`] has passed. Out: slices of it. Must not decide what the message means for a call.

use memchr::{memchr, memchr2, memmem};

use super::header;
use super::scan::Scan;

/// Longest method that is looked at (runtime.md §7 item 7).
const LONGEST_METHOD: usize = 63;

/// A received message. Borrows the receive buffer; copying it costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    text: &'a [u8],
    found: Scan<'a>,
    start: Start<'a>,
    cseq: Cseq<'a>,
}

/// The first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start<'a> {
    /// A response with this code.
    Response(u16),
    /// A request with this method.
    Request(&'a [u8]),
    /// Neither: no code, no space, or a method of 64 bytes and more. Unexpected for every call.
    Malformed,
}

/// The `CSeq` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cseq<'a> {
    /// The number; None without header or without a 32-bit number.
    pub number: Option<u32>,
    /// The method behind it, up to the end of the line; empty without header.
    pub method: &'a [u8],
}

impl<'a> Message<'a> {
    pub(super) fn new(text: &'a [u8], found: Scan<'a>) -> Message<'a> {
        Message { text, found, start: start(text), cseq: cseq(found.cseq) }
    }

    /// The whole message as far as the first NUL.
    pub fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The Call-ID as received (runtime.md §6.2). Never empty.
    pub fn call_id(&self) -> &'a [u8] {
        self.found.call_id
    }

    /// The Call-ID without everything up to and including the first `///`: the key of calls unless
    /// `-callid_slash_ign`.
    pub fn trimmed_call_id(&self) -> &'a [u8] {
        let whole = self.found.call_id;
        if memchr(b'/', whole).is_none() {
            return whole;
        }
        memmem::find(whole, b"///").and_then(|at| whole.get(at + 3..)).unwrap_or(whole)
    }

    /// Request, response or neither (runtime.md §7 item 7).
    pub fn start(&self) -> Start<'a> {
        self.start
    }

    /// Whether it has a `To` or `t` header.
    pub fn has_to(&self) -> bool {
        self.found.to.is_some()
    }

    /// The `CSeq` header, its name in any case.
    pub fn cseq(&self) -> Cseq<'a> {
        self.cseq
    }

    /// Value of the `tag` parameter of the `To` header: `[peer_tag_param]` without its `;tag=` (keywords.md
    /// §7.5). A `>` in a quoted display name does not end the address, unlike in SIPp. An empty tag is none.
    pub fn peer_tag(&self) -> Option<&'a [u8]> {
        let to = self.found.to?;
        let mut rest = behind_address(to);
        while let Some(semicolon) = memchr(b';', rest) {
            rest = rest.get(semicolon + 1..)?;
            let name = rest.trim_ascii_start();
            if name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"tag=")) {
                let value = name.get(4..)?;
                return Some(until(value, |byte| matches!(byte, b' ' | b'\t' | b';' | b'\r' | b'\n')))
                    .filter(|tag| !tag.is_empty());
            }
        }
        None
    }

    /// The `branch` of the topmost `Via` that has one (runtime.md §7.1).
    pub fn branch(&self) -> Option<&'a [u8]> {
        header::all_values(self.text, b"Via").find_map(|via| {
            let value = via.get(memmem::find(via, b";branch=")? + 8..)?;
            Some(until(value, |byte| matches!(byte, b' ' | b'\t' | b';' | b',' | b'\r' | b'\n')))
        })
    }

    /// Value of the first header of this name (keywords.md §8), possibly folded inside.
    pub fn header(&self, name: &[u8]) -> Option<&'a [u8]> {
        header::value(self.text, name)
    }
}

fn start(text: &[u8]) -> Start<'_> {
    let Some(rest) = text.strip_prefix(b"SIP/2.0") else {
        let head = text.get(..=LONGEST_METHOD).unwrap_or(text);
        return memchr(b' ', head)
            .and_then(|space| head.get(..space))
            .map_or(Start::Malformed, Start::Request);
    };
    let line = until(rest, |byte| byte == b'\n');
    let blank = line.iter().position(|byte| *byte == b' ');
    let code = blank.and_then(|at| line.get(at..)).and_then(|text| header::leading_number(text).0);
    match code.map(u16::try_from) {
        Some(Ok(code)) if code > 0 => Start::Response(code),
        _ => Start::Malformed,
    }
}

fn cseq(value: Option<&[u8]>) -> Cseq<'_> {
    let Some(value) = value else { return Cseq { number: None, method: b"" } };
    let (number, method) = header::leading_number(value);
    // Trailing blanks belong to the method, which then matches nothing (runtime.md §7.1).
    let method = method.trim_ascii_start();
    Cseq { number, method: method.strip_suffix(b"\r").unwrap_or(method) }
}

/// What follows the `>` of a name-addr; everything when there is none. Quoted display names are passed over.
fn behind_address(to: &[u8]) -> &[u8] {
    match memchr2(b'"', b'>', to) {
        Some(at) if to.get(at) == Some(&b'>') => to.get(at + 1..).unwrap_or_default(),
        Some(_) => behind_quoting_address(to),
        None => to,
    }
}

fn behind_quoting_address(to: &[u8]) -> &[u8] {
    let mut quoted = false;
    let mut escaped = false;
    for (at, &byte) in to.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' if !quoted => return to.get(at + 1..).unwrap_or_default(),
            _ => {}
        }
    }
    to
}

fn until(value: &[u8], is_end: impl Fn(u8) -> bool) -> &[u8] {
    let end = value.iter().position(|byte| is_end(*byte)).unwrap_or(value.len());
    value.get(..end).unwrap_or(value)
}
