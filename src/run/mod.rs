//! A whole test: loads, opens sockets, starts the workers, listens to signals and the clock, reports, and decides the exit status.
//! Spec: cli.md §6, §8, §9; outputs.md §16. In: options. Out: an exit status. Must not know how calls run.

mod check;
mod ending;
mod live;
mod load;
mod locate;
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
mod watch;
mod workers;

use std::time::Duration;

use crate::cli::{Exit, Options};
use crate::control::background;
use crate::control::signals::{self, Held, hold};
use crate::engine::scenarios::fresh_stats;
use crate::report::recorder::{Moments, Recorder, Writer};
use crate::report::results;
use crate::report::stamp::StampStyle;
use crate::report::stat_csv::Figures;
use crate::scenario::plan::Role;
use crate::stats::{Stats, Target};
use crate::transport::address::{Remote, resolve_remote};
use crate::worker::{Clock, Order, Purpose};
use load::Scenario;
use reports::Reports;
use side::{Addresses, Bound, Common, Running, Which};
use steering::Steering;
use stop::Stop;
use traces::Traces;
use watch::Test;

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
    for side in std::iter::once(&prepared.main).chain(&prepared.peer) {
        roles::check_shared(side, options)?;
    }
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
    let remote = locate::remote_host(options, main.plan.role)?;
    let sending = options
        .network
        .sending_address
        .as_ref()
        .map(|address| resolve_remote(&address.host, address.sip_port()))
        .transpose()
        .map_err(|error| Stop::refused(error.to_string()))?;
    let first = sockets::first_address(options, &main.files)?;
    let mut steering = Steering::open(held, options)?;
    let addresses = Addresses { remote, sending, first };
    let roles = (main.plan.role, peer.as_ref().map(|peer| peer.plan.role));
    let (bound, bound_peer) = bind(options, roles, addresses)?;
    steering.open_remote(options, &common.clock, recorder)?;
    common.before = steering.begin(common, recorder, writer);
    let (bound_peer, peer) = match (bound_peer, peer) {
        (Some(bound), Some(peer)) => (bound, peer),
        _ => return Ok((bound.start(Which::Main, main, common, recorder)?, None, steering)),
    };
    // Who is called listens first.
    if main.plan.role == Role::Server {
        let running = bound.start(Which::Main, main, common, recorder)?;
        let running_peer = bound_peer.start(Which::Peer, peer, common, recorder)?;
        return Ok((running, Some(running_peer), steering));
    }
    let running_peer = bound_peer.start(Which::Peer, peer, common, recorder)?;
    Ok((bound.start(Which::Main, main, common, recorder)?, Some(running_peer), steering))
}

/// Binds both sides. With a counterpart, its address is the remote host unless one was given.
fn bind(
    options: &Options,
    (role, peer_role): (Role, Option<Role>),
    mut addresses: Addresses,
) -> Result<(Bound, Option<Bound>), Stop> {
    let Some(peer_role) = peer_role else {
        return Ok((Bound::main(options, role, addresses)?, None));
    };
    let loopback = if options.network.local_ip.as_deref().is_some_and(|ip| ip.contains(':')) {
        std::net::Ipv6Addr::LOCALHOST.into()
    } else {
        std::net::Ipv4Addr::LOCALHOST.into()
    };
    let at = |addr: std::net::SocketAddr| Remote { host: addr.ip().to_string(), addr };
    match role {
        Role::Client => {
            let peer = Bound::peer(options, peer_role, loopback, None)?;
            addresses.remote.get_or_insert_with(|| at(peer.local_addr()));
            Ok((Bound::main(options, role, addresses)?, Some(peer)))
        }
        Role::Server => {
            let main = Bound::main(options, role, addresses)?;
            let peer = Bound::peer(options, peer_role, loopback, Some(at(main.local_addr())))?;
            Ok((main, Some(peer)))
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
