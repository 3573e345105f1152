//! The page is well-formed, shows what it is given and nothing else, and loads nothing from elsewhere.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::page;
use crate::report::expect::Judgement;
use crate::report::results::series::{Sample, Series, Times};
use crate::report::results::{
    Calls, Duration, EndedBy, Failures, Generator, Machine, Messages, Part, Reason, ReasonKind, Results,
    Role, SCHEMA, Scenario, Spread, Step, StepKind, Verdict,
};
use crate::stats::Failure;
use crate::stats::story::{self, FailureStory, Place, Rung};

const HOSTILE: &str = "</pre><script>alert(\"x\")</script>&nbsp;'\u{1b}[31m";

/// Names of all elements. Panics where the page is no XML.
#[track_caller]
fn elements(page: &str) -> Vec<String> {
    let mut reader = Reader::from_str(page);
    reader.config_mut().check_end_names = true;
    let mut names = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                for attribute in tag.attributes() {
                    attribute.unwrap();
                }
                names.push(tag.name().as_ref().to_owned());
            }
            Ok(Event::Eof) => return names,
            Ok(_) => {}
            Err(error) => panic!("{error} at {}", reader.error_position()),
        }
    }
}

fn nothing() -> Results {
    Results {
        schema: SCHEMA,
        rsipp: "0",
        options: Vec::new(),
        pid: 1,
        started: "2026-11-29T06:50:35.216229Z".to_owned(),
        ended: "2026-11-29T06:51:35.533959Z".to_owned(),
        elapsed_s: 60.3,
        ended_by: EndedBy::Itself,
        exit_code: 0,
        verdict: Verdict::Passed,
        reasons: Vec::new(),
        failed_calls_excused: false,
        generator: Generator::default(),
        thresholds: Vec::new(),
        scenarios: Vec::new(),
        series: Series::default(),
        machine: Machine::default(),
    }
}

fn scenario(failures: Vec<Failures>) -> Scenario {
    let failed = failures.iter().map(|failures| failures.count).sum();
    let spread =
        Spread { count: 9, mean_ms: 2.5, p50_ms: 2.0, p90_ms: 3.0, p99_ms: 4.0, p999_ms: 4.5, max_ms: 5.0 };
    let step = |index, kind, message: &str| Step {
        index,
        kind,
        message: message.to_owned(),
        messages: 10,
        retransmissions: 1,
        timeouts: 0,
        unexpected: failed,
        lost: 0,
    };
    let none = Messages {
        retransmissions: 0,
        timeouts: 0,
        unexpected: 0,
        out_of_call: 0,
        dead_call: 0,
        auto_answered: 0,
        send_errors: 0,
        receive_errors: 0,
        warnings: 0,
    };
    let duration = |name: &str| Duration {
        name: name.to_owned(),
        from_start: spread,
        from_due: Spread { max_ms: 6.0, ..spread },
    };
    Scenario {
        part: Part::Main,
        name: "uac".to_owned(),
        role: Role::Client,
        calls: Calls {
            opened: 10,
            outgoing: 10,
            incoming: 0,
            succeeded: 10 - failed,
            failed,
            open: 0,
            most_open: 3,
        },
        failures,
        messages: none,
        steps: vec![
            step(0, StepKind::Send, "INVITE"),
            step(1, StepKind::Recv, "200"),
            step(2, StepKind::Pause, ""),
        ],
        response_times: vec![duration("1")],
        call_length: duration(""),
        counters: Vec::new(),
    }
}

fn series(seconds: usize) -> Series {
    let sample = |at: usize| Sample {
        at_s: at as f64,
        seconds: 1.0,
        opened: 100,
        rate: 100.0,
        open: 5,
        succeeded: 99,
        failed: 1,
        retransmissions: 0,
        drops: 0,
        cpu_share: 0.1,
        lag_p99_ms: 0.2,
        times: vec![(at != 2).then_some(Times { p50_ms: 1.0, p99_ms: 2.0, max_ms: 300.0 })],
    };
    Series { response_times: vec!["1".to_owned()], samples: (1..=seconds).map(sample).collect() }
}

fn story(text: &str) -> FailureStory {
    let place = Place { file: text.to_owned(), line: 3, step: 1 };
    FailureStory {
        part: crate::scenario::Part::Main,
        cause: Failure::UnexpectedMessage,
        call_number: 1,
        call_id: text.to_owned(),
        opened_s: 0.0,
        failed_ms: 1.0,
        transport: "UDP",
        local: "127.0.0.1:5061".to_owned(),
        peer: "127.0.0.1:5060".to_owned(),
        ladder: vec![Rung {
            at_ms: 0.5,
            event: story::Event::Unexpected,
            message: text.to_owned(),
            place: None,
        }],
        left_out: None,
        expected: text.to_owned(),
        place,
        came: text.to_owned(),
        details: Some(text.to_owned()),
        hint: Some(text.to_owned()),
    }
}

