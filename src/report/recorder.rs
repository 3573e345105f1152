//! The way from workers to trace files: a cheap handle, a channel, and one thread that writes (`writer`).
//! Spec: outputs.md §2-§11, §16.2. In: borrowed bytes, copied only when the trace is on. Out: records, the last warning.
//! Nothing is dropped: the queue is unbounded. Must not make a worker wait for a disk.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::errors::{self, ErrorsLog, Warnings};
use super::log_file::{Kind, LogFile, OpenLog, TraceFailure, reason};
use super::ring::{LimitedLog, Rotation};
use super::stamp::{self, StampStyle};
use super::stat_csv::Figures;
use super::statistics::Statistics;
use super::trace::{Note, Passage};
use super::writer::{Files, Record, Written};
use crate::clock::{Span, Tick, WallClock};
use crate::engine::history::Event;

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

    /// The second of the epoch.
    pub(super) fn epoch_second(&self, at: Tick) -> i64 {
        self.clock.epoch_micros(at).div_euclid(1_000_000)
    }

    /// `RFC` (outputs.md §1.1).
    pub fn rfc3339(&self, at: Tick) -> String {
        stamp::rfc3339(self.clock.epoch_micros(at), self.clock.utc_offset_seconds)
    }
}

/// Which logs of the start-up are wanted, and where.
#[derive(Clone, Debug, Default)]
pub struct Logs {
    /// `-trace_logs`
    pub logs: Option<LogFile>,
    /// `-trace_msg`
    pub messages: Option<LogFile>,
    /// `-trace_shortmsg`
    pub short_messages: Option<LogFile>,
    /// `-trace_calldebug`
    pub call_debug: Option<LogFile>,
}

/// The trace files of the start-up, open. Made before `-bg` forks; threads come after it.
#[derive(Debug, Default)]
pub struct OpenTraces {
    logs: Option<OpenLog>,
    messages: Option<OpenLog>,
    short_messages: Option<OpenLog>,
    call_debug: Option<OpenLog>,
    statistics: Statistics,
}

impl OpenTraces {
    /// Creates the files in SIPp's order (outputs.md §2).
    ///
    /// # Errors
    /// One can not be created.
    pub fn create(wanted: &Logs) -> Result<OpenTraces, TraceFailure> {
        let open = |wanted: &Option<LogFile>| match wanted {
            Some(file) => file.open().map(Some).map_err(|_| TraceFailure::Create(file.path.clone())),
            None => Ok(None),
        };
        Ok(OpenTraces {
            logs: open(&wanted.logs)?,
            messages: open(&wanted.messages)?,
            short_messages: open(&wanted.short_messages)?,
            call_debug: open(&wanted.call_debug)?,
            statistics: Statistics::default(),
        })
    }

    /// With the statistics files.
    pub fn with_statistics(self, statistics: Statistics) -> OpenTraces {
        OpenTraces { statistics, ..self }
    }

    /// Begins to record, with a thread only if there is a file to write. `errors`: the file of `-trace_err`, not created
    /// before the first event.
    ///
    /// # Errors
    /// The statistics file can not be created, or there is no thread to be had.
    pub fn start(
        mut self,
        errors: Option<LogFile>,
        rotation: &Rotation,
        moments: Moments,
    ) -> Result<(Writer, Recorder), TraceFailure> {
        self.statistics.open_rows()?;
        let (sender, receiver) = channel();
        let fixed = Fixed {
            call_debug: self.call_debug.is_some(),
            rows: self.statistics.has_rows(),
            error_codes: self.statistics.has_error_codes(),
            response_times: self.statistics.has_response_times(),
        };
        let state = Arc::new(State {
            messages: self.messages.is_some().into(),
            short_messages: self.short_messages.is_some().into(),
            logs: self.logs.is_some().into(),
            errors: errors.is_some().into(),
            ..State::default()
        });
        let recorder = Recorder { queue: Some(sender.clone()), fixed, state: Arc::clone(&state) };
        let opened = moments.epoch_second(Tick::ZERO);
        let log =
            |log: Option<OpenLog>, kind| log.map(|log| LimitedLog::new(log, kind, rotation.clone(), opened));
        let files = Files {
            messages: log(self.messages, Kind::Messages),
            short_messages: log(self.short_messages, Kind::ShortMessages),
            logs: log(self.logs, Kind::Logs),
            call_debug: log(self.call_debug, Kind::CallDebug),
            errors: errors.map_or(ErrorsLog::Off, |file| ErrorsLog::Waiting(file, rotation.clone())),
            known_errors_file: None,
            statistics: self.statistics,
            moments,
            last: Tick::ZERO,
            oversized: Some(LogFile { path: rotation.later.automatic(Kind::Oversized), append: false }),
            rotation: rotation.clone(),
            failure: None,
            state: Arc::clone(&state),
        };
        let known: Vec<_> = Traced::ALL.into_iter().filter(|traced| state.is_on(*traced)).collect();
        let is_needed = !known.is_empty() || fixed != Fixed::default();
        let thread = Thread::NotNeeded(Box::new((files, receiver)));
        let mut writer = Writer { thread, queue: sender, state, moments, known };
        if is_needed {
            writer.start_thread()?;
        }
        Ok((writer, recorder))
    }
}

