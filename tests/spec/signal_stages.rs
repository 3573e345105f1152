//! Each signal, and the keys `q` and `Q`, at each stage of a run: cli.md §8, §9, §10.1; runtime.md §15. Whatever happens, the trace
//! files are complete and the terminal is as it was.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;

use rustix::process::Signal;

use crate::peer::{Heard, Peer, Say, accept, now};
use crate::program::{Program, Running};
use crate::terminal::Terminal;
use crate::xml;

/// What is done to the run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stimulus {
    Sends(Signal),
    Types(&'static str),
}
use Stimulus::{Sends, Types};

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// Exit code, and calls opened, succeeded, failed.
    Exits(i32, (u64, u64, u64)),
    /// Dies of the signal, without a summary.
    Dies(Signal),
    /// Nothing: the run is ended by SIGTERM, with this.
    GoesOn(i32, (u64, u64, u64)),
}
use Outcome::{Dies, Exits, GoesOn};

const TRACES: &str =
    "-trace_err -error_file err.txt -trace_msg -message_file msg.txt -trace_logs -log_file log.txt";

/// A call with a log line, a pause of `-d`, a BYE and a last wait.
fn call_with_a_long_end() -> String {
    xml::scenario(&[
        xml::request("INVITE", ""),
        xml::expect("200"),
        xml::request("ACK", ""),
        xml::nop("<log message=\"established\"/>"),
        "<pause/>".into(),
        xml::request("BYE", ""),
        xml::expect("200"),
        xml::nop("<log message=\"over\"/>"),
        "<timewait milliseconds=\"60000\"/>".into(),
    ])
}

/// 200 to all; before the first, something that is worth a warning.
fn accept_with_garbage(heard: &Heard) -> Vec<Say> {
    let garbage = (heard.method() == "INVITE").then(|| now("not a SIP message at all\r\n".to_owned()));
    garbage.into_iter().chain(accept(heard)).collect()
}

/// A run on a terminal.
struct Stage {
    terminal: Terminal,
    before: String,
    running: Running,
}

impl Stage {
    fn begin(arguments: &str, with: impl FnOnce(Program) -> Program) -> Stage {
        let terminal = Terminal::new();
        terminal.set_oddly();
        let before = terminal.settings();
        let running = with(terminal.rsipp(&format!("{arguments} {TRACES}"))).start();
        Stage { terminal, before, running }
    }

    fn stimulate(&self, stimulus: Stimulus) {
        match stimulus {
            Sends(signal) => self.running.signal(signal),
            Types(key) => self.terminal.types(key),
        }
    }

    /// Waits for the end, and compares everything.
    #[track_caller]
    fn ends(self, stimulus: Stimulus, outcome: Outcome, peer: Option<&Peer>) {
        eprintln!("--- {stimulus:?}: {outcome:?}");
        if let GoesOn(..) = outcome {
            if stimulus == Sends(Signal::USR2) {
                self.running.waits_for_file("err.txt", "No screens are written");
            }
            self.running.signal(Signal::TERM);
        }
        let ended = self.terminal.wait(self.running);
        match outcome {
            Exits(code, calls) | GoesOn(code, calls) => {
                assert_eq!((ended.status.code(), ended.status.signal()), (Some(code), None));
                assert_eq!(ended.calls(), calls);
            }
            Dies(signal) => {
                assert_eq!(ended.status.signal(), Some(signal.as_raw()));
                assert!(!ended.stdout.contains("Test Terminated"));
            }
        }
        assert_eq!(self.terminal.settings(), self.before, "settings of the terminal");
        let sent = ended.read("msg.txt").matches("UDP message sent").count();
        if let Some(peer) = peer {
            let heard = peer.wait(sent);
            assert_eq!(heard.len(), sent, "all that was sent is in the trace");
            assert!(ended.read("err.txt").contains("not a SIP message"), "{}", ended.read("err.txt"));
            assert!(ended.read("log.txt").starts_with("established\n"));
        }
    }
}

/// cli.md §10.1: INT and TERM have their default action here, USR1 is remembered. The scenario comes through a pipe, so that this
/// stage lasts as long as the test wants.
#[test]
fn while_it_loads() {
    for (stimulus, outcome) in [
        (Sends(Signal::INT), Early::Dies(Signal::INT)),
        (Sends(Signal::TERM), Early::Dies(Signal::TERM)),
        (Sends(Signal::HUP), Early::Dies(Signal::HUP)),
        (Sends(Signal::USR1), Early::OpensNoCall),
        (Sends(Signal::USR2), Early::Nothing),
        (Sends(Signal::PIPE), Early::Nothing),
        (Types("q"), Early::OpensNoCall),
        (Types("Q"), Early::OpensNoCall),
    ] {
        eprintln!("--- {stimulus:?}");
        let peer = Peer::answering();
        let stage =
            Stage::begin(&format!("{} -m 1 -sf pipe", peer.addr), |program| program.named_pipe("pipe"));
        // Opens when the other side is open: rsipp is about to read its scenario.
        let mut scenario = OpenOptions::new().write(true).open(stage.running.path("pipe")).unwrap();
        stage.stimulate(stimulus);
        if let Types(key) = stimulus {
            // The terminal has taken it.
            stage.terminal.shows(key);
        }
        if let Early::Dies(signal) = outcome {
            let ended = stage.terminal.wait(stage.running);
            assert_eq!(ended.status.signal(), Some(signal.as_raw()));
            continue;
        }
        scenario.write_all(xml::options_with("X-Test: yes").as_bytes()).unwrap();
        drop(scenario);
        let calls = if outcome == Early::OpensNoCall { (0, 0, 0) } else { (1, 1, 0) };
        let ended = stage.terminal.wait(stage.running).exits(0);
        assert_eq!(ended.calls(), calls);
        assert_eq!(peer.heard().len() as u64, calls.0);
        assert_eq!(stage.terminal.settings(), stage.before);
        if stimulus == Sends(Signal::USR2) {
            assert!(ended.read("err.txt").contains("No screens are written"));
        }
    }
}

