//! transport.md §3, §6-§8, §10 over UDP: a socket for each call, for each address, and `-rsa`.

use std::collections::HashSet;

use crate::peer::{Heard, Peer};
use crate::program::rsipp;
use crate::xml;

fn two_requests() -> String {
    xml::scenario(&[
        xml::request("OPTIONS", ""),
        xml::expect("200"),
        "<pause milliseconds=\"100\"/>".to_owned(),
        xml::request("INFO", ""),
        xml::expect("200"),
    ])
}

/// The port in the Via, which must be the one it came from.
#[track_caller]
fn honest_port(heard: &Heard) -> u16 {
    let port = heard.header("Via").split([':', ';']).nth(1).unwrap().parse().unwrap();
    assert_eq!(heard.from.port(), port);
    port
}

/// transport.md §6, Bug: SIPp binds all calls to one port without `-i`.
#[test]
fn each_call_of_un_has_a_port_of_its_own_with_and_without_i() {
    for local in ["", "-i 127.0.0.1"] {
        let peer = Peer::answering();
        let command = format!("-t un -max_socket 100 {local} {} -m 6 -r 1000", peer.addr);
        assert_eq!(rsipp(&command).scenario(&two_requests()).run().exits(0).calls(), (6, 6, 0));
        let heard = peer.heard();
        let ports: HashSet<_> = heard.iter().map(honest_port).collect();
        assert_eq!((heard.len(), ports.len()), (12, 6));
    }
}

/// transport.md §7: any N works, and the port shown is the real one.
#[test]
fn at_max_socket_calls_of_un_share_sockets_and_show_their_ports() {
    for most in [1, 2] {
        let peer = Peer::answering();
        let command = format!("-t un -max_socket {most} {} -m 6 -r 1000", peer.addr);
        assert_eq!(rsipp(&command).scenario(&two_requests()).run().exits(0).calls(), (6, 6, 0));
        let ports: HashSet<_> = peer.heard().iter().map(honest_port).collect();
        assert_eq!(ports.len(), most);
    }
}

/// transport.md §8.
#[test]
fn each_call_of_ui_leaves_from_the_address_of_its_line_and_the_main_port() {
    let peer = Peer::answering();
    let lines = "SEQUENTIAL\nx;127.0.0.1\nx;127.0.0.2\nx;127.0.0.3\n";
    let command = format!("-t ui -ip_field 1 -inf lines.csv -max_socket 100 {} -m 6 -r 1000", peer.addr);
    let ended = rsipp(&command).file("lines.csv", lines).scenario(&two_requests()).run().exits(0);
    assert_eq!(ended.calls(), (6, 6, 0));
    let heard = peer.heard();
    let ports: HashSet<_> = heard.iter().map(honest_port).collect();
    let from: HashSet<_> = heard.iter().map(|heard| heard.from.ip().to_string()).collect();
    assert_eq!((ports.len(), from.len(), heard.len()), (1, 3, 12));
}

/// transport.md §8.
#[test]
fn ui_needs_an_injection_file_and_addresses_of_this_machine() {
    let ended = rsipp("-t ui 127.0.0.1:9 -m 1").scenario(&two_requests()).run().exits(1);
    ended.complains("You must use the -inf option when using -t ui.");
    let command = "-t ui -inf lines.csv -max_socket 100 127.0.0.1:9 -m 1";
    for (address, text) in [("192.0.2.1", "Unable to bind main socket, errno = 99"), ("", "Unknown host ''.")]
    {
        let lines = format!("SEQUENTIAL\n{address};x\n");
        rsipp(command).file("lines.csv", lines).scenario(&two_requests()).run().exits(255).complains(text);
    }
}

/// transport.md §10, Surprise: a server with `-rsa` answers there, from another port than its own.
#[test]
fn a_server_with_rsa_sends_to_it_from_another_port() {
    let (caller, elsewhere) = (Peer::silent(), Peer::silent());
    let xml = xml::scenario(&[xml::await_request("OPTIONS"), xml::response("200 OK", "")]);
    for transport in ["u1", "un -max_socket 100"] {
        // A free one, known because the server has two sockets.
        let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let command = format!("-t {transport} -i 127.0.0.1 -p {port} -rsa {} -m 1", elsewhere.addr);
        let server = rsipp(&command).scenario(&xml).start();
        server.listens_on();
        let heard_before = elsewhere.heard().len();
        caller.say_to_port(port, xml::wire_request("OPTIONS", &transport[..2], 1));
        let answer = elsewhere.wait(heard_before + 1).pop().unwrap();
        assert!(answer.first_line().contains("200") && answer.from.port() != port, "{transport}");
        assert_eq!(server.wait().exits(0).calls(), (1, 1, 0));
    }
}
