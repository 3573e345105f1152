//! Actions: attribute rules and load errors.

use super::*;
use crate::scenario::plan::{
    Arithmetic, Check, Compare, Ereg, HeaderSearch, Operand, StopWhat, StrCmp, Subject, Test, TextOperand,
    VarIx,
};

const A: VarIx = VarIx::Call(0);
const B: VarIx = VarIx::Call(1);
const C: VarIx = VarIx::Call(2);

fn action_error(action: &str) -> String {
    error(&with_actions(action))
}

fn ereg(attributes: &str) -> Ereg {
    let mut plan = plan_with_actions(&format!("<ereg regexp=\"x\" {attributes}/>"));
    let actions = std::mem::take(&mut plan.steps[4].actions);
    match actions.into_iter().next() {
        Some(Action::Ereg(ereg)) => *ereg,
        other => panic!("{other:?}"),
    }
}

fn test(attributes: &str) -> Test {
    let mut plan = plan_with_actions(&format!("<test variable=\"a\" {attributes}/>"));
    match std::mem::take(&mut plan.steps[4].actions).into_iter().next() {
        Some(Action::Test(test)) => *test,
        other => panic!("{other:?}"),
    }
}

fn strcmp(attributes: &str) -> StrCmp {
    let mut plan = plan_with_actions(&format!("<strcmp variable=\"a\" {attributes}/>"));
    match std::mem::take(&mut plan.steps[4].actions).into_iter().next() {
        Some(Action::StrCmp(strcmp)) => *strcmp,
        other => panic!("{other:?}"),
    }
}

/// actions.md §1.1.
#[test]
fn actions_keep_their_order() {
    let plan = plan_with_actions("<log message=\"x\"/><warning message=\"x\"/><error message=\"x\"/>");
    let actions = &plan.steps[4].actions;
    assert!(matches!(**actions, [Action::Log(_), Action::Warning(_), Action::Error(_)]), "{actions:?}");
}

/// actions.md §1.1.
#[test]
fn an_empty_action_block_is_legal() {
    assert!(plan("<recv request=\"A\"><action/></recv>").steps[0].actions.is_empty());
}

/// actions.md §1.1: before or after the CDATA.
#[test]
fn a_send_has_its_actions_on_either_side_of_the_message() {
    let (log, cdata) = ("<action><log message=\"x\"/></action>", "<![CDATA[OPTIONS sip:a SIP/2.0]]>");
    for inside in [format!("{log}{cdata}"), format!("{cdata}{log}")] {
        assert_eq!(plan(&format!("<send>{inside}</send>")).steps[0].actions.len(), 1);
    }
}

/// scenario.md §2.2, Surprise: dead blocks must not run.
#[test]
fn a_second_action_block_is_ignored_with_a_warning() {
    let body = "<recv request=\"A\"><action><log message=\"x\"/></action><action><lgo/></action></recv>";
    assert_eq!(plan(body).steps[0].actions.len(), 1);
    assert_eq!(warnings(body), ["<action> is ignored: only the first element in <recv> counts"]);
}

/// scenario.md §2.2.
#[test]
fn actions_behind_another_child_are_ignored_with_a_warning() {
    let body = "<recv request=\"A\"><foo/><action><log message=\"x\"/></action></recv>";
    assert!(plan(body).steps[0].actions.is_empty());
    assert_eq!(warnings(body).len(), 2);
}

/// actions.md §1.1.
#[test]
fn an_unknown_action_is_refused_with_the_nearest_name() {
    let failure = load_body(&with_actions("<lgo message=\"x\"/>")).unwrap_err();
    assert_eq!(failure.diagnostics[0].message, "Unknown action: lgo");
    assert_eq!(failure.diagnostics[0].help.as_deref(), Some("did you mean <log>?"));
}

/// What rsipp does not have yet is refused by name.
#[test]
fn actions_that_are_not_built_yet_are_refused_by_name() {
    assert_eq!(action_error("<rtp_echo/>"), "not supported yet: <rtp_echo>");
}

