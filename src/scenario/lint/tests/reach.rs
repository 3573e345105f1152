//! `unreachable-step`, `unused-label`.

use super::*;

/// scenario.md §6.
#[test]
fn steps_behind_a_certain_next_are_never_run() {
    let body = "<recv request=\"A\" next=\"end\"/>\n<nop/>\n<pause/>\n<label id=\"end\"/>\n<nop/>";
    insta::assert_snapshot!(rendered(body), @r#"
    warning[unreachable-step]: no call can come to this step, nor to the one behind it
     --> t.xml:3:2
      |
    2 | <recv request="A" next="end"/>
      |                         --- always goes elsewhere
    3 | <nop/>
      |  ^^^ never runs
    "#);
}

#[test]
fn a_next_with_a_condition_may_not_be_taken() {
    let body = "<recv request=\"A\" next=\"end\" chance=\"0.5\"/>\n<nop/>\n<label id=\"end\"/>\n<nop/>";
    assert_eq!(names(body), [""; 0]);
}

/// scenario.md §7.3: the whole window of optional receives is looked at, forward and backward.
#[test]
fn every_receive_of_a_window_can_be_next() {
    let window = "<recv request=\"A\" optional=\"true\" next=\"x\"/>\n<recv request=\"B\" optional=\"true\" next=\"x\"/>\n\
                  <recv request=\"C\"/>\n<label id=\"x\"/>\n<nop/>";
    assert_eq!(names(window), [""; 0]);
    let entered_late = "<recv request=\"Z\" next=\"in\"/>\n<recv request=\"A\" optional=\"true\"/>\n\
                        <label id=\"in\"/>\n<recv request=\"B\"/>";
    assert_eq!(names(entered_late), [""; 0]);
    let behind =
        "<recv request=\"Z\" next=\"in\"/>\n<recv request=\"A\"/>\n<label id=\"in\"/>\n<recv request=\"B\"/>";
    assert_eq!(names(behind), ["unreachable-step"]);
}

/// actions.md §3.14.
#[test]
fn a_jump_action_leads_where_it_says() {
    let jump = |to: &str| {
        format!(
            "<recv request=\"A\"><action><assign assign_to=\"n\" value=\"3\"/></action></recv>\n\
             <nop><action><jump {to}/></action></nop>\n<nop/>\n<nop condexec=\"n\"/>"
        )
    };
    assert_eq!(names(&jump("value=\"3\"")), ["unreachable-step"]);
    assert_eq!(names(&jump("variable=\"n\"")), [""; 0]);
}

#[test]
fn what_no_jump_names_is_an_unused_label() {
    let body = "<recv request=\"A\" ontimeout=\"used\"/>\n<label id=\"uesd\"/>\n<nop/>\n<label id=\"used\"/>\n<nop/>";
    insta::assert_snapshot!(rendered(body), @r#"
    warning[unused-label]: the label 'uesd' is not used
     --> t.xml:3:12
      |
    3 | <label id="uesd"/>
      |            ^^^^ nothing jumps here
    "#);
    assert_eq!(
        names(
            &body.replace("uesd", "2").replace("<nop/>\n<label", "<nop next=\"2\" chance=\"0.1\"/>\n<label")
        ),
        [""; 0]
    );
}
