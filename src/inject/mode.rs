//! The mode line, the first line of an injection file: in which order lines are given out, and the `PRINTF` keys.
//! Spec: actions.md §4.2 and §4.3. In: the line, without its line end. Out: a [`Mode`]. Must not look at data lines.

use memchr::memmem;

use super::error::{InjectError, ModeLine};

/// What the mode line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) choice: Choice,
    pub(super) printf: Option<Printf>,
}

/// Which line a new call gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Any, with replacement.
    Random,
    /// The one after the last call's, wrapping.
    Sequential,
    /// The one of the call's user; none without `-users`.
    User,
}

/// The `PRINTF` keys: virtual lines made from templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Printf {
    /// How many virtual lines, at least 1.
    pub(super) lines: u32,
    pub(super) offset: i32,
    pub(super) multiple: i32,
}

impl Printf {
    /// The number substituted in virtual line `line`. As in SIPp a C `int`, which wraps.
    pub(super) fn number(&self, line: u32) -> i32 {
        self.offset.wrapping_add(line.cast_signed().wrapping_mul(self.multiple))
    }
}

/// Reads the mode line; `place` makes what errors show.
pub(super) fn parse(line: &[u8], place: impl Fn() -> ModeLine) -> Result<Mode, InjectError> {
    let has = |word: &str| memmem::find(line, word.as_bytes()).is_some();
    let choice = if has("RANDOM") {
        Choice::Random
    } else if has("SEQUENTIAL") {
        Choice::Sequential
    } else if has("USER") {
        Choice::User
    } else {
        return Err(InjectError::UnknownFileType(place()));
    };
    Ok(Mode { choice, printf: printf(line, place)? })
}

fn printf(line: &[u8], place: impl Fn() -> ModeLine) -> Result<Option<Printf>, InjectError> {
    let lines = match Key::find(line, "PRINTF") {
        Key::Absent => return Ok(None),
        Key::WithoutNumber => return Err(InjectError::PrintfWithoutNumber(place())),
        Key::Number { end: Some(end), .. } => return Err(InjectError::PrintfNumber { end, line: place() }),
        Key::Number { value, end: None } => match u32::try_from(value) {
            Ok(lines) if lines > 0 => lines,
            _ => return Err(InjectError::NoVirtualLine(place())),
        },
    };
    let optional = |name, default, without_number: fn(ModeLine) -> InjectError| match Key::find(line, name) {
        Key::Absent => Ok(default),
        Key::WithoutNumber => Err(without_number(place())),
        Key::Number { end: Some(end), .. } => Err(InjectError::OffsetNumber { end, line: place() }),
        Key::Number { value, end: None } => Ok(value),
    };
    let offset = optional("PRINTFOFFSET", 0, InjectError::OffsetWithoutNumber)?;
    let multiple = optional("PRINTFMULTIPLE", 1, InjectError::MultipleWithoutNumber)?;
    Ok(Some(Printf { lines, offset, multiple }))
}

/// What stands at the first occurrence of a key's name. The name of one key may begin that of another.
enum Key {
    Absent,
    WithoutNumber,
    /// `end` is the character after the number if it should not be there.
    Number {
        value: i32,
        end: Option<char>,
    },
}

impl Key {
    fn find(line: &[u8], name: &str) -> Key {
        let Some(at) = memmem::find(line, name.as_bytes()) else { return Key::Absent };
        let Some((b'=', text)) =
            line.get(at + name.len()..).and_then(|rest| Some((*rest.first()?, rest.get(1..)?)))
        else {
            return Key::WithoutNumber;
        };
        let (value, length) = c_integer(text);
        let end = text.get(length).filter(|end| **end != b',').map(|end| char::from(*end));
        Key::Number { value, end }
    }
}

/// A number as C's `strtoul` reads it with base 0 (blanks, sign, `0x` and octal by prefix), cut to an `int`, and how many
/// bytes it took: 0 if there is none.
pub(super) fn c_integer(text: &[u8]) -> (i32, usize) {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let mut rest = text.get(blanks..).unwrap_or_default();
    let negative = rest.first() == Some(&b'-');
    if let [b'+' | b'-', unsigned @ ..] = rest {
        rest = unsigned;
    }
    let base = match rest {
        [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit() => 16,
        [b'0', ..] => 8,
        _ => 10,
    };
    if base == 16 {
        rest = rest.get(2..).unwrap_or_default();
    }
    let digits = rest.iter().map_while(|byte| char::from(*byte).to_digit(base));
    let count = digits.clone().count();
    if count == 0 {
        return (0, 0);
    }
    let value =
        digits.fold(0_u64, |value, digit| value.saturating_mul(base.into()).saturating_add(digit.into()));
    let value = if negative && value != u64::MAX { value.wrapping_neg() } else { value };
    // The cut to 32 bits is what SIPp does: 4294967295 is -1.
    #[allow(clippy::cast_possible_truncation)]
    let cut = value as i32;
    (cut, text.len() - rest.len() + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_like_strtoul_with_base_0() {
        for (text, expected) in [
            ("10", (10, 2)),
            (" \t10x", (10, 4)),
            ("0x3", (3, 3)),
            ("0X1F,", (31, 4)),
            ("010", (8, 3)),
            ("08", (0, 1)),
            ("0x", (0, 1)),
            ("-5", (-5, 2)),
            ("+3,", (3, 2)),
            ("", (0, 0)),
            (" ", (0, 0)),
            ("-", (0, 0)),
            ("x", (0, 0)),
            ("4294967295", (-1, 10)),
            ("99999999999999999999", (-1, 20)),
            ("-99999999999999999999", (-1, 21)),
        ] {
            assert_eq!(c_integer(text.as_bytes()), expected, "{text:?}");
        }
    }
}
