//! The way from workers to trace files: a cheap handle, a channel, and one thread that writes.
//! Spec: outputs.md §2, §7, §9, §10, §16.2. In: borrowed bytes, copied only when the trace is on. Out: files, the last
//! warning. Nothing is dropped: the queue is unbounded. Must not make a worker wait for a disk.

use std::mem;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::errors::{self, ErrorsLog, Warnings};
use super::log_file::{LogFile, OpenLog, TraceFailure, reason};
use super::logs;
use super::stamp::{self, StampStyle};
use super::trace::{self, Note, Passage};
use crate::clock::{Tick, WallClock};

/// How ticks become stamps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    /// Fixed at start-up.
    pub clock: WallClock,
    /// `-rfc3339`
    pub style: StampStyle,
}

impl Moments {
    /// `STAMPr` (outputs.md §1.1).
    pub fn stamp(&self, at: Tick) -> String {
        self.style.text(self.clock.epoch_micros(at), self.clock.utc_offset_seconds)
    }

    /// `RFC` (outputs.md §1.1).
    pub fn rfc3339(&self, at: Tick) -> String {
        stamp::rfc3339(self.clock.epoch_micros(at), self.clock.utc_offset_seconds)
    }
}

/// The trace files of the start-up, open. Made before `-bg` forks; threads come after it.
#[derive(Debug, Default)]
pub struct OpenTraces {
    messages: Option<OpenLog>,
    logs: Option<OpenLog>,
}

impl OpenTraces {
    /// Creates the files of `-trace_logs` and `-trace_msg`, in SIPp's order (outputs.md §2).
    pub fn create(logs: Option<&LogFile>, messages: Option<&LogFile>) -> Result<OpenTraces, TraceFailure> {
        let open = |file: &LogFile| file.open().map_err(|_| TraceFailure::Create(file.path.clone()));
        let logs = logs.map(open).transpose()?;
        let messages = messages.map(open).transpose()?;
        Ok(OpenTraces { messages, logs })
    }

    /// Begins to record, with a thread only if there is a file to write. `errors`: the file of `-trace_err`, not created
    /// before the first event.
    pub fn start(
        self,
        errors: Option<LogFile>,
        moments: Moments,
    ) -> Result<(Writer, Recorder), TraceFailure> {
        let broken = Arc::new(AtomicBool::new(false));
        let memory = Arc::new(Mutex::new(Memory::default()));
        let mut recorder = Recorder {
            queue: None,
            messages: self.messages.is_some(),
            logs: self.logs.is_some(),
            errors: errors.is_some(),
            memory: Arc::clone(&memory),
            broken: Arc::clone(&broken),
        };
        let mut writer = Writer { thread: None, memory, moments };
        if recorder.messages || recorder.logs || recorder.errors {
            let files = Files {
                messages: self.messages,
                logs: self.logs,
                errors: errors.map_or(ErrorsLog::Off, ErrorsLog::Waiting),
                moments,
                failure: None,
                broken,
            };
            let (sender, receiver) = channel();
            let thread = Builder::new()
                .name(String::from("traces"))
                .spawn(move || files.write_all(&receiver))
                .map_err(|error| TraceFailure::NoThread(reason(&error)))?;
            recorder.queue = Some(sender.clone());
            writer.thread = Some((sender, thread));
        }
        Ok((writer, recorder))
    }
}

/// What a worker holds to record events. Cheap to clone; what is not traced costs one test.
#[derive(Clone, Debug)]
pub struct Recorder {
    queue: Option<Sender<Record>>,
    messages: bool,
    logs: bool,
    errors: bool,
    memory: Arc<Mutex<Memory>>,
    broken: Arc<AtomicBool>,
}

impl Recorder {
    /// A recorder that only remembers the last warning: no file, no thread.
    pub fn without_files() -> Recorder {
        Recorder {
            queue: None,
            messages: false,
            logs: false,
            errors: false,
            memory: Arc::default(),
            broken: Arc::default(),
        }
    }

    /// Whether `-trace_msg` is on.
    pub fn traces_messages(&self) -> bool {
        self.messages
    }

    /// Whether a trace file failed since the start; [`Finished::failure`] will say how.
    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// A message went out.
    pub fn sent(&self, at: Tick, transport: &'static str, message: &[u8]) {
        self.message(at, Passage::Sent, transport, message);
    }

    /// A message came in; called before it is processed.
    pub fn received(&self, at: Tick, transport: &'static str, message: &[u8]) {
        self.message(at, Passage::Received, transport, message);
    }

    /// The socket refused a message.
    pub fn send_failed(&self, at: Tick, transport: &'static str, message: &[u8]) {
        self.message(at, Passage::SendFailed, transport, message);
    }

    /// The message just received was not the one waited for.
    pub fn unexpected(&self, transport: &'static str, message: &[u8]) {
        if self.messages {
            self.push(Record::Note(Note::Unexpected { transport, message: message.to_vec() }));
        }
    }

    /// The message just received belongs to a call that is over.
    pub fn dead_call(&self, call_id: &[u8], transport: &'static str, message: &[u8]) {
        if self.messages {
            let (call_id, message) = (call_id.to_vec(), message.to_vec());
            self.push(Record::Note(Note::DeadCall { call_id, transport, message }));
        }
    }

