//! A histogram of times in µs: percentiles of any number of them in a fixed 26 KiB, each within 0.8 %.
//! Spec: none of SIPp's (design.md, "Pacing is open-loop"). Recording allocates nothing.

use hdrhistogram::Histogram as Counts;

use crate::clock::Span;

/// A longer time counts as this one, an hour.
const LONGEST_US: u64 = 3_600_000_000;
/// Significant decimal digits.
const DIGITS: u8 = 2;

/// Times in µs.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Counts<u64>,
    sum_us: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        // Bounds are given, so that recording never resizes.
        let counts = Counts::new_with_bounds(1, LONGEST_US, DIGITS);
        Histogram {
            counts: counts.unwrap_or_else(|_| unreachable!("2 digits are always allowed")),
            sum_us: 0,
        }
    }
}

impl Histogram {
    /// Adds one.
    pub fn record(&mut self, took: Span) {
        self.counts.saturating_record(took.micros());
        self.sum_us = self.sum_us.saturating_add(took.micros());
    }

    /// The time in µs that this share (0..=1) of them did not exceed; 0 when there is none.
    pub fn quantile_us(&self, share: f64) -> u64 {
        if self.counts.is_empty() { 0 } else { self.counts.value_at_quantile(share) }
    }

    /// The longest in µs; 0 when there is none.
    pub fn max_us(&self) -> u64 {
        self.counts.max()
    }

    /// Mean in µs, exact; 0 when there is none.
    pub fn mean_us(&self) -> f64 {
        if self.counts.is_empty() { 0.0 } else { self.sum_us as f64 / self.counts.len() as f64 }
    }

    /// All of them together, in µs.
    pub fn sum_us(&self) -> u64 {
        self.sum_us
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.counts.len()
    }

    /// How many took no longer than this.
    pub fn count_up_to(&self, longest: Span) -> u64 {
        self.counts.count_between(0, longest.micros())
    }

    /// What came after `before`: the same histogram at an earlier time.
    pub fn since(&self, before: &Histogram) -> Histogram {
        let mut counts = self.counts.clone();
        // Refused only if `before` holds more than this one, and then nothing can have come since.
        if counts.subtract(&before.counts).is_err() {
            counts.reset();
        }
        Histogram { counts, sum_us: self.sum_us.saturating_sub(before.sum_us) }
    }

    /// Adds those of another one.
    pub fn merge(&mut self, other: &Histogram) {
        // Refused only for a histogram with longer times, and all have the same bounds.
        let _ = self.counts.add(&other.counts);
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(millis: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        millis.into_iter().for_each(|millis| histogram.record(Span::from_millis(millis)));
        histogram
    }

    fn is_near(found: u64, wanted_us: u64) -> bool {
        found.abs_diff(wanted_us) * 100 <= wanted_us
    }

    #[test]
    fn percentiles_are_within_a_percent_and_the_mean_is_exact() {
        let histogram = of(1..=1_000);
        for (share, micros) in [(0.5, 500_000), (0.9, 900_000), (0.99, 990_000), (0.999, 999_000)] {
            assert!(is_near(histogram.quantile_us(share), micros), "{share}");
        }
        assert!(is_near(histogram.max_us(), 1_000_000));
        assert_eq!((histogram.mean_us(), histogram.count()), (500_500.0, 1_000));
    }

    #[test]
    fn an_empty_histogram_reads_as_zero() {
        let empty = Histogram::default();
        assert_eq!((empty.quantile_us(0.99), empty.max_us(), empty.mean_us()), (0, 0, 0.0));
    }

    #[test]
    fn a_time_over_an_hour_counts_as_an_hour() {
        assert!(is_near(of([5_000_000]).max_us(), LONGEST_US));
    }

    #[test]
    fn the_difference_of_two_moments_is_what_came_between() {
        let before = of([1, 500]);
        let between = of([1, 500, 20, 20]).since(&before);
        assert_eq!((between.count(), between.mean_us()), (2, 20_000.0));
        assert!(is_near(between.quantile_us(0.01), 20_000) && is_near(between.max_us(), 20_000));
        assert_eq!(before.since(&of([1, 500, 20])).count(), 0);
    }

    #[test]
    fn a_merged_histogram_holds_both() {
        let mut merged = of([10, 20]);
        merged.merge(&of([30]));
        assert_eq!((merged.count(), merged.mean_us()), (3, 20_000.0));
        assert!(is_near(merged.max_us(), 30_000));
    }

    #[test]
    fn a_bound_takes_in_what_is_as_long_as_it() {
        let histogram = of([10, 20, 30]);
        let up_to = |millis| histogram.count_up_to(Span::from_millis(millis));
        assert_eq!((up_to(5), up_to(10), up_to(25), up_to(60_000)), (0, 1, 2, 3));
    }
}
