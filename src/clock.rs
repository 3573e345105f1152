//! Time as the engine sees it: a monotonic tick that is always an argument, and the wall clock derived from it.
//! Spec: runtime.md §1.1. Must not read any clock: the worker does, and hands the tick on.

use std::ops::{Add, Sub};

/// Microseconds since the process's time zero. Monotonic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(u64);

impl Tick {
    /// Time zero of the process.
    pub const ZERO: Tick = Tick(0);

    /// A tick from microseconds since time zero.
    pub const fn from_micros(micros: u64) -> Tick {
        Tick(micros)
    }

    /// A tick from milliseconds since time zero.
    pub const fn from_millis(millis: u64) -> Tick {
        Tick(millis * 1_000)
    }

    /// Microseconds since time zero.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since time zero: the value of `[clock_tick]`.
    pub const fn millis(self) -> u64 {
        self.0 / 1_000
    }

    /// Time passed since `earlier`; nothing when `earlier` is later.
    pub const fn since(self, earlier: Tick) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A length of time in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// A span of so many microseconds.
    pub const fn from_micros(micros: u64) -> Span {
        Span(micros)
    }

    /// A span of so many milliseconds.
    pub const fn from_millis(millis: u64) -> Span {
        Span(millis * 1_000)
    }

    /// Length in microseconds.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Length in whole milliseconds, truncated.
    pub const fn millis(self) -> u64 {
        self.0 / 1_000
    }

    /// Twice as long, without overflow.
    pub const fn doubled(self) -> Span {
        Span(self.0.saturating_mul(2))
    }
}

impl Add<Span> for Tick {
    type Output = Tick;
    fn add(self, span: Span) -> Tick {
        Tick(self.0.saturating_add(span.0))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, more: Span) -> Span {
        Span(self.0.saturating_add(more.0))
    }
}

impl Sub<Span> for Tick {
    type Output = Tick;
    fn sub(self, span: Span) -> Tick {
        Tick(self.0.saturating_sub(span.0))
    }
}

/// Relates ticks to the calendar: epoch microseconds at tick zero and the local offset from UTC, both fixed at start-up
/// (outputs.md §1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WallClock {
    /// Microseconds since 1970-01-01T00:00:00Z at [`Tick::ZERO`].
    pub epoch_micros_at_zero: i64,
    /// Seconds east of UTC.
    pub utc_offset_seconds: i32,
}

impl WallClock {
    /// Microseconds since the epoch at `tick`.
    pub fn epoch_micros(&self, tick: Tick) -> i64 {
        self.epoch_micros_at_zero.saturating_add_unsigned(tick.micros())
    }
}
