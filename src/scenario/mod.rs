//! The scenario compiler: XML text -> tree with spans -> checked -> [`plan::Plan`].
//! Spec: scenario.md, actions.md, keywords.md. `xml` reads, `compile` and the files named after what they compile check,
//! `diagnostic` shows what is wrong. Must not know about calls in progress, open files or end the process.

mod actions;
mod attributes;
mod authentication;
pub mod builtin;
mod compile;
mod default_message;
pub mod diagnostic;
pub mod distribution;
pub mod encoding;
mod ereg;
mod init;
mod labels;
pub mod lint;
mod pause;
pub mod plan;
mod recv;
mod rtd;
mod steps;
mod transactions;
mod unexpected;
mod unread;
mod variables;
mod vocabulary;
pub mod xml;

use crate::inject::Files;

pub use diagnostic::{Diagnostic, Severity};
pub use variables::{Scopes, UnknownGlobal};

use diagnostic::Report;
use plan::Plan;

/// What a scenario may refer to besides itself.
pub struct LoadContext<'a> {
    /// `-key NAME TEXT`, in command-line order: of two with one name the last wins.
    pub keys: &'a [(String, String)],
    /// The injection files.
    pub files: &'a Files,
    /// `-au` and `-ap`.
    pub credentials: Credentials<'a>,
}

/// User and password for `[authentication]` keywords that name none; texts may contain keywords (auth.md §2).
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    /// `-au`; None: the text of `-s`.
    pub user: Option<&'a str>,
    /// `-ap`; None: `password`.
    pub password: Option<&'a str>,
}

/// The part that a scenario plays in a run (scenario.md §14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `-sf`, `-sn`: the calls that count.
    Main,
    /// `-oocsf`, `-oocsn`: answers requests that belong to no call. Its calls draw no injection lines.
    OutOfCall,
    /// `-rxsf`, `-rxsn`: what a client that is called itself does.
    Receiving,
}

impl Part {
    /// All of them, in the order in which they are loaded and their `<init>` sections run.
    pub const ALL: [Part; 3] = [Part::Main, Part::OutOfCall, Part::Receiving];
}

/// A scenario that can run.
#[derive(Debug)]
pub struct Loaded {
    /// What calls run.
    pub plan: Plan,
    /// What was odd about the file, in file order.
    pub warnings: Vec<Diagnostic>,
}

/// A scenario that can not run.
#[derive(Debug)]
pub struct LoadFailure {
    /// Every error and warning, in file order.
    pub diagnostics: Vec<Diagnostic>,
    /// What kind of failure it is.
    pub kind: FailureKind,
}

/// What a failed load means for the process (scenario.md §1, "Error reporting").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The file is wrong: exit code 1.
    Load,
    /// The file is right, but neither a client nor a server: exit code 255.
    Mode,
}

/// Compiles the main scenario of a run; see [`load_part`].
///
/// # Errors
/// As [`load_part`].
pub fn load(
    source: &[u8],
    file_name: &str,
    context: &LoadContext<'_>,
    scopes: &mut Scopes,
) -> Result<Loaded, LoadFailure> {
    load_part(Part::Main, source, file_name, context, scopes)
}

/// Compiles a scenario file. `file_name` appears in messages only. `scopes` holds the user and global variables, which the
/// scenarios of one run share: they are loaded in the order of [`Part::ALL`].
///
/// # Errors
/// Everything that is wrong with the file.
pub fn load_part(
    part: Part,
    source: &[u8],
    file_name: &str,
    context: &LoadContext<'_>,
    scopes: &mut Scopes,
) -> Result<Loaded, LoadFailure> {
    let mut report = Report::default();
    let document = match xml::read(source) {
        Ok(document) => document,
        Err(error) => {
            let sentence = format!("Unable to load or parse '{file_name}' xml scenario file");
            report.push(Diagnostic::error("xml", sentence).at(error.place, error.what));
            return Err(LoadFailure { diagnostics: report.in_file_order(), kind: FailureKind::Load });
        }
    };
    for xml::Oddity { text, place } in document.oddities {
        report.push(Diagnostic::warning("xml", text).at(place, ""));
    }
    match compile::compile(part, (source, file_name), &document.root, context, scopes, report) {
        Ok((plan, report)) => Ok(Loaded { plan, warnings: report.in_file_order() }),
        Err((kind, report)) => Err(LoadFailure { diagnostics: report.in_file_order(), kind }),
    }
}

#[cfg(test)]
mod tests;
