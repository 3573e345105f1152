//! rsipp against real sipp, built-in `uac` and `uas`, both roles: nothing fails, nothing is sent twice.
//! The numbers are those of the final report that each program prints on stdout (outputs.md §16.1).

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::program::{MACHINE, Program, Running, free_port, silent};

/// Calls per second.
const RATE: u32 = 500;

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// One socket for each local address of the file.
const PER_ADDRESS: &str = "-t ui -max_socket 1000 -inf addresses.csv -ip_field 0";

#[test]
fn rsipp_calls_sipp() {
    Pair::new(Program::under_test(), Program::Sipp, V4).run(5_000);
}

#[test]
fn sipp_calls_rsipp() {
    Pair::new(Program::Sipp, Program::under_test(), V4).run(5_000);
}

#[test]
fn rsipp_calls_sipp_over_ipv6() {
    Pair::new(Program::under_test(), Program::Sipp, V6).run(1_000);
}

#[test]
fn sipp_calls_rsipp_over_ipv6() {
    Pair::new(Program::Sipp, Program::under_test(), V6).run(1_000);
}

/// transport.md §3: `un` and `ui` of either against `u1` of the other.
#[test]
fn a_socket_for_each_call_or_address_is_understood_by_the_other() {
    let roles = [(Program::under_test(), Program::Sipp), (Program::Sipp, Program::under_test())];
    // At the end of a pair, a uas waits.
    std::thread::scope(|scope| {
        for ((uac, uas), ip) in roles.into_iter().flat_map(|roles| [(roles, V4), (roles, V6)]) {
            scope.spawn(move || {
                for modes in [("-t un -max_socket 1000", ""), (PER_ADDRESS, ""), ("", PER_ADDRESS)] {
                    Pair { modes, ..Pair::new(uac, uas, ip) }.run(200);
                }
            });
        }
    });
}

struct Pair {
    uac: Program,
    uas: Program,
    ip: IpAddr,
    /// More options of the two.
    modes: (&'static str, &'static str),
}

impl Pair {
    fn new(uac: Program, uas: Program, ip: IpAddr) -> Pair {
        Pair { uac, uas, ip, modes: ("", "") }
    }

    fn run(&self, calls: u32) {
        let _shared = MACHINE.read();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let addresses =
            if self.ip.is_ipv4() { "SEQUENTIAL\n127.0.0.1;\n127.0.0.2;\n" } else { "SEQUENTIAL\n::1;\n" };
        std::fs::write(folder.path().join("addresses.csv"), addresses).expect("write a file");
        let port = free_port(self.ip);
        // Dialogs at their end wait in the uas for 4 s; then its -m is reached.
        let patience = Duration::from_secs(u64::from(calls / RATE) + 20);

        let mut uas = side(self.uas, "uas", calls, folder.path());
        uas.args(self.modes.1.split_whitespace());
        let uas = Running::start(uas.args(["-i", &self.ip.to_string(), "-p", &port.to_string()]));
        wait_until_bound(port, self.ip, &uas);
        let target = match self.ip {
            IpAddr::V4(ip) => format!("{ip}:{port}"),
            IpAddr::V6(ip) => format!("[{ip}]:{port}"),
        };
        let mut uac = side(self.uac, "uac", calls, folder.path());
        uac.args(self.modes.0.split_whitespace());
        let uac = Running::start(uac.args(["-r", &RATE.to_string(), "-i", &self.ip.to_string(), &target]));

        assert_eq!(
            uac.exit_code(patience),
            0,
            "{:?} calls {:?} at {target}: {:?}",
            self.uac,
            self.uas,
            self.modes
        );
        assert_eq!(
            uas.exit_code(patience),
            0,
            "{:?} calls {:?} at {target}: {:?}",
            self.uac,
            self.uas,
            self.modes
        );
        for role in ["uac", "uas"] {
            let report = Report::read(&folder.path().join(role));
            assert_eq!(report.counter("Successful call"), calls, "{role}: {}", report.0);
            assert_eq!(report.counter("Failed call"), 0, "{role}: {}", report.0);
            // INVITE, 180, 200, ACK, BYE, 200.
            let messages = report.messages();
            assert_eq!(messages.iter().map(|row| row.count).sum::<u32>(), 6 * calls, "{role}: {}", report.0);
            assert_eq!(messages.iter().map(|row| row.repeated).sum::<u32>(), 0, "{role}: {}", report.0);
        }
    }
}

fn side(program: Program, role: &str, calls: u32, folder: &Path) -> Command {
    let mut command = Command::new(program.path());
    command.args(["-sn", role, "-m", &calls.to_string(), "-nostdin"]).current_dir(folder);
    silent(&mut command).stdout(File::create(folder.join(role)).expect("create a file for the report"));
    command
}

/// The uac must not come first: its INVITE would be repeated. Linux lists bound ports in /proc/net/udp and udp6.
pub fn wait_until_bound(port: u16, ip: IpAddr, uas: &Running) {
    let table = if ip.is_ipv4() { "/proc/net/udp" } else { "/proc/net/udp6" };
    let wanted = format!(":{port:04X} ");
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        let bound = std::fs::read_to_string(table).expect("read the table of sockets");
        if bound.lines().any(|line| {
            line.split_once(": ").is_some_and(|(_, local)| local[..40.min(local.len())].contains(&wanted))
        }) {
            return;
        }
        assert!(!uas.ends(Duration::from_millis(5)), "the uas ended before it was called");
    }
    panic!("the uas has not bound port {port}");
}

/// What a program prints at its end: the scenario screen and the statistics screen.
struct Report(String);

/// A row of the scenario screen.
struct Row {
    count: u32,
    repeated: u32,
}

impl Report {
    fn read(path: &Path) -> Report {
        Report(std::fs::read_to_string(path).expect("read the report"))
    }

    /// The cumulative value: `NAME | periodic | cumulative`.
    #[track_caller]
    fn counter(&self, name: &str) -> u32 {
        let row = self.0.lines().find(|line| line.trim_start().starts_with(name));
        let value = row.and_then(|row| row.rsplit('|').next()).and_then(|value| value.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no {name} in the report: {}", self.0))
    }

    fn messages(&self) -> Vec<Row> {
        self.0.lines().filter_map(Row::parse).collect()
    }
}

impl Row {
    /// `NAME ARROW [RTD] messages retransmissions …` of a uac, `ARROW NAME [RTD] …` of a uas, newer versions with the
    /// step's number and a colon in front.
    fn parse(line: &str) -> Option<Row> {
        let (before, after) = line.split_once("---------->").or_else(|| line.split_once("<----------"))?;
        let is_uas = before.trim().is_empty() || before.trim_end().ends_with(':');
        let words = after.split_whitespace().skip(usize::from(is_uas));
        let mut numbers = words.filter(|word| !word.contains("RTD")).map_while(|word| word.parse().ok());
        Some(Row { count: numbers.next()?, repeated: numbers.next()? })
    }
}
