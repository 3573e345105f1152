//! What happened, as plain numbers that workers can merge: call counters, failure causes, per-step counts, durations.
//! Spec: outputs.md §3.3 (columns), §5, runtime.md §12. Must not format.

mod durations;
mod failure;
mod histogram;
mod resources;
pub mod story;

pub use durations::Durations;
pub use failure::Failure;
pub use histogram::Histogram;
pub use resources::Resources;

use std::borrow::Cow;

use crate::clock::{Span, Tick};

/// What the load is to be: the counters say what it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// `-r`: calls per period, not per second.
    CallsPerPeriod(f64),
    /// `-users`
    Users(u32),
}

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
    pub start_lag: Histogram,
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

impl StepCounts {
    fn merge(&mut self, other: &StepCounts) {
        let StepCounts { messages, retransmissions, timeouts, unexpected, lost } = other;
        self.messages += messages;
        self.retransmissions += retransmissions;
        self.timeouts += timeouts;
        self.unexpected += unexpected;
        self.lost += lost;
    }
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
            start_lag: Histogram::default(),
        }
    }

    /// The count of one cause of failure.
    pub fn failed_by(&self, cause: Failure) -> u64 {
        self.failures.get(cause.index()).copied().unwrap_or_default()
    }

    /// Receive timeouts of all steps, and sends without an answer after the last resend.
    pub fn timeouts(&self) -> u64 {
        self.steps.iter().map(|step| step.timeouts).sum()
    }

    /// Messages that came at some step and that nothing expected.
    pub fn unexpected(&self) -> u64 {
        self.steps.iter().map(|step| step.unexpected).sum()
    }

    /// Empties all classes, of response times and of call length; counts and sums stay (`-periodic_rtd`).
    pub fn clear_repartitions(&mut self) {
        for durations in self.response_times.iter_mut().chain([&mut self.call_length]) {
            durations.classes.fill(0);
        }
    }

    /// Adds those of another worker, which ran the same scenario. The peak is the sum of the workers' peaks, which they need not have
    /// had at the same time: the true one is no higher.
    pub fn merge(&mut self, other: &Stats) {
        // Whoever adds a field must say here how it is merged.
        let Stats {
            since,
            first_opened,
            last_opened,
            peak,
            peak_at_s,
            failures,
            steps,
            counters,
            response_times,
            call_length,
            start_lag,
            carried_over,
            incoming,
            outgoing,
            current,
            successful,
            failed,
            out_of_call,
            dead_call,
            retransmissions,
            auto_answered,
            warnings,
            fatal_errors,
            watchdog_minor,
            watchdog_major,
            held_back,
            send_errors,
            receive_errors,
            congestions,
        } = other;
        self.since = self.since.max(*since);
        self.first_opened = [self.first_opened, *first_opened].into_iter().flatten().min();
        self.last_opened = self.last_opened.max(*last_opened);
        self.peak_at_s = if *peak > self.peak { *peak_at_s } else { self.peak_at_s };
        self.peak += peak;
        self.carried_over += carried_over;
        self.incoming += incoming;
        self.outgoing += outgoing;
        self.current += current;
        self.successful += successful;
        self.failed += failed;
        self.out_of_call += out_of_call;
        self.dead_call += dead_call;
        self.retransmissions += retransmissions;
        self.auto_answered += auto_answered;
        self.warnings += warnings;
        self.fatal_errors += fatal_errors;
        self.watchdog_minor += watchdog_minor;
        self.watchdog_major += watchdog_major;
        self.held_back += held_back;
        self.send_errors += send_errors;
        self.receive_errors += receive_errors;
        self.congestions += congestions;
        let causes = self.failures.iter_mut().zip(failures);
        causes.chain(self.counters.iter_mut().zip(counters)).for_each(|(count, more)| *count += more);
        self.steps.iter_mut().zip(steps).for_each(|(step, more)| step.merge(more));
        self.response_times.iter_mut().zip(response_times).for_each(|(times, more)| times.merge(more));
        self.call_length.merge(call_length);
        self.start_lag.merge(start_lag);
    }

    /// Calls opened in all.
    pub fn created(&self) -> u64 {
        self.incoming + self.outgoing
    }

    /// `reset stats` (cli.md §14, outputs.md §18): zeroes, but calls in progress are still open, and the counts per step and the
    /// repartitions go on. `run_time`: since the start.
    pub fn begin_anew(&mut self, now: Tick, run_time: Span) {
        let zeroes = self.zeroes_at(now);
        let open = self.current;
        let old = std::mem::replace(
            self,
            Stats {
                carried_over: open,
                current: open,
                peak: open,
                peak_at_s: run_time.millis() / 1_000,
                ..zeroes
            },
        );
        self.steps = old.steps;
        for (times, old) in self.response_times.iter_mut().zip(old.response_times) {
            times.classes = old.classes;
        }
        self.call_length.classes = old.call_length.classes;
    }

    /// The same counters before anything was counted, from `since` on.
    fn zeroes_at(&self, since: Tick) -> Stats {
        let borders: Vec<_> = self.response_times.iter().map(|times| times.borders.clone()).collect();
        let zeroes = Stats::new(self.steps.len(), self.counters.len(), &borders, &self.call_length.borders);
        Stats { since, ..zeroes }
    }

    /// What a period that began with `before` is compared with: `before` itself, unless `reset stats` came in between; then the zeroes
    /// it left, and since when.
    pub fn period_start<'a>(&self, began: Tick, before: &'a Stats) -> (Tick, Cow<'a, Stats>) {
        if self.since == before.since {
            (began, Cow::Borrowed(before))
        } else {
            (self.since, Cow::Owned(self.zeroes_at(self.since)))
        }
    }

    /// Notes that calls were opened or ended: keeps the peak.
    pub fn note_peak(&mut self, seconds_since_start: u64) {
        if self.current > self.peak {
            self.peak = self.current;
            self.peak_at_s = seconds_since_start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// outputs.md §18, `reset stats`: repartitions and counts per step go on, open calls stay open, the rest begins anew.
    #[test]
    fn a_reset_keeps_open_calls_repartitions_and_the_counts_per_step() {
        let mut stats = Stats::new(1, 0, &[], &[10]);
        (stats.outgoing, stats.successful, stats.current) = (3, 2, 1);
        stats.call_length.record(Span::from_millis(20));
        stats.steps[0].messages = 3;
        let before = stats.clone();
        stats.begin_anew(Tick::from_millis(500), Span::from_millis(500));
        assert_eq!((stats.outgoing, stats.successful, stats.current, stats.steps[0].messages), (0, 0, 1, 3));
        assert_eq!((stats.call_length.count, &*stats.call_length.classes), (0, &[0, 1][..]));
        // A period that was running when that happened begins then, with nothing counted.
        let (began, zeroes) = stats.period_start(Tick::from_millis(200), &before);
        assert_eq!((began, zeroes.outgoing), (Tick::from_millis(500), 0));
        let (began, same) = before.period_start(Tick::from_millis(200), &before);
        assert_eq!((began, same.outgoing), (Tick::from_millis(200), 3));
    }

    #[test]
    fn of_several_workers_all_counts_add_up_and_moments_are_the_earliest_and_the_last() {
        let mut one = Stats::new(1, 1, &[Box::new([10])], &[10]);
        let mut other = one.clone();
        (one.outgoing, one.current, one.peak, one.peak_at_s) = (3, 1, 2, 4);
        (other.outgoing, other.current, other.peak, other.peak_at_s) = (4, 2, 3, 5);
        (one.first_opened, one.last_opened) = (None, Tick::from_millis(7));
        (other.first_opened, other.last_opened) = (Some(Tick::from_millis(2)), Tick::from_millis(6));
        for stats in [&mut one, &mut other] {
            stats.steps[0].messages = 5;
            stats.counters[0] = 6;
            stats.failures[1] = 7;
            stats.response_times[0].record(Span::from_millis(20));
            stats.call_length.record(Span::from_millis(5));
        }
        one.merge(&other);
        assert_eq!((one.outgoing, one.current, one.peak, one.peak_at_s), (7, 3, 5, 5));
        assert_eq!((one.first_opened, one.last_opened), (Some(Tick::from_millis(2)), Tick::from_millis(7)));
        assert_eq!((one.steps[0].messages, one.counters[0], one.failures[1]), (10, 12, 14));
        assert_eq!((&*one.response_times[0].classes, &*one.call_length.classes), (&[0, 2][..], &[2, 0][..]));
    }
}
