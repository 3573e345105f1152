//! Decides when a busy worker lets things gather: each wake-up costs more than ten messages, so what happens within a
//! millisecond is served together, and within half a one when that is much.
//! Spec: design.md (hot path). In: what each pass served. Out: how long to sleep. Must not sleep itself nor read the clock.
//!
//! A quiet worker (the iOS canceler, a functional test) never sleeps here: it wakes for each message at once.

use crate::clock::{Span, Tick};

/// What happens within a beat is served together; it adds at most so much to a response time.
const BEAT: Span = Span::from_millis(1);

/// The beat of a very busy worker: it gathers enough in half the time.
const QUICK_BEAT: Span = Span::from_micros(1_000_000 / MOST_A_SECOND);

/// The most beats in a second.
pub const MOST_A_SECOND: u64 = 2_000;

/// How long events are counted before the mode is chosen anew.
const WINDOW: Span = Span::from_millis(10);

/// Events per window from which on a beat gathers several: 4,000 a second.
const BUSY: usize = 40;

/// Events per window from which on the beat is quick: 40,000 a second.
const VERY_BUSY: usize = 400;

/// The beat of one worker.
#[derive(Debug, Default)]
pub struct Beat {
    /// From beat to beat; None: not busy.
    every: Option<Span>,
    window_ends: Tick,
    events: usize,
    next: Tick,
}

impl Beat {
    /// Notes that a pass ended `now` after it served so many events (messages, calls opened).
    pub fn served(&mut self, now: Tick, events: usize) {
        self.events += events;
        if now >= self.window_ends {
            self.every = match self.events {
                ..BUSY => None,
                BUSY..VERY_BUSY => Some(BEAT),
                VERY_BUSY.. => Some(QUICK_BEAT),
            };
            self.events = 0;
            self.window_ends = now + WINDOW;
        }
    }

    /// Whether the worker works by the beat.
    pub fn is_busy(&self) -> bool {
        self.every.is_some()
    }

    /// How long to sleep until the next beat; none when that is already due.
    pub fn rest(&mut self, now: Tick) -> Option<Span> {
        let due = self.next.max(now);
        self.next = due + self.every.unwrap_or(BEAT);
        (due > now).then(|| due.since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_worker_is_never_busy_and_a_busy_one_becomes_quiet_within_two_windows() {
        let mut beat = Beat::default();
        for ms in 0..100 {
            beat.served(Tick::from_millis(ms), 1);
            assert!(!beat.is_busy());
        }
        for ms in 100..120 {
            beat.served(Tick::from_millis(ms), 20);
        }
        assert!(beat.is_busy());
        for ms in 120..140 {
            beat.served(Tick::from_millis(ms), 0);
        }
        assert!(!beat.is_busy());
    }

    /// A beat that has served so many events in a window.
    fn beat_after(events: usize) -> Beat {
        let mut beat = Beat::default();
        beat.served(Tick::from_millis(1), events);
        beat.served(Tick::from_millis(11), events);
        beat
    }

    #[test]
    fn beats_are_a_millisecond_apart_and_a_late_one_is_not_made_up_for() {
        let mut beat = beat_after(100);
        let at = |micros| Tick::from_micros(micros);
        assert_eq!(beat.rest(at(11_000)), None);
        assert_eq!(beat.rest(at(11_100)), Some(Span::from_micros(900)));
        assert_eq!(beat.rest(at(12_200)), Some(Span::from_micros(800)));
        assert_eq!(beat.rest(at(19_000)), None);
        assert_eq!(beat.rest(at(19_100)), Some(Span::from_micros(900)));
    }

    #[test]
    fn a_very_busy_worker_beats_twice_as_often() {
        let mut beat = beat_after(400);
        assert_eq!(beat.rest(Tick::from_micros(11_000)), None);
        assert_eq!(beat.rest(Tick::from_micros(11_100)), Some(Span::from_micros(400)));
    }
}
