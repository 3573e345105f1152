//! The harness: an engine and its peer (a second engine or a script) on a virtual clock that jumps from event to event.
//! Order at one moment: datagrams, then timers, as in the worker. After every event each call created is open, or counted
//! successful or failed exactly once. A failing test prints its seed and all messages.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rsipp::clock::{Span, Tick};
use rsipp::engine::settings::Settings;
use rsipp::engine::{Command, Effect, Effects, Engine, RunEnd, Scenarios, Verdict};
use rsipp::inject::Files;
use rsipp::message::Facts;
use rsipp::scenario::plan::{Plan, Role};
use rsipp::scenario::{self, LoadContext, Part, Scopes};
use rsipp::stats::{Failure, Stats};

use super::link::Link;
use super::peer::{Heard, Script};
pub use super::setup::{Setup, embedded, steps};
use super::text::kind_of;

/// Events at one moment after which a pair is considered to go round in circles.
const MOST_EVENTS_AT_ONCE: usize = 1_000_000;

/// Calls opened per look at the clock, as in the worker.
const CALLS_PER_PASS: usize = 64;

const FAILURES: [Failure; Failure::COUNT] = [
    Failure::CannotSendMessage,
    Failure::MaxUdpRetrans,
    Failure::UnexpectedMessage,
    Failure::CallRejected,
    Failure::RegexpDoesntMatch,
    Failure::RegexpShouldntMatch,
    Failure::RegexpHdrNotFound,
    Failure::TimeoutOnRecv,
    Failure::TestDoesntMatch,
    Failure::TestShouldntMatch,
    Failure::StrcmpDoesntMatch,
    Failure::StrcmpShouldntMatch,
    Failure::AckCseqMismatch,
    Failure::Aborted,
    Failure::TcpConnect,
    Failure::TcpClosed,
    Failure::CmdNotSent,
    Failure::OutboundCongestion,
    Failure::TimeoutOnSend,
];

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The engine under test.
    A,
    /// Its peer.
    B,
}

/// The other end.
pub enum Peer {
    Engine(Box<Setup>),
    Script(Box<dyn Script>),
}

impl From<Setup> for Peer {
    fn from(setup: Setup) -> Peer {
        Peer::Engine(Box::new(setup))
    }
}

impl<S: Script + 'static> From<S> for Peer {
    fn from(script: S) -> Peer {
        Peer::Script(Box::new(script))
    }
}

/// An engine and what it has done.
pub struct Side {
    pub engine: Engine,
    /// When each call ended and how, in ms.
    pub ends: Vec<(u64, Verdict)>,
    /// Its warnings.
    pub warnings: Vec<String>,
    /// Texts of `<log>`.
    pub logs: Vec<String>,
    /// What traces were told, in order.
    pub records: Vec<Effect>,
    /// It wanted the process to end.
    pub run_end: Option<RunEnd>,
    /// When it was over (runtime.md §15), in ms.
    pub finished_at: Option<u64>,
    /// How many of `ends` came before the counters were reset.
    uncounted: usize,
    out: Effects,
    refused: Option<String>,
}

enum End {
    Engine(Box<Side>),
    Script { script: Box<dyn Script>, heard: HashMap<String, usize> },
}

/// One datagram that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub by: Who,
    pub at: Tick,
    pub to: SocketAddr,
    pub bytes: Vec<u8>,
    arrivals: Vec<Tick>,
}

impl Sent {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

#[derive(Debug)]
struct Flight {
    from: SocketAddr,
    to: Who,
    bytes: Vec<u8>,
}

/// Two peers, a link and a clock.
pub struct Pair {
    a: Box<Side>,
    b: End,
    a_addr: SocketAddr,
    b_addr: SocketAddr,
    link: Link,
    seed: u64,
    now: Tick,
    flights: BTreeMap<(Tick, u64), Flight>,
    flown: u64,
    log: Vec<Sent>,
    at_once: usize,
}

impl Pair {
    /// Joined by a perfect link.
    pub fn new(a: Setup, b: impl Into<Peer>) -> Pair {
        Pair::over(Link::perfect(), 0, a, b)
    }

