//! runtime.md §7.1, §7.3 and scenario.md §9: responses that belong to a request by its branch.

use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, steps};
use super::peer::{Heard, Says};
use super::text::{answer, kind_of, line_of, nop, pause, recv, recv_acting, request};

const UNEXPECTED: Verdict = Verdict::Failed(Failure::UnexpectedMessage);

/// An answer with other bytes than any before it.
fn reworded(request: &str, status: &str) -> String {
    answer(request, status).replace("\r\nCall-ID:", "\r\nX-Again: yes\r\nCall-ID:")
}

/// The scenario of the "Observed with transactions" paragraph: INVITE (i), OPTIONS (o), MESSAGE (m), then a pause in which the
/// peer has all the time it wants. i is answered at 0, o at 50, m at 100 ms.
fn observed() -> Setup {
    steps(&[
        &request("INVITE", "start_txn='i'"),
        &recv("response='180' optional='true' response_txn='i'"),
        &recv("response='200' response_txn='i'"),
        &request("ACK", "ack_txn='i'"),
        &request("OPTIONS", "start_txn='o'"),
        &recv("response='200' response_txn='o'"),
        &request("MESSAGE", "start_txn='m'"),
        &recv("response='200' response_txn='m'"),
        &pause(900),
    ])
}

/// Runs it; at 500 ms the peer says what `more` makes of the INVITE or OPTIONS, both sent at 0.
fn observed_with(
    setup: Setup,
    method: &'static str,
    more: impl Fn(&str) -> String + Clone + 'static,
) -> Pair {
    let mut pair = Pair::new(setup, move |heard: Heard<'_>| -> Says {
        let delay = match heard.kind() {
            "INVITE" => 0,
            "OPTIONS" => 50,
            "MESSAGE" => 50,
            _ => return vec![],
        };
        let mut says = vec![heard.answer(delay, "200 OK")];
        if heard.kind() == method && heard.nth == 0 {
            says.push((500, more(heard.text)));
        }
        says
    });
    pair.run_until(2_000);
    pair
}

fn kinds_after(pair: &Pair, ms: u64) -> Vec<String> {
    pair.trace().into_iter().filter(|(at, _)| *at > ms).map(|(_, kind)| kind).collect()
}

/// §7.3, Observed: nothing late disturbs the call by itself.
#[test]
fn the_scenario_with_transactions_runs_through() {
    let pair = observed_with(observed(), "none", |_| String::new());
    let kinds: Vec<_> = pair.trace().into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, ["INVITE", "ACK", "OPTIONS", "MESSAGE"]);
    assert_eq!(pair.verdict(), (1_000, Verdict::Successful));
}

/// §7.3, table: a late 100-199 of a transaction is ignored silently. Observed.
#[test]
fn a_late_provisional_response_of_a_transaction_is_ignored() {
    let pair = observed_with(observed(), "INVITE", |invite| answer(invite, "180 Ringing"));
    assert_eq!((pair.verdict(), kinds_after(&pair, 400)), ((1_000, Verdict::Successful), vec![]));
    assert_eq!(pair.a().warnings, [""; 0]);
}

/// §7.3: 180 falls into a pattern of its own code only, but any 1xx that a recv of the transaction takes is ignored.
#[test]
fn any_provisional_code_that_a_recv_of_the_transaction_takes_is_ignored() {
    let scenario = steps(&[
        &request("INVITE", "start_txn='i'"),
        &recv("response='1..' regexp_match='true' optional='true' response_txn='i'"),
        &recv("response='200' response_txn='i'"),
        &request("ACK", "ack_txn='i'"),
        &pause(1_000),
    ]);
    let pair = observed_with(scenario, "INVITE", |invite| answer(invite, "199 Early"));
    assert_eq!(pair.verdict(), (1_000, Verdict::Successful));
}

/// §7.3, Observed: a repeated 200 of i, and one with other text, get the ACK.
#[test]
fn a_final_response_of_an_invite_transaction_that_comes_again_gets_its_ack_again() {
    for late in [answer as fn(&str, &str) -> String, reworded] {
        let pair = observed_with(observed(), "INVITE", move |invite| late(invite, "200 OK"));
        assert_eq!(pair.sent_at("ACK"), [0, 500]);
        let acks = pair.texts("ACK");
        assert_eq!(line_of(&acks[0], "Via:"), line_of(&acks[1], "Via:"), "the branch stays");
        assert_eq!(
            (kinds_after(&pair, 400), pair.verdict()),
            (vec!["ACK".to_owned()], (1_000, Verdict::Successful))
        );
        assert_eq!(pair.stats().steps[2].messages, 1, "consumed, not counted");
    }
}

