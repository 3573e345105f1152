//! runtime.md §11: what an aborted call says, byte for byte, and when it says nothing.

use rsipp::clock::Span;
use rsipp::engine::{RunEnd, Verdict};
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, embedded, steps};
use super::peer::{Heard, Says, Silent};
use super::text::{answer, answer_with, ask, line_of, pause, recv, request};

const ID: &str = "1-1@127.0.0.1";

/// §11, Observed: ACK to an unexpected 486.
#[test]
fn an_unexpected_error_response_to_invite_gets_this_ack() {
    let mut pair =
        Pair::new(embedded("uac").known_as(21_198, 24_202, 24_200), |heard: Heard<'_>| match heard.kind() {
            "INVITE" => vec![heard.answer(1, "486 Busy Here")],
            _ => vec![],
        });
    pair.run();
    let expected = "ACK sip:service@127.0.0.1:24200 SIP/2.0\r\n\
        Via: SIP/2.0/UDP 127.0.0.1:24202;branch=z9hG4bK-21198-1-0\r\n\
        From: sipp <sip:sipp@127.0.0.1:24202>;tag=21198SIPpTag001\r\n\
        To: service <sip:service@127.0.0.1:24200>;tag=pt\r\n\
        Call-ID: 1-21198@127.0.0.1\r\n\
        CSeq: 1 ACK\r\n\
        Contact: <sip:sipp@127.0.0.1:24202;transport=UDP>\r\n\
        Max-Forwards: 70\r\n\
        Subject: Performance Test\r\n\
        Content-Length: 0\r\n\r\n";
    assert_eq!(pair.texts("ACK"), [expected]);
    assert_eq!((pair.sent().count(), pair.verdict()), (2, (1, Verdict::Failed(Failure::UnexpectedMessage))));
}

/// §11, Observed: CANCEL after 180, unexpected 302.
#[test]
fn an_unexpected_redirection_gets_this_cancel() {
    let mut pair =
        Pair::new(embedded("uac").known_as(21_199, 24_204, 24_201), |heard: Heard<'_>| match heard.kind() {
            "INVITE" => vec![heard.answer(1, "180 Ringing"), heard.answer(2, "302 Moved")],
            _ => vec![],
        });
    pair.run();
    let expected = "CANCEL sip:service@127.0.0.1:24201 SIP/2.0\r\n\
        Via: SIP/2.0/UDP 127.0.0.1:24204;branch=z9hG4bK-21199-1-0\r\n\
        From: sipp <sip:sipp@127.0.0.1:24204>;tag=21199SIPpTag001\r\n\
        To: service <sip:service@127.0.0.1:24201>;tag=pt\r\n\
        Call-ID: 1-21199@127.0.0.1\r\n\
        CSeq: 1 CANCEL\r\n\
        Max-Forwards: 70\r\n\
        Contact: <sip:sipp@127.0.0.1:24204;transport=UDP>\r\n\
        Content-Length: 0\r\n\r\n";
    assert_eq!(pair.texts("CANCEL"), [expected]);
    assert_eq!(pair.sent().count(), 2);
}

