//! A case: a scenario file whose first comment has a sentence on what the case proves, an empty line, settings, and after
//! `peer:` the script of the peer. In: a path. Out: [`Case`]. A mistake in the comment is a failed test.
//!
//! | setting | meaning |
//! |---|---|
//! | `options: …` | words for the command line, separated by blanks |
//! | `role: server` | the program waits for calls; it gets no remote host |
//! | `exit: 1` | rsipp's exit code; 0 unless set |
//! | `compare: …` | any of the words below |
//! | `patience: 2000ms` | how long the program may take; 6 s unless set |
//! | `file NAME:` | a file in the working directory; its lines follow, each after `\| `, `{cr}` is a CR |
//!
//! | compared | what |
//! |---|---|
//! | `log` | what the actions log |
//! | `warnings` | the errors log, without its times |
//! | `screen` | the table of steps and the totals that are printed at the end |
//! | `commands` | what commands print, as far as it begins with `COMMAND` |
//! | `every-datagram` | the repeats of a datagram; otherwise they count as one |
//!
//! | peer's line | meaning |
//! |---|---|
//! | `expect INVITE`, `expect 200` | the next message is that one |
//! | `send 180` | answers the newest request that is no ACK; headers and, after an empty line, the body follow, after `\| ` |
//! | `send 200 to INVITE` | answers the newest request of that method |
//! | `request BYE` | sends a request in the call; lines after `\| ` as above |
//! | `raw` | sends the lines after `\| ` as they are |
//! | `repeat`, `repeat 200` | sends the newest message, or the newest of that kind, again |
//! | `new call` | the next request opens another call |
//! | `wait 100ms` | listens for that long |
//!
//! A header line replaces the header of that name that the peer would write; `| -Contact` leaves it out.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The program.
    Client,
    /// The peer.
    Server,
}

/// What is compared besides the messages and the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// The file of `-trace_logs`.
    Log,
    /// The file of `-trace_err`.
    Warnings,
    /// The table of steps and the totals that are printed at the end.
    Screen,
    /// What `<exec command>` prints; its lines start with `COMMAND`.
    Commands,
    /// How often a message is repeated.
    EveryDatagram,
}

/// One line of the peer's script, with the lines that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Waits for a message of that kind.
    Expect(String),
    /// Answers a request.
    Send { code: String, to: Option<String>, lines: Vec<String> },
    /// Sends a request.
    Request { method: String, lines: Vec<String> },
    /// Sends text.
    Raw(Vec<String>),
    /// Sends a message again: the newest, or the newest of that kind.
    Repeat(Option<String>),
    /// Forgets the call.
    NewCall,
    /// Listens.
    Wait(Duration),
}

/// One scenario with its settings and its peer.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file's name without `.xml`.
    pub name: String,
    /// The scenario file.
    pub path: PathBuf,
    /// Words for the command line.
    pub options: Vec<String>,
    /// Who calls.
    pub role: Role,
    /// rsipp's exit code.
    pub exit: i32,
    /// What else is compared.
    pub extras: Vec<Extra>,
    /// How long the program may take.
    pub patience: Duration,
    /// Files for the working directory.
    pub files: Vec<(String, String)>,
    /// The peer's script.
    pub peer: Vec<Step>,
}

impl Case {
    /// The name of the case in that file.
    pub fn name_of(path: &Path) -> String {
        path.file_stem().expect("a file name").to_string_lossy().into_owned()
    }

    /// Reads a scenario file.
    pub fn read(path: &Path) -> Case {
        let text = std::fs::read(path).expect("read a scenario");
        let text = String::from_utf8_lossy(&text);
        let comment = text.split_once("<!--").and_then(|(_, rest)| rest.split_once("-->"));
        let comment = comment.unwrap_or_else(|| panic!("{}: no comment", path.display())).0;
        let (_sentence, rest) = comment.split_once("\n\n").unwrap_or((comment, ""));
        let (settings, peer) = rest.split_once("peer:\n").unwrap_or((rest, ""));
        let mut case = Case {
            name: Case::name_of(path),
            path: path.to_owned(),
            options: Vec::new(),
            role: Role::Client,
            exit: 0,
            extras: Vec::new(),
            patience: Duration::from_secs(6),
            files: Vec::new(),
            peer: Vec::new(),
        };
        for (line, block) in blocks(settings) {
            case.setting(line, &block);
        }
        case.peer = blocks(peer).into_iter().map(|(line, block)| step(line, block)).collect();
        case
    }

    /// Whether that is compared.
    pub fn compares(&self, extra: Extra) -> bool {
        self.extras.contains(&extra)
    }

    fn setting(&mut self, line: &str, block: &[String]) {
        let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("{}: setting {line:?}", self.name));
        let value = value.trim();
        match key {
            "options" => self.options = value.split_whitespace().map(str::to_owned).collect(),
            "role" if value == "server" => self.role = Role::Server,
            "exit" => self.exit = value.parse().expect("exit code"),
            "compare" => self.extras = value.split_whitespace().map(extra).collect(),
            "patience" => self.patience = milliseconds(value),
            _ => match key.strip_prefix("file ") {
                Some(name) => self.files.push((name.to_owned(), block.join("\n").replace("{cr}", "\r"))),
                None => panic!("{}: unknown setting {line:?}", self.name),
            },
        }
    }
}

fn extra(word: &str) -> Extra {
    match word {
        "log" => Extra::Log,
        "warnings" => Extra::Warnings,
        "screen" => Extra::Screen,
        "commands" => Extra::Commands,
        "every-datagram" => Extra::EveryDatagram,
        _ => panic!("compare: {word}"),
    }
}

/// Each line, with the `| ` lines below it.
fn blocks(text: &str) -> Vec<(&str, Vec<String>)> {
    let mut blocks: Vec<(&str, Vec<String>)> = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        if let Some(belongs) = line.strip_prefix('|') {
            let (_, block) = blocks.last_mut().expect("a line before the first | line");
            block.push(belongs.strip_prefix(' ').unwrap_or(belongs).to_owned());
        } else if !line.trim().is_empty() {
            blocks.push((line.trim(), Vec::new()));
        }
    }
    blocks
}

fn step(line: &str, lines: Vec<String>) -> Step {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["expect", kind] => Step::Expect((*kind).to_owned()),
        ["send", code] => Step::Send { code: (*code).to_owned(), to: None, lines },
        ["send", code, "to", method] => {
            Step::Send { code: (*code).to_owned(), to: Some((*method).to_owned()), lines }
        }
        ["request", method] => Step::Request { method: (*method).to_owned(), lines },
        ["raw"] => Step::Raw(lines),
        ["repeat"] => Step::Repeat(None),
        ["repeat", kind] => Step::Repeat(Some((*kind).to_owned())),
        ["new", "call"] => Step::NewCall,
        ["wait", time] => Step::Wait(milliseconds(time)),
        _ => panic!("the peer does not understand {line:?}"),
    }
}

fn milliseconds(text: &str) -> Duration {
    let number = text.strip_suffix("ms").and_then(|number| number.parse().ok());
    Duration::from_millis(number.unwrap_or_else(|| panic!("{text:?}: want 100ms")))
}
