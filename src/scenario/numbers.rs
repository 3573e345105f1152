//! Numbers and truth values as C reads them: base from the prefix, hexadecimal floats, `inf` and `nan`, empty as zero.
//! Spec: scenario.md §2.3. In: a whole attribute value. Out: the value, or None when it is not one. Must not be lenient:
//! blanks may lead but nothing may follow.

/// `strtol` with base 0 on the whole text; out of range is the nearest end of the range.
pub fn integer(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let (negative, digits) = sign(text.trim_start_matches(is_blank));
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, digits.get(2..)?),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for character in digits.chars() {
        let digit = i64::from(character.to_digit(radix)?);
        value = value.saturating_mul(i64::from(radix)).saturating_add(digit);
    }
    Some(if negative { -value } else { value })
}

/// `strtod` on the whole text.
pub fn float(text: &str) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    let (negative, rest) = sign(text.trim_start_matches(is_blank));
    let magnitude = match rest.get(..2) {
        Some("0x" | "0X") => hexadecimal(rest.get(2..)?)?,
        _ => decimal(rest)?,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// `true` or `false` in any case, or an integer.
pub fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        integer(text).map(|number| number != 0)
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn decimal(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    if lower == "inf" || lower == "infinity" {
        return Some(f64::INFINITY);
    }
    if lower == "nan" || (lower.starts_with("nan(") && lower.ends_with(')')) {
        return Some(f64::NAN);
    }
    // Rust's own grammar is C's decimal one, but takes a second sign and words.
    let plain = lower.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    plain.then(|| lower.parse().ok()).flatten()
}

fn hexadecimal(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let (mantissa, exponent) = match lower.split_once('p') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (lower.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0_f64;
    for character in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(character.to_digit(16)?);
    }
    let shift = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    Some(value * 2.0_f64.powi(exponent.checked_sub(shift)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scenario.md §2.3.
    #[test]
    fn an_integer_takes_its_base_from_its_prefix() {
        assert_eq!(integer("500"), Some(500));
        assert_eq!(integer("0x1F4"), Some(500));
        assert_eq!(integer("0500"), Some(320));
        assert_eq!(integer("-7"), Some(-7));
        assert_eq!(integer("0"), Some(0));
    }

    /// scenario.md §2.3.
    #[test]
    fn an_integer_may_have_leading_blanks_and_may_be_empty() {
        assert_eq!(integer(" \t5"), Some(5));
        assert_eq!(integer(""), Some(0));
    }

    /// scenario.md §2.3.
    #[test]
    fn what_follows_an_integer_makes_it_none() {
        for text in ["500ms", "5 ", "0800", "0x", "-", "+", " ", "1.5", "--1"] {
            assert_eq!(integer(text), None, "{text:?}");
        }
    }

    /// scenario.md §2.3.
    #[test]
    fn an_integer_out_of_range_is_the_end_of_the_range() {
        assert_eq!(integer("99999999999999999999"), Some(i64::MAX));
    }

    /// scenario.md §2.3.
    #[test]
    fn a_float_is_what_strtod_takes() {
        assert_eq!(float("1"), Some(1.0));
        assert_eq!(float("1e3"), Some(1000.0));
        assert_eq!(float(" .5"), Some(0.5));
        assert_eq!(float("5."), Some(5.0));
        assert_eq!(float("0x10"), Some(16.0));
        assert_eq!(float("0x1.8p1"), Some(3.0));
        assert_eq!(float("-INF"), Some(f64::NEG_INFINITY));
        assert!(float("nan").is_some_and(f64::is_nan));
        assert_eq!(float(""), Some(0.0));
    }

    /// scenario.md §2.3.
    #[test]
    fn what_follows_a_float_makes_it_none() {
        for text in ["1s", "1 ", "0x", "e3", "--1", "+-1", "1,5", " ", "."] {
            assert_eq!(float(text), None, "{text:?}");
        }
    }

    /// scenario.md §2.3.
    #[test]
    fn a_boolean_is_a_word_in_any_case_or_an_integer() {
        assert_eq!(boolean("TRUE"), Some(true));
        assert_eq!(boolean("False"), Some(false));
        assert_eq!(boolean("2"), Some(true));
        assert_eq!(boolean("0x0"), Some(false));
        assert_eq!(boolean(""), Some(false));
        assert_eq!(boolean("yes"), None);
    }
}