/// §11, Observed: BYE with a known route set. INVITE, recv 200 rrs, ACK, pause, recv ... : the call is at index 5.
#[test]
fn a_dialog_with_a_route_set_ends_with_this_bye() {
    let invite = "<send><![CDATA[
INVITE sip:x@127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:a@127.0.0.1>;tag=1
To: <sip:x@127.0.0.1>
Call-ID: [call_id]
CSeq: 1 INVITE
Content-Length: 0
]]></send>";
    let idle = super::text::nop("", "");
    let scenario = steps(&[
        invite,
        &recv("response='200' rrs='true'"),
        &request("ACK", ""),
        &idle,
        &idle,
        &pause(1_000),
    ]);
    let routes = "Record-Route: <sip:r1@127.0.0.1:1;lr>, <sip:r2@127.0.0.1:2;lr>\r\n\
        Record-Route: <sip:r3@127.0.0.1:3;lr>\r\nContact: <sip:c@127.0.0.1:9>\r\n";
    let mut pair = Pair::new(scenario.known_as(26_261, 24_387, 24_388), move |heard: Heard<'_>| match heard
        .kind()
    {
        "INVITE" => {
            vec![(0, answer_with(heard.text, "200 OK", routes)), (100, answer(heard.text, "480 Too Late"))]
        }
        _ => vec![],
    });
    pair.run();
    let expected = "BYE sip:c@127.0.0.1:9 SIP/2.0\r\n\
        Via: SIP/2.0/UDP 127.0.0.1:24387;branch=z9hG4bK-26261-1-4\r\n\
        Route: <sip:r3@127.0.0.1:3;lr>, <sip:r2@127.0.0.1:2;lr>, <sip:r1@127.0.0.1:1;lr>\r\n\
        From: <sip:a@127.0.0.1>;tag=1\r\n\
        To: <sip:x@127.0.0.1>;tag=pt\r\n\
        Call-ID: 1-26261@127.0.0.1\r\n\
        CSeq: 2 BYE\r\n\
        Max-Forwards: 70\r\n\
        Contact: <sip:sipp@127.0.0.1:24387;transport=UDP>\r\n\
        Content-Length: 0\r\n\r\n";
    assert_eq!(pair.texts("BYE"), [expected]);
}

/// §11, table, row "ACK pending": a 200 was received and not acknowledged yet: ACK, then BYE.
#[test]
fn with_an_ack_pending_the_abort_sends_ack_and_bye() {
    let scenario =
        steps(&[&request("INVITE", ""), &recv("response='200'"), &pause(1_000), &request("ACK", "")]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK"), heard.answer(100, "180 Late")],
        _ => vec![],
    });
    pair.run();
    let expected = [(0, "INVITE"), (100, "ACK"), (100, "BYE")];
    assert_eq!(pair.trace(), expected.map(|(at, what)| (at, what.to_owned())));
}

/// §11, Bug: a 200 to another method does not set ACK pending: REGISTER/200, INVITE/180, timeout → CANCEL.
#[test]
fn a_200_to_register_leaves_no_ack_pending() {
    let scenario = steps(&[
        &request("REGISTER", ""),
        &recv("response='200'"),
        &request("INVITE", ""),
        &recv("response='180' optional='true' timeout='5000'"),
        &recv("response='200' timeout='300'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "REGISTER" => vec![heard.answer(0, "200 OK")],
        "INVITE" => vec![heard.answer(0, "180 Ringing")],
        _ => vec![],
    });
    pair.run();
    let expected = [(0, "REGISTER"), (0, "INVITE"), (300, "CANCEL")];
    assert_eq!(pair.trace(), expected.map(|(at, what)| (at, what.to_owned())));
}

/// §11, Bug: *established* goes off again when an INVITE is sent after a BYE of the call.
#[test]
fn an_invite_after_a_bye_is_no_established_dialog() {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='200'"),
        &request("ACK", ""),
        &request("BYE", ""),
        &recv("response='200'"),
        &request("INVITE", ""),
        &recv("response='180' optional='true'"),
        &recv("response='200' timeout='300'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match (heard.kind(), heard.nth) {
        ("INVITE", 1) => vec![heard.answer(0, "180 Ringing")],
        ("ACK", _) => vec![],
        _ => vec![heard.answer(0, "200 OK")],
    });
    pair.run();
    assert_eq!(pair.trace().last(), Some(&(300, "CANCEL".to_owned())));
}

/// §11, Observed `uac -max_retrans 1`, BYE unanswered: an automatic BYE follows the scenario's.
#[test]
fn an_unanswered_bye_of_the_scenario_is_followed_by_an_automatic_one() {
    let mut pair = Pair::new(embedded("uac").resends(1, 1), |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.sent_at("BYE"), [0, 500, 1_500]);
    assert_eq!(pair.verdict(), (1_500, Verdict::Failed(Failure::MaxUdpRetrans)));
}

