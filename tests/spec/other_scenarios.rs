//! A client that answers what belongs to none of its calls, by a scenario of `-oocsf` or of `-rxsf`: cli.md §4.1, scenario.md §14,
//! runtime.md §6.3.

use std::net::SocketAddr;

use crate::peer::{Heard, Peer};
use crate::program::{Ended, Program, Running, rsipp};
use crate::xml;

/// A client whose one OPTIONS the peer has heard, but not answered.
struct Call {
    remote: Peer,
    /// Nobody that the client has ever heard of.
    stranger: Peer,
    client: Running,
    heard: Heard,
}

impl Call {
    fn open(program: impl FnOnce(SocketAddr) -> Program) -> Call {
        let (remote, stranger) = (Peer::silent(), Peer::silent());
        let client = program(remote.addr).scenario(&xml::options_with("X-Test: main")).start();
        let heard = remote.wait(1).remove(0);
        Call { remote, stranger, client, heard }
    }

    /// The stranger says something, and hears an answer: the first one.
    fn ask(&self, text: &str) -> Heard {
        let before = self.stranger.heard().len();
        self.stranger.say(self.heard.from, text);
        self.stranger.wait(before + 1).remove(before)
    }

    fn end(self) -> Ended {
        self.remote.say(self.heard.from, self.heard.response("200 OK"));
        self.client.wait()
    }
}

/// The lines of our own at the end about one of the scenarios.
#[track_caller]
fn verdict_of(ended: &Ended, heading: &str) -> String {
    let (_, behind) = ended.stdout.split_once(heading).unwrap_or_else(|| panic!("no {heading}"));
    behind.lines().find(|line| line.starts_with("Verdict: ")).unwrap().to_owned()
}

/// runtime.md §6.3: answered to its source, counted as auto-answered, and no call of the main scenario. scenario.md §14: its
/// time-wait of 4 s does not hold the process, whatever becomes of it does not fail the run.
#[test]
fn an_out_of_call_scenario_answers_requests_of_no_call() {
    let call =
        Call::open(|addr| rsipp(&format!("{addr} -m 1 -oocsn ooc_default -trace_err -error_file err")));
    let answer = call.ask(&xml::wire_request("OPTIONS", "nobody", 1));
    assert_eq!((answer.first_line(), answer.header("Call-ID")), ("SIP/2.0 200 OK", "nobody"));
    let ended = call.end().exits(0);
    assert_eq!(ended.calls(), (1, 1, 0));
    assert!(ended.took.as_secs_f64() < 3.0, "{:?}", ended.took);
    let warnings = ended.read("err");
    assert!(
        warnings.contains("Received out-of-call OPTIONS message, using the out-of-call scenario"),
        "{warnings}"
    );
    assert_eq!(
        verdict_of(&ended, "The out-of-call scenario:\n"),
        "Verdict: 1 calls opened, 0 succeeded, 1 failed (1 still open when the run was ended)"
    );
}

/// scenario.md §14: failures of its calls do not change the exit status.
#[test]
fn a_failed_out_of_call_call_does_not_fail_the_run() {
    let answerer = xml::scenario(&[xml::await_request("INFO"), xml::response("200 OK", "")]);
    let call = Call::open(|addr| {
        rsipp(&format!("{addr} -m 1")).file("ooc.xml", &answerer).arg("-oocsf").arg("ooc.xml")
    });
    call.stranger.say(call.heard.from, xml::wire_request("OPTIONS", "unexpected", 1));
    assert_eq!(call.ask(&xml::wire_request("INFO", "expected", 1)).header("Call-ID"), "expected");
    let ended = call.end().exits(0);
    assert_eq!(ended.calls(), (1, 1, 0));
    let verdict = "Verdict: 2 calls opened, 1 succeeded, 1 failed (1 unexpected message)";
    assert_eq!(verdict_of(&ended, "The out-of-call scenario:\n"), verdict);
}

