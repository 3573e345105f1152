//! What a test prints at its end: SIPp's closing screens and our verdict, for the main side and the other one.
//! Spec: outputs.md §16. In: what the workers left behind. Out: text for stdout. Must not count.

use super::side::{Common, Running};
use crate::clock::{Span, Tick};
use crate::engine::Engine;
use crate::report::screen::{self, Head, Load, Side as Layout, Snapshot, Tasks};
use crate::report::verdict;
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

/// Screens and verdict; of the counterpart only the verdict.
pub fn text(common: &Common<'_>, main_side: &Side, main: &Outcome, peer: Option<&(Side, Outcome)>) -> String {
    let main_head = head(common, main_side, &main.engine);
    let mut text = screen::closing(&snapshot(common, main, &main_head));
    text.push_str(&verdict::verdict(&snapshot(common, main, &main_head)));
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
        started: Tick::ZERO,
        now: outcome.ended,
        period: None,
    }
}

fn head(common: &Common<'_>, side: &Side, engine: &Engine) -> Head {
    let options = common.options;
    let stats = engine.stats();
    let load = match options.load.users {
        Some(users) => Load::Users(users),
        None => Load::Rate {
            calls: options.load.rate,
            period: Span::from_millis(options.load.period_ms),
            steady: stats.first_opened.map(|first| stats.last_opened.since(first)),
        },
    };
    let (_, dead, _) = engine.holds();
    Head {
        side: match engine.plan().role {
            Role::Server => Layout::Server,
            Role::Client => {
                Layout::Client { load, limit: engine.limit().unwrap_or(0), remote: side.remote.clone() }
            }
        },
        default_pause: Span::from_millis(options.call.default_pause_ms),
        calls_to_make: options.load.calls,
        local_port: side.local_port,
        transport: options.network.mode.transport.name(),
        auto_answer: options.call.auto_answer,
        open_sockets: 0,
        tasks: Tasks { running: 0, paused: stats.current + dead as u64, woken_up: 0 },
    }
}
