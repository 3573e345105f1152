//! The main scenario over time: a sample a second, for plots, in a memory that does not grow with the run.
//! Spec: none of SIPp's. In: counters at some moment. Out: what came since the moment before. Must not read a clock.

use serde::Serialize;

use super::{Spread, millis};
use crate::clock::Tick;
use crate::stats::{Resources, Stats};

/// From one sample to the next, until there are too many.
pub const PERIOD_MS: u64 = 1_000;

/// So many samples are kept at most. Then each two become one, and the next ones are taken half as often.
const MOST: usize = 3_600;

/// Samples in the order of time.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Series {
    /// Names of the response times in each sample.
    pub response_times: Vec<String>,
    /// The samples.
    pub samples: Vec<Sample>,
}

/// What came to pass in a second, or in several of a long run: then the times are those of the worst second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sample {
    /// When it ends, in seconds after the start of the run.
    pub at_s: f64,
    /// How long it is.
    pub seconds: f64,
    /// Calls opened.
    pub opened: u64,
    /// Calls opened per second.
    pub rate: f64,
    /// Calls open when it ends.
    pub open: u64,
    /// Calls that ended well.
    pub succeeded: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Messages sent again.
    pub retransmissions: u64,
    /// Datagrams that our socket dropped.
    pub drops: u64,
    /// How much of a processor the worker took.
    pub cpu_share: f64,
    /// 99 % of the calls started no later than this, in ms.
    pub lag_p99_ms: f64,
    /// Response times, from when they were due; null where there was none.
    pub times: Vec<Option<Times>>,
}

/// Response times of a sample, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Times {
    /// Half took no longer.
    pub p50_ms: f64,
    /// 99 % took no longer.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// Makes the samples.
#[derive(Debug)]
pub struct Sampler {
    series: Series,
    /// The moment that the next sample begins.
    before: (Tick, Stats, Resources),
    /// Samples that come become one.
    at_a_time: usize,
    /// How many of them the last one holds.
    held: usize,
}

impl Sampler {
    /// Before any call. `nothing`: counters of which none has counted.
    pub fn new(response_times: impl IntoIterator<Item = String>, nothing: Stats) -> Sampler {
        let series = Series { response_times: response_times.into_iter().collect(), samples: Vec::new() };
        Sampler { series, before: (Tick::ZERO, nothing, Resources::default()), at_a_time: 1, held: 1 }
    }

    /// Adds what came since the last time.
    pub fn add(&mut self, at: Tick, stats: &Stats, resources: Resources) {
        let (began, before, before_resources) = &self.before;
        let (began, before) = stats.period_start(*began, before);
        if at <= began {
            return;
        }
        let sample = sample((began, &before), (at, stats), resources.since(before_resources));
        self.before = (at, stats.clone(), resources);
        match self.series.samples.last_mut() {
            Some(last) if self.held < self.at_a_time => {
                last.take_in(&sample);
                self.held += 1;
            }
            _ => {
                self.make_room();
                self.series.samples.push(sample);
                self.held = 1;
            }
        }
    }

    fn make_room(&mut self) {
        if self.series.samples.len() < MOST {
            return;
        }
        self.at_a_time *= 2;
        let pairs = self.series.samples.chunks(2).filter_map(|pair| {
            let (first, rest) = pair.split_first()?;
            let mut sample = first.clone();
            rest.iter().for_each(|next| sample.take_in(next));
            Some(sample)
        });
        self.series.samples = pairs.collect();
    }

    /// All samples, at the end.
    pub fn finish(self) -> Series {
        self.series
    }
}

fn sample((began, before): (Tick, &Stats), (at, now): (Tick, &Stats), used: Resources) -> Sample {
    let seconds = at.since(began).micros() as f64 / 1e6;
    let came = |of: fn(&Stats) -> u64| of(now).saturating_sub(of(before));
    let opened = came(Stats::created);
    let times = now.response_times.iter().zip(&before.response_times).map(|(now, before)| {
        let spread = Spread::of(&now.from_due.since(&before.from_due));
        (spread.count > 0).then_some(Times {
            p50_ms: spread.p50_ms,
            p99_ms: spread.p99_ms,
            max_ms: spread.max_ms,
        })
    });
    Sample {
        at_s: thousandths(at.micros() as f64 / 1e6),
        seconds: thousandths(seconds),
        opened,
        rate: thousandths(opened as f64 / seconds),
        open: now.current,
        succeeded: came(|stats| stats.successful),
        failed: came(|stats| stats.failed),
        retransmissions: came(|stats| stats.retransmissions),
        drops: used.drops.unwrap_or(0),
        cpu_share: thousandths(used.cpu_share()),
        lag_p99_ms: millis(now.start_lag.since(&before.start_lag).quantile_us(0.99) as f64),
        times: times.collect(),
    }
}

