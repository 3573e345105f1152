//! Which sockets a side of the test has: what `-t`, its role and `-rsa` amount to.
//! Spec: transport.md §2 (steps 3, 5, 9-12), §3, §8, §10. In: options, addresses, a bound main socket. Out: the worker's sockets and how
//! calls use them, or why there are none. Must not know how calls run.

use std::net::{IpAddr, SocketAddr};

use super::side::{Common, millis};
use super::stop::Stop;
use crate::cli::{Mode, Options, SocketUse};
use crate::clock::Span;
use crate::engine::line::Lines;
use crate::engine::share::Share;
use crate::inject::{Field, Files};
use crate::link::Transport;
use crate::scenario::plan::Role;
use crate::transport::address::{self, Endpoints};
use crate::transport::links::{Links, Reconnection, Setup};
use crate::transport::tcp;
use crate::transport::tls::Tls;
use crate::transport::udp::{BindError, Binding, Buffers, Port, Purpose, Socket};
use crate::transport::ws;
use crate::worker::Sockets;

/// How long a peer may take for the handshakes of TLS and WebSocket.
const PATIENCE: Span = Span::from_millis(5_000);

/// The socket of the main port, of which nothing is read yet.
#[derive(Debug)]
pub enum MainSocket {
    /// Datagrams.
    Udp(Socket),
    /// Datagrams, and a bound TCP socket on the same port.
    UdpAndTcp(Socket, socket2::Socket),
    /// Bound. If its port was given, it does not listen yet: a `t1` client's connection may share the port only until then.
    Tcp(socket2::Socket, SocketAddr),
}

impl MainSocket {
    /// Where it is bound.
    pub fn local_addr(&self) -> SocketAddr {
        match self {
            MainSocket::Udp(socket) | MainSocket::UdpAndTcp(socket, _) => socket.local_addr(),
            MainSocket::Tcp(_, local) => *local,
        }
    }

    /// All workers of a server have joined the port: what arrives is dealt out among them.
    pub fn deal_out(&self, workers: u32) {
        match self {
            MainSocket::Udp(socket) | MainSocket::UdpAndTcp(socket, _) => socket.deal_by_source_port(workers),
            // Every connection has a port of its own, for which the system's way is even enough.
            MainSocket::Tcp(..) => {}
        }
    }

    fn share_port(&self) -> std::io::Result<()> {
        match self {
            MainSocket::Udp(socket) => socket.share_port(),
            MainSocket::UdpAndTcp(socket, listener) => {
                socket.share_port().and_then(|()| listener.set_reuse_port(true))
            }
            MainSocket::Tcp(listener, _) => listener.set_reuse_port(true),
        }
    }
}

/// Binds the socket of a further worker. Those of a server share the port of the first, those of a client have one each, from `-p`
/// upwards. `sockets`: those of the workers before, at least one.
///
/// # Errors
/// No descriptor, or the port is taken.
pub fn bind_further<'s>(
    mode: Mode,
    binding: &Binding,
    role: Role,
    sockets: impl Iterator<Item = &'s MainSocket>,
) -> Result<MainSocket, BindError> {
    let sockets: Vec<_> = sockets.collect();
    let at = |port, joins| bind(mode, &Binding { port, joins, ..binding.clone() });
    match (role, binding.port, sockets.first()) {
        (Role::Server, _, Some(first)) => {
            first.share_port().map_err(BindError::Watch)?;
            at(Port::Exactly(first.local_addr().port()), true)
        }
        (Role::Client, Port::Exactly(first), _) => match u16::try_from(usize::from(first) + sockets.len()) {
            Ok(port) => at(Port::Exactly(port), false),
            Err(_) => Err(BindError::Watch(std::io::Error::other("the ports of -workers end at 65535"))),
        },
        (_, port, _) => at(port, false),
    }
}

/// Binds the main socket, or both, on one port.
///
/// # Errors
/// No descriptor, or the port is taken.
pub fn bind(mode: Mode, binding: &Binding) -> Result<MainSocket, BindError> {
    match (mode.transport, mode.sockets) {
        (_, SocketUse::OneAndTcp) => bind_both(binding),
        (Transport::Udp, _) => Socket::bind(binding).map(MainSocket::Udp),
        _ => {
            let socket = match binding.port {
                Port::Exactly(1..) => tcp::bind_main(binding)?,
                _ => first_free(binding, tcp::listen_main)?,
            };
            let local = socket.local_addr().map_err(BindError::Watch)?;
            let local = local.as_socket().unwrap_or(SocketAddr::new(binding.ip, 0));
            Ok(MainSocket::Tcp(socket, local))
        }
    }
}

/// The first port that is free for both.
fn bind_both(binding: &Binding) -> Result<MainSocket, BindError> {
    first_free(binding, |binding| {
        let socket = Socket::bind(binding)?;
        let port = Port::Exactly(socket.local_addr().port());
        let listener = tcp::listen_main(&Binding { port, ..binding.clone() })?;
        Ok(MainSocket::UdpAndTcp(socket, listener))
    })
}

