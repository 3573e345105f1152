//! Label `_unexp.main` (scenario.md §7.6).

use super::*;
use crate::scenario::plan::{Goto, StepIx, UnexpectedHandler};

const HANDLER: &str =
    "<label id=\"_unexp.main\"/><nop><action><jump variable=\"_unexp.retaddr\"/></action></nop>";

/// §7.6.
#[test]
fn the_label_makes_a_handler_with_the_variables_that_the_scenario_uses() {
    let plan = plan(&format!("{RECV}{HANDLER}"));
    let handler = plan.unexpected.unwrap();
    assert_eq!(handler.at, Goto::Step(StepIx(1)));
    assert_eq!(handler.return_to.map(|var| plan.variables.name(var)), Some("_unexp.retaddr"));
    assert_eq!(handler.paused_until, None);
}

/// §7.6: no variable, no guard against recursion.
#[test]
fn a_handler_needs_no_variables() {
    let at = Goto::End;
    let expected = UnexpectedHandler { at, return_to: None, paused_until: None };
    assert_eq!(plan(&format!("{RECV}<label id=\"_unexp.main\"/>")).unexpected, Some(expected));
}

/// §7.6: "one extra mention for the usage check".
#[test]
fn one_mention_of_the_handlers_variables_is_enough() {
    let plan = plan(&format!(
        "{RECV}<label id=\"_unexp.main\"/><nop><action><pauserestore variable=\"_unexp.pausedaddr\"/></action></nop>"
    ));
    let var = plan.unexpected.unwrap().paused_until.unwrap();
    assert_eq!(plan.variables.name(var), "_unexp.pausedaddr");
}

/// §7.6, §11: they may be of any scope.
#[test]
fn the_handlers_variables_may_be_global() {
    let plan = plan(&format!("<Global variables=\"_unexp.retaddr\"/>{RECV}{HANDLER}"));
    let return_to = plan.unexpected.unwrap().return_to.unwrap();
    assert_eq!(return_to, crate::scenario::plan::VarIx::Global(0));
}

/// §12: labels of `<init>` are others.
#[test]
fn a_label_of_init_is_no_handler() {
    let body = format!("{RECV}<init><label id=\"_unexp.main\"/><nop/></init>");
    assert_eq!(plan(&body).unexpected, None);
    assert_eq!(plan(RECV).unexpected, None);
}
