//! The watchdog: notices that its worker was kept from running, warns, and ends the run when that happens too often.
//! Spec: cli.md §4.10, §16. In: the time, whenever the worker looks at its timers. Out: warnings, or the end of the run. What it
//! measures is the worker's own lateness: a machine that is too busy, a stopped process, a laptop that slept.

use crate::clock::{Span, Tick};

/// `-watchdog_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How often the watchdog looks; never zero.
    pub interval: Span,
    /// Counts begin anew after so long without a trip; zero: never.
    pub reset: Span,
    /// The lesser trip.
    pub minor: Limit,
    /// The greater trip; a late run counts as one or the other, not as both.
    pub major: Limit,
}

/// When a trip happens, and how many are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// More than this between two looks is a trip.
    pub threshold: Span,
    /// More trips than this end the run; negative: never.
    pub most: i64,
}

/// What a look found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Warnings, in order.
    pub warnings: Vec<String>,
    /// The run is to end, for this reason.
    pub fatal: Option<String>,
}

/// How often the watchdog was tripped since the start (outputs.md §3, `WatchdogMinor` and `WatchdogMajor`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trips {
    /// Above the minor threshold only.
    pub minor: u64,
    /// Above the major threshold.
    pub major: u64,
}

/// One worker's watchdog.
#[derive(Debug)]
pub struct Watchdog {
    limits: Limits,
    looked: Tick,
    tripped: Option<Tick>,
    minor: i64,
    major: i64,
    /// Since the start, whatever was reset.
    pub trips: Trips,
}

impl Watchdog {
    /// Begins to watch.
    pub fn new(limits: Limits, now: Tick) -> Watchdog {
        Watchdog { limits, looked: now, tripped: None, minor: 0, major: 0, trips: Trips::default() }
    }

    /// When it wants to look next.
    pub fn due(&self) -> Tick {
        self.looked + self.limits.interval
    }

    /// Looks, if it is time.
    pub fn look(&mut self, now: Tick) -> Found {
        if now < self.due() {
            return Found::default();
        }
        let since = now.since(self.looked);
        self.looked = now;
        let Limits { minor, major, reset, .. } = self.limits;
        let mut found = Found::default();
        if since > major.threshold {
            self.trips.major += 1;
            self.major += 1;
            self.tripped = Some(now);
            found.warnings.push(tripped("major", major, since, self.major));
        } else if since > minor.threshold {
            self.trips.minor += 1;
            self.minor += 1;
            self.tripped = Some(now);
            found.warnings.push(tripped("minor", minor, since, self.minor));
        } else if reset > Span::ZERO && self.tripped.is_some_and(|tripped| now.since(tripped) > reset) {
            self.tripped = None;
            (self.minor, self.major) = (0, 0);
            let reset = reset.millis();
            found.warnings.push(format!(
                "Resetting watchdog timer trigger counts, as it has not been triggered in over {reset}ms."
            ));
        }
        found.fatal = self.too_often();
        found
    }

    fn too_often(&self) -> Option<String> {
        let Limits { minor, major, .. } = self.limits;
        let (minors, majors) = (self.minor, self.major);
        let text = |this: &str, limit: Limit, count: i64, other: &str, others: Limit, other_count: i64| {
            format!(
                "Overload error: the watchdog timer has tripped the {this} threshold of {}ms too many times \
                 ({count} out of {} allowed) ({other_count} out of {} {other} {}ms timeouts tripped)",
                limit.threshold.millis(),
                limit.most,
                others.most,
                others.threshold.millis()
            )
        };
        if major.is_exceeded_by(majors) {
            Some(text("major", major, majors, "minor", minor, minors))
        } else if minor.is_exceeded_by(minors) {
            Some(text("minor", minor, minors, "major", major, majors))
        } else {
            None
        }
    }
}

impl Limit {
    fn is_exceeded_by(self, count: i64) -> bool {
        self.most >= 0 && count > self.most
    }
}

