//! Variables: scopes, names, mentions.

use super::*;
use crate::scenario::plan::VarIx;

fn condexec(plan: &Plan, step: usize) -> VarIx {
    plan.steps[step].condexec.unwrap().var
}

/// scenario.md §11.
#[test]
fn a_variable_mentioned_once_is_refused() {
    assert_eq!(error(&format!("{RECV}<nop condexec=\"zz\"/>")), "Variable $zz is referenced 1 times!");
}

/// scenario.md §11.
#[test]
fn underscore_may_be_mentioned_once() {
    assert_eq!(plan(&format!("{RECV}<nop condexec=\"_\"/>")).variables.call, ["_"]);
}

/// scenario.md §7.6: each of the two gets one extra mention.
#[test]
fn the_engines_own_variables_may_be_mentioned_once() {
    let body = format!("{RECV}<nop condexec=\"_unexp.retaddr\"/><nop condexec=\"_unexp.pausedaddr\"/>");
    assert_eq!(plan(&body).variables.call.len(), 2);
}

/// scenario.md §11: texts count.
#[test]
fn a_keyword_in_a_message_is_a_mention() {
    let body = "<recv request=\"A\" condexec=\"v\"/><send><![CDATA[SIP/2.0 200 OK\nX: [$v]]]></send>";
    assert_eq!(plan(body).variables.call, ["v"]);
}

/// actions.md §2.2: several mentions in one element count separately.
#[test]
fn each_mention_in_one_element_counts() {
    let body = format!("{RECV}<nop><action><assignstr assign_to=\"u\" value=\"x[$u]\"/></action></nop>");
    assert_eq!(plan(&body).variables.call, ["u"]);
}

/// style.md §4.8: the place is the name in the text.
#[test]
fn a_lonely_variable_is_shown_where_it_is_written() {
    let failure = load_body("<send><![CDATA[BYE sip:a SIP/2.0\nX: [$lonely]]]></send>").unwrap_err();
    let source = "<scenario name=\"t\"><send><![CDATA[BYE sip:a SIP/2.0\nX: [$lonely]]]></send></scenario>";
    assert_eq!(&source[failure.diagnostics[0].labels[0].0.clone()], "lonely");
}

/// scenario.md §11: in byte order of names, call scope before global.
#[test]
fn lonely_variables_are_all_reported() {
    let sentences =
        errors(&format!("<Global variables=\"g\"/>{RECV}<nop condexec=\"b\"/><nop condexec=\"a\"/>"));
    assert_eq!(
        sentences,
        [
            "Variable $g is referenced 1 times!",
            "Variable $b is referenced 1 times!",
            "Variable $a is referenced 1 times!"
        ]
    );
}

/// scenario.md §11.
#[test]
fn scopes_are_looked_up_in_the_order_of_declaration() {
    let body = format!(
        "<Global variables=\"g\"/><User variables=\"u\"/>{RECV}\
         <nop condexec=\"g\"/><nop condexec=\"u\"/><nop condexec=\"c\"/><nop condexec=\"c\"/>"
    );
    let plan = plan(&body);
    assert_eq!(condexec(&plan, 1), VarIx::Global(0));
    assert_eq!(condexec(&plan, 2), VarIx::User(0));
    assert_eq!(condexec(&plan, 3), VarIx::Call(0));
    assert_eq!(plan.variables.name(VarIx::Global(0)), "g");
}

/// scenario.md §11: "must stand above the first use".
#[test]
fn a_declaration_below_the_first_use_makes_a_second_variable() {
    let body = format!("{RECV}<nop condexec=\"a\"/><Global variables=\"a\"/>");
    assert_eq!(errors(&body), ["Variable $a is referenced 1 times!", "Variable $a is referenced 1 times!"]);
}

/// actions.md §2.1.
#[test]
fn a_global_name_declared_as_user_stays_global() {
    let plan = plan(&format!("<Global variables=\"a\"/><User variables=\"a\"/>{RECV}<nop condexec=\"a\"/>"));
    assert_eq!(condexec(&plan, 1), VarIx::Global(0));
    assert!(plan.variables.user.is_empty());
}

/// actions.md §2.1, seen with sipp: the global is a second variable.
#[test]
fn a_user_name_declared_as_global_stays_user_and_leaves_a_lonely_global() {
    let body = format!("<User variables=\"a\"/><Global variables=\"a\"/>{RECV}<nop condexec=\"a\"/>");
    assert_eq!(error(&body), "Variable $a is referenced 1 times!");
}

/// scenario.md §11.
#[test]
fn declaring_a_global_twice_satisfies_the_check() {
    assert_eq!(plan(&format!("<Global variables=\"a,a\"/>{RECV}")).variables.global, ["a"]);
}

