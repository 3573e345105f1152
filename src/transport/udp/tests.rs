//! Sockets on loopback: order, sizes, isolation of errors, ports.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::task::Poll;

use super::*;

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

fn socket(ip: IpAddr) -> Socket {
    Socket::bind(&Binding::main(ip, Port::Any)).unwrap()
}

/// Sends all of `queue` to `to` and expects that nothing fails.
async fn send_all(from: &Socket, to: SocketAddr, queue: &[Vec<u8>]) {
    send_each(from, &queue.iter().map(|bytes| (to, bytes.as_slice())).collect::<Vec<_>>(), |at, error| {
        panic!("datagram {at}: {error}")
    })
    .await;
}

/// Sends each datagram of `queue`, as one call's, by itself.
async fn send_each(from: &Socket, queue: &[(SocketAddr, &[u8])], failed: impl FnMut(usize, io::Error)) {
    send_by(&mut Outgoing::default(), from, queue, |_| Some(1), failed).await;
}

/// Sends each datagram of `queue`; `call` gives the call of a position.
async fn send_by(
    outgoing: &mut Outgoing,
    from: &Socket,
    queue: &[(SocketAddr, &[u8])],
    call: impl Fn(usize) -> Option<u32>,
    mut failed: impl FnMut(usize, io::Error),
) {
    let datagrams = queue.iter().enumerate();
    outgoing.load(
        datagrams.map(|(at, (to, bytes))| (at, Datagram { to: *to, len: bytes.len(), call: call(at) })),
    );
    while !from.send(outgoing, |at| queue[at].1, &mut failed) {
        from.writable().await.unwrap();
    }
}

/// Waits for `count` datagrams.
async fn receive_all(at: &Socket, batch: &mut Received, count: usize) -> Vec<(SocketAddr, Vec<u8>)> {
    let mut all = Vec::new();
    while all.len() < count {
        at.readable().await.unwrap();
        at.receive(batch).unwrap();
        all.extend(batch.iter().map(|(from, bytes)| (from, bytes.to_vec())));
    }
    all
}

/// A datagram of `len` bytes that shows its number, as far as it has room.
fn numbered(number: usize, len: usize) -> Vec<u8> {
    let mut bytes = vec![number as u8; len];
    let mark = (number as u64).to_be_bytes();
    let shown = len.min(mark.len());
    bytes[..shown].copy_from_slice(&mark[mark.len() - shown..]);
    bytes
}

/// 100 times: a batch and a half of short datagrams, then a long one; so few that no default buffer overflows.
async fn round_trip_10_000(ip: IpAddr) {
    let (here, there) = (socket(ip), socket(ip));
    let mut batch = Received::new();
    for group in 0..100 {
        let short: Vec<_> = (group * 100..).take(99).map(|number| numbered(number, number % 1_400)).collect();
        let long = vec![numbered(group, 65_507 - group * 640)];
        for queue in [short, long] {
            send_all(&here, there.local_addr(), &queue).await;
            let arrived = receive_all(&there, &mut batch, queue.len()).await;
            let expected: Vec<_> = queue.into_iter().map(|bytes| (here.local_addr(), bytes)).collect();
            assert!(arrived == expected, "group {group}");
        }
    }
    assert_eq!(there.receive(&mut batch).unwrap(), 0, "nothing is delivered twice");
    assert!(batch.is_empty());
}

/// transport.md §13: nothing is cut, an empty datagram is one, too.
#[tokio::test]
async fn ten_thousand_datagrams_of_all_sizes_keep_their_order_and_content_over_ipv4() {
    round_trip_10_000(V4).await;
}

/// transport.md §13.
#[tokio::test]
async fn ten_thousand_datagrams_of_all_sizes_keep_their_order_and_content_over_ipv6() {
    round_trip_10_000(V6).await;
}