/// cli.md §4.1; no host is needed to be told so, and nothing is bound.
#[test]
fn a_server_cannot_have_an_out_of_call_scenario() {
    let ended = rsipp("-sn uas -oocsn ooc_default").run().exits(255);
    let ended = ended.complains("SIPp cannot use out-of-call scenarios when running in server mode\n");
    assert_eq!(ended.stdout, "");
}

/// actions.md §4.4: in SIPp only the first answer ends the run, with 255.
#[test]
fn a_field_in_an_out_of_call_scenario_is_refused_before_anything_is_sent() {
    let peer = Peer::answering();
    let answerer = xml::scenario(&[xml::await_request("OPTIONS"), xml::nop("<log message=\"[field0]\"/>")]);
    rsipp(&format!("{} -m 1 -inf a.csv -oocsf ooc.xml", peer.addr))
        .file("a.csv", "SEQUENTIAL\na\n")
        .file("ooc.xml", &answerer)
        .run()
        .exits(1)
        .complains("Automatic calls (created by -aa, -oocsn or -oocsf) cannot use input files!")
        .complains("ooc.xml:");
    assert!(peer.heard().is_empty());
}

/// cli.md §4.1; scenario.md §14: only the main calls count for `-m`, the exit status and the totals, and open ones do not hold the
/// process.
#[test]
fn in_mixed_mode_a_client_is_called_too() {
    let call = Call::open(|addr| rsipp(&format!("{addr} -m 1 -rxsn uas")));
    let answers = |text: &str| call.ask(text).first_line().to_owned();
    assert_eq!(answers(&xml::wire_request("INVITE", "in", 1)), "SIP/2.0 180 Ringing");
    call.stranger.wait(2);
    call.stranger.say(call.heard.from, xml::wire_request("ACK", "in", 1));
    assert_eq!(answers(&xml::wire_request("BYE", "in", 2)), "SIP/2.0 200 OK");
    // A response of no call opens one too, which fails.
    call.stranger
        .say(call.heard.from, "SIP/2.0 200 OK\r\nTo: <sip:x@y>\r\nCall-ID: odd\r\nCSeq: 1 BYE\r\n\r\n");
    assert_eq!(answers(&xml::wire_request("INVITE", "open", 1)), "SIP/2.0 180 Ringing");
    let ended = call.end().exits(0);
    assert_eq!(ended.calls(), (1, 1, 0));
    assert!(ended.took.as_secs_f64() < 3.0, "{:?}", ended.took);
    assert_eq!(
        verdict_of(&ended, "The receiving scenario:\n"),
        "Verdict: 3 calls opened, 0 succeeded, 3 failed (1 unexpected message, 2 still open when the run was ended)"
    );
}

/// cli.md §4.1: with `-m` reached a client opens no more calls, but goes on being called.
#[test]
fn in_mixed_mode_calls_are_accepted_while_the_run_drains() {
    let answerer = xml::scenario(&[xml::await_request("INFO"), xml::response("200 OK", "")]);
    let call = Call::open(|addr| {
        rsipp(&format!("{addr} -m 1")).file("rx.xml", &answerer).arg("-rxsf").arg("rx.xml")
    });
    for id in ["a", "b"] {
        assert_eq!(call.ask(&xml::wire_request("INFO", id, 1)).first_line(), "SIP/2.0 200 OK");
    }
    let ended = call.end().exits(0);
    assert_eq!((ended.calls(), ended.counter("Current Calls")), ((1, 1, 0), 0));
    let verdict = "Verdict: 2 calls opened, 2 succeeded, 0 failed";
    assert_eq!(verdict_of(&ended, "The receiving scenario:\n"), verdict);
}

