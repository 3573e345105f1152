//! actions.md §3.6, §3.10-§3.13, §3.15: actions that compute a value or restore a pause.

use rsipp::clock::WallClock;
use rsipp::engine::Verdict;

use super::pair::{Pair, Setup, steps};
use super::peer::{Answers, Silent};
use super::text::{nop, pause, recv, recv_acting, request, request_acting};

fn ran(setup: Setup) -> Pair {
    let mut pair = Pair::new(setup, Answers([("OPTIONS", 5, "200 OK")]));
    pair.run_until(5_000);
    pair
}

fn logs_of(actions: &str) -> Vec<String> {
    ran(steps(&[&request("OPTIONS", ""), &nop("", actions)])).a().logs.clone()
}

/// §3.6: one number per execution, within the bounds of its distribution.
#[test]
fn sample_draws_a_number_each_time() {
    let draw = |distribution: &str| -> Vec<f64> {
        let action = format!("<sample assign_to='v' distribution={distribution}/><log message='[$v]'/>");
        let logs = logs_of(&action.repeat(200));
        logs.iter().map(|log| log.parse().unwrap()).collect()
    };
    assert_eq!(draw("'fixed' value='2.5'"), [2.5; 200]);
    let uniform = draw("'uniform' min='3' max='5'");
    assert!(uniform.iter().all(|number| (3.0..=5.0).contains(number)));
    assert!(uniform.iter().any(|number| *number < 3.5) && uniform.iter().any(|number| *number > 4.5));
    assert!(uniform.iter().any(|number| number.fract() != 0.0), "real numbers");
    let mean = draw("'normal' mean='100' stdev='10'").iter().sum::<f64>() / 200.0;
    assert!((97.0..103.0).contains(&mean), "{mean}");
    assert!(draw("'exponential' mean='5'").iter().all(|number| *number >= 0.0));
    assert!(draw("'pareto' k='3' x_m='2'").iter().all(|number| *number >= 2.0));
}

/// §3.10: white space at both ends goes; a number becomes an empty text, which is set.
#[test]
fn trim_cuts_white_space_and_makes_a_text() {
    let actions = "<assignstr assign_to='s' value='  \\t a b\\r\\n '/><trim assign_to='s'/><log message='<[$s]>'/>\
        <assign assign_to='s' value='3'/><trim assign_to='s'/><log message='<[$s]>'/>";
    assert_eq!(logs_of(&actions.replace("'<[", "'&lt;[").replace("]>'", "]&gt;'")), ["<a b>", "<>"]);

    let text = nop("next='set' test='n'", "<assign assign_to='n' value='0'/><trim assign_to='n'/>");
    let unset = nop("next='end'", "<log message='unset'/>");
    let set = nop("", "<log message='set'/>");
    let pair = ran(steps(&[
        &request("OPTIONS", ""),
        &text,
        &unset,
        "<label id='set'/>",
        &set,
        "<label id='end'/>",
        &pause(1),
    ]));
    assert_eq!(pair.a().logs, ["set"]);
}

/// §3.11: bytes other than letters, digits and `-_.~` are escaped in upper case; decoding turns `+` to a blank and leaves malformed
/// escapes (Bug) as they are.
#[test]
fn urlencode_and_urldecode_work_in_place() {
    let encode = |text: &str| {
        logs_of(&format!(
            "<assignstr assign_to='s' value='{text}'/><urlencode variable='s'/><log message='[$s]'/>"
        ))
    };
    let decode = |text: &str| {
        logs_of(&format!(
            "<assignstr assign_to='s' value='{text}'/><urldecode variable='s'/><log message='[$s]'/>"
        ))
    };
    assert_eq!(encode("aZ9-_.~ /?:@+%"), ["aZ9-_.~%20%2F%3F%3A%40%2B%25"]);
    assert_eq!(encode("sip:\u{e9}"), ["sip%3A%C3%A9"]);
    assert_eq!(decode("a%20b+c%2fd%2F"), ["a b c/d/"]);
    assert_eq!(decode("50% %zz %4g %4"), ["50% %zz %4g %4"]);
}

