//! Help group "Help", and the texts of `-h`, `-help` and `-v`.
//! Spec: cli.md §1.3. In: the records of all groups. Out: text. Must not repeat what a record says.

use std::ffi::OsString;

use clap::Command;

use super::argv::{self, one_dash};
use super::check;
use super::exit::Exit;
use super::opt::{Given, Group, Opt, Pass, Value};
use super::refusal::Refusal;
use super::unsupported;

pub(super) const GROUP: Group = Group { title: "Help", options: &[H, HELP, V] };

const H: Opt = Opt {
    name: "h",
    value: Value::Flag,
    default: "",
    help: "Print the options of every day",
    more: "",
    spec: "cli.md §1.3",
    pass: Pass::Page(|given, behind| topic(given, behind).map(|()| short())),
};

const HELP: Opt = Opt {
    name: "help",
    value: Value::Flag,
    default: "",
    help: "Print all options, with all there is to say about each",
    more: "",
    spec: "cli.md §1.3",
    pass: Pass::Page(|given, behind| topic(given, behind).map(|()| long())),
};

const V: Opt = Opt {
    name: "v",
    value: Value::Flag,
    default: "",
    help: "Print the version",
    more: "",
    spec: "cli.md §1.3",
    pass: Pass::Print(|_, _| Ok(version())),
};

/// Command lines to begin with, and what they do.
pub const EXAMPLES: [(&str, &str); 6] = [
    ("rsipp -sn uas", "Be called: answer on port 5060"),
    ("rsipp 192.0.2.7 -m 1", "Call: one INVITE ... BYE"),
    ("rsipp 192.0.2.7:5070 -r 100 -m 10000", "100 calls a second, 10,000 in all"),
    ("rsipp -sf mine.xml -inf users.csv 192.0.2.7", "Your scenario with your data"),
    ("rsipp -sf mine.xml -peer_sn uas -m 1", "Try it, no other side needed"),
    ("rsipp -sd uac > mine.xml", "Begin a scenario of your own"),
];

/// How values are written (cli.md §2, §3).
pub const VALUES: [&str; 5] = [
    "An option may stand anywhere, with one dash or two. Its value is the next word, whatever it looks like; of \
     repeated options the last one counts, unless they add up.",
    "Integers: decimal, 0x1F, or octal after a 0. Booleans: true, false or an integer.",
    "Times: a number, then ms, s, m or h, or the unit that the option names.",
    "The remote host: a name or address, with :port unless it is 5060. An IPv6 address with a port stands in brackets.",
    "A scenario that begins by receiving waits for calls and needs no remote host.",
];

/// What signals do (cli.md §10.1).
pub const SIGNALS: [(&str, &str); 2] = [
    ("SIGUSR1", "no new calls, end when the open ones have ended; once more: abort them"),
    ("SIGINT, SIGTERM", "end at once: print the summary, send nothing"),
];

/// What `-h` shows: the options of nearly every command line.
const EVERYDAY: [&str; 28] = [
    "sf",
    "sn",
    "sd",
    "peer_sn",
    "inf",
    "key",
    "set",
    "check",
    "r",
    "rp",
    "m",
    "l",
    "users",
    "s",
    "d",
    "aa",
    "timeout",
    "recv_timeout",
    "nr",
    "t",
    "i",
    "p",
    "trace_msg",
    "trace_err",
    "bg",
    "h",
    "help",
    "v",
];

const SHORT_END: &str = "These are the options of every day. All of them: rsipp -help, or man rsipp.
An option may stand anywhere, with one dash or two. Times take ms, s, m or h behind the number.";

const TEMPLATE: &str = "{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}\n";

/// No wider than a line can be read well; narrower in a narrower terminal.
const WIDEST: usize = 110;

/// What `-h` prints: what a person needs first.
pub fn short() -> String {
    tidy(&short_command().render_help().to_string())
}

/// What `-help` prints: everything.
fn long() -> String {
    tidy(&worded().after_long_help(long_end()).render_long_help().to_string())
}

