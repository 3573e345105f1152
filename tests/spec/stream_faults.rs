//! README "Transports", transport.md §11-§13 over TCP: each fault of a peer, towards a client and towards a server. It costs the calls of
//! its connection, which are counted, and no descriptor; the calls beside it go on.

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use rustix::process::Signal;

use crate::fault;
use crate::program::{Running, rsipp};
use crate::stream_peer::{
    Client, RECORDS, Server, all_at_once, answer, connects, counted, header, is_hung_up_on, ok, options,
    read_message, reset, says, server_of, stays,
};
use crate::xml;

/// A fault towards a client: what a server does with a request.
type Fault = fault::Fault<fn(TcpStream, String)>;

const CLOSED: Option<&str> = Some("FailedTcpClosed");
const TIMED_OUT: Option<&str> = Some("FailedTimeoutOnRecv");

const FAULTS: [Fault; 17] = [
    Fault {
        name: "reset at once",
        does: |stream, _| reset(stream),
        costs: CLOSED,
        says: "Connection reset by peer",
    },
    Fault {
        name: "reset amid a message",
        does: |stream, request| {
            says(&stream, &ok(&request)[..40]);
            reset(stream);
        },
        costs: CLOSED,
        says: "Connection reset by peer",
    },
    Fault {
        name: "closed amid a message",
        does: |stream, request| says(&stream, &ok(&request)[..40]),
        costs: CLOSED,
        says: "",
    },
    Fault {
        name: "half closed before the answer",
        does: |stream, _| {
            stream.shutdown(Shutdown::Write).unwrap();
            stays(stream);
        },
        costs: CLOSED,
        says: "",
    },
    Fault {
        name: "half closed behind the answer",
        does: |stream, request| {
            says(&stream, ok(&request));
            let _ = stream.shutdown(Shutdown::Write);
            stays(stream);
        },
        costs: None,
        says: "",
    },
    Fault { name: "silent", does: |stream, _| stays(stream), costs: TIMED_OUT, says: "" },
    Fault {
        name: "a byte at a time",
        does: |stream, request| {
            stream.set_nodelay(true).unwrap();
            ok(&request).bytes().for_each(|byte| says(&stream, [byte]));
            stays(stream);
        },
        costs: None,
        says: "",
    },
    Fault {
        name: "text that is not SIP",
        does: |stream, request| {
            says(&stream, format!("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n{}", ok(&request)));
            stays(stream);
        },
        costs: None,
        says: "non SIP message discarded: \"HTTP/1.1 400 Bad Request",
    },
    Fault {
        name: "bytes without an end",
        does: |stream, _| {
            says(&stream, [0xff; 70_000]);
            stays(stream);
        },
        costs: CLOSED,
        says: "no end of headers within 65536 bytes (127.0.0.1:",
    },
    Fault {
        name: "a line without an end",
        does: |stream, _| {
            says(&stream, "SIP/2.0 200 OK\r\nX: ");
            says(&stream, [b'x'; 70_000]);
            stays(stream);
        },
        costs: CLOSED,
        says: "no end of headers within 65536 bytes (127.0.0.1:",
    },
    Fault {
        name: "an answer without Call-ID",
        does: |stream, request| {
            says(&stream, format!("SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n{}", ok(&request)));
            stays(stream);
        },
        costs: None,
        says: "SIP message without Call-ID discarded",
    },
    Fault {
        name: "an answer to nobody",
        does: |stream, request| {
            says(&stream, ok(&request).replace("Call-ID: ", "Call-ID: not-"));
            says(&stream, ok(&request));
            stays(stream);
        },
        costs: None,
        says: "Discarding message which can't be mapped to a known SIPp call",
    },
    Fault {
        name: "a body longer than its length",
        does: |stream, request| {
            says(&stream, format!("{}v=0\r\n\r\n", ok(&request)));
            stays(stream);
        },
        costs: None,
        says: "",
    },
    Fault {
        name: "a body shorter than its length",
        does: |stream, request| {
            says(&stream, ok(&request).replace("Length: 0", "Length: 500"));
            stays(stream);
        },
        costs: TIMED_OUT,
        says: "",
    },
    Fault {
        name: "a body shorter than its length, closed",
        does: |stream, request| says(&stream, ok(&request).replace("Length: 0", "Length: 500")),
        costs: CLOSED,
        says: "",
    },
    Fault {
        name: "a length beyond measure",
        does: |stream, request| {
            says(&stream, ok(&request).replace("Length: 0", "Length: 99999999999"));
            stays(stream);
        },
        costs: CLOSED,
        says: "a Content-Length of 99999999999 bytes (127.0.0.1:",
    },
    Fault {
        name: "a message that is too long, then the answer",
        does: |stream, request| {
            says(&stream, ok(&request).replace("Length: 0", "Length: 70000"));
            says(&stream, [b'x'; 70_000]);
            says(&stream, ok(&request));
            stays(stream);
        },
        costs: None,
        says: "from 127.0.0.1:",
    },
];

