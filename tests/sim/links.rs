//! transport.md §3, §7, §11, §12, §14, runtime.md §12.2, §14: calls and the links that carry them, on a virtual clock. The test plays the
//! part of the sockets: it opens links, loses them, and says when they take no more.

use std::net::SocketAddr;
use std::sync::Arc;

use rsipp::clock::{Span, Tick};
use rsipp::engine::line::Lines;
use rsipp::engine::settings::Settings;
use rsipp::engine::{Effect, Effects, Engine, Lost, Open, Scenarios};
use rsipp::link::{Link, Transport, Way};
use rsipp::message::Facts;
use rsipp::scenario::plan::Role;
use rsipp::scenario::{Part, Scopes};
use rsipp::stats::Failure;

use super::pair::{Setup, address, plan_of, steps};
use super::text::{ask, nop, recv, recv_acting, request, response};

/// An engine whose sockets are played by the test.
struct Solo {
    engine: Engine,
    out: Effects,
    /// Links that were asked for and not granted.
    asked: Vec<Open>,
    /// What was sent, and over what.
    sent: Vec<(Way, String)>,
    released: Vec<Link>,
    warnings: Vec<String>,
}

fn tcp(slot: u32) -> Link {
    Link::new(slot, 0, Transport::Tcp)
}

fn over_tcp(setup: Setup, lines: Lines) -> Setup {
    setup.with(|settings| {
        settings.lines = lines;
        settings.transport = "TCP";
        settings.retransmission = None;
        settings.local_port = 5061;
    })
}

impl Solo {
    fn new(setup: Setup, calls: u64) -> Solo {
        let files = setup.loaded_files();
        let per_call = setup.settings.lines == Lines::PerCall;
        let facts =
            Facts { local_port: (!per_call).then_some(5061), transport: Some("TCP"), ..Facts::default() };
        let mut scopes = Scopes::default();
        let mut load = |part: Part, xml: &String| {
            let mut plan = plan_of(part, xml, &files, &mut scopes);
            plan.bind(&facts);
            Arc::new(plan)
        };
        let plan = load(Part::Main, &setup.xml);
        let out_of_call = setup.out_of_call.as_ref().map(|xml| load(Part::OutOfCall, xml));
        let receiving = setup.receiving.as_ref().map(|xml| load(Part::Receiving, xml));
        let is_client = plan.role == Role::Client;
        let settings = Settings {
            destination: is_client.then(|| address(5060)),
            calls: is_client.then_some(calls),
            ..setup.settings.clone()
        };
        let scenarios = Scenarios::new(plan, out_of_call, receiving);
        let mut engine = Engine::new(scenarios, settings, files, 1, Tick::ZERO);
        let mut out = Effects::default();
        engine.begin(Tick::ZERO, &mut out);
        let (asked, sent) = (Vec::new(), Vec::new());
        Solo { engine, out, asked, sent, released: Vec::new(), warnings: Vec::new() }
    }

    /// Hands the engine an event and carries out what it asks for.
    fn event(&mut self, event: impl FnOnce(&mut Engine, &mut Effects)) {
        event(&mut self.engine, &mut self.out);
        for send in &self.out.sends {
            let text = String::from_utf8_lossy(self.out.datagram(send)).into_owned();
            self.sent.push((send.way, text));
        }
        self.released.append(&mut self.out.released);
        for effect in std::mem::take(&mut self.out.others) {
            match effect {
                Effect::Open(open) => self.asked.push(open),
                Effect::Warn(text) => self.warnings.push(String::from_utf8_lossy(&text).into_owned()),
                _ => {}
            }
        }
        self.out.clear();
        let stats = self.engine.stats();
        assert_eq!(stats.created(), stats.successful + stats.failed + stats.current);
    }

    fn time(&mut self, ms: u64) {
        self.event(|engine, out| engine.on_time(Tick::from_millis(ms), 64, out));
    }

    /// Grants the oldest wish.
    fn grant(&mut self, link: Link, port: u16) {
        let open = self.asked.remove(0);
        self.event(|engine, out| engine.on_opened(Tick::ZERO, open.call, Ok((link, port)), out));
    }

