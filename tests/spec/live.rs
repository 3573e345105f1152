//! The live screens on a terminal: outputs.md §14, §15.9; cli.md §10.2.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use rustix::process::Signal;

use crate::peer::Peer;
use crate::program::{Running, rsipp};
use crate::terminal::Terminal;
use crate::xml;

/// A client whose one call waits for an answer.
fn client(terminal: &Terminal, peer: &Peer, more: &str) -> Running {
    let client = terminal.rsipp(&format!("{} -r 1 -rp 100s -nr {more}", peer.addr)).start();
    peer.wait(1);
    client
}

/// outputs.md §14.1: "drawn at start"; all of it at 80x24, with the footer in the last line.
#[test]
fn the_scenario_screen_is_there_from_the_start_and_leaves_the_terminal_as_it_was() {
    let terminal = Terminal::new();
    let before = terminal.settings();
    let peer = Peer::silent();
    let client = client(&terminal, &peer, "-f 0");
    terminal.displays(&["Scenario Screen", "8 :         200 <----------", "Load: asked ", "[q]: Soft exit"]);
    assert!(terminal.is_taken());
    let picture = terminal.picture();
    assert!(picture.starts_with("-----") && picture.ends_with("[p]: Pause traffic -----"), "{picture}");
    terminal.types("Q");
    let ended = terminal.wait(client);
    assert_eq!(ended.calls(), (1, 0, 1));
    assert!(ended.stdout.starts_with("----") && ended.stdout.contains("Test Terminated"));
    assert_eq!(terminal.settings(), before);
}

/// outputs.md §14.2: each key shows its screen; the statistics of a server are drawn anew as calls come.
#[test]
fn each_key_shows_its_screen_at_once() {
    let terminal = Terminal::new();
    let server = terminal.rsipp("-sn uas -i 127.0.0.1 -f 0").start();
    for (key, title) in [
        ("2", "- Statistics Screen -"),
        ("3", "- Repartition Screen -"),
        ("4", "- Variables Screen -"),
        ("6", "- Repartition 2 Screen -"),
        ("7", "- Repartition 3 Screen -"),
        ("8", "- Repartition 4 Screen -"),
        ("9", "- Repartition 5 Screen -"),
        ("1", "- Scenario Screen -"),
    ] {
        terminal.types(key);
        terminal.displays(&[title, "SIPp Server Mode"]);
    }
    terminal.types("q");
    terminal.wait(server).exits(0);
}

/// outputs.md §14.1: every `-f`, without a key; here the seconds of Total-time.
#[test]
fn the_screen_follows_the_run() {
    let peer = Peer::silent();
    let terminal = Terminal::new();
    let client = client(&terminal, &peer, "-f 100ms");
    for seconds in ["     0.", "     1.", "     2."] {
        terminal.displays(&["Scenario Screen", seconds]);
    }
    terminal.types("Q");
    terminal.wait(client);
}

/// outputs.md §14.3, the footers; and the last warning above them.
#[test]
fn footer_and_last_error_tell_what_goes_on() {
    let terminal = Terminal::new();
    let peer = Peer::silent();
    let client = client(&terminal, &peer, "-f 0");
    terminal.displays(&["[+|-|*|/]: Adjust rate"]);
    terminal.types("p");
    terminal.displays(&["Traffic Paused - Press [p] again"]);
    terminal.types("pcfoo bar\n");
    terminal.displays(&["[+|-|*|/]: Adjust rate", "Last Error: Unrecognized command: \"foo\"..."]);
    terminal.types("q");
    terminal.displays(&["Waiting for active calls to end"]);
    terminal.types("q");
    terminal.wait(client);
}

/// Ours: SIPp ignores it.
#[test]
fn a_terminal_of_another_size_gets_a_picture_of_that_size() {
    let terminal = Terminal::new();
    let peer = Peer::silent();
    let client = client(&terminal, &peer, "-f 0");
    terminal.displays(&["[p]: Pause traffic -----"]);
    for (columns, lines) in [(200, 60), (40, 10), (100, 30)] {
        terminal.resize(columns, lines);
        let last = "------ [+|-|*|/]: Adjust rate ---- [q]: Soft exit ---- [p]: Pause traffic -----";
        let last = if columns < 80 { format!("{}>", &last[..columns as usize - 1]) } else { last.to_owned() };
        terminal.displays(&["- Scenario", &last]);
        terminal.displays(&[if lines == 10 { "--- lines 1-" } else { "8 :         200 <---" }]);
        terminal.displays_lines(lines.into());
    }
    terminal.types("Q");
    terminal.wait(client);
}

