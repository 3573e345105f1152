//! The keyboard: cli.md §10.2, §10.3, §14 (typing a command), §15.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use rustix::process::Signal;

use crate::peer::Peer;
use crate::program::{Running, rsipp, shell_in_session};
use crate::terminal::Terminal;

/// Commands that are refused leave this in the errors log.
const ERRORS: &str = "-trace_err -error_file err.txt";

/// An idle server, whose keyboard is ready.
fn server(terminal: &Terminal, more: &str) -> Running {
    let server = terminal.rsipp(&format!("-sn uas -i 127.0.0.1 {more}")).start();
    server.listens_on();
    assert!(terminal.gives_keys());
    server
}

/// A client that has opened its one call and waits for an answer; at most one call in 100 s.
fn client(terminal: &Terminal, peer: &Peer, more: &str) -> Running {
    let client = terminal.rsipp(&format!("{} -r 1 -rp 100s -nr {more}", peer.addr)).start();
    peer.wait(1);
    client
}

/// cli.md §15: rate keys reach the generator. Without calls to make the run would last for ever.
#[test]
fn plus_and_times_raise_the_rate() {
    for key in ["+", "*"] {
        let peer = Peer::answering();
        let terminal = Terminal::new();
        let client = terminal.rsipp(&format!("{} -r 0 -m 1", peer.addr)).start();
        terminal.waits_for_keys(true);
        terminal.types(key);
        assert_eq!(terminal.wait(client).exits(0).calls(), (1, 1, 0), "{key}");
    }
}

/// cli.md §12.3, §15: the second call would come after a second.
#[test]
fn minus_divide_and_p_stop_new_calls() {
    for key in ["-", "/", "p"] {
        let peer = Peer::answering();
        let terminal = Terminal::new();
        let client = terminal.rsipp(&format!("{} -r 1 -m 2 -timeout 1500ms", peer.addr)).start();
        peer.wait(1);
        terminal.types(key);
        assert_eq!(terminal.wait(client).exits(0).calls(), (1, 1, 0), "{key}");
    }
}

/// cli.md §12.3, §15.
#[test]
fn p_again_goes_on() {
    let peer = Peer::answering();
    let terminal = Terminal::new();
    let client = terminal.rsipp(&format!("{} -r 1 -m 2 -timeout 20", peer.addr)).start();
    peer.wait(1);
    terminal.types("pp");
    assert_eq!(terminal.wait(client).exits(0).calls(), (2, 2, 0));
}

/// cli.md §15: `q` drains, `Q` ends at once.
#[test]
fn q_ends_an_idle_server_in_either_case() {
    for key in ["q", "Q"] {
        let terminal = Terminal::new();
        let server = server(&terminal, "");
        terminal.types(key);
        terminal.wait(server).exits(0);
    }
}

/// cli.md §15, §7.3: the screen looked at last comes first in the summary, then the statistics, and none of them twice. `5` means
/// something only with `-tdmmap`.
#[test]
fn digits_choose_the_screen_of_the_summary() {
    for (keys, titles) in [
        ("", &["Scenario", "Statistics"][..]),
        ("2", &["Statistics"]),
        ("21", &["Scenario", "Statistics"]),
        ("25", &["Statistics"]),
        ("3", &["Repartition", "Statistics"]),
        ("4", &["Variables", "Statistics"]),
        ("6", &["Repartition 2", "Statistics"]),
        ("9", &["Repartition 5", "Statistics"]),
    ] {
        let terminal = Terminal::new();
        let server = server(&terminal, "");
        terminal.types(&format!("{keys}x\n\tq"));
        let ended = terminal.wait(server).exits(0);
        let shown =
            ended.stdout.lines().filter_map(|line| line.split_once(" Screen ---")).map(|(title, _)| title);
        let shown: Vec<_> = shown.map(|title| title.trim_start_matches(['-', ' '])).collect();
        assert_eq!(shown, titles, "{keys}");
        assert_eq!(ended.stderr, "", "{keys}");
    }
}

/// cli.md §15, outputs.md §17.
#[test]
fn s_writes_the_screens() {
    let terminal = Terminal::new();
    let server = server(&terminal, "-trace_screen -screen_file screen.txt");
    terminal.types("s");
    server.waits_for_file("screen.txt", "SIPp Server Mode");
    terminal.types("q");
    assert_eq!(terminal.wait(server).exits(0).stderr, "");
}

