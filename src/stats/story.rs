//! Why single calls failed: what went to and fro, what the scenario expected, what came instead, and what that usually means. Plain
//! data for every report.
//! Spec: none of SIPp's (design.md: "a failed call can be explained from the report alone"). The engine notes what happens,
//! `report::story` puts it in words, `report::ladder` draws it. Must not format for one kind of report.
//!
//! For whoever writes a report: at the end of a run `run` has a list of stories for each side, in the order in which the calls failed, at
//! most [`EXAMPLES`] of each cause of each scenario ([`FailureStory::part`], [`FailureStory::cause`]: not serialised, they say where a story
//! belongs). With several workers, [`first_of_each_cause`] makes one list of all of theirs. `report::ladder::text` is the drawing in plain text.

use serde::Serialize;

use super::Failure;
use crate::scenario::Part;

/// How many failed calls of each cause are told.
pub const EXAMPLES: usize = 20;

/// Why one call failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FailureStory {
    /// The scenario that the call ran.
    #[serde(skip)]
    pub part: Part,
    /// What it is counted as.
    #[serde(skip)]
    pub cause: Failure,
    /// `[call_number]`
    pub call_number: u64,
    /// Its Call-ID; what is not UTF-8 is replaced.
    pub call_id: String,
    /// When it was opened, in seconds after the start of the run.
    pub opened_s: f64,
    /// When it failed, in ms after it was opened.
    pub failed_ms: f64,
    /// `UDP`, `TCP`, `TLS`, `WS`, `WSS`
    pub transport: &'static str,
    /// Our address and port.
    pub local: String,
    /// Those of the peer.
    pub peer: String,
    /// The messages of the call and what else happened to it, in order of time.
    pub ladder: Vec<Rung>,
    /// What the ladder of a long call lacks.
    pub left_out: Option<Gap>,
    /// What the call was to do, or to receive, when it failed: `200 (or 100, 180, optional)`.
    pub expected: String,
    /// The step of that.
    pub place: Place,
    /// What came instead: the first line of a message, or a few words.
    pub came: String,
    /// Particulars, such as the text in which an expression found nothing.
    pub details: Option<String>,
    /// What the cause probably is, and a way out.
    pub hint: Option<String>,
}

impl FailureStory {
    /// Whether another call failed in the same way: at the same step, by the same message.
    pub fn is_like(&self, other: &FailureStory) -> bool {
        let way = |story: &FailureStory| (story.part, story.cause, story.place.step);
        way(self) == way(other) && self.came == other.came
    }
}

/// Where in a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The scenario's file, as in diagnostics.
    pub file: String,
    /// The line on which the step begins, from 1.
    pub line: u32,
    /// Number of the step, from 0, as on the scenario screen.
    pub step: u32,
}

/// One thing that happened to a call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rung {
    /// When, in ms after the call was opened.
    pub at_ms: f64,
    /// What happened.
    pub event: Event,
    /// The message: a method, or a code with its usual phrase and the method it answers, `486 Busy Here (INVITE)`. Empty when none went.
    pub message: String,
    /// The step that sent or took the message, or at which the call was; none for automatic messages.
    pub place: Option<Place>,
}

/// What happened to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The scenario sent a message.
    Sent,
    /// It went out again: by the timer, or because the peer repeated itself.
    SentAgain,
    /// We sent it without being told by the scenario: the goodbye of an abort, the answer to a BYE.
    SentAutomatically,
    /// It was to be sent, and was dropped on purpose (`lost`).
    DroppedSending,
    /// A message came and a step took it.
    Received,
    /// One came that the scenario does not provide for.
    Unexpected,
    /// One came a second time.
    Repeated,
    /// One came and changed nothing.
    Ignored,
    /// One came, and was dropped on purpose.
    DroppedReceiving,
    /// One came when the call had failed already.
    Late,
    /// A receive timeout ended.
    TimedOut,
    /// The wait after the last resend ended.
    GaveUp,
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the peer.
    Out,
    /// From it.
    In,
}

impl Event {
    /// Which way the message went; none went when time was up.
    pub fn direction(self) -> Option<Direction> {
        match self {
            Event::Sent | Event::SentAgain | Event::SentAutomatically | Event::DroppedSending => {
                Some(Direction::Out)
            }
            Event::Received
            | Event::Unexpected
            | Event::Repeated
            | Event::Ignored
            | Event::DroppedReceiving
            | Event::Late => Some(Direction::In),
            Event::TimedOut | Event::GaveUp => None,
        }
    }
}

/// What a ladder lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// How many rungs come before it.
    pub after: usize,
    /// How many are not there.
    pub rungs: u64,
}

/// Of the stories of several workers, the first of each cause of each scenario, in the order in which the calls failed.
pub fn first_of_each_cause(mut stories: Vec<FailureStory>) -> Vec<FailureStory> {
    let ended = |story: &FailureStory| story.opened_s + story.failed_ms / 1_000.0;
    stories.sort_by(|one, other| ended(one).total_cmp(&ended(other)));
    let mut told = [[0; Failure::COUNT]; Part::ALL.len()];
    stories.retain(|story| {
        let count = &mut told[story.part as usize][story.cause.index()];
        *count += 1;
        *count <= EXAMPLES
    });
    stories
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(cause: Failure, call_number: u64, opened_s: f64, failed_ms: f64) -> FailureStory {
        FailureStory {
            part: Part::Main,
            cause,
            call_number,
            call_id: String::new(),
            opened_s,
            failed_ms,
            transport: "UDP",
            local: String::new(),
            peer: String::new(),
            ladder: Vec::new(),
            left_out: None,
            expected: String::new(),
            place: Place { file: String::new(), line: 1, step: 0 },
            came: String::new(),
            details: None,
            hint: None,
        }
    }

    #[test]
    fn the_stories_of_workers_become_one_list_in_order_of_time_and_are_cut_for_each_cause() {
        let many = (0..30).map(|at| story(Failure::MaxUdpRetrans, at, at as f64, 31_500.0));
        let other = story(Failure::UnexpectedMessage, 99, 40.0, 1.0);
        let stories = first_of_each_cause(many.rev().chain([other]).collect());
        let numbers: Vec<u64> = stories.iter().map(|story| story.call_number).collect();
        let expected: Vec<u64> = (0..9).chain([99]).chain(9..20).collect();
        assert_eq!(numbers, expected);
    }
}
