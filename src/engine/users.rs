//! User ids under `-users`: who makes the next call.
//! Spec: runtime.md §2.6. The first calls get N, N-1, … 1; a freed id goes to the back of the queue. Must not open calls.

use std::collections::VecDeque;

/// The ids 1..=N that are not in a call.
#[derive(Debug)]
pub struct Users {
    wanted: u32,
    free: VecDeque<u32>,
}

impl Users {
    /// `wanted` users, none of them in a call.
    pub fn new(wanted: u32) -> Users {
        Users { wanted, free: (1..=wanted).rev().collect() }
    }

    /// The number of users wanted: `[users]`.
    pub fn wanted(&self) -> u32 {
        self.wanted
    }

    /// The user of the next call, if one is free.
    pub fn take(&mut self) -> Option<u32> {
        self.free.pop_front()
    }

    /// Whether a call could be opened now.
    pub fn any_free(&self) -> bool {
        !self.free.is_empty()
    }

    /// A call of this user has ended.
    pub fn give_back(&mut self, user: u32) {
        self.free.push_back(user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// runtime.md §2.6: `-users 3`: ids 3 2 1 | 3 2 1.
    #[test]
    fn the_first_calls_get_the_highest_ids_and_a_freed_id_queues_up_at_the_back() {
        let mut users = Users::new(3);
        let first: Vec<_> = std::iter::from_fn(|| users.take()).collect();
        assert_eq!(first, [3, 2, 1]);
        first.into_iter().for_each(|id| users.give_back(id));
        assert_eq!(std::iter::from_fn(|| users.take()).collect::<Vec<_>>(), [3, 2, 1]);
    }
}
