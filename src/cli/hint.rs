//! What a bad value should have been, with an example: the line under SIPp's sentence.
//! Spec: cli.md §2. In: a refusal. Out: a line, or nothing. Must not repeat what the sentence says.

use super::opt::{self, Known, Value};
use super::refusal::Refusal;
use super::value::Unit;

/// The line under the sentence of this refusal.
pub(super) fn of(refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::NotInteger { option, .. }
        | Refusal::NotFloat { option, .. }
        | Refusal::NotBoolean { option, .. }
        | Refusal::NotTime { option, .. } => expected(option),
        Refusal::MissingValue(option) => expected(option),
        _ => None,
    }
}

fn expected(typed: &str) -> Option<String> {
    let name = typed.trim_start_matches('-');
    let Some(Known::Ours(opt)) = opt::find(name) else { return None };
    let (kind, example) = match opt.value {
        Value::Flag => return None,
        Value::Integer(what) => ("a whole number: 16, 0x10 or, after a 0, octal", number(what)),
        Value::Float(_) => ("a number, with or without a fraction", "2.5".to_owned()),
        Value::Boolean => ("true or false", "false".to_owned()),
        Value::Time(Unit::Ms) => ("a time: a number, then ms, s, m, h or nothing for ms", "500ms".to_owned()),
        Value::Time(Unit::S) => ("a time: a number, then ms, s, m, h or nothing for s", "90s".to_owned()),
        Value::Text(what) | Value::Conditions(what) => ("a value", what.to_owned()),
        Value::Choice(what, names) => ("a value", names().first().map_or(what, |name| *name).to_owned()),
        Value::Pair(first, second) => ("two values", format!("{first} {second}")),
    };
    Some(format!("Expected {kind}. Example: -{name} {example}"))
}

/// A number that makes sense for what is counted.
fn number(what: &str) -> String {
    match what {
        "PORT" => "5070",
        "BYTES" => "65536",
        "CALLS" => "100",
        _ => "5",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn hint(line: &str) -> Option<String> {
        let words = std::iter::once("rsipp").chain(line.split(' ')).map(OsString::from);
        of(&super::super::parse(words).unwrap_err())
    }

    /// cli.md §2: each kind of value.
    #[test]
    fn a_bad_value_is_answered_with_what_was_expected_and_an_example() {
        for (line, wanted) in [
            ("-m many", "Expected a whole number: 16, 0x10 or, after a 0, octal. Example: -m 100"),
            ("-p 5060x", "Expected a whole number: 16, 0x10 or, after a 0, octal. Example: -p 5070"),
            ("--r fast", "Expected a number, with or without a fraction. Example: -r 2.5"),
            ("-error_overwrite yes", "Expected true or false. Example: -error_overwrite false"),
            ("-d 5q", "Expected a time: a number, then ms, s, m, h or nothing for ms. Example: -d 500ms"),
            (
                "-timeout -1",
                "Expected a time: a number, then ms, s, m, h or nothing for s. Example: -timeout 90s",
            ),
            ("-sf", "Expected a value. Example: -sf FILE"),
            ("-sn", "Expected a value. Example: -sn uac"),
            ("-key", "Expected two values. Example: -key NAME TEXT"),
        ] {
            assert_eq!(hint(line).as_deref(), Some(wanted), "{line}");
        }
    }

    /// A sentence that says all has nothing under it.
    #[test]
    fn other_mistakes_need_no_hint() {
        for line in ["-foo", "-key a", "-mb", "-timeout 1:30", "-rp 0", "-"] {
            assert_eq!(hint(line), None, "{line}");
        }
    }
}
