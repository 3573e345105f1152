//! A run: two engines, the link between them, strangers, stalls and commands, on a clock that jumps from event to event.
//! Order at one moment: what comes in, then timers, as in the worker; datagrams are sometimes served in batches, as there.
//! In: a seed. Out: its outcome, or a panic. Everything random comes from the seed.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;

use rsipp::clock::Tick;
use rsipp::engine::{Command, Send};

use super::cast::{self, Cast};
use super::conditions::Conditions;
use super::damage;
use super::dice::Dice;
use super::ladder::Ladder;
use super::ledger::Numbers;
use super::side::Side;
use crate::link::Link;
use crate::pair::address;

/// Events after which a run is considered to go round in circles.
const MOST_EVENTS: usize = 100_000;

/// When every run is over that is not before: its `-timeout`.
const END: Tick = Tick::from_millis(3_600_000);

/// Messages that strangers and accidents can take from.
const REMEMBERED: usize = 12;

/// What comes to a side.
#[derive(Debug)]
enum Coming {
    Datagram { from: SocketAddr, bytes: Vec<u8> },
    Stranger,
    Command(Command),
}

/// What to keep of a run besides its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    Nothing,
    /// A hash over all that was sent and all calls that ended, and when.
    Trace,
    /// The trace, and everything on paper.
    Ladder,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    pub numbers: [Numbers; 2],
    pub failures: [u64; rsipp::stats::Failure::COUNT],
    pub trace: u64,
    pub ladder: Ladder,
}

/// A run in progress.
pub struct World<'c> {
    cast: &'c Cast,
    conditions: Conditions,
    sides: [Side; 2],
    link: Link,
    dice: Dice,
    in_batches: bool,
    now: Tick,
    coming: BTreeMap<(Tick, u64), (usize, Coming)>,
    came: u64,
    late: Vec<Vec<u8>>,
    events: usize,
    /// Calls that had ended well and badly when last looked at.
    ended: [(u64, u64); 2],
    trace: Option<DefaultHasher>,
    ladder: Ladder,
}

