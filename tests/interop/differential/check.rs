//! `-check` on the same scenarios: nearly all are clean, and those that are odd on purpose give exactly the lints that `lints.toml` names.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::differential::case::Case;
use crate::differential::{FOLDER, files, group_of};
use crate::program::{Program, in_repository};

/// The names that `-check` reports for a case; empty when it exits with 0.
fn lints(case: &Case) -> BTreeSet<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in &case.files {
        std::fs::write(folder.path().join(name), text).expect("write a file of the case");
    }
    let mut command = Command::new(Program::Rsipp.path());
    command.args(["-check", "-sf"]).arg(&case.path).args(&case.options).current_dir(folder.path());
    let output = command.output().expect("run rsipp");
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => BTreeSet::new(),
        Some(1) => said
            .lines()
            .filter_map(|line| line.strip_prefix("warning[").or_else(|| line.strip_prefix("error[")))
            .filter_map(|rest| rest.split_once(']'))
            .map(|(name, _)| name.to_owned())
            .collect(),
        other => panic!("{}: exit {other:?}\n{said}", case.name),
    }
}

fn expected() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(in_repository(FOLDER).join("lints.toml")).expect("read lints.toml");
    let table: toml::Table = text.parse().expect("lints.toml");
    let names = |value: &toml::Value| {
        let names = value.as_array().expect("a list of lints").iter();
        names.map(|name| name.as_str().expect("a lint's name").to_owned()).collect()
    };
    table.iter().map(|(case, value)| (case.clone(), names(value))).collect()
}

#[test]
fn at_least_60_scenarios_are_clean_and_the_others_give_the_lints_they_were_made_for() {
    let cases = files().into_iter().filter(|path| group_of(&Case::name_of(path)) != "refusal");
    let found: BTreeMap<String, BTreeSet<String>> =
        cases.map(|path| Case::read(&path)).map(|case| (case.name.clone(), lints(&case))).collect();
    let clean = found.values().filter(|lints| lints.is_empty()).count();
    let odd: BTreeMap<_, _> = found.into_iter().filter(|(_, lints)| !lints.is_empty()).collect();
    let shown =
        odd.iter().map(|(case, lints)| format!("{case} = {lints:?}\n").replace('{', "[").replace('}', "]"));
    assert_eq!(odd, expected(), "lints.toml should read:\n{}", shown.collect::<String>());
    assert!(clean >= 60, "{clean} clean scenarios");
}
