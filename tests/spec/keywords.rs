//! Message text on the wire: keywords.md §11, byte for byte, and the options that put something into it (cli.md §4.3, §4.4).

use crate::peer::{Heard, Peer};
use crate::program::{Ended, rsipp};
use crate::xml;

const WORKED_EXAMPLE: &str = include_str!("scenarios/worked_example.xml");

fn first_of(scenario: &str, options: &str) -> (Heard, Ended) {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1 {options}", peer.addr)).scenario(scenario).run().exits(0);
    (peer.heard().remove(0), ended)
}

/// keywords.md §11.
#[test]
fn the_worked_example_is_right_to_the_byte() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1 -i 127.0.0.1", peer.addr)).scenario(WORKED_EXAMPLE).run().exits(0);
    let message = peer.heard().remove(0);
    let (pid, local, remote) = (ended.pid, message.from.port(), peer.addr.port());
    let lines = [
        format!("OPTIONS sip:service@127.0.0.1:{remote} SIP/2.0"),
        format!("Via: SIP/2.0/UDP 127.0.0.1:{local};branch=z9hG4bK-{pid}-1-0"),
        format!("From: sipp <sip:sipp@127.0.0.1:{local}>;tag={pid}SIPpTag001"),
        format!("To: sut <sip:service@127.0.0.1:{remote}>"),
        format!("Call-ID: 1-{pid}@127.0.0.1"),
        "CSeq: 1 OPTIONS".into(),
        "X-B: 1|10000|10004|0|-1|0".into(),
        format!(
            "X-F: {}|{}|6|0|z9hG4bK-{pid}-1--1|z9hG4bK-{pid}-1-2|1-{pid}@127.0.0.1",
            u32::from(remote) + 3,
            u32::from(local) - 2
        ),
        "X-G: ||0|1||".into(),
        ";tag=zz".into(),
        "Content-Length:     0".into(),
        String::new(),
        String::new(),
    ];
    assert_eq!(message.text, lines.join("\r\n"));
}

/// cli.md §4.3: literally, when the scenario is loaded; the last one of a name wins.
#[test]
fn key_defines_a_keyword() {
    let options = "-key colour red -key colour blue -key service mine";
    let (message, _) = first_of(&xml::options_with("X-Test: [colour] [service]"), options);
    assert_eq!(message.header("X-Test"), "blue service", "and built-in keywords win");
}

/// cli.md §4.4.
#[test]
fn s_is_the_service() {
    let (message, _) = first_of(&xml::options_with("X-Test: [service]"), "-s 1234");
    assert_eq!(message.header("X-Test"), "1234");
    assert!(message.first_line().starts_with("OPTIONS sip:1234@127.0.0.1:"));
}

/// cli.md §4.4.1.
#[test]
fn cid_str_is_the_template_of_call_ids() {
    let scenario = xml::options_with("X-Test: yes");
    let (message, ended) = first_of(&scenario, "-cid_str a%u-%p%%b%xz@%s%");
    assert_eq!(message.header("Call-ID"), format!("a1-{}%b%z@127.0.0.1%", ended.pid));
}

/// ios_canceler.md: the Call-ID that the push announced.
#[test]
fn a_call_id_without_escapes_is_used_as_it_is() {
    let (message, _) =
        first_of(&xml::options_with("X-Test: yes"), "-cid_str 3848276298220188511@atlanta.example.com");
    assert_eq!(message.header("Call-ID"), "3848276298220188511@atlanta.example.com");
}

/// cli.md §4.4, runtime.md §3: counted for requests other than ACK and CANCEL.
#[test]
fn base_cseq_is_the_first_cseq_of_each_call() {
    let scenario = xml::scenario(&[
        xml::request("OPTIONS", ""),
        xml::expect("200"),
        xml::request("INFO", ""),
        xml::expect("200"),
    ]);
    let peer = Peer::answering();
    rsipp(&format!("{} -m 2 -r 100 -base_cseq 77", peer.addr)).scenario(&scenario).run().exits(0);
    let mut found: Vec<_> = peer.heard().iter().map(|heard| heard.header("CSeq").to_owned()).collect();
    found.sort();
    assert_eq!(found, ["77 OPTIONS", "77 OPTIONS", "78 INFO", "78 INFO"]);
}

/// cli.md §4.3: a variable that the scenario declares global.
#[test]
fn set_gives_a_global_variable_its_value() {
    let scenario = xml::scenario(&[
        "<Global variables=\"greeting\"/>".into(),
        xml::request_with("OPTIONS", "", "X-Test: [$greeting]"),
        xml::expect("200"),
    ]);
    let peer = Peer::answering();
    rsipp(&format!("{} -m 1 -set greeting", peer.addr)).arg("hello world").scenario(&scenario).run().exits(0);
    assert_eq!(peer.heard()[0].header("X-Test"), "hello world");
}

