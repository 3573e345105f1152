//! Signals as typed commands.
//!
//! Spec: cli.md §10.1, outputs.md §13. In: INT, TERM, USR1, USR2; XFSZ is kept from ending the process. Out: [`Command`]s, one for all of a kind that came since the last.
//! HUP keeps its default; PIPE is ignored by Rust's start-up code. Must not act on anything itself: a signal is handled
//! in the loop, never in its handler.

use std::future::pending;
use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Command;

/// The signals of a run, listened to from the moment this is made to the end of the process.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    user1: Signal,
    user2: Signal,
    /// Listened to only so that it does not end the process: the write that raised it fails, and that is heard of (outputs.md §13).
    _file_size: Signal,
}

impl Signals {
    /// Starts to listen. Must be called inside a tokio runtime with I/O enabled.
    ///
    /// # Errors
    /// The system's, when a handler cannot be installed.
    pub fn listen() -> io::Result<Signals> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            user1: signal(SignalKind::user_defined1())?,
            user2: signal(SignalKind::user_defined2())?,
            _file_size: signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?,
        })
    }

    /// Waits for the next signal; the end of the run goes first. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Command {
        tokio::select! {
            biased;
            Some(()) = self.interrupt.recv() => Command::StopNow,
            Some(()) = self.terminate.recv() => Command::StopNow,
            Some(()) = self.user1.recv() => Command::Drain,
            Some(()) = self.user2.recv() => Command::DumpScreens,
            // Not reached while the runtime lives.
            else => pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::{Signal as Number, raise};

    use super::*;

    /// cli.md §10.1. One test, because signals belong to the whole process.
    #[tokio::test]
    async fn each_signal_is_its_command_and_a_waiting_one_is_not_lost() {
        let mut signals = Signals::listen().unwrap();
        for (number, command) in [
            (Number::SIGUSR1, Command::Drain),
            (Number::SIGUSR2, Command::DumpScreens),
            (Number::SIGINT, Command::StopNow),
            (Number::SIGTERM, Command::StopNow),
            (Number::SIGUSR1, Command::Drain),
        ] {
            raise(number).unwrap();
            assert_eq!(signals.next().await, command, "{number}");
        }
    }
}
