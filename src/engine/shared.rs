//! What all calls of an engine share: settings, timers, counters, injection lines, global variables, buffers.
//! Spec: runtime.md §2.2, scenario.md §11. Must not know the call table.

use std::io;
use std::path::Path;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::advance::RenderedIn;
use super::call::Call;
use super::circuits::{Circuit, Circuits};
use super::line::Links;
use super::memory::{Fingerprints, Pool};
use super::scenarios::{Scenarios, fresh_stats};
use super::settings::Settings;
use super::table::CallKey;
use super::trail::Stories;
use super::variable::{Value, Variables};
use super::wheel::Wheel;
use crate::clock::{Tick, WallClock};
use crate::inject::Files;
use crate::link::Transport;
use crate::message::{DynamicIds, Scene};
use crate::scenario::Part;
use crate::scenario::plan::StepIx;
use crate::sip::Message;
use crate::stats::{Stats, StepCounts};

/// Cannot meet the main counter (runtime.md §2.2).
const FIRST_AUTOMATIC_NUMBER: u64 = 2_147_483_648;

/// How far the run has been told to end (runtime.md §15): 0 runs, from 1 on no new calls, from 11 on all calls are aborted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quit(u32);

impl Quit {
    /// `-m` reached, `stop_gracefully`: at least a soft quit.
    pub fn softly(&mut self) {
        self.0 = self.0.max(1);
    }

    /// `q`, SIGUSR1: one is soft, a second one (or one after `-m` was reached) is hard.
    pub fn press(&mut self) {
        self.0 = self.0.saturating_add(10);
    }

    /// `Q`: hard, whatever came before.
    pub fn press_hard(&mut self) {
        self.0 = self.0.saturating_add(20);
    }

    /// `-timeout`: hard.
    pub fn hard(&mut self) {
        self.0 = self.0.max(11);
    }

    /// The level as such.
    pub fn level(self) -> u32 {
        self.0
    }

    /// No new calls.
    pub fn is_quitting(self) -> bool {
        self.0 >= 1
    }

    /// Calls in progress are aborted.
    pub fn is_hard(self) -> bool {
        self.0 >= 11
    }
}

/// Which of a call's two deadlines a timer entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The end of its wait.
    Wait,
    /// Its retransmission.
    Resend,
}

/// State that rendering reads.
#[derive(Debug)]
pub(super) struct Rendering {
    pub files: Files,
    pub globals: Vec<Value>,
    pub users: Vec<Box<[Value]>>,
    /// `[users]`
    pub users_wanted: i64,
    pub dynamic: DynamicIds,
    pub circuits: Option<Circuits>,
    pub local_port: u16,
    /// `[transport]` of calls without a link.
    pub transport: &'static str,
    pub wall: WallClock,
    pub read_file: fn(&Path) -> io::Result<Vec<u8>>,
}

impl Rendering {
    /// The variables a call can see.
    pub fn variables<'s>(&'s self, call: &'s Call) -> Variables<'s> {
        let of_user = call.user.and_then(|user| self.users.get(user as usize));
        Variables {
            call: &call.variables,
            user: of_user.map_or(&call.own_user_variables, |values| values),
            global: &self.globals,
        }
    }

    /// What a template of this call can see.
    pub fn scene<'s>(&'s mut self, call: &'s Call, now: Tick, place: RenderedIn) -> Scene<'s> {
        let at = i32::try_from(call.at.number()).unwrap_or(i32::MAX);
        let of_user = call.user.and_then(|user| self.users.get(user as usize));
        Scene {
            call_number: call.number,
            local_port: call.line.port().unwrap_or(self.local_port),
            transport: call.line.transport().map_or(self.transport, Transport::name),
            call_id: &call.id,
            cseq: call.cseq,
            user_id: call.user.unwrap_or(0),
            users: self.users_wanted,
            message_index: match place {
                RenderedIn::Send => at,
                RenderedIn::Elsewhere => -1,
            },
            branch_index: match place {
                RenderedIn::Send => at,
                RenderedIn::Elsewhere => at - 1,
            },
            peer_tag: &call.peer_tag,
            last: call.memory.last(),
            routes: call.routes.as_ref().map_or(&[], |set| set.routes()),
            target: call.routes.as_ref().and_then(|set| set.target()),
            variables: Variables {
                call: &call.variables,
                user: of_user.map_or(&call.own_user_variables, |values| values),
                global: &self.globals,
            },
            files: &self.files,
            lines: &call.lines,
            now,
            wall: self.wall,
            read_file: self.read_file,
            dynamic: &mut self.dynamic,
            circuit: self
                .circuits
                .as_ref()
                .zip(call.circuit)
                .map(|(circuits, circuit)| circuits.name(circuit)),
            signer: None,
        }
    }
}

/// Calls hold all circuits there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct AllInUse;

