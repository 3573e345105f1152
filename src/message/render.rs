//! Writes a message from its segments, in one pass.
//! Spec: keywords.md §5 (line removal, `[len]`, size), §6, §7.7. In: bound segments and a [`Scene`]. Out:
//! bytes appended to the caller's buffer. Must not allocate (but for warnings) and must not look anything up
//! by name.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use smallvec::SmallVec;

use super::authentication::Place;
use super::calendar;
use super::segment::{self, Field, Len, Live, Segment};
use super::template::ONE_AUTHENTICATION;
use super::{RenderError, Scene};
use crate::engine::circuits::CircuitName;
use crate::engine::variable::Value;
use crate::inject::{Field as FieldFound, InjectWarning};
use crate::sip::header::{self, HeaderIndex};

/// keywords.md §5.3, in bytes.
pub(super) const LONGEST_MESSAGE: usize = 65_536;

/// Where a `[len]` stands in the buffer.
type Blanks = SmallVec<[(usize, Len); 2]>;

/// Appends the message that `segments` stand for.
pub(super) fn message(
    segments: &[Segment],
    scene: &mut Scene<'_>,
    out: &mut Vec<u8>,
    warnings: &mut Vec<String>,
) -> Result<(), RenderError> {
    let base = out.len();
    let mut blanks = Blanks::new();
    let mut removing_line = false;
    let mut headers = None;
    let mut credentials = None;
    for segment in segments {
        match segment {
            Segment::Literal(text) if removing_line => {
                out.extend_from_slice(after_removed_line(text));
                removing_line = false;
            }
            Segment::Literal(text) | Segment::Verbatim(text) => out.extend_from_slice(text),
            Segment::Live(Live::Len(len)) => {
                blanks.push((out.len(), *len));
                out.resize(out.len() + len.columns, b' ');
            }
            Segment::Live(Live::Authentication(keyword)) => {
                note_once(&mut credentials, Place::of_template(keyword, out))?;
            }
            Segment::Live(live) => {
                let start = out.len();
                value(live, scene, &mut headers, out, warnings)?;
                if let Live::Field(_) = live
                    && let Some(place) = Place::take_injected(out, start)?
                {
                    note_once(&mut credentials, place)?;
                } else if live.removes_lines() && at_line_start(out, base) && !has_routes(live, scene) {
                    removing_line = true;
                }
            }
            Segment::Fact(fact, _) => return Err(unbound(*fact)),
        }
        if out.len() - base > LONGEST_MESSAGE {
            return Err(RenderError::TooLong);
        }
    }
    if !blanks.is_empty() {
        fill_in_lengths(&blanks, out, base);
    }
    let Some(place) = credentials else { return Ok(()) };
    place.fill(scene, out, base, !blanks.is_empty(), warnings)?;
    if out.len() - base > LONGEST_MESSAGE { Err(RenderError::TooLong) } else { Ok(()) }
}

fn note_once<'t>(credentials: &mut Option<Place<'t>>, place: Place<'t>) -> Result<(), RenderError> {
    match credentials.replace(place) {
        None => Ok(()),
        Some(_) => Err(RenderError::Fatal(ONE_AUTHENTICATION.to_owned())),
    }
}

/// The line-removal rule: blanks, at most one line end, blanks. A second line end stays, so that the empty
/// line before a body does (SIPp eats it, a bug).
pub(super) fn after_removed_line(text: &[u8]) -> &[u8] {
    let text = without_blanks(text);
    match text {
        [b'\r', b'\n', rest @ ..] | [b'\r' | b'\n', rest @ ..] => without_blanks(rest),
        _ => text,
    }
}

fn without_blanks(text: &[u8]) -> &[u8] {
    let mut text = text;
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    text
}

/// The start of the whole output is no line start for the rule.
fn at_line_start(out: &[u8], base: usize) -> bool {
    out.len() > base && out.last() == Some(&b'\n')
}

