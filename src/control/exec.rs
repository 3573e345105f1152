//! Shell commands of `<exec command="...">`: started and forgotten.
//!
//! Spec: actions.md §3.21, cli.md §10.5. In: a command text. Out: a process that shares our output, directory and
//! environment, but no socket and no input. Must not wait for it; only collects those that have ended.

use std::env;
use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;

use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, posix_spawn};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

#[cfg(test)]
mod tests;

/// The commands that are still running.
#[derive(Debug, Default)]
pub struct Commands {
    running: Vec<Pid>,
}

impl Commands {
    /// Starts `text` with `/bin/sh -c` and returns at once. Also collects commands that have ended.
    ///
    /// # Errors
    /// A NUL in `text`, or no process could be made. How the command ends is nobody's concern.
    pub fn start(&mut self, text: &[u8]) -> io::Result<()> {
        self.reap();
        let args = [c"sh".to_owned(), c"-c".to_owned(), CString::new(text)?];
        let mut files = PosixSpawnFileActions::init()?;
        // The keyboard is ours.
        let nothing = File::open("/dev/null")?;
        files.add_dup2(nothing.as_raw_fd(), 0)?;
        // Not `std::process::Command`: it gives SIGPIPE its default back, and the command is to inherit it ignored.
        let pid = posix_spawn(c"/bin/sh", &files, &PosixSpawnAttr::init()?, &args, &environment())?;
        self.running.push(pid);
        Ok(())
    }

    /// Collects the commands that have ended, so that none stays as a zombie. Never waits.
    pub fn reap(&mut self) {
        self.running
            .retain(|&pid| matches!(waitpid(pid, Some(WaitPidFlag::WNOHANG)), Ok(WaitStatus::StillAlive)));
    }

    /// How many commands are not known to have ended.
    pub fn running(&self) -> usize {
        self.running.len()
    }
}

/// Our environment as it is now, in the form a new process gets it.
fn environment() -> Vec<CString> {
    env::vars_os()
        .filter_map(|(mut name, value)| {
            name.push("=");
            name.push(value);
            CString::new(name.into_vec()).ok()
        })
        .collect()
}