/// Everything calls share.
#[derive(Debug)]
pub(super) struct Shared {
    pub settings: Settings,
    pub rendering: Rendering,
    pub wheel: Wheel<(CallKey, Reason)>,
    /// Links that can end, and whose they are.
    pub links: Links,
    /// Of the main scenario, and of the whole run: what outputs.md §3.3 calls process-wide is counted nowhere else.
    pub stats: Stats,
    out_of_call: Option<Box<Stats>>,
    receiving: Option<Box<Stats>>,
    pub pool: Pool,
    pub fingerprints: Fingerprints,
    pub stories: Stories,
    pub rng: SmallRng,
    pub next_number: u64,
    /// `[call_number]` of the next call that draws none of `next_number`: one out of call, or one that only answers.
    pub next_automatic_number: u64,
    pub quit: Quit,
    /// The other side of a test that one process runs alone has finished.
    pub peer_done: bool,
}

impl Shared {
    pub fn new(scenarios: &Scenarios, settings: Settings, files: Files, seed: u64, now: Tick) -> Shared {
        let fingerprints = Fingerprints::new(settings.repeat_check);
        let stories = Stories::new(settings.tells_failures);
        let mut globals = scenarios.fresh_globals();
        for (slot, text) in &settings.globals {
            if let Some(value) = globals.get_mut(usize::from(*slot)) {
                *value = Value::Text(text.as_slice().into());
            }
        }
        let share = settings.share;
        let rendering = Rendering {
            files: if share.is_whole() { files } else { files.dealt(share.index(), share.workers()) },
            globals,
            users: Vec::new(),
            users_wanted: -1,
            dynamic: settings.dynamic_ids.dealt(share.index(), share.workers()),
            circuits: settings.circuits.map(Circuits::new),
            local_port: settings.local_port,
            transport: settings.transport,
            wall: settings.wall,
            read_file: settings.read_file,
        };
        Shared {
            settings,
            rendering,
            wheel: Wheel::new(now),
            links: Links::default(),
            stats: fresh_stats(&scenarios[Part::Main]),
            out_of_call: scenarios.get(Part::OutOfCall).map(|plan| Box::new(fresh_stats(plan))),
            receiving: scenarios.get(Part::Receiving).map(|plan| Box::new(fresh_stats(plan))),
            pool: Pool::default(),
            fingerprints,
            stories,
            rng: SmallRng::seed_from_u64(seed),
            next_number: share.number(1, 0),
            next_automatic_number: share.number(FIRST_AUTOMATIC_NUMBER, 0),
            quit: Quit::default(),
            peer_done: false,
        }
    }

    /// The Call-ID by which a received message finds its call (runtime.md §6.2).
    pub fn id_of<'m>(&self, message: &Message<'m>) -> &'m [u8] {
        if self.settings.keeps_slashes { message.call_id() } else { message.trimmed_call_id() }
    }

    /// The variables a call can see.
    pub fn variables<'s>(&'s self, call: &'s Call) -> Variables<'s> {
        self.rendering.variables(call)
    }

    /// A random number in 0..1.
    pub fn draw(&mut self) -> f64 {
        self.rng.random()
    }

    /// The numbers of a part's scenario, if it has one.
    pub fn stats_of(&self, part: Part) -> Option<&Stats> {
        match part {
            Part::Main => Some(&self.stats),
            Part::OutOfCall => self.out_of_call.as_deref(),
            Part::Receiving => self.receiving.as_deref(),
        }
    }

    /// The numbers that a call of this part counts in.
    pub fn stats_for(&mut self, part: Part) -> &mut Stats {
        match part {
            Part::Main => &mut self.stats,
            Part::OutOfCall => self.out_of_call.as_deref_mut().unwrap_or(&mut self.stats),
            Part::Receiving => self.receiving.as_deref_mut().unwrap_or(&mut self.stats),
        }
    }

    /// The counts of a step.
    pub fn step_counts(&mut self, part: Part, at: StepIx) -> &mut StepCounts {
        &mut self.stats_for(part).steps[at.number() as usize]
    }

    /// A circuit for a new call; none without `-tdmmap`.
    ///
    /// # Errors
    /// Others hold all there are.
    pub fn take_circuit(&mut self) -> Result<Option<Circuit>, AllInUse> {
        let Some(circuits) = &mut self.rendering.circuits else { return Ok(None) };
        circuits.take(&mut self.rng).map(Some).ok_or(AllInUse)
    }

    /// Frees the circuit of a call that has ended.
    pub fn give_circuit_back(&mut self, call: &Call) {
        if let Some((circuits, circuit)) = self.rendering.circuits.as_mut().zip(call.circuit) {
            circuits.give_back(circuit);
        }
    }

    /// The number of a call of the main counter.
    pub fn take_number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += self.settings.share.step();
        number
    }

    /// Whether `-m` is reached: this worker's part of it, or all of it where calls are drawn from one stock.
    pub fn has_all_calls(&self) -> bool {
        match (&self.settings.tickets, self.settings.calls) {
            (Some(tickets), _) => tickets.are_gone(),
            (None, Some(calls)) => self.stats.created() >= self.settings.share.part_of(calls),
            (None, None) => false,
        }
    }

    /// Leave for a message to open one more call.
    pub fn may_open(&self) -> bool {
        self.settings.tickets.as_ref().is_none_or(|tickets| tickets.take())
    }

    /// The number of a call that is none of the main counter's.
    pub fn automatic_number(&mut self) -> u64 {
        let number = self.next_automatic_number;
        self.next_automatic_number += self.settings.share.step();
        number
    }
}
