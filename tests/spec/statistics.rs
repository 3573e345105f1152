//! The statistics files: cli.md §4.11; outputs.md §2-§6. Their bytes are proven beside the code and, beside sipp, in `tests/interop`.

use rustix::process::Signal;

use crate::peer::Peer;
use crate::program::{Ended, rsipp};
use crate::xml;

/// Rows of a statistics file as fields, without the header; every line ends in the delimiter.
struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(ended: &Ended, name: &str, delimiter: &str) -> Table {
        let text = ended.read(name);
        let mut lines = text.lines().map(|line| {
            let line =
                line.strip_suffix(delimiter).unwrap_or_else(|| panic!("no delimiter at the end: {line}"));
            line.split(delimiter).map(str::to_owned).collect::<Vec<_>>()
        });
        let names = lines.next().expect("a header");
        let rows: Vec<_> = lines.collect();
        assert!(rows.iter().all(|row| row.len() == names.len()), "columns of rows and header differ");
        Table { names, rows }
    }

    #[track_caller]
    fn column(&self, name: &str) -> Vec<&str> {
        let at = self.names.iter().position(|known| known == name).unwrap_or_else(|| panic!("no {name}"));
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }
}

/// outputs.md §2, §3.1: the name, a row at the start and two at the end; the last row's period is empty.
#[test]
fn trace_stat_has_a_row_at_the_start_and_two_at_the_end() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 3 -r 100 -trace_stat", peer.addr)).run().exits(0);
    let name = format!("uac_{}_.csv", ended.pid);
    assert_eq!(ended.files(), std::slice::from_ref(&name));
    let table = Table::read(&ended, &name, ";");
    assert_eq!(table.column("SuccessfulCall(P)"), ["0", "3", "0"]);
    assert_eq!(table.column("SuccessfulCall(C)"), ["0", "3", "3"]);
    assert_eq!(table.column("OutgoingCall(C)"), ["0", "3", "3"]);
    assert_eq!(table.column("TargetRate"), ["100.000"; 3]);
    assert_eq!(table.column("ResponseTimeRepartition1"), [""; 3]);
    let (resets, now) = (table.column("LastResetTime"), table.column("CurrentTime"));
    assert_eq!((resets[0], &resets[1..]), (table.column("StartTime")[0], &now[..2]));
}

/// outputs.md §3.1, §3.2: rows between, each with what came since the row before.
#[test]
fn fd_is_the_time_between_two_rows() {
    let peer = Peer::answering();
    let command = format!("{} -m 10 -r 10 -trace_stat -stf all.csv -fd 200ms", peer.addr);
    let ended = rsipp(&command).run().exits(0);
    assert_eq!(ended.files(), ["all.csv"]);
    let table = Table::read(&ended, "all.csv", ";");
    let numbers =
        |name: &str| -> Vec<u64> { table.column(name).iter().map(|field| field.parse().unwrap()).collect() };
    let (periodic, total) = (numbers("OutgoingCall(P)"), numbers("OutgoingCall(C)"));
    assert!((5..=8).contains(&total.len()), "{total:?}");
    let mut sum = 0;
    let sums: Vec<_> = periodic
        .iter()
        .map(|calls| {
            sum += calls;
            sum
        })
        .collect();
    assert_eq!(sums, total);
    assert_eq!(total.last(), Some(&10));
}

/// outputs.md §3.1: one row at the end of a run that is broken off.
#[test]
fn a_run_that_is_ended_by_a_signal_has_one_last_row() {
    let peer = Peer::answering();
    let client = rsipp(&format!("{} -m 1 -d 60000 -trace_stat -stf x -trace_counts", peer.addr)).start();
    peer.wait_for(1, "ACK");
    client.signal(Signal::TERM);
    let ended = client.wait().exits(0);
    let table = Table::read(&ended, "x", ";");
    assert_eq!(table.column("CurrentCall"), ["0", "1"]);
    let counts = Table::read(&ended, &format!("uac_{}_counts.csv", ended.pid), ";");
    assert_eq!(
        (counts.column("6_Pause_Sessions"), counts.column("7_BYE_Sent")),
        (vec!["0", "1"], vec!["0", "0"])
    );
    // outputs.md §16.1: the screens show the running period.
    let row =
        ended.stdout.lines().find(|line| line.starts_with("  Outgoing calls created")).unwrap().to_owned();
    assert!(row.matches(" 1 ").count() >= 1, "{row}");
}

