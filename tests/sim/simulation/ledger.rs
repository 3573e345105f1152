//! What must hold after every event of an engine, whatever happened: the books balance, nothing is counted twice or not at all,
//! and every message is accounted for.
//! Spec: runtime.md §2.5, §2.7, §6.3, §12; design.md promise 4. In: an engine before and after an event. Must not look at how the
//! engine works: only at its counters and at the Call-IDs of its open calls.

use std::collections::BTreeMap;

use rsipp::clock::{Span, Tick};
use rsipp::engine::Engine;
use rsipp::sip::{self, Incoming, Start};
use rsipp::stats::Stats;

/// An event, as far as the books care.
#[derive(Clone, Copy, Debug)]
pub enum Event<'e> {
    Datagram(&'e [u8]),
    /// A look at the clock that could open so many calls.
    Time {
        most_calls: usize,
    },
    /// A command, or anything in a run that is about to end: only the books must balance.
    Command,
    /// The socket refused a datagram.
    Refusal,
}

/// The counters that only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub incoming: u64,
    pub outgoing: u64,
    pub successful: u64,
    pub failed: u64,
    pub out_of_call: u64,
    pub dead_call: u64,
    pub retransmissions: u64,
    pub auto_answered: u64,
    pub warnings: u64,
    pub fatal_errors: u64,
    pub held_back: u64,
    pub send_errors: u64,
    pub receive_errors: u64,
    /// All counts of all steps.
    pub steps: u64,
}

impl Numbers {
    pub fn of(stats: &Stats) -> Numbers {
        Numbers {
            incoming: stats.incoming,
            outgoing: stats.outgoing,
            successful: stats.successful,
            failed: stats.failed,
            out_of_call: stats.out_of_call,
            dead_call: stats.dead_call,
            retransmissions: stats.retransmissions,
            auto_answered: stats.auto_answered,
            warnings: stats.warnings,
            fatal_errors: stats.fatal_errors,
            held_back: stats.held_back,
            send_errors: stats.send_errors,
            receive_errors: stats.receive_errors,
            steps: steps(stats),
        }
    }

    fn ended(&self) -> u64 {
        self.successful + self.failed
    }

    fn created(&self) -> u64 {
        self.incoming + self.outgoing
    }

    /// How many counters there are.
    pub const COUNT: usize = 14;

    pub fn all(&self) -> [u64; Numbers::COUNT] {
        [
            self.incoming,
            self.outgoing,
            self.successful,
            self.failed,
            self.out_of_call,
            self.dead_call,
            self.retransmissions,
            self.auto_answered,
            self.warnings,
            self.fatal_errors,
            self.held_back,
            self.send_errors,
            self.receive_errors,
            self.steps,
        ]
    }
}

fn steps(stats: &Stats) -> u64 {
    let mut sum = 0;
    for step in &stats.steps {
        sum += step.messages + step.retransmissions + step.timeouts + step.unexpected + step.lost;
    }
    sum
}

/// What the books know of a Call-ID. One that is not in them is [`Fate::Unsure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    /// Ended, and remembered for so long.
    Dead {
        until: Tick,
    },
    /// Ended, and not remembered.
    Gone,
    Unsure,
}

/// The books of one engine.
#[derive(Debug)]
pub struct Ledger {
    last: Numbers,
    dead: usize,
    ids: BTreeMap<Vec<u8>, Fate>,
    /// When the engine last looked at the clock.
    looked: Tick,
    was_finished: bool,
    dead_call_wait: Span,
    most_calls: Option<u64>,
    /// All calls have the same Call-ID: what becomes of it cannot be told.
    ids_repeat: bool,
}

impl Ledger {
    pub fn new(dead_call_wait: Span, most_calls: Option<u64>, ids_repeat: bool) -> Ledger {
        Ledger {
            last: Numbers::default(),
            dead: 0,
            ids: BTreeMap::new(),
            looked: Tick::ZERO,
            was_finished: false,
            dead_call_wait,
            most_calls,
            ids_repeat,
        }
    }

    /// Checks everything after an event; `sends`: how many datagrams it has brought.
    pub fn check(&mut self, engine: &Engine, event: Event<'_>, now: Tick, sends: usize) {
        let stats = engine.stats();
        let numbers = Numbers::of(stats);
        let before = std::mem::replace(&mut self.last, numbers);
        balance(engine);
        growth(&before, &numbers, event);
        self.bounds(engine, &before, &numbers);
        if let Event::Datagram(bytes) = event {
            self.message(engine, bytes, &before, &numbers, now, sends);
        }
        if numbers.created() != before.created() || numbers.ended() != before.ended() {
            self.fates(engine, event, &before, &numbers, now);
        }
        if let Event::Time { most_calls } = event {
            self.looked = now;
            let opened = numbers.outgoing - before.outgoing;
            let due = engine.next_deadline().filter(|due| *due <= now);
            assert!(due.is_none() || opened == most_calls as u64, "nothing is due after a look at the clock");
        }
        self.dead = engine.holds().1;
        self.was_finished = engine.is_finished();
    }

    /// `-l`, `-m` and the end of the run.
    fn bounds(&self, engine: &Engine, before: &Numbers, after: &Numbers) {
        let open = engine.stats().current;
        if let Some(limit) = engine.limit() {
            assert!(open <= limit, "{open} calls open, -l {limit}");
        }
        if let Some(most) = self.most_calls {
            assert!(after.created() <= most, "{} calls created, -m {most}", after.created());
        }
        assert!(!self.was_finished || after.created() == before.created(), "a call after the end of the run");
    }