/// What can be opened on the first of the ports.
fn first_free<T>(binding: &Binding, open: impl Fn(&Binding) -> Result<T, BindError>) -> Result<T, BindError> {
    let mut failure = None;
    for port in binding.port.candidates() {
        match open(&Binding { port, ..binding.clone() }) {
            Ok(opened) => return Ok(opened),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or_else(|| BindError::Watch(std::io::Error::other("no port"))))
}

/// What [`open`] goes by.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Options and clock.
    pub common: &'a Common<'a>,
    /// Addresses in force.
    pub endpoints: &'a Endpoints,
    /// Who begins.
    pub role: Role,
    /// For `-t ui`.
    pub files: &'a Files,
    /// Of the sockets that calls may have.
    pub share: Share,
}

/// The sockets of a side.
#[derive(Debug)]
pub struct Opened {
    /// For its worker.
    pub sockets: Sockets,
    /// For its calls.
    pub lines: Lines,
}

/// What is wrong with `-t` and its companions before anything is opened (transport.md §2, steps 2, 3 and 5).
///
/// # Errors
/// Exit 1.
pub fn check(options: &Options) -> Result<(), Stop> {
    let network = &options.network;
    if network.mode.sockets == SocketUse::PerAddress && options.injection.files.is_empty() {
        return Err(Stop::refused(
            "You must use the -inf option when using -t ui.\nUse 'rsipp -h' for details",
        ));
    }
    if network.mode.sockets == SocketUse::PerAddress && options.run.workers > 1 {
        return Err(Stop::refused("-workers: the sockets of -t ui cannot be shared out; use -t u1 or un"));
    }
    if network.mode.transport.is_secure() {
        tls(options)?;
    }
    Ok(())
}

/// The most sockets that calls may need, for the limit of open files (transport.md §16).
pub fn most(options: &Options) -> u64 {
    let network = &options.network;
    match network.mode.sockets {
        SocketUse::One | SocketUse::OneAndTcp => {
            u64::from(options.run.workers) * (1 + u64::from(options.peer.is_some()))
        }
        SocketUse::PerCall | SocketUse::PerAddress => network.max_socket.into(),
    }
}

fn tls(options: &Options) -> Result<Tls, Stop> {
    let host = options.remote.as_ref().map_or("", |remote| &remote.host);
    Tls::load(&options.network.tls, host).map_err(|fault| Stop::refused(fault.to_string()))
}

/// The address that the main socket of `-t ui` binds to: that of the first line.
///
/// # Errors
/// It is none.
pub fn first_address(options: &Options, files: &Files) -> Result<Option<IpAddr>, Stop> {
    if options.network.mode.sockets != SocketUse::PerAddress {
        return Ok(None);
    }
    addresses(files, options.network.ip_field).map(|found| found.first().copied())
}

/// The distinct addresses of the first injection file, in its order.
fn addresses(files: &Files, field: u32) -> Result<Vec<IpAddr>, Stop> {
    let mut found = Vec::new();
    let Some(file) = files.default_file() else { return Ok(found) };
    let lines = (0_u32..).map_while(|number| files.line_at(file, f64::from(number)));
    for line in lines {
        let mut text = Vec::new();
        let is_there = matches!(files.field(file, line, field, &mut text), Ok(Field::Written));
        let text = if is_there { String::from_utf8_lossy(&text).trim().to_owned() } else { String::new() };
        let unknown = |_| Stop::fatal(format!("Unknown host '{text}'.\nUse 'rsipp -h' for details"));
        let ip = address::resolve(&text, 0).map_err(unknown)?.ip();
        if !found.contains(&ip) {
            found.push(ip);
        }
    }
    Ok(found)
}

