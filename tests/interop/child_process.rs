//! The canceler as the child of a server process, without Kamailio: the device is the peer itself.
//! ios_canceler.md, "Proof": hostile surroundings, and an end in every case, with success.

use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::phone::{Phone, SOON};
use crate::program::{Program, Running, in_repository, silent};

/// A canceler's folder, with its injection file, and its command line.
struct Canceler {
    folder: TempDir,
    command: Command,
}

impl Canceler {
    fn new(phone: &Phone, state: &str) -> Canceler {
        Canceler::with(
            &Program::under_test().path(),
            &in_repository("scenarios/invite_cancel.xml"),
            phone,
            state,
        )
    }

    fn with(program: &Path, scenario: &Path, phone: &Phone, state: &str) -> Canceler {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let calls = folder.path().join("calls.csv");
        std::fs::write(&calls, format!("SEQUENTIAL\n2001;1001;\"Alice\";2001_77;{state};\n")).expect("write");
        let mut command = Command::new(program);
        command.arg(phone.address().to_string()).arg("-sf").arg(scenario).arg("-inf").arg(&calls);
        command.args(["-m", "1", "-cid_str", "announced@push"]);
        silent(&mut command);
        Canceler { folder, command }
    }

    fn start(mut self) -> Started {
        Started { running: Running::start(&mut self.command), folder: self.folder }
    }
}

/// A running canceler; its folder goes when it does.
struct Started {
    running: Running,
    folder: TempDir,
}

impl Started {
    #[track_caller]
    fn exit_code(&self, within: Duration) -> i32 {
        self.running.exit_code(within)
    }
}

#[test]
fn it_runs_without_stdin_terminal_and_home_in_a_read_only_folder() {
    let mut phone = Phone::alone();
    let canceler = Canceler::new(&phone, "canceled");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "exec \"$0\" \"$@\" <&-"]).arg(canceler.command.get_program());
    command.args(canceler.command.get_args());
    if Program::under_test() == Program::Sipp {
        // sipp ends with 255 when its stdin is closed; cli.md §10.3.
        command.arg("-nostdin");
    }
    // Nobody can create a file in /proc, not even root.
    let running = Running::start(silent(command.env_clear().current_dir("/proc")));
    phone.ring_until_canceled().assert_one_transaction();
    assert_eq!(running.exit_code(SOON), 0);
}

#[test]
fn it_takes_another_port_when_5060_is_in_use() {
    // When this fails, somebody else uses the port: all the same.
    let _taken = UdpSocket::bind("0.0.0.0:5060");
    let mut phone = Phone::alone();
    let running = Canceler::new(&phone, "canceled").start();
    let seen = phone.ring_until_canceled();
    assert_ne!(seen.invite.from.port(), 5060);
    assert!(seen.invite.header("Via").contains(&seen.invite.from.to_string()), "{:?}", seen.invite);
    assert_eq!(running.exit_code(SOON), 0);
}

#[test]
fn several_run_at_once() {
    let mut all: Vec<(Phone, Started)> = (0..12)
        .map(|_| {
            let phone = Phone::alone();
            let running = Canceler::new(&phone, "answered").start();
            (phone, running)
        })
        .collect();
    for (phone, running) in &mut all {
        phone.ring_until_canceled().assert_one_transaction();
        assert_eq!(running.exit_code(SOON), 0);
    }
}

#[test]
fn it_writes_no_file() {
    let mut phone = Phone::alone();
    let mut canceler = Canceler::new(&phone, "canceled");
    canceler.command.current_dir(canceler.folder.path());
    let running = canceler.start();
    phone.ring_until_canceled();
    assert_eq!(running.exit_code(SOON), 0);
    let names: Vec<_> = std::fs::read_dir(running.folder.path())
        .expect("read")
        .map(|entry| entry.expect("entry").file_name())
        .collect();
    assert_eq!(names, ["calls.csv"]);
}

#[test]
fn a_refusal_is_acknowledged_and_ends_it() {
    for code in [302, 404, 408, 480, 486, 488, 500, 503, 600, 603] {
        let mut phone = Phone::alone();
        let running = Canceler::new(&phone, "canceled").start();
        let invite = phone.expect("INVITE");
        phone.answer(&invite, 100);
        phone.answer(&invite, code);
        let ack = phone.expect("ACK");
        assert_eq!(ack.branch(), invite.branch(), "{code}");
        assert!(ack.header("To").ends_with(";tag=phone"), "{code}: {ack:?}");
        assert_eq!(running.exit_code(SOON), 0, "{code}");
    }
}