/// With three decimals.
pub(crate) fn thousandths(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

impl Sample {
    /// Makes one of this sample and the next.
    fn take_in(&mut self, next: &Sample) {
        let seconds = self.seconds + next.seconds;
        let opened = self.opened + next.opened;
        let share = self.cpu_share * self.seconds + next.cpu_share * next.seconds;
        *self = Sample {
            at_s: next.at_s,
            seconds: thousandths(seconds),
            opened,
            rate: if seconds > 0.0 { thousandths(opened as f64 / seconds) } else { 0.0 },
            open: next.open,
            succeeded: self.succeeded + next.succeeded,
            failed: self.failed + next.failed,
            retransmissions: self.retransmissions + next.retransmissions,
            drops: self.drops + next.drops,
            cpu_share: if seconds > 0.0 { thousandths(share / seconds) } else { 0.0 },
            lag_p99_ms: self.lag_p99_ms.max(next.lag_p99_ms),
            times: self.times.iter().zip(&next.times).map(|(one, other)| worse(*one, *other)).collect(),
        };
    }
}

fn worse(one: Option<Times>, other: Option<Times>) -> Option<Times> {
    let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
    Some(Times {
        p50_ms: one.p50_ms.max(other.p50_ms),
        p99_ms: one.p99_ms.max(other.p99_ms),
        max_ms: one.max_ms.max(other.max_ms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;

    fn sampler() -> (Sampler, Stats) {
        let stats = Stats::new(0, 0, &[Box::default()], &[]);
        (Sampler::new(["1".to_owned()], stats.clone()), stats)
    }

    fn used(cpu_ms: u64, wall_ms: u64) -> Resources {
        Resources::of_worker(Span::from_millis(cpu_ms), Span::from_millis(wall_ms), Some(0))
    }

    #[test]
    fn a_sample_holds_what_came_since_the_one_before() {
        let (mut sampler, mut stats) = sampler();
        (stats.outgoing, stats.current) = (10, 4);
        stats.response_times[0].record(Span::from_millis(500));
        sampler.add(Tick::from_millis(1_000), &stats, used(100, 1_000));
        (stats.outgoing, stats.current, stats.failed) = (15, 2, 1);
        stats.response_times[0].record_late(Span::from_millis(10), Span::from_millis(10));
        sampler.add(Tick::from_millis(1_500), &stats, used(350, 1_500));
        let series = sampler.finish();
        let [_, last] = &series.samples[..] else { panic!("{series:?}") };
        assert_eq!((last.at_s, last.seconds, last.opened, last.rate), (1.5, 0.5, 5, 10.0));
        assert_eq!((last.open, last.failed, last.cpu_share), (2, 1, 0.5));
        let times = last.times[0].unwrap();
        assert!((19.8..20.3).contains(&times.p50_ms) && (19.8..20.3).contains(&times.max_ms), "{times:?}");
    }

    /// `reset stats` sets all counters to zero in the middle.
    #[test]
    fn a_reset_begins_a_sample_of_its_own() {
        let (mut sampler, mut stats) = sampler();
        stats.outgoing = 10;
        sampler.add(Tick::from_millis(1_000), &stats, used(0, 1_000));
        stats.begin_anew(Tick::from_millis(1_500), Span::from_millis(1_500));
        stats.outgoing = 3;
        sampler.add(Tick::from_millis(2_000), &stats, used(0, 2_000));
        let last = sampler.finish().samples.pop().unwrap();
        assert_eq!((last.seconds, last.opened, last.rate), (0.5, 3, 6.0));
    }

    #[test]
    fn the_series_of_a_long_run_gets_coarser_and_loses_nothing() {
        let (mut sampler, mut stats) = sampler();
        for second in 1..=10_000 {
            stats.outgoing += 5;
            stats.response_times[0].record(Span::from_millis(if second == 7_777 { 900 } else { 3 }));
            sampler.add(Tick::from_millis(second * 1_000), &stats, used(second * 100, second * 1_000));
        }
        let samples = sampler.finish().samples;
        assert!((MOST / 2..=MOST).contains(&samples.len()), "{}", samples.len());
        assert_eq!(samples.iter().map(|sample| sample.opened).sum::<u64>(), 50_000);
        assert!(samples.iter().all(|sample| sample.rate == 5.0 && sample.seconds <= 4.0));
        assert_eq!(samples.last().map(|sample| sample.at_s), Some(10_000.0));
        let worst: Vec<_> = samples.iter().filter(|sample| sample.times[0].unwrap().max_ms > 800.0).collect();
        assert!(matches!(worst[..], [worst] if (7_774.0..=7_780.0).contains(&worst.at_s)), "{worst:?}");
    }
}
