//! Steps and the attributes they share.

use super::*;
use crate::clock::Span;
use crate::scenario::distribution::Distribution;
use crate::scenario::plan::{Expected, Method, Outgoing, PauseLength, Presence};

/// scenario.md §5.1, §2.3.
#[test]
fn retrans_is_an_integer_of_milliseconds_with_the_base_of_its_prefix() {
    let t1 = |text: &str| {
        let plan = plan(&format!("<send retrans=\"{text}\"><![CDATA[OPTIONS sip:a SIP/2.0]]></send>"));
        send(&plan.steps[0]).retrans
    };
    assert_eq!(t1("500"), Some(Span::from_millis(500)));
    assert_eq!(t1("0500"), Some(Span::from_millis(320)));
    assert_eq!(t1("0"), None);
    assert_eq!(send(&plan(SEND).steps[0]).retrans, None);
}

/// scenario.md §2.3.
#[test]
fn times_take_no_unit() {
    let sent = |attribute: &str| format!("<send {attribute}><![CDATA[OPTIONS sip:a SIP/2.0]]></send>");
    assert_eq!(
        error(&sent("retrans=\"0.5s\"")),
        "retransmission timer 'retrans' parameter, \"0.5s\" is not a valid integer!"
    );
    assert_eq!(
        error(&sent("timeout=\"5s\"")),
        "message send timeout 'timeout' parameter, \"5s\" is not a valid integer!"
    );
    assert_eq!(
        error("<recv request=\"A\" timeout=\"5s\"/>"),
        "message timeout 'timeout' parameter, \"5s\" is not a valid integer!"
    );
}

/// keywords.md §4.
#[test]
fn a_send_knows_what_it_sends() {
    let plan = plan(&format!(
        "{SEND}<send><![CDATA[\n  ACK sip:a SIP/2.0\n]]></send><send><![CDATA[SIP/2.0 180 Ringing]]></send>"
    ));
    assert_eq!(send(&plan.steps[0]).what, Outgoing::Request(Method::Other("OPTIONS".into())));
    assert_eq!(send(&plan.steps[1]).what, Outgoing::Request(Method::Ack));
    assert_eq!(send(&plan.steps[2]).what, Outgoing::Response(180));
}

/// scenario.md §2.2: plain text is no message.
#[test]
fn a_send_needs_cdata() {
    let sentence = "No CDATA in 'send' section of xml scenario file";
    assert_eq!(error("<send>OPTIONS sip:a SIP/2.0</send>"), sentence);
    assert_eq!(error("<send><action><![CDATA[OPTIONS sip:a SIP/2.0]]></action></send>"), sentence);
}

/// scenario.md §2.2.
#[test]
fn a_second_cdata_section_is_ignored_with_a_warning() {
    let body = "<send><![CDATA[OPTIONS sip:a SIP/2.0]]><![CDATA[BYE sip:a SIP/2.0]]></send>";
    assert_eq!(warnings(body), ["a second CDATA section in one element is ignored"]);
    assert_eq!(send(&plan(body).steps[0]).what, Outgoing::Request(Method::Other("OPTIONS".into())));
}

/// keywords.md §3.3: the error stands where the keyword is.
#[test]
fn an_unknown_keyword_is_refused_at_its_place() {
    let failure = load_body("<send><![CDATA[\r\n  BYE sip:a SIP/2.0\r\n  X: [nosuchkeyword]\r\n]]></send>")
        .unwrap_err();
    assert_eq!(failure.diagnostics[0].message, "Unsupported keyword 'nosuchkeyword' in xml scenario file");
    let source = "<scenario name=\"t\"><send><![CDATA[\r\n  BYE sip:a SIP/2.0\r\n  X: [nosuchkeyword]";
    let place = failure.diagnostics[0].labels[0].0.clone();
    assert!(source.get(place.clone()).is_some_and(|text| text.contains("nosuchkeyword")), "{place:?}");
}

/// cli.md, `-key`: of two with one name the last wins; scenario.md §16.
#[test]
fn a_keyword_may_come_from_the_command_line() {
    let body = "<send><![CDATA[OPTIONS sip:a SIP/2.0\nX: [greeting]]]></send>";
    assert_eq!(plan(body).steps.len(), 1);
}

/// scenario.md §5.2.
#[test]
fn a_recv_expects_a_request_or_a_response() {
    let plan = plan("<recv request=\"INVITE\"/><recv response=\"200\"/>");
    assert!(matches!(&recv(&plan.steps[0]).expects, Expected::Request(method) if &**method == "INVITE"));
    let response = &recv(&plan.steps[1]).expects;
    assert!(matches!(response, Expected::Response { code: 200, text } if &**text == "200"));
}

/// runtime.md §7.1: "`200 OK` means 200".
#[test]
fn a_response_is_compared_by_its_leading_number() {
    let plan = plan("<recv response=\"200 OK\"/>");
    let expects = &recv(&plan.steps[0]).expects;
    assert!(matches!(expects, Expected::Response { code: 200, text } if &**text == "200 OK"));
}

