//! Names, contents and size of the log files: cli.md §4.11; outputs.md §2, §7-§12, §17.

use rustix::process::Signal;

use crate::peer::Peer;
use crate::program::{Ended, Stranger, rsipp, rsipp_limited};
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

/// outputs.md §8: a line for each record of the message trace, with its fields.
#[test]
fn trace_shortmsg_has_a_line_for_every_message() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 2 -r 100 -trace_msg -trace_shortmsg", peer.addr)).run().exits(0);
    let pid = ended.pid;
    let names = ["messages", "shortmessages"].map(|kind| format!("uac_{pid}_{kind}.log"));
    assert_eq!(ended.files(), names);
    let [long, short] = names.map(|name| ended.read(&name));
    let lines: Vec<Vec<&str>> = short.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), long.lines().filter(|line| line.starts_with(RULE)).count());
    let of_first: Vec<_> =
        lines.iter().filter(|line| line[4].starts_with("1-")).map(|line| line[3..].join("|")).collect();
    let id = format!("1-{pid}@127.0.0.1");
    let addr = peer.addr;
    assert_eq!(
        of_first,
        [
            format!("S|{id}|CSeq:1 INVITE|INVITE sip:service@{addr} SIP/2.0"),
            format!("R|{id}|CSeq:1 INVITE|SIP/2.0 200 OK"),
            format!("S|{id}|CSeq:1 ACK|ACK sip:service@{addr} SIP/2.0"),
            format!("S|{id}|CSeq:2 BYE|BYE sip:service@{addr} SIP/2.0"),
            format!("R|{id}|CSeq:2 BYE|SIP/2.0 200 OK"),
        ]
    );
}

/// outputs.md §7.2: a dropped message has a line of its own and no record.
#[test]
fn a_message_dropped_on_purpose_is_noted_in_the_message_trace() {
    let peer = Peer::answering();
    let xml = xml::scenario(&[
        xml::request("OPTIONS", "lost=\"100\""),
        xml::request("INFO", ""),
        xml::expect("200"),
    ]);
    let command =
        format!("{} -m 1 -trace_msg -trace_shortmsg -message_file m -shortmessage_file s", peer.addr);
    let ended = rsipp(&command).scenario(&xml).run().exits(0);
    let log = ended.read("m");
    assert!(log.starts_with(&format!("UDP message voluntary lost (while sending).\n{RULE} ")), "{log}");
    assert!(!log.contains("OPTIONS") && !ended.read("s").contains("OPTIONS"));
}

/// outputs.md §11: the story of aborted calls only.
#[test]
fn trace_calldebug_tells_of_aborted_calls() {
    let log = |table| {
        let peer = Peer::saying(table);
        let ended = rsipp(&format!("{} -m 1 -trace_calldebug", peer.addr)).run();
        ended.read(&format!("uac_{}_calldebug.log", ended.pid))
    };
    assert_eq!(log(&[("INVITE", "200 OK"), ("BYE", "200 OK")]), "");
    let story = log(&[("INVITE", "486 Busy Here")]);
    let head = format!("{}\nCall debugging information for call 1-", "-".repeat(79));
    assert!(story.starts_with(&head), "{story}");
    for part in ["\nINVITE sip:", "\nSIP/2.0 486 Busy Here\r\n", "Aborting call", "\nACK sip:"] {
        assert!(story.contains(part), "no {part} in {story}");
    }
}

/// outputs.md §17: all screens at the end; with a signal too, each behind the one before.
#[test]
fn trace_screen_dumps_the_screens_at_the_end_and_on_demand() {
    let peer = Peer::answering();
    let client = rsipp(&format!("{} -m 1 -d 60000 -trace_screen -screen_file s", peer.addr)).start();
    peer.wait_for(1, "ACK");
    client.signal(Signal::USR2);
    client.waits_for_file("s", "Repartition Screen");
    let ended = client.quit_hard().exits(1);
    let dumps = ended.read("s");
    assert_eq!(ended.files(), ["s"]);
    for title in ["Scenario Screen", "Statistics Screen", "Repartition Screen"] {
        assert_eq!(dumps.matches(title).count(), 2, "{title}: {dumps}");
    }
    assert_eq!(dumps.matches("-- Forcing quit --").count(), 3, "{dumps}");
    assert_eq!(dumps.matches("Waiting for active calls to end.").count(), 3, "{dumps}");
    assert!(!dumps.contains("Test Terminated"));
    assert!(dumps.contains("Last Error: Aborted call with Call-ID"), "{dumps}");
}

/// outputs.md §17: without `-trace_screen` only the last dump remains, and none of the end. §14.1: with `-f 0` the run is one period.
#[test]
fn usr2_leaves_one_dump_without_trace_screen() {
    let peer = Peer::answering();
    let client = rsipp(&format!("{} -r 1 -rp 100000 -d 60000 -f 0", peer.addr)).start();
    peer.wait_for(1, "ACK");
    let name = format!("uac_{}_screen.log", client.pid());
    client.signal(Signal::USR2);
    client.waits_for_file(&name, "Repartition Screen");
    client.signal(Signal::USR2);
    client.signal(Signal::TERM);
    let ended = client.wait().exits(0);
    assert_eq!(ended.files(), std::slice::from_ref(&name));
    let dump = ended.read(&name);
    assert_eq!(dump.matches("Scenario Screen").count(), 1, "{dump}");
    for part in ["  1 new calls during ", "  1 calls (limit ", "-- [+|-|*|/]: Adjust rate --"] {
        assert!(dump.contains(part), "no {part} in {dump}");
    }
    // outputs.md §16.1: so do the closing screens after a signal.
    assert!(ended.stdout.contains("  1 new calls during "), "{}", ended.stdout);
}

