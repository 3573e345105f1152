//! The datagrams of one pass on their way out: what is sent, what failed, what waits for room.
//!
//! Spec: transport.md §11. In: groups, and a way to send parcels. Out: the fate of each datagram. A group that the system does not
//! take as one is sent datagram by datagram, and what it could not do is not asked of it again. Must not make system calls.

use std::io::{self, IoSlice};
use std::net::SocketAddr;

use smallvec::SmallVec;

use super::BATCH;
use super::grouping::{Datagram, Group, Groups};
use super::system::{Name, Parcel};

/// Datagrams whose places in memory are looked up at a time.
const LOOKED_UP: usize = 4 * BATCH;

/// Datagrams to send. Make one a socket and reuse it.
#[derive(Debug, Default)]
pub struct Outgoing {
    groups: Groups,
    /// The parcels made of them that wait, the next one last.
    parcels: Vec<Waiting>,
    /// Longest datagrams that the system has not refused to send in groups; 0: groups are not asked for, or not to be had.
    longest_grouped: usize,
}

/// A parcel to be: datagrams that stand side by side in the order of the groups.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    to: SocketAddr,
    first: u32,
    count: u32,
}

impl Outgoing {
    /// From now on datagrams leave in groups where they can.
    pub fn group(&mut self) {
        self.longest_grouped = usize::from(u16::MAX);
    }

    /// Replaces what there was by these, each with the position that it is called by.
    pub fn load(&mut self, datagrams: impl Iterator<Item = (usize, Datagram)>) {
        self.groups.form(datagrams, self.longest_grouped);
        self.parcels.clear();
        let mut first = 0;
        self.parcels.extend(self.groups.iter().map(|Group { to, count, .. }| {
            first += count;
            Waiting { to, first: first - count, count }
        }));
        self.parcels.reverse();
    }

    /// Sends what is left; false when the system takes no more for now.
    pub(super) fn send<'d>(
        &mut self,
        family: impl Fn(SocketAddr) -> SocketAddr,
        bytes: impl Fn(usize) -> &'d [u8],
        send: impl Fn(&[Parcel<'_>]) -> io::Result<usize>,
        failed: &mut impl FnMut(usize, io::Error),
    ) -> bool {
        while !self.parcels.is_empty() {
            match self.send_some(&family, &bytes, &send) {
                // Never 0 of more than none; taken for one, it cannot turn this into an endless loop.
                Ok(sent) => self.parcels.truncate(self.parcels.len() - sent.clamp(1, self.parcels.len())),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) => self.first_failed(error, &bytes, failed),
            }
        }
        true
    }

    /// One system call's worth: as many parcels as fit, from the next on.
    fn send_some<'d>(
        &self,
        family: &impl Fn(SocketAddr) -> SocketAddr,
        bytes: &impl Fn(usize) -> &'d [u8],
        send: &impl Fn(&[Parcel<'_>]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let mut slices = SmallVec::<[IoSlice<'d>; LOOKED_UP]>::new();
        let mut parts = SmallVec::<[(Name, usize); BATCH]>::new();
        for parcel in self.parcels.iter().rev().take(BATCH) {
            if !parts.is_empty() && slices.len() + parcel.count as usize > LOOKED_UP {
                break;
            }
            slices.extend(self.positions(*parcel).map(|at| IoSlice::new(bytes(at))));
            parts.push((family(parcel.to).into(), slices.len()));
        }
        let mut begin = 0;
        let parcels: SmallVec<[Parcel<'_>; BATCH]> = parts
            .iter()
            .map(|(to, end)| {
                let datagrams = slices.get(begin..*end).unwrap_or_default();
                begin = *end;
                Parcel { to: *to, datagrams }
            })
            .collect();
        send(&parcels)
    }

    /// A single datagram has failed for good; a group is tried again in single ones.
    fn first_failed<'d>(
        &mut self,
        error: io::Error,
        bytes: &impl Fn(usize) -> &'d [u8],
        failed: &mut impl FnMut(usize, io::Error),
    ) {
        let Some(parcel) = self.parcels.pop() else { return };
        let position = self.positions(parcel).next().unwrap_or_default();
        if parcel.count == 1 {
            return failed(position, error);
        }
        self.longest_grouped = match error.raw_os_error() {
            // Longer than what the way takes: single ones are sent in fragments.
            Some(libc::EINVAL | libc::EMSGSIZE) => {
                bytes(position).len().saturating_sub(1).min(self.longest_grouped)
            }
            // The device cannot, or something between us and it.
            Some(libc::EIO | libc::EOPNOTSUPP | libc::ENOPROTOOPT) => 0,
            // It is the peer's or the moment's fault, and will be each datagram's.
            _ => self.longest_grouped,
        };
        let singles = (0..parcel.count).rev();
        self.parcels.extend(singles.map(|at| Waiting { first: parcel.first + at, count: 1, ..parcel }));
    }