fn tripped(which: &str, limit: Limit, since: Span, count: i64) -> String {
    format!(
        "Overload warning: the {which} watchdog timer {}ms has been tripped ({}), {} trips remaining.",
        limit.threshold.millis(),
        since.millis(),
        limit.most - count
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        interval: Span::from_millis(400),
        reset: Span::from_millis(600_000),
        minor: Limit { threshold: Span::from_millis(500), most: 120 },
        major: Limit { threshold: Span::from_millis(3_000), most: 10 },
    };

    /// What is found at these times, in milliseconds.
    fn looks(limits: Limits, at: &[u64]) -> (Vec<String>, Option<String>) {
        let mut watchdog = Watchdog::new(limits, Tick::ZERO);
        let mut warnings = Vec::new();
        for at in at {
            let found = watchdog.look(Tick::from_millis(*at));
            warnings.extend(found.warnings);
            if found.fatal.is_some() {
                return (warnings, found.fatal);
            }
        }
        (warnings, None)
    }

    /// cli.md §16.
    #[test]
    fn in_time_it_says_nothing_and_before_its_time_it_does_not_look() {
        assert_eq!(looks(LIMITS, &[400, 800, 1_000, 1_299]), (vec![], None));
    }

    /// cli.md §16; the texts are those of sipp 3.6.1.
    #[test]
    fn late_is_a_minor_trip_and_very_late_a_major_one() {
        let minor =
            "Overload warning: the minor watchdog timer 500ms has been tripped (1193), 119 trips remaining.";
        assert_eq!(looks(LIMITS, &[1_193]), (vec![minor.to_owned()], None));
        let major =
            "Overload warning: the major watchdog timer 3000ms has been tripped (3001), 9 trips remaining.";
        assert_eq!(looks(LIMITS, &[3_001]), (vec![major.to_owned()], None));
        assert_eq!(looks(LIMITS, &[500, 1_000]), (vec![], None), "the threshold itself is no trip");
    }

    /// cli.md §16; the texts are those of sipp 3.6.1.
    #[test]
    fn more_trips_than_allowed_end_the_run() {
        let limits = Limits { minor: Limit { most: 1, ..LIMITS.minor }, ..LIMITS };
        let (warnings, fatal) = looks(limits, &[604, 1_208]);
        assert!(warnings[1].ends_with("(604), -1 trips remaining."), "{warnings:?}");
        assert_eq!(
            fatal.unwrap(),
            "Overload error: the watchdog timer has tripped the minor threshold of 500ms too many times \
             (2 out of 1 allowed) (0 out of 10 major 3000ms timeouts tripped)"
        );
        let limits = Limits { major: Limit { most: 0, ..LIMITS.major }, ..LIMITS };
        assert_eq!(
            looks(limits, &[600, 4_000]).1.unwrap(),
            "Overload error: the watchdog timer has tripped the major threshold of 3000ms too many times \
             (1 out of 0 allowed) (1 out of 120 minor 500ms timeouts tripped)"
        );
    }

    /// cli.md §16.
    #[test]
    fn a_negative_maximum_never_ends_the_run() {
        let never = |limit: Limit| Limit { most: -1, ..limit };
        let limits = Limits { minor: never(LIMITS.minor), major: never(LIMITS.major), ..LIMITS };
        let (warnings, fatal) = looks(limits, &[600, 1_200, 9_000]);
        assert_eq!((warnings.len(), fatal), (3, None));
        assert!(warnings[0].ends_with("-2 trips remaining."), "{warnings:?}");
    }

    /// cli.md §16.
    #[test]
    fn without_trips_for_long_the_counts_begin_anew_but_those_of_the_statistics_do_not() {
        let mut watchdog =
            Watchdog::new(Limits { reset: Span::from_millis(1_000), ..LIMITS }, Tick::from_millis(0));
        watchdog.look(Tick::from_millis(600));
        watchdog.look(Tick::from_millis(1_050));
        let found = watchdog.look(Tick::from_millis(1_500));
        assert_eq!(found, Found::default());
        let found = watchdog.look(Tick::from_millis(1_950));
        let reset = "Resetting watchdog timer trigger counts, as it has not been triggered in over 1000ms.";
        assert_eq!(found.warnings, [reset]);
        let found = watchdog.look(Tick::from_millis(2_551));
        assert!(found.warnings[0].ends_with("119 trips remaining."), "{found:?}");
        assert_eq!(watchdog.trips, Trips { minor: 2, major: 0 });
    }
}
