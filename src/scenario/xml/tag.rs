//! Start tags, read as both generations of SIPp read them: `\"` inside a value, raw `<` `>` `&`, either quote, and stray
//! text between attributes.
//! Spec: scenario.md §2 (rows from "Attribute quoting" on). In: the file and where a tag begins. Out: its attributes with
//! their places, and what was odd. Must not know which attributes mean something.

use std::ops::Range;

use super::{Attribute, Oddity, SyntaxError, decode};

/// A start tag.
pub(super) struct Tag {
    pub name: Range<usize>,
    pub attributes: Vec<Attribute>,
    pub oddities: Vec<Oddity>,
    /// One past its `>`.
    pub end: usize,
    /// It ends in `/>`.
    pub empty: bool,
}

/// How a backslash before a `"` is read.
#[derive(Clone, Copy, PartialEq)]
enum Backslash {
    /// It protects the next byte (3.7.7 and before).
    Protects,
    /// It is a byte like any other (after 3.7.7).
    Plain,
}

/// What may stand between attributes.
#[derive(Clone, Copy, PartialEq)]
enum Between {
    Blanks,
    Anything,
}

/// Reads the tag whose `<` is at `start`. A reading without stray text wins over one with it, and among equals the one in
/// which a backslash protects a quote.
pub(super) fn read(source: &[u8], start: usize) -> Result<Tag, SyntaxError> {
    let attempt = |backslash, between| Scanner { source, at: start + 1, start, backslash, between }.tag();
    attempt(Backslash::Protects, Between::Blanks)
        .or_else(|_| attempt(Backslash::Plain, Between::Blanks))
        .or_else(|_| attempt(Backslash::Protects, Between::Anything))
        .or_else(|error| attempt(Backslash::Plain, Between::Anything).map_err(|_| error))
}

struct Scanner<'a> {
    source: &'a [u8],
    at: usize,
    start: usize,
    backslash: Backslash,
    between: Between,
}

impl Scanner<'_> {
    fn tag(mut self) -> Result<Tag, SyntaxError> {
        let name = self.name();
        let mut tag = Tag { name, attributes: Vec::new(), oddities: Vec::new(), end: 0, empty: false };
        loop {
            self.skip(|byte| byte.is_ascii_whitespace());
            match self.peek() {
                Some(b'>') => tag.end = self.at + 1,
                Some(b'/') if self.source.get(self.at + 1) == Some(&b'>') => {
                    tag.end = self.at + 2;
                    tag.empty = true;
                }
                Some(byte) if is_name_start(byte) => self.attribute(&mut tag)?,
                Some(b'<') | None => return Err(self.error(self.start..tag.name.end, "this tag has no end")),
                Some(_) => self.stray(&mut tag)?,
            }
            if tag.end > 0 {
                return Ok(tag);
            }
        }
    }

    fn attribute(&mut self, tag: &mut Tag) -> Result<(), SyntaxError> {
        let name_span = self.name();
        let name =
            String::from_utf8_lossy(self.source.get(name_span.clone()).unwrap_or_default()).into_owned();
        self.skip(|byte| byte.is_ascii_whitespace());
        if self.peek() != Some(b'=') {
            self.allow_strays(name_span.clone())?;
            tag.oddities
                .push(Oddity { text: format!("attribute {name} has no value: ignored"), place: name_span });
            return Ok(());
        }
        self.at += 1;
        self.skip(|byte| byte.is_ascii_whitespace());
        let value_span = match self.peek() {
            Some(quote @ (b'"' | b'\'')) => self.quoted(quote)?,
            _ => return Err(self.error(name_span, "the value of this attribute is not in quotes")),
        };
        if let Some(first) = tag.attributes.iter().find(|attribute| attribute.name == name) {
            let text = format!("attribute {} stands here twice: the first one counts", first.name);
            tag.oddities.push(Oddity { text, place: name_span });
            return Ok(());
        }
        let value =
            decode::attribute(self.source.get(value_span.clone()).unwrap_or_default(), value_span.start);
        tag.attributes.push(Attribute { name, name_span, value, value_span });
        Ok(())
    }

    /// Passes over a quoted text and gives the place of what is between the quotes.
    fn quoted(&mut self, quote: u8) -> Result<Range<usize>, SyntaxError> {
        let open = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            if byte == quote {
                let inside = open + 1..self.at;
                self.at += 1;
                return Ok(inside);
            }
            let protects = byte == b'\\' && quote == b'"' && self.backslash == Backslash::Protects;
            self.at += if protects { 2 } else { 1 };
        }
        Err(self.error(open..open + 1, "this quote is not closed"))
    }

    /// Passes over text that is no attribute. A quoted text in it must end on its line, or it would swallow what follows
    /// a forgotten quote.
    fn stray(&mut self, tag: &mut Tag) -> Result<(), SyntaxError> {
        let start = self.at;
        self.allow_strays(start..start + 1)?;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' | b'\'' => {
                    let open = self.at;
                    let inside = self.quoted(byte).ok().and_then(|inside| self.source.get(inside));
                    if inside.is_none_or(|text| text.iter().any(|byte| matches!(byte, b'<' | b'\n'))) {
                        return Err(self.runaway(tag, open));
                    }
                }
                b'>' | b'<' => break,
                b'/' if self.source.get(self.at + 1) == Some(&b'>') => break,
                byte if byte.is_ascii_whitespace() || is_name_start(byte) => break,
                _ => self.at += 1,
            }
        }
        tag.oddities
            .push(Oddity { text: "text between attributes: ignored".to_owned(), place: start..self.at });
        Ok(())
    }

    /// The error of a quote that opens no value: it may be the one that should have opened another attribute's.
    fn runaway(&self, tag: &Tag, open: usize) -> SyntaxError {
        let before = tag.attributes.last().filter(|attribute| attribute.value.bytes().contains(&b'\n'));
        match before {
            Some(attribute) => {
                let start = attribute.value_span.start;
                self.error(
                    start.saturating_sub(1)..start,
                    "this quote is closed only by that of a later value",
                )
            }
            None => self.error(open..open + 1, "this quote opens no value"),
        }
    }

    fn allow_strays(&self, place: Range<usize>) -> Result<(), SyntaxError> {
        match self.between {
            Between::Anything => Ok(()),
            Between::Blanks => Err(self.error(place, "this is no attribute")),
        }
    }

    fn name(&mut self) -> Range<usize> {
        let start = self.at;
        self.skip(is_name);
        start..self.at
    }

    fn skip(&mut self, is_part: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&is_part) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied()
    }

    fn error(&self, place: Range<usize>, what: &str) -> SyntaxError {
        SyntaxError { place, what: what.to_owned() }
    }
}

/// Whether a name can begin with this byte.
pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_name(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b':')
}