    /// Joined by `link`; `seed` feeds the engines and is what a failing test prints.
    pub fn over(link: Link, seed: u64, a: Setup, b: impl Into<Peer>) -> Pair {
        let (a_addr, b_addr) = (address(a.port), address(a.remote));
        let side = Side::new(&a, a.port, a.remote, seed);
        let b = match b.into() {
            Peer::Engine(setup) => End::Engine(Side::new(&setup, a.remote, a.port, seed ^ 1)),
            Peer::Script(script) => End::Script { script, heard: HashMap::new() },
        };
        let (flights, log) = (BTreeMap::new(), Vec::new());
        Pair { a: side, b, a_addr, b_addr, link, seed, now: Tick::ZERO, flights, flown: 0, log, at_once: 0 }
    }

    /// From now on the socket of A refuses what begins like this.
    pub fn refuse(&mut self, beginning: &str) {
        self.a.refused = Some(beginning.to_owned());
    }

    /// B says something to A at a moment in ms, from its usual address.
    pub fn says(&mut self, at_ms: u64, text: impl AsRef<[u8]>) {
        self.says_from(self.b_addr.port(), at_ms, text);
    }

    /// Somebody says something to A.
    pub fn says_from(&mut self, port: u16, at_ms: u64, text: impl AsRef<[u8]>) {
        self.fly(
            Tick::from_millis(at_ms),
            Flight { from: address(port), to: Who::A, bytes: text.as_ref().to_vec() },
        );
    }

    fn fly(&mut self, at: Tick, flight: Flight) {
        self.flown += 1;
        self.flights.insert((at, self.flown), flight);
    }

    /// A is told something, now.
    pub fn command(&mut self, command: Command) {
        let now = self.now;
        self.a.event(now, |engine, out| engine.on_command(now, command, out));
        self.carry_out(Who::A);
    }

    /// Until neither side has a deadline left and nothing is on its way.
    pub fn run(&mut self) {
        while self.step_before(None) {}
    }

    /// Everything up to and including a moment in ms, which is now afterwards.
    pub fn run_until(&mut self, ms: u64) {
        let until = Tick::from_millis(ms);
        while self.step_before(Some(until)) {}
        self.now = self.now.max(until);
    }

    /// The process does not get to run until a moment in ms: what was due meanwhile is late.
    pub fn stall_until(&mut self, ms: u64) {
        self.now = self.now.max(Tick::from_millis(ms));
    }

    /// The next event, if it comes not later than `until`.
    fn step_before(&mut self, until: Option<Tick>) -> bool {
        let flight = self.flights.first_key_value().map(|((at, _), _)| *at);
        let Some(next) = [flight, self.deadline(Who::A), self.deadline(Who::B)].into_iter().flatten().min()
        else {
            return false;
        };
        if until.is_some_and(|until| next > until) {
            return false;
        }
        self.at_once = if next > self.now { 0 } else { self.at_once + 1 };
        assert!(self.at_once < MOST_EVENTS_AT_ONCE, "the pair goes round in circles");
        self.now = self.now.max(next);
        let landed =
            self.flights.first_entry().filter(|entry| entry.key().0 <= self.now).map(|entry| entry.remove());
        match landed {
            Some(flight) => self.deliver(flight),
            None => self.pass_time(),
        }
        true
    }

    fn deadline(&self, who: Who) -> Option<Tick> {
        match (who, &self.b) {
            (Who::A, _) => self.a.deadline(),
            (Who::B, End::Engine(side)) => side.deadline(),
            (Who::B, End::Script { .. }) => None,
        }
    }

