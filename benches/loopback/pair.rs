//! Two processes that call each other on loopback, a core each, and what they cost.

use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const RSIPP: &str = env!("CARGO_BIN_EXE_rsipp");

/// Cores of the caller and the answerer; on a machine with one core they share it.
const CORES: [&str; 2] = ["1", "0"];

/// Socket buffers asked of both programs: with SIPp's default of 64 KiB it loses datagrams on a busy machine, and the bench
/// would measure that.
const BUFFERS: [&str; 2] = ["-buff_size", "4194304"];

/// How much longer than planned a rate that is held may take: start and end of the programs.
const GRACE: Duration = Duration::from_millis(300);

/// Calls at a rate.
#[derive(Clone, Copy)]
pub struct Load {
    /// A second.
    pub rate: u32,
    /// In all.
    pub calls: u32,
}

impl Load {
    /// How long it takes when the rate is held.
    fn time(self) -> Duration {
        Duration::from_secs_f64(f64::from(self.calls) / f64::from(self.rate))
    }
}

/// What a run took.
pub struct Used {
    /// CPU time of the side that calls.
    pub caller: Duration,
    /// CPU time of the side that answers.
    pub answerer: Duration,
    /// Time on the clock, from the caller's start to its end.
    pub wall: Duration,
}

impl Used {
    /// CPU time of both sides.
    pub fn both(&self) -> Duration {
        self.caller + self.answerer
    }
}

/// A caller and an answerer of the same kind.
pub enum Pair {
    /// A SIP program, by name and path: the built-in `uac` and `uas`.
    Sip { name: &'static str, program: &'static str },
    /// This bench itself, moving datagrams of these sizes.
    Floor { sizes: String },
}

impl Pair {
    pub fn rsipp() -> Pair {
        Pair::Sip { name: "rsipp", program: RSIPP }
    }

    pub fn sipp() -> Pair {
        Pair::Sip { name: "sipp", program: "sipp" }
    }

    pub fn floor(sizes: &[usize]) -> Pair {
        let texts: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        Pair::Floor { sizes: texts.join(",") }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Pair::Sip { name, .. } => name,
            Pair::Floor { .. } => "floor",
        }
    }

    /// Runs the load; an error says what went wrong, such as a failed call.
    pub fn run(&self, load: Load) -> Result<Used, String> {
        let port = free_port();
        let answerer = self.answerer(port);
        wait_until_bound(port);
        let started = Instant::now();
        let (caller_status, caller) = wait(self.caller(port, load), load.time() * 2 + Duration::from_secs(5));
        let wall = started.elapsed();
        // Its calls in time-wait are of no more use; what they cost until here has been counted. SIPp now and then hangs in
        // its signal handler (cli.md §9, Bug), which is no reason not to count.
        let _ = kill(pid(&answerer), Signal::SIGTERM);
        let (_, answerer) = wait(answerer, Duration::from_secs(2));
        match caller_status {
            Some(status) if status.success() => Ok(Used { caller, answerer, wall }),
            Some(status) => Err(format!("the caller ended with {status} at {} calls/s", load.rate)),
            None => Err(format!("the caller did not end in {wall:?} at {} calls/s", load.rate)),
        }
    }

    /// Does it make calls at this rate, all of them, none failed, and in time?
    pub fn holds(&self, rate: u32, time: Duration) -> bool {
        let calls = (f64::from(rate) * time.as_secs_f64()) as u32;
        let load = Load { rate, calls };
        self.run(load).is_ok_and(|used| used.wall <= load.time().mul_f64(1.03) + GRACE)
    }

    /// From exec to the arrival of the first INVITE.
    pub fn exec_to_invite(&self) -> Duration {
        let Pair::Sip { program, .. } = self else { panic!("the floor sends no INVITE") };
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut command = Command::new(program);
        command.arg(socket.local_addr().unwrap().to_string()).args(["-m", "1", "-nostdin"]);
        let started = Instant::now();
        let mut child = quiet(&mut command).spawn().unwrap();
        let arrived = socket.recv(&mut [0; 2_048]);
        let time = started.elapsed();
        let _ = child.kill();
        let _ = child.wait();
        assert!(arrived.is_ok(), "{} sent nothing for 10 s", self.name());
        time
    }

    fn answerer(&self, port: u16) -> Child {
        let port = port.to_string();
        match self {
            Pair::Sip { program, .. } => {
                let words = ["-sn", "uas", "-i", "127.0.0.1", "-p", &port, "-nostdin"];
                start(CORES[1], program, &[&words[..], &BUFFERS].concat())
            }
            Pair::Floor { sizes } => start(CORES[1], &this(), &["floor-answerer", &port, sizes]),
        }
    }

    fn caller(&self, port: u16, load: Load) -> Child {
        let [rate, calls] = [load.rate, load.calls].map(|number| number.to_string());
        match self {
            Pair::Sip { program, .. } => {
                let remote = format!("127.0.0.1:{port}");
                let words = [&remote, "-sn", "uac", "-i", "127.0.0.1", "-nostdin", "-r", &rate, "-m", &calls];
                start(CORES[0], program, &[&words[..], &BUFFERS].concat())
            }
            Pair::Floor { sizes } => {
                start(CORES[0], &this(), &["floor-caller", &port.to_string(), sizes, &rate, &calls])
            }
        }
    }
}

