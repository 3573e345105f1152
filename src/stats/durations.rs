//! Durations: sums and repartitions as SIPp's files want them, and histograms for percentiles.
//! Spec: outputs.md §1.2, §15.6; runtime.md §18 (whole milliseconds, truncated). Histograms, in µs, are ours.

use super::histogram::Histogram;
use crate::clock::Span;

/// Response times or call lengths: enough for mean, deviation, repartition and percentiles.
#[derive(Clone, Debug, Default)]
pub struct Durations {
    /// How many.
    pub count: u64,
    /// Sum in ms.
    pub sum_ms: u64,
    /// Sum of squares in ms²: exact, so that a long run's deviation is.
    pub sum_of_squares: u128,
    /// Upper borders in ms, ascending.
    pub borders: Box<[u32]>,
    /// Counts per class: below each border, and one for the rest. Empty without borders.
    pub classes: Box<[u64]>,
    /// Each as it was measured.
    pub from_start: Histogram,
    /// Each from when it was due to begin. Where the generator was late, what the peer did meanwhile would be left out of
    /// `from_start` ("coordinated omission").
    pub from_due: Histogram,
}

impl Durations {
    /// None yet, with these borders.
    pub fn new(borders: &[u32]) -> Durations {
        let classes = if borders.is_empty() { 0 } else { borders.len() + 1 };
        Durations { borders: borders.into(), classes: vec![0; classes].into(), ..Durations::default() }
    }

    /// Adds one that began when it was due.
    pub fn record(&mut self, took: Span) {
        self.record_late(took, Span::ZERO);
    }

    /// Adds one that began so much later than it was due. SIPp's figures know nothing of the delay.
    pub fn record_late(&mut self, took: Span, late: Span) {
        self.from_start.record(took);
        self.from_due.record(took + late);
        let millis = took.millis();
        self.count += 1;
        self.sum_ms += millis;
        self.sum_of_squares += u128::from(millis) * u128::from(millis);
        let class = self.borders.iter().take_while(|border| millis >= u64::from(**border)).count();
        if let Some(count) = self.classes.get_mut(class) {
            *count += 1;
        }
    }

    /// What came after `before`: the same counters at an earlier time.
    pub fn since(&self, before: &Durations) -> Durations {
        let class = |(now, before): (&u64, &u64)| now.saturating_sub(*before);
        Durations {
            count: self.count.saturating_sub(before.count),
            sum_ms: self.sum_ms.saturating_sub(before.sum_ms),
            sum_of_squares: self.sum_of_squares.saturating_sub(before.sum_of_squares),
            borders: self.borders.clone(),
            classes: self.classes.iter().zip(&before.classes).map(class).collect(),
            from_start: self.from_start.since(&before.from_start),
            from_due: self.from_due.since(&before.from_due),
        }
    }

    /// Adds those of another worker, which have the same borders.
    pub fn merge(&mut self, other: &Durations) {
        self.count += other.count;
        self.sum_ms += other.sum_ms;
        self.sum_of_squares += other.sum_of_squares;
        for (count, more) in self.classes.iter_mut().zip(&other.classes) {
            *count += more;
        }
        self.from_start.merge(&other.from_start);
        self.from_due.merge(&other.from_due);
    }

    /// Sample standard deviation in whole ms, truncated; 0 below two samples (outputs.md §3.4, Bugs of SIPp in §3.4, §3.5).
    pub fn deviation_ms(&self) -> u64 {
        if self.count < 2 {
            return 0;
        }
        let (count, sum) = (u128::from(self.count), u128::from(self.sum_ms));
        let squares = count.saturating_mul(self.sum_of_squares);
        let variance = squares.saturating_sub(sum.saturating_mul(sum)) as f64 / (count * (count - 1)) as f64;
        variance.sqrt() as u64
    }

    /// Mean in whole ms; 0 when there is none.
    pub fn mean_ms(&self) -> u64 {
        self.sum_ms.checked_div(self.count).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scenario.md §10: value v belongs to the first border with v < border.
    #[test]
    fn a_value_on_a_border_belongs_to_the_class_above_it() {
        let mut durations = Durations::new(&[10, 20]);
        for millis in [9, 10, 19, 20, 500] {
            durations.record(Span::from_millis(millis));
        }
        assert_eq!(*durations.classes, [1, 2, 2]);
    }

    /// runtime.md §18: statistics get whole ms, truncated.
    #[test]
    fn fractions_of_a_millisecond_are_cut() {
        let mut durations = Durations::new(&[]);
        durations.record(Span::from_micros(1_999));
        assert_eq!(durations.sum_ms, 1);
        assert_eq!(durations.mean_ms(), 1);
    }

    /// outputs.md §3.4: √((n·Σx² − (Σx)²)/(n(n−1))), truncated, and §3.5: 0 with one value, where SIPp divides by 0.
    #[test]
    fn the_deviation_is_that_of_a_sample_and_exact_for_large_sums() {
        let of = |values: &[u64]| {
            let mut durations = Durations::new(&[]);
            values.iter().for_each(|millis| durations.record(Span::from_millis(*millis)));
            durations.deviation_ms()
        };
        assert_eq!((of(&[]), of(&[500])), (0, 0));
        assert_eq!(of(&[2, 4, 4, 4, 5, 5, 7, 9]), 2);
        // Σx is beyond 4.29·10⁹.
        assert_eq!(of(&[3_000_000_000, 3_000_000_010]), 7);
    }

    /// outputs.md §3.2: (P) is what came since the row before.
    #[test]
    fn the_difference_of_two_moments_is_what_came_between() {
        let mut before = Durations::new(&[10]);
        before.record(Span::from_millis(5));
        let mut now = before.clone();
        now.record(Span::from_millis(20));
        now.record(Span::from_millis(30));
        let between = now.since(&before);
        assert_eq!((between.count, between.mean_ms(), &*between.classes), (2, 25, &[0, 2][..]));
        assert_eq!((between.deviation_ms(), now.since(&now).mean_ms()), (7, 0));
    }

    /// Coordinated omission: a late start is part of what the peer's user would have waited, and no part of SIPp's figures.
    #[test]
    fn a_late_start_counts_in_the_times_from_due_only() {
        let mut durations = Durations::new(&[10]);
        durations.record_late(Span::from_millis(5), Span::from_millis(20));
        assert_eq!((durations.mean_ms(), &*durations.classes), (5, &[1, 0][..]));
        assert_eq!((durations.from_start.mean_us(), durations.from_due.mean_us()), (5_000.0, 25_000.0));
    }

    /// Two workers that count for one run.
    #[test]
    fn merged_durations_are_those_of_both() {
        let mut all = Durations::new(&[10]);
        let (mut one, mut other) = (all.clone(), all.clone());
        for millis in [5, 20, 35] {
            let counts = if millis < 10 { &mut one } else { &mut other };
            counts.record(Span::from_millis(millis));
            all.record(Span::from_millis(millis));
        }
        one.merge(&other);
        assert_eq!((one.count, one.mean_ms(), &*one.classes), (3, 20, &[1, 2][..]));
        assert_eq!(one.deviation_ms(), all.deviation_ms());
        assert_eq!(one.from_due.quantile_us(0.5), all.from_due.quantile_us(0.5));
    }
}
