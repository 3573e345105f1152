//! The writing thread: takes records off the queue, one after the other, and puts each in its file.
//! Spec: outputs.md §2 (flushing), §2.1, §12. In: records. Out: files, and the first thing that went wrong with one. A file that failed is
//! closed and its records are skipped; the others go on.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};

use super::errors::ErrorsLog;
use super::log_file::{LogFile, OpenLog, TraceFailure};
use super::recorder::{Moments, State, Traced};
use super::ring::{LimitedLog, Rotation};
use super::stat_csv::Figures;
use super::statistics::Statistics;
use super::trace::{self, Note, Passage};
use super::{call_debug, logs, short_messages};
use crate::clock::{Span, Tick};
use crate::engine::history::Event;

/// Something to write.
#[derive(Debug)]
pub(super) enum Record {
    Message {
        at: Tick,
        passage: Passage,
        transport: &'static str,
        message: Vec<u8>,
    },
    Note(Note),
    Log {
        at: Tick,
        text: Vec<u8>,
    },
    Warning {
        at: Tick,
        text: Vec<u8>,
    },
    CallDebug {
        at: Tick,
        id: Vec<u8>,
        history: Vec<Event>,
    },
    ResponseTime {
        at: Tick,
        took: Span,
        rtd: usize,
    },
    DumpResponseTimes,
    UnexpectedCode(u16),
    Row(Box<Figures>),
    /// `trace messages on` and its like.
    Open(Tick, Traced, OpenLog),
    /// `trace error on`: created at the next event.
    OpenErrors(LogFile),
    /// `trace X off`. What comes later is not written.
    Close(Traced),
    /// Nothing follows: handles may live on, the thread need not.
    End,
}

/// What the thread leaves behind.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub errors_file: Option<PathBuf>,
    pub failure: Option<TraceFailure>,
}

/// All files, and the first failure.
#[derive(Debug)]
pub(super) struct Files {
    pub messages: Option<LimitedLog>,
    pub short_messages: Option<LimitedLog>,
    pub logs: Option<LimitedLog>,
    pub call_debug: Option<LimitedLog>,
    pub errors: ErrorsLog,
    /// One that was open, for those who look for more than the last warning.
    pub known_errors_file: Option<PathBuf>,
    pub statistics: Statistics,
    pub moments: Moments,
    /// The latest moment of a record: notes have none of their own.
    pub last: Tick,
    /// Where it is noted that files are as large as they may be, until it is.
    pub oversized: Option<LogFile>,
    /// For logs that are opened later.
    pub rotation: Rotation,
    pub failure: Option<TraceFailure>,
    pub state: Arc<State>,
}

impl Files {
    /// Writes until the end of all records.
    pub(super) fn write_all(mut self, queue: &Receiver<Record>) -> Written {
        let mut scratch = Vec::new();
        while let Some(record) = self.next(queue) {
            self.write(record, &mut scratch);
        }
        let dumped = self.statistics.dump_response_times();
        self.note(dumped);
        self.flush();
        let errors_file = self.errors.path().map(PathBuf::from).or(self.known_errors_file);
        Written { errors_file, failure: self.failure }
    }

    /// The next record; when none is waiting, what was written becomes visible first (outputs.md §2: `tail -f`).
    fn next(&mut self, queue: &Receiver<Record>) -> Option<Record> {
        let record = match queue.try_recv() {
            Err(TryRecvError::Empty) => {
                self.flush();
                queue.recv().ok()?
            }
            Err(TryRecvError::Disconnected) => return None,
            Ok(record) => record,
        };
        (!matches!(record, Record::End)).then_some(record)
    }

