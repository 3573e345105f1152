//! Folding: what differs between any two runs of one program gets a name. In: what a run produced. Out: its lines.
//! Whatever is not folded here is compared.

use std::sync::LazyLock;

use regex::Regex;

/// The numbers of one run.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    /// Process id.
    pub pid: u32,
    /// Port of the program.
    pub port: u16,
    /// Port of the peer.
    pub peer: u16,
}

static RULES: LazyLock<[(Regex, &str); 6]> = LazyLock::new(|| {
    [
        (r"\d{4}-\d\d-\d\d[\tT]\d\d:\d\d:\d\d\.\d{6}[\t ]\d+\.\d{6}", "TIMESTAMP"),
        (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", "DATE"),
        (r"tick=\d+", "tick=N"),
        (r"(?P<name>second|micro)=\d+\.000000", "${name}=N"),
        // A response without a cnonce must be the same number.
        (
            r#"cnonce="[0-9a-f]+"(?P<between>.*),response="[0-9a-f]{32}""#,
            r#"cnonce="C"${between},response="R""#,
        ),
        (r"(?P<line>m=audio) 6\d\d\d", "${line} MEDIA"),
    ]
    .map(|(pattern, name)| (Regex::new(pattern).expect("a regular expression"), name))
});

static DIGITS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+").expect("a regular expression"));

/// The lines of a message or file, CRLF taken as the end of a line; other control characters are visible, and so is a
/// last line without an end.
pub fn lines(bytes: &[u8], numbers: Numbers) -> Vec<String> {
    let text = fold(&String::from_utf8_lossy(bytes), numbers);
    let mut lines: Vec<String> = text.split("\r\n").map(visible).collect();
    match lines.pop() {
        Some(last) if !last.is_empty() => lines.push(format!("{last}<end>")),
        _ => {}
    }
    lines
}

/// The text with names for what differs between runs.
pub fn fold(text: &str, numbers: Numbers) -> String {
    let mut text = text.to_owned();
    for (pattern, name) in RULES.iter() {
        text = pattern.replace_all(&text, *name).into_owned();
    }
    let named = |found: &regex::Captures<'_>| {
        let digits = found[0].to_owned();
        let Ok(number) = digits.parse::<u32>() else { return digits };
        let (port, peer) = (u32::from(numbers.port), u32::from(numbers.peer));
        let names = [
            (numbers.pid, "PID"),
            (port, "PORT"),
            (peer, "PEER"),
            (port + 1, "PORT+1"),
            (peer + 1, "PEER+1"),
        ];
        names.iter().find(|(known, _)| *known == number).map_or(digits, |(_, name)| (*name).to_owned())
    };
    DIGITS.replace_all(&text, named).into_owned()
}

/// The text with its control characters escaped.
pub fn visible(line: &str) -> String {
    line.chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() })
        .collect()
}