/// A trace that can be switched at run time (cli.md §14, `trace`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traced {
    /// Like `-trace_err`.
    Errors,
    /// Like `-trace_logs`.
    Logs,
    /// Like `-trace_msg`.
    Messages,
    /// Like `-trace_shortmsg`.
    ShortMessages,
}

impl Traced {
    const ALL: [Traced; 4] = [Traced::Errors, Traced::Logs, Traced::Messages, Traced::ShortMessages];

    /// The file it goes to.
    pub fn kind(self) -> Kind {
        match self {
            Traced::Errors => Kind::Errors,
            Traced::Logs => Kind::Logs,
            Traced::Messages => Kind::Messages,
            Traced::ShortMessages => Kind::ShortMessages,
        }
    }
}

/// What is recorded from start to end, or never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fixed {
    call_debug: bool,
    rows: bool,
    error_codes: bool,
    response_times: bool,
}

/// What a worker holds to record events. Cheap to clone; what is not traced costs one test.
#[derive(Clone, Debug)]
pub struct Recorder {
    queue: Option<Sender<Record>>,
    fixed: Fixed,
    state: Arc<State>,
}

/// What recorders and writer share: which traces are on (the command `trace` changes it), and what the end must know.
#[derive(Debug, Default)]
pub(super) struct State {
    messages: AtomicBool,
    short_messages: AtomicBool,
    logs: AtomicBool,
    errors: AtomicBool,
    memory: Mutex<Memory>,
    broken: AtomicBool,
}

impl State {
    fn switch_of(&self, traced: Traced) -> &AtomicBool {
        match traced {
            Traced::Messages => &self.messages,
            Traced::ShortMessages => &self.short_messages,
            Traced::Logs => &self.logs,
            Traced::Errors => &self.errors,
        }
    }

    fn is_on(&self, traced: Traced) -> bool {
        self.switch_of(traced).load(Ordering::Relaxed)
    }

    /// A trace file failed.
    pub(super) fn note_failure(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }
}

impl Recorder {
    /// A recorder that only remembers the last warning: no file, no thread.
    pub fn without_files() -> Recorder {
        Recorder { queue: None, fixed: Fixed::default(), state: Arc::default() }
    }

    /// Whether `-trace_msg` or `-trace_shortmsg` is on at this moment.
    pub fn traces_messages(&self) -> bool {
        self.traces_notes() || self.state.is_on(Traced::ShortMessages)
    }

    /// Whether `-trace_msg` is on at this moment, which has notes besides messages.
    pub fn traces_notes(&self) -> bool {
        self.state.is_on(Traced::Messages)
    }

    /// Whether `-trace_calldebug` is on.
    pub fn traces_calls(&self) -> bool {
        self.fixed.call_debug
    }

    /// Whether `-trace_error_codes` is on.
    pub fn traces_error_codes(&self) -> bool {
        self.fixed.error_codes
    }

    /// Whether `-trace_rtt` is on.
    pub fn traces_response_times(&self) -> bool {
        self.fixed.response_times
    }

    /// Whether rows of figures are written: `-trace_stat`, `-trace_counts` or `-trace_error_codes` is on.
    pub fn writes_rows(&self) -> bool {
        self.fixed.rows
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
        if self.traces_notes() {
            self.push(Record::Note(Note::Unexpected { transport, message: message.to_vec() }));
        }
    }