/// outputs.md §3.1: a run that ends before its traffic leaves a header and one row.
#[test]
fn a_run_without_traffic_has_a_row_too() {
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let ended =
        rsipp(&format!("127.0.0.1:9 -i 127.0.0.1 -p {port} -m 1 -trace_stat -stf x")).run().exits(254);
    let table = Table::read(&ended, "x", ";");
    assert_eq!((table.column("OutgoingCall(C)"), table.column("FatalErrors(C)")), (vec!["0"], vec!["1"]));
}

/// outputs.md §1.3: any text, between and behind fields, also in counts and codes; a comma between codes all the same.
#[test]
fn the_delimiter_is_any_text() {
    let peer = Peer::saying(&[("INVITE", "486 Busy Here")]);
    let command = format!(
        "{} -m 2 -r 100 -trace_stat -stf x -trace_counts -trace_error_codes -stat_delimiter ::",
        peer.addr
    );
    let ended = rsipp(&command).run().exits(1);
    let pid = ended.pid;
    assert_eq!(
        ended.files(),
        [format!("uac_{pid}_counts.csv"), format!("uac_{pid}_error_codes.csv"), "x".to_owned()]
    );
    assert_eq!(Table::read(&ended, "x", "::").column("FailedUnexpectedMessage(C)"), ["0", "2", "2"]);
    let counts = Table::read(&ended, &format!("uac_{pid}_counts.csv"), "::");
    assert_eq!(counts.column("1_100_Unexp"), ["0", "2", "2"]);
    let codes = ended.read(&format!("uac_{pid}_error_codes.csv"));
    let codes: Vec<_> = codes.lines().map(|line| line.rsplit("::").next().unwrap()).collect();
    assert_eq!(codes, ["", "486,486,", ""]);
}

/// outputs.md §4: every stop, the rest at the end too, and with a signal the rest so far; no file without a stop.
#[test]
fn trace_rtt_has_every_response_time() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 5 -r 100 -trace_rtt -rtt_freq 2", peer.addr)).run().exits(0);
    let text = ended.read(&format!("uac_{}_rtt.csv", ended.pid));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("Date_ms;response_time_ms;rtd_no"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(';').collect()).collect();
    assert_eq!(rows.len(), 5);
    let moments: Vec<f64> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    assert!(moments.is_sorted() && rows.iter().all(|row| row.len() == 3 && row[2] == "1"), "{text}");
    assert!(rows.iter().all(|row| (0.0..5_000.0).contains(&row[1].parse::<f64>().unwrap())), "{text}");

    let peer = Peer::saying(&[("INVITE", "486 Busy Here")]);
    assert_eq!(rsipp(&format!("{} -m 1 -trace_rtt", peer.addr)).run().exits(1).files(), [""; 0]);

    let peer = Peer::answering();
    let client = rsipp(&format!("{} -m 1 -d 60000 -trace_rtt", peer.addr)).start();
    peer.wait_for(1, "ACK");
    client.signal(Signal::USR2);
    client.waits_for_file(&format!("uac_{}_rtt.csv", client.pid()), ";1\n");
    client.signal(Signal::TERM);
    client.wait().exits(0);
}

/// outputs.md §3.2: repartitions count since the last row.
#[test]
fn periodic_rtd_begins_the_repartitions_anew_with_every_row() {
    let peer = Peer::answering();
    let repartitions = |more: &str| {
        let ended = rsipp(&format!("{} -m 4 -r 100 -trace_stat -stf x {more}", peer.addr)).run().exits(0);
        let table = Table::read(&ended, "x", ";");
        let columns = table.names.iter().filter(|name| name.starts_with("CallLengthRepartition_"));
        let total = |row: usize| -> u64 {
            columns.clone().map(|name| table.column(name)[row].parse::<u64>().unwrap()).sum()
        };
        (0..table.rows.len()).map(total).collect::<Vec<_>>()
    };
    assert_eq!(repartitions(""), [0, 4, 4]);
    assert_eq!(repartitions("-periodic_rtd"), [0, 4, 0]);
}

