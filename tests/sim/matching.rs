//! runtime.md §6.2, §6.4, §7: which call and which step a message belongs to, and what it does there.

use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, embedded, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{
    answer, answer_with, ask, invite, line_of, nop, pause, recv, recv_acting, request, response,
};

const UNEXPECTED: Verdict = Verdict::Failed(Failure::UnexpectedMessage);

/// §7.2: forward over optional steps to the first mandatory one.
#[test]
fn the_search_goes_forward_over_optional_steps() {
    let mut pair = Pair::new(embedded("uac"), |heard: Heard<'_>| vec![heard.answer(10, "200 OK")]);
    pair.run();
    assert_eq!(pair.verdict(), (20, Verdict::Successful));
}

/// §7.2: a mandatory step that does not match ends the search.
#[test]
fn the_search_does_not_go_past_a_mandatory_step() {
    let scenario =
        steps(&[&request("INVITE", ""), &recv("response='100'"), &recv("response='200'"), &pause(10)]);
    let mut pair = Pair::new(scenario, Answers([("INVITE", 10, "200 OK")]));
    pair.run();
    assert_eq!(pair.verdict(), (10, UNEXPECTED));
    assert!(pair.warned("while expecting '100' (index 1)"));
}

/// §7.4 item 12: an optional recv advances the call; §7.3: earlier optionals still arrive through the backward search; §16.
#[test]
fn optional_messages_may_come_in_any_order_and_number_before_the_mandatory_one() {
    let mut pair = Pair::new(embedded("uac"), |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![
            heard.answer(1, "180 Ringing"),
            heard.answer(2, "100 Trying"),
            heard.answer(3, "183 Session Progress"),
            heard.answer(4, "180 Ringing"),
            heard.answer(5, "180 Ringing"),
            heard.answer(6, "200 OK"),
        ],
        "BYE" => vec![heard.answer(0, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.verdict(), (6, Verdict::Successful));
}

/// §7.3: after the final response a late 180 that was not seen before is unexpected and kills the call.
#[test]
fn a_late_180_aborts_the_call_with_a_bye() {
    let scenario =
        embedded("uac").with(|settings| settings.default_pause = rsipp::clock::Span::from_millis(1_000));
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK"), heard.answer(100, "180 Ringing")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.verdict(), (100, UNEXPECTED));
    assert!(pair.warned("while pausing (index 6), received 'SIP/2.0 180 Ringing"));
    assert_eq!(pair.trace().last(), Some(&(100, "BYE".to_owned())));
}

/// §7.3: a repeated 200 to INVITE (here with other bytes) gets the ACK, built anew; nothing else changes.
#[test]
fn a_200_to_invite_that_comes_again_gets_the_ack_again() {
    let scenario =
        embedded("uac").with(|settings| settings.default_pause = rsipp::clock::Span::from_millis(1_000));
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK"), (100, answer(heard.text, "200 Fine"))],
        "BYE" => vec![heard.answer(0, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("ACK"), [0, 100]);
    assert_eq!(line_of(&pair.texts("ACK")[0], "Via:"), line_of(&pair.texts("ACK")[1], "Via:"), "same branch");
    assert_eq!((pair.stats().retransmissions, pair.verdict()), (0, (1_000, Verdict::Successful)));
}

/// §7.1, cumulative method list: the recv of BYE's 200 also takes a repeated 200 to the INVITE (§16).
#[test]
fn a_200_to_invite_that_comes_after_the_bye_is_taken_for_the_byes() {
    let mut pair = Pair::new(embedded("uac"), |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK"), (100, answer(heard.text, "200 Fine"))],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.verdict(), (100, Verdict::Successful));
}

/// §7.1: the CSeq method must be among the requests sent above the step; the number is ignored.
#[test]
fn a_response_matches_by_its_cseq_method_and_not_by_its_number() {
    let table = [
        ("CSeq: 1 OPTIONS", true),
        ("CSeq: 99 OPTIONS", true),
        ("CSeq: 1 OPTION", true),
        ("CSeq: 1 MESSAGE", false),
        ("CSeq: 1 options", false),
        ("X-Other: 1", true),
    ];
    for (line, matches) in table {
        assert_eq!(is_accepted_with(line), matches, "{line}");
    }
}

/// §7.1: the CSeq method runs to the end of the line: a trailing blank → no match.
#[test]
fn a_blank_after_the_cseq_method_belongs_to_it() {
    assert!(!is_accepted_with("CSeq: 1 OPTIONS "));
}

/// Whether the 200 to an OPTIONS is accepted with this line for its CSeq.
fn is_accepted_with(line: &'static str) -> bool {
    let scenario = steps(&[&request("OPTIONS", ""), &recv("response='200'"), &request("MESSAGE", "")]);
    let mut pair = Pair::new(scenario, move |heard: Heard<'_>| {
        let text = answer(heard.text, "200 OK");
        vec![(0, text.replace(line_of(&text, "CSeq:"), line))]
    });
    pair.run_until(10);
    pair.stats().failed == 0
}

/// The same with the very bytes of the first 200: only the newest answer is linked to what it answers (§8), so it is matched.
#[test]
fn a_200_to_invite_repeated_byte_for_byte_after_the_bye_is_taken_for_the_byes_too() {
    let mut pair = Pair::new(embedded("uac"), |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK"), heard.answer(100, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!((pair.verdict(), pair.sent_at("ACK")), ((100, Verdict::Successful), vec![0]));
}

/// §7.1: the method list is cumulative, without separator.
#[test]
fn the_method_list_of_a_recv_holds_all_requests_above_it() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &request("MESSAGE", ""),
        &recv("response='200'"),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "OPTIONS" => vec![heard.answer(20, "200 OK")],
        _ => vec![heard.answer(10, "200 OK")],
    });
    pair.run();
    assert_eq!(pair.verdict(), (20, Verdict::Successful));
}

/// §7.1: leading digits of `response`; `request` is case-sensitive; a recv with both is a request step.
#[test]
fn response_codes_may_be_followed_by_text_and_methods_are_case_sensitive() {
    let mut pair = Pair::new(
        steps(&[&request("OPTIONS", ""), &recv("response='200 OK'")]),
        Answers([("OPTIONS", 0, "200 Fine")]),
    );
    pair.run();
    assert_eq!(pair.verdicts(), [Verdict::Successful]);

    let mut pair = Pair::new(steps(&[&recv("request='OPTIONS'"), &response("200 OK", "")]), Silent);
    pair.says(0, ask("options", "x", 1));
    pair.run();
    assert_eq!(pair.verdicts(), [UNEXPECTED]);
}

/// §7.4 item 13: an optional recv whose `test` is not set takes the message, and the call does not move.
#[test]
fn an_optional_recv_with_an_unset_test_does_not_move_the_call() {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='180' optional='true' next='1' test='never'"),
        &recv("response='200'"),
        &pause(10),
        "<label id='1'/>",
        &request("BYE", ""),
        "<Reference variables='never'/>",
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(1, "180 Ringing"), heard.answer(2, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.verdict(), (12, Verdict::Successful));
    assert_eq!(pair.stats().steps[1].messages, 1);
}

/// §7.4 item 12: with `test` set the optional recv jumps to its label.
#[test]
fn an_optional_recv_with_a_set_test_jumps() {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv_acting("response='180' optional='true' next='1' test='v'", "<assign assign_to='v' value='1'/>"),
        &recv("response='200'"),
        &pause(10),
        "<label id='1'/>",
        &request("BYE", ""),
    ]);
    let mut pair = Pair::new(scenario, Answers([("INVITE", 1, "180 Ringing")]));
    pair.run();
    assert_eq!(pair.verdict(), (1, Verdict::Successful));
}