    fn positions(&self, parcel: Waiting) -> impl Iterator<Item = usize> + '_ {
        let from = parcel.first as usize;
        let order = self.groups.order().get(from..from + parcel.count as usize).unwrap_or_default();
        order.iter().map(|at| *at as usize)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    use super::*;

    /// The sizes of the parcels of each system call, the failures by position, and whether all was dealt with.
    type Fate = (Vec<Vec<usize>>, Vec<(usize, Option<i32>)>, bool);

    /// Sends to a system that gives these answers, then takes everything.
    fn sent(outgoing: &mut Outgoing, answers: &[Result<usize, i32>]) -> Fate {
        let answers = RefCell::new(answers.iter().copied().collect::<VecDeque<_>>());
        let (calls, mut failures) = (RefCell::new(Vec::new()), Vec::new());
        let done = outgoing.send(
            |to| to,
            |_| &[0; 300],
            |parcels| {
                calls.borrow_mut().push(parcels.iter().map(|parcel| parcel.datagrams.len()).collect());
                let answer = answers.borrow_mut().pop_front().unwrap_or(Ok(parcels.len()));
                answer.map_err(io::Error::from_raw_os_error)
            },
            &mut |at, error| failures.push((at, error.raw_os_error())),
        );
        (calls.into_inner(), failures, done)
    }

    fn loaded(count: u32, grouped: bool) -> Outgoing {
        let mut outgoing = Outgoing::default();
        if grouped {
            outgoing.group();
        }
        reload(&mut outgoing, count);
        outgoing
    }

    fn reload(outgoing: &mut Outgoing, count: u32) {
        let to = SocketAddr::from(([127, 0, 0, 1], 5060));
        outgoing.load((0..count).map(|call| (call as usize, Datagram { to, len: 300, call: Some(call) })));
    }

    /// transport.md §11: congestion. A full send buffer cannot be had on loopback, where every datagram arrives at once, so
    /// here the system's answers are made up.
    #[test]
    fn a_full_send_buffer_ends_the_batch_where_it_is_and_loses_nothing() {
        let mut outgoing = loaded(10, false);
        let answers = [Ok(3), Err(libc::EMSGSIZE), Ok(2), Err(libc::EAGAIN)];
        let (calls, failures, done) = sent(&mut outgoing, &answers);
        assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), [10, 7, 6, 4]);
        assert_eq!(failures, [(3, Some(libc::EMSGSIZE))]);
        assert!(!done);
        let (calls, failures, done) = sent(&mut outgoing, &[]);
        assert_eq!((calls, failures, done), (vec![vec![1; 4]], vec![], true));
    }

    /// A path whose largest packet is shorter (Ethernet's is 1,500): fragments, as without groups.
    #[test]
    fn a_group_too_long_for_the_way_leaves_in_single_datagrams_and_such_lengths_are_not_grouped_again() {
        let mut outgoing = loaded(3, true);
        let (calls, failures, done) = sent(&mut outgoing, &[Err(libc::EINVAL)]);
        assert_eq!((calls, failures, done), (vec![vec![3], vec![1, 1, 1]], vec![], true));
        reload(&mut outgoing, 3);
        assert_eq!(sent(&mut outgoing, &[]).0, [[1, 1, 1]]);
    }

    #[test]
    fn a_device_that_cannot_group_is_asked_once() {
        let mut outgoing = loaded(2, true);
        assert_eq!(sent(&mut outgoing, &[Err(libc::EIO)]).0, [vec![2], vec![1, 1]]);
        reload(&mut outgoing, 2);
        assert_eq!(sent(&mut outgoing, &[]).0, [[1, 1]]);
    }

    /// transport.md §11: a failed UDP send ends that call, nothing else.
    #[test]
    fn when_a_group_fails_each_datagram_gets_its_own_answer() {
        let mut outgoing = loaded(3, true);
        let answers = [Err(libc::EPERM), Ok(1), Err(libc::EPERM)];
        let (calls, failures, done) = sent(&mut outgoing, &answers);
        assert_eq!(calls, [vec![3], vec![1, 1, 1], vec![1, 1], vec![1]]);
        assert_eq!((failures, done), (vec![(1, Some(libc::EPERM))], true));
        reload(&mut outgoing, 3);
        assert_eq!(sent(&mut outgoing, &[]).0, [[3]], "nothing is wrong with groups");
    }
}
