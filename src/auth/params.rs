//! The values of `WWW-Authenticate`, `Authorization` and their proxy forms as lists of parameters.
//! Spec: auth.md §3 "Parsing the challenge"; RFC 3261 §25.1 (`challenge`, `credentials`, blanks around `=`). In: one or several
//! values joined by commas. Out: borrowed slices. Must not know what a parameter means. Nothing is an error: what cannot be
//! read is passed over.

use std::borrow::Cow;

/// A scheme with its parameters: one challenge, or one set of credentials.
#[derive(Debug, Default)]
pub(super) struct Section<'a> {
    /// `Digest`
    pub scheme: &'a [u8],
    params: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Section<'a> {
    /// The first parameter of this name, in any letter case, as it stands between its quotes. An empty one is none.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        let found = self.params.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
        found.map(|(_, value)| *value).filter(|value| !value.is_empty())
    }

    pub fn is_digest(&self) -> bool {
        self.scheme.eq_ignore_ascii_case(b"Digest")
    }
}

/// Splits `text`. Parameters before the first scheme get a section without one.
pub(super) fn sections(text: &[u8]) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut reader = Reader { rest: text };
    while let Some(word) = reader.word() {
        match reader.value() {
            Some(value) => {
                if sections.is_empty() {
                    sections.push(Section::default());
                }
                if let Some(section) = sections.last_mut() {
                    section.params.push((word, value));
                }
            }
            None => sections.push(Section { scheme: word, ..Section::default() }),
        }
    }
    sections
}

/// Walks a text from word to word.
struct Reader<'a> {
    rest: &'a [u8],
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl<'a> Reader<'a> {
    /// The next word that can be a scheme or a parameter's name.
    fn word(&mut self) -> Option<&'a [u8]> {
        self.take(|byte| is_blank(byte) || matches!(byte, b',' | b'"' | b'='));
        let word = self.take(|byte| !is_blank(byte) && !matches!(byte, b',' | b'"' | b'='));
        (!word.is_empty()).then_some(word)
    }

    /// The value behind `=`; None: the word was no parameter's name.
    fn value(&mut self) -> Option<&'a [u8]> {
        let before = self.rest;
        self.take(is_blank);
        let Some(rest) = self.rest.strip_prefix(b"=") else {
            self.rest = before;
            return None;
        };
        self.rest = rest;
        self.take(is_blank);
        match self.rest.strip_prefix(b"\"") {
            Some(rest) => {
                self.rest = rest;
                Some(self.quoted())
            }
            None => Some(self.take(|byte| !is_blank(byte) && !matches!(byte, b',' | b'"'))),
        }
    }

    /// Up to the closing quote; a backslash guards the byte behind it.
    fn quoted(&mut self) -> &'a [u8] {
        let mut guarded = false;
        let text = self.take(|byte| {
            let is_end = byte == b'"' && !guarded;
            guarded = byte == b'\\' && !guarded;
            !is_end
        });
        self.rest = self.rest.strip_prefix(b"\"").unwrap_or(self.rest);
        text
    }

    fn take(&mut self, mut belongs: impl FnMut(u8) -> bool) -> &'a [u8] {
        let length = self.rest.iter().position(|byte| !belongs(*byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}

/// What a quoted text means: `\"` is a quote and `\\` a backslash. Any other backslash is itself: Windows domains (`DOM\user`)
/// are often sent unguarded.
pub(super) fn unquoted(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let next = bytes.next_if(|next| byte == b'\\' && matches!(next, b'"' | b'\\'));
        plain.push(next.unwrap_or(byte));
    }
    Cow::Owned(plain)
}
