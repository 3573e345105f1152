//! One worker: sockets, engine and timers wired together on a runtime of its own.
//! Spec: design.md (Threads, hot path). Messages are served before timers, timers before new calls. Must not format or decide:
//! effects go to the socket and to the recorder.

mod alarm;
mod beat;
mod clock;
mod dealings;
mod linked;
mod ring;
mod sending;
pub mod watchdog;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::mpsc::{self, error::TryRecvError};

pub use clock::Clock;
pub use dealings::{Order, Outcome, Purpose, Report, Reports, Status, figures};
pub use ring::Ring;

use crate::clock::{Span, Tick};
use crate::engine::{Effect, Effects, Engine, Heard, Loss, Note, RunEnd};
use crate::link::Transport;
use crate::report::recorder::Recorder;
use crate::stats::Resources;
use crate::transport::links::Links;
use crate::transport::udp::{BATCH, Outgoing, Received, Socket};
use alarm::Alarm;
use beat::Beat;
use watchdog::Watchdog;

/// Calls opened before input gets its turn. A busy worker has one turn a beat: what more it opened, a peer of its kind would have to
/// throw away, and it would send again.
const CALLS_PER_PASS: usize = BATCH;

/// What the command line decides about a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `-max_recv_loops`: messages served before timers get their turn, to the next full batch; at least 1.
    pub messages_per_turn: usize,
    /// `-watchdog_*`; None with `-watchdog_interval 0`.
    pub watchdog: Option<watchdog::Limits>,
    /// Whether datagrams may cross the system in groups; not with `-no_gso`.
    pub groups_datagrams: bool,
    /// Whether it goes on until it is told to stop: what comes to its socket may be for another worker that is not done yet.
    pub stays: bool,
}

/// What a worker sends and receives by.
#[derive(Debug)]
pub struct Sockets {
    /// The main UDP socket.
    pub main: Option<Socket>,
    /// Everything else; nothing with one UDP socket alone.
    pub links: Option<Links>,
    /// What carries messages, for traces.
    pub transport: Transport,
    /// Whether all calls wait for a connection that is being opened.
    pub is_connecting: bool,
}

/// Engine, socket and the lines to the main thread.
#[derive(Debug)]
pub struct Worker {
    engine: Engine,
    socket: Option<Socket>,
    links: Option<Links>,
    /// No call begins before the connection of all calls is up.
    is_connected: bool,
    alarm: Alarm,
    /// What the alarm is set to: setting it costs a system call.
    alarm_at: Option<Tick>,
    beat: Beat,
    /// Messages served and calls opened in this pass.
    events: usize,
    clock: Clock,
    messages_per_turn: usize,
    watchdog: Option<Watchdog>,
    recorder: Recorder,
    orders: mpsc::UnboundedReceiver<Order>,
    reports: Reports,
    /// The other workers of a server.
    ring: Option<Ring>,
    stays: bool,
    has_finished: bool,
    /// What carried the last message.
    transport: &'static str,
    out: Effects,
    outgoing: Outgoing,
    /// Whether datagrams may cross the system in groups once the worker is busy; false when they already do.
    may_group: bool,
    end: Option<RunEnd>,
    began: Tick,
}

impl Worker {
    /// Puts a worker together. Must be called inside the runtime it will run on.
    ///
    /// # Errors
    /// The system's, when no timer can be had.
    pub fn new(
        engine: Engine,
        sockets: Sockets,
        settings: Settings,
        clock: Clock,
        recorder: Recorder,
        (orders, reports): (mpsc::UnboundedReceiver<Order>, Reports),
        ring: Option<Ring>,
    ) -> io::Result<Worker> {
        Ok(Worker {
            engine,
            socket: sockets.main,
            links: sockets.links,
            is_connected: !sockets.is_connecting,
            alarm: Alarm::new()?,
            alarm_at: None,
            beat: Beat::default(),
            events: 0,
            clock,
            messages_per_turn: settings.messages_per_turn,
            watchdog: settings.watchdog.map(|limits| Watchdog::new(limits, clock.now())),
            recorder,
            orders,
            reports,
            ring,
            stays: settings.stays,
            has_finished: false,
            transport: sockets.transport.name(),
            out: Effects::default(),
            outgoing: Outgoing::default(),
            may_group: settings.groups_datagrams,
            end: None,
            began: clock.now(),
        })
    }

    /// Runs to the end of the test.
    pub async fn run(mut self) -> Outcome {
        let mut batch = Received::new();
        let now = self.clock.now();
        self.engine.begin(now, &mut self.out);
        self.carry_out(now).await;
        let mut stopped = false;
        // What was asked for while the run began must be known before its first call.
        while let Ok(order) = self.orders.try_recv() {
            stopped |= self.obey(order).await;
        }
        while !stopped && !self.is_done() {
            let more_input = self.serve_input(&mut batch).await;
            self.serve_strays().await;
            self.serve_time().await;
            if self.is_done() {
                break;
            }
            stopped = self.wait(more_input).await;
        }
        self.close_links().await;
        let ended = self.clock.now();
        let status = Box::new(Status::of(&self.engine, ended, self.resources(ended)));
        self.reports.send(Report::Ended { status, is_broken_off: self.end.is_some() });
        Outcome { failed_calls: self.engine.failed_calls().to_vec(), end: self.end }
    }

