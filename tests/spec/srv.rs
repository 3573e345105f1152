//! README, "Locating the remote host": `-srv` by RFC 3263 and RFC 2782, against a name server that the tests play.

mod dns;

use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::certificates::{Certificates, accept};
use crate::peer::Peer;
use crate::program::{Program, rsipp};
use crate::stream_peer::{Server, answer};
use crate::xml;
use dns::Dns;

/// An rsipp that asks this name server.
fn asking(dns: &Dns, arguments: &str) -> Program {
    rsipp(&format!("-srv_server {} -m 1 {arguments}", dns.addr)).scenario(&one_request())
}

fn one_request() -> String {
    xml::scenario(&[xml::request("OPTIONS", ""), xml::expect("200")])
}

/// A name server by which `example.test` over TCP is at the first of these, and then at the second.
fn one_then_two(one: SocketAddr, two: SocketAddr) -> Dns {
    Dns::serving(format!(
        "_sip._tcp.example.test SRV 1 0 {} one.example.test
         _sip._tcp.example.test SRV 2 0 {} two.example.test
         one.example.test A 127.0.0.1
         two.example.test A 127.0.0.1",
        one.port(),
        two.port()
    ))
}

/// A port of loopback on which nobody listens, and which nobody else gets.
fn refusing() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let addr = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, addr)
}

/// RFC 3263 §4.1: NAPTR, then the SRV records it names, then their target. Other transports are passed over, whatever their order.
#[test]
fn naptr_leads_to_srv_and_that_to_an_address() {
    let peer = Peer::answering();
    let dns = Dns::serving(format!(
        "example.test NAPTR 10 10 s SIPS+D2T _sips._tcp.example.test
         example.test NAPTR 20 10 s SIP+D2T _sip._tcp.example.test
         example.test NAPTR 30 10 s SIP+D2U udp.elsewhere.test
         udp.elsewhere.test SRV 10 5 {} one.example.test
         one.example.test A 127.0.0.1",
        peer.addr.port()
    ));
    let ended = asking(&dns, "example.test").run().exits(0);
    assert_eq!(ended.calls(), (1, 1, 0));
    assert_eq!(dns.asked(), ["NAPTR example.test", "SRV udp.elsewhere.test", "A one.example.test"]);
    let expected = format!(
        "Resolving remote host 'example.test'... Done.\n'example.test' is at {} (one.example.test)\n",
        peer.addr
    );
    ended.complains(&expected);
    let uri = format!("OPTIONS sip:service@{} SIP/2.0", peer.addr);
    assert_eq!(peer.heard()[0].first_line(), uri, "[remote_ip] and [remote_port] are the target's");
}

/// RFC 3263 §4.1: without NAPTR records for our transport SRV is asked directly, and RFC 2782: a lower priority goes first.
#[test]
fn without_naptr_for_the_transport_srv_is_asked_directly() {
    let peer = Peer::answering();
    let dns = Dns::serving(format!(
        "example.test NAPTR 10 10 s SIP+D2T _sip._tcp.example.test
         _sip._udp.example.test SRV 20 0 9 two.example.test
         _sip._udp.example.test SRV 10 0 {} one.example.test
         one.example.test A 127.0.0.1
         two.example.test A 127.0.0.2",
        peer.addr.port()
    ));
    let ended = asking(&dns, "example.test").run().exits(0);
    assert_eq!(ended.calls(), (1, 1, 0));
    let questions =
        ["NAPTR example.test", "SRV _sip._udp.example.test", "A one.example.test", "A two.example.test"];
    assert_eq!(dns.asked(), questions);
    let targets = format!("is at {} (one.example.test), then 127.0.0.2:9 (two.example.test)\n", peer.addr);
    ended.complains(&targets);
}

/// RFC 3263 §4.1, RFC 7118: each transport has its names. `-t u1,t1` calls by UDP. Nothing found: exit 255, with all that was asked.
#[test]
fn each_transport_asks_for_its_own_service_and_nothing_found_is_told_in_full() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for (transport, service) in [
        ("u1", "_sip._udp"),
        ("un", "_sip._udp"),
        ("u1,t1", "_sip._udp"),
        ("t1", "_sip._tcp"),
        ("tn", "_sip._tcp"),
        ("l1", "_sips._tcp"),
        ("w1", "_sip._ws"),
        ("ws1", "_sips._ws"),
    ] {
        let dns = Dns::serving("");
        let command = format!("-t {transport} -max_socket 10 nowhere.test");
        let program = asking(&dns, &command).file("cacert.pem", own.cert.pem());
        let ended = program.file("cakey.pem", own.signing_key.serialize_pem()).run().exits(255);
        let srv = format!("SRV {service}.nowhere.test");
        assert_eq!(dns.asked(), ["NAPTR nowhere.test", &srv, "A nowhere.test", "AAAA nowhere.test"]);
        ended.complains(&format!(
            "Unknown remote host 'nowhere.test': name server {} knows no address (NAPTR nowhere.test: no such name, {srv}: no such \
             name, A nowhere.test: no such name, AAAA nowhere.test: no such name)",
            dns.addr
        ));
    }
}