/// cli.md §14: `c`, the command, Enter; shown as `Command: …`; then keys are keys again.
#[test]
fn a_command_is_shown_while_it_is_typed_and_carried_out_at_enter() {
    let terminal = Terminal::new();
    let server = server(&terminal, ERRORS);
    terminal.types("cset colo");
    terminal.displays(&["Command: set colo"]);
    terminal.types("ur qQ12\r");
    terminal.displays_no_more("Command:");
    server.waits_for_file("err.txt", "Unknown set attribute: colour");
    terminal.types("q");
    terminal.wait(server).exits(0);
}

/// cli.md §14, Bug: editing and Esc are ours.
#[test]
fn a_command_can_be_corrected_and_cancelled() {
    let terminal = Terminal::new();
    let server = server(&terminal, ERRORS);
    terminal.types("cfoox\x7f bar\n");
    server.waits_for_file("err.txt", "Unrecognized command: \"foo\"");
    // An escape alone is the key; with letters behind it in one piece it could be an arrow.
    terminal.types("cset other thing");
    terminal.displays(&["Command: set other thing"]);
    terminal.types("\x1b");
    terminal.displays_no_more("Command:");
    terminal.types("q");
    let ended = terminal.wait(server).exits(0);
    assert!(!ended.read("err.txt").contains("other"), "{}", ended.read("err.txt"));
}

/// cli.md §15: "Ctrl-C = SIGINT". Also in the middle of a command.
#[test]
fn ctrl_c_ends_at_once() {
    for typed in ["\x03", "cset rate\x03"] {
        let terminal = Terminal::new();
        let before = terminal.settings();
        let peer = Peer::silent();
        let client = client(&terminal, &peer, "");
        terminal.types(typed);
        assert_eq!(terminal.wait(client).exits(0).calls(), (1, 0, 0));
        assert_eq!(terminal.settings(), before);
    }
}

/// As SIGHUP: the terminal is as it was before the signal acts.
#[test]
fn ctrl_backslash_dies_of_the_signal_and_leaves_the_terminal_in_order() {
    let terminal = Terminal::new();
    let before = terminal.settings();
    let server = server(&terminal, "-trace_msg -message_file m.txt");
    terminal.types("\x1c");
    let ended = terminal.wait(server);
    assert_eq!(ended.status.signal(), Some(Signal::QUIT.as_raw()));
    assert_eq!(terminal.settings(), before);
}

/// A stopped job has given the terminal back, and takes it again when it goes on.
#[test]
fn ctrl_z_gives_the_terminal_back_until_the_job_goes_on() {
    let terminal = Terminal::new();
    let before = terminal.settings();
    // A session's leader is in no job that could be stopped, so a shell is.
    let program = shell_in_session("set -m; \"$0\" -sn uas -i 127.0.0.1; echo stopped; fg; echo over");
    let shell = terminal.attach(program).start();
    terminal.displays(&["SIPp Server Mode"]);
    terminal.types("\x1a");
    terminal.shows("stopped");
    terminal.waits_for_keys(true);
    terminal.displays(&["SIPp Server Mode"]);
    terminal.types("q");
    terminal.shows("over");
    let ended = terminal.wait(shell).exits(0);
    assert!(ended.stdout.contains("Test Terminated"));
    assert_eq!(terminal.settings(), before);
}

/// cli.md §10.2, Surprise: SIPp is stopped by SIGTTOU before it does anything.
#[test]
fn a_job_in_the_background_leaves_the_terminal_alone_and_runs() {
    let terminal = Terminal::new();
    let before = terminal.settings();
    let peer = Peer::answering();
    let script = format!("set -m; \"$0\" {} -m 3 -r 20 & wait $!; echo status=$?", peer.addr);
    let shell = terminal.attach(shell_in_session(&script)).start();
    terminal.types("QQQ");
    let ended = terminal.wait(shell).exits(0);
    assert!(ended.stdout.contains("status=0"), "{}", ended.stdout);
    assert!(!terminal.said().contains('\x1b'), "{:?}", terminal.said());
    assert_eq!(ended.calls(), (3, 3, 0));
    assert_eq!(terminal.settings(), before);
}