    fn lose(&mut self, link: Link, lost: Lost) {
        self.event(|engine, out| engine.on_lost(Tick::ZERO, link, lost, out));
    }

    fn hear(&mut self, link: Link, peer: SocketAddr, text: &str) {
        self.event(|engine, out| {
            engine.on_received(Tick::ZERO, Way { link, peer }, text.as_bytes(), out);
        });
    }

    fn failures(&self, cause: Failure) -> u64 {
        self.engine.stats().failures[cause.index()]
    }

    fn sent_over(&self, link: Link) -> Vec<&str> {
        let texts = self.sent.iter().filter(|(way, _)| way.link == link);
        texts.map(|(_, text)| text.split(' ').next().unwrap_or_default()).collect()
    }
}

/// The answer to the last request over a link.
fn ok_to(solo: &Solo, link: Link) -> String {
    let (_, text) = solo.sent.iter().rfind(|(way, _)| way.link == link).expect("a request");
    let header = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    let names = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].map(header);
    format!("SIP/2.0 200 OK\r\n{}\r\nContent-Length: 0\r\n\r\n", names.join("\r\n"))
}

fn one_request() -> Setup {
    steps(&[&request("OPTIONS", ""), &recv("response='200'")])
}

/// transport.md §3, §6.
#[test]
fn a_call_with_a_link_of_its_own_asks_for_it_at_its_first_send_shows_its_port_and_gives_it_up_at_its_end() {
    let mut solo = Solo::new(over_tcp(one_request(), Lines::PerCall), 1);
    solo.time(0);
    assert_eq!(solo.asked[0].to, address(5060));
    assert!(solo.sent.is_empty());
    solo.grant(tcp(3), 40_001);
    assert_eq!(solo.sent_over(tcp(3)), ["OPTIONS"]);
    assert!(solo.sent[0].1.contains(":40001;branch="), "{}", solo.sent[0].1);
    let ok = ok_to(&solo, tcp(3));
    solo.hear(tcp(3), address(5060), &ok);
    assert_eq!((solo.engine.stats().successful, &solo.released[..]), (1, &[tcp(3)][..]));
}

/// transport.md §3: only the Call-ID counts.
#[test]
fn an_answer_may_come_by_any_link() {
    let mut solo = Solo::new(over_tcp(one_request(), Lines::PerCall), 1);
    solo.time(0);
    solo.grant(tcp(3), 40_001);
    let ok = ok_to(&solo, tcp(3));
    solo.hear(tcp(9), address(7000), &ok);
    assert_eq!(solo.engine.stats().successful, 1);
}

/// runtime.md §14.
#[test]
fn nothing_is_sent_again_over_a_connection() {
    let setup = steps(&[&request("OPTIONS", "retrans='500'"), &recv("response='200'")]);
    let mut solo = Solo::new(over_tcp(setup, Lines::Shared(tcp(0))), 1);
    solo.time(0);
    solo.time(60_000);
    assert_eq!(solo.sent_over(tcp(0)), ["OPTIONS"]);
}

/// runtime.md §12.2.
#[test]
fn a_link_that_cannot_be_had_fails_its_call_and_no_other() {
    let mut solo = Solo::new(over_tcp(one_request(), Lines::PerCall).rate(1_000.0, 1), 2);
    solo.time(1);
    let open = solo.asked.remove(0);
    let refused = Err("Unable to connect a TCP/SCTP/TLS socket".to_owned());
    solo.event(|engine, out| engine.on_opened(Tick::ZERO, open.call, refused, out));
    assert_eq!((solo.failures(Failure::TcpConnect), solo.engine.stats().current), (1, 1));
    assert_eq!(solo.warnings, ["Unable to connect a TCP/SCTP/TLS socket"]);
    solo.grant(tcp(1), 40_001);
    assert_eq!(solo.sent_over(tcp(1)), ["OPTIONS"]);
}