/// RFC 3263 §4.2: no SRV records, then the address of the domain itself and the default port.
#[test]
fn without_srv_the_domain_itself_is_the_host_on_port_5060() {
    let peer = Peer::answering();
    let dns = Dns::serving("example.test A 127.0.0.1");
    // The messages go elsewhere: port 5060 may be taken.
    let ended = asking(&dns, &format!("example.test -rsa {}", peer.addr)).run().exits(0);
    assert_eq!(dns.asked(), ["NAPTR example.test", "SRV _sip._udp.example.test", "A example.test"]);
    ended.complains("'example.test' is at 127.0.0.1:5060 (example.test)\n");
    assert_eq!(peer.heard()[0].first_line(), "OPTIONS sip:service@127.0.0.1:5060 SIP/2.0");
}

/// RFC 3263 §4.2: with a port there is nothing to look for but the address; a numeric address needs no DNS.
#[test]
fn a_port_skips_naptr_and_srv_and_a_numeric_address_all_questions() {
    let peer = Peer::answering();
    let dns = Dns::serving(
        "example.test NAPTR 10 10 s SIP+D2U _sip._udp.example.test
         _sip._udp.example.test SRV 10 5 9 example.test
         example.test A 127.0.0.1",
    );
    asking(&dns, &format!("example.test:{}", peer.addr.port())).run().exits(0);
    assert_eq!(dns.asked(), ["A example.test"]);
    asking(&dns, &peer.addr.to_string()).run().exits(0);
    assert_eq!(dns.asked(), ["A example.test"]);
}

/// RFC 3263 §4.3: a target that refuses gives way to the next one, for one connection and for one each call.
#[test]
fn a_target_that_refuses_gives_way_to_the_next_one() {
    for transport in ["t1", "tn"] {
        let (_held, refusing) = refusing();
        let serving = Server::start(|stream, _| answer(stream)).addr;
        let dns = one_then_two(refusing, serving);
        let ended = asking(&dns, &format!("-t {transport} -max_socket 10 example.test")).run().exits(0);
        assert_eq!(ended.calls(), (1, 1, 0));
        ended.complains(&format!(
            "{refusing} (one.example.test): Connection refused; trying {serving} (two.example.test)\n"
        ));
    }
}

/// The same for one that is silent: its queue of connections is full, so it does not answer.
#[test]
fn a_target_that_does_not_answer_gives_way_within_seconds() {
    let (full, silent) = refusing();
    full.listen(0).unwrap();
    let _waiting: Vec<Socket> = (0..4)
        .map(|_| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.set_nonblocking(true).unwrap();
            let _ = socket.connect(&silent.into());
            socket
        })
        .collect();
    let serving = Server::start(|stream, _| answer(stream)).addr;
    let dns = one_then_two(silent, serving);
    let ended = asking(&dns, "-t t1 example.test").run().exits(0);
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    assert_eq!(ended.calls(), (1, 1, 0));
    ended.complains(&format!(
        "{silent} (one.example.test): Connection timed out; trying {serving} (two.example.test)\n"
    ));
}

/// RFC 5922 §7.2: the certificate must be made out to the domain that was asked for, and not to the host that the DNS names.
#[test]
fn a_secured_call_goes_to_the_target_and_believes_a_certificate_of_the_domain() {
    let files = Certificates::make();
    let zone = |port| {
        format!("_sips._tcp.example.com SRV 1 0 {port} one.example.test\none.example.test A 127.0.0.1")
    };
    // Elsewhere "wrong" is so because it is made out to `example.com`.
    for (certificate, transport, calls) in [("wrong", "l1", 1), ("wrong", "ln", 1), ("good", "ln", 0)] {
        let config = files.server(certificate);
        let server = Server::start(move |stream, _| answer(accept(&config, stream)));
        let dns = Dns::serving(zone(server.addr.port()));
        let strict = format!("{} {} -tls_verify", files.of("own"), files.authority("ca"));
        let ended = asking(&dns, &format!("-t {transport} -max_socket 50 example.com {strict}")).run();
        let ended = ended.exits(if calls == 1 { 0 } else { 1 });
        assert_eq!(ended.calls(), (1, calls, 1 - calls), "{certificate} over {transport}");
        ended.complains(&format!("'example.com' is at {} (one.example.test)\n", server.addr));
    }
}

/// The end when no target takes a connection.
#[test]
fn when_all_targets_refuse_each_is_named() {
    let (_held, one) = refusing();
    let (_held_too, two) = refusing();
    let dns = one_then_two(one, two);
    let ended = asking(&dns, "-t t1 example.test").run().exits(255);
    ended.complains(&format!(
        "No target of 'example.test' takes a connection\n{one} (one.example.test): Connection refused\n\
         {two} (two.example.test): Connection refused\n"
    ));
}

