//! A message as written in a `<send>`: lines, headers, keywords, with their places in the file.
//! Spec: keywords.md §2 (clean-up), §3.1 (keywords). In: CDATA. Out: views of it. Must not change the text: positions are
//! those of the raw CDATA.

use std::ops::Range;

use crate::scenario::xml::Text;

/// A message.
pub struct Message<'a> {
    text: &'a Text,
    /// From the first line that is not blank on; the blank ends are left out.
    lines: Vec<Line>,
    /// Position of the first line of the body in `lines`, if there is a body.
    body: Option<usize>,
    /// Whether a line end follows the last line (keywords.md §2, step 7).
    ends_with_newline: bool,
}

/// A line without the blanks around it.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where it stands in the CDATA.
    pub range: Range<usize>,
    /// Blanks and tabs before it.
    pub indent: Range<usize>,
}

/// A header line.
pub struct Header<'a> {
    /// Without the colon.
    pub name: &'a str,
    /// Where the whole line stands in the CDATA.
    pub line: Range<usize>,
    /// Where the value stands in the CDATA.
    pub value: Range<usize>,
}

/// A `[keyword]`.
#[derive(Clone, Debug)]
pub struct Keyword<'a> {
    /// Between the brackets.
    pub inside: &'a str,
    /// Where it stands in the text, with its brackets.
    pub range: Range<usize>,
}

impl<'a> Message<'a> {
    /// The message in this CDATA.
    pub fn of(text: &'a Text) -> Message<'a> {
        let bytes = text.bytes();
        let mut lines = Vec::new();
        let mut start = 0;
        for line in bytes.split(|byte| *byte == b'\n') {
            let indent = line.iter().take_while(|byte| is_blank(**byte)).count();
            let trailing = line.iter().rev().take_while(|byte| is_blank(**byte)).count();
            let from = start + indent;
            let to = (start + line.len()).saturating_sub(trailing).max(from);
            lines.push(Line { range: from..to, indent: start..from });
            start += line.len() + 1;
        }
        let is_empty = |line: &Line| line.range.is_empty();
        let before = lines.iter().take_while(|line| is_empty(line)).count();
        lines.drain(..before);
        let after = lines.iter().rev().take_while(|line| is_empty(line)).count();
        lines.truncate(lines.len() - after);
        let body = lines.iter().position(is_empty).map(|empty| empty + 1);
        Message { text, lines, body, ends_with_newline: after > 0 }
    }

    /// The start line.
    pub fn first_line(&self) -> &'a str {
        self.lines.first().map_or("", |line| self.slice(line.range.clone()))
    }

    /// Where the start line stands in the file.
    pub fn first_place(&self) -> Range<usize> {
        self.text.places(self.lines.first().map_or(0..0, |line| line.range.clone()))
    }

