//! Turns an expression into one of the `regex` crate where that crate finds what POSIX demands.
//! Spec: actions.md §3.1 "Regular expression dialect". In: an expression that glibc accepts. Out: a `Regex`, or nothing if
//! the expression does not have the shape below. Must not judge expressions: glibc has done so.
//!
//! # The rule
//! Translated is a sequence of *items*: sets of bytes (a character, `.`, a bracket expression, `\w`...), each perhaps with
//! one quantifier. `^` may stand before all of them, `$` after all of them. Groups may enclose any part of the sequence but
//! are not quantified. So there are no alternatives, no repeated groups and no back-references; what the sets have in
//! common does not matter.
//!
//! # Why it gives the same match
//! A way to match from a given start is a list of counts, one for each item. The `regex` crate takes the
//! lexicographically greatest list that succeeds (greedy, leftmost item first); POSIX wants the longest match. Let G be
//! the greatest list and suppose that a list A ends later. Before the first item where they differ both stand at the same
//! place, after it G is ahead (its count is greater), and at the end A is ahead. So there is a first later item j at whose
//! end A is ahead, though G was not behind at its start: G's bytes of item j lie within A's. Then G could take more of
//! item j, up to where A ends it (no more bytes than A takes, so within the count, and of the same set), and go on like
//! A. That list succeeds and is greater than G: a contradiction. So G is the longest. (`^` asks about the start, which
//! all lists share, `$` about the end, which the new list shares with A.) Where matches can start is the same for both.
//! Group ranges follow from the counts, and glibc too lets earlier items take as much as the longest match allows, which
//! only the tests show.
//!
//! Text with NUL bytes is left to the C library (glibc's `.` does not match NUL), and so are anchors elsewhere (to glibc
//! the `$` in `$.` also matches before LF).

use std::fmt::Write as _;

use regex::bytes::{Regex, RegexBuilder};

/// The expression as one of the `regex` crate, if the rule allows it and it is not too big for that crate.
pub(super) fn translate(pattern: &[u8]) -> Option<Regex> {
    let mut scan = Scan { rest: pattern };
    let mut out = String::with_capacity(pattern.len() * 4);
    let mut open_groups = 0_usize;
    let mut part = Part::Start;
    while !scan.rest.is_empty() {
        match scan.item()? {
            Item::Open => {
                open_groups += 1;
                out.push('(');
            }
            Item::Close => {
                open_groups = open_groups.checked_sub(1)?;
                out.push(')');
            }
            Item::StartAnchor if part == Part::Start => out.push_str(r"\A"),
            Item::EndAnchor => {
                part = Part::End;
                out.push_str(r"\z");
            }
            Item::Set(set, quantifier) if part != Part::End => {
                part = Part::Middle;
                set.write_to(&mut out);
                out.push_str(quantifier);
            }
            Item::StartAnchor | Item::Set(..) => return None,
        }
    }
    RegexBuilder::new(&out).unicode(false).build().ok()
}

/// How far the sequence has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// No set yet: `^` may stand here.
    Start,
    /// After a set.
    Middle,
    /// After a `$`: only closing parentheses and more of it may follow.
    End,
}

/// What the rule knows of.
enum Item<'a> {
    Open,
    Close,
    StartAnchor,
    EndAnchor,
    /// A set and its quantifier, which may be empty.
    Set(ByteSet, &'a str),
}

