//! TCP sockets: connecting without waiting, listening on the main port, accepting.
//! Spec: transport.md §6, §9, §12. In: addresses and buffer sizes. Out: non-blocking sockets that programs we start do not inherit.
//! Must not read, nor hold up the thread.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};
use rustix::net::{SocketFlags, acceptfrom_with};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::udp::{BindError, Binding, Buffers};

/// Connections that may wait to be accepted. SIPp has 100, which a burst of 10,000 callers overruns.
const BACKLOG: i32 = 4_096;

/// A socket bound to the main port that does not listen yet: the connection of `t1` may share the port only until then.
///
/// # Errors
/// No descriptor, or the port is taken.
pub fn bind_main(binding: &Binding) -> Result<Socket, BindError> {
    let Binding { ip, port, buffers, device, joins, purpose } = binding;
    let socket = new_socket(*ip).map_err(BindError::Open)?;
    buffers.request_both(&socket);
    // What it accepts inherits the device.
    bind_to_device(&socket, device.as_deref()).map_err(BindError::Device)?;
    socket.set_reuse_port(*joins).map_err(BindError::Watch)?;
    port.take(|port| socket.bind(&SockAddr::from(SocketAddr::new(*ip, port))))
        .map_err(|error| BindError::Bind { purpose: *purpose, error })?;
    Ok(socket)
}

/// A socket that listens on the main port. Until one of them listens, several programs can bind to a port: who searches for one
/// has found it only then.
///
/// # Errors
/// No descriptor, or the port is taken.
pub fn listen_main(binding: &Binding) -> Result<Socket, BindError> {
    let socket = bind_main(binding)?;
    listen(&socket).map_err(|error| BindError::Bind { purpose: binding.purpose, error })?;
    Ok(socket)
}

/// Lets a bound socket listen; one that listens goes on.
///
/// # Errors
/// The system's.
pub fn listen(socket: &Socket) -> io::Result<()> {
    socket.listen(BACKLOG)
}

/// Begins to connect; the socket becomes writable when that is decided. A source that cannot be had is left to the system.
///
/// # Errors
/// No descriptor, no such device, or a refusal that is known at once.
pub fn connect(
    from: Option<SocketAddr>,
    to: SocketAddr,
    buffers: Buffers,
    device: Option<&str>,
) -> io::Result<Socket> {
    let socket = new_socket(to.ip())?;
    buffers.request_both(&socket);
    bind_to_device(&socket, device)?;
    if let Some(from) = from.filter(|from| from.is_ipv6() == to.is_ipv6()) {
        if from.port() == 0 {
            // The port is chosen on connecting, for this destination alone: to choose one for all takes the system time that grows
            // with the connections of the last minute.
            let _ = setsockopt(&socket, sockopt::IpBindAddressNoPort, &true);
        }
        let _ = socket.bind(&SockAddr::from(from));
    }
    match socket.connect(&SockAddr::from(to)) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(socket),
    }
}

/// Looks whether somebody accepts at `to`: opens a connection, waits no longer than `patience`, and closes it. Must be called inside a
/// tokio runtime with I/O and time.
///
/// # Errors
/// Why not; `ETIMEDOUT` when nobody has answered.
pub async fn takes_connections(
    from: Option<SocketAddr>,
    to: SocketAddr,
    device: Option<&str>,
    patience: Duration,
) -> io::Result<()> {
    let socket = connect(from, to, Buffers::Largest, device)?;
    let stream = tokio::net::TcpStream::from_std(socket.into())?;
    match tokio::time::timeout(patience, stream.writable()).await {
        Ok(writable) => writable?,
        Err(_) => return Err(io::Error::from_raw_os_error(libc::ETIMEDOUT)),
    }
    stream.take_error()?.map_or(Ok(()), Err)
}

/// The next connection that waits; `WouldBlock` when there is none.
///
/// # Errors
/// The system's, mostly out of descriptors.
pub fn accept(listener: &Socket) -> io::Result<(Socket, SocketAddr)> {
    // It has the listener's options, no-delay among them.
    let (socket, peer) = acceptfrom_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC)?;
    let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
    let peer = peer.ok_or_else(|| io::Error::other("a peer without an IP address"))?;
    Ok((socket.into(), peer))
}

/// What became of an attempt to connect: None while it is undecided.
///
/// # Errors
/// Why it failed.
pub fn connected(socket: &Socket) -> io::Result<Option<()>> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Ok(_) => Ok(Some(())),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(None),
        Err(error) => Err(error),
    }
}

fn bind_to_device(socket: &Socket, device: Option<&str>) -> io::Result<()> {
    device.map_or(Ok(()), |device| socket.bind_device(Some(device.as_bytes())))
}

fn new_socket(like: IpAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(SocketAddr::new(like, 0));
    let socket = Socket::new(domain, Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
    socket.set_tcp_nodelay(true)?;
    socket.set_reuse_address(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::udp::Port;

    /// transport.md §9 (fixed settings).
    #[test]
    fn both_ends_of_a_connection_send_at_once_and_never_wait() {
        let listener = bind_main(&Binding::main([127, 0, 0, 1].into(), Port::Any)).unwrap();
        listen(&listener).unwrap();
        let to = listener.local_addr().unwrap().as_socket().unwrap();
        let ours = connect(None, to, Buffers::Largest, None).unwrap();
        rustix::event::poll(&mut [rustix::event::PollFd::new(&listener, rustix::event::PollFlags::IN)], None)
            .unwrap();
        let (theirs, peer) = accept(&listener).unwrap();
        assert_eq!(peer, ours.local_addr().unwrap().as_socket().unwrap());
        for socket in [ours, theirs] {
            assert!(socket.tcp_nodelay().unwrap() && socket.nonblocking().unwrap());
        }
        assert_eq!(accept(&listener).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
