//! The workers of one server in a ring: what may be another one's goes from each to the next, until one keeps it.
//! Spec: none of SIPp's; `engine::stray` says which messages. In: strays. Out: the same, at the next worker. Must not look into them.

use std::future::pending;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::engine::Stray;

/// A worker's place in the ring.
#[derive(Debug)]
pub struct Ring {
    inbox: UnboundedReceiver<Box<Stray>>,
    next: UnboundedSender<Box<Stray>>,
    /// Came while the worker slept.
    waiting: Option<Box<Stray>>,
}

impl Ring {
    /// The places of so many workers.
    pub fn of(workers: usize) -> Vec<Ring> {
        let (senders, inboxes): (Vec<_>, Vec<_>) = (0..workers).map(|_| unbounded_channel()).unzip();
        let nexts = senders.iter().cycle().skip(1).cloned();
        inboxes.into_iter().zip(nexts).map(|(inbox, next)| Ring { inbox, next, waiting: None }).collect()
    }

    /// Gives one to the next worker. When that one is gone, the run is about to end.
    pub fn pass_on(&self, stray: Box<Stray>) {
        let _ = self.next.send(stray);
    }

    /// One that has come.
    pub fn try_next(&mut self) -> Option<Box<Stray>> {
        self.waiting.take().or_else(|| self.inbox.try_recv().ok())
    }
}

/// Waits for a stray; for ever without a ring. Dropping the future loses nothing.
pub async fn has_news(ring: Option<&mut Ring>) {
    match ring {
        Some(Ring { waiting: Some(_), .. }) => {}
        Some(ring) => match ring.inbox.recv().await {
            Some(stray) => ring.waiting = Some(stray),
            // The worker before is gone.
            None => pending().await,
        },
        None => pending().await,
    }
}