/// §11, Surprise: a BYE is sent even outside any dialog.
#[test]
fn an_unexpected_response_to_options_is_followed_by_a_bye() {
    let scenario = steps(&[&request("OPTIONS", ""), &recv("response='200'")]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "OPTIONS" => vec![heard.answer(0, "404 Not Found")],
        _ => vec![],
    });
    pair.run();
    assert_eq!(pair.trace(), [(0, "OPTIONS".to_owned()), (0, "BYE".to_owned())]);
    assert_eq!(line_of(&pair.texts("BYE")[0], "CSeq:"), "CSeq: 2 BYE");
}

/// §11: "Nothing is ever sent when the creation mode is server".
#[test]
fn an_aborted_call_of_a_server_says_nothing() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, super::text::invite("x"));
    pair.says(10, ask("INFO", "x", 2));
    pair.run();
    assert_eq!((pair.sent().count(), pair.stats().failed), (2, 1));
}

/// §12.2: that holds for the last message of a scenario too.
#[test]
fn a_call_whose_last_message_cannot_be_sent_has_failed() {
    let mut pair = Pair::new(steps(&[&request("MESSAGE", "")]), Silent);
    pair.refuse("MESSAGE");
    pair.run();
    assert_eq!(pair.verdicts(), [Verdict::Failed(Failure::CannotSendMessage)]);
}

fn ringing_then(said: impl Fn(Heard<'_>) -> Says + 'static) -> (Setup, impl Fn(Heard<'_>) -> Says + 'static) {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='180' optional='true'"),
        &recv("response='200'"),
        &request("ACK", ""),
        &pause(1_000),
    ]);
    (scenario, move |heard: Heard<'_>| if heard.kind() == "INVITE" { said(heard) } else { vec![] })
}

/// §11, Replacement: after an unexpected request the CANCEL takes Via, From, To and CSeq from the newest response to the INVITE.
#[test]
fn after_an_unexpected_request_the_headers_come_from_the_newest_response() {
    let (scenario, peer) =
        ringing_then(|heard| vec![heard.answer(0, "180 Ringing"), (10, ask("INFO", ID, 7))]);
    let mut pair = Pair::new(scenario, peer);
    pair.run();
    let invite = pair.texts("INVITE")[0].clone();
    let cancel = &pair.texts("CANCEL")[0];
    assert_eq!(line_of(cancel, "Via:"), line_of(&invite, "Via:"));
    assert_eq!(line_of(cancel, "From:"), line_of(&invite, "From:"));
    assert_eq!(line_of(cancel, "To:"), format!("{};tag=pt", line_of(&invite, "To:")));
    assert_eq!(line_of(cancel, "CSeq:"), "CSeq: 1 CANCEL");
}

/// §11, Replacement: without any response they come from the request that was sent.
#[test]
fn after_an_unexpected_request_and_no_response_the_headers_come_from_the_invite() {
    let (scenario, peer) = ringing_then(|_| vec![(10, ask("INFO", ID, 7))]);
    let mut pair = Pair::new(scenario, peer);
    pair.run();
    let invite = pair.texts("INVITE")[0].clone();
    let cancel = &pair.texts("CANCEL")[0];
    for name in ["Via:", "From:", "To:"] {
        assert_eq!(line_of(cancel, name), line_of(&invite, name));
    }
    assert!(cancel.starts_with("CANCEL sip:b@127.0.0.1:5060 SIP/2.0\r\n"), "{cancel}");
}

/// §11, Replacement: a response to an older request does not lend its headers: its CSeq method is not that of the last request.
#[test]
fn a_response_to_an_older_request_does_not_lend_its_headers() {
    let scenario = steps(&[
        &request("REGISTER", ""),
        &recv("response='200'"),
        &request("INVITE", ""),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "REGISTER" => vec![heard.answer(0, "200 OK")],
        "INVITE" => vec![(10, ask("INFO", ID, 70))],
        _ => vec![],
    });
    pair.run();
    let (invite, cancel) = (pair.texts("INVITE")[0].clone(), pair.texts("CANCEL")[0].clone());
    assert_eq!(line_of(&cancel, "Via:"), line_of(&invite, "Via:"));
    assert_eq!(line_of(&cancel, "CSeq:"), "CSeq: 2 CANCEL");
}

/// §11, Replacement: in a dialog, where the peer's request was answered by the scenario, the BYE still has our own From and To.
#[test]
fn a_bye_after_requests_of_the_peer_has_our_own_from_and_to() {
    let ok = super::text::response("200 OK", "");
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='200'"),
        &request("ACK", ""),
        &recv("request='INFO'"),
        &ok,
        &recv("request='INFO' timeout='500'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK"), (100, ask("INFO", ID, 7))],
        _ => vec![],
    });
    pair.run();
    let (ack, bye) = (pair.texts("ACK")[0].clone(), pair.texts("BYE")[0].clone());
    assert_eq!(line_of(&bye, "From:"), line_of(&ack, "From:"));
    assert!(line_of(&bye, "To:").starts_with(line_of(&ack, "To:").split(";tag").next().unwrap()));
    assert!(bye.starts_with("BYE sip:b@127.0.0.1:5060 SIP/2.0"), "{bye}");
    assert_eq!(pair.verdict(), (600, Verdict::Failed(Failure::TimeoutOnRecv)));
}

