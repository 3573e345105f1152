//! `name=value` parameters inside a keyword.
//! Spec: keywords.md §3.4. In: the keyword between its brackets. Out: the value's bytes, not yet parsed
//! again.

use memchr::memmem;

/// A value, by the form in which it was written.
pub(super) enum Parameter {
    /// `0x…`
    Bytes(Vec<u8>),
    /// Any other.
    Text(Vec<u8>),
}

/// The value of the first `name=`; None when absent or empty.
pub(super) fn parameter(keyword: &[u8], name: &str) -> Option<Vec<u8>> {
    typed_parameter(keyword, name).map(|(Parameter::Bytes(value) | Parameter::Text(value))| value)
}

/// The same, with its form.
pub(super) fn typed_parameter(keyword: &[u8], name: &str) -> Option<Parameter> {
    let sought = [name.as_bytes(), b"="].concat();
    let value = keyword.get(memmem::find(keyword, &sought)? + sought.len()..)?;
    let value = match value {
        [b'0', b'x', digits @ ..] => Parameter::Bytes(hex(digits)),
        [b'"', text @ ..] => Parameter::Text(quoted(text)),
        bare => Parameter::Text(
            bare.iter().copied().take_while(|byte| matches!(byte, 0x21..=0x7e) && *byte != b']').collect(),
        ),
    };
    let (Parameter::Bytes(bytes) | Parameter::Text(bytes)) = &value;
    (!bytes.is_empty()).then_some(value)
}

/// The bytes of a text that is `0x` and hex digits.
pub fn key_bytes(text: &[u8]) -> Option<Vec<u8>> {
    text.strip_prefix(b"0x").map(hex)
}

/// Two digits a byte; a last odd digit is a byte of its own.
fn hex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().map_while(|&byte| hex_digit(byte)).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| sum << 4 | digit)).collect()
}

/// Up to the next quote; a backslash takes the next byte as it is.
fn quoted(text: &[u8]) -> Vec<u8> {
    let mut value = Vec::new();
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => value.extend(bytes.next()),
            _ => value.push(byte),
        }
    }
    value
}

/// 0 to 15.
pub(super) fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
