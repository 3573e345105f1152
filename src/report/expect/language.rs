//! The language of `-expect`: `failed<1%, rtd1.p99<50ms`. A condition is a subject, an operator and a number with its unit; commas and
//! blanks stand between conditions, and blanks may stand anywhere in one but in front of letters of a unit.
//! Spec: README, "Thresholds". In: a text. Out: conditions, or the first mistake and where it is. Must not know a scenario: which
//! response times there are is looked at later.

use std::fmt;

use super::{Bound, Expectation, Operator, Statistic, Subject, Timed};
use crate::cli::opt::similar;
use crate::report::causes::CAUSES;

/// A mistake, the text it stands in, and the character at which it is, from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mistake {
    /// All that was typed.
    pub text: String,
    /// Where, in characters.
    pub at: usize,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mistake { text, at, why } = self;
        write!(f, "{why}\n  {text}\n  {:>width$}", '^', width = at + 1)
    }
}

/// All conditions of a text.
///
/// # Errors
/// The first mistake; a text without any condition is one.
pub fn parse(text: &str) -> Result<Vec<Expectation>, Mistake> {
    let mut reader = Reader { text, at: 0 };
    let mut found = Vec::new();
    loop {
        reader.skip(|c| c.is_whitespace() || c == ',');
        if reader.rest().is_empty() {
            break;
        }
        found.push(reader.condition()?);
    }
    if found.is_empty() {
        return Err(reader.mistake(0, "a condition must stand here, such as failed<1%"));
    }
    Ok(found)
}

/// The threshold of `-fail_on_lag`, in ms.
pub fn lag_limit(millis: u64) -> Expectation {
    let typed = format!("-fail_on_lag {millis}");
    Expectation {
        place: (typed.clone(), 0),
        typed,
        subject: Subject::Time(Timed::Lag, Statistic::Quantile(0.99)),
        operator: Operator::AtMost,
        bound: Bound::Micros(millis as f64 * 1_000.0),
    }
}

struct Reader<'t> {
    text: &'t str,
    /// In bytes, between two characters.
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What comes next, as long as `takes` wants it.
    fn take(&mut self, takes: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = rest.find(|c| !takes(c)).unwrap_or(rest.len());
        self.at += taken;
        rest.get(..taken).unwrap_or_default()
    }

    fn skip(&mut self, skips: impl Fn(char) -> bool) {
        self.take(skips);
    }

    /// The character at this byte.
    fn character(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or_default().chars().count()
    }

    fn mistake(&self, at: usize, why: impl Into<String>) -> Mistake {
        Mistake { text: self.text.to_owned(), at: self.character(at), why: why.into() }
    }

    fn condition(&mut self) -> Result<Expectation, Mistake> {
        let start = self.at;
        let name = self.take(|c| !matches!(c, '<' | '>' | '=' | '!')).trim_end();
        let subject = subject_of(name).map_err(|why| self.mistake(start, why))?;
        let operator = self.operator()?;
        self.skip(char::is_whitespace);
        let bound = self.bound(&subject, name)?;
        let typed = self.text.get(start..self.at).unwrap_or_default().to_owned();
        let place = (self.text.to_owned(), self.character(start));
        Ok(Expectation { typed, place, subject, operator, bound })
    }

    fn operator(&mut self) -> Result<Operator, Mistake> {
        let start = self.at;
        match self.take(|c| matches!(c, '<' | '>' | '=' | '!')) {
            "<" => Ok(Operator::Below),
            "<=" => Ok(Operator::AtMost),
            ">" => Ok(Operator::Above),
            ">=" => Ok(Operator::AtLeast),
            "==" => Ok(Operator::Equal),
            "" => Err(self.mistake(start, "an operator must stand here: < <= > >= ==")),
            other => Err(self.mistake(start, format!("'{other}' is no operator: < <= > >= == are"))),
        }
    }

    fn bound(&mut self, subject: &Subject, name: &str) -> Result<Bound, Mistake> {
        let start = self.at;
        let digits = self.take(|c| c.is_ascii_digit() || c == '.');
        let number: f64 =
            digits.parse().map_err(|_| self.mistake(start, "a number must stand here, such as 50 or 0.5"))?;
        if self.rest().trim_start().starts_with('%') {
            self.skip(char::is_whitespace);
        }
        let at = self.at;
        let unit = self.take(|c| c.is_alphabetic() || matches!(c, '%' | '/'));
        let wanted = units(subject);
        let bound = match (wanted, unit) {
            (Units::Time, "us" | "µs") => Bound::Micros(number),
            (Units::Time, "ms") => Bound::Micros(number * 1e3),
            (Units::Time, "s") => Bound::Micros(number * 1e6),
            (Units::Count | Units::Share | Units::Rate, "") | (Units::Rate, "/s") => Bound::Number(number),
            (Units::Share | Units::Rate | Units::Percent, "%") => Bound::Percent(number),
            _ => return Err(self.mistake(at, wrong_unit(name, unit, wanted))),
        };
        if !self.rest().chars().next().is_none_or(|c| c.is_whitespace() || c == ',') {
            return Err(self.mistake(self.at, "a comma or a blank must stand between two conditions"));
        }
        Ok(bound)
    }
}