    /// Whether the worker ends. One that stays says that its calls are done, once.
    fn is_done(&mut self) -> bool {
        if self.end.is_some() || !self.engine.is_finished() {
            return self.end.is_some();
        }
        if self.stays && !std::mem::replace(&mut self.has_finished, true) {
            self.reports.send(Report::Finished);
        }
        !self.stays
    }

    /// Handles messages that came to other workers and may be for this one.
    async fn serve_strays(&mut self) {
        while let Some(stray) = self.ring.as_mut().and_then(Ring::try_next) {
            let now = self.clock.now();
            self.engine.on_stray(now, stray, &mut self.out);
            self.events += 1;
            self.carry_out(now).await;
        }
    }

    /// What this thread and its main socket took so far: two system calls, made for snapshots only.
    fn resources(&self, now: Tick) -> Resources {
        let cpu = clock_gettime(ClockId::ThreadCPUTime);
        let micros = cpu.tv_sec * 1_000_000 + cpu.tv_nsec / 1_000;
        let cpu = Span::from_micros(u64::try_from(micros).unwrap_or(0));
        let drops = self.socket.as_ref().and_then(Socket::drops);
        let most_calls_a_second = beat::MOST_A_SECOND * CALLS_PER_PASS as u64;
        Resources { most_calls_a_second, ..Resources::of_worker(cpu, now.since(self.began), drops) }
    }

    /// Handles datagrams that are there; true when there may be more.
    async fn serve_input(&mut self, batch: &mut Received) -> bool {
        let more_of_links = self.serve_links().await;
        for _ in 0..self.messages_per_turn.div_ceil(BATCH) {
            let Some(socket) = &self.socket else { return more_of_links };
            let received =
                if self.beat.is_busy() { socket.receive_unannounced(batch) } else { socket.receive(batch) };
            let count = match received {
                Ok(count) => count,
                Err(error) => {
                    let stats = self.engine.stats_mut();
                    stats.receive_errors += 1;
                    stats.warnings += 1;
                    self.out
                        .others
                        .push(Effect::Warn(format!("Unable to receive UDP message: {error}").into()));
                    0
                }
            };
            self.events += count;
            let now = self.clock.now();
            for (from, bytes) in batch.iter() {
                if self.hear(now, from, bytes) {
                    // In the trace an answer follows its cause.
                    self.carry_out(now).await;
                }
            }
            if !batch.is_full() || self.end.is_some() {
                // Time is served next, and what both want sent goes out together.
                return more_of_links;
            }
            self.carry_out(now).await;
        }
        true
    }

    /// Hands a datagram to the engine; true when it was traced. Not async: a future would be made of each.
    fn hear(&mut self, now: Tick, from: SocketAddr, bytes: &[u8]) -> bool {
        self.transport = Transport::Udp.name();
        let heard = self.engine.on_datagram(now, from, bytes, &mut self.out);
        let is_traced = heard == Heard::Message && self.recorder.traces_messages();
        if is_traced {
            self.recorder.received(now, self.transport, bytes);
        }
        is_traced
    }

    async fn serve_time(&mut self) {
        let now = self.clock.now();
        if self.is_connected {
            self.engine.on_time(now, CALLS_PER_PASS, &mut self.out);
            self.events += self.out.sends.len();
            self.carry_out(now).await;
        }
        self.look_at_watchdog(now);
    }

    fn look_at_watchdog(&mut self, now: Tick) {
        let Some(watchdog) = &mut self.watchdog else { return };
        let found = watchdog.look(now);
        let stats = self.engine.stats_mut();
        (stats.watchdog_minor, stats.watchdog_major) = (watchdog.trips.minor, watchdog.trips.major);
        stats.warnings += found.warnings.len() as u64;
        for warning in found.warnings {
            self.recorder.warning(now, warning.as_bytes());
        }
        if let Some(text) = found.fatal {
            stats.fatal_errors += 1;
            self.end.get_or_insert(RunEnd::Fatal(text.into()));
        }
    }

