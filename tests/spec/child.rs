//! rsipp as the child of another program: cli.md §10.3, §10.4, §10.5.

use std::net::UdpSocket;
use std::process::Stdio;
use std::time::Duration;

use crate::peer::Peer;
use crate::program::{Stranger, rsipp, rsipp_redirected};

/// cli.md §10.3: where SIPp dies with 255.
#[test]
fn a_closed_stdin_is_no_error() {
    let peer = Peer::answering();
    let ended = rsipp_redirected("<&-", &format!("{} -m 1", peer.addr)).run().exits(0);
    assert_eq!(ended.calls(), (1, 1, 0));
    assert!(!ended.stderr.contains("errno"));
}

/// cli.md §10.3: where SIPp spins.
#[test]
fn a_pipe_at_its_end_as_stdin_costs_nothing() {
    let mut server = rsipp("-sn uas -i 127.0.0.1 -timeout 1").stdin(Stdio::piped()).start();
    drop(server.take_stdin());
    let ended = server.wait().exits(97);
    assert!(ended.cpu < Duration::from_millis(300), "{:?} of CPU in a second of waiting", ended.cpu);
}

/// cli.md §10.2: a `Q` on a pipe does nothing when stdout is no terminal.
#[test]
fn bytes_on_stdin_are_not_keys() {
    use std::io::Write;
    let peer = Peer::answering();
    let mut client = rsipp(&format!("{} -m 3 -r 20", peer.addr)).stdin(Stdio::piped()).start();
    client.take_stdin().write_all(b"QQQ").unwrap();
    assert_eq!(client.wait().exits(0).calls(), (3, 3, 0));
}

/// cli.md §10.5: and descriptor 1 is not used for something else.
#[test]
fn a_closed_stdout_changes_nothing() {
    let peer = Peer::answering();
    let ended = rsipp_redirected(">&-", &format!("{} -m 1 -trace_msg -message_file m.log", peer.addr)).run();
    let ended = ended.exits(0);
    assert!(!ended.read("m.log").contains("Test Terminated"), "{ended}");
}

/// cli.md §10.5.
#[test]
fn a_reader_that_is_gone_changes_nothing() {
    let peer = Peer::answering();
    let (reader, writer) = std::io::pipe().unwrap();
    let client = rsipp(&format!("{} -m 1", peer.addr)).stdout(writer).start();
    drop(reader);
    client.wait().exits(0);
}

/// cli.md §10.5: each finds ports of its own.
#[test]
fn several_instances_at_once_do_not_meet() {
    let peer = Peer::answering();
    let command = format!("{} -m 20 -r 100", peer.addr);
    let programs: Vec<_> = (0..5).map(|_| rsipp(&command).start()).collect();
    for program in programs {
        assert_eq!(program.wait().exits(0).calls(), (20, 20, 0));
    }
    let mut ports: Vec<_> = peer.heard().iter().map(|heard| heard.from.port()).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 5);
}

/// cli.md §4.2: the first free of 5060 to 5119. Whether it is this test or another program that holds 5060 is all the same.
#[test]
fn a_busy_port_5060_means_one_of_the_next_ones() {
    let _taken = UdpSocket::bind("0.0.0.0:5060");
    let peer = Peer::answering();
    rsipp(&format!("{} -m 1", peer.addr)).run().exits(0);
    let invite = &peer.heard()[0];
    assert!((5061..5120).contains(&invite.from.port()), "{}", invite.from);
    assert!(invite.header("Via").contains(&format!(":{};", invite.from.port())));
}

/// cli.md §10.4.
#[test]
fn bg_prints_the_pid_ends_with_99_and_the_child_does_the_job() {
    let peer = Peer::answering();
    let parent = rsipp(&format!("{} -m 3 -r 5 -bg", peer.addr)).run().exits(99);
    let line = parent.stdout.lines().next().unwrap();
    let pid = line.strip_prefix("Background mode - PID=[").and_then(|rest| rest.strip_suffix(']')).unwrap();
    // The first call of three, 400 ms before the last: the child is there to be found.
    let child = Stranger::new(pid.parse().unwrap());
    assert_eq!(peer.wait_for(3, "BYE").len(), 3);
    child.wait();
    // cli.md §10.4: `[pid]` is the parent's.
    assert!(peer.heard()[0].header("Call-ID").contains(&format!("-{}@", parent.pid)));
}

/// cli.md §10.4: what can be checked before is checked in the foreground.
#[test]
fn bg_does_not_hide_a_refusal() {
    rsipp("127.0.0.1 -bg -sf missing.xml").run().exits(1).complains("Unable to load or parse 'missing.xml'");
    rsipp("-sn uac -bg").run().exits(255).complains("Missing remote host parameter");
}