#[test]
fn a_faulty_connection_of_a_client_costs_its_call_and_no_descriptor() {
    all_at_once(&FAULTS, |fault| {
        let does = fault.does;
        let peer = Server::start(move |mut stream, nth| {
            if nth % 2 == 0 {
                return answer(stream);
            }
            if let Some(request) = read_message(&mut stream) {
                does(stream, request);
            }
        });
        let steps = [xml::request("OPTIONS", ""), "<recv response=\"200\" timeout=\"4000\"/>".to_owned()];
        let client = Client::start(peer.called_by("tn", ""), &xml::scenario(&steps));
        client.opens_calls_until(|| peer.accepted() >= 40);
        let (ended, failed) = fault.has_cost_half(client, &peer);
        if !fault.says.is_empty() {
            assert!(ended.stdout.contains(&format!("0/{failed}/0 TCP errors")), "{}", fault.name);
        }
    });
}

/// The second request of the call that [`options`] begins.
fn info(id: &str) -> String {
    options(id).replace("OPTIONS", "INFO")
}

/// What a client does on its connection when its call has begun. Gives the connection back if it stays.
struct ClientFault {
    name: &'static str,
    does: fn(TcpStream, &str) -> Option<TcpStream>,
    costs_call: bool,
    says: &'static str,
}

#[track_caller]
fn is_answered(stream: &mut TcpStream, id: &str) {
    let answer = read_message(stream).expect("an answer");
    assert_eq!((&answer[..11], header(&answer, "Call-ID")), ("SIP/2.0 200", id));
}

