//! What stands first and last on the page: the verdict in words, the key figures, the generator, how the run was started.
//! In: the results. Out: sections. Must not judge: the results say what to think.

use super::markup::Markup;
use super::numbers::{length, millis, percent, value, whole};
use crate::report::results::{Calls, Duration, EndedBy, Results, Scenario, Spread, Verdict};

/// For the window.
pub fn title(results: &Results) -> String {
    let name = results.scenarios.first().map_or("no traffic", |scenario| &scenario.name);
    format!("{name}, {}", word(results.verdict))
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::GeneratorLimited => "limited by the generator",
    }
}

/// Title, verdict and key figures.
pub fn write(results: &Results, page: &mut Markup) {
    let main = results.scenarios.first();
    let name = main.map_or("no scenario", |scenario| &scenario.name);
    page.element("h1", &[], format!("Load test with scenario {name}"));
    let when = format!(
        "{} – {}, {}",
        day_time(&results.started),
        day_time(&results.ended),
        length(results.elapsed_s)
    );
    page.element("p", &[("class", &"soft")], when);
    write_verdict(results, main, page);
    if let Some(main) = main {
        write_cards(results, main, page);
    }
}

fn write_verdict(results: &Results, main: Option<&Scenario>, page: &mut Markup) {
    let (class, headline) = match results.verdict {
        Verdict::Passed => ("verdict passed", "Passed."),
        Verdict::Failed => ("verdict failed", "Failed."),
        Verdict::GeneratorLimited => ("verdict limited", "Nothing failed, but the generator was the limit."),
    };
    page.open("section", &[("class", &class)]).raw("\n<p>");
    page.open("b", &[("class", &"word")]).text(headline).close("b");
    page.text(main.map_or_else(String::new, |main| calls_sentence(&main.calls))).raw("</p>\n");
    if let Some(time) = main.and_then(|main| main.response_times.iter().find(|time| time.from_due.count > 0))
    {
        page.element("p", &[], time_sentence(time));
    }
    if let Some(sentence) = rate_sentence(results) {
        page.element("p", &[], sentence);
    }
    // How many calls failed has been said.
    let said = main.map(|main| format!("{} of {} calls failed", main.calls.failed, main.calls.opened));
    let reasons = results.reasons.iter().filter(|reason| Some(&reason.text) != said.as_ref());
    let reasons: Vec<String> = reasons.map(|reason| sentence(&reason.text)).collect();
    let limits = results.generator.limits.iter().map(|limit| sentence(limit));
    let limits: Vec<String> = limits.collect();
    if reasons.len() + limits.len() > 0 {
        page.raw("<ul>\n");
        for text in reasons.iter().chain(&limits) {
            page.element("li", &[], text);
        }
        page.raw("</ul>\n");
    }
    page.close("section");
}

fn calls_sentence(calls: &Calls) -> String {
    let opened = whole(calls.opened);
    let mut text = match (calls.opened, calls.succeeded, calls.failed) {
        (0, ..) => return "No call was made.".to_owned(),
        (1, 1, _) => "The only call succeeded.".to_owned(),
        (1, _, 1) => "The only call failed.".to_owned(),
        (all, succeeded, _) if all == succeeded => format!("All {opened} calls succeeded."),
        (all, _, failed) if all == failed => format!("All {opened} calls failed."),
        (all, _, failed) => format!("{} of {opened} calls failed ({}).", whole(failed), percent(failed, all)),
    };
    match calls.open {
        0 => {}
        1 => text.push_str(" 1 was still open when the run ended."),
        open => text.push_str(&format!(" {} were still open when the run ended.", whole(open))),
    }
    text
}

fn time_sentence(time: &Duration) -> String {
    let Spread { count, p50_ms, p99_ms, max_ms, .. } = time.from_due;
    format!(
        "Of {} response times (timer {}), half were within {}, 99 % within {}; the longest was {}.",
        whole(count),
        time.name,
        millis(p50_ms),
        millis(p99_ms),
        millis(max_ms)
    )
}

fn rate_sentence(results: &Results) -> Option<String> {
    let generator = &results.generator;
    let asked =
        generator.asked_rate.filter(|_| results.scenarios.iter().any(|main| main.calls.outgoing > 1))?;
    let kept = if generator.limits.is_empty() { "; the generator kept its schedule" } else { "" };
    Some(match generator.achieved_rate {
        Some(achieved) => {
            format!("{} calls a second were asked for, {} were made{kept}.", value(asked), value(achieved))
        }
        None => format!("At the end {} calls a second were asked for{kept}.", value(asked)),
    })
}

/// With a full stop, and with a capital unless it begins with something typed, such as `rtd1.p99<50ms`.
fn sentence(text: &str) -> String {
    let text = text.trim_end().trim_end_matches('.');
    let is_word = text.split([' ', ':']).next().is_some_and(|word| word.chars().all(char::is_alphabetic));
    if is_word { format!("{}.", capital(text)) } else { format!("{text}.") }
}

