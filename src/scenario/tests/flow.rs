//! Labels, branches and the static rules about the order of steps.

use super::*;
use crate::scenario::plan::{Goto, StepIx};

/// scenario.md §6.
#[test]
fn labels_work_forward_and_backward() {
    let plan =
        plan(&format!("<label id=\"a\"/>{RECV}<nop next=\"b\"/><nop next=\"a\"/><label id=\"b\"/><nop/>"));
    assert_eq!(plan.steps[1].next.unwrap().to, Goto::Step(StepIx(3)));
    assert_eq!(plan.steps[2].next.unwrap().to, Goto::Step(StepIx(0)));
}

/// scenario.md §7.4, Bug: index 0 must branch like any other.
#[test]
fn a_label_at_the_first_step_is_a_step_like_any_other() {
    let plan =
        plan("<label id=\"a\"/><recv request=\"A\" optional=\"true\" next=\"a\"/><recv request=\"B\"/>");
    assert_eq!(plan.steps[0].next.unwrap().to, Goto::Step(StepIx(0)));
}

/// scenario.md §6.
#[test]
fn a_label_behind_the_last_step_is_the_end() {
    let plan = plan("<recv request=\"A\" next=\"e\" ontimeout=\"e\"/><label id=\"e\"/>");
    assert_eq!(plan.steps[0].next.unwrap().to, Goto::End);
    assert_eq!(plan.steps[0].on_timeout, Some(Goto::End));
}

/// scenario.md §5.7.
#[test]
fn a_label_names_the_next_step_not_the_next_element() {
    let plan = plan(&format!("{RECV}<label id=\"a\"/><CallLengthRepartition value=\"1\"/><nop next=\"a\"/>"));
    assert_eq!(plan.steps[1].next.unwrap().to, Goto::Step(StepIx(1)));
}

/// scenario.md §6: an empty name is a name.
#[test]
fn an_empty_label_is_an_ordinary_one() {
    assert_eq!(
        plan("<label id=\"\"/><recv request=\"A\" next=\"\"/>").steps[0].next.unwrap().to,
        Goto::Step(StepIx(0))
    );
}

/// scenario.md §6.
#[test]
fn an_undefined_label_is_refused_with_its_step_and_attribute() {
    assert_eq!(
        errors(&format!("{RECV}<nop next=\"9\" ontimeout=\"8\"/>")),
        [
            "The label '9' was not defined (index 1, next attribute)",
            "The label '8' was not defined (index 1, ontimeout attribute)"
        ]
    );
}

/// style.md §4.8.
#[test]
fn an_undefined_label_shows_the_nearest_one() {
    let failure = load_body("<label id=\"busy\"/><recv request=\"A\" next=\"bsy\"/>").unwrap_err();
    let labels: Vec<_> = failure.diagnostics[0].labels.iter().map(|(_, label)| label.as_str()).collect();
    assert_eq!(labels, ["jumps to it", "nearest label"]);
}

/// scenario.md §5.7.
#[test]
fn a_label_may_be_defined_once() {
    assert_eq!(
        error(&format!("<label id=\"1\"/>{RECV}<label id=\"1\"/>")),
        "The label name '1' is used twice."
    );
}

/// scenario.md §5.7.
#[test]
fn a_label_needs_an_id() {
    assert_eq!(error(&format!("{RECV}<label/>")), "label is missing the required 'id' parameter.");
}

/// scenario.md §4, "chance".
#[test]
fn chance_is_a_probability_and_defaults_to_certainty() {
    let chance = |attribute: &str| {
        plan(&format!("<label id=\"a\"/><recv request=\"A\" next=\"a\" {attribute}/>")).steps[0]
            .next
            .unwrap()
            .chance
    };
    assert_eq!(chance(""), 1.0);
    assert_eq!(chance("chance=\"0.25\""), 0.25);
    assert_eq!(chance("chance=\"\""), 0.0);
}

/// scenario.md §4, "chance".
#[test]
fn a_chance_out_of_range_is_refused_as_written() {
    for text in ["1.5", "-0.25", "1e10", "nan"] {
        let body = format!("{RECV}<label id=\"a\"/><nop next=\"a\" chance=\"{text}\"/>");
        assert_eq!(error(&body), format!("Chance {text} not in range [0..1]"));
    }
    let body = format!("{RECV}<label id=\"a\"/><nop next=\"a\" chance=\"x\"/>");
    assert_eq!(error(&body), "chance, \"x\" is not a floating point number!");
}

/// scenario.md §4: without `next`, `test` is not even parsed.
#[test]
fn test_without_next_is_no_mention_and_gets_a_warning() {
    assert_eq!(warnings("<recv request=\"A\" test=\"$\"/>"), ["test has no effect without next"]);
}

/// scenario.md §4.
#[test]
fn test_with_next_is_part_of_the_branch() {
    let plan = plan("<label id=\"a\"/><recv request=\"A\" next=\"a\" test=\"v\" condexec=\"v\"/>");
    let branch = plan.steps[0].next.unwrap();
    assert_eq!(branch.test, Some(plan.steps[0].condexec.unwrap().var));
}

/// scenario.md §6, "Static rule for optional recv".
#[test]
fn after_an_optional_recv_only_a_recv_may_come() {
    let optional = "<recv request=\"A\" optional=\"true\"/>";
    for next in [SEND, "<pause/>", "<nop/>", "<timewait/>"] {
        let body = format!("{RECV}{optional}<label id=\"1\"/>{next}");
        let sentence = "<recv> before <send> sequence without a mandatory message. Please remove one 'optional=true' (element 4).";
        assert_eq!(error(&body), sentence);
    }
}

/// scenario.md §6, "Static rule for optional recv".
#[test]
fn optional_recvs_may_follow_each_other_and_end_the_file() {
    let optional = "<recv request=\"A\" optional=\"true\"/>";
    assert_eq!(plan(&format!("{optional}{optional}{RECV}{SEND}{optional}")).steps.len(), 5);
}

/// scenario.md §5.4.
#[test]
fn timewait_must_be_the_last_step() {
    let sentence = "<timewait> can only be the last message in a scenario!";
    assert_eq!(error(&format!("{RECV}<timewait/><nop/>")), sentence);
    assert_eq!(error(&format!("{RECV}<timewait/><timewait/>")), sentence);
}

/// scenario.md §5.4: elements that are no steps may follow.
#[test]
fn labels_and_tables_may_follow_a_timewait() {
    let plan = plan(&format!(
        "{RECV}<timewait milliseconds=\"5\"/><label id=\"1\"/><CallLengthRepartition value=\"1\"/>"
    ));
    assert!(matches!(plan.steps[1].kind, StepKind::TimeWait(_)));
}

/// scenario.md §5.4.
#[test]
fn a_timewait_can_not_jump() {
    assert_eq!(
        errors(&format!("<label id=\"1\"/>{RECV}<timewait next=\"1\" ontimeout=\"1\"/>")),
        [
            "next labels are not allowed in <timewait> elements.",
            "ontimeout labels are not allowed in <timewait> elements."
        ]
    );
}