/// §7.3, Observed: an identical 200 of o → MESSAGE sent again (duplicate rule of §8).
#[test]
fn an_identical_final_response_whose_answer_was_a_request_gets_that_request_again() {
    let pair = observed_with(observed(), "OPTIONS", |options| answer(options, "200 OK"));
    assert_eq!((pair.sent_at("MESSAGE"), pair.verdicts()), (vec![50, 500], vec![Verdict::Successful]));
}

/// §7.3, Observed: a 200 of o with other text → unexpected, BYE.
#[test]
fn another_final_response_of_a_non_invite_transaction_is_unexpected() {
    let pair = observed_with(observed(), "OPTIONS", |options| reworded(options, "200 OK"));
    assert_eq!((pair.verdict(), kinds_after(&pair, 400)), ((500, UNEXPECTED), vec!["BYE".to_owned()]));
}

/// §7.3, table: without duplicate detection (`-nr`) the final response of a non-INVITE transaction is known by its text:
/// ignored, with a warning.
#[test]
fn with_nr_an_identical_final_response_of_a_non_invite_transaction_is_ignored_with_a_warning() {
    let pair =
        observed_with(observed().without_retransmission(), "OPTIONS", |options| answer(options, "200 OK"));
    assert_eq!((pair.verdict(), kinds_after(&pair, 400)), ((1_000, Verdict::Successful), vec![]));
    assert!(pair.warned("Ignoring final UDP message for transaction o: 'SIP/2.0 200 OK"));
    assert_eq!(pair.stats().steps[5].messages, 1);

    let pair =
        observed_with(observed().without_retransmission(), "OPTIONS", |options| reworded(options, "200 OK"));
    assert_eq!(pair.verdict(), (500, UNEXPECTED));
}

/// §7.3, Bug: the 200 of an INVITE transaction whose ACK was not sent yet crashes 3.6.1; here the search goes on: unexpected.
#[test]
fn another_final_response_before_the_ack_of_its_transaction_is_unexpected() {
    let scenario = steps(&[
        &request("INVITE", "start_txn='i'"),
        &recv("response='200' response_txn='i'"),
        &pause(900),
        &request("ACK", "ack_txn='i'"),
    ]);
    let pair = observed_with(scenario, "INVITE", |invite| reworded(invite, "200 OK"));
    assert_eq!((pair.verdict(), pair.sent_at("INVITE")), ((500, UNEXPECTED), vec![0]));
}

/// §7.1: the branch of the first Via must be that of the request sent with `start_txn`; Observed: another branch → unexpected.
#[test]
fn a_response_with_another_branch_does_not_match() {
    let pair = observed_with(observed(), "OPTIONS", |options| {
        reworded(options, "200 OK").replace(";branch=", ";branch=other")
    });
    assert_eq!(pair.verdict(), (500, UNEXPECTED));
}

/// §7.1: with `response_txn` the CSeq is not looked at.
#[test]
fn with_response_txn_the_cseq_is_not_looked_at() {
    let scenario = steps(&[&request("OPTIONS", "start_txn='o'"), &recv("response='200' response_txn='o'")]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        vec![(10, answer(heard.text, "200 OK").replace("1 OPTIONS", "77 PUBLISH"))]
    });
    pair.run();
    assert_eq!(pair.verdict(), (10, Verdict::Successful));
}

/// scenario.md §9: branch parameters follow the first Via; case of `;branch=` counts; it ends at `;`, `,` or white space.
#[test]
fn the_branch_ends_at_a_semicolon_a_comma_or_white_space() {
    let verdict = |change: fn(String) -> String| {
        let scenario =
            steps(&[&request("OPTIONS", "start_txn='o'"), &recv("response='200' response_txn='o'")]);
        let mut pair =
            Pair::new(scenario, move |heard: Heard<'_>| vec![(10, change(answer(heard.text, "200 OK")))]);
        pair.run();
        pair.verdict().1
    };
    let after_via = |text: String, more: &str| {
        let via = line_of(&text, "Via:").to_owned();
        text.replace(&via, &format!("{via}{more}"))
    };
    assert_eq!(verdict(|text| text), Verdict::Successful);
    for more in
        [";received=10.0.0.1", ", SIP/2.0/UDP 10.0.0.1;branch=x", " ", "\r\nVia: SIP/2.0/UDP x;branch=z"]
    {
        let scenario =
            steps(&[&request("OPTIONS", "start_txn='o'"), &recv("response='200' response_txn='o'")]);
        let mut pair = Pair::new(scenario, move |heard: Heard<'_>| {
            vec![(10, after_via(answer(heard.text, "200 OK"), more))]
        });
        pair.run();
        assert_eq!(pair.verdict().1, Verdict::Successful, "{more:?}");
    }
    assert_eq!(verdict(|text| text.replace(";branch=", ";Branch=")), UNEXPECTED);
}

