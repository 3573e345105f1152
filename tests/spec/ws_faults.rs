//! Ours, README "Transports": WebSocket (RFC 7118, RFC 6455) with peers that refuse the upgrade, break the rules of frames or flood, towards
//! both roles. Each costs the calls of its connection, which are counted, and no descriptor; the calls beside it go on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use rustix::process::Signal;
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::server::{Request, Response};
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};

use crate::fault;
use crate::program::Running;
use crate::stream_peer::{
    Client, RECORDS, Server, all_at_once, connects, header, is_hung_up_on, ok, one_request, options, reset,
    says, server, stays,
};

/// A server's part of the upgrade, with this subprotocol if any.
fn accepts(stream: TcpStream, subprotocol: Option<&'static str>) -> WebSocket<TcpStream> {
    #[allow(clippy::result_large_err, reason = "the trait wants it so")]
    let agree = |_: &Request, mut response: Response| {
        if let Some(name) = subprotocol {
            response.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(name));
        }
        Ok(response)
    };
    tungstenite::accept_hdr(stream, agree).unwrap()
}

/// The first request that comes over an upgraded connection.
fn upgraded(stream: TcpStream) -> (WebSocket<TcpStream>, String) {
    let mut socket = accepts(stream, Some("sip"));
    let request = socket.read().map(|message| message.into_text().unwrap().to_string());
    (socket, request.unwrap_or_default())
}

fn answer(stream: TcpStream) {
    let (mut socket, request) = upgraded(stream);
    socket.send(Message::text(ok(&request))).unwrap();
    stays(socket.get_mut());
}

