//! cli.md §8.1, §14, §15: quit levels, `reset stats`, `dump tasks`, `dump variables`.

use rsipp::clock::Tick;
use rsipp::engine::{Command, Verdict};
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, embedded, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{nop, pause, recv, request};

const ABORTED: Verdict = Verdict::Failed(Failure::Aborted);

/// OPTIONS, then a second of pause; two a second.
fn calls_of_a_second() -> Setup {
    steps(&[&request("OPTIONS", ""), &pause(1_005)]).calls(None).rate(2.0, 1_000)
}

/// cli.md §8.1: what each cause makes of the level.
#[test]
fn each_cause_raises_the_quit_level_by_its_own_measure() {
    let level_after = |commands: &[Command]| {
        let mut pair = Pair::new(calls_of_a_second(), Silent);
        commands.iter().for_each(|command| pair.command(*command));
        pair.a().engine.quit_level()
    };
    use Command::{Quit, QuitNow, TimeUp};
    assert_eq!(level_after(&[]), 0);
    assert_eq!(level_after(&[Quit]), 10);
    assert_eq!(level_after(&[Quit, Quit]), 20);
    assert_eq!(level_after(&[QuitNow]), 20);
    assert_eq!(level_after(&[Quit, QuitNow]), 30);
    assert_eq!(level_after(&[TimeUp]), 11);
    let mut pair = Pair::new(calls_of_a_second().calls(1), Silent);
    pair.run_until(100);
    assert_eq!(pair.a().engine.quit_level(), 1, "-m is reached");
}

/// runtime.md §15, table: `Q` at 2.0: ends at once, with BYEs, calls failed.
#[test]
fn one_quit_now_aborts_all_calls() {
    let scenario = steps(&[
        &request("INVITE", ""),
        &recv("response='200'"),
        &request("ACK", ""),
        &pause(3_000),
        &request("BYE", ""),
    ]);
    let mut pair = Pair::new(scenario.calls(None).rate(2.0, 1_000), |heard: Heard<'_>| {
        if heard.kind() == "INVITE" { vec![heard.answer(0, "200 OK")] } else { vec![] }
    });
    pair.run_until(1_400);
    pair.command(Command::QuitNow);
    assert_eq!((pair.sent_at("BYE"), pair.verdicts()), (vec![1_400; 3], vec![ABORTED; 3]));
    assert_eq!(pair.a().finished_at, Some(1_400));
    pair.run();
    pair.assert_nothing_left();
}

/// cli.md §8.1, §15: `q` drains; while it does, the rate keys open nothing.
#[test]
fn while_the_run_drains_no_command_opens_a_call() {
    let mut pair = Pair::new(calls_of_a_second(), Silent);
    pair.run_until(100);
    pair.command(Command::Quit);
    for command in
        [Command::SetRate(1_000.0), Command::Adjust(10), Command::TogglePause, Command::TogglePause]
    {
        pair.command(command);
    }
    pair.run();
    assert_eq!((pair.stats().outgoing, pair.a().finished_at), (1, Some(1_005)));
}

/// cli.md §14, tried with sipp 3.6.1: counters and start time begin anew, call numbers and messages per step go on.
#[test]
fn reset_stats_zeroes_the_counters_and_keeps_numbers_and_messages_per_step() {
    let mut pair = Pair::new(calls_of_a_second(), Silent);
    pair.run_until(1_100);
    pair.command(Command::ResetStats);
    let stats = pair.stats();
    assert_eq!((stats.outgoing, stats.successful, stats.call_length.count), (0, 0, 0));
    assert_eq!((stats.since, stats.first_opened), (Tick::from_millis(1_100), None));
    assert_eq!((stats.steps[0].messages, stats.peak_at_s), (3, 1));
    pair.run_until(1_600);
    assert_eq!((pair.stats().outgoing, pair.stats().successful, pair.stats().steps[0].messages), (1, 1, 4));
    assert!(pair.texts("OPTIONS")[3].contains("Call-ID: 4-1@"));
}

/// cli.md §14, Bug: the number of open calls stays true, and a drain waits for all of them.
#[test]
fn reset_stats_never_touches_the_number_of_open_calls() {
    let mut pair = Pair::new(calls_of_a_second(), Silent);
    pair.run_until(1_100);
    assert_eq!(pair.stats().current, 2);
    pair.command(Command::ResetStats);
    assert_eq!((pair.stats().current, pair.stats().carried_over, pair.stats().peak), (2, 2, 2));
    pair.command(Command::Quit);
    pair.run();
    assert_eq!((pair.stats().current, pair.stats().successful, pair.a().finished_at), (0, 2, Some(2_005)));
    assert_eq!(pair.verdicts(), [Verdict::Successful; 3]);
}