/// scenario.md §9: a transaction that starts again goes by the branch of the newest request.
#[test]
fn a_transaction_that_starts_again_forgets_the_branch_before() {
    let scenario = || {
        steps(&[
            &request("OPTIONS", "start_txn='o'"),
            &pause(100),
            &request("INFO", "start_txn='o'"),
            &recv("response='200' response_txn='o'"),
        ])
    };
    let run = |answered: &'static str| {
        let mut pair = Pair::new(scenario(), move |heard: Heard<'_>| match heard.kind() == answered {
            true => vec![heard.answer(200, "200 OK")],
            false => vec![],
        });
        pair.run_until(1_000);
        pair.verdict()
    };
    assert_eq!(run("INFO"), (300, Verdict::Successful));
    assert_eq!(run("OPTIONS"), (200, UNEXPECTED));
}

/// scenario.md §9: the remembered ACK stays when the transaction starts again.
#[test]
fn a_transaction_that_starts_again_keeps_its_ack() {
    let scenario = steps(&[
        &request("INVITE", "start_txn='i'"),
        &recv("response='200' response_txn='i'"),
        &request("ACK", "ack_txn='i'"),
        &request("INVITE", "start_txn='i'"),
        &recv("response='200' response_txn='i'"),
        &pause(500),
        &nop("", "<log message='done'/>"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| match (heard.kind(), heard.nth) {
        ("INVITE", 0) => vec![heard.answer(10, "200 OK")],
        ("INVITE", 1) => vec![heard.answer(10, "200 OK"), (100, reworded(heard.text, "200 OK"))],
        _ => vec![],
    });
    pair.run();
    assert_eq!((pair.sent_at("ACK"), pair.verdict()), (vec![10, 110], (520, Verdict::Successful)));
}

/// scenario.md §9: a send with `start_txn` or `ack_txn` adds no method to the list by which other recvs match.
#[test]
fn the_methods_of_transactions_are_not_seen_by_other_recvs() {
    let verdict = |starts: &str, answers: &str| {
        let scenario = steps(&[
            &request("OPTIONS", starts),
            &recv(&format!("response='100' {answers}")),
            &request("INFO", ""),
            &recv("response='200'"),
        ]);
        let mut pair = Pair::new(scenario, |heard: Heard<'_>| match heard.kind() {
            "OPTIONS" => vec![heard.answer(5, "100 Trying"), heard.answer(20, "200 OK")],
            _ => vec![],
        });
        pair.run();
        pair.verdict()
    };
    assert_eq!(verdict("", ""), (20, Verdict::Successful));
    assert_eq!(verdict("start_txn='o'", "response_txn='o'"), (20, UNEXPECTED));
}

/// §7.1: transactions tell answers apart that the method list does not: two requests of one method in flight.
#[test]
fn transactions_tell_answers_to_one_method_apart() {
    let log = |name: &str| format!("<log message='{name}'/>");
    let scenario = steps(&[
        &request("OPTIONS", "start_txn='one'"),
        &request("OPTIONS", "start_txn='two'"),
        &recv_acting("response='200' response_txn='two'", &log("two")),
        &recv_acting("response='200' response_txn='one'", &log("one")),
    ]);
    let mut pair =
        Pair::new(scenario, |heard: Heard<'_>| vec![heard.answer(40 - 20 * heard.nth as u64, "200 OK")]);
    pair.run();
    assert_eq!(pair.a().logs, ["two", "one"]);
    assert_eq!(pair.verdict(), (40, Verdict::Successful));
}

/// §7.3: after the first 200 of each of its own the ACK of a transaction is the one that is sent anew, not the step below the recv.
#[test]
fn the_ack_sent_anew_is_that_of_the_transaction_wherever_it_stands() {
    let scenario = steps(&[
        &request("INVITE", "start_txn='i'"),
        &recv("response='200' response_txn='i'"),
        &nop("", "<log message='between'/>"),
        &pause(50),
        &request("ACK", "ack_txn='i'"),
        &pause(900),
    ]);
    let pair = observed_with(scenario, "INVITE", |invite| reworded(invite, "200 OK"));
    assert_eq!((pair.sent_at("ACK"), pair.verdicts()), (vec![50, 500], vec![Verdict::Successful]));
    assert!(pair.sent().all(|sent| kind_of(&sent.text()) != "BYE"));
}

/// §7.1, scenario.md §9: a transaction that was not started in this call matches no response with a branch.
#[test]
fn a_transaction_that_was_skipped_takes_no_response() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &request("INFO", "start_txn='o' condexec='never'"),
        &recv("response='200' response_txn='o'"),
        "<Reference variables='never'/>",
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| vec![heard.answer(10, "200 OK")]);
    pair.run();
    assert_eq!(pair.verdict(), (10, UNEXPECTED));
}