/// actions.md §3, "Generic load errors".
#[test]
fn a_missing_text_is_named() {
    assert_eq!(action_error("<log/>"), "log is missing the required 'message' parameter.");
    assert_eq!(action_error("<warning/>"), "warning is missing the required 'message' parameter.");
    assert_eq!(
        action_error("<assignstr assign_to=\"a\"/>"),
        "assignstr is missing the required 'value' parameter."
    );
    assert_eq!(
        action_error("<test assign_to=\"b\" variable=\"a\" value=\"1\"/>"),
        "test is missing the required 'compare' parameter."
    );
}

/// actions.md §3, "Generic load errors".
#[test]
fn a_missing_variable_is_named() {
    let missing =
        |action: &str, name: &str| format!("{action} is missing the required '{name}' variable parameter.");
    assert_eq!(action_error("<assign value=\"1\"/>"), missing("assign", "assign_to"));
    assert_eq!(action_error("<todouble assign_to=\"a\"/>"), missing("todouble", "variable"));
    assert_eq!(
        action_error("<test variable=\"a\" compare=\"equal\" value=\"1\"/>"),
        missing("test", "assign_to")
    );
    assert_eq!(action_error("<strcmp variable=\"a\" assign_to=\"b\"/>"), missing("strcmp", "variable2"));
    assert_eq!(
        action_error("<test variable=\"a\" compare=\"equal\" check_it=\"true\"/>"),
        missing("test", "variable2")
    );
}

/// actions.md §2.1: the sentence ends with the action.
#[test]
fn a_bad_variable_name_is_refused_for_its_action() {
    assert_eq!(
        action_error("<assign assign_to=\"\" value=\"1\"/>"),
        "Transaction names may not be empty for assign"
    );
    assert_eq!(
        action_error("<assignstr assign_to=\"$a\" value=\"1\"/>"),
        "Transaction names may not contain '$' or ',' for assignstr"
    );
    assert_eq!(action_error("<jump variable=\"\"/>"), "Transaction names may not be empty for jump");
}

/// actions.md §3.4.
#[test]
fn assign_takes_a_number_or_a_variable() {
    let plan = plan_with_actions("<assign assign_to=\"a\" value=\"0x10\"/>");
    assert!(matches!(only_action(&plan), Action::Assign { to: A, from: Operand::Number(16.0) }));
    let plan = plan_with_actions("<assign assign_to=\"a\" variable=\"b\"/>");
    assert!(matches!(only_action(&plan), Action::Assign { to: A, from: Operand::Variable(B) }));
}

/// actions.md §3, "Generic load errors".
#[test]
fn value_and_variable_exclude_each_other_and_one_is_needed() {
    for name in ["assign", "add", "subtract", "multiply", "divide"] {
        assert_eq!(
            action_error(&format!("<{name} assign_to=\"a\" value=\"1\" variable=\"b\"/>")),
            format!("Value and variable are mutually exclusive for {name} action!")
        );
        assert_eq!(
            action_error(&format!("<{name} assign_to=\"a\"/>")),
            format!("No value or variable defined for {name} action!")
        );
    }
    assert_eq!(action_error("<jump/>"), "No value or variable defined for jump action!");
}

/// scenario.md §2.3.
#[test]
fn numbers_of_actions_are_checked() {
    assert_eq!(
        action_error("<assign assign_to=\"a\" value=\"1s\"/>"),
        "assign 'value' parameter, \"1s\" is not a floating point number!"
    );
    assert_eq!(
        action_error("<jump value=\"q\"/>"),
        "jump 'value' parameter, \"q\" is not a floating point number!"
    );
}

/// actions.md §3.4.
#[test]
fn the_four_operations_are_told_apart() {
    let cases = [
        ("add", Arithmetic::Add),
        ("subtract", Arithmetic::Subtract),
        ("multiply", Arithmetic::Multiply),
        ("divide", Arithmetic::Divide),
    ];
    for (name, expected) in cases {
        let plan = plan_with_actions(&format!("<{name} assign_to=\"b\" value=\"2\"/>"));
        let action = only_action(&plan);
        assert!(
            matches!(action, Action::Arithmetic { op, to: B, by: Operand::Number(2.0) } if *op == expected)
        );
    }
}

/// actions.md §3.4.
#[test]
fn a_division_by_a_written_zero_is_refused() {
    for zero in ["0", "0.0", "-0", "0x0", ""] {
        assert_eq!(
            action_error(&format!("<divide assign_to=\"a\" value=\"{zero}\"/>")),
            "divide actions can not have a value of zero!"
        );
    }
}

