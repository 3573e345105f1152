//! When new calls are due: an open loop whose schedule depends on nothing but the rate.
//! Spec: runtime.md §2.3, §2.5, design.md "Pacing is open-loop". In: rate changes and the time. Out: due times of slots; of several
//! workers each has every Nth slot of the one schedule.
//! Must not look at how calls fare: a slot that the limit refuses is lost, never made up.

use super::share::Share;
use crate::clock::{Span, Tick};

/// Calls per period, exact to a millionth of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    millionths_per_period: u64,
    period: Span,
}

impl Rate {
    /// `calls` (at least 0) in each `period`. A rate of 0 opens nothing.
    pub fn new(calls: f64, period: Span) -> Rate {
        let millionths = (calls.max(0.0) * 1e6).round();
        Rate { millionths_per_period: millionths as u64, period }
    }

    /// When call `k` (from 0) is due after the start; None at rate 0 (or past all time).
    pub fn due(&self, k: u64) -> Option<Span> {
        if self.millionths_per_period == 0 || self.period == Span::ZERO {
            return None;
        }
        let micros = u128::from(self.period.micros()) * u128::from(k) * 1_000_000;
        u64::try_from(micros / u128::from(self.millionths_per_period)).ok().map(Span::from_micros)
    }

    /// How many calls are due within `after` the start, the one at the start included.
    fn due_within(&self, after: Span) -> u64 {
        let divisor = u128::from(self.period.micros()) * 1_000_000;
        let whole =
            (u128::from(after.micros()) * u128::from(self.millionths_per_period)).checked_div(divisor);
        whole.map_or(0, |calls| u64::try_from(calls).unwrap_or(u64::MAX).saturating_add(1))
    }

    /// The same period with so many calls in it.
    pub fn with_calls(self, calls: f64) -> Rate {
        Rate::new(calls, self.period)
    }

    /// Calls per period. A rate past all counting is infinite again.
    pub fn calls(&self) -> f64 {
        match self.millionths_per_period {
            u64::MAX => f64::INFINITY,
            millionths => millionths as f64 / 1e6,
        }
    }

    /// The period.
    pub fn period(&self) -> Span {
        self.period
    }

    /// Calls per second.
    pub fn per_second(&self) -> f64 {
        if self.period == Span::ZERO {
            return 0.0;
        }
        self.millionths_per_period as f64 / self.period.micros() as f64
    }
}

/// The schedule: a segment per rate, each with a zero of its own.
#[derive(Debug)]
pub struct Pacer {
    share: Share,
    rate: Rate,
    start: Tick,
    /// Number of the next slot of this segment: 0 is due at `start` itself.
    next_slot: u64,
}

impl Pacer {
    /// Starts at `now`; the first call is due at once (spec/README.md rule 6).
    pub fn new(rate: Rate, share: Share, now: Tick) -> Pacer {
        Pacer { share, rate, start: now, next_slot: share.number(0, 0) }
    }

    /// Begins a new segment: its first call is due one slot from now, and the running fraction of a slot is dropped.
    pub fn change(&mut self, rate: Rate, now: Tick) {
        *self = Pacer { rate, start: now, next_slot: self.share.number(1, 0), ..*self };
    }

    /// The rate now in force.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Since when it is.
    pub fn since(&self) -> Tick {
        self.start
    }

    /// When the next slot is due.
    pub fn next_due(&self) -> Option<Tick> {
        self.rate.due(self.next_slot).map(|after| self.start + after)
    }

    /// Takes the next slot if it is due, and says when it was due.
    pub fn take(&mut self, now: Tick) -> Option<Tick> {
        let due = self.next_due().filter(|due| *due <= now)?;
        self.next_slot += self.share.step();
        Some(due)
    }

    /// Gives up all slots that are due, however many, and says how many they were.
    pub fn lose_due(&mut self, now: Tick) -> u64 {
        if self.next_due().is_none_or(|due| due > now) {
            return 0;
        }
        let reached = self.rate.due_within(now.since(self.start)).max(self.next_slot + 1);
        let lost = (reached - self.next_slot).div_ceil(self.share.step());
        self.next_slot = self.next_slot.saturating_add(lost.saturating_mul(self.share.step()));
        lost
    }
}