/// Ours: the rest of a long scenario.
#[test]
fn a_long_scenario_can_be_scrolled() {
    let requests: Vec<_> = (0..40).flat_map(|_| [xml::request("INFO", ""), xml::expect("200")]).collect();
    let terminal = Terminal::new();
    let peer = Peer::silent();
    let client = terminal.rsipp(&format!("{} -f 0 -r 1 -rp 100s -nr -sf long.xml", peer.addr));
    let client = client.file("long.xml", xml::scenario(&requests)).start();
    terminal
        .displays(&["0 :        INFO -----", "--- lines 1-20 of 89: arrow keys, PgUp, PgDn, Home, End ---"]);
    for (keys, row) in [("\x1b[F", "79:         200 <----"), ("\x1b[H\x1b[6~", "11:         200 <---")] {
        terminal.types(keys);
        terminal.displays(&[row, "[q]: Soft exit"]);
    }
    terminal.types("Q");
    terminal.wait(client);
}

/// The terminal is as it was, whatever ends the run.
#[test]
fn signals_leave_the_terminal_in_order() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let terminal = Terminal::new();
        let before = terminal.settings();
        let peer = Peer::silent();
        let client = client(&terminal, &peer, "");
        terminal.displays(&["Scenario Screen"]);
        client.signal(signal);
        let ended = terminal.wait(client);
        assert_eq!(terminal.settings(), before);
        if matches!(signal, Signal::INT | Signal::TERM) {
            assert_eq!(ended.calls(), (1, 0, 0));
        } else {
            assert_eq!(ended.status.signal(), Some(signal.as_raw()));
        }
    }
}

/// cli.md §4.3: `-nostdin` is about keys only; a signal still finds the terminal in order.
#[test]
fn without_a_keyboard_there_are_screens_too() {
    let terminal = Terminal::new();
    let before = terminal.settings();
    let peer = Peer::silent();
    let client = client(&terminal, &peer, "-nostdin");
    terminal.displays(&["Scenario Screen", "[q]: Soft exit"]);
    assert_eq!(terminal.settings(), before);
    client.signal(Signal::QUIT);
    assert_eq!(terminal.wait(client).status.signal(), Some(Signal::QUIT.as_raw()));
}

/// Ctrl-S, and nobody presses Ctrl-Q.
#[test]
fn a_stopped_terminal_does_not_hold_up_the_run() {
    let terminal = Terminal::new();
    let peer = Peer::answering();
    let client = terminal.rsipp(&format!("{} -r 10 -m 20 -f 100ms", peer.addr)).start();
    terminal.displays(&["Scenario Screen"]);
    terminal.types("\x13");
    let ended = client.wait().exits(0);
    assert_eq!(peer.heard_of("INVITE").len(), 20);
    assert!(ended.took < Duration::from_secs(8), "{:?}", ended.took);
    terminal.types("\x11");
}

/// A connection that is dead, but not closed.
#[test]
fn a_terminal_that_nobody_reads_does_not_hold_up_the_run() {
    let terminal = Terminal::that_nobody_reads();
    let peer = Peer::answering();
    let client = terminal.rsipp(&format!("{} -r 100 -m 300 -f 1ms", peer.addr)).start();
    let ended = client.wait().exits(0);
    assert_eq!(peer.heard_of("INVITE").len(), 300);
    assert!(ended.took < Duration::from_secs(12), "{:?}", ended.took);
}

/// outputs.md §14.1, row 2.
#[test]
fn without_a_terminal_nothing_is_drawn() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -r 20 -m 5 -f 10ms", peer.addr)).variable("TERM", "xterm").run().exits(0);
    assert!(!ended.stdout.contains('\x1b') && !ended.stderr.contains('\x1b'), "{:?}", ended.stdout);
}
