//! scenario.md §5.3, §5.4, §15 and actions.md §3.15: how long steps wait, and what ends it.

use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, embedded, steps};
use super::peer::{Answers, Silent};
use super::text::{ask, invite, nop, pause, recv, recv_acting, request};

/// When TWO goes out, ONE being sent at 0 and these steps between them.
fn after(between: &[&str]) -> Vec<u64> {
    let (one, two) = (request("ONE", ""), request("TWO", ""));
    let mut pair = Pair::new(steps(&[&[&one[..]], between, &[&two]].concat()), Silent);
    pair.run();
    pair.sent_at("TWO")
}

/// scenario.md §5.3: "Sample < 1 → 0 ms; fraction truncated".
#[test]
fn a_sampled_length_loses_its_fraction() {
    for (value, length) in [("120.9", 120), ("0.9", 0), ("-5", 0), ("1", 1)] {
        assert_eq!(after(&[&format!("<pause distribution='fixed' value='{value}'/>")]), [length], "{value}");
    }
}

/// scenario.md §5.3: "Sampled each time", within its bounds.
#[test]
fn each_pause_draws_its_own_length() {
    let wait = "<pause distribution='uniform' min='1000' max='9000'/>";
    let scenario = steps(&[&request("ONE", ""), wait, &request("TWO", "")]).calls(30).rate(1_000.0, 1_000);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    let times = pair.sent_at("TWO");
    assert!(times.iter().all(|at| (1_000..=9_029).contains(at)), "{times:?}");
    assert!(times.last().unwrap() - times.first().unwrap() > 1_000, "{times:?}");
}

/// scenario.md §5.3: "Not a number (string `"1000"`, unset, boolean) = 0 ms".
#[test]
fn a_pause_by_a_variable_that_is_no_number_does_not_wait() {
    let used = "<nop condexec='v'/>";
    for make in [
        "",
        "<assignstr assign_to='v' value='1000'/>",
        "<test assign_to='v' variable='v' compare='equal' value='0'/>",
    ] {
        assert_eq!(after(&[&nop("", make), "<pause variable='v' milliseconds='300'/>", used]), [0], "{make}");
    }
}

/// scenario.md §5.4: "An unexpected message during timewait still fails the call"; §7.6: "while pausing".
#[test]
fn an_unexpected_message_in_time_wait_fails_the_call() {
    let mut pair = Pair::new(embedded("uas"), Silent);
    pair.says(0, invite("x"));
    pair.says(10, ask("ACK", "x", 1));
    pair.says(20, ask("BYE", "x", 2));
    pair.says(30, ask("MESSAGE", "x", 3));
    pair.run();
    assert_eq!(pair.verdict(), (30, Verdict::Failed(Failure::UnexpectedMessage)));
    assert!(pair.warned("while pausing (index 6), received 'MESSAGE"));
}

/// actions.md §3.15, Observed: in a nop the next element becomes a pause that ends at the absolute time and is not executed.
#[test]
fn pauserestore_in_a_nop_turns_the_next_step_into_a_pause() {
    let logs = ["one", "two"].map(|name| nop("", &format!("<log message='{name} [clock_tick]'/>")));
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &pause(102),
        &nop("", "<pauserestore value='500.9'/>"),
        &logs[0],
        &logs[1],
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!((&pair.a().logs[..], pair.verdict().0), (&["two 500".to_owned()][..], 500));
}

/// actions.md §3.15: "A non-zero time already past skips the next element without waiting; value 0 does nothing".
#[test]
fn pauserestore_of_the_past_skips_a_step_and_0_does_nothing() {
    let runs = |until: &str| {
        let restore = nop("", &format!("<pauserestore value='{until}'/>"));
        let scenario = steps(&[
            &request("OPTIONS", ""),
            &pause(100),
            &restore,
            &nop("", "<log message='one'/>"),
            &nop("", "<log message='two'/>"),
        ]);
        let mut pair = Pair::new(scenario, Silent);
        pair.run();
        assert_eq!(pair.verdict(), (100, Verdict::Successful), "{until}");
        pair.a().logs.clone()
    };
    assert_eq!(runs("50"), ["two"]);
    assert_eq!(runs("0"), ["one", "two"]);
}

/// actions.md §3.15: "In a `pause` it replaces that pause's own end time; in `recv` it has no effect".
#[test]
fn pauserestore_replaces_the_end_of_its_pause_and_nothing_in_a_recv() {
    let restore = "<pauserestore value='300'/>";
    assert_eq!(after(&[&format!("<pause milliseconds='50'><action>{restore}</action></pause>")]), [300]);

    let scenario = steps(&[&request("OPTIONS", ""), &recv_acting("response='200'", restore), &pause(20)]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 10, "200 OK")]));
    pair.run();
    assert_eq!(pair.verdict(), (30, Verdict::Successful));
}

/// scenario.md §7.5: on expiry "the step's own `next` is not considered".
#[test]
fn a_timeout_does_not_take_the_steps_own_next() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv("response='200' timeout='100' ontimeout='late' next='answered'"),
        "<label id='late'/>",
        &nop("next='end'", "<log message='late'/>"),
        "<label id='answered'/>",
        &nop("", "<log message='answered'/>"),
        "<label id='end'/>",
        &pause(1),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!((&pair.a().logs[..], pair.verdict()), (&["late".to_owned()][..], (101, Verdict::Successful)));
}