const CLIENT_FAULTS: [ClientFault; 13] = [
    ClientFault {
        name: "reset",
        does: |stream, _| {
            reset(stream);
            None
        },
        costs_call: true,
        says: "Connection reset by peer",
    },
    ClientFault {
        name: "reset amid a message",
        does: |stream, id| {
            says(&stream, &info(id)[..60]);
            reset(stream);
            None
        },
        costs_call: true,
        says: "Connection reset by peer",
    },
    ClientFault {
        name: "closed amid a message",
        does: |stream, id| {
            says(&stream, &info(id)[..60]);
            None
        },
        costs_call: true,
        says: "",
    },
    ClientFault {
        name: "half closed behind a request",
        does: |mut stream, id| {
            says(&stream, info(id));
            stream.shutdown(Shutdown::Write).unwrap();
            is_answered(&mut stream, id);
            is_hung_up_on(&mut stream);
            Some(stream)
        },
        costs_call: false,
        says: "",
    },
    ClientFault {
        name: "half closed before its request",
        does: |mut stream, _| {
            stream.shutdown(Shutdown::Write).unwrap();
            is_hung_up_on(&mut stream);
            Some(stream)
        },
        costs_call: true,
        says: "",
    },
    ClientFault {
        name: "a byte at a time",
        does: |mut stream, id| {
            stream.set_nodelay(true).unwrap();
            info(id).bytes().for_each(|byte| says(&stream, [byte]));
            is_answered(&mut stream, id);
            Some(stream)
        },
        costs_call: false,
        says: "",
    },
    ClientFault {
        name: "text that is not SIP",
        does: |mut stream, id| {
            says(&stream, format!("GET / HTTP/1.1\r\nHost: x\r\n\r\n{}", info(id)));
            is_answered(&mut stream, id);
            Some(stream)
        },
        costs_call: false,
        says: "non SIP message discarded: \"GET / HTTP/1.1",
    },
    ClientFault {
        name: "bytes without an end",
        does: |mut stream, _| {
            says(&stream, [0xff; 70_000]);
            is_hung_up_on(&mut stream);
            Some(stream)
        },
        costs_call: true,
        says: "no end of headers within 65536 bytes (127.0.0.1:",
    },
    ClientFault {
        name: "a line without an end",
        does: |mut stream, id| {
            says(&stream, &info(id)[..60]);
            says(&stream, [b'x'; 70_000]);
            is_hung_up_on(&mut stream);
            Some(stream)
        },
        costs_call: true,
        says: "no end of headers within 65536 bytes (127.0.0.1:",
    },
    ClientFault {
        name: "a body longer than its length",
        does: |mut stream, id| {
            says(&stream, format!("{}v=0\r\n\r\n", info(id)));
            is_answered(&mut stream, id);
            Some(stream)
        },
        costs_call: false,
        says: "non SIP message discarded: \"v=0",
    },
    ClientFault {
        name: "a body shorter than its length, and then nothing",
        does: |stream, id| {
            says(&stream, info(id).replace("Length: 0", "Length: 500"));
            Some(stream)
        },
        costs_call: true,
        says: "",
    },
    ClientFault {
        name: "a length beyond measure",
        does: |mut stream, id| {
            says(&stream, info(id).replace("Length: 0", "Length: 99999999999"));
            is_hung_up_on(&mut stream);
            Some(stream)
        },
        costs_call: true,
        says: "a Content-Length of 99999999999 bytes (127.0.0.1:",
    },
    ClientFault {
        name: "a message that is too long, then a request",
        does: |mut stream, id| {
            says(&stream, info(id).replace("Length: 0", "Length: 70000"));
            says(&stream, [b'x'; 70_000]);
            says(&stream, info(id));
            is_answered(&mut stream, id);
            Some(stream)
        },
        costs_call: false,
        says: "from 127.0.0.1:",
    },
];

/// A server of calls of two requests, OPTIONS and INFO.
fn server_of_two(arguments: &str) -> (Running, SocketAddr) {
    let steps = ["OPTIONS", "INFO"].map(|method| [xml::await_request(method), xml::response("200 OK", "")]);
    server_of(&format!("{RECORDS} {arguments}"), &xml::scenario(&steps.concat()))
}

/// A connection that is served; the server has open what it opens with its first warning.
#[track_caller]
fn good_connection(running: &Running, addr: SocketAddr) -> TcpStream {
    let mut good = connects(addr);
    says(&good, "not SIP\r\n\r\n");
    is_served(&mut good, "first");
    running.waits_for_file("errors", "not SIP");
    good
}

/// A call of two requests.
#[track_caller]
fn is_served(stream: &mut TcpStream, id: &str) {
    for request in [options(id), info(id)] {
        says(stream, request);
        is_answered(stream, id);
    }
}

