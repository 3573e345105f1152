//! Variables that nothing reads cost calls nothing.

use super::*;
use crate::scenario::plan::{Operand, VarIx};

fn assign(name: &str) -> String {
    format!("<assignstr assign_to=\"{name}\" value=\"x\"/>")
}

/// A call holds what is read, however much is assigned.
#[test]
fn thirty_assigned_variables_and_one_read_take_one_slot() {
    let names: Vec<String> = (0..30).map(|number| format!("v{number}")).collect();
    let actions: String = names.iter().map(|name| assign(name)).collect();
    let plan = plan(&format!(
        "<recv request=\"A\"><action>{actions}{}<log message=\"[$read]\"/></action></recv><Reference variables=\"{}\"/>",
        assign("read"),
        names.join(",")
    ));
    assert_eq!((plan.variables.call.as_slice(), plan.variables.unread.len()), (&["read".to_owned()][..], 30));
    let targets: Vec<VarIx> = plan.steps[0]
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::AssignStr { to, .. } => Some(*to),
            _ => None,
        })
        .collect();
    assert_eq!((targets[0], targets[29], targets[30]), (VarIx::Unread(0), VarIx::Unread(29), VarIx::Call(0)));
    assert_eq!(plan.variables.name(targets[29]), "v29");
}

/// An action with an unread target is still there: its check counts.
#[test]
fn a_checked_ereg_with_unread_targets_stays() {
    let plan = plan(
        "<recv request=\"A\"><action><ereg regexp=\"(x)\" check_it=\"true\" assign_to=\"a,b\"/></action></recv><Reference variables=\"a,b\"/>",
    );
    let Action::Ereg(ereg) = &plan.steps[0].actions[0] else { panic!() };
    assert_eq!(*ereg.to, [VarIx::Unread(0), VarIx::Unread(1)]);
    assert!(ereg.check.is_some() && plan.variables.call.is_empty());
}

/// What only assigns, even from its own value, does not read.
#[test]
fn assignments_are_no_reads() {
    for action in [
        "<assign assign_to=\"a\" value=\"1\"/>",
        "<add assign_to=\"a\" value=\"1\"/>",
        "<trim assign_to=\"a\"/>",
        "<urlencode variable=\"a\"/>",
        "<urldecode variable=\"a\"/>",
        "<index assign_to=\"a\"/>",
        "<sample assign_to=\"a\" distribution=\"fixed\" value=\"1\"/>",
        "<lookup assign_to=\"a\" file=\"f\" key=\"k\"/>",
        "<gettimeofday assign_to=\"a,a\"/>",
        "<test assign_to=\"a\" variable=\"r\" compare=\"equal\" value=\"1\"/>",
        "<strcmp assign_to=\"a\" variable=\"r\" value=\"1\"/>",
        "<todouble assign_to=\"a\" variable=\"r\"/>",
    ] {
        let plan = plan(&format!(
            "{RECV}<nop condexec=\"r\"><action>{action}</action></nop><Reference variables=\"a,r\"/>"
        ));
        assert_eq!(plan.variables.unread, ["a"], "{action}");
        assert_eq!(plan.variables.call, ["r"], "{action}");
    }
}

/// Every place that looks at a value.
#[test]
fn every_look_at_a_value_is_a_read() {
    for step in [
        "<nop condexec=\"a\"/>",
        "<label id=\"1\"/><nop next=\"1\" test=\"a\"/>",
        "<pause variable=\"a\"/>",
        "<send><![CDATA[BYE sip:[$a] SIP/2.0]]></send>",
        "<nop><action><log message=\"[fill variable=a]\"/></action></nop>",
        "<nop><action><insert file=\"f\" value=\"[$a]\"/></action></nop>",
        "<nop><action><setdest host=\"[$a]\" port=\"1\" protocol=\"udp\"/></action></nop>",
        "<nop><action><assign assign_to=\"_\" variable=\"a\"/></action></nop>",
        "<nop><action><add assign_to=\"_\" variable=\"a\"/></action></nop>",
        "<nop><action><todouble assign_to=\"_\" variable=\"a\"/></action></nop>",
        "<nop><action><test assign_to=\"_\" variable=\"a\" compare=\"equal\" value=\"1\"/></action></nop>",
        "<nop><action><strcmp assign_to=\"_\" variable=\"_\" variable2=\"a\"/></action></nop>",
        "<nop><action><jump variable=\"a\"/></action></nop>",
        "<nop><action><pauserestore variable=\"a\"/></action></nop>",
        "<nop><action><ereg search_in=\"var\" variable=\"a\" regexp=\"x\" assign_to=\"_\"/></action></nop>",
        "<init><nop condexec=\"a\"/></init>",
        "<DefaultMessage id=\"bye\"><![CDATA[BYE sip:[$a] SIP/2.0]]></DefaultMessage>",
    ] {
        let plan = plan(&format!("{RECV}<nop><action>{}</action></nop>{step}", assign("a")));
        assert!(plan.variables.call.iter().any(|name| name == "a"), "{step}");
    }
}

/// scenario.md §7.6: the engine itself reads the guard against recursion, but not the end of the pause.
#[test]
fn the_step_to_return_to_is_read_by_the_engine() {
    let plan = plan(&format!(
        "{RECV}<label id=\"_unexp.main\"/><nop><action>{}{}</action></nop>",
        assign("_unexp.retaddr"),
        assign("_unexp.pausedaddr")
    ));
    let handler = plan.unexpected.unwrap();
    assert_eq!((handler.return_to, handler.paused_until), (Some(VarIx::Call(0)), Some(VarIx::Unread(0))));
}

/// scenario.md §12: one numbering for both.
#[test]
fn init_and_scenario_share_the_new_numbers() {
    let plan = plan(&format!(
        "{RECV}<nop><action>{}</action></nop><init><nop><action><assign assign_to=\"b\" variable=\"c\"/></action></nop></init><nop condexec=\"c\"/><Reference variables=\"a,b\"/>",
        assign("a")
    ));
    let init = plan.init.as_deref().unwrap();
    let Action::Assign { to, from } = &init.steps[0].actions[0] else { panic!() };
    assert_eq!((*to, *from), (VarIx::Unread(1), Operand::Variable(VarIx::Call(0))));
    assert_eq!(init.variables.unread, ["a", "b"]);
    assert_eq!(plan.steps[2].condexec.unwrap().var, VarIx::Call(0));
}

/// scenario.md §11: others may read them.
#[test]
fn user_and_global_variables_keep_their_slots() {
    let plan = plan(&format!(
        "<Global variables=\"g\"/><User variables=\"u\"/><recv request=\"A\"><action>{}{}</action></recv>",
        assign("g"),
        assign("u")
    ));
    assert_eq!(
        (plan.variables.global.len(), plan.variables.user.len(), plan.variables.unread.len()),
        (1, 1, 0)
    );
}