/// scenario.md §7.4, Bug: an optional recv whose `next` label is at index 0 branches there like any other. (SIPp does not move:
/// runtime.md §7.4, notes.)
#[test]
fn an_optional_recv_may_branch_to_a_label_before_the_first_step() {
    let scenario = steps(&[
        "<label id='0'/>",
        &request("INVITE", ""),
        &recv("response='401' optional='true' next='0'"),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match (heard.kind(), heard.nth) {
        ("INVITE", 0) => vec![heard.answer(1, "401 Unauthorized")],
        ("INVITE", _) => vec![heard.answer(4, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("INVITE"), [0, 1]);
    assert_eq!(pair.verdict(), (5, Verdict::Successful));
}

/// §3: while the call pauses a message can only match backwards; a recv further down is not looked at.
#[test]
fn a_message_during_a_pause_does_not_match_a_recv_below() {
    let scenario = steps(&[&request("OPTIONS", ""), &pause(100), &recv("response='200'")]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 50, "200 OK")]));
    pair.run();
    assert_eq!(pair.verdict(), (50, UNEXPECTED));
    assert!(pair.warned("while pausing (index 1)"));
}

/// §7 item 2, §2.1: only a call that is still at index 0 keeps a message: a client that began with a nop does not.
#[test]
fn a_client_that_begins_with_a_nop_keeps_no_message_for_later() {
    let scenario = steps(&[&nop("", ""), &request("OPTIONS", ""), &pause(100), &recv("response='200'")]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 50, "200 OK")]));
    pair.run();
    assert_eq!(pair.verdict(), (50, UNEXPECTED));
    assert!(pair.warned("while pausing (index 2)"));
}

