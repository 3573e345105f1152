//! Runs rsipp as a child process in an empty folder of its own, with a deadline, and keeps everything it said.
//! When a test fails, each program it ran prints its command line, folder, exit status, stdout and stderr.

use std::fmt;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use tempfile::TempDir;

/// How long a program may take, unless a test says otherwise.
const DEADLINE: Duration = Duration::from_secs(30);

/// A command line about to be run.
pub struct Program {
    command: Command,
    folders: Folders,
    deadline: Duration,
}

/// Where a program runs, and where its output goes.
struct Folders {
    all: TempDir,
}

impl Folders {
    fn new() -> Folders {
        let all = tempfile::tempdir().unwrap();
        fs::create_dir(all.path().join("cwd")).unwrap();
        Folders { all }
    }

    fn cwd(&self) -> PathBuf {
        self.all.path().join("cwd")
    }

    fn output(&self, name: &str) -> PathBuf {
        self.all.path().join(name)
    }
}

/// rsipp with these arguments, separated by blanks.
pub fn rsipp(arguments: &str) -> Program {
    Program::new(env!("CARGO_BIN_EXE_rsipp"), arguments.split_whitespace())
}

/// rsipp started by a shell with these redirections, such as `<&-`.
pub fn rsipp_redirected(redirections: &str, arguments: &str) -> Program {
    let script = format!("exec \"$0\" \"$@\" {redirections}");
    let words = ["-c", &script, env!("CARGO_BIN_EXE_rsipp")];
    Program::new("/bin/sh", words.into_iter().chain(arguments.split_whitespace()))
}

/// rsipp that can write no file larger than so many blocks of 512 bytes.
pub fn rsipp_limited(blocks: u32, arguments: &str) -> Program {
    let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let words = ["-c", &script, env!("CARGO_BIN_EXE_rsipp")];
    Program::new("/bin/sh", words.into_iter().chain(arguments.split_whitespace()))
}

/// rsipp as the leader of a new session, whose terminal is its stdin.
pub fn rsipp_in_session(arguments: &str) -> Program {
    let words = ["--ctty", env!("CARGO_BIN_EXE_rsipp")];
    Program::new("setsid", words.into_iter().chain(arguments.split_whitespace()))
}

/// A shell script in a new session, whose terminal is its stdin. `$0` is rsipp.
pub fn shell_in_session(script: &str) -> Program {
    Program::new("setsid", ["--ctty", "sh", "-c", script, env!("CARGO_BIN_EXE_rsipp")].into_iter())
}

impl Program {
    fn new<'a>(program: &str, arguments: impl Iterator<Item = &'a str>) -> Program {
        let folders = Folders::new();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folders.cwd()).stdin(Stdio::null());
        command.stdout(File::create(folders.output("stdout")).unwrap());
        command.stderr(File::create(folders.output("stderr")).unwrap());
        Program { command, folders, deadline: DEADLINE }
    }

    /// One more argument, taken as it is.
    pub fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Program {
        self.command.arg(argument);
        self
    }

    /// A file in the folder that the program runs in.
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Program {
        let path = self.folders.cwd().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Runs with this scenario as its `-sf`.
    pub fn scenario(self, xml: &str) -> Program {
        self.file("scenario.xml", xml).arg("-sf").arg("scenario.xml")
    }

    /// A named pipe in the folder that the program runs in.
    pub fn named_pipe(self, name: &str) -> Program {
        let made = Command::new("mkfifo").arg(self.folders.cwd().join(name)).status().unwrap();
        assert!(made.success());
        self
    }

    /// Without this variable of the environment.
    pub fn without_variable(mut self, name: &str) -> Program {
        self.command.env_remove(name);
        self
    }

    /// With this variable of the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Program {
        self.command.env(name, value);
        self
    }

    /// Another current directory.
    pub fn current_dir(mut self, folder: &str) -> Program {
        self.command.current_dir(folder);
        self
    }

    /// No environment at all: no TERM, no HOME, no PATH.
    pub fn no_environment(mut self) -> Program {
        self.command.env_clear();
        self
    }

    /// A variable of its environment.
    pub fn environment(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Program {
        self.command.env(name, value);
        self
    }

    /// Another stdin.
    pub fn stdin(mut self, stdin: impl Into<Stdio>) -> Program {
        self.command.stdin(stdin);
        self
    }

    /// Another stderr, which is then not in [`Ended::stderr`].
    pub fn stderr(mut self, stderr: impl Into<Stdio>) -> Program {
        self.command.stderr(stderr);
        self
    }

    /// Another stdout, which is then not in [`Ended::stdout`].
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Program {
        self.command.stdout(stdout);
        self
    }

    /// Starts it.
    pub fn start(mut self) -> Running {
        let started = SystemTime::now();
        let child = self.command.spawn().unwrap();
        // What was passed to the child must not stay open here, or nobody would ever see it end.
        self.command.stdin(Stdio::null()).stdout(Stdio::null());
        let pidfd = pidfd(child.id());
        Running { child, pidfd, started, program: self, is_over: false }
    }

    /// Runs it to its end.
    pub fn run(self) -> Ended {
        self.start().wait()
    }
}

