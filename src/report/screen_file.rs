//! The file of screen dumps, `-trace_screen`, and what SIGUSR2 leaves behind without it.
//! Spec: outputs.md §17, §2. In: dumps. Out: a file. Written by the main thread, flushed after each (a Bug of SIPp, §2).

use super::log_file::{LogFile, OpenLog, TraceFailure, reason};

/// Where dumps go.
#[derive(Debug)]
pub enum ScreenFile {
    /// `-trace_screen`: one behind the other, and one at the end.
    Open(Dumps),
    /// Not asked for: each dump begins this file anew.
    OnDemand(LogFile),
}

/// The open file.
#[derive(Debug)]
pub struct Dumps(OpenLog);

impl ScreenFile {
    /// For `-trace_screen`.
    ///
    /// # Errors
    /// The file can not be created: exit 1.
    pub fn open(file: &LogFile) -> Result<ScreenFile, TraceFailure> {
        match file.open() {
            Ok(log) => Ok(ScreenFile::Open(Dumps(log))),
            Err(_) => Err(TraceFailure::Create(file.path.clone())),
        }
    }

    /// Whether the end of the run is to be dumped too.
    pub fn wants_the_end(&self) -> bool {
        matches!(self, ScreenFile::Open(_))
    }

    /// Writes a dump.
    ///
    /// # Errors
    /// The file can not be created or written; the run goes on.
    pub fn dump(&mut self, text: &str) -> Result<(), TraceFailure> {
        match self {
            ScreenFile::Open(Dumps(log)) => log.write(text.as_bytes()).and_then(|()| log.flush()),
            ScreenFile::OnDemand(file) => {
                let file = LogFile { append: false, ..file.clone() };
                let mut log = file.open().map_err(|error| TraceFailure::Write {
                    path: file.path.clone(),
                    reason: reason(&error),
                })?;
                log.write(text.as_bytes())?;
                log.flush()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// outputs.md §17.
    #[test]
    fn dumps_are_appended_when_asked_for_and_else_only_the_last_remains() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| LogFile { path: folder.path().join(name), append: false };
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let mut open = ScreenFile::open(&file("a")).unwrap();
        assert_eq!(read("a"), "");
        let mut on_demand = ScreenFile::OnDemand(LogFile { append: true, ..file("b") });
        assert!(!folder.path().join("b").exists());
        for screens in [&mut open, &mut on_demand] {
            screens.dump("one\n").unwrap();
            screens.dump("two\n").unwrap();
        }
        assert_eq!((read("a"), read("b")), ("one\ntwo\n".to_owned(), "two\n".to_owned()));
        assert!(open.wants_the_end() && !on_demand.wants_the_end());
    }
}
