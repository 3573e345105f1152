//! The drawing of a failed call in plain text: a ladder of its messages between us and the peer, then what was expected, what came, and
//! the hint.
//! In: a [`FailureStory`]. Out: lines of at most [`WIDTH`] characters where words can be broken. Must not know where the text goes.

use std::fmt::Write as _;

use crate::report::causes::CAUSES;
use crate::scenario::builtin::BUILT_IN;
use crate::stats::story::{Direction, Event, FailureStory, Place, Rung};

/// Where words are broken.
pub const WIDTH: usize = 100;

/// Between the two lifelines.
const ARROW: usize = 40;
/// In front of the first one.
const TIMES: usize = 12;
/// Resends in a row that are drawn one by one.
const MOST_ALIKE: usize = 5;

/// The whole story.
pub fn text(story: &FailureStory) -> String {
    let mut out = format!("{}\n", title(story));
    out.push_str(&drawing(story));
    for (name, text) in facts(story) {
        out.push_str(&fact(name, &text));
    }
    out
}

/// The first line: which call, when, and what it is counted as.
pub fn title(story: &FailureStory) -> String {
    let words = CAUSES.iter().find(|cause| cause.failure == story.cause).map_or("", |cause| cause.words);
    format!(
        "Call {} ({}) failed {} after it was opened: {words}",
        story.call_number,
        story.call_id,
        length(story.failed_ms)
    )
}

/// What stands below the drawing: names and texts.
pub fn facts(story: &FailureStory) -> Vec<(&'static str, String)> {
    let place = &story.place;
    let mut facts = vec![("at", format!("step {}, {}", place.step, in_file(place)))];
    facts.push(("expected", story.expected.clone()));
    facts.push(("came", story.came.clone()));
    facts.extend(story.details.clone().map(|details| ("details", details)));
    facts.extend(story.hint.clone().map(|hint| ("hint", hint)));
    facts
}

/// `file:line`, as editors know it.
fn in_file(place: &Place) -> String {
    match place.file.strip_suffix(BUILT_IN) {
        Some(file) => format!("{file}:{}{BUILT_IN}", place.line),
        None => format!("{}:{}", place.file, place.line),
    }
}

/// The lifelines and what went between them.
pub fn drawing(story: &FailureStory) -> String {
    let mut out = String::new();
    let (left, right) = (format!("rsipp {}", story.local), story.peer.as_str());
    // The names stand above their lines as far as they leave room for each other.
    let gap = (TIMES + 3 + ARROW + right.len() / 2).saturating_sub(TIMES + left.len() + right.len()).max(2);
    let _ = writeln!(out, "{:>TIMES$}{left}{}{right}", "", " ".repeat(gap));
    let mut failed = false;
    let mut at = 0;
    while let Some(rung) = story.ladder.get(at) {
        if rung.event == Event::Late && !failed {
            out.push_str(&end(story));
            failed = true;
        }
        out.push_str(&line(rung));
        at += 1;
        if let Some(gap) = story.left_out.filter(|gap| gap.after == at) {
            let _ = writeln!(out, "{:>TIMES$} … {} more …", "", gap.rungs);
        }
        let alike = story.ladder[at..].iter().take_while(|next| is_like(rung, next)).count();
        if rung.event == Event::SentAgain && alike > MOST_ALIKE {
            let _ = writeln!(out, "{:>TIMES$}   :{}:  again {} times", "", " ".repeat(ARROW), alike - 1);
            at += alike - 1;
        }
    }
    if !failed {
        out.push_str(&end(story));
    }
    out
}

fn is_like(one: &Rung, other: &Rung) -> bool {
    one.event == other.event && one.message == other.message
}

fn end(story: &FailureStory) -> String {
    format!("{:>TIMES$}   X{}|  failed\n", number(story.failed_ms), " ".repeat(ARROW))
}

fn line(rung: &Rung) -> String {
    let arrow = match rung.event.direction() {
        Some(direction) => arrow(rung, direction),
        None => " ".repeat(ARROW),
    };
    let line = format!("{:>TIMES$}   |{arrow}|  {}", number(rung.at_ms), remark(rung));
    format!("{}\n", line.trim_end())
}

/// `---- INVITE ---->`, dashed when it is a resend, cut off when it was dropped.
fn arrow(rung: &Rung, direction: Direction) -> String {
    let most = ARROW - 6;
    let message: String = rung.message.chars().take(most).collect();
    let message = message.trim_end();
    let dash = if rung.event == Event::SentAgain { "- " } else { "--" };
    let room = ARROW - 1 - message.chars().count() - 2;
    let shaft = |length: usize| dash.chars().cycle().take(length).collect::<String>();
    // A dash stands next to the message on both sides.
    let before: String = shaft(room / 2).chars().rev().collect();
    let after = shaft(room - room / 2);
    match (direction, rung.event) {
        (Direction::Out, Event::DroppedSending) => {
            let kept: String = after.chars().take(after.len() / 2).collect();
            format!("{before} {message} {kept}x{}", " ".repeat(after.len() - kept.len()))
        }
        (Direction::Out, _) => format!("{before} {message} {after}>"),
        (Direction::In, Event::DroppedReceiving) => {
            let kept: String = before.chars().take(before.len() / 2).collect();
            format!("{}x{kept} {message} {after}", " ".repeat(before.len() - kept.len()))
        }
        (Direction::In, _) => format!("<{before} {message} {after}"),
    }
}

/// What is said beside the lifelines.
fn remark(rung: &Rung) -> String {
    let place = rung.place.as_ref().map(|place| format!("step {}, line {}", place.step, place.line));
    let place = place.unwrap_or_default();
    match rung.event {
        Event::Sent | Event::Received => place,
        Event::SentAgain => format!("again ({place})"),
        Event::SentAutomatically => "on our own".to_owned(),
        Event::DroppedSending | Event::DroppedReceiving => format!("lost on purpose ({place})"),
        Event::Unexpected => "not expected".to_owned(),
        Event::Repeated => "again, recognised".to_owned(),
        Event::Ignored => "ignored".to_owned(),
        Event::Late => "too late".to_owned(),
        Event::TimedOut => format!("timeout ({place})"),
        Event::GaveUp => format!("no more resends ({place})"),
    }
}

/// ms, or seconds when there are many.
fn length(ms: f64) -> String {
    if ms < 10_000.0 { format!("{ms:.1} ms") } else { format!("{:.1} s", ms / 1_000.0) }
}

/// ms with one decimal.
fn number(ms: f64) -> String {
    format!("{ms:.1}")
}

/// `  name      text`, broken between words.
fn fact(name: &str, text: &str) -> String {
    let mut out = String::new();
    let mut line = format!("  {name:<8} ");
    let mut begins = true;
    for word in text.split(' ') {
        if !begins && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            line = " ".repeat(11);
            begins = true;
        }
        if !begins {
            line.push(' ');
        }
        line.push_str(word);
        begins = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
    out
}
