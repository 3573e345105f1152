//! The tables: thresholds, durations, steps.
//! In: the results. Out: sections, or nothing where there is nothing to show.

use super::markup::Markup;
use super::numbers::{value, whole};
use crate::report::results::{Duration, Part, Results, Scenario, Spread, Step, StepKind};

/// What `-expect` and `-fail_on_lag` demanded.
pub fn write_thresholds(results: &Results, page: &mut Markup) {
    if results.thresholds.is_empty() {
        return;
    }
    page.element("h2", &[], "Thresholds");
    begin(&[("Demanded", true), ("Found", true), ("", true)], page);
    for threshold in &results.thresholds {
        let (class, word) = if threshold.held { ("text good", "held") } else { ("text bad", "not held") };
        page.raw("<tr>")
            .open("td", &[("class", &"text")])
            .raw("<code>")
            .text(&threshold.expected)
            .raw("</code></td>");
        page.element("td", &[("class", &"text")], &threshold.found);
        page.element("td", &[("class", &class)], word).raw("</tr>\n");
    }
    end(page);
}

/// Percentiles of response times and of the calls' lengths.
pub fn write_times(results: &Results, page: &mut Markup) {
    let scenarios: Vec<&Scenario> =
        results.scenarios.iter().filter(|scenario| scenario.calls.opened > 0).collect();
    if scenarios.is_empty() {
        return;
    }
    page.element("h2", &[], "Response times and call lengths");
    page.element(
        "p",
        &[("class", &"soft")],
        "In ms. \"From due\" counts from when the call should have begun: what a caller would have met had the generator been on time.",
    );
    let heads = ["", "Counted", "Number", "Mean", "50 %", "90 %", "99 %", "99.9 %", "Longest"];
    for scenario in scenarios {
        write_name(results, scenario, page);
        begin(&heads.map(|head| (head, matches!(head, "" | "Counted"))), page);
        let times = scenario.response_times.iter().filter(|time| time.from_start.count > 0);
        for time in times {
            write_duration(&format!("Response time {}", time.name), time, page);
        }
        write_duration("Length of a call", &scenario.call_length, page);
        end(page);
    }
}

fn write_duration(name: &str, duration: &Duration, page: &mut Markup) {
    if duration.from_start == duration.from_due {
        write_spread(name, "from its start", &duration.from_start, "", page);
        return;
    }
    write_spread(name, "from due", &duration.from_due, "", page);
    write_spread("", "as measured", &duration.from_start, "soft", page);
}

fn write_spread(name: &str, how: &str, spread: &Spread, class: &str, page: &mut Markup) {
    page.open("tr", &[("class", &class)]);
    page.element("td", &[("class", &"text")], name).element("td", &[("class", &"text")], how);
    page.element("td", &[], whole(spread.count));
    let times = [spread.mean_ms, spread.p50_ms, spread.p90_ms, spread.p99_ms, spread.p999_ms, spread.max_ms];
    for time in times {
        page.element("td", &[], value(time));
    }
    page.close("tr");
}

/// What each step counted, as on SIPp's scenario screen.
pub fn write_steps(results: &Results, page: &mut Markup) {
    if results.scenarios.is_empty() {
        return;
    }
    page.element("h2", &[], "Steps of the scenario");
    let heads = ["Step", "", "Messages", "Sent or seen again", "Timeouts", "Unexpected", "Lost on purpose"];
    for scenario in &results.scenarios {
        write_name(results, scenario, page);
        begin(&heads.map(|head| (head, matches!(head, "Step" | ""))), page);
        for step in &scenario.steps {
            write_step(step, page);
        }
        end(page);
    }
}

fn write_step(step: &Step, page: &mut Markup) {
    let what = match step.kind {
        StepKind::Send => format!("→ {}", step.message),
        StepKind::Recv => format!("← {}", step.message),
        StepKind::Pause => "pause".to_owned(),
        StepKind::Timewait => "time-wait".to_owned(),
        StepKind::Nop => "actions".to_owned(),
    };
    page.raw("<tr>").element("td", &[("class", &"text soft")], step.index).element(
        "td",
        &[("class", &"text")],
        what,
    );
    count(step.messages, "", page);
    count(step.retransmissions, "warn", page);
    count(step.timeouts, "bad", page);
    count(step.unexpected, "bad", page);
    count(step.lost, "warn", page);
    page.raw("</tr>\n");
}

fn count(number: u64, class: &'static str, page: &mut Markup) {
    let class = if number == 0 { "zero" } else { class };
    page.element("td", &[("class", &class)], whole(number));
}

/// Above a table, when there are several scenarios.
pub fn write_name(results: &Results, scenario: &Scenario, page: &mut Markup) {
    if results.scenarios.len() > 1 {
        let what = match scenario.part {
            Part::Main => "the main scenario",
            Part::OutOfCall => "answers what belongs to no call",
            Part::Receiving => "is called",
            Part::OtherSide => "the other side of the test",
        };
        page.raw("<h3>")
            .text(&scenario.name)
            .open("span", &[("class", &"soft")])
            .text(format!(" – {what}"))
            .raw("</span></h3>\n");
    }
}

/// A table with these heads; true: of a column of text.
pub fn begin(heads: &[(&str, bool)], page: &mut Markup) {
    page.raw("<div class=\"wide\"><table>\n<thead><tr>");
    for (head, is_text) in heads {
        page.element("th", &[("class", if *is_text { &"text" } else { &"" })], head);
    }
    page.raw("</tr></thead>\n<tbody>\n");
}

/// Its end.
pub fn end(page: &mut Markup) {
    page.raw("</tbody></table></div>\n");
}