/// transport.md §8: a `ui` server's sockets have families of their own; one batch serves them all.
#[tokio::test]
async fn one_batch_serves_sockets_of_both_families_in_turn() {
    let mut batch = Received::new();
    for ip in [V4, V6, V4, V6] {
        let (here, there) = (socket(ip), socket(ip));
        send_all(&here, there.local_addr(), &[b"hello".to_vec()]).await;
        assert_eq!(receive_all(&there, &mut batch, 1).await, [(here.local_addr(), b"hello".to_vec())]);
    }
}

/// transport.md §9: better than one datagram a loop.
#[tokio::test]
async fn one_receive_takes_at_most_a_batch_and_the_rest_stays_readable() {
    let (here, there) = (socket(V4), socket(V4));
    let queue: Vec<_> = (0..BATCH + 10).map(|number| numbered(number, 100)).collect();
    send_all(&here, there.local_addr(), &queue).await;
    there.readable().await.unwrap();
    let mut batch = Received::new();
    let sizes = [(); 3].map(|()| there.receive(&mut batch).unwrap());
    assert_eq!(sizes, [BATCH, 10, 0]);
    // Found empty, the socket is readable again only when something arrives.
    let mut readable = std::pin::pin!(there.readable());
    tokio::task::yield_now().await;
    let poll = std::future::poll_fn(|context| Poll::Ready(readable.as_mut().poll(context))).await;
    assert!(poll.is_pending());
    send_all(&here, there.local_addr(), &queue[..1]).await;
    readable.await.unwrap();
    assert_eq!(there.receive(&mut batch).unwrap(), 1);
}

/// transport.md §11: a failed UDP send ends that call, nothing else.
#[tokio::test]
async fn a_datagram_that_fails_takes_no_other_with_it() {
    let (here, there) = (socket(V4), socket(V4));
    let to = there.local_addr();
    let other_family = SocketAddr::new(V6, to.port());
    let no_port = SocketAddr::new(V4, 0);
    let (good, long) = (b"good".to_vec(), vec![0; 65_508]);
    // Failures first, last, side by side, and on both sides of the border between two batches.
    let mut queue: Vec<(SocketAddr, &[u8])> = vec![(to, &good); 200];
    for (at, bad) in
        [(0, (to, &long)), (63, (other_family, &good)), (64, (no_port, &good)), (199, (to, &long))]
    {
        queue[at] = (bad.0, bad.1);
    }
    let mut failures = Vec::new();
    send_each(&here, &queue, |at, error| failures.push((at, error.raw_os_error().unwrap()))).await;
    let expected = [(0, libc::EMSGSIZE), (63, libc::EAFNOSUPPORT), (64, libc::EINVAL), (199, libc::EMSGSIZE)];
    assert_eq!(failures, expected);
    let arrived = receive_all(&there, &mut Received::new(), 196).await;
    assert!(arrived.iter().all(|(from, bytes)| *from == here.local_addr() && *bytes == good));
}

/// transport.md §11: the warning's text.
#[tokio::test]
async fn a_failure_reads_as_in_the_error_log() {
    let mut said = Vec::new();
    let long = vec![0; 65_508];
    let here = socket(V4);
    let queue = [(here.local_addr(), long.as_slice())];
    send_each(&here, &queue, |_, error| said.push(crate::transport::errno::text(&error))).await;
    assert_eq!(said, ["Message too long"]);
}

/// transport.md §11: an absent peer is never reported, and the socket goes on.
#[tokio::test]
async fn an_absent_peer_is_no_error() {
    let (here, there) = (socket(V4), socket(V4));
    let gone = { socket(V4).local_addr() };
    send_all(&here, gone, &[b"lost".to_vec(), b"lost".to_vec()]).await;
    send_all(&here, there.local_addr(), &[b"found".to_vec()]).await;
    send_all(&there, here.local_addr(), &[b"back".to_vec()]).await;
    assert_eq!(receive_all(&there, &mut Received::new(), 1).await[0].1, b"found");
    assert_eq!(receive_all(&here, &mut Received::new(), 1).await[0].1, b"back");
}

