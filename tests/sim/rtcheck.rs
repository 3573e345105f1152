//! runtime.md §8, cli.md §4.8: `-rtcheck loose` knows a repeat by To, From, Call-ID and CSeq, a response by its first line and body too.

use rsipp::engine::Verdict;
use rsipp::engine::settings::RepeatCheck;
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, embedded, steps};
use super::peer::{Heard, Silent};
use super::text::{ask, invite, pause, recv, request};

const UNEXPECTED: Verdict = Verdict::Failed(Failure::UnexpectedMessage);

fn loose(setup: Setup) -> Setup {
    setup.with(|settings| settings.repeat_check = RepeatCheck::Loose)
}

/// A loose `uas` in which an INVITE is followed 200 ms later by a changed one: when the 200 went out.
fn answers_to(change: impl Fn(String) -> String) -> Pair {
    let mut pair = Pair::new(loose(embedded("uas")), Silent);
    pair.says(0, invite("x"));
    pair.says(200, change(invite("x")));
    pair.run_until(300);
    pair
}

/// §8, Observed: "With INVITE repeated under a new branch: unexpected under `full`; handled as duplicate under `-rtcheck loose`".
#[test]
fn loose_takes_an_invite_with_another_branch_for_a_repeat() {
    let pair = answers_to(|invite| invite.replace("z9hG4bKp", "z9hG4bKq"));
    assert_eq!(pair.sent_at("SIP/2.0 200"), [0, 200]);
    assert_eq!((pair.stats().current, pair.stats().retransmissions), (1, 1));
}

/// §8: other headers and the body of a request do not count.
#[test]
fn loose_does_not_look_at_other_headers_nor_at_the_body_of_a_request() {
    let pair = answers_to(|invite| {
        invite.replace("Content-Length: 0\r\n\r\n", "X: y\r\nContent-Length: 2\r\n\r\nhi")
    });
    assert_eq!(pair.sent_at("SIP/2.0 200"), [0, 200]);
}

/// §8: each of From, To and CSeq does, and blanks around a value do not. (Another Call-ID is another call.)
#[test]
fn loose_takes_another_from_to_or_cseq_for_another_message() {
    for (part, other) in [("tag=ft", "tag=other"), ("To: <sip:x@", "To: <sip:y@"), ("CSeq: 1 ", "CSeq: 2 ")] {
        assert_eq!(answers_to(|invite| invite.replace(part, other)).verdict(), (200, UNEXPECTED), "{other}");
    }
    let blanks = answers_to(|invite| invite.replace("From: ", "From:   ").replace("CSeq: 1", "cseq:  1"));
    assert_eq!(blanks.sent_at("SIP/2.0 200"), [0, 200]);
}

/// §8: requests that differ in the method differ in the CSeq.
#[test]
fn loose_tells_an_ack_from_its_invite() {
    let mut pair = Pair::new(loose(embedded("uas")), Silent);
    pair.says(0, invite("x"));
    pair.says(10, ask("ACK", "x", 1));
    pair.says(20, ask("ACK", "x", 1).replace("z9hG4bKp", "z9hG4bKq"));
    pair.says(30, ask("BYE", "x", 2));
    pair.run();
    assert_eq!(pair.verdict(), (4_030, Verdict::Successful));
    assert_eq!(pair.stats().steps[3].retransmissions, 1, "the ACK under another branch is a repeat");
}

/// A loose client in a pause after INVITE, 200, ACK that hears the 200 again, changed.
fn acks_to(change: &'static (impl Fn(String) -> String + Sync)) -> Pair {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv("response='200'"),
        &request("MESSAGE", ""),
        &pause(1_000),
        &recv("response='202'"),
    ]);
    let mut pair = Pair::new(loose(scenario), move |heard: Heard<'_>| {
        let (_, answer) = heard.answer(0, "200 OK");
        if heard.kind() == "OPTIONS" { vec![(0, answer.clone()), (300, change(answer))] } else { vec![] }
    });
    pair.run_until(400);
    pair
}

/// §8: of a response the rest of the first line and the body count as well.
#[test]
fn loose_takes_a_response_with_another_reason_or_body_for_another_message() {
    let via =
        acks_to(&|answer| answer.replace("Via: ", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKother\r\nVia: "));
    assert_eq!(via.sent_at("MESSAGE"), [0, 300], "only the Via differs: the answer to it goes out again");
    let reason = acks_to(&|answer| answer.replace("200 OK", "200 Fine"));
    assert_eq!(reason.verdict(), (300, UNEXPECTED));
    let body = acks_to(&|answer| answer.replace("Content-Length: 0\r\n\r\n", "Content-Length: 2\r\n\r\nhi"));
    assert_eq!(body.verdict(), (300, UNEXPECTED));
}

/// §8: under `full`, the default, the same response with another Via is another message.
#[test]
fn full_looks_at_every_byte() {
    assert_eq!(rsipp::engine::Settings::default().repeat_check, RepeatCheck::Full);
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, invite("x"));
    pair.says(200, invite("x").replace("Content-Length: 0", "Content-Length:  0"));
    pair.run();
    assert_eq!(pair.verdict(), (200, UNEXPECTED));
}

/// §7.3 with transactions: the accepted final response is known again by the same rule.
#[test]
fn loose_knows_the_final_response_of_a_transaction_again() {
    let scenario = steps(&[
        &request("OPTIONS", "start_txn='o'"),
        &recv("response='200' response_txn='o'"),
        &request("INFO", "start_txn='i'"),
        &recv("response='200' response_txn='i'"),
        &recv("request='NOTIFY'"),
    ]);
    let mut pair = Pair::new(loose(scenario), |heard: Heard<'_>| {
        let (_, answer) = heard.answer(0, "200 OK");
        let late = answer.replace("Content-Length", "X: y\r\nContent-Length");
        if heard.kind() == "OPTIONS" { vec![(0, answer), (300, late)] } else { vec![(0, answer)] }
    });
    pair.run_until(400);
    assert_eq!((pair.stats().current, pair.stats().failed), (1, 0), "{:?}", pair.a().warnings);
}
