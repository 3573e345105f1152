//! Every file that SIPp writes, by sipp and by rsipp from the same scenarios with the same options: same names, headers, number of
//! columns, formats, and the same values where chance has no part in them (outputs.md §2-§12, §17).
//!
//! Where the two differ on purpose it is said beside the test: rates and message records have the form of 3.7.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::program::{MACHINE, Program, Running, free_port, silent};
use crate::sipp_pairs::wait_until_bound;

/// All traces. Every response time at once, since sipp 3.6.1 loses what is left of them at the end.
const ALL: &str = "-trace_stat -trace_rtt -rtt_freq 1 -trace_counts -trace_error_codes -trace_msg -trace_shortmsg \
                   -trace_screen -trace_calldebug -trace_logs -trace_err";

/// The files of one side, by name; the process id in names and contents is `PID`, ports are `PORT`.
type Files = BTreeMap<String, String>;

/// A client and a server of the same program.
struct Pair {
    program: Program,
    client: String,
    server: String,
    /// What both may come out with.
    exits: [i32; 2],
}

impl Pair {
    /// Files of client and server.
    fn run(&self) -> [Files; 2] {
        let _shared = MACHINE.read();
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (port, own) = (free_port(ip), free_port(ip));
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a temporary folder"));
        let [client, server] = [(&self.client, own), (&self.server, port)];
        let start = |(options, port): (&String, u16), folder: &Path, target: &str| {
            let mut command = Command::new(self.program.path());
            command.args(options.split_whitespace()).args(["-i", "127.0.0.1", "-p", &port.to_string()]);
            command.arg("-nostdin").args(target.split_whitespace()).current_dir(folder);
            for scenario in ["busy_client.xml", "busy_server.xml"] {
                let path =
                    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/scenarios").join(scenario);
                std::fs::copy(path, folder.join(scenario)).expect("copy a scenario");
            }
            Running::start(silent(&mut command))
        };
        let uas = start(server, folders[1].path(), "");
        wait_until_bound(port, ip, &uas);
        let uac = start(client, folders[0].path(), &format!("127.0.0.1:{port}"));
        let patience = Duration::from_secs(30);
        assert_eq!([uac.exit_code(patience), uas.exit_code(patience)], self.exits, "{:?}", self.program);
        folders.map(|folder| read(folder.path(), [port, own]))
    }
}

/// The same pair by sipp and by rsipp.
fn both(client: &str, server: &str, exits: [i32; 2]) -> [[Files; 2]; 2] {
    [Program::Sipp, Program::Rsipp]
        .map(|program| Pair { program, client: client.to_owned(), server: server.to_owned(), exits }.run())
}

fn read(folder: &Path, ports: [u16; 2]) -> Files {
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder).expect("read the folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name");
        let Some(pid) =
            name.split('_').find(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        else {
            continue;
        };
        let text = String::from_utf8_lossy(&std::fs::read(entry.path()).expect("read a file")).into_owned();
        let text = ports.iter().fold(text, |text, port| text.replace(&format!(":{port}"), ":PORT"));
        files.insert(name.replace(pid, "PID"), text.replace(&format!("-{pid}"), "-PID"));
    }
    files
}

/// A line of a CSV as its fields; all lines end in the delimiter.
fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines()
        .map(|line| line.strip_suffix(';').expect("a delimiter at the end").split(';').collect())
        .collect()
}

/// What a field looks like: digits are `9`, a number however long is `9`.
fn shape(field: &str) -> String {
    let mut shape = String::new();
    for letter in field.chars() {
        let letter = if letter.is_ascii_digit() { '9' } else { letter };
        if letter != '9' || !shape.ends_with('9') {
            shape.push(letter);
        }
    }
    shape
}

/// Columns whose numbers 3.7 writes with three decimals and 3.6.1 as short as it can.
const RATES: [&str; 3] = ["TargetRate", "CallRate(P)", "CallRate(C)"];

/// Columns that depend on how long things took, or on how the programs are built.
fn depends_on_time(name: &str) -> bool {
    let timed = ["Time", "Elapsed", "CallRate", "TargetRate", "CallLength", "ResponseTime", "DeadCall"];
    timed.iter().any(|part| name.contains(part)) || name.ends_with("(P)")
}

