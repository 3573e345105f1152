//! One side of a test: its sockets, its engines and the threads they run on.
//! Spec: cli.md §6 (steps 15, 16), transport.md §2. In: a loaded scenario and addresses. Out: running workers. Must not print.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::load::Scenario;
use super::sockets::{self, MainSocket, Opened, Wanted, open};
use super::stop::Stop;
use super::stories;
use super::workers::{self, Hand, Workers};
use crate::cli::{Limit, Options, SocketUse};
use crate::clock::{Span, Tick, WallClock};
use crate::engine::line::Lines;
use crate::engine::pacer::Rate;
use crate::engine::settings::{self, DigestUri, Load, RateIncrease, Retransmission, Settings};
use crate::engine::share::{Share, Tickets};
use crate::engine::{Engine, Scenarios};
use crate::message::{DynamicIds, Facts};
use crate::report::recorder::Recorder;
use crate::scenario::plan::{Plan, Role};
use crate::transport::address::{DEFAULT_PORT, Endpoints, LocalWish, Remote};
use crate::transport::udp::{Binding, Buffers, Port};
use crate::worker::{self, Clock, Order, Report, Reports, Ring, Sockets, Worker, watchdog};

/// What all sides of a run have in common.
#[derive(Debug)]
pub struct Common<'a> {
    /// The command line.
    pub options: &'a Options,
    /// The run's clock.
    pub clock: Clock,
    /// Its relation to the calendar.
    pub wall: WallClock,
    /// Of the process that was started.
    pub pid: u32,
    /// What the main side is told before its first call.
    pub before: Vec<Order>,
}

/// A side whose sockets are bound, not yet running.
#[derive(Debug)]
pub struct Bound {
    /// For each worker.
    sockets: Vec<(Runtime, MainSocket)>,
    /// Addresses in force.
    pub endpoints: Endpoints,
}

/// Which side of the test: the one the command line is about, or the one that `-peer_sn` adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The main scenario.
    Main,
    /// Its counterpart.
    Peer,
}

/// The addresses that the command line names, resolved.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The remote host.
    pub remote: Option<Remote>,
    /// `-rsa`
    pub sending: Option<SocketAddr>,
    /// `-t ui`: that of the injection file's first line.
    pub first: Option<IpAddr>,
}

impl Bound {
    /// Chooses addresses and binds the main sockets (transport.md §4-§6).
    ///
    /// # Errors
    /// No address, no port: exit 254 when it is taken, else 255.
    pub fn main(options: &Options, role: Role, addresses: Addresses) -> Result<Bound, Stop> {
        let network = &options.network;
        let wish = LocalWish { address: network.local_ip.as_deref(), bind_local: network.bind_local };
        let endpoints = Endpoints::choose(addresses.remote, addresses.sending, wish)
            .map_err(|error| Stop::fatal(error.to_string()))?;
        let port = network.local_port.map_or(Port::FirstFree, Port::Exactly);
        let buffers = network.buffer_size.map_or(Buffers::Largest, Buffers::Exactly);
        let device = network.device.clone();
        let ip = addresses.first.unwrap_or(endpoints.bind);
        Bound::open(options, role, &Binding { buffers, device, ..Binding::main(ip, port) }, endpoints)
    }

    /// Binds the counterpart's socket to a free port of `ip`.
    ///
    /// # Errors
    /// No port.
    pub fn peer(options: &Options, role: Role, ip: IpAddr, remote: Option<Remote>) -> Result<Bound, Stop> {
        let local_ip = ip.to_string();
        let wish = LocalWish { address: Some(&local_ip), bind_local: false };
        let endpoints =
            Endpoints::choose(remote, None, wish).map_err(|error| Stop::fatal(error.to_string()))?;
        Bound::open(options, role, &Binding::main(ip, Port::Any), endpoints)
    }