/// Brought to the foreground it has a keyboard, though nobody tells it.
#[test]
fn a_job_that_comes_to_the_foreground_gets_its_keyboard() {
    let terminal = Terminal::new();
    let before = terminal.settings();
    let script = "set -m; \"$0\" -sn uas -i 127.0.0.1 & read line; fg; echo over";
    let shell = terminal.attach(shell_in_session(script)).start();
    terminal.types("go on\n");
    terminal.waits_for_keys(true);
    terminal.displays(&["SIPp Server Mode"]);
    terminal.types("q");
    terminal.shows("over");
    terminal.wait(shell).exits(0);
    assert_eq!(terminal.settings(), before);
}

/// cli.md §4.3, §10.3.
#[test]
fn with_nostdin_the_terminal_is_not_touched() {
    let terminal = Terminal::new();
    let before = terminal.settings();
    let peer = Peer::silent();
    let client = client(&terminal, &peer, "-nostdin");
    assert_eq!(terminal.settings(), before);
    terminal.types("QQQ\n");
    client.signal(Signal::TERM);
    assert_eq!(terminal.wait(client).exits(0).calls(), (1, 0, 0));
}

/// cli.md §10.2: with stdout elsewhere there is no keyboard.
#[test]
fn with_stdout_in_a_file_the_terminal_is_not_touched() {
    let terminal = Terminal::new();
    let before = terminal.settings();
    let peer = Peer::silent();
    let stdout = tempfile::tempfile().unwrap();
    let client = terminal.rsipp(&format!("{} -r 1 -rp 100s", peer.addr)).stdout(stdout).start();
    peer.wait(1);
    assert_eq!(terminal.settings(), before);
    client.signal(Signal::TERM);
    terminal.wait(client).exits(0);
}

/// cli.md §10.3: "With stdout a terminal, keys are read from stdin even if that is a pipe."
#[test]
fn with_stdout_on_a_terminal_keys_come_through_a_pipe_too() {
    let terminal = Terminal::new();
    let mut server = terminal.attach_screen(rsipp("-sn uas -i 127.0.0.1")).stdin(Stdio::piped()).start();
    server.listens_on();
    server.take_stdin().write_all(b"2q").unwrap();
    let ended = terminal.wait(server).exits(0);
    assert!(!ended.stdout.contains("Scenario Screen"));
}

/// cli.md §10.3: end of input, a file, `/dev/null`: no keyboard, no CPU, no words about it.
#[test]
fn an_input_without_keys_is_silently_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    std::fs::write(&file, "QQQQ").unwrap();
    let open = |path: &std::path::Path| Stdio::from(std::fs::File::open(path).unwrap());
    for input in [Stdio::piped(), Stdio::null(), open(&file)] {
        let terminal = Terminal::new();
        let server = terminal.attach_screen(rsipp("-sn uas -i 127.0.0.1 -timeout 1")).stdin(input);
        let mut server = server.start();
        server.close_stdin();
        let ended = terminal.wait(server).exits(97);
        assert_eq!(ended.stderr, "");
        assert!(ended.cpu.as_millis() < 300, "{:?} of CPU in a second of waiting", ended.cpu);
    }
}

/// cli.md §10.2: where SIPp ends with 1.
#[test]
fn an_unknown_terminal_or_none_named_is_no_error() {
    for name in [None, Some("no-such-terminal"), Some("dumb")] {
        let terminal = Terminal::new();
        let program = terminal.rsipp("-sn uas -i 127.0.0.1").without_variable("TERM");
        let program = if let Some(name) = name { program.variable("TERM", name) } else { program };
        let server = program.start();
        terminal.waits_for_keys(true);
        if name == Some("no-such-terminal") {
            // All that are not dumb understand the same by now.
            terminal.displays(&["SIPp Server Mode"]);
        }
        terminal.types("cset\x1bq");
        terminal.wait(server).exits(0);
        let is_drawn = terminal.said().contains('\x1b');
        assert_eq!(is_drawn, name == Some("no-such-terminal"), "{:?}", terminal.said());
    }
}

/// cli.md §10.1: HUP inherited as ignored stays so (`nohup`).
#[test]
fn hup_is_ignored_when_it_was() {
    let terminal = Terminal::new();
    let server = terminal.attach(shell_in_session("trap '' HUP; exec \"$0\" -sn uas -i 127.0.0.1")).start();
    server.listens_on();
    server.signal(Signal::HUP);
    server.signal(Signal::TERM);
    assert!(terminal.wait(server).exits(0).stdout.contains("Test Terminated"));
}