/// scenario.md §11, Bug: names are trimmed wherever they are written.
#[test]
fn blanks_around_names_do_not_count() {
    let plan =
        plan(&format!("<Global variables=\"a, b\"/>{RECV}<nop condexec=\" a\"/><nop condexec=\"b \"/>"));
    assert_eq!(plan.variables.global, ["a", "b"]);
    assert!(plan.variables.call.is_empty());
}

/// scenario.md §11.
#[test]
fn names_are_case_sensitive_text() {
    let body = format!(
        "{RECV}<nop condexec=\"1\"/><nop condexec=\"01\"/><nop condexec=\"a\"/><nop condexec=\"A\"/>\
         <Reference variables=\"1,01,a,A\"/>"
    );
    assert_eq!(plan(&body).variables.call, ["1", "01", "a", "A"]);
}

/// scenario.md §11, actions.md §2.1.
#[test]
fn a_name_may_not_be_empty_or_contain_dollar_or_comma() {
    let body = |attribute: &str| format!("{RECV}<label id=\"1\"/><nop {attribute}/>");
    assert_eq!(error(&body("condexec=\"\"")), "Transaction names may not be empty for condexec variable");
    let sentence = "Transaction names may not contain '$' or ',' for condexec variable";
    assert_eq!(error(&body("condexec=\"$a\"")), sentence);
    assert_eq!(error(&body("condexec=\"a,b\"")), sentence);
    let sentence = "Transaction names may not contain '$' or ',' for test variable";
    assert_eq!(error(&body("next=\"1\" test=\"$a\"")), sentence);
    assert_eq!(
        error(&format!("{RECV}<pause variable=\"\"/>")),
        "Transaction names may not be empty for pause"
    );
}

/// scenario.md §11, §5.7.
#[test]
fn lists_of_names_are_required() {
    for element in ["Global", "User", "Reference"] {
        let sentence = format!("{element} is missing the required 'variables' parameter.");
        assert_eq!(error(&format!("{RECV}<{element}/>")), sentence);
    }
}

/// scenario.md §11, "Reference".
#[test]
fn reference_counts_as_a_mention() {
    assert_eq!(
        plan(&format!("{RECV}<nop condexec=\"a\"/><Reference variables=\"a\"/>")).variables.call,
        ["a"]
    );
}

/// scenario.md §11, "Reference".
#[test]
fn reference_needs_a_mention_above() {
    let sentence = "Could not reference non-existent variable 'x'";
    assert_eq!(error(&format!("{RECV}<Reference variables=\"x\"/>")), sentence);
}

/// scenario.md §11: user and global names are shared, call names are not.
#[test]
fn scenarios_of_one_run_share_user_and_global_variables() {
    let mut scopes = Scopes::default();
    let first = format!(
        "<scenario><Global variables=\"g\"/>{RECV}<nop condexec=\"g\"/><nop condexec=\"_\"/></scenario>"
    );
    let second = format!("<scenario><User variables=\"u,u\"/>{RECV}<nop condexec=\"g\"/></scenario>");
    load_file(first.as_bytes(), &mut scopes).unwrap();
    let second = load_file(second.as_bytes(), &mut scopes).unwrap().plan;
    assert_eq!(condexec(&second, 1), VarIx::Global(0));
    assert!(second.variables.call.is_empty());
    assert_eq!((scopes.user_count(), scopes.global_count()), (1, 1));
}

/// scenario.md §11, "-set".
#[test]
fn set_finds_a_declared_global() {
    let mut scopes = Scopes::default();
    let source = format!(
        "<scenario><Global variables=\"a,limit\"/>{RECV}<Reference variables=\"a,limit\"/></scenario>"
    );
    let loaded = load_file(source.as_bytes(), &mut scopes).unwrap();
    assert_eq!(scopes.global("limit"), Ok(VarIx::Global(1)));
    assert_eq!(loaded.plan.variables.global("limit"), Some(VarIx::Global(1)));
    assert_eq!(loaded.plan.variables.global("nosuch"), None);
}

/// scenario.md §11, "-set".
#[test]
fn set_refuses_a_name_that_is_not_global() {
    let mut scopes = Scopes::default();
    let source = format!("<scenario><Global variables=\"limit,limit\"/>{RECV}</scenario>");
    load_file(source.as_bytes(), &mut scopes).unwrap();
    let error = scopes.global("limti").unwrap_err();
    assert_eq!(error.to_string(), "Can not set the global variable limti, because it does not exist.");
    assert_eq!(error.nearest.as_deref(), Some("limit"));
}
