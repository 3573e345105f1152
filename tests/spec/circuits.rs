//! `-tdmmap`: circuits of a TDM gateway. keywords.md §6.3, runtime.md §2.2, outputs.md §15.8; the cases tried with sipp 3.6.1.

use std::collections::BTreeSet;

use crate::peer::{Peer, after_ms};
use crate::program::{Program, rsipp};
use crate::stream_peer::{RECORDS, counted};
use crate::terminal::Terminal;
use crate::xml;

/// A request that names its circuit, and the 200 it waits for.
fn naming() -> String {
    xml::options_with("X-Circuit: [tdmmap]")
}

fn calling(peer: &Peer, map: &str, more: &str) -> Program {
    rsipp(&format!("{} -nr -tdmmap {map} {RECORDS} {more}", peer.addr)).scenario(&naming())
}

/// keywords.md §6.3, the example: each call that is open has a circuit of its own.
#[test]
fn calls_that_are_open_hold_different_circuits() {
    let peer = Peer::new(|heard| vec![after_ms(300, heard.response("200 OK"))]);
    let ended = calling(&peer, "{0-0}{99}{5-5}{1-2}", "-r 100 -m 2").run().exits(0);
    assert_eq!(ended.calls(), (2, 2, 0));
    let heard = peer.heard();
    let circuits: BTreeSet<_> = heard.iter().map(|heard| heard.header("X-Circuit")).collect();
    assert_eq!(circuits, BTreeSet::from(["0.99.5/1", "0.99.5/2"]));
}

/// runtime.md §2.2: no circuit, no call. A circuit is free again when its call has ended; SIPp frees another one (a bug).
#[test]
fn a_call_without_a_free_circuit_fails_unheard() {
    let peer = Peer::silent();
    let ended = calling(&peer, "{0-0}{99}{5-5}{1-1}", "-r 20 -m 3 -recv_timeout 1500").run().exits(1);
    assert_eq!(ended.calls(), (3, 0, 3));
    assert_eq!(counted(&ended, "FailedOutboundCongestion"), 2);
    let errors = ended.read("errors");
    assert_eq!(errors.matches("Can't create new outgoing call: all tdm_map circuits busy").count(), 2);
    assert_eq!(peer.heard().len(), 1);
    let one_after_the_other = Peer::answering();
    let ended = calling(&one_after_the_other, "{0-0}{99}{5-5}{1-1}", "-r 20 -m 9 -l 1").run().exits(0);
    assert_eq!(ended.calls(), (9, 9, 0));
}

/// Calls that come in hold circuits as well.
#[test]
fn a_call_that_comes_in_needs_a_circuit() {
    let server = rsipp(&format!("-i 127.0.0.1 -m 2 -tdmmap {{1-1}}{{2}}{{3-3}}{{4-4}} {RECORDS}"))
        .scenario(&xml::scenario(&[
            xml::await_request("OPTIONS"),
            xml::response("200 [tdmmap]", ""),
            xml::await_request("BYE"),
        ]))
        .start();
    let peer = Peer::silent();
    let port = server.listens_on();
    peer.say_to_port(port, xml::wire_request("OPTIONS", "one", 1));
    assert_eq!(peer.wait(1)[0].first_line(), "SIP/2.0 200 1.2.3/4");
    peer.say_to_port(port, xml::wire_request("OPTIONS", "two", 1));
    server.waits_for_file("errors", "all tdm_map circuits busy");
    peer.say_to_port(port, xml::wire_request("BYE", "one", 2));
    let ended = server.wait().exits(1);
    assert_eq!(ended.calls(), (2, 1, 1));
    assert_eq!(counted(&ended, "FailedOutboundCongestion"), 1);
}

/// keywords.md §6.3, last sentence; cli.md §4.3.
#[test]
fn the_keyword_needs_the_option_and_the_option_its_form() {
    let peer = Peer::silent();
    let plain = rsipp(&format!("{} -m 1", peer.addr)).scenario(&naming()).run().exits(255);
    plain.complains("[tdmmap] keyword without -tdmmap parameter on command line");
    for (map, why) in [
        ("{0}{9}{1-2}{1-2}", "Parameter -tdmmap must be of form {%d-%d}{%d}{%d-%d}{%d-%d}"),
        ("{3-0}{9}{1-2}{1-2}", "-tdmmap: a range ends below its beginning"),
    ] {
        calling(&peer, map, "-m 1").run().exits(1).complains(why);
    }
    assert!(peer.heard().is_empty());
}

/// outputs.md §15.8.
#[test]
fn key_5_shows_the_circuits_in_use_and_so_do_the_closing_screens() {
    let terminal = Terminal::new();
    let peer = Peer::silent();
    let options = "-r 1 -rp 100s -nr -f 0 -tdmmap {0-1}{9}{1-1}{1-5}";
    let client = terminal.rsipp(&format!("{} {options}", peer.addr)).start();
    peer.wait(1);
    terminal.types("5");
    terminal.displays(&["- TDM map Screen -", "TDM Circuits in use:", "1/10 circuits (10%) in use"]);
    terminal.types("Q");
    let ended = terminal.wait(client);
    let map = ended.stdout.lines().skip_while(|line| *line != "TDM Circuits in use:").skip(1).take(4);
    assert_eq!(map.collect::<Vec<_>>(), [".....", ".....", "", "0/10 circuits (0%) in use"]);
}
