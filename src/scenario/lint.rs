//! Lints: what is odd about a scenario that loads, and fails only later, when calls run.
//! Spec: ours; each lint names the rule of runtime.md, scenario.md or keywords.md that makes it fail. In: the file of a
//! scenario that loads. Out: warnings with places. A lint is a [`Lint`] record with a function in the file of its family;
//! `script` is the scenario as all of them see it, `flow` what may run after what. Must be right rather than complete: a
//! lint that is not sure keeps silent. Must not run anything, and never fails.

mod dialog;
mod flow;
mod message;
mod reach;
mod script;
mod text;
mod transaction;
mod variables;
mod waiting;

use super::diagnostic::Diagnostic;
use super::xml;
use script::Script;

/// A check of scenarios that load.
pub struct Lint {
    /// Stable name: shown in brackets, silenced with `-allow`.
    pub name: &'static str,
    /// When it fires and why that is a mistake, in one sentence without a final dot.
    pub reason: &'static str,
    /// Finds every place. Its diagnostics carry the name it is given.
    check: fn(&'static str, &Script<'_>) -> Vec<Diagnostic>,
}

/// All lints, by family, in the order of the help.
pub static LINTS: [Lint; 19] = [
    transaction::CANCEL_BRANCH,
    transaction::BRANCH_REUSE,
    dialog::NO_PEER_TAG,
    dialog::ROUTES_WITHOUT_RRS,
    dialog::NEXT_URL_WITHOUT_CONTACT,
    dialog::LAST_BEFORE_RECEIVED,
    waiting::DEAD_TIMEOUT,
    waiting::FAST_ANSWER,
    waiting::PROVISIONAL_MANDATORY,
    reach::UNREACHABLE_STEP,
    reach::UNUSED_LABEL,
    text::NO_LENGTH,
    text::WRONG_LENGTH,
    text::BODY_INDENT,
    text::MIXED_INDENT,
    text::EMPTY_HEADER,
    text::DOUBLED_HEADER,
    variables::NEVER_SET,
    variables::NEVER_READ,
];

/// The lint of this exact name.
pub fn find(name: &str) -> Option<&'static Lint> {
    LINTS.iter().find(|lint| lint.name == name)
}

/// Looks at a scenario file. `keys` are the names of `-key`, whose texts may be anything; `allowed` the names of the lints
/// to leave out. A file that can not be read has no findings: loading it says why.
pub fn run(source: &[u8], keys: &[(String, String)], allowed: &[&'static str]) -> Vec<Diagnostic> {
    let Ok(document) = xml::read(source) else { return Vec::new() };
    let script = Script::of(&document.root, keys);
    let wanted = LINTS.iter().filter(|lint| !allowed.contains(&lint.name));
    let mut found: Vec<_> = wanted.flat_map(|lint| (lint.check)(lint.name, &script)).collect();
    found.sort_by_key(|one| one.labels.first().map_or(usize::MAX, |(place, _)| place.start));
    found
}

#[cfg(test)]
mod tests;