/// The units that a subject has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Units {
    Count,
    Share,
    Rate,
    Percent,
    Time,
}

fn units(subject: &Subject) -> Units {
    match subject {
        Subject::Calls
        | Subject::Retransmissions
        | Subject::Unexpected
        | Subject::Timeouts
        | Subject::Drops => Units::Count,
        Subject::Succeeded | Subject::Failed | Subject::FailedBy(_) => Units::Share,
        Subject::Rate => Units::Rate,
        Subject::Cpu => Units::Percent,
        Subject::Time(..) => Units::Time,
    }
}

fn wrong_unit(name: &str, unit: &str, wanted: Units) -> String {
    let wanted = match wanted {
        Units::Count => "no unit",
        Units::Share => "no unit, or % (of the calls opened)",
        Units::Rate => "/s, or % (of the rate asked for)",
        Units::Percent => "% (of a processor)",
        Units::Time => "us, ms or s",
    };
    if unit.is_empty() {
        format!("{name} needs a unit: {wanted}")
    } else {
        format!("'{unit}' is no unit of {name}: that has {wanted}")
    }
}

/// Subjects of one word.
const WORDS: [(&str, Subject); 9] = [
    ("calls", Subject::Calls),
    ("succeeded", Subject::Succeeded),
    ("failed", Subject::Failed),
    ("retransmissions", Subject::Retransmissions),
    ("unexpected", Subject::Unexpected),
    ("timeouts", Subject::Timeouts),
    ("drops", Subject::Drops),
    ("rate", Subject::Rate),
    ("cpu", Subject::Cpu),
];

fn subject_of(text: &str) -> Result<Subject, String> {
    if text.is_empty() {
        return Err("a subject must stand here, such as failed".to_owned());
    }
    if let Some((_, subject)) = WORDS.iter().find(|(word, _)| *word == text) {
        return Ok(subject.clone());
    }
    if let Some(cause) = text.strip_prefix("failed.") {
        let found = CAUSES.iter().find(|known| known.name == cause);
        return found.map(|known| Subject::FailedBy(known.failure)).ok_or_else(|| {
            let near = similar(cause, CAUSES.iter().map(|known| known.name));
            format!(
                "calls never fail of '{cause}'{}",
                near.map(|near| did_you_mean(&format!("failed.{near}"))).unwrap_or_default()
            )
        });
    }
    let (timed, statistic) = split_statistic(text);
    let timed = match timed {
        "lag" => Some(Timed::Lag),
        "length" => Some(Timed::Length),
        other => other
            .strip_prefix("rtd")
            .map(|name| name.strip_prefix('.').unwrap_or(name))
            .filter(|name| !name.is_empty())
            .map(|name| Timed::Response(name.to_owned())),
    };
    match (timed, statistic) {
        (Some(timed), Some(statistic)) => Ok(Subject::Time(timed, statistic)),
        (Some(_), None) => {
            Err(format!("which '{text}': write {text}.p99 (any percentile), {text}.mean or {text}.max"))
        }
        (None, _) => {
            let known = WORDS.iter().map(|(word, _)| *word).chain(["lag.p99", "length.p99", "rtd1.p99"]);
            Err(format!(
                "nothing is called '{text}'{}",
                similar(text, known).map(did_you_mean).unwrap_or_default()
            ))
        }
    }
}

/// What stands before `.p99`, `.mean` or `.max`, and that.
fn split_statistic(text: &str) -> (&str, Option<Statistic>) {
    let dots = text.match_indices('.').map(|(at, _)| at);
    // The first dot behind which a statistic stands: that of a percentile may be followed by another one.
    for at in dots {
        let (Some(before), Some(behind)) = (text.get(..at), text.get(at + 1..)) else { continue };
        if let Some(statistic) = statistic_of(behind) {
            return (before, Some(statistic));
        }
    }
    (text, None)
}

fn statistic_of(text: &str) -> Option<Statistic> {
    match text {
        "mean" => Some(Statistic::Mean),
        "max" => Some(Statistic::Max),
        text => {
            let digits = text.strip_prefix('p')?;
            let is_number = digits.starts_with(|c: char| c.is_ascii_digit());
            let percent: f64 = digits.parse().ok().filter(|_| is_number)?;
            (percent > 0.0 && percent <= 100.0).then_some(Statistic::Quantile(percent / 100.0))
        }
    }
}

fn did_you_mean(name: &str) -> String {
    format!(" (did you mean '{name}'?)")
}
