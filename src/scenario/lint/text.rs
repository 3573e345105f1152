//! Lints about the text of a message: length, indentation, headers.
//! Spec: keywords.md §2, §5.2, §6.7; RFC 3261 §18.3, §20.14.

use crate::scenario::diagnostic::Diagnostic;

use super::Lint;
use super::message::{Header, Line, Message, indent_kept};
use super::script::Script;

pub const NO_LENGTH: Lint = Lint {
    name: "no-length",
    reason: "a message with a body, or over TCP or TLS, has no Content-Length, so a receiver can not tell where it ends",
    check: no_length,
};

pub const WRONG_LENGTH: Lint = Lint {
    name: "wrong-length",
    reason: "the Content-Length is written out and is not the length of the body, which loses its end or is waited for",
    check: wrong_length,
};

pub const BODY_INDENT: Lint = Lint {
    name: "body-indent",
    reason: "lines of the body are indented deeper than others, but blanks at the start of a line are not sent (SDP, XML and \
             JSON do not mind)",
    check: body_indent,
};

pub const MIXED_INDENT: Lint = Lint {
    name: "mixed-indent",
    reason: "a header line is indented with tabs, then blanks, of which the blanks stay: it continues the header above it",
    check: mixed_indent,
};

pub const EMPTY_HEADER: Lint = Lint {
    name: "empty-header",
    reason: "a header line without a value is sent as it is, and is malformed for most headers",
    check: empty_header,
};

pub const DOUBLED_HEADER: Lint = Lint {
    name: "doubled-header",
    reason: "[last_X:] stands for the whole header line with its name, so behind a header name the name comes twice",
    check: doubled_header,
};

/// Headers whose value may be empty (RFC 3261 §25.1), the last one by its short name.
const MAY_BE_EMPTY: [&str; 8] =
    ["Accept", "Accept-Encoding", "Accept-Language", "Allow", "Subject", "Supported", "Organization", "s"];

fn no_length(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, _, message) in script.sends() {
        if length(message).is_some() || may_have_any_header(script, message) {
            continue;
        }
        let has_body = !message.body().is_empty();
        let sentence = match (has_body, stream(message)) {
            (true, _) => "this message has a body and no Content-Length".to_owned(),
            (false, Some(transport)) => {
                format!("this message goes over {transport} and has no Content-Length")
            }
            (false, None) => continue,
        };
        let diagnostic = Diagnostic::warning(name, sentence).at(message.first_place(), "where does it end?");
        found.push(diagnostic.help("add the header Content-Length: [len]"));
    }
    found
}

/// The message's Content-Length.
fn length<'a>(message: &Message<'a>) -> Option<Header<'a>> {
    message.header("Content-Length", "l")
}

/// A line that is nothing but a keyword may be that header.
fn may_have_any_header(script: &Script<'_>, message: &Message<'_>) -> bool {
    message.head().any(|line| {
        message.keywords_in(line.range.clone()).iter().any(|keyword| {
            let is_length = keyword.inside.to_ascii_lowercase().starts_with("last_content-length");
            keyword.range.start == line.range.start && (is_length || script.is_opaque(keyword))
        })
    })
}

/// The transport that the first Via names, if it is a stream.
fn stream(message: &Message<'_>) -> Option<&'static str> {
    let via = message.header("Via", "v")?;
    let value = message.slice(via.value);
    ["TCP", "TLS"].into_iter().find(|transport| value.starts_with(&format!("SIP/2.0/{transport} ")))
}

fn wrong_length(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, _, message) in script.sends() {
        let Some(header) = length(message) else { continue };
        let Ok(written) = message.slice(header.value.clone()).parse::<usize>() else { continue };
        let actual = match message.body().is_empty() {
            true if may_have_any_header(script, message) => continue,
            true => Some(0),
            false => message.body_length(),
        };
        let sentence = match actual {
            Some(actual) if actual != written => {
                format!("Content-Length is {written}, but the body has {actual} bytes")
            }
            None if written == 0 => "Content-Length is 0, but there is a body".to_owned(),
            _ => continue,
        };
        let diagnostic =
            Diagnostic::warning(name, sentence).at(message.place(header.value), "not the body's length");
        found.push(diagnostic.help("write [len]"));
    }
    found
}

