//! actions.md §3.14: `jump` where `actions` leaves it: other elements, other values. §1.3: results of actions elsewhere.

use rsipp::engine::{RunEnd, Verdict};
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, steps};
use super::peer::{Answers, Heard};
use super::text::{ask, nop, pause, recv, recv_acting, request, request_acting};

fn ran(setup: Setup) -> Pair {
    let mut pair = Pair::new(setup, Answers([("OPTIONS", 5, "200 OK")]));
    pair.run_until(2_000);
    pair
}

/// A jump in a send is taken at once; its value is truncated toward zero.
#[test]
fn a_jump_in_a_send_skips_what_lies_between() {
    for jump in ["<jump value='2.9'/>", "<assign assign_to='t' value='2.9'/><jump variable='t'/>"] {
        let pair =
            ran(steps(&[&request_acting("ONE", "", jump), &request("TWO", ""), &request("THREE", "")]));
        let kinds: Vec<_> = pair.trace().into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds, ["ONE", "THREE"]);
    }
}

/// A jump backwards, in a pause: taken when the pause ends.
#[test]
fn a_jump_in_a_pause_may_lead_back() {
    let pair = ran(steps(&[
        &request("ONE", ""),
        &nop(
            "next='out' test='b'",
            "<add assign_to='n' value='1'/><test assign_to='b' variable='n' compare='equal' value='3'/>",
        ),
        "<pause milliseconds='100'><action><jump value='0'/></action></pause>",
        "<label id='out'/>",
        &nop("", ""),
    ]));
    assert_eq!((pair.sent_at("ONE"), pair.verdict()), (vec![0, 100, 200], (200, Verdict::Successful)));
}

/// An undefined or text variable counts as 0: the first message; at index 0 that is a jump to itself.
#[test]
fn a_jump_by_a_variable_without_a_number_goes_to_the_first_step() {
    let pair = ran(steps(&[
        &nop("next='out' test='s'", ""),
        &request("OPTIONS", ""),
        &nop("", "<assignstr assign_to='s' value='3'/><jump variable='s'/>"),
        "<label id='out'/>",
        &nop("", "<log message='[$s]'/>"),
    ]));
    assert_eq!((pair.a().logs.clone(), pair.verdicts()), (vec!["3".to_owned()], vec![Verdict::Successful]));

    let pair = ran(steps(&[
        &nop("", "<jump variable='s'/>"),
        &request("OPTIONS", ""),
        "<Reference variables='s'/>",
    ]));
    let text = b"Jump statement at index 0 jumps to itself and causes an infinite loop".to_vec();
    assert_eq!(pair.a().run_end, Some(RunEnd::Fatal(text)));
}

/// §3.14, Bug: a recv that does not move the call ignores a jump too.
#[test]
fn a_jump_in_a_recv_that_does_not_move_the_call_is_ignored() {
    for stays in ["optional='true' advance_state='false'", "optional='true' next='far' test='never'"] {
        let scenario = steps(&[
            &request("OPTIONS", ""),
            &recv_acting(&format!("request='INFO' {stays}"), "<jump value='4'/>"),
            &recv("response='200'"),
            &nop("next='end'", "<log message='right'/>"),
            &nop("", "<log message='wrong [$never]'/>"),
            "<label id='far'/>",
            &nop("", "<log message='far [$never]'/>"),
            "<label id='end'/>",
            &pause(1),
        ]);
        let mut pair = Pair::new(scenario, |heard: Heard<'_>| vec![heard.answer(20, "200 OK")]);
        pair.says(10, ask("INFO", "1-1@127.0.0.1", 7));
        pair.run();
        assert_eq!(pair.a().logs, ["right"], "{stays}");
    }
}

/// §1.3: a failed check skips the rest of its list: a jump after it is not taken; in a nop the call fails at its end.
#[test]
fn a_failed_check_skips_a_jump_behind_it() {
    let failing = "<test variable='n' compare='equal' value='1' check_it='true'/><jump value='4'/>";
    let pair = ran(steps(&[
        &request("OPTIONS", ""),
        &recv("response='200'"),
        &nop("", failing),
        &nop("", "<log message='next[$n]'/>"),
        &nop("", "<log message='last'/>"),
    ]));
    assert_eq!(pair.a().logs, ["next", "last"]);
    assert_eq!(pair.verdicts(), [Verdict::Failed(Failure::TestDoesntMatch)]);
}

/// §1.3: a failed check in a send or a pause is logged and ignored, but the rest of its list is skipped all the same.
#[test]
fn a_failed_check_in_a_send_or_pause_only_skips_the_rest_of_its_list() {
    let failing = "<test variable='n' compare='equal' value='1' check_it='true'/><log message='skipped'/>";
    let pair = ran(steps(&[
        &request_acting("OPTIONS", "", failing),
        &recv("response='200'"),
        &format!("<pause milliseconds='20'><action>{failing}</action></pause>"),
        &nop("", "<log message='end[$n]'/>"),
    ]));
    assert_eq!((pair.a().logs.clone(), pair.verdict()), (vec!["end".to_owned()], (25, Verdict::Successful)));
    assert_eq!(pair.a().warnings, ["test \"n:0.000000 == :1.000000\" with check_it failed"; 2]);
}

/// §1.3: `stop_call` in a send or a pause is ignored; in a nop (Bug of 3.7) it drops the call at once, and the run can end.
#[test]
fn stop_call_drops_the_call_in_a_nop_and_is_ignored_in_a_send_or_a_pause() {
    let stop = "<exec int_cmd='stop_call'/>";
    let ignored = ran(steps(&[
        &request_acting("OPTIONS", "", stop),
        &recv("response='200'"),
        &format!("<pause milliseconds='20'><action>{stop}</action></pause>"),
    ]));
    assert_eq!(ignored.verdict(), (25, Verdict::Successful));

    let dropped =
        ran(steps(&[&request("OPTIONS", ""), &nop("", &format!("{stop}<log message='no'/>")), &pause(50)]));
    assert_eq!(dropped.verdict(), (0, Verdict::Failed(Failure::CallRejected)));
    assert_eq!((dropped.a().logs.len(), dropped.a().finished_at), (0, Some(0)));
}
