//! The timer wheel: every deadline of every call, by millisecond.
//! Spec: design.md (hierarchical wheel, 1 ms), runtime.md §1.2 (a deadline is never early). In: deadlines with a token.
//! Out: tokens that are due. Must not know what a token means: a cancelled deadline stays inside and is skipped by its owner.

use crate::clock::Tick;

const SLOT_BITS: u32 = 8;
const SLOTS: usize = 1 << SLOT_BITS;
const LEVELS: usize = 4;
const SLOT_MASK: u64 = SLOTS as u64 - 1;

/// Memory for more entries than this is given back when they have come out: a slot of the upper levels has its turn once in minutes or
/// hours, and a run of days would fill them all.
const KEPT: usize = 1_024;

#[derive(Debug)]
struct Entry<T> {
    due_ms: u64,
    token: T,
}

/// One ring of slots; level n's slots are 256^n ms wide.
#[derive(Debug)]
struct Level<T> {
    slots: Vec<Vec<Entry<T>>>,
    occupied: [u64; SLOTS / 64],
}

impl<T> Level<T> {
    fn new() -> Level<T> {
        Level { slots: (0..SLOTS).map(|_| Vec::new()).collect(), occupied: [0; SLOTS / 64] }
    }

    fn put(&mut self, slot: usize, entry: Entry<T>) {
        if let Some(entries) = self.slots.get_mut(slot) {
            entries.push(entry);
            self.occupied[slot / 64] |= 1 << (slot % 64);
        }
    }

    /// Empties a slot into `into`, which is empty; the slot takes `into`'s memory.
    fn take(&mut self, slot: usize, into: &mut Vec<Entry<T>>) {
        if let Some(entries) = self.slots.get_mut(slot) {
            std::mem::swap(entries, into);
            self.occupied[slot / 64] &= !(1 << (slot % 64));
        }
    }

    /// Distance in slots from `from` (exclusive) to the next occupied one, around the ring.
    fn next_occupied(&self, from: usize) -> Option<usize> {
        let mut distance = 1;
        while distance <= SLOTS {
            let slot = (from + distance) % SLOTS;
            let rest = self.occupied[slot / 64] >> (slot % 64);
            if rest != 0 {
                let found = distance + rest.trailing_zeros() as usize;
                return (found <= SLOTS).then_some(found);
            }
            distance += 64 - slot % 64;
        }
        None
    }
}

/// Deadlines with tokens of type `T`.
#[derive(Debug)]
pub struct Wheel<T> {
    levels: [Level<T>; LEVELS],
    /// Everything due at or before this millisecond has been handed out.
    now_ms: u64,
    len: usize,
    spare: Vec<Entry<T>>,
}

impl<T> Wheel<T> {
    /// An empty wheel that starts at `now`.
    pub fn new(now: Tick) -> Wheel<T> {
        Wheel {
            levels: std::array::from_fn(|_| Level::new()),
            now_ms: now.millis(),
            len: 0,
            spare: Vec::new(),
        }
    }

    /// How many deadlines are inside, cancelled ones included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no deadline is inside.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a deadline. It comes out at the first millisecond that is not before `due`.
    pub fn insert(&mut self, due: Tick, token: T) {
        let due_ms = due.micros().div_ceil(1_000).max(self.now_ms + 1);
        self.len += 1;
        self.place(Entry { due_ms, token });
    }

    fn place(&mut self, entry: Entry<T>) {
        let farthest = (1 << (SLOT_BITS * LEVELS as u32)) - 1;
        // A deadline beyond the last level (49 days) waits in its farthest slot and is placed anew from there.
        let position = entry.due_ms.min(self.now_ms + farthest);
        let level = level_of(self.now_ms, position);
        let slot = (position >> (SLOT_BITS * level as u32)) & SLOT_MASK;
        self.levels[level].put(slot as usize, entry);
    }

    /// The next moment at which [`Wheel::advance`] has something to do; not later than the earliest deadline.
    pub fn next_deadline(&self) -> Option<Tick> {
        self.next_event_ms().map(Tick::from_millis)
    }

    fn next_event_ms(&self) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        let event = |level: usize| {
            let shift = SLOT_BITS * level as u32;
            let here = self.now_ms >> shift;
            let distance = self.levels[level].next_occupied((here & SLOT_MASK) as usize)?;
            Some((here + distance as u64) << shift)
        };
        (0..LEVELS).filter_map(event).min()
    }

    /// Moves on to `now` and hands out all that has become due, in the order of the deadlines' milliseconds.
    pub fn advance(&mut self, now: Tick, mut due: impl FnMut(T)) {
        let until = now.millis();
        while let Some(event) = self.next_event_ms().filter(|event| *event <= until) {
            self.now_ms = event;
            for level in (1..LEVELS).rev() {
                if event & ((1 << (SLOT_BITS * level as u32)) - 1) == 0 {
                    self.cascade(level);
                }
            }
            self.expire(&mut due);
        }
        self.now_ms = self.now_ms.max(until);
    }

    /// Spreads the slot that begins now over the levels below.
    fn cascade(&mut self, level: usize) {
        let slot = ((self.now_ms >> (SLOT_BITS * level as u32)) & SLOT_MASK) as usize;
        let mut entries = std::mem::take(&mut self.spare);
        self.levels[level].take(slot, &mut entries);
        for entry in entries.drain(..) {
            self.place(entry);
        }
        self.keep_memory(entries);
    }

    fn keep_memory(&mut self, emptied: Vec<Entry<T>>) {
        if emptied.capacity() <= KEPT {
            self.spare = emptied;
        }
    }

    fn expire(&mut self, due: &mut impl FnMut(T)) {
        let mut entries = std::mem::take(&mut self.spare);
        self.levels[0].take((self.now_ms & SLOT_MASK) as usize, &mut entries);
        for entry in entries.drain(..) {
            if entry.due_ms <= self.now_ms {
                self.len -= 1;
                due(entry.token);
            } else {
                self.place(entry);
            }
        }
        self.keep_memory(entries);
    }
}

