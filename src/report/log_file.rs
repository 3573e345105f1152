//! A log file: what it is called, whether it is appended to, and writing it.
//! Spec: outputs.md §2. In: scenario name, pid, `-xxx_file`, `-xxx_overwrite`. Out: a path, an open file or the sentence
//! that says why not. Must not decide the exit code.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The files that share the naming rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `-trace_msg`
    Messages,
    /// `-trace_shortmsg`
    ShortMessages,
    /// `-trace_logs`
    Logs,
    /// `-trace_calldebug`
    CallDebug,
    /// `-trace_err`
    Errors,
    /// `-trace_screen`
    Screen,
    /// `-trace_stat`
    Statistics,
    /// `-trace_rtt`
    ResponseTimes,
    /// `-trace_counts`
    Counts,
    /// `-trace_error_codes`
    ErrorCodes,
    /// What is left when files are as large as they may be (outputs.md §13).
    Oversized,
}

impl Kind {
    /// What it is called in names, and how they end.
    fn parts(self) -> (&'static str, &'static str) {
        match self {
            Kind::Messages => ("messages", "log"),
            Kind::ShortMessages => ("shortmessages", "log"),
            Kind::Logs => ("logs", "log"),
            Kind::CallDebug => ("calldebug", "log"),
            Kind::Errors => ("errors", "log"),
            Kind::Screen => ("screen", "log"),
            // Nothing between underscore and dot: scripts look for it.
            Kind::Statistics => ("", "csv"),
            Kind::ResponseTimes => ("rtt", "csv"),
            Kind::Counts => ("counts", "csv"),
            Kind::ErrorCodes => ("error_codes", "csv"),
            Kind::Oversized => ("traces_oversized", "log"),
        }
    }
}

/// The parts of an automatic name, `SCN_PID_kind.log`, relative to the current directory. With `-bg` the files opened at
/// start-up carry the parent's pid and the errors log the child's, so each process makes its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    scenario: OsString,
    pid: u32,
}

impl Names {
    /// For `-sf path`: the last component, less a final `.xml`.
    pub fn for_scenario_file(path: &Path, pid: u32) -> Names {
        let name = match path.extension() {
            Some(extension) if extension == "xml" => path.file_stem(),
            _ => path.file_name(),
        };
        Names { scenario: name.unwrap_or_default().to_os_string(), pid }
    }

    /// For `-sn name`.
    pub fn for_builtin(name: &str, pid: u32) -> Names {
        Names { scenario: name.into(), pid }
    }

    /// The automatic name of this log.
    pub fn automatic(&self, kind: Kind) -> PathBuf {
        let (what, ending) = kind.parts();
        self.with(&format!("{what}.{ending}"))
    }

    /// The name of a log that has made room for the next one. `opened`: epoch second in which it was; `again`: how many of that
    /// second there were before.
    pub(super) fn rotated(&self, kind: Kind, opened: i64, again: u32) -> PathBuf {
        let (what, ending) = kind.parts();
        match again {
            0 => self.with(&format!("{what}_{opened}.{ending}")),
            again => self.with(&format!("{what}_{opened}.{again}.{ending}")),
        }
    }

    fn with(&self, rest: &str) -> PathBuf {
        let mut name = self.scenario.clone();
        name.push(format!("_{}_{rest}", self.pid));
        name.into()
    }
}

/// Where a log goes and how it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Relative to the current directory, unless the user said otherwise.
    pub path: PathBuf,
    /// Keep what is there (`-xxx_overwrite false`).
    pub append: bool,
}

impl LogFile {
    /// From `-xxx_file` and `-xxx_overwrite`. The latter alone keeps the automatic name (a Bug of SIPp, outputs.md §2).
    pub fn resolve(names: &Names, kind: Kind, given: Option<&Path>, overwrite: Option<bool>) -> LogFile {
        LogFile {
            path: given.map_or_else(|| names.automatic(kind), Path::to_path_buf),
            append: overwrite == Some(false),
        }
    }

    /// Opens it, creating it when it does not exist.
    pub(super) fn open(&self) -> io::Result<OpenLog> {
        let file = if self.append {
            OpenOptions::new().append(true).create(true).open(&self.path)?
        } else {
            File::create(&self.path)?
        };
        Ok(OpenLog { path: self.path.clone(), writer: BufWriter::with_capacity(BUFFER_BYTES, file) })
    }
}

/// Room for a few dozen SIP messages: a burst becomes few system calls.
const BUFFER_BYTES: usize = 64 * 1024;

/// A log open for writing.
#[derive(Debug)]
pub(super) struct OpenLog {
    path: PathBuf,
    writer: BufWriter<File>,
}

impl OpenLog {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), TraceFailure> {
        self.writer.write_all(bytes).map_err(|error| self.failure(&error))
    }

    /// Gives up what is not written yet, so that nothing tries to write it again.
    pub(super) fn abandon(self) {
        let (_file, _rest) = self.writer.into_parts();
    }

    pub(super) fn flush(&mut self) -> Result<(), TraceFailure> {
        // Without this test every flush would be asked of every file.
        if self.writer.buffer().is_empty() {
            return Ok(());
        }
        self.writer.flush().map_err(|error| self.failure(&error))
    }

    fn failure(&self, error: &io::Error) -> TraceFailure {
        if error.kind() == io::ErrorKind::FileTooLarge {
            return TraceFailure::TooLarge(self.path.clone());
        }
        TraceFailure::Write { path: self.path.clone(), reason: reason(error) }
    }
}