/// What comes of a signal before there is anything to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Early {
    Dies(Signal),
    OpensNoCall,
    /// The run takes its course.
    Nothing,
}

#[test]
fn before_the_first_call() {
    let none = (0, 0, 0);
    for (stimulus, outcome) in [
        (Sends(Signal::INT), Exits(0, none)),
        (Sends(Signal::TERM), Exits(0, none)),
        (Sends(Signal::HUP), Dies(Signal::HUP)),
        (Sends(Signal::USR1), Exits(0, none)),
        (Sends(Signal::USR2), GoesOn(0, none)),
        (Sends(Signal::PIPE), GoesOn(0, none)),
        (Types("q"), Exits(0, none)),
        (Types("Q"), Exits(0, none)),
    ] {
        let stage = Stage::begin("-sn uas -i 127.0.0.1", |program| program);
        stage.running.listens_on();
        stage.stimulate(stimulus);
        stage.ends(stimulus, outcome, None);
    }
}

/// One call in the first 100 s.
fn one_call(peer: &Peer, more: &str) -> Stage {
    let arguments = format!("{} -r 1 -rp 100s {more}", peer.addr);
    Stage::begin(&arguments, |program| program.scenario(&call_with_a_long_end().replace("60000", "1")))
}

#[test]
fn while_a_call_goes_on() {
    for (stimulus, pause, outcome) in [
        (Sends(Signal::INT), 60_000, Exits(0, (1, 0, 0))),
        (Sends(Signal::TERM), 60_000, Exits(0, (1, 0, 0))),
        (Sends(Signal::HUP), 60_000, Dies(Signal::HUP)),
        (Sends(Signal::USR1), 300, Exits(0, (1, 1, 0))),
        (Sends(Signal::USR2), 60_000, GoesOn(0, (1, 0, 0))),
        (Sends(Signal::PIPE), 60_000, GoesOn(0, (1, 0, 0))),
        (Types("q"), 300, Exits(0, (1, 1, 0))),
        (Types("Q"), 60_000, Exits(1, (1, 0, 1))),
    ] {
        let peer = Peer::new(accept_with_garbage);
        let stage = one_call(&peer, &format!("-d {pause}"));
        peer.wait_for(1, "ACK");
        stage.stimulate(stimulus);
        stage.ends(stimulus, outcome, Some(&peer));
        let byes = usize::from(matches!(outcome, Exits(_, (_, 1, _) | (_, _, 1))));
        assert_eq!(peer.heard_of("BYE").len(), byes);
    }
}

/// `q` was pressed, the call goes on.
#[test]
fn while_it_drains() {
    for (stimulus, outcome) in [
        (Sends(Signal::INT), Exits(0, (1, 0, 0))),
        (Sends(Signal::TERM), Exits(0, (1, 0, 0))),
        (Sends(Signal::HUP), Dies(Signal::HUP)),
        (Sends(Signal::USR1), Exits(1, (1, 0, 1))),
        (Sends(Signal::USR2), GoesOn(0, (1, 0, 0))),
        (Sends(Signal::PIPE), GoesOn(0, (1, 0, 0))),
        (Types("q"), Exits(1, (1, 0, 1))),
        (Types("Q"), Exits(1, (1, 0, 1))),
    ] {
        let peer = Peer::new(accept_with_garbage);
        let stage = one_call(&peer, "-d 60000");
        peer.wait_for(1, "ACK");
        stage.terminal.types("q");
        stage.stimulate(stimulus);
        stage.ends(stimulus, outcome, Some(&peer));
    }
}

/// `-m` is reached, and the last call is in its last wait. runtime.md §15, Surprise: one USR1 or `q` is enough now.
#[test]
fn in_the_last_wait_of_the_last_call() {
    for (stimulus, outcome) in [
        (Sends(Signal::INT), Exits(0, (1, 0, 0))),
        (Sends(Signal::TERM), Exits(0, (1, 0, 0))),
        (Sends(Signal::HUP), Dies(Signal::HUP)),
        (Sends(Signal::USR1), Exits(1, (1, 0, 1))),
        (Sends(Signal::USR2), GoesOn(0, (1, 0, 0))),
        (Sends(Signal::PIPE), GoesOn(0, (1, 0, 0))),
        (Types("q"), Exits(1, (1, 0, 1))),
        (Types("Q"), Exits(1, (1, 0, 1))),
    ] {
        let peer = Peer::new(accept_with_garbage);
        let arguments = format!("{} -m 1", peer.addr);
        let stage = Stage::begin(&arguments, |program| program.scenario(&call_with_a_long_end()));
        stage.running.waits_for_file("log.txt", "over");
        stage.stimulate(stimulus);
        stage.ends(stimulus, outcome, Some(&peer));
    }
}