/// SIPp ends at the first reset, and at the first message that is too long.
#[test]
fn a_faulty_connection_of_a_server_costs_its_call_and_no_descriptor() {
    all_at_once(&CLIENT_FAULTS, |fault| {
        let (running, addr) = server_of_two("-t t1");
        let mut good = good_connection(&running, addr);
        let before = running.descriptors();
        let mut staying = Vec::new();
        for nth in 0..10 {
            let id = format!("bad-{nth}");
            let mut bad = connects(addr);
            says(&bad, options(&id));
            is_answered(&mut bad, &id);
            staying.extend((fault.does)(bad, &id));
            is_served(&mut good, &format!("good-{nth}"));
        }
        drop(staying);
        running.waits_for_descriptors(before);
        running.signal(Signal::TERM);
        let ended = running.wait();
        let failed = if fault.costs_call { 10 } else { 0 };
        assert_eq!(ended.calls(), (21, 21 - failed, failed), "{}", fault.name);
        assert_eq!(counted(&ended, "FailedTcpClosed"), failed, "{}", fault.name);
        if !fault.says.is_empty() {
            assert_eq!(ended.read("errors").matches(fault.says).count(), 10, "{}", fault.name);
            assert!(ended.stdout.contains(&format!("0/{failed}/0 TCP errors")), "{}", fault.name);
        }
    });
}

/// transport.md §12, half of the calls to a port where nobody listens.
#[test]
fn refused_connections_cost_exactly_their_calls() {
    let peer = Server::start(|stream, _| answer(stream));
    let nobody = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let scenario = xml::scenario(&[
        xml::nop("<setdest host=\"127.0.0.1\" port=\"[field0]\" protocol=\"TCP\"/>"),
        xml::request("OPTIONS", ""),
        xml::expect("200"),
    ]);
    let ports = format!("SEQUENTIAL\n{}\n{}\n", peer.addr.port(), nobody.port());
    let client = Client::start(peer.called_by("tn", "-inf ports.csv").file("ports.csv", ports), &scenario);
    client.opens_calls_until(|| peer.accepted() >= 50);
    let ended = client.ends();
    let good = peer.accepted() as u64;
    let (all, succeeded, failed) = ended.calls();
    assert!(
        succeeded == good && failed == all / 2 && all == succeeded + failed,
        "{:?} {good}",
        ended.calls()
    );
    assert_eq!(counted(&ended, "FailedTcpClosed"), failed);
    let said = format!("Unable to send TCP message: Connection refused ({nobody})");
    assert_eq!(ended.read("errors").matches(&said).count() as u64, failed);
}

/// A server that stops listening in the middle: whoever comes later is refused.
#[test]
fn a_server_that_stops_listening_costs_the_calls_that_come_later() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let addr = listener.local_addr().unwrap();
    let peer = std::thread::spawn(move || {
        let streams: Vec<_> = listener.incoming().take(20).map(Result::unwrap).collect();
        // Connections that wait to be accepted are reset.
        drop(listener);
        streams.into_iter().for_each(answer);
    });
    let command = format!("-t tn -max_socket 500 {addr} {RECORDS} -m 60 -r 400");
    let scenario = xml::scenario(&[xml::request("OPTIONS", ""), xml::expect("200")]);
    let ended = rsipp(&command).scenario(&scenario).run().exits(1);
    peer.join().unwrap();
    assert_eq!(ended.calls(), (60, 20, 40));
    assert_eq!(counted(&ended, "FailedTcpClosed"), 40);
}

/// README: nothing grows and nobody else waits when a peer does not read.
#[test]
fn a_client_that_never_reads_stops_only_its_own_calls() {
    let (running, addr) = server_of_two("-t t1");
    let mut good = good_connection(&running, addr);
    let before = running.descriptors();
    let mut deaf = connects(addr);
    deaf.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut sent = 0;
    while deaf.write_all(options(&format!("deaf-{sent}")).as_bytes()).is_ok() {
        sent += 1;
        assert!(sent < 200_000, "40 MB are taken that nobody has room for");
        if sent % 5_000 == 0 {
            is_served(&mut good, &format!("good-{sent}"));
        }
    }
    is_served(&mut good, "last");
    drop(deaf);
    running.waits_for_descriptors(before);
    running.signal(Signal::TERM);
    let ended = running.wait();
    let (all, succeeded, failed) = ended.calls();
    assert_eq!(all, succeeded + failed);
    assert_eq!(counted(&ended, "FailedTcpClosed"), failed);
}

