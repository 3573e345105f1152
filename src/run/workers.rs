//! The workers of one side, as the rest of a run sees them: as one. Orders go to all, what they say of themselves is added up, and what
//! ends one of them ends what it must.
//! Spec: none of SIPp's (design.md, "Workers"). In: running threads. Out: news of the side. Must not know calls.

use std::collections::VecDeque;
use std::thread::JoinHandle;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::stop::Stop;
use crate::cli::{Limit, Options};
use crate::engine::trail::FailedCall;
use crate::engine::{Command, RunEnd};
use crate::scenario::plan::Role;
use crate::worker::{Order, Outcome, Purpose, Report, Status};

/// How many workers a side gets. A client gets no more than there are calls, users or places (`-l`) to share out: one without would only
/// let its part of the rate pass by.
pub fn count(options: &Options, role: Role) -> u32 {
    let load = &options.load;
    let limit = match load.limit {
        Some(Limit::Calls(calls)) => Some(calls),
        Some(Limit::Unlimited) | None => None,
    };
    let calls = load.calls.map(|calls| u32::try_from(calls).unwrap_or(u32::MAX));
    let shared = [calls, load.users, limit].into_iter().flatten().filter(|_| role == Role::Client);
    shared.fold(options.run.workers, u32::min).max(1)
}

/// A worker that runs.
#[derive(Debug)]
pub struct Hand {
    /// Orders to it.
    pub orders: UnboundedSender<Order>,
    /// Its thread.
    pub thread: JoinHandle<Outcome>,
    /// Port of its socket.
    pub local_port: u16,
}

/// What a side has to tell.
#[derive(Debug)]
pub enum News {
    /// `<exec command>`: to be started.
    Run(Vec<u8>),
    /// How things stand, because it was asked for.
    Status(Purpose, Box<Status>),
    /// All its workers have ended.
    Ended,
}

/// All workers of a side.
#[derive(Debug)]
pub struct Workers {
    hands: Vec<Hand>,
    reports: UnboundedReceiver<(usize, Report)>,
    /// What each said and the others have not yet.
    said: Vec<Said>,
    news: VecDeque<News>,
}

#[derive(Debug, Default)]
struct Said {
    /// Statuses asked for, in order.
    statuses: VecDeque<(Purpose, Box<Status>)>,
    /// The last one.
    last: Option<Box<Status>>,
    has_finished: bool,
    is_gone: bool,
}

/// A side that has ended.
#[derive(Debug)]
pub struct Finished {
    /// How things stood at its end.
    pub status: Status,
    /// Why it ended before its calls did.
    pub end: Option<RunEnd>,
    /// The first calls that failed of each cause, of each worker, with its port.
    pub failed_calls: Vec<(u16, Vec<FailedCall>)>,
}

impl Workers {
    /// Listens to workers, at least one.
    pub fn new(hands: Vec<Hand>, reports: UnboundedReceiver<(usize, Report)>) -> Workers {
        let said = hands.iter().map(|_| Said::default()).collect();
        Workers { hands, reports, said, news: VecDeque::new() }
    }

    /// The port of the first one.
    pub fn local_port(&self) -> u16 {
        self.hands.first().map_or(0, |hand| hand.local_port)
    }

    /// Their main sockets.
    pub fn sockets(&self) -> u64 {
        self.hands.len() as u64
    }

    /// Gives an order to all.
    pub fn tell(&self, order: Order) {
        for hand in &self.hands {
            // One that has ended needs no orders.
            let _ = hand.orders.send(order);
        }
    }

    /// Waits for news; [`News::Ended`] is the last. Dropping the future loses nothing.
    pub async fn next(&mut self) -> News {
        loop {
            if let Some(news) = self.news.pop_front() {
                return news;
            }
            match self.reports.recv().await {
                Some((worker, report)) => self.hear(worker, report),
                None => return News::Ended,
            }
        }
    }

    /// Takes the side's result.
    ///
    /// # Errors
    /// A worker panicked, which is a bug of rsipp.
    pub fn finish(self) -> Result<Finished, Stop> {
        let failed = || Stop::fatal("The worker failed: this is a bug in rsipp, please report it.");
        let (mut end, mut failed_calls) = (None, Vec::new());
        for hand in self.hands {
            let outcome = hand.thread.join().map_err(|_| failed())?;
            end = end.or(outcome.end);
            failed_calls.push((hand.local_port, outcome.failed_calls));
        }
        let status = sum(self.said.into_iter().map(|said| (said.is_gone, said.last))).ok_or_else(failed)?;
        Ok(Finished { status, end, failed_calls })
    }

    fn hear(&mut self, worker: usize, report: Report) {
        let Some(said) = self.said.get_mut(worker) else { return };
        match report {
            Report::Run(text) => self.news.push_back(News::Run(text)),
            Report::Status(purpose, status) => said.statuses.push_back((purpose, status)),
            Report::OpensNoMore => self.tell(Order::Engine(Command::NoMoreCalls)),
            Report::Finished => {
                said.has_finished = true;
                // All calls that were to come have come, to whomever.
                let all = self.said.iter().all(|said| said.has_finished);
                self.tell(if all { Order::Stop } else { Order::Engine(Command::NoMoreCalls) });
            }
            Report::Ended { status, is_broken_off } => {
                said.last = Some(status);
                if is_broken_off {
                    self.tell(Order::Stop);
                }
            }
            Report::Gone => {
                said.is_gone = true;
                if said.last.is_none() {
                    self.tell(Order::Stop);
                }
            }
        }
        self.gather();
        if self.said.iter().all(|said| said.is_gone) {
            self.news.push_back(News::Ended);
        }
    }

    /// Adds up the statuses that have come from all. One that has ended is as it was at its end.
    fn gather(&mut self) {
        while self.said.iter().all(|said| said.is_gone || !said.statuses.is_empty()) {
            let Some(purpose) =
                self.said.iter().find_map(|said| said.statuses.front()).map(|(purpose, _)| *purpose)
            else {
                return;
            };
            let latest = self.said.iter_mut().map(|said| match said.statuses.pop_front() {
                Some((_, status)) => (false, Some(status)),
                None => (true, said.last.clone()),
            });
            if let Some(status) = sum(latest.collect::<Vec<_>>().into_iter()) {
                self.news.push_back(News::Status(purpose, Box::new(status)));
            }
        }
    }
}

/// Adds statuses up. What is the same for all is that of the first worker that has not ended.
fn sum(statuses: impl Iterator<Item = (bool, Option<Box<Status>>)>) -> Option<Status> {
    let mut statuses: Vec<_> = statuses.filter_map(|(ended, status)| Some((ended, *status?))).collect();
    statuses.sort_by_key(|(ended, _)| *ended);
    let mut statuses = statuses.into_iter().map(|(_, status)| status);
    let mut sum = statuses.next()?;
    statuses.for_each(|status| sum.merge(&status));
    Some(sum)
}
