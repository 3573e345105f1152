//! Which datagrams leave the system together: those of one size to one peer cross it as one (`UDP_SEGMENT`), at a fraction of the cost.
//!
//! Spec: transport.md §9 (better); design.md (hot path). In: the datagrams of one pass, in order. Out: the same, in groups. What a
//! call sends keeps its order; calls overtake each other, as datagrams may. Must not look into a datagram, nor send.

use std::net::SocketAddr;

/// Most datagrams of a group: what all kernels allow.
const MOST: u32 = 64;

/// Most bytes of a group: a datagram's, which the system takes it for.
const MOST_BYTES: usize = 65_000;

/// How many groups back one is looked for that a datagram may join.
const LOOKS_BACK: usize = 8;

/// Calls are told apart by so many numbers; two with the same are taken for one.
const CALLS: usize = 256;

/// What of a datagram decides about its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Where to.
    pub to: SocketAddr,
    /// Its bytes.
    pub len: usize,
    /// Any number that all datagrams of its call share; None: it goes after all before it.
    pub call: Option<u32>,
}

/// Datagrams of one size to one peer, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub to: SocketAddr,
    len: usize,
    /// How many.
    pub count: u32,
}

/// The datagrams of one pass in groups. Reused, so that it allocates no more once warm.
#[derive(Debug)]
pub struct Groups {
    groups: Vec<Group>,
    /// Of each datagram, its position and its group.
    group_of: Vec<(u32, u32)>,
    /// Positions of datagrams, group by group.
    order: Vec<u32>,
    /// The last group that a call of this number is in.
    last_of: [u32; CALLS],
}

impl Default for Groups {
    fn default() -> Groups {
        Groups { groups: Vec::new(), group_of: Vec::new(), order: Vec::new(), last_of: [0; CALLS] }
    }
}

impl Groups {
    /// Forgets what there was and groups these, each with its position. Longer ones than `longest` stay alone.
    pub(super) fn form(&mut self, datagrams: impl Iterator<Item = (usize, Datagram)>, longest: usize) {
        self.groups.clear();
        self.group_of.clear();
        self.last_of.fill(0);
        for (position, datagram) in datagrams {
            let group = self.group_for(datagram, longest);
            self.group_of.push((position as u32, group));
            if let Some(call) = datagram.call {
                self.last_of[call as usize % CALLS] = group;
            }
        }
        self.put_in_order();
    }

    fn group_for(&mut self, datagram: Datagram, longest: usize) -> u32 {
        let Datagram { to, len, call } = datagram;
        let next = self.groups.len();
        let earliest =
            call.map_or(next.saturating_sub(1), |call| self.last_of[call as usize % CALLS] as usize);
        if len > 0 && len <= longest {
            let open = self.groups.iter_mut().enumerate().skip(earliest.max(next.saturating_sub(LOOKS_BACK)));
            for (at, group) in open {
                let has_room = group.count < MOST && (group.count as usize + 1) * len <= MOST_BYTES;
                if group.len == len && group.to == to && has_room {
                    group.count += 1;
                    return at as u32;
                }
            }
        }
        self.groups.push(Group { to, len, count: 1 });
        next as u32
    }

    /// Sorts by group and keeps the order within: counts, then places.
    fn put_in_order(&mut self) {
        self.order.clear();
        self.order.resize(self.group_of.len(), 0);
        let mut place = 0;
        for group in &mut self.groups {
            place += std::mem::replace(&mut group.count, place);
        }
        // `count` is now the place of the next datagram of the group; at the end, that of the next group.
        for (position, group) in &self.group_of {
            let Some(group) = self.groups.get_mut(*group as usize) else { continue };
            if let Some(slot) = self.order.get_mut(group.count as usize) {
                *slot = *position;
            }
            group.count += 1;
        }
        let mut begins = 0;
        for group in &mut self.groups {
            let ends = group.count;
            group.count = ends - begins;
            begins = ends;
        }
    }