/// actions.md §3.9.
#[test]
fn todouble_has_a_source_and_a_target() {
    let plan = plan_with_actions("<todouble assign_to=\"a\" variable=\"b\"/>");
    assert!(matches!(only_action(&plan), Action::ToDouble { to: A, from: B }));
}

/// actions.md §3.7.
#[test]
fn test_knows_six_comparisons() {
    let cases = [
        ("equal", Compare::Equal),
        ("not_equal", Compare::NotEqual),
        ("greater_than", Compare::Greater),
        ("less_than", Compare::Less),
        ("greater_than_equal", Compare::GreaterEqual),
        ("less_than_equal", Compare::LessEqual),
    ];
    for (text, expected) in cases {
        assert_eq!(test(&format!("assign_to=\"b\" value=\"1\" compare=\"{text}\"")).compare, expected);
    }
    assert_eq!(
        action_error("<test assign_to=\"b\" variable=\"a\" value=\"1\" compare=\"eq\"/>"),
        "Invalid 'compare' parameter: eq"
    );
}

/// actions.md §3.7.
#[test]
fn test_compares_with_a_value_or_a_second_variable() {
    assert_eq!(test("assign_to=\"b\" compare=\"equal\" value=\"\"").right, Operand::Number(0.0));
    assert_eq!(test("assign_to=\"b\" compare=\"equal\" variable2=\"c\"").right, Operand::Variable(C));
    assert_eq!(
        action_error("<test assign_to=\"b\" variable=\"a\" value=\"1\" variable2=\"c\" compare=\"equal\"/>"),
        "Can not have both a value and a variable2 for test!"
    );
}

/// actions.md §3.7.
#[test]
fn test_needs_no_target_beside_a_check() {
    let checked = test("compare=\"equal\" value=\"1\" check_it=\"true\"");
    assert_eq!((checked.to, checked.check), (None, Some(Check::MustHold)));
    let inverse = test("compare=\"equal\" value=\"1\" check_it_inverse=\"true\"");
    assert_eq!((inverse.to, inverse.check), (None, Some(Check::MustNotHold)));
}

/// actions.md §3.7, Bug: nothing to do instead of a crash.
#[test]
fn test_with_a_check_that_is_off_and_no_target_loads() {
    let idle = test("compare=\"equal\" value=\"1\" check_it=\"false\"");
    assert_eq!((idle.to, idle.check), (None, None));
}

/// actions.md §3.1, §3.7, §3.8: even when both say false.
#[test]
fn both_checks_at_once_are_refused() {
    let both = "check_it=\"false\" check_it_inverse=\"false\"";
    let sentence = |name: &str| format!("Can not have both check_it and check_it_inverse for {name}!");
    assert_eq!(
        action_error(&format!("<test assign_to=\"b\" variable=\"a\" value=\"1\" compare=\"equal\" {both}/>")),
        sentence("test")
    );
    assert_eq!(
        action_error(&format!("<strcmp assign_to=\"b\" variable=\"a\" value=\"1\" {both}/>")),
        sentence("strcmp")
    );
    assert_eq!(action_error(&format!("<ereg regexp=\"x\" assign_to=\"b\" {both}/>")), sentence("ereg"));
}

/// scenario.md §2.3.
#[test]
fn a_check_is_a_truth_value() {
    assert_eq!(
        action_error("<strcmp assign_to=\"b\" variable=\"a\" value=\"1\" check_it=\"yes\"/>"),
        "strcmp 'check_it' parameter, \"yes\" is not a valid boolean!"
    );
}

/// actions.md §3.8: the text is literal and may be empty.
#[test]
fn strcmp_takes_its_value_literally() {
    let right = strcmp("assign_to=\"b\" value=\"[$x]\"").right;
    assert!(matches!(right, TextOperand::Literal(text) if &*text == b"[$x]"));
    assert!(
        matches!(strcmp("assign_to=\"b\" value=\"\"").right, TextOperand::Literal(text) if text.is_empty())
    );
    assert!(matches!(strcmp("assign_to=\"b\" variable2=\"c\"").right, TextOperand::Variable(C)));
    assert_eq!(
        action_error("<strcmp assign_to=\"b\" variable=\"a\" value=\"x\" variable2=\"c\"/>"),
        "Can not have both a value and a variable2 for strcmp!"
    );
}

