//! Scenarios beside the main one: injection files and variables (scenario.md §14, cli.md §4.5).

use super::super::{Part, load_part};
use super::*;
use crate::inject::{FileOption, FileSpec};

/// The error sentences of a scenario for `part`, with a file of `-inf` and one of `-rxinf` as far as named.
fn errors_of(part: Part, files: &[(&str, FileOption)], body: &str) -> Vec<String> {
    let spec = |(path, option): &(&str, FileOption)| {
        (FileSpec { path: path.into(), option: *option }, &b"SEQUENTIAL\na;b\n"[..])
    };
    let files: Vec<_> = files.iter().map(spec).collect();
    let files = Files::from_bytes(&files, &[]).unwrap();
    let source = format!("<scenario name=\"t\">{body}</scenario>");
    let context = LoadContext { keys: &[], files: &files, credentials: Default::default() };
    match load_part(part, source.as_bytes(), "t.xml", &context, &mut Scopes::default()) {
        Ok(_) => Vec::new(),
        Err(failure) => messages(&failure.diagnostics, Severity::Error),
    }
}

fn answer_with(text: &str) -> String {
    format!("{RECV}<send><![CDATA[\nSIP/2.0 200 OK\nX: {text}\n\n]]></send>")
}

const AUTOMATIC: &str = "Automatic calls (created by -aa, -oocsn or -oocsf) cannot use input files!";
const INF: (&str, FileOption) = ("a.csv", FileOption::Inf);
const RXINF: (&str, FileOption) = ("b.csv", FileOption::RxInf);

/// actions.md §4.4: in SIPp this ends the run when the first such call answers, with 255.
#[test]
fn a_field_in_an_out_of_call_scenario_is_refused_while_loading_wherever_it_stands() {
    for field in ["[field0]", "[field1 file=\"a.csv\"]", "[field0 line=0]", "[field0 file=\"none.csv\"]"] {
        assert_eq!(errors_of(Part::OutOfCall, &[INF], &answer_with(field)), [AUTOMATIC], "{field}");
    }
    assert_eq!(errors_of(Part::OutOfCall, &[], &answer_with("[field0]")), [AUTOMATIC]);
    let action = format!("{RECV}<nop><action><log message=\"[field0]\"/></action></nop>");
    assert_eq!(errors_of(Part::OutOfCall, &[INF], &action), [AUTOMATIC]);
    let init = format!("<init><nop><action><log message=\"[field0]\"/></action></nop></init>{RECV}");
    assert_eq!(errors_of(Part::OutOfCall, &[INF], &init), [AUTOMATIC]);
}

/// actions.md §3.16: `lookup` names its file and needs no line of the call.
#[test]
fn an_out_of_call_scenario_may_look_injection_files_up() {
    let lookup = "<lookup assign_to=\"line\" file=\"a.csv\" key=\"a\"/><log message=\"[$line]\"/>";
    let body = format!("{RECV}<nop><action>{lookup}</action></nop>");
    assert_eq!(errors_of(Part::OutOfCall, &[INF], &body), [""; 0]);
}

/// cli.md §4.5; actions.md §4.1, Bug: a receiving scenario with only `-rxinf` has a default file.
#[test]
fn rxinf_is_a_default_file_for_the_receiving_scenario_only() {
    let none = "No injection file was specified!";
    let errors = |part, files: &[_]| errors_of(part, files, &answer_with("[field0]"));
    assert_eq!(errors(Part::Receiving, &[RXINF]), [""; 0]);
    assert_eq!(errors(Part::Receiving, &[INF]), [""; 0]);
    assert_eq!(errors(Part::Receiving, &[]), [none]);
    assert_eq!(errors(Part::Main, &[RXINF]), [none]);
    assert_eq!(errors_of(Part::Main, &[RXINF], &answer_with("[field0 file=b.csv]")), [""; 0]);
}
