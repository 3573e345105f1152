//! What steers a run from outside, and the processes a run starts.
//!
//! Spec: cli.md §8, §10; actions.md §3.21 (`exec command`). In: signals, command texts. Out: typed [`Command`]s. Must
//! not know calls; what a command does to the quit level is the engine's (cli.md §8.1).

pub mod background;
pub mod exec;
pub mod signals;

/// Something the user wants from a running test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// SIGUSR1 or the key `q`: no new calls; a second one ends at once.
    Drain,
    /// SIGINT, SIGTERM: the exit procedure now, without SIP messages.
    StopNow,
    /// SIGUSR2: write the screens to the screen file.
    DumpScreens,
}
