//! Why calls failed: a table of causes, and the stories of some calls with their ladders.
//! In: the results. Out: a section. Must not draw ladders: `report::failure` does.

use super::markup::Markup;
use super::numbers::{percent, whole};
use super::summary::capital;
use super::tables;
use crate::report::failure::ladder;
use crate::report::results::{Failures, Results, Scenario};
use crate::stats::story::FailureStory;

/// Ways to fail that are told of each cause.
const MOST_KINDS: usize = 8;

/// The section; what it says when no call failed.
pub fn write(results: &Results, page: &mut Markup) {
    let failed: Vec<&Scenario> =
        results.scenarios.iter().filter(|scenario| !scenario.failures.is_empty()).collect();
    if results.scenarios.is_empty() {
        return;
    }
    page.element("h2", &[], "Failed calls");
    if failed.is_empty() {
        page.element("p", &[("class", &"good")], "No call failed.");
    }
    for scenario in failed {
        tables::write_name(results, scenario, page);
        tables::begin(&[("Cause", true), ("Calls", false), ("Of all", false)], page);
        for failures in &scenario.failures {
            page.raw("<tr>").element("td", &[("class", &"text")], capital(failures.words));
            page.element("td", &[("class", &"bad")], whole(failures.count));
            page.element("td", &[], percent(failures.count, scenario.calls.opened)).raw("</tr>\n");
        }
        tables::end(page);
        for failures in &scenario.failures {
            write_stories(failures, page);
        }
    }
}

/// What one way to fail has in common, with how many stories tell of it.
struct Kind<'a> {
    first: &'a FailureStory,
    count: usize,
}

/// One story of each kind; the first one stands open.
fn write_stories(failures: &Failures, page: &mut Markup) {
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    for story in &failures.examples {
        match kinds.iter_mut().find(|kind| kind.first.is_like(story)) {
            Some(kind) => kind.count += 1,
            None => kinds.push(Kind { first: story, count: 1 }),
        }
    }
    for (at, kind) in kinds.iter().take(MOST_KINDS).enumerate() {
        if at == 0 {
            page.raw("<details open=\"open\">\n");
        } else {
            page.raw("<details>\n");
        }
        let story = kind.first;
        page.open("summary", &[]).raw("<b>").text(capital(failures.words)).raw("</b>");
        page.text(format!(" at step {}: {}", story.place.step, story.came));
        page.open("span", &[("class", &"soft")])
            .text(share(kind.count, failures))
            .raw("</span>")
            .close("summary");
        write_story(story, page);
        page.close("details");
    }
    if kinds.len() > MOST_KINDS {
        let more = kinds.len() - MOST_KINDS;
        page.element(
            "p",
            &[("class", &"soft")],
            format!("{more} more kinds are in the JSON report (-json)."),
        );
    }
}

/// How many failed so.
fn share(count: usize, failures: &Failures) -> String {
    let told = failures.examples.len();
    match failures.count {
        all if all == told as u64 && count == told => format!(" – {}", calls(all)),
        all if all == told as u64 => format!(" – {count} of {}", calls(all)),
        all => format!(" – {count} of the first {told} of {}", calls(all)),
    }
}

fn calls(count: u64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{} calls", whole(count)) }
}

fn write_story(story: &FailureStory, page: &mut Markup) {
    page.element("p", &[], ladder::title(story));
    page.element("pre", &[], ladder::drawing(story)).raw("<dl>\n");
    for (name, text) in ladder::facts(story) {
        page.element("dt", &[], capital(name)).element("dd", &[], text);
    }
    page.raw("</dl>\n");
}