    fn deliver(&mut self, flight: Flight) {
        let now = self.now;
        let Flight { from, to, bytes } = flight;
        let (a_addr, b_addr) = (self.a_addr, self.b_addr);
        let side = match (to, &mut self.b) {
            (Who::A, _) => &mut self.a,
            (Who::B, End::Engine(side)) => side,
            (Who::B, End::Script { script, heard }) => {
                let text = String::from_utf8_lossy(&bytes);
                let count = heard.entry(kind_of(&text).to_owned()).or_default();
                let said = script.hear(Heard { text: &text, nth: *count });
                *count += 1;
                for (after_ms, text) in said {
                    self.send(Who::B, now + Span::from_millis(after_ms), b_addr, a_addr, text.as_bytes());
                }
                return;
            }
        };
        side.event(now, |engine, out| {
            engine.on_datagram(now, from, &bytes, out);
        });
        self.carry_out(to);
    }

    fn pass_time(&mut self) {
        let now = self.now;
        for who in [Who::A, Who::B] {
            let due = self.deadline(who).is_some_and(|due| due <= now);
            if let Some(side) = self.side_mut(who).filter(|_| due) {
                side.event(now, |engine, out| engine.on_time(now, CALLS_PER_PASS, out));
                self.carry_out(who);
            }
        }
    }

    /// Sends what an engine wants sent; what its socket refuses is told to it.
    fn carry_out(&mut self, who: Who) {
        let now = self.now;
        let from = if who == Who::A { self.a_addr } else { self.b_addr };
        let Some(side) = self.side_mut(who) else { return };
        let mut out = std::mem::take(&mut side.out);
        let mut refusals = Vec::new();
        for send in &out.sends {
            let bytes = out.datagram(send);
            let refused = self.side_mut(who).and_then(|side| side.refused.clone());
            if refused.is_some_and(|beginning| bytes.starts_with(beginning.as_bytes())) {
                refusals.push(send.call);
            } else {
                self.send(who, now, from, send.way.peer, bytes);
            }
        }
        out.clear();
        let Some(side) = self.side_mut(who) else { return };
        side.out = out;
        for call in refusals {
            side.event(now, |engine, out| {
                engine.on_send_failed(now, call, &io::Error::from_raw_os_error(libc::EPERM), out)
            });
            side.out.sends.clear();
        }
    }

    fn send(&mut self, by: Who, at: Tick, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        let arrivals = self.link.pass(bytes);
        let receiver = if by == Who::A { Who::B } else { Who::A };
        let times = arrivals.iter().map(|arrival| at + arrival.after).collect();
        self.log.push(Sent { by, at, to, bytes: bytes.to_vec(), arrivals: times });
        for arrival in arrivals {
            self.fly(at + arrival.after, Flight { from, to: receiver, bytes: arrival.bytes });
        }
    }

    fn side_mut(&mut self, who: Who) -> Option<&mut Side> {
        match (who, &mut self.b) {
            (Who::A, _) => Some(&mut self.a),
            (Who::B, End::Engine(side)) => Some(side),
            (Who::B, End::Script { .. }) => None,
        }
    }

    /// The engine under test.
    pub fn a(&self) -> &Side {
        &self.a
    }

    /// Its peer, when that is an engine.
    pub fn b(&self) -> &Side {
        match &self.b {
            End::Engine(side) => side,
            End::Script { .. } => panic!("B is a script"),
        }
    }

    /// The numbers of A.
    pub fn stats(&self) -> &Stats {
        self.a.engine.stats()
    }

    /// The numbers of one of A's scenarios, which it must have.
    pub fn stats_of(&self, part: Part) -> &Stats {
        self.a.engine.stats_of(part).expect("a scenario for that part")
    }

    /// When A sent what begins like this, in ms.
    pub fn sent_at(&self, beginning: &str) -> Vec<u64> {
        self.sent_like(beginning).map(|sent| sent.at.millis()).collect()
    }

    /// The texts of what A sent that begins like this.
    pub fn texts(&self, beginning: &str) -> Vec<String> {
        self.sent_like(beginning).map(Sent::text).collect()
    }

