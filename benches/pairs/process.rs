//! One program of a pair while it runs: pinned to a core, its memory, its end, the CPU time it took.

use std::fs::File;
use std::net::{TcpListener, UdpSocket};
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
    /// Any: the system chooses.
    Any,
}

impl Core {
    /// As `taskset` has it.
    fn list(self) -> String {
        let last = std::thread::available_parallelism().map_or(1, usize::from) - 1;
        match self {
            Core::Caller if last > 0 => "1".to_owned(),
            Core::Caller | Core::Answerer => "0".to_owned(),
            Core::Any => format!("0-{last}"),
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
        command.args(["-c", &core.list(), program]).args(words);
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
        Pid::from_raw(self.id().cast_signed())
    }

    /// Its number in `/proc`.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Memory that it has in RAM now (`VmRSS`), in bytes; None when it has ended.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
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

/// A port that was free a moment ago, for UDP and TCP.
pub fn free_port() -> u16 {
    loop {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Waits until another program has bound the port, or listens at it. To try and bind it ourselves would be in its way.
pub fn wait_until_bound(port: u16) {
    let until = Instant::now() + Duration::from_secs(10);
    while dropped(port).is_none() && !listens(port) {
        assert!(Instant::now() < until, "nobody has bound port {port} for 10 s");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Datagrams that came to a port while its socket was full; None when nobody has bound it.
pub fn dropped(port: u16) -> Option<u64> {
    socket("udp", port, |_| true)?.split_whitespace().last()?.parse().ok()
}

fn listens(port: u16) -> bool {
    socket("tcp", port, |state| state == "0A").is_some()
}

/// The line of a socket in one of the kernel's tables, by its local port and its state.
fn socket(table: &str, port: u16, has_state: fn(&str) -> bool) -> Option<String> {
    let sockets = std::fs::read_to_string(format!("/proc/net/{table}")).unwrap();
    let bound = format!(":{port:04X}");
    let is_it = |line: &&str| {
        let mut fields = line.split_whitespace().skip(1);
        let local_address = fields.next();
        let state = fields.nth(1);
        local_address.is_some_and(|address| address.ends_with(&bound)) && state.is_some_and(has_state)
    };
    sockets.lines().find(is_it).map(str::to_owned)
}

fn cpu_of_children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let times = [usage.user_time(), usage.system_time()];
    times.iter().map(|time| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1_000)).sum()
}
