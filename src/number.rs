//! Numbers and truth values as C reads them: what options, scenario attributes and variables accept.
//! Spec: cli.md §2, scenario.md §2.3, actions.md (number attribute). In: text. Out: a value, or None when the text is not one as a
//! whole. Must not know options or scenarios.

/// A C integer: blanks, sign, then `0x…`, octal after a leading `0`, or decimal. Empty text is 0. What does
/// not fit 64 bits is the nearest number that does.
pub fn integer(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let (negative, digits) = sign(text.trim_start_matches(is_c_blank));
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => (16, hex),
        None if digits.len() > 1 && digits.starts_with('0') => (8, digits),
        None => (10, digits),
    };
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(0_i64, |sum, c| {
        let digit = i64::from(c.to_digit(radix)?);
        let sum = sum.saturating_mul(i64::from(radix));
        Some(if negative { sum.saturating_sub(digit) } else { sum.saturating_add(digit) })
    })
}

/// A number as C's `strtod` reads it: decimal, hexadecimal, `inf`, `nan`. Empty text is 0.
pub fn float(text: &str) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    let (number, rest) = float_prefix(text)?;
    rest.is_empty().then_some(number)
}

/// `true` or `false` in any letter case, or an integer: 0 is false, all others are true. Empty text is false.
pub fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        integer(text).map(|number| number != 0)
    }
}

/// What C's `isspace` takes for a blank.
fn is_c_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The longest beginning of `text` that is a number, and what follows it.
pub fn float_prefix(text: &str) -> Option<(f64, &str)> {
    let (negative, text) = sign(text.trim_start_matches(is_c_blank));
    let (number, rest) = hex_prefix(text).or_else(|| word_prefix(text)).or_else(|| decimal_prefix(text))?;
    Some((if negative { -number } else { number }, rest))
}

/// `0x1.8p3`: hexadecimal digits with at most one point, then perhaps a power of two.
fn hex_prefix(text: &str) -> Option<(f64, &str)> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let (whole, rest) = split_digits(digits, 16);
    let (fraction, rest) = fraction(rest, 16);
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digit = |c: char| c.to_digit(16).map_or(0.0, f64::from);
    let number = whole.chars().fold(0.0, |sum, c| sum * 16.0 + digit(c));
    let part = fraction.chars().rev().fold(0.0, |sum, c| (sum + digit(c)) / 16.0);
    let (power, rest) = exponent(rest, ['p', 'P']).unwrap_or((0, rest));
    Some(((number + part) * 2_f64.powi(power), rest))
}

/// `inf`, `infinity`, `nan`, `nan(…)` in any letter case.
fn word_prefix(text: &str) -> Option<(f64, &str)> {
    let after = |word: &str| match text.get(..word.len()) {
        Some(start) if start.eq_ignore_ascii_case(word) => text.get(word.len()..),
        _ => None,
    };
    if let Some(rest) = after("infinity").or_else(|| after("inf")) {
        return Some((f64::INFINITY, rest));
    }
    let rest = after("nan")?;
    let payload = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let named = rest.strip_prefix('(').and_then(|open| open.trim_start_matches(payload).strip_prefix(')'));
    Some((f64::NAN, named.unwrap_or(rest)))
}

fn decimal_prefix(text: &str) -> Option<(f64, &str)> {
    let (whole, rest) = split_digits(text, 10);
    let (fraction, rest) = fraction(rest, 10);
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let rest = exponent(rest, ['e', 'E']).map_or(rest, |(_, rest)| rest);
    let number = text.get(..text.len() - rest.len())?;
    number.parse().ok().map(|number| (number, rest))
}

fn split_digits(text: &str, radix: u32) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_digit(radix)).unwrap_or(text.len());
    text.split_at(end)
}

/// The digits after a point, if there is one.
fn fraction(text: &str, radix: u32) -> (&str, &str) {
    text.strip_prefix('.').map_or(("", text), |rest| split_digits(rest, radix))
}

/// A letter, a sign and at least one digit; else there is no exponent and the letter is not part of the
/// number.
fn exponent(text: &str, letters: [char; 2]) -> Option<(i32, &str)> {
    let (negative, rest) = sign(text.strip_prefix(letters)?);
    let (digits, rest) = split_digits(rest, 10);
    if digits.is_empty() {
        return None;
    }
    let power = digits.parse().unwrap_or(i32::MAX / 2);
    Some((if negative { -power } else { power }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cli.md §2.
    #[test]
    fn an_integer_is_decimal_hexadecimal_or_octal() {
        for (text, number) in [
            ("10", 10),
            ("0x1F", 31),
            ("0X1f", 31),
            ("05060", 2608),
            ("0", 0),
            ("00", 0),
            (" \t-7", -7),
            ("+5", 5),
            ("-0x10", -16),
            ("", 0),
            ("99999999999999999999", i64::MAX),
            ("-99999999999999999999", i64::MIN),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(integer(text), Some(number), "{text:?}");
        }
    }

    /// cli.md §2.
    #[test]
    fn an_integer_with_anything_behind_it_is_none() {
        for text in ["5x", "-", "+", "   ", "0x", "08", "5 ", "1.0", "1e3", "- 5", "--5", "+-5", "٣"] {
            assert_eq!(integer(text), None, "{text:?}");
        }
    }

    /// cli.md §2.
    #[test]
    fn a_float_is_what_strtod_reads() {
        for (text, number) in [
            ("1e3", 1000.0),
            (".5", 0.5),
            ("5.", 5.0),
            (" -2.5E-1", -0.25),
            ("0x10", 16.0),
            ("0x1.8p3", 12.0),
            ("0x.8", 0.5),
            ("inf", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("1e999", f64::INFINITY),
            ("", 0.0),
        ] {
            assert_eq!(float(text), Some(number), "{text:?}");
        }
        for text in ["nan", "NaN", "nan(7)", "-nan"] {
            assert!(float(text).is_some_and(f64::is_nan), "{text:?}");
        }
    }

    /// cli.md §2.
    #[test]
    fn a_float_with_anything_behind_it_is_none() {
        for text in
            ["fast", "1e", "0x", "5x", "5 ", "1,5", ".", "-", " ", "1e+", "infin", "nan(", "1.5.5", "é"]
        {
            assert_eq!(float(text), None, "{text:?}");
        }
    }

    /// cli.md §2.
    #[test]
    fn a_boolean_is_true_false_or_a_number() {
        for text in ["true", "TRUE", "1", "-1", "0x2"] {
            assert_eq!(boolean(text), Some(true), "{text:?}");
        }
        for text in ["false", "False", "0", ""] {
            assert_eq!(boolean(text), Some(false), "{text:?}");
        }
        for text in ["yes", "on", " true", "t", "0.5"] {
            assert_eq!(boolean(text), None, "{text:?}");
        }
    }
}