/// actions.md §3.1.
#[test]
fn ereg_looks_in_the_message_unless_told_otherwise() {
    assert!(matches!(ereg("assign_to=\"a\"").subject, Subject::Message));
    assert!(matches!(ereg("assign_to=\"a\" search_in=\"msg\"").subject, Subject::Message));
    assert!(matches!(ereg("assign_to=\"a\" search_in=\"body\"").subject, Subject::Body));
    assert!(matches!(ereg("assign_to=\"a\" search_in=\"var\" variable=\"b\"").subject, Subject::Variable(B)));
    assert_eq!(
        action_error("<ereg regexp=\"x\" assign_to=\"a\" search_in=\"foo\"/>"),
        "Unknown search_in value foo"
    );
}

fn header_search(attributes: &str) -> HeaderSearch {
    match ereg(&format!("assign_to=\"a\" search_in=\"hdr\" header=\"To:\" {attributes}")).subject {
        Subject::Header(header) => header,
        other => panic!("{other:?}"),
    }
}

/// actions.md §3.1.
#[test]
fn a_header_search_has_three_refinements() {
    let plain = header_search("");
    assert_eq!(&*plain.text, b"To:");
    assert!(!plain.case_independent && !plain.start_line && plain.occurrence == 1);
    let refined = header_search("case_indep=\"true\" start_line=\"1\" occurrence=\"3\"");
    assert!(refined.case_independent && refined.start_line && refined.occurrence == 3);
}

/// actions.md §3.1: the misspelling counts if the right word is absent; junk, 0 and negatives mean 1.
#[test]
fn occurrence_is_read_like_atol() {
    assert_eq!(header_search("occurence=\"2\"").occurrence, 2);
    assert_eq!(header_search("occurence=\"2\" occurrence=\"3\"").occurrence, 3);
    for (text, expected) in [("0", 1), ("-4", 1), ("x", 1), ("2x", 2), (" +7", 7), ("", 1)] {
        assert_eq!(header_search(&format!("occurrence=\"{text}\"")).occurrence, expected, "{text:?}");
    }
}

/// actions.md §3.1.
#[test]
fn a_header_search_needs_a_header() {
    for header in ["", "header=\"\""] {
        assert_eq!(
            action_error(&format!("<ereg regexp=\"x\" assign_to=\"a\" search_in=\"hdr\" {header}/>")),
            "search_in=\"hdr\" requires header field"
        );
    }
}

/// actions.md §3.1, scenario.md §11: lists are trimmed.
#[test]
fn ereg_assigns_the_match_and_then_its_groups() {
    assert_eq!(*ereg("assign_to=\"a, b,c\"").to, [A, B, C]);
}

/// actions.md §3.1.
#[test]
fn ereg_needs_its_regexp_and_its_targets() {
    assert_eq!(action_error("<ereg assign_to=\"a\"/>"), "ereg is missing the required 'regexp' parameter.");
    assert_eq!(action_error("<ereg regexp=\"x\"/>"), "assign_to value is missing");
    assert_eq!(
        action_error("<ereg regexp=\"x\" assign_to=\"a\" search_in=\"var\"/>"),
        "ereg is missing the required 'variable' variable parameter."
    );
}

/// actions.md §3.1.
#[test]
fn empty_entries_in_the_targets_are_refused() {
    let target = |list: &str| action_error(&format!("<ereg regexp=\"x\" assign_to=\"{list}\"/>"));
    assert_eq!(target(""), "Transaction names may not be empty for assign_to");
    assert_eq!(target("$a"), "Transaction names may not contain '$' or ',' for assign_to");
    assert_eq!(target("a,,b"), "Transaction names may not be empty for sub expression assign_to");
    assert_eq!(target("a,"), "Transaction names may not be empty for sub expression assign_to");
}

/// actions.md §3.1: "Better: load error".
#[test]
fn ereg_takes_at_most_nine_groups() {
    let ten = "a,a,a,a,a,a,a,a,a,a";
    assert_eq!(ereg(&format!("assign_to=\"{ten}\"")).to.len(), 10);
    let sentence = "You can only have nine sub expressions!";
    assert_eq!(action_error(&format!("<ereg regexp=\"x\" assign_to=\"{ten},a\"/>")), sentence);
}

