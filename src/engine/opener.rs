//! When the generator may open a call: by rate or by users, within the limit, not while paused; and how commands change that.
//! Spec: runtime.md §2.3-§2.6, cli.md §12, §14, §15. In: the time, ended users, changes. Out: leave to open a call. Must not open any.

use super::pacer::{Pacer, Rate, default_limit};
use super::ramp::Ramp;
use super::settings::{Limit, Load, Settings};
use super::share::Share;
use super::shared::Shared;
use super::users::Users;
use crate::clock::{Span, Tick};
use crate::scenario::plan::{Plan, Role};

/// Decides when the generator opens a call.
#[derive(Debug)]
pub struct Opener {
    share: Share,
    schedule: Schedule,
    /// A server's schedule opens nothing: messages open calls. It is still there to be asked and changed.
    generates: bool,
    paused: bool,
    /// `-rate_scale`, `set rate-scale`
    rate_scale: f64,
    ramp: Option<Ramp>,
}

#[derive(Debug)]
enum Schedule {
    Rate { pacer: Pacer, limit: Ceiling },
    Users(Users),
}

/// `-l` in force.
#[derive(Debug)]
enum Ceiling {
    /// As given; None is no limit.
    Fixed(Option<u64>),
    /// Follows the rate (runtime.md §2.5).
    Computed { calls: u64, pauses: Pauses },
}

/// What the default limit is computed from besides the rate.
#[derive(Clone, Copy, Debug)]
struct Pauses {
    /// All pauses of the scenario together, in ms.
    scenario_ms: f64,
    /// `-d`
    default: Span,
}

/// Leave to open one call.
pub(super) struct Slot {
    pub due: Tick,
    pub user: Option<u32>,
}

/// A change that the kind of load does not allow: the warning of cli.md §14.
pub(super) type Refusal = &'static str;

impl Opener {
    /// The schedule that plan and settings ask for.
    pub fn new(plan: &Plan, settings: &Settings, now: Tick) -> Opener {
        let generates = plan.role == Role::Client;
        let schedule = match settings.load {
            Load::Users(wanted) => Schedule::Users(Users::new(wanted, settings.share)),
            Load::Rate(rate) => {
                let limit = match settings.limit {
                    Limit::Given(limit) => Ceiling::Fixed(limit),
                    Limit::Default => Ceiling::computed(rate, Pauses::of(plan, settings.default_pause)),
                };
                Schedule::Rate { pacer: Pacer::new(rate, settings.share, now), limit }
            }
        };
        let grows = generates && matches!(schedule, Schedule::Rate { .. });
        let ramp = settings.rate_increase.filter(|_| grows).map(|wish| Ramp::new(wish, now));
        let share = settings.share;
        Opener { share, schedule, generates, paused: false, rate_scale: settings.rate_scale, ramp }
    }

    /// The number of users now wanted; None when calls come at a rate.
    pub fn users(&self) -> Option<&Users> {
        match &self.schedule {
            Schedule::Users(users) => Some(users),
            Schedule::Rate { .. } => None,
        }
    }

    /// The rate in force and since when it is; None with `-users`.
    pub fn rate(&self) -> Option<(Rate, Tick)> {
        match &self.schedule {
            Schedule::Rate { pacer, .. } => Some((pacer.rate(), pacer.since())),
            Schedule::Users(_) => None,
        }
    }

    /// Whether `p` has stopped new calls.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// The limit in force, for all workers together.
    pub fn limit(&self) -> Option<u64> {
        match &self.schedule {
            _ if !self.generates => None,
            Schedule::Rate { limit, .. } => limit.calls(),
            Schedule::Users(users) => Some(u64::from(users.wanted())),
        }
    }

    /// When the next call may be opened.
    pub(super) fn next_due(&self, shared: &Shared) -> Option<Tick> {
        let reached = shared.has_all_calls();
        match &self.schedule {
            _ if reached || self.paused || !self.generates => None,
            Schedule::Rate { pacer, .. } => pacer.next_due(),
            Schedule::Users(users) => users.any_free().then_some(Tick::ZERO),
        }
    }

    /// When the rate next grows by itself.
    pub(super) fn next_step(&self) -> Option<Tick> {
        self.ramp.as_ref().map(Ramp::next_due)
    }

    /// A user's call has ended.
    pub fn give_back(&mut self, user: u32) {
        if let Schedule::Users(users) = &mut self.schedule {
            users.give_back(user);
        }
    }

