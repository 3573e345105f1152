//! What happened, as plain numbers that workers can merge: call counters, failure causes, per-step counts, durations.
//! Spec: outputs.md §3.3 (columns), §5, runtime.md §12. Must not format.

mod durations;
mod failure;

pub use durations::{Durations, Lag};
pub use failure::Failure;

use crate::clock::{Span, Tick};

/// Counters of one scenario, since the start of the run or the last `reset stats`.
#[derive(Clone, Debug)]
pub struct Stats {
    /// When counting began: at the start, or at the last `reset stats`.
    pub since: Tick,
    /// Calls that were open then, and so are none of those opened since.
    pub carried_over: u64,
    /// Calls opened by a received message.
    pub incoming: u64,
    /// Calls opened by the generator.
    pub outgoing: u64,
    /// Calls now open.
    pub current: u64,
    /// Most calls ever open at a time.
    pub peak: u64,
    /// When the generator opened its first call.
    pub first_opened: Option<Tick>,
    /// When it opened its last one.
    pub last_opened: Tick,
    /// Whole seconds after the start at which the peak was reached.
    pub peak_at_s: u64,
    /// Calls that ended well.
    pub successful: u64,
    /// Calls that failed, whatever the cause.
    pub failed: u64,
    /// Failed calls by cause, indexed by [`Failure`]; some causes have no column.
    pub failures: [u64; Failure::COUNT],
    /// Messages that belong to no call and could open none.
    pub out_of_call: u64,
    /// Messages for calls that ended lately.
    pub dead_call: u64,
    /// Messages sent again.
    pub retransmissions: u64,
    /// Requests answered 200 automatically.
    pub auto_answered: u64,
    /// Warnings raised.
    pub warnings: u64,
    /// Fatal errors.
    pub fatal_errors: u64,
    /// Trips of the watchdog above its minor threshold.
    pub watchdog_minor: u64,
    /// Trips of the watchdog above its major threshold.
    pub watchdog_major: u64,
    /// Due calls that `-l` kept from being opened.
    pub held_back: u64,
    /// Datagrams the socket refused to send.
    pub send_errors: u64,
    /// Errors on receiving, empty datagrams included.
    pub receive_errors: u64,
    /// How often a connection took no more.
    pub congestions: u64,
    /// Per step of the scenario, by index.
    pub steps: Box<[StepCounts]>,
    /// Generic counters by slot.
    pub counters: Box<[u64]>,
    /// Response times by slot.
    pub response_times: Box<[Durations]>,
    /// Length of ended calls.
    pub call_length: Durations,
    /// Due time of a call to its first step.
    pub start_lag: Lag,
}

/// Counts of one step (outputs.md §15.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepCounts {
    /// First transmissions, matched messages, pauses entered.
    pub messages: u64,
    /// Re-sent; recognised repeats of the peer.
    pub retransmissions: u64,
    /// Retransmission limit reached; receive timeouts.
    pub timeouts: u64,
    /// Unexpected messages while waiting here.
    pub unexpected: u64,
    /// Dropped on purpose (`lost`).
    pub lost: u64,
}

impl Stats {
    /// Zeroes for a scenario with these slots. `rtd_borders`: repartition borders in ms of each response-time counter.
    pub fn new(
        steps: usize,
        counters: usize,
        rtd_borders: &[Box<[u32]>],
        call_length_borders: &[u32],
    ) -> Stats {
        Stats {
            since: Tick::ZERO,
            carried_over: 0,
            incoming: 0,
            outgoing: 0,
            current: 0,
            peak: 0,
            peak_at_s: 0,
            first_opened: None,
            last_opened: Tick::ZERO,
            successful: 0,
            failed: 0,
            failures: [0; Failure::COUNT],
            out_of_call: 0,
            dead_call: 0,
            retransmissions: 0,
            auto_answered: 0,
            warnings: 0,
            fatal_errors: 0,
            watchdog_minor: 0,
            watchdog_major: 0,
            held_back: 0,
            send_errors: 0,
            receive_errors: 0,
            congestions: 0,
            steps: vec![StepCounts::default(); steps].into(),
            counters: vec![0; counters].into(),
            response_times: rtd_borders.iter().map(|borders| Durations::new(borders)).collect(),
            call_length: Durations::new(call_length_borders),
            start_lag: Lag::default(),
        }
    }

    /// Calls opened in all.
    pub fn created(&self) -> u64 {
        self.incoming + self.outgoing
    }

    /// `reset stats` (cli.md §14): zeroes, but calls in progress are still open, and the counts per step go on (as in sipp 3.6.1,
    /// where they are no statistics). `run_time`: since the start.
    pub fn begin_anew(&mut self, now: Tick, run_time: Span) {
        let borders: Vec<_> = self.response_times.iter().map(|times| times.borders.clone()).collect();
        let zeroes = Stats::new(0, self.counters.len(), &borders, &self.call_length.borders);
        let open = self.current;
        *self = Stats {
            since: now,
            carried_over: open,
            current: open,
            peak: open,
            peak_at_s: run_time.millis() / 1_000,
            steps: std::mem::take(&mut self.steps),
            ..zeroes
        };
    }

    /// Notes that calls were opened or ended: keeps the peak.
    pub fn note_peak(&mut self, seconds_since_start: u64) {
        if self.current > self.peak {
            self.peak = self.current;
            self.peak_at_s = seconds_since_start;
        }
    }
}
