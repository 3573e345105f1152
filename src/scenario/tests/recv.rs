//! What a `<recv>` accepts, and whether it moves the call.

use super::*;
use crate::scenario::plan::{Expected, Presence};

/// scenario.md §5.2: method or code, as a regular expression.
#[test]
fn regexp_match_makes_a_pattern_of_the_method_or_the_code() {
    let plan = plan(
        "<recv request=\"INFO|NOTIFY\" regexp_match=\"true\"/><recv response=\"[34]..\" regexp_match=\"true\"/>",
    );
    let Expected::RequestMatching { pattern, text } = &recv(&plan.steps[0]).expects else { panic!() };
    assert_eq!(&**text, "INFO|NOTIFY");
    assert!(pattern.is_match(b"XINFO") && !pattern.is_match(b"OPTIONS"));
    let Expected::ResponseMatching { pattern, text } = &recv(&plan.steps[1]).expects else { panic!() };
    assert_eq!(&**text, "[34]..");
    assert!(pattern.is_match(b"486") && !pattern.is_match(b"200"));
}

/// scenario.md §5.2: only the exact value counts.
#[test]
fn regexp_match_is_on_for_true_only() {
    for value in ["TRUE", "1", "", "yes"] {
        let body = format!("<recv request=\".*\" regexp_match=\"{value}\"/>");
        assert_eq!(warnings(&body), ["regexp_match is off: only \"true\" turns it on"]);
        assert!(matches!(recv(&plan(&body).steps[0]).expects, Expected::Request(_)), "{value}");
    }
    assert_eq!(warnings("<recv request=\".*\" regexp_match=\"false\"/>"), Vec::<String>::new());
}

/// scenario.md §5.2; here it is found at load.
#[test]
fn a_bad_pattern_is_refused_with_the_index_of_its_step() {
    let body = |attributes: &str| format!("{RECV}<recv {attributes} regexp_match=\"true\"/>");
    assert_eq!(error(&body("request=\"A(\"")), "Invalid regular expression for index 1: A(");
    assert_eq!(error(&body("response=\"[2\"")), "Invalid regular expression for index 1: [2");
}

/// scenario.md §5.2.
#[test]
fn a_code_that_looks_like_a_pattern_gets_a_hint() {
    for response in ["2..", "[45]..", "200|202"] {
        let loaded = load_body(&format!("<recv response=\"{response}\"/>")).unwrap();
        let help = loaded.warnings.first().and_then(|warning| warning.help.as_deref());
        assert_eq!(help, Some("add regexp_match=\"true\" to match it as a regular expression"), "{response}");
    }
}

/// scenario.md §5.2.
#[test]
fn optional_may_be_global() {
    let plan = plan("<recv request=\"INFO\" optional=\"global\"/><recv request=\"BYE\"/>");
    assert_eq!(recv(&plan.steps[0]).presence, Presence::Global);
    assert_eq!(recv(&plan.steps[1]).presence, Presence::Mandatory);
}

/// scenario.md §6, "Static rule for optional recv": also `global`.
#[test]
fn after_a_global_recv_only_a_recv_may_come() {
    let sentence = "<recv> before <send> sequence without a mandatory message. Please remove one 'optional=true' (element 2).";
    assert_eq!(error(&format!("<recv request=\"INFO\" optional=\"global\"/>{SEND}")), sentence);
}

/// scenario.md §5.2.
#[test]
fn a_recv_advances_the_call_unless_it_says_otherwise() {
    let advances = |attributes: &str| {
        let plan = plan(&format!("<recv request=\"INFO\" {attributes}/><recv request=\"BYE\"/>"));
        recv(&plan.steps[0]).advances
    };
    assert!(advances(""));
    assert!(advances("advance_state=\"true\""));
    assert!(!advances("optional=\"true\" advance_state=\"false\""));
    assert!(!advances("optional=\"global\" advance_state=\"0\""));
}

/// scenario.md §5.2.
#[test]
fn only_an_optional_recv_may_leave_the_call_where_it_is() {
    assert_eq!(
        error(&format!("{RECV}<recv request=\"ACK\" advance_state=\"false\"/>")),
        "advance_state is allowed only for optional messages (index = 1)"
    );
    assert_eq!(
        error("<recv request=\"ACK\" advance_state=\"x\" optional=\"true\"/>"),
        "recv 'advance_state' parameter, \"x\" is not a valid boolean!"
    );
}

/// scenario.md §4: percent, on a send or recv; a present 0 switches `-lost` off.
#[test]
fn lost_is_a_percentage_of_its_step() {
    let plan = plan(&format!(
        "<recv request=\"A\" lost=\"12.5\"/><send lost=\"0\"><![CDATA[BYE sip:a SIP/2.0]]></send>{SEND}"
    ));
    assert_eq!(plan.steps.iter().map(|step| step.lost).collect::<Vec<_>>(), [Some(12.5), Some(0.0), None]);
    let sentence = "lost percentage, \"x\" is not a floating point number!";
    assert_eq!(error("<recv request=\"A\" lost=\"x\"/>"), sentence);
}

/// scenario.md §4: "Effective on `send` and `recv` only".
#[test]
fn lost_on_a_step_without_a_message_is_a_warning() {
    for (name, step) in [("nop", "<nop lost=\"5\"/>"), ("pause", "<pause lost=\"5\"/>")] {
        let expected = format!("lost has no effect on <{name}>: it has no message");
        assert_eq!(warnings(&format!("{RECV}{step}")), [expected]);
    }
}

/// scenario.md §5.1.
#[test]
fn a_send_takes_ontimeout_and_a_timeout() {
    let body = "<send retrans=\"500\" timeout=\"100\" ontimeout=\"e\"><![CDATA[BYE sip:a SIP/2.0]]></send><label id=\"e\"/>";
    assert_eq!(warnings(body), Vec::<String>::new());
    assert_eq!(send(&plan(body).steps[0]).timeout, Some(crate::clock::Span::from_millis(100)));
    assert_eq!(plan(body).steps[0].on_timeout, Some(crate::scenario::plan::Goto::End));
    assert_eq!(send(&plan(&body.replace("100", "0")).steps[0]).timeout, None);
}
