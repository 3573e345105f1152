//! The same scenario, the same scripted peer, once with sipp 3.6.1 and once with rsipp: what the peer hears, the exit
//! code and what the case asks for besides (log, warnings, screen) must be the same; a scenario that is refused must be
//! refused with the same sentence. style.md §4.10.
//!
//! | file | what |
//! |---|---|
//! | `scenarios/*.xml` | a case each; the first comment says what it proves, and has its settings and the peer's script |
//! | `differences.toml` | where rsipp differs on purpose: the exact lines of either side, and the reason |
//! | `case.rs` | reads the comment; its doc is the language |
//! | `peer.rs`, `message.rs` | the peer, and the messages that it writes |
//! | `run.rs`, `fold.rs` | one program through one case; what differs between any two runs is folded |
//!
//! An entry in `differences.toml` whose lines no longer come out fails too. `DIFFERENTIAL=word` runs the cases with that
//! word in their name only; `DIFFERENTIAL_SHOW=1` prints the transcripts of those that pass.

mod case;
mod check;
pub mod fold;
mod message;
mod peer;
mod run;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use similar::{ChangeTag, TextDiff};

use crate::differential::case::Case;
use crate::differential::run::{Outcome, PEER_STOPPED, outcome};
use crate::program::{MACHINE, Program, in_repository};

/// Cases at once: nearly all of their time is waiting.
const AT_ONCE: usize = 8;

pub const FOLDER: &str = "tests/interop/differential";

/// The first word of a case's file name.
const GROUPS: [&str; 11] = [
    "abort",
    "action",
    "authentication",
    "duplicate",
    "flow",
    "inject",
    "keyword",
    "outside",
    "receive",
    "refusal",
    "server",
];

#[test]
fn unexpected_messages_and_timeouts_end_a_call_the_same_way() {
    run_group("abort");
}

#[test]
fn actions_do_the_same() {
    run_group("action");
}

#[test]
fn challenges_are_answered_and_credentials_verified_the_same() {
    run_group("authentication");
}

#[test]
fn repeated_messages_are_answered_the_same() {
    run_group("duplicate");
}

#[test]
fn calls_walk_the_same_way_through_the_steps() {
    run_group("flow");
}

#[test]
fn injection_files_give_the_same_lines() {
    run_group("inject");
}

#[test]
fn messages_are_rendered_the_same() {
    run_group("keyword");
}

#[test]
fn requests_outside_any_call_are_answered_the_same() {
    run_group("outside");
}

#[test]
fn received_messages_are_matched_the_same() {
    run_group("receive");
}

#[test]
fn bad_scenarios_are_refused_with_the_same_sentence_and_exit_code() {
    run_group("refusal");
}

#[test]
fn servers_answer_the_same() {
    run_group("server");
}

#[test]
fn every_case_belongs_to_a_group_and_every_difference_to_a_case() {
    let names: Vec<String> = files().iter().map(|path| Case::name_of(path)).collect();
    for name in &names {
        assert!(GROUPS.iter().any(|group| group_of(name) == *group), "{name}.xml belongs to no group");
    }
    for name in differences().keys() {
        assert!(names.contains(name), "differences.toml: there is no case {name}");
    }
}

/// One entry of `differences.toml`.
struct Difference {
    /// Lines that only sipp's transcript has.
    sipp: String,
    /// Lines that only rsipp's transcript has.
    rsipp: String,
}

fn differences() -> BTreeMap<String, Difference> {
    let path = in_repository(FOLDER).join("differences.toml");
    let text = std::fs::read_to_string(&path).expect("read differences.toml");
    let table: toml::Table = text.parse().expect("differences.toml");
    table
        .into_iter()
        .map(|(name, entry)| {
            let text = |key: &str| {
                let value = entry.get(key).and_then(toml::Value::as_str);
                value.unwrap_or_else(|| panic!("differences.toml: [{name}] has no {key}")).trim().to_owned()
            };
            assert!(!text("why").is_empty(), "differences.toml: [{name}] gives no reason");
            let difference = Difference { sipp: text("sipp"), rsipp: text("rsipp") };
            (name, difference)
        })
        .collect()
}

pub fn files() -> Vec<PathBuf> {
    let folder = in_repository(FOLDER).join("scenarios");
    let entries = std::fs::read_dir(folder).expect("read the folder of scenarios");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("read an entry").path()).collect();
    paths.sort();
    paths
}

