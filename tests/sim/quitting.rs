//! runtime.md §15: soft and hard ends of a run.

use rsipp::engine::{Command, Verdict};
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, embedded, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{invite, pause, recv, request};

const ABORTED: Verdict = Verdict::Failed(Failure::Aborted);

/// INVITE, 200, ACK, pause 3 s, BYE; `-r 2`.
fn long_calls() -> Setup {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='200'"),
        &request("ACK", ""),
        &pause(3_000),
        &request("BYE", ""),
    ]);
    scenario.rate(2.0, 1_000)
}

fn answering(setup: Setup) -> Pair {
    let says =
        |heard: Heard<'_>| if heard.kind() == "INVITE" { vec![heard.answer(0, "200 OK")] } else { vec![] };
    Pair::new(setup, says)
}

/// §15, table, row 1: SIGUSR1 at 2.0: no new calls, the open ones go on to their end.
#[test]
fn one_quit_opens_no_more_calls_and_lets_the_others_end() {
    let mut pair = answering(long_calls().calls(None));
    pair.run_until(1_900);
    pair.command(Command::Quit);
    pair.run();
    assert_eq!((pair.verdicts(), pair.a().finished_at), (vec![Verdict::Successful; 4], Some(4_500)));
}

/// §15, row 2: a second one aborts all calls in creation order, with BYE, and the run is over.
#[test]
fn two_quits_abort_all_calls() {
    let mut pair = answering(long_calls().calls(None));
    pair.run_until(1_400);
    pair.command(Command::Quit);
    pair.run_until(2_400);
    pair.command(Command::Quit);
    pair.run();
    assert_eq!((pair.verdicts(), pair.sent_at("BYE")), (vec![ABORTED; 3], vec![2_400; 3]));
    assert_eq!(pair.a().finished_at, Some(2_400));
    let aborted: Vec<_> =
        pair.a().warnings.iter().filter(|text| text.starts_with("Aborted call")).cloned().collect();
    assert_eq!(
        aborted,
        ["1", "2", "3"].map(|number| format!("Aborted call with Call-ID '{number}-1@127.0.0.1'"))
    );
    pair.assert_nothing_left();
}

/// §15, Surprise and row 3: once `-m` is reached a single one is hard.
#[test]
fn once_m_is_reached_one_quit_aborts_all_calls() {
    let mut pair = answering(long_calls().calls(3));
    pair.run_until(2_500);
    pair.command(Command::Quit);
    pair.run();
    assert_eq!(
        (pair.verdicts(), pair.sent_at("BYE"), pair.a().finished_at),
        (vec![ABORTED; 3], vec![2_500; 3], Some(2_500))
    );
}

/// §15, `-timeout`: hard at once.
#[test]
fn when_the_time_is_up_all_calls_are_aborted() {
    let mut pair = answering(long_calls().calls(None));
    pair.run_until(1_400);
    pair.command(Command::TimeUp);
    pair.run();
    assert_eq!((pair.verdicts(), pair.a().finished_at), (vec![ABORTED; 3], Some(1_400)));
}

/// §15, last row: hard quit with INVITE unanswered / after 180 / OPTIONS unanswered / established.
#[test]
fn a_hard_quit_says_what_the_state_of_the_call_asks_for() {
    let said = |setup: Setup, status: &'static str| {
        let mut pair = Pair::new(setup, move |heard: Heard<'_>| match (heard.kind(), status) {
            (_, "") => vec![],
            ("INVITE", status) => vec![heard.answer(0, status)],
            _ => vec![],
        });
        pair.run_until(100);
        let before = pair.sent().count();
        pair.command(Command::TimeUp);
        assert_eq!(pair.verdicts(), [ABORTED]);
        pair.trace().split_off(before).into_iter().map(|(_, kind)| kind).collect::<Vec<_>>()
    };
    assert_eq!(said(embedded("uac"), ""), Vec::<String>::new());
    assert_eq!(said(embedded("uac"), "180 Ringing"), ["CANCEL"]);
    assert_eq!(said(steps(&[&request("OPTIONS", ""), &recv("response='200'")]), ""), Vec::<String>::new());
    assert_eq!(said(long_calls(), "200 OK"), ["BYE"]);
}

/// §15, §9.1: a hard quit sends whatever the default behaviours are.
#[test]
fn a_hard_quit_says_goodbye_even_without_behaviour_bye() {
    let mut pair = answering(long_calls().without_bye());
    pair.run_until(100);
    pair.command(Command::TimeUp);
    assert_eq!(pair.sent_at("BYE"), [100]);
}

/// §15, soft quit of a server: unknown Call-IDs are dropped, calls in progress go on.
#[test]
fn a_server_that_quits_softly_drops_new_calls_and_serves_the_old_ones() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, invite("old"));
    pair.run_until(10);
    pair.command(Command::Quit);
    pair.says(20, invite("new"));
    pair.says(30, super::text::ask("ACK", "old", 1));
    pair.says(40, super::text::ask("BYE", "old", 2));
    pair.run();
    assert_eq!(
        (pair.stats().incoming, pair.stats().out_of_call, pair.verdict()),
        (1, 1, (4_040, Verdict::Successful))
    );
    assert_eq!(pair.a().finished_at, Some(4_040));
}

/// The other side of a test in one process has finished: calls in their time-wait are over at once, others go on.
#[test]
fn when_the_peer_is_done_calls_in_time_wait_end_at_once() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, invite("x"));
    pair.says(10, super::text::ask("ACK", "x", 1));
    pair.says(20, super::text::ask("BYE", "x", 2));
    pair.run_until(100);
    pair.command(Command::PeerDone);
    assert_eq!((pair.verdict(), pair.a().engine.is_finished()), ((100, Verdict::Successful), true));
    pair.run();
    pair.assert_nothing_left();
}

/// §2.7, §15: a client that runs to its `-m` is over when its last call is.
#[test]
fn a_client_is_over_when_its_last_call_is() {
    let mut pair = Pair::new(embedded("uac"), Answers([("INVITE", 5, "200 OK"), ("BYE", 5, "200 OK")]));
    pair.run();
    assert_eq!((pair.a().finished_at, pair.verdict()), (Some(10), (10, Verdict::Successful)));
}
