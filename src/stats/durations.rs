//! Durations: sums and repartitions as SIPp's files want them, and the histogram of start lag.
//! Spec: outputs.md §1.2, §15.6; runtime.md §18 (whole milliseconds, truncated).

use hdrhistogram::Histogram;

use crate::clock::Span;

/// Response times or call lengths: enough for mean, deviation and repartition.
#[derive(Clone, Debug, Default)]
pub struct Durations {
    /// How many.
    pub count: u64,
    /// Sum in ms.
    pub sum_ms: u64,
    /// Sum of squares in ms².
    pub sum_of_squares: f64,
    /// Upper borders in ms, ascending.
    pub borders: Box<[u32]>,
    /// Counts per class: below each border, and one for the rest. Empty without borders.
    pub classes: Box<[u64]>,
}

impl Durations {
    /// None yet, with these borders.
    pub fn new(borders: &[u32]) -> Durations {
        let classes = if borders.is_empty() { 0 } else { borders.len() + 1 };
        Durations { borders: borders.into(), classes: vec![0; classes].into(), ..Durations::default() }
    }

    /// Adds one.
    pub fn record(&mut self, span: Span) {
        let millis = span.millis();
        self.count += 1;
        self.sum_ms += millis;
        self.sum_of_squares += (millis as f64) * (millis as f64);
        let class = self.borders.iter().take_while(|border| millis >= u64::from(**border)).count();
        if let Some(count) = self.classes.get_mut(class) {
            *count += 1;
        }
    }

    /// Mean in whole ms; 0 when there is none.
    pub fn mean_ms(&self) -> u64 {
        self.sum_ms.checked_div(self.count).unwrap_or(0)
    }
}

/// Start lag of calls in microseconds: due time to first step.
#[derive(Clone, Debug)]
pub struct Lag(Histogram<u64>);

impl Default for Lag {
    fn default() -> Lag {
        // Bounds up to an hour: recording never resizes; a longer lag counts as an hour.
        let hour_us = 3_600_000_000;
        Lag(Histogram::new_with_bounds(1, hour_us, 2)
            .unwrap_or_else(|_| unreachable!("2 digits are always allowed")))
    }
}

impl Lag {
    /// Adds the lag of one call.
    pub fn record(&mut self, lag: Span) {
        self.0.saturating_record(lag.micros());
    }

    /// The lag in microseconds that this share (0..=1) of calls did not exceed.
    pub fn quantile_us(&self, share: f64) -> u64 {
        if self.0.is_empty() { 0 } else { self.0.value_at_quantile(share) }
    }

    /// The largest lag in microseconds.
    pub fn max_us(&self) -> u64 {
        self.0.max()
    }

    /// How many calls were recorded.
    pub fn count(&self) -> u64 {
        self.0.len()
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

    #[test]
    fn a_long_lag_is_not_cut() {
        let mut lag = Lag::default();
        lag.record(Span::from_millis(50));
        assert!(lag.max_us() >= 50_000 && lag.quantile_us(0.5) < 52_000);
    }

    #[test]
    fn an_empty_histogram_reads_as_zero() {
        assert_eq!((Lag::default().quantile_us(0.99), Lag::default().max_us()), (0, 0));
    }
}