/// outputs.md §2: which file fails how.
#[test]
fn a_statistics_file_that_cannot_be_created_ends_the_run_before_its_traffic() {
    let peer = Peer::silent();
    let ended = rsipp(&format!("{} -m 1 -trace_stat -stf no/such/x.csv", peer.addr)).run().exits(255);
    assert_eq!((ended.stdout.as_str(), peer.heard().len()), ("", 0));
    let ended = ended.complains("Unable to open stat file 'no/such/x.csv' !");
    assert!(!ended.stderr.contains("panicked"));

    // Nobody can create a file in /proc, not even root.
    for option in ["-trace_counts", "-trace_error_codes"] {
        let program = rsipp(&format!("{} -m 1 {option}", peer.addr)).current_dir("/proc");
        program.run().exits(1).complains("Unable to create 'uac_");
    }
    assert_eq!(peer.heard().len(), 0);
}

/// cli.md §4.11: an empty name is none.
#[test]
fn an_empty_stf_keeps_the_automatic_name() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1 -trace_stat -stf", peer.addr)).arg("").run().exits(0);
    let name = format!("uac_{}_.csv", ended.pid);
    assert_eq!(ended.files(), std::slice::from_ref(&name));
    ended.complains(&format!("new file name length is null - keeping the default filename : {name}"));
}

/// The usual kind of script: the column by its name in the header, the last line for totals, the sum of what came in each period.
#[test]
fn awk_and_python_read_both_files_as_scripts_do() {
    let peer = Peer::answering();
    let command = format!("{} -m 20 -r 100 -fd 50ms -trace_stat -stf stat.csv -trace_counts", peer.addr);
    let ended = rsipp(&command).run().exits(0);
    let (stat, counts) = (ended.read("stat.csv"), ended.read(&format!("uac_{}_counts.csv", ended.pid)));
    for script in [include_str!("scripts/read_csv.awk"), include_str!("scripts/read_csv.py")] {
        assert_eq!(run_script(script, &[&stat, "SuccessfulCall(P)"]), "20 0", "{script}");
        assert_eq!(run_script(script, &[&stat, "SuccessfulCall(C)"]).split(' ').nth(1), Some("20"));
        assert_eq!(run_script(script, &[&counts, "0_INVITE_Sent"]).split(' ').nth(1), Some("20"));
    }
}

/// Runs a script, whose first line names its program, on a file with a text and with a column's name; gives its output.
fn run_script(script: &str, [text, column]: &[&str; 2]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("script"), script).unwrap();
    std::fs::write(at("data.csv"), text).unwrap();
    let mut command = match script.lines().next() {
        Some("#!/usr/bin/awk -f") => {
            let mut awk = std::process::Command::new("awk");
            awk.arg("-v").arg(format!("column={column}")).arg("-f").arg(at("script"));
            awk
        }
        _ => {
            let mut python = std::process::Command::new("python3");
            python.arg(at("script")).arg(column);
            python
        }
    };
    let output =
        command.arg(at("data.csv")).output().expect("awk and python3 (apt-get install mawk python3)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// outputs.md §3.3, §5: the main scenario's figures only.
#[test]
fn the_other_side_of_a_test_is_not_in_the_files() {
    let ended = rsipp("-m 3 -r 100 -trace_stat -stf x -trace_rtt -trace_error_codes -peer_sf peer.xml")
        .file(
            "peer.xml",
            xml::scenario(&[
                "<recv request=\"INVITE\" rtd=\"other\"/>".to_owned(),
                xml::response("200 OK", ""),
                xml::await_request("ACK"),
                xml::await_request("BYE"),
                xml::response("200 OK", ""),
            ]),
        )
        .run()
        .exits(0);
    let table = Table::read(&ended, "x", ";");
    assert_eq!((table.column("IncomingCall(C)")[2], table.column("OutgoingCall(C)")[2]), ("0", "3"));
    let rtt = ended.read(&format!("uac_{}_rtt.csv", ended.pid));
    assert_eq!((rtt.lines().count(), rtt.contains("other")), (4, false));
}
