//! What the engine tells of itself on request: its open calls, and the names of the scenario's variables.
//! Spec: cli.md §14 (`dump tasks`, `dump variables`); the words are those of sipp 3.6.1, which writes each of them twice. Out: warnings.
//! Must not change anything.

use std::fmt::Write as _;

use super::Engine;
use super::call::{Call, Wait};
use super::effects::Effects;
use crate::clock::Tick;
use crate::scenario::plan::VariableNames;

impl Engine {
    /// One warning for the number of open calls, one for each of them, the oldest first.
    pub(super) fn dump_tasks(&mut self, now: Tick, out: &mut Effects) {
        let keys = self.table.keys();
        let calls: Vec<String> = keys.iter().filter_map(|key| self.table.get(*key)).map(describe).collect();
        let mut run = self.run(now, out);
        run.warn(format!("---- {} Active Tasks ----", calls.len()));
        run.warn_all(calls);
    }

    /// The names of the variables by scope: global, user, call. They are the same for all workers: one says them.
    pub(super) fn dump_variables(&mut self, now: Tick, out: &mut Effects) {
        if !self.shared.settings.share.is_first() {
            return;
        }
        let lines = variables(&self.plan().variables);
        self.run(now, out).warn_all(lines);
    }
}

/// Where a call is and what it waits for; times are ms since the start, as `[clock_tick]` has them.
fn describe(call: &Call) -> String {
    let mut text = format!("{}: State {}", String::from_utf8_lossy(&call.id), call.at.number());
    let mut wait = |what: &str, until: Tick| {
        // Writing to a String cannot fail.
        let _ = write!(text, " ({what} {})", until.millis());
    };
    match call.wait {
        Wait::Pause { until } => wait("paused until", until),
        Wait::Message { until: Some(until) } => wait("recv timeout", until),
        Wait::Message { until: None } | Wait::Quiet | Wait::Turn { .. } | Wait::Link { .. } => {}
    }
    if let Some(resend) = call.resend {
        wait("next retrans", resend.due);
    }
    text
}

fn variables(names: &VariableNames) -> Vec<String> {
    let mut lines = Vec::new();
    let own: Vec<&String> = names.call.iter().chain(&names.unread).collect();
    for (level, names) in [names.global.iter().collect(), names.user.iter().collect(), own].iter().enumerate()
    {
        lines.push(format!("{} level {level} variables:", names.len()));
        lines.extend(names.iter().map(|name| (*name).clone()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cli.md §14, tried with sipp 3.6.1: level 0 is global, 1 user, 2 call. What nothing reads counts as well.
    #[test]
    fn the_names_of_variables_stand_below_their_number_by_scope() {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let names = VariableNames {
            unread: own(&["u"]),
            call: own(&["c"]),
            user: own(&[]),
            global: own(&["g", "h"]),
        };
        assert_eq!(
            variables(&names),
            ["2 level 0 variables:", "g", "h", "0 level 1 variables:", "2 level 2 variables:", "c", "u"]
        );
    }
}
