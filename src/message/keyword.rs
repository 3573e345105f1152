//! What a `[keyword]` means.
//! Spec: keywords.md §3.2 (offsets), §3.3 (order of resolution), §6 (the keywords). In: the text between the
//! brackets and the scenario's names. Out: a segment, or the load error. Must not be called while calls run:
//! it reads the file of `[file name=]`.

use std::ops::Range;

use super::authentication::Authentication;
use super::parameter::parameter;
use super::segment::{Fact, Field, Len, Live, Segment};
use super::{Names, TemplateError, bind, parse};
use crate::sip::HeaderName;

/// Makes a segment from an offset.
type Make = fn(i32) -> Segment;

/// The simple keywords (keywords.md §6.1-§6.8): exact names, an offset allowed on each but `[tdmmap]`.
const SIMPLE: &[(&str, Make)] = &[
    ("auto_media_port", |offset| Segment::Fact(Fact::AutoMediaPort, offset)),
    ("branch", |offset| Segment::Fact(Fact::Branch, offset)),
    ("call_id", |_| Segment::Live(Live::CallId)),
    ("call_number", |_| Segment::Live(Live::CallNumber)),
    ("clock_tick", |_| Segment::Live(Live::ClockTick)),
    ("cseq", |offset| Segment::Live(Live::Cseq(offset))),
    ("date", |_| Segment::Live(Live::Date)),
    ("dynamic_id", |_| Segment::Live(Live::DynamicId)),
    ("last_Request_URI", |_| Segment::Live(Live::LastRequestUri)),
    ("last_cseq_number", |offset| Segment::Live(Live::LastCseqNumber(offset))),
    ("last_message", |_| Segment::Live(Live::LastMessage)),
    ("len", |offset| Segment::Live(Live::Len(Len { offset, columns: Len::columns(offset) }))),
    ("local_ip", |_| Segment::Fact(Fact::LocalIp, 0)),
    ("local_ip_type", |_| Segment::Fact(Fact::LocalIpType, 0)),
    ("local_port", |offset| Segment::Fact(Fact::LocalPort, offset)),
    ("media_ip", |_| Segment::Fact(Fact::MediaIp, 0)),
    ("media_ip_type", |_| Segment::Fact(Fact::MediaIpType, 0)),
    ("media_port", |offset| Segment::Fact(Fact::MediaPort, offset)),
    ("msg_index", |_| Segment::Fact(Fact::MessageIndex, 0)),
    ("next_url", |_| Segment::Live(Live::NextUrl)),
    ("peer_tag_param", |_| Segment::Live(Live::PeerTag)),
    ("pid", |_| Segment::Fact(Fact::Pid, 0)),
    ("remote_host", |_| Segment::Fact(Fact::RemoteHost, 0)),
    ("remote_ip", |_| Segment::Fact(Fact::RemoteIp, 0)),
    ("remote_port", |offset| Segment::Fact(Fact::RemotePort, offset)),
    ("routes", |_| Segment::Live(Live::Routes)),
    ("server_ip", |_| Segment::Fact(Fact::ServerIp, 0)),
    ("service", |_| Segment::Fact(Fact::Service, 0)),
    ("sipp_version", |_| Segment::Fact(Fact::Version, 0)),
    (CIRCUIT, |_| Segment::Live(Live::Circuit)),
    ("timestamp", |_| Segment::Live(Live::Timestamp)),
    ("transport", |_| Segment::Fact(Fact::Transport, 0)),
    ("userid", |_| Segment::Live(Live::UserId)),
    ("users", |_| Segment::Live(Live::Users)),
];

/// Takes no offset.
const CIRCUIT: &str = "tdmmap";

/// Keywords that SIPp has and this program has not yet. Crypto names are told by [`is_srtp`].
const NOT_YET: &[&str] = &["rtpstream_audio_port", "rtpstream_video_port"];

/// Starts of the names of keywords with parameters, for suggestions.
const PREFIXES: &[&str] = &["field0", "file", "fill", "last_", "authentication"];

