//! Numbers as C reads them: what options, scenario attributes and variables accept.
//! Spec: cli.md §2, scenario.md §2.3, actions.md (number attribute). A whole text in, a value out; never a partial read.

/// `strtol` with base 0 over the whole text: decimal, `0x` hex, octal with a leading 0; leading blanks and a sign are fine, the empty
/// text is 0.
pub fn integer(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(is_c_blank);
    if text.is_empty() {
        return Some(0);
    }
    let (negative, digits) = split_sign(text);
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if !digits.bytes().all(|byte| char::from(byte).is_digit(radix)) || digits.is_empty() {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, radix).unwrap_or(i128::MAX);
    let value = if negative { -magnitude } else { magnitude };
    Some(i64::try_from(value).unwrap_or(if negative { i64::MIN } else { i64::MAX }))
}

/// `strtod` over the whole text: decimals, exponent, hex, `inf`, `nan`; leading blanks are fine, the empty text is 0.
pub fn float(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(is_c_blank);
    if text.is_empty() {
        return Some(0.0);
    }
    let (negative, rest) = split_sign(text);
    let magnitude = match rest.as_bytes() {
        [b'0', b'x' | b'X', ..] => hex_float(rest.get(2..)?)?,
        [b'i' | b'I' | b'n' | b'N', ..] => special(rest)?,
        [b'+' | b'-', ..] => return None,
        _ => rest.parse().ok()?,
    };
    Some(if negative { -magnitude } else { magnitude })
}

fn is_c_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    }
}

fn special(text: &str) -> Option<f64> {
    match text.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => Some(f64::INFINITY),
        "nan" => Some(f64::NAN),
        _ => None,
    }
}

/// `1F.8p3`, behind the `0x`.
fn hex_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.find(['p', 'P']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digit = |value: f64, c: char| c.to_digit(16).map(|d| value * 16.0 + f64::from(d));
    let value = whole.chars().chain(fraction.chars()).try_fold(0.0, digit)?;
    let places = i32::try_from(fraction.len()).ok()?;
    Some(value * 2f64.powi(exponent - 4 * places))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scenario.md §2.3, cli.md §2: base by prefix, octal with a leading 0.
    #[test]
    fn integers_follow_strtol_with_base_0() {
        let table = [("500", 500), ("0x1F4", 500), ("0500", 320), (" -7", -7), ("+3", 3), ("", 0), ("0", 0)];
        for (text, value) in table {
            assert_eq!(integer(text), Some(value), "{text:?}");
        }
        for text in ["500ms", "0800", "5 ", "0x", "-", "abc", "1.5"] {
            assert_eq!(integer(text), None, "{text:?}");
        }
    }

    /// scenario.md §2.3: leading blanks are fine, trailing ones are not.
    #[test]
    fn floats_follow_strtod_over_the_whole_text() {
        let table = [("1", 1.0), ("1e3", 1000.0), (".5", 0.5), ("0x10", 16.0), ("0x1.8p1", 3.0), ("", 0.0), (" 2.", 2.0)];
        for (text, value) in table {
            assert_eq!(float(text), Some(value), "{text:?}");
        }
        assert_eq!(float("-inf"), Some(f64::NEG_INFINITY));
        assert!(float("nan").is_some_and(f64::is_nan));
        for text in ["1s", "1 ", "fast", "--1", "0x", "1e"] {
            assert_eq!(float(text), None, "{text:?}");
        }
    }
}