    fn open(options: &Options, role: Role, binding: &Binding, endpoints: Endpoints) -> Result<Bound, Stop> {
        let mode = options.network.mode;
        let mut sockets: Vec<(Runtime, MainSocket)> = Vec::new();
        let count = workers::count(options, role);
        for _ in 0..count {
            let runtime = Builder::new_current_thread()
                .enable_io()
                .build()
                .map_err(|error| Stop::fatal(error.to_string()))?;
            let socket = {
                let _inside = runtime.enter();
                if sockets.is_empty() {
                    sockets::bind(mode, binding)
                } else {
                    sockets::bind_further(mode, binding, role, sockets.iter().map(|(_, socket)| socket))
                }
            };
            sockets.push((runtime, socket.map_err(Stop::of_bind)?));
        }
        if let Some((_, first)) = sockets.first().filter(|_| role == Role::Server && count > 1) {
            first.deal_out(count);
        }
        Ok(Bound { sockets, endpoints })
    }

    /// Where the socket can be reached on this host.
    pub fn local_addr(&self) -> SocketAddr {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let bound = self.sockets.first().map_or(nowhere, |(_, socket)| socket.local_addr());
        let ip = match bound.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
            ip => ip,
        };
        SocketAddr::new(ip, bound.port())
    }

    /// Binds the plan to the addresses and starts the workers' threads.
    ///
    /// # Errors
    /// The system's, when no thread or timer can be had.
    pub fn start(
        self,
        which: Which,
        scenario: Scenario,
        common: &Common<'_>,
        recorder: &Recorder,
    ) -> Result<Running, Stop> {
        let Bound { sockets, endpoints } = self;
        let role = scenario.plan.role;
        let count = u32::try_from(sockets.len()).unwrap_or(1);
        let of_one_port = role == Role::Server && count > 1;
        let calls = common.options.load.calls.filter(|_| of_one_port);
        let tickets = calls.map(|calls| Arc::new(Tickets::new(calls)));
        let mut rings = if of_one_port { Ring::of(sockets.len()) } else { Vec::new() };
        let (outbox, inbox) = unbounded_channel();
        let side = Starting { which, common, recorder, endpoints: &endpoints, scenario: &scenario };
        let now = common.clock.now();
        let (mut workers, mut scenarios) = (Vec::new(), None);
        for (share, (runtime, socket)) in Share::of_each(count).zip(sockets) {
            let local_port = socket.local_addr().port();
            let reports = Reports { to: outbox.clone(), worker: workers.len() };
            let (engine, sockets) = side.engine(&runtime, socket, (share, tickets.clone()), now)?;
            if which == Which::Main && share.is_first() {
                // The first row: before any call.
                recorder.row(|| worker::figures(&engine, now));
            }
            scenarios.get_or_insert_with(|| engine.scenarios().clone());
            let (orders, worker) = side.worker(&runtime, engine, sockets, reports.clone(), rings.pop())?;
            workers.push((orders, runtime, worker, reports, local_port));
        }
        let hands = workers.into_iter().map(|(orders, runtime, worker, reports, local_port)| {
            let run = move || {
                let _farewell = Farewell(reports);
                runtime.block_on(worker.run())
            };
            let thread = std::thread::Builder::new().name(format!("worker {}", scenario.name)).spawn(run);
            let thread = thread.map_err(|error| Stop::fatal(error.to_string()))?;
            Ok(Hand { orders, thread, local_port })
        });
        let workers = Workers::new(hands.collect::<Result<_, Stop>>()?, inbox);
        let scenarios = scenarios.ok_or_else(|| Stop::fatal("there is no worker"))?;
        Ok(Running { workers, scenarios, endpoints })
    }
}

/// Says that a worker's thread is gone, however it went.
struct Farewell(Reports);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.send(Report::Gone);
    }
}

/// What the workers of a side have in common.
struct Starting<'a> {
    which: Which,
    common: &'a Common<'a>,
    recorder: &'a Recorder,
    endpoints: &'a Endpoints,
    scenario: &'a Scenario,
}

