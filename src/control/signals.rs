//! Signals as typed commands.
//!
//! Spec: cli.md §10.1, outputs.md §13. In: INT, TERM, USR1, USR2, HUP; on a terminal also QUIT, TSTP and WINCH; XFSZ is kept from
//! ending the process. Out: [`Command`]s, one for all of a kind that came since the last. PIPE is ignored by Rust's start-up code. Must
//! not act on anything itself: a signal is handled in the loop, never in its handler.

use std::collections::VecDeque;
use std::future::pending;
use std::io;

use nix::sys::signal::{SigSet, Signal as Number};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Command;
use crate::engine;

/// A signal whose default is death: kept, once the run has put its things in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadly {
    /// SIGHUP
    HangUp,
    /// SIGQUIT
    Quit,
}

impl Deadly {
    /// Dies of it, as if it had never been caught. Returns only when the system does not let us.
    pub fn die(self) {
        let number = match self {
            Deadly::HangUp => Number::SIGHUP,
            Deadly::Quit => Number::SIGQUIT,
        };
        let _ = signal_hook::low_level::emulate_default_handler(number as i32);
    }
}

/// Stops the process as SIGTSTP does by default; returns when it goes on.
pub fn stop_as_a_job() {
    let _ = signal_hook::low_level::emulate_default_handler(Number::SIGTSTP as i32);
}

/// USR1 and USR2 wait until somebody listens, from the moment this is made: a run that loads a long scenario must not die
/// of them (cli.md §10.1).
#[derive(Debug)]
pub struct Held(SigSet);

/// Call it before any other thread is there.
///
/// # Errors
/// The system's.
pub fn hold() -> io::Result<Held> {
    let set: SigSet = [Number::SIGUSR1, Number::SIGUSR2].into_iter().collect();
    set.thread_block()?;
    Ok(Held(set))
}

impl Held {
    /// What came meanwhile. From here on signals are delivered.
    fn release(self) -> io::Result<VecDeque<Command>> {
        let waiting = SignalFd::with_flags(&self.0, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        let mut came = VecDeque::new();
        while let Some(info) = waiting.read_signal()? {
            came.push_back(if info.ssi_signo == Number::SIGUSR1 as u32 {
                QUIT
            } else {
                Command::DumpScreens
            });
        }
        self.0.thread_unblock()?;
        Ok(came)
    }
}

const QUIT: Command = Command::Engine(engine::Command::Quit);

/// Which signals a run listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// Those that any run takes.
    Basics,
    /// Those of a terminal too: it must be put in order before its job control acts.
    OnTerminal,
}

/// Waits for SIGINT or SIGTERM, which from then on have lost their default.
///
/// # Errors
/// The system's, when a handler cannot be installed.
pub async fn stopped() -> io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        Some(()) = interrupt.recv() => Ok(()),
        Some(()) = terminate.recv() => Ok(()),
        // Not reached while the runtime lives.
        else => pending().await,
    }
}

/// The signals of a run, listened to from the moment this is made to the end of the process.
#[derive(Debug)]
pub struct Signals {
    came: VecDeque<Command>,
    interrupt: Signal,
    terminate: Signal,
    user1: Signal,
    user2: Signal,
    hang_up: Option<Signal>,
    quit: Option<Signal>,
    suspend: Option<Signal>,
    resized: Option<Signal>,
    /// Listened to only so that it does not end the process: the write that raised it fails, and that is heard of (outputs.md §13).
    _file_size: Signal,
}

