//! The `<init>` sections: each run to its end once, before any call, that of the main scenario first.
//! Spec: scenario.md §12, actions.md §2.5, runtime.md §2.2. It takes a call number and a line of each injection file as a call of its
//! scenario would: the main one's number 1 and the first lines. It appears in no statistics. Only global variables last.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use super::Engine;
use super::advance::{Progress, Run};
use super::call::{Call, Wait};
use super::effects::Effects;
use super::opening::fresh;
use super::scenarios::fresh_stats;
use super::table::{CallId, CallKey};
use super::variable::Value;
use crate::clock::Tick;
use crate::scenario::Part;
use crate::scenario::plan::{Goto, Plan};

/// Turns of 1,000 steps after which an `<init>` counts as one that never ends.
const MOST_TURNS: usize = 10_000;

impl Engine {
    /// Runs `<init>` where there is one. To be called once, before anything else.
    pub fn begin(&mut self, now: Tick, out: &mut Effects) {
        for part in Part::ALL {
            let Some(plan) = self.scenarios.get(part).map(Arc::clone) else { continue };
            let Some(init) = plan.init.as_deref().filter(|_| !out.is_over()) else { continue };
            let stats = std::mem::replace(self.shared.stats_for(part), fresh_stats(init));
            self.run_init(part, &plan, init, now, out);
            let apart = std::mem::replace(self.shared.stats_for(part), stats);
            // Those of the other parts were counted in the main scenario's right away.
            self.shared.stats.warnings += apart.warnings;
            self.shared.stats.fatal_errors += apart.fatal_errors;
        }
    }

    fn run_init(&mut self, part: Part, plan: &Plan, init: &Plan, now: Tick, out: &mut Effects) {
        let Goto::Step(at) = init.start() else { return };
        let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let mut call = fresh(CallKey::nobody(), part, CallId::from_slice(b"///main-init"), nowhere, at, now);
        let drawn = self.draw(part, None);
        let mut run = Run { part, plan: init, shared: &mut self.shared, now, out };
        match drawn {
            Ok(drawn) => (call.number, call.lines) = drawn,
            Err(error) => return run.fatal(error.to_string().into()),
        }
        call.variables = vec![Value::Unset; plan.variables.call.len()].into();
        call.own_user_variables = vec![Value::Unset; plan.variables.user.len()].into();
        // Nobody holds one yet.
        call.circuit = run.shared.take_circuit().unwrap_or_default();
        if !runs_to_its_end(&mut run, &mut call) {
            run.fatal(b"<init> does not come to an end".to_vec());
        }
        run.shared.give_circuit_back(&call);
    }
}

fn runs_to_its_end(run: &mut Run<'_>, call: &mut Call) -> bool {
    (0..MOST_TURNS)
        .any(|_| !matches!(run.advance(call), Progress::Waits(Wait::Turn { .. })) || run.out.is_over())
}
