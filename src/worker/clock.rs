//! The only place that reads the clock: ticks since the process's time zero, and the calendar at that moment.
//! Spec: runtime.md §1.1. Must not be read by the engine, which gets the time as an argument.
#![allow(clippy::disallowed_methods, reason = "this is the worker's clock")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::clock::{Tick, WallClock};
use crate::report::stamp::local_utc_offset;

/// A monotonic clock that starts at tick zero.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    zero: Instant,
    epoch_micros_at_zero: i64,
}

impl Clock {
    /// Time zero is now.
    pub fn start() -> Clock {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let epoch_micros_at_zero = i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX);
        Clock { zero: Instant::now(), epoch_micros_at_zero }
    }

    /// The time now.
    pub fn now(&self) -> Tick {
        Tick::from_micros(u64::try_from(self.zero.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// Relates ticks to the calendar; looks up the time zone.
    pub fn wall(&self) -> WallClock {
        WallClock {
            epoch_micros_at_zero: self.epoch_micros_at_zero,
            utc_offset_seconds: local_utc_offset(self.epoch_micros_at_zero),
        }
    }
}