#[test]
fn a_refusal_that_overtakes_the_answer_to_the_cancel_is_acknowledged() {
    let mut phone = Phone::alone();
    let running = Canceler::new(&phone, "canceled").start();
    let invite = phone.expect("INVITE");
    phone.answer(&invite, 183);
    phone.expect("CANCEL");
    phone.answer(&invite, 486);
    assert_eq!(phone.expect("ACK").branch(), invite.branch());
    assert_eq!(running.exit_code(SOON), 0);
}

#[test]
fn a_device_that_knows_no_call_to_cancel_still_gets_its_ack() {
    let mut phone = Phone::alone();
    let running = Canceler::new(&phone, "canceled").start();
    let invite = phone.expect("INVITE");
    phone.answer(&invite, 180);
    let cancel = phone.expect("CANCEL");
    phone.answer(&cancel, 481);
    phone.answer(&invite, 487);
    let ack = phone.expect("ACK");
    assert_eq!(ack.header("CSeq"), "1 ACK");
    assert_eq!(running.exit_code(SOON), 0);
}

#[test]
fn late_ringing_after_the_cancel_changes_nothing() {
    let mut phone = Phone::alone();
    let running = Canceler::new(&phone, "canceled").start();
    let invite = phone.expect("INVITE");
    phone.answer(&invite, 180);
    let cancel = phone.expect("CANCEL");
    for code in [100, 183, 181, 182] {
        phone.answer(&invite, code);
    }
    phone.answer(&cancel, 200);
    phone.answer(&invite, 487);
    phone.expect("ACK");
    assert_eq!(running.exit_code(SOON), 0);
}

/// Cancelers that follow each other have the same port and Call-ID; Kamailio's answer may reach the next one.
#[test]
fn the_answer_to_the_cancel_of_an_earlier_canceler_changes_nothing() {
    let mut phone = Phone::alone();
    let running = Canceler::new(&phone, "canceled").start();
    let invite = phone.expect("INVITE");
    phone.answer(&invite.with_header("CSeq", "1 CANCEL"), 200);
    phone.answer(&invite, 180);
    let cancel = phone.expect("CANCEL");
    phone.answer(&cancel, 200);
    phone.answer(&invite, 487);
    phone.expect("ACK");
    assert_eq!(running.exit_code(SOON), 0);
}

#[test]
fn an_answer_that_crosses_the_cancel_gets_ack_and_bye() {
    let mut phone = Phone::alone();
    let running = Canceler::new(&phone, "canceled").start();
    let invite = phone.expect("INVITE");
    phone.answer(&invite, 180);
    let cancel = phone.expect("CANCEL");
    phone.answer(&cancel, 200);
    phone.answer(&invite, 200);
    let ack = phone.expect("ACK");
    let bye = phone.expect("BYE");
    // Late ringing, and its own BYE: the device hung up at the same moment.
    phone.answer(&invite, 180);
    phone.answer(&bye, 200);
    assert_ne!(ack.branch(), invite.branch(), "RFC 3261, 13.2.2.4");
    assert_ne!(ack.branch(), bye.branch());
    assert_eq!(bye.header("CSeq"), "2 BYE");
    assert_eq!(running.exit_code(SOON), 0);
}

/// runtime.md §3, README rule 6: sipp itself fails this call, as it reads the second message while it stands before BYE.
#[test]
fn rsipp_stands_answers_that_come_together() {
    for first in ["INVITE", "CANCEL"] {
        let mut phone = Phone::alone();
        let scenario = in_repository("scenarios/invite_cancel.xml");
        let running = Canceler::with(&Program::Rsipp.path(), &scenario, &phone, "canceled").start();
        let invite = phone.expect("INVITE");
        phone.answer(&invite, 180);
        let cancel = phone.expect("CANCEL");
        let order = if first == "INVITE" { [&invite, &cancel] } else { [&cancel, &invite] };
        for request in order {
            phone.answer(request, 200);
        }
        phone.expect("ACK");
        let bye = phone.expect("BYE");
        phone.answer(&bye, 200);
        assert_eq!(running.exit_code(SOON), 0, "200 to {first} first");
    }
}