/// The segment for the keyword at `inside` (without its brackets) of `text`.
pub(super) fn resolve(
    text: &[u8],
    inside: Range<usize>,
    names: &mut dyn Names,
) -> Result<Segment, TemplateError> {
    let keyword = text.get(inside.clone()).unwrap_or_default();
    segment(keyword, names).map_err(|refusal| TemplateError {
        nearest: refusal.nearest,
        // The brackets belong to what the user wrote.
        ..TemplateError::new(refusal.message, inside.start.saturating_sub(1)..inside.end + 1)
    })
}

/// Why a keyword is refused.
struct Refusal {
    message: String,
    nearest: Option<String>,
}

impl Refusal {
    fn new(message: impl Into<String>) -> Refusal {
        Refusal { message: message.into(), nearest: None }
    }

    fn not_yet(keyword: &str) -> Refusal {
        Refusal::new(format!("not supported yet: [{keyword}]"))
    }

    fn unknown(keyword: &str) -> Refusal {
        let nearest = nearest(keyword);
        Refusal { message: format!("Unsupported keyword '{keyword}' in xml scenario file"), nearest }
    }
}

impl From<TemplateError> for Refusal {
    fn from(error: TemplateError) -> Refusal {
        Refusal { message: error.message, nearest: error.nearest }
    }
}

/// The order of keywords.md §3.3. `-plugin` names do not exist here.
fn segment(keyword: &[u8], names: &mut dyn Names) -> Result<Segment, Refusal> {
    let written = String::from_utf8_lossy(keyword);
    if let Some(simple) = simple(&written)? {
        return Ok(simple);
    }
    if let Some(rest) = keyword.strip_prefix(b"field") {
        return field(keyword, rest, names);
    }
    if keyword.starts_with(b"file") {
        return file(keyword, names);
    }
    if let Some(name) = written.strip_prefix('$') {
        return variable(name, names);
    }
    if keyword.starts_with(b"fill") {
        return fill(keyword, names);
    }
    if let Some(name) = keyword.strip_prefix(b"last_") {
        let name = name.split(|&byte| byte == b':').next().unwrap_or_default();
        return Ok(Segment::Live(Live::Header(HeaderName::new(name))));
    }
    if keyword.starts_with(b"authentication") {
        return authentication(keyword, names);
    }
    let value = names.key(&written).or_else(|| names.key(split_offset(&written)?.0));
    let value = value.ok_or_else(|| Refusal::unknown(&written))?;
    Ok(Segment::Literal(value.as_bytes().to_vec()))
}

fn simple(written: &str) -> Result<Option<Segment>, Refusal> {
    let (name, offset) = split_offset(written).filter(|(name, _)| *name != CIRCUIT).unwrap_or((written, 0));
    if NOT_YET.contains(&name) || is_srtp(name) {
        return Err(Refusal::not_yet(name));
    }
    Ok(SIMPLE.iter().find(|(known, _)| *known == name).map(|(_, make)| make(offset)))
}

/// The SRTP keywords of keywords.md §6.11.
fn is_srtp(name: &str) -> bool {
    const STEMS: [&str; 8] = [
        "cryptokeyparams",
        "cryptosuiteaescm128sha132",
        "cryptosuiteaescm128sha180",
        "cryptosuitenullsha132",
        "cryptosuitenullsha180",
        "cryptotag",
        "ueaescm128sha132",
        "ueaescm128sha180",
    ];
    let stream = name.strip_suffix("audio").or_else(|| name.strip_suffix("video"));
    stream.and_then(|name| name.strip_suffix(['1', '2'])).is_some_and(|stem| STEMS.contains(&stem))
}

/// keywords.md §3.2: cuts at the first `+`, or without any at the first `-`, when a digit follows. None: no
/// offset.
fn split_offset(name: &str) -> Option<(&str, i32)> {
    let sign = name.find('+').or_else(|| name.find('-'))?;
    let (cut, offset) = name.split_at(sign);
    let digits = offset.get(1..)?;
    let digits = digits.get(..digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len()))?;
    if digits.is_empty() {
        return None;
    }
    let size: i32 = digits.parse().unwrap_or(i32::MAX);
    Some((cut, if offset.starts_with('-') { -size } else { size }))
}

