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
use super::log_file::{Kind, LogFile, OpenLog, TraceFailure, reason};
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
        let (sender, receiver) = channel();
        let state = Arc::new(State {
            messages: self.messages.is_some().into(),
            logs: self.logs.is_some().into(),
            errors: errors.is_some().into(),
            ..State::default()
        });
        let recorder = Recorder { queue: Some(sender.clone()), state: Arc::clone(&state) };
        let files = Files {
            messages: self.messages,
            logs: self.logs,
            errors: errors.map_or(ErrorsLog::Off, ErrorsLog::Waiting),
            known_errors_file: None,
            moments,
            failure: None,
            state: Arc::clone(&state),
        };
        let known = [Kind::Messages, Kind::Logs, Kind::Errors]
            .into_iter()
            .filter(|kind| state.is_on(*kind))
            .collect();
        let thread = Thread::NotNeeded(Box::new((files, receiver)));
        let mut writer = Writer { thread, queue: sender, state, moments, known };
        if !writer.known.is_empty() {
            writer.start_thread()?;
        }
        Ok((writer, recorder))
    }
}

/// What a worker holds to record events. Cheap to clone; what is not traced costs one test.
#[derive(Clone, Debug)]
pub struct Recorder {
    queue: Option<Sender<Record>>,
    state: Arc<State>,
}

/// What recorders and writer share: which traces are on (the command `trace` changes it), and what the end must know.
#[derive(Debug, Default)]
struct State {
    messages: AtomicBool,
    logs: AtomicBool,
    errors: AtomicBool,
    memory: Mutex<Memory>,
    broken: AtomicBool,
}

impl State {
    fn switch_of(&self, kind: Kind) -> &AtomicBool {
        match kind {
            Kind::Messages => &self.messages,
            Kind::Logs => &self.logs,
            Kind::Errors => &self.errors,
        }
    }

    fn is_on(&self, kind: Kind) -> bool {
        self.switch_of(kind).load(Ordering::Relaxed)
    }
}

impl Recorder {
    /// A recorder that only remembers the last warning: no file, no thread.
    pub fn without_files() -> Recorder {
        Recorder { queue: None, state: Arc::default() }
    }

    /// Whether messages are traced at this moment.
    pub fn traces_messages(&self) -> bool {
        self.state.is_on(Kind::Messages)
    }

    /// Whether a trace file failed since the start; [`Finished::failure`] will say how.
    pub fn is_broken(&self) -> bool {
        self.state.broken.load(Ordering::Relaxed)
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
        if self.traces_messages() {
            self.push(Record::Note(Note::Unexpected { transport, message: message.to_vec() }));
        }
    }

    /// The message just received belongs to a call that is over.
    pub fn dead_call(&self, call_id: &[u8], transport: &'static str, message: &[u8]) {
        if self.traces_messages() {
            let (call_id, message) = (call_id.to_vec(), message.to_vec());
            self.push(Record::Note(Note::DeadCall { call_id, transport, message }));
        }
    }

    /// A quitting server opened no call for the message just received.
    pub fn discarded_while_quitting(&self) {
        if self.traces_messages() {
            self.push(Record::Note(Note::DiscardedWhileQuitting));
        }
    }

    /// A `<log>` action's expanded text.
    pub fn log(&self, text: &[u8]) {
        if self.state.is_on(Kind::Logs) {
            self.push(Record::Log(text.to_vec()));
        }
    }

    /// A warning or a fatal error. Remembered for the exit report in any case.
    pub fn warning(&self, at: Tick, text: &[u8]) {
        let text = errors::kept(text);
        let mut memory = self.state.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.count += 1;
        memory.at = at;
        memory.text.clear();
        memory.text.extend_from_slice(text);
        // Sent under the lock, so that the last record of the file and the last warning on stderr are the same.
        if self.state.is_on(Kind::Errors) {
            self.push(Record::Warning { at, text: text.to_vec() });
        }
    }

