//! How large a log may become: rotated when it is full, or closed for good.
//! Spec: outputs.md §12. In: records and the second they belong to. Out: files. A record is never split, and a full log is never lost
//! before `-ringbuffer_files` newer ones exist.

use std::collections::VecDeque;
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};

use super::log_file::{Kind, LogFile, Names, OpenLog, TraceFailure, reason};

/// `-ringbuffer_size`, `-ringbuffer_files`, `-max_log_size`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limit {
    /// None.
    #[default]
    Endless,
    /// More than so many bytes: the next one, and so many old ones are kept.
    Ring {
        /// `-ringbuffer_size`
        bytes: u64,
        /// `-ringbuffer_files`
        files: usize,
    },
    /// More than so many bytes in all: no more (`-max_log_size`).
    Total {
        /// The most.
        bytes: u64,
    },
}

/// Where old logs go, and where the next one is opened.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// Automatic names of the files of the start-up.
    pub at_start: Names,
    /// Those of files opened later: with `-bg` by another process, whose pid they carry.
    pub later: Names,
    /// When.
    pub limit: Limit,
}

/// A log with a limit.
#[derive(Debug)]
pub(super) struct LimitedLog {
    state: State,
    kind: Kind,
    rotation: Rotation,
    /// Bytes since the file was opened.
    written: u64,
    /// Epoch second in which that was.
    opened: i64,
    /// Old ones, the oldest first.
    old: VecDeque<PathBuf>,
    /// Second and number of the last one.
    last: Option<(i64, u32)>,
}

#[derive(Debug)]
enum State {
    Open(OpenLog),
    /// Full for good, or given up.
    Closed,
}

impl LimitedLog {
    /// Takes over a log opened in the epoch second `opened`.
    pub(super) fn new(log: OpenLog, kind: Kind, rotation: Rotation, opened: i64) -> LimitedLog {
        let (state, old) = (State::Open(log), VecDeque::new());
        LimitedLog { state, kind, rotation, written: 0, opened, old, last: None }
    }

    /// Writes a record of the epoch second `now`, then makes room if the log is full.
    pub(super) fn write(&mut self, record: &[u8], now: i64) -> Result<(), TraceFailure> {
        let State::Open(log) = &mut self.state else { return Ok(()) };
        let written = log.write(record);
        self.written += record.len() as u64;
        let room = written.and_then(|()| self.make_room(now));
        self.closed_after(room)
    }

    pub(super) fn flush(&mut self) -> Result<(), TraceFailure> {
        let State::Open(log) = &mut self.state else { return Ok(()) };
        let flushed = log.flush();
        self.closed_after(flushed)
    }

    /// Writes what waits, and nothing more until it is resumed.
    pub(super) fn pause(&mut self) -> Result<(), TraceFailure> {
        match mem::replace(&mut self.state, State::Closed) {
            State::Open(mut log) => log.flush(),
            State::Closed => Ok(()),
        }
    }

    /// Goes on at the end of its file, which was opened again.
    pub(super) fn resume(&mut self, log: OpenLog) {
        self.state = State::Open(log);
    }

    /// Writes nothing any more.
    pub(super) fn close(&mut self) {
        if let State::Open(log) = mem::replace(&mut self.state, State::Closed) {
            log.abandon();
        }
    }

    fn closed_after(&mut self, outcome: Result<(), TraceFailure>) -> Result<(), TraceFailure> {
        if outcome.is_err() {
            self.close();
        }
        outcome
    }

    fn make_room(&mut self, now: i64) -> Result<(), TraceFailure> {
        match self.rotation.limit {
            Limit::Ring { bytes, files } if self.written > bytes => self.rotate(files, now),
            Limit::Total { bytes } if self.written > bytes => {
                let full = mem::replace(&mut self.state, State::Closed);
                if let State::Open(mut log) = full { log.flush() } else { Ok(()) }
            }
            Limit::Endless | Limit::Ring { .. } | Limit::Total { .. } => Ok(()),
        }
    }

    /// Closes the log under an old one's name and opens the next.
    fn rotate(&mut self, files: usize, now: i64) -> Result<(), TraceFailure> {
        let State::Open(mut full) = mem::replace(&mut self.state, State::Closed) else { return Ok(()) };
        full.flush()?;
        let path = full.path().to_path_buf();
        drop(full);
        if files > 0 {
            self.retire(&path, files)?;
        }
        let next = LogFile { path: self.next_path(path), append: false };
        let log = next.open().map_err(|_| TraceFailure::Create(next.path.clone()))?;
        self.state = State::Open(log);
        self.written = 0;
        self.opened = now;
        Ok(())
    }

    fn retire(&mut self, path: &Path, files: usize) -> Result<(), TraceFailure> {
        while self.old.len() >= files
            && let Some(oldest) = self.old.pop_front()
        {
            // Whoever has removed it already has made the room.
            let _ = fs::remove_file(oldest);
        }
        let again = match self.last {
            Some((second, number)) if second == self.opened => number + 1,
            _ => 0,
        };
        self.last = Some((self.opened, again));
        let name = self.rotation.later.rotated(self.kind, self.opened, again);
        // A given name may be on another file system, where only a copy leads to the current directory.
        fs::rename(path, &name)
            .or_else(|_| fs::copy(path, &name).map(drop))
            .map_err(|error| TraceFailure::Rotate { path: path.to_path_buf(), reason: reason(&error) })?;
        self.old.push_back(name);
        Ok(())
    }

    /// An automatic name becomes that of this process; a given one stays.
    fn next_path(&self, path: PathBuf) -> PathBuf {
        let is_automatic = path == self.rotation.at_start.automatic(self.kind);
        if is_automatic { self.rotation.later.automatic(self.kind) } else { path }
    }
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
