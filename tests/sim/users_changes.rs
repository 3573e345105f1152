//! runtime.md §2.6, cli.md §12.2, §14, §15: the number of users, changed while they call.

use rsipp::engine::Command;

use super::pair::{Pair, Setup, steps};
use super::peer::Silent;
use super::text::{line_of, nop, pause, request_with};

/// Calls of 500 ms that name their user.
fn calls() -> Setup {
    let call = request_with("OPTIONS", "", "X-User: [userid] of [users]", "");
    steps(&[&call, &pause(500)]).calls(None)
}

/// When each call started and whose it was.
fn starts(pair: &Pair) -> Vec<(u64, String)> {
    let user = |text: &String| line_of(text, "X-User:").trim_start_matches("X-User: ").to_owned();
    pair.sent_at("OPTIONS").into_iter().zip(pair.texts("OPTIONS").iter().map(user)).collect()
}

fn starts_from(pair: &Pair, ms: u64) -> Vec<(u64, String)> {
    starts(pair).into_iter().filter(|(at, _)| *at >= ms).collect()
}

fn expected<const N: usize>(calls: [(u64, &str); N]) -> Vec<(u64, String)> {
    calls.map(|(at, user)| (at, user.to_owned())).into()
}

/// §2.6: new ids are old count + 1 …, in this order in sipp 3.6.1; they call at once.
#[test]
fn more_users_call_at_once_with_the_next_ids() {
    let mut pair = Pair::new(calls().users(3), Silent);
    pair.run_until(200);
    pair.command(Command::SetUsers(5));
    pair.run_until(600);
    assert_eq!(
        starts_from(&pair, 1),
        expected([(200, "4 of 5"), (200, "5 of 5"), (500, "3 of 5"), (500, "2 of 5"), (500, "1 of 5")])
    );
    assert_eq!(pair.a().engine.limit(), Some(5));
}

/// §2.6: fewer users: calls go on, ids retire as calls end.
#[test]
fn fewer_users_leave_when_their_call_ends() {
    let mut pair = Pair::new(calls().users(5), Silent);
    pair.run_until(200);
    pair.command(Command::SetUsers(2));
    pair.run_until(400);
    assert_eq!(pair.stats().current, 5);
    pair.run_until(1_100);
    assert_eq!(
        starts_from(&pair, 400),
        expected([(500, "2 of 2"), (500, "1 of 2"), (1_000, "2 of 2"), (1_000, "1 of 2")])
    );
}

/// §2.6, Bug and Replacement: 3 → 2 → 3 users: SIPp then has two calls of user 3 at a time.
#[test]
fn three_users_then_two_then_three_again_are_three_different_ones() {
    let mut pair = Pair::new(calls().users(3), Silent);
    pair.run_until(200);
    pair.command(Command::SetUsers(2));
    pair.run_until(700);
    pair.command(Command::SetUsers(3));
    pair.run_until(1_900);
    let calls = starts_from(&pair, 700);
    assert_eq!(calls[0], (700, "3 of 3".to_owned()), "the retired id comes back first");
    // From here on each of the three calls every 500 ms.
    for user in ["1 of 3", "2 of 3", "3 of 3"] {
        let times: Vec<_> = calls.iter().filter(|(_, of)| of == user).map(|(at, _)| *at).collect();
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 500), "{user}: {times:?}");
        assert!(times.len() >= 2, "{user}: {times:?}");
    }
}

/// cli.md §15: users by the rate scale, cut to whole ones; the observed run of sipp 3.6.1 with a scale of 1.5.
#[test]
fn the_keys_change_the_number_of_users_and_cut_fractions_off() {
    let mut pair = Pair::new(calls().users(2).with(|settings| settings.rate_scale = 1.5), Silent);
    let mut users_after = |steps| {
        pair.command(Command::Adjust(steps));
        pair.a().engine.users()
    };
    assert_eq!([1, -1, -10, 1].map(&mut users_after), [Some(3), Some(1), Some(0), Some(1)]);
    assert_eq!([10, 10].map(users_after), [Some(16), Some(31)]);
}

/// §2.6: no users: the calls end, and nothing follows until there are users again.
#[test]
fn without_users_nobody_calls() {
    let mut pair = Pair::new(calls().users(2), Silent);
    pair.run_until(200);
    pair.command(Command::SetUsers(0));
    pair.run_until(5_000);
    assert_eq!((pair.stats().outgoing, pair.stats().current), (2, 0));
    pair.command(Command::SetUsers(1));
    pair.run_until(5_100);
    assert_eq!(starts_from(&pair, 500), expected([(5_000, "2 of 1")]));
}