/// The level at which `position` first differs from `now` in its slot number: the lowest one that can tell them apart.
fn level_of(now_ms: u64, position: u64) -> usize {
    let differing = 63_u32.saturating_sub((now_ms ^ position).leading_zeros());
    ((differing / SLOT_BITS) as usize).min(LEVELS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(wheel: &mut Wheel<u64>, now_ms: u64) -> Vec<u64> {
        let mut out = Vec::new();
        wheel.advance(Tick::from_millis(now_ms), |token| out.push(token));
        out
    }

    /// runtime.md §1.2: a pause ends at the first moment at least n ms after its start.
    #[test]
    fn a_deadline_inside_a_millisecond_comes_out_at_its_end() {
        let mut wheel = Wheel::new(Tick::ZERO);
        wheel.insert(Tick::from_micros(1_500), 1);
        assert!(drain(&mut wheel, 1).is_empty());
        assert_eq!(drain(&mut wheel, 2), [1]);
        assert!(wheel.is_empty());
    }

    #[test]
    fn every_deadline_comes_out_once_at_its_millisecond_whatever_the_steps() {
        let dues: Vec<u64> = (0..400)
            .map(|i| 1 + i * i * 37 % 70_000)
            .chain([255, 256, 257, 65_535, 65_536, 200_000])
            .collect();
        for step in [1, 7, 256, 1_000, 70_001] {
            let mut wheel = Wheel::new(Tick::from_millis(3));
            for due in &dues {
                wheel.insert(Tick::from_millis(3 + due), 3 + *due);
            }
            let mut seen = Vec::new();
            let mut now = 3;
            while !wheel.is_empty() {
                now += step;
                wheel.advance(Tick::from_millis(now), |token| {
                    assert!(token <= now && token + step > now, "{token} came out at {now}, step {step}");
                    seen.push(token);
                });
            }
            assert!(seen.is_sorted(), "step {step}");
            assert_eq!(seen.len(), dues.len());
        }
    }

    #[test]
    fn next_deadline_is_never_late_and_reaches_the_earliest_one() {
        let mut wheel = Wheel::new(Tick::ZERO);
        assert_eq!(wheel.next_deadline(), None);
        for due in [70_000, 90_000] {
            wheel.insert(Tick::from_millis(due), due);
        }
        let mut wakes = 0;
        let mut out = Vec::new();
        while let Some(next) = wheel.next_deadline() {
            assert!(next <= Tick::from_millis(90_000));
            wheel.advance(next, |token| out.push((token, next.millis())));
            wakes += 1;
        }
        assert_eq!(out, [(70_000, 70_000), (90_000, 90_000)]);
        assert!(wakes <= 8, "{wakes} wake-ups for two deadlines");
    }

    #[test]
    fn a_deadline_beyond_the_last_level_still_comes_out_in_time() {
        let far = 1_u64 << 33;
        let mut wheel = Wheel::new(Tick::ZERO);
        wheel.insert(Tick::from_millis(far), 1);
        assert!(drain(&mut wheel, far - 1).is_empty());
        assert_eq!(drain(&mut wheel, far), [1]);
    }

    /// design.md: memory per call is flat, however long the run.
    #[test]
    fn slots_that_had_their_turn_keep_no_more_memory_than_a_few_entries() {
        let mut wheel = Wheel::new(Tick::ZERO);
        for second in 0..200 {
            for token in 0..20_000 {
                wheel.insert(Tick::from_millis(second * 1_000 + 4_000), token);
            }
            drain(&mut wheel, second * 1_000);
        }
        drain(&mut wheel, 1_000_000);
        let held: usize = wheel.levels.iter().flat_map(|level| &level.slots).map(Vec::capacity).sum();
        assert!(held <= LEVELS * SLOTS * KEPT / 64, "{held} entries' worth of memory in an empty wheel");
    }

    #[test]
    fn a_deadline_in_the_past_comes_out_at_the_next_millisecond() {
        let mut wheel = Wheel::new(Tick::from_millis(50));
        wheel.insert(Tick::from_millis(10), 1);
        assert_eq!(drain(&mut wheel, 51), [1]);
    }
}
