//! Two processes that call each other on loopback, a core each: two SIP programs of a kind, or the ruler.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::process::{Core, Ended, Process, dropped, free_port, quiet, wait_until_bound};
use super::stat_file::{self, Row, achieved};
use super::verdict::Verdict;

/// Socket buffers asked of both programs: with SIPp's default of 64 KiB it loses datagrams on a busy machine, and the bench
/// would measure that.
const BUFFERS: [&str; 2] = ["-buff_size", "4194304"];

/// How much later than planned the last call of a load that is held may end: the programs' start and end, and a message or two
/// that were lost and sent again.
const GRACE: Duration = Duration::from_millis(1_800);

/// How much of the rate asked for must be achieved to hold it.
const HELD: f64 = 0.97;

/// Calls at a rate.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// A second.
    pub rate: u32,
    /// In all.
    pub calls: u32,
}

impl Load {
    /// So many calls a second, so long.
    pub fn lasting(rate: u32, time: Duration) -> Load {
        Load { rate, calls: (f64::from(rate) * time.as_secs_f64()) as u32 }
    }

    /// How long it takes when the rate is held.
    pub fn time(self) -> Duration {
        Duration::from_secs_f64(f64::from(self.calls) / f64::from(self.rate))
    }
}

/// CPU time of a run.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    /// Of the side that calls.
    pub caller: Duration,
    /// Of the side that answers.
    pub answerer: Duration,
}

/// A SIP program: its built-in `uac` calls its built-in `uas`.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    pub name: &'static str,
    pub path: &'static str,
}

pub const RSIPP: Program = Program { name: "rsipp", path: env!("CARGO_BIN_EXE_rsipp") };
pub const SIPP: Program = Program { name: "sipp", path: "sipp" };

/// A caller and an answerer of the same kind.
pub enum Pair {
    Sip(Program),
    /// This bench itself, moving datagrams of these sizes, so many a system call.
    Floor {
        sizes: String,
        batch: usize,
    },
}

impl Pair {
    pub fn name(&self) -> String {
        match self {
            Pair::Sip(program) => program.name.to_owned(),
            Pair::Floor { batch, .. } => format!("floor by {batch}"),
        }
    }

    /// Makes calls, all of them and none failed; an error says what went wrong. `deadline`: kill the caller then.
    pub fn run(&self, load: Load, deadline: Duration) -> Result<Used, String> {
        let [rate, calls] = [load.rate, load.calls].map(|number| number.to_string());
        let (caller, answerer) = match self {
            Pair::Sip(program) => {
                let running = program.start(&["-r", &rate, "-m", &calls], &[]);
                (running.caller, running.answerer)
            }
            Pair::Floor { sizes, batch } => {
                let [port, batch] = [usize::from(free_port()), *batch].map(|number| number.to_string());
                let this = std::env::current_exe().unwrap();
                let start = |core, words: &[&str]| Process::start(core, this.to_str().unwrap(), words, None);
                let answerer = start(Core::Answerer, &["floor-answerer", &port, sizes, &batch]);
                wait_until_bound(port.parse().unwrap());
                let caller = start(Core::Caller, &["floor-caller", &port, sizes, &batch, &rate, &calls]);
                (caller, answerer)
            }
        };
        let Ended { status, cpu: caller } = caller.wait(deadline);
        // Its calls in time-wait are of no more use; what they cost until here has been counted. SIPp now and then hangs in
        // its signal handler (cli.md §9, Bug), which is no reason not to count.
        answerer.end();
        let Ended { cpu: answerer, .. } = answerer.wait(Duration::from_secs(2));
        match status {
            Some(status) if status.success() => Ok(Used { caller, answerer }),
            Some(status) => Err(format!("the caller ended with {status} at {} calls/s", load.rate)),
            None => Err(format!("the caller did not end within {deadline:?} at {} calls/s", load.rate)),
        }
    }

    /// Does it make calls at this rate, all of them, and none failed?
    pub fn holds(&self, load: Load) -> bool {
        let deadline = load.time() + GRACE;
        match self {
            Pair::Sip(program) => {
                let [rate, calls] = [load.rate, load.calls].map(|number| number.to_string());
                let left = program.start_counted(&["-r", &rate, "-m", &calls]).finish(deadline);
                let made = achieved(&left.caller).unwrap_or(0.0);
                left.status.is_some_and(|status| status.success()) && made >= HELD * f64::from(load.rate)
            }
            Pair::Floor { .. } => self.run(load, deadline).is_ok(),
        }
    }
}

/// A SIP program that calls itself, both sides with `-trace_stat`, a row a second.
pub struct Running {
    pub caller: Process,
    pub answerer: Process,
    /// Of the caller and the answerer.
    ports: [u16; 2],
    folder: TempDir,
}

/// What is left of it.
pub struct Left {
    /// None: the caller did not end by itself, nor when told.
    pub status: Option<std::process::ExitStatus>,
    /// Rows of the caller's statistics file.
    pub caller: Vec<Row>,
    /// Rows of the answerer's.
    pub answerer: Vec<Row>,
    /// What the caller said of itself, if it is rsipp.
    pub verdict: Verdict,
}

