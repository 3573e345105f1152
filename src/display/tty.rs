//! The terminal that is drawn on: its other screen, its size, and only the cells that have changed.
//! Spec: outputs.md §14.1. In: pictures. Out: bytes on standard output. May block: only the display's thread may use it. Must leave a
//! terminal alone whose foreground another job has.

use std::fs::File;
use std::io::{self, Write};

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::crossterm::cursor::{Hide, MoveTo, Show};
use ratatui::crossterm::queue;
use ratatui::crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};

use super::fit::Picture;
use crate::control::terminal::is_in_foreground;

/// Pictures from one that is drawn whole to the next: what others wrote on the screen goes away.
const WHOLE_EVERY: u32 = 10;

/// Of a terminal that does not tell its size.
const USUAL_SIZE: (u16, u16) = (80, 24);

/// Columns and lines that are used at most.
const LARGEST: u16 = 512;

/// The terminal.
#[derive(Debug)]
pub struct Tty {
    file: File,
    /// What is on our screen; None when it must be drawn whole, or is not there.
    shown: Option<Buffer>,
    is_entered: bool,
    since_whole: u32,
}

impl Tty {
    /// A terminal, not touched yet.
    pub fn new(file: File) -> Tty {
        Tty { file, shown: None, is_entered: false, since_whole: 0 }
    }

    /// Columns and lines, as they are now.
    pub fn size(&self) -> (u16, u16) {
        let size =
            rustix::termios::tcgetwinsize(&self.file).map_or((0, 0), |size| (size.ws_col, size.ws_row));
        let known = |size: u16, variable: &str, usual: u16| match size {
            0 => std::env::var(variable).ok().and_then(|size| size.parse().ok()).unwrap_or(usual),
            size => size,
        };
        let (columns, lines) = (known(size.0, "COLUMNS", USUAL_SIZE.0), known(size.1, "LINES", USUAL_SIZE.1));
        (columns.min(LARGEST), lines.min(LARGEST))
    }

    /// The next picture is drawn whole.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// Shows a picture, on the other screen; not while another job has the terminal.
    ///
    /// # Errors
    /// The terminal's: it is gone.
    pub fn draw(&mut self, picture: Picture) -> io::Result<()> {
        if !is_in_foreground(&self.file) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        if !self.is_entered {
            queue!(bytes, EnterAlternateScreen, Hide)?;
            self.is_entered = true;
            self.shown = None;
        }
        self.since_whole += 1;
        let before = self
            .shown
            .take()
            .filter(|shown| shown.area == picture.cells.area && self.since_whole < WHOLE_EVERY);
        let before = match before {
            Some(before) => before,
            None => {
                self.since_whole = 0;
                queue!(bytes, Clear(ClearType::All))?;
                Buffer::empty(picture.cells.area)
            }
        };
        CrosstermBackend::new(&mut bytes).draw(before.diff(&picture.cells).into_iter())?;
        match picture.cursor {
            Some((x, y)) => queue!(bytes, MoveTo(x, y), Show)?,
            None => queue!(bytes, Hide)?,
        }
        self.shown = Some(picture.cells);
        // In one piece, so that nobody sees half a picture.
        self.file.write_all(&bytes)
    }

    /// Goes back to the screen that was there before.
    ///
    /// # Errors
    /// The terminal's.
    pub fn leave(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_entered) || !is_in_foreground(&self.file) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        queue!(bytes, Show, LeaveAlternateScreen)?;
        self.file.write_all(&bytes)
    }
}
