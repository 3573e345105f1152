//! keywords.md §5 to §7: what the engine keeps for the keywords of a call, seen in what it sends and logs.

use rsipp::engine::{RunEnd, Verdict};
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, embedded, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{
    answer, answer_with, ask, invite, line_of, nop, recv, recv_acting, request, request_with, response,
};

/// The lines of this name in everything that A sent.
fn lines(pair: &Pair, name: &str) -> Vec<String> {
    pair.sent().map(|sent| line_of(&sent.text(), name).to_owned()).collect()
}

fn patient(setup: Setup) -> Setup {
    setup.with(|settings| settings.behaviors.abort_unexpected = false)
}

/// §6.3 and §7.4: labels are no message elements, everything else that waits or acts is.
#[test]
fn msg_index_and_branch_count_message_elements_only() {
    let show = |method: &str| request_with(method, "", "X-Index: [msg_index] [branch]", "");
    let scenario = steps(&[
        "<label id='1'/>",
        &show("MESSAGE"),
        "<label id='2'/>",
        &nop("", "<log message='a'/>"),
        "<pause milliseconds='1'/>",
        &recv("response='200' optional='true'"),
        &recv("response='202'"),
        &show("INFO"),
    ]);
    let mut pair = Pair::new(scenario, Answers([("MESSAGE", 5, "202 Accepted")]));
    pair.run();
    assert_eq!(lines(&pair, "X-Index:"), ["X-Index: 0 z9hG4bK-1-1-0", "X-Index: 5 z9hG4bK-1-1-5"]);
}

/// §7.1: inside the actions of the recv that records it, the route set and the target are not there yet.
#[test]
fn inside_the_actions_of_a_recv_the_route_set_is_not_updated() {
    let log = "<log message='[next_url]|[routes]'/>";
    let scenario =
        steps(&[&request("INVITE", ""), &recv_acting("response='200' rrs='true'", log), &nop("", log)]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        let hops = "Record-Route: <sip:p;lr>\r\nContact: <sip:c@d>\r\n";
        vec![(1, answer_with(heard.text, "200 OK", hops))]
    });
    pair.run();
    assert_eq!(pair.a().logs, ["|", "sip:c@d|Route: <sip:p;lr>"]);
}

/// §7.6: without `rrs` nothing is recorded, and `[next_url]` is the URI of the To.
#[test]
fn without_rrs_nothing_is_recorded() {
    let log = "<log message='[next_url]|[routes]'/>";
    let scenario = steps(&[&request("INVITE", ""), &recv("response='200'"), &nop("", log)]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        let hops = "Record-Route: <sip:p;lr>\r\nContact: <sip:c@d>\r\n";
        vec![(1, answer_with(heard.text, "200 OK", hops))]
    });
    pair.run();
    assert_eq!(pair.a().logs, ["sip:b@127.0.0.1:5060|"]);
}

/// §7.6 item 2, and its first paragraph: a later recv may still bring the Contact.
#[test]
fn a_route_set_without_contact_is_warned_of_and_forgotten() {
    let log = "<log message='[next_url]|[routes]'/>";
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='180' rrs='true'"),
        &nop("", log),
        &recv("response='183' rrs='true'"),
        &nop("", log),
        &recv("response='200' rrs='true'"),
        &nop("", log),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        vec![
            (1, answer_with(heard.text, "180 Ringing", "Contact: <sip:first>\r\n")),
            (2, answer_with(heard.text, "183 Progress", "Record-Route: <sip:p;lr>\r\n")),
            (3, answer_with(heard.text, "200 OK", "Record-Route: <sip:q;lr>\r\nContact: <sip:last>\r\n")),
        ]
    });
    pair.run();
    assert_eq!(pair.a().logs, ["sip:first|", "sip:b@127.0.0.1:5060|", "sip:last|Route: <sip:q;lr>"]);
    assert!(pair.warned("Cannot record route set if there is no Contact"));
}

