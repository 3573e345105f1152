//! The file as a whole: root, elements, attributes nobody knows, kinds of failure.

use super::*;
use crate::scenario::plan::Role;

/// scenario.md §2.2.
#[test]
fn the_first_element_must_be_scenario() {
    let failure = load_file(b"<scenery/>", &mut Scopes::default()).unwrap_err();
    let sentences = messages(&failure.diagnostics, Severity::Error);
    assert_eq!(sentences, ["No 'scenario' section in xml scenario file"]);
}

/// scenario.md §2, "Empty file".
#[test]
fn a_file_without_elements_can_not_be_parsed() {
    for source in ["", "\n", "hello", "<!-- x -->"] {
        let failure = load_file(source.as_bytes(), &mut Scopes::default()).unwrap_err();
        assert_eq!(failure.diagnostics[0].message, "Unable to load or parse 't.xml' xml scenario file");
        assert_eq!(failure.kind, FailureKind::Load);
    }
}

/// scenario.md §2.2.
#[test]
fn an_unknown_element_is_refused_with_the_nearest_name() {
    let failure = load_body(&format!("{RECV}<Send/>")).unwrap_err();
    assert_eq!(failure.diagnostics[0].message, "Unknown element 'Send' in xml scenario file");
    assert_eq!(failure.diagnostics[0].help.as_deref(), Some("did you mean <send>?"));
}

/// scenario.md §2.2: "a typo is not detected", README.md item 7.
#[test]
fn an_unknown_attribute_is_accepted_with_a_warning_that_names_the_nearest() {
    let loaded = load_body("<recv request=\"ACK\" tiemout=\"5\"/>").unwrap();
    assert_eq!(loaded.warnings[0].message, "attribute 'tiemout' of <recv> is unknown: ignored");
    assert_eq!(loaded.warnings[0].help.as_deref(), Some("did you mean timeout?"));
}

/// README.md item 7.
#[test]
fn unknown_attributes_are_named_on_every_kind_of_element() {
    let body = format!(
        "{RECV}<nop x=\"1\"><action x=\"1\"><log message=\"m\" x=\"1\"/></action></nop><label id=\"1\" x=\"1\"/>\
         <CallLengthRepartition value=\"1\" x=\"1\"/>"
    );
    let named: Vec<_> = ["nop", "action", "log", "label", "CallLengthRepartition"]
        .map(|element| format!("attribute 'x' of <{element}> is unknown: ignored"))
        .to_vec();
    assert_eq!(warnings(&body), named);
}

/// scenario.md §2.2.
#[test]
fn the_name_of_the_scenario_is_kept_and_may_be_missing() {
    assert_eq!(plan(RECV).name, "t");
    let source = format!("<scenario>{RECV}</scenario>");
    assert_eq!(load_file(source.as_bytes(), &mut Scopes::default()).unwrap().plan.name, "");
}

/// scenario.md §16.
#[test]
fn a_scenario_needs_at_least_one_step() {
    assert_eq!(error("<label id=\"1\"/>"), "Did not find any messages inside of scenario!");
}

/// scenario.md §13.
#[test]
fn the_first_send_or_recv_makes_the_role() {
    assert_eq!(plan(&format!("<nop/><pause/>{SEND}{RECV}")).role, Role::Client);
    assert_eq!(plan(&format!("<nop/><pause/>{RECV}{SEND}")).role, Role::Server);
}

/// scenario.md §13 and §1, "Error reporting": exit code 255.
#[test]
fn without_send_and_recv_there_is_no_mode() {
    let failure = load_body("<nop/><pause/>").unwrap_err();
    assert_eq!(failure.kind, FailureKind::Mode);
    let sentences = messages(&failure.diagnostics, Severity::Error);
    assert_eq!(sentences, ["Unable to determine creation mode of the tool (server, client)"]);
}

/// style.md §4.8.
#[test]
fn all_errors_of_a_file_come_in_one_run_and_in_file_order() {
    let body = format!("{RECV}<nop next=\"9\"/><nop hide=\"yes\"/><Foo/><label/><nop counter=\"\"/>");
    assert_eq!(
        errors(&body),
        [
            "The label '9' was not defined (index 1, next attribute)",
            "hide 'hide' parameter, \"yes\" is not a valid boolean!",
            "Unknown element 'Foo' in xml scenario file",
            "label is missing the required 'id' parameter.",
            "Counter names names may not be empty for counter",
        ]
    );
}

