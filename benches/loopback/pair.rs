//! What is compared: two SIP programs of a kind, or the ruler.

use std::path::Path;
use std::time::Duration;

use super::floor::Style;
use super::pairs::process::{Core, Ended, Process, free_port, wait_until_bound};
use super::pairs::program::{GRACE, Load, Program, RSIPP, Running, Used};

/// A caller and an answerer of the same kind.
pub enum Pair {
    Sip(Program<'static>),
    /// This bench itself, moving datagrams of these sizes.
    Floor {
        sizes: String,
        style: Style,
    },
}

impl Pair {
    pub fn name(&self) -> String {
        match self {
            Pair::Sip(program) => program.name.to_owned(),
            Pair::Floor { style, .. } => format!("floor, {style}"),
        }
    }

    /// Makes calls, all of them and none failed; an error says what went wrong. `deadline`: kill the caller then.
    pub fn run(&self, load: Load, deadline: Duration) -> Result<Used, String> {
        match self {
            Pair::Sip(program) => program.run(load, deadline),
            Pair::Floor { sizes, style } => run_floor(sizes, *style, load, deadline),
        }
    }

    /// Does it make calls at this rate, all of them, and none failed?
    pub fn holds(&self, load: Load) -> bool {
        match self {
            Pair::Sip(program) => program.holds(load),
            Pair::Floor { .. } => self.run(load, load.time() + GRACE).is_ok(),
        }
    }
}

fn run_floor(sizes: &str, style: Style, load: Load, deadline: Duration) -> Result<Used, String> {
    let [port, style] = [free_port().to_string(), style.to_string()];
    let [rate, calls] = [load.rate, load.calls].map(|number| number.to_string());
    let this = std::env::current_exe().unwrap();
    let start = |core, words: &[&str]| Process::start(core, this.to_str().unwrap(), words, None);
    let answerer = start(Core::Answerer, &["floor-answerer", &port, sizes, &style]);
    wait_until_bound(port.parse().unwrap());
    let caller = start(Core::Caller, &["floor-caller", &port, sizes, &style, &rate, &calls]);
    let Ended { status, cpu: caller } = caller.wait(deadline);
    answerer.end();
    let Ended { cpu: answerer, .. } = answerer.wait(Duration::from_secs(2));
    match status {
        Some(status) if status.success() => Ok(Used { caller, answerer }),
        _ => Err(format!("the floor did not hold {} calls/s", load.rate)),
    }
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