/// The bytes that a backslash and `byte` stand for. None for what is not a set: back-references and word boundaries.
fn escaped_set(byte: u8) -> Option<ByteSet> {
    match byte {
        b'w' => Some(ByteSet::of(is_word)),
        b'W' => Some(ByteSet::of(|byte| !is_word(byte))),
        b's' => Some(ByteSet::of(is_space)),
        b'S' => Some(ByteSet::of(|byte| !is_space(byte))),
        b'1'..=b'9' | b'b' | b'B' | b'<' | b'>' => None,
        _ => Some(ByteSet::one(byte)),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// A POSIX character class of the C locale.
fn class(name: &[u8]) -> Option<ByteSet> {
    Some(match name {
        b"alnum" => ByteSet::of(|byte| byte.is_ascii_alphanumeric()),
        b"alpha" => ByteSet::of(|byte| byte.is_ascii_alphabetic()),
        b"blank" => ByteSet::of(|byte| byte == b' ' || byte == b'\t'),
        b"cntrl" => ByteSet::of(|byte| byte.is_ascii_control()),
        b"digit" => ByteSet::of(|byte| byte.is_ascii_digit()),
        b"graph" => ByteSet::of(|byte| byte.is_ascii_graphic()),
        b"lower" => ByteSet::of(|byte| byte.is_ascii_lowercase()),
        b"print" => ByteSet::of(|byte| byte.is_ascii_graphic() || byte == b' '),
        b"punct" => ByteSet::of(|byte| byte.is_ascii_punctuation()),
        b"space" => ByteSet::of(is_space),
        b"upper" => ByteSet::of(|byte| byte.is_ascii_uppercase()),
        b"xdigit" => ByteSet::of(|byte| byte.is_ascii_hexdigit()),
        _ => return None,
    })
}

/// What is left of the expression.
struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// The next item; None if the rule does not know what stands here. A quantifier is read with its set, so one that is
    /// met here stands after a group, an anchor or a quantifier.
    fn item(&mut self) -> Option<Item<'a>> {
        let set = match self.next()? {
            b'|' | b'*' | b'+' | b'?' | b'{' => return None,
            b'(' => return Some(Item::Open),
            b')' => return Some(Item::Close),
            b'^' => return Some(Item::StartAnchor),
            b'$' => return Some(Item::EndAnchor),
            b'\\' => match self.next()? {
                b'`' => return Some(Item::StartAnchor),
                b'\'' => return Some(Item::EndAnchor),
                escaped => escaped_set(escaped)?,
            },
            b'.' => ByteSet::of(|byte| byte != 0),
            b'[' => self.bracket()?,
            byte => ByteSet::one(byte),
        };
        Some(Item::Set(set, self.quantifier()?))
    }

    /// The quantifier that stands here, if any, as both dialects write it. `{,m}` is left to the C library.
    fn quantifier(&mut self) -> Option<&'a str> {
        let length = match self.rest {
            [b'*' | b'+' | b'?', ..] => 1,
            [b'{', b'0'..=b'9', ..] => memchr::memchr(b'}', self.rest)? + 1,
            _ => 0,
        };
        let (quantifier, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        std::str::from_utf8(quantifier).ok()
    }

    /// The set of a bracket expression whose `[` has been read. None for collating elements, equivalence classes and
    /// ranges that POSIX leaves open (to `-`, of non-ASCII bytes, sharing an end).
    fn bracket(&mut self) -> Option<ByteSet> {
        let negated = self.rest.first() == Some(&b'^');
        if negated {
            self.next();
        }
        let mut set = ByteSet::default();
        let mut members = 0_usize;
        loop {
            let member = self.next()?;
            match (member, self.rest) {
                (b']', _) if members > 0 => break,
                (b'[', [b':', ..]) => set.add(&self.class()?),
                (b'[', [b'.' | b'=', ..]) => return None,
                (_, [b'-', last, ..]) if *last != b']' => {
                    self.rest = self.rest.get(2..)?;
                    set.add(&range(member, *last)?);
                    self.refuse_range()?;
                }
                _ => set.add(&ByteSet::one(member)),
            }
            members += 1;
        }
        Some(if negated { ByteSet::of(|byte| !set.has(byte)) } else { set })
    }

    /// A class whose `[` has been read, as in `[:digit:]`.
    fn class(&mut self) -> Option<ByteSet> {
        let end = memchr::memmem::find(self.rest, b":]")?;
        let set = class(self.rest.get(1..end)?)?;
        self.rest = self.rest.get(end + 2..)?;
        self.refuse_range()?;
        Some(set)
    }

    /// None if a `-` that is not the last member follows.
    fn refuse_range(&self) -> Option<()> {
        let follows = matches!(self.rest, [b'-', last, ..] if *last != b']');
        (!follows).then_some(())
    }
}

/// The set `first-last`.
fn range(first: u8, last: u8) -> Option<ByteSet> {
    let plain = first != b'-' && last != b'-' && last != b'[' && first <= last && last.is_ascii();
    plain.then(|| ByteSet::of(|byte| (first..=last).contains(&byte)))
}

/// A set of bytes, one bit each.
#[derive(Clone, Copy, Default)]
struct ByteSet([u128; 2]);

impl ByteSet {
    fn of(member: impl Fn(u8) -> bool) -> ByteSet {
        let mut set = ByteSet::default();
        (0..=u8::MAX).filter(|byte| member(*byte)).for_each(|byte| set.add(&ByteSet::one(byte)));
        set
    }

    fn one(byte: u8) -> ByteSet {
        let bit = 1 << (byte & 0x7f);
        ByteSet(if byte.is_ascii() { [bit, 0] } else { [0, bit] })
    }

    fn add(&mut self, other: &ByteSet) {
        self.0 = [self.0[0] | other.0[0], self.0[1] | other.0[1]];
    }

    fn has(&self, byte: u8) -> bool {
        let word = if byte.is_ascii() { self.0[0] } else { self.0[1] };
        word >> (byte & 0x7f) & 1 == 1
    }

    /// Writes it as a class of hexadecimal ranges, so that no member needs a thought about escaping. The empty set, `[]`,
    /// is no valid class: such an expression is left to the C library.
    fn write_to(&self, out: &mut String) {
        let members: Vec<u8> = (0..=u8::MAX).filter(|byte| self.has(*byte)).collect();
        out.push('[');
        for run in members.chunk_by(|a, b| a + 1 == *b) {
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                // Writing to a String cannot fail.
                let _ = write!(out, r"\x{first:02x}-\x{last:02x}");
            }
        }
        out.push(']');
    }
}
