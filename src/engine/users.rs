//! User ids under `-users`: who makes the next call, and who joins or leaves when the number changes.
//! Spec: runtime.md §2.6. The first calls get N, N-1, … 1; a freed id goes to the back of the queue. Of several workers
//! each has every Nth id. An id is never in two calls at
//! a time, whatever the changes. Must not open calls.

use std::collections::VecDeque;

use super::share::Share;

/// The ids in play: each is free or in a call.
#[derive(Debug)]
pub struct Users {
    share: Share,
    /// Of all workers.
    wanted: u32,
    free: VecDeque<u32>,
    busy: u32,
    /// Ids taken out of play, to be used again before new ones are made.
    retired: VecDeque<u32>,
    /// How many ids were ever made.
    made: u32,
}

impl Users {
    /// A worker's share of `wanted` users, none of them in a call.
    pub fn new(wanted: u32, share: Share) -> Users {
        let nobody = VecDeque::new;
        let mut users = Users { share, wanted, free: nobody(), busy: 0, retired: nobody(), made: 0 };
        users.set(wanted);
        users.free.make_contiguous().reverse();
        users
    }

    /// The number of users wanted of all workers: `[users]`.
    pub fn wanted(&self) -> u32 {
        self.wanted
    }

    /// The highest user id there has been; 0: none.
    pub fn highest(&self) -> u32 {
        self.made.checked_sub(1).map_or(0, |last| self.id(last))
    }

    fn id(&self, k: u32) -> u32 {
        u32::try_from(self.share.number(1, k.into())).unwrap_or(u32::MAX)
    }

    /// How many of those wanted are this worker's.
    fn own(&self) -> u64 {
        self.share.part_of(self.wanted.into())
    }

    /// The user of the next call, if one is free.
    pub fn take(&mut self) -> Option<u32> {
        let user = self.free.pop_front()?;
        self.busy += 1;
        Some(user)
    }

    /// Whether a call could be opened now.
    pub fn any_free(&self) -> bool {
        !self.free.is_empty()
    }

    /// A call of this user has ended: the user makes another, or retires while there are more users than wanted.
    pub fn give_back(&mut self, user: u32) {
        let too_many = self.in_play() > self.own();
        self.busy = self.busy.saturating_sub(1);
        if too_many {
            self.retired.push_back(user);
        } else {
            self.free.push_back(user);
        }
    }

    /// Another number of users of all workers. More: they can call at once. Fewer: those without a call retire, the others when theirs ends.
    pub fn set(&mut self, wanted: u32) {
        self.wanted = wanted;
        while self.in_play() > self.own()
            && let Some(user) = self.free.pop_back()
        {
            self.retired.push_back(user);
        }
        while self.in_play() < self.own() {
            let user = self.retired.pop_front().unwrap_or_else(|| {
                self.made += 1;
                self.id(self.made - 1)
            });
            self.free.push_back(user);
        }
    }

    fn in_play(&self) -> u64 {
        u64::from(self.busy) + self.free.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_free(users: &mut Users) -> Vec<u32> {
        std::iter::from_fn(|| users.take()).collect()
    }

    /// runtime.md §2.6: `-users 3`: ids 3 2 1 | 3 2 1.
    #[test]
    fn the_first_calls_get_the_highest_ids_and_a_freed_id_queues_up_at_the_back() {
        let mut users = Users::new(3, Share::WHOLE);
        let first = all_free(&mut users);
        assert_eq!(first, [3, 2, 1]);
        first.into_iter().for_each(|id| users.give_back(id));
        assert_eq!(all_free(&mut users), [3, 2, 1]);
    }

    /// runtime.md §2.6: new ids are old count + 1 … (sipp 3.6.1 gives them out in this order).
    #[test]
    fn more_users_get_the_next_ids() {
        let mut users = Users::new(3, Share::WHOLE);
        all_free(&mut users);
        users.set(5);
        assert_eq!(all_free(&mut users), [4, 5]);
    }

    /// runtime.md §2.6, Bug and Replacement: 3 -> 2 -> 3 users.
    #[test]
    fn a_retired_id_comes_back_before_a_new_one_and_none_is_in_two_calls() {
        let mut users = Users::new(3, Share::WHOLE);
        all_free(&mut users);
        users.set(2);
        users.give_back(3);
        assert_eq!(all_free(&mut users), [0_u32; 0], "three were open, two are wanted");
        users.give_back(2);
        assert_eq!(all_free(&mut users), [2]);
        users.set(3);
        assert_eq!(all_free(&mut users), [3]);
        users.set(4);
        assert_eq!(all_free(&mut users), [4]);
    }

    /// runtime.md §2.6: calls go on. More again before they have ended: nobody was sent away in vain.
    #[test]
    fn fewer_users_and_more_again_in_mid_call_changes_nothing() {
        let mut users = Users::new(3, Share::WHOLE);
        all_free(&mut users);
        users.set(0);
        assert!(!users.any_free());
        users.set(3);
        assert!(!users.any_free(), "all three are still in their calls");
        [3, 2, 1].into_iter().for_each(|id| users.give_back(id));
        assert_eq!(all_free(&mut users), [3, 2, 1]);
    }

    #[test]
    fn of_users_without_a_call_those_at_the_back_leave_first() {
        let mut users = Users::new(3, Share::WHOLE);
        users.set(1);
        assert_eq!(all_free(&mut users), [3]);
        users.give_back(3);
        assert_eq!(all_free(&mut users), [3]);
    }

    /// No id is ever in two calls at a time and the number of calls settles at what is wanted.
    #[test]
    fn any_mixture_of_changes_and_calls_keeps_ids_apart() {
        let mut users = Users::new(4, Share::WHOLE);
        let mut open: Vec<u32> = Vec::new();
        let mut seed = 1_u32;
        for _ in 0..10_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match seed >> 30 {
                0 => users.set(seed >> 8 & 7),
                1 if !open.is_empty() => users.give_back(open.remove((seed >> 8) as usize % open.len())),
                _ => open.extend(users.take()),
            }
            let mut ids = open.clone();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), open.len(), "{open:?}");
            assert!(users.highest() <= 8);
        }
        users.set(5);
        open.drain(..).for_each(|id| users.give_back(id));
        assert_eq!(all_free(&mut users).len(), 5);
    }

    /// runtime.md §2.6 for several workers: the ids are those of one, and no two have the same.
    #[test]
    fn workers_share_the_users_out_among_themselves() {
        for (wanted, then) in [(5, 8), (8, 2), (1, 3)] {
            let mut ids = Vec::new();
            for share in Share::of_each(3) {
                let mut users = Users::new(wanted, share);
                users.set(then);
                assert_eq!(users.wanted(), then);
                ids.extend(all_free(&mut users));
            }
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), then as usize, "{wanted} and then {then}: {ids:?}");
            assert!(ids.iter().all(|id| (1..=wanted.max(then)).contains(id)), "{ids:?}");
        }
    }
}
