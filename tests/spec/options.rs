//! What options do that have no page of their own: cli.md §4.2–§4.4, §4.10, §4.11, each seen from outside.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::peer::{Heard, Peer};
use crate::program::{Ended, rsipp};
use crate::xml;

/// One OPTIONS with this header line, with these options.
fn options_saying(header: &str, options: &str) -> (Heard, Ended) {
    let peer = Peer::answering();
    let program = rsipp(&format!("{} -m 1 {options}", peer.addr)).scenario(&xml::options_with(header));
    let ended = program.run().exits(0);
    (peer.heard().remove(0), ended)
}

/// cli.md §4.3: before the sockets are opened, behind all checks.
#[test]
fn sleep_waits_before_anything_is_sent() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1 -sleep 0.4", peer.addr)).run().exits(0);
    assert!(ended.took >= Duration::from_millis(400), "{:?}", ended.took);
    // The clock of the statistics starts afterwards.
    let row = ended.stdout.lines().find(|line| line.contains("Elapsed Time")).unwrap();
    let micros: u64 = row.rsplit(':').next().unwrap().trim().parse().unwrap();
    assert!(
        Duration::from_micros(micros) + Duration::from_millis(399) <= ended.took,
        "{row} of {:?}",
        ended.took
    );
    let ended = rsipp("-sf missing.xml -sleep 60 127.0.0.1").run().exits(1);
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
}

/// cli.md §10.1: remembered, where 3.6.1 ends the sleep.
#[test]
fn a_signal_during_sleep_ends_the_run_or_is_remembered() {
    let asleep = rsipp("-sn uas -i 127.0.0.1 -sleep 60").start();
    wait_for_handlers(asleep.pid());
    asleep.signal(Signal::INT);
    asleep.wait().exits(0);

    let asleep = rsipp("-sn uas -i 127.0.0.1 -sleep 0.5").start();
    wait_for_handlers(asleep.pid());
    asleep.signal(Signal::USR1);
    let ended = asleep.wait().exits(0);
    assert!(ended.took >= Duration::from_millis(500), "{:?}", ended.took);
}

/// Until the process catches SIGUSR2, the last signal that it asks for (SigCgt in proc_pid_status(5)).
pub fn wait_for_handlers(pid: u32) {
    loop {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
        if caught & (1 << 11) != 0 {
            return;
        }
        std::thread::yield_now();
    }
}

/// cli.md §4.8; SIPp cuts it down to whole seconds, and so waits for ever.
#[test]
fn timeout_counts_milliseconds() {
    let ended = rsipp("-sn uas -i 127.0.0.1 -timeout 500ms").run().exits(97);
    assert!((0.45..5.0).contains(&ended.took.as_secs_f64()), "{:?}", ended.took);
}

/// cli.md §4.4.1.
#[test]
fn call_ids_are_of_the_kind_that_was_asked_for() {
    let call_id = |options: &str| options_saying("X: y", options).0.header("Call-ID").to_owned();
    let (id, ip) = call_id("-cid_type UUID -cid_str ignored").split_once('@').map(owned).unwrap();
    assert_eq!((id.len(), id.matches('-').count(), ip.as_str()), (36, 4, "127.0.0.1"));
    let (id, _) = call_id("-cid_type uuid32").split_once('@').map(owned).unwrap();
    assert!(id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit()), "{id}");
    let id = call_id("-cid_type random");
    assert!(id.starts_with("1-") && id.len() == "1-@127.0.0.1".len() + 32, "{id}");
    let id = call_id("-cid_type timestamp");
    assert_eq!(id.split('-').nth(1), Some("1"), "{id}");
    let id = call_id("-cid_str a%u-%%b%xz@%s%");
    assert_eq!(id, "a1-%b%z@127.0.0.1%");
    rsipp("-cid_type guid 127.0.0.1").run().exits(1).complains("Unknown Call-ID mode 'guid'.");
}

fn owned((a, b): (&str, &str)) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

/// cli.md §4.3, keywords.md §6.3.
#[test]
fn the_range_of_dynamic_id_can_be_chosen() {
    let header = "X: [dynamic_id] [dynamic_id] [dynamic_id]";
    let (message, _) = options_saying(header, "-dynamicStart 7 -dynamicMax 12 -dynamicStep 3");
    assert_eq!(message.header("X"), "7 10 7");
}

/// cli.md §4.11, keywords.md §6.4, outputs.md §1.1.
#[test]
fn rfc3339_changes_every_time_stamp() {
    let is_rfc = |text: &str| text.len() >= 27 && text.as_bytes()[10] == b'T' && !text.contains('\t');
    let (message, _) = options_saying("X: [timestamp]", "-rfc3339");
    assert!(is_rfc(message.header("X")), "{}", message.header("X"));
    let (message, _) = options_saying("X: [timestamp]", "");
    assert!(message.header("X").contains('\t'), "{}", message.header("X"));

    let peer = Peer::saying(&[("INVITE", "486 Busy Here")]);
    let line = format!("{} -m 1 -rfc3339 -trace_err -error_file errors", peer.addr);
    let ended = rsipp(&line).run().exits(1);
    assert!(is_rfc(ended.read("errors").lines().nth(1).unwrap()), "{}", ended.read("errors"));
    assert!(is_rfc(ended.stderr.lines().find(|line| line.contains("Aborting")).unwrap()), "{}", ended.stderr);
}