/// actions.md §3.1.
#[test]
fn a_bad_expression_is_refused_at_load() {
    assert_eq!(
        action_error("<ereg regexp=\"(a\" assign_to=\"a\"/>"),
        "recomp error : regular expression '(a' - error 'Unmatched ( or \\('"
    );
}

/// actions.md §1.4: attribute decoding comes first.
#[test]
fn an_expression_is_decoded_once() {
    let plan = plan_with_actions("<ereg regexp=\"&lt;\\\"\\\\.\\.&amp;lt;\" assign_to=\"a\"/>");
    assert!(matches!(only_action(&plan), Action::Ereg(ereg) if ereg.source == "<\"\\.\\.&lt;"));
}

/// actions.md §1.2, Bug: there is no current message.
#[test]
fn ereg_in_a_step_without_message_gets_a_warning() {
    let action = "<action><ereg regexp=\"x\" assign_to=\"_\"/></action>";
    let sentence = "<ereg> looks in a message, but this step has none: it never matches";
    for step in ["nop", "pause", "timewait"] {
        assert_eq!(warnings(&format!("{RECV}<{step}>{action}</{step}>")), [sentence]);
    }
    let variable = "<action><ereg regexp=\"x\" assign_to=\"_\" search_in=\"var\" variable=\"_\"/></action>";
    assert_eq!(warnings(&format!("{RECV}<nop>{variable}</nop>")), Vec::<String>::new());
}

/// actions.md §3.14.
#[test]
fn jump_takes_a_number_or_a_variable() {
    let plan = plan_with_actions("<jump value=\"2\"/>");
    assert!(matches!(only_action(&plan), Action::Jump(Operand::Number(2.0))));
    let plan = plan_with_actions("<jump variable=\"b\"/>");
    assert!(matches!(only_action(&plan), Action::Jump(Operand::Variable(B))));
}

/// actions.md §3.21: the first attribute that is present decides.
#[test]
fn exec_runs_a_command_before_anything_else() {
    let plan = plan_with_actions("<exec int_cmd=\"stop_now\" command=\"\" rtp_stream=\"x\"/>");
    assert!(matches!(only_action(&plan), Action::Command(_)));
}

/// actions.md §3.21.
#[test]
fn exec_stops_a_call_new_calls_or_the_process() {
    for (text, expected) in [
        ("stop_call", StopWhat::Call),
        ("stop_gracefully", StopWhat::NewCalls),
        ("stop_now", StopWhat::Process),
    ] {
        let plan = plan_with_actions(&format!("<exec int_cmd=\"{text}\"/>"));
        assert!(matches!(only_action(&plan), Action::Stop(what) if *what == expected));
    }
}

/// actions.md §3.21: anything unrecognised is `stop_call`.
#[test]
fn an_unknown_int_cmd_stops_the_call_with_a_warning() {
    let action = "<exec int_cmd=\"foo\"/>";
    assert!(matches!(only_action(&plan_with_actions(action)), Action::Stop(StopWhat::Call)));
    assert_eq!(warnings(&with_actions(action)), ["int_cmd 'foo' is unknown: taken for stop_call"]);
}

/// actions.md §3.21.
#[test]
fn exec_must_say_what() {
    assert_eq!(action_error("<exec/>"), "illegal <exec> in the scenario");
}

/// What rsipp does not have yet is refused by name.
#[test]
fn media_commands_are_refused_by_name() {
    for name in
        ["play_pcap_audio", "play_pcap_image", "play_pcap_video", "play_dtmf", "rtp_stream", "rtp_echo"]
    {
        assert_eq!(action_error(&format!("<exec {name}=\"x\"/>")), format!("not supported yet: exec {name}"));
    }
}

/// keywords.md §3.3.
#[test]
fn an_unknown_keyword_in_an_action_is_refused_at_its_place() {
    let body = with_actions("<log message=\"&lt;[nosuchkeyword]\"/>");
    let failure = load_body(&body).unwrap_err();
    assert_eq!(failure.diagnostics[0].message, "Unsupported keyword 'nosuchkeyword' in xml scenario file");
    let source = format!("<scenario name=\"t\">{body}</scenario>");
    assert!(source[failure.diagnostics[0].labels[0].0.clone()].contains("nosuchkeyword"));
}