/// Opens what the side needs besides its main socket. Must be called inside the worker's runtime.
///
/// # Errors
/// Something cannot be had: exit 255, or 254 for a taken port.
pub fn open(main: MainSocket, wanted: Wanted<'_>) -> Result<Opened, Stop> {
    let mode = wanted.common.options.network.mode;
    let is_redirected = wanted.role == Role::Server && wanted.endpoints.sending.is_some();
    let opens = wanted.role == Role::Client || is_redirected;
    let local = main.local_addr();
    let links = || {
        let setup = setup(wanted, local)?;
        Links::new(setup).map_err(|error| Stop::fatal(error.to_string()))
    };
    let transport = mode.transport;
    match main {
        MainSocket::UdpAndTcp(socket, listener) => {
            let mut links = links()?;
            let lines = if is_redirected {
                let further = further(wanted, local.ip(), Port::Any);
                Lines::Shared(links.add_socket(&further).map_err(Stop::of_bind)?)
            } else {
                Lines::default()
            };
            links.listen(listener).map_err(taken)?;
            let sockets = Sockets { main: Some(socket), links: Some(links), transport, is_connecting: false };
            Ok(Opened { sockets, lines })
        }
        MainSocket::Udp(socket) => {
            let (links, lines) = match (mode.sockets, opens) {
                (SocketUse::One, true) if is_redirected => {
                    let mut links = links()?;
                    let link =
                        links.add_socket(&further(wanted, local.ip(), Port::Any)).map_err(Stop::of_bind)?;
                    (Some(links), Lines::Shared(link))
                }
                (SocketUse::One | SocketUse::OneAndTcp, _) | (SocketUse::PerCall, false) => {
                    (None, Lines::default())
                }
                (SocketUse::PerCall, true) => (Some(links()?), Lines::PerCall),
                (SocketUse::PerAddress, true) => {
                    let field = wanted.common.options.network.ip_field;
                    (Some(links()?), Lines::PerAddress { field })
                }
                (SocketUse::PerAddress, false) => {
                    let mut links = links()?;
                    let all = addresses(wanted.files, wanted.common.options.network.ip_field)?;
                    for ip in all.into_iter().filter(|ip| *ip != local.ip()) {
                        let binding = further(wanted, ip, Port::Exactly(local.port()));
                        links.add_socket(&binding).map_err(Stop::of_bind)?;
                    }
                    (Some(links), Lines::default())
                }
            };
            let sockets = Sockets { main: Some(socket), links, transport, is_connecting: false };
            Ok(Opened { sockets, lines })
        }
        MainSocket::Tcp(listener, _) => {
            let mut links = links()?;
            let lines = match mode.sockets {
                SocketUse::One if opens => Lines::Shared(connect_for_all(&mut links, wanted, local)?),
                _ => Lines::PerCall,
            };
            links.listen(listener).map_err(taken)?;
            let is_connecting = mode.sockets == SocketUse::One && wanted.role == Role::Client;
            Ok(Opened {
                sockets: Sockets { main: None, links: Some(links), transport, is_connecting },
                lines,
            })
        }
    }
}

/// Another program listens on the port that both have bound.
fn taken(error: std::io::Error) -> Stop {
    Stop::of_bind(BindError::Bind { purpose: Purpose::Main, error })
}

/// The connection of all calls, from the main port if that was given.
fn connect_for_all(
    links: &mut Links,
    wanted: Wanted<'_>,
    local: SocketAddr,
) -> Result<crate::link::Link, Stop> {
    let missing = "Missing remote host parameter. This scenario requires it";
    let remote = wanted.endpoints.remote.as_ref().map(|remote| remote.addr);
    let to = wanted.endpoints.sending.or(remote).ok_or_else(|| Stop::fatal(missing))?;
    let from =
        wanted.common.options.network.local_port.filter(|_| wanted.role == Role::Client).map(|_| local);
    links.open_for_all(from, to).map_err(Stop::fatal)
}

fn further(wanted: Wanted<'_>, ip: IpAddr, port: Port) -> Binding {
    let options = wanted.common.options;
    let device = options.network.device.clone();
    Binding { ip, port, buffers: buffers(options), device, joins: false, purpose: Purpose::Server }
}

fn buffers(options: &Options) -> Buffers {
    options.network.buffer_size.map_or(Buffers::Largest, Buffers::Exactly)
}

fn setup(wanted: Wanted<'_>, main: SocketAddr) -> Result<Setup, Stop> {
    let Wanted { common, endpoints, .. } = wanted;
    let network = &common.options.network;
    let transport = match network.mode.sockets {
        SocketUse::OneAndTcp => Transport::Tcp,
        SocketUse::One | SocketUse::PerCall | SocketUse::PerAddress => network.mode.transport,
    };
    let upgrade = match (transport, &endpoints.remote) {
        (Transport::Ws | Transport::Wss, Some(remote)) => {
            let host =
                if remote.host.contains(':') { format!("[{}]", remote.host) } else { remote.host.clone() };
            let host = format!("{host}:{}", remote.addr.port());
            Some(ws::request(transport.is_secure(), &host, &network.ws_path).map_err(Stop::refused)?)
        }
        _ => None,
    };
    Ok(Setup {
        transport,
        bind: Some(endpoints.bind).filter(|ip| !ip.is_unspecified()),
        call_bind: endpoints.call_bind,
        main,
        buffers: buffers(common.options),
        device: network.device.clone(),
        tls: transport.is_secure().then(|| tls(common.options)).transpose()?,
        upgrade,
        most: wanted.share.part_of(network.max_socket.into()).max(1) as usize,
        reconnection: Reconnection {
            most: network.max_reconnect,
            ends_calls: network.reconnect_close,
            pause: millis(network.reconnect_sleep_ms),
        },
        patience: PATIENCE,
    })
}
