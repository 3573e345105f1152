//! Which calls of a run are whose: with `-workers` each engine runs its share of them, and together they do what one would.
//! Spec: none of SIPp's (design.md, "Workers"). In: totals and numbers of the whole run. Out: the part of one worker, exact to a call:
//! call k of the schedule belongs to worker k modulo N. Must not know other workers.

use std::sync::atomic::{AtomicU64, Ordering};

/// One worker's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    index: u32,
    /// At least 1, and above `index`.
    workers: u32,
}

impl Default for Share {
    fn default() -> Share {
        Share::WHOLE
    }
}

impl Share {
    /// That of the only worker.
    pub const WHOLE: Share = Share { index: 0, workers: 1 };

    /// The shares of so many workers; one has the whole.
    pub fn of_each(workers: u32) -> impl Iterator<Item = Share> {
        let workers = workers.max(1);
        (0..workers).map(move |index| Share { index, workers })
    }

    /// Position of the worker, from 0.
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many workers there are.
    pub fn workers(self) -> u32 {
        self.workers
    }

    /// Whether it is the first worker: it speaks where one is enough.
    pub fn is_first(self) -> bool {
        self.index == 0
    }

    /// Whether there is no other worker.
    pub fn is_whole(self) -> bool {
        self.workers == 1
    }

    /// Its part of `total`; those of all workers add up to it.
    pub fn part_of(self, total: u64) -> u64 {
        let (workers, index) = (u64::from(self.workers), u64::from(self.index));
        total / workers + u64::from(index < total % workers)
    }

    /// The `k`th number, from 0, of those that count up from `first` and are dealt out in turn.
    pub fn number(self, first: u64, k: u64) -> u64 {
        first.saturating_add(u64::from(self.index)).saturating_add(k.saturating_mul(self.step()))
    }

    /// How far its numbers are apart.
    pub fn step(self) -> u64 {
        u64::from(self.workers)
    }
}

/// `-m` of a server with several workers: nobody knows which of them the next call comes to, so they draw from one stock. Touched once
/// a call, and only then.
#[derive(Debug)]
pub struct Tickets {
    taken: AtomicU64,
    total: u64,
}

impl Tickets {
    /// A stock for so many calls.
    pub fn new(total: u64) -> Tickets {
        Tickets { taken: AtomicU64::new(0), total }
    }

    /// Takes one; false when there is none left.
    pub fn take(&self) -> bool {
        self.taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
                (taken < self.total).then_some(taken + 1)
            })
            .is_ok()
    }

    /// Whether there is none left.
    pub fn are_gone(&self) -> bool {
        self.taken.load(Ordering::Relaxed) >= self.total
    }

    /// Counting begins anew (`reset stats`): all are there again.
    pub fn put_back(&self) {
        self.taken.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_and_differ_by_one_at_most() {
        for workers in 1..=5 {
            for total in 0..23 {
                let parts: Vec<u64> = Share::of_each(workers).map(|share| share.part_of(total)).collect();
                assert_eq!(parts.iter().sum::<u64>(), total);
                assert!(parts[0] - parts[parts.len() - 1] <= 1, "{parts:?}");
            }
        }
    }

    #[test]
    fn numbers_are_dealt_out_in_turn() {
        let dealt: Vec<u64> =
            (0..3).flat_map(|k| Share::of_each(2).map(move |share| share.number(1, k))).collect();
        assert_eq!(dealt, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_stock_gives_as_many_tickets_as_it_has_to_however_many_threads() {
        let tickets = Tickets::new(1_000);
        let taken: usize = std::thread::scope(|scope| {
            let take = || (0..1_000).filter(|_| tickets.take()).count();
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!((taken, tickets.are_gone()), (1_000, true));
        tickets.put_back();
        assert!(tickets.take());
    }
}