fn pidfd(pid: u32) -> OwnedFd {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    pidfd_open(pid, PidfdFlags::empty()).unwrap()
}

/// Waits until the process has ended; false when it has not in time.
fn ends_within(pidfd: &OwnedFd, time: Duration) -> bool {
    readable_within(pidfd, time)
}

/// Waits until there is something to read; false when there is not in time. Precise to well below a millisecond, which
/// receive timeouts of sockets are not.
pub fn readable_within(descriptor: &impl AsFd, time: Duration) -> bool {
    let until = Instant::now() + time;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        match poll(&mut [PollFd::new(descriptor, PollFlags::IN)], Some(&timeout)) {
            Ok(0) => return false,
            Ok(_) => return true,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => panic!("poll: {error}"),
        }
    }
}

/// A program that runs. Dropped, it is killed.
pub struct Running {
    child: Child,
    pidfd: OwnedFd,
    /// Just before it was started.
    pub started: SystemTime,
    program: Program,
    is_over: bool,
}

impl Running {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        pidfd_send_signal(&self.pidfd, signal).unwrap();
    }

    /// What the child's `Stdio::piped()` stdin is, once.
    pub fn take_stdin(&mut self) -> std::process::ChildStdin {
        self.child.stdin.take().unwrap()
    }

    /// Closes the child's stdin if it is `Stdio::piped()`.
    pub fn close_stdin(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits until it has bound this UDP port.
    pub fn binds(&self, port: u16) {
        let until = Instant::now() + self.program.deadline;
        while !udp_ports(self.pid()).contains(&port) {
            assert!(self.is_running() && Instant::now() < until, "it has not bound port {port}");
            std::thread::yield_now();
        }
    }

    /// The port of its remote control: its second socket.
    pub fn control_port(&self) -> u16 {
        let until = Instant::now() + self.program.deadline;
        loop {
            if let [_, port, ..] = udp_ports(self.pid())[..] {
                return port;
            }
            assert!(self.is_running() && Instant::now() < until, "it has no second socket");
            std::thread::yield_now();
        }
    }

    /// Has it not ended yet?
    pub fn is_running(&self) -> bool {
        !ends_within(&self.pidfd, Duration::ZERO)
    }

    /// The port of its socket, as soon as it has one: for programs that wait to be called.
    pub fn listens_on(&self) -> u16 {
        let until = Instant::now() + self.program.deadline;
        while Instant::now() < until {
            if let Some(&port) = udp_ports(self.pid()).first() {
                return port;
            }
            assert!(self.is_running(), "it ended before it listened");
            std::thread::yield_now();
        }
        panic!("it never listened");
    }

    /// The port on which it takes connections, as soon as it does.
    pub fn listens_on_tcp(&self) -> u16 {
        let until = Instant::now() + self.program.deadline;
        while Instant::now() < until {
            if let Some(port) = listening_port(self.pid()) {
                return port;
            }
            assert!(self.is_running(), "it ended before it listened");
            std::thread::yield_now();
        }
        panic!("it never listened");
    }

    /// How many file descriptors it has open.
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid())).map_or(0, Iterator::count)
    }

    /// Waits until it has no more descriptors open than that.
    #[track_caller]
    pub fn waits_for_descriptors(&self, most: usize) {
        let until = Instant::now() + self.program.deadline;
        while self.descriptors() > most {
            assert!(Instant::now() < until, "{} descriptors are open, not {most}", self.descriptors());
            std::thread::yield_now();
        }
    }

    /// A path in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.program.folders.cwd().join(name)
    }

    /// Waits until a file in its folder contains this.
    #[track_caller]
    pub fn waits_for_file(&self, name: &str, content: &str) {
        let path = self.program.folders.cwd().join(name);
        let until = Instant::now() + self.program.deadline;
        while !text(&path).contains(content) {
            assert!(Instant::now() < until, "waited in vain for {content} in {name}");
            assert!(self.is_running(), "it ended before {content} was in {name}");
            std::thread::yield_now();
        }
    }

    /// Waits until its stderr has `before`, and gives what stands between that and `behind`.
    #[track_caller]
    pub fn says(&self, before: &str, behind: &str) -> String {
        let path = self.program.folders.output("stderr");
        let until = Instant::now() + self.program.deadline;
        loop {
            let said = text(&path);
            let found = said.split_once(before).and_then(|(_, rest)| rest.split_once(behind));
            if let Some((found, _)) = found {
                return found.to_owned();
            }
            assert!(Instant::now() < until && self.is_running(), "never said {before}: {said}");
            std::thread::yield_now();
        }
    }

    /// Ends it by USR1 and USR1 again. Signals of one kind that come together count as one, so it may take more than two.
    #[track_caller]
    pub fn quit_hard(self) -> Ended {
        let until = Instant::now() + self.program.deadline;
        while self.is_running() && Instant::now() < until {
            let _ = pidfd_send_signal(&self.pidfd, Signal::USR1);
            std::thread::yield_now();
        }
        self.wait()
    }

    /// Waits for its end; past the deadline it is killed and the test fails.
    pub fn wait(mut self) -> Ended {
        if !ends_within(&self.pidfd, self.program.deadline) {
            panic!("still running after {:?}", self.program.deadline);
        }
        let took = self.started.elapsed().unwrap();
        // Between its end and the wait for it the kernel still tells what it used.
        let cpu = cpu(self.pid());
        let status = self.child.wait().unwrap();
        self.is_over = true;
        Ended {
            pid: self.pid(),
            status,
            took,
            cpu,
            stdout: text(&self.program.folders.output("stdout")),
            stderr: text(&self.program.folders.output("stderr")),
            running: self,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_over {
            let _ = pidfd_send_signal(&self.pidfd, Signal::KILL);
            let _ = self.child.wait();
        }
        if std::thread::panicking() {
            eprintln!("{self}");
        }
    }
}

