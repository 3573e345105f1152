//! Readiness of many descriptors at the price of one: an epoll of our own, itself watched by the runtime.
//! Spec: transport.md §9 (event wait). In: descriptors with a number. Out: the numbers of those that have news. Must not read them.
//!
//! A busy worker asks directly and never goes through the runtime; a quiet one waits for [`Poller::has_news`].
#![allow(unsafe_code, reason = "tokio registers a descriptor of its user's only through an unsafe function")]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Most news of one system call.
const BATCH: usize = 128;

/// Watches descriptors, each edge by edge: what has news must be used until it blocks.
#[derive(Debug)]
pub(super) struct Poller {
    epoll: AsyncFd<OwnedFd>,
}

impl Poller {
    /// Watches nothing yet. Must be called inside a tokio runtime with I/O enabled.
    pub fn new() -> io::Result<Poller> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        // SAFETY: an `OwnedFd` names the same open descriptor from here until `AsyncFd` has deregistered and dropped it.
        let epoll = unsafe { AsyncFd::register_with_interest(epoll, Interest::READABLE) };
        Ok(Poller { epoll: epoll.map_err(io::Error::from)? })
    }

    /// Watches a descriptor until it is closed.
    pub fn watch(&self, descriptor: &impl AsFd, number: u64) -> io::Result<()> {
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        Ok(epoll::add(self.epoll.get_ref(), descriptor, EventData::new_u64(number), flags)?)
    }

    /// Gives the numbers of all that have news now.
    pub fn news(&self, mut of: impl FnMut(u64)) {
        let at_once = rustix::time::Timespec { tv_sec: 0, tv_nsec: 0 };
        loop {
            let mut room = [const { MaybeUninit::<Event>::uninit() }; BATCH];
            let Ok((found, _)) = epoll::wait(self.epoll.get_ref(), &mut room, Some(&at_once)) else { return };
            found.iter().for_each(|event| of(event.data.u64()));
            if found.len() < BATCH {
                return;
            }
        }
    }

    /// Waits until something may have news. Dropping the future loses nothing.
    pub async fn has_news(&self) {
        if let Ok(mut ready) = self.epoll.readable().await {
            // Cleared before anybody looks: what comes from now on is an edge again.
            ready.clear_ready();
        }
    }
}
