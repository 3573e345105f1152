//! How soon the first packet leaves, and what is left behind: design.md's budget, and the conditions under which other
//! programs start rsipp (ios_canceler.md, "Child-process conditions").

use std::time::{Duration, SystemTime};

use crate::peer::{Heard, Peer};
use crate::program::{Ended, rsipp, rsipp_redirected};

/// From exec to the INVITE, median. Without optimisation the limit only guards against waiting for something, which SIPp's 100 ms are.
const BUDGET: Duration =
    if cfg!(debug_assertions) { Duration::from_millis(50) } else { Duration::from_millis(10) };

/// design.md, budgets. The shell that closes stdin is part of the time.
#[test]
fn the_first_invite_leaves_within_the_budget_under_the_worst_conditions() {
    let mut times: Vec<Duration> = (0..9).map(|_| exec_to_invite()).collect();
    times.sort();
    assert!(times[4] <= BUDGET, "median {:?} of {times:?}", times[4]);
}

/// stdin closed, output thrown away, no TERM, no HOME, a current directory where nobody can write.
fn exec_to_invite() -> Duration {
    let peer = Peer::answering();
    let arguments = format!("{} -m 1", peer.addr);
    let program = rsipp_redirected("<&- >/dev/null 2>&1", &arguments).no_environment().current_dir("/proc");
    let running = program.start();
    let started: SystemTime = running.started;
    running.wait().exits(0);
    let heard: Vec<Heard> = peer.heard_of("INVITE");
    heard[0].at.duration_since(started).unwrap()
}

/// cli.md §4.11: traces are files of those who ask for them.
#[test]
fn nothing_is_written_unless_asked_for() {
    let peer = Peer::answering();
    let busy = Peer::saying(&[("INVITE", "486 Busy Here")]);
    let wrote = |ended: Ended| ended.files();
    assert_eq!(wrote(rsipp(&format!("{} -m 1", peer.addr)).run().exits(0)), [""; 0]);
    assert_eq!(wrote(rsipp(&format!("{} -m 1", busy.addr)).run().exits(1)), [""; 0]);
    assert_eq!(wrote(rsipp("-foo").run().exits(1)), [""; 0]);
    assert_eq!(wrote(rsipp("-sn uas -i 127.0.0.1 -timeout 1").run().exits(97)), [""; 0]);
}