/// §3.12: zero-based, labels and declarations do not count; index 0 renders empty.
#[test]
fn index_is_the_position_of_the_step() {
    let log = "<index assign_to='i'/><log message='[$i]'/>";
    let pair = ran(steps(&[
        "<Global variables='g'/>",
        &request_acting("OPTIONS", "", log),
        "<Reference variables='g'/>",
        "<label id='1'/>",
        &nop("", log),
        &format!("<pause milliseconds='1'><action>{log}</action></pause>"),
    ]));
    assert_eq!(pair.a().logs, ["", "1.000000", "2.000000"]);
}

/// §3.12, Surprise: in a recv it is the step waited at; after a `jump` of the same list it is the target - 1.
#[test]
fn index_in_a_recv_is_the_step_waited_at() {
    let log = "<index assign_to='i'/><log message='[$i]'/>";
    let pair = ran(steps(&[
        &request("OPTIONS", ""),
        &recv("response='100' optional='true'"),
        &recv("response='180' optional='true'"),
        &recv_acting("response='200'", log),
        &nop("", &format!("<jump value='6'/>{log}")),
        &pause(1),
        &nop("", log),
    ]));
    assert_eq!(pair.a().logs, ["1.000000", "5.000000", "6.000000"]);
}

/// §3.13: seconds since the epoch and microseconds.
#[test]
fn gettimeofday_reads_the_wall_clock() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv("response='200'"),
        &pause(1_495),
        &nop("", "<gettimeofday assign_to='s,us'/><log message='[$s] [$us]'/>"),
    ]);
    let wall = WallClock { epoch_micros_at_zero: 1_795_305_170_400_007, utc_offset_seconds: 7_200 };
    let pair = ran(scenario.with(|settings| settings.wall = wall));
    assert_eq!(pair.a().logs, ["1795305171.000000 900007.000000"]);
}

/// §3.15, Observed: `pauserestore 500` at tick 102, then elements one and two: one is never executed, two runs at 500.
#[test]
fn pauserestore_makes_a_pause_of_the_next_step() {
    for restore in
        ["<pauserestore value='500'/>", "<assign assign_to='t' value='500.9'/><pauserestore variable='t'/>"]
    {
        let pair = ran(steps(&[
            &request("OPTIONS", ""),
            &recv("response='200'"),
            &pause(97),
            &nop("", restore),
            &request("ONE", ""),
            &request("TWO", ""),
        ]));
        assert_eq!((pair.sent_at("ONE"), pair.sent_at("TWO")), (vec![], vec![500]));
    }
}

/// §3.15: a time already past skips the next element without waiting; 0 does nothing.
#[test]
fn pauserestore_of_the_past_skips_and_of_0_does_nothing() {
    let run = |value: &str| {
        let pair = ran(steps(&[
            &request("OPTIONS", ""),
            &recv("response='200'"),
            &pause(100),
            &nop("", &format!("<pauserestore value='{value}'/>")),
            &request("ONE", ""),
            &request("TWO", ""),
        ]));
        (pair.sent_at("ONE"), pair.sent_at("TWO"))
    };
    assert_eq!(run("50"), (vec![], vec![105]));
    assert_eq!(run("0"), (vec![105], vec![105]));
}

/// §3.15: in a pause it replaces the pause's own end; in a recv it has no effect.
#[test]
fn pauserestore_replaces_the_end_of_a_pause_and_does_nothing_in_a_recv() {
    let mut pair = Pair::new(
        steps(&[
            &request("OPTIONS", ""),
            "<pause milliseconds='50'><action><pauserestore value='300'/></action></pause>",
            &request("ONE", ""),
        ]),
        Silent,
    );
    pair.run();
    assert_eq!((pair.sent_at("ONE"), pair.verdict()), (vec![300], (300, Verdict::Successful)));

    let pair = ran(steps(&[
        &request("OPTIONS", ""),
        &recv_acting("response='200'", "<pauserestore value='300'/>"),
        &request("ONE", ""),
    ]));
    assert_eq!(pair.sent_at("ONE"), [5]);
}