/// §11: automatic messages are not retransmitted, and their answers meet the dead call.
#[test]
fn automatic_messages_go_out_once_and_their_answers_meet_a_dead_call() {
    let (scenario, _) = ringing_then(|_| vec![]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "180 Ringing"), heard.answer(5, "302 Moved")],
        _ => vec![heard.answer(10, "200 OK")],
    });
    pair.run();
    assert_eq!((pair.sent_at("CANCEL"), pair.stats().dead_call), (vec![5], 1));
    assert!(pair.warned("Dead call 1-1@127.0.0.1 (aborted at index 2), received 'SIP/2.0 200 OK"));
}

/// §11, Bug: a failed automatic message does not count the call twice.
#[test]
fn an_automatic_message_that_cannot_be_sent_changes_nothing() {
    let (scenario, peer) =
        ringing_then(|heard| vec![heard.answer(0, "180 Ringing"), heard.answer(5, "302 Moved")]);
    let mut pair = Pair::new(scenario, peer);
    pair.refuse("CANCEL");
    pair.run();
    assert_eq!(pair.verdict(), (5, Verdict::Failed(Failure::UnexpectedMessage)));
    pair.assert_nothing_left();
}

/// §11, cli.md §4.3, Surprise: `-sendbuffer_warn true`.
#[test]
fn an_automatic_message_that_cannot_be_sent_ends_the_run_if_asked_to() {
    let (scenario, peer) =
        ringing_then(|heard| vec![heard.answer(0, "180 Ringing"), heard.answer(5, "302 Moved")]);
    let scenario = scenario.with(|settings| settings.automatic_sends_must_succeed = true);
    let mut pair = Pair::new(scenario, peer);
    pair.refuse("CANCEL");
    pair.run_until(5);
    let text = b"Error sending raw message, errno = 1 (Operation not permitted)".to_vec();
    assert_eq!(pair.a().run_end, Some(RunEnd::Fatal(text)));
}

/// §12.2: a scenario message that cannot be sent fails its call, and nothing more is said.
#[test]
fn a_scenario_message_that_cannot_be_sent_fails_the_call_in_silence() {
    let scenario = embedded("uac").with(|settings| settings.default_pause = Span::from_millis(100));
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK")],
        _ => vec![],
    });
    pair.refuse("BYE");
    pair.run_until(200);
    assert_eq!(pair.verdict(), (100, Verdict::Failed(Failure::CannotSendMessage)));
    assert_eq!((pair.sent_at("BYE"), pair.a().engine.holds().1), (vec![], 0));
}
