//! The rate that grows by itself: `-rate_increase` every `-rate_interval` up to `-rate_max`.
//! Spec: runtime.md §2.4. In: the time of a step and the rate before it. Out: the rate after it, and whether it ran into the maximum.
//! Must not open calls or end the run.

use super::settings::RateIncrease;
use crate::clock::Tick;

/// The steps of `-rate_increase`.
#[derive(Debug)]
pub(super) struct Ramp {
    wish: RateIncrease,
    next: Tick,
}

/// What a step leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    /// Calls per period from now on.
    pub calls: f64,
    /// It would have gone beyond the maximum, and the run is to end for that.
    pub ends_run: bool,
}

impl Ramp {
    /// The first step is due one interval from now.
    pub fn new(wish: RateIncrease, now: Tick) -> Ramp {
        Ramp { wish, next: now + wish.every }
    }

    /// When the next step is due.
    pub fn next_due(&self) -> Tick {
        self.next
    }

    /// Takes the step that is due. Reaching the maximum exactly is no end: going beyond it is.
    pub fn step(&mut self, calls: f64) -> Step {
        self.next = self.next + self.wish.every;
        let raised = (calls + f64::from(self.wish.by)).max(0.0);
        match self.wish.max.map(f64::from) {
            Some(max) if raised > max => Step { calls: max, ends_run: self.wish.quits_at_max },
            _ => Step { calls: raised, ends_run: false },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;

    fn ramp(by: i32, max: Option<u32>, quits_at_max: bool) -> Ramp {
        let wish = RateIncrease { by, every: Span::from_millis(2_000), max, quits_at_max };
        Ramp::new(wish, Tick::from_millis(100))
    }

    fn steps(mut ramp: Ramp, from: f64, count: usize) -> Vec<(f64, bool)> {
        let mut calls = from;
        let mut step = || {
            let step = ramp.step(calls);
            calls = step.calls;
            (step.calls, step.ends_run)
        };
        (0..count).map(|_| step()).collect()
    }

    /// runtime.md §2.4.
    #[test]
    fn the_run_ends_at_the_step_that_would_go_beyond_the_maximum_not_at_the_one_that_reaches_it() {
        assert_eq!(steps(ramp(2, Some(4), true), 2.0, 2), [(4.0, false), (4.0, true)]);
        assert_eq!(steps(ramp(3, Some(4), true), 2.0, 1), [(4.0, true)]);
    }

    /// runtime.md §2.4: `-no_rate_quit`, and no maximum.
    #[test]
    fn without_the_quit_the_rate_stays_at_the_maximum_and_without_a_maximum_it_grows() {
        assert_eq!(steps(ramp(3, Some(4), false), 2.0, 2), [(4.0, false), (4.0, false)]);
        assert_eq!(steps(ramp(3, None, true), 2.5, 2), [(5.5, false), (8.5, false)]);
    }

    /// cli.md §4.7: it may be negative; sipp 3.6.1 stops at 0.
    #[test]
    fn a_falling_rate_ends_at_0() {
        assert_eq!(steps(ramp(-2, None, true), 3.0, 3), [(1.0, false), (0.0, false), (0.0, false)]);
    }

    /// cli.md §12.1: the first step one interval after the start, then every interval, however late each was taken.
    #[test]
    fn steps_are_an_interval_apart() {
        let mut ramp = ramp(1, None, true);
        assert_eq!(ramp.next_due(), Tick::from_millis(2_100));
        ramp.step(1.0);
        assert_eq!(ramp.next_due(), Tick::from_millis(4_100));
    }
}