impl Starting<'_> {
    fn engine(
        &self,
        runtime: &Runtime,
        socket: MainSocket,
        (share, tickets): (Share, Option<Arc<Tickets>>),
        now: Tick,
    ) -> Result<(Engine, Sockets), Stop> {
        let Starting { which, common, recorder, endpoints, scenario } = *self;
        let Scenario { plan, out_of_call, receiving, files, globals, .. } = scenario;
        let local_addr = socket.local_addr();
        let Opened { sockets, lines } = {
            let _inside = runtime.enter();
            open(socket, Wanted { common, endpoints, role: plan.role, files, share })?
        };
        let facts = facts(common, endpoints, local_addr, lines);
        let settings = Settings {
            globals: globals.clone(),
            lines,
            local_port: local_addr.port(),
            share,
            tickets,
            ..settings(which, common, endpoints, plan.role, recorder)
        };
        let bound = |plan: &Plan| {
            let mut plan = plan.clone();
            plan.bind(&facts);
            Arc::new(plan)
        };
        let scenarios =
            Scenarios::new(bound(plan), out_of_call.as_ref().map(bound), receiving.as_ref().map(bound));
        Ok((Engine::new(scenarios, settings, files.clone(), rand::random(), now), sockets))
    }

    fn worker(
        &self,
        runtime: &Runtime,
        engine: Engine,
        sockets: Sockets,
        reports: Reports,
        ring: Option<Ring>,
    ) -> Result<(UnboundedSender<Order>, Worker), Stop> {
        let common = self.common;
        let (orders, inbox) = unbounded_channel();
        for order in common.before.iter().filter(|_| self.which == Which::Main) {
            let _ = orders.send(*order);
        }
        let settings = worker::Settings { stays: ring.is_some(), ..worker_settings(common.options) };
        let _inside = runtime.enter();
        let lines = (inbox, reports);
        let worker = Worker::new(engine, sockets, settings, common.clock, self.recorder.clone(), lines, ring);
        Ok((orders, worker.map_err(|error| Stop::fatal(error.to_string()))?))
    }
}

/// A side that runs.
#[derive(Debug)]
pub struct Running {
    /// Its threads.
    pub workers: Workers,
    /// What its calls run.
    pub scenarios: Scenarios,
    /// Addresses in force.
    pub endpoints: Endpoints,
}

