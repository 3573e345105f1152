//! A private Kamailio with the shipped configuration and launch script, on a port of its own.
//! The script starts a wrapper of the program under test that reports each start and each exit to the test.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::phone::{Call, Phone};
use crate::program::{Program, Running, free_port, in_repository, installed};

/// How Kamailio's launch script runs the program.
#[derive(Clone, Copy, Debug)]
pub enum Launch {
    /// As users do: nothing between script and program, and nobody is told of its end.
    Bare,
    /// Through a wrapper that reports start and exit.
    Watched,
    /// Watched, and only after that time: the contact of the device has expired by then.
    Late(Duration),
}

/// A program that Kamailio had started and that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// Its command line.
    pub arguments: String,
}

/// A running server. Dropped, it ends with its folder.
pub struct Kamailio {
    address: SocketAddr,
    server: Running,
    log: PathBuf,
    fifo: File,
    reports: Receiver<String>,
    started: Vec<String>,
    folder: TempDir,
}

impl Kamailio {
    /// Starts one and waits until it answers.
    pub fn start(program: Program, launch: Launch) -> Kamailio {
        let kamailio = installed("kamailio", "kamailio");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (fifo, reports) = reports(folder.path());
        let run = match launch {
            Launch::Bare => program.path(),
            Launch::Watched => wrapper(folder.path(), program, Duration::ZERO),
            Launch::Late(delay) => wrapper(folder.path(), program, delay),
        };
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let address = SocketAddr::new(ip, free_port(ip));
        let log = folder.path().join("kamailio.log");
        let script = in_repository("scenarios/kamailio/launch_rsipp.sh");
        let mut command = Command::new(kamailio);
        command
            .arg("-f")
            .arg(in_repository("scenarios/kamailio/kamailio.cfg"))
            .args(["-DD", "-E", "-T", "-m", "32", "-M", "4", "-l", &format!("udp:{address}")])
            .args(["-A", &format!("IOS_LAUNCH=\"{}\"", script.display())])
            .arg("-P")
            .arg(folder.path().join("pid"))
            .arg("-Y")
            .arg(folder.path())
            .arg("-w")
            .arg(folder.path())
            .env("RSIPP", run)
            .env("RSIPP_TARGET", address.to_string())
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("create a log"));
        let server = Running::start(&mut command);
        let kamailio = Kamailio { address, server, log, fifo, reports, started: Vec::new(), folder };
        kamailio.wait_until_ready();
        kamailio
    }

    fn wait_until_ready(&self) {
        let mut probe = Phone::new(self.address);
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline && !self.server.ends(Duration::ZERO) {
            let id = format!("ready-{}", self.address.port());
            probe.request("OPTIONS", Call { to: "ready", from: "ready", id: &id }, "");
            if probe.next(Duration::from_millis(50)).is_some() {
                return;
            }
        }
        panic!(
            "Kamailio did not start (apt-get install kamailio installs all that it needs):\n{}",
            self.log()
        );
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A file that a shell would create if it were tricked into it; its path has no character that a SIP user lacks.
    pub fn canary(&self) -> PathBuf {
        self.folder.path().join("canary")
    }

    /// Waits for the next end of a watched program.
    #[track_caller]
    pub fn ended(&mut self, within: Duration) -> Ended {
        let deadline = Instant::now() + within;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(report) = self.reports.recv_timeout(left) else {
                panic!("no program has ended within {within:?}; started: {:?}", self.started);
            };
            match report.split_once(' ') {
                Some(("start", arguments)) => self.started.push(arguments.to_owned()),
                Some(("exit", rest)) => return Ended::parse(rest),
                _ => panic!("the wrapper wrote {report:?}"),
            }
        }
    }

    /// Command lines of the watched programs of which [`Kamailio::ended`] has heard, and of those that it has not waited for.
    pub fn started(&mut self) -> &[String] {
        let unheard = self.reports.try_iter();
        self.started.extend(unheard.filter_map(|report| report.strip_prefix("start ").map(str::to_owned)));
        &self.started
    }
}

impl Ended {
    fn parse(report: &str) -> Ended {
        let (code, arguments) = report.split_once(' ').expect("code and arguments");
        Ended { code: code.parse().expect("an exit code"), arguments: arguments.to_owned() }
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        self.server.stop();
        // Lets the reading thread go.
        self.fifo.write_all(b"end\n").ok();
        if std::thread::panicking() {
            let errors = std::fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default();
            eprintln!("--- Kamailio's log\n{}\n--- stderr of the programs\n{errors}", self.log());
        }
    }
}

/// A FIFO, open in both directions so that it never ends, and its lines.
fn reports(folder: &Path) -> (File, Receiver<String>) {
    let path = folder.join("reports");
    let made = Command::new("mkfifo").arg(&path).status().expect("run mkfifo");
    assert!(made.success());
    let open = || OpenOptions::new().read(true).write(true).open(&path).expect("open the FIFO");
    let lines = BufReader::new(open()).lines();
    let (tell, reports) = channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok).take_while(|line| line != "end") {
            tell.send(line).ok();
        }
    });
    (open(), reports)
}

fn wrapper(folder: &Path, program: Program, delay: Duration) -> PathBuf {
    let path = folder.join("watched");
    let reports = folder.join("reports");
    let text = format!(
        "#!/bin/sh\nprintf 'start %s\\n' \"$*\" >'{reports}'\nsleep {delay}\n'{program}' \"$@\" 2>>'{errors}'\n\
         printf 'exit %s %s\\n' \"$?\" \"$*\" >'{reports}'\n",
        reports = reports.display(),
        errors = folder.join("errors").display(),
        delay = delay.as_secs_f32(),
        program = program.path().display(),
    );
    std::fs::write(&path, text).expect("write the wrapper");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("chmod the wrapper");
    path
}