/// With a capital.
pub fn capital(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}", chars.as_str())
}

fn write_cards(results: &Results, main: &Scenario, page: &mut Markup) {
    let calls = &main.calls;
    let generator = &results.generator;
    page.open("div", &[("class", &"cards")]);
    card(
        "Calls",
        &whole(calls.opened),
        &format!("at most {} open at a time", whole(calls.most_open)),
        "",
        page,
    );
    let class = if calls.failed > 0 { "bad" } else { "good" };
    card("Failed", &whole(calls.failed), &percent(calls.failed, calls.opened), class, page);
    if let (Some(asked), Some(achieved)) = (generator.asked_rate, generator.achieved_rate) {
        card("Calls per second", &value(achieved), &format!("asked: {}", value(asked)), "", page);
    } else if results.elapsed_s > 0.0 {
        let rate = calls.opened as f64 / results.elapsed_s;
        card("Calls per second", &value(rate), "over the whole run", "", page);
    }
    if let Some(time) = main.response_times.iter().find(|time| time.from_due.count > 0) {
        let more = format!("median {}", millis(time.from_due.p50_ms));
        card(
            &format!("Response time {}, 99\u{a0}%", time.name),
            &millis(time.from_due.p99_ms),
            &more,
            "",
            page,
        );
    }
    if main.call_length.from_start.count > 0 {
        let more = format!("99 %: {}", millis(main.call_length.from_start.p99_ms));
        card("Length of a call, median", &millis(main.call_length.from_start.p50_ms), &more, "", page);
    }
    card("Sent again", &whole(main.messages.retransmissions), "messages", "", page);
    page.close("div");
}

fn card(name: &str, number: &str, more: &str, class: &str, page: &mut Markup) {
    page.open("div", &[("class", &"card")]);
    page.element("div", &[("class", &"name")], name);
    page.element("div", &[("class", &format!("number {class}"))], number);
    page.element("div", &[("class", &"more")], more).close("div");
}

/// Whether the numbers can be believed.
pub fn write_generator(results: &Results, page: &mut Markup) {
    let generator = &results.generator;
    page.element("h2", &[], "The generator");
    page.element(
        "p",
        &[("class", &"soft")],
        "Calls are due on a schedule that only the rate decides. What is late on this side is shown here, and is part of the times \
         counted from when a call was due.",
    );
    if generator.limits.is_empty() {
        page.element("p", &[("class", &"good")], "The generator was not the limit.");
    }
    for limit in &generator.limits {
        page.element("p", &[("class", &"warn")], sentence(limit));
    }
    let lag = &generator.start_lag;
    page.raw("<dl>\n");
    if lag.count > 0 {
        let text = format!(
            "{} (median), {} (99 %), {} (most)",
            millis(lag.p50_ms),
            millis(lag.p99_ms),
            millis(lag.max_ms)
        );
        fact("Calls began late by", &text, page);
    }
    fact("Due calls held back by -l", &whole(generator.held_back), page);
    let drops = generator.socket_drops.map_or("the system does not tell".to_owned(), whole);
    fact("Datagrams dropped by our socket", &drops, page);
    let cpu =
        format!("{:.0} % of one processor, {} in all", 100.0 * generator.cpu_share, length(generator.cpu_s));
    fact("Processor time", &cpu, page);
    page.raw("</dl>\n");
}

/// How the run was started, and where.
pub fn write_environment(results: &Results, page: &mut Markup) {
    page.element("h2", &[], "How it was run").raw("<dl>\n");
    let words: Vec<String> = results.options.iter().map(|word| quoted(word)).collect();
    page.element("dt", &[], "Command line").raw("<dd><code>");
    page.text(format!("rsipp {}", words.join(" "))).raw("</code></dd>\n");
    fact("Started", &results.started, page);
    fact("Ended", &results.ended, page);
    let by = match results.ended_by {
        EndedBy::Itself => "its calls, or whoever was in control",
        EndedBy::Timeout => "-timeout",
        EndedBy::Signal => "a signal",
        EndedBy::Error => "an error",
    };
    fact("Ended by", by, page);
    fact("Exit status", &results.exit_code.to_string(), page);
    let machine = &results.machine;
    fact(
        "Machine",
        &format!("{}, {}, {} processors", machine.host, machine.system, machine.processors),
        page,
    );
    fact("Process", &results.pid.to_string(), page);
    page.raw("</dl>\n");
    page.element("footer", &[], format!("Written by rsipp {}.", results.rsipp));
}

fn fact(name: &str, text: &str, page: &mut Markup) {
    page.element("dt", &[], name).element("dd", &[], text);
}

/// A word as a shell would take it.
fn quoted(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=,%+@[]".contains(char);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// `2026-11-29 06:41:22` of an RFC 3339 time.
fn day_time(rfc3339: &str) -> String {
    rfc3339.get(..19).unwrap_or(rfc3339).replace('T', " ")
}
