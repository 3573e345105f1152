//! Lints about waiting: timeouts that do not run, answers that come while nobody waits, messages that need not come.
//! Spec: scenario.md §5.1, §7.3, §7.5; runtime.md §3-§5, §7.2.

use crate::scenario::diagnostic::Diagnostic;

use super::Lint;
use super::flow::{Node, window_start};
use super::message::Message;
use super::script::{Kind, Recv, Script, Step};

pub const DEAD_TIMEOUT: Lint = Lint {
    name: "dead-timeout",
    reason: "the timeout of a <recv> behind optional ones does not run: only that of the step at which the call waits \
             does, so a silent peer is waited for without end",
    check: dead_timeout,
};

pub const FAST_ANSWER: Lint = Lint {
    name: "fast-answer",
    reason: "the answer to a request may come while the call pauses or waits to send, where no <recv> takes it, so it is \
             unexpected and fails the call",
    check: fast_answer,
};

pub const PROVISIONAL_MANDATORY: Lint = Lint {
    name: "provisional-mandatory",
    reason: "a mandatory <recv> of a 1xx right before another <recv> fails calls whose peer answers at once, and those \
             that lose the 1xx, which is not repeated",
    check: provisional_mandatory,
};

fn dead_timeout(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (at, step) in script.steps.iter().enumerate().filter(|(_, step)| matches!(step.kind, Kind::Recv(_))) {
        let Some(timeout) = step.milliseconds("timeout") else { continue };
        if is_entered(script, at) || !script.flow.runs(at) {
            continue;
        }
        let mut entries = (window_start(&script.steps, at)..at).filter(|entry| is_entered(script, *entry));
        let untimed =
            |entry: usize| script.steps.get(entry).filter(|step| step.milliseconds("timeout").is_none());
        let Some(entry) = entries.find_map(untimed) else { continue };
        let sentence = "this timeout does not run while the call waits at the optional <recv> above";
        let diagnostic = Diagnostic::warning(name, sentence)
            .at(
                timeout.name_span.start..timeout.value_span.end + 1,
                "runs only once an optional message has come",
            )
            .at(entry.element.name_span.clone(), "the call waits here, without a timeout");
        found.push(diagnostic.help("put it on the first <recv> of the group, with its ontimeout"));
    }
    found
}

/// Whether a call comes to wait at this receive other than by an optional message that moved it there from the one above.
fn is_entered(script: &Script<'_>, at: usize) -> bool {
    let above = at.checked_sub(1).and_then(|above| Some((above, script.steps.get(above)?)));
    let moved_on = |node| match above {
        Some((above, step)) => node == Node::Took(above) && step.is_optional() && !jumps_to(script, step, at),
        None => false,
    };
    at == 0 || script.flow.before(Node::At(at)).any(|node| !moved_on(node))
}

/// Whether the step's `next` names a label before the step `at`.
fn jumps_to(script: &Script<'_>, step: &Step<'_>, at: usize) -> bool {
    let Some(next) = step.element.attribute("next") else { return false };
    script.labels.iter().any(|label| label.step == at && label.id.value.bytes() == next.value.bytes())
}

fn fast_answer(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    if script.labels.iter().any(|label| label.id.value.bytes() == b"_unexp.main") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, step, message) in script.sends().filter(|(at, ..)| script.flow.runs(*at)) {
        let blocks = step.milliseconds("retrans").is_some();
        let is_answered = !matches!(message.method(), None | Some("ACK"));
        if !blocks && !is_answered {
            continue;
        }
        let next = step_behind(script, at);
        let Some((sentence, next, label, help)) = next.and_then(|next| match next.kind {
            Kind::Send(_) if blocks => Some((
                "the next message waits for the answer to this one, which no <recv> takes",
                next,
                "sent when this one is no longer repeated",
                "put the <recv> of the answer between them, or take retrans away",
            )),
            Kind::Pause if is_answered && !is_no_pause(next) => Some((
                "the answer to this request may come during the pause behind it, where it is unexpected",
                next,
                "no <recv> takes a message here",
                "put the <recv> of the answer before the pause",
            )),
            _ => None,
        }) else {
            continue;
        };
        let place = match step.milliseconds("retrans") {
            Some(retrans) if matches!(next.kind, Kind::Send(_)) => {
                retrans.name_span.start..retrans.value_span.end + 1
            }
            _ => message.first_place(),
        };
        let diagnostic = Diagnostic::warning(name, sentence).at(place, "awaits an answer");
        found.push(diagnostic.at(next.element.name_span.clone(), label).help(help));
    }
    found
}

fn is_no_pause(step: &Step<'_>) -> bool {
    step.element.attribute("milliseconds").is_some() && step.milliseconds("milliseconds").is_none()
}

/// The step that certainly runs after the send `at` and its `<nop>`s, if there is only one.
fn step_behind<'s, 'a>(script: &'s Script<'a>, at: usize) -> Option<&'s Step<'a>> {
    let mut here = at;
    for _ in 0..script.steps.len() {
        let given_up = script.steps.get(here)?.element.attribute("ontimeout").and_then(|label| {
            let named = script.labels.iter().find(|known| known.id.value.bytes() == label.value.bytes());
            named.map(|label| Node::At(label.step))
        });
        let mut after = script.flow.after(Node::At(here)).filter(|node| Some(*node) != given_up);
        let (Some(Node::At(next)), None) = (after.next(), after.next()) else { return None };
        let step = script.steps.get(next)?;
        let is_certain = step.element.attribute("condexec").is_none();
        match step.kind {
            Kind::Nop if step.element.name == "nop" => here = next,
            _ => return is_certain.then_some(step),
        }
    }
    None
}

fn provisional_mandatory(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    // A reliable 1xx is repeated (RFC 3262).
    let is_reliable = |message: &Message<'_>| {
        let mut headers = message.headers();
        headers.any(|header| message.slice(header.value).contains("100rel"))
    };
    if script.sends().any(|(.., message)| is_reliable(message)) {
        return Vec::new();
    }
    let pairs = script.steps.windows(2).enumerate();
    let found = pairs.filter_map(|(at, pair)| {
        let [step, next] = pair else { return None };
        let Kind::Recv(Recv::Response(code @ 100..=199)) = step.kind else { return None };
        let is_needed = step.is_optional()
            || step.element.attribute("next").is_some()
            || step.actions().next().is_some()
            || !matches!(next.kind, Kind::Recv(Recv::Response(_)));
        if is_needed || !script.flow.runs(at) {
            return None;
        }
        let response = step.element.attribute("response")?;
        let sentence = format!("the call fails when no {code} comes before the next response");
        let diagnostic =
            Diagnostic::warning(name, sentence).at(response.value_span.clone(), "may be missing or lost");
        Some(diagnostic.help("add optional=\"true\""))
    });
    found.collect()
}