/// transport.md §12: each kind of loss, its counter and its cause.
#[test]
fn a_lost_link_takes_its_own_calls_with_it_and_no_other() {
    for (lost, cause, sends, receives) in [
        (Lost::Closed, Failure::TcpClosed, 0, 0),
        (Lost::Broken, Failure::TcpClosed, 0, 1),
        (Lost::Refused, Failure::TcpClosed, 1, 0),
        (Lost::Unsecured, Failure::TcpConnect, 1, 0),
    ] {
        let mut solo = Solo::new(over_tcp(one_request(), Lines::PerCall).rate(1_000.0, 1), 2);
        solo.time(1);
        solo.grant(tcp(1), 40_001);
        solo.grant(tcp(2), 40_002);
        solo.lose(tcp(1), lost);
        let stats = solo.engine.stats();
        assert_eq!((stats.failed, stats.current, solo.failures(cause)), (1, 1, 1), "{lost:?}");
        assert_eq!((stats.send_errors, stats.receive_errors), (sends, receives), "{lost:?}");
        let ok = ok_to(&solo, tcp(2));
        solo.hear(tcp(2), address(5060), &ok);
        assert_eq!(solo.engine.stats().successful, 1, "{lost:?}");
    }
}

/// transport.md §12: success in `<timewait>`; otherwise the Call-ID is remembered as that of a failed call.
#[test]
fn a_call_in_its_time_wait_survives_its_connection_and_another_is_remembered_as_dead() {
    let setup = steps(&[&request("OPTIONS", ""), &recv("response='200'"), "<timewait milliseconds='4000'/>"]);
    let mut solo = Solo::new(over_tcp(setup, Lines::Shared(tcp(0))).rate(1_000.0, 1), 2);
    solo.time(0);
    let ok = ok_to(&solo, tcp(0));
    solo.hear(tcp(0), address(5060), &ok);
    solo.time(1);
    let late = ok_to(&solo, tcp(0));
    solo.lose(tcp(0), Lost::Closed);
    assert_eq!((solo.engine.stats().successful, solo.failures(Failure::TcpClosed)), (1, 1));
    solo.hear(tcp(5), address(5060), &late);
    assert_eq!(solo.engine.stats().dead_call, 1);
}

/// transport.md §12: `-reconnect_close false`.
#[test]
fn calls_that_outlive_their_connection_ask_for_another_at_their_next_send() {
    let setup =
        steps(&[&request("ONE", ""), &recv("response='200'"), &request("TWO", ""), &recv("response='200'")]);
    let setup = over_tcp(setup, Lines::PerCall).with(|settings| settings.ends_with_connection = false);
    let mut solo = Solo::new(setup, 1);
    solo.time(0);
    solo.grant(tcp(1), 40_001);
    let ok = ok_to(&solo, tcp(1));
    solo.lose(tcp(1), Lost::Broken);
    assert_eq!(solo.engine.stats().current, 1);
    solo.hear(tcp(9), address(5060), &ok);
    solo.grant(tcp(2), 40_002);
    assert_eq!(solo.sent_over(tcp(2)), ["TWO"]);
}

/// transport.md §11: with unlimited queues SIPp never waits; here only the calls of that link do.
#[test]
fn calls_of_a_link_that_takes_no_more_wait_until_it_does() {
    let mut solo = Solo::new(over_tcp(one_request(), Lines::Shared(tcp(0))).rate(1_000.0, 1), 3);
    solo.event(|engine, _| engine.on_congested(tcp(0)));
    solo.time(2);
    assert_eq!((solo.engine.stats().current, solo.sent.len()), (3, 0));
    solo.event(|engine, out| engine.on_room(Tick::from_millis(2), tcp(0), out));
    assert_eq!(solo.sent_over(tcp(0)), ["OPTIONS"; 3]);
    assert_eq!(solo.engine.stats().congestions, 1);
}