/// RFC 3263 §4.3: a target whose name server is at fault is passed over while there is another one.
#[test]
fn a_target_that_cannot_be_looked_up_is_passed_over() {
    let peer = Peer::answering();
    let two = format!("_sip._udp.example.test SRV 2 0 {} two.example.test", peer.addr.port());
    let dns = Dns::new(move |question| {
        let one = "_sip._udp.example.test SRV 1 0 9 one.example.test";
        Some(match question.text() {
            "SRV _sip._udp.example.test" => question.answer(0, &[one, &two]),
            "A two.example.test" => question.answer(0, &["two.example.test A 127.0.0.1"]),
            "A one.example.test" => question.answer(2, &[]),
            _ => question.answer(3, &[]),
        })
    });
    let ended = asking(&dns, "example.test").run().exits(0);
    ended.complains(&format!("'example.test' is at {} (two.example.test)\n", peer.addr));
}

/// One main socket: the family of the first address found, or of `-i`, is that of all targets.
#[test]
fn targets_are_of_one_family() {
    let zone = "_sip._udp.example.test SRV 1 0 9 six.example.test
         _sip._udp.example.test SRV 2 0 9 four.example.test
         _sip._udp.example.test SRV 3 0 9 both.example.test
         six.example.test AAAA ::1
         four.example.test A 127.0.0.1
         both.example.test A 127.0.0.2
         both.example.test AAAA ::2";
    for (local, targets) in [
        ("", "is at [::1]:9 (six.example.test), then [::2]:9 (both.example.test)\n"),
        ("-i 127.0.0.1", "is at 127.0.0.1:9 (four.example.test), then 127.0.0.2:9 (both.example.test)\n"),
    ] {
        let peer = Peer::on(if local.is_empty() { "[::1]:0" } else { "127.0.0.1:0" }, crate::peer::accept);
        let dns = Dns::serving(zone);
        let ended = asking(&dns, &format!("example.test {local} -rsa {}", peer.addr)).run().exits(0);
        ended.complains(targets);
    }
}

/// A name server that says nothing ends the run in bounded time, with its name and what it was asked.
#[test]
fn a_silent_name_server_ends_the_run_within_seconds() {
    let dns = Dns::new(|_| None);
    let ended = asking(&dns, "example.test").run().exits(255);
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    ended.complains(&format!(
        "Unknown remote host 'example.test': no answer from name server {} to NAPTR example.test (-srv waits 5 s in all)",
        dns.addr
    ));
}

/// So does one that stops to answer on the way, or that is at fault, or is not there.
#[test]
fn a_name_server_that_fails_is_named_with_its_question() {
    let dns = Dns::new(|question| {
        let text = question.text();
        (!text.starts_with("SRV")).then(|| question.answer(0, &[]))
    });
    asking(&dns, "example.test").run().exits(255).complains("to SRV _sip._udp.example.test");
    let dns = Dns::new(|question| Some(question.answer(2, &[])));
    asking(&dns, "example.test").run().exits(255).complains(&format!(
        "Unknown remote host 'example.test': name server {} failed at NAPTR example.test: Server Failure",
        dns.addr
    ));
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ended = rsipp(&format!("-srv_server {nobody} -m 1 example.test")).run().exits(255);
    ended.complains(&format!("name server {nobody}"));
}

/// RFC 2782, "Target": a dot says that there is no such service, which is no reason to try the domain itself.
#[test]
fn a_domain_may_say_that_it_has_no_such_service() {
    let dns = Dns::serving("_sip._udp.example.test SRV 0 0 0 .\nexample.test A 127.0.0.1");
    let ended = asking(&dns, "example.test").run().exits(255);
    ended.complains("'example.test' offers no such service: the target of SRV _sip._udp.example.test is '.'");
}

/// Rule 4 of the spec's README: what a server sends may end the run, but only in good order.
#[test]
fn garbage_from_the_name_server_crashes_nothing() {
    /// Answers of which something is broken.
    const BREAK: [fn(Vec<u8>) -> Vec<u8>; 10] = [
        |_| Vec::new(),
        |bytes| bytes[..11].to_vec(),
        |bytes| bytes[..bytes.len() - 3].to_vec(),
        // More records than there are, of each section.
        |bytes| [&bytes[..6], &[0xff; 6], &bytes[12..]].concat(),
        // No question.
        |bytes| [&bytes[..4], &[0, 0], &bytes[6..]].concat(),
        // A name that points to itself, in question and record.
        |bytes| [&bytes[..12], &[0xc0, 12, 0, 35, 0, 1]].concat(),
        |bytes| [&bytes[..], &[0xc0, 0xff]].concat(),
        |bytes| bytes.iter().map(|byte| byte ^ 0x55).collect(),
        |bytes| [&bytes[..12], &[0xff; 500]].concat(),
        // The answer of another class, and truncated with nobody on TCP.
        |bytes| [&bytes[..2], &[0x83], &bytes[3..]].concat(),
    ];
    let records = ["example.test NAPTR 1 1 s SIP+D2U _sip._udp.example.test", "example.test SRV 1 1 1 a"];
    let running: Vec<_> = BREAK
        .into_iter()
        .map(|spoil| {
            let dns = Dns::new(move |question| Some(spoil(question.answer(0, &records))));
            (asking(&dns, "example.test").start(), dns)
        })
        .collect();
    for (running, dns) in running {
        let ended = running.wait().exits(255);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended.complains(&dns.addr.to_string());
    }
}
