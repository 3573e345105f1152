//! Labels: the step each names, and who jumps to it.
//! Spec: scenario.md §5.7, §6. Labels are resolved after the whole file was read, so they may stand anywhere at top level.
//! Must not know what a jump depends on.

use std::collections::HashMap;
use std::ops::Range;

use super::diagnostic::{Diagnostic, nearest};
use super::plan::{Goto, StepIx};

/// The labels of a scenario.
#[derive(Debug, Default)]
pub(super) struct Labels {
    by_name: HashMap<String, Label>,
}

#[derive(Debug)]
struct Label {
    /// Index of the next step; the number of steps when none follows.
    step: usize,
    place: Range<usize>,
}

/// A `next` or `ontimeout` that waits for the end of the file to be resolved.
#[derive(Debug)]
pub(super) struct Jump {
    /// Index of the step that has it.
    pub step: usize,
    /// `next` or `ontimeout`.
    pub attribute: &'static str,
    /// The label's name.
    pub label: String,
    /// Where it is written.
    pub place: Range<usize>,
}

impl Labels {
    /// Names the step that comes next.
    pub(super) fn define(&mut self, name: &str, step: usize, place: Range<usize>) -> Result<(), Diagnostic> {
        if let Some(first) = self.by_name.get(name) {
            let error = Diagnostic::error("label-twice", format!("The label name '{name}' is used twice."));
            return Err(error.at(place, "again here").at(first.place.clone(), "first here"));
        }
        self.by_name.insert(name.to_owned(), Label { step, place });
        Ok(())
    }

    /// Where a jump leads, in a scenario of `steps` steps.
    pub(super) fn resolve(&self, jump: &Jump, steps: usize) -> Result<Goto, Diagnostic> {
        self.find(&jump.label, steps).ok_or_else(|| self.unknown(jump))
    }

    /// What a label names, in a scenario of `steps` steps.
    pub(super) fn find(&self, name: &str, steps: usize) -> Option<Goto> {
        let label = self.by_name.get(name)?;
        Some(if label.step < steps { Goto::Step(step_ix(label.step)) } else { Goto::End })
    }

    fn unknown(&self, jump: &Jump) -> Diagnostic {
        let sentence = format!(
            "The label '{}' was not defined (index {}, {} attribute)",
            jump.label, jump.step, jump.attribute
        );
        let error = Diagnostic::error("unknown-label", sentence).at(jump.place.clone(), "jumps to it");
        let mut names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
        names.sort_unstable();
        match nearest(&jump.label, names).and_then(|name| self.by_name.get(name)) {
            Some(label) => error.at(label.place.clone(), "nearest label"),
            None => error,
        }
    }
}

/// The index type of a step number. A plan of more than 4 billion steps does not fit into memory.
pub(super) fn step_ix(step: usize) -> StepIx {
    StepIx(u32::try_from(step).unwrap_or(u32::MAX))
}
