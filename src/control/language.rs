//! The command language: what follows `c` on the keyboard or in a datagram.
//! Spec: cli.md §14, with the sentences of sipp 3.6.1 (each row compared with it). In: a line. Out: a command, or the sentence that
//! refuses it. Must not do anything.

use super::{Command, Traced};
use crate::scenario::Part;
use crate::{engine, number};

/// What of the run decides whether a command makes sense.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// What opens calls.
    pub load: Load,
    /// The scenarios that are loaded.
    pub displays: &'static [Part],
}

/// What opens calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// `-r`, or nobody.
    Rate,
    /// `-users`
    Users,
}

/// Why a line is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// One word.
    #[error("The {0} command requires at least one argument")]
    NoArgument(String),
    /// A first word that is none of ours, with something behind it.
    #[error("Unrecognized command: \"{0}\"")]
    UnknownCommand(String),
    /// `set rate`
    #[error("The set command requires two arguments (attribute and value)")]
    SetNeedsTwo,
    /// `set colour red`
    #[error("Unknown set attribute: {0}")]
    UnknownAttribute(String),
    /// `set rate fast`
    #[error("Invalid {attribute} value: \"{value}\"")]
    InvalidValue {
        /// `rate`, `rate-scale`, `users`, `limit`
        attribute: &'static str,
        /// As typed.
        value: String,
    },
    /// `set hide maybe`
    #[error("Invalid bool: {0}")]
    InvalidBool(String),
    /// `set display other`, or a scenario that is not loaded.
    #[error("Unknown display scenario: {0}")]
    UnknownDisplay(String),
    /// `set rate` with `-users`
    #[error("Rates can not be set in a user-based benchmark.")]
    RateOfUsers,
    /// `set limit` with `-users`
    #[error("Can not set call limit for a user-based benchmark.")]
    LimitOfUsers,
    /// `set users` without `-users`
    #[error("Users can not be changed at run time for a rate-based benchmark.")]
    UsersOfRate,
    /// `trace error`
    #[error("The trace command requires two arguments (log and [on|off])")]
    TraceNeedsTwo,
    /// `trace error perhaps`
    #[error("The trace command's second argument must be on or off.")]
    NotOnOrOff,
    /// `trace other on`
    #[error("Unknown log file: {0}")]
    UnknownLog(String),
    /// `dump other`
    #[error("Unknown dump type: {0}")]
    UnknownDump(String),
    /// `reset other`
    #[error("Unknown reset type: {0}")]
    UnknownReset(String),
}

/// Reads a line. None: nothing is to be done (`set index`, which is always on).
///
/// # Errors
/// The sentence for the errors log.
pub fn parse(line: &str, situation: Situation) -> Result<Option<Command>, Refusal> {
    let (verb, rest) = first_word(line.trim_matches(is_blank));
    if rest.is_empty() {
        return Err(Refusal::NoArgument(verb.to_owned()));
    }
    match verb {
        "set" => set(rest, situation),
        "trace" => trace(rest).map(Some),
        "dump" => match rest {
            "tasks" => Ok(Some(Command::Engine(engine::Command::DumpTasks))),
            "variables" => Ok(Some(Command::Engine(engine::Command::DumpVariables))),
            other => Err(Refusal::UnknownDump(other.to_owned())),
        },
        "reset" => match rest {
            "stats" => Ok(Some(Command::Engine(engine::Command::ResetStats))),
            other => Err(Refusal::UnknownReset(other.to_owned())),
        },
        other => Err(Refusal::UnknownCommand(other.to_owned())),
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// The word before the first space, and what follows the blanks behind it. A tab does not end a word.
fn first_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word, rest.trim_start_matches(is_blank))
}

fn set(rest: &str, situation: Situation) -> Result<Option<Command>, Refusal> {
    let (attribute, value) = first_word(rest);
    if value.is_empty() {
        return Err(Refusal::SetNeedsTwo);
    }
    let engine = |command| Ok(Some(Command::Engine(command)));
    match (attribute, situation.load) {
        ("rate", Load::Users) => Err(Refusal::RateOfUsers),
        ("rate", Load::Rate) => {
            let rate = number::float(value).ok_or_else(|| invalid("rate", value))?;
            // No number is no rate at all.
            engine(engine::Command::SetRate(rate.max(0.0)))
        }
        ("rate-scale", _) => {
            let scale = number::float(value).filter(|scale| !scale.is_nan());
            engine(engine::Command::SetRateScale(scale.ok_or_else(|| invalid("rate-scale", value))?))
        }
        ("users", Load::Rate) => Err(Refusal::UsersOfRate),
        ("users", Load::Users) => {
            let users = number::integer(value).and_then(|users| u32::try_from(users).ok());
            engine(engine::Command::SetUsers(users.ok_or_else(|| invalid("users", value))?))
        }
        ("limit", Load::Users) => Err(Refusal::LimitOfUsers),
        ("limit", Load::Rate) => {
            let limit = number::integer(value).ok_or_else(|| invalid("limit", value))?;
            let limit = u64::try_from(limit).ok().filter(|limit| *limit > 0);
            engine(engine::Command::SetLimit(limit))
        }
        ("display", _) => display(value, situation.displays).map(|display| Some(Command::Display(display))),
        ("hide", _) => match value {
            "true" => Ok(Some(Command::HonourHide(true))),
            "false" => Ok(Some(Command::HonourHide(false))),
            other => Err(Refusal::InvalidBool(other.to_owned())),
        },
        ("index", _) => Ok(None),
        (other, _) => Err(Refusal::UnknownAttribute(other.to_owned())),
    }
}

fn invalid(attribute: &'static str, value: &str) -> Refusal {
    Refusal::InvalidValue { attribute, value: value.to_owned() }
}

fn display(name: &str, loaded: &[Part]) -> Result<Part, Refusal> {
    let display = match name {
        "main" => Some(Part::Main),
        "ooc" => Some(Part::OutOfCall),
        "rx" => Some(Part::Receiving),
        _ => None,
    };
    let display = display.filter(|display| loaded.contains(display));
    display.ok_or_else(|| Refusal::UnknownDisplay(name.to_owned()))
}

fn trace(rest: &str) -> Result<Command, Refusal> {
    let (log, switch) = first_word(rest);
    let on = match switch {
        "" => return Err(Refusal::TraceNeedsTwo),
        "on" | "true" => true,
        "off" | "false" => false,
        _ => return Err(Refusal::NotOnOrOff),
    };
    let traced = match log {
        "error" => Traced::Errors,
        "logs" => Traced::Logs,
        "messages" => Traced::Messages,
        "shortmessages" => Traced::ShortMessages,
        other => return Err(Refusal::UnknownLog(other.to_owned())),
    };
    Ok(Command::Trace(traced, on))
}

#[cfg(test)]
#[path = "language_tests.rs"]
mod tests;
