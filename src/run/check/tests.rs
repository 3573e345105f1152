//! Exit statuses of `-check`, on files in a folder of their own.

use std::path::Path;

use super::*;
use crate::cli::ScenarioChoice;
use crate::inject::{FileOption, FileSpec};

const GOOD: &str = "<recv request=\"OPTIONS\"/>\n<send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n\n]]></send>";
const CALLS: &str = "<send><![CDATA[\nOPTIONS sip:a SIP/2.0\n\n]]></send>\n<recv response=\"200\"/>";
const LINT: &str = "<label id=\"lonely\"/>";

fn write(folder: &Path, name: &str, body: &str) -> ScenarioChoice {
    let path = folder.join(name);
    std::fs::write(&path, format!("<scenario>\n{body}\n</scenario>\n")).unwrap();
    ScenarioChoice::File(path)
}

fn options(scenario: ScenarioChoice) -> Options {
    Options { scenario, ..Options::default() }
}

#[test]
fn a_clean_client_needs_no_remote_host() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(check(&options(write(folder.path(), "a.xml", CALLS))), Exit::Success);
    assert_eq!(check(&Options::default()), Exit::Success, "the embedded uac");
}

#[test]
fn a_lint_gives_1_unless_it_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(write(folder.path(), "a.xml", &format!("{GOOD}{LINT}")));
    assert_eq!(check(&options), Exit::Refused);
    options.check.allowed.push("no-length");
    assert_eq!(check(&options), Exit::Refused);
    options.check.allowed.push("unused-label");
    assert_eq!(check(&options), Exit::Success);
}

#[test]
fn a_warning_that_is_no_lint_gives_0() {
    let folder = tempfile::tempdir().unwrap();
    let body = GOOD.replace("<recv", "<recv optinal=\"true\"");
    let options = options(write(folder.path(), "a.xml", &body));
    let loaded = load::side(&load::choices(&options), &options, &[]);
    assert!(loaded.is_ok());
    assert_eq!(check(&options), Exit::Success);
}

#[test]
fn what_does_not_load_gives_1_whatever_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    for body in ["<recv request=\"A\" next=\"nowhere\"/>", "<nop/>", "<send>"] {
        assert_eq!(check(&options(write(folder.path(), "a.xml", body))), Exit::Refused, "{body}");
    }
    assert_eq!(check(&options(ScenarioChoice::File(folder.path().join("none.xml")))), Exit::Refused);
    let mut with_file = options(write(folder.path(), "a.xml", CALLS));
    let none = FileSpec { path: folder.path().join("none.csv"), option: FileOption::Inf };
    with_file.injection.files.push(none);
    assert_eq!(check(&with_file), Exit::Refused);
}

#[test]
fn the_other_side_is_checked_too_and_must_be_another_role() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(write(folder.path(), "a.xml", CALLS));
    options.peer = Some(write(folder.path(), "b.xml", GOOD));
    assert_eq!(check(&options), Exit::Success);
    options.peer = Some(write(folder.path(), "c.xml", &format!("{GOOD}{LINT}")));
    assert_eq!(check(&options), Exit::Refused);
    options.peer = Some(options.scenario.clone());
    assert_eq!(check(&options), Exit::Refused);
}

/// scenario.md §14.
#[test]
fn the_scenarios_beside_the_main_one_are_checked_too() {
    let folder = tempfile::tempdir().unwrap();
    let main = write(folder.path(), "a.xml", CALLS);
    let with = |out_of_call: Option<&ScenarioChoice>, receiving: Option<&ScenarioChoice>| {
        let (out_of_call, receiving) = (out_of_call.cloned(), receiving.cloned());
        check(&Options { out_of_call, receiving, ..options(main.clone()) })
    };
    let good = write(folder.path(), "good.xml", GOOD);
    assert_eq!(with(Some(&good), None), Exit::Success);
    assert_eq!(with(None, Some(&good)), Exit::Success);
    assert_eq!(with(Some(&good), Some(&good)), Exit::Success);
    let odd = write(folder.path(), "odd.xml", &format!("{GOOD}{LINT}"));
    let broken = write(folder.path(), "broken.xml", "<recv request=\"A\" next=\"nowhere\"/>");
    for bad in [&odd, &broken, &main] {
        assert_eq!(with(Some(bad), None), Exit::Refused, "{bad:?}");
        assert_eq!(with(None, Some(bad)), Exit::Refused, "{bad:?}");
    }
    let served = Options { out_of_call: Some(good.clone()), ..options(good) };
    assert_eq!(check(&served), Exit::Refused, "a server takes all unknown calls itself");
}

/// scenario.md §11: variables are shared, so `-set` may name one of any scenario.
#[test]
fn set_finds_the_variables_of_all_scenarios() {
    let folder = tempfile::tempdir().unwrap();
    let logs =
        "<Global variables=\"who\"/><recv request=\"A\"><action><log message=\"[$who]\"/></action></recv>";
    let mut options = options(write(folder.path(), "a.xml", CALLS));
    options.set.push(("who".to_owned(), "x".to_owned()));
    assert_eq!(check(&options), Exit::Refused);
    options.receiving = Some(write(folder.path(), "b.xml", logs));
    assert_eq!(check(&options), Exit::Success);
}
