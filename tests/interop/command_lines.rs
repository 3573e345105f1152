//! Command lines as they stand in tutorials and test suites, each by sipp 3.6.1 and by rsipp in a folder of its own,
//! against the same peer: the same exit code, the same files made, the same first datagram. `command_lines.toml` has the
//! lines, and where rsipp differs on purpose, what either does and why. An entry that no longer differs fails too.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::differential::fold::{Numbers, lines};
use crate::program::{MACHINE, Program, free_port, in_repository};

/// Lines run at once: nearly all of their time is waiting.
const AT_ONCE: usize = 6;

/// Longer than any of the lines takes.
const PATIENCE: Duration = Duration::from_secs(20);

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The files that every line finds in its folder.
const FILES: [(&str, &str); 4] = [
    ("x.xml", include_str!("command_lines/x.xml")),
    ("y.csv", "SEQUENTIAL\nalice;one\nbob;two\n"),
    ("strict.xml", include_str!("command_lines/strict.xml")),
    ("broken.xml", "<scenario><send>"),
];

/// One command line.
struct Case {
    /// Words with a blank between, without the program. HOST is the peer, PORT a free port, BUSY one that is taken,
    /// SILENT a peer that says nothing, HOST_PORT the port of the peer.
    line: String,
    /// The outcome of both, or of rsipp.
    rsipp: String,
    /// The outcome of sipp where it differs.
    sipp: Option<String>,
    /// Why it differs.
    why: Option<String>,
}

#[test]
fn command_lines_of_tutorials_do_the_same_as_with_sipp() {
    let _shared = MACHINE.read();
    let cases = cases();
    assert!(cases.len() >= 30, "{} command lines", cases.len());
    let next = AtomicUsize::new(0);
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = [Program::Rsipp, Program::Sipp].map(|program| outcome(program, &case.line));
                    faults.lock().expect("faults").extend(fault(case, &found));
                }
            });
        }
    });
    let faults = faults.into_inner().expect("faults");
    assert!(faults.is_empty(), "{} of {} lines:\n{}", faults.len(), cases.len(), faults.join("\n"));
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(in_repository("tests/interop/command_lines.toml")).expect("read");
    let table: toml::Table = text.parse().expect("command_lines.toml");
    let cases = table.get("case").and_then(toml::Value::as_array).expect("command_lines.toml: cases");
    let case = |entry: &toml::Value| {
        let text = |key: &str| entry.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let line = text("line").expect("command_lines.toml: a case without line");
        let rsipp = text("rsipp").unwrap_or_else(|| panic!("command_lines.toml: {line}: no rsipp"));
        Case { line, rsipp, sipp: text("sipp"), why: text("why").filter(|why| !why.is_empty()) }
    };
    cases.iter().map(case).collect()
}

/// What came of a line.
struct Outcome {
    /// Exit code, new files, first line of the first datagram.
    summary: String,
    /// The whole first datagram, folded.
    datagram: Vec<String>,
}

fn fault(case: &Case, [rsipp, sipp]: &[Outcome; 2]) -> Option<String> {
    if !rsipp.datagram.is_empty() && !sipp.datagram.is_empty() && rsipp.datagram != sipp.datagram {
        let (rsipp, sipp) = (rsipp.datagram.join("\n"), sipp.datagram.join("\n"));
        return Some(format!("{}: first datagram\n--- sipp\n{sipp}\n--- rsipp\n{rsipp}\n", case.line));
    }
    let (rsipp, sipp) = (&rsipp.summary, &sipp.summary);
    let wanted_of_sipp = case.sipp.as_ref().unwrap_or(&case.rsipp);
    let is_listed = case.sipp.as_ref().is_some_and(|other| *other != case.rsipp) && case.why.is_some();
    let is_sound = is_listed || (case.sipp.is_none() && case.why.is_none());
    if *rsipp == case.rsipp && sipp == wanted_of_sipp && is_sound {
        return None;
    }
    let sipp = if rsipp == sipp { String::new() } else { format!("sipp = \"{sipp}\"\nwhy = \"\"\n") };
    Some(format!("[[case]]\nline = \"{}\"\nrsipp = \"{rsipp}\"\n{sipp}", case.line))
}

