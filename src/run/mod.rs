//! A whole test: loads, opens sockets, starts the workers, listens to signals and the clock, reports, and decides the exit status.
//! Spec: cli.md §6, §8, §9; outputs.md §16. In: options. Out: an exit status. Must not know how calls run.

mod check;
mod load;
mod open_files;
mod reports;
mod roles;
mod screens;
mod side;
mod sockets;
mod steering;
mod stop;
mod stories;
mod summary;
mod traces;

use std::future::pending;
use std::io::Write;
use std::time::Duration;

use crate::cli::{Exit, Options};
use crate::control::background;
use crate::control::exec::Commands;
use crate::control::signals::{self, Deadly, Held, hold};
use crate::engine::scenarios::fresh_stats;
use crate::engine::{Command, RunEnd};
use crate::report::progress::{self, Progress};
use crate::report::recorder::{Moments, Recorder, Writer};
use crate::report::results::{self, series};
use crate::report::stamp::StampStyle;
use crate::report::stat_csv::Figures;
use crate::scenario::Part;
use crate::scenario::plan::Role;
use crate::stats::{Stats, Target};
use crate::transport::address::{Remote, resolve_remote};
use crate::worker::{self, Clock, Order, Outcome, Purpose, Report, Status};
use load::Scenario;
use reports::{End, Reports};
use screens::Screens;
use side::{Addresses, Bound, Common, Running, Which};
use steering::{Move, Steering};
use stop::Stop;
use stories::Teller;
use summary::Moment;
use traces::Traces;

/// How long the other side of the test may take to finish once the main side has: its peer is silent for good.
const PEER_GRACE: Duration = Duration::from_millis(500);

/// Runs the test that the command line asks for.
pub fn test(options: &Options) -> Exit {
    if options.check.wanted {
        return check::check(options);
    }
    let held = match hold() {
        Ok(held) => held,
        Err(error) => return Stop::refused(error.to_string()).show(),
    };
    let mut reports = match Reports::create(options) {
        Ok(reports) => reports,
        Err(stop) => return stop.show(),
    };
    match prepare_and_run(options, held, &mut reports) {
        Ok(exit) => exit,
        Err(stop) => {
            reports.broke_off(results::EndedBy::Error, &stop);
            stop.show()
        }
    }
}

/// What is loaded and checked before anything is sent.
struct Prepared {
    main: Scenario,
    peer: Option<Scenario>,
    traces: Traces,
    pid: u32,
}

fn prepare_and_run(options: &Options, held: Held, reports: &mut Reports) -> Result<Exit, Stop> {
    let prepared = prepare(options)?;
    reports.prepare(options, &prepared.main)?;
    roles::check_parts(&prepared.main, options)?;
    if prepared.main.plan.role == Role::Client && options.remote.is_none() && prepared.peer.is_none() {
        return Err(Stop::fatal("Missing remote host parameter. This scenario requires it"));
    }
    if let Some(peer) = &prepared.peer {
        roles::check_sides(&prepared.main, peer)?;
    }
    if options.run.background {
        let side = background::split().map_err(|error| Stop::fatal(error.to_string()))?;
        if let background::Side::Parent { .. } = side {
            return Ok(Exit::Asked);
        }
    }
    run(options, prepared, held, reports)
}

fn prepare(options: &Options) -> Result<Prepared, Stop> {
    let pid = std::process::id();
    sockets::check(options)?;
    let main = load::side(&load::choices(options), options, &options.set)?;
    let peer =
        options.peer.as_ref().map(|peer| load::side(&[load::peer_choice(peer)], options, &[])).transpose()?;
    let traces = Traces::create(options, &main, pid)?;
    if !options.run.skip_rlimit {
        open_files::make_room_for(sockets::most(options))?;
    }
    Ok(Prepared { main, peer, traces, pid })
}

