//! README, "Thresholds": the language, each subject, what is said of a mistake and where.

use super::language::parse;
use super::*;
use crate::clock::Span;

fn rtds(names: &[&str]) -> Vec<Rtd> {
    names.iter().map(|name| Rtd { name: (*name).to_owned(), borders: Box::default() }).collect()
}

/// 200 calls: 3 failed, 2 of them by an unexpected message; answers after 10 ms, each call 5 ms late.
fn counters() -> Stats {
    let mut stats = Stats::new(2, 0, &[Box::default(), Box::default()], &[]);
    (stats.outgoing, stats.successful, stats.failed) = (200, 197, 3);
    stats.failures[Failure::UnexpectedMessage.index()] = 2;
    stats.failures[Failure::TimeoutOnRecv.index()] = 1;
    (stats.steps[0].unexpected, stats.steps[1].timeouts, stats.retransmissions) = (4, 1, 9);
    for _ in 0..200 {
        stats.start_lag.record(Span::from_millis(5));
        stats.response_times[0].record_late(Span::from_millis(10), Span::from_millis(5));
        stats.call_length.record_late(Span::from_millis(100), Span::from_millis(5));
    }
    stats
}

fn judge_with(text: &str, stats: &Stats, drops: Option<u64>) -> Vec<Judgement> {
    let second = Span::from_millis(1_000);
    let rtds = rtds(&["1", "invite time"]);
    let measured = Measured {
        rtds: &rtds,
        stats,
        asked_rate: Some(100.0),
        achieved_rate: Some(99.0),
        resources: Resources::of_worker(Span::from_millis(250), second, drops),
    };
    parse(text).unwrap().iter().map(|expectation| expectation.judge(&measured)).collect()
}

#[track_caller]
fn judge(text: &str) -> (bool, String) {
    let judged = judge_with(text, &counters(), Some(7));
    let [one] = &judged[..] else { panic!("{judged:?}") };
    (one.held, one.found.clone())
}

#[test]
fn every_subject_is_compared_in_its_unit() {
    for (text, held, found) in [
        ("calls==200", true, "200"),
        ("succeeded>=99%", false, "98.5 % (197 of 200 calls)"),
        ("succeeded>=197", true, "197"),
        ("failed<1%", false, "1.5 % (3 of 200 calls)"),
        ("failed<=3", true, "3"),
        ("failed.unexpected_message<=1%", true, "1 % (2 of 200 calls)"),
        ("failed.timeout_on_recv==0", false, "1"),
        ("retransmissions<10", true, "9"),
        ("unexpected<4", false, "4"),
        ("timeouts>0", true, "1"),
        ("drops==0", false, "7"),
        ("rate>=99.5/s", false, "99/s"),
        ("rate>98", true, "99/s"),
        ("rate>=99%", true, "99 %"),
        ("cpu<80%", true, "25 %"),
    ] {
        assert_eq!(judge(text), (held, found.to_owned()), "{text}");
    }
}

/// Times are those from when they were due: 10 ms and the 5 ms by which the call was late.
#[test]
fn times_have_percentiles_mean_and_maximum_and_begin_when_they_were_due() {
    for (text, held) in [
        ("lag.p99<=6ms", true),
        ("lag.max<4999us", false),
        ("rtd1.p50<14ms", false),
        ("rtd1.p50<16ms", true),
        ("rtd1.mean==15ms", true),
        ("rtd1.mean<0.015s", false),
        ("rtd1.p99.9<15.2ms", true),
        ("rtd.1.max<20ms", true),
        ("length.p90>100ms", true),
    ] {
        assert_eq!(judge(text).0, held, "{text}: {}", judge(text).1);
    }
    assert_eq!(judge("rtd1.mean<1ms").1, "15 ms");
}

