//! The UDP remote control: cli.md §13, §14; transport.md §18.

use std::net::UdpSocket;

use rustix::process::Signal;

use crate::peer::Peer;
use crate::program::{Program, Running, Stranger, rsipp};
use crate::xml;

/// Somebody who steers a run.
struct Control {
    socket: UdpSocket,
    port: u16,
}

impl Control {
    /// With a port that is free, as the system says.
    fn new() -> Control {
        let free = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Control { socket: UdpSocket::bind("127.0.0.1:0").unwrap(), port: free }
    }

    fn options(&self) -> String {
        format!("-ci 127.0.0.1 -cp {} -trace_err -error_file err.txt", self.port)
    }

    fn says(&self, datagram: &str) {
        self.socket.send_to(datagram.as_bytes(), ("127.0.0.1", self.port)).unwrap();
    }

    /// An idle server that listens to it.
    fn server(&self, more: &str) -> Running {
        let server = self.program(&format!("-sn uas -i 127.0.0.1 {more}")).start();
        self.waits_for(&server);
        server
    }

    fn program(&self, arguments: &str) -> Program {
        rsipp(&format!("{arguments} {}", self.options()))
    }

    /// Waits until it is listened to.
    fn waits_for(&self, program: &Running) {
        program.binds(self.port);
    }
}

/// cli.md §13: without a terminal, and though keys on stdin would not count.
#[test]
fn a_datagram_is_a_key() {
    for key in ["q", "Q", "q\n", "quit please"] {
        let control = Control::new();
        let server = control.server("");
        control.says(key);
        server.wait().exits(0);
    }
}

/// cli.md §13: only the first byte counts, an empty datagram is nothing, and nobody is answered.
#[test]
fn what_is_no_key_does_nothing_and_nobody_is_answered() {
    let control = Control::new();
    let server = control.server("");
    for nothing in ["", "\nq", " q", "x", "CSET rate 5", "Cset foo bar", "5"] {
        control.says(nothing);
    }
    control.says("cset end yes");
    server.waits_for_file("err.txt", "Unknown set attribute: end");
    assert!(server.is_running());
    assert!(!std::fs::read_to_string(server.path("err.txt")).unwrap().contains("foo"));
    server.signal(Signal::TERM);
    server.wait().exits(0);
    control.socket.set_nonblocking(true).unwrap();
    assert!(control.socket.recv(&mut [0; 64]).is_err(), "no answer");
}

/// cli.md §13: "key effects on the display choose the screen of the final summary".
#[test]
fn a_key_chooses_the_screen_of_the_summary() {
    let control = Control::new();
    let server = control.server("");
    control.says("2");
    control.says("q");
    let ended = server.wait().exits(0);
    assert!(!ended.stdout.contains("Scenario Screen") && ended.stdout.contains("Statistics Screen"));
}

/// cli.md §13, §14.
#[test]
fn a_command_comes_behind_a_c_with_blanks_and_newline_around_it() {
    let control = Control::new();
    let server = control.server("");
    for (at, text) in ["cset one 1", "c set two 2", "cset  three   3\r\n"].into_iter().enumerate() {
        control.says(text);
        let name = ["one", "two", "three"][at];
        server.waits_for_file("err.txt", &format!("Unknown set attribute: {name}"));
    }
    control.says("q");
    server.wait().exits(0);
}

/// cli.md §14: all problems are warnings, also the one that comes last on stderr.
#[test]
fn refusals_are_warnings_and_change_no_exit_code() {
    let control = Control::new();
    let server = control.server("");
    control.says("ctrace shortmessages on");
    server.waits_for_file("err.txt", "no short message trace (-trace_shortmsg) yet");
    control.says("cset users 5");
    control.says("q");
    server.wait().exits(0).complains("Users can not be changed at run time for a rate-based benchmark.");
}

/// cli.md §14, `set display`: the only one that this version has.
#[test]
fn the_main_scenario_can_be_displayed_and_no_other() {
    let control = Control::new();
    let server = control.server("");
    control.says("cset display ooc");
    server.waits_for_file("err.txt", "Unknown display scenario: ooc");
    control.says("cset display main");
    control.says("q");
    server.wait().exits(0).complains("Unknown display scenario: ooc");
}

/// cli.md §14, `set hide`.
#[test]
fn hidden_steps_can_be_shown_in_the_summary() {
    let peer = Peer::answering();
    let hidden = "<nop hide=\"true\" display=\"a hidden step\"/>".to_owned();
    let scenario = xml::scenario(&[xml::request("OPTIONS", ""), xml::expect("200"), hidden]);
    for (hide, lines) in [("true", 0), ("false", 1)] {
        let control = Control::new();
        let client = control.program(&format!("{} -r 1 -rp 100s", peer.addr)).scenario(&scenario).start();
        control.waits_for(&client);
        control.says(&format!("cset hide {hide}"));
        control.says("q");
        assert_eq!(client.wait().exits(0).stdout.matches("a hidden step").count(), lines);
    }
}

/// A client whose calls log a line, one for each `+` that the peer is sent.
fn logging_server(control: &Control, more: &str) -> Running {
    let steps = [
        "<recv request=\"OPTIONS\"><action><log message=\"heard [call_id]\"/></action></recv>".to_owned(),
        xml::response("200 OK", ""),
    ];
    let arguments = format!("-i 127.0.0.1 -log_file log.txt -message_file msg.txt {more}");
    let server = control.program(&arguments).scenario(&xml::scenario(&steps)).start();
    control.waits_for(&server);
    server
}