/// The default of `-l`: three times what the rate opens in the longest of all pauses together, `-d` and one second; at least 1
/// (runtime.md §2.5).
pub fn default_limit(rate: Rate, scenario_ms: f64, default_pause: Span) -> u64 {
    let longest_ms = scenario_ms.max(default_pause.micros() as f64 / 1e3).max(1_000.0);
    let calls = 3.0 * rate.per_second() * longest_ms / 1e3;
    // A rate like 3.5 is not exact in binary; a hair below the whole number must not lose it.
    ((calls + 1e-6).floor() as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dues_ms(rate: f64, period_ms: u64, calls: usize) -> Vec<f64> {
        let mut pacer = Pacer::new(Rate::new(rate, Span::from_millis(period_ms)), Share::WHOLE, Tick::ZERO);
        let far = Tick::from_millis(3_600_000);
        (0..calls).map_while(|_| pacer.take(far)).map(|due| due.micros() as f64 / 1e3).collect()
    }

    /// runtime.md §2.3, table "Observed", moved one slot to the front.
    #[test]
    fn calls_are_due_on_fixed_slots_and_the_first_at_once() {
        assert_eq!(dues_ms(10.0, 1_000, 3), [0.0, 100.0, 200.0]);
        assert_eq!(dues_ms(0.5, 1_000, 2), [0.0, 2_000.0]);
        assert_eq!(dues_ms(7.0, 2_000, 3), [0.0, 285.714, 571.428]);
        assert!(dues_ms(0.0, 1_000, 1).is_empty());
    }

    /// Exact arithmetic: no drift after a billion calls.
    #[test]
    fn a_billion_calls_later_the_schedule_has_not_drifted() {
        let rate = Rate::new(7.0, Span::from_millis(1_000));
        assert_eq!(rate.due(7_000_000_000), Some(Span::from_millis(1_000_000_000_000)));
    }

    #[test]
    fn nothing_is_due_before_its_time_and_a_late_look_takes_all_missed_slots() {
        let mut pacer =
            Pacer::new(Rate::new(1_000.0, Span::from_millis(1_000)), Share::WHOLE, Tick::from_millis(5));
        assert_eq!(pacer.take(Tick::from_millis(4)), None);
        let late = Tick::from_millis(15);
        assert_eq!(std::iter::from_fn(|| pacer.take(late)).count(), 11);
        assert_eq!(pacer.next_due(), Some(Tick::from_millis(16)));
    }

    /// runtime.md §2.5: the excess is dropped. A rate without end must not take time without end.
    #[test]
    fn losing_the_due_slots_goes_on_with_the_first_one_that_is_not_due() {
        let rate = Rate::new(7.0, Span::from_millis(2_000));
        for late_ms in [0, 285, 286, 999, 2_000, 12_345] {
            let late = Tick::from_millis(late_ms);
            let (mut losing, mut taking) =
                (Pacer::new(rate, Share::WHOLE, Tick::ZERO), Pacer::new(rate, Share::WHOLE, Tick::ZERO));
            assert_eq!(losing.lose_due(late), std::iter::from_fn(|| taking.take(late)).count() as u64);
            assert_eq!(losing.next_due(), taking.next_due(), "{late_ms} ms");
        }
        let mut endless =
            Pacer::new(Rate::new(f64::INFINITY, Span::from_millis(1)), Share::WHOLE, Tick::ZERO);
        assert!(endless.lose_due(Tick::from_millis(60_000)) > 1_000_000_000);
    }

    /// runtime.md §2.3: any rate change sets t = 0, n = 0.
    #[test]
    fn after_a_rate_change_the_first_call_is_due_one_slot_later() {
        let mut pacer = Pacer::new(Rate::new(10.0, Span::from_millis(1_000)), Share::WHOLE, Tick::ZERO);
        pacer.take(Tick::ZERO);
        pacer.change(Rate::new(2.0, Span::from_millis(1_000)), Tick::from_millis(50));
        assert_eq!(pacer.next_due(), Some(Tick::from_millis(550)));
    }

    /// runtime.md §2.5, examples.
    #[test]
    fn the_default_limit_is_three_times_the_calls_of_the_longest_pause() {
        let limit = |rate, period, pauses, d| {
            default_limit(Rate::new(rate, Span::from_millis(period)), pauses, Span::from_millis(d))
        };
        assert_eq!(limit(10.0, 1_000, 0.0, 0), 30);
        assert_eq!(limit(10.0, 1_000, 60_000.0, 60_000), 1_800);
        assert_eq!(limit(10.0, 1_000, 62_000.0, 60_000), 1_860);
        assert_eq!(limit(0.5, 1_000, 0.0, 0), 1);
        assert_eq!(limit(2.0, 4_000, 0.0, 0), 1);
        assert_eq!(limit(3.5, 1_000, 0.0, 0), 10);
    }

    /// Together several workers take the slots that one would, each of them once, also after a change and a loss.
    #[test]
    fn workers_deal_the_slots_out_among_themselves() {
        let rate = Rate::new(1_000.0, Span::from_millis(1_000));
        let of = |share| {
            let mut pacer = Pacer::new(rate, share, Tick::ZERO);
            let until = |pacer: &mut Pacer, ms| -> Vec<Tick> {
                std::iter::from_fn(|| pacer.take(Tick::from_millis(ms))).collect()
            };
            let mut taken = until(&mut pacer, 6);
            let lost = pacer.lose_due(Tick::from_millis(20));
            taken.extend(until(&mut pacer, 30));
            pacer.change(Rate::new(500.0, Span::from_millis(1_000)), Tick::from_millis(30));
            taken.extend(until(&mut pacer, 60));
            (taken, lost)
        };
        let (alone, lost_alone) = of(Share::WHOLE);
        for workers in 2..=4 {
            let (mut together, mut lost) = (Vec::new(), 0);
            for share in Share::of_each(workers) {
                let (taken, gone) = of(share);
                together.extend(taken);
                lost += gone;
            }
            together.sort_unstable();
            assert_eq!((together, lost), (alone.clone(), lost_alone), "{workers} workers");
        }
    }
}
