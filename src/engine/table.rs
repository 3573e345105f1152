//! The call table: calls by slot and generation, and the look-up by Call-ID that also remembers calls that ended lately.
//! Spec: runtime.md §6.2 (Call-ID alone, exact), §12.4 (dead calls). In: keys and Call-IDs. Must not interpret a call.

use std::collections::VecDeque;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use slab::Slab;
use smallvec::SmallVec;

use super::call::Call;
use crate::clock::{Span, Tick};
use crate::stats::Failure;

/// A Call-ID; the usual ones need no memory of their own.
pub type CallId = SmallVec<[u8; 32]>;

/// Names a call: slot and generation, so that a stale deadline or effect never hits the next call in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallKey {
    slot: u32,
    generation: u32,
}

impl CallKey {
    /// The key of no call in the table: for answers outside any call.
    pub(super) fn nobody() -> CallKey {
        CallKey { slot: u32::MAX, generation: u32::MAX }
    }

    /// A number that no other call in progress has.
    pub fn number(self) -> u32 {
        self.slot
    }

    /// The first of all keys in their order.
    pub(super) fn first() -> CallKey {
        CallKey { slot: 0, generation: 0 }
    }
}

/// How a dead call ended (the `(REASON)` of runtime.md §12.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epitaph {
    /// `successful`
    Successful,
    /// `aborted at index n`
    Aborted(u32),
    /// `failed at index n`
    Failed(u32),
    /// A failed check, by kind.
    Check(Failure, u32),
}

impl std::fmt::Display for Epitaph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Epitaph::Successful => write!(f, "successful"),
            Epitaph::Aborted(index) => write!(f, "aborted at index {index}"),
            Epitaph::Failed(index) => write!(f, "failed at index {index}"),
            Epitaph::Check(cause, index) => {
                let what = match cause {
                    Failure::RegexpDoesntMatch => "regexp match failure",
                    Failure::RegexpShouldntMatch => "regexp matched, but shouldn't",
                    Failure::RegexpHdrNotFound => "regexp header not found",
                    Failure::TestDoesntMatch | Failure::StrcmpDoesntMatch => "test failure",
                    Failure::TestShouldntMatch | Failure::StrcmpShouldntMatch => {
                        "test succeeded, but shouldn't"
                    }
                    _ => "failed",
                };
                write!(f, "{what} at index {index}")
            }
        }
    }
}

#[derive(Debug)]
struct Dead {
    id: CallId,
    hash: IdHash,
    epitaph: Epitaph,
    until: Tick,
}

/// Of a Call-ID. Kept beside what it leads to: the look-up table would otherwise ask for every Call-ID each time it grows, and a run
/// of many calls would stand still for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct IdHash(u32);

impl IdHash {
    /// As the look-up table wants it: its highest bits tell entries apart, its lowest say where they are.
    fn wide(self) -> u64 {
        u64::from(self.0) << 32 | u64::from(self.0)
    }
}

/// What a Call-ID leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A call in progress.
    Live(CallKey),
    /// One that ended lately.
    Dead(DeadIx),
}

/// Slot of a dead call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadIx(u32);

/// Where the call of a Call-ID is, among those in progress or among the dead.
#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: IdHash,
    slot: u32,
}

/// Call-IDs of calls in progress, or of dead ones. Not of both: the dead are by far the most, and the few that each message asks for
/// must stay in the processor's cache.
#[derive(Debug, Default)]
struct Index(HashTable<Entry>);

impl Index {
    fn insert(&mut self, hash: IdHash, slot: u32) {
        self.0.insert_unique(hash.wide(), Entry { hash, slot }, |entry| entry.hash.wide());
    }

    fn remove(&mut self, hash: IdHash, slot: u32) {
        if let Ok(entry) = self.0.find_entry(hash.wide(), |entry| entry.slot == slot) {
            entry.remove();
        }
    }

    /// Slots that calls with this hash have.
    fn with(&self, hash: IdHash) -> impl Iterator<Item = u32> {
        self.0.iter_hash(hash.wide()).filter(move |entry| entry.hash == hash).map(|entry| entry.slot)
    }
}

/// All calls of an engine.
#[derive(Debug, Default)]
pub struct Table {
    calls: Slab<Call>,
    generations: Vec<u32>,
    dead: Slab<Dead>,
    /// Expiry checks in order of time. A dead call whose period was renewed is queued again, at its place, when its turn comes.
    expiries: VecDeque<(Tick, u32)>,
    live_ids: Index,
    dead_ids: Index,
    hasher: RandomState,
}

impl Table {
    /// How many calls are in progress.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether no call is in progress.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// How many dead calls are remembered.
    pub fn dead_len(&self) -> usize {
        self.dead.len()
    }

    /// Call-IDs of the calls in progress, in no order.
    pub fn open_ids(&self) -> impl Iterator<Item = &[u8]> {
        self.calls.iter().map(|(_, call)| &call.id[..])
    }

