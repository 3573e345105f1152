//! Cuts a byte stream into SIP messages.
//! Spec: transport.md §13 (framing, size limits), runtime.md §6.1. In: bytes as they arrive, split in any way. Out: where each message
//! stands, or why the stream cannot be followed any more. Must not read sockets nor judge a message.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::{memchr, memchr_iter, memmem};

/// The longest message that is delivered, header and body (transport.md §11).
pub const LONGEST: usize = 65_536;

/// The longest body that is read in order to be thrown away; a stream that announces more is given up.
const LONGEST_SKIPPED: usize = 16 << 20;

/// An empty buffer larger than this is given back.
const KEPT: usize = 16 << 10;

static EMPTY_LINE: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\r\n\r\n"));

/// What the next bytes of the stream are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A whole message; see [`Framer::text`].
    Message(Range<usize>),
    /// A message of so many bytes, more than [`LONGEST`]: it is left out, the stream goes on behind it.
    TooLong(usize),
    /// Nothing whole yet.
    Incomplete,
}

/// A stream that cannot be followed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unframeable {
    /// No end of the headers within the longest message.
    #[error("no end of headers within {LONGEST} bytes")]
    EndlessHeaders,
    /// A Content-Length beyond all measure.
    #[error("a Content-Length of {0} bytes")]
    EndlessBody(usize),
}

/// The bytes of one stream that are not delivered yet.
#[derive(Debug, Default)]
pub struct Framer {
    bytes: Vec<u8>,
    /// Everything before was delivered.
    start: usize,
    /// Before this, no end of headers begins.
    searched: usize,
    /// The end of the headers and of the whole message at `start`, once known.
    ends: Option<(usize, usize)>,
    /// Bytes of a message that is left out, still to come.
    skip: usize,
}

impl Framer {
    /// Takes bytes that have arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        let bytes = bytes.get(skipped..).unwrap_or_default();
        if self.start > 0 && self.start == self.bytes.len() {
            self.rewind();
        } else if self.start > LONGEST {
            self.bytes.drain(..self.start);
            self.searched = self.searched.saturating_sub(self.start);
            self.ends =
                self.ends.map(|(headers, end)| (headers - self.start, end.saturating_sub(self.start)));
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether a message has begun that is not whole.
    pub fn is_amid_message(&self) -> bool {
        self.start < self.bytes.len() || self.skip > 0
    }

    /// The bytes of a message found by [`Framer::next_frame`], before the next call of that or of [`Framer::push`].
    pub fn text(&self, message: Range<usize>) -> &[u8] {
        self.bytes.get(message).unwrap_or_default()
    }

    /// Finds the next message. CR, LF and NUL between messages are keep-alives and passed over.
    ///
    /// # Errors
    /// The stream makes no sense any more.
    pub fn next_frame(&mut self) -> Result<Frame, Unframeable> {
        if self.ends.is_none() {
            let rest = self.bytes.get(self.start..).unwrap_or_default();
            let idle = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n' | 0)).count();
            self.start += idle;
            self.searched = self.searched.max(self.start);
        }
        let Some((headers_end, end)) = self.ends_of_message()? else {
            if self.start == self.bytes.len() {
                self.rewind();
            }
            return Ok(Frame::Incomplete);
        };
        let length = end - self.start;
        if length > LONGEST {
            if length - (headers_end - self.start) > LONGEST_SKIPPED {
                return Err(Unframeable::EndlessBody(end - headers_end));
            }
            self.skip = end.saturating_sub(self.bytes.len());
            self.deliver(end.min(self.bytes.len()));
            return Ok(Frame::TooLong(length));
        }
        if end > self.bytes.len() {
            return Ok(Frame::Incomplete);
        }
        let message = self.start..end;
        self.deliver(end);
        Ok(Frame::Message(message))
    }

    fn ends_of_message(&mut self) -> Result<Option<(usize, usize)>, Unframeable> {
        if self.ends.is_some() {
            return Ok(self.ends);
        }
        let unseen = self.bytes.get(self.searched..).unwrap_or_default();
        let Some(found) = EMPTY_LINE.find(unseen) else {
            if self.bytes.len() - self.start > LONGEST {
                return Err(Unframeable::EndlessHeaders);
            }
            // The end may have begun in the last three bytes.
            self.searched = self.bytes.len().saturating_sub(3).max(self.start);
            return Ok(None);
        };
        let headers_end = self.searched + found + 4;
        let headers = self.bytes.get(self.start..headers_end).unwrap_or_default();
        self.ends = Some((headers_end, headers_end.saturating_add(content_length(headers))));
        Ok(self.ends)
    }

    fn deliver(&mut self, up_to: usize) {
        self.start = up_to;
        self.searched = up_to;
        self.ends = None;
    }

    fn rewind(&mut self) {
        if self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.start = 0;
        self.searched = 0;
    }
}

/// The length that a header part announces: the first `Content-Length:`, else the first `l:`, at the beginning of a line and with
/// the colon right behind the name; 0 without a proper number. A NUL ends the search.
fn content_length(headers: &[u8]) -> usize {
    let headers = memchr(0, headers).and_then(|nul| headers.get(..nul)).unwrap_or(headers);
    let mut compact = None;
    for line_end in memchr_iter(b'\n', headers) {
        let rest = headers.get(line_end + 1..).unwrap_or_default();
        match rest.first() {
            Some(b'c' | b'C') => {
                if let Some(value) = behind_name(rest, b"Content-Length:") {
                    return number(value);
                }
            }
            Some(b'l' | b'L') => compact = compact.or_else(|| behind_name(rest, b"l:")),
            _ => {}
        }
    }
    compact.map_or(0, number)
}

/// What follows a header's name in its line; `text` begins with the line.
fn behind_name<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, value) = text.split_at_checked(name.len())?;
    let end = memchr(b'\n', value).unwrap_or(value.len());
    start.eq_ignore_ascii_case(name).then(|| value.get(..end).unwrap_or_default())
}

/// Digits between blanks; 0 for anything else. What does not fit is as large as can be.
fn number(value: &[u8]) -> usize {
    let value = value.trim_ascii_start();
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, behind) = value.split_at_checked(digits).unwrap_or_default();
    if behind.first().is_some_and(|byte| !byte.is_ascii_whitespace()) {
        return 0;
    }
    digits.iter().fold(0_usize, |sum, digit| sum.saturating_mul(10).saturating_add(usize::from(digit - b'0')))
}

#[cfg(test)]
mod tests;