pub fn group_of(name: &str) -> &str {
    name.split('_').next().unwrap_or_default()
}

/// Runs all cases of that group and reports every one that fails.
#[track_caller]
fn run_group(group: &str) {
    let _shared = MACHINE.read();
    let wanted = std::env::var("DIFFERENTIAL").unwrap_or_default();
    let differences = differences();
    let mut cases: Vec<Case> = files()
        .iter()
        .filter(|path| group_of(&Case::name_of(path)) == group)
        .map(|path| Case::read(path))
        .collect();
    assert!(!cases.is_empty(), "no case in group {group}");
    cases.retain(|case| case.name.contains(&wanted));

    let next = AtomicUsize::new(0);
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(cases.len()) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(fault) = judge(case, differences.get(&case.name)) {
                        faults.lock().expect("the list of faults").push(fault);
                    }
                }
            });
        }
    });
    let mut faults = faults.into_inner().expect("the list of faults");
    faults.sort();
    assert!(faults.is_empty(), "{} of {} cases:\n{}", faults.len(), cases.len(), faults.join("\n"));
}

/// Runs one case with both programs.
fn judge(case: &Case, intended: Option<&Difference>) -> Result<(), String> {
    let sipp = outcome(Program::Sipp, case);
    let rsipp = outcome(Program::Rsipp, case);
    let (only_sipp, only_rsipp) = only(&sipp.transcript, &rsipp.transcript);

    let mut faults = Vec::new();
    if rsipp.transcript.contains(PEER_STOPPED) {
        faults.push("with rsipp the peer did not reach the end of its script".to_owned());
    }
    if !rsipp.transcript.ends_with(&format!("exit {}\n", case.exit)) {
        faults.push(format!("rsipp does not end with the case's exit code, {}", case.exit));
    }
    if group_of(&case.name) == "refusal" {
        if sentence(&sipp.stderr).is_empty() || !rsipp.stderr.contains(sentence(&sipp.stderr)) {
            faults.push(format!("rsipp does not say {:?}", sentence(&sipp.stderr)));
        }
    } else if !rsipp.transcript.contains(" | ") {
        faults.push("there is nothing to compare but the exit code".to_owned());
    }
    match intended {
        None if only_sipp.is_empty() && only_rsipp.is_empty() => {}
        None => faults.push("the programs differ".to_owned()),
        Some(difference) if difference.sipp == only_sipp && difference.rsipp == only_rsipp => {}
        Some(_) => faults.push("the programs do not differ as differences.toml says".to_owned()),
    }
    let report = report(case, &sipp, &rsipp, &only_sipp, &only_rsipp);
    if faults.is_empty() {
        if std::env::var_os("DIFFERENTIAL_SHOW").is_some() {
            println!("{report}");
        }
        return Ok(());
    }
    Err(format!("##### {}: {}\n{report}", case.name, faults.join("; ")))
}

/// The last sentence that sipp has said, without its time.
fn sentence(stderr: &str) -> &str {
    let last = stderr.rsplit_once("TIMESTAMP: ").map_or("", |(_, last)| last);
    last.lines().next().unwrap_or_default()
}

fn report(case: &Case, sipp: &Outcome, rsipp: &Outcome, only_sipp: &str, only_rsipp: &str) -> String {
    let mut text = String::new();
    for (program, outcome) in [("sipp", sipp), ("rsipp", rsipp)] {
        let complaint: String = outcome.stderr.lines().take(12).map(|line| format!("{line}\n")).collect();
        write!(text, "===== {}: {program}\n{}{complaint}", case.name, outcome.transcript).expect("write");
    }
    if only_sipp != only_rsipp {
        write!(text, "===== only sipp\n{only_sipp}\n===== only rsipp\n{only_rsipp}\n").expect("write");
    }
    text
}

/// The lines that only the one and only the other has.
fn only(sipp: &str, rsipp: &str) -> (String, String) {
    let diff = TextDiff::from_lines(sipp, rsipp);
    let lines = |tag: ChangeTag| -> String {
        let changes = diff.iter_all_changes().filter(|change| change.tag() == tag);
        changes.map(|change| change.value()).collect::<String>().trim().to_owned()
    };
    (lines(ChangeTag::Delete), lines(ChangeTag::Insert))
}