/// Why a trace is not complete.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceFailure {
    /// A file of the start-up (outputs.md §2: exit 1, no final report).
    #[error("Unable to create '{}'", .0.display())]
    Create(PathBuf),
    /// The statistics file, before the first call (outputs.md §2: exit 255, no final report).
    #[error("Unable to open stat file '{}' !", .0.display())]
    OpenStatistics(PathBuf),
    /// The response times, at their first dump (outputs.md §2: exit 255).
    #[error("Unable to open rtt file '{}' !", .0.display())]
    OpenResponseTimes(PathBuf),
    /// A full log could not make room for the next one.
    #[error("Unable to rename '{}': {reason}.", path.display())]
    Rotate {
        /// Its name.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The errors log, at its first event (outputs.md §2: final report, exit 255).
    #[error("Unable to create '{}': {reason}.", path.display())]
    CreateErrors {
        /// Its name.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A full disk and the like. Nothing more is written to that file.
    #[error("Unable to write to '{}': {reason}.", path.display())]
    Write {
        /// Its name.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The system's limit of file sizes is reached (`ulimit -f`, outputs.md §13): the run goes on without its large files.
    #[error("'{}' is as large as a file may be.", .0.display())]
    TooLarge(PathBuf),
    /// No thread could be started to write the traces.
    #[error("Unable to start the trace writer: {0}.")]
    NoThread(String),
    /// The thread died: our bug.
    #[error("The trace writer ended before the run did.")]
    Lost,
}

/// What `strerror` says, without the number that Rust adds.
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match error.raw_os_error() {
        Some(code) => text.trim_end_matches(&format!(" (os error {code})")).to_string(),
        None => text,
    }
}

/// outputs.md §2.1: a text ends at its first NUL byte.
pub(super) fn up_to_nul(text: &[u8]) -> &[u8] {
    match memchr::memchr(0, text) {
        Some(end) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn automatic_for(path: &str) -> String {
        let names = Names::for_scenario_file(Path::new(path), 42);
        names.automatic(Kind::Messages).display().to_string()
    }

    /// outputs.md §2: last component, exactly one final `.xml` removed, current directory.
    #[test]
    fn the_name_starts_with_the_scenario_file_less_its_last_xml() {
        assert_eq!(automatic_for("/some/where/my.client.xml"), "my.client_42_messages.log");
        assert_eq!(automatic_for("a.xml.bak"), "a.xml.bak_42_messages.log");
        assert_eq!(automatic_for("dir/a.txt"), "a.txt_42_messages.log");
        assert_eq!(automatic_for("a.XML"), "a.XML_42_messages.log");
    }

    /// outputs.md §2, table of names.
    #[test]
    fn each_kind_has_its_suffix() {
        let names = Names::for_builtin("uac", 7);
        assert_eq!(names.automatic(Kind::Logs), Path::new("uac_7_logs.log"));
        assert_eq!(names.automatic(Kind::Errors), Path::new("uac_7_errors.log"));
        for (kind, name) in [
            (Kind::ShortMessages, "uac_7_shortmessages.log"),
            (Kind::CallDebug, "uac_7_calldebug.log"),
            (Kind::Screen, "uac_7_screen.log"),
            (Kind::Statistics, "uac_7_.csv"),
            (Kind::ResponseTimes, "uac_7_rtt.csv"),
            (Kind::Counts, "uac_7_counts.csv"),
            (Kind::ErrorCodes, "uac_7_error_codes.csv"),
        ] {
            assert_eq!(names.automatic(kind), Path::new(name));
        }
    }

    /// outputs.md §2: `-xxx_file` is taken as it is; `-xxx_overwrite` alone keeps the automatic name.
    #[test]
    fn overwrite_without_a_file_keeps_the_automatic_name() {
        let names = Names::for_builtin("uas", 7);
        let alone = LogFile::resolve(&names, Kind::Errors, None, Some(false));
        assert_eq!(alone, LogFile { path: "uas_7_errors.log".into(), append: true });
        let alone = LogFile::resolve(&names, Kind::Errors, None, Some(true));
        assert_eq!(alone, LogFile { path: "uas_7_errors.log".into(), append: false });
        let named = LogFile::resolve(&names, Kind::Errors, Some(Path::new("d/e")), None);
        assert_eq!(named, LogFile { path: "d/e".into(), append: false });
    }

    /// outputs.md §2: true truncates at open, false appends.
    #[test]
    fn append_keeps_what_is_there_and_overwrite_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        for (append, expected) in [(false, "one"), (true, "oneone"), (false, "one")] {
            let mut log = LogFile { path: path.clone(), append }.open().unwrap();
            log.write(b"one").unwrap();
            log.flush().unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        }
    }

    /// outputs.md §2: the sentences.
    #[test]
    fn failures_say_what_sipp_says() {
        let at_start = TraceFailure::Create("no/x.log".into());
        assert_eq!(at_start.to_string(), "Unable to create 'no/x.log'");
        let missing = LogFile { path: "no/such/folder/x.log".into(), append: false }.open().unwrap_err();
        let later = TraceFailure::CreateErrors { path: "no/x.log".into(), reason: reason(&missing) };
        assert_eq!(later.to_string(), "Unable to create 'no/x.log': No such file or directory.");
    }
}
