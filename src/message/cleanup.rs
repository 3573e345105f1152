//! Clean-up of the CDATA of a `<send>` or `<DefaultMessage>` before parsing, with the way back from each byte to where it was written.
//! Spec: keywords.md §2, scenario.md §3. The order of the steps shows in mixed indentation and must stay.
//! Must not know keywords.

use super::TemplateError;

/// The text that is parsed.
#[derive(Debug)]
pub(super) struct Cleaned {
    /// Without indentation, with its empty line.
    pub text: Vec<u8>,
    /// For each byte its position in the raw CDATA.
    origin: Vec<usize>,
    raw_length: usize,
}

/// Step 7 of keywords.md §2: whether a body that ended in newlines gets one of them back.
#[derive(Clone, Copy, PartialEq)]
enum FinalNewline {
    Restored,
    Lost,
}

/// A byte and where it came from.
type Placed = (u8, usize);

impl Cleaned {
    /// Steps 1 to 7 of keywords.md §2. One byte left is refused; no bytes left are the first-line rule's
    /// affair.
    pub fn of_send(cdata: &[u8]) -> Result<Cleaned, TemplateError> {
        Cleaned::of(cdata, FinalNewline::Restored)
    }

    /// Steps 1 to 6: a `<DefaultMessage>` does not get the last newline of its body back.
    pub fn of_default_message(cdata: &[u8]) -> Result<Cleaned, TemplateError> {
        Cleaned::of(cdata, FinalNewline::Lost)
    }

    fn of(cdata: &[u8], final_newline: FinalNewline) -> Result<Cleaned, TemplateError> {
        let all = line_ends_as_lf(cdata);
        let (mut text, final_newlines) = trimmed(&all);
        if text.len() == 1 {
            return Err(TemplateError::new("Empty cdata in xml scenario file", 0..cdata.len()));
        }
        for blank in *b" \t" {
            drop_after_newlines(&mut text, blank);
            drop_before_newlines(&mut text, blank);
        }
        let end = cdata.len();
        if !text.windows(2).any(|pair| matches!(pair, [(b'\n', _), (b'\n', _)])) {
            text.extend([(b'\n', end), (b'\n', end)]);
        }
        let restores = final_newline == FinalNewline::Restored && final_newlines;
        if restores && text.last().is_none_or(|&(byte, _)| byte != b'\n') {
            text.push((b'\n', end));
        }
        let (text, origin) = text.into_iter().unzip();
        Ok(Cleaned { text, origin, raw_length: end })
    }

    /// The same error with its place in the raw CDATA.
    pub fn at_origin(&self, error: TemplateError) -> TemplateError {
        let start = self.origin.get(error.at.start).copied().unwrap_or(self.raw_length);
        let last = error.at.end.checked_sub(1).and_then(|last| self.origin.get(last));
        let end = last.map_or(start, |&last| (last + 1).min(self.raw_length)).max(start);
        TemplateError { at: start..end, ..error }
    }
}

/// CR LF and a lone CR are line ends as LF is.
fn line_ends_as_lf(cdata: &[u8]) -> Vec<Placed> {
    let mut placed = Vec::with_capacity(cdata.len() + 3);
    let mut after_cr = false;
    for (at, &byte) in cdata.iter().enumerate() {
        match byte {
            b'\r' => placed.push((b'\n', at)),
            b'\n' if after_cr => {}
            _ => placed.push((byte, at)),
        }
        after_cr = byte == b'\r';
    }
    placed
}

/// Without blanks and newlines at both ends, and whether newlines were among those at the end.
fn trimmed(all: &[Placed]) -> (Vec<Placed>, bool) {
    let is_blank = |placed: &Placed| matches!(placed.0, b' ' | b'\t' | b'\n');
    let start = all.iter().position(|placed| !is_blank(placed)).unwrap_or(all.len());
    let end = all.iter().rposition(|placed| !is_blank(placed)).map_or(start, |last| last + 1);
    let final_newlines = all.iter().skip(end).any(|placed| placed.0 == b'\n');
    (all.get(start..end).unwrap_or_default().to_vec(), final_newlines)
}

fn drop_after_newlines(text: &mut Vec<Placed>, blank: u8) {
    let mut at_line_start = false;
    text.retain(|&(byte, _)| {
        if at_line_start && byte == blank {
            return false;
        }
        at_line_start = byte == b'\n';
        true
    });
}

fn drop_before_newlines(text: &mut Vec<Placed>, blank: u8) {
    let mut kept: Vec<Placed> = Vec::with_capacity(text.len() + 3);
    for &placed in text.iter() {
        if placed.0 == b'\n' {
            while kept.last().is_some_and(|&(byte, _)| byte == blank) {
                kept.pop();
            }
        }
        kept.push(placed);
    }
    *text = kept;
}