impl fmt::Display for Running {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folders = &self.program.folders;
        writeln!(out, "\n=== {:?}", self.program.command)?;
        writeln!(out, "--- folder: {:?}", file_names(&folders.cwd()))?;
        writeln!(out, "--- is over: {}", self.is_over)?;
        writeln!(out, "--- stdout\n{}", text(&folders.output("stdout")))?;
        writeln!(out, "--- stderr\n{}", text(&folders.output("stderr")))
    }
}

/// A program that has ended.
pub struct Ended {
    /// The process id it had.
    pub pid: u32,
    /// How it ended.
    pub status: ExitStatus,
    /// From its start to its end.
    pub took: Duration,
    /// CPU time used.
    pub cpu: Duration,
    /// All it wrote.
    pub stdout: String,
    /// All it wrote.
    pub stderr: String,
    running: Running,
}

impl Ended {
    /// Its exit code must be this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Ended {
        let signal = self.status.signal();
        assert_eq!(self.status.code(), Some(code), "exit code (signal: {signal:?})");
        self
    }

    /// stderr must contain this.
    #[track_caller]
    pub fn complains(self, text: &str) -> Ended {
        assert!(self.stderr.contains(text), "nothing on stderr about: {text}");
        self
    }

    /// The cumulative value of a counter on the final statistics screen, or the only one that it has (cli.md §7.3).
    #[track_caller]
    pub fn counter(&self, name: &str) -> u64 {
        let mut rows = self.stdout.lines().filter(|line| line.trim_start().starts_with(name));
        let row = rows.next().unwrap_or_else(|| panic!("no counter {name} on the statistics screen"));
        let value = row.split('|').skip(1).map(str::trim).filter(|cell| !cell.is_empty()).last();
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("not a number: {row}"))
    }

    /// Calls opened by it and to it, succeeded, failed.
    #[track_caller]
    pub fn calls(&self) -> (u64, u64, u64) {
        (self.counter("Total Calls created"), self.counter("Successful call"), self.counter("Failed call"))
    }

    /// The files in its folder, sorted.
    pub fn files(&self) -> Vec<String> {
        file_names(&self.running.program.folders.cwd())
    }

    /// The content of a file in its folder.
    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        let path = self.running.program.folders.cwd().join(name);
        String::from_utf8_lossy(&fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}")))
            .into_owned()
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}--- {}", self.running, self.status)
    }
}

