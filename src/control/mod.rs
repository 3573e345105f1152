//! What steers a run from outside, and the processes a run starts.
//!
//! Spec: cli.md §8, §10, §13-§15; actions.md §3.21 (`exec command`). In: signals, keys, datagrams, command texts. Out: typed
//! [`Wish`]es. Must not know calls; what a command does to the quit level is the engine's (cli.md §8.1).
//!
//! `keys` and `language` are pure: bytes in, wishes out. `signals`, `keyboard` (with `terminal`) and `remote` bring the bytes.
//! `metrics` is the one way out: a page that others may read.

pub mod background;
pub mod exec;
pub mod keyboard;
pub mod keys;
pub mod language;
pub mod metrics;
pub mod remote;
pub mod signals;
pub mod terminal;
pub mod view;

use crate::engine;
pub use crate::report::recorder::Traced;
use crate::report::screen::Screen;
use crate::scenario::Part;

/// Something the user wants from a running test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// For the engine of the main side.
    Engine(engine::Command),
    /// SIGINT, SIGTERM: the exit procedure now, without SIP messages.
    StopNow,
    /// SIGHUP, SIGQUIT: die of it, but not before files are written and the terminal is as it was.
    Die(signals::Deadly),
    /// SIGTSTP: stop as a job does, with the terminal as it was.
    Suspend,
    /// SIGUSR2, key `s`: write the screens to the screen file.
    DumpScreens,
    /// Keys `1` to `9`.
    Show(Screen),
    /// Arrow keys and their neighbours: the rest of a screen that is longer than the terminal.
    Scroll(view::Scroll),
    /// What is typed, or the size of the terminal, is another one.
    DrawAgain,
    /// `set display`
    Display(Part),
    /// `set hide`: whether `hide` in the scenario keeps steps off the screen.
    HonourHide(bool),
    /// `trace ... on`, `trace ... off`.
    Trace(Traced, bool),
}

/// A command, or why what was typed is none. All refusals are warnings (cli.md §14).
pub type Wish = Result<Command, language::Refusal>;
