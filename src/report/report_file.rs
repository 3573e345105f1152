//! Report files: created before the first packet, so that nobody waits for hours to learn that there is no such folder, and written
//! at the end, whatever ends the run. A file that is empty means that the run did not end.
//! Spec: none of SIPp's (README, "Reports"). In: [`Results`]. Out: files. Must not decide exit codes.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::log_file::{TraceFailure, reason};
use super::results::Results;
use super::{html, junit};

/// How results are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `-json`
    Json,
    /// `-junit`
    Junit,
    /// `-html`
    Html,
}

impl Format {
    fn text(self, results: &Results) -> Result<String, String> {
        match self {
            Format::Json => {
                let text = serde_json::to_string_pretty(results).map_err(|error| error.to_string())?;
                Ok(text + "\n")
            }
            Format::Html => Ok(html::page(results)),
            Format::Junit => junit::text(results).map_err(|error| error.to_string()),
        }
    }
}

/// An empty file that waits for its results.
#[derive(Debug)]
pub struct ReportFile {
    format: Format,
    path: PathBuf,
    file: File,
}

impl ReportFile {
    /// Creates it, or empties it.
    ///
    /// # Errors
    /// It can not be created.
    pub fn create(format: Format, path: &Path) -> Result<ReportFile, TraceFailure> {
        let file = File::create(path).map_err(|_| TraceFailure::Create(path.to_owned()))?;
        Ok(ReportFile { format, path: path.to_owned(), file })
    }

    /// Writes all there is to say.
    ///
    /// # Errors
    /// A full disk and the like.
    pub fn write(mut self, results: &Results) -> Result<(), TraceFailure> {
        let path = self.path;
        let text = match self.format.text(results) {
            Ok(text) => text,
            Err(reason) => return Err(TraceFailure::Write { path, reason }),
        };
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| TraceFailure::Write { path, reason: reason(&error) })
    }
}