/// §7.1: "Not replaced by: detected retransmissions".
#[test]
fn a_repeated_message_is_not_the_last_message() {
    let scenario = steps(&[
        &recv("request='INFO'"),
        &response("200 OK", ""),
        &recv("request='MESSAGE'"),
        "<pause milliseconds='50'/>",
        &nop("", "<log message='[last_CSeq:]'/>"),
        &response("200 OK", ""),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(0, ask("INFO", "x", 1));
    pair.says(10, ask("MESSAGE", "x", 2));
    pair.says(20, ask("INFO", "x", 1));
    pair.run();
    assert_eq!(pair.a().logs, ["CSeq: 2 MESSAGE"]);
}

/// §7.3: a lower number changes nothing, responses do not count, and the recv's own actions see the old number.
#[test]
fn only_a_higher_number_of_the_peer_raises_cseq_and_only_after_the_actions() {
    let log = "<log message='[cseq]'/>";
    let scenario = steps(&[
        &recv_acting("request='INVITE'", log),
        &response("200 OK", ""),
        &recv_acting("request='INFO'", log),
        &response("200 OK", ""),
        &request("BYE", ""),
        &recv_acting("response='200'", log),
        &request("MESSAGE", ""),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "BYE" => vec![(1, answer(heard.text, "200 OK").replace("CSeq: 8 ", "CSeq: 99 "))],
        _ => vec![],
    });
    pair.says(0, ask("INVITE", "x", 7));
    pair.says(10, ask("INFO", "x", 3));
    pair.run_until(100);
    assert_eq!(pair.a().logs, ["0", "7", "8"]);
    let own: Vec<_> =
        ["BYE", "MESSAGE"].map(|method| line_of(&pair.texts(method)[0], "CSeq:").to_owned()).into();
    assert_eq!(own, ["CSeq: 8 BYE", "CSeq: 9 MESSAGE"]);
}

/// §7.5: "unexpected responses count too".
#[test]
fn the_tag_of_an_unexpected_response_counts() {
    let scenario = steps(&[&request("INVITE", ""), &recv("response='200'"), &request("ACK", "")]);
    let mut pair = Pair::new(patient(scenario), |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![
            (1, answer(heard.text, "183 Progress").replace(";tag=pt", ";tag=early")),
            (2, answer(heard.text, "200 OK").replace(";tag=pt", "")),
        ],
        _ => vec![],
    });
    pair.run();
    assert_eq!(line_of(&pair.texts("ACK")[0], "To:"), "To: <sip:b@127.0.0.1:5060>;tag=early");
}

/// §7.5: "never on the UAS side from requests".
#[test]
fn a_request_of_the_peer_leaves_no_peer_tag() {
    let log =
        nop("", "<log message='<[peer_tag_param]>'/>".replace("<[", "([").replace("]>'", "])'").as_str());
    let scenario = steps(&[&recv("request='INFO'"), &log, &response("200 OK", "")]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(0, ask("INFO", "x", 1).replace("To: <sip:x@127.0.0.1>", "To: <sip:x@127.0.0.1>;tag=own"));
    pair.run();
    assert_eq!(pair.a().logs, ["()"]);
}

/// §7.2: the Call-ID of an incoming call is without its prefix; of two `///` the second stays and is not found again.
#[test]
fn the_call_id_of_an_incoming_call_is_trimmed() {
    let mut pair = Pair::new(
        steps(&[&recv("request='INFO'"), &nop("", "<log message='[call_id]'/>"), &recv("request='BYE'")]),
        Silent,
    );
    pair.says(0, ask("INFO", "a///b///c", 1));
    pair.says(10, ask("BYE", "other///b///c", 2));
    pair.run_until(20);
    assert_eq!(pair.a().logs, ["b///c"]);
    assert_eq!(pair.stats().successful, 1, "with any prefix");
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, invite("a///b///c"));
    pair.says(10, ask("ACK", "b///c", 1));
    pair.run_until(20);
    assert_eq!(pair.stats().created(), 2, "what is answered with the trimmed Call-ID is another call");
}

/// §5.3: a message that is too long fails its call, with the warning, and ends no process.
#[test]
fn a_message_longer_than_the_buffer_fails_its_call_only() {
    let scenario = steps(&[
        &nop("", "<assign assign_to='n' value='70000'/>"),
        &request_with("MESSAGE", "", "X-Long: [fill variable=n]", ""),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(pair.verdict().1, Verdict::Failed(Failure::CannotSendMessage));
    assert!(pair.warned("Unable to send UDP message: Message too long"));
    assert_eq!((pair.sent().count(), &pair.a().run_end), (0, &None));
}

/// §1: escapes of an attribute come first, then those of the template; a newline of either kind is CR LF.
#[test]
fn an_attribute_is_unescaped_and_then_parsed_as_a_template() {
    let log = r#"<log message="a\nb\\x41\x42\x5bpid] \"[call_number]\"
c"/>"#;
    let mut pair = Pair::new(steps(&[&nop("", log), &request("OPTIONS", "")]), Silent);
    pair.run_until(0);
    assert_eq!(pair.a().logs, ["a\r\nbAB[pid] \"1\"\r\nc"]);
}

/// §1: the texts of `<warning>` and `<error>` are templates.
#[test]
fn the_texts_of_warning_and_error_are_templates() {
    let says = "<warning message='careful, [call_id]'/><error message='over, [call_number][call_id+1]|'/>";
    let mut pair = Pair::new(steps(&[&nop("", says), &request("OPTIONS", "")]), Silent);
    pair.run();
    assert_eq!(pair.a().warnings, ["careful, 1-1@127.0.0.1"]);
    assert_eq!(pair.a().run_end, Some(RunEnd::Fatal(b"over, 11-1@127.0.0.1|".to_vec())));
}

/// §1, "Not templated": the attributes of `<ereg>` and the value of `<strcmp>`.
#[test]
fn expressions_and_compared_values_are_no_templates() {
    let actions = r"<assignstr assign_to='text' value='&lt;dial>\x5bpid]'/>
        <ereg regexp='[call_id]+' search_in='var' variable='text' assign_to='found'/>
        <assignstr assign_to='bracket' value='\x5bpid]'/>
        <strcmp assign_to='differs' variable='bracket' value='[pid]'/>
        <log message='[$found] ([$differs])'/>";
    let mut pair = Pair::new(steps(&[&nop("", actions), &request("OPTIONS", "")]), Silent);
    pair.run_until(0);
    assert_eq!(pair.a().logs, ["dial ()"], "a result of 0 prints as nothing");
}

/// §1: the texts of actions are C strings, "cut at first NUL"; a message is counted bytes.
#[test]
fn the_text_of_an_action_ends_at_its_first_nul_and_a_message_does_not() {
    let assign = nop("", r"<assignstr assign_to='v' value='a\x00b'/><log message='[$v]|c\x00d'/>");
    let scenario = steps(&[&assign, &request_with("OPTIONS", "", r"X-Nul: [$v] e\x00f", "")]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run_until(0);
    assert_eq!(pair.a().logs, ["a|c"]);
    assert_eq!(line_of(&pair.texts("OPTIONS")[0], "X-Nul:"), "X-Nul: a e\0f");
}

/// §6.10, §1: a `<DefaultMessage>` whose file is not there ends the run as a `<send>` does.
#[test]
fn a_default_message_with_a_missing_file_ends_the_run() {
    let bye = "<DefaultMessage id='bye'><![CDATA[
BYE sip:x SIP/2.0
Call-ID: [call_id]
X: [file name=nope.txt]
]]></DefaultMessage>";
    let scenario = steps(&[
        bye,
        &request("INVITE", ""),
        &recv("response='200'"),
        &request("ACK", ""),
        &recv("response='180' timeout='300'"),
    ]);
    let mut pair = Pair::new(scenario, Answers([("INVITE", 1, "200 OK")]));
    pair.run();
    let sentence = b"Could not open 'nope.txt': entity not found".to_vec();
    assert_eq!(pair.a().run_end, Some(RunEnd::Fatal(sentence)));
}