/// runtime.md §4, scenario.md §5.1: SIPp never gets there.
#[test]
fn a_call_whose_link_takes_no_more_fails_after_the_send_timeout() {
    let mut setup = over_tcp(one_request(), Lines::Shared(tcp(0))).rate(1_000.0, 1);
    setup.settings.send_timeout = Some(Span::from_millis(500));
    let mut solo = Solo::new(setup, 1);
    solo.event(|engine, _| engine.on_congested(tcp(0)));
    solo.time(0);
    solo.time(499);
    assert_eq!(solo.engine.stats().current, 1);
    solo.time(500);
    let stats = solo.engine.stats();
    assert_eq!((stats.failed, stats.failures[Failure::TimeoutOnSend.index()]), (1, 1));
    assert!(
        solo.sent.is_empty() && solo.warnings[0].contains("send timeout on message"),
        "{:?}",
        solo.warnings
    );
}

/// transport.md §11.
#[test]
fn a_server_answers_on_the_connection_of_the_first_message() {
    let setup = steps(&[
        &recv("request='ONE'"),
        &response("200 OK", ""),
        &recv("request='TWO'"),
        &response("200 OK", ""),
    ]);
    let mut solo = Solo::new(over_tcp(setup, Lines::PerCall), 0);
    let say = |method: &str| {
        format!(
            "{method} sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nFrom: <sip:b>;tag=1\r\nTo: <sip:a>\r\nCall-ID: 7\r\nCSeq: 1 {method}\r\n\r\n"
        )
    };
    solo.hear(tcp(1), address(7001), &say("ONE"));
    solo.hear(tcp(2), address(7002), &say("TWO"));
    assert_eq!((solo.sent_over(tcp(1)).len(), solo.sent_over(tcp(2)).len()), (2, 0));
    assert!(solo.released.is_empty(), "the peer's connection is not ours to close");
}

/// transport.md §14, actions.md §3.20.
#[test]
fn closecon_gives_up_a_call_s_own_connection_and_the_next_send_asks_for_another_to_the_usual_place() {
    let elsewhere = "<setdest host='127.0.0.1' port='7070' protocol='tcp'/>";
    let setup = steps(&[
        &nop("", elsewhere),
        &request("ONE", ""),
        &recv_acting("response='200'", "<closecon/>"),
        &request("TWO", ""),
    ]);
    let mut solo = Solo::new(over_tcp(setup, Lines::PerCall), 1);
    solo.time(0);
    assert_eq!(solo.asked[0].to, address(7070));
    solo.grant(tcp(1), 40_001);
    let ok = ok_to(&solo, tcp(1));
    solo.hear(tcp(1), address(7070), &ok);
    assert_eq!(solo.released, [tcp(1)]);
    assert_eq!(solo.asked[0].to, address(5060));
    solo.grant(tcp(2), 40_002);
    assert_eq!(solo.sent_over(tcp(2)), ["TWO"]);
}

/// actions.md §3.19.
#[test]
fn setdest_needs_a_connection_of_the_call_s_own_and_its_own_protocol() {
    for (lines, protocol, complaint) in [
        (Lines::Shared(tcp(0)), "tcp", "Changing destinations for TCP or SCTP requires multisocket mode."),
        (Lines::PerCall, "udp", "Can not switch protocols during setdest."),
        (Lines::PerCall, "xyz", "Unknown transport for setdest: 'xyz'"),
    ] {
        let to = format!("<setdest host='127.0.0.1' port='7070' protocol='{protocol}'/>");
        let mut solo = Solo::new(over_tcp(steps(&[&nop("", &to), &request("ONE", "")]), lines), 1);
        solo.time(0);
        assert_eq!((&solo.warnings[0][..], solo.engine.stats().failed), (complaint, 1));
    }
}

/// transport.md §12, README rule 4.
#[test]
fn when_the_connection_of_all_calls_is_gone_for_good_each_is_counted_once_and_the_run_ends() {
    let mut solo = Solo::new(over_tcp(one_request(), Lines::Shared(tcp(0))).rate(1_000.0, 1), 3);
    solo.time(2);
    solo.event(|engine, out| engine.on_broken_for_good(Tick::from_millis(2), "Broken pipe".to_owned(), out));
    let stats = solo.engine.stats();
    assert_eq!((stats.current, stats.failed, solo.failures(Failure::TcpClosed)), (0, 3, 3));
    assert_eq!(stats.fatal_errors, 1);
}