    /// How many Call-IDs can be looked up.
    pub fn known_ids(&self) -> usize {
        self.live_ids.0.len() + self.dead_ids.0.len()
    }

    /// Puts a call in; `make` gets its key. A second call with the same Call-ID shadows nothing: the first stays reachable.
    pub fn insert(&mut self, make: impl FnOnce(CallKey) -> Call) -> CallKey {
        let vacant = self.calls.vacant_entry();
        let slot = vacant.key() as u32;
        if self.generations.len() <= slot as usize {
            self.generations.resize(slot as usize + 1, 0);
        }
        let generation = self.generations.get(slot as usize).copied().unwrap_or(0);
        let key = CallKey { slot, generation };
        let call = vacant.insert(make(key));
        let hash = hash(&self.hasher, &call.id);
        self.live_ids.insert(hash, slot);
        key
    }

    /// The call with this key, if it is still in progress.
    pub fn get_mut(&mut self, key: CallKey) -> Option<&mut Call> {
        let current = self.generations.get(key.slot as usize) == Some(&key.generation);
        if current { self.calls.get_mut(key.slot as usize) } else { None }
    }

    /// The call with this key, if it is still in progress.
    pub fn get(&self, key: CallKey) -> Option<&Call> {
        let current = self.generations.get(key.slot as usize) == Some(&key.generation);
        if current { self.calls.get(key.slot as usize) } else { None }
    }

    /// Keys of all calls in progress, oldest first.
    pub fn keys(&self) -> Vec<CallKey> {
        let mut keys: Vec<(u64, CallKey)> =
            self.calls.iter().map(|(_, call)| (call.number, call.key)).collect();
        keys.sort_unstable_by_key(|(number, _)| *number);
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// What a Call-ID leads to. With a `-cid_str` that repeats itself: to the oldest call in progress (runtime.md §2.2), else to
    /// the call that ended last; never to one that depends on where the hash put it.
    pub fn find(&self, id: &[u8]) -> Option<Found> {
        let hash = hash(&self.hasher, id);
        let live = self.live_ids.with(hash).filter_map(|slot| self.calls.get(slot as usize));
        let first = live.filter(|call| call.id[..] == *id).min_by_key(|call| call.number);
        if let Some(call) = first {
            return Some(Found::Live(call.key));
        }
        let dead = self.dead_ids.with(hash).filter_map(|slot| Some((slot, self.dead.get(slot as usize)?)));
        let last = dead.filter(|(_, dead)| dead.id[..] == *id).max_by_key(|(slot, dead)| (dead.until, *slot));
        last.map(|(slot, _)| Found::Dead(DeadIx(slot)))
    }

    /// Takes a call out and forgets its Call-ID.
    pub fn remove(&mut self, key: CallKey) -> Option<Call> {
        let hash = hash(&self.hasher, &self.get(key)?.id);
        self.live_ids.remove(hash, key.slot);
        if let Some(generation) = self.generations.get_mut(key.slot as usize) {
            *generation = generation.wrapping_add(1);
        }
        self.calls.try_remove(key.slot as usize)
    }

    /// Remembers the Call-ID of a call that has ended.
    pub fn bury(&mut self, id: CallId, epitaph: Epitaph, until: Tick) {
        let hash = hash(&self.hasher, &id);
        let slot = self.dead.insert(Dead { id, hash, epitaph, until }) as u32;
        self.expiries.push_back((until, slot));
        self.dead_ids.insert(hash, slot);
    }

    /// A message came for a dead call: its period starts again. Returns its Call-ID and how it ended.
    pub fn disturb(&mut self, dead: DeadIx, now: Tick, wait: Span) -> Option<(&[u8], Epitaph)> {
        let dead = self.dead.get_mut(dead.0 as usize)?;
        dead.until = now + wait;
        Some((&dead.id, dead.epitaph))
    }

    /// When the next dead call may be forgotten.
    pub fn next_expiry(&self) -> Option<Tick> {
        self.expiries.front().map(|(at, _)| *at)
    }

    /// Forgets dead calls whose period is over.
    pub fn expire(&mut self, now: Tick) {
        while let Some((_, slot)) = self.expiries.front().copied().filter(|(at, _)| *at <= now) {
            self.expiries.pop_front();
            match self.dead.get(slot as usize) {
                Some(dead) if dead.until > now => {
                    let place = self.expiries.partition_point(|(at, _)| *at <= dead.until);
                    self.expiries.insert(place, (dead.until, slot));
                }
                Some(dead) => {
                    let hash = dead.hash;
                    self.dead_ids.remove(hash, slot);
                    self.dead.try_remove(slot as usize);
                }
                None => {}
            }
        }
    }
}

fn hash(hasher: &RandomState, id: &[u8]) -> IdHash {
    IdHash(hasher.hash_one(id) as u32)
}