/// §2.1, §7 item 2: at a server that begins with a nop only the opening message is kept; a second one is matched where it finds
/// the call.
#[test]
fn a_server_that_begins_with_a_nop_keeps_the_opening_message_only() {
    let scenario = steps(&[&nop("", ""), &pause(100), &recv("request='INVITE'"), &response("200 OK", "")]);
    let mut pair = Pair::new(scenario.clone(), Silent);
    pair.says(0, invite("x"));
    pair.run();
    assert_eq!((pair.sent_at("SIP/2.0 200"), pair.verdict()), (vec![100], (100, Verdict::Successful)));

    let mut pair = Pair::new(scenario, Silent);
    pair.says(0, invite("x"));
    pair.says(50, ask("INFO", "x", 2));
    pair.run();
    assert_eq!(pair.verdict(), (50, UNEXPECTED));
}

/// §16: BYE before ACK at the embedded `uas` is accepted; the late ACK in the final pause fails the call.
#[test]
fn at_the_embedded_uas_a_bye_may_overtake_the_ack_but_the_late_ack_fails_the_call() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, invite("x"));
    pair.says(10, ask("BYE", "x", 2));
    pair.run_until(15);
    assert_eq!(pair.trace().last(), Some(&(10, "200".to_owned())));
    pair.says(20, ask("ACK", "x", 1));
    pair.run();
    assert_eq!(pair.verdict(), (20, UNEXPECTED));
    assert!(pair.warned("while pausing (index 6)"));
}

/// §7 item 3: an ACK whose CSeq number is not the INVITE's ends the call without a word; off without behaviour `cseq`.
#[test]
fn an_ack_with_another_cseq_number_deletes_the_call() {
    let talk = |cseq: bool| {
        let mut pair = Pair::new(embedded("uas").with(|settings| settings.behaviors.cseq = cseq), Silent);
        pair.says(0, invite("x"));
        pair.says(10, ask("ACK", "x", 7));
        pair.run_until(20);
        (pair.verdicts(), pair.a().engine.holds().1, pair.sent().count())
    };
    assert_eq!(talk(true), (vec![Verdict::Failed(Failure::AckCseqMismatch)], 0, 2));
    assert_eq!(talk(false), (vec![], 0, 2));
}

/// §7 item 4: a message without To matches nothing, though its code and CSeq would.
#[test]
fn a_message_without_to_is_unexpected() {
    let mut pair =
        Pair::new(steps(&[&request("OPTIONS", ""), &recv("response='200'")]), |heard: Heard<'_>| {
            if heard.kind() != "OPTIONS" {
                return vec![];
            }
            let text = answer(heard.text, "200 OK");
            vec![(5, text.replace(&format!("{}\r\n", line_of(&text, "To:")), ""))]
        });
    pair.run();
    assert_eq!(pair.verdict(), (5, UNEXPECTED));
}

/// scenario.md §7.1 item 4: without To even a BYE is no more than unexpected: it is not answered, and neither is an INFO with `-aa`.
#[test]
fn a_request_without_to_is_not_answered_automatically() {
    for method in ["BYE", "CANCEL", "PING", "INFO"] {
        let scenario = steps(&[&request("OPTIONS", ""), &recv("response='200'")]);
        let mut pair = Pair::new(scenario.with(|settings| settings.auto_answer = true).without_bye(), Silent);
        let text = ask(method, "1-1@127.0.0.1", 1);
        pair.says(5, text.replace(&format!("{}\r\n", line_of(&text, "To:")), ""));
        pair.run();
        assert_eq!((pair.verdict(), pair.sent().count()), ((5, UNEXPECTED), 1), "{method}");
        assert!(pair.warned(
            "Aborting call on unexpected message for Call-Id '1-1@127.0.0.1': while expecting '200'"
        ));
    }
}

/// §7 item 7: a status code of 0 and a request line without a method are unexpected, and end no process.
#[test]
fn a_response_without_a_code_or_a_line_without_a_method_is_unexpected() {
    for first_line in ["SIP/2.0 abc OK", "SIP/2.0 000 OK", "NONSENSE-SIP/2.0", &"X".repeat(70)] {
        let first_line = first_line.to_owned();
        let scenario = steps(&[&request("OPTIONS", ""), &recv("response='200'")]);
        let mut pair = Pair::new(scenario, move |heard: Heard<'_>| {
            vec![(5, answer(heard.text, "200 OK").replace("SIP/2.0 200 OK", &first_line))]
        });
        pair.run();
        assert_eq!((pair.verdict(), &pair.a().run_end), ((5, UNEXPECTED), &None), "{:?}", pair.a().warnings);
    }
}

