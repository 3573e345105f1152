//! Wakes a worker at a tick, to the microsecond: tokio's own timers are only good to a millisecond, which would show as start lag.
//! Spec: design.md (start lag). In: a span to wait. Must not read the clock.
#![allow(unsafe_code, reason = "tokio registers a descriptor of its user's only through an unsafe function")]

use std::io;
use std::os::fd::OwnedFd;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::unix::AsyncFd;

use crate::clock::Span;

/// One timer of the kernel.
#[derive(Debug)]
pub struct Alarm(AsyncFd<OwnedFd>);

impl Alarm {
    /// A timer that is not set. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The system's.
    pub fn new() -> io::Result<Alarm> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        // SAFETY: an `OwnedFd` names the same open descriptor from here until `AsyncFd` has deregistered and dropped it.
        unsafe { AsyncFd::register(timer) }.map(Alarm).map_err(io::Error::from)
    }

    /// Sets the timer: [`Alarm::rings`] ends after `span` (at least a microsecond).
    ///
    /// # Errors
    /// The system's.
    pub fn set(&self, span: Span) -> io::Result<()> {
        let micros = span.micros().max(1);
        let it_value = Timespec {
            tv_sec: i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX),
            tv_nsec: i64::try_from(micros % 1_000_000 * 1_000).unwrap_or(0),
        };
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        // A new setting also forgets an expiry that nobody has read.
        timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &Itimerspec { it_interval, it_value })?;
        Ok(())
    }

    /// Waits until the timer is over. Dropping the future loses nothing.
    pub async fn rings(&self) {
        loop {
            let Ok(mut ready) = self.0.readable().await else { return };
            let mut expiries = [0_u8; 8];
            let read =
                ready.try_io(|fd| rustix::io::read(fd.get_ref(), &mut expiries).map_err(io::Error::from));
            if read.is_ok() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::worker::Clock;

    #[tokio::test]
    async fn it_rings_once_for_each_setting_and_not_before_its_time() {
        let (alarm, clock) = (Alarm::new().unwrap(), Clock::start());
        for micros in [300, 2_500] {
            let before = clock.now();
            alarm.set(Span::from_micros(micros)).unwrap();
            alarm.rings().await;
            assert!(clock.now().since(before) >= Span::from_micros(micros));
        }
        alarm.set(Span::from_micros(60_000_000)).unwrap();
        let too_early = tokio::time::timeout(Duration::from_millis(20), alarm.rings()).await;
        assert!(too_early.is_err());
    }
}
