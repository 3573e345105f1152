//! Links between two sides in one process, over loopback.

use std::time::Duration;

use super::*;
use crate::transport::udp::{Binding, Buffers, Port};

const START: Tick = Tick::ZERO;

fn setup(transport: Transport, most: usize) -> Setup {
    let loopback = IpAddr::from([127, 0, 0, 1]);
    Setup {
        transport,
        bind: Some(loopback),
        call_bind: loopback,
        main: SocketAddr::new(loopback, 0),
        buffers: Buffers::Largest,
        device: None,
        tls: None,
        upgrade: None,
        most,
        reconnection: Reconnection::default(),
        patience: Span::from_millis(5_000),
    }
}

/// A side that listens, and where.
fn listening() -> (Links, SocketAddr) {
    let socket = tcp::bind_main(&Binding::main([127, 0, 0, 1].into(), Port::Any)).unwrap();
    let addr = socket.local_addr().unwrap().as_socket().unwrap();
    let mut links = Links::new(setup(Transport::Tcp, 10)).unwrap();
    links.listen(socket).unwrap();
    (links, addr)
}

/// The next event that `wanted` takes; others are passed over.
async fn until<T>(links: &mut Links, wanted: impl Fn(&Event) -> Option<T>) -> T {
    let found = async {
        loop {
            links.look();
            while let Some(event) = links.next_event(START) {
                if let Some(found) = wanted(&event) {
                    return found;
                }
            }
            if !links.has_more() {
                links.has_news().await;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("the event")
}

fn message(event: &Event) -> Option<Way> {
    if let Event::Message(way) = event { Some(*way) } else { None }
}

const TEXT: &[u8] = b"OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n";

/// transport.md §3, §11.
#[tokio::test]
async fn a_connection_of_a_call_carries_messages_both_ways_and_ends_with_its_last_call() {
    let (mut server, addr) = listening();
    let mut client = Links::new(setup(Transport::Tcp, 10)).unwrap();
    let (link, port) = client.open(addr, None).unwrap();
    assert!(matches!(client.send(START, Way { link, peer: addr }, TEXT), Sent::Yes));
    client.flush();
    let up = async { until(&mut client, |event| (*event != Event::Ready).then_some(())).await };
    let came = tokio::select! { way = until(&mut server, message) => way, () = up => panic!("an event") };
    assert_eq!((came.peer.port(), server.text()), (port, TEXT));
    assert!(matches!(server.send(START, came, TEXT), Sent::Yes));
    server.flush();
    assert_eq!(until(&mut client, message).await.link, link);
    client.release(START, link);
    assert_eq!(client.count(), 0);
    let lost =
        until(
            &mut server,
            |event| if let Event::Lost(link, lost) = event { Some((*link, *lost)) } else { None },
        );
    assert_eq!(lost.await, (came.link, Lost::Closed));
    assert!(matches!(client.send(START, Way { link, peer: addr }, TEXT), Sent::No(_)), "the name is stale");
}

/// transport.md §7.
#[tokio::test]
async fn beyond_the_most_sockets_those_to_the_same_destination_are_shared_in_turn() {
    let (_server, addr) = listening();
    let (_other, elsewhere) = listening();
    let mut client = Links::new(setup(Transport::Tcp, 2)).unwrap();
    let links: Vec<_> = (0..6).map(|_| client.open(addr, None).unwrap().0).collect();
    assert_eq!(client.count(), 2);
    assert_eq!(links[2..], [links[0], links[1], links[0], links[1]]);
    let (apart, _) = client.open(elsewhere, None).unwrap();
    assert!(!links.contains(&apart));
    // Each is closed with its last call.
    for link in &links[..4] {
        client.release(START, *link);
    }
    assert_eq!(client.count(), 3);
}

/// transport.md §11, better: the queue is bounded, and tells when there is room again.
#[tokio::test]
async fn a_link_whose_peer_does_not_read_becomes_congested_and_then_full_and_recovers() {
    let (mut server, addr) = listening();
    let mut client = Links::new(setup(Transport::Tcp, 2)).unwrap();
    let (link, _) = client.open(addr, None).unwrap();
    let body =
        format!("OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 60000\r\n\r\n{}", "x".repeat(60_000));
    let way = Way { link, peer: addr };
    let mut sent = Vec::new();
    while !matches!(sent.last(), Some(Sent::No(_))) {
        sent.push(client.send(START, way, body.as_bytes()));
        assert!(sent.len() < 100, "there is no end");
    }
    assert_eq!(sent.iter().filter(|sent| matches!(sent, Sent::Congested)).count(), 1);
    client.flush();
    let whole = sent.len() - 1;
    let reads = async {
        for _ in 0..whole {
            until(&mut server, message).await;
        }
    };
    let had_room = std::cell::Cell::new(false);
    let writes = async {
        until(&mut client, |event| (*event == Event::Room(link)).then_some(())).await;
        had_room.set(true);
        // The rest needs the socket's news, too.
        until(&mut client, |_| None::<()>).await;
    };
    tokio::select! { () = reads => {}, () = writes => {} }
    assert!(had_room.get());
}

/// transport.md §12.
#[tokio::test]
async fn a_refused_connection_is_told_with_the_peer_s_name() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut client = Links::new(setup(Transport::Tcp, 2)).unwrap();
    let (link, _) = client.open(nobody, None).unwrap();
    let said =
        until(&mut client, |event| if let Event::Warning(text) = event { Some(text.clone()) } else { None });
    assert_eq!(said.await, format!("Unable to send TCP message: Connection refused ({nobody})"));
    assert_eq!(client.next_event(START), Some(Event::Lost(link, Lost::Refused)));
    assert_eq!(client.count(), 0);
}
