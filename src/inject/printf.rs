//! Fields of PRINTF files: replaces `%d` and its variants by a number, as C's `printf` would.
//! Spec: actions.md §4.3. In: a field's text and the number. Out: bytes appended to a buffer, or why the field is wrong.
//! Must not know files or lines.

use super::error::InjectError;

/// Wider than any field may be (actions.md §4.5), so that a typing error in a width does not eat the memory.
const WIDEST: usize = 65_535;

/// Appends `field` to `out` with every conversion replaced by `number`. `%%` is a percent sign (SIPp has a bug there).
pub(super) fn expand(field: &[u8], number: i32, out: &mut Vec<u8>) -> Result<(), InjectError> {
    let shown = || String::from_utf8_lossy(field).into_owned();
    let mut rest = field;
    while let Some(percent) = memchr::memchr(b'%', rest) {
        let (before, conversion) = rest.split_at(percent);
        out.extend_from_slice(before);
        let after = conversion.get(1..).unwrap_or_default();
        if let [b'%', behind @ ..] = after {
            out.push(b'%');
            rest = behind;
            continue;
        }
        let length = after.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-')).count();
        let (modifiers, behind) = after.split_at(length);
        match behind.split_first() {
            Some((b'd', behind)) => {
                match Format::parse(modifiers) {
                    Some(format) => format.write(number, out),
                    // Like printf, which prints what it does not understand.
                    None => out.extend_from_slice(conversion.get(..length + 2).unwrap_or_default()),
                }
                rest = behind;
            }
            Some((other, _)) => {
                return Err(InjectError::PrintfConversion { conversion: char::from(*other), field: shown() });
            }
            None => return Err(InjectError::PrintfRanOff(shown())),
        }
    }
    out.extend_from_slice(rest);
    Ok(())
}

/// What may stand between `%` and `d`.
struct Format {
    left: bool,
    zeros: bool,
    width: usize,
    precision: Option<usize>,
}

impl Format {
    /// Flags, width, `.` and precision. None if they come in another order.
    fn parse(modifiers: &[u8]) -> Option<Format> {
        let flags = modifiers.iter().take_while(|byte| matches!(byte, b'0' | b'-')).count();
        let (flags, sizes) = modifiers.split_at(flags);
        let mut sizes = sizes.splitn(2, |byte| *byte == b'.');
        let width = digits(sizes.next().unwrap_or_default())?;
        let precision = match sizes.next() {
            Some(precision) => Some(digits(precision)?),
            None => None,
        };
        Some(Format { left: flags.contains(&b'-'), zeros: flags.contains(&b'0'), width, precision })
    }

    fn write(&self, number: i32, out: &mut Vec<u8>) {
        let mut buffer = itoa::Buffer::new();
        let sign: &[u8] = if number < 0 { b"-" } else { b"" };
        // The one number without digits: zero with precision zero.
        let digits =
            if number == 0 && self.precision == Some(0) { "" } else { buffer.format(number.unsigned_abs()) };
        let mut zeros = self.precision.unwrap_or(0).saturating_sub(digits.len());
        let mut blanks = self.width.saturating_sub(sign.len() + zeros + digits.len());
        if self.zeros && !self.left && self.precision.is_none() {
            zeros += std::mem::take(&mut blanks);
        }
        let (before, behind) = if self.left { (0, blanks) } else { (blanks, 0) };
        out.resize(out.len() + before, b' ');
        out.extend_from_slice(sign);
        out.resize(out.len() + zeros, b'0');
        out.extend_from_slice(digits.as_bytes());
        out.resize(out.len() + behind, b' ');
    }
}

/// A possibly empty run of digits, cut to [`WIDEST`]. None if there is anything else.
fn digits(text: &[u8]) -> Option<usize> {
    text.iter().try_fold(0_usize, |value, byte| {
        byte.is_ascii_digit().then(|| (value * 10 + usize::from(byte - b'0')).min(WIDEST))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(field: &str, number: i32) -> Result<String, String> {
        let mut out = b">".to_vec();
        expand(field.as_bytes(), number, &mut out).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap().split_off(1))
    }

    /// actions.md §4.3; all results were seen with sipp 3.6.1, which passes them to C's printf.
    #[test]
    fn conversions_are_written_as_printf_does() {
        for (field, number, expected) in [
            ("%d", 0, "0"),
            ("%03d|%-4d|%5.3d", 7, "007|7   |  007"),
            ("a%db%dc", -12, "a-12b-12c"),
            ("%0-5d|%-05d|%-5d|%--5d|", 1, "1    |1    |1    |1    |"),
            ("%.0d|%05.3d", 0, "|  000"),
            ("%.0d|%05.3d", 2, "2|  002"),
            ("%05d|%.d%5.d|", -5, "-0005|-5   -5|"),
            ("%00005d|%3.d|", 0, "00000|   |"),
            ("%3.2d|%-3.2d|%0.2d|%5.02d|", 1, " 01|01 |01|   01|"),
            ("%3.2d|%-3.2d|%03d|%-03d|%.0d|%1d|%01d", -7, "-07|-07|-07|-7 |-7|-7|-7"),
            ("%d", i32::MIN, "-2147483648"),
            ("%3-d|%1.2.3d|%30-d|%.3.d", 4, "%3-d|%1.2.3d|%30-d|%.3.d"),
            ("no conversion", 4, "no conversion"),
            ("", 4, ""),
        ] {
            assert_eq!(expanded(field, number).as_deref(), Ok(expected), "{field}");
        }
    }

    /// actions.md §4.3, Bug.
    #[test]
    fn two_percent_signs_are_one() {
        assert_eq!(expanded("100%%d", 0).as_deref(), Ok("100%d"));
        assert_eq!(expanded("100%%", 0).as_deref(), Ok("100%"));
        assert_eq!(expanded("%%%d%%", 3).as_deref(), Ok("%3%"));
    }

    #[test]
    fn another_conversion_is_an_error() {
        let error = "Invalid printf injection field (only decimal values allowed 'x'): a%4xb";
        assert_eq!(expanded("a%4xb", 0), Err(error.to_owned()));
        assert!(expanded("% d", 0).unwrap_err().contains("allowed ' ')"));
    }

    #[test]
    fn a_percent_sign_without_a_conversion_is_an_error() {
        let error = "Invalid printf injection field (ran off end of line): a%5";
        assert_eq!(expanded("a%5", 0), Err(error.to_owned()));
        assert!(expanded("%", 0).is_err());
    }

    #[test]
    fn an_absurd_width_is_cut() {
        assert_eq!(expanded("%99999999999999999999d", 1).unwrap().len(), WIDEST);
        assert_eq!(expanded("%.99999999999999999999d", 1).unwrap().len(), WIDEST);
    }
}
