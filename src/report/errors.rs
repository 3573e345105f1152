//! The errors log, `-trace_err`, and what stderr says about warnings at exit.
//! Spec: outputs.md §9, §16.2, §2.1; cli.md §7.2. In: warning texts and their moments. Out: records, the exit report.
//! Must not open a file before the first event.

use std::path::{Path, PathBuf};

use super::log_file::{Kind, LogFile, TraceFailure, reason, up_to_nul};
use super::recorder::Moments;
use super::ring::{LimitedLog, Rotation};
use crate::clock::Tick;

/// Longest text of a record; stamp and `: ` come on top (outputs.md §9).
const LONGEST_TEXT: usize = 32_767;

const FIRST_LINE: &[u8] = b"The following events occurred:\n";

/// What of a warning is kept: up to the first NUL, and no more than SIPp keeps.
pub(super) fn kept(text: &[u8]) -> &[u8] {
    let text = up_to_nul(text);
    text.get(..LONGEST_TEXT).unwrap_or(text)
}

/// `STAMPr: text`, without line end.
pub(super) fn stamped(at: Tick, text: &[u8], moments: Moments) -> Vec<u8> {
    let mut line = moments.stamp(at).into_bytes();
    line.extend_from_slice(b": ");
    line.extend_from_slice(text);
    line
}

/// The errors log through its life.
#[derive(Debug)]
pub(super) enum ErrorsLog {
    /// Not asked for, or given up.
    Off,
    /// Asked for; nothing has happened yet, so no file exists.
    Waiting(LogFile, Rotation),
    /// Open, or full.
    Open {
        log: LimitedLog,
        /// What the exit report calls it: an old one has another name.
        path: PathBuf,
    },
}

impl ErrorsLog {
    /// Writes one record; the first one creates the file. After a failure the log is off.
    pub(super) fn write(&mut self, at: Tick, text: &[u8], moments: Moments) -> Result<(), TraceFailure> {
        let now = moments.epoch_second(at);
        let written = self.open_if_first(now).and_then(|()| match self {
            ErrorsLog::Open { log, .. } => {
                let mut record = stamped(at, text, moments);
                record.push(b'\n');
                log.write(&record, now)
            }
            _ => Ok(()),
        });
        self.off_after(written)
    }

    pub(super) fn flush(&mut self) -> Result<(), TraceFailure> {
        let flushed = match self {
            ErrorsLog::Open { log, .. } => log.flush(),
            _ => Ok(()),
        };
        self.off_after(flushed)
    }

    /// Writes nothing any more.
    pub(super) fn close(&mut self) {
        match self {
            ErrorsLog::Open { log, .. } => log.close(),
            ErrorsLog::Off | ErrorsLog::Waiting(..) => *self = ErrorsLog::Off,
        }
    }

    /// The file, once it exists.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            ErrorsLog::Open { path, .. } => Some(path),
            _ => None,
        }
    }

    fn open_if_first(&mut self, now: i64) -> Result<(), TraceFailure> {
        if let ErrorsLog::Waiting(file, rotation) = self {
            let log = file.open().map_err(|error| TraceFailure::CreateErrors {
                path: file.path.clone(),
                reason: reason(&error),
            })?;
            let path = file.path.clone();
            let mut log = LimitedLog::new(log, Kind::Errors, rotation.clone(), now);
            log.write(FIRST_LINE, now)?;
            *self = ErrorsLog::Open { log, path };
        }
        Ok(())
    }

    fn off_after(&mut self, outcome: Result<(), TraceFailure>) -> Result<(), TraceFailure> {
        if outcome.is_err() {
            *self = ErrorsLog::Off;
        }
        outcome
    }
}

/// All that a run warned of, as far as the exit report needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    /// How many warnings and errors there were.
    pub count: u64,
    /// The last one, with its stamp.
    pub last: Option<Vec<u8>>,
    /// The errors log, if one was opened.
    pub file: Option<PathBuf>,
}

impl Warnings {
    /// The text for stderr at exit; empty when nothing happened.
    pub fn exit_report(&self) -> Vec<u8> {
        let Some(last) = &self.last else { return Vec::new() };
        let mut report = last.clone();
        report.push(b'\n');
        if self.count > 1 {
            let hint = match &self.file {
                Some(file) => format!("There were more errors, see '{}' file\n", file.display()),
                None => String::from("There were more errors, enable -trace_err to log them.\n"),
            };
            report.extend_from_slice(hint.as_bytes());
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// outputs.md §9: 32767 bytes of text; §2.1: cut at NUL.
    #[test]
    fn a_text_is_cut_at_32767_bytes_and_at_its_first_nul() {
        assert_eq!(kept(&[b'x'; 40_000]).len(), 32_767);
        assert_eq!(kept(&[b'x'; 32_767]).len(), 32_767);
        assert_eq!(kept(b"ab\0cd"), b"ab");
    }

    /// outputs.md §16.2, cli.md §7.2.
    #[test]
    fn the_exit_report_shows_the_last_warning_and_where_the_others_are() {
        let mut warnings = Warnings::default();
        assert_eq!(warnings.exit_report(), b"");
        warnings = Warnings { count: 1, last: Some(b"S: late".to_vec()), file: Some("e.log".into()) };
        assert_eq!(warnings.exit_report(), b"S: late\n");
        warnings.count = 2;
        assert_eq!(warnings.exit_report(), b"S: late\nThere were more errors, see 'e.log' file\n");
        warnings.file = None;
        assert_eq!(
            warnings.exit_report(),
            b"S: late\nThere were more errors, enable -trace_err to log them.\n"
        );
    }
}
