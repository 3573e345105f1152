//! The message table of the scenario screen: one row per step that is not hidden.
//! Spec: outputs.md §15.4 (3.7: index before each row). In: plan and counts. Out: lines.

use super::screen::{Side, Snapshot, push_line};
use crate::clock::Span;
use crate::scenario::distribution::time_text;
use crate::scenario::plan::{Expected, Marks, Outgoing, PauseLength, Plan, Step, StepKind};
use crate::stats::StepCounts;

pub(super) fn append(snapshot: &Snapshot<'_>, out: &mut String) {
    let loss_in_use = snapshot.head.loses || snapshot.plan.steps.iter().any(|step| step.lost.is_some());
    let last_titles = if loss_in_use { "Unexp.    Lost" } else { "Unexpected-Msg" };
    push_line(&format!("                                 Messages  Retrans   Timeout   {last_titles}"), out);
    let layout = match snapshot.head.side {
        Side::Client { .. } => Layout::Client,
        Side::Server => Layout::Server,
    };
    for (index, step) in snapshot.plan.steps.iter().enumerate() {
        if step.display.hidden && snapshot.head.honours_hide {
            continue;
        }
        let counts = snapshot.stats.steps.get(index).copied().unwrap_or_default();
        let row = row(snapshot.plan, step, counts, layout, snapshot.head.default_pause);
        push_line(&format!("{index:<2}:{row}"), out);
        if step.display.blank_line_after {
            out.push('\n');
        }
    }
}

/// Arrows point the way the messages go between us, on the left of a client and the right of a server, and the peer.
#[derive(Clone, Copy)]
enum Layout {
    Client,
    Server,
}

fn row(plan: &Plan, step: &Step, counts: StepCounts, layout: Layout, default_pause: Span) -> String {
    match &step.kind {
        StepKind::Send(send) => {
            let name = match &send.what {
                Outgoing::Request(method) => method.as_str().to_string(),
                Outgoing::Response(code) => code.to_string(),
            };
            let what = match layout {
                Layout::Client => format!("  {name:>10} ----------> "),
                Layout::Server => format!("  <---------- {name:<10} "),
            };
            let timeouts = send.retrans.map(|_| counts.timeouts);
            let fields = [Some(counts.messages), Some(counts.retransmissions), timeouts, None, lost(counts)];
            format!("{what}{}{}", mark(step.marks), columns(fields))
        }
        StepKind::Recv(recv) => {
            let name = match &recv.expects {
                Expected::Nothing => return String::from("            [ recv? ]              "),
                _ => recv.expects.as_str(),
            };
            let what = match layout {
                Layout::Client => format!("  {name:>10} <---------- "),
                Layout::Server => format!("  ----------> {name:<10} "),
            };
            let fields = [counts.messages, counts.retransmissions, counts.timeouts, counts.unexpected];
            let [messages, retransmissions, timeouts, unexpected] = fields.map(Some);
            let fields = [messages, retransmissions, timeouts, unexpected, lost(counts)];
            format!("{what}{}{}", mark(step.marks), columns(fields))
        }
        StepKind::Pause(length) | StepKind::TimeWait(length) => {
            let length = pause_text(plan, *length, default_pause);
            let what = match layout {
                Layout::Client => format!("       Pause [{length:>9}]"),
                Layout::Server => format!("  [{length:>9}] Pause"),
            };
            format!("{what:<33}{:<9}{:21}{:<9}", counts.messages, "", counts.unexpected)
        }
        StepKind::Nop => match &step.display.text {
            Some(text) => format!(" {text}"),
            None => String::from("              [ NOP ]              "),
        },
    }
}

/// Nothing lost is shown as nothing.
fn lost(counts: StepCounts) -> Option<u64> {
    (counts.lost > 0).then_some(counts.lost)
}

/// Five columns of 9, one blank between two.
fn columns(fields: [Option<u64>; 5]) -> String {
    fields.map(|field| field.map_or_else(|| " ".repeat(9), |count| format!("{count:<9}"))).join(" ")
}

/// Shows a start before a stop, by the counter's ordinal.
fn mark(marks: Marks) -> String {
    let text = match (marks.start, marks.stop) {
        (Some(rtd), _) => format!(" B-RTD{}", rtd.index() + 1),
        (None, Some(stop)) => format!(" E-RTD{}", stop.rtd.index() + 1),
        (None, None) => String::new(),
    };
    format!("{text:<8}")
}

/// Longest pause text.
const PAUSE_TEXT: usize = 22;

fn pause_text(plan: &Plan, length: PauseLength, default_pause: Span) -> String {
    let text = match length {
        PauseLength::Fixed(span) => span_text(span),
        PauseLength::Sampled(distribution) => distribution.text(time_text),
        PauseLength::Default => span_text(default_pause),
        PauseLength::Variable(var) => format!("${}", plan.variables.name(var)),
    };
    text.chars().take(PAUSE_TEXT).collect()
}

fn span_text(span: Span) -> String {
    time_text(span.micros() as f64 / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// outputs.md §15.4, each value as sipp 3.6.1 shows it.
    #[test]
    fn a_pause_is_shown_in_the_unit_that_fits_its_length() {
        let shown = |micros: u64| span_text(Span::from_micros(micros));
        for (micros, text) in [
            (0, "0ms"),
            (12_500, "12.50ms"),
            (999_000, "999ms"),
            (1_234_560, "1234.6ms"),
            (9_999_000, "9999ms"),
            (10_000_000, "10.0s"),
            (10_049_000, "10.0s"),
            (10_050_000, "10.1s"),
            (59_949_000, "59.9s"),
            (59_999_000, "60.0s"),
            (60_000_000, "1:00"),
            (61_999_000, "1:01"),
            (3_599_999_000, "59:59"),
            (3_600_000_000, "1:00:00"),
            (12_345_678_000, "3:25:45"),
        ] {
            assert_eq!(shown(micros), text, "{micros} us");
        }
    }

    /// outputs.md §15.4: sends end at 82, pauses at 72 (3.7, without the index).
    #[test]
    fn columns_fill_49_characters() {
        assert_eq!(columns([Some(4), Some(0), None, None, None]).len(), 49);
        assert_eq!(
            columns([Some(12), Some(10), Some(0), None, Some(3)]).trim_end(),
            "12        10        0                   3"
        );
    }
}