/// transport.md §11: half of the connections take nothing, until the calls of the others are through.
#[test]
fn servers_that_never_read_stop_only_the_calls_of_their_connections() {
    let closed = Arc::new(RwLock::new(()));
    let (gate, served) = (Arc::clone(&closed), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&served);
    let until_told = closed.write().unwrap();
    let peer = Server::start(move |mut stream, nth| {
        if nth % 2 == 1 {
            socket2::SockRef::from(&stream).set_recv_buffer_size(4_096).unwrap();
            return drop(gate.read());
        }
        while let Some(request) = read_message(&mut stream) {
            if request.starts_with("INFO") {
                says(&stream, ok(&request));
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let large = xml::request("MESSAGE", "").replace("\n\n", &format!("\n\n{}\n", "x".repeat(30_000)));
    let mut steps = vec![large; 40];
    steps.extend([xml::request("INFO", ""), xml::expect("200")]);
    let client = Client::start(peer.called_by("tn", "-buff_size 16384"), &xml::scenario(&steps));
    client.opens_calls_until(|| served.load(Ordering::Relaxed) >= 10);
    drop(until_told);
    let ended = client.ends();
    let all = peer.accepted() as u64;
    assert_eq!(ended.calls(), (all, all - all / 2, all / 2));
    assert_eq!(counted(&ended, "FailedTcpClosed"), all / 2);
    assert!(!ended.stdout.contains("/0 TCP errors"), "they were congested");
}

/// runtime.md §4: with a send timeout such a call ends by itself, and so does the run.
#[test]
fn calls_to_servers_that_never_read_fail_after_the_send_timeout() {
    let peer = Server::start(|stream, _| {
        socket2::SockRef::from(&stream).set_recv_buffer_size(4_096).unwrap();
        std::thread::park_timeout(Duration::from_secs(20));
    });
    let large = xml::request("MESSAGE", "").replace("\n\n", &format!("\n\n{}\n", "x".repeat(30_000)));
    let mut steps = vec![large; 20];
    // What a call sends without waiting goes out together.
    steps.extend(["<pause milliseconds=\"10\"/>".to_owned(), xml::request("INFO", "")]);
    let command = format!("-buff_size 16384 -send_timeout 500 -m 4 -r 100 {RECORDS}");
    let ended = peer.called_by("tn", &command).scenario(&xml::scenario(&steps)).run().exits(1);
    assert_eq!(ended.calls(), (4, 0, 4));
    assert_eq!(counted(&ended, "FailedTimeoutOnSend"), 4);
    assert_eq!(ended.read("errors").matches("send timeout on message test:").count(), 4);
}

/// A connection that only keeps itself alive, as fast as it can.
#[test]
fn a_flood_of_keep_alives_holds_up_nobody() {
    let (running, addr) = server_of_two("-t t1");
    let mut good = good_connection(&running, addr);
    let before = running.descriptors();
    let floods: Vec<_> = (0..3).map(|_| connects(addr)).collect();
    let threads: Vec<_> = floods
        .iter()
        .map(|flood| flood.try_clone().unwrap())
        .map(|mut flood| std::thread::spawn(move || while flood.write_all(&[b'\n'; 64 << 10]).is_ok() {}))
        .collect();
    (0..20).for_each(|nth| is_served(&mut good, &format!("good-{nth}")));
    floods.iter().for_each(|flood| flood.shutdown(Shutdown::Both).unwrap());
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    drop(floods);
    running.waits_for_descriptors(before);
    running.signal(Signal::TERM);
    assert_eq!(running.wait().calls(), (21, 21, 0));
}

/// transport.md §3, §12.
#[test]
fn connections_of_calls_that_went_well_leave_no_descriptor() {
    let peer = Server::start(|stream, _| answer(stream));
    let scenario = xml::scenario(&[xml::request("OPTIONS", ""), xml::expect("200")]);
    let client = Client::start(peer.called_by("tn", ""), &scenario);
    client.opens_calls_until(|| peer.accepted() >= 300);
    let all = peer.accepted() as u64;
    let ended = client.ends().exits(0);
    assert!(ended.calls().0 >= all && ended.calls().2 == 0);
}
