//! Decoding of attribute values: line ends, entities once, then backslash escapes.
//! Spec: scenario.md §2.1, actions.md §1.4 (1-2). In: the raw bytes between the quotes. Must not decode entities twice and
//! must not touch CDATA.

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::BytesRef;

use super::text::Text;

/// Longest name between `&` and `;` that is looked at.
const LONGEST_REFERENCE: usize = 12;

/// The value of an attribute whose raw bytes begin at `start` in the file.
pub(super) fn attribute(raw: &[u8], start: usize) -> Text {
    let text = Text::from_source(raw, start);
    let end = start + raw.len();
    let text = if text.bytes().contains(&b'&') { entities(&text, end) } else { text };
    if text.bytes().contains(&b'\\') { escapes(&text, end) } else { text }
}

fn entities(text: &Text, end: usize) -> Text {
    let mut decoded = Text::ending_at(end);
    let mut at = 0;
    while let Some(&byte) = text.bytes().get(at) {
        let rest = text.bytes().get(at + 1..).unwrap_or_default();
        match (byte == b'&').then(|| reference(rest)).flatten() {
            Some((expansion, length)) => {
                for byte in expansion.bytes() {
                    decoded.push(byte, text.place(at));
                }
                at += 1 + length;
            }
            None => {
                decoded.push(byte, text.place(at));
                at += 1;
            }
        }
    }
    decoded
}

/// What the reference after a `&` stands for, and its length with the semicolon. None: the `&` is meant literally.
fn reference(rest: &[u8]) -> Option<(String, usize)> {
    let window = rest.get(..rest.len().min(LONGEST_REFERENCE))?;
    let length = memchr::memchr(b';', window)?;
    let name = std::str::from_utf8(window.get(..length)?).ok()?;
    let expansion = match BytesRef::new(name).resolve_char_ref().ok()? {
        Some(character) => character.to_string(),
        None => resolve_xml_entity(name)?.to_owned(),
    };
    Some((expansion, length + 1))
}

fn escapes(text: &Text, end: usize) -> Text {
    let mut decoded = Text::ending_at(end);
    let mut at = 0;
    while let Some(&byte) = text.bytes().get(at) {
        let escaped =
            (byte == b'\\').then(|| text.bytes().get(at + 1)).flatten().and_then(|next| match next {
                b'\\' | b'"' => Some(*next),
                b'n' => Some(b'\n'),
                b't' => Some(b'\t'),
                b'r' => Some(b'\r'),
                _ => None,
            });
        decoded.push(escaped.unwrap_or(byte), text.place(at));
        at += if escaped.is_some() { 2 } else { 1 };
    }
    decoded
}
