//! The line that tells how far a run is: on a terminal that is stderr, and nowhere else.

use crate::peer::Peer;
use crate::program::rsipp;
use crate::terminal::Terminal;

#[test]
fn a_terminal_on_stderr_gets_a_line_that_is_gone_at_the_end() {
    let terminal = Terminal::new();
    let arguments = "-sn uac -peer_sn uas -i 127.0.0.1 -r 10 -m 20 -nostdin";
    let run = terminal.attach_errors(rsipp(arguments).variable("TERM", "xterm")).start();
    terminal.shows("/20 calls, ");
    terminal.shows("ETA");
    run.wait().exits(0);
    let said = terminal.said();
    let last = said.rsplit('\r').next().unwrap_or_default();
    assert!(!last.contains("calls,"), "{said:?}");
}

#[test]
fn files_and_dumb_terminals_get_none() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -r 2 -m 3", peer.addr)).variable("TERM", "xterm").run();
    assert!(!ended.exits(0).stderr.contains("calls,"));
    let terminal = Terminal::new();
    let run = terminal.attach_errors(rsipp(&format!("{} -r 2 -m 3", peer.addr)).variable("TERM", "dumb"));
    run.run().exits(0);
    assert!(!terminal.said().contains("calls,"), "{}", terminal.said());
}