/// From here on errors are fatal (255), and the trace files hear of them.
fn run(options: &Options, prepared: Prepared, held: Held, reports: &mut Reports) -> Result<Exit, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::fatal(error.to_string()))?;
    if options.run.sleep_ms > 0 && runtime.block_on(sleep(options.run.sleep_ms))? == Slept::Stopped {
        // Nothing was opened, so no call failed (cli.md §9, SIGINT).
        let stop =
            Stop { text: b"a signal came during -sleep, before any call".to_vec(), exit: Exit::Success };
        reports.broke_off(results::EndedBy::Signal, &stop);
        return Ok(Exit::Success);
    }
    let clock = Clock::start();
    let wall = clock.wall();
    let style = if options.trace.rfc3339 { StampStyle::Rfc3339 } else { StampStyle::Tabbed };
    let (mut writer, recorder, mut screens) =
        prepared.traces.start(options, Moments { clock: wall, style })?;
    let nothing = fresh_stats(&prepared.main.plan);
    let mut common = Common { options, clock, wall, pid: prepared.pid, before: Vec::new() };
    let opened = {
        let _inside = runtime.enter();
        reports
            .open_metrics(options)
            .and_then(|()| open(&mut common, prepared.main, prepared.peer, (&recorder, &mut writer), held))
    };
    match opened {
        Ok((main, peer, steering)) => {
            if common.before.contains(&Order::Show(Purpose::Dump)) {
                screens.expect_dump();
            }
            reports.begin(options, &main.scenarios);
            Test { common, main, peer, recorder, writer, screens, steering, reports }.run_to_end(&runtime)
        }
        Err(stop) => {
            recorder.warning(clock.now(), &stop.text);
            recorder.row(|| figures_of_no_traffic(&common, nothing));
            drop(recorder);
            let finished = writer.finish();
            Err(Stop { text: finished.warnings.exit_report(), exit: stop.exit })
        }
    }
}

/// The only row of a run that ended before its traffic began (outputs.md §3.1).
fn figures_of_no_traffic(common: &Common<'_>, mut stats: Stats) -> Figures {
    stats.fatal_errors = 1;
    let target = match common.options.load.users {
        Some(users) => Target::Users(users),
        None => Target::CallsPerPeriod(common.options.load.rate),
    };
    Figures { at: common.clock.now(), stats, target }
}

/// Resolves, listens, binds and starts.
fn open(
    common: &mut Common<'_>,
    main: Scenario,
    peer: Option<Scenario>,
    (recorder, writer): (&Recorder, &mut Writer),
    held: Held,
) -> Result<(Running, Option<Running>, Steering), Stop> {
    let options = common.options;
    // Names may take long, and until they are known INT, TERM and HUP do what they do by default.
    let remote = options.remote.as_ref().map(|remote| resolve(&remote.host, remote.port)).transpose()?;
    let sending = options
        .network
        .sending_address
        .as_ref()
        .map(|address| resolve_remote(&address.host, address.port))
        .transpose()
        .map_err(|error| Stop::refused(error.to_string()))?;
    let first = sockets::first_address(options, &main.files)?;
    let mut steering = Steering::open(held, options)?;
    let addresses = Addresses { remote, sending, first };
    let (bound, bound_peer) = bind(options, main.plan.role, peer.is_some(), addresses)?;
    steering.open_remote(options, &common.clock, recorder)?;
    common.before = steering.begin(common, recorder, writer);
    let (bound_peer, peer) = match (bound_peer, peer) {
        (Some(bound), Some(peer)) => (bound, peer),
        _ => return Ok((bound.start(Which::Main, main, common, recorder.clone())?, None, steering)),
    };
    // Who is called listens first.
    if main.plan.role == Role::Server {
        let running = bound.start(Which::Main, main, common, recorder.clone())?;
        let running_peer = bound_peer.start(Which::Peer, peer, common, recorder.clone())?;
        return Ok((running, Some(running_peer), steering));
    }
    let running_peer = bound_peer.start(Which::Peer, peer, common, recorder.clone())?;
    Ok((bound.start(Which::Main, main, common, recorder.clone())?, Some(running_peer), steering))
}

/// Binds both sides. With a counterpart, its address is the remote host unless one was given.
fn bind(
    options: &Options,
    role: Role,
    has_peer: bool,
    mut addresses: Addresses,
) -> Result<(Bound, Option<Bound>), Stop> {
    if !has_peer {
        return Ok((Bound::main(options, addresses)?, None));
    }
    let loopback = if options.network.local_ip.as_deref().is_some_and(|ip| ip.contains(':')) {
        std::net::Ipv6Addr::LOCALHOST.into()
    } else {
        std::net::Ipv4Addr::LOCALHOST.into()
    };
    let at = |addr: std::net::SocketAddr| Remote { host: addr.ip().to_string(), addr };
    match role {
        Role::Client => {
            let peer = Bound::peer(options, loopback, None)?;
            addresses.remote.get_or_insert_with(|| at(peer.local_addr()));
            Ok((Bound::main(options, addresses)?, Some(peer)))
        }
        Role::Server => {
            let main = Bound::main(options, addresses)?;
            let peer = Bound::peer(options, loopback, Some(at(main.local_addr())))?;
            Ok((main, Some(peer)))
        }
    }
}

