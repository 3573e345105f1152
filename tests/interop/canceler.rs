//! The iOS canceler through real Kamailio with the shipped configuration (ios_canceler.md, "Proof"): one test a point.
//!
//! A late device is an iPhone that registers when its call is over. The canceler calls it, under the Call-ID that the
//! push had announced, and cancels.

use std::process::Command;
use std::time::Duration;

use crate::kamailio::{Kamailio, Launch};
use crate::phone::{Call, Phone, SOON};
use crate::program::{MACHINE, Program, Running, in_repository, silent};

const IPHONE: &str = "LinphoneiOS/5.2 (iPhone)";
const DESK_PHONE: &str = "Desk phone";
const REASON: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

const CALL: Call<'static> = Call { to: "2001", from: "1001", id: "-push~announced=this+1@pbx.example" };

/// A server on which [`CALL`] was canceled by its caller a moment ago.
fn after_canceled_call(launch: Launch) -> Kamailio {
    let kamailio = Kamailio::start(Program::under_test(), launch);
    Phone::new(kamailio.address()).call_and_cancel(CALL);
    kamailio
}

#[test]
fn a_call_canceled_before_registration_is_shown_and_taken_back_as_missed() {
    let mut kamailio = after_canceled_call(Launch::Watched);
    let mut iphone = Phone::new(kamailio.address());
    iphone.register(CALL.to, IPHONE);
    let seen = iphone.ring_until_canceled();

    seen.assert_one_transaction();
    assert_eq!(seen.invite.header("Call-ID"), CALL.id);
    assert_eq!(seen.invite.user("From"), CALL.from);
    assert_eq!(seen.invite.user("To"), CALL.to);
    assert_eq!(seen.invite.header("Supported"), "100rel, timer, replaces, norefersub");
    assert_eq!(seen.invite.header("Session-Expires"), "1800");
    assert_eq!(seen.invite.header("Min-SE"), "90");
    for codec in ["opus/48000/2", "PCMA/8000", "PCMU/8000", "telephone-event/8000", "VP8/90000"] {
        assert!(seen.invite.body().contains(codec), "{codec}: {}", seen.invite.body());
    }
    assert_eq!(seen.invite.header("X-IOS-Contact-Hash"), "", "the hash is nobody's business but Kamailio's");
    assert_eq!(seen.cancel.header("Reason"), "", "a missed call must stay one");
    assert_eq!(kamailio.ended(SOON).code, 0);
}

#[test]
fn a_call_answered_elsewhere_is_taken_back_with_that_reason() {
    let mut kamailio = Kamailio::start(Program::under_test(), Launch::Watched);
    let mut desk = Phone::new(kamailio.address());
    desk.register(CALL.to, DESK_PHONE);
    let mut caller = Phone::new(kamailio.address());
    caller.request("INVITE", CALL, "");
    let invite = desk.expect("INVITE");
    desk.answer(&invite, 200);
    caller.expect("200");

    // The second one must not be told what became of the call to the first.
    for _ in 0..2 {
        let mut iphone = Phone::new(kamailio.address());
        iphone.register(CALL.to, IPHONE);
        let seen = iphone.ring_until_canceled();
        seen.assert_one_transaction();
        assert_eq!(seen.invite.header("Call-ID"), CALL.id);
        assert_eq!(seen.cancel.header("Reason"), REASON);
        assert_eq!(kamailio.ended(SOON).code, 0);
    }
}

#[test]
fn an_expired_contact_gets_404_and_the_canceler_succeeds() {
    let mut kamailio = after_canceled_call(Launch::Late(Duration::from_millis(3_500)));
    let mut iphone = Phone::new(kamailio.address());
    iphone.register(CALL.to, IPHONE);
    let ended = kamailio.ended(Duration::from_secs(9));
    assert_eq!(ended.code, 0, "{}", ended.arguments);
    assert!(iphone.next(Duration::ZERO).is_none(), "heard {:?}", iphone.kinds());
}

#[test]
fn a_silent_device_ends_the_canceler_after_5_s_with_success() {
    let mut kamailio = after_canceled_call(Launch::Watched);
    let mut iphone = Phone::new(kamailio.address());
    iphone.register(CALL.to, IPHONE);
    let first = iphone.expect("INVITE");
    let ended = kamailio.ended(Duration::from_secs(8));
    assert_eq!(ended.code, 0, "{}", ended.arguments);
    let lasted = first.at.elapsed();
    assert!((4.5..6.5).contains(&lasted.as_secs_f64()), "{lasted:?}");
}

