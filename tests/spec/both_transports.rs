//! Ours, `-t u1,t1` (transport.md §3, §6, §13): one server answers UDP and TCP on one port, each call by what its first message came by.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use rustix::process::Signal;

use crate::peer::Peer;
use crate::program::rsipp;
use crate::xml;

fn invite(transport: &str, port: u16, id: &str) -> String {
    format!(
        "INVITE sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{transport} 127.0.0.1:{port};branch=z9hG4bK-{id}\r\n\
         From: <sip:a@b>;tag=1\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: {id}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    )
}

#[test]
fn calls_over_udp_and_tcp_reach_one_server_on_one_port() {
    for address in ["127.0.0.1", "[::1]"] {
        let command = format!("-sn uas -t u1,t1 -i {address} -m 8 -trace_msg -message_file messages.log");
        let server = rsipp(&command).start();
        let port = server.listens_on_tcp();
        server.binds(port);
        for transport in ["u1", "t1"] {
            let client = rsipp(&format!("-sn uac -t {transport} -i {address} {address}:{port} -m 4 -r 100"));
            assert_eq!(client.run().exits(0).calls(), (4, 4, 0), "{address} {transport}");
        }
        let ended = server.wait().exits(0);
        assert_eq!(ended.calls(), (8, 8, 0));
        let trace = ended.read("messages.log");
        for transport in ["UDP", "TCP"] {
            let received = trace.matches(&format!("{transport} message received [")).count();
            let contacts = trace.matches(&format!(":{port};transport={transport}>")).count();
            assert_eq!(
                (received, contacts),
                (12, 12),
                "INVITE, ACK, BYE and 180, 200, 200 of 4 calls: {transport}"
            );
        }
    }
}

/// runtime.md §5: what carries a call decides whether its messages are sent again.
#[test]
fn a_call_over_udp_repeats_its_answer_and_one_over_tcp_does_not() {
    let steps =
        [xml::await_request("INVITE"), xml::response("200 OK", "retrans=\"50\""), xml::await_request("ACK")];
    let server = rsipp("-t u1,t1 -i 127.0.0.1").scenario(&xml::scenario(&steps)).start();
    let port = server.listens_on_tcp();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.write_all(invite("TCP", 5060, "by-tcp").as_bytes()).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    assert_eq!(answers.next().unwrap().unwrap(), "SIP/2.0 200 OK");
    let peer = Peer::silent();
    peer.say(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), invite("UDP", peer.addr.port(), "by-udp"));
    peer.wait(4);
    // The server's end closes the connection: what it sent until then was one answer.
    server.signal(Signal::TERM);
    server.wait();
    let repeats = answers.map_while(Result::ok).filter(|line| line.starts_with("SIP/2.0")).count();
    assert_eq!(repeats, 0);
}

#[test]
fn a_client_calls_by_udp_and_a_taken_port_of_either_kind_is_taken() {
    let peer = Peer::answering();
    let client = rsipp(&format!("-t u1,t1 {} -m 2", peer.addr));
    assert_eq!(client.run().exits(0).calls(), (2, 2, 0));
    assert!(peer.heard_of("INVITE").iter().all(|heard| heard.header("Via").starts_with("SIP/2.0/UDP ")));
    let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    rsipp(&format!("-sn uas -t u1,t1 -i 127.0.0.1 -p {port}")).run().exits(254);
}