fn resolve(host: &str, port: u16) -> Result<Remote, Stop> {
    eprint!("Resolving remote host '{host}'... ");
    let addr = resolve_remote(host, port).map_err(|error| {
        eprintln!();
        Stop::fatal(format!("{error}\nUse 'rsipp -h' for details"))
    })?;
    eprintln!("Done.");
    Ok(Remote { host: host.to_owned(), addr })
}

/// A test that runs.
struct Test<'a> {
    common: Common<'a>,
    main: Running,
    peer: Option<Running>,
    recorder: Recorder,
    writer: Writer,
    screens: Screens,
    steering: Steering,
    reports: &'a mut Reports,
}

/// What ended the main side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EndedBy {
    /// Its calls, or itself.
    Itself,
    /// SIGINT, SIGTERM.
    Signal,
    /// SIGHUP, SIGQUIT.
    Death(Deadly),
    /// `-timeout`
    Timeout,
}

impl EndedBy {
    fn is_normal(self) -> bool {
        matches!(self, EndedBy::Itself | EndedBy::Timeout)
    }

    fn in_results(self, fatal: bool) -> results::EndedBy {
        match self {
            _ if fatal => results::EndedBy::Error,
            EndedBy::Itself => results::EndedBy::Itself,
            EndedBy::Timeout => results::EndedBy::Timeout,
            EndedBy::Signal | EndedBy::Death(_) => results::EndedBy::Signal,
        }
    }
}

