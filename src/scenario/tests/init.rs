//! `<init>` (scenario.md §12).

use super::*;
use crate::scenario::plan::{Branch, Goto, StepIx, VarIx};

const SET_G: &str = "<nop><action><assignstr assign_to=\"g\" value=\"x\"/></action></nop>";

fn init(plan: &Plan) -> &Plan {
    plan.init.as_deref().unwrap()
}

/// §12.
#[test]
fn init_is_a_plan_of_its_own_with_the_variables_of_the_scenario() {
    let plan = plan(&format!(
        "<Global variables=\"g\"/><init>{SET_G}</init>{RECV}<nop><action><log message=\"[$g] [$c] [$c]\"/></action></nop>"
    ));
    assert_eq!((plan.steps.len(), init(&plan).steps.len()), (2, 1));
    let Action::AssignStr { to, .. } = &init(&plan).steps[0].actions[0] else { panic!() };
    assert_eq!(*to, VarIx::Global(0));
    assert_eq!(
        (init(&plan).variables.global.as_slice(), &*plan.variables.call),
        (&["g".to_owned()][..], &["c".to_owned()][..])
    );
    assert_eq!(init(&plan).variables.call, plan.variables.call);
}

/// §12: "several `<init>` elements are concatenated"; they may stand anywhere.
#[test]
fn several_init_elements_follow_each_other() {
    let plan = plan(&format!(
        "<init><nop/></init>{RECV}<init><nop next=\"e\"/></init><init><label id=\"e\"/><nop/></init>"
    ));
    assert_eq!((plan.steps.len(), init(&plan).steps.len()), (1, 3));
    let to = Goto::Step(StepIx(2));
    assert_eq!(init(&plan).steps[1].next, Some(Branch { to, test: None, chance: 1.0 }));
}

/// §6, §12: a namespace of its own, both ways.
#[test]
fn labels_of_init_and_of_the_scenario_do_not_meet() {
    let plan = plan(&format!(
        "<label id=\"1\"/>{RECV}<nop next=\"1\"/><init><nop/><label id=\"1\"/><nop/><nop next=\"1\"/></init>"
    ));
    assert_eq!(plan.steps[1].next.unwrap().to, Goto::Step(StepIx(0)));
    assert_eq!(init(&plan).steps[2].next.unwrap().to, Goto::Step(StepIx(1)));
    assert_eq!(
        error(&format!("<label id=\"1\"/>{RECV}<init><nop next=\"1\"/></init>")),
        "The label '1' was not defined (index 0, next attribute)"
    );
    assert_eq!(
        error(&format!("{RECV}<nop next=\"1\"/><init><label id=\"1\"/><nop/></init>")),
        "The label '1' was not defined (index 1, next attribute)"
    );
}

/// §12.
#[test]
fn only_nops_and_labels_are_allowed() {
    for element in ["pause", "send", "recv", "action", "Global"] {
        let sentence = format!("Invalid element in an init stanza: '{element}'");
        assert_eq!(error(&format!("{RECV}<init><{element}/></init>")), sentence);
    }
}

/// §12, Bug: SIPp crashes.
#[test]
fn a_label_in_init_needs_an_id() {
    let sentence = "label is missing the required 'id' parameter.";
    assert_eq!(error(&format!("{RECV}<init><label/><nop/></init>")), sentence);
}

/// §16: "A file with only `<init>` … fails".
#[test]
fn init_alone_is_no_scenario() {
    assert_eq!(error("<init><nop/></init>"), "Did not find any messages inside of scenario!");
}

/// §6, "Static rule": elements that are no steps do not count.
#[test]
fn init_may_stand_between_optional_recvs_and_behind_a_timewait() {
    let optional = "<recv request=\"A\" optional=\"true\"/>";
    let body = format!("{optional}<init><nop/></init>{RECV}<timewait/><init><nop/></init>");
    assert_eq!(init(&plan(&body)).steps.len(), 2);
}

/// §12: counters and response times exist, and are those of the scenario.
#[test]
fn response_times_and_counters_of_init_have_the_scenarios_slots() {
    let plan = plan(
        "<recv request=\"A\" start_rtd=\"r\" counter=\"c\"/><init><nop rtd=\"r\" counter=\"d\"/></init>",
    );
    assert_eq!(plan.steps[0].marks.start, init(&plan).steps[0].marks.stop.map(|stop| stop.rtd));
    assert_eq!((plan.counters.len(), init(&plan).counters.len(), init(&plan).rtds.len()), (2, 2, 1));
}

/// Nothing to run.
#[test]
fn an_empty_init_is_none() {
    assert!(plan(&format!("{RECV}<init/>")).init.is_none());
    assert!(plan(RECV).init.is_none());
}
