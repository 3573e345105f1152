//! Where the remote host is: the system's resolver, or with `-srv` RFC 3263, and which of its targets takes connections.
//! Spec: cli.md §3, transport.md §10; RFC 3263 §4 for `-srv`. In: options. Out: the address of the run. Must not know how names are asked for.

use std::net::SocketAddr;
use std::time::Duration;

use super::stop::Stop;
use crate::cli::{HostPort, Options};
use crate::scenario::plan::Role;
use crate::transport::address::{Remote, resolve_remote};
use crate::transport::errno;
use crate::transport::srv::{self, NameServer, Sought, Target};
use crate::transport::tcp;

/// How long a target may take to take a connection before the next one is tried.
const PATIENCE: Duration = Duration::from_secs(3);

/// Resolves the remote host, if there is one, and says so.
///
/// # Errors
/// It is unknown: exit 255.
pub fn remote_host(options: &Options, role: Role) -> Result<Option<Remote>, Stop> {
    let Some(remote) = &options.remote else { return Ok(None) };
    let host = &remote.host;
    eprint!("Resolving remote host '{host}'... ");
    let addr = match options.network.srv {
        None => {
            let addr = resolve_remote(host, remote.sip_port())
                .map_err(|error| unresolved(format!("{error}\nUse 'rsipp -h' for details")))?;
            eprintln!("Done.");
            addr
        }
        Some(server) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unresolved(error.to_string()))?
            .block_on(locate(options, role, remote, server))?,
    };
    Ok(Some(Remote { host: host.clone(), addr }))
}

/// The line that was begun on stderr ends without "Done.".
fn unresolved(text: String) -> Stop {
    eprintln!();
    Stop::fatal(text)
}

/// `-srv`: asks the DNS, and where it names several targets for connections, looks which one takes them.
async fn locate(
    options: &Options,
    role: Role,
    remote: &HostPort,
    server: NameServer,
) -> Result<SocketAddr, Stop> {
    let network = &options.network;
    let sought = Sought {
        host: &remote.host,
        port: remote.port,
        transport: network.mode.transport,
        local: network.local_ip.as_deref().and_then(|ip| ip.parse().ok()),
    };
    let targets = srv::locate(sought, server, |most| rand::random_range(0..=most)).await;
    let targets = targets.map_err(|error| unresolved(error.to_string()))?;
    let shown: Vec<String> = targets.iter().map(Target::to_string).collect();
    eprintln!("Done.\n'{}' is at {}", remote.host, shown.join(", then "));
    let connects =
        role == Role::Client && network.mode.transport.is_reliable() && network.sending_address.is_none();
    match targets.as_slice() {
        // A single one is for the calls to find out about.
        [first, others @ ..] if others.is_empty() || !connects => Ok(first.addr),
        several => first_that_connects(options, &remote.host, several).await,
    }
}

/// The first target that takes a connection (RFC 3263 §4.3). That one is closed again: addresses, ports and messages of the run depend
/// on the target, and are only chosen now.
async fn first_that_connects(options: &Options, host: &str, targets: &[Target]) -> Result<SocketAddr, Stop> {
    let network = &options.network;
    let from = network.local_ip.as_deref().and_then(|ip| ip.parse().ok()).map(|ip| SocketAddr::new(ip, 0));
    let mut failures = format!("No target of '{host}' takes a connection");
    let mut rest = targets.iter().peekable();
    while let Some(target) = rest.next() {
        let device = network.device.as_deref();
        let Err(error) = tcp::takes_connections(from, target.addr, device, PATIENCE).await else {
            return Ok(target.addr);
        };
        let failure = format!("{target}: {}", errno::text(&error));
        if let Some(next) = rest.peek() {
            eprintln!("{failure}; trying {next}");
        }
        failures.push_str(&format!("\n{failure}"));
    }
    Err(Stop::fatal(failures))
}
