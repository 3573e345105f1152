//! The `<init>` section: run to its end once, before any call.
//! Spec: scenario.md §12, actions.md §2.5, runtime.md §2.2. It takes call number 1 and the first line of each injection file, and
//! appears in no statistics. Only global variables last.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use super::Engine;
use super::advance::{Progress, Run};
use super::call::{Call, Wait};
use super::effects::Effects;
use super::opening::fresh;
use super::table::{CallId, CallKey};
use super::variable::Value;
use crate::clock::Tick;
use crate::scenario::plan::{Goto, Plan};
use crate::stats::Stats;

/// Turns of 1,000 steps after which an `<init>` counts as one that never ends.
const MOST_TURNS: usize = 10_000;

impl Engine {
    /// Runs `<init>`, if there is one. To be called once, before anything else.
    pub fn begin(&mut self, now: Tick, out: &mut Effects) {
        let plan = Arc::clone(&self.plan);
        let Some(init) = &plan.init else { return };
        let borders: Vec<_> = init.rtds.iter().map(|rtd| rtd.borders.clone()).collect();
        let apart = Stats::new(init.steps.len(), init.counters.len(), &borders, &[]);
        let stats = std::mem::replace(&mut self.shared.stats, apart);
        self.run_init(&plan, init, now, out);
        let apart = std::mem::replace(&mut self.shared.stats, stats);
        self.shared.stats.warnings += apart.warnings;
        self.shared.stats.fatal_errors += apart.fatal_errors;
    }

    fn run_init(&mut self, plan: &Plan, init: &Plan, now: Tick, out: &mut Effects) {
        let Goto::Step(at) = init.start() else { return };
        let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let mut call = fresh(CallKey::nobody(), CallId::from_slice(b"///main-init"), nowhere, at, now);
        call.number = self.shared.next_number;
        self.shared.next_number += 1;
        call.variables = vec![Value::Unset; plan.variables.call.len()].into();
        call.own_user_variables = vec![Value::Unset; plan.variables.user.len()].into();
        match self.shared.rendering.files.draw(None, &mut self.shared.rng) {
            Ok(lines) => call.lines = lines,
            Err(error) => {
                return Run { plan: init, shared: &mut self.shared, now, out }
                    .fatal(error.to_string().into());
            }
        }
        let mut run = Run { plan: init, shared: &mut self.shared, now, out };
        if !runs_to_its_end(&mut run, &mut call) {
            run.fatal(b"<init> does not come to an end".to_vec());
        }
    }
}

fn runs_to_its_end(run: &mut Run<'_>, call: &mut Call) -> bool {
    (0..MOST_TURNS)
        .any(|_| !matches!(run.advance(call), Progress::Waits(Wait::Turn { .. })) || run.out.is_over())
}
