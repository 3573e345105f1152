//! `-bg`: the run goes on in a child process, and its parent says which one.
//!
//! Spec: cli.md §10.4. In: nothing. Out: which [`Side`] we are. Must happen before any thread or runtime exists, since
//! only the calling thread lives on in the child.

use std::io::{self, Write};

#[cfg(test)]
mod tests;

/// Which of the two processes returned from [`split`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The process that was started; it has told the user and is to exit with 99.
    Parent {
        /// The process that goes on.
        child: u32,
    },
    /// The process that goes on, without terminal, in the same session, group and directory.
    Child,
}

/// Splits the process. The parent prints `Background mode - PID=[N]`; the child has `/dev/null` for 0 to 2.
///
/// # Errors
/// No process could be made, or, in the child, `/dev/null` could not be opened.
pub fn split() -> io::Result<Side> {
    // What is still buffered must not be written twice.
    let _ = io::stdout().flush();
    match fork::fork()? {
        fork::Fork::Parent(child) => {
            // A reader that went away is no reason to fail: the child runs.
            let _ = writeln!(io::stdout(), "Background mode - PID=[{child}]");
            let _ = io::stdout().flush();
            Ok(Side::Parent { child: child.unsigned_abs() })
        }
        fork::Fork::Child => {
            fork::redirect_stdio()?;
            Ok(Side::Child)
        }
    }
}