    /// The method, if it is a request.
    pub fn method(&self) -> Option<&'a str> {
        self.first_line().split(' ').next().filter(|word| *word != "SIP/2.0")
    }

    /// The lines between the start line and the body.
    pub fn head(&self) -> impl Iterator<Item = &Line> {
        let end = self.body.map_or(self.lines.len(), |body| body - 1);
        self.lines.get(1..end).unwrap_or_default().iter()
    }

    /// The lines of the body; none if there is none.
    pub fn body(&self) -> &[Line] {
        self.body.and_then(|body| self.lines.get(body..)).unwrap_or_default()
    }

    /// Header lines whose name is literal.
    pub fn headers(&self) -> impl Iterator<Item = Header<'a>> {
        self.head().filter_map(|line| {
            let text = self.slice(line.range.clone());
            let (name, value) = text.split_once(':')?;
            let name = name.trim_end();
            if name.is_empty() || name.contains(['[', ' ', '\t']) {
                return None;
            }
            let end = line.range.end;
            let start = end - value.trim_start().len();
            Some(Header { name, line: line.range.clone(), value: start..end })
        })
    }

    /// The first header of this name or one-letter form.
    pub fn header(&self, name: &str, compact: &str) -> Option<Header<'a>> {
        self.headers().find(|header| {
            header.name.eq_ignore_ascii_case(name)
                || (!compact.is_empty() && header.name.eq_ignore_ascii_case(compact))
        })
    }

    /// A part of the text; what is not UTF-8 reads as empty.
    pub fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.bytes().get(range).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    /// Where a part of the text stands in the file.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        self.text.places(range)
    }

    /// The keywords of the message.
    pub fn keywords(&self) -> Vec<Keyword<'a>> {
        keywords(self.text.bytes())
    }

    /// The keywords in a part of the text.
    pub fn keywords_in(&self, range: Range<usize>) -> Vec<Keyword<'a>> {
        let bytes = self.text.bytes().get(range.clone()).unwrap_or_default();
        let shift = |keyword: Keyword<'a>| {
            let Range { start, end } = keyword.range;
            Keyword { range: start + range.start..end + range.start, ..keyword }
        };
        keywords(bytes).into_iter().map(shift).collect()
    }

    /// Length of the body once it is sent, if it is literal.
    pub fn body_length(&self) -> Option<usize> {
        let lines = self.body();
        let (first, last) = (lines.first()?, lines.last()?);
        let range = first.range.start..last.range.end;
        if !self.keywords_in(range.clone()).is_empty() || self.slice(range).contains("\\x") {
            return None;
        }
        let kept = |line: &Line| line.range.len() + indent_kept(self.slice(line.indent.clone()));
        let ends = 2 * (lines.len() - 1) + if self.ends_with_newline { 2 } else { 0 };
        Some(lines.iter().map(kept).sum::<usize>() + ends)
    }
}

/// How much of a line's indentation survives the clean-up: it takes blanks, then tabs (keywords.md §2).
pub fn indent_kept(indent: &str) -> usize {
    indent.trim_start_matches(' ').trim_start_matches('\t').len()
}

/// The keywords of a text. Of nested ones the inner (keywords.md §3.1).
pub fn keywords(text: &[u8]) -> Vec<Keyword<'_>> {
    let mut found = Vec::new();
    let mut open = None;
    let mut quoted = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'\n' => (open, quoted) = (None, false),
            b'"' if open.is_some() => quoted = !quoted,
            b'[' => (open, quoted) = (Some(at), false),
            b']' if !quoted => {
                if let Some(start) = open.take()
                    && let Some(inside) = text.get(start + 1..at)
                    && let Ok(inside) = std::str::from_utf8(inside)
                {
                    found.push(Keyword { inside, range: start..at + 1 });
                }
            }
            _ => {}
        }
    }
    found
}

impl<'a> Keyword<'a> {
    /// The variable that `[$name]` or `[fill variable=name]` reads, an offset included.
    pub fn variable(&self) -> Option<&'a str> {
        if let Some(name) = self.inside.strip_prefix('$') {
            return Some(name);
        }
        let parameters = self.inside.strip_prefix("fill")?;
        let (_, value) = parameters.split_once("variable=")?;
        value.trim_start_matches('"').split([' ', '"']).next()
    }

    /// Whether it is this keyword, whatever the offset.
    pub fn is(&self, name: &str) -> bool {
        split_offset(self.inside).0 == name
    }
}

/// A name and what is added to it (keywords.md §3.2).
pub fn split_offset(name: &str) -> (&str, i64) {
    let Some(sign) = name.find('+').or_else(|| name.find('-')) else { return (name, 0) };
    let (cut, offset) = name.split_at(sign);
    let digits: String = offset.chars().skip(1).take_while(char::is_ascii_digit).collect();
    match digits.parse::<i64>() {
        Ok(size) => (cut, if offset.starts_with('-') { -size } else { size }),
        Err(_) => (name, 0),
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}
