//! `dead-timeout`, `fast-answer`, `provisional-mandatory`.

use super::*;

/// scenario.md §7.5.
#[test]
fn the_timeout_behind_an_optional_receive_is_dead() {
    let body = "<recv request=\"A\" optional=\"true\"/>\n<recv request=\"B\" timeout=\"500\"/>";
    insta::assert_snapshot!(rendered(body), @r#"
    warning[dead-timeout]: this timeout does not run while the call waits at the optional <recv> above
     --> t.xml:3:19
      |
    2 | <recv request="A" optional="true"/>
      |  ---- the call waits here, without a timeout
    3 | <recv request="B" timeout="500"/>
      |                   ^^^^^^^^^^^^^ runs only once an optional message has come
      |
      = help: put it on the first <recv> of the group, with its ontimeout
    "#);
}

#[test]
fn a_timeout_at_which_the_call_comes_to_wait_runs() {
    let on_the_first =
        "<recv request=\"A\" optional=\"true\" timeout=\"500\"/>\n<recv request=\"B\" timeout=\"500\"/>";
    assert_eq!(names(on_the_first), [""; 0]);
    let jumped_to = "<recv request=\"A\" optional=\"true\" next=\"in\"/>\n<label id=\"in\"/>\n<recv request=\"B\" timeout=\"500\"/>";
    assert_eq!(names(jumped_to), [""; 0]);
    let behind_a_mandatory_one = "<recv request=\"A\"/>\n<recv request=\"B\" timeout=\"500\"/>";
    assert_eq!(names(behind_a_mandatory_one), [""; 0]);
    let switched_off = "<recv request=\"A\" optional=\"true\"/>\n<recv request=\"B\" timeout=\"0\"/>";
    assert_eq!(names(switched_off), [""; 0]);
}

/// scenario.md §5.1.
#[test]
fn a_send_behind_one_that_is_repeated_waits_for_an_answer_that_is_unexpected() {
    let body = send("retrans=\"500\"", "INVITE sip:a SIP/2.0")
        + "<nop/>\n"
        + &request("OPTIONS", "")
        + "<recv response=\"200\"/>";
    insta::assert_snapshot!(rendered(&body), @r#"
    warning[fast-answer]: the next message waits for the answer to this one, which no <recv> takes
     --> t.xml:2:7
      |
    2 | <send retrans="500"><![CDATA[
      |       ^^^^^^^^^^^^^ awaits an answer
    ...
    7 | <send ><![CDATA[
      |  ---- sent when this one is no longer repeated
      |
      = help: put the <recv> of the answer between them, or take retrans away
    "#);
    assert_eq!(names(&body.replace("retrans=\"500\"", "")), [""; 0]);
}

/// runtime.md §3: while the call pauses, no receive further down is looked at.
#[test]
fn an_answer_may_come_in_the_pause_behind_a_request() {
    let body = request("OPTIONS", "") + "<pause milliseconds=\"500\"/>\n<recv response=\"200\"/>";
    insta::assert_snapshot!(rendered(&body), @r#"
    warning[fast-answer]: the answer to this request may come during the pause behind it, where it is unexpected
     --> t.xml:3:1
      |
    3 | OPTIONS sip:a SIP/2.0
      | ^^^^^^^^^^^^^^^^^^^^^ awaits an answer
    ...
    7 | <pause milliseconds="500"/>
      |  ----- no <recv> takes a message here
      |
      = help: put the <recv> of the answer before the pause
    "#);
    let handled = body + "<label id=\"_unexp.main\"/>\n<recv response=\"500\"/>";
    assert!(run(format!("<scenario>{handled}</scenario>").as_bytes(), &[], &["unreachable-step"]).is_empty());
}

#[test]
fn nothing_answers_an_ack_or_a_response_and_a_pause_of_nothing_is_none() {
    let pause = "<pause milliseconds=\"500\"/>\n<recv request=\"BYE\"/>";
    assert_eq!(names(&(request("ACK", "") + pause)), [""; 0]);
    assert_eq!(
        names(&("<recv request=\"A\"/>".to_owned() + &send("", "SIP/2.0 180 Ringing") + pause)),
        [""; 0]
    );
    assert_eq!(
        names(&(request("OPTIONS", "") + "<pause milliseconds=\"0\"/>\n<recv response=\"200\"/>")),
        [""; 0]
    );
    assert_eq!(names(&(request("OPTIONS", "") + "<recv response=\"200\"/>\n<pause/>")), [""; 0]);
}

#[test]
fn of_two_sends_that_exclude_each_other_the_first_does_not_block() {
    let body =
        "<recv request=\"A\"><action><ereg regexp=\"x\" search_in=\"msg\" assign_to=\"v\"/></action></recv>\n"
            .to_owned()
            + &send("retrans=\"500\" condexec=\"v\"", "SIP/2.0 200 OK")
            + &send("retrans=\"500\" condexec=\"v\" condexec_inverse=\"true\"", "SIP/2.0 486 Busy")
            + "<recv request=\"ACK\"/>";
    assert_eq!(names(&body), [""; 0]);
}

/// RFC 3261 §17.1.1.2: no 1xx must come.
#[test]
fn a_mandatory_provisional_response_before_another_receive_is_reported() {
    let body = request("INVITE", "") + "<recv response=\"180\"/>\n<recv response=\"200\"/>";
    insta::assert_snapshot!(rendered(&body), @r#"
    warning[provisional-mandatory]: the call fails when no 180 comes before the next response
     --> t.xml:7:17
      |
    7 | <recv response="180"/>
      |                 ^^^ may be missing or lost
      |
      = help: add optional="true"
    "#);
    assert_eq!(names(&body.replace("\"180\"", "\"180\" optional=\"true\"")), [""; 0]);
}

#[test]
fn a_provisional_response_that_the_call_needs_is_not_reported() {
    let invite = |headers: &str| request("INVITE", headers);
    let cancels =
        "<recv response=\"180\"/>\n".to_owned() + &request("CANCEL", "") + "<recv response=\"200\"/>";
    assert_eq!(names(&(invite("") + &cancels)), [""; 0]);
    let reliable = "<recv response=\"180\"/>\n<recv response=\"504\"/>";
    assert_eq!(names(&(invite("Require: 100rel") + reliable)), [""; 0]);
    let looked_at = "<recv response=\"183\"><action><ereg regexp=\"x\" search_in=\"msg\" check_it=\"true\" assign_to=\"_\"/></action></recv>\n\
                     <recv response=\"200\"/>";
    assert_eq!(names(&(invite("") + looked_at)), [""; 0]);
}