/// keywords.md §6.9. The number may be missing and then is 0.
fn field(keyword: &[u8], rest: &[u8], names: &mut dyn Names) -> Result<Segment, Refusal> {
    if !names.calls_draw_lines() {
        return Err(Refusal::new(
            "Automatic calls (created by -aa, -oocsn or -oocsf) cannot use input files!",
        ));
    }
    let digits = rest.trim_ascii_start().iter().take_while(|byte| byte.is_ascii_digit());
    let number =
        digits.fold(0u32, |sum, digit| sum.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
    let file_name = parameter(keyword, "file");
    let file_name = file_name.as_deref().map(String::from_utf8_lossy);
    let file = names.file(file_name.as_deref()).ok_or_else(|| match &file_name {
        Some(name) => Refusal::new(format!("Invalid injection file: {name}")),
        None => Refusal::new("No injection file was specified!"),
    })?;
    let line = parameter(keyword, "line").map(|line| nested(&line, names)).transpose()?;
    Ok(Segment::Live(Live::Field(Box::new(Field { number, file, line }))))
}

/// The template inside a parameter.
fn nested(text: &[u8], names: &mut dyn Names) -> Result<Vec<Segment>, Refusal> {
    Ok(bind::joined(parse::segments(text, names)?))
}

/// auth.md §2.
fn authentication(keyword: &[u8], names: &mut dyn Names) -> Result<Segment, Refusal> {
    Ok(Segment::Live(Live::Authentication(Box::new(Authentication::parse(keyword, names)?))))
}

/// keywords.md §6.10: read anew at every rendering, so that a file may be made or changed while calls run.
fn file(keyword: &[u8], names: &mut dyn Names) -> Result<Segment, Refusal> {
    let name =
        parameter(keyword, "name").ok_or_else(|| Refusal::new("No name specified for 'file' keyword!"))?;
    Ok(Segment::Live(Live::File(nested(&name, names)?)))
}

/// keywords.md §6.5. The full name if there is such a variable, else the one before an offset.
fn variable(name: &str, names: &mut dyn Names) -> Result<Segment, Refusal> {
    let name = match split_offset(name) {
        Some((cut, _)) if !names.has_variable(name) => cut,
        _ => name,
    };
    check_variable_name(name, "Variable keyword")?;
    Ok(Segment::Live(Live::Variable(names.variable(name))))
}

/// keywords.md §6.6.
fn fill(keyword: &[u8], names: &mut dyn Names) -> Result<Segment, Refusal> {
    let name = parameter(keyword, "variable").unwrap_or_default();
    let name = String::from_utf8_lossy(&name);
    check_variable_name(&name, "Fill Variable")?;
    let text = parameter(keyword, "text").unwrap_or_else(|| b"X".to_vec());
    Ok(Segment::Live(Live::Fill { length: names.variable(&name), text }))
}

fn check_variable_name(name: &str, place: &str) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(Refusal::new(format!("Transaction names may not be empty for {place}")));
    }
    if name.contains(['$', ',']) {
        return Err(Refusal::new(format!("Transaction names may not contain '$' or ',' for {place}")));
    }
    Ok(())
}

/// The known keyword that differs least, when it is near enough to be meant.
fn nearest(keyword: &str) -> Option<String> {
    let simple = SIMPLE.iter().map(|(name, _)| *name);
    simple
        .chain(PREFIXES.iter().copied())
        .map(|name| (strsim::damerau_levenshtein(name, keyword), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name.to_owned())
}

impl Len {
    /// 5 columns unless the largest sum needs more (keywords.md §5.2).
    fn columns(offset: i32) -> usize {
        let largest = i64::from(offset) + super::render::LONGEST_MESSAGE as i64;
        let width = |number: i64| number.to_string().len();
        width(largest).max(width(i64::from(offset))).max(5)
    }
}