/// `[routes]` removes its line only without a route set.
fn has_routes(live: &Live, scene: &Scene<'_>) -> bool {
    matches!(live, Live::Routes) && !scene.routes.is_empty()
}

fn unbound(fact: segment::Fact) -> RenderError {
    RenderError::Fatal(format!("Internal error: {fact:?} is not known yet"))
}

/// Appends what one keyword stands for. `headers` are those of the last message, found when first asked for.
fn value<'a>(
    live: &Live,
    scene: &mut Scene<'a>,
    headers: &mut Option<HeaderIndex<'a>>,
    out: &mut Vec<u8>,
    warnings: &mut Vec<String>,
) -> Result<(), RenderError> {
    match live {
        Live::CallNumber => number(out, scene.call_number),
        Live::LocalPort { offset } => number(out, i64::from(scene.local_port) + offset),
        Live::Transport => out.extend_from_slice(scene.transport.as_bytes()),
        Live::CallId => out.extend_from_slice(scene.call_id),
        Live::Cseq(offset) => number(out, scene.cseq.wrapping_add_signed(*offset)),
        Live::PeerTag => out.extend_from_slice(scene.peer_tag),
        Live::Header(name) => {
            if let Some(last) = scene.last {
                headers.get_or_insert_with(|| HeaderIndex::of(last)).append_rendered(name, out);
            }
        }
        Live::Routes if scene.routes.is_empty() => {}
        Live::Routes => {
            out.extend_from_slice(b"Route: ");
            out.extend_from_slice(scene.routes);
        }
        Live::NextUrl => out.extend_from_slice(scene.target.unwrap_or_else(|| last_request_uri(scene))),
        Live::LastMessage => out.extend_from_slice(scene.last.unwrap_or_default()),
        Live::LastRequestUri => out.extend_from_slice(last_request_uri(scene)),
        Live::LastCseqNumber(offset) => {
            let last = scene.last.and_then(header::cseq_number).unwrap_or(0);
            number(out, i64::from(last) + i64::from(*offset));
        }
        Live::Users => number(out, scene.users),
        Live::UserId => number(out, scene.user_id),
        Live::MessageIndex => number(out, scene.message_index),
        Live::BranchIndex(offset) => number(out, i64::from(scene.branch_index) + i64::from(*offset)),
        Live::AutoMediaPort { base } => {
            let step = (scene.call_number.saturating_sub(1) % 10_000 * 4 % 10_000) as i64;
            number(out, base + step);
        }
        Live::DynamicId => number(out, scene.dynamic.take()),
        Live::Circuit => circuit(scene.circuit, out)?,
        Live::Timestamp => calendar::append_timestamp(scene.wall, scene.now, out),
        Live::TimestampRfc3339 => calendar::append_rfc3339(scene.wall, scene.now, out),
        Live::Date => calendar::append_date(scene.wall, scene.now, out),
        Live::ClockTick => number(out, scene.now.millis()),
        Live::Variable(var) => variable(scene.variables.get(*var), out),
        Live::Fill { length, text } => {
            let length = segment::fill_length(scene.variables.get(*length));
            if length > LONGEST_MESSAGE {
                return Err(RenderError::TooLong);
            }
            out.extend(text.iter().cycle().take(length));
        }
        Live::Field(field) => injected(field, scene, out, warnings)?,
        Live::File(name) => file(name, scene, out, warnings)?,
        // They need the whole message, and are written by `message`.
        Live::Len(_) | Live::Authentication(_) => {}
    }
    Ok(())
}

fn number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// keywords.md §6.3.
fn circuit(name: Option<CircuitName>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    let Some(CircuitName(numbers)) = name else {
        let text = "[tdmmap] keyword without -tdmmap parameter on command line";
        return Err(RenderError::Fatal(text.to_owned()));
    };
    for (part, mark) in numbers.into_iter().zip(["", ".", ".", "/"]) {
        out.extend_from_slice(mark.as_bytes());
        number(out, part);
    }
    Ok(())
}

fn last_request_uri<'a>(scene: &Scene<'a>) -> &'a [u8] {
    scene.last.map_or(b"", header::last_request_uri)
}

