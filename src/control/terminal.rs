//! The terminal's settings: single keys instead of lines, without echo, while we are in its foreground.
//! Spec: cli.md §10.2, §15. In: standard input. Out: settings changed and put back. Must not read keys, and must never have us
//! stopped by SIGTTOU: a job in the background leaves the terminal alone.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::sync::{Mutex, PoisonError};

use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::termios::{LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};
use nix::unistd::{getpgrp, tcgetpgrp};

/// The terminal on standard input. Dropped, it is as it was.
#[derive(Debug)]
pub struct Terminal {
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// Lines, as others left it.
    Untouched,
    /// Keys; holds what it was before.
    Keys(Box<Termios>),
    /// Ours to take, but not now: the job is about to be stopped.
    Lent,
    /// The run is over.
    Closed,
}

/// Whether keys can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Ours.
    Fore,
    /// Another job has the terminal.
    Back,
}

impl Terminal {
    /// The terminal on standard input, if there is one. Not changed yet.
    pub fn on_stdin() -> Option<Terminal> {
        io::stdin().is_terminal().then_some(Terminal { state: Mutex::new(State::Untouched) })
    }

    /// Sees to it that the terminal gives single keys, if it is ours.
    pub fn claim(&self) -> Ground {
        let mut state = self.lock();
        if matches!(*state, State::Closed | State::Lent) || !is_in_foreground(io::stdin()) {
            return Ground::Back;
        }
        if matches!(*state, State::Untouched)
            && let Ok(before) = tcgetattr(io::stdin())
        {
            let mut keys = before.clone();
            keys.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
            keys.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
            keys.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
            if set(&keys).is_ok() {
                *state = State::Keys(Box::new(before));
            }
        }
        Ground::Fore
    }

    /// Puts the settings back until [`take_again`](Terminal::take_again).
    pub fn lend(&self) {
        self.leave(State::Lent);
    }

    /// Takes the terminal again, if it is ours.
    pub fn take_again(&self) {
        if matches!(*self.lock(), State::Lent) {
            self.leave(State::Untouched);
        }
        self.claim();
    }

    /// Puts the settings back for good.
    pub fn close(&self) {
        self.leave(State::Closed);
    }

    fn leave(&self, next: State) {
        let mut state = self.lock();
        // In the background the settings are those of another job.
        if let State::Keys(before) = &*state
            && is_in_foreground(io::stdin())
        {
            let _ = set(before);
        }
        *state = next;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.close();
    }
}

/// Whether our job is the one in the foreground of a terminal. A terminal that controls no session has no jobs.
pub fn is_in_foreground(terminal: impl AsFd) -> bool {
    let terminal = terminal.as_fd();
    match tcgetpgrp(terminal) {
        Ok(foreground) => foreground == getpgrp(),
        Err(error) => error == Errno::ENOTTY && terminal.is_terminal(),
    }
}

/// Changes the settings now: waiting for output to drain could take for ever (Ctrl-S).
fn set(settings: &Termios) -> nix::Result<()> {
    // Between the look at the foreground and this another job may have got it.
    let stop = SigSet::from(Signal::SIGTTOU);
    let before = stop.thread_swap_mask(nix::sys::signal::SigmaskHow::SIG_BLOCK)?;
    let result = tcsetattr(io::stdin(), SetArg::TCSANOW, settings);
    before.thread_set_mask()?;
    result
}