    /// Waits for input, a deadline or an order, whichever comes first; true when told to stop.
    async fn wait(&mut self, more_input: bool) -> bool {
        let now = self.clock.now();
        self.beat.served(now, std::mem::take(&mut self.events));
        let more_input = more_input || self.links.as_ref().is_some_and(Links::has_more);
        if self.beat.is_busy() {
            self.group_datagrams();
            return self.keep_the_beat(now, more_input).await;
        }
        let watchdog = self.watchdog.as_ref().map(Watchdog::due);
        let deadline = [self.next_deadline(), watchdog].into_iter().flatten().min();
        if more_input || deadline.is_some_and(|deadline| deadline <= now) {
            tokio::task::yield_now().await;
            return match self.orders.try_recv() {
                Ok(order) => self.obey(order).await,
                Err(_) => false,
            };
        }
        if let Some(deadline) = deadline.filter(|_| self.alarm_at != deadline) {
            self.alarm_at = self.alarm.set(deadline.since(now)).is_ok().then_some(deadline);
        }
        let armed = deadline.is_some();
        tokio::select! {
            order = self.orders.recv() => match order {
                Some(order) => self.obey(order).await,
                None => true,
            },
            () = readable(self.socket.as_ref()) => false,
            () = linked::has_news(self.links.as_ref()) => false,
            () = ring::has_news(self.ring.as_mut()) => false,
            () = self.alarm.rings(), if armed => {
                self.alarm_at = None;
                false
            }
        }
    }

    /// Lets what happens until the next beat gather; true when told to stop.
    #[allow(
        clippy::disallowed_methods,
        reason = "for so short a time waiting for an event costs more than the event"
    )]
    async fn keep_the_beat(&mut self, now: Tick, more_input: bool) -> bool {
        if let Some(rest) = self.beat.rest(now).filter(|_| !more_input) {
            std::thread::sleep(Duration::from_micros(rest.micros()));
        }
        match self.orders.try_recv() {
            Ok(order) => self.obey(order).await,
            Err(TryRecvError::Empty) => false,
            Err(TryRecvError::Disconnected) => true,
        }
    }

    async fn obey(&mut self, order: Order) -> bool {
        match order {
            Order::Stop => true,
            Order::TraceMessages(on) => {
                self.engine.trace_messages(on);
                false
            }
            Order::Engine(command) => {
                let now = self.clock.now();
                self.engine.on_command(now, command, &mut self.out);
                self.carry_out(now).await;
                false
            }
            Order::Row { clears_repartitions } => {
                self.tell_status(Purpose::Row);
                if clears_repartitions {
                    self.engine.stats_mut().clear_repartitions();
                }
                false
            }
            Order::Show(purpose) => {
                self.tell_status(purpose);
                false
            }
        }
    }

    fn tell_status(&self, purpose: Purpose) {
        let now = self.clock.now();
        let status = Box::new(Status::of(&self.engine, now, self.resources(now)));
        self.reports.send(Report::Status(purpose, status));
    }

    /// Does what the engine asked for, until it asks for nothing more.
    async fn carry_out(&mut self, now: Tick) {
        while !self.out.sends.is_empty() || !self.out.others.is_empty() || !self.out.released.is_empty() {
            for effect in std::mem::take(&mut self.out.others) {
                self.do_effect(now, effect);
            }
            self.send_all(now).await;
        }
    }

    fn do_effect(&mut self, now: Tick, effect: Effect) {
        match effect {
            Effect::Warn(text) => self.recorder.warning(now, &text),
            Effect::Log(text) => self.recorder.log(now, &text),
            Effect::Command(text) => self.reports.send(Report::Run(text)),
            Effect::StopOpening => self.reports.send(Report::OpensNoMore),
            Effect::Stray(stray) => {
                if let Some(ring) = &self.ring {
                    ring.pass_on(stray);
                }
            }
            Effect::Note(Note::Unexpected(message)) => self.recorder.unexpected(self.transport, &message),
            Effect::Note(Note::DeadCall { id, message }) => {
                self.recorder.dead_call(&id, self.transport, &message)
            }
            Effect::Note(Note::Discarded) => self.recorder.discarded_while_quitting(),
            Effect::Note(Note::Lost(loss)) => self.recorder.lost(self.transport, how_lost(loss)),
            Effect::Note(Note::Ignored { class, txn, message }) => {
                self.recorder.ignored(class, txn, self.transport, message);
            }
            Effect::ResponseTime { rtd, took } => self.recorder.response_time(now, took, rtd.index()),
            Effect::UnexpectedCode(code) => self.recorder.unexpected_code(code),
            Effect::CallDebug { id, history } => self.recorder.call_debug(now, id, history),
            Effect::Open(open) => self.open(now, &open),
            Effect::End(end) => self.end = self.end.take().or(Some(end)),
        }
    }
}

/// The words of the message trace (outputs.md §7.2).
fn how_lost(loss: Loss) -> &'static str {
    match loss {
        Loss::Sending => "voluntary lost (while sending)",
        Loss::Receiving => "lost (recv)",
        Loss::ReceivingRepeat => "(retrans) lost (recv)",
    }
}

/// Waits for the main socket; for ever without one.
async fn readable(socket: Option<&Socket>) {
    match socket {
        Some(socket) => {
            let _ = socket.readable().await;
        }
        None => std::future::pending().await,
    }
}
