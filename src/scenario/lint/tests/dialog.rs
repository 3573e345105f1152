//! `no-peer-tag`, `routes-without-rrs`, `next-url-without-contact`, `last-before-received`.

use super::*;

fn answered_by(bye: &str) -> String {
    request("INVITE", "To: <sip:a@b>") + "<recv response=\"200\"/>\n" + bye
}

/// keywords.md §7.5.
#[test]
fn a_bye_without_a_tag_shows_its_to_header() {
    insta::assert_snapshot!(rendered(&answered_by(&request("BYE", "t: <sip:[service]@b;tag=no>"))), @r#"
    warning[no-peer-tag]: the To header of this BYE has no tag
      --> t.xml:10:1
       |
    10 | t: <sip:[service]@b;tag=no>
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^ belongs to no dialog
       |
       = help: end it with [peer_tag_param], or write [last_To:] instead
    "#);
}

#[test]
fn a_tag_may_be_literal_or_come_from_a_keyword_behind_the_address() {
    for to in [
        "To: <sip:a@b>[peer_tag_param]",
        "[last_To:]",
        "To: <sip:a@b>;tag=77",
        "To: [customer]",
        "To: sip:a@b[peer_tag_param]",
    ] {
        let body = answered_by(&request("BYE", to));
        let found = run(source(&body).as_bytes(), &[("customer".to_owned(), "x".to_owned())], &[]);
        assert_eq!(found, [], "{to}");
    }
}

#[test]
fn a_server_is_told_to_take_the_tag_from_the_request() {
    let body = "<recv request=\"INVITE\"/>\n".to_owned() + &request("BYE", "To: <sip:a@b>");
    assert!(rendered(&body).contains("take it from the peer's From header with <ereg>"));
}

/// keywords.md §7.6.
#[test]
fn routes_and_next_url_need_an_rrs_that_can_come_before() {
    let ack = request("ACK", "[routes]\n[last_To:]").replace("sip:a", "[next_url]");
    insta::assert_snapshot!(rendered(&answered_by(&ack)), @r#"
    warning[next-url-without-contact]: [next_url] never has the peer's Contact here
     --> t.xml:9:5
      |
    9 | ACK [next_url] SIP/2.0
      |     ^^^^^^^^^^ nothing was recorded
      |
      = help: add rrs="true" to the <recv> of the response or request that has the Contact
    warning[routes-without-rrs]: [routes] is always empty here
      --> t.xml:10:1
       |
    10 | [routes]
       | ^^^^^^^^ nothing was recorded
       |
       = help: add rrs="true" to the <recv> of the response or request that has the Contact
    "#);
    let recorded = answered_by(&ack).replace("response=\"200\"", "response=\"200\" rrs=\"true\"");
    assert_eq!(names(&recorded), [""; 0]);
    let late = answered_by(&ack) + "<recv request=\"BYE\" rrs=\"true\"/>";
    assert_eq!(names(&late), ["next-url-without-contact", "routes-without-rrs"]);
}

#[test]
fn an_rrs_on_one_of_two_ways_is_enough() {
    let body = request("INVITE", "To: <sip:a@b>")
        + "<recv response=\"183\" optional=\"true\" rrs=\"true\"/>\n<recv response=\"200\"/>\n"
        + &request("ACK", "[routes]\n[last_To:]");
    assert_eq!(names(&body), [""; 0]);
}

/// keywords.md §7.7.
#[test]
fn a_last_header_in_the_first_request_is_empty() {
    let body = request("OPTIONS", "[last_Via:]") + "<recv response=\"200\"/>";
    insta::assert_snapshot!(rendered(&body), @r#"
    warning[last-before-received]: [last_Via:] is empty here: nothing has been received yet
     --> t.xml:4:1
      |
    4 | [last_Via:]
      | ^^^^^^^^^^^ may come before any <recv>
    "#);
    let body = request("OPTIONS", "") + "<recv response=\"200\"/>\n" + &request("OPTIONS", "[last_Via:]");
    assert_eq!(names(&body), [""; 0]);
}

/// scenario.md §7.5: a timeout leads on without a message.
#[test]
fn a_timeout_leads_to_a_last_header_without_a_message() {
    let timeout = "<recv request=\"A\" timeout=\"9\" ontimeout=\"late\"/>\n<label id=\"late\"/>\n";
    assert_eq!(names(&(timeout.to_owned() + &request("OPTIONS", "[last_Via:]"))), ["last-before-received"]);
}

/// keywords.md §7.1.
#[test]
fn actions_of_the_first_recv_do_not_see_its_message() {
    let action = "<action><log message=\"[last_message]\"/></action>";
    let first = format!("<recv request=\"A\">{action}</recv>\n");
    insta::assert_snapshot!(rendered(&first), @r#"
    warning[last-before-received]: [last_message] is empty here: nothing has been received before
     --> t.xml:2:41
      |
    2 | <recv request="A"><action><log message="[last_message]"/></action></recv>
      |                                         ^^^^^^^^^^^^^^ still the message before this one
      |
      = help: put the action into a <nop> behind the <recv>, or read the message with <ereg>
    "#);
    assert_eq!(names(&format!("<recv request=\"A\"/>\n<nop>{action}</nop>")), [""; 0]);
    assert_eq!(names(&format!("<recv request=\"A\"/>\n<recv request=\"B\">{action}</recv>")), [""; 0]);
}