#[test]
fn a_device_that_answers_instead_of_ringing_gets_ack_and_bye() {
    let mut kamailio = after_canceled_call(Launch::Watched);
    let mut iphone = Phone::new(kamailio.address());
    iphone.register(CALL.to, IPHONE);
    let invite = iphone.expect("INVITE");
    iphone.answer(&invite, 200);
    let ack = iphone.expect("ACK");
    let bye = iphone.expect("BYE");
    iphone.answer(&bye, 200);
    for request in [&ack, &bye] {
        assert_eq!(request.header("Call-ID"), CALL.id);
        assert!(request.header("To").ends_with(";tag=phone"), "{request:?}");
        assert_eq!(request.start_line().split(' ').nth(1), Some(&*format!("sip:phone@{}", iphone.address())));
    }
    assert_eq!(kamailio.ended(SOON).code, 0);
}

#[test]
fn two_devices_of_one_account_are_both_dismissed() {
    let mut kamailio = after_canceled_call(Launch::Watched);
    let mut devices = [Phone::new(kamailio.address()), Phone::new(kamailio.address())];
    for device in &mut devices {
        device.send_register(CALL.to, IPHONE);
    }
    for device in &mut devices {
        let seen = device.ring_until_canceled();
        seen.assert_one_transaction();
        assert_eq!(seen.invite.header("Call-ID"), CALL.id);
    }
    for device in &mut devices {
        assert_eq!(kamailio.ended(SOON).code, 0);
        // A busy Kamailio now and then misses the 200 to its CANCEL and repeats it; a second call would be an INVITE.
        while device.next(Duration::ZERO).is_some() {}
        assert_eq!(
            device.kinds().iter().filter(|kind| **kind == "INVITE").count(),
            1,
            "{:?}",
            device.kinds()
        );
    }
}

#[test]
fn each_of_50_registrations_in_one_second_gets_its_own_invite_and_cancel() {
    let _shared = MACHINE.read();
    let mut kamailio = Kamailio::start(Program::under_test(), Launch::Watched);
    let numbers: Vec<String> = (0..50).map(|i| format!("20{i:02}")).collect();
    let mut caller = Phone::new(kamailio.address());
    for number in &numbers {
        caller.call_and_cancel(Call { to: number, from: "1001", id: &format!("announced-{number}") });
    }
    std::thread::scope(|scope| {
        for number in &numbers {
            let server = kamailio.address();
            scope.spawn(move || {
                let mut iphone = Phone::new(server);
                iphone.send_register(number, IPHONE);
                let seen = iphone.ring_until_canceled();
                seen.assert_one_transaction();
                assert_eq!(seen.invite.header("Call-ID"), format!("announced-{number}"));
                let invites = iphone.heard.iter().filter(|message| message.kind() == "INVITE");
                assert!(invites.clone().all(|invite| invite.branch() == seen.invite.branch()));
            });
        }
    });
    for _ in &numbers {
        let ended = kamailio.ended(SOON);
        assert_eq!(ended.code, 0, "{}", ended.arguments);
    }
    assert_eq!(kamailio.started().len(), numbers.len());
}

#[test]
fn shell_metacharacters_from_the_network_start_nothing() {
    let mut kamailio = Kamailio::start(Program::under_test(), Launch::Watched);
    let canary = kamailio.canary();
    let touch = format!("touch${{IFS}}{}", canary.display());
    let mut rang = 0;
    for (i, evil) in tricks(&touch).into_iter().enumerate() {
        // Each call has a number of its own: once somebody has registered for one, it does not wait any more.
        let (first, second) = (format!("21{i}"), format!("22{i}"));
        let calls = [
            Call { id: &evil, to: &first, from: "1001" },
            Call { id: "evil-from", to: &second, from: &evil },
            Call { id: "evil-to", to: &evil, from: "1001" },
        ];
        for call in calls {
            rang += u32::from(Phone::new(kamailio.address()).try_to_call_and_cancel(call));
            let mut iphone = Phone::new(kamailio.address());
            iphone.send_register(call.to, &format!("{IPHONE} {evil}"));
            iphone.hears_any_but("100");
        }
    }
    println!("{rang} calls with evil words rang");
    assert!(rang >= 20, "Kamailio itself has refused too many to prove anything: only {rang} rang");
    // It has handled all of that when a good call comes through.
    let good = Call { to: "2999", from: "1001", id: "good" };
    Phone::new(kamailio.address()).call_and_cancel(good);
    let mut iphone = Phone::new(kamailio.address());
    iphone.register(good.to, IPHONE);
    iphone.ring_until_canceled();
    assert!(kamailio.ended(SOON).arguments.ends_with("-cid_str good"));
    assert_eq!(kamailio.started().len(), 1, "{:?}", kamailio.started());
    assert!(!canary.exists());
}

/// Words that run `command` where somebody forgets to quote, quotes in one way only, or checks only the first line.
fn tricks(command: &str) -> Vec<String> {
    vec![
        format!("a;{command};b"),
        format!("a$({command})b"),
        format!("a`{command}`b"),
        format!("a|{command}"),
        format!("a&{command}&b"),
        format!("a';{command};'b"),
        format!("a\\';{command}"),
        format!("a';'{command}\r\n ;{command}"),
        "a%u%n%s".to_owned(),
        "a[field0]".to_owned(),
    ]
}

