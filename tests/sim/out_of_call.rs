//! runtime.md §2.2, §6.3, §12.1, scenario.md §14: requests that belong to no call, and the scenario of `-oocsf` that answers them.

use rsipp::engine::{Command, Verdict};
use rsipp::scenario::Part;
use rsipp::stats::{Failure, Stats};

use super::pair::{Pair, Setup, address, embedded, steps};
use super::peer::{Heard, Silent};
use super::text::{
    answer, ask, invite, line_of, nop, pause, recv, recv_acting, request, request_with, response,
};

/// Somebody who is not the remote host.
const STRANGER: u16 = 7_777;

/// One MESSAGE that waits for its 200.
fn caller() -> Setup {
    steps(&[&request("MESSAGE", ""), &recv("response='200'")])
}

/// Answers OPTIONS, and is over.
fn answerer() -> Setup {
    steps(&[&recv("request='OPTIONS'"), &response("200 OK", "")])
}

fn out_of_call(pair: &Pair) -> &Stats {
    pair.stats_of(Part::OutOfCall)
}

/// The 200 to the MESSAGE of `caller()`.
fn let_the_call_end(pair: &mut Pair, at_ms: u64) {
    let message = pair.texts("MESSAGE").pop().expect("a MESSAGE");
    pair.says(at_ms, answer(&message, "200 OK"));
}

/// §6.3: own `IncomingCall`, global `AutoAnswered`, the warning; replies go to the source. scenario.md §14: apart from that the main
/// scenario's numbers know nothing of it.
#[test]
fn a_request_of_no_call_gets_a_call_of_the_out_of_call_scenario() {
    let mut pair = Pair::new(caller().out_of_call(answerer()), Silent);
    pair.says_from(STRANGER, 5, ask("OPTIONS", "x", 1));
    pair.run_until(10);
    let answered = pair.sent().last().unwrap();
    assert_eq!((answered.to, answered.at.millis()), (address(STRANGER), 5));
    assert_eq!(line_of(&answered.text(), "Call-ID:"), "Call-ID: x");
    assert_eq!(
        pair.a().warnings,
        ["Received out-of-call OPTIONS message, using the out-of-call scenario".to_owned()]
    );
    let own = out_of_call(&pair);
    assert_eq!((own.incoming, own.outgoing, own.successful, own.current), (1, 0, 1, 0));
    assert_eq!(own.steps.iter().map(|step| step.messages).collect::<Vec<_>>(), [1, 1]);
    let main = pair.stats();
    assert_eq!((main.incoming, main.outgoing, main.current, main.successful), (0, 1, 1, 0));
    assert_eq!((main.auto_answered, main.out_of_call, main.warnings), (1, 0, 1));
    assert_eq!(main.steps.iter().map(|step| step.messages).collect::<Vec<_>>(), [1, 0]);
}

/// §6.3, transport.md §13: a response is counted and nothing else.
#[test]
fn a_response_of_no_call_is_only_counted() {
    let mut pair = Pair::new(caller().out_of_call(embedded("ooc_default")), Silent);
    pair.says(5, answer(&ask("OPTIONS", "x", 1), "200 OK"));
    pair.run_until(10);
    assert_eq!((pair.stats().out_of_call, pair.stats().warnings, pair.sent().count()), (1, 0, 1));
    assert_eq!(out_of_call(&pair).incoming, 0);
}