    fn message(&self, at: Tick, passage: Passage, transport: &'static str, message: &[u8]) {
        if self.traces_messages() {
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
    /// `trace messages on`, `trace logs on`.
    Open(Kind, OpenLog),
    /// `trace error on`: created at the next event.
    OpenErrors(LogFile),
    /// `trace X off`. What comes later is not written.
    Close(Kind),
    /// Nothing follows: handles may live on, the thread need not.
    End,
}

/// Owns the writing thread. Dropped, it still writes what was recorded, but tells nobody how that went.
#[derive(Debug)]
pub struct Writer {
    thread: Thread,
    queue: Sender<Record>,
    state: Arc<State>,
    moments: Moments,
    /// Opened before: goes on at its end when it is opened again.
    known: Vec<Kind>,
}

/// The writing thread, which a run without traces never has.
#[derive(Debug)]
enum Thread {
    NotNeeded(Box<(Files, Receiver<Record>)>),
    Runs(JoinHandle<Written>),
    Over,
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
        let mut memory = self.state.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let text = mem::take(&mut memory.text);
        let last = (memory.count > 0).then(|| errors::stamped(memory.at, &text, self.moments));
        Finished {
            warnings: Warnings { count: memory.count, last, file: written.errors_file },
            failure: written.failure,
        }
    }

    /// Begins a trace now, in `file` (the command `trace X on`), at its end if it was open before. Does nothing when it is on.
    ///
    /// # Errors
    /// The file cannot be created, or no thread be had: the trace stays off, the run is not broken.
    pub fn open(&mut self, kind: Kind, mut file: LogFile) -> Result<(), TraceFailure> {
        if self.state.is_on(kind) {
            return Ok(());
        }
        file.append |= self.known.contains(&kind);
        let record = match kind {
            Kind::Errors => Record::OpenErrors(file),
            Kind::Messages | Kind::Logs => {
                let log = file.open().map_err(|_| TraceFailure::Create(file.path.clone()))?;
                Record::Open(kind, log)
            }
        };
        self.start_thread()?;
        let _ = self.queue.send(record);
        self.state.switch_of(kind).store(true, Ordering::Relaxed);
        self.known.push(kind);
        Ok(())
    }

    /// Ends a trace now: what was recorded until now is still written (the command `trace X off`).
    pub fn close(&mut self, kind: Kind) {
        if self.state.switch_of(kind).swap(false, Ordering::Relaxed) {
            let _ = self.queue.send(Record::Close(kind));
        }
    }

    fn start_thread(&mut self) -> Result<(), TraceFailure> {
        match mem::replace(&mut self.thread, Thread::Over) {
            Thread::NotNeeded(idle) => {
                let (files, receiver) = *idle;
                let thread = Builder::new()
                    .name(String::from("traces"))
                    .spawn(move || files.write_all(&receiver))
                    .map_err(|error| TraceFailure::NoThread(reason(&error)))?;
                self.thread = Thread::Runs(thread);
            }
            running => self.thread = running,
        }
        Ok(())
    }

    fn end_thread(&mut self) -> Written {
        let Thread::Runs(thread) = mem::replace(&mut self.thread, Thread::Over) else {
            return Written::default();
        };
        // A thread that is gone cannot be told to end; joining it says so.
        let _ = self.queue.send(Record::End);
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
#[derive(Debug)]
struct Files {
    messages: Option<OpenLog>,
    logs: Option<OpenLog>,
    errors: ErrorsLog,
    /// One that was open, for those who look for more than the last warning.
    known_errors_file: Option<PathBuf>,
    moments: Moments,
    failure: Option<TraceFailure>,
    state: Arc<State>,
}

impl Files {
    fn write_all(mut self, queue: &Receiver<Record>) -> Written {
        let mut scratch = Vec::new();
        while let Some(record) = self.next(queue) {
            scratch.clear();
            self.write(record, &mut scratch);
        }
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
            Record::Open(kind, log) => {
                if let Some(place) = self.place(kind) {
                    *place = Some(log);
                }
                Ok(())
            }
            Record::OpenErrors(file) => {
                self.errors = ErrorsLog::Waiting(file);
                Ok(())
            }
            Record::Close(kind) => self.close(kind),
            Record::End => Ok(()),
        };
        self.note(written);
    }

    fn place(&mut self, kind: Kind) -> Option<&mut Option<OpenLog>> {
        match kind {
            Kind::Messages => Some(&mut self.messages),
            Kind::Logs => Some(&mut self.logs),
            Kind::Errors => None,
        }
    }

    fn close(&mut self, kind: Kind) -> Result<(), TraceFailure> {
        match self.place(kind) {
            Some(place) => place.take().map_or(Ok(()), |mut log| log.flush()),
            None => {
                let flushed = self.errors.flush();
                self.known_errors_file =
                    self.errors.path().map(PathBuf::from).or(self.known_errors_file.take());
                self.errors = ErrorsLog::Off;
                flushed
            }
        }
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
            self.state.broken.store(true, Ordering::Relaxed);
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