#[test]
fn the_script_refuses_what_the_configuration_should_not_have_passed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let canary = folder.path().join("canary");
    let mut words = tricks(&format!("touch {}", canary.display()));
    words.extend(["", "a b", "a/b", "a\nb", "é", "*", &"9".repeat(200)].map(str::to_owned));
    let good = ["call-1@host", "2001", "2001_77", "canceled", "1001"];
    let mut started = 0;
    for place in 0..good.len() {
        for word in &words {
            let mut arguments = good.map(str::to_owned);
            arguments[place].clone_from(word);
            let mut command = Command::new(in_repository("scenarios/kamailio/launch_rsipp.sh"));
            // A program that would fail: exit code 1 instead of 2.
            silent(command.args(&arguments).env("RSIPP", "false").env("TMPDIR", folder.path()));
            let code = Running::start(&mut command).exit_code(SOON);
            assert_eq!(code, 2, "argument {place}: {word:?}");
            started += 1;
        }
    }
    assert!(started > 50);
    assert_eq!(std::fs::read_dir(folder.path()).expect("read the folder").count(), 0);
}

#[test]
fn the_script_passes_the_fields_on_and_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut phone = Phone::alone();
    let mut command = Command::new(in_repository("scenarios/kamailio/launch_rsipp.sh"));
    command.args(["-call~1@host", "2001", "2001_77", "answered", "+491001"]);
    command.env("RSIPP", Program::under_test().path()).env("RSIPP_TARGET", phone.address().to_string());
    let script = Running::start(silent(command.env("TMPDIR", folder.path())));
    let seen = phone.ring_until_canceled();
    assert_eq!(script.exit_code(SOON), 0);
    assert_eq!(seen.invite.header("Call-ID"), "-call~1@host");
    assert_eq!(seen.invite.user("To"), "2001");
    assert!(seen.invite.header("From").starts_with("\"+491001\" <sip:+491001@"), "{:?}", seen.invite);
    assert_eq!(seen.invite.header("X-IOS-Contact-Hash"), "2001_77");
    assert_eq!(seen.cancel.header("Reason"), REASON);
    assert_eq!(std::fs::read_dir(folder.path()).expect("read the folder").count(), 0);
}

#[test]
fn a_stranger_cannot_name_a_device_by_its_hash() {
    let kamailio = Kamailio::start(Program::under_test(), Launch::Watched);
    let mut stranger = Phone::new(kamailio.address());
    stranger.request("INVITE", CALL, "X-IOS-Contact-Hash: 2001_1\r\n");
    // The canceler would get 404; anybody else's call waits for a device.
    stranger.expect("180");
    assert!(!stranger.kinds().contains(&"404"));
}

#[test]
fn the_device_that_took_the_call_may_refresh_its_registration() {
    let mut kamailio = Kamailio::start(Program::under_test(), Launch::Watched);
    let mut iphone = Phone::new(kamailio.address());
    let mut caller = Phone::new(kamailio.address());
    caller.request("INVITE", CALL, "");
    caller.expect("180");
    // Woken by the push, in time: it rings, as Kamailio has kept the call.
    iphone.register(CALL.to, IPHONE);
    let invite = iphone.expect("INVITE");
    iphone.answer(&invite, 200);
    caller.expect("200");
    iphone.register(CALL.to, IPHONE);
    // A second device is late, and its canceler must be the only one.
    let mut late = Phone::new(kamailio.address());
    late.register(CALL.to, IPHONE);
    late.ring_until_canceled();
    assert_eq!(kamailio.ended(SOON).code, 0);
    assert_eq!(kamailio.started().len(), 1);
}

/// ios_canceler.md, "The flow": the contact lives 2 s. sipp alone takes more than 100 ms to its first packet.
#[test]
fn the_invite_reaches_the_device_within_20_ms_of_its_registration() {
    let _alone = MACHINE.write();
    let program = Program::under_test();
    let kamailio = after_canceled_call(Launch::Bare);
    let mut times: Vec<Duration> = (0..15)
        .map(|_| {
            let mut iphone = Phone::new(kamailio.address());
            let registered = iphone.send_register(CALL.to, IPHONE);
            iphone.ring_until_canceled().invite.at - registered
        })
        .collect();
    times.sort();
    let median = times[times.len() / 2];
    println!(
        "REGISTER to INVITE with {program:?}: median {median:?}, least {:?}, most {:?}",
        times[0], times[14]
    );
    let limit = match program {
        // The promise is the release build's; an unoptimised binary takes 15 ms more to start.
        Program::Rsipp if cfg!(debug_assertions) => 80,
        Program::Rsipp => 20,
        Program::Sipp => 500,
    };
    assert!(median < Duration::from_millis(limit), "{median:?}");
}
