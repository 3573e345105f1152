//! `man/rsipp.1`: clap_mangen writes title, synopsis and options; the other sections come from the same data as `-help`.

use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use rsipp::cli::opt::{self, Opt};
use rsipp::cli::{Exit, argv, help, unsupported};
use rsipp::scenario::lint::LINTS;

use crate::{check, in_repository};

const DESCRIPTION: [&str; 2] = [
    "rsipp runs SIP call scenarios: it makes or answers calls, many at a time, as an XML file says, and checks what the \
     other side does. It takes the command line, scenarios and injection files of SIPp.",
    "With a scenario that begins by sending, rsipp calls the remote host, at a rate or with a number of users. With one \
     that begins by receiving, it waits for calls. At the end it prints what came of them.",
];

/// Files whose names rsipp makes.
const FILES: [(&str, &str); 3] = [
    ("scenario_pid_messages.log", "every message (-trace_msg)"),
    ("scenario_pid_errors.log", "errors and warnings (-trace_err)"),
    ("scenario_pid_logs.log", "what <log> actions say (-trace_logs)"),
];

const ENVIRONMENT: [(&str, &str); 3] = [
    ("PAGER", "shows help at a terminal; empty for none"),
    ("TZ", "the time zone of time stamps"),
    ("NO_COLOR, TERM", "diagnostics of scenarios without colour"),
];

fn page() -> String {
    let mut command = argv::command().about("run SIP call scenarios, as SIPp does");
    for opt in opt::all() {
        command = command.mut_arg(opt.name, |arg| arg.long_help(text(opt)));
    }
    let man = Man::new(command).title("RSIPP").source("rsipp").manual("rsipp manual").date("");
    let mut roff = Vec::new();
    man.render_title(&mut roff).expect("memory");
    man.render_name_section(&mut roff).expect("memory");
    man.render_synopsis_section(&mut roff).expect("memory");
    let mut before = Roff::default();
    before.control("SH", ["DESCRIPTION"]);
    paragraphs(&mut before, &DESCRIPTION);
    before.control("SH", ["EXAMPLES"]);
    pairs(&mut before, &help::EXAMPLES);
    before.control("SH", ["VALUES"]);
    paragraphs(&mut before, &help::VALUES);
    before.to_writer(&mut roff).expect("memory");
    man.render_options_section(&mut roff).expect("memory");
    behind_options().to_writer(&mut roff).expect("memory");
    one_dash(&once(PREAMBLE, &String::from_utf8(roff).expect("text")))
}

/// All there is to say about an option, in one paragraph.
fn text(opt: &Opt) -> String {
    let Opt { help, default, more, .. } = opt;
    let default = if default.is_empty() { String::new() } else { format!(" [default: {default}]") };
    let more = if more.is_empty() { String::new() } else { format!(" {more}") };
    format!("{help}{default}.{more}")
}

fn behind_options() -> Roff {
    let mut roff = Roff::default();
    roff.control("SH", ["OPTIONS OF SIPP THAT ARE NOT SUPPORTED YET"]);
    roff.text([roman("Each is refused by name, never ignored.")]);
    for entries in unsupported::TABLE.chunk_by(|a, b| a.group == b.group) {
        let names: Vec<String> = entries.iter().map(|entry| format!("-{}", entry.name)).collect();
        roff.control("TP", []);
        roff.text([roman(entries[0].group)]);
        roff.text([bold(names.join(" "))]);
    }
    roff.control("SH", ["LINTS"]);
    roff.text([roman("What -check looks for; -allow silences one.")]);
    pairs(&mut roff, &LINTS.each_ref().map(|lint| (lint.name, lint.reason)));
    roff.control("SH", ["SIGNALS"]);
    pairs(&mut roff, &help::SIGNALS);
    roff.control("SH", ["EXIT STATUS"]);
    for exit in Exit::ALL {
        roff.control("TP", []);
        roff.text([bold(exit.code().to_string())]);
        roff.text([roman(exit.meaning())]);
    }
    roff.control("SH", ["ENVIRONMENT"]);
    pairs(&mut roff, &ENVIRONMENT);
    roff.control("SH", ["FILES"]);
    roff.text([roman("In the working directory, unless an option says otherwise; scenario is its name, pid the process id.")]);
    pairs(&mut roff, &FILES);
    roff
}

fn paragraphs(roff: &mut Roff, texts: &[&str]) {
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(*text)]);
    }
}

fn pairs(roff: &mut Roff, pairs: &[(&str, &str)]) {
    for (name, text) in pairs {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(*text)]);
    }
}

/// What each part of a page begins with.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

fn once(line: &str, page: &str) -> String {
    format!("{line}{}", page.replace(line, ""))
}

/// clap knows options with two dashes only; ours have one.
fn one_dash(roff: &str) -> String {
    roff.replace(r"\fB\-\-", r"\fB\-")
}

#[test]
fn the_man_page_is_the_one_of_the_records() {
    check("man/rsipp.1", &page());
}

#[test]
fn the_man_page_has_every_option_with_one_dash() {
    let page = page();
    assert!(!page.contains(r"\-\-"), "two dashes");
    for opt in rsipp::cli::opt::all() {
        let name = opt.name.replace('-', r"\-");
        assert!(page.contains(&format!(r"\fB\-{name}\fR")), "-{}", opt.name);
    }
}

/// groff's own checks: what it complains about goes to standard error.
#[test]
fn man_formats_the_page_without_a_word() {
    let output = std::process::Command::new("man")
        .args(["--warnings", "-E", "UTF-8", "-l"])
        .arg(in_repository("man/rsipp.1"))
        .env("MANROFFSEQ", "")
        .env("MANWIDTH", "80")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("man-db is needed: apt-get install man-db");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(String::from_utf8_lossy(&output.stdout).contains("EXIT STATUS"));
}