fn failing(examples: Vec<FailureStory>, count: u64) -> Results {
    let failures = Failures { cause: "unexpected_message", words: "unexpected message", count, examples };
    Results {
        verdict: Verdict::Failed,
        exit_code: 1,
        scenarios: vec![scenario(vec![failures])],
        series: series(3),
        ..nothing()
    }
}

#[test]
fn a_page_is_well_formed_whatever_the_network_said() {
    let text = HOSTILE.to_owned();
    let mut results = Results {
        options: vec![text.clone()],
        reasons: vec![Reason { kind: ReasonKind::Run, text: text.clone() }],
        thresholds: vec![Judgement { expected: text.clone(), found: text.clone(), held: false }],
        machine: Machine { host: text.clone(), system: text.clone(), processors: 2 },
        ..failing(vec![story(HOSTILE)], 1)
    };
    results.scenarios[0].name = text.clone();
    results.scenarios[0].steps[0].message = text.clone();
    results.scenarios[0].response_times[0].name = text.clone();
    results.series.response_times = vec![text.clone()];
    results.generator.limits = vec![text];
    let page = page(&results);
    let elements = elements(&page);
    assert!(!elements.iter().any(|name| name == "script"), "{page}");
    assert!(!page.contains('\u{1b}'));
    assert!(page.contains("&lt;/pre&gt;&lt;script&gt;alert(&quot;x&quot;)"), "{page}");
}

#[test]
fn a_page_loads_nothing_from_elsewhere() {
    let page = page(&failing(vec![story("486 Busy Here")], 1));
    for way in ["src=", "href=", "url(", "@import", "<script", "<link", "<iframe"] {
        assert!(!page.contains(way), "{way}");
    }
    assert_eq!(page.matches("http").count(), 1, "the name of the namespace only");
}

#[test]
fn a_run_that_broke_off_before_its_traffic_has_a_page() {
    let reasons = vec![Reason { kind: ReasonKind::Run, text: "no such host".to_owned() }];
    let page = page(&Results { verdict: Verdict::Failed, reasons, ..nothing() });
    elements(&page);
    assert!(page.contains("No such host") || page.contains("no such host"), "{page}");
    assert!(page.contains("before there was anything to draw"));
}

#[test]
fn a_run_without_failures_says_so_in_words() {
    let results = Results { scenarios: vec![scenario(Vec::new())], series: series(1), ..nothing() };
    let page = page(&results);
    elements(&page);
    assert!(page.contains(">Passed.</b>\nAll 10 calls succeeded."), "{page}");
    assert!(page.contains("No call failed."));
    assert!(page.contains("half were within 2 ms, 99 % within 4 ms; the longest was 6 ms."), "{page}");
}

#[test]
fn each_way_to_fail_is_told_once_with_how_often_it_was_met() {
    let mut results = failing(vec![story("486"), story("503"), story("486")], 5);
    results.scenarios[0].calls.opened = 100;
    let page = page(&results);
    assert!(page.contains("<b>Unexpected message</b> at step 1: 486"), "{page}");
    assert!(page.contains(" – 2 of the first 3 of 5 calls"), "{page}");
    assert!(page.contains(" – 1 of the first 3 of 5 calls"), "{page}");
    assert!(page.contains("5 of 100 calls failed (5 %)."), "{page}");
}

/// An hour has 3,600 samples; the page stays small.
#[test]
fn plots_of_a_long_run_are_thinned_to_the_worst_of_each_moment() {
    let mut results = failing(vec![story("486")], 1);
    results.series = series(3_600);
    results.series.samples[1_234].open = 777;
    let page = page(&results);
    elements(&page);
    assert!(page.contains("open: 777 calls"), "the peak is not lost");
    assert!(page.len() < 500_000, "{} bytes", page.len());
}

/// What is not measured leaves a gap, and a few slow answers make the scale logarithmic.
#[test]
fn response_times_have_gaps_and_a_scale_that_fits() {
    let page = page(&failing(vec![story("486")], 1));
    assert!(page.contains("ms, logarithmic scale"), "{page}");
    let hit = page.split("<title>after 2 s").nth(3).and_then(|rest| rest.split("</title>").next());
    assert_eq!(hit, Some(""), "nothing was measured in the second second");
}