fn outcome(program: Program, line: &str) -> Outcome {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), text).expect("write a file");
    }
    let peer = Peer::start(!line.contains("SILENT"));
    let busy = UdpSocket::bind((LOCALHOST, 0)).expect("bind port 0");
    let port = free_port(LOCALHOST);
    let words = line.split(' ').filter(|word| !word.is_empty()).map(|word| {
        word.replace("HOST_PORT", &peer.addr.port().to_string())
            .replace("HOST", &peer.addr.to_string())
            .replace("SILENT", &peer.addr.to_string())
            .replace("BUSY", &busy.local_addr().expect("an address").port().to_string())
            .replace("PORT", &port.to_string())
    });
    let mut command = Command::new(program.path());
    command.args(words).current_dir(folder.path());
    command.env("PAGER", "").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let pid = child.id();
    // Open and silent: sipp spins on a pipe at its end, and complains of /dev/null.
    let _keyboard = child.stdin.take();
    let said = reader(&mut child);
    let code = exit_code(&mut child);
    let said = said.join().expect("read what it says");
    if let Some(child) = said.split("PID=[").nth(1).and_then(|rest| rest.split(']').next()) {
        wait_for_end_of(child);
    }
    let peer_port = peer.addr.port();
    let heard = peer.stop();
    let mut summary = code;
    for file in new_files(folder.path()) {
        summary += &format!(", {file}");
    }
    let datagram = heard.map_or_else(Vec::new, |(from, bytes)| {
        lines(&bytes, Numbers { pid, port: from.port(), peer: peer_port })
    });
    if let Some(first) = datagram.first() {
        summary += &format!(": {first}");
    }
    Outcome { summary, datagram }
}

fn reader(child: &mut Child) -> JoinHandle<String> {
    let mut stdout = child.stdout.take().expect("a pipe");
    std::thread::spawn(move || {
        let mut said = Vec::new();
        std::io::Read::read_to_end(&mut stdout, &mut said).ok();
        String::from_utf8_lossy(&said).into_owned()
    })
}

fn exit_code(child: &mut Child) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        match child.try_wait().expect("wait for a child") {
            Some(status) => return status.code().map_or_else(|| status.to_string(), |code| code.to_string()),
            None if Instant::now() > until => {
                child.kill().ok();
                child.wait().ok();
                return "still runs".to_owned();
            }
            None => std::thread::park_timeout(Duration::from_millis(5)),
        }
    }
}

/// What `-bg` leaves behind.
fn wait_for_end_of(pid: &str) {
    let until = Instant::now() + PATIENCE;
    let stat = format!("/proc/{pid}/stat");
    // A zombie has ended: nobody may be there to collect it.
    let runs = || std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
    while runs() {
        assert!(Instant::now() < until, "process {pid} goes on for ever");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// The files that were not there before, with PID for the numbers of processes.
fn new_files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("read the folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names
        .filter(|name| FILES.iter().all(|(old, _)| old != name))
        .map(|name| {
            let parts = name.split('_').map(|part| if part.parse::<u32>().is_ok() { "PID" } else { part });
            parts.collect::<Vec<_>>().join("_")
        })
        .collect();
    names.sort();
    names
}

/// Answers every request but ACK with 200, or says nothing; keeps the first datagram.
struct Peer {
    addr: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<Option<Datagram>>,
}

/// Who sent it, and what it says.
type Datagram = (SocketAddr, Vec<u8>);

impl Peer {
    fn start(answers: bool) -> Peer {
        let socket = UdpSocket::bind((LOCALHOST, 0)).expect("bind port 0");
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("set a timeout");
        let addr = socket.local_addr().expect("an address");
        let is_over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let mut first = None;
            let mut buffer = vec![0; 65_536];
            while !told.load(Ordering::Relaxed) {
                let Ok((size, from)) = socket.recv_from(&mut buffer) else { continue };
                first.get_or_insert_with(|| (from, buffer[..size].to_vec()));
                let text = String::from_utf8_lossy(&buffer[..size]);
                if answers && !text.starts_with("ACK ") && !text.starts_with("SIP/2.0 ") {
                    socket.send_to(answer(&text).as_bytes(), from).ok();
                }
            }
            first
        });
        Peer { addr, is_over, thread }
    }

    fn stop(self) -> Option<Datagram> {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().expect("the peer's thread")
    }
}

fn answer(request: &str) -> String {
    let mut answer = String::from("SIP/2.0 200 OK\r\n");
    for line in request.split("\r\n").take_while(|line| !line.is_empty()) {
        let name = line.split(':').next().unwrap_or_default();
        if ["Via", "From", "Call-ID", "CSeq"].contains(&name) {
            answer += &format!("{line}\r\n");
        } else if name == "To" {
            let tag = if line.contains(";tag=") { "" } else { ";tag=peer" };
            answer += &format!("{line}{tag}\r\n");
        }
    }
    answer + "Content-Length: 0\r\n\r\n"
}
