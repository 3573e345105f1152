//! Transactions (scenario.md §9).

use super::*;
use crate::scenario::plan::{SendTxn, Txn, TxnIx};

fn request(method: &str, attributes: &str) -> String {
    format!("<send {attributes}><![CDATA[{method} sip:a SIP/2.0]]></send>")
}

fn answer(attributes: &str) -> String {
    format!("<recv response=\"200\" {attributes}/>")
}

const INVITE: &str = "start_txn=\"call\"";

/// §9, the table.
#[test]
fn a_transaction_is_started_answered_and_acknowledged() {
    let plan = plan(&format!(
        "{}{}{}{}{}",
        request("INVITE", INVITE),
        answer("response_txn=\"call\""),
        request("ACK", "ack_txn=\"call\""),
        request("BYE", "start_txn=\"end\""),
        answer("response_txn=\"end\"")
    ));
    assert_eq!(send(&plan.steps[0]).txn, Some(SendTxn::Starts(TxnIx(0))));
    assert_eq!(recv(&plan.steps[1]).txn, Some(TxnIx(0)));
    assert_eq!(send(&plan.steps[2]).txn, Some(SendTxn::Acks(TxnIx(0))));
    assert_eq!(send(&plan.steps[3]).txn, Some(SendTxn::Starts(TxnIx(1))));
    let txn = |name: &str, is_invite| Txn { name: name.to_owned(), is_invite };
    assert_eq!(*plan.txns, [txn("call", true), txn("end", false)]);
}

/// §9, Bug: whatever mentions it first.
#[test]
fn a_transaction_that_an_invite_starts_is_one_even_when_its_answer_stands_above() {
    let plan = plan(&format!(
        "{}{}{}{}",
        request("OPTIONS", ""),
        answer("response_txn=\"call\" optional=\"true\"") + &answer(""),
        request("INVITE", INVITE),
        request("ACK", "ack_txn=\"call\"")
    ));
    assert_eq!(*plan.txns, [Txn { name: "call".to_owned(), is_invite: true }]);
}

/// §9: neither start_txn nor ack_txn adds its method to what plain receives match (§7.2).
#[test]
fn a_request_of_a_transaction_is_unknown_to_the_recvs_without_one() {
    let plan = plan(&format!(
        "{}{}{}{}{}",
        request("INVITE", INVITE),
        answer("response_txn=\"call\""),
        request("ACK", "ack_txn=\"call\""),
        request("BYE", ""),
        answer("")
    ));
    assert_eq!(recv(&plan.steps[4]).methods_above.as_deref(), Some(b"BYE".as_slice()));
}

/// §9, the rules of the table.
#[test]
fn each_attribute_has_its_kind_of_message() {
    let response = |attribute: &str| format!("<send {attribute}=\"t\"><![CDATA[SIP/2.0 200 OK]]></send>");
    assert_eq!(error(&request("ACK", "start_txn=\"t\"")), "An ACK message can not start a transaction!");
    assert_eq!(error(&response("start_txn")), "Responses can not start a transaction");
    assert_eq!(
        error(&request("BYE", "ack_txn=\"t\"")),
        "The ack_txn attribute is valid only for ACK messages!"
    );
    assert_eq!(error(&response("ack_txn")), "Responses can not ACK a transaction");
    assert_eq!(
        error(&request("BYE", "response_txn=\"t\"")),
        "response_txn can only be used for received messages."
    );
    assert_eq!(
        error("<recv request=\"BYE\" response_txn=\"t\"/>"),
        "response_txn can only be used for received responses."
    );
}

/// §9: the words "Variable" and "Transaction" are swapped with the variable errors (endings as in sipp 3.6.1).
#[test]
fn a_transaction_needs_a_name() {
    for (step, what) in [
        (request("BYE", "start_txn=\"NAME\""), "start transaction"),
        (request("ACK", "ack_txn=\"NAME\""), "ack transaction"),
        (answer("response_txn=\"NAME\""), "transaction response"),
    ] {
        let empty = format!("Variable names may not be empty for {what}");
        assert_eq!(error(&step.replace("NAME", "")), empty);
        for bad in ["$a", "a,b"] {
            let sentence = format!("Variable names may not contain $ or , for {what}");
            assert_eq!(error(&step.replace("NAME", bad)), sentence);
        }
    }
}

/// §9: "Ignored if `start_txn` is also present".
#[test]
fn start_txn_wins_over_ack_txn() {
    let body = request("BYE", "start_txn=\"t\" ack_txn=\"u\"") + &answer("response_txn=\"t\"");
    assert_eq!(warnings(&body), ["ack_txn is ignored beside start_txn"]);
    assert_eq!(plan(&body).txns.len(), 1);
}

/// §5.2: "With neither: ignored".
#[test]
fn response_txn_on_a_recv_of_nothing_is_ignored() {
    let plan = plan("<recv response_txn=\"t\"/>");
    assert_eq!((recv(&plan.steps[0]).txn, plan.txns.len()), (None, 0));
}

/// §9, "After loading".
#[test]
fn a_transaction_must_be_complete() {
    assert_eq!(error(&answer("response_txn=\"call\"")), "Transaction call is never started!");
    assert_eq!(error(&request("BYE", INVITE)), "Transaction call has no responses defined!");
    let invite = request("INVITE", INVITE) + &answer("response_txn=\"call\"");
    assert_eq!(error(&invite), "Transaction call is an INVITE transaction without an ACK!");
    let bye = request("BYE", INVITE) + &answer("response_txn=\"call\"") + &request("ACK", "ack_txn=\"call\"");
    assert_eq!(error(&bye), "Transaction call is a non-INVITE transaction with an ACK!");
}

/// scenario.md §16: what was passed over may hold the missing part.
#[test]
fn transactions_are_not_counted_when_a_part_of_the_file_was_passed_over() {
    assert_eq!(error(&(answer("response_txn=\"call\"") + "<sendCmd/>")), "not supported yet: <sendCmd>");
}