    fn sent_like<'p>(&'p self, beginning: &str) -> impl Iterator<Item = &'p Sent> {
        self.sent().filter(move |sent| sent.bytes.starts_with(beginning.as_bytes()))
    }

    /// Everything A sent, in order.
    pub fn sent(&self) -> impl Iterator<Item = &Sent> {
        self.log.iter().filter(|sent| sent.by == Who::A)
    }

    /// Everything A sent as (ms, method or code).
    pub fn trace(&self) -> Vec<(u64, String)> {
        self.sent().map(|sent| (sent.at.millis(), kind_of(&sent.text()).to_owned())).collect()
    }

    /// How many datagrams of either side never arrived.
    pub fn lost(&self) -> usize {
        self.log.iter().filter(|sent| sent.arrivals.is_empty()).count()
    }

    /// When A's only call ended and how. There must be exactly one.
    #[track_caller]
    pub fn verdict(&self) -> (u64, Verdict) {
        match self.a.ends[..] {
            [end] => end,
            ref ends => panic!("not one call ended: {ends:?}"),
        }
    }

    /// All calls of A that ended.
    pub fn verdicts(&self) -> Vec<Verdict> {
        self.a.ends.iter().map(|(_, verdict)| *verdict).collect()
    }

    /// Whether A warned with a text that contains this.
    pub fn warned(&self, text: &str) -> bool {
        self.a.warnings.iter().any(|warning| warning.contains(text))
    }

    /// No call, dead call or deadline is left on either side.
    #[track_caller]
    pub fn assert_nothing_left(&self) {
        assert_eq!(self.a.engine.holds(), (0, 0, 0), "calls, dead calls and deadlines of A");
        if let End::Engine(side) = &self.b {
            assert_eq!(side.engine.holds(), (0, 0, 0), "calls, dead calls and deadlines of B");
        }
    }

    fn ladder(&self) -> String {
        let line = |sent: &Sent| {
            let arrow = if sent.by == Who::A { "A --> B" } else { "A <-- B" };
            let text = sent.text();
            let first = text.lines().next().unwrap_or_default();
            let cseq = text.lines().find(|line| line.starts_with("CSeq:")).unwrap_or_default();
            let id = text.lines().find(|line| line.starts_with("Call-ID:")).unwrap_or_default();
            let fate: Vec<_> =
                sent.arrivals.iter().map(|at| format!("{:.3}", at.micros() as f64 / 1e6)).collect();
            let fate = if fate.is_empty() { "lost".to_owned() } else { fate.join(" ") };
            format!(
                "{:9.3} {arrow} {first} | {cseq} | {id} | arrives {fate}\n",
                sent.at.micros() as f64 / 1e6
            )
        };
        self.log.iter().rev().take(400).rev().map(line).collect()
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {} at {} ms\n{}", self.seed, self.now.millis(), self.ladder());
            eprintln!("A ended {:?}, warned {:#?}", self.a.ends, self.a.warnings);
            if let End::Engine(side) = &self.b {
                eprintln!("B ended {:?}, warned {:#?}", side.ends, side.warnings);
            }
        }
    }
}

impl Side {
    fn new(setup: &Setup, port: u16, remote: u16, seed: u64) -> Box<Side> {
        let files = setup.loaded_files();
        let facts = facts(setup.pid, port, remote);
        let mut scopes = Scopes::default();
        let mut load = |part: Part, xml: &String| {
            let mut plan = plan_of(part, xml, &files, &mut scopes);
            plan.bind(&facts);
            Arc::new(plan)
        };
        let plan = load(Part::Main, &setup.xml);
        let out_of_call = setup.out_of_call.as_ref().map(|xml| load(Part::OutOfCall, xml));
        let receiving = setup.receiving.as_ref().map(|xml| load(Part::Receiving, xml));
        let mut settings = Settings { pid: setup.pid, ..setup.settings.clone() };
        if plan.role == Role::Client {
            settings.destination = Some(address(remote));
        }
        settings.calls = setup.calls.unwrap_or((plan.role == Role::Client).then_some(1));
        let scenarios = Scenarios::new(plan, out_of_call, receiving);
        let engine = Engine::new(scenarios, settings, files, seed, Tick::ZERO);
        let mut side = Box::new(Side {
            engine,
            ends: Vec::new(),
            warnings: Vec::new(),
            logs: Vec::new(),
            records: Vec::new(),
            run_end: None,
            finished_at: None,
            uncounted: 0,
            out: Effects::default(),
            refused: None,
        });
        side.event(Tick::ZERO, |engine, out| engine.begin(Tick::ZERO, out));
        side
    }