fn body_indent(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, _, message) in script.sends() {
        let filled = || message.body().iter().filter(|line| !line.range.is_empty());
        let Some(least) = filled().map(|line| line.indent.len()).min() else { continue };
        let matters = |text: &str| !text.starts_with(['<', '{', '}', '[', ']', '"']) && !is_sdp(text);
        let is_deeper =
            |line: &&Line| line.indent.len() > least && matters(message.slice(line.range.clone()));
        let Some(deeper) = filled().find(is_deeper).filter(|_| !is_markup(message)) else { continue };
        let sentence = "the indentation of the body is not sent";
        let diagnostic =
            Diagnostic::warning(name, sentence).at(message.place(deeper.indent.clone()), "removed");
        found.push(
            diagnostic.help("begin the line with \\x20, or read the body from a file with [file name=...]"),
        );
    }
    found
}

fn is_sdp(line: &str) -> bool {
    line.starts_with(|first: char| first.is_ascii_lowercase()) && line.get(1..2) == Some("=")
}

/// XML or JSON by its type: blanks between its parts mean nothing.
fn is_markup(message: &Message<'_>) -> bool {
    let Some(header) = message.header("Content-Type", "c") else { return false };
    let value = message.slice(header.value).to_ascii_lowercase();
    let kind = value.split(';').next().unwrap_or_default().trim_end();
    kind.ends_with("xml") || kind.ends_with("json")
}

fn mixed_indent(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, _, message) in script.sends() {
        // A header that is meant to continue the one above it begins with other blanks than a tab.
        let stays = message.head().find(|line| {
            let indent = message.slice(line.indent.clone());
            indent_kept(indent) > 0 && indent.trim_start_matches(' ').starts_with('\t')
        });
        let Some(line) = stays else { continue };
        let sentence = "this header line continues the one above it: its indentation is not removed";
        let place = message.place(line.indent.start..line.range.end);
        let diagnostic = Diagnostic::warning(name, sentence).at(place, "tabs, then blanks");
        found.push(diagnostic.help("indent with blanks only"));
    }
    found
}

fn empty_header(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, _, message) in script.sends() {
        let empty = message.headers().filter(|header| header.value.is_empty());
        for header in
            empty.filter(|header| !MAY_BE_EMPTY.iter().any(|name| name.eq_ignore_ascii_case(header.name)))
        {
            let sentence = format!("the header {} has no value", header.name);
            let diagnostic =
                Diagnostic::warning(name, sentence).at(message.place(header.line), "sent like this");
            found.push(diagnostic.help("give it a value, or leave the line out"));
        }
    }
    found
}

fn doubled_header(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, _, message) in script.sends() {
        for header in message.headers() {
            let keywords = message.keywords_in(header.value.clone());
            let Some(keyword) = keywords.first().filter(|keyword| keyword.range.start == header.value.start)
            else {
                continue;
            };
            let Some(last) = keyword.inside.strip_prefix("last_") else { continue };
            let last = last.split(':').next().unwrap_or_default();
            if ["message", "Request_URI", "cseq_number"].iter().any(|other| last.starts_with(other)) {
                continue;
            }
            let sentence = format!("this sends '{}: {last}: ...'", header.name);
            let place = message.place(header.line.start..keyword.range.end);
            let diagnostic = Diagnostic::warning(name, sentence).at(place, "the name twice");
            found.push(if last.eq_ignore_ascii_case(header.name) {
                diagnostic.help(format!("write [{}] alone", keyword.inside))
            } else {
                diagnostic.help("take the value with <ereg search_in=\"hdr\"> and write [$...]")
            });
        }
    }
    found
}