/// scenario.md §5.2: 3.7.5 and later take any text.
#[test]
fn a_response_without_a_code_is_accepted_with_a_warning() {
    assert_eq!(warnings("<recv response=\"abc\"/>"), ["response code, \"abc\" is not a valid integer!"]);
}

/// scenario.md §5.2.
#[test]
fn request_wins_over_response() {
    let body = "<recv request=\"ACK\" response=\"200\"/>";
    assert_eq!(warnings(body), ["response is ignored beside request"]);
    assert_eq!(recv(&plan(body).steps[0]).expects.as_str(), "ACK");
}

/// scenario.md §5.2.
#[test]
fn a_recv_of_nothing_loads_with_a_warning() {
    assert_eq!(warnings("<recv/>"), ["<recv> without request/response? It matches nothing."]);
    assert!(matches!(recv(&plan("<recv/>").steps[0]).expects, Expected::Nothing));
}

/// scenario.md §5.2.
#[test]
fn optional_is_exactly_true_or_false() {
    let presence =
        |text: &str| recv(&plan(&format!("<recv request=\"A\" optional=\"{text}\"/>")).steps[0]).presence;
    assert_eq!(presence("true"), Presence::Optional);
    assert_eq!(presence("false"), Presence::Mandatory);
    let body = "<recv request=\"A\" optional=\"TRUE\"/>";
    assert_eq!(error(body), "Could not understand optional value for recv: TRUE");
}

/// scenario.md §5.2.
#[test]
fn a_recv_has_its_own_timeout_unless_it_is_zero() {
    let timeout =
        |text: &str| recv(&plan(&format!("<recv request=\"A\" timeout=\"{text}\"/>")).steps[0]).timeout;
    assert_eq!(timeout("0x10"), Some(Span::from_millis(16)));
    assert_eq!(timeout("0"), None);
}

/// scenario.md §8.
#[test]
fn rrs_makes_the_call_keep_a_route_set() {
    let with = plan("<recv request=\"A\" rrs=\"TRUE\"/>");
    assert!(recv(&with.steps[0]).record_route && with.keeps.route_set);
    let without = plan("<recv request=\"A\" rrs=\"false\"/>");
    assert!(!recv(&without.steps[0]).record_route && !without.keeps.route_set);
    assert_eq!(error("<recv request=\"A\" rrs=\"5s\"/>"), "record route set, \"5s\" is not a valid boolean!");
}

/// runtime.md §7.1: requests above in the file, without separator; none for step 0.
#[test]
fn a_recv_knows_the_methods_sent_above_it() {
    let plan = plan(
        "<recv response=\"1\"/><send><![CDATA[INVITE sip:a SIP/2.0]]></send><recv response=\"2\"/>\
         <send><![CDATA[SIP/2.0 200 OK]]></send><send><![CDATA[ACK sip:a SIP/2.0]]></send><recv response=\"3\"/>",
    );
    assert_eq!(recv(&plan.steps[0]).methods_above, None);
    assert_eq!(recv(&plan.steps[2]).methods_above.as_deref(), Some(b"INVITE".as_slice()));
    assert_eq!(recv(&plan.steps[5]).methods_above.as_deref(), Some(b"INVITEACK".as_slice()));
}

/// runtime.md §7.1: a method that is there already makes no difference to a substring test.
#[test]
fn a_method_sent_twice_is_listed_once() {
    let plan = plan(&format!("{SEND}{SEND}<recv response=\"200\"/>"));
    assert_eq!(recv(&plan.steps[2]).methods_above.as_deref(), Some(b"OPTIONS".as_slice()));
}

/// runtime.md §7.1: with no such send above, nothing matches.
#[test]
fn a_recv_below_no_send_has_an_empty_list_of_methods() {
    let plan = plan(&format!("{RECV}<recv response=\"200\"/>"));
    assert_eq!(recv(&plan.steps[1]).methods_above.as_deref(), Some(b"".as_slice()));
}

/// scenario.md §5.3.
#[test]
fn a_pause_takes_its_variable_before_its_milliseconds_and_these_before_the_default() {
    let length = |attributes: &str| match plan(&format!(
        "{RECV}<pause {attributes}/><nop condexec=\"v\"/><Reference variables=\"v\"/>"
    ))
    .steps[1]
        .kind
    {
        StepKind::Pause(length) => length,
        ref other => panic!("{other:?}"),
    };
    assert!(matches!(
        length("variable=\"v\" milliseconds=\"5\" distribution=\"x\""),
        PauseLength::Variable(_)
    ));
    assert_eq!(length("milliseconds=\"5\""), PauseLength::Fixed(Span::from_millis(5)));
    assert_eq!(length(""), PauseLength::Default);
}

/// scenario.md §5.3, §15: the engine truncates it, the screen shows it as written (as sipp 3.6.1 does).
#[test]
fn a_pause_keeps_its_fraction_of_a_millisecond_for_the_screen() {
    for value in [0.9, 12.5] {
        let plan = plan(&format!("{RECV}<pause milliseconds=\"{value}\"/>"));
        let expected = PauseLength::Sampled(Distribution::Fixed { value });
        assert!(matches!(plan.steps[1].kind, StepKind::Pause(length) if length == expected), "{value}");
    }
}

