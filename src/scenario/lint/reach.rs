//! Lints about steps and labels that nothing leads to.
//! Spec: scenario.md §6.

use std::collections::HashSet;

use crate::scenario::diagnostic::Diagnostic;

use super::Lint;
use super::script::Script;

pub const UNREACHABLE_STEP: Lint = Lint {
    name: "unreachable-step",
    reason: "no call can come to this step: a next without a condition leads around it, and no label before it is used",
    check: unreachable_step,
};

pub const UNUSED_LABEL: Lint = Lint {
    name: "unused-label",
    reason: "no next or ontimeout names this label, so a jump that was meant to be there is missing or goes elsewhere",
    check: unused_label,
};

/// One finding for each run of steps.
fn unreachable_step(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let dead: Vec<usize> = (0..script.steps.len()).filter(|step| !script.flow.runs(*step)).collect();
    let runs = dead.chunk_by(|step, next| step + 1 == *next);
    let found = runs.filter_map(|run| {
        let element = script.steps.get(*run.first()?)?.element;
        let sentence = match run.len() {
            1 => "no call can come to this step".to_owned(),
            2 => "no call can come to this step, nor to the one behind it".to_owned(),
            many => format!("no call can come to this step, nor to the {} behind it", many - 1),
        };
        let before = run.first()?.checked_sub(1).and_then(|before| script.steps.get(before));
        let found = Diagnostic::warning(name, sentence).at(element.name_span.clone(), "never runs");
        Some(match before.and_then(|before| before.element.attribute("next")) {
            Some(next) => found.at(next.value_span.clone(), "always goes elsewhere"),
            None => found,
        })
    });
    found.collect()
}

fn unused_label(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let jumps =
        script.steps.iter().flat_map(|step| ["next", "ontimeout"].map(|jump| step.element.attribute(jump)));
    let used: HashSet<&[u8]> = jumps.flatten().map(|jump| jump.value.bytes()).collect();
    let unused = script.labels.iter().filter(|label| {
        let id = label.id.value.bytes();
        id != b"_unexp.main" && !used.contains(id)
    });
    unused
        .map(|label| {
            let sentence = format!("the label '{}' is not used", label.id.value.to_str());
            Diagnostic::warning(name, sentence).at(label.id.value_span.clone(), "nothing jumps here")
        })
        .collect()
}