/// A process that is not our child, such as what `-bg` leaves behind. Dropped, it is killed.
pub struct Stranger(OwnedFd);

impl Stranger {
    /// The process with this number.
    pub fn new(pid: u32) -> Stranger {
        Stranger(pidfd(pid))
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(self) {
        assert!(ends_within(&self.0, DEADLINE), "the process goes on for ever");
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = pidfd_send_signal(&self.0, Signal::KILL);
    }
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

fn file_names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// User and system time of a process (proc_pid_stat(5), fields 14 and 15), in ticks of a hundredth of a second.
fn cpu(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let behind_name = stat.rsplit(')').next().unwrap();
    let fields: Vec<_> = behind_name.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// The UDP ports of the process in the order of its descriptors, which is that of binding, the remote control last.
fn udp_ports(pid: u32) -> Vec<u16> {
    ports_in(["/proc/net/udp", "/proc/net/udp6"], pid, |_| true)
}

/// The TCP port on which the process listens: state 0A in the kernel's table.
fn listening_port(pid: u32) -> Option<u16> {
    ports_in(["/proc/net/tcp", "/proc/net/tcp6"], pid, |state| state == "0A").first().copied()
}

/// The ports of sockets in the order of their descriptors: the inode behind each, looked up in tables of the kernel.
fn ports_in(tables: [&str; 2], pid: u32, is_right: impl Fn(&str) -> bool) -> Vec<u16> {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    let mut numbers: Vec<u32> =
        descriptors.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    let tables = tables.map(|table| fs::read_to_string(table).unwrap_or_default());
    let port_of = |number: u32| {
        let target = fs::read_link(format!("/proc/{pid}/fd/{number}")).ok()?;
        let inode = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
        tables.iter().flat_map(|table| table.lines().skip(1)).find_map(|line| {
            let columns: Vec<_> = line.split_whitespace().collect();
            let port = columns[1].rsplit(':').next()?;
            let is_its = columns[9] == inode && is_right(columns[3]);
            is_its.then(|| u16::from_str_radix(port, 16).ok()).flatten()
        })
    };
    numbers.into_iter().filter_map(port_of).collect()
}
