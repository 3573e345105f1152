//! What the user chose to look at: kept while the run goes on, and shown in the final summary.
//! Spec: cli.md §7.3, §14 (`set display`, `set hide`), §15; outputs.md §14.2, §16.1. Must not draw.

use crate::report::screen::Screen;
use crate::scenario::Part;

/// The user's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The screen shown, and the first one of the final summary.
    pub screen: Screen,
    /// The scenario it is about.
    pub display: Part,
    /// Steps with `hide` are not listed.
    pub honours_hide: bool,
}

/// A movement over a screen that is longer than the terminal (ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scroll {
    /// Lines down, or up if negative.
    Lines(i32),
    /// As many lines as are seen at once down, or up if negative.
    Pages(i32),
    /// To the beginning.
    Top,
    /// To the end.
    End,
}

impl Default for View {
    fn default() -> View {
        View { screen: Screen::Scenario, display: Part::Main, honours_hide: true }
    }
}
