//! Attributes that count only beside another one, values that are taken literally, and what is not looked at.

use super::*;
use crate::scenario::plan::{Goto, Operand, Role, StepIx, StopWhat, Subject};

fn action_error(action: &str) -> String {
    error(&with_actions(action))
}

/// scenario.md §4, `chance`: "Only with `next`".
#[test]
fn chance_without_next_is_not_read() {
    let plan = plan(&format!("{RECV}<nop chance=\"7\"/>"));
    assert!(plan.steps[1].next.is_none());
}

/// scenario.md §4, `condexec_inverse`: "ignored without it".
#[test]
fn condexec_inverse_without_condexec_is_ignored() {
    assert!(plan(&format!("{RECV}<nop condexec_inverse=\"true\"/>")).steps[1].condexec.is_none());
}

/// scenario.md §5.7, `label`: "Content ignored".
#[test]
fn the_content_of_a_label_is_ignored() {
    let plan = plan(&format!("{RECV}<label id=\"1\"><nop counter=\"\"/>text</label><nop next=\"1\"/>"));
    assert_eq!(plan.steps.len(), 2);
    assert_eq!(plan.steps[1].next.map(|branch| branch.to), Some(Goto::Step(StepIx(1))));
}

/// scenario.md §13: the role follows the file order, "ignoring labels and jumps".
#[test]
fn the_role_does_not_follow_jumps() {
    let body = format!("<nop next=\"1\"/>{RECV}<label id=\"1\"/>{SEND}");
    assert_eq!(plan(&body).role, Role::Server);
}

/// actions.md §3.1: `header` is ignored but for `hdr`, `variable` but for `var`: "not even counted as a mention".
#[test]
fn header_and_variable_of_an_ereg_count_only_for_their_search() {
    let plan = plan_with_actions("<ereg regexp=\"x\" assign_to=\"a\" header=\"\" variable=\"lonely\"/>");
    assert!(matches!(only_action(&plan), Action::Ereg(ereg) if matches!(ereg.subject, Subject::Message)));
    let header = "<ereg regexp=\"x\" assign_to=\"a\" search_in=\"hdr\" header=\"To:\" variable=\"$\"/>";
    assert!(matches!(only_action(&plan_with_actions(header)), Action::Ereg(_)));
}

/// actions.md §1.4, "Not templates": `ereg` `regexp` and `header` hold no keywords.
#[test]
fn an_expression_and_a_header_name_hold_no_keywords() {
    let plan =
        plan_with_actions("<ereg regexp=\"[$q]\" assign_to=\"a\" search_in=\"hdr\" header=\"[nothing]\"/>");
    let Action::Ereg(ereg) = only_action(&plan) else { panic!() };
    assert_eq!(ereg.source, "[$q]");
    assert!(matches!(&ereg.subject, Subject::Header(search) if &*search.text == b"[nothing]"));
}

/// actions.md, Conventions, "number attribute": leading blanks, sign, exponent, hex; empty is 0; nothing behind it; no keywords.
#[test]
fn a_number_attribute_is_one_number_and_no_template() {
    for (text, number) in [(" 5", 5.0), ("-2.5e1", -25.0), ("0x10", 16.0), ("", 0.0), ("inf", f64::INFINITY)]
    {
        let plan = plan_with_actions(&format!("<assign assign_to=\"a\" value=\"{text}\"/>"));
        let Action::Assign { from: Operand::Number(found), .. } = only_action(&plan) else { panic!() };
        assert_eq!(*found, number, "{text:?}");
    }
    for text in ["5 ", "[$b]", "1,5"] {
        assert_eq!(
            action_error(&format!("<assign assign_to=\"a\" value=\"{text}\"/>")),
            format!("assign 'value' parameter, \"{text}\" is not a floating point number!")
        );
    }
}

/// actions.md §1.4 item 4: "an unclosed `[` is a load error".
#[test]
fn an_unclosed_keyword_in_an_action_is_refused() {
    let sentence = action_error("<log message=\"a [call_id\"/>");
    assert!(
        sentence.starts_with("Syntax error or invalid [keyword] in scenario while parsing '"),
        "{sentence}"
    );
}

/// actions.md §3.21: attributes are tried in order: `int_cmd` comes before the media ones.
#[test]
fn exec_takes_int_cmd_before_media() {
    let plan = plan_with_actions("<exec rtp_stream=\"x\" play_dtmf=\"1\" int_cmd=\"stop_now\"/>");
    assert!(matches!(only_action(&plan), Action::Stop(StopWhat::Process)));
}

/// actions.md §3, table: every action that writes needs `assign_to`.
#[test]
fn every_writing_action_needs_its_target() {
    for action in [
        "<add value=\"1\"/>",
        "<subtract value=\"1\"/>",
        "<multiply value=\"1\"/>",
        "<divide value=\"1\"/>",
        "<assignstr value=\"x\"/>",
        "<todouble variable=\"a\"/>",
        "<strcmp variable=\"a\" value=\"x\"/>",
        "<sample distribution=\"fixed\" value=\"1\"/>",
    ] {
        let name = action.trim_start_matches('<').split(' ').next().unwrap();
        let sentence = format!("{name} is missing the required 'assign_to' variable parameter.");
        assert_eq!(action_error(action), sentence);
    }
}

/// actions.md §3, table: the mandatory texts of `warning`, `error`, `strcmp` and `test`.
#[test]
fn error_strcmp_and_test_need_what_they_act_on() {
    assert_eq!(action_error("<error/>"), "error is missing the required 'message' parameter.");
    let missing = |name: &str| format!("{name} is missing the required 'variable' variable parameter.");
    assert_eq!(action_error("<strcmp assign_to=\"a\" value=\"x\"/>"), missing("strcmp"));
    assert_eq!(action_error("<test assign_to=\"a\" compare=\"equal\" value=\"1\"/>"), missing("test"));
}

/// actions.md §1.1: actions are read in every step, also where their results do not count.
#[test]
fn every_step_takes_actions() {
    let list = "<action><log message=\"x\"/></action>";
    let body = format!(
        "<send>{list}<![CDATA[A sip:a SIP/2.0]]></send><recv response=\"200\">{list}</recv><nop>{list}</nop>\
         <pause>{list}</pause><timewait>{list}</timewait>"
    );
    let counts: Vec<_> = plan(&body).steps.iter().map(|step| step.actions.len()).collect();
    assert_eq!(counts, [1; 5]);
}

/// scenario.md §16, "Limits": steps, labels, variables, RTDs, counters: none.
#[test]
fn a_scenario_may_have_thousands_of_everything() {
    let many: String = (0..5_000)
        .map(|n| format!("<label id=\"{n}\"/><nop next=\"{n}\" test=\"v{n}\" condexec=\"v{n}\" counter=\"c{n}\" rtd=\"r{n}\"/>"))
        .collect();
    let plan = plan(&format!("{RECV}{many}"));
    assert_eq!(plan.steps.len(), 5_001);
    assert_eq!(plan.steps[5_000].next.map(|branch| branch.to), Some(Goto::Step(StepIx(5_000))));
}