impl Test<'_> {
    fn run_to_end(mut self, runtime: &tokio::runtime::Runtime) -> Result<Exit, Stop> {
        let ended_by = runtime.block_on(self.watch());
        let Test { common, main, peer, recorder, writer, mut screens, steering, reports } = self;
        let view = steering.view;
        // The terminal is as it was before anything is printed.
        drop(steering);
        let main_side = summary::Side::of(&main);
        let teller = Teller::of(&main);
        let mut outcome = main.join()?;
        let peer =
            peer.map(|peer| Ok((summary::Side::of(&peer), Teller::of(&peer), peer.join()?))).transpose()?;
        let (fatal, exit) =
            conclude(&common, ended_by, view.display, &outcome, peer.as_ref().map(|(_, _, outcome)| outcome));
        if let Some(text) = &fatal {
            recorder.warning(outcome.ended, text);
            if outcome.end.is_none() {
                outcome.engine.stats_mut().fatal_errors += 1;
            }
        }
        let normal = ended_by.is_normal() && fatal.is_none() && outcome.end.is_none();
        write_last_rows(&common, &mut outcome, normal, &recorder);
        let status = Status::of(&outcome.engine, outcome.ended, outcome.resources);
        let last = Moment::new(&common, &main_side, &status, view, 0);
        write_last_dump(&mut screens, &last, view.display, normal, &recorder);
        drop(recorder);
        let stories = teller.tell(&common, &outcome.engine);
        let peer = peer.map(|(side, teller, outcome)| {
            let status = Status::of(&outcome.engine, outcome.ended, outcome.resources);
            (side, status, teller.tell(&common, &outcome.engine))
        });
        let peer = peer
            .as_ref()
            .map(|(side, status, stories)| (Moment::new(&common, side, status, view, 0), stories.as_slice()));
        let (judgements, exit) = reports::judge(common.options, &last, exit);
        let by = ended_by.in_results(fatal.is_some());
        let end = End { main: (&last, &stories), peer, by, fatal: fatal.as_deref(), exit, judgements };
        let finished = writer.finish();
        let failure = finished.failure.or(reports.write(&common, &end).err());
        if let EndedBy::Death(signal) = ended_by {
            signal.die();
        }
        // Nobody may be listening (a closed pipe): the exit status still tells.
        let text = summary::text(view, &end, (!normal).then_some(&screens));
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
        let said = summary::complaints(common.options, &end, &finished.warnings, failure.as_ref());
        Ok(Stop { text: said, exit: if failure.is_some() { Exit::Fatal } else { exit } }.show())
    }

    /// Waits for the end: of the main side, by a signal, by the clock. The other side follows.
    async fn watch(&mut self) -> EndedBy {
        let mut commands = Commands::default();
        let mut ended_by = EndedBy::Itself;
        let options = self.common.options;
        let timeout = timer(options.run.timeout_ms);
        tokio::pin!(timeout);
        let mut rows = Every::millis(options.statistics.row_period_ms);
        let mut periods = Every::millis(options.statistics.screen_period_ms);
        let mut progress = Progress::begin(options.load.calls);
        let mut samples = Every::millis(if self.reports.wants_samples() { series::PERIOD_MS } else { 0 });
        let mut looks = Every::millis(if progress.is_some() { progress::PERIOD_MS } else { 0 });
        loop {
            tokio::select! {
                report = self.main.reports.recv() => match report {
                    Some(Report::Run(text)) => start(&mut commands, &text, &self.recorder, &self.common.clock),
                    Some(Report::Status(Purpose::Progress, status)) => {
                        if let Some(progress) = progress.as_mut().filter(|_| !self.steering.is_typing()) {
                            progress.show(&status.figures.stats, status.figures.at);
                        }
                    }
                    Some(Report::Status(purpose, status)) => self.show(purpose, &status),
                    Some(Report::Ended) | None => break,
                },
                () = rows.passed(), if self.recorder.writes_rows() || options.statistics.periodic_repartitions => {
                    let clears_repartitions = options.statistics.periodic_repartitions;
                    self.tell(Order::Row { clears_repartitions });
                }
                // A line in between would tear the command that is being typed.
                () = looks.passed(), if !self.steering.is_typing() => self.tell(Order::Show(Purpose::Progress)),
                () = samples.passed() => self.tell(Order::Show(Purpose::Sample)),
                () = periods.passed() => self.tell(Order::Show(Purpose::NewPeriod)),
                wish = self.steering.next() => {
                    match self.steering.act(wish, &self.common, &self.recorder, &mut self.writer) {
                        Move::Done => {}
                        Move::Tell(order) => self.tell(order),
                        Move::TellAll(order) => {
                            self.tell(order);
                            let _ = self.peer.as_ref().map(|peer| peer.orders.send(order));
                        }
                        Move::Dump => self.ask_for_dump(),
                        Move::StopNow => {
                            ended_by = EndedBy::Signal;
                            self.tell(Order::Stop);
                        }
                        Move::Die(signal) => {
                            ended_by = EndedBy::Death(signal);
                            self.tell(Order::Stop);
                        }
                    }
                }
                () = &mut timeout, if ended_by == EndedBy::Itself => {
                    ended_by = EndedBy::Timeout;
                    let order = if self.common.options.run.timeout_is_error {
                        Order::Stop
                    } else {
                        Order::Engine(Command::TimeUp)
                    };
                    self.tell(order);
                }
            }
        }
        while let Ok(report) = self.main.reports.try_recv() {
            match report {
                Report::Run(text) => start(&mut commands, &text, &self.recorder, &self.common.clock),
                Report::Status(purpose, status) => self.show(purpose, &status),
                Report::Ended => {}
            }
        }
        self.end_peer(&mut commands, ended_by).await;
        ended_by
    }

    fn tell(&self, order: Order) {
        // A worker that has ended needs no orders.
        let _ = self.main.orders.send(order);
    }

    /// SIGUSR2, key `s`: the screens as they are now, and the response times that wait (outputs.md §17).
    fn ask_for_dump(&mut self) {
        self.recorder.dump_response_times();
        self.screens.expect_dump();
        self.tell(Order::Show(Purpose::Dump));
    }

    /// What was asked for has come.
    fn show(&mut self, purpose: Purpose, status: &Status) {
        match purpose {
            Purpose::NewPeriod => self.screens.begin_period(status),
            Purpose::Sample => self.reports.sample(self.common.options, &self.main.scenarios, status),
            // Too late: the line is gone.
            Purpose::Progress => {}
            Purpose::Dump => {
                self.screens.heed_reset(status);
                let (side, view) = (summary::Side::of(&self.main), self.steering.view);
                let moment = Moment::new(&self.common, &side, status, view, 1);
                let Some(snapshot) = moment.of(view.display, self.screens.period(view.display)) else {
                    return;
                };
                let dump = screens::dump(&snapshot, status.phase, &self.recorder);
                self.screens.write(&dump, status.figures.at, &self.recorder);
            }
        }
    }

    /// The other side ends too: its calls in time-wait at once, the rest after a short grace.
    async fn end_peer(&mut self, commands: &mut Commands, ended_by: EndedBy) {
        let Some(peer) = &mut self.peer else { return };
        let order = match ended_by {
            EndedBy::Signal | EndedBy::Death(_) => Order::Stop,
            EndedBy::Itself | EndedBy::Timeout => Order::Engine(Command::PeerDone),
        };
        let _ = peer.orders.send(order);
        let grace = tokio::time::sleep(PEER_GRACE);
        tokio::pin!(grace);
        let mut in_grace = true;
        loop {
            tokio::select! {
                report = peer.reports.recv() => match report {
                    Some(Report::Run(text)) => start(commands, &text, &self.recorder, &self.common.clock),
                    Some(Report::Status(..)) => {}
                    Some(Report::Ended) | None => return,
                },
                () = &mut grace, if in_grace => {
                    in_grace = false;
                    let _ = peer.orders.send(Order::Engine(Command::TimeUp));
                }
            }
        }
    }
}

