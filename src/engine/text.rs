//! Text transformations of actions: trim, urlencode, urldecode.
//! Spec: actions.md §3.10, §3.11. Bytes in, bytes out.

/// Without blanks at both ends (space, TAB, LF, VT, FF, CR).
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r');
    let start = text.iter().position(|byte| !is_blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or_default()
}

/// All but letters, digits and `-_.~` as `%XX`.
pub(super) fn url_encoded(text: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(*byte),
            _ => encoded.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    encoded
}

/// `+` as a space, `%XX` as a byte; what is no escape stays as it is.
pub(super) fn url_decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, hex_pair(behind)) {
            (b'+', _) => decoded.push(b' '),
            (b'%', Some(byte)) => {
                decoded.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => decoded.push(*first),
        }
    }
    decoded
}

fn hex_pair(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// actions.md §3.10
    #[test]
    fn trim_takes_blanks_and_line_ends_off_both_ends_only() {
        assert_eq!(trimmed(b"\r\n a b\t\x0b"), b"a b");
        assert_eq!(trimmed(b" \t"), b"");
    }

    /// actions.md §3.11
    #[test]
    fn urlencode_keeps_letters_digits_and_four_marks() {
        assert_eq!(url_encoded(b"aZ0-_.~ +\xc3/"), b"aZ0-_.~%20%2B%C3%2F");
    }

    /// actions.md §3.11, Bug: malformed escapes stay.
    #[test]
    fn urldecode_leaves_malformed_escapes_as_they_are() {
        assert_eq!(url_decoded(b"a+b%20c%2f"), b"a b c/");
        assert_eq!(url_decoded(b"%zz%4g%"), b"%zz%4g%");
        assert_eq!(url_decoded(b"a%00b"), b"a\0b");
    }
}
