//! What is asked of a running engine, and what it tells of its load: rate, users, limit, pause, counters.
//! Spec: runtime.md §2.3-§2.6, §15; cli.md §12, §14, §15. In: commands. Out: a changed schedule, or SIPp's warning why not. How a
//! schedule works is the opener's.

use super::Engine;
use super::effects::Effects;
use super::opener::{Opener, Refusal};
use super::pacer::Rate;
use crate::clock::{Span, Tick};

/// Calls that were due before the rate changed and are opened all the same: what a short stall has held up. A backlog longer than
/// that is dropped with the old rate, for a new rate must take effect now.
const MADE_UP_AT_A_CHANGE: usize = 1_000;

impl Engine {
    /// The rate in force and since when it is; None with `-users`. While paused it is the rate to go on with. A server has one too,
    /// without effect.
    pub fn rate(&self) -> Option<(Rate, Tick)> {
        self.opener.rate()
    }

    /// The number of users now wanted; None when calls come at a rate.
    pub fn users(&self) -> Option<u32> {
        self.opener.users().map(|users| users.wanted())
    }

    /// Whether new calls are held back by `p` (cli.md §12.3).
    pub fn is_paused(&self) -> bool {
        self.opener.is_paused()
    }

    /// How far the run has been told to end: 0 runs, 1 to 10 waits for its calls, from 11 on aborts them (cli.md §8.1).
    pub fn quit_level(&self) -> u32 {
        self.shared.quit.level()
    }

    /// Steps of `-rate_increase` that are due. Slots due before a step still belong to the rate before it.
    pub(super) fn grow_rate(&mut self, now: Tick, out: &mut Effects) {
        while !self.shared.quit.is_quitting()
            && let Some(at) = self.opener.next_step().filter(|at| *at <= now)
        {
            self.open_calls_due_by(at - Span::from_micros(1), now, MADE_UP_AT_A_CHANGE, out);
            if self.opener.grow(at) {
                self.shared.quit.press();
            }
        }
    }

    /// `set rate`
    pub(super) fn set_rate(&mut self, calls: f64, now: Tick, out: &mut Effects) {
        self.open_due_calls(now, MADE_UP_AT_A_CHANGE, out);
        self.change(now, out, |opener| opener.set_rate(calls, now));
    }

    /// `set rate-scale`
    pub(super) fn set_rate_scale(&mut self, scale: f64) {
        self.opener.set_rate_scale(scale);
    }

    /// `set limit`
    pub(super) fn set_limit(&mut self, calls: Option<u64>, now: Tick, out: &mut Effects) {
        self.change(now, out, |opener| opener.set_limit(calls));
    }

    /// `set users`
    pub(super) fn set_users(&mut self, users: u32, now: Tick, out: &mut Effects) {
        self.change(now, out, |opener| opener.set_users(users));
        self.seat_users();
    }

    /// Keys `+ - * /`
    pub(super) fn adjust(&mut self, steps: i32, now: Tick, out: &mut Effects) {
        self.open_due_calls(now, MADE_UP_AT_A_CHANGE, out);
        self.opener.adjust(steps, now);
        self.seat_users();
    }

    /// Key `p`
    pub(super) fn toggle_pause(&mut self, now: Tick, out: &mut Effects) {
        self.open_due_calls(now, MADE_UP_AT_A_CHANGE, out);
        self.opener.toggle_pause(now);
    }

    /// `reset stats`: what was counted until now is gone, what is open stays open.
    pub(super) fn reset_stats(&mut self, now: Tick) {
        self.shared.stats.begin_anew(now, now.since(self.started));
        if let Some(tickets) =
            self.shared.settings.tickets.as_ref().filter(|_| self.shared.settings.share.is_first())
        {
            tickets.put_back();
        }
        // A success counted before the reset can no longer be taken back.
        self.just_succeeded.clear();
    }

    fn change(
        &mut self,
        now: Tick,
        out: &mut Effects,
        change: impl FnOnce(&mut Opener) -> Result<(), Refusal>,
    ) {
        // Of several workers one is enough to say so.
        if let Err(refusal) = change(&mut self.opener)
            && self.shared.settings.share.is_first()
        {
            self.run(now, out).warn(refusal);
        }
    }

    /// Every user there is has variables of its own, which it keeps while it is retired.
    pub(super) fn seat_users(&mut self) {
        let Some(users) = self.opener.users() else { return };
        let rendering = &mut self.shared.rendering;
        rendering.users_wanted = i64::from(users.wanted());
        let seats = users.highest() as usize + 1;
        if rendering.users.len() < seats {
            rendering.users.resize(seats, self.scenarios.fresh_user());
        }
    }
}