/// The rows of the end (outputs.md §3.1): two after a normal one, the second of which has an empty period.
fn write_last_rows(common: &Common<'_>, outcome: &mut Outcome, normal: bool, recorder: &Recorder) {
    recorder.row(|| worker::figures(&outcome.engine, outcome.ended));
    if common.options.statistics.periodic_repartitions {
        outcome.engine.stats_mut().clear_repartitions();
    }
    if normal {
        recorder.row(|| worker::figures(&outcome.engine, common.clock.now()));
    }
}

/// The dump of the end, if somebody asked for it or `-trace_screen` does (outputs.md §17).
fn write_last_dump(
    screens: &mut Screens,
    last: &Moment<'_>,
    display: Part,
    normal: bool,
    recorder: &Recorder,
) {
    screens.heed_reset(last.status);
    let period = if normal { None } else { screens.period(display) };
    if screens.wants_last(normal)
        && let Some(snapshot) = last.of(display, period)
    {
        let dump = screens::dump(&snapshot, last.status.phase, recorder);
        screens.write(&dump, last.status.figures.at, recorder);
    }
}

/// A span that passes again and again, each counted from the end of the one before; never, if it is none.
struct Every(Option<tokio::time::Interval>);

impl Every {
    fn millis(millis: u64) -> Every {
        Every((millis > 0).then(|| {
            let span = Duration::from_millis(millis);
            let mut interval = tokio::time::interval_at(tokio::time::Instant::now() + span, span);
            interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            interval
        }))
    }

    async fn passed(&mut self) {
        match &mut self.0 {
            Some(interval) => {
                interval.tick().await;
            }
            None => pending().await,
        }
    }
}

/// How `-sleep` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slept {
    ToTheEnd,
    Stopped,
}

/// `-sleep` (cli.md §4.3, §10.1): SIGINT and SIGTERM end the run; USR1 and USR2 are held.
async fn sleep(millis: u64) -> Result<Slept, Stop> {
    tokio::select! {
        () = tokio::time::sleep(Duration::from_millis(millis)) => Ok(Slept::ToTheEnd),
        stopped = signals::stopped() => match stopped {
            Ok(()) => Ok(Slept::Stopped),
            Err(error) => Err(Stop::fatal(error.to_string())),
        },
    }
}

async fn timer(millis: u64) {
    match millis {
        0 => pending().await,
        millis => tokio::time::sleep(Duration::from_millis(millis)).await,
    }
}

fn start(commands: &mut Commands, text: &[u8], recorder: &Recorder, clock: &Clock) {
    if let Err(error) = commands.start(text) {
        recorder.warning(clock.now(), format!("Unable to start a command: {error}").as_bytes());
    }
}

/// The exit status (cli.md §9), and the fatal error's text if there was one.
fn conclude(
    common: &Common<'_>,
    ended_by: EndedBy,
    display: Part,
    main: &Outcome,
    peer: Option<&Outcome>,
) -> (Option<Vec<u8>>, Exit) {
    let fatal = [Some(main), peer].into_iter().flatten().find_map(|outcome| outcome.end.as_ref());
    match fatal {
        Some(RunEnd::Fatal(text)) => return (Some(text.clone()), Exit::Fatal),
        Some(RunEnd::StoppedNow) => return (None, Exit::StoppedNow),
        None => {}
    }
    if ended_by == EndedBy::Timeout && common.options.run.timeout_is_error {
        let seconds = main.ended.micros() as f64 / 1e6;
        let text = format!("{} timed out after '{seconds:.3}' seconds", common.options.scenario_name());
        return (Some(text.into()), Exit::Fatal);
    }
    // The numbers of the scenario that is displayed decide (cli.md §9, Surprise).
    let shown = main.engine.stats_of(display).unwrap_or_else(|| main.engine.stats());
    let failed = shown.failed + peer.map_or(0, |peer| peer.engine.stats().failed);
    let exit = match (failed, ended_by) {
        (1.., _) => Exit::CallsFailed,
        (0, EndedBy::Timeout) if shown.successful == 0 => Exit::TimedOut,
        (0, _) => Exit::Success,
    };
    (None, exit)
}