/// cli.md §4.5 and actions.md §4.1, Bug: the default file of the receiving scenario; `-rxrn` is `-rxsn`.
#[test]
fn rxinf_is_the_default_injection_file_of_the_receiving_scenario() {
    let rx = xml::scenario(&[xml::await_request("INFO"), xml::response("200 [field0]", "")]);
    let call = Call::open(|addr| {
        let program = rsipp(&format!("{addr} -m 1 -inf a.csv -rxinf b.csv -rxrn uas -rxsf rx.xml"));
        program
            .file("a.csv", "SEQUENTIAL\nmain\n")
            .file("b.csv", "SEQUENTIAL\nfirst\nsecond\n")
            .file("rx.xml", &rx)
    });
    // The call of the main scenario has drawn the first line (scenario.md §14).
    assert_eq!(call.ask(&xml::wire_request("INFO", "a", 1)).first_line(), "SIP/2.0 200 second");
    call.end().exits(0);
}

/// cli.md §4.1: unlike in SIPp, what cannot work is refused, as a wrong mode is.
#[test]
fn scenarios_of_the_wrong_role_are_refused() {
    let peer = Peer::answering();
    let refused = |arguments: &str, why: &str| {
        rsipp(&format!("{} -m 1 {arguments}", peer.addr)).run().exits(255).complains(why);
    };
    refused(
        "-sn uas -rxsn uas",
        "The main scenario 'uas' begins by receiving: with -rxsf it must begin by sending",
    );
    refused(
        "-rxsn uac",
        "The receiving scenario 'uac' begins by sending: it must begin by receiving, as uas does",
    );
    refused(
        "-oocsn uac",
        "The out-of-call scenario 'uac' begins by sending: it must begin by receiving, as ooc_default does",
    );
    assert!(peer.heard().is_empty());
}

/// cli.md §4.1, §9.
#[test]
fn a_scenario_beside_the_main_one_that_does_not_load_ends_with_1() {
    let peer = Peer::answering();
    for option in ["-oocsf", "-rxsf"] {
        let program = || rsipp(&format!("{} -m 1 {option} other.xml", peer.addr));
        program().run().exits(1).complains("Unable to load or parse 'other.xml' xml scenario file");
        let broken = xml::scenario(&["<recv request=\"A\" next=\"nowhere\"/>".to_owned()]);
        program().file("other.xml", &broken).run().exits(1).complains("The label 'nowhere' was not defined");
    }
    rsipp(&format!("{} -rxrn nope", peer.addr))
        .run()
        .exits(1)
        .complains("Invalid default scenario name 'nope'");
    assert!(peer.heard().is_empty());
}

/// runtime.md §6.3, the order of the table: whoever gives both is told.
#[test]
fn with_both_the_receiving_scenario_takes_all_and_the_user_is_told() {
    let call = Call::open(|addr| rsipp(&format!("{addr} -m 1 -oocsn ooc_default -rxsn uas")));
    assert_eq!(call.ask(&xml::wire_request("INVITE", "x", 1)).first_line(), "SIP/2.0 180 Ringing");
    let ended = call.end().exits(0).complains("warning: the out-of-call scenario 'ooc_default' never runs");
    assert_eq!(
        verdict_of(&ended, "The out-of-call scenario:\n"),
        "Verdict: 0 calls opened, 0 succeeded, 0 failed"
    );
}

/// scenario.md §11: `-set` finds the variables of all of them.
#[test]
fn set_may_name_a_variable_of_the_out_of_call_scenario() {
    let answerer = format!(
        "<scenario name=\"t\"><Global variables=\"phrase\"/>{}{}</scenario>",
        xml::await_request("INFO"),
        xml::response("200 [$phrase]", "")
    );
    let call = Call::open(|addr| {
        rsipp(&format!("{addr} -m 1 -set phrase Fine -oocsf ooc.xml")).file("ooc.xml", &answerer)
    });
    assert_eq!(call.ask(&xml::wire_request("INFO", "x", 1)).first_line(), "SIP/2.0 200 Fine");
    call.end().exits(0);
}
