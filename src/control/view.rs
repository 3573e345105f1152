//! What the user chose to look at: kept while the run goes on, and shown in the final summary.
//! Spec: cli.md §7.3, §14 (`set display`, `set hide`), §15; outputs.md §14.2, §16.1. Must not draw.

use crate::scenario::Part;

/// A screen, by its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// `1`
    #[default]
    Scenario,
    /// `2`
    Statistics,
    /// `3`, `6` to `9`: repartition of this timer, from 1.
    Repartition(u8),
    /// `4`
    Variables,
    /// `5`
    TdmMap,
}

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

impl Default for View {
    fn default() -> View {
        View { screen: Screen::Scenario, display: Part::Main, honours_hide: true }
    }
}