/// §6.3: the table is read from above, so `-aa` gets nothing when there is an out-of-call scenario.
#[test]
fn the_out_of_call_scenario_goes_before_aa() {
    let setup = caller().out_of_call(answerer()).with(|settings| settings.auto_answer = true);
    let mut pair = Pair::new(setup, Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run_until(10);
    assert_eq!((pair.stats().auto_answered, out_of_call(&pair).successful), (1, 1));
    assert!(pair.texts("SIP/2.0 200")[0].contains(";tag=b2147483648"), "the answer of the scenario");
}

/// §2.2, Replacement: their numbers begin at 2147483648, and the main scenario's go on without a gap.
#[test]
fn out_of_call_calls_have_numbers_of_their_own() {
    let mut pair = Pair::new(caller().calls(2).rate(10.0, 1_000).out_of_call(answerer()), Silent);
    for id in ["x", "y"] {
        pair.says(5, ask("OPTIONS", id, 1));
    }
    pair.run_until(150);
    let tags: Vec<_> = pair
        .texts("SIP/2.0")
        .iter()
        .map(|text| line_of(text, "To:").rsplit('b').next().unwrap().to_owned())
        .collect();
    assert_eq!(tags, ["2147483648", "2147483649"]);
    let ids: Vec<_> = pair.texts("MESSAGE").iter().map(|text| line_of(text, "Call-ID:").to_owned()).collect();
    assert_eq!(ids, ["Call-ID: 1-1@127.0.0.1", "Call-ID: 2-1@127.0.0.1"]);
}

/// actions.md §4.4: they take no injection lines.
#[test]
fn out_of_call_calls_take_no_injection_lines() {
    let call = request_with("MESSAGE", "", "X-Line: [field0]", "");
    let setup = steps(&[&call, &recv("response='200'")]).calls(2).rate(10.0, 1_000);
    let setup = setup.file("a.csv", "SEQUENTIAL\none\ntwo\nthree\n").out_of_call(answerer());
    let mut pair = Pair::new(setup, Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run_until(150);
    let lines: Vec<_> =
        pair.texts("MESSAGE").iter().map(|text| line_of(text, "X-Line:").to_owned()).collect();
    assert_eq!(
        (lines, out_of_call(&pair).successful),
        (vec!["X-Line: one".to_owned(), "X-Line: two".to_owned()], 1)
    );
}

/// §12.1, §2.5, §2.7: neither `-m` nor `-l` counts them.
#[test]
fn out_of_call_calls_count_neither_for_m_nor_for_l() {
    let busy = steps(&[&recv("request='OPTIONS'"), &pause(60_000)]);
    let setup = caller().calls(2).limit(Some(2)).rate(10.0, 1_000).out_of_call(busy);
    let mut pair = Pair::new(setup, Silent);
    for id in ["x", "y", "z"] {
        pair.says(5, ask("OPTIONS", id, 1));
    }
    pair.run_until(150);
    assert_eq!((pair.sent_at("MESSAGE"), pair.stats().held_back), (vec![0, 100], 0));
    assert_eq!((out_of_call(&pair).current, pair.stats().peak), (3, 2));
}

/// scenario.md §14: the process does not wait for them. Every call ends and is counted (spec/README.md rule 4); a call that was opened
/// by a request is a server's and says nothing (§11).
#[test]
fn the_end_of_the_main_calls_ends_the_run_and_aborts_the_others_silently() {
    let mut pair = Pair::new(caller().out_of_call(embedded("ooc_default")), Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run_until(10);
    let_the_call_end(&mut pair, 20);
    pair.run_until(20);
    assert_eq!((pair.verdict(), pair.a().finished_at), ((20, Verdict::Successful), Some(20)));
    assert_eq!(out_of_call(&pair).failures[Failure::Aborted.index()], 1);
    assert!(pair.warned("Aborted call with Call-ID 'x'"));
    assert_eq!(pair.trace().len(), 2, "the MESSAGE and the 200");
    pair.run();
    pair.assert_nothing_left();
}

/// As sipp 3.6.1 does: no new calls means no new calls of the main scenario.
#[test]
fn requests_are_still_answered_while_the_main_calls_end() {
    let mut pair = Pair::new(caller().calls(None).rate(0.1, 1_000).out_of_call(answerer()), Silent);
    pair.run_until(10);
    pair.command(Command::Quit);
    pair.says(20, ask("OPTIONS", "x", 1));
    pair.run_until(30);
    assert_eq!((out_of_call(&pair).successful, pair.stats().out_of_call), (1, 0));
}

/// spec/README.md rule 4: what arrives when the run is over opens nothing that nobody would end.
#[test]
fn when_the_run_is_over_nothing_is_opened_any_more() {
    let mut pair = Pair::new(caller().calls(0).out_of_call(answerer()), Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.says(5, answer(&ask("OPTIONS", "y", 1), "200 OK"));
    pair.run();
    assert_eq!((out_of_call(&pair).incoming, pair.stats().out_of_call, pair.sent().count()), (0, 2, 0));
}

/// §15: a hard quit aborts the calls of both; only those of a client have something to say.
#[test]
fn a_hard_quit_aborts_the_calls_of_both_scenarios() {
    let setup = embedded("uac").calls(None).out_of_call(embedded("ooc_default"));
    let mut pair = Pair::new(setup, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "180 Ringing")],
        _ => vec![],
    });
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run_until(10);
    pair.command(Command::TimeUp);
    assert_eq!(pair.trace().split_off(2), [(10, "CANCEL".to_owned())]);
    let aborted = |stats: &Stats| stats.failures[Failure::Aborted.index()];
    assert_eq!((aborted(pair.stats()), aborted(out_of_call(&pair))), (1, 1));
}

/// §12.4, as sipp 3.6.1 does; scenario.md §14: their failures are not the main scenario's.
#[test]
fn a_failed_out_of_call_call_counts_for_itself_and_is_remembered() {
    let mut pair = Pair::new(caller().out_of_call(answerer()), Silent);
    pair.says(5, invite("x"));
    pair.says(10, ask("OPTIONS", "x", 2));
    pair.run_until(20);
    let own = out_of_call(&pair);
    assert_eq!(
        (own.failed, own.failures[Failure::UnexpectedMessage.index()], own.steps[0].unexpected),
        (1, 1, 1)
    );
    assert_eq!((pair.stats().failed, pair.stats().dead_call, pair.stats().auto_answered), (0, 1, 1));
    assert!(pair.warned("while expecting 'OPTIONS' (index 0), received 'INVITE"));
    assert!(pair.warned("Dead call x (aborted at index 0), received 'OPTIONS"));
}

/// §11: sipp sends a BYE with the peer's own Via and From, because the tool is a client; a call that was opened by a request is a
/// server's here, and says nothing.
#[test]
fn an_out_of_call_call_that_times_out_says_nothing() {
    let waits =
        steps(&[&recv("request='INVITE'"), &response("200 OK", ""), &recv("request='ACK' timeout='300'")]);
    let mut pair = Pair::new(caller().out_of_call(waits), Silent);
    pair.says(5, invite("x"));
    pair.run_until(400);
    assert_eq!(out_of_call(&pair).failures[Failure::TimeoutOnRecv.index()], 1);
    assert_eq!(pair.texts("BYE").len(), 0);
}

/// §8: a repeat in the time-wait of `ooc_default` is answered again, and counted where the call is.
#[test]
fn a_repeated_request_gets_the_same_answer_again() {
    let mut pair = Pair::new(caller().out_of_call(embedded("ooc_default")), Silent);
    for at in [5, 400, 3_000] {
        pair.says(at, ask("INFO", "x", 1));
    }
    pair.run_until(3_500);
    assert_eq!(pair.sent_at("SIP/2.0 200"), [5, 400, 3_000]);
    // The MESSAGE of the main scenario has no timer.
    assert_eq!((out_of_call(&pair).retransmissions, pair.stats().retransmissions), (2, 0));
    assert_eq!((pair.stats().auto_answered, out_of_call(&pair).incoming), (1, 1));
}

/// §5, §6.4, as sipp 3.6.1 does: later requests of the call go to the source too, count CSeq on and are resent.
#[test]
fn an_out_of_call_call_can_send_requests_of_its_own() {
    let notifier = steps(&[
        &recv("request='SUBSCRIBE'"),
        &response("200 OK", ""),
        &request("NOTIFY", "retrans='300'"),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(caller().out_of_call(notifier), Silent);
    pair.says_from(STRANGER, 5, ask("SUBSCRIBE", "x", 7));
    pair.run_until(400);
    let notify = pair.texts("NOTIFY").pop().unwrap();
    assert_eq!(line_of(&notify, "CSeq:"), "CSeq: 8 NOTIFY");
    assert_eq!(line_of(&notify, "Via:"), "Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-1-2147483648-2");
    assert!(pair.sent().skip(1).all(|sent| sent.to == address(STRANGER)));
    pair.says_from(STRANGER, 410, answer(&notify, "200 OK"));
    pair.run_until(2_000);
    assert_eq!(pair.sent_at("NOTIFY"), [5, 305]);
    assert_eq!((out_of_call(&pair).successful, out_of_call(&pair).retransmissions), (1, 1));
}

/// transport.md §10: `-rsa` takes the out-of-call and automatic answers too.
#[test]
fn with_rsa_the_answers_go_there() {
    let to = |setup: Setup| {
        let mut pair = Pair::new(setup.with(|settings| settings.next_hop = Some(address(STRANGER))), Silent);
        pair.says(5, ask("OPTIONS", "x", 1));
        pair.run_until(10);
        pair.sent().last().map(|sent| (sent.to, sent.text().starts_with("SIP/2.0 200")))
    };
    assert_eq!(to(caller().out_of_call(answerer())), Some((address(STRANGER), true)));
    let automatic = caller().with(|settings| settings.auto_answer = true);
    assert_eq!(to(automatic), Some((address(STRANGER), true)));
}

/// scenario.md §11: user and global variables are those of all scenarios of the run; call variables are not.
#[test]
fn global_variables_are_shared_with_the_main_scenario() {
    let twice = [
        nop(
            "",
            "<assign assign_to='seen' value='10'/><assign assign_to='own' value='1'/><log message='[$own]'/>",
        ),
        request("MESSAGE", ""),
        recv("response='200'"),
        nop("", "<log message='main sees [$seen]'/>"),
    ];
    let main = steps(&twice.each_ref().map(String::as_str)).declaring("<Global variables='seen'/>");
    let adds = "<add assign_to='seen' value='1'/><add assign_to='own' value='5'/><log message='adds [$seen] [$own]'/>";
    let other = steps(&[&recv_acting("request='OPTIONS'", adds), &response("200 OK", "")]);
    let mut pair = Pair::new(main.out_of_call(other), Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.says(6, ask("OPTIONS", "y", 1));
    pair.run_until(10);
    let_the_call_end(&mut pair, 20);
    pair.run();
    let seen = ["1.000000", "adds 11.000000 5.000000", "adds 12.000000 5.000000", "main sees 12.000000"];
    assert_eq!(pair.a().logs, seen);
}

/// scenario.md §11: a global variable that only a later scenario declares has a place too.
#[test]
fn a_global_variable_of_the_out_of_call_scenario_alone_lasts_from_call_to_call() {
    let counts = "<add assign_to='count' value='1'/><log message='[$count]'/>";
    let other = steps(&[&recv_acting("request='OPTIONS'", counts), &response("200 OK", "")]);
    let other = other.declaring("<Global variables='count'/>");
    let mut pair = Pair::new(caller().out_of_call(other), Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.says(6, ask("OPTIONS", "y", 1));
    pair.run_until(10);
    assert_eq!(pair.a().logs, ["1.000000", "2.000000"]);
}

/// scenario.md §12, Bug: its own `<init>` runs, once, behind that of the main scenario, and takes neither number nor line from that.
#[test]
fn the_init_of_the_out_of_call_scenario_runs_once_and_takes_nothing_from_the_main_one() {
    let init = |name: &str| {
        format!("<init><nop><action><log message='{name} [call_number]'/></action></nop></init>")
    };
    let main = steps(&[&request_with("MESSAGE", "", "X-Line: [field0]", ""), &recv("response='200'")]);
    let main = main.file("a.csv", "SEQUENTIAL\none\ntwo\nthree\n");
    let mut pair = Pair::new(main.clone().out_of_call(answerer().declaring(&init("other"))), Silent);
    pair.run_until(10);
    assert_eq!(pair.a().logs, ["other 2147483648"]);
    let first = pair.texts("MESSAGE").remove(0);
    assert_eq!(line_of(&first, "Call-ID:"), "Call-ID: 1-1@127.0.0.1");
    assert_eq!(line_of(&first, "X-Line:"), "X-Line: one");

    let both = main.declaring(&init("main")).out_of_call(answerer().declaring(&init("other")));
    let mut pair = Pair::new(both, Silent);
    pair.run_until(10);
    assert_eq!(pair.a().logs, ["main 1", "other 2147483648"]);
    assert_eq!(line_of(&pair.texts("MESSAGE")[0], "X-Line:"), "X-Line: two");
    assert_eq!(out_of_call(&pair).steps.iter().map(|step| step.messages).sum::<u64>(), 0);
}

/// §18: response times and counters are those of the scenario that has them.
#[test]
fn response_times_and_counters_stay_with_their_scenario() {
    let timed = steps(&[
        &recv("request='OPTIONS' counter='asked'"),
        &pause(30),
        &super::text::response("200 OK", "rtd='1'"),
    ]);
    let main = steps(&[&request("MESSAGE", "counter='sent'"), &recv("response='200' rtd='1'")]);
    let mut pair = Pair::new(main.out_of_call(timed), Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run_until(50);
    let of =
        |stats: &Stats| (stats.counters.to_vec(), stats.response_times[0].count, stats.call_length.count);
    assert_eq!(of(pair.stats()), (vec![1], 0, 0));
    assert_eq!(of(out_of_call(&pair)), (vec![1], 1, 1));
    assert_eq!(out_of_call(&pair).response_times[0].sum_ms, 30);
}

/// transport.md §11: the call that cannot send fails, in the numbers of its own scenario, even when it had just succeeded.
#[test]
fn an_answer_that_cannot_be_sent_fails_the_out_of_call_call() {
    let mut pair = Pair::new(caller().out_of_call(answerer()), Silent);
    pair.refuse("SIP/2.0 200");
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run_until(10);
    let own = out_of_call(&pair);
    assert_eq!((own.successful, own.failures[Failure::CannotSendMessage.index()]), (0, 1));
    assert_eq!((pair.stats().failed, pair.stats().send_errors), (0, 1));
}

/// actions.md §3.15: it stops the whole run, whichever scenario says it.
#[test]
fn an_out_of_call_call_can_stop_the_run() {
    let stops = steps(&[
        &recv_acting("request='OPTIONS'", "<exec int_cmd='stop_gracefully'/>"),
        &response("200 OK", ""),
    ]);
    let mut pair = Pair::new(caller().calls(None).rate(1.0, 1_000).out_of_call(stops), Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run_until(10);
    let_the_call_end(&mut pair, 20);
    pair.run_until(5_000);
    assert_eq!((pair.stats().outgoing, pair.a().finished_at), (1, Some(20)));
}
