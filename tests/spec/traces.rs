//! Names and contents of the log files: cli.md §4.11; outputs.md §2, §7, §8.

use crate::peer::Peer;
use crate::program::rsipp;
use crate::xml;

const RULE: &str = "-----------------------------------------------";

/// outputs.md §7.1: every message that left or came, in order, byte for byte, with its length.
#[test]
fn trace_msg_records_every_message_as_it_was_on_the_wire() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1 -trace_msg", peer.addr)).run().exits(0);
    let name = format!("uac_{}_messages.log", ended.pid);
    assert_eq!(ended.files(), std::slice::from_ref(&name));
    let heard = peer.heard();
    let [invite, ack, bye] = &heard[..] else { panic!("INVITE, ACK and BYE") };
    let messages = [
        ("sent", invite.text.clone()),
        ("received", invite.response("200 OK")),
        ("sent", ack.text.clone()),
        ("sent", bye.text.clone()),
        ("received", bye.response("200 OK")),
    ];
    let record = |(passage, text): &(&str, String)| {
        format!("{RULE} STAMP\nUDP message {passage} [{}] bytes:\n\n{text}\n", text.len())
    };
    let expected: String = messages.iter().map(record).collect();
    assert_eq!(without_stamps(&ended.read(&name)), expected);
}

/// The time stamps are RFC 3339 (outputs.md §7.1), which this checks by their shape.
fn without_stamps(log: &str) -> String {
    let line = |line: &str| match line.strip_prefix(RULE) {
        Some(stamp) => {
            let (date, time) = stamp.trim().split_once('T').expect("a stamp");
            assert_eq!(
                (date.len(), date.matches('-').count(), time.matches(':').count() >= 2),
                (10, 2, true)
            );
            format!("{RULE} STAMP\n")
        }
        None => line.to_owned(),
    };
    log.split_inclusive('\n').map(line).collect()
}

/// cli.md §4.1, §4.11: the base name without `.xml`, in the current directory.
#[test]
fn file_names_begin_with_the_scenario_and_the_pid() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1 -sf sub/my.test.xml -trace_msg -trace_logs -trace_err", peer.addr))
        .file("sub/my.test.xml", xml::options_with("X-Test: yes"))
        .run()
        .exits(0);
    let pid = ended.pid;
    // No error, so no errors file (outputs.md §2).
    assert_eq!(
        ended.files(),
        [format!("my.test_{pid}_logs.log"), format!("my.test_{pid}_messages.log"), "sub".into()]
    );
}

/// outputs.md §2: a name is used as it is, and does not switch the trace on.
#[test]
fn a_file_option_names_the_file_but_does_not_ask_for_it() {
    let peer = Peer::answering();
    let command = format!("{} -m 1 -message_file wire.txt -log_file log.txt", peer.addr);
    assert_eq!(rsipp(&command).run().exits(0).files(), [""; 0]);
    assert_eq!(rsipp(&format!("{command} -trace_msg")).run().exits(0).files(), ["wire.txt"]);
}

/// outputs.md §2: true, the default, empties the file; false goes on at its end.
#[test]
fn overwriting_is_the_default_and_can_be_switched_off() {
    let peer = Peer::answering();
    let log = |more: &str| {
        let command = format!("{} -m 1 -trace_msg -message_file wire.txt {more}", peer.addr);
        rsipp(&command).file("wire.txt", "from before\n").run().exits(0).read("wire.txt")
    };
    assert!(log("").starts_with(RULE));
    assert!(log("-message_overwrite true").starts_with(RULE));
    assert!(log("-message_overwrite false").starts_with(&format!("from before\n{RULE}")));
}

/// actions.md §3: `log` writes to the file of `-trace_logs`, and nowhere without it.
#[test]
fn trace_logs_records_what_the_scenario_logs() {
    let peer = Peer::answering();
    let xml = xml::scenario(&[
        xml::request("OPTIONS", ""),
        "<recv response=\"200\"><action><log message=\"call [call_number] of [service]\"/></action></recv>"
            .into(),
    ]);
    let command = format!("{} -m 2 -s me -log_file log.txt", peer.addr);
    let ended = rsipp(&format!("{command} -trace_logs")).scenario(&xml).run().exits(0);
    assert_eq!(ended.read("log.txt"), "call 1 of me\ncall 2 of me\n");
    assert_eq!(rsipp(&command).scenario(&xml).run().exits(0).files(), ["scenario.xml"]);
}

/// cli.md §7.2, outputs.md §8: a head line, then each warning with its time.
#[test]
fn trace_err_records_why_a_call_failed() {
    let peer = Peer::saying(&[("INVITE", "486 Busy Here")]);
    let ended = rsipp(&format!("{} -m 1 -trace_err", peer.addr)).run().exits(1);
    let log = ended.read(&format!("uac_{}_errors.log", ended.pid));
    assert!(log.starts_with("The following events occurred:\n"), "{log}");
    let id = peer.heard()[0].header("Call-ID").to_owned();
    let why = format!("Aborting call on unexpected message for Call-Id '{id}': while expecting");
    assert!(log.contains(&why), "{log}");
    assert!(log.contains("SIP/2.0 486 Busy Here"), "{log}");
}