    fn write(&mut self, record: Record, scratch: &mut Vec<u8>) {
        let moments = self.moments;
        let written = match record {
            Record::Message { at, passage, transport, message } => {
                self.last = at;
                let full = append(&mut self.messages, moments.epoch_second(at), scratch, |out| {
                    trace::append_message(at, passage, transport, &message, moments, out);
                });
                let short = append(&mut self.short_messages, moments.epoch_second(at), scratch, |out| {
                    short_messages::append(at, passage, &message, moments, out);
                });
                full.and(short)
            }
            Record::Note(note) => {
                let now = moments.epoch_second(self.last);
                append(&mut self.messages, now, scratch, |out| trace::append_note(&note, out))
            }
            Record::Log { at, text } => {
                let now = moments.epoch_second(at);
                append(&mut self.logs, now, scratch, |out| logs::append_record(&text, out))
            }
            Record::CallDebug { at, id, history } => {
                let now = moments.epoch_second(at);
                append(&mut self.call_debug, now, scratch, |out| {
                    call_debug::append(&id, &history, moments, out);
                })
            }
            Record::Warning { at, text } => self.errors.write(at, &text, moments),
            Record::ResponseTime { at, took, rtd } => self.statistics.response_time(at, took, rtd),
            Record::DumpResponseTimes => self.statistics.dump_response_times(),
            Record::UnexpectedCode(code) => {
                self.statistics.unexpected_code(code);
                Ok(())
            }
            Record::Row(figures) => self.statistics.row(*figures, moments),
            Record::Open(at, traced, log) => {
                self.open(at, traced, log);
                Ok(())
            }
            Record::OpenErrors(file) => {
                self.errors = ErrorsLog::Waiting(file, self.rotation.clone());
                Ok(())
            }
            Record::Close(traced) => self.close(traced),
            Record::End => Ok(()),
        };
        self.note(written);
    }

    fn flush(&mut self) {
        let logs = [&mut self.messages, &mut self.short_messages, &mut self.logs, &mut self.call_debug];
        let flushed = logs.map(|log| log.as_mut().map_or(Ok(()), LimitedLog::flush));
        let others = [self.errors.flush(), self.statistics.flush()];
        for outcome in flushed.into_iter().chain(others) {
            self.note(outcome);
        }
    }

    fn note(&mut self, outcome: Result<(), TraceFailure>) {
        let outcome = match outcome {
            Err(TraceFailure::TooLarge(_)) => self.close_large(),
            other => other,
        };
        if let Err(failure) = outcome {
            self.failure.get_or_insert(failure);
            self.state.note_failure();
        }
    }
}

/// What commands ask for while the run goes on.
impl Files {
    fn place(&mut self, traced: Traced) -> Option<&mut Option<LimitedLog>> {
        match traced {
            Traced::Messages => Some(&mut self.messages),
            Traced::ShortMessages => Some(&mut self.short_messages),
            Traced::Logs => Some(&mut self.logs),
            Traced::Errors => None,
        }
    }

    /// A log that was open before keeps what it knows of its size and of old ones.
    fn open(&mut self, at: Tick, traced: Traced, log: OpenLog) {
        let (rotation, now) = (self.rotation.clone(), self.moments.epoch_second(at));
        match self.place(traced) {
            Some(Some(known)) => known.resume(log),
            Some(place) => *place = Some(LimitedLog::new(log, traced.kind(), rotation, now)),
            None => {}
        }
    }

    fn close(&mut self, traced: Traced) -> Result<(), TraceFailure> {
        match self.place(traced) {
            Some(place) => place.as_mut().map_or(Ok(()), LimitedLog::pause),
            None => {
                let flushed = self.errors.flush();
                self.known_errors_file =
                    self.errors.path().map(PathBuf::from).or(self.known_errors_file.take());
                self.errors = ErrorsLog::Off;
                flushed
            }
        }
    }
}

impl Files {
    /// Files are as large as the system lets them be: that is written down, once, and the run goes on (outputs.md §13).
    fn close_large(&mut self) -> Result<(), TraceFailure> {
        for log in [&mut self.messages, &mut self.short_messages, &mut self.logs, &mut self.call_debug]
            .into_iter()
            .flatten()
        {
            log.close();
        }
        self.errors.close();
        self.statistics.close_large();
        let Some(file) = self.oversized.take() else { return Ok(()) };
        let note = format!(
            "{} {}\nMax file size reached - no more logs\n",
            "-".repeat(44),
            self.moments.stamp(self.last)
        );
        let mut log = file.open().map_err(|_| TraceFailure::Create(file.path.clone()))?;
        log.write(note.as_bytes())?;
        log.flush()
    }
}

/// Writes a record made by `make`, if the log is wanted. `now`: its epoch second.
fn append(
    log: &mut Option<LimitedLog>,
    now: i64,
    scratch: &mut Vec<u8>,
    make: impl FnOnce(&mut Vec<u8>),
) -> Result<(), TraceFailure> {
    let Some(log) = log else { return Ok(()) };
    scratch.clear();
    make(scratch);
    log.write(scratch, now)
}