#[test]
fn a_device_that_hangs_up_first_gets_its_200() {
    let mut phone = Phone::alone();
    let running = Canceler::new(&phone, "canceled").start();
    let invite = phone.expect("INVITE");
    phone.answer(&invite, 200);
    phone.expect("ACK");
    phone.expect("BYE");
    let own_bye = format!(
        "BYE sip:1001@{0} SIP/2.0\r\nVia: SIP/2.0/UDP {1};branch=z9hG4bK-own\r\nFrom: {2};tag=phone\r\nTo: {3}\r\n\
         Call-ID: announced@push\r\nCSeq: 7 BYE\r\nContent-Length: 0\r\n\r\n",
        invite.from,
        phone.address(),
        invite.header("To"),
        invite.header("From"),
    );
    phone.send(&own_bye, invite.from);
    let answer = phone.expect("200");
    assert_eq!(answer.header("CSeq"), "7 BYE");
    assert_eq!(answer.branch(), "z9hG4bK-own");
    assert_eq!(running.exit_code(SOON), 0);
}

#[test]
fn silence_before_100_ends_it_after_5_s_and_the_invite_is_repeated_until_then() {
    let mut phone = Phone::alone();
    let running = Canceler::new(&phone, "canceled").start();
    let first = phone.expect("INVITE");
    assert_eq!(running.exit_code(Duration::from_secs(8)), 0);
    let lasted = first.at.elapsed();
    assert!((4.5..6.5).contains(&lasted.as_secs_f64()), "{lasted:?}");
    while phone.next(Duration::from_millis(1)).is_some() {}
    // Sent at 0, 0.5, 1.5 and 3.5 s (RFC 3261, 17.1.1.2: timer A).
    assert_eq!(phone.kinds(), ["INVITE"; 4]);
}

#[test]
fn silence_after_100_ends_it_5_s_later_and_nothing_more_is_sent() {
    let mut phone = Phone::alone();
    let running = Canceler::new(&phone, "canceled").start();
    let invite = phone.expect("INVITE");
    phone.answer(&invite, 100);
    assert_eq!(running.exit_code(Duration::from_secs(8)), 0);
    let lasted = invite.at.elapsed();
    assert!((4.5..6.5).contains(&lasted.as_secs_f64()), "{lasted:?}");
    assert!(phone.next(Duration::from_millis(1)).is_none(), "{:?}", phone.kinds());
}

#[test]
fn a_device_that_rings_and_vanishes_is_given_up_after_32_s_of_cancels() {
    let mut phone = Phone::alone();
    let running = Canceler::new(&phone, "canceled").start();
    let invite = phone.expect("INVITE");
    phone.answer(&invite, 180);
    phone.expect("CANCEL");
    assert_eq!(running.exit_code(Duration::from_secs(36)), 0);
    while phone.next(Duration::from_millis(1)).is_some() {}
    assert!(phone.heard.iter().skip(1).all(|request| request.kind() == "CANCEL"), "{:?}", phone.kinds());
    // RFC 3261, 17.1.2.2: 11 sends in 64*T1; SIPp's limit of 9 repeats makes it 10.
    assert_eq!(phone.heard.len(), 1 + 10);
}

#[test]
fn a_closed_port_at_the_other_end_does_not_hang_it() {
    let gone = Phone::alone();
    let canceler = Canceler::new(&gone, "canceled");
    drop(gone);
    // Whether the port's ICMP error counts is the program's affair; that it ends is not.
    assert!(canceler.start().running.ends(Duration::from_secs(8)));
}

/// ios_canceler.md, "What users bring".
#[test]
fn a_scenario_from_the_web_runs_unchanged_under_the_name_sipp() {
    let bin = tempfile::tempdir().expect("a temporary folder");
    let sipp = bin.path().join("sipp");
    std::os::unix::fs::symlink(Program::under_test().path(), &sipp).expect("link");
    for (state, reason) in [("answered", "SIP;cause=200;text=\"Call completed elsewhere\""), ("canceled", "")]
    {
        let mut phone = Phone::alone();
        let scenario = in_repository("tests/interop/from_the_web.xml");
        let running = Canceler::with(&sipp, &scenario, &phone, state).start();
        let seen = phone.ring_until_canceled();
        assert_eq!(seen.invite.header("X-IOS-Contact-Hash"), "2001_77");
        assert_eq!(seen.invite.header("Via"), format!("SIP/2.0/UDP {}", seen.invite.from));
        assert_eq!(seen.cancel.header("Reason"), reason);
        assert_eq!(running.exit_code(SOON), 0);
    }
}