/// cli.md §1.3: the first line is empty, the second begins with a blank and ends with a dot.
fn version() -> String {
    format!(
        "\n SIPp v3.7.7 (rsipp v{}).\n\n \
         An independent implementation of the SIPp scenario engine.\n \
         Licensed under MIT OR Apache-2.0, without any warranty.\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// `-h stat` is another text than `-h`.
fn topic(given: &Given, behind: &[OsString]) -> Result<(), Refusal> {
    match behind.first() {
        Some(word) if word == "stat" => Err(Refusal::NotSupported(format!("{} stat", given.typed))),
        _ => Ok(()),
    }
}

fn worded() -> Command {
    argv::command().before_help(examples()).help_template(TEMPLATE).max_term_width(WIDEST)
}

fn short_command() -> Command {
    let everyday = |name: &str| EVERYDAY.contains(&name);
    worded().after_help(SHORT_END).mut_args(|arg| {
        let is_hidden = !everyday(arg.get_id().as_str());
        arg.hide(is_hidden)
    })
}

fn examples() -> String {
    let mut text = String::from("rsipp runs SIP call scenarios: SIPp's, and yours.\n\nExamples:");
    let widest = EXAMPLES.iter().map(|(line, _)| line.len()).max().unwrap_or(0);
    for (line, what) in EXAMPLES {
        text += &format!("\n  {line:widest$}  {what}");
    }
    text
}

/// What is not about an option of ours: the rules for values, the options of SIPp that are missing, exit
/// statuses.
fn long_end() -> String {
    let mut text = String::from("Values:\n");
    for line in VALUES {
        text += &format!("  {line}\n");
    }
    text += "\nOptions of SIPp that are not supported yet:\n";
    for entries in unsupported::TABLE.chunk_by(|a, b| a.group == b.group) {
        let names: Vec<String> = entries.iter().map(|entry| format!("-{}", entry.name)).collect();
        let group = entries.first().map_or("", |entry| entry.group);
        text += &format!("  {group}: {}\n", names.join(" "));
    }
    text += "\nLints of -check:\n";
    text += &check::lints();
    text += "\nSignals:\n";
    for (signal, what) in SIGNALS {
        text += &format!("  {signal:16} {what}\n");
    }
    text += "\nExit status:\n";
    for exit in Exit::ALL {
        text += &format!("  {:>3}  {}\n", exit.code(), exit.meaning());
    }
    text.trim_end().to_owned()
}

/// Single dashes, and the room that clap keeps for one-letter options taken away.
fn tidy(help: &str) -> String {
    let lines = help.lines().map(|line| match line.strip_prefix("      ") {
        Some(option) if option.starts_with("--") => format!("  {option}"),
        Some(text) => format!(" {text}"),
        None => line.to_owned(),
    });
    let lines: Vec<String> = lines.map(|line| one_dash(line.trim_end())).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::tests::{printed, refused};
    use super::*;

    /// In a width that does not depend on the terminal of whoever runs the tests.
    fn at_100(command: Command, long: bool) -> String {
        let mut command = command.term_width(100);
        let text = if long { command.render_long_help() } else { command.render_help() };
        tidy(&text.to_string())
    }

    /// Also the way back from clap's two dashes (style.md §4.7).
    #[test]
    fn the_short_help_is_examples_then_the_options_of_every_day() {
        insta::assert_snapshot!(at_100(short_command(), false));
    }

    /// `rsipp -h | head -40` reads well: no line is wrapped, and it fits two screens.
    #[test]
    fn the_short_help_is_short() {
        let text = at_100(short_command(), false);
        assert!(text.lines().count() <= 70, "{}", text.lines().count());
        let continued = text.lines().filter(|line| line.starts_with("     ") && !line.trim().is_empty());
        assert_eq!(continued.collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn every_option_of_every_day_is_one_and_shown() {
        let text = short();
        for name in EVERYDAY {
            let here = |line: &str| line.split_whitespace().next() == Some(&format!("-{name}"));
            assert!(text.lines().any(here), "-{name}");
        }
    }

    #[test]
    fn the_long_help_says_everything() {
        insta::assert_snapshot!(at_100(worded().after_long_help(long_end()), true));
    }

    #[test]
    fn no_option_has_two_dashes_and_the_long_help_has_every_one() {
        assert!(!short().contains("--"));
        let text = long();
        assert!(!text.contains("--"), "{text}");
        for opt in super::super::opt::all() {
            let here = |line: &str| line.split_whitespace().next() == Some(&format!("-{}", opt.name));
            assert!(text.lines().any(here), "-{}", opt.name);
        }
    }

    /// cli.md §1.3.
    #[test]
    fn the_version_is_on_the_second_line() {
        let text = printed("-v");
        let line = format!(" SIPp v3.7.7 (rsipp v{}).", env!("CARGO_PKG_VERSION"));
        assert_eq!(text.lines().take(2).collect::<Vec<_>>(), ["", &line]);
    }

    /// cli.md §1.3.
    #[test]
    fn h_stat_is_another_text_and_not_there_yet() {
        assert_eq!(refused("-h stat"), "not supported yet: -h stat");
        assert_eq!(refused("--help stat"), "not supported yet: --help stat");
        assert_eq!(printed("-h stats"), short());
    }
}