/// One call to the server, and its answer.
fn call(peer: &Peer, server: &Running, id: &str) {
    let before = peer.heard().len();
    peer.say_to_port(server.listens_on(), xml::wire_request("OPTIONS", id, 1));
    peer.wait(before + 1);
}

/// cli.md §14, `trace`: on creates the file, off stops, on again appends. `messages` is not SIPp's Bug.
#[test]
fn traces_can_be_switched_while_calls_go_on() {
    let peer = Peer::silent();
    for (trace, file, line) in [("logs", "log.txt", "heard "), ("messages", "msg.txt", "Call-ID: ")] {
        let control = Control::new();
        let server = logging_server(&control, "");
        let mut said = 0;
        let switch = |word: &str, said: &mut u32| {
            control.says(&format!("ctrace {trace} {word}"));
            // What is refused next is seen when the switch has been.
            *said += 1;
            control.says(&format!("cset step{said} 0"));
            server.waits_for_file("err.txt", &format!("Unknown set attribute: step{said}"));
        };
        call(&peer, &server, "early");
        switch("on", &mut said);
        call(&peer, &server, "first");
        switch("off", &mut said);
        call(&peer, &server, "between");
        switch("true", &mut said);
        call(&peer, &server, "second");
        switch("false", &mut said);
        control.says("q");
        let ended = server.wait().exits(0);
        let log = ended.read(file);
        for (id, is_there) in [("early", false), ("first", true), ("between", false), ("second", true)] {
            assert_eq!(log.contains(&format!("{line}{id}")), is_there, "{trace}, {id}:\n{log}");
        }
        let other = if trace == "logs" { "msg.txt" } else { "log.txt" };
        assert!(!ended.files().contains(&other.to_owned()));
    }
}

/// cli.md §14, `trace error`: what is warned of while it is off is not in the file.
#[test]
fn the_errors_log_can_be_switched_off_and_on() {
    let control = Control::new();
    let server = control.server("");
    control.says("cset before 1");
    control.says("ctrace error off");
    control.says("cset between 1");
    control.says("ctrace error on");
    control.says("cset after 1");
    server.waits_for_file("err.txt", "Unknown set attribute: after");
    control.says("q");
    let ended = server.wait().exits(0);
    let log = ended.read("err.txt");
    assert!(log.contains("before") && !log.contains("between"), "{log}");
    assert!(ended.stderr.contains("There were more errors, see 'err.txt' file"), "{}", ended.stderr);
}

/// cli.md §14: the name is the automatic one unless the options have another.
#[test]
fn a_trace_switched_on_has_the_name_that_the_option_would_give_it() {
    let control = Control::new();
    let server = control.server("");
    control.says("ctrace logs on");
    control.says("q");
    let ended = server.wait().exits(0);
    assert!(ended.files().contains(&format!("uas_{}_logs.log", ended.pid)), "{:?}", ended.files());
}

/// cli.md §14, nothing is fatal.
#[test]
fn a_trace_whose_file_cannot_be_created_is_a_warning() {
    let control = Control::new();
    let server = control.server("-log_file no/such/folder");
    control.says("ctrace logs on");
    server.waits_for_file("err.txt", "Unable to create 'no/such/folder'");
    control.says("q");
    server.wait().exits(0);
}

/// cli.md §13: without `-cp` one of 8888 to 8947, which others may have.
#[test]
fn without_a_port_it_is_one_from_8888_on() {
    let server = rsipp("-sn uas -i 127.0.0.1 -trace_err -error_file err.txt").start();
    server.listens_on();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = server.control_port();
    assert!((8888..=8947).contains(&port), "{port}");
    sender.send_to(b"q", ("127.0.0.1", port)).unwrap();
    server.wait().exits(0);
}

/// cli.md §9, §13: 254.
#[test]
fn a_port_that_is_given_and_taken_ends_with_254_before_any_call() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1 -ci 127.0.0.1 -cp {port}", peer.addr)).run().exits(254);
    let sentence = format!("Unable to bind remote control socket to UDP port {port}, errno = 98");
    assert!(ended.stderr.contains(&sentence), "{}", ended.stderr);
    assert!(peer.heard().is_empty());
}

/// cli.md §4.2, transport.md §18.
#[test]
fn an_address_that_is_none_of_ours_is_fatal() {
    let free = Control::new().port;
    rsipp("127.0.0.1:9 -ci no.such.host.invalid")
        .run()
        .exits(255)
        .complains("Unknown control address 'no.such.host.invalid'.");
    rsipp(&format!("127.0.0.1:9 -ci ::1 -cp {free}"))
        .run()
        .exits(255)
        .complains("errno = 97 (Address family not supported by protocol)");
}

/// transport.md §18: without `-cp` it is a warning, and the run goes on.
#[test]
fn without_a_control_socket_the_run_goes_on() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1 -ci ::1", peer.addr)).run().exits(0);
    assert_eq!(ended.calls(), (1, 1, 0));
    assert!(ended.stderr.contains("Unable to bind remote control socket (tried UDP ports 8888-8947)"));
}

/// cli.md §13: "Works in -bg".
#[test]
fn a_run_in_the_background_is_steered_too() {
    let control = Control::new();
    let peer = Peer::answering();
    let ended = control.program(&format!("{} -r 1 -rp 100s -bg", peer.addr)).run().exits(99);
    let pid = ended.stdout.split(['[', ']']).nth(1).unwrap().parse().unwrap();
    let child = Stranger::new(pid);
    peer.wait_for(1, "BYE");
    control.says("q");
    child.wait();
}
