//! What can be wrong with injection files, in SIPp's sentences.
//! Spec: actions.md §3.16 and §4. Must not decide when an error ends the process: the caller knows whether it is loading
//! (exit 1) or running (exit 255).

use std::path::{Path, PathBuf};

/// A mistake in an injection file, in its options or in its use. Fatal wherever it turns up.
#[derive(Debug, thiserror::Error)]
pub enum InjectError {
    /// Load: the file cannot be read (actions.md §4.1).
    #[error("Unable to open file {}", path.display())]
    Unreadable {
        /// As given on the command line.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// Load: the mode line names no order (actions.md §4.2).
    #[error("Unknown file type (valid values are RANDOM, SEQUENTIAL, and USER) for {0}")]
    UnknownFileType(ModeLine),
    /// Load: the first `PRINTF` of the mode line is not `PRINTF=` (actions.md §4.3).
    #[error("Invalid file printf specification (requires =) for {0}")]
    PrintfWithoutNumber(ModeLine),
    /// Load: `PRINTFOFFSET` without `=`.
    #[error("Invalid file PRINTFOFFSET specification (requires =) for {0}")]
    OffsetWithoutNumber(ModeLine),
    /// Load: `PRINTFMULTIPLE` without `=`.
    #[error("Invalid PRINTFMULTIPLE specification (requires =) for {0}")]
    MultipleWithoutNumber(ModeLine),
    /// Load: `PRINTF=` with something behind the number.
    #[error("Invalid file printf specification for (invalid end character '{end}') {line}")]
    PrintfNumber {
        /// The character that is in the way.
        end: char,
        /// Where.
        line: ModeLine,
    },
    /// Load: `PRINTFOFFSET=` or `PRINTFMULTIPLE=` with something behind the number.
    #[error("Invalid PRINTFOFFSET specification for (invalid end character '{end}') {line}")]
    OffsetNumber {
        /// The character that is in the way.
        end: char,
        /// Where.
        line: ModeLine,
    },
    /// Load: `PRINTF=` with zero, a negative number or none.
    #[error("A printf file must have at least one virtual line {0}")]
    NoVirtualLine(ModeLine),
    /// Load: nothing but the mode line and comments.
    #[error("Input file has zero lines: {}", .0.display())]
    NoLines(PathBuf),
    /// Load: more than this program can number.
    #[error("Input file has more than {} lines: {}", u32::MAX, .0.display())]
    TooManyLines(PathBuf),
    /// Load: more files than this program can number.
    #[error("More than {} injection files: {}", u16::MAX, .0.display())]
    TooManyFiles(PathBuf),
    /// Load: `-infindex` names no loaded file (actions.md §4.1).
    #[error("Could not find file for -infindex: {0}")]
    IndexOfUnknownFile(String),
    /// Load: the second value of `-infindex` is no number.
    #[error("Invalid field specification for -infindex: {0}")]
    IndexField(String),
    /// Run: a conversion other than `%d` in a field of a PRINTF file (actions.md §4.3).
    #[error("Invalid printf injection field (only decimal values allowed '{conversion}'): {field}")]
    PrintfConversion {
        /// The character in place of `d`.
        conversion: char,
        /// The field's text in the file.
        field: String,
    },
    /// Run: a `%` in a field of a PRINTF file that no conversion follows.
    #[error("Invalid printf injection field (ran off end of line): {0}")]
    PrintfRanOff(String),
    /// Run: a user without a line in a USER file (actions.md §4.4).
    #[error("{} has only {lines} lines, yet user {user} was requested.", path.display())]
    NoLineForUser {
        /// As given on the command line.
        path: PathBuf,
        /// How many lines it has.
        lines: u32,
        /// The user id, from 1.
        user: u32,
    },
    /// Run: an action names a file that is not loaded (actions.md §3.16; `lookup` says "insert" too).
    #[error("Invalid injection file for insert: {0}")]
    UnknownFile(String),
    /// Run: `replace` names a file that is not loaded (actions.md §3.18).
    #[error("Invalid injection file for replace: {0}")]
    UnknownFileForReplace(String),
    /// Run: `insert` or `replace` in a PRINTF file (actions.md §3.17).
    #[error("Can not insert or replace into a printf file: {0}")]
    PrintfFile(String),
    /// Run: the line of `replace` is no number (actions.md §3.18).
    #[error("Invalid line number for replace: {0}")]
    BadLineNumber(String),
    /// Run: `replace` of a line that is not there (actions.md §3.18).
    #[error("Invalid line number ({number}) for file: {file} ({lines} lines)")]
    NoSuchLine {
        /// As asked for, truncated.
        number: i64,
        /// As given on the command line.
        file: String,
        /// How many lines the file has.
        lines: u32,
    },
    /// Run: `lookup` in a file without `-infindex` (actions.md §3.16).
    #[error("Invalid Index File: {0}")]
    NotIndexed(String),
}

/// A mode line and its file, as SIPp shows them: `<path>:<line>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeLine {
    path: PathBuf,
    line: String,
}

impl ModeLine {
    pub(super) fn new(path: &Path, line: &[u8]) -> ModeLine {
        ModeLine { path: path.to_owned(), line: String::from_utf8_lossy(line).into_owned() }
    }
}

impl std::fmt::Display for ModeLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// Something that a user should hear of, though nothing stops.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InjectWarning {
    /// A line has fewer fields than asked for (actions.md §4.5). The text is empty.
    #[error("Field {field} not found in the file {}", path.display())]
    NoSuchField {
        /// Counted from 0.
        field: u32,
        /// As given on the command line.
        path: PathBuf,
    },
    /// Lines that lack the field of `-infindex` (actions.md §4.1). One for the file, where SIPp says it once a line.
    #[error("Field {field} not found in the file {} ({lines} of its lines, -infindex puts them under the empty key)", path.display())]
    KeyMissing {
        /// As given, so possibly negative.
        field: i32,
        /// As given on the command line.
        path: PathBuf,
        /// How many lines lack it.
        lines: u32,
    },
    /// An empty line ended the file before its end (actions.md §4.2).
    #[error("Everything after the empty line {line} of {} is ignored", path.display())]
    EndsAtEmptyLine {
        /// In the file, counted from 1.
        line: usize,
        /// As given on the command line.
        path: PathBuf,
    },
}