/// What keywords print that do not change during the run.
fn facts(common: &Common<'_>, endpoints: &Endpoints, local: SocketAddr, lines: Lines) -> Facts {
    let options = common.options;
    let bracketed = |ip: &str| if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() };
    let ip_type = if endpoints.is_ipv6 { 6 } else { 4 };
    let media_ip = options.network.media_ip.clone().unwrap_or_else(|| endpoints.local_ip.clone());
    Facts {
        remote_host: endpoints.remote.as_ref().map(|remote| remote.host.clone()).unwrap_or_default(),
        remote_ip: endpoints
            .remote
            .as_ref()
            .map(|remote| bracketed(&remote.addr.ip().to_canonical().to_string()))
            .unwrap_or_default(),
        remote_port: endpoints.remote.as_ref().map_or(DEFAULT_PORT, |remote| remote.addr.port()),
        local_ip: bracketed(&endpoints.local_ip),
        local_ip_type: ip_type,
        local_port: (lines != Lines::PerCall).then_some(local.port()),
        server_ip: local.ip().to_string(),
        transport: (options.network.mode.sockets != SocketUse::OneAndTcp)
            .then(|| options.network.mode.transport.name()),
        media_ip_type: if media_ip.contains(':') { 6 } else { 4 },
        media_ip,
        media_port: options.network.media_port,
        service: options.call.service.clone(),
        pid: common.pid,
        rfc3339: options.trace.rfc3339,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The engine's settings from the command line.
fn settings(
    which: Which,
    common: &Common<'_>,
    endpoints: &Endpoints,
    role: Role,
    recorder: &Recorder,
) -> Settings {
    let options = common.options;
    let call = &options.call;
    let remote = endpoints.remote.as_ref().map(|remote| remote.addr);
    Settings {
        behaviors: call.behaviors,
        auto_answer: call.auto_answer,
        digest_uri: digest_uri(call.auth_uri.as_deref(), remote),
        retransmission: retransmission(options).filter(|_| !options.network.mode.transport.is_reliable()),
        dead_call_wait: millis(call.deadcall_wait_ms),
        recv_timeout: (call.recv_timeout_ms > 0).then(|| millis(call.recv_timeout_ms)),
        send_timeout: (call.send_timeout_ms > 0).then(|| millis(call.send_timeout_ms)),
        default_pause: millis(call.default_pause_ms),
        base_cseq: call.base_cseq,
        call_id: call.cid_type,
        call_id_format: call.cid_str.clone(),
        local_ip: endpoints.local_ip.clone(),
        pid: common.pid,
        destination: endpoints.sending.or(remote),
        next_hop: endpoints.sending,
        lines: Lines::default(),
        local_port: 0,
        ends_with_connection: options.network.reconnect_close,
        load: match options.load.users {
            Some(users) => Load::Users(users),
            None => Load::Rate(rate(options)),
        },
        limit: match options.load.limit {
            None => settings::Limit::Default,
            Some(Limit::Unlimited) => settings::Limit::Given(None),
            Some(Limit::Calls(calls)) => settings::Limit::Given(Some(u64::from(calls))),
        },
        rate_increase: rate_increase(options),
        rate_scale: options.load.rate_scale,
        repeat_check: options.retransmission.check,
        drops_in_pauses: call.drops_in_pauses,
        keeps_slashes: call.keeps_slashes,
        lost: call.lost_percent,
        resolve: |host| crate::transport::address::resolve(host, DEFAULT_PORT).ok().map(|found| found.ip()),
        read_file: |path| std::fs::read(path),
        automatic_sends_must_succeed: options.network.automatic_sends_must_succeed,
        steps_per_turn: options.run.max_sched_loops,
        dynamic_ids: DynamicIds::new(
            call.dynamic_ids.start.into(),
            call.dynamic_ids.max.into(),
            call.dynamic_ids.step.into(),
        ),
        circuits: call.circuits,
        // A counterpart that answers ends when the main side does; one that calls makes as many calls as were asked for.
        calls: options.load.calls.filter(|_| which == Which::Main || role == Role::Client),
        globals: Vec::new(),
        share: Share::WHOLE,
        tickets: None,
        wall: common.wall,
        traces_messages: recorder.traces_notes(),
        traces_calls: recorder.traces_calls(),
        // Of the main scenario only (outputs.md §4, §6).
        traces_error_codes: which == Which::Main && recorder.traces_error_codes(),
        traces_response_times: which == Which::Main && recorder.traces_response_times(),
        tells_failures: stories::are_wanted(options),
        transport: options.network.mode.transport.name(),
    }
}

/// `-max_recv_loops`, `-watchdog_*`.
fn worker_settings(options: &Options) -> worker::Settings {
    let wanted = &options.run.watchdog;
    let limit =
        |threshold_ms, most: i32| watchdog::Limit { threshold: millis(threshold_ms), most: most.into() };
    worker::Settings {
        messages_per_turn: options.run.max_recv_loops as usize,
        groups_datagrams: options.network.groups_datagrams,
        stays: false,
        watchdog: (wanted.interval_ms > 0).then(|| watchdog::Limits {
            interval: millis(wanted.interval_ms),
            reset: millis(wanted.reset_ms),
            minor: limit(wanted.minor_threshold_ms, wanted.minor_maxtriggers),
            major: limit(wanted.major_threshold_ms, wanted.major_maxtriggers),
        }),
    }
}

/// Without target it is `sip::5060`, as in SIPp; an IPv6 address gets the brackets that SIPp forgets.
fn digest_uri(given: Option<&str>, remote: Option<SocketAddr>) -> DigestUri {
    match (given, remote) {
        (Some(given), _) => DigestUri::Given(format!("sip:{given}")),
        (None, Some(remote)) => {
            let remote = SocketAddr::new(remote.ip().to_canonical(), remote.port());
            DigestUri::Target(format!("sip:{remote}"))
        }
        (None, None) => DigestUri::Target(format!("sip::{DEFAULT_PORT}")),
    }
}

/// `-r` and `-rp`.
pub fn rate(options: &Options) -> Rate {
    Rate::new(options.load.rate, millis(options.load.period_ms))
}

/// `-rate_increase`, if the rate is to change at all. The interval is that of `-fd` (cli.md §4.7).
fn rate_increase(options: &Options) -> Option<RateIncrease> {
    let load = &options.load;
    let every = millis(load.rate_interval_ms.unwrap_or(options.statistics.row_period_ms));
    (load.rate_increase != 0 && every > Span::ZERO).then_some(RateIncrease {
        by: load.rate_increase,
        every,
        max: load.rate_max,
        quits_at_max: load.rate_max_quits,
    })
}

fn retransmission(options: &Options) -> Option<Retransmission> {
    let wanted = &options.retransmission;
    let most = |own: i64| u32::try_from(own.min(wanted.max).max(0)).unwrap_or(u32::MAX);
    wanted.enabled.then(|| Retransmission {
        t2: millis(wanted.t2_ms),
        max_invite: most(wanted.max_invite),
        max_other: most(wanted.max_non_invite),
    })
}

/// Option times may be anything up to the end of time; ticks are microseconds.
pub(super) fn millis(millis: u64) -> Span {
    Span::from_micros(millis.saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{self, Ask};

    fn options(line: &str) -> Options {
        match cli::parse(format!("rsipp {line}").split(' ').map(Into::into)) {
            Ok(Ask::Run(options)) => *options,
            other => panic!("{line}: {other:?}"),
        }
    }

    /// runtime.md §5, Observed: `-max_retrans 20` → 9 resends, `-max_non_invite_retrans 12` → 9, both 12 → 12.
    #[test]
    fn both_limits_must_be_raised_for_more_resends() {
        let most =
            |line: &str| retransmission(&options(line)).map(|limits| (limits.max_invite, limits.max_other));
        assert_eq!(most("-m 1"), Some((5, 9)));
        assert_eq!(most("-max_retrans 20"), Some((5, 9)));
        assert_eq!(most("-max_non_invite_retrans 12"), Some((5, 9)));
        assert_eq!(most("-max_retrans 12 -max_non_invite_retrans 12"), Some((5, 12)));
        assert_eq!(most("-max_retrans 2"), Some((2, 2)));
        assert_eq!(most("-nr"), None);
    }

    /// cli.md §4.7: the interval is that of -fd, 60 s; sipp 3.6.1 does not grow with an interval of 0.
    #[test]
    fn the_rate_grows_every_minute_unless_told_otherwise() {
        let every = |line: &str| rate_increase(&options(line)).map(|increase| increase.every.millis());
        assert_eq!(every("-rate_increase 5"), Some(60_000));
        assert_eq!(every("-rate_increase 5 -rate_interval 2"), Some(2_000));
        assert_eq!(every("-rate_increase 5 -fd 3"), Some(3_000));
        assert_eq!(every("-rate_increase 5 -rate_interval 2 -fd 3"), Some(2_000));
        assert_eq!(every("-rate_increase 5 -rate_interval 0"), None);
        assert_eq!(every("-rate_max 5 -rate_interval 2"), None);
    }
}