/// keywords.md §6.5: zero is nothing, numbers print as C `%f` does.
fn variable(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Unset => {}
        Value::Number(number) if *number == 0.0 => {}
        Value::Number(number) if number.is_nan() => {
            out.extend_from_slice(if number.is_sign_negative() { b"-nan" } else { b"nan" });
        }
        // Writing to a Vec cannot fail.
        Value::Number(number) => drop(write!(out, "{number:.6}")),
        Value::Bool(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::Text(text) | Value::Matched(text) => out.extend_from_slice(text),
    }
}

/// keywords.md §6.9. A line out of range is empty, a missing field warns and is empty.
fn injected(
    field: &Field,
    scene: &mut Scene<'_>,
    out: &mut Vec<u8>,
    warnings: &mut Vec<String>,
) -> Result<(), RenderError> {
    let line = match &field.line {
        None => scene.lines.get(field.file),
        Some(text) => {
            let asked = line_number(text, scene, out, warnings)?;
            scene.files.line_at(field.file, asked)
        }
    };
    let Some(line) = line else { return Ok(()) };
    let start = out.len();
    match scene.files.field(field.file, line, field.number, out) {
        Ok(FieldFound::Written) => {}
        Ok(FieldFound::NoSuchLine) => out.truncate(start),
        Ok(FieldFound::NoSuchField) => {
            out.truncate(start);
            let path = scene.files.path(field.file).to_owned();
            warnings.push(InjectWarning::NoSuchField { field: field.number, path }.to_string());
        }
        Err(error) => return Err(RenderError::Fatal(error.to_string())),
    }
    Ok(())
}

/// keywords.md §6.10. A file that is not there ends the run as in SIPp, but for a name that may have come from the network.
fn file(
    name: &[Segment],
    scene: &mut Scene<'_>,
    out: &mut Vec<u8>,
    warnings: &mut Vec<String>,
) -> Result<(), RenderError> {
    let start = out.len();
    message(name, scene, out, warnings)?;
    let path = PathBuf::from(OsString::from_vec(out.split_off(start)));
    match (scene.read_file)(&path) {
        Ok(bytes) => out.extend_from_slice(&bytes),
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.split_once(" (os error").map_or(&*reason, |(reason, _)| reason);
            let text = format!("Could not open '{}': {reason}", path.display());
            let is_constant = !name.iter().any(|segment| matches!(segment, Segment::Live(_)));
            return Err(if is_constant { RenderError::Fatal(text) } else { RenderError::CallFails(text) });
        }
    }
    Ok(())
}

/// The value of `line=`, rendered behind the message and taken away again.
fn line_number(
    text: &[Segment],
    scene: &mut Scene<'_>,
    out: &mut Vec<u8>,
    warnings: &mut Vec<String>,
) -> Result<f64, RenderError> {
    let start = out.len();
    message(text, scene, out, warnings)?;
    let rendered = out.get(start..).unwrap_or_default();
    let number = std::str::from_utf8(rendered).ok().and_then(crate::number::float);
    let invalid = || {
        RenderError::CallFails(format!(
            "Invalid line number generated: '{}'",
            String::from_utf8_lossy(rendered)
        ))
    };
    let number = number.ok_or_else(invalid)?;
    out.truncate(start);
    Ok(number)
}

/// keywords.md §5.2: the bytes after the first empty line, right-aligned; a plain 0 without any.
fn fill_in_lengths(blanks: &Blanks, out: &mut [u8], base: usize) {
    let message = out.get(base..).unwrap_or_default();
    let body = header::body_start(message).map_or(0, |start| message.len() - start);
    for (at, len) in blanks {
        let total = if body == 0 { 0 } else { body as i64 + i64::from(len.offset) };
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(total).as_bytes();
        let end = at + len.columns;
        if let Some(place) = end.checked_sub(digits.len()).and_then(|start| out.get_mut(start..end)) {
            place.copy_from_slice(digits);
        }
    }
}