/// Answers OPTIONS, waits for a MESSAGE and answers that.
fn two_answers() -> Setup {
    steps(&[
        &recv("request='OPTIONS'"),
        &response("200 OK", ""),
        &recv("request='MESSAGE'"),
        &response("200 OK", ""),
    ])
}

/// scenario.md §14, transport.md §11: calls of the other scenarios answer on the connection they came by, each in its own numbers.
#[test]
fn out_of_call_and_receiving_calls_answer_on_the_connection_they_came_by() {
    for (setup, part) in [
        (one_request().out_of_call(two_answers()), Part::OutOfCall),
        (one_request().receiving(two_answers()), Part::Receiving),
    ] {
        let mut solo = Solo::new(over_tcp(setup, Lines::PerCall), 1);
        solo.time(0);
        solo.hear(tcp(7), address(7_000), &ask("OPTIONS", "x", 1));
        assert_eq!(solo.sent_over(tcp(7)), ["SIP/2.0"], "{part:?}");
        solo.lose(tcp(7), Lost::Closed);
        let own = solo.engine.stats_of(part).expect("its numbers");
        assert_eq!((own.incoming, own.failures[Failure::TcpClosed.index()]), (1, 1), "{part:?}");
        assert_eq!((solo.engine.stats().current, solo.engine.stats().failed), (1, 0), "{part:?}");
    }
}

/// transport.md §3, scenario.md §14: what came by a call's own connection can be answered after that call's end.
#[test]
fn a_call_s_own_link_is_given_up_when_the_last_call_that_came_by_it_is_over_too() {
    let mut solo = Solo::new(over_tcp(one_request().out_of_call(two_answers()), Lines::PerCall), 2);
    solo.time(0);
    solo.grant(tcp(1), 40_001);
    let ok = ok_to(&solo, tcp(1));
    solo.hear(tcp(1), address(5060), &ask("OPTIONS", "x", 1));
    solo.hear(tcp(1), address(5060), &ok);
    assert_eq!((solo.engine.stats().successful, &solo.released[..]), (1, &[][..]));
    solo.hear(tcp(1), address(5060), &ask("MESSAGE", "x", 2));
    assert_eq!(solo.sent_over(tcp(1)), ["OPTIONS", "SIP/2.0", "SIP/2.0"]);
    assert_eq!(solo.released, [tcp(1)]);
}

/// transport.md §10, runtime.md §2.1: `-rsa` is the next hop of calls that a message opened, by a connection of their own.
#[test]
fn with_rsa_incoming_calls_answer_over_a_connection_to_it() {
    let setup = over_tcp(two_answers(), Lines::PerCall);
    let mut solo = Solo::new(setup.with(|settings| settings.next_hop = Some(address(7_070))), 0);
    solo.hear(tcp(1), address(7_001), &ask("OPTIONS", "x", 1));
    assert_eq!((solo.asked[0].to, solo.sent.len()), (address(7_070), 0));
    solo.grant(tcp(2), 40_002);
    assert_eq!(solo.sent_over(tcp(2)), ["SIP/2.0"]);
}

/// runtime.md §6.3: nothing is opened for an answer that belongs to no call.
#[test]
fn an_automatic_answer_goes_by_the_connection_of_its_request() {
    for next_hop in [None, Some(address(7_070))] {
        let setup = over_tcp(one_request(), Lines::PerCall).with(|settings| {
            settings.auto_answer = true;
            settings.next_hop = next_hop;
        });
        let mut solo = Solo::new(setup, 1);
        solo.hear(tcp(7), address(7_000), &ask("OPTIONS", "x", 1));
        assert_eq!((solo.sent_over(tcp(7)), solo.asked.len()), (vec!["SIP/2.0"], 0));
    }
}