/// cli.md §14: created calls restart, so `-m` begins anew (sipp 3.6.1 makes 3 + 4 calls of `-m 4`).
#[test]
fn after_reset_stats_m_counts_from_0() {
    let mut pair = Pair::new(calls_of_a_second().calls(4), Silent);
    pair.run_until(1_100);
    pair.command(Command::ResetStats);
    pair.run();
    assert_eq!((pair.sent_at("OPTIONS").len(), pair.a().ends.len()), (3 + 4, 7));
}

/// cli.md §14: the quit level is no statistic.
#[test]
fn reset_stats_does_not_take_a_quit_back() {
    let mut pair = Pair::new(calls_of_a_second().calls(2), Silent);
    pair.run_until(600);
    pair.command(Command::ResetStats);
    pair.run();
    assert_eq!((pair.sent_at("OPTIONS").len(), pair.a().engine.quit_level()), (2, 1));
}

/// cli.md §14: failed calls restart, and the exit code is made of them.
#[test]
fn reset_stats_forgets_failed_calls() {
    let mut pair = Pair::new(embedded("uac").calls(2).rate(1.0, 1_000), |heard: Heard<'_>| {
        match (heard.kind(), heard.nth) {
            ("INVITE", 0) => vec![heard.answer(0, "486 Busy Here")],
            ("INVITE" | "BYE", _) => vec![heard.answer(0, "200 OK")],
            _ => vec![],
        }
    });
    pair.run_until(500);
    assert_eq!(pair.stats().failed, 1);
    pair.command(Command::ResetStats);
    pair.run_until(1_500);
    assert_eq!((pair.stats().failed, pair.stats().successful), (0, 1));
}

/// A success that is taken back after the reset, because its last message could not be sent, is nobody's.
#[test]
fn a_reset_between_the_last_message_and_its_failure_leaves_the_counters_sound() {
    let mut pair = Pair::new(embedded("uac").calls(2).rate(1.0, 1_000), Answers([("INVITE", 0, "200 OK")]));
    pair.run_until(100);
    pair.command(Command::ResetStats);
    pair.refuse("BYE");
    pair.run();
    assert_eq!(
        pair.stats().carried_over + pair.stats().created(),
        pair.stats().failed + pair.stats().successful
    );
}

/// cli.md §14; the words of sipp 3.6.1: position, and what the call waits for until when.
#[test]
fn dump_tasks_names_each_open_call_and_what_it_waits_for() {
    let scenario = steps(&[
        &request("OPTIONS", "retrans='500'"),
        &recv("response='200' timeout='60000'"),
        &pause(60_000),
    ]);
    let mut pair = Pair::new(scenario.calls(None).rate(2.0, 1_000), |heard: Heard<'_>| {
        let first = heard.text.contains("Call-ID: 1-");
        if first { vec![heard.answer(0, "200 OK")] } else { vec![] }
    });
    pair.run_until(1_100);
    pair.command(Command::DumpTasks);
    assert_eq!(
        pair.a().warnings,
        [
            "---- 3 Active Tasks ----",
            "1-1@127.0.0.1: State 2 (paused until 60000)",
            "2-1@127.0.0.1: State 1 (recv timeout 60500) (next retrans 2000)",
            "3-1@127.0.0.1: State 1 (recv timeout 61000) (next retrans 1500)",
        ]
    );
    assert_eq!(pair.stats().warnings, 4);
}

#[test]
fn dump_tasks_of_an_idle_server_is_one_line() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.command(Command::DumpTasks);
    assert_eq!(pair.a().warnings, ["---- 0 Active Tasks ----"]);
}

/// cli.md §14; the words of sipp 3.6.1: level 0 global, 1 user, 2 call.
#[test]
fn dump_variables_lists_the_names_by_scope() {
    let own = nop("", "<assign assign_to='c' value='1'/><log message='[$c][$g][$u][$h]'/>");
    let names = "<Global variables='g,h'/><User variables='u'/>";
    let mut pair = Pair::new(steps(&[names, &own, &request("OPTIONS", "")]).calls(0), Silent);
    pair.command(Command::DumpVariables);
    let expected =
        ["2 level 0 variables:", "g", "h", "1 level 1 variables:", "u", "1 level 2 variables:", "c"];
    assert_eq!(pair.a().warnings, expected);
}