#[test]
fn what_was_not_measured_is_not_held() {
    assert_eq!(judge("rtdinvite time.p99<1s"), (false, "nothing was measured".to_owned()));
    let nothing = Stats::new(0, 0, &[Box::default()], &[]);
    let judged =
        judge_with("failed<1% succeeded>99% failed==0 lag.p99<1ms rtd1.max<1s drops==0", &nothing, None);
    let held: Vec<_> = judged.iter().map(|judgement| judgement.held).collect();
    assert_eq!(held, [false, false, true, true, false, false]);
    assert_eq!(
        (judged[0].found.as_str(), judged[5].found.as_str()),
        ("no call was opened", "the system does not tell")
    );
}

#[test]
fn commas_and_blanks_stand_between_conditions_and_blanks_in_them() {
    let typed = |text: &str| parse(text).unwrap().into_iter().map(|one| one.typed).collect::<Vec<_>>();
    assert_eq!(typed("failed<1%,rtd1.p99<50ms"), ["failed<1%", "rtd1.p99<50ms"]);
    assert_eq!(typed("  failed < 1 % , calls >= 5\n"), ["failed < 1 %", "calls >= 5"]);
    assert_eq!(typed("calls==1 rtda, b.p99<1s"), ["calls==1", "rtda, b.p99<1s"]);
}

#[test]
fn a_mistake_is_named_with_its_place() {
    for (text, at, why) in [
        ("failled<1%", 0, "nothing is called 'failled' (did you mean 'failed'?)"),
        ("failed<1%, foo>2", 11, "nothing is called 'foo'"),
        ("failed", 6, "an operator must stand here"),
        ("failed=1", 6, "'=' is no operator"),
        ("failed<x", 7, "a number must stand here"),
        ("failed<1ms", 8, "'ms' is no unit of failed: that has no unit, or %"),
        ("calls>5%", 7, "'%' is no unit of calls: that has no unit"),
        ("rtd1.p99<50", 11, "rtd1.p99 needs a unit: us, ms or s"),
        ("cpu<50", 6, "cpu needs a unit"),
        ("rtd1<50ms", 0, "which 'rtd1': write rtd1.p99"),
        ("rtd1.p101<50ms", 0, "which 'rtd1.p101'"),
        ("failed.unexpected_mesage<1", 0, "(did you mean 'failed.unexpected_message'?)"),
        ("<1", 0, "a subject must stand here"),
        ("", 0, "a condition must stand here"),
        ("calls<1.2.3", 6, "a number must stand here"),
        ("failed<1%calls>2", 9, "'%calls' is no unit"),
    ] {
        let mistake = parse(text).unwrap_err();
        assert!(mistake.why.contains(why), "{text}: {mistake}");
        if !why.contains("%calls") {
            assert_eq!(mistake.at, at, "{text}: {mistake}");
        }
    }
    let shown = parse("failed<1%, foo>2").unwrap_err().to_string();
    assert_eq!(shown, "nothing is called 'foo'\n  failed<1%, foo>2\n             ^");
}

#[test]
fn response_times_that_the_scenario_lacks_are_a_mistake() {
    let expectations = parse("rtd1.p99<1s rtdx.p99<1s").unwrap();
    assert_eq!(check(&expectations, &rtds(&["1", "x"])), Ok(()));
    let mistake = check(&expectations, &rtds(&["1"])).unwrap_err();
    assert_eq!(
        (mistake.at, mistake.why.as_str()),
        (12, "the scenario has no response time 'x' (it has rtd1)")
    );
}

#[test]
fn only_a_threshold_on_all_calls_says_how_many_may_fail() {
    for (text, excuses) in [
        ("failed<1%", true),
        ("calls>1, succeeded>5", true),
        ("failed.aborted<5", false),
        ("rtd1.p99<1s", false),
    ] {
        assert_eq!(excuses_failed_calls(&parse(text).unwrap()), excuses, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z0-9.<>=!% ,µ/\\PC]{0,40}") {
        let _ = parse(&text);
    }
}
