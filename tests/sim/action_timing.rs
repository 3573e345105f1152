//! actions.md §1.2, §1.3: when action lists run, how often, and what the kind of step makes of their results.

use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{answer_with, ask, nop, recv, recv_acting, request, request_acting, response};

const STOP: &str = "<exec int_cmd='stop_call'/>";
const FAIL: &str = "<ereg regexp='nowhere' check_it='true' assign_to='_'/>";

/// §1.2, recv: "before `[cseq]` is updated from it".
#[test]
fn actions_of_a_recv_see_the_cseq_of_before() {
    let show = "<log message='[cseq]'/>";
    let mut pair = Pair::new(steps(&[&recv_acting("request='INVITE'", show), &nop("", show)]), Silent);
    pair.says(0, ask("INVITE", "x", 70));
    pair.run();
    let logs = &pair.a().logs;
    assert_eq!(logs.len(), 2);
    assert_ne!(logs[0], "70");
    assert_eq!(logs[1], "70");
}

/// §1.2, recv: "before `rrs`/`auth` data are stored".
#[test]
fn actions_of_a_recv_see_the_target_of_before() {
    let show = "<log message='[next_url]'/>";
    let scenario =
        steps(&[&request("OPTIONS", ""), &recv_acting("response='200' rrs='true'", show), &nop("", show)]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        vec![(0, answer_with(heard.text, "200 OK", "Contact: <sip:c@9.9.9.9>\r\n"))]
    });
    pair.run();
    let logs = &pair.a().logs;
    assert_eq!((logs[0].contains("9.9.9.9"), &logs[1][..]), (false, "sip:c@9.9.9.9"));
}

/// §1.2, recv: "Runs for optional ones and with `advance_state="false"` too. Not run for retransmissions".
#[test]
fn actions_of_a_recv_run_once_for_a_message_and_not_for_its_repeats() {
    for (attributes, runs) in [("optional='true'", 1), ("optional='true' advance_state='false'", 2)] {
        let scenario = steps(&[
            &request("INVITE", ""),
            &recv_acting(&format!("response='180' {attributes}"), "<log message='rings'/>"),
            &recv("response='200'"),
        ]);
        let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
            vec![heard.answer(1, "180 Ringing"), heard.answer(2, "180 Ringing"), heard.answer(3, "200 OK")]
        });
        pair.run();
        // scenario.md §7.4: what does not advance the call is not remembered, so its repeat is a message again.
        assert_eq!(pair.a().logs.len(), runs, "{attributes}");
        assert_eq!(pair.verdict(), (3, Verdict::Successful));
    }
}

/// §1.2, send: "not repeated on retransmission".
#[test]
fn actions_of_a_send_run_once_however_often_it_goes_out() {
    let send = request_acting("OPTIONS", "retrans='100'", "<log message='out'/>");
    let mut pair =
        Pair::new(steps(&[&send, &recv("response='200'")]), Answers([("OPTIONS", 1_000, "200 OK")]));
    pair.run();
    assert!(pair.sent_at("OPTIONS").len() > 2);
    assert_eq!(pair.a().logs, ["out"]);
}

/// §1.2, pause and timewait: "Once, at the start of the pause".
#[test]
fn actions_of_a_pause_run_once_at_its_start() {
    for step in ["pause", "timewait"] {
        let waits = format!("<{step} milliseconds='100'><action><log message='x'/></action></{step}>");
        let mut pair = Pair::new(steps(&[&request("OPTIONS", ""), &waits]), Silent);
        pair.run_until(50);
        assert_eq!(pair.a().logs.len(), 1, "{step}");
        pair.run();
        assert_eq!((pair.a().logs.len(), pair.verdict()), (1, (100, Verdict::Successful)), "{step}");
    }
}

/// §1.3, table, row `stop_call`: ignored in send and pause, but for the rest of the list.
#[test]
fn stop_call_in_a_send_or_a_pause_ends_its_list_only() {
    let list = format!("{STOP}<log message='skipped'/>");
    let scenario = steps(&[
        &request_acting("OPTIONS", "", &list),
        &recv("response='200'"),
        &format!("<pause milliseconds='10'><action>{list}</action></pause>"),
        &nop("", "<log message='end'/>"),
    ]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 0, "200 OK")]));
    pair.run();
    assert_eq!(pair.verdict(), (10, Verdict::Successful));
    assert_eq!(pair.a().logs, ["end"]);
}

/// §1.3: "If the call ends earlier for another reason [...] that reason is counted instead".
#[test]
fn a_call_that_ends_early_is_not_counted_for_its_failed_check() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv_acting("response='200'", FAIL),
        &recv("request='BYE' timeout='100'"),
    ]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 0, "200 OK")]));
    pair.run();
    assert_eq!(pair.verdict(), (100, Verdict::Failed(Failure::TimeoutOnRecv)));
}

/// §1.3: "A later passing check does not clear it".
#[test]
fn a_check_that_holds_does_not_clear_an_earlier_failure() {
    let holds = "<ereg regexp='200' check_it='true' assign_to='_'/>";
    let scenario = steps(&[
        &request("ONE", ""),
        &recv_acting("response='200'", FAIL),
        &request("TWO", ""),
        &recv_acting("response='200'", holds),
    ]);
    let mut pair = Pair::new(scenario, Answers([("ONE", 0, "200 OK"), ("TWO", 0, "200 OK")]));
    pair.run();
    assert_eq!(pair.verdicts(), [Verdict::Failed(Failure::RegexpDoesntMatch)]);
}

/// §1.3, table: "later messages with its Call-ID are treated as unknown": at a server they open a call.
#[test]
fn the_call_id_of_a_stopped_call_is_unknown() {
    let mut pair =
        Pair::new(steps(&[&recv_acting("request='INVITE'", STOP), &response("200 OK", "")]), Silent);
    pair.says(0, ask("INVITE", "x", 1));
    pair.says(10, ask("INVITE", "x", 2));
    pair.run();
    let rejected = Verdict::Failed(Failure::CallRejected);
    assert_eq!((pair.verdicts(), pair.sent().count()), (vec![rejected, rejected], 0));
}