/// transport.md §11: a socket that nobody waited for can send at once (design.md: exec to first INVITE).
#[tokio::test]
async fn a_new_socket_sends_without_waiting() {
    let (here, there) = (socket(V4), socket(V4));
    let mut outgoing = Outgoing::default();
    outgoing.load([(0, Datagram { to: there.local_addr(), len: 5, call: None })].into_iter());
    assert!(here.send(&mut outgoing, |_| b"first", |_, error| panic!("{error}")));
    assert_eq!(receive_all(&there, &mut Received::new(), 1).await[0].1, b"first");
}

/// Five calls' worth of equal datagrams, sent in groups; what arrives, in groups or not, is what was sent, each call's in order.
async fn groups_arrive(ip: IpAddr, joins: bool) {
    let (here, there) = (socket(ip), socket(ip));
    if joins {
        there.join_arrivals();
    }
    let mut outgoing = Outgoing::default();
    outgoing.group();
    let bytes: Vec<_> = (0..90).map(|number| numbered(number, 300 + number % 2)).collect();
    let queue: Vec<_> = bytes.iter().map(|bytes| (there.local_addr(), bytes.as_slice())).collect();
    let call = |at: usize| Some(at as u32 / 2);
    send_by(&mut outgoing, &here, &queue, call, |at, error| panic!("datagram {at}: {error}")).await;
    let arrived = receive_all(&there, &mut Received::new(), 90).await;
    assert!(arrived.iter().all(|(from, _)| *from == here.local_addr()));
    let evens = (0..90).filter(|at| at % 2 == 0).chain((0..90).filter(|at| at % 2 == 1));
    assert!(arrived.iter().map(|(_, bytes)| bytes).eq(evens.map(|at| &bytes[at])));
}

/// transport.md §9, better; the network sees the same datagrams.
#[tokio::test]
async fn datagrams_sent_in_groups_arrive_one_by_one_at_a_peer_that_knows_nothing_of_it() {
    groups_arrive(V4, false).await;
    groups_arrive(V6, false).await;
}

/// transport.md §9, better.
#[tokio::test]
async fn datagrams_that_the_system_joined_are_told_apart() {
    groups_arrive(V4, true).await;
    groups_arrive(V6, true).await;
}

/// transport.md §11: a failed UDP send ends that call, nothing else.
#[tokio::test]
async fn in_a_group_that_cannot_be_sent_every_datagram_fails_and_the_others_go_out() {
    let (here, there) = (socket(V4), socket(V4));
    let mut outgoing = Outgoing::default();
    outgoing.group();
    let (to, nowhere) = (there.local_addr(), SocketAddr::new(V4, 0));
    let queue: Vec<_> = [to, nowhere, to, nowhere].map(|to| (to, b"hello".as_slice())).to_vec();
    let mut failures = Vec::new();
    let failed = |at, error: io::Error| failures.push((at, error.raw_os_error().unwrap()));
    send_by(&mut outgoing, &here, &queue, |at| Some(at as u32), failed).await;
    assert_eq!(failures, [(1, libc::EINVAL), (3, libc::EINVAL)]);
    assert_eq!(receive_all(&there, &mut Received::new(), 2).await.len(), 2);
}

/// transport.md §4: `-i ::` accepts IPv4 too and answers it.
#[tokio::test]
async fn a_dual_stack_socket_talks_to_ipv4_peers() {
    let wide = socket(Ipv6Addr::UNSPECIFIED.into());
    let peer = socket(V4);
    let mut batch = Received::new();
    send_all(&peer, SocketAddr::new(V4, wide.local_addr().port()), &[b"ping".to_vec()]).await;
    let (from, bytes) = receive_all(&wide, &mut batch, 1).await.remove(0);
    assert_eq!((from.ip().to_canonical(), from.port()), (V4, peer.local_addr().port()));
    assert_eq!(bytes, b"ping");
    for to in [from, peer.local_addr()] {
        send_all(&wide, to, &[b"pong".to_vec()]).await;
        assert_eq!(receive_all(&peer, &mut batch, 1).await[0].1, b"pong");
    }
}

