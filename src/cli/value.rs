//! The forms in which numbers, booleans and times are written on the command line.
//! Spec: cli.md §2 (C's strtol with base 0 and strtod). In: text. Out: a number, or what is wrong with the
//! text. Must not know options.

/// The unit of a time that is written without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
}

impl Unit {
    fn in_ms(self) -> f64 {
        match self {
            Unit::Ms => 1.0,
            Unit::S => 1000.0,
        }
    }
}

/// Why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFault {
    /// Not a number with a unit.
    NotTime,
    /// Colons; holds the form it looks like, `mm:ss` or `hh:mm:ss`.
    Clock(&'static str),
}

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

/// A time in whole milliseconds (fractions are cut off): a number that starts with a digit, then `ms`, `s`,
/// `m`, `h` or nothing for `unit`.
pub fn time(text: &str, unit: Unit) -> Result<u64, TimeFault> {
    let (number, suffix) = match float_prefix(text) {
        Some(read) if text.starts_with(|c: char| c.is_ascii_digit()) => read,
        _ => return Err(TimeFault::NotTime),
    };
    let factor = match suffix {
        "" => unit.in_ms(),
        "ms" => 1.0,
        "s" => 1000.0,
        "m" => 60_000.0,
        "h" => 3_600_000.0,
        _ if suffix.starts_with(':') => {
            return Err(match suffix.matches(':').count() {
                1 => TimeFault::Clock("mm:ss"),
                2 => TimeFault::Clock("hh:mm:ss"),
                _ => TimeFault::NotTime,
            });
        }
        _ => return Err(TimeFault::NotTime),
    };
    // `as` cuts the fraction off and stays in range.
    Ok((number * factor) as u64)
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
fn float_prefix(text: &str) -> Option<(f64, &str)> {
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

    /// cli.md §2.
    #[test]
    fn a_time_has_a_unit_or_takes_the_default_and_loses_its_fraction() {
        for (text, ms) in
            [("1.5s", 1500), ("2m", 120_000), ("1h", 3_600_000), ("1e3", 1000), ("0x10", 16), ("1.9ms", 1)]
        {
            assert_eq!(time(text, Unit::Ms), Ok(ms), "{text:?}");
        }
        assert_eq!(time("2", Unit::S), Ok(2000));
        assert_eq!(time("0.5", Unit::S), Ok(500));
        assert_eq!(time("500ms", Unit::S), Ok(500));
        assert_eq!(time("1e99h", Unit::S), Ok(u64::MAX));
    }

    /// cli.md §2; the last five were tried with sipp 3.6.1.
    #[test]
    fn what_does_not_start_with_a_digit_or_has_another_unit_is_no_time() {
        for text in
            ["", "-5", ".5s", "+1", " 5", "5 s", "5S", "5q", "1:2:3:4", "1ms2", "1e", "0x", "1.5.5", "5 "]
        {
            assert_eq!(time(text, Unit::Ms), Err(TimeFault::NotTime), "{text:?}");
        }
        assert_eq!(time("1:30", Unit::Ms), Err(TimeFault::Clock("mm:ss")));
        assert_eq!(time("5:", Unit::Ms), Err(TimeFault::Clock("mm:ss")));
        assert_eq!(time("1:2:3", Unit::Ms), Err(TimeFault::Clock("hh:mm:ss")));
    }
}
