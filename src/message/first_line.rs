//! What a `<send>` sends, from the literal text that its message begins with.
//! Spec: keywords.md §4, scenario.md §3. Must not see keywords: the method and the code are literal.

use super::TemplateError;
use crate::scenario::plan::{Method, Outgoing};

const NOT_LITERAL: &str =
    "You can not use a keyword for the METHOD or to generate \"SIP/2.0\" to ensure proper [cseq] operation!";
const BAD_RANGE: &str = "Response codes must be in the range of 100-700";

/// `literal` is the text before the first keyword, `whole` the message as written, for the sentence.
pub(super) fn outgoing(literal: &[u8], whole: &[u8]) -> Result<Outgoing, TemplateError> {
    let line_end = whole.iter().position(|&byte| byte == b'\n').unwrap_or(whole.len());
    let refused = |message: String| TemplateError::new(message, 0..line_end);
    let literal = literal.trim_ascii_start();
    let Some(space) = literal.iter().position(|&byte| byte == b' ') else {
        return Err(refused(format!("{NOT_LITERAL}\n{}", String::from_utf8_lossy(whole))));
    };
    let (word, rest) = literal.split_at(space);
    if word != b"SIP/2.0" {
        return Ok(Outgoing::Request(Method::from_text(&String::from_utf8_lossy(word))));
    }
    let rest = rest.get(1..).unwrap_or_default();
    let Some(code) = reply_code(rest) else {
        return Err(refused(format!("Invalid reply code: {}", String::from_utf8_lossy(rest))));
    };
    match u16::try_from(code) {
        Ok(code @ 100..=699) => Ok(Outgoing::Response(code)),
        _ => Err(refused(BAD_RANGE.to_owned())),
    }
}

/// A C integer that ends at white space or at the end; nothing at all is 0, as is a keyword in its place.
fn reply_code(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii_start();
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    match std::str::from_utf8(text.get(..end)?).ok()? {
        "" => Some(0),
        word => word.parse().ok(),
    }
}