impl Program {
    /// Starts both sides, with these words besides the usual ones. `{folder}` in a word is a folder of this run.
    pub fn start(&self, caller: &[&str], answerer: &[&str]) -> Running {
        let folder = tempfile::tempdir().unwrap();
        let ports = [free_port(), free_port()];
        let [own, remote] = ports.map(|port| port.to_string());
        let answerer = self.side(Core::Answerer, &["-sn", "uas", "-p", &remote], answerer, folder.path());
        wait_until_bound(ports[1]);
        let remote = format!("127.0.0.1:{remote}");
        let caller = self.side(Core::Caller, &[&remote, "-sn", "uac", "-p", &own], caller, folder.path());
        Running { caller, answerer, ports, folder }
    }

    /// The same, with both statistics files.
    pub fn start_counted(&self, caller: &[&str]) -> Running {
        let counted = |file| ["-trace_stat", "-fd", "1", "-stf", file];
        let caller = [&counted("{folder}/caller.csv"), caller].concat();
        self.start(&caller, &counted("{folder}/answerer.csv"))
    }

    fn side(&self, core: Core, usual: &[&str], special: &[&str], folder: &Path) -> Process {
        let words = [usual, &["-i", "127.0.0.1", "-nostdin"], &BUFFERS, special].concat();
        let place = folder.to_str().unwrap();
        let words: Vec<String> = words.iter().map(|word| word.replace("{folder}", place)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let said = (core == Core::Caller).then(|| folder.join("said"));
        Process::start(core, self.path, &words, said.as_deref())
    }
}

impl Running {
    /// The rows so far of the caller's statistics file, and of the answerer's.
    pub fn rows(&self) -> [Vec<Row>; 2] {
        ["caller.csv", "answerer.csv"].map(|file| stat_file::rows(&self.file(file)))
    }

    /// Datagrams that the caller's and the answerer's full socket lost so far.
    pub fn lost(&self) -> u64 {
        self.ports.into_iter().filter_map(dropped).sum()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Waits until the caller has made its calls.
    pub fn finish(self, deadline: Duration) -> Left {
        let Running { caller, answerer, folder, .. } = self;
        let Ended { status, .. } = caller.wait(deadline);
        answerer.end();
        answerer.wait(Duration::from_secs(2));
        let [caller, answerer] =
            ["caller.csv", "answerer.csv"].map(|file| stat_file::rows(&folder.path().join(file)));
        let said = std::fs::read(folder.path().join("said")).unwrap_or_default();
        Left { status, caller, answerer, verdict: Verdict::read(&String::from_utf8_lossy(&said)) }
    }

    /// Ends the caller now.
    pub fn stop(self) -> Left {
        self.caller.end();
        self.finish(Duration::from_secs(5))
    }
}

/// sipp's version; without sipp there is nothing to compare with.
pub fn require_sipp() -> String {
    let Ok(output) = Command::new(SIPP.path).arg("-v").output() else {
        eprintln!("sipp is missing, and this bench compares with it: apt-get install sip-tester");
        std::process::exit(1);
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().find_map(|word| word.strip_prefix('v'));
    let version = version.and_then(|version| version.split('-').next()).unwrap_or("of unknown version");
    format!("sipp {}", version.trim_end_matches('.'))
}

/// Sizes of INVITE, 180, 200, ACK, BYE and 200, as rsipp sends them in this bench.
pub fn message_sizes() -> Vec<usize> {
    let traced = |file| ["-m", "1", "-trace_msg", "-message_file", file];
    let Running { caller, answerer, folder, .. } =
        RSIPP.start(&traced("{folder}/uac"), &traced("{folder}/uas"));
    let Ended { status, .. } = caller.wait(Duration::from_secs(10));
    assert!(status.is_some_and(|status| status.success()), "one call of rsipp ended with {status:?}");
    answerer.end();
    answerer.wait(Duration::from_secs(5));
    let [mut from_uac, mut from_uas] =
        ["uac", "uas"].map(|file| sent_sizes(&folder.path().join(file)).into_iter());
    let (mut uac, mut uas) = (|| from_uac.next().unwrap(), || from_uas.next().unwrap());
    vec![uac(), uas(), uas(), uac(), uac(), uas()]
}

fn sent_sizes(trace: &Path) -> Vec<usize> {
    let text = String::from_utf8_lossy(&std::fs::read(trace).unwrap()).into_owned();
    let size = |line: &str| line.strip_prefix("UDP message sent [")?.strip_suffix("] bytes:")?.parse().ok();
    text.lines().filter_map(size).collect()
}

/// From exec to the arrival of the first INVITE.
pub fn exec_to_invite(program: &Program) -> Duration {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut command = Command::new(program.path);
    command.arg(socket.local_addr().unwrap().to_string()).args(["-m", "1", "-nostdin"]);
    let started = Instant::now();
    let mut child = quiet(&mut command).spawn().unwrap();
    let arrived = socket.recv(&mut [0; 2_048]);
    let time = started.elapsed();
    let _ = child.kill();
    let _ = child.wait();
    assert!(arrived.is_ok(), "{} sent nothing for 10 s", program.name);
    time
}