/// Two CSVs with a header: names, number of columns, form of every field, and the last row.
#[track_caller]
fn same_csv(theirs: &str, ours: &str) {
    let (theirs, ours) = (rows(theirs), rows(ours));
    assert_eq!(ours[0], theirs[0]);
    let (last, their_last) = (ours.last().expect("a row"), theirs.last().expect("a row"));
    for row in &ours {
        assert_eq!(row.len(), theirs[0].len(), "{row:?}");
    }
    for (at, name) in ours[0].iter().enumerate() {
        let forms = |rows: &[Vec<&str>]| -> Vec<String> {
            let mut forms: Vec<_> = rows[1..].iter().map(|row| shape(row[at])).collect();
            forms.sort();
            forms.dedup();
            forms
        };
        if RATES.contains(name) {
            assert_eq!(forms(&ours), ["9.9"], "{name}");
        } else {
            assert_eq!(forms(&ours), forms(&theirs), "{name}");
        }
        if !depends_on_time(name) {
            assert_eq!(last[at], their_last[at], "{name}");
        }
    }
}

/// First and last two rows alike: nothing yet, all of it, and nothing since.
#[track_caller]
fn starts_empty_and_ends_twice(text: &str, calls: &str) {
    let rows = rows(text);
    let column = |name: &str| {
        let at = rows[0].iter().position(|known| *known == name).expect("the column");
        rows[1..].iter().map(|row| row[at]).collect::<Vec<_>>()
    };
    let (total, periodic) = (column("TotalCallCreated"), column("FailedCall(P)"));
    assert_eq!((total[0], total[total.len() - 2], total[total.len() - 1]), ("0", calls, calls));
    assert_eq!(periodic.last(), Some(&"0"));
}

/// Titles and labels of a screen dump, without numbers and the index that 3.7 writes before each message.
fn labels(dump: &str) -> Vec<String> {
    let words = |line: &str| {
        let line = match line.split_once(':') {
            Some((index, rest)) if index.trim().parse::<u32>().is_ok() => rest,
            _ => line,
        };
        let letters: String = line.chars().filter(|c| !c.is_ascii_digit() && !"./(),".contains(*c)).collect();
        letters.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // sipp repeats one line where we have another (outputs.md §15.3), and its period is called by other words.
    let kept = |line: &String| {
        !["open sockets", "RTP", "scheduler", "Woken", "Last Error", "Elapsed", "Length |", "Response Time"]
            .iter()
            .any(|part| line.contains(part))
    };
    dump.lines().map(words).filter(kept).collect()
}

/// Lines of the short message trace of each call, without their stamps.
fn short_messages(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut calls = BTreeMap::<_, Vec<_>>::new();
    for line in text.lines() {
        let fields: Vec<_> = line.split('\t').collect();
        assert_eq!(
            (fields.len(), shape(&fields[..3].join("\t"))),
            (7, "9-9-9\t9:9:9.9\t9.9".to_owned()),
            "{line}"
        );
        calls.entry(fields[4].to_owned()).or_default().push(fields[3..].join("|"));
    }
    calls
}

/// Titles of the records of the message trace: 3.6.1 writes sizes in another way.
fn records(text: &str) -> Vec<String> {
    let rule = "-".repeat(47);
    let mut titles = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with(&rule) {
            let title = lines.next().expect("a title");
            titles.push(shape(title).replace("(9 bytes):", "[9] bytes:").replace("bytes :", "bytes:"));
            assert_eq!(lines.next(), Some(""), "{title}");
        }
    }
    titles.sort();
    titles
}

/// Fields of a file without columns' names: stamp, span, codes.
fn codes(text: &str) -> (Vec<String>, String) {
    let mut forms = Vec::new();
    let mut all = String::new();
    for line in text.lines() {
        let (stamp, codes) = line.rsplit_once(';').expect("a delimiter");
        forms.push(shape(stamp));
        all.push_str(codes);
    }
    forms.dedup();
    (forms, all)
}

#[track_caller]
fn same_files(theirs: &Files, ours: &Files, scenario: &str) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(ours), names(theirs));
    let of = |kind: &str| {
        let name = format!("{scenario}_PID_{kind}");
        let read = |files: &Files| files.get(&name).cloned().unwrap_or_else(|| panic!("no {name}"));
        (read(theirs), read(ours))
    };
    let (their_rows, our_rows) = of(".csv");
    same_csv(&their_rows, &our_rows);
    starts_empty_and_ends_twice(&their_rows, "5");
    starts_empty_and_ends_twice(&our_rows, "5");
    let (their_counts, our_counts) = of("counts.csv");
    same_csv(&their_counts, &our_counts);
    let (their_codes, our_codes) = of("error_codes.csv");
    assert_eq!(codes(&our_codes), codes(&their_codes));
    let (their_messages, our_messages) = of("messages.log");
    assert_eq!(records(&our_messages), records(&their_messages));
    let (their_lines, our_lines) = of("shortmessages.log");
    assert_eq!(short_messages(&our_lines), short_messages(&their_lines));
    let (their_screens, our_screens) = of("screen.log");
    assert_eq!(labels(&our_screens), labels(&their_screens));
}