impl Signals {
    /// Starts to listen. Must be called inside a tokio runtime with I/O enabled.
    ///
    /// # Errors
    /// The system's, when a handler cannot be installed.
    pub fn listen(held: Held, what: Listen) -> io::Result<Signals> {
        let unless_ignored = |number: Number, kind| {
            // `nohup`, and shells without job control: who started us does not want us to hear it.
            if is_ignored(number) { Ok(None) } else { signal(kind).map(Some) }
        };
        let on_terminal = |number: Number| match what {
            Listen::OnTerminal => unless_ignored(number, SignalKind::from_raw(number as i32)),
            Listen::Basics => Ok(None),
        };
        let mut signals = Signals {
            came: VecDeque::new(),
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            user1: signal(SignalKind::user_defined1())?,
            user2: signal(SignalKind::user_defined2())?,
            _file_size: signal(SignalKind::from_raw(Number::SIGXFSZ as i32))?,
            hang_up: unless_ignored(Number::SIGHUP, SignalKind::hangup())?,
            quit: on_terminal(Number::SIGQUIT)?,
            suspend: on_terminal(Number::SIGTSTP)?,
            resized: on_terminal(Number::SIGWINCH)?,
        };
        signals.came = held.release()?;
        Ok(signals)
    }

    /// What came before anybody listened, once.
    pub fn early(&mut self) -> VecDeque<Command> {
        std::mem::take(&mut self.came)
    }

    /// Waits for SIGINT or SIGTERM; the others stay for [`Signals::next`].
    pub async fn stop(&mut self) {
        tokio::select! {
            Some(()) = self.interrupt.recv() => {}
            Some(()) = self.terminate.recv() => {}
            // Not reached while the runtime lives.
            else => pending().await,
        }
    }

    /// Waits for the next signal; the end of the run goes first. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Command {
        tokio::select! {
            biased;
            Some(()) = self.interrupt.recv() => Command::StopNow,
            Some(()) = self.terminate.recv() => Command::StopNow,
            () = heard(&mut self.hang_up) => Command::Die(Deadly::HangUp),
            () = heard(&mut self.quit) => Command::Die(Deadly::Quit),
            () = heard(&mut self.suspend) => Command::Suspend,
            () = heard(&mut self.resized) => Command::DrawAgain,
            Some(()) = self.user1.recv() => QUIT,
            Some(()) = self.user2.recv() => Command::DumpScreens,
        }
    }
}

async fn heard(signal: &mut Option<Signal>) {
    let came = match signal {
        Some(signal) => signal.recv().await,
        None => None,
    };
    // A signal that we do not listen to; the other kind of None is not reached while the runtime lives.
    if came.is_none() {
        pending::<()>().await;
    }
}

/// Whether this process has inherited the signal as ignored.
fn is_ignored(number: Number) -> bool {
    // Without `unsafe` only this page tells; a system that has none lets us listen.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (number as i32 - 1)) != 0
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::raise;

    use super::*;

    /// cli.md §10.1. One test, because signals belong to the whole process.
    #[tokio::test]
    async fn each_signal_is_its_command_and_a_waiting_one_is_not_lost() {
        let held = hold().unwrap();
        raise(Number::SIGUSR2).unwrap();
        raise(Number::SIGUSR1).unwrap();
        let mut signals = Signals::listen(held, Listen::OnTerminal).unwrap();
        assert_eq!(signals.early(), [QUIT, Command::DumpScreens], "held back until now");
        assert!(signals.early().is_empty());
        for (number, command) in [
            (Number::SIGUSR1, QUIT),
            (Number::SIGUSR2, Command::DumpScreens),
            (Number::SIGINT, Command::StopNow),
            (Number::SIGTERM, Command::StopNow),
            (Number::SIGHUP, Command::Die(Deadly::HangUp)),
            (Number::SIGQUIT, Command::Die(Deadly::Quit)),
            (Number::SIGTSTP, Command::Suspend),
            (Number::SIGWINCH, Command::DrawAgain),
            (Number::SIGUSR1, QUIT),
        ] {
            raise(number).unwrap();
            // Who started the tests may want a signal ignored (a background job); then the next one shows that it was.
            if !is_ignored(number) {
                assert_eq!(signals.next().await, command, "{number}");
            }
        }
        assert!(is_ignored(Number::SIGPIPE), "by Rust's start-up code");
        assert!(!is_ignored(Number::SIGTERM));
    }
}
