//! What an `ereg` searches and what it finds.
//! Spec: actions.md §3.1. In: the action, the current message, the variables. Out: the match. Must not assign.

use memchr::memmem;

use super::variable::Variables;
use crate::ere::Groups;
use crate::scenario::plan::{Check, Ereg, HeaderSearch, Subject};

/// The text after a header name is cut here (actions.md §3.1).
const LONGEST_HEADER_TEXT: usize = 2_048;

/// The searched text is needed again for sub-matches and warnings.
pub(super) struct Searched {
    /// A copy: the variable searched may be a target too.
    pub subject: Vec<u8>,
    /// The match, if there was one.
    pub groups: Option<Groups>,
}

impl Searched {
    /// Texts of the whole match and its groups; None for a group that took no part.
    pub fn texts(&self, count: usize) -> Vec<Option<Box<[u8]>>> {
        let text = |group: usize| {
            let range = self.groups.as_ref()?.get(group)?;
            self.subject.get(range).map(Into::into)
        };
        (0..count).map(text).collect()
    }
}

/// `check_it` on a header or body that is not there.
pub(super) enum Missing<'a> {
    Header(&'a HeaderSearch),
    Body,
}

impl Missing<'_> {
    /// The warning's text.
    pub fn warning(&self, message: &[u8]) -> Vec<u8> {
        let mut text = match self {
            Missing::Header(search) => {
                let name = String::from_utf8_lossy(&search.text);
                format!("Failed regexp match: header {name} not found in message\n").into_bytes()
            }
            Missing::Body => b"Failed regexp match: body not found in message\n".to_vec(),
        };
        text.extend_from_slice(message);
        text
    }
}

/// Searches. Without a current message (nop, pause) there is no match.
pub(super) fn search<'a>(
    ereg: &'a Ereg,
    message: Option<&[u8]>,
    variables: Variables<'_>,
) -> Result<Searched, Missing<'a>> {
    let must_be_there = ereg.check == Some(Check::MustHold);
    let subject = match (&ereg.subject, message) {
        (Subject::Variable(var), _) => variables.get(*var).text(),
        (_, None) => return Ok(Searched { subject: Vec::new(), groups: None }),
        (Subject::Message, Some(message)) => message,
        (Subject::Body, Some(message)) => match body(message) {
            None if must_be_there => return Err(Missing::Body),
            found => found.unwrap_or_default(),
        },
        (Subject::Header(search), Some(message)) => match header_text(search, message) {
            b"" if must_be_there => return Err(Missing::Header(search)),
            found => found,
        },
    };
    let mut groups = Groups::default();
    let groups = ereg.pattern.find(subject, &mut groups).then_some(groups);
    Ok(Searched { subject: subject.to_vec(), groups })
}

fn body(message: &[u8]) -> Option<&[u8]> {
    memmem::find(message, b"\r\n\r\n").and_then(|at| message.get(at + 4..))
}

/// What follows the n-th hit of the header text up to the end of its line; empty when there is none. A plain search of the whole
/// message, body included.
fn header_text<'m>(search: &HeaderSearch, message: &'m [u8]) -> &'m [u8] {
    let needle = &search.text[..];
    let starts_line = |at: usize| at == 0 || message.get(at - 1) == Some(&b'\n');
    let hit = (0..message.len()).filter(|at| {
        let here = message.get(*at..at + needle.len());
        let same = if search.case_independent {
            here.is_some_and(|here| here.eq_ignore_ascii_case(needle))
        } else {
            here == Some(needle)
        };
        same && (!search.start_line || starts_line(*at))
    });
    let nth = usize::try_from(search.occurrence.saturating_sub(1)).unwrap_or(usize::MAX);
    let Some(at) = hit.into_iter().nth(nth) else { return b"" };
    let rest = message.get(at + needle.len()..).unwrap_or_default();
    let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
    &rest[..end.min(LONGEST_HEADER_TEXT)]
}

/// The number a text is as a whole, by `strtod`'s syntax: leading blanks, sign, decimals, exponent, hex, inf, nan; empty is 0.
pub(super) fn whole_number(text: &[u8]) -> Option<f64> {
    crate::number::float(str::from_utf8(text).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"SIP/2.0 200 OK\r\nX-A: one\r\nx-a: three\r\nX-A:   four  \r\nSubject: says X-A: inline\r\n\r\nX-A: inbody\r\n";

    fn look(occurrence: u32, case_independent: bool, start_line: bool) -> &'static [u8] {
        header_text(
            &HeaderSearch { text: b"X-A:"[..].into(), case_independent, start_line, occurrence },
            MESSAGE,
        )
    }

    /// actions.md §3.1, table "Observed".
    #[test]
    fn the_header_text_is_searched_in_the_whole_message_and_counted() {
        assert_eq!(look(1, false, false), b" one");
        assert_eq!(look(2, false, false), b"   four  ");
        assert_eq!(look(3, false, false), b" inline");
        assert_eq!(look(4, false, false), b" inbody");
        assert_eq!(look(5, false, false), b"");
        assert_eq!(look(3, false, true), b" inbody");
        assert_eq!(look(2, true, false), b" three");
    }
}