    /// A process that is to end has no deadline any more.
    fn deadline(&self) -> Option<Tick> {
        if self.run_end.is_some() { None } else { self.engine.next_deadline() }
    }

    /// Hands the engine an event and notes what became of its calls.
    #[track_caller]
    fn event(&mut self, now: Tick, event: impl FnOnce(&mut Engine, &mut Effects)) {
        if self.run_end.is_some() {
            return;
        }
        let before = self.engine.stats().clone();
        event(&mut self.engine, &mut self.out);
        for effect in std::mem::take(&mut self.out.others) {
            match effect {
                Effect::Warn(text) => self.warnings.push(String::from_utf8_lossy(&text).into_owned()),
                Effect::Log(text) => self.logs.push(String::from_utf8_lossy(&text).into_owned()),
                Effect::End(end) => self.run_end = Some(end),
                Effect::Command(_) | Effect::Open(_) => {}
                record => self.records.push(record),
            }
        }
        let after = self.engine.stats();
        if after.since > before.since {
            self.uncounted = self.ends.len();
            self.assert_every_call_is_counted_once();
            return;
        }
        // A success whose last message then cannot be sent is taken back.
        for _ in after.successful..before.successful {
            let taken_back = self.ends.iter().rposition(|(_, end)| *end == Verdict::Successful);
            self.ends.remove(taken_back.expect("a success to take back"));
        }
        let successful = after.successful.saturating_sub(before.successful);
        let mut ends = vec![Verdict::Successful; successful as usize];
        for failure in FAILURES {
            let failed = after.failures[failure.index()] - before.failures[failure.index()];
            ends.resize(ends.len() + failed as usize, Verdict::Failed(failure));
        }
        self.ends.extend(ends.into_iter().map(|end| (now.millis(), end)));
        self.assert_every_call_is_counted_once();
        if self.engine.is_finished() {
            self.finished_at.get_or_insert(now.millis());
        }
    }

    #[track_caller]
    fn assert_every_call_is_counted_once(&self) {
        let parts = || Part::ALL.into_iter().filter_map(|part| self.engine.stats_of(part));
        for stats in parts() {
            let ended = stats.successful + stats.failed;
            assert_eq!(stats.carried_over + stats.created(), ended + stats.current, "created = ended + open");
            assert_eq!(stats.failures.iter().sum::<u64>(), stats.failed, "every failed call has a cause");
        }
        let open = parts().map(|stats| stats.current as usize).sum::<usize>();
        assert_eq!(open, self.engine.holds().0, "open calls are those in the table");
        let stats = self.engine.stats();
        let ended = stats.successful + stats.failed;
        assert_eq!((self.ends.len() - self.uncounted) as u64, ended, "every failed call has a cause");
    }
}

/// Loads one scenario of a run.
pub fn plan_of(part: Part, xml: &str, files: &Files, scopes: &mut Scopes) -> Plan {
    let context = LoadContext { keys: &[], files, credentials: Default::default() };
    match scenario::load_part(part, xml.as_bytes(), "test.xml", &context, scopes) {
        Ok(loaded) => loaded.plan,
        Err(failure) => {
            let show = |text: &scenario::Diagnostic| text.render(xml.as_bytes(), "test.xml", false);
            panic!("{}", failure.diagnostics.iter().map(show).collect::<String>());
        }
    }
}

/// An address on this host.
pub fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn facts(pid: u32, port: u16, remote: u16) -> Facts {
    let ip = "127.0.0.1".to_owned();
    Facts {
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
        pid,
        rfc3339: false,
        version: "test".to_owned(),
    }
}
