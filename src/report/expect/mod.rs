//! Thresholds: what `-expect` and `-fail_on_lag` demand of a run, and whether it was so.
//! Spec: none of SIPp's; README, "Thresholds", is the manual. In: conditions (`language` reads them), the numbers of the end. Out:
//! held or not, with what was found. Must not decide the exit code alone: `run` does, by [`excuses_failed_calls`].

pub mod language;

use crate::scenario::plan::Rtd;
use crate::stats::{Durations, Failure, Histogram, Resources, Stats};
use language::Mistake;

/// One condition, such as `failed<1%`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// As typed, without blanks around it.
    pub typed: String,
    /// The whole text that it stands in, and the character in it at which it begins, from 0.
    pub place: (String, usize),
    /// What is looked at.
    pub subject: Subject,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub bound: Bound,
}

/// A number of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// Calls opened.
    Calls,
    /// Calls that ended well.
    Succeeded,
    /// Calls that failed.
    Failed,
    /// Calls that failed by this cause.
    FailedBy(Failure),
    /// Messages sent again.
    Retransmissions,
    /// Messages that no step expected.
    Unexpected,
    /// Receive timeouts, and sends without an answer after the last resend.
    Timeouts,
    /// Datagrams that our socket dropped.
    Drops,
    /// Calls opened a second.
    Rate,
    /// Share of a processor that the worker took.
    Cpu,
    /// A time.
    Time(Timed, Statistic),
}

/// What is timed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timed {
    /// Due time of a call to its first step.
    Lag,
    /// Due time of a call to its end.
    Length,
    /// A response time, from when it was due, by its name in the scenario.
    Response(String),
}

/// One number for many times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// The time that this share (0 to 1) did not exceed.
    Quantile(f64),
    /// The mean.
    Mean,
    /// The longest.
    Max,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
}

/// The other side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// So many, or so many a second.
    Number(f64),
    /// Percent: of the calls opened, of the rate asked for, of a processor.
    Percent(f64),
    /// A time in µs.
    Micros(f64),
}

/// The numbers of a run that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// Response times of the main scenario.
    pub rtds: &'a [Rtd],
    /// Its counters.
    pub stats: &'a Stats,
    /// Calls a second: asked for.
    pub asked_rate: Option<f64>,
    /// Calls a second: opened.
    pub achieved_rate: Option<f64>,
    /// What the worker took of the machine.
    pub resources: Resources,
}

/// What came of a condition.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Judgement {
    /// As typed.
    pub expected: String,
    /// What was found, in the unit of the bound, or why nothing was.
    pub found: String,
    /// Whether it was so.
    pub held: bool,
}

impl Judgement {
    /// A line for the verdict.
    pub fn line(&self) -> String {
        let held = if self.held { "held" } else { "not held" };
        format!("  {}: {}, {held}\n", self.expected, self.found)
    }
}

/// Whether failed calls alone no longer fail the run: one of the conditions says how many may.
pub fn excuses_failed_calls(expectations: &[Expectation]) -> bool {
    expectations.iter().any(|expectation| matches!(expectation.subject, Subject::Failed | Subject::Succeeded))
}

/// Whether the scenario has the response times that are looked at.
///
/// # Errors
/// It has not.
pub fn check(expectations: &[Expectation], rtds: &[Rtd]) -> Result<(), Mistake> {
    for expectation in expectations {
        if let Subject::Time(Timed::Response(name), _) = &expectation.subject
            && !rtds.iter().any(|rtd| rtd.name == *name)
        {
            let known: Vec<_> = rtds.iter().map(|rtd| format!("rtd{}", rtd.name)).collect();
            let known = match known.join(", ") {
                none if none.is_empty() => "it has none".to_owned(),
                names => format!("it has {names}"),
            };
            let (text, at) = expectation.place.clone();
            let why = format!("the scenario has no response time '{name}' ({known})");
            return Err(Mistake { text, at, why });
        }
    }
    Ok(())
}

impl Expectation {
    /// What came of it.
    pub fn judge(&self, measured: &Measured<'_>) -> Judgement {
        let expected = self.typed.clone();
        match self.found(measured) {
            Ok(found) => {
                let bound = match self.bound {
                    Bound::Number(bound) | Bound::Percent(bound) | Bound::Micros(bound) => bound,
                };
                Judgement {
                    expected,
                    found: self.text(found, measured),
                    held: self.operator.holds(found, bound),
                }
            }
            Err(why) => Judgement { expected, found: why.to_owned(), held: false },
        }
    }