/// cli.md §4.2, local address rules.
#[test]
fn bind_local_binds_to_the_address_that_routes_to_the_remote_host() {
    assert_eq!(options_saying("X: [server_ip]", "").0.header("X"), "0.0.0.0");
    assert_eq!(options_saying("X: [server_ip]", "-bind_local").0.header("X"), "127.0.0.1");
}

/// cli.md §4.2, transport.md §9.
#[test]
fn a_socket_is_bound_to_a_device_or_the_run_ends() {
    options_saying("X: y", "-bind_to_device lo");
    let ended = rsipp("-sn uas -i 127.0.0.1 -bind_to_device no-such-dev").run().exits(255);
    ended.complains("setsockopt(SO_BINDTODEVICE) failed, errno = 19 (No such device)");
}

/// cli.md §16: an interval above the threshold trips every time.
#[test]
fn the_watchdog_warns_and_ends_the_run() {
    let ended = rsipp(
        "-sn uas -i 127.0.0.1 -trace_err -error_file errors -watchdog_interval 30 -watchdog_minor_threshold 20 \
         -watchdog_major_threshold 60000 -watchdog_minor_maxtriggers 1",
    );
    let ended = ended.run().exits(255);
    let errors = ended.read("errors");
    assert_eq!(
        errors.matches("Overload warning: the minor watchdog timer 20ms has been tripped (").count(),
        2
    );
    let last = "Overload error: the watchdog timer has tripped the minor threshold of 20ms too many times \
                (2 out of 1 allowed) (0 out of 10 major 60000ms timeouts tripped)";
    assert!(errors.contains(last), "{errors}");
    ended.complains("There were more errors, see 'errors' file");
}

/// cli.md §4.10: 0 is no watchdog.
#[test]
fn without_a_watchdog_nothing_is_said() {
    let line = "-sn uas -i 127.0.0.1 -timeout 300ms -watchdog_interval 0 -watchdog_minor_threshold 0";
    let ended = rsipp(line).run().exits(97);
    assert!(!ended.stderr.contains("watchdog"), "{}", ended.stderr);
}

/// cli.md §4.10: a scenario that loops gives up its turn, so the timeout is seen.
#[test]
fn a_loop_ends_with_the_run_whatever_the_turns() {
    let peer = Peer::silent();
    let steps = [xml::request("OPTIONS", ""), "<label id=\"1\"/><nop next=\"1\"/>".to_owned()];
    let xml = xml::scenario(&steps);
    let line = format!("{} -m 1 -timeout 300ms -max_sched_loops 1 -max_recv_loops 1", peer.addr);
    rsipp(&line).scenario(&xml).run().exits(1);
}

/// cli.md §6 step 8: the soft limit is raised; SIPp only looks at it.
#[test]
fn the_limit_of_open_files_is_raised_when_it_is_low() {
    let peer = Peer::answering();
    // The limit that a command started by the scenario has.
    let limit = |options: &str| -> u32 {
        let command = "<exec command=\"echo $(ulimit -S -n) &gt; limit\"/>";
        let xml = xml::scenario(&[xml::request("OPTIONS", ""), xml::expect("200"), xml::nop(command)]);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("s.xml"), xml).unwrap();
        let script = format!("ulimit -S -n 20; exec \"$0\" {} -m 1 -sf s.xml {options}", peer.addr);
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_rsipp")]).current_dir(folder.path());
        assert_eq!(shell.output().unwrap().status.code(), Some(0));
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let text = fs::read_to_string(folder.path().join("limit")).unwrap_or_default();
            match text.trim().parse() {
                Ok(limit) => return limit,
                Err(_) => assert!(Instant::now() < until, "no limit in {text:?}"),
            }
            std::thread::yield_now();
        }
    };
    assert!(limit("") > 20);
    assert_eq!(limit("-skip_rlimit"), 20);
}

/// cli.md §0: a link or copy called sipp is the same program.
#[test]
fn called_sipp_it_is_the_same_program() {
    let folder = tempfile::tempdir().unwrap();
    let sipp = folder.path().join("sipp");
    symlink(env!("CARGO_BIN_EXE_rsipp"), &sipp).unwrap();
    let output = |arguments: &[&str]| Command::new(&sipp).args(arguments).output().unwrap();
    assert_eq!(output(&["-sd", "uac"]).stdout, rsipp("-sd uac").run().exits(99).stdout.as_bytes());
    assert_eq!(output(&["-foo"]).status.code(), Some(1));
}

/// cli.md §1.3: what scripts do to learn the version.
#[test]
fn scripts_that_ask_for_the_version_understand_the_answer() {
    for (pipe, wanted) in [
        ("head -2 | tail -1 | cut -d' ' -f3", "v3.7.7"),
        ("grep -oE 'SIPp v[0-9]+\\.[0-9]+' | head -1", "SIPp v3.7"),
        ("awk '/SIPp v/ {print $2; exit}'", "v3.7.7"),
        ("sed -n 's/^ *SIPp v\\([0-9.]*[0-9]\\).*/\\1/p'", "3.7.7"),
        ("grep -o 'rsipp v[0-9.]*[0-9]'", concat!("rsipp v", env!("CARGO_PKG_VERSION"))),
        ("grep -c -i sipp | sed 's/[1-9]/some/'", "some"),
        ("sed -n 2p | grep -o '\\.$'", "."),
    ] {
        let script = format!("\"$0\" -v | {pipe}");
        let mut command = Command::new("sh");
        let output = command.args(["-c", &script, env!("CARGO_BIN_EXE_rsipp")]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), wanted, "{pipe}");
    }
}
