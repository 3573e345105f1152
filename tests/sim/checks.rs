//! runtime.md §12.3, actions.md §1.3: failed checks, and actions that stop a call or the run.

use rsipp::engine::{RunEnd, Verdict};
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, steps};
use super::peer::{Answers, Silent};
use super::text::{ask, nop, pause, recv, recv_acting, request, request_acting};

const MISSING: &str = "<ereg regexp='nowhere' search_in='msg' check_it='true' assign_to='m'/>";

/// Mentions the variables of this file, for those that a scenario uses only once.
const USED: &str = "<nop><action><log message='[$m][$m][$n][$n]'/></action></nop>";

fn options_then(more: &[&str]) -> Pair {
    let options = request("OPTIONS", "");
    talk(steps(&[&[&options[..]], more, &[USED]].concat()))
}

fn talk(setup: Setup) -> Pair {
    let mut pair = Pair::new(setup, Answers([("OPTIONS", 0, "200 OK")]));
    pair.run_until(1_000);
    pair
}

/// §12.3: a failed check skips the rest of its list; the call runs to its end and is then counted failed.
#[test]
fn a_failed_check_in_a_recv_lets_the_call_run_to_its_end() {
    let actions = format!("{MISSING}<log message='skipped'/>");
    let pair = options_then(&[
        &recv_acting("response='200'", &actions),
        &pause(100),
        &nop("", "<log message='on'/>"),
    ]);
    assert_eq!(pair.verdict(), (100, Verdict::Failed(Failure::RegexpDoesntMatch)));
    assert_eq!(pair.a().logs, ["on", ""]);
    assert!(pair.warned("Failed regexp match: looking in 'SIP/2.0 200 OK"));
    assert!(pair.warned("', with regexp 'nowhere'"));
    assert_eq!(pair.sent().count(), 1, "no automatic messages");
}

/// §12.2, §12.4: the call with a failed check is remembered with its reason.
#[test]
fn a_call_with_a_failed_check_leaves_a_dead_call_with_its_reason() {
    let mut pair = options_then(&[&recv_acting("response='200'", MISSING)]);
    pair.says(1_000, ask("INFO", "1-1@127.0.0.1", 1));
    pair.run();
    assert!(pair.warned("Dead call 1-1@127.0.0.1 (regexp match failure at index 1), received 'INFO"));
}

/// §12.3: the cause of the last failing step counts; a nop without failure wipes nothing out.
#[test]
fn the_last_failing_check_gives_the_cause() {
    let pair = options_then(&[
        &recv_acting("response='200'", MISSING),
        &nop("", "<strcmp assign_to='n' variable='m' value='x' check_it='true'/>"),
        &nop("", "<log message='fine'/>"),
    ]);
    assert_eq!(pair.verdicts(), [Verdict::Failed(Failure::StrcmpDoesntMatch)]);
}

/// §12.2: each check has a cause of its own.
#[test]
fn each_check_counts_under_its_own_cause() {
    let table = [
        (
            "<ereg regexp='nowhere' search_in='msg' check_it='true' assign_to='m'/>",
            Failure::RegexpDoesntMatch,
        ),
        (
            "<ereg regexp='SIP' search_in='msg' check_it_inverse='true' assign_to='m'/>",
            Failure::RegexpShouldntMatch,
        ),
        (
            "<ereg regexp='x' search_in='hdr' header='X-No:' check_it='true' assign_to='m'/>",
            Failure::RegexpHdrNotFound,
        ),
        (
            "<test variable='n' compare='equal' value='1' check_it='true' assign_to='m'/>",
            Failure::TestDoesntMatch,
        ),
        (
            "<test variable='n' compare='equal' value='0' check_it_inverse='true' assign_to='m'/>",
            Failure::TestShouldntMatch,
        ),
        ("<strcmp variable='n' value='a' check_it='true' assign_to='m'/>", Failure::StrcmpDoesntMatch),
        (
            "<strcmp variable='n' value='' check_it_inverse='true' assign_to='m'/>",
            Failure::StrcmpShouldntMatch,
        ),
    ];
    for (action, failure) in table {
        let pair = options_then(&[&recv_acting("response='200'", action)]);
        assert_eq!(pair.verdicts(), [Verdict::Failed(failure)], "{action}");
    }
}

/// §12.3: in `<send>` and `<pause>` results are ignored.
#[test]
fn failed_checks_in_a_send_or_a_pause_are_ignored() {
    let failing = "<strcmp assign_to='n' variable='m' value='x' check_it='true'/>";
    let scenario = steps(&[
        &request_acting("OPTIONS", "", failing),
        &recv("response='200'"),
        &format!("<pause milliseconds='10'><action>{failing}</action></pause>"),
        USED,
    ]);
    let pair = talk(scenario);
    assert_eq!(pair.verdict(), (10, Verdict::Successful));
}

/// §12.3: `stop_call` in a recv or (Replacement) in a nop rejects the call at once, without a message or a dead call.
#[test]
fn stop_call_rejects_the_call_at_once() {
    let stop = "<exec int_cmd='stop_call'/>";
    let in_recv = options_then(&[&recv_acting("response='200'", stop), &pause(100)]);
    let in_nop = options_then(&[&recv("response='200'"), &nop("", stop), &pause(100)]);
    for pair in [in_recv, in_nop] {
        assert_eq!(pair.verdict(), (0, Verdict::Failed(Failure::CallRejected)));
        assert_eq!((pair.sent().count(), pair.a().engine.holds().1), (1, 0));
    }
}

/// §12.3, §15: `stop_gracefully` is a soft quit: no new calls, the others go on.
#[test]
fn stop_gracefully_opens_no_more_calls() {
    let scenario =
        steps(&[&request("OPTIONS", ""), &nop("", "<exec int_cmd='stop_gracefully'/>"), &pause(500)]);
    let mut pair = Pair::new(scenario.calls(None).rate(10.0, 1_000), Silent);
    pair.run_until(2_000);
    assert_eq!((pair.verdict(), pair.a().finished_at), ((500, Verdict::Successful), Some(500)));
}

/// §12.3: `stop_now` ends the process at once, without messages; `<error>` does so as a run error (actions.md §3.3).
#[test]
fn stop_now_and_error_end_the_run_at_once() {
    let scenario = steps(&[&request("OPTIONS", ""), &nop("", "<exec int_cmd='stop_now'/>"), &pause(500)]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!((&pair.a().run_end, pair.stats().failed), (&Some(RunEnd::StoppedNow), 0));

    let scenario =
        steps(&[&request("OPTIONS", ""), &nop("", "<error message='call [call_number] is bad'/>")]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(pair.a().run_end, Some(RunEnd::Fatal(b"call 1 is bad".to_vec())));
}
