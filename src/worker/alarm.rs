//! Wakes a worker at a tick, to the microsecond: tokio's own timers are only good to a millisecond, which would show as start lag.
//! Spec: design.md (start lag). In: a span to wait. Must not read the clock.

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
        Ok(Alarm(AsyncFd::register(timerfd_create(TimerfdClockId::Monotonic, flags)?)?))
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
            let read = ready.try_io(|fd| rustix::io::read(fd.get_ref(), &mut expiries).map_err(io::Error::from));
            if read.is_ok() {
                return;
            }
        }
    }
}