/// Without sipp there is nothing to compare with.
pub fn require_sipp() {
    let found = quiet(Command::new("sipp").arg("-v")).status();
    if found.is_err() {
        eprintln!("sipp is missing, and this bench compares with it: apt-get install sip-tester");
        std::process::exit(1);
    }
}

/// Sizes of INVITE, 180, 200, ACK, BYE and 200, as rsipp sends them in this bench.
pub fn message_sizes() -> Vec<usize> {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let (uas, uac) = (folder.path().join("uas"), folder.path().join("uac"));
    let traced = |arguments: &[&str], file: &std::path::Path| {
        let mut command = Command::new(RSIPP);
        quiet(command.args(arguments).args(["-m", "1", "-trace_msg", "-message_file"]).arg(file))
            .spawn()
            .unwrap()
    };
    let answerer = traced(&["-sn", "uas", "-i", "127.0.0.1", "-p", &port.to_string()], &uas);
    wait_until_bound(port);
    let caller = traced(&[&format!("127.0.0.1:{port}")], &uac);
    let (status, _) = wait(caller, Duration::from_secs(10));
    assert!(status.is_some_and(|status| status.success()), "one call of rsipp ended with {status:?}");
    let _ = kill(pid(&answerer), Signal::SIGTERM);
    let _ = wait(answerer, Duration::from_secs(5));
    let [mut from_uac, mut from_uas] = [uac, uas].map(|file| sent_sizes(&file).into_iter());
    let (mut uac, mut uas) = (|| from_uac.next().unwrap(), || from_uas.next().unwrap());
    vec![uac(), uas(), uas(), uac(), uac(), uas()]
}

fn sent_sizes(trace: &std::path::Path) -> Vec<usize> {
    let lines = BufReader::new(std::fs::File::open(trace).unwrap()).lines();
    let size = |line: String| line.strip_prefix("UDP message sent [")?.strip_suffix("] bytes:")?.parse().ok();
    lines.map_while(Result::ok).filter_map(size).collect()
}

fn this() -> String {
    std::env::current_exe().unwrap().to_str().unwrap().to_owned()
}

fn start(core: &str, program: &str, arguments: &[&str]) -> Child {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let core = if cores > 1 { core } else { "0" };
    quiet(Command::new("taskset").args(["-c", core, program]).args(arguments)).spawn().unwrap()
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until another program has bound the port: binding it ourselves fails then.
fn wait_until_bound(port: u16) {
    let until = Instant::now() + Duration::from_secs(10);
    while UdpSocket::bind(("127.0.0.1", port)).is_ok() {
        assert!(Instant::now() < until, "nobody has bound port {port} for 10 s");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits for a child's end: its status, and the CPU time it used. Past the deadline it is killed and has no status.
fn wait(mut child: Child, deadline: Duration) -> (Option<ExitStatus>, Duration) {
    let until = Instant::now() + deadline;
    // Only children that were waited for are in the sum, so the difference is this one's.
    let before = cpu_of_children();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > until {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    (status, cpu_of_children() - before)
}

fn cpu_of_children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let times = [usage.user_time(), usage.system_time()];
    times.iter().map(|time| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1_000)).sum()
}
