//! The bytes of a scenario file as UTF-8: UTF-16 is converted, everything else passes through unchanged.
//! Spec: scenario.md §2 (UTF-16, with or without a byte order mark; a declared encoding is ignored). In: the file. Out: the bytes that
//! are read, and that diagnostics quote. Must not judge them.

/// Converts UTF-16 of either byte order, known by its mark or by how it writes the first `<`.
pub fn to_utf8(file: Vec<u8>) -> Vec<u8> {
    let unit: fn([u8; 2]) -> u16 = match file.as_slice() {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] | [0, b'<', ..] => u16::from_be_bytes,
        _ => return file,
    };
    let (pairs, _) = file.as_chunks::<2>();
    let text: String = char::decode_utf16(pairs.iter().copied().map(unit))
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    text.trim_start_matches('\u{feff}').to_owned().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scenario.md §2: UTF-16 files too, with or without a byte order mark.
    #[test]
    fn utf16_of_either_order_with_or_without_mark_becomes_utf8() {
        let text = "<scenario name=\"é\u{1f4de}\"/>";
        for mark in ["", "\u{feff}"] {
            let units: Vec<u16> = mark.encode_utf16().chain(text.encode_utf16()).collect();
            let little = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            assert_eq!(to_utf8(little), text.as_bytes());
            assert_eq!(to_utf8(big), text.as_bytes());
        }
    }

    /// scenario.md §2, Encoding declaration: bytes pass through unchanged.
    #[test]
    fn all_other_bytes_pass_through() {
        for file in [
            &b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><scenario name=\"\xe9\xc3\xa9\"/>"[..],
            b"",
            b"x",
        ] {
            assert_eq!(to_utf8(file.to_vec()), file);
        }
    }
}