/// §7.4 item 4 and keywords.md §7.1: inside a recv's actions `[last_*]` is the message before; after it, this one.
#[test]
fn inside_the_actions_of_a_recv_the_last_message_is_the_one_before() {
    let log = "<log message='[last_CSeq:]/[peer_tag_param]'/>";
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv_acting("response='100'", log),
        &recv_acting("response='200'", log),
        &nop("", log),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        let cseq = |text: String, number: u32| text.replace("CSeq: 1 ", &format!("CSeq: {number} "));
        vec![(1, cseq(answer(heard.text, "100 Trying"), 11)), (2, cseq(answer(heard.text, "200 OK"), 12))]
    });
    pair.run();
    assert_eq!(pair.a().logs, ["/;tag=pt", "CSeq: 11 OPTIONS/;tag=pt", "CSeq: 12 OPTIONS/;tag=pt"]);
}

/// §7.4 item 6, keywords.md §7.3: a received request raises `[cseq]`; ACK and CANCEL reuse it.
#[test]
fn cseq_counts_own_requests_and_follows_the_peers() {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("request='INFO'"),
        &request("BYE", ""),
        &request("ACK", ""),
        &request("CANCEL", ""),
        &request("MESSAGE", ""),
    ]);
    let mut pair =
        Pair::new(scenario.with(|settings| settings.base_cseq = 40), |heard: Heard<'_>| match heard.kind() {
            "INVITE" => vec![(0, ask("INFO", "1-1@127.0.0.1", 77))],
            _ => vec![],
        });
    pair.run();
    let numbers: Vec<_> = pair.sent().map(|sent| line_of(&sent.text(), "CSeq:").to_owned()).collect();
    assert_eq!(
        numbers,
        ["CSeq: 40 INVITE", "CSeq: 78 BYE", "CSeq: 78 ACK", "CSeq: 78 CANCEL", "CSeq: 79 MESSAGE"]
    );
}

/// §6.2, Observed: the Call-ID alone decides; `///` is trimmed once, look-up is exact and case-sensitive.
#[test]
fn messages_find_their_call_by_call_id_alone() {
    let id = "1-1@127.0.0.1";
    let table = [
        (format!("Call-ID: {id}"), true),
        (format!("i: {id}"), true),
        (format!("CALL-ID  :   {id}"), true),
        (format!("Call-ID:\r\n {id}"), true),
        (format!("Call-ID: foo///{id}"), true),
        (format!("Call-ID: {id} "), false),
        (format!("Call-ID: a///b///{id}"), false),
        (format!("Call-ID: X{id}"), false),
    ];
    for (line, known) in table {
        let said = line.clone();
        let scenario = steps(&[&request("OPTIONS", ""), &recv("response='200'")]);
        let mut pair = Pair::new(scenario, move |heard: Heard<'_>| {
            let text = answer(heard.text, "200 OK");
            vec![(0, text.replace(line_of(&text, "Call-ID:"), &said))]
        });
        pair.run_until(10);
        assert_eq!(
            (pair.stats().successful, pair.stats().out_of_call),
            (known.into(), (!known).into()),
            "{line}"
        );
    }
}

/// §6.4: a server sends to the source of the first message of the call, for the whole call.
#[test]
fn a_server_keeps_to_the_address_of_the_first_message() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says_from(7_001, 0, invite("x"));
    pair.says_from(7_002, 10, ask("ACK", "x", 1));
    pair.says_from(7_003, 20, ask("BYE", "x", 2));
    pair.run();
    assert!(pair.sent().all(|sent| sent.to.port() == 7_001) && pair.sent().count() == 3);
    assert_eq!(pair.verdict(), (4_020, Verdict::Successful));
}

/// §7.4 item 9, §13, Observed: the route set of a 200 with several Record-Route headers.
#[test]
fn a_recorded_route_set_is_reversed_in_requests_and_the_target_is_the_contact() {
    let ack = "<send><![CDATA[
ACK [next_url] SIP/2.0
[routes]
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Content-Length: 0
]]></send>";
    let scenario = steps(&[&request("INVITE", ""), &recv("response='200' rrs='true'"), ack]);
    let routes =
        "Record-Route: <sip:a;lr>, <sip:b;lr>\r\nRecord-Route: <sip:c;lr>\r\nContact: <sip:c@9.9.9.9>\r\n";
    let mut pair = Pair::new(scenario, move |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![(0, answer_with(heard.text, "200 OK", routes))],
        _ => vec![],
    });
    pair.run();
    let text = &pair.texts("ACK")[0];
    assert!(
        text.starts_with("ACK sip:c@9.9.9.9 SIP/2.0\r\nRoute: <sip:c;lr>, <sip:b;lr>, <sip:a;lr>\r\n"),
        "{text}"
    );
}
