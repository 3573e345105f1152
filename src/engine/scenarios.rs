//! The scenarios of a run: the main one, and those for messages that belong to none of its calls.
//! Spec: scenario.md §14, runtime.md §2.1, §6.3. In: plans. Out: the plan of each part, and the slots that all parts share. Must not
//! know calls.

use std::ops::Index;
use std::sync::Arc;

use super::variable::Value;
use crate::scenario::Part;
use crate::scenario::plan::{Plan, Role, VariableNames};
use crate::stats::Stats;

/// What calls can run. A call of a part exists only when that part has a scenario.
#[derive(Debug)]
pub struct Scenarios {
    main: Arc<Plan>,
    out_of_call: Option<Arc<Plan>>,
    receiving: Option<Arc<Plan>>,
}

impl From<Arc<Plan>> for Scenarios {
    fn from(main: Arc<Plan>) -> Scenarios {
        Scenarios { main, out_of_call: None, receiving: None }
    }
}

impl Index<Part> for Scenarios {
    type Output = Arc<Plan>;

    fn index(&self, part: Part) -> &Arc<Plan> {
        self.get(part).unwrap_or(&self.main)
    }
}

impl Scenarios {
    /// The main scenario with what answers unknown calls; all of them loaded with the same variables.
    pub fn new(main: Arc<Plan>, out_of_call: Option<Arc<Plan>>, receiving: Option<Arc<Plan>>) -> Scenarios {
        Scenarios { main, out_of_call, receiving }
    }

    /// The scenario of a part, if it has one.
    pub fn get(&self, part: Part) -> Option<&Arc<Plan>> {
        match part {
            Part::Main => Some(&self.main),
            Part::OutOfCall => self.out_of_call.as_ref(),
            Part::Receiving => self.receiving.as_ref(),
        }
    }

    /// The scenario in which any message with an unknown Call-ID opens a call: the receiving one, else the main one of a server.
    pub(super) fn called(&self) -> Option<Part> {
        match (&self.receiving, self.main.role) {
            (Some(_), _) => Some(Part::Receiving),
            (None, Role::Server) => Some(Part::Main),
            (None, Role::Client) => None,
        }
    }

    /// Global variables, none of them assigned.
    pub(super) fn fresh_globals(&self) -> Vec<Value> {
        vec![Value::Unset; self.most(|names| names.global.len())]
    }

    /// The variables of a user, none of them assigned.
    pub(super) fn fresh_user(&self) -> Box<[Value]> {
        vec![Value::Unset; self.most(|names| names.user.len())].into()
    }

    /// Each scenario knows the shared variables of itself and of those loaded before it.
    fn most(&self, count: impl Fn(&VariableNames) -> usize) -> usize {
        let plans = Part::ALL.into_iter().filter_map(|part| self.get(part));
        plans.map(|plan| count(&plan.variables)).max().unwrap_or_default()
    }
}

/// Zeroes for a scenario.
pub(super) fn fresh_stats(plan: &Plan) -> Stats {
    let borders: Vec<_> = plan.rtds.iter().map(|rtd| rtd.borders.clone()).collect();
    Stats::new(plan.steps.len(), plan.counters.len(), &borders, &plan.call_length_borders)
}
