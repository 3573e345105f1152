//! A page fitted to a terminal of any size.
//! Spec: outputs.md §14.1 (Bug: a replacement should trim trailing blanks, clip to width and always keep the footer visible), §15.9.
//! In: a page, the command being typed, how far it is scrolled, a size. Out: cells. Must not write.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::control::view::Scroll;
use crate::report::page::{Note, Page};

/// What a terminal shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its cells.
    pub cells: Buffer,
    /// Where the cursor belongs: behind the command being typed.
    pub cursor: Option<(u16, u16)>,
}

/// Where a page is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Lines of the body above it.
    top: usize,
    /// Lines of the body in it.
    height: usize,
}

impl Window {
    /// Moves it; it is kept on the page when that is drawn.
    pub fn scroll(&mut self, by: Scroll) {
        let page = i32::try_from(self.height).unwrap_or(i32::MAX);
        let lines = match by {
            Scroll::Top => i32::MIN,
            Scroll::End => i32::MAX,
            Scroll::Lines(lines) => lines,
            Scroll::Pages(pages) => pages.saturating_mul(page.max(1)),
        };
        self.top = self.top.saturating_add_signed(isize::try_from(lines).unwrap_or(0));
    }
}

/// The mark of a line that is wider than the terminal.
const CUT: &str = ">";

/// Draws a page. The title, the footer and the command stay; of the notes and the body as much is shown as there is room for.
pub fn fit(page: &Page, typed: Option<&str>, window: &mut Window, size: (u16, u16)) -> Picture {
    let (width, height) = size;
    let area = Rect::new(0, 0, width, height);
    let mut canvas = Canvas { cells: Buffer::empty(area), width };
    let bold = Style::new().add_modifier(Modifier::BOLD);
    // From the last line up.
    let mut bottom = height;
    let mut cursor = None;
    if let Some(typed) = typed.filter(|_| bottom > 0) {
        bottom -= 1;
        cursor = Some((canvas.end_of(typed, bottom), bottom));
    }
    if bottom > 0 {
        bottom -= 1;
        canvas.line(bottom, &page.footer, bold);
    }
    let top = u16::from(bottom > 0);
    if top > 0 {
        canvas.line(0, &page.title, bold);
    }
    for note in page.notes.iter().rev() {
        // Notes leave room for a body.
        if bottom <= top + NOTES_LEAVE {
            break;
        }
        bottom -= 1;
        match note {
            Note::Plain(text) => canvas.line(bottom, text, Style::new()),
            Note::Alarm(text) => canvas.line(bottom, text, bold.add_modifier(Modifier::REVERSED)),
        }
    }
    canvas.body(&page.body, window, top, bottom);
    Picture { cells: canvas.cells, cursor }
}

/// Lines that are left to the body before a note is shown.
const NOTES_LEAVE: u16 = 3;

struct Canvas {
    cells: Buffer,
    width: u16,
}

impl Canvas {
    fn line(&mut self, y: u16, text: &str, style: Style) {
        if self.width == 0 {
            return;
        }
        let is_cut = ratatui::text::Line::raw(text).width() > usize::from(self.width);
        let shown = self.width - u16::from(is_cut);
        self.cells.set_stringn(0, y, text, shown.into(), style);
        if is_cut {
            self.cells.set_stringn(shown, y, CUT, 1, style.add_modifier(Modifier::REVERSED));
        }
    }

    /// Shows the end of a line that somebody types, and says where it ends.
    fn end_of(&mut self, typed: &str, y: u16) -> u16 {
        let room = usize::from(self.width.saturating_sub(1));
        let width = |text: &str| ratatui::text::Line::raw(text).width();
        let mut shown = typed;
        while width(shown) > room {
            let mut rest = shown.chars();
            rest.next();
            shown = rest.as_str();
        }
        self.line(y, shown, Style::new());
        u16::try_from(width(shown)).unwrap_or(0)
    }

    /// Draws the body between two lines. Blank lines are the first to go when it is too long; then it can be scrolled.
    fn body(&mut self, body: &[String], window: &mut Window, top: u16, bottom: u16) {
        let room = usize::from(bottom.saturating_sub(top));
        let all: Vec<&str> = body.iter().map(String::as_str).collect();
        let end = all.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        let mut lines = all.get(..end).unwrap_or_default().to_vec();
        if lines.len() > room {
            lines.retain(|line| !line.is_empty());
        }
        let is_long = lines.len() > room && room > 1;
        window.height = if is_long { room - 1 } else { room };
        window.top = window.top.min(lines.len().saturating_sub(window.height));
        let shown = lines.iter().skip(window.top).take(window.height);
        for (y, line) in (top..).zip(shown) {
            self.line(y, line, Style::new());
        }
        if is_long {
            let (first, last) = (window.top + 1, window.top + window.height);
            let more =
                format!("--- lines {first}-{last} of {}: arrow keys, PgUp, PgDn, Home, End ---", lines.len());
            self.line(bottom - 1, &more, Style::new().add_modifier(Modifier::REVERSED));
        }
    }
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
