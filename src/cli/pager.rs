//! Long texts for a person at a terminal go through a pager.
//! Spec: cli.md §1.3. In: text. Out: the text on standard output, or in the pager that has it. Must not page what a script reads.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Tried in turn where `PAGER` is not set.
const USUAL: [&str; 3] = ["/usr/bin/pager", "/usr/bin/less", "/usr/bin/more"];

/// Shows a text: in the pager if standard output is a terminal and there is one, else directly.
pub fn show(text: &str) {
    let pager = choose(env::var_os("PAGER"), |path| Path::new(path).exists());
    let shown = match pager.filter(|_| io::stdout().is_terminal()) {
        Some(pager) => run(&pager, text).inspect_err(|error| {
            // Nothing is left to do for a user whose standard error is closed.
            let _ = writeln!(io::stderr(), "{}: {error}", pager.to_string_lossy());
        }),
        None => Err(io::ErrorKind::NotFound.into()),
    };
    if shown.is_err() {
        // A reader that has gone, as in `rsipp -help | head`, is no error.
        let _ = io::stdout().write_all(text.as_bytes());
    }
}

/// `PAGER`, empty for none; without it the first usual one that is there.
fn choose(wanted: Option<OsString>, exists: impl Fn(&str) -> bool) -> Option<OsString> {
    match wanted {
        Some(pager) => Some(pager).filter(|pager| !pager.is_empty()),
        None => USUAL.into_iter().find(|path| exists(path)).map(OsString::from),
    }
}

/// Fails only when the pager can not be started, so that nothing has been shown.
fn run(pager: &OsString, text: &str) -> io::Result<()> {
    let mut child = Command::new(pager).env("LESS", "FRX").stdin(Stdio::piped()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // Whoever leaves the pager early has read enough.
        let _ = input.write_all(text.as_bytes());
    }
    let _ = child.wait();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cli.md §1.3.
    #[test]
    fn the_pager_is_the_one_of_the_environment_or_a_usual_one() {
        let chosen = |wanted: Option<&str>, there: &[&str]| {
            let pager = choose(wanted.map(OsString::from), |path| there.contains(&path));
            pager.map(|pager| pager.into_string().unwrap())
        };
        assert_eq!(chosen(Some("/bin/my"), &USUAL).as_deref(), Some("/bin/my"));
        assert_eq!(chosen(Some(""), &USUAL), None);
        assert_eq!(chosen(None, &USUAL).as_deref(), Some("/usr/bin/pager"));
        assert_eq!(chosen(None, &["/usr/bin/more"]).as_deref(), Some("/usr/bin/more"));
        assert_eq!(chosen(None, &[]), None);
    }

    #[test]
    fn a_pager_that_is_not_there_is_an_error_and_one_that_leaves_early_is_none() {
        assert!(run(&OsString::from("/no/such/pager"), "text").is_err());
        assert!(run(&OsString::from("/bin/true"), &"text\n".repeat(100_000)).is_ok());
    }
}
