//! A SIP program that calls itself on loopback, a core each: its built-in `uac` calls its built-in `uas`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use tempfile::TempDir;

use super::process::{Core, Ended, Process, dropped, free_port, wait_until_bound};
use super::stat_file::{self, Row, achieved};
use super::verdict::Verdict;

/// Socket buffers asked of both programs: with SIPp's default of 64 KiB it loses datagrams on a busy machine, and the bench
/// would measure that.
const BUFFERS: [&str; 2] = ["-buff_size", "4194304"];

/// How much later than planned the last call of a load that is held may end: the programs' start and end, and a message or two
/// that were lost and sent again.
pub const GRACE: Duration = Duration::from_millis(1_800);

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

    /// The options for it.
    pub fn words(self) -> [String; 4] {
        ["-r".to_owned(), self.rate.to_string(), "-m".to_owned(), self.calls.to_string()]
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

/// A SIP program.
#[derive(Clone, Copy, Debug)]
pub struct Program<'w> {
    pub name: &'static str,
    pub path: &'static str,
    /// What both sides are told besides the usual: the transport, and what it needs.
    pub words: &'w [&'w str],
    /// Whether both sides run on all cores; else on one each.
    pub on_all_cores: bool,
}

pub const RSIPP: Program<'static> =
    Program { name: "rsipp", path: env!("CARGO_BIN_EXE_rsipp"), words: &[], on_all_cores: false };
/// Its datagrams cross the kernel each by itself.
pub const SINGLY: Program<'static> = Program { name: "rsipp -no_gso", words: &["-no_gso"], ..RSIPP };
/// Two workers on each side.
pub const WORKERS: Program<'static> =
    Program { name: "rsipp -workers 2", words: &["-workers", "2"], on_all_cores: true, ..RSIPP };
pub const SIPP: Program<'static> = Program { name: "sipp", path: "sipp", words: &[], on_all_cores: false };

/// Both sides while they run.
pub struct Running {
    pub caller: Process,
    pub answerer: Process,
    /// Of the caller and the answerer.
    ports: [u16; 2],
    /// What they write.
    pub folder: TempDir,
}

/// What is left of them.
pub struct Left {
    /// None: the caller did not end by itself, nor when told.
    pub status: Option<ExitStatus>,
    /// Rows of the caller's statistics file, a row a second; none when it was not asked for.
    pub caller: Vec<Row>,
    /// Rows of the answerer's.
    pub answerer: Vec<Row>,
    /// What the caller said of itself, if it is rsipp.
    pub verdict: Verdict,
    pub used: Used,
}

impl Program<'_> {
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
        let words = [usual, &["-i", "127.0.0.1", "-nostdin"], &BUFFERS, self.words, special].concat();
        let place = folder.to_str().unwrap();
        let words: Vec<String> = words.iter().map(|word| word.replace("{folder}", place)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let said = (core == Core::Caller).then(|| folder.join("said"));
        let core = if self.on_all_cores { Core::Any } else { core };
        Process::start(core, self.path, &words, said.as_deref())
    }

    /// Makes calls, all of them and none failed; an error says what went wrong. `deadline`: kill the caller then.
    pub fn run(&self, load: Load, deadline: Duration) -> Result<Used, String> {
        let words = load.words();
        let left = self.start(&words.each_ref().map(String::as_str), &[]).finish(deadline);
        match left.status {
            Some(status) if status.success() => Ok(left.used),
            Some(status) => Err(format!("the caller ended with {status} at {} calls/s", load.rate)),
            None => Err(format!("the caller did not end within {deadline:?} at {} calls/s", load.rate)),
        }
    }

    /// Does it make calls at this rate, all of them, and none failed?
    pub fn holds(&self, load: Load) -> bool {
        let words = load.words();
        let left = self.start_counted(&words.each_ref().map(String::as_str)).finish(load.time() + GRACE);
        let made = achieved(&left.caller).unwrap_or(0.0);
        left.status.is_some_and(|status| status.success()) && made >= HELD * f64::from(load.rate)
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

    /// Waits until the caller has made its calls; `deadline`: kill it then.
    pub fn finish(self, deadline: Duration) -> Left {
        let Running { caller, answerer, folder, .. } = self;
        let Ended { status, cpu: caller } = caller.wait(deadline);
        // Its calls in time-wait are of no more use; what they cost until here has been counted. SIPp now and then hangs in
        // its signal handler (cli.md §9, Bug), which is no reason not to count.
        answerer.end();
        let Ended { cpu: answerer, .. } = answerer.wait(Duration::from_secs(2));
        let used = Used { caller, answerer };
        let [caller, answerer] =
            ["caller.csv", "answerer.csv"].map(|file| stat_file::rows(&folder.path().join(file)));
        let said = std::fs::read(folder.path().join("said")).unwrap_or_default();
        Left { status, caller, answerer, verdict: Verdict::read(&String::from_utf8_lossy(&said)), used }
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