    /// The number in the unit of the bound.
    fn found(&self, measured: &Measured<'_>) -> Result<f64, &'static str> {
        let Measured { rtds, stats, .. } = measured;
        match &self.subject {
            Subject::Calls => Ok(stats.created() as f64),
            Subject::Succeeded => self.share_of_calls(stats.successful, stats),
            Subject::Failed => self.share_of_calls(stats.failed, stats),
            Subject::FailedBy(cause) => self.share_of_calls(stats.failed_by(*cause), stats),
            Subject::Retransmissions => Ok(stats.retransmissions as f64),
            Subject::Unexpected => Ok(stats.unexpected() as f64),
            Subject::Timeouts => Ok(stats.timeouts() as f64),
            Subject::Drops => {
                measured.resources.drops.map(|drops| drops as f64).ok_or("the system does not tell")
            }
            Subject::Cpu => Ok(100.0 * measured.resources.cpu_share()),
            Subject::Rate => {
                let achieved = measured.achieved_rate.ok_or("no steady rate to measure")?;
                match (self.bound, measured.asked_rate) {
                    (Bound::Percent(_), Some(asked)) if asked > 0.0 => Ok(100.0 * achieved / asked),
                    (Bound::Percent(_), _) => Err("no rate was asked for"),
                    _ => Ok(achieved),
                }
            }
            Subject::Time(Timed::Lag, statistic) => Ok(statistic.of(&stats.start_lag)),
            Subject::Time(timed, statistic) => {
                let durations = timed.durations(rtds, stats).filter(|durations| durations.count > 0);
                let durations = durations.ok_or("nothing was measured")?;
                Ok(statistic.of(&durations.from_due))
            }
        }
    }

    fn share_of_calls(&self, count: u64, stats: &Stats) -> Result<f64, &'static str> {
        match (self.bound, stats.created()) {
            (Bound::Percent(_), 0) => Err("no call was opened"),
            (Bound::Percent(_), calls) => Ok(100.0 * count as f64 / calls as f64),
            _ => Ok(count as f64),
        }
    }

    fn text(&self, found: f64, measured: &Measured<'_>) -> String {
        let of_calls =
            |count: u64| format!("{} % ({count} of {} calls)", rounded(found), measured.stats.created());
        match (self.bound, &self.subject) {
            (Bound::Percent(_), Subject::Succeeded) => of_calls(measured.stats.successful),
            (Bound::Percent(_), Subject::Failed) => of_calls(measured.stats.failed),
            (Bound::Percent(_), Subject::FailedBy(cause)) => of_calls(measured.stats.failed_by(*cause)),
            (Bound::Percent(_), _) => format!("{} %", rounded(found)),
            (Bound::Micros(_), _) => format!("{} ms", rounded(found / 1_000.0)),
            (Bound::Number(_), Subject::Rate) => format!("{}/s", rounded(found)),
            (Bound::Number(_), _) => format!("{found}"),
        }
    }
}

/// Three decimals, and no needless zeros.
fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

impl Operator {
    fn holds(self, found: f64, bound: f64) -> bool {
        match self {
            Operator::Below => found < bound,
            Operator::AtMost => found <= bound,
            Operator::Above => found > bound,
            Operator::AtLeast => found >= bound,
            Operator::Equal => (found - bound).abs() < 1e-9,
        }
    }
}

impl Timed {
    fn durations<'s>(&self, rtds: &[Rtd], stats: &'s Stats) -> Option<&'s Durations> {
        match self {
            Timed::Lag => None,
            Timed::Length => Some(&stats.call_length),
            Timed::Response(name) => {
                let at = rtds.iter().position(|rtd| rtd.name == *name)?;
                stats.response_times.get(at)
            }
        }
    }
}

impl Statistic {
    /// In µs; 0 when nothing was measured.
    fn of(self, times: &Histogram) -> f64 {
        match self {
            Statistic::Quantile(share) => times.quantile_us(share) as f64,
            Statistic::Mean => times.mean_us(),
            Statistic::Max => times.max_us() as f64,
        }
    }
}

#[cfg(test)]
mod tests;