/// outputs.md §4: names of the columns, number of rows, form of the fields (whole milliseconds in 3.6.1).
#[track_caller]
fn same_response_times(theirs: &str, ours: &str) {
    let lines = |text: &str| -> Vec<Vec<String>> {
        text.lines().map(|line| line.split(';').map(str::to_owned).collect()).collect()
    };
    let (theirs, ours) = (lines(theirs), lines(ours));
    assert_eq!((&ours[0], ours.len()), (&theirs[0], theirs.len()));
    for rows in [&theirs, &ours] {
        for row in &rows[1..] {
            assert_eq!(row.len(), 3, "{row:?}");
            let numbers: Vec<f64> = row[..2].iter().map(|field| field.parse().expect("a number")).collect();
            assert!(numbers[0] > 0.0 && numbers[0] < 30_000.0 && numbers[1] < 5_000.0, "{row:?}");
        }
    }
    let names = |rows: &[Vec<String>]| rows[1..].iter().map(|row| row[2].clone()).collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&theirs));
}

#[test]
fn the_files_of_uac_and_uas_are_those_of_sipp() {
    // Both name the scenario; sipp 3.6.1 makes no file for -trace_logs with -sn (outputs.md §2), newer ones do.
    let all = ALL.replace("-trace_logs ", "");
    let client = format!("-sn uac -m 5 -r 10 -d 20 -fd 200ms -cid_str %u@here {all}");
    let server = format!("-sn uas -m 5 -fd 200ms {all}");
    let [theirs, ours] = both(&client, &server, [0, 0]);
    same_files(&theirs[0], &ours[0], "uac");
    same_files(&theirs[1], &ours[1], "uas");
    same_response_times(&theirs[0]["uac_PID_rtt.csv"], &ours[0]["uac_PID_rtt.csv"]);
    same_response_times(&theirs[1]["uas_PID_rtt.csv"], &ours[1]["uas_PID_rtt.csv"]);
    assert_eq!((&*ours[0]["uac_PID_calldebug.log"], &*theirs[0]["uac_PID_calldebug.log"]), ("", ""));
}

/// Named timers and counters, hidden steps, losses, repartitions of one timer only, and calls that fail.
#[test]
fn the_files_of_failing_calls_are_those_of_sipp() {
    let client = format!("-sf busy_client.xml -m 5 -r 10 -fd 200ms -cid_str %u@here {ALL}");
    let server = format!("-sf busy_server.xml -m 5 -fd 200ms {ALL}");
    let [theirs, ours] = both(&client, &server, [1, 0]);
    same_files(&theirs[0], &ours[0], "busy_client");
    same_files(&theirs[1], &ours[1], "busy_server");
    same_response_times(&theirs[0]["busy_client_PID_rtt.csv"], &ours[0]["busy_client_PID_rtt.csv"]);
    let logs = |files: &Files| files["busy_client_PID_logs.log"].clone();
    assert_eq!(logs(&ours[0]), logs(&theirs[0]));
    assert_eq!(codes(&ours[0]["busy_client_PID_error_codes.csv"]).1, "486,486,486,486,486,");
    let stories = |files: &Files| {
        let text = &files["busy_client_PID_calldebug.log"];
        let rule = format!("{}\nCall debugging information for call ", "-".repeat(79));
        let mut ids: Vec<_> =
            text.split(&rule).skip(1).map(|story| story.lines().next().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!((stories(&ours[0]).len(), stories(&ours[0])), (5, stories(&theirs[0])));
    let warnings = |files: &Files| {
        let text = &files["busy_client_PID_errors.log"];
        assert!(text.starts_with("The following events occurred:\n"), "{text}");
        text.matches(": Aborting call on unexpected message for Call-Id '").count()
    };
    assert_eq!((warnings(&ours[0]), warnings(&theirs[0])), (5, 5));
}

/// outputs.md §12: names of the rotated files, how many there are, and that none is much larger than asked for.
#[test]
fn rotated_logs_are_called_as_by_sipp() {
    let client = "-sn uac -m 20 -r 200 -trace_msg -trace_shortmsg -ringbuffer_size 3000 -ringbuffer_files 3";
    for files in both(client, "-sn uas -m 20", [0, 0]).map(|[client, _]| client) {
        for kind in ["messages", "shortmessages"] {
            let current = format!("uac_PID_{kind}");
            let names: Vec<_> = files.keys().filter(|name| name.starts_with(&current)).collect();
            assert_eq!(names.len(), 4, "{names:?}");
            for name in names {
                let rest = shape(name.strip_prefix(&current).unwrap());
                assert!([".log", "_9.log", "_9.9.log"].contains(&rest.as_str()), "{name}");
                assert!(files[name].len() < 4_500, "{name}: {}", files[name].len());
            }
        }
    }
}
