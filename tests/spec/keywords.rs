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
