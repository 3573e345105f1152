//! Actions on the clock, the call's place, injection files and the destination: attribute rules (actions.md §3).

use super::*;
use crate::scenario::plan::{Operand, VarIx};

fn action_error(action: &str) -> String {
    error(&with_actions(action))
}

/// The variables of [`plan_with_actions`].
const A: VarIx = VarIx::Call(0);
const B: VarIx = VarIx::Call(1);

fn missing(action: &str, attribute: &str, what: &str) {
    let name = action.trim_start_matches('<').split([' ', '/']).next().unwrap();
    let sentence = format!("{name} is missing the required '{attribute}' {what}.");
    assert_eq!(action_error(action), sentence);
}

/// actions.md §3.10-§3.12: the attribute is `assign_to` for one, `variable` for the others.
#[test]
fn actions_on_one_variable_need_its_name() {
    for name in ["trim", "index"] {
        missing(&format!("<{name}/>"), "assign_to", "variable parameter");
    }
    for name in ["urlencode", "urldecode"] {
        missing(&format!("<{name}/>"), "variable", "variable parameter");
    }
    let plan = plan_with_actions(
        "<trim assign_to=\"a\"/><index assign_to=\"a\"/><urlencode variable=\"a\"/><urldecode variable=\"a\"/>",
    );
    let actions = &*plan.steps[4].actions;
    assert!(matches!(
        actions,
        [Action::Trim(A), Action::Index(A), Action::UrlEncode(A), Action::UrlDecode(A)]
    ));
}

/// actions.md §3.10: "The attribute is `assign_to`, not `variable`".
#[test]
fn trim_does_not_take_the_attribute_of_its_neighbours() {
    missing("<trim variable=\"a\"/>", "assign_to", "variable parameter");
}

/// actions.md §3.13.
#[test]
fn gettimeofday_needs_two_names() {
    let plan = plan_with_actions("<gettimeofday assign_to=\"a, b\"/>");
    assert!(matches!(only_action(&plan), Action::GetTimeOfDay { seconds: A, micros: B }));
    assert_eq!(action_error("<gettimeofday/>"), "assign_to value is missing");
    for list in ["a", "a,b,c", ""] {
        let sentence = "The gettimeofday action requires two output variables!";
        assert_eq!(action_error(&format!("<gettimeofday assign_to=\"{list}\"/>")), sentence);
    }
}

/// actions.md §3.15 and the generic load errors.
#[test]
fn pauserestore_takes_a_value_or_a_variable() {
    let plan = plan_with_actions("<pauserestore value=\"500\"/>");
    assert!(matches!(only_action(&plan), Action::PauseRestore(Operand::Number(500.0))));
    assert_eq!(
        action_error("<pauserestore value=\"1\" variable=\"a\"/>"),
        "Value and variable are mutually exclusive for pauserestore action!"
    );
    assert_eq!(action_error("<pauserestore/>"), "No value or variable defined for pauserestore action!");
}

/// actions.md §3.16-§3.19: mandatory attributes, each a template.
#[test]
fn actions_on_files_and_the_destination_need_their_texts() {
    for attributes in [
        ("lookup", ["assign_to=\"a\"", "file=\"f\"", "key=\"[$b]\""]),
        ("replace", ["file=\"f\"", "line=\"[$b]\"", "value=\"v\""]),
        ("setdest", ["host=\"[$b]\"", "port=\"5060\"", "protocol=\"[transport]\""]),
    ] {
        let (name, attributes) = attributes;
        let whole = format!("<{name} {}/>", attributes.join(" "));
        assert_eq!(plan_with_actions(&whole).steps[4].actions.len(), 1, "{name}");
        for attribute in attributes {
            let lacking = whole.replace(attribute, "");
            let attribute = attribute.split('=').next().unwrap();
            missing(
                &lacking,
                attribute,
                if attribute == "assign_to" { "variable parameter" } else { "parameter" },
            );
        }
    }
    assert!(matches!(
        only_action(&plan_with_actions("<insert file=\"f\" value=\"\"/>")),
        Action::Insert { .. }
    ));
    missing("<insert file=\"f\"/>", "value", "parameter");
    missing("<insert value=\"x\"/>", "file", "parameter");
}

/// actions.md §1.4, item 4: an unknown keyword in any of the texts.
#[test]
fn keywords_in_the_texts_of_an_action_are_checked() {
    let sentence = "Unsupported keyword 'nothing' in xml scenario file";
    assert_eq!(action_error("<insert file=\"f\" value=\"[nothing]\"/>"), sentence);
    assert_eq!(action_error("<setdest host=\"[nothing]\" port=\"1\" protocol=\"udp\"/>"), sentence);
}

/// actions.md §3.20.
#[test]
fn closecon_takes_nothing() {
    assert!(matches!(only_action(&plan_with_actions("<closecon/>")), Action::CloseCon));
}
