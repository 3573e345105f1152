//! Two engines joined by a line that may lose datagrams, on a virtual clock, and the heap allocations of each: of what an engine
//! does alone, not of this line.
//!
//! An event that makes a warning may allocate, for the warning is text that leaves the engine; it is counted apart. What is there
//! for good may grow now and then, such as a slot of the timer wheel that is used for the first time after a minute: so calls are
//! counted in windows, and what each message costs shows in all of them.

use std::net::SocketAddr;
use std::sync::Arc;

use allocation_counter::measure;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use rsipp::clock::{Span, Tick};
use rsipp::engine::pacer::Rate;
use rsipp::engine::settings::{Limit, Load, Settings};
use rsipp::engine::{Effects, Engine};
use rsipp::inject::Files;
use rsipp::message::Facts;
use rsipp::scenario::plan::Role;
use rsipp::scenario::{self, LoadContext, Scopes};

/// Between two calls: so a dead call's 33 s are over after 3,300 others.
const BETWEEN_CALLS: Span = Span::from_millis(10);

/// Until nearly nothing needs to grow any more: long after the first dead calls have been forgotten.
const WARM_UP_CALLS: u64 = 10_000;

/// Calls that are opened in a window.
pub const WINDOW_CALLS: u64 = 250;

/// How many windows there are: more than two minutes together.
const WINDOWS: usize = 60;

/// As long as one gets: it is part of Call-IDs and tags, which calls keep.
const PID: u32 = 4_194_303;

const CLIENT_PORT: u16 = 5061;
const SERVER_PORT: u16 = 5060;

/// What one engine did while it was counted.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// Heap allocations in each window, growth of what was there before included, warnings not.
    pub windows: Vec<u64>,
    /// Those of events that made warnings.
    pub of_warnings: u64,
    /// How many warnings.
    pub warnings: u64,
    /// Datagrams sent and received.
    pub messages: u64,
    /// Messages sent again.
    pub again: u64,
    /// Calls that ended well.
    pub calls: u64,
}

struct Side {
    engine: Engine,
    out: Effects,
    count: Count,
}

impl Side {
    fn new(xml: &str, files: Files, port: u16, remote: u16) -> Side {
        let engine = engine(xml, files, port, remote);
        Side { engine, out: Effects::default(), count: Count::default() }
    }

    fn on_time(&mut self, now: Tick) {
        self.event(|engine, out| engine.on_time(now, 64, out));
    }

    fn hear(&mut self, now: Tick, from: SocketAddr, datagram: &[u8]) {
        self.event(|engine, out| {
            engine.on_datagram(now, from, datagram, out);
        });
        self.count.messages += 1;
    }

    fn event(&mut self, event: impl FnOnce(&mut Engine, &mut Effects)) {
        let Side { engine, out, count } = self;
        let (sent, said) = (out.sends.len(), out.others.len());
        let allocations = measure(|| event(engine, out)).count_total;
        count.messages += (out.sends.len() - sent) as u64;
        count.warnings += (out.others.len() - said) as u64;
        if out.others.len() > said {
            count.of_warnings += allocations;
        } else if let Some(window) = count.windows.last_mut() {
            *window += allocations;
        }
    }

    fn begin_counting(&mut self) {
        let stats = self.engine.stats();
        // What was there before is subtracted at the end.
        self.count = Count { again: stats.retransmissions, calls: stats.successful, ..Count::default() };
        self.count.windows.reserve(WINDOWS);
    }

    fn count(self) -> Count {
        let stats = self.engine.stats();
        let (again, calls) = (stats.retransmissions - self.count.again, stats.successful - self.count.calls);
        Count { again, calls, ..self.count }
    }
}

/// A client, a server, and what lies between them.
struct Line {
    client: Side,
    server: Side,
    loss: f64,
    rng: SmallRng,
    now: Tick,
}

/// Makes calls of these scenarios until both engines have what they need, then counts. `loss`: share of datagrams that never arrive.
pub fn count(client: &str, server: &str, loss: f64) -> [Count; 2] {
    count_with(Files::default(), client, server, loss)
}

/// The same with injection files for the client.
pub fn count_with(files: Files, client: &str, server: &str, loss: f64) -> [Count; 2] {
    let mut line = Line {
        client: Side::new(client, files, CLIENT_PORT, SERVER_PORT),
        server: Side::new(server, Files::default(), SERVER_PORT, CLIENT_PORT),
        loss,
        rng: SmallRng::seed_from_u64(7),
        now: Tick::ZERO,
    };
    line.make_calls(WARM_UP_CALLS);
    line.client.begin_counting();
    line.server.begin_counting();
    for _ in 0..WINDOWS {
        line.client.count.windows.push(0);
        line.server.count.windows.push(0);
        line.make_calls(WINDOW_CALLS);
    }
    [line.client.count(), line.server.count()]
}

impl Line {
    fn make_calls(&mut self, calls: u64) {
        let until = self.now + Span::from_micros(BETWEEN_CALLS.micros() * calls);
        while self.now < until {
            self.client.on_time(self.now);
            self.server.on_time(self.now);
            while !self.client.out.sends.is_empty() || !self.server.out.sends.is_empty() {
                let Line { client, server, loss, rng, now } = self;
                deliver(client, CLIENT_PORT, server, *now, || rng.random_bool(*loss));
                deliver(server, SERVER_PORT, client, *now, || rng.random_bool(*loss));
            }
            self.now = self.now + Span::from_millis(1);
        }
    }
}

fn deliver(from: &mut Side, port: u16, to: &mut Side, now: Tick, mut is_lost: impl FnMut() -> bool) {
    for send in &from.out.sends {
        if !is_lost() {
            to.hear(now, address(port), from.out.datagram(send));
        }
    }
    from.out.clear();
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn engine(xml: &str, files: Files, port: u16, remote: u16) -> Engine {
    let context = LoadContext { keys: &[], files: &files, credentials: Default::default() };
    let mut plan =
        scenario::load(xml.as_bytes(), "test.xml", &context, &mut Scopes::default()).expect("it loads").plan;
    let ip = "127.0.0.1".to_owned();
    plan.bind(&Facts {
        remote_host: ip.clone(),
        remote_ip: ip.clone(),
        remote_port: remote,
        local_ip: ip.clone(),
        local_ip_type: 4,
        local_port: Some(port),
        server_ip: ip.clone(),
        transport: Some("UDP"),
        media_ip: ip,
        media_ip_type: 4,
        media_port: 6000,
        service: "service".to_owned(),
        pid: PID,
        rfc3339: false,
        version: "test".to_owned(),
    });
    let settings = Settings {
        pid: PID,
        destination: (plan.role == Role::Client).then(|| address(remote)),
        load: Load::Rate(Rate::new(1.0, BETWEEN_CALLS)),
        limit: Limit::Given(None),
        tells_failures: true,
        ..Settings::default()
    };
    Engine::new(Arc::new(plan), settings, files, 1, Tick::ZERO)
}