    /// The next slot, if one is due. A slot that the limit refuses is lost (runtime.md §2.5).
    pub(super) fn take(&mut self, shared: &mut Shared, now: Tick) -> Option<Slot> {
        if self.paused || !self.generates {
            return None;
        }
        match &mut self.schedule {
            Schedule::Users(users) => users.take().map(|user| Slot { due: now, user: Some(user) }),
            Schedule::Rate { limit, pacer } => match limit.calls_of(self.share) {
                Some(limit) if shared.stats.current >= limit => {
                    shared.stats.held_back += pacer.lose_due(now);
                    None
                }
                _ => pacer.take(now).map(|due| Slot { due, user: None }),
            },
        }
    }

    /// `-rate_increase`: takes the step that is due at `at`; true when the run is to end softly for it.
    pub(super) fn grow(&mut self, at: Tick) -> bool {
        let (Some(ramp), Schedule::Rate { pacer, limit }) = (&mut self.ramp, &mut self.schedule) else {
            return false;
        };
        let step = ramp.step(pacer.rate().calls());
        change_rate(pacer, limit, step.calls, at);
        step.ends_run
    }

    /// `set rate`
    pub(super) fn set_rate(&mut self, calls: f64, now: Tick) -> Result<(), Refusal> {
        match &mut self.schedule {
            Schedule::Users(_) => Err("Rates can not be set in a user-based benchmark."),
            Schedule::Rate { pacer, limit } => {
                change_rate(pacer, limit, calls, now);
                Ok(())
            }
        }
    }

    /// `set rate-scale`
    pub(super) fn set_rate_scale(&mut self, scale: f64) {
        self.rate_scale = scale;
    }

    /// `set users`
    pub(super) fn set_users(&mut self, wanted: u32) -> Result<(), Refusal> {
        match &mut self.schedule {
            Schedule::Users(users) => {
                users.set(wanted);
                Ok(())
            }
            Schedule::Rate { .. } => Err("Users can not be changed at run time for a rate-based benchmark."),
        }
    }

    /// `set limit`: fixed from now on.
    pub(super) fn set_limit(&mut self, calls: Option<u64>) -> Result<(), Refusal> {
        match &mut self.schedule {
            Schedule::Users(_) => Err("Can not set call limit for a user-based benchmark."),
            Schedule::Rate { limit, .. } => {
                *limit = Ceiling::Fixed(calls);
                Ok(())
            }
        }
    }

    /// The keys `+ - * /`: so many steps of the rate scale. Users are whole.
    pub(super) fn adjust(&mut self, steps: i32, now: Tick) {
        let change = f64::from(steps) * self.rate_scale;
        match &mut self.schedule {
            // `as` cuts the fraction off, and makes 0 of what is below it and of what is not a number.
            Schedule::Users(users) => users.set((f64::from(users.wanted()) + change) as u32),
            Schedule::Rate { pacer, limit } => {
                let calls = pacer.rate().calls() + change;
                change_rate(pacer, limit, calls, now);
            }
        }
    }

    /// The key `p`: no new calls, or new calls again as after a rate change.
    pub(super) fn toggle_pause(&mut self, now: Tick) {
        self.paused = !self.paused;
        if let (false, Schedule::Rate { pacer, limit }) = (self.paused, &mut self.schedule) {
            let calls = pacer.rate().calls();
            change_rate(pacer, limit, calls, now);
        }
    }
}

/// A new segment of the schedule, and the limit that follows from it.
fn change_rate(pacer: &mut Pacer, limit: &mut Ceiling, calls: f64, at: Tick) {
    let rate = pacer.rate().with_calls(calls);
    pacer.change(rate, at);
    if let Ceiling::Computed { pauses, .. } = *limit {
        *limit = Ceiling::computed(rate, pauses);
    }
}

impl Ceiling {
    fn computed(rate: Rate, pauses: Pauses) -> Ceiling {
        Ceiling::Computed { calls: default_limit(rate, pauses.scenario_ms, pauses.default), pauses }
    }

    /// The part of a worker. A limit that nobody asked for must not keep one from working.
    fn calls_of(&self, share: Share) -> Option<u64> {
        match self {
            Ceiling::Fixed(limit) => limit.map(|calls| share.part_of(calls)),
            Ceiling::Computed { calls, .. } => Some(share.part_of(*calls).max(1)),
        }
    }

    fn calls(&self) -> Option<u64> {
        match self {
            Ceiling::Fixed(limit) => *limit,
            Ceiling::Computed { calls, .. } => Some(*calls),
        }
    }
}

impl Pauses {
    fn of(plan: &Plan, default: Span) -> Pauses {
        let default_ms = default.micros() as f64 / 1e3;
        Pauses { scenario_ms: plan.nominal_pauses_ms + f64::from(plan.default_pauses) * default_ms, default }
    }
}
