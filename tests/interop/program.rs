//! The program under test, and child processes with a deadline. Ends only what it started, by pid.

use std::net::{IpAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::RwLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Held for reading by tests that load the machine, for writing by the test that measures time.
pub static MACHINE: RwLock<()> = RwLock::new(());

/// Who runs the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// This crate's binary.
    Rsipp,
    /// Debian's `sip-tester`: the reference.
    Sipp,
}

impl Program {
    /// rsipp, or sipp when the environment says `INTEROP_PROGRAM=sipp`.
    pub fn under_test() -> Program {
        match std::env::var("INTEROP_PROGRAM").as_deref() {
            Err(_) | Ok("rsipp") => Program::Rsipp,
            Ok("sipp") => Program::Sipp,
            Ok(other) => panic!("INTEROP_PROGRAM={other}: want rsipp or sipp"),
        }
    }

    /// Where its executable is.
    pub fn path(self) -> PathBuf {
        match self {
            Program::Rsipp => PathBuf::from(env!("CARGO_BIN_EXE_rsipp")),
            Program::Sipp => installed("sipp", "sip-tester"),
        }
    }
}

/// The path of an installed program; a failed test that names the package when there is none.
pub fn installed(program: &str, package: &str) -> PathBuf {
    ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"]
        .iter()
        .map(|folder| Path::new(folder).join(program))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{program} is not installed; run: apt-get install {package}"))
}

/// A file of this repository.
pub fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A UDP port that the kernel has just said is free on `ip`.
pub fn free_port(ip: IpAddr) -> u16 {
    UdpSocket::bind((ip, 0)).expect("bind port 0").local_addr().expect("local address").port()
}

/// A running child. Dropped while it runs, it is killed.
pub struct Running {
    pid: Pid,
    ended: Receiver<ExitStatus>,
    what: String,
}

impl Running {
    /// Starts `command`; its stdin is `/dev/null` unless the caller has set another.
    pub fn start(command: &mut Command) -> Running {
        let what = format!("{command:?}");
        let child = command.spawn().unwrap_or_else(|error| panic!("{what}: {error}"));
        Running::watch(child, what)
    }

    fn watch(mut child: Child, what: String) -> Running {
        let pid = Pid::from_raw(child.id().try_into().expect("a pid fits"));
        let (tell, ended) = channel();
        std::thread::spawn(move || {
            let status = child.wait().expect("wait for a child");
            tell.send(status).ok();
        });
        Running { pid, ended, what }
    }

    /// The exit code, or a failed test when the child is not done `within` that time.
    #[track_caller]
    pub fn exit_code(&self, within: Duration) -> i32 {
        match self.ended.recv_timeout(within) {
            Ok(status) => status.code().unwrap_or_else(|| panic!("{}: {status}", self.what)),
            Err(_) => panic!("{} still runs after {within:?}", self.what),
        }
    }

    /// Whether the child has ended within that time.
    pub fn ends(&self, within: Duration) -> bool {
        !matches!(self.ended.recv_timeout(within), Err(RecvTimeoutError::Timeout))
    }

    /// Asks the child to end, and kills it if it has not after 3 s.
    pub fn stop(&self) {
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            kill(self.pid, signal).ok();
            if self.ends(Duration::from_secs(3)) {
                return;
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A child that was waited for already is gone, and its pid may be somebody else's.
        if self.ended.try_recv() == Err(TryRecvError::Empty) {
            kill(self.pid, Signal::SIGKILL).ok();
            self.ends(Duration::from_secs(3));
        }
    }
}

/// `command` without input and output.
pub fn silent(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}