/// keywords.md, `[len]`: in the template's own bytes on the wire.
#[test]
fn len_is_the_length_of_the_body() {
    let peer = Peer::answering();
    rsipp(&format!("{} -m 1", peer.addr)).run().exits(0);
    let invite = &peer.heard_of("INVITE")[0];
    let (_, body) = invite.text.split_once("\r\n\r\n").unwrap();
    assert_eq!(invite.header("Content-Length").parse::<usize>().unwrap(), body.len());
}

/// transport.md, keywords.md: brackets where an address stands in a URI.
#[test]
fn ipv6_addresses_have_brackets() {
    let peer = Peer::on("[::1]:0", crate::peer::accept);
    rsipp(&format!("{} -m 1", peer.addr)).run().exits(0);
    let invite = &peer.heard_of("INVITE")[0];
    assert!(invite.first_line().starts_with(&format!("INVITE sip:service@[::1]:{} ", peer.addr.port())));
    assert!(invite.header("Via").starts_with(&format!("SIP/2.0/UDP [::1]:{};", invite.from.port())));
    assert!(
        invite.text.contains("c=IN IP6 ::1\r\n") || invite.text.contains("c=IN IP6 [::1]\r\n"),
        "{}",
        invite.text
    );
}

/// keywords.md §6.1, §6.2, each row with an IPv6 address.
#[test]
fn ipv6_addresses_are_bracketed_in_two_keywords_only() {
    let peer = Peer::on("[::1]:0", crate::peer::accept);
    let show =
        "X-Test: [remote_host]|[remote_ip]|[local_ip]|[local_ip_type]|[server_ip]|[media_ip]|[media_ip_type]";
    rsipp(&format!("{} -m 1 -i ::1", peer.addr)).scenario(&xml::options_with(show)).run().exits(0);
    assert_eq!(peer.heard()[0].header("X-Test"), "::1|[::1]|[::1]|6|::1|::1|6");
}

/// keywords.md §6.1: `[local_ip]` as typed, `[server_ip]` as bound.
#[test]
fn the_local_address_is_as_typed_and_that_of_the_server_as_bound() {
    let scenario = xml::options_with("X-Test: [local_ip] [server_ip]");
    for (options, shown) in [
        ("", "127.0.0.1 0.0.0.0"),
        ("-i 127.0.0.1", "127.0.0.1 127.0.0.1"),
        ("-i localhost", "localhost 127.0.0.1"),
    ] {
        let (message, _) = first_of(&scenario, options);
        assert_eq!(message.header("X-Test"), shown, "{options}");
    }
}

/// keywords.md §6.1: "`setdest` and `-rsa` do not change any of these".
#[test]
fn rsa_does_not_change_the_remote_address() {
    let peer = Peer::answering();
    let scenario = xml::options_with("X-Test: [remote_host] [remote_ip] [remote_port] [remote_port+1]");
    rsipp(&format!("127.0.0.2:9 -m 1 -rsa {}", peer.addr)).scenario(&scenario).run().exits(0);
    assert_eq!(peer.heard()[0].header("X-Test"), "127.0.0.2 127.0.0.2 9 10");
}

/// keywords.md §6.1: a server without a target.
#[test]
fn a_server_has_no_remote_address_and_port_5060() {
    let answer = xml::response("200 [remote_host]|[remote_ip]|[remote_port]|[remote_port-60]|", "");
    let scenario = xml::scenario(&[xml::await_request("OPTIONS"), answer]);
    let peer = Peer::silent();
    let server = rsipp("-i 127.0.0.1 -m 1").scenario(&scenario).start();
    let request = "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n\
                   Call-ID: one\r\nCSeq: 1 OPTIONS\r\n\r\n";
    peer.say_to_port(server.listens_on(), request);
    assert_eq!(peer.wait(1)[0].first_line(), "SIP/2.0 200 ||5060|5000|");
    server.wait().exits(0);
}

/// keywords.md §6.2, `[media_ip]` to `[auto_media_port]`.
#[test]
fn media_keywords_show_mi_and_mp() {
    let show = "X-Test: [media_ip] [media_ip_type] [media_port] [media_port+2] [auto_media_port]";
    let scenario = xml::options_with(show);
    for (options, shown) in [
        ("", "127.0.0.1 4 6000 6002 6000"),
        ("-mi 192.0.2.9:77 -mp 7000", "192.0.2.9 4 7000 7002 7000"),
        ("-mi [2001:db8::1] -min_rtp_port 8000", "2001:db8::1 6 8000 8002 8000"),
    ] {
        let (message, _) = first_of(&scenario, options);
        assert_eq!(message.header("X-Test"), shown, "{options}");
    }
}
