//! A screen as a page of the live display: the text of the dumps, taken apart so that it can be fitted to any terminal.
//! Spec: outputs.md §14.3, §15. In: a snapshot. Out: lines. Must not know how large the terminal is.

use super::screen::{self, Footer, Screen, Snapshot};
use super::verdict;
use crate::stats::Resources;

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it shows: another screen begins at its top.
    pub screen: Screen,
    /// The first line.
    pub title: String,
    /// What may be too long for the terminal.
    pub body: Vec<String>,
    /// Below it, the most important one last: how the load is doing, the last warning.
    pub notes: Vec<Note>,
    /// The last line.
    pub footer: String,
}

/// A line below the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// For information.
    Plain(String),
    /// Something is wrong.
    Alarm(String),
}

/// What stands around the screen.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The footer.
    pub footer: Footer,
    /// The text of the last warning, if there was one.
    pub last_warning: Option<&'a [u8]>,
    /// What the workers took; None for a scenario that shares them with the main one.
    pub resources: Option<&'a Resources>,
}

/// The page of a screen.
pub fn page(screen: Screen, snapshot: &Snapshot<'_>, frame: &Frame<'_>) -> Page {
    let mut text = String::new();
    screen::append(screen, snapshot, &mut text);
    let mut lines = text.lines().map(printable);
    let title = lines.next().unwrap_or_default();
    let body = lines.collect();
    let mut notes = verdict::live(snapshot, frame.resources);
    if let Some(warning) = frame.last_warning {
        notes.push(Note::Alarm(printable(screen::last_error(warning).trim_end())));
    }
    Page { screen, title, body, notes, footer: frame.footer.line().trim_end().to_owned() }
}

/// A TAB counts as one column in our tables (outputs.md §15.5); no control character may reach the terminal.
fn printable(line: &str) -> String {
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::screen::tests::look;

    /// "The same text": outputs.md §14.3, §15, §17.
    #[test]
    fn a_page_is_the_dump_without_trailing_blanks() {
        let plan = crate::report::test_plan::plan_of(
            "<scenario><recv request='A' rtd='1' crlf='true'/><nop/><pause milliseconds='5'/></scenario>",
        );
        look(
            &plan,
            |_| {},
            |snapshot| {
                let warning = Some(b"Something\twrong".as_slice());
                let dump = screen::dump(snapshot, Footer::Paused, warning);
                let mut pages = String::new();
                for screen in [Screen::Scenario, Screen::Statistics, Screen::Repartition(0)] {
                    let frame = Frame { footer: Footer::Paused, last_warning: warning, resources: None };
                    let page = page(screen, snapshot, &frame);
                    let alarm = Note::Alarm("Last Error: Something wrong...".into());
                    assert_eq!(page.notes.last(), Some(&alarm));
                    let lines = [&page.title].into_iter().chain(&page.body);
                    lines.for_each(|line| pages.push_str(&format!("{line}\n")));
                    pages.push_str(&format!("Last Error: Something wrong...\n{}\n", page.footer));
                }
                let dump: String =
                    dump.lines().map(|line| format!("{}\n", line.replace('\t', " ").trim_end())).collect();
                assert_eq!(pages, dump);
            },
        );
    }

    /// A terminal obeys control characters, and a warning may quote a message.
    #[test]
    fn no_control_character_reaches_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\x07\u{9b}c\t "), "a [2Jb  c");
    }
}