impl<'c> World<'c> {
    pub fn new(seed: u64, cast: &'c Cast, conditions: Conditions, keep: Keep) -> World<'c> {
        let [a, b] = conditions.settings.clone();
        let sides = [
            Side::new(&cast.plans[0], a, seed, cast::place(1)),
            Side::new(&cast.plans[1], b, seed ^ 0xB, cast::place(0)),
        ];
        let mut dice = Dice::of("world", seed);
        let mut world = World {
            cast,
            link: Link::new(seed, &conditions.link),
            in_batches: dice.chance(0.3),
            conditions,
            sides,
            dice,
            now: Tick::ZERO,
            coming: BTreeMap::new(),
            came: 0,
            late: Vec::new(),
            events: 0,
            ended: [(0, 0); 2],
            trace: (keep != Keep::Nothing).then(DefaultHasher::new),
            ladder: Ladder::new(keep == Keep::Ladder),
        };
        for (at, side) in world.conditions.strangers.clone() {
            world.comes(at, side, Coming::Stranger);
        }
        for (at, side, command) in world.conditions.commands.clone() {
            world.comes(at, side, Coming::Command(command));
        }
        let World { ladder, cast, conditions, .. } = &mut world;
        ladder.head(seed, cast, conditions);
        world
    }

    /// To its end; panics when something does not hold.
    pub fn run(mut self) -> Outcome {
        self.until_quiet(END);
        self.check_ends();
        for side in [0, 1] {
            self.tell(side, Command::TimeUp);
        }
        self.until_quiet(Tick::from_micros(u64::MAX));
        for side in self.sides.iter().filter(|side| side.run_end.is_none()) {
            assert_eq!(side.engine.stats().current, 0, "a hard quit ends every call");
            side.assert_nothing_left();
            side.assert_stories_hold();
            side.assert_sums();
        }
        if self.conditions.are_kind {
            self.check_success();
        }
        self.outcome()
    }

    /// Every call has ended by itself, if each of its waits ends.
    fn check_ends(&self) {
        for side in self.sides.iter().filter(|side| side.run_end.is_none()) {
            let open = side.engine.stats().current;
            assert!(
                open == 0 || !self.conditions.are_bounded || self.cast.traits.may_dawdle,
                "{open} calls never end"
            );
        }
        for side in &self.sides {
            assert!(
                side.run_end.is_none() || self.cast.traits.may_stop,
                "the run was ended: {:?}",
                side.run_end
            );
        }
        self.check_creation();
    }

    /// A client that nothing stops opens as many calls as it is to.
    fn check_creation(&self) {
        let traits = self.cast.traits;
        let is_free = self.conditions.are_bounded && self.conditions.commands.is_empty();
        for (side, settings) in self.sides.iter().zip(&self.conditions.settings) {
            if is_free && side.engine.is_client() && !traits.may_stop && !traits.may_dawdle {
                assert_eq!(Some(side.engine.stats().outgoing), settings.calls, "calls opened");
            }
        }
    }

    /// A smooth story under kind conditions: every call of the client succeeds; left to themselves, both sides neither start a
    /// call late nor say or hear a message that is not in the story.
    fn check_success(&self) {
        let calls = self.conditions.settings[0].calls.unwrap_or_default();
        let client = self.sides[0].engine.stats();
        assert_eq!((client.successful, client.failed), (calls, 0), "successful and failed calls");
        if !self.conditions.strangers.is_empty() {
            return;
        }
        for (side, stalls) in self.sides.iter().zip(&self.conditions.stalls) {
            let stats = side.engine.stats();
            assert_eq!((stats.successful, stats.failed), (calls, 0), "successful and failed calls");
            let noise = [stats.retransmissions, stats.auto_answered, stats.out_of_call, stats.dead_call];
            assert_eq!(
                noise, [0; 4],
                "retransmissions, automatic answers, messages of no call, of dead calls"
            );
            assert_eq!(side.steps_counted(), (side.sent, side.heard), "each message is one of a step");
            assert!(stats.start_lag.max_us() == 0 || !stalls.is_empty(), "no call starts late");
        }
    }

    fn outcome(self) -> Outcome {
        let stats = self.sides.each_ref().map(|side| side.engine.stats());
        let numbers = stats.map(Numbers::of);
        let mut failures = stats[0].failures;
        failures.iter_mut().zip(stats[1].failures).for_each(|(sum, more)| *sum += more);
        let mut trace = self.trace.unwrap_or_default();
        format!("{numbers:?}").hash(&mut trace);
        Outcome { numbers, failures, trace: trace.finish(), ladder: self.ladder }
    }

    fn comes(&mut self, at: Tick, side: usize, what: Coming) {
        self.came += 1;
        self.coming.insert((at, self.came), (side, what));
    }

    /// Until nothing is left to happen, or up to a moment.
    fn until_quiet(&mut self, until: Tick) {
        loop {
            let first = self.coming.first_key_value().map(|((at, _), _)| *at);
            let due = [0, 1].map(|side| self.due(side));
            let Some(next) = [first, due[0], due[1]].into_iter().flatten().min() else { return };
            if next > until {
                return;
            }
            self.events += 1;
            assert!(self.events < MOST_EVENTS, "the run goes round in circles");
            self.now = self.now.max(next);
            if first.is_some_and(|first| first <= self.now) {
                self.serve();
                continue;
            }
            for side in [0, 1] {
                if due[side].is_some_and(|due| due <= self.now) {
                    self.sides[side].looks_at_clock(self.now, self.conditions.calls_per_pass);
                    self.carry_out(side);
                }
            }
        }
    }

    /// When a side will look at the clock.
    fn due(&self, side: usize) -> Option<Tick> {
        self.sides[side].deadline().map(|due| self.awake(side, due.max(self.now)))
    }

    /// The first moment not before `at` at which a side does anything.
    fn awake(&self, side: usize, at: Tick) -> Tick {
        let mut at = at;
        while let Some(stall) =
            self.conditions.stalls[side].iter().find(|stall| stall.from <= at && at < stall.until)
        {
            at = stall.until;
        }
        at
    }

    /// Serves what comes next; in batches, all that has come to the same side.
    fn serve(&mut self) {
        let mut served = None;
        while let Some(entry) = self.coming.first_entry().filter(|entry| entry.key().0 <= self.now) {
            if served.is_some_and(|side| side != entry.get().0 || !self.in_batches) {
                break;
            }
            let (side, what) = entry.remove();
            let awake = self.awake(side, self.now);
            if awake > self.now {
                self.comes(awake, side, what);
                continue;
            }
            if let Coming::Command(command) = what {
                self.tell(side, command);
            } else {
                self.hear(side, what);
            }
            served = Some(side);
        }
        if let Some(side) = served {
            self.carry_out(side);
        }
    }

    fn hear(&mut self, side: usize, what: Coming) {
        let (from, bytes) = match what {
            Coming::Datagram { from, bytes } => (from, bytes),
            _ => {
                // Not its own address: a server that answers itself may well never come to an end.
                let port = self.dice.pick(&[9_999, 9_998, cast::PORTS[1 - side]]);
                let known = if self.conditions.are_kind { &[][..] } else { &self.late };
                (address(port), damage::strange(&mut self.dice, known))
            }
        };
        if self.sides[side].run_end.is_none() {
            self.ladder.heard(self.now, side, from, &bytes);
            self.sides[side].hears(self.now, from, &bytes);
            self.ladder.counted(side, &self.sides[side]);
        }
    }

    fn tell(&mut self, side: usize, command: Command) {
        if self.sides[side].run_end.is_none() {
            self.ladder.say(self.now, side, "is told", format!("{command:?}").as_bytes());
            self.sides[side].is_told(self.now, command);
            self.carry_out(side);
        }
    }

    /// Does what a side asks for, until it asks for nothing more.
    fn carry_out(&mut self, side: usize) {
        if let Some(trace) = &mut self.trace {
            let stats = self.sides[side].engine.stats();
            let ended = (stats.successful, stats.failed);
            if std::mem::replace(&mut self.ended[side], ended) != ended {
                (self.now.micros(), side, ended).hash(trace);
            }
        }
        while !self.sides[side].out.sends.is_empty() || !self.sides[side].out.others.is_empty() {
            let (now, ladder) = (self.now, &mut self.ladder);
            self.sides[side].take_others(|verb, text| ladder.say(now, side, verb, text));
            let mut out = std::mem::take(&mut self.sides[side].out);
            let mut refused = Vec::new();
            for send in &out.sends {
                if self.dice.chance(self.conditions.refusals) {
                    self.ladder.say(now, side, "cannot send", out.datagram(send));
                    refused.push(send.call);
                } else {
                    self.send(side, send, out.datagram(send));
                }
            }
            out.clear();
            self.sides[side].out = out;
            let side = &mut self.sides[side];
            if side.run_end.is_none() {
                refused.into_iter().for_each(|call| side.is_refused(now, call));
            }
        }
    }

    fn send(&mut self, side: usize, send: &Send, bytes: &[u8]) {
        if let Some(trace) = &mut self.trace {
            (self.now.micros(), side, send.way.peer, bytes).hash(trace);
        }
        self.sides[side].sent += 1;
        let arrivals = self.link.pass(bytes);
        self.ladder.sent(self.now, side, send.way.peer, bytes, &arrivals);
        if let Some(to) = (0..2).find(|to| cast::place(*to) == send.way.peer) {
            for arrival in arrivals {
                let bytes = match self.dice.chance(self.conditions.damage) {
                    true => damage::damaged(&mut self.dice, arrival.bytes, &self.late),
                    false => arrival.bytes,
                };
                let at = self.now + arrival.after;
                self.comes(at, to, Coming::Datagram { from: cast::place(side), bytes });
            }
        }
        if self.late.len() >= REMEMBERED {
            self.late.remove(0);
        }
        self.late.push(bytes.to_vec());
    }
}
