//! Why a test cannot begin or go on: what the user reads, and the exit status.
//! Spec: cli.md §7.2, §9. Must not decide what is printed elsewhere.

use std::io::Write;

use crate::cli::Exit;
use crate::transport::udp::BindError;

/// An end before the test's own end.
#[derive(Debug)]
pub struct Stop {
    /// What to say on stderr; may quote a message and so need not be UTF-8.
    pub text: Vec<u8>,
    /// The exit status.
    pub exit: Exit,
}

impl Stop {
    /// Refused before anything was sent: exit 1.
    pub fn refused(text: impl Into<Vec<u8>>) -> Stop {
        Stop { text: text.into(), exit: Exit::Refused }
    }

    /// A fatal error after the checks: exit 255.
    pub fn fatal(text: impl Into<Vec<u8>>) -> Stop {
        Stop { text: text.into(), exit: Exit::Fatal }
    }

    /// A socket that cannot be had: exit 254 when its port is taken, else 255.
    pub fn of_bind(error: BindError) -> Stop {
        let exit = if error.is_address_in_use() { Exit::PortTaken } else { Exit::Fatal };
        Stop { text: error.to_string().into(), exit }
    }

    /// Says why, and gives the exit status.
    pub fn show(&self) -> Exit {
        let mut stderr = std::io::stderr().lock();
        // Nobody may be listening; the exit status says it too.
        let _ = stderr.write_all(&self.text);
        if !self.text.is_empty() && !self.text.ends_with(b"\n") {
            let _ = stderr.write_all(b"\n");
        }
        self.exit
    }
}