/// outputs.md §2: as for all files of the start-up.
#[test]
fn a_log_that_cannot_be_created_is_refused_before_anything_is_sent() {
    let peer = Peer::silent();
    for kind in ["shortmsg -shortmessage_file", "calldebug -calldebug_file", "screen -screen_file"] {
        let ended = rsipp(&format!("{} -m 1 -trace_{kind} no/such/x", peer.addr)).run().exits(1);
        assert_eq!(ended.complains("Unable to create 'no/such/x'").stdout, "");
    }
    assert_eq!(peer.heard().len(), 0);
}

/// outputs.md §12: so many old logs besides the current one, no larger than the limit and one record, none split.
#[test]
fn full_logs_are_renamed_and_the_oldest_go() {
    let peer = Peer::answering();
    let command = format!(
        "{} -m 20 -r 500 -trace_msg -trace_shortmsg -ringbuffer_size 3000 -ringbuffer_files 3",
        peer.addr
    );
    let ended = rsipp(&command).run().exits(0);
    let pid = ended.pid;
    let of = |kind: &str| -> Vec<String> {
        let files = ended.files().into_iter();
        files.filter(|name| name.starts_with(&format!("uac_{pid}_{kind}"))).collect()
    };
    let (long, short) = (of("messages"), of("shortmessages"));
    assert_eq!((long.len(), short.len()), (4, 4), "{:?}", ended.files());
    for name in &long {
        let log = ended.read(name);
        assert!(
            log.is_empty() || log.starts_with(RULE) && log.len() < 3_000 + 1_000,
            "{name}: {}",
            log.len()
        );
        let rotated = name.strip_prefix(&format!("uac_{pid}_messages")).unwrap();
        assert!(rotated == ".log" || rotated.starts_with("_17") || rotated.starts_with('_'), "{name}");
    }
}

/// outputs.md §12: closed for good, the last record whole.
#[test]
fn a_log_of_the_largest_size_is_closed() {
    let peer = Peer::answering();
    let sizes = |more: &str| {
        let ended =
            rsipp(&format!("{} -m 5 -r 500 -trace_msg -message_file m {more}", peer.addr)).run().exits(0);
        assert_eq!(ended.files(), ["m"]);
        records(&ended)
    };
    assert_eq!((sizes(""), sizes("-max_log_size 1"), sizes("-max_log_size 100000")), (25, 1, 25));
}

fn records(ended: &Ended) -> usize {
    ended.read("m").lines().filter(|line| line.starts_with(RULE)).count()
}

/// outputs.md §12.
#[test]
fn a_ring_and_a_largest_size_exclude_each_other() {
    rsipp("127.0.0.1 -m 1 -ringbuffer_size 10 -max_log_size 10")
        .run()
        .exits(1)
        .complains("Ring Buffer options and maximum log size are mutually exclusive.");
}

/// outputs.md §13: the run goes on, and a file says why the logs end.
#[test]
fn a_file_as_large_as_the_system_lets_it_be_does_not_end_the_run() {
    let peer = Peer::answering();
    let command = format!("{} -m 50 -r 500 -trace_msg -trace_stat -stf s -message_file m", peer.addr);
    let ended = rsipp_limited(10, &command).run().exits(0);
    let name = format!("uac_{}_traces_oversized.log", ended.pid);
    assert_eq!(ended.files(), ["m", "s", &name]);
    assert_eq!((ended.read("m").len(), ended.calls()), (5_120, (50, 50, 0)));
    let note = ended.read(&name);
    let lines: Vec<_> = note.lines().collect();
    assert!(lines[0].starts_with(&format!("{} 20", "-".repeat(44))), "{note}");
    assert_eq!(lines[1..], ["Max file size reached - no more logs"]);
}

/// outputs.md §2, Surprise: what is opened at the start has the pid of the process that was started, what is opened later that of the
/// one left behind.
#[test]
fn with_bg_files_of_the_start_carry_the_parent_s_pid() {
    let peer = Peer::answering();
    let traces = "-trace_stat -trace_rtt -trace_counts -trace_msg -trace_shortmsg -trace_screen -trace_err";
    let command = format!("{} -m 3 -r 5 -bg {traces} -ringbuffer_size 4000 -ringbuffer_files 9", peer.addr);
    let ended = rsipp(&command).run().exits(99);
    let pid = ended.stdout.split(['[', ']']).nth(1).and_then(|pid| pid.parse().ok()).expect("a pid");
    Stranger::new(pid).wait();
    let (parent, child) = (format!("uac_{}", ended.pid), format!("uac_{pid}"));
    let mut files = ended.files();
    for kind in [".csv", "counts.csv", "rtt.csv", "screen.log", "shortmessages.log"] {
        let name = format!("{parent}_{kind}");
        assert!(files.contains(&name), "{name} in {files:?}");
        files.retain(|file| *file != name);
    }
    let names = |begin: &str| files.iter().filter(|name| name.starts_with(begin)).count();
    // 15 messages of some 400 bytes: at least one full log, and the one that follows it.
    assert!(names(&format!("{child}_messages")) >= 2 && names(&parent) == 0, "{files:?}");
}
