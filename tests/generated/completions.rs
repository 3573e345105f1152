//! `man/completions/`: by clap_complete from the same records, with what clap does not know put right: options have one
//! dash, take their value in the next word, and are never stacked.

use clap::builder::PossibleValuesParser;
use clap::{Command, ValueHint};
use clap_complete::{Shell, generate};
use rsipp::cli::argv;
use rsipp::cli::opt::{self, Value};

use crate::{check, in_repository};

/// The options with what may be offered as their values.
fn command() -> Command {
    let mut command = argv::command();
    for opt in opt::all() {
        command = command.mut_arg(opt.name, |arg| match opt.value {
            Value::Flag => arg,
            Value::Choice(_, names) => arg.value_parser(PossibleValuesParser::new(names())),
            Value::Boolean => arg.value_parser(PossibleValuesParser::new(["true", "false"])),
            Value::Pair(first, second) => {
                let arg = arg.value_delimiter(None).num_args(2).value_names([first, second]);
                arg.value_hint(hint(first))
            }
            Value::Integer(_) | Value::Float(_) | Value::Time(_) => arg.value_hint(ValueHint::Other),
            Value::Text(name) | Value::Conditions(name) => arg.value_hint(hint(name)),
        });
    }
    command.mut_arg("remote_host", |arg| arg.hide(false).value_hint(ValueHint::Hostname))
}

fn hint(value: &str) -> ValueHint {
    if value == "FILE" { ValueHint::FilePath } else { ValueHint::Other }
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    generate(shell, &mut command(), "rsipp", &mut script);
    let script = String::from_utf8(script).expect("text");
    match shell {
        Shell::Zsh => zsh(&script),
        Shell::Fish => fish(&script),
        _ => argv::one_dash(&script),
    }
}

/// `--sf=[...]` means that the value may follow in the same word, and `-s` that `-rp` may mean `-r -p`.
fn zsh(script: &str) -> String {
    let lines = script.lines().map(|line| match line.split_once("'--").or_else(|| line.split_once("'*--")) {
        Some(("", option)) => {
            let star = if line.starts_with("'*") { "*" } else { "" };
            format!("'{star}-{}", option.replacen("=[", "[", 1))
        }
        _ => line.replace("(-s -S -C)", "(-C)").replace("(-s -C)", "(-C)"),
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// fish calls them old-style options; those of one letter are of the usual kind.
fn fish(script: &str) -> String {
    let lines = script.lines().map(|line| match line.split_once(" -l ") {
        Some((before, behind)) => {
            let name = behind.split(' ').next().unwrap_or_default();
            let kind = if name.len() == 1 { "-s" } else { "-o" };
            format!("{before} {kind} {behind}")
        }
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

const BASH: &str = "man/completions/rsipp.bash";
const ZSH: &str = "man/completions/_rsipp";
const FISH: &str = "man/completions/rsipp.fish";

#[test]
fn the_completions_are_those_of_the_records() {
    check(BASH, &script(Shell::Bash));
    check(ZSH, &script(Shell::Zsh));
    check(FISH, &script(Shell::Fish));
}

#[test]
fn every_option_is_there_with_one_dash() {
    let (bash, zsh, fish) = (script(Shell::Bash), script(Shell::Zsh), script(Shell::Fish));
    let offered = bash.lines().find(|line| line.trim().starts_with("opts=\"-")).expect("the options");
    let offered: Vec<&str> = offered.trim().split([' ', '"']).collect();
    for opt in opt::all() {
        let name = opt.name;
        assert!(offered.contains(&format!("-{name}").as_str()), "bash: -{name}");
        assert!(zsh.contains(&format!("'-{name}[")) || zsh.contains(&format!("'*-{name}[")), "zsh: -{name}");
        let kind = if name.len() == 1 { "-s" } else { "-o" };
        assert!(fish.contains(&format!("complete -c rsipp {kind} {name} ")), "fish: -{name}");
    }
    for script in [bash, zsh, fish] {
        assert_eq!(script, argv::one_dash(&script), "two dashes");
    }
}

/// What a shell says to a script; nothing may go wrong.
#[track_caller]
fn said(shell: &str, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(shell);
    let command = command.args(arguments).current_dir(in_repository(""));
    let output = command.output().unwrap_or_else(|error| panic!("{shell}: {error}; apt-get install {shell}"));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell}");
    assert!(output.status.success(), "{shell}: {}", output.status);
    String::from_utf8(output.stdout).expect("text")
}

/// The words that bash offers for the last one of these.
fn offered_by_bash(words: &[&str]) -> Vec<String> {
    let last = words.len() - 1;
    let line = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let script = format!(
        "source {BASH}; compopt() {{ :; }}; COMP_WORDS=({line}); COMP_CWORD={last}; \
         _rsipp rsipp '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words[last],
        words[last - 1]
    );
    let said = said("bash", &["--norc", "-c", &script]);
    let mut offered: Vec<String> = said.lines().map(str::to_owned).collect();
    offered.sort();
    offered
}

#[test]
fn bash_offers_options_names_and_files() {
    assert_eq!(offered_by_bash(&["rsipp", "-trace_m"]), ["-trace_msg"]);
    assert_eq!(offered_by_bash(&["rsipp", "-m", "1", "-sn", "ua"]), ["uac", "uas"]);
    assert_eq!(offered_by_bash(&["rsipp", "-error_overwrite", "f"]), ["false"]);
    assert_eq!(
        offered_by_bash(&["rsipp", "-sf", "scenarios/branch"]),
        ["scenarios/branchc.xml", "scenarios/branchs.xml"]
    );
    assert_eq!(offered_by_bash(&["rsipp", "-r", "1"]), ["1"]);
}

#[test]
fn zsh_loads_the_completion() {
    let script = "fpath=(man/completions $fpath); autoload -U compinit; compinit -u -D; \
                  print $_comps[rsipp]; autoload +X -U _rsipp; whence -w _rsipp";
    assert_eq!(said("zsh", &["-f", "-c", script]), "_rsipp\n_rsipp: function\n");
}