    /// A quitting server opened no call for the message just received.
    pub fn discarded_while_quitting(&self) {
        if self.messages {
            self.push(Record::Note(Note::DiscardedWhileQuitting));
        }
    }

    /// A `<log>` action's expanded text.
    pub fn log(&self, text: &[u8]) {
        if self.logs {
            self.push(Record::Log(text.to_vec()));
        }
    }

    /// A warning or a fatal error. Remembered for the exit report in any case.
    pub fn warning(&self, at: Tick, text: &[u8]) {
        let text = errors::kept(text);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.count += 1;
        memory.at = at;
        memory.text.clear();
        memory.text.extend_from_slice(text);
        // Sent under the lock, so that the last record of the file and the last warning on stderr are the same.
        if self.errors {
            self.push(Record::Warning { at, text: text.to_vec() });
        }
    }

    fn message(&self, at: Tick, passage: Passage, transport: &'static str, message: &[u8]) {
        if self.messages {
            self.push(Record::Message { at, passage, transport, message: message.to_vec() });
        }
    }

    fn push(&self, record: Record) {
        if let Some(queue) = &self.queue {
            // Only a writer that has finished or died hangs up, and `finish` reports the latter.
            let _ = queue.send(record);
        }
    }
}

/// The last warning.
#[derive(Debug, Default)]
struct Memory {
    count: u64,
    at: Tick,
    text: Vec<u8>,
}

#[derive(Debug)]
enum Record {
    Message {
        at: Tick,
        passage: Passage,
        transport: &'static str,
        message: Vec<u8>,
    },
    Note(Note),
    Log(Vec<u8>),
    Warning {
        at: Tick,
        text: Vec<u8>,
    },
    /// Nothing follows: handles may live on, the thread need not.
    End,
}

/// Owns the writing thread. Dropped, it still writes what was recorded, but tells nobody how that went.
#[derive(Debug)]
pub struct Writer {
    thread: Option<(Sender<Record>, JoinHandle<Written>)>,
    memory: Arc<Mutex<Memory>>,
    moments: Moments,
}

/// How recording went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// For the exit report on stderr.
    pub warnings: Warnings,
    /// The first thing that went wrong with a file.
    pub failure: Option<TraceFailure>,
}

impl Writer {
    /// Writes all that was recorded until now, flushes, ends the thread. Call it after the workers have ended: what they
    /// record later is lost.
    pub fn finish(mut self) -> Finished {
        let written = self.end_thread();
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let text = mem::take(&mut memory.text);
        let last = (memory.count > 0).then(|| errors::stamped(memory.at, &text, self.moments));
        Finished {
            warnings: Warnings { count: memory.count, last, file: written.errors_file },
            failure: written.failure,
        }
    }

    fn end_thread(&mut self) -> Written {
        let Some((queue, thread)) = self.thread.take() else { return Written::default() };
        // A thread that is gone cannot be told to end; joining it says so.
        let _ = queue.send(Record::End);
        thread.join().unwrap_or(Written { errors_file: None, failure: Some(TraceFailure::Lost) })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end_thread();
    }
}

/// What the thread leaves behind.
#[derive(Debug, Default)]
struct Written {
    errors_file: Option<PathBuf>,
    failure: Option<TraceFailure>,
}

/// The thread's side: all files, and the first failure. A file that failed is closed and its records are skipped.
struct Files {
    messages: Option<OpenLog>,
    logs: Option<OpenLog>,
    errors: ErrorsLog,
    moments: Moments,
    failure: Option<TraceFailure>,
    broken: Arc<AtomicBool>,
}

impl Files {
    fn write_all(mut self, queue: &Receiver<Record>) -> Written {
        let mut scratch = Vec::new();
        while let Some(record) = self.next(queue) {
            scratch.clear();
            self.write(record, &mut scratch);
        }
        self.flush();
        Written { errors_file: self.errors.path().map(PathBuf::from), failure: self.failure }
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
        let written = match record {
            Record::Message { at, passage, transport, message } => {
                trace::append_message(at, passage, transport, &message, self.moments, scratch);
                write_or_close(&mut self.messages, |log| log.write(scratch))
            }
            Record::Note(note) => {
                trace::append_note(&note, scratch);
                write_or_close(&mut self.messages, |log| log.write(scratch))
            }
            Record::Log(text) => {
                logs::append_record(&text, scratch);
                write_or_close(&mut self.logs, |log| log.write(scratch))
            }
            Record::Warning { at, text } => self.errors.write(at, &text, self.moments),
            Record::End => Ok(()),
        };
        self.note(written);
    }

    fn flush(&mut self) {
        let flushed = [
            write_or_close(&mut self.messages, OpenLog::flush),
            write_or_close(&mut self.logs, OpenLog::flush),
            self.errors.flush(),
        ];
        for outcome in flushed {
            self.note(outcome);
        }
    }

    fn note(&mut self, outcome: Result<(), TraceFailure>) {
        if let Err(failure) = outcome {
            self.failure.get_or_insert(failure);
            self.broken.store(true, Ordering::Relaxed);
        }
    }
}

fn write_or_close(
    log: &mut Option<OpenLog>,
    step: impl FnOnce(&mut OpenLog) -> Result<(), TraceFailure>,
) -> Result<(), TraceFailure> {
    let outcome = log.as_mut().map_or(Ok(()), step);
    if outcome.is_err() {
        *log = None;
    }
    outcome
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