    /// The groups in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Group> + '_ {
        self.groups.iter().copied()
    }

    /// Positions of the datagrams, group by group.
    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: SocketAddr = SocketAddr::V4(std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 5060));

    fn datagram(call: u32, len: usize) -> Datagram {
        Datagram { to: PEER, len, call: Some(call) }
    }

    /// The groups, each as positions.
    fn groups(datagrams: &[Datagram]) -> Vec<Vec<u32>> {
        let mut groups = Groups::default();
        groups.form([(0, datagram(9, 9))].into_iter(), 1_472);
        groups.form(datagrams.iter().copied().enumerate(), 1_472);
        let mut rest = groups.order().iter().copied();
        groups.iter().map(|group| rest.by_ref().take(group.count as usize).collect()).collect()
    }

    /// What a server answers to three INVITEs: one group of 180, one of 200.
    #[test]
    fn equal_datagrams_of_several_calls_leave_together() {
        let answers: Vec<_> = (0..3).flat_map(|call| [datagram(call, 307), datagram(call, 466)]).collect();
        assert_eq!(groups(&answers), [vec![0, 2, 4], vec![1, 3, 5]]);
    }

    /// RFC 3261 §17: an ACK before its BYE, whatever their sizes.
    #[test]
    fn a_call_never_overtakes_itself() {
        let sent = [datagram(1, 300), datagram(1, 400), datagram(1, 300), datagram(2, 300)];
        assert_eq!(groups(&sent), [vec![0, 3], vec![1], vec![2]]);
    }

    #[test]
    fn a_datagram_of_no_call_goes_after_all_before_it() {
        let stray = Datagram { call: None, ..datagram(0, 300) };
        assert_eq!(groups(&[datagram(1, 300), datagram(2, 400), stray]), [vec![0], vec![1], vec![2]]);
        assert_eq!(groups(&[datagram(1, 300), stray, stray]), [vec![0, 1, 2]]);
    }

    #[test]
    fn other_peers_and_what_is_too_long_or_empty_stay_apart() {
        let other = Datagram { to: SocketAddr::new(PEER.ip(), 5061), ..datagram(2, 300) };
        assert_eq!(groups(&[datagram(1, 300), other, datagram(3, 300)]), [vec![0, 2], vec![1]]);
        assert_eq!(groups(&[datagram(1, 1_473), datagram(2, 1_473)]), [vec![0], vec![1]]);
        assert_eq!(groups(&[datagram(1, 0), datagram(2, 0)]), [vec![0], vec![1]]);
    }

    #[test]
    fn a_group_stays_within_what_the_system_takes() {
        let many: Vec<_> = (0..150).map(|call| datagram(call, 100)).collect();
        assert_eq!(groups(&many).iter().map(Vec::len).collect::<Vec<_>>(), [64, 64, 22]);
        let long: Vec<_> = (0..50).map(|call| datagram(call, 1_450)).collect();
        assert_eq!(groups(&long).iter().map(Vec::len).collect::<Vec<_>>(), [44, 6]);
    }

    proptest::proptest! {
        /// Nothing is lost or doubled, and every call keeps its order.
        #[test]
        fn grouping_is_a_permutation_that_keeps_each_call_in_order(
            calls in proptest::collection::vec((proptest::option::of(0_u32..600), 1_usize..4), 0..300)
        ) {
            let datagrams: Vec<_> =
                calls.iter().map(|(call, len)| Datagram { call: *call, ..datagram(0, *len) }).collect();
            let order: Vec<u32> = groups(&datagrams).concat();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            proptest::prop_assert!(sorted.into_iter().eq(0..datagrams.len() as u32));
            let place = |position: usize| order.iter().position(|at| *at as usize == position).unwrap();
            for later in 0..datagrams.len() {
                for earlier in 0..later {
                    if datagrams[earlier].call.is_some() && datagrams[earlier].call == datagrams[later].call {
                        proptest::prop_assert!(place(earlier) < place(later));
                    }
                }
            }
        }
    }
}
