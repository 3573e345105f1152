//! Decides when a busy worker lets things gather: each wake-up costs more than a message, so what happens within half a
//! millisecond is served together.
//! Spec: design.md (hot path). In: what each pass served. Out: how long to sleep. Must not sleep itself nor read the clock.
//!
//! A quiet worker (the iOS canceler, a functional test) never sleeps here: it wakes for each message at once.

use crate::clock::{Span, Tick};

/// What happens within a beat is served together; it adds at most so much to a response time.
const BEAT: Span = Span::from_micros(500);

/// How long events are counted before the mode is chosen anew.
const WINDOW: Span = Span::from_millis(10);

/// Events per window from which on a beat gathers several: 4,000 a second.
const BUSY: usize = 40;

/// The beat of one worker.
#[derive(Debug, Default)]
pub struct Beat {
    is_busy: bool,
    window_ends: Tick,
    events: usize,
    next: Tick,
}

impl Beat {
    /// Notes that a pass ended `now` after it served so many events (messages, calls opened).
    pub fn served(&mut self, now: Tick, events: usize) {
        self.events += events;
        if now >= self.window_ends {
            self.is_busy = self.events >= BUSY;
            self.events = 0;
            self.window_ends = now + WINDOW;
        }
    }

    /// Whether the worker works by the beat.
    pub fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// How long to sleep until the next beat; none when that is already due.
    pub fn rest(&mut self, now: Tick) -> Option<Span> {
        let due = self.next.max(now);
        self.next = due + BEAT;
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

    #[test]
    fn beats_are_half_a_millisecond_apart_and_a_late_one_is_not_made_up_for() {
        let mut beat = Beat::default();
        let at = |micros| Tick::from_micros(micros);
        assert_eq!(beat.rest(at(1_000)), None);
        assert_eq!(beat.rest(at(1_100)), Some(Span::from_micros(400)));
        assert_eq!(beat.rest(at(1_700)), Some(Span::from_micros(300)));
        assert_eq!(beat.rest(at(9_000)), None);
        assert_eq!(beat.rest(at(9_100)), Some(Span::from_micros(400)));
    }
}
