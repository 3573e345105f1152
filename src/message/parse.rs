//! Splits a text into literals and keywords.
//! Spec: keywords.md §3, §3.1. In: cleaned text. Out: segments in order, literals with CR LF line ends. What
//! a keyword means is told by `keyword`.

use std::ops::Range;

use super::keyword;
use super::parameter::hex_digit;
use super::segment::Segment;
use super::{Names, TemplateError};

/// Longest name between brackets (keywords.md §3.1).
const LONGEST_KEYWORD: usize = 256;

/// Parses a whole text.
pub(super) fn segments(text: &[u8], names: &mut dyn Names) -> Result<Vec<Segment>, TemplateError> {
    let mut parsed = Vec::new();
    let mut literal = Vec::new();
    // Start of a keyword that another bracket came before: everything up to it is text.
    let mut inner = None;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' if text.get(at + 1) == Some(&b'x') => at = escape(text, at + 2, &mut literal),
            b'\n' => {
                literal.extend_from_slice(b"\r\n");
                at += 1;
            }
            b'[' if inner.is_none_or(|inner| at >= inner) => match delimit(text, at, inner == Some(at))? {
                Bracket::PlainUpTo(keyword) => {
                    inner = Some(keyword);
                    literal.push(b'[');
                    at += 1;
                }
                Bracket::Keyword(inside) => {
                    if !literal.is_empty() {
                        parsed.push(Segment::Literal(std::mem::take(&mut literal)));
                    }
                    parsed.push(keyword::resolve(text, inside.clone(), names)?);
                    at = inside.end + 1;
                }
            },
            _ => {
                literal.push(byte);
                at += 1;
            }
        }
    }
    if !literal.is_empty() {
        parsed.push(Segment::Literal(literal));
    }
    Ok(parsed)
}

/// `\xHH`, from behind the `x`: writes the byte and returns where to go on. One digit makes a byte of 0 to
/// 15, none makes nothing; what follows is read as if the escape had not been there (SIPp swallows it, a
/// bug).
fn escape(text: &[u8], at: usize, literal: &mut Vec<u8>) -> usize {
    let digit = |at: usize| text.get(at).copied().and_then(hex_digit);
    match (digit(at), digit(at + 1)) {
        (Some(high), Some(low)) => {
            literal.push(high << 4 | low);
            at + 2
        }
        (Some(only), None) => {
            literal.push(only);
            at + 1
        }
        (None, _) => at,
    }
}

/// What a `[` is.
enum Bracket {
    /// Text, as all that follows up to another `[` that comes before the `]`.
    PlainUpTo(usize),
    /// The start of the keyword with this name.
    Keyword(Range<usize>),
}

/// keywords.md §3.1: an inner bracket makes the outer one text, but only once; a third belongs to the name.
fn delimit(text: &[u8], open: usize, is_inner: bool) -> Result<Bracket, TemplateError> {
    let wrong = || TemplateError::new(syntax_error(text, open), open..line_end(text, open));
    let start = open + 1;
    let close = find_unquoted(text, start, b']').ok_or_else(wrong)?;
    if let Some(inner) = text.get(..close).and_then(|before| find_unquoted(before, start, b'['))
        && !is_inner
    {
        return Ok(Bracket::PlainUpTo(inner));
    }
    if close == start || close - start > LONGEST_KEYWORD {
        return Err(wrong());
    }
    Ok(Bracket::Keyword(start..close))
}

/// The next `wanted` outside double quotes; a quote ends at the next quote or at the end of the line.
fn find_unquoted(text: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let mut quoted = false;
    for (at, &byte) in text.iter().enumerate().skip(from) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' => quoted = false,
            _ => {}
        }
        if byte == wanted && !quoted {
            return Some(at);
        }
    }
    None
}

fn line_end(text: &[u8], at: usize) -> usize {
    text.iter().skip(at).position(|&byte| byte == b'\n').map_or(text.len(), |length| at + length)
}

fn syntax_error(text: &[u8], at: usize) -> String {
    let start = text.iter().take(at).rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
    let line = text.get(start..line_end(text, at)).unwrap_or_default();
    format!("Syntax error or invalid [keyword] in scenario while parsing '{}'", String::from_utf8_lossy(line))
}
