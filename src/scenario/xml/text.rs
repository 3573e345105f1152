//! Text of the scenario that remembers where each of its bytes stands in the file, through line ends, entities and
//! escapes.
//! Spec: scenario.md §2. Must not interpret the text.

use std::borrow::Cow;
use std::ops::Range;

/// Decoded bytes with their places in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    bytes: Vec<u8>,
    /// Positions (here, in the file) from which on both run in step.
    runs: Vec<(usize, usize)>,
    /// One past the last byte in the file.
    end: usize,
}

impl Text {
    /// An empty text whose end stands at `end` in the file.
    pub(super) fn ending_at(end: usize) -> Text {
        Text { end, ..Text::default() }
    }

    /// The bytes of the file from `start` on, each CR LF as LF.
    pub(super) fn from_source(bytes: &[u8], start: usize) -> Text {
        let mut text = Text::ending_at(start + bytes.len());
        for (at, &byte) in bytes.iter().enumerate() {
            if byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
                text.push(byte, start + at);
            }
        }
        text
    }

    pub(super) fn push(&mut self, byte: u8, place: usize) {
        let here = self.bytes.len();
        let in_step = self.runs.last().is_some_and(|(from, source)| source + (here - from) == place);
        if !in_step {
            self.runs.push((here, place));
        }
        self.bytes.push(byte);
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes as text, for names and messages; what is not UTF-8 becomes U+FFFD.
    pub fn to_str(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// Where the byte at this position stands in the file; the end of the text for any position past it.
    pub fn place(&self, at: usize) -> usize {
        if at >= self.bytes.len() {
            return self.end;
        }
        let run = self.runs.partition_point(|(from, _)| *from <= at);
        match run.checked_sub(1).and_then(|run| self.runs.get(run)) {
            Some((from, source)) => source + (at - from),
            None => self.end,
        }
    }

    /// Where a part of the text stands in the file.
    pub fn places(&self, part: Range<usize>) -> Range<usize> {
        let start = self.place(part.start);
        let end = match part.end.checked_sub(1) {
            Some(last) if last < self.bytes.len() && part.end > part.start => self.place(last) + 1,
            _ => self.end.min(start),
        };
        start..end.max(start)
    }
}