/// Up to the end of an HTTP head.
fn read_head(mut stream: &TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// What a server does with a connection.
type Fault = fault::Fault<fn(TcpStream)>;

const NO_UPGRADE: Option<&str> = Some("FailedTcpConnect");
const CLOSED: Option<&str> = Some("FailedTcpClosed");

const fn refused(name: &'static str, does: fn(TcpStream), says: &'static str) -> Fault {
    Fault { name, does, costs: NO_UPGRADE, says }
}

const fn broken(name: &'static str, does: fn(TcpStream), says: &'static str) -> Fault {
    Fault { name, does, costs: CLOSED, says }
}

const fn harmless(name: &'static str, does: fn(TcpStream), says: &'static str) -> Fault {
    Fault { name, does, costs: None, says }
}

/// Upgrades, and then sends these bytes.
fn sends(stream: TcpStream, bytes: &[u8]) {
    let (socket, _) = upgraded(stream);
    says(socket.get_ref(), bytes);
    stays(socket.get_ref());
}

/// Answers the upgrade with these bytes.
fn replies(stream: TcpStream, bytes: &[u8]) {
    read_head(&stream);
    says(&stream, bytes);
    stays(stream);
}

const FAULTS: [Fault; 19] = [
    refused(
        "404",
        |stream| replies(stream, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        "Error in WebSocket handshake: HTTP error: 404 Not Found (127.0.0.1:",
    ),
    refused(
        "another subprotocol",
        |stream| stays(accepts(stream, Some("xmpp")).get_ref()),
        "Error in WebSocket handshake: ",
    ),
    refused(
        "no subprotocol",
        |stream| stays(accepts(stream, None).get_ref()),
        "Error in WebSocket handshake: ",
    ),
    refused(
        "an upgrade that nobody asked for",
        |stream| {
            replies(
                stream,
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                  Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
            );
        },
        "Error in WebSocket handshake: ",
    ),
    refused(
        "SIP without WebSocket",
        |stream| replies(stream, b"SIP/2.0 400 Bad Request\r\n\r\n"),
        "Error in WebSocket handshake: ",
    ),
    refused(
        "a head without end",
        |stream| replies(stream, &[b'x'; 20_000]),
        "Error in WebSocket handshake: no upgrade to WebSocket (127.0.0.1:",
    ),
    refused("silence", stays, "Error in WebSocket handshake: no handshake within 5 s (127.0.0.1:"),
    refused(
        "closed amid the upgrade",
        |stream| drop(read_head(&stream)),
        "Error in WebSocket handshake: the peer closed the connection during the handshake (127.0.0.1:",
    ),
    refused(
        "reset amid the upgrade",
        reset,
        "Error in WebSocket handshake: Connection reset by peer (127.0.0.1:",
    ),
    broken("a masked frame", |stream| sends(stream, b"\x81\x85\0\0\0\0hello"), "Error on TCP connection"),
    broken("an unknown kind of frame", |stream| sends(stream, b"\x83\x05hello"), "Error on TCP connection"),
    broken("text that is none", |stream| sends(stream, b"\x81\x02\xff\xff"), "Error on TCP connection"),
    broken(
        "a frame of 70,000 bytes",
        |stream| sends(stream, &[&b"\x81\x7f\0\0\0\0\0\x01\x11\x70"[..], &[b'x'; 70_000]].concat()),
        "Error on TCP connection",
    ),
    broken("a goodbye, and nothing more", |stream| sends(stream, b"\x88\x02\x03\xe8"), ""),
    broken(
        "reset amid a frame",
        |stream| {
            let (socket, _) = upgraded(stream);
            says(socket.get_ref(), b"\x81\x7d");
            reset(socket.into_inner());
        },
        "Connection reset by peer",
    ),
    harmless(
        "a goodbye behind the answer",
        |stream| {
            let (mut socket, request) = upgraded(stream);
            socket.send(Message::text(ok(&request))).unwrap();
            socket.close(None).unwrap();
            socket.flush().unwrap();
            stays(socket.get_ref());
        },
        "",
    ),
    harmless(
        "text that is not SIP",
        |stream| {
            let (mut socket, request) = upgraded(stream);
            for text in ["{\"type\":\"hello\"}".to_owned(), String::new(), ok(&request)] {
                socket.send(Message::text(text)).unwrap();
            }
            stays(socket.get_ref());
        },
        "non SIP message discarded: \"{\"type\":\"hello\"}\"",
    ),
    harmless(
        "pings before the answer",
        |stream| {
            let (mut socket, request) = upgraded(stream);
            (0..1_000).for_each(|_| socket.send(Message::Ping(vec![1; 100].into())).unwrap());
            socket.send(Message::text(ok(&request))).unwrap();
            stays(socket.get_ref());
        },
        "",
    ),
    harmless(
        "an answer in pieces, a byte at a time",
        |stream| {
            stream.set_nodelay(true).unwrap();
            let (socket, request) = upgraded(stream);
            let answer = ok(&request);
            let (head, tail) = answer.as_bytes().split_at(100);
            let pieces = [&[0x01, 100], head, &[0x80, 126, 0, tail.len() as u8], tail].concat();
            pieces.iter().for_each(|byte| says(socket.get_ref(), [*byte]));
            stays(socket.get_ref());
        },
        "",
    ),
];

#[test]
fn a_faulty_server_costs_a_client_its_call_and_no_descriptor() {
    all_at_once(&FAULTS, |fault| {
        let does = fault.does;
        let peer = Server::start(move |stream, nth| if nth % 2 == 0 { answer(stream) } else { does(stream) });
        let client = Client::start(peer.called_by("wn", ""), &one_request());
        client.opens_calls_until(|| peer.accepted() >= 20);
        fault.has_cost_half(client, &peer);
    });
}

/// A client's part of the upgrade.
fn asks(stream: TcpStream) -> WebSocket<TcpStream> {
    let mut request = "ws://localhost/".into_client_request().unwrap();
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("sip"));
    tungstenite::client(request, stream).unwrap().0
}

#[track_caller]
fn is_answered(socket: &mut WebSocket<TcpStream>, id: &str) {
    socket.send(Message::text(options(id))).unwrap();
    let answer = socket.read().unwrap().into_text().unwrap();
    assert_eq!((&answer[..11], header(&answer, "Call-ID")), ("SIP/2.0 200", id));
}

const UPGRADE: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// What a client does with its connection. The server hangs up on all that stay.
type ClientFault = fault::ClientFault<fn(TcpStream) -> Option<TcpStream>>;

/// Upgrades, and then sends these bytes.
fn client_sends(stream: TcpStream, bytes: &[u8]) -> Option<TcpStream> {
    let socket = asks(stream);
    says(socket.get_ref(), bytes);
    Some(socket.into_inner())
}

const CLIENT_FAULTS: [ClientFault; 13] = [
    ClientFault {
        name: "SIP without WebSocket",
        does: |stream| {
            says(&stream, options("plain"));
            Some(stream)
        },
        says: "Error in WebSocket handshake: ",
    },
    ClientFault {
        name: "HTTP without upgrade",
        does: |stream| {
            says(&stream, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Some(stream)
        },
        says: "Error in WebSocket handshake: ",
    },
    ClientFault {
        name: "another subprotocol",
        does: |stream| {
            says(&stream, format!("{UPGRADE}Sec-WebSocket-Protocol: xmpp\r\n\r\n"));
            assert!(read_head(&stream).starts_with("HTTP/1.1 400 Bad Request\r\n"));
            Some(stream)
        },
        says: "Error in WebSocket handshake: ",
    },
    ClientFault {
        name: "a head without end",
        does: |stream| {
            says(&stream, UPGRADE);
            says(&stream, [b'x'; 20_000]);
            Some(stream)
        },
        says: "Error in WebSocket handshake: no upgrade to WebSocket (127.0.0.1:",
    },
    ClientFault {
        name: "half a head",
        does: |stream| {
            says(&stream, UPGRADE);
            Some(stream)
        },
        says: "Error in WebSocket handshake: no handshake within 5 s (127.0.0.1:",
    },
    ClientFault {
        name: "closed at once",
        does: |_| None,
        says: "Error in WebSocket handshake: the peer closed the connection during the handshake (127.0.0.1:",
    },
    ClientFault {
        name: "a frame without mask",
        does: |stream| client_sends(stream, b"\x81\x05hello"),
        says: "Error on TCP connection",
    },
    ClientFault {
        name: "an unknown kind of frame",
        does: |stream| client_sends(stream, b"\x83\x85\0\0\0\0hello"),
        says: "Error on TCP connection",
    },
    ClientFault {
        name: "a frame of 70,000 bytes",
        does: |stream| {
            let frame = [&b"\x81\xff\0\0\0\0\0\x01\x11\x70\0\0\0\0"[..], &[b'x'; 70_000]].concat();
            client_sends(stream, &frame)
        },
        says: "Error on TCP connection",
    },
    ClientFault {
        name: "a length beyond measure",
        does: |stream| client_sends(stream, b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0x"),
        says: "Error on TCP connection",
    },
    ClientFault {
        name: "pieces without end",
        does: |stream| {
            let piece = [&b"\x01\xfe\x27\x10\0\0\0\0"[..], &[b'x'; 10_000]].concat();
            let more = [&b"\0\xfe\x27\x10\0\0\0\0"[..], &[b'x'; 10_000]].concat();
            client_sends(stream, &[piece, more.repeat(7)].concat())
        },
        says: "Error on TCP connection",
    },
    ClientFault {
        name: "a goodbye",
        does: |stream| {
            let mut stream = client_sends(stream, b"\x88\x82\0\0\0\0\x03\xe8")?;
            let mut reply = [0; 4];
            stream.read_exact(&mut reply).unwrap();
            assert_eq!(&reply, b"\x88\x02\x03\xe8");
            Some(stream)
        },
        says: "",
    },
    ClientFault {
        name: "half closed behind a request",
        does: |stream| {
            let id = stream.local_addr().unwrap().to_string();
            let mut socket = asks(stream);
            socket.send(Message::text(options(&id))).unwrap();
            socket.get_ref().shutdown(Shutdown::Write).unwrap();
            assert!(socket.read().unwrap().into_text().unwrap().contains(&id));
            Some(socket.into_inner())
        },
        says: "",
    },
];

#[test]
fn a_faulty_client_costs_a_server_no_descriptor_and_nobody_else_anything() {
    all_at_once(&CLIENT_FAULTS, |fault| {
        let (running, addr) = server(&format!("-t w1 {RECORDS}"));
        let mut good = asks(connects(addr));
        is_answered(&mut good, "first");
        let before = running.descriptors();
        let staying: Vec<_> = (0..5).filter_map(|_| (fault.does)(connects(addr))).collect();
        is_answered(&mut good, "second");
        for mut stream in staying {
            is_hung_up_on(&mut stream);
        }
        fault.has_cost_no_other(running, before, 2, "WS");
    });
}

/// What it holds in memory, in KiB.
fn memory(running: &Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// RFC 6455 §5.5.2: each ping is answered; who does not read the answers is not read from any more.
#[test]
fn pings_of_a_client_that_never_reads_hold_up_nobody_and_take_no_memory() {
    let (running, addr) = server("-t w1");
    let mut good = asks(connects(addr));
    is_answered(&mut good, "first");
    let (before, memory_before) = (running.descriptors(), memory(&running));
    let deaf = asks(connects(addr)).into_inner();
    deaf.set_write_timeout(Some(std::time::Duration::from_millis(500))).unwrap();
    let pings = b"\x89\xfd\0\0\0\0".iter().copied().chain([b'x'; 125]).collect::<Vec<_>>().repeat(500);
    let mut sent = 0;
    while (&deaf).write_all(&pings).is_ok() {
        sent += pings.len();
        assert!(sent < 100 << 20, "100 MiB are taken that nobody has room for");
    }
    is_answered(&mut good, "second");
    let grown = memory(&running).saturating_sub(memory_before);
    assert!(grown < 8 << 10, "{grown} KiB for one connection");
    drop(deaf);
    running.waits_for_descriptors(before);
    running.signal(Signal::TERM);
    assert_eq!(running.wait().calls(), (2, 2, 0));
}