    /// Every message is counted once: for its open call, for a call that ended lately, for a new one, or for none.
    fn message(
        &mut self,
        engine: &Engine,
        bytes: &[u8],
        before: &Numbers,
        after: &Numbers,
        now: Tick,
        sends: usize,
    ) {
        let message = match sip::classify(bytes) {
            Incoming::Message(message) => message,
            Incoming::Empty => return assert_eq!(after.receive_errors, before.receive_errors + 1),
            Incoming::KeepAlive => return assert_eq!(after, before, "a keep-alive changes nothing"),
            Incoming::NotSip | Incoming::NoCallId(_) => {
                return assert!(after.warnings > before.warnings, "a warning for noise");
            }
        };
        let id = message.trimmed_call_id();
        let fate = self.ids.get(id).copied().unwrap_or(Fate::Unsure);
        let dead = after.dead_call - before.dead_call;
        let elsewhere = after.out_of_call - before.out_of_call + after.incoming - before.incoming;
        let answered = after.auto_answered - before.auto_answered;
        let counted_once = dead + elsewhere == 1 || (dead + elsewhere == 0 && answered == 1);
        match fate {
            Fate::Open => assert_eq!((dead, elsewhere), (0, 0), "a message for an open call"),
            Fate::Dead { until } if now < until => {
                assert_eq!((dead, elsewhere), (1, 0), "a message for a dead call");
            }
            Fate::Dead { until } if self.looked >= until => {
                assert!(dead == 0 && counted_once, "a message for a call that is forgotten");
            }
            Fate::Gone => assert!(dead == 0 && counted_once, "a message for a call that nobody remembers"),
            Fate::Dead { .. } | Fate::Unsure => assert!(counted_once, "a message that is not counted once"),
        }
        if dead == 1 && !self.ids_repeat {
            self.ids.insert(id.to_vec(), Fate::Dead { until: now + self.dead_call_wait });
        }
        let touched = after.steps != before.steps
            || after.warnings != before.warnings
            || after.ended() != before.ended()
            || answered > 0
            || sends > 0;
        if fate == Fate::Open && !touched {
            let plan = engine.plan();
            let is_late = matches!(message.start(), Start::Response(100..=199)) && !plan.txns.is_empty();
            let is_kept = plan.unexpected.is_some();
            assert!(is_late || is_kept, "a message for an open call left no trace");
        }
    }

    /// Which calls are open now, and what became of those that are not.
    fn fates(&mut self, engine: &Engine, event: Event<'_>, before: &Numbers, after: &Numbers, now: Tick) {
        if matches!(event, Event::Refusal) && after.created() == before.created() {
            // A success that is taken back has left the table before.
            if after.successful < before.successful {
                return;
            }
        }
        let ended = after.ended() - before.ended();
        let buried = engine.holds().1.saturating_sub(self.dead);
        let fate = match event {
            _ if self.ids_repeat => Fate::Unsure,
            _ if self.dead_call_wait == Span::ZERO => Fate::Gone,
            _ if after.failed == before.failed => Fate::Dead { until: now + self.dead_call_wait },
            Event::Time { .. } => Fate::Unsure,
            _ if ended == 1 && buried == 0 => Fate::Gone,
            _ if buried as u64 == ended => Fate::Dead { until: now + self.dead_call_wait },
            _ => Fate::Unsure,
        };
        let open: Vec<Vec<u8>> = engine.open_call_ids().map(<[u8]>::to_vec).collect();
        for (id, known) in &mut self.ids {
            if *known == Fate::Open && !open.contains(id) {
                *known = fate;
            }
        }
        if let Event::Datagram(bytes) = event
            && after.incoming > before.incoming
            && let Some(message) = sip::reread(bytes)
        {
            // It may have opened a call and ended it at once.
            self.ids.insert(message.trimmed_call_id().to_vec(), fate);
        }
        for id in open {
            self.ids.insert(id, Fate::Open);
        }
    }
}

/// Created = successful + failed + open, by every count there is.
fn balance(engine: &Engine) {
    let stats = engine.stats();
    let (calls, dead, _) = engine.holds();
    assert_eq!(stats.created(), stats.successful + stats.failed + stats.current, "created = ended + open");
    assert_eq!(stats.current as usize, calls, "open calls are those in the table");
    assert_eq!(engine.known_call_ids(), calls + dead, "a Call-ID for each open or dead call");
    assert_eq!(stats.failures.iter().sum::<u64>(), stats.failed, "every failed call has one cause");
    assert_eq!(stats.call_length.count, stats.successful + stats.failed, "every ended call has a length");
    assert_eq!(stats.start_lag.count(), stats.outgoing, "every call opened has a start lag");
    assert!(stats.current <= stats.peak && stats.peak <= stats.created(), "the peak");
    assert!(calls > 0 || engine.lent_buffers() == 0, "buffers are back when no call is open");
}

/// Nothing is counted down, but for a success whose last message then cannot be sent.
fn growth(before: &Numbers, after: &Numbers, event: Event<'_>) {
    let taken_back = before.successful.saturating_sub(after.successful);
    let may = u64::from(matches!(event, Event::Refusal));
    assert!(taken_back <= may, "a success was taken back");
    let before = Numbers { successful: before.successful - taken_back, ..*before };
    let grows = before.all().iter().zip(after.all()).all(|(before, after)| *before <= after);
    assert!(grows, "a counter went down: {before:?} {after:?}");
}