/// scenario.md §5.3, §2.3.
#[test]
fn a_pause_of_no_positive_length_is_none() {
    for text in ["0", "-5", "-0.5", "nan", ""] {
        let plan = plan(&format!("{RECV}<pause milliseconds=\"{text}\"/>"));
        assert!(matches!(plan.steps[1].kind, StepKind::Pause(PauseLength::Fixed(Span::ZERO))), "{text}");
    }
}

/// scenario.md §15.
#[test]
fn a_pause_longer_than_an_int_is_refused() {
    let sentence = "The distribution 833:20:00 has a 99th percentile of 833:20:00, which is larger than INT_MAX.  You should chose different parameters.";
    assert_eq!(error(&format!("{RECV}<pause milliseconds=\"3000000000\"/>")), sentence);
    assert_eq!(errors(&format!("{RECV}<pause milliseconds=\"2147483647.5\"/>")).len(), 1);
}

/// scenario.md §15, §5.3.
#[test]
fn without_sanity_check_a_long_pause_is_clipped() {
    let plan = plan(&format!("{RECV}<pause milliseconds=\"3e9\" sanity_check=\"false\"/>"));
    let longest = PauseLength::Fixed(Span::from_millis(2_147_483_647));
    assert!(matches!(plan.steps[1].kind, StepKind::Pause(length) if length == longest));
}

/// scenario.md §15: it is a boolean.
#[test]
fn sanity_check_and_milliseconds_are_checked_values() {
    assert_eq!(
        errors(&format!("{RECV}<pause sanity_check=\"maybe\" milliseconds=\"1s\"/>")),
        [
            "pause 'sanity_check' parameter, \"maybe\" is not a valid boolean!",
            "Pause milliseconds, \"1s\" is not a floating point number!"
        ]
    );
}

/// scenario.md §5.3, last paragraph.
#[test]
fn pauses_add_up_to_the_nominal_length_and_default_ones_are_counted() {
    let plan =
        plan(&format!("{RECV}<pause milliseconds=\"100\"/><pause/><pause milliseconds=\"20\"/><timewait/>"));
    assert_eq!(plan.nominal_pauses_ms, 120.0);
    assert_eq!(plan.default_pauses, 2);
}

/// scenario.md §4, "crlf": presence only.
#[test]
fn any_crlf_adds_a_line_to_the_screen() {
    assert!(plan("<recv request=\"A\" crlf=\"false\"/>").steps[0].display.blank_line_after);
    assert!(!plan(RECV).steps[0].display.blank_line_after);
}

/// scenario.md §4, "hide" and "hiderest".
#[test]
fn hiderest_sets_the_default_of_hide_from_its_own_step_on() {
    let plan = plan(&format!(
        "{RECV}<nop hide=\"true\"/><nop/><nop hiderest=\"true\"/><nop/><nop hide=\"false\"/><nop hiderest=\"0\"/>"
    ));
    let hidden: Vec<_> = plan.steps.iter().map(|step| step.display.hidden).collect();
    assert_eq!(hidden, [false, true, false, true, true, false, false]);
}

/// scenario.md §4.
#[test]
fn the_common_truth_values_are_checked() {
    let sentence = |attribute: &str| error(&format!("{RECV}<nop {attribute}=\"q\" condexec=\"_\"/>"));
    assert_eq!(sentence("ignoresdp"), "ignoresdp, \"q\" is not a valid boolean!");
    assert_eq!(sentence("hide"), "hide 'hide' parameter, \"q\" is not a valid boolean!");
    assert_eq!(sentence("hiderest"), "hiderest 'hiderest' parameter, \"q\" is not a valid boolean!");
    assert_eq!(
        sentence("condexec_inverse"),
        "condexec_inverse 'condexec_inverse' parameter, \"q\" is not a valid boolean!"
    );
}

/// scenario.md §4, "display".
#[test]
fn display_is_kept_as_written() {
    assert_eq!(
        plan("<recv request=\"A\" display=\"a &amp; b\"/>").steps[0].display.text.as_deref(),
        Some("a & b")
    );
}

/// scenario.md §4, "condexec".
#[test]
fn condexec_may_be_inverted() {
    let plan = plan(
        "<recv request=\"A\" condexec=\"v\"/><recv request=\"A\" condexec=\"v\" condexec_inverse=\"1\"/>",
    );
    assert!(!plan.steps[0].condexec.unwrap().inverse);
    assert!(plan.steps[1].condexec.unwrap().inverse);
}

/// keywords.md §7.1, §7.5.
#[test]
fn the_plan_says_what_calls_must_keep() {
    let plan = plan(
        "<recv request=\"A\"/><send><![CDATA[SIP/2.0 200 OK\n[last_Via:]\nTo: <sip:a>[peer_tag_param]]]></send>",
    );
    assert!(plan.keeps.last_message && plan.keeps.peer_tag && !plan.keeps.route_set);
}
