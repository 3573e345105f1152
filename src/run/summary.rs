//! What a test prints at its end: SIPp's closing screens and our verdict, for the main side and the other one.
//! Spec: outputs.md §16. In: what the workers left behind. Out: text for stdout. Must not count.

use super::side::{Common, Running};
use crate::clock::Span;
use crate::control::view::{Screen, View};
use crate::engine::Engine;
use crate::report::screen::{self, Head, Load, Side as Layout, Snapshot, Tasks};
use crate::report::verdict;
use crate::scenario::Part;
use crate::scenario::plan::Role;
use crate::worker::Outcome;

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

/// Screens and verdict, of the scenario on display first; of the others and of the counterpart only the verdict.
pub fn text(
    common: &Common<'_>,
    view: View,
    main_side: &Side,
    main: &Outcome,
    peer: Option<&(Side, Outcome)>,
) -> String {
    let main_head = Head { honours_hide: view.honours_hide, ..head(common, main_side, &main.engine) };
    let called_head = Head { side: Layout::Server, ..main_head.clone() };
    let of = |part| {
        let head = if part == Part::Main { &main_head } else { &called_head };
        let (plan, stats) = (main.engine.plan_of(part)?, main.engine.stats_of(part)?);
        Some(Snapshot { plan, stats, ..snapshot(common, main, head) })
    };
    let shown = of(view.display).unwrap_or_else(|| snapshot(common, main, &main_head));
    let mut text = match view.screen {
        Screen::Statistics => screen::closing_statistics(&shown),
        _ => screen::closing(&shown),
    };
    text.push_str(&verdict::verdict(&snapshot(common, main, &main_head)));
    for (part, what) in
        [(Part::OutOfCall, "The out-of-call scenario"), (Part::Receiving, "The receiving scenario")]
    {
        if let Some(snapshot) = of(part) {
            text.push_str(&format!("{what}:\n{}", verdict::verdict(&snapshot)));
        }
    }
    if let Some((side, outcome)) = peer {
        let peer_head = head(common, side, &outcome.engine);
        text.push_str("The other side:\n");
        text.push_str(&verdict::verdict(&snapshot(common, outcome, &peer_head)));
    }
    text
}

fn snapshot<'a>(common: &Common<'_>, outcome: &'a Outcome, head: &'a Head) -> Snapshot<'a> {
    Snapshot {
        plan: outcome.engine.plan(),
        stats: outcome.engine.stats(),
        head,
        clock: common.wall,
        started: outcome.engine.stats().since,
        now: outcome.ended,
        period: None,
    }
}

fn head(common: &Common<'_>, side: &Side, engine: &Engine) -> Head {
    let options = common.options;
    let stats = engine.stats();
    let load = match engine.rate() {
        Some((rate, since)) => {
            let first = stats.first_opened.filter(|first| since <= *first);
            let steady = first.map(|first| stats.last_opened.since(first));
            Load::Rate { calls: rate.calls(), period: rate.period(), steady }
        }
        None => Load::Users(engine.users().unwrap_or(0)),
    };
    let (_, dead, _) = engine.holds();
    Head {
        side: match engine.plan().role {
            Role::Server => Layout::Server,
            Role::Client => {
                Layout::Client { load, limit: engine.limit().unwrap_or(0), remote: side.remote.clone() }
            }
        },
        honours_hide: true,
        default_pause: Span::from_millis(options.call.default_pause_ms),
        calls_to_make: options.load.calls,
        local_port: side.local_port,
        transport: options.network.mode.transport.name(),
        auto_answer: options.call.auto_answer,
        loses: options.call.lost_percent != 0.0,
        open_sockets: 0,
        tasks: Tasks { running: 0, paused: stats.current + dead as u64, woken_up: 0 },
    }
}