/// cli.md §12.3: `p` with users, tried with sipp 3.6.1: all call again at once.
#[test]
fn users_call_at_once_when_a_pause_ends() {
    let mut pair = Pair::new(calls().users(2), Silent);
    pair.run_until(200);
    pair.command(Command::TogglePause);
    pair.run_until(2_700);
    assert_eq!((pair.stats().outgoing, pair.stats().current), (2, 0));
    pair.command(Command::TogglePause);
    pair.run_until(2_800);
    assert_eq!(starts_from(&pair, 500), expected([(2_700, "2 of 2"), (2_700, "1 of 2")]));
}

/// §2.6: changed while paused: those who leave do so at once, for they are in no call.
#[test]
fn fewer_users_during_a_pause_are_fewer_after_it() {
    let mut pair = Pair::new(calls().users(3), Silent);
    pair.run_until(100);
    pair.command(Command::TogglePause);
    pair.run_until(700);
    pair.command(Command::SetUsers(2));
    pair.run_until(800);
    pair.command(Command::TogglePause);
    pair.run_until(1_400);
    assert_eq!(
        starts_from(&pair, 100),
        expected([(800, "3 of 2"), (800, "2 of 2"), (1_300, "3 of 2"), (1_300, "2 of 2")])
    );
}

/// scenario.md §11: each user keeps its variables, new ones have their own.
#[test]
fn a_user_that_joins_has_variables_of_its_own_and_one_that_returns_has_its_old_ones() {
    let count = nop("", "<add assign_to='n' value='1'/><log message='[userid]:[$n]'/>");
    let scenario = format!("<User variables=\"n\"/>{count}{}", pause(500));
    let mut pair =
        Pair::new(steps(&[&scenario, &request_with("OPTIONS", "", "", "")]).calls(None).users(1), Silent);
    pair.run_until(100);
    pair.command(Command::SetUsers(2));
    pair.run_until(700);
    pair.command(Command::SetUsers(1));
    pair.run_until(3_000);
    pair.command(Command::SetUsers(2));
    pair.run_until(3_100);
    let (ones, twos): (Vec<_>, Vec<_>) = pair.a().logs.iter().partition(|log| log.starts_with("1:"));
    assert_eq!(ones, ["1:1.000000", "1:2.000000", "1:3.000000"], "away from 1.0 to 3.0 s");
    let counted: Vec<_> = (1..=7).map(|n| format!("2:{n}.000000")).collect();
    assert_eq!(twos, counted.iter().collect::<Vec<_>>());
}

/// cli.md §14: what the kind of load does not allow is refused with a warning, and changes nothing.
#[test]
fn a_rate_run_has_no_users_and_a_users_run_no_rate_and_no_limit() {
    let mut pair = Pair::new(calls().users(3), Silent);
    pair.command(Command::SetRate(5.0));
    pair.command(Command::SetLimit(Some(9)));
    let refused = [
        "Rates can not be set in a user-based benchmark.",
        "Can not set call limit for a user-based benchmark.",
    ];
    assert_eq!(pair.a().warnings, refused);
    assert_eq!(
        (pair.a().engine.users(), pair.a().engine.limit(), pair.stats().warnings),
        (Some(3), Some(3), 2)
    );
    let mut pair = Pair::new(calls(), Silent);
    pair.command(Command::SetUsers(3));
    assert_eq!(pair.a().warnings, ["Users can not be changed at run time for a rate-based benchmark."]);
    assert_eq!((pair.a().engine.users(), pair.a().engine.limit()), (None, Some(30)));
}

/// §2.6, last line: no effect on a server but that it is no benchmark by rate.
#[test]
fn users_have_no_effect_on_a_server() {
    let mut pair = Pair::new(super::pair::embedded("uas").users(1), Silent);
    pair.command(Command::SetRate(5.0));
    for id in ["a", "b", "c"] {
        pair.says(10, super::text::invite(id));
    }
    pair.run_until(100);
    assert_eq!((pair.stats().incoming, pair.stats().outgoing), (3, 0));
    assert!(pair.warned("Rates can not be set in a user-based benchmark."));
}