/// What rsipp does not have yet is refused by name.
#[test]
fn elements_that_are_not_built_yet_are_refused_by_name() {
    for element in ["sendCmd", "recvCmd"] {
        assert_eq!(error(&format!("{RECV}<{element}/>")), format!("not supported yet: <{element}>"));
    }
}

/// scenario.md §5.2: these values ask for nothing special.
#[test]
fn an_attribute_that_switches_its_feature_off_is_accepted() {
    let body = "<recv response=\"200\" regexp_match=\"false\" advance_state=\"true\" auth=\"false\" optional=\"false\"/>";
    assert_eq!(warnings(body), Vec::<String>::new());
}

/// scenario.md §11: a passed-over part may hold the second mention.
#[test]
fn names_are_not_counted_when_a_part_of_the_file_was_passed_over() {
    let body = format!("{RECV}<nop condexec=\"a\" start_rtd=\"r\"/><sendCmd/><Reference variables=\"b\"/>");
    assert_eq!(error(&body), "not supported yet: <sendCmd>");
}

proptest::proptest! {
    /// design.md, "Dependable": no file makes it panic, and every place lies in the file.
    #[test]
    fn any_bytes_load_or_are_refused_without_panic(
        parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..40),
        junk in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..12),
        at in 0_usize..400,
    ) {
        let mut source = parts.concat().into_bytes();
        let at = at.min(source.len());
        source.splice(at..at, junk);
        let diagnostics = match load_file(&source, &mut Scopes::default()) {
            Ok(loaded) => loaded.warnings,
            Err(failure) => failure.diagnostics,
        };
        for diagnostic in diagnostics {
            for (place, _) in &diagnostic.labels {
                assert!(place.start <= place.end && place.end <= source.len(), "{diagnostic:?}");
            }
            assert!(diagnostic.render(&source, "t.xml", false).contains("t.xml"), "{diagnostic:?}");
        }
    }
}

const PIECES: &[&str] = &[
    "<scenario name=\"x\">",
    "</scenario>",
    "<recv request=\"A\"",
    " response='200'",
    "/>",
    ">",
    "<send>",
    "</send>",
    "<![CDATA[BYE sip:a SIP/2.0\n\n[$a]",
    "]]>",
    "<nop>",
    "</nop>",
    "<action>",
    "</action>",
    "<log message=\"[$é]\"/>",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<!DOCTYPE a [",
    "]>",
    "\"",
    "'",
    "\\\"",
    "&amp;",
    "&#0;",
    "&#x110000;",
    "\r\n",
    "\n",
    " next=\"9\"",
    " next=",
    "<label id=\"9\"/>",
    "<Reference variables=\", a,\"/>",
    "é",
    "<pause milliseconds=\"nan\"/>",
    "<ereg regexp=\"(\" assign_to=\"a,,\"/>",
    " rtd=\"1\"",
    "<ResponseTimeRepartition value=\"1,\"/>",
    "<recv request=\"A\"/>",
    "<init>",
    "</init>",
    "<nop start_rtd=\"1\" lost=\"x\"/>",
    "<send start_txn=\"t\" timeout=\"1\"><![CDATA[INVITE sip:a SIP/2.0]]></send>",
    "<recv response=\"2..\" regexp_match=\"true\" response_txn=\"t\" optional=\"global\" advance_state=\"false\"/>",
    "<DefaultMessage id=\"bye\"><![CDATA[BYE sip:[$a] SIP/2.0\n\nx\n]]></DefaultMessage>",
    "<label id=\"_unexp.main\"/>",
    "<pause distribution=\"gamma\" k=\"-1\" theta=\"1e300\"/>",
    "<pause min=\"nan\" max=\"-inf\"/>",
    "<nop><action><jump variable=\"_unexp.retaddr\"/><trim assign_to=\"a\"/></action></nop>",
    "<nop><action><gettimeofday assign_to=\"a,b,\"/><setdest host=\"[\"/></action></nop>",
];
