//! scenario.md §5.7, keywords.md §9: `DefaultMessage` puts another text in place of one the engine sends on its own.

use super::pair::{Pair, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{ask, line_of, recv, request};

const ID: &str = "1-1@127.0.0.1";

/// A replacement with a header of its own and a keyword.
fn replaced(id: &str, first: &str) -> String {
    format!(
        "<DefaultMessage id='{id}'><![CDATA[
{first}
[last_Via:]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: [last_cseq_number] X
X-Mine: {id} of [call_number]
Content-Length: 0

]]></DefaultMessage>"
    )
}

fn invite_then(default: &str) -> super::pair::Setup {
    steps(&[
        default,
        &request("INVITE", ""),
        &recv("response='180' optional='true'"),
        &recv("response='200'"),
    ])
}

#[track_caller]
fn assert_mine(pair: &Pair, beginning: &str, id: &str) {
    let texts = pair.texts(beginning);
    assert_eq!(texts.len(), 1, "one {beginning}");
    assert_eq!(line_of(&texts[0], "X-Mine:"), format!("X-Mine: {id} of 1"));
}

/// `cancel`: observed. Sent when an INVITE without a final response is aborted.
#[test]
fn cancel_is_replaced() {
    let default = replaced("cancel", "CANCEL sip:mine SIP/2.0");
    let mut pair = Pair::new(invite_then(&default), Answers([("INVITE", 0, "180 Ringing")]));
    pair.says(10, ask("MESSAGE", ID, 5));
    pair.run();
    assert_mine(&pair, "CANCEL sip:mine", "cancel");
    assert_eq!(pair.sent().count(), 2);
}

/// `ack`: the answer to an error response that nothing expects.
#[test]
fn ack_is_replaced() {
    let default = replaced("ack", "ACK sip:mine SIP/2.0");
    let mut pair = Pair::new(invite_then(&default), Answers([("INVITE", 0, "486 Busy Here")]));
    pair.run();
    assert_mine(&pair, "ACK sip:mine", "ack");
    assert_eq!(pair.sent().count(), 2);
}

/// `bye`: the end of a dialog.
#[test]
fn bye_is_replaced() {
    let default = replaced("bye", "BYE sip:mine SIP/2.0");
    let scenario = steps(&[
        &default,
        &request("INVITE", ""),
        &recv("response='200'"),
        &request("ACK", ""),
        &recv("request='BYE'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK"), (10, ask("MESSAGE", ID, 5))],
        _ => vec![],
    });
    pair.run();
    assert_mine(&pair, "BYE sip:mine", "bye");
    assert_eq!(pair.sent().count(), 3);
}

/// `200`: the automatic answer, here to an unexpected BYE; it shows the headers of that BYE.
#[test]
fn the_automatic_200_is_replaced() {
    let default = replaced("200", "SIP/2.0 200 Mine");
    let mut pair = Pair::new(invite_then(&default), Silent);
    pair.says(10, ask("BYE", ID, 5));
    pair.run();
    assert_mine(&pair, "SIP/2.0 200 Mine", "200");
    assert_eq!(line_of(&pair.texts("SIP/2.0 200")[0], "Via:"), line_of(&ask("BYE", ID, 5), "Via:"));
}

/// Each id replaces its own message only, and may stand below the steps; of two with one id the last counts.
#[test]
fn a_default_message_replaces_its_own_message_only_and_the_last_one_counts() {
    let scenario = steps(&[
        &replaced("cancel", "CANCEL sip:first SIP/2.0"),
        &replaced("ack", "ACK sip:mine SIP/2.0"),
        &request("INVITE", ""),
        &recv("response='180' optional='true'"),
        &recv("response='200'"),
        &replaced("cancel", "CANCEL sip:second SIP/2.0"),
    ]);
    let mut pair = Pair::new(scenario, Answers([("INVITE", 0, "180 Ringing")]));
    pair.says(10, ask("BYE", ID, 5));
    pair.says(20, ask("MESSAGE", ID, 6));
    pair.run();
    assert!(!pair.texts("SIP/2.0 200")[0].contains("X-Mine"));

    let scenario = steps(&[
        &replaced("cancel", "CANCEL sip:first SIP/2.0"),
        &request("INVITE", ""),
        &recv("response='180' optional='true'"),
        &recv("response='200'"),
        &replaced("cancel", "CANCEL sip:second SIP/2.0"),
    ]);
    let mut pair = Pair::new(scenario, Answers([("INVITE", 0, "180 Ringing")]));
    pair.says(10, ask("MESSAGE", ID, 6));
    pair.run();
    assert_mine(&pair, "CANCEL sip:second", "cancel");
}
