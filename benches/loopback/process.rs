//! One program of a pair while it runs: pinned to a core, its memory, its end, the CPU time it took.

use std::fs::File;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Where a program of a pair runs: on a core of its own, or on the only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Core {
    Caller,
    Answerer,
}

impl Core {
    fn number(self) -> &'static str {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        match self {
            Core::Caller if cores > 1 => "1",
            Core::Caller | Core::Answerer => "0",
        }
    }
}

/// How a program ended.
pub struct Ended {
    /// None: it did not, and was killed.
    pub status: Option<ExitStatus>,
    /// User and system time, from its start to its end.
    pub cpu: Duration,
}

/// A program that runs; it is killed when nobody has waited for it.
pub struct Process {
    child: Child,
    /// Until the child has been waited for: killing it later could hit another.
    runs: bool,
}

impl Process {
    /// Starts a program on a core. `said`: where its standard output goes, if it is of any use.
    pub fn start(core: Core, program: &str, words: &[&str], said: Option<&Path>) -> Process {
        let mut command = Command::new("taskset");
        command.args(["-c", core.number(), program]).args(words);
        quiet(&mut command);
        if let Some(file) = said {
            command.stdout(File::create(file).unwrap());
        }
        Process { child: command.spawn().unwrap(), runs: true }
    }

    /// SIGTERM: end now, without a word to the peer.
    pub fn end(&self) {
        let _ = kill(self.pid(), Signal::SIGTERM);
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Memory that it has in RAM now (`VmRSS`), in bytes; None when it has ended.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kibibytes * 1_024)
    }

    /// Is it still there?
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end; past the deadline it is killed.
    pub fn wait(mut self, deadline: Duration) -> Ended {
        let until = Instant::now() + deadline;
        // Only children that were waited for are in the sum, so the difference is this one's.
        let before = cpu_of_children();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break Some(status);
            }
            if Instant::now() > until {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                break None;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        self.runs = false;
        Ended { status, cpu: cpu_of_children() - before }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.runs {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Nothing of it on this bench's terminal.
pub fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until another program has bound the port. To try and bind it ourselves would be in its way.
pub fn wait_until_bound(port: u16) {
    let until = Instant::now() + Duration::from_secs(10);
    while dropped(port).is_none() {
        assert!(Instant::now() < until, "nobody has bound port {port} for 10 s");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Datagrams that came to a port while its socket was full; None when nobody has bound it.
pub fn dropped(port: u16) -> Option<u64> {
    let sockets = std::fs::read_to_string("/proc/net/udp").unwrap();
    let bound = format!(":{port:04X}");
    let line = sockets.lines().find(|line| {
        line.split_whitespace().nth(1).is_some_and(|local_address| local_address.ends_with(&bound))
    })?;
    line.split_whitespace().last()?.parse().ok()
}

fn cpu_of_children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let times = [usage.user_time(), usage.system_time()];
    times.iter().map(|time| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1_000)).sum()
}
