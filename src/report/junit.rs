//! `-junit`: a run as a test suite. A case for the run itself, for each scenario, for each threshold, and for the generator.
//! Spec: none of SIPp's; the form is that of Jenkins' xUnit plugin (`junit-10.xsd`). In: [`Results`]. Out: XML. Must not judge: what passed
//! is in the results.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::expect::Judgement;
use super::failure::briefing;
use super::results::{Part, ReasonKind, Results, Scenario};

/// The file.
///
/// # Errors
/// None that text in memory can have; the writer of XML has one all the same.
pub(super) fn text(results: &Results) -> Result<String, SerializeError> {
    let name = results.scenarios.first().map_or("rsipp", |main| main.name.as_str());
    let took = Duration::from_secs_f64(results.elapsed_s.max(0.0));
    let mut suite = TestSuite::new(name);
    suite.set_time(took);
    if let Ok(started) = chrono::DateTime::parse_from_rfc3339(&results.started) {
        suite.set_timestamp(started);
    }
    suite.add_properties([
        Property::new("rsipp", results.rsipp),
        Property::new("options", results.options.join(" ")),
        Property::new("exit_code", results.exit_code.to_string()),
    ]);
    let mut run = run(name, results);
    run.set_time(took);
    suite.add_test_case(run);
    suite.add_test_cases(results.scenarios.iter().map(|scenario| calls(scenario, results)));
    suite.add_test_cases(results.thresholds.iter().map(|threshold| held(name, threshold)));
    if !results.scenarios.is_empty() {
        suite.add_test_case(pace(name, results));
    }
    let mut report = Report::new("rsipp");
    report.set_time(took);
    report.add_test_suite(suite);
    // The root element has no such attribute in the schema, and the plugin refuses a file that has more than it knows.
    let skipped = format!(" skipped=\"{}\"", report.skipped);
    Ok(report.to_string()?.replacen(&skipped, "", 1))
}

fn case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}

fn not(kind: NonSuccessKind, what: &str, message: &str, details: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(what).set_message(message).set_description(details);
    status
}

/// Whether the run went to its end and made all its calls.
fn run(class: &str, results: &Results) -> TestCase {
    let of = |kind| results.reasons.iter().filter(move |reason| reason.kind == kind);
    let texts: Vec<&str> =
        of(ReasonKind::Run).chain(of(ReasonKind::CallsMissing)).map(|reason| reason.text.as_str()).collect();
    let broke_off = of(ReasonKind::Run).next().is_some();
    let status = match texts.first() {
        None => TestCaseStatus::success(),
        Some(first) if broke_off => not(NonSuccessKind::Error, "run", first, &texts.join("\n")),
        Some(first) => not(NonSuccessKind::Failure, "calls_missing", first, &texts.join("\n")),
    };
    case(class, "the run goes to its end", status)
}

/// Whether the calls of a scenario succeeded.
fn calls(scenario: &Scenario, results: &Results) -> TestCase {
    let class = match scenario.part {
        Part::Main => scenario.name.clone(),
        Part::OutOfCall => format!("{} (out of call)", scenario.name),
        Part::Receiving => format!("{} (receiving)", scenario.name),
        Part::OtherSide => format!("{} (other side)", scenario.name),
    };
    let counts = scenario.calls;
    let causes = scenario.failures.iter().map(|failures| format!("{} {}", failures.count, failures.words));
    let causes = causes.collect::<Vec<_>>().join(", ");
    let message = format!("{} of {} calls failed: {causes}", counts.failed, counts.opened);
    let fails_run = counts.failed > 0 && !results.failed_calls_excused;
    let status = if fails_run {
        let examples: Vec<_> =
            scenario.failures.iter().flat_map(|failures| &failures.examples).cloned().collect();
        let details = format!("{message}\n\n{}", briefing::text(&examples, counts.failed));
        not(NonSuccessKind::Failure, "calls_failed", &message, details.trim_end())
    } else {
        TestCaseStatus::success()
    };
    let mut case = case(&class, "calls succeed", status);
    if counts.failed > 0 && !fails_run {
        case.set_system_out(message);
    }
    case
}

fn held(class: &str, threshold: &Judgement) -> TestCase {
    let found = format!("{}: {}", threshold.expected, threshold.found);
    let status = if threshold.held {
        TestCaseStatus::success()
    } else {
        not(NonSuccessKind::Failure, "threshold", &found, &found)
    };
    let mut case = case(class, &threshold.expected, status);
    if threshold.held {
        case.set_system_out(found);
    }
    case
}

/// A generator that fell short makes no failure unless a threshold says so, but no pass either.
fn pace(class: &str, results: &Results) -> TestCase {
    let limits = &results.generator.limits;
    let mut status = TestCaseStatus::success();
    if !limits.is_empty() {
        status = TestCaseStatus::skipped();
        status.set_message(format!("generator-limited: {}", limits.join("; ")));
    }
    case(class, "the generator keeps its word", status)
}
