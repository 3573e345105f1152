//! `never-set`, `never-read`.

use super::*;

fn with_actions(actions: &str, rest: &str) -> String {
    format!("<recv request=\"A\"><action>\n{actions}\n</action></recv>\n{rest}")
}

#[test]
fn a_variable_that_is_only_read_is_never_set() {
    let body =
        "<recv request=\"A\" next=\"1\" test=\"busy\"/>\n<nop condexec=\"busy\"/>\n<label id=\"1\"/>\n<nop/>";
    insta::assert_snapshot!(rendered(body), @r#"
    warning[never-set]: the variable busy is read, but nothing sets it
     --> t.xml:2:34
      |
    2 | <recv request="A" next="1" test="busy"/>
      |                                  ^^^^ never set
      |
      = help: a value for the whole run: list it in <Global variables="..."/> and give it with -set
    "#);
    let set = with_actions("<assign assign_to=\"busy\" value=\"1\"/>", "<nop condexec=\"busy\"/>");
    assert_eq!(names(&set), [""; 0]);
}

#[test]
fn a_global_may_be_set_on_the_command_line() {
    assert_eq!(names("<Global variables=\"g\"/>\n<recv request=\"A\"/>\n<nop condexec=\"g\"/>"), [""; 0]);
}

#[test]
fn a_variable_that_is_only_written_is_never_read() {
    let body = with_actions(
        "<assignstr assign_to=\"who\" value=\"a\"/>\n<assignstr assign_to=\"who\" value=\"b\"/>",
        "",
    );
    insta::assert_snapshot!(rendered(&body), @r#"
    warning[never-read]: the variable who is set, but nothing reads it
     --> t.xml:3:23
      |
    3 | <assignstr assign_to="who" value="a"/>
      |                       ^^^ never read
    "#);
    for read in [
        "<nop><action><log message=\"[$who]\"/></action></nop>",
        "<Reference variables=\"who\"/>",
        "<pause variable=\"who\"/>",
    ] {
        assert_eq!(names(&(body.clone() + read)), [""; 0], "{read}");
    }
}

#[test]
fn a_checked_result_and_a_place_holder_need_not_be_read() {
    let checked = "<ereg regexp=\"x\" search_in=\"msg\" check_it=\"true\" assign_to=\"dummy\"/>";
    assert_eq!(names(&with_actions(&checked.repeat(2), "")), [""; 0]);
    let list = "<ereg regexp=\"(x)\" search_in=\"msg\" assign_to=\"whole,part\"/>";
    assert_eq!(names(&with_actions(&list.repeat(2), "<nop condexec=\"part\"/>")), [""; 0]);
    assert_eq!(names(&with_actions(&list.repeat(2), "")), ["never-read", "never-read"]);
}

/// keywords.md §3.2.
#[test]
fn an_offset_is_not_part_of_the_name() {
    let body = with_actions("<assignstr assign_to=\"v\" value=\"a\"/>\n<log message=\"[$v-1]\"/>", "");
    assert_eq!(names(&body), [""; 0]);
}