/// transport.md §6: `-p` given.
#[tokio::test]
async fn a_given_port_that_is_taken_is_an_error_of_its_own_kind() {
    let owner = socket(V4);
    let port = Port::Exactly(owner.local_addr().port());
    let error = Socket::bind(&Binding::main(V4, port)).unwrap_err();
    assert_eq!(error.to_string(), "Unable to bind main socket, errno = 98 (Address already in use)");
    assert!(error.is_address_in_use());
    let error = Socket::bind(&Binding { port, ..Binding::call(V4) }).unwrap_err();
    assert_eq!(error.to_string(), "Unable to bind UDP socket, errno = 98 (Address already in use)");
}

/// transport.md §4.
#[tokio::test]
async fn an_address_that_is_not_ours_is_another_error() {
    for port in [Port::FirstFree, Port::Any] {
        let error = Socket::bind(&Binding::main("192.0.2.77".parse().unwrap(), port)).unwrap_err();
        let text = "Unable to bind main socket, errno = 99 (Cannot assign requested address)";
        assert_eq!(error.to_string(), text);
        assert!(!error.is_address_in_use());
    }
}

/// transport.md §6: without `-p`. Other programs may hold any of the ports, so which ones these are is left to the
/// tests of the search itself.
#[tokio::test]
async fn two_sockets_without_a_port_get_different_ones() {
    let [first, second] = [(), ()].map(|()| Socket::bind(&Binding::main(V4, Port::FirstFree)).unwrap());
    assert_ne!(first.local_addr(), second.local_addr());
}

/// transport.md §9. Linux doubles what is asked for.
#[tokio::test]
async fn a_given_buffer_size_is_for_both_directions() {
    let sized = Binding { buffers: Buffers::Exactly(65_536), ..Binding::main(V4, Port::Any) };
    let socket = Socket::bind(&sized).unwrap();
    let options = socket2::SockRef::from(&socket.io);
    assert_eq!([options.recv_buffer_size().unwrap(), options.send_buffer_size().unwrap()], [131_072; 2]);
}

/// transport.md §9, better: a burst fits.
#[tokio::test]
async fn by_default_the_receive_buffer_is_larger_than_the_system_s_default() {
    let plain = tokio::net::UdpSocket::bind((V4, 0)).await.unwrap();
    let ours = socket(V4);
    let size = |io| socket2::SockRef::from(io).recv_buffer_size().unwrap();
    assert!(size(&ours.io) > size(&plain), "{} > {}", size(&ours.io), size(&plain));
}

/// transport.md §9.
#[tokio::test]
async fn an_unknown_device_is_refused_in_sipp_s_words() {
    let on_device = Binding { device: Some("no-such-dev".to_owned()), ..Binding::main(V4, Port::Any) };
    let error = Socket::bind(&on_device).unwrap_err().to_string();
    assert!(error.starts_with("setsockopt(SO_BINDTODEVICE) failed, errno = "), "{error}");
}

/// cli.md §10.5: a long-running `<exec command>` does not keep the port busy.
#[tokio::test]
async fn sockets_are_closed_in_programs_that_we_start() {
    let socket = socket(V4);
    let flags = rustix::io::fcntl_getfd(&socket.io).unwrap();
    assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
}

/// What the receive buffer has no room for is counted: without that, losses of our own would pass for the peer's.
#[tokio::test]
async fn datagrams_beyond_the_receive_buffer_are_counted_as_drops() {
    let small = Binding { buffers: Buffers::Exactly(4_096), ..Binding::main(V4, Port::Any) };
    let (here, there) = (socket(V4), Socket::bind(&small).unwrap());
    assert_eq!(there.drops(), Some(0));
    send_all(&here, there.local_addr(), &vec![vec![0; 1_000]; 100]).await;
    let mut batch = Received::new();
    let mut arrived = 0;
    while there.receive_unannounced(&mut batch).unwrap() > 0 {
        arrived += batch.len() as u64;
    }
    assert!((1..100).contains(&arrived), "{arrived}");
    assert_eq!(there.drops(), Some(100 - arrived));
}