    /// The message just received belongs to a call that is over.
    pub fn dead_call(&self, call_id: &[u8], transport: &'static str, message: &[u8]) {
        if self.traces_notes() {
            let (call_id, message) = (call_id.to_vec(), message.to_vec());
            self.push(Record::Note(Note::DeadCall { call_id, transport, message }));
        }
    }

    /// A quitting server opened no call for the message just received.
    pub fn discarded_while_quitting(&self) {
        if self.traces_notes() {
            self.push(Record::Note(Note::DiscardedWhileQuitting));
        }
    }

    /// A message was dropped on purpose; the sentence of outputs.md §7.2.
    pub fn lost(&self, transport: &'static str, how: &'static str) {
        if self.traces_notes() {
            self.push(Record::Note(Note::Lost { transport, how }));
        }
    }

    /// A late response of a transaction changed nothing. `class`: `provisional` or `final`.
    pub fn ignored(&self, class: &'static str, txn: String, transport: &'static str, message: Vec<u8>) {
        if self.traces_notes() {
            self.push(Record::Note(Note::Ignored { class, txn, transport, message }));
        }
    }

    /// A `<log>` action's expanded text.
    pub fn log(&self, at: Tick, text: &[u8]) {
        if self.state.is_on(Traced::Logs) {
            self.push(Record::Log { at, text: text.to_vec() });
        }
    }

    /// A call was aborted; this is its story.
    pub fn call_debug(&self, at: Tick, id: Vec<u8>, history: Vec<Event>) {
        if self.fixed.call_debug {
            self.push(Record::CallDebug { at, id, history });
        }
    }

    /// A response-time counter was stopped. `rtd`: its position in the plan.
    pub fn response_time(&self, at: Tick, took: Span, rtd: usize) {
        if self.fixed.response_times {
            self.push(Record::ResponseTime { at, took, rtd });
        }
    }

    /// Response times that wait for a full dump are to be written (SIGUSR2).
    pub fn dump_response_times(&self) {
        if self.fixed.response_times {
            self.push(Record::DumpResponseTimes);
        }
    }

    /// A response came that no step expected.
    pub fn unexpected_code(&self, code: u16) {
        if self.fixed.error_codes {
            self.push(Record::UnexpectedCode(code));
        }
    }

    /// A row of the statistics files is due.
    pub fn row(&self, figures: impl FnOnce() -> Figures) {
        if self.fixed.rows {
            self.push(Record::Row(Box::new(figures())));
        }
    }

    /// The last warning or error so far, without its stamp.
    pub fn last_warning(&self) -> Option<Vec<u8>> {
        let memory = self.state.memory.lock().unwrap_or_else(PoisonError::into_inner);
        (memory.count > 0).then(|| memory.text.clone())
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
        if self.state.is_on(Traced::Errors) {
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

/// Owns the writing thread. Dropped, it still writes what was recorded, but tells nobody how that went.
#[derive(Debug)]
pub struct Writer {
    thread: Thread,
    queue: Sender<Record>,
    state: Arc<State>,
    moments: Moments,
    /// Opened before: goes on at its end when it is opened again.
    known: Vec<Traced>,
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

    /// Begins a trace now (`at`), in `file` (the command `trace X on`), at its end if it was open before. Does nothing when it is on.
    ///
    /// # Errors
    /// The file cannot be created, or no thread be had: the trace stays off, the run is not broken.
    pub fn open(&mut self, at: Tick, traced: Traced, mut file: LogFile) -> Result<(), TraceFailure> {
        if self.state.is_on(traced) {
            return Ok(());
        }
        file.append |= self.known.contains(&traced);
        let record = match traced {
            Traced::Errors => Record::OpenErrors(file),
            Traced::Messages | Traced::ShortMessages | Traced::Logs => {
                let log = file.open().map_err(|_| TraceFailure::Create(file.path.clone()))?;
                Record::Open(at, traced, log)
            }
        };
        self.start_thread()?;
        let _ = self.queue.send(record);
        self.state.switch_of(traced).store(true, Ordering::Relaxed);
        self.known.push(traced);
        Ok(())
    }

    /// Ends a trace now: what was recorded until now is still written (the command `trace X off`).
    pub fn close(&mut self, traced: Traced) {
        if self.state.switch_of(traced).swap(false, Ordering::Relaxed) {
            let _ = self.queue.send(Record::Close(traced));
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

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
