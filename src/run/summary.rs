//! What a test prints at its end: SIPp's closing screens and our verdict, for the main side and the other one.
//! Spec: outputs.md §16. In: what the workers left behind. Out: text for stdout. Must not count.

use super::side::{Common, Running};
use crate::clock::{Span, Tick};
use crate::report::screen::{self, Head, Load, Period, Side as Layout, Snapshot, Tasks};
use crate::report::verdict;
use crate::scenario::plan::{Plan, Role};
use crate::stats::Target;
use crate::worker::{Outcome, View};

/// What the screens need of a side besides its counters.
#[derive(Debug)]
pub struct Side {
    local_port: u16,
    remote: (String, u16),
}

impl Side {
    /// Remembered before the side's thread is joined.
    pub fn of(running: &Running) -> Side {
        let remote = running.endpoints.remote.as_ref();
        Side {
            local_port: running.local_port,
            remote: remote
                .map_or((String::new(), 0), |remote| (remote.addr.ip().to_string(), remote.addr.port())),
        }
    }
}

/// Screens and verdict; of the counterpart only the verdict. `period`: the running one, unless the end was a normal one.
pub fn text(
    common: &Common<'_>,
    main: (&Side, &Outcome),
    period: Option<Period<'_>>,
    peer: Option<&(Side, Outcome)>,
) -> String {
    let last = |outcome: &Outcome| View::of(&outcome.engine, outcome.ended);
    let (side, outcome) = main;
    let (plan, view) = (outcome.engine.plan(), last(outcome));
    let head = head(common, side, plan, &view, 0);
    let snapshot = snapshot(common, plan, &view, &head, period);
    let mut text = screen::closing(&snapshot);
    text.push_str(&verdict::verdict(&snapshot));
    if let Some((side, outcome)) = peer {
        let (plan, view) = (outcome.engine.plan(), last(outcome));
        let head = self::head(common, side, plan, &view, 0);
        text.push_str("The other side:\n");
        text.push_str(&verdict::verdict(&self::snapshot(common, plan, &view, &head, None)));
    }
    text
}

/// What the screens show of a view.
pub fn snapshot<'a>(
    common: &Common<'_>,
    plan: &'a Plan,
    view: &'a View,
    head: &'a Head,
    period: Option<Period<'a>>,
) -> Snapshot<'a> {
    let (stats, now) = (&view.figures.stats, view.figures.at);
    Snapshot { plan, stats, head, clock: common.wall, started: Tick::ZERO, now, period }
}

/// What stands above the counters.
pub fn head(common: &Common<'_>, side: &Side, plan: &Plan, view: &View, open_sockets: u64) -> Head {
    let options = common.options;
    let stats = &view.figures.stats;
    let load = match view.figures.target {
        Target::Users(users) => Load::Users(users),
        Target::CallsPerPeriod(calls) => Load::Rate {
            calls,
            period: Span::from_millis(options.load.period_ms),
            steady: stats.first_opened.map(|first| stats.last_opened.since(first)),
        },
    };
    Head {
        side: match plan.role {
            Role::Server => Layout::Server,
            Role::Client => {
                Layout::Client { load, limit: view.limit.unwrap_or(0), remote: side.remote.clone() }
            }
        },
        default_pause: Span::from_millis(options.call.default_pause_ms),
        calls_to_make: options.load.calls,
        local_port: side.local_port,
        transport: "UDP",
        auto_answer: options.call.auto_answer,
        open_sockets,
        tasks: Tasks { running: 0, paused: stats.current + view.dead_calls as u64, woken_up: 0 },
    }
}
