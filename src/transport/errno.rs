//! How a system error reads in a message: the C library's text, and the `errno = N (text)` ending.
//!
//! Spec: transport.md §1. In: an [`io::Error`]. Out: text. Must not decide what an error means for a run, except
//! [`is_address_in_use`], the one errno with an exit code of its own.

use std::fmt;
use std::io;

/// Shows `errno = 98 (Address already in use)`, the ending of every fatal text that carries a system error.
#[derive(Debug)]
pub struct Errno<'a>(pub &'a io::Error);

impl fmt::Display for Errno<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "errno = {} ({})", self.0.raw_os_error().unwrap_or(0), text(self.0))
    }
}

/// The C library's text alone, as in `Unable to send UDP message: Network is unreachable` (transport.md §11).
pub fn text(error: &io::Error) -> String {
    let shown = error.to_string();
    // The standard library appends the number; it has no way to ask for the text alone.
    match error.raw_os_error() {
        Some(number) => shown.trim_end_matches(&format!(" (os error {number})")).to_owned(),
        None => shown,
    }
}

/// Whether a fatal error with this cause ends the process with 254 instead of 255 (transport.md §1).
pub fn is_address_in_use(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EADDRINUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// transport.md §1.
    #[test]
    fn a_system_error_reads_as_number_and_text() {
        let taken = io::Error::from_raw_os_error(libc::EADDRINUSE);
        assert_eq!(Errno(&taken).to_string(), "errno = 98 (Address already in use)");
        assert_eq!(text(&io::Error::from_raw_os_error(libc::EMSGSIZE)), "Message too long");
        assert!(is_address_in_use(&taken));
        assert!(!is_address_in_use(&io::Error::from_raw_os_error(libc::EADDRNOTAVAIL)));
    }

    #[test]
    fn an_error_without_a_number_keeps_its_words() {
        assert_eq!(Errno(&io::Error::other("no socket")).to_string(), "errno = 0 (no socket)");
    }
}
