//! The command line: words in, [`Options`] or a text to print out.
//! Spec: cli.md §0–§5, §7.2, §9, §11. Must not open files or sockets, nor resolve names.
//!
//! One record per option ([`opt::Opt`]), a file per help group (`scenario`, `injection`, `check`, `rate`, `call`,
//! `retransmission`, `network`, `trace`, `statistics`, `process`, `performance`, `help`); `unsupported` names what SIPp
//! has and we do not yet. `argv` finds the options among the words, `value` and `address` read their values, `options` holds
//! the result.

use std::ffi::OsString;
use std::io::Write as _;

pub mod address;
pub mod argv;
mod call;
mod check;
mod connection;
pub mod exit;
pub mod help;
mod hint;
mod injection;
mod network;
pub mod opt;
pub mod options;
mod pager;
mod performance;
mod process;
mod rate;
pub mod refusal;
mod reports;
mod retransmission;
mod scenario;
mod statistics;
mod tls;
mod trace;
pub mod unsupported;
pub mod value;

#[cfg(test)]
mod rows;
#[cfg(test)]
mod tests;

pub use address::HostPort;
pub use exit::Exit;
pub use options::{
    Behaviors, CallOptions, Check, DynamicRange, Injection, Limit, Load, LogFile, Mode, Network, Options,
    Reports, Retransmission, RunOptions, ScenarioChoice, SocketUse, Statistics, Trace, Watchdog,
};
pub use refusal::Refusal;

use argv::Asked;
use opt::Pass;

/// What the command line asks for.
#[derive(Debug)]
pub enum Ask {
    /// A test.
    Run(Box<Options>),
    /// A text on standard output and exit status 99: help, version, a built-in scenario (cli.md §1.3).
    Print(String),
    /// The same for help, which a person at a terminal gets in a pager.
    Page(String),
}

/// Reads the command line, the program's name first (cli.md §1).
pub fn parse(args: impl Iterator<Item = OsString>) -> Result<Ask, Refusal> {
    let words: Vec<OsString> = args.skip(1).collect();
    if words.is_empty() {
        return Ok(Ask::Page(help::short()));
    }
    let (mut given, remote) = match argv::read(&words)? {
        Asked::Text(text) => return Ok(Ask::Print(text)),
        Asked::Page(text) => return Ok(Ask::Page(text)),
        Asked::Test(given, remote) => (given, remote),
    };
    scenario::check_one_a_side(&given)?;
    let mut options = Options { remote: remote.map(remote_host).transpose()?, ..Options::default() };
    // Stable: within a pass the order typed is kept (cli.md §1.2).
    given.sort_by_key(|given| given.opt.pass.turn());
    for given in &given {
        if let Pass::Options(store) | Pass::Scenarios(store) | Pass::Set(store) = given.opt.pass {
            store(&mut options, given)?;
        }
    }
    trace::check_limits(&options)?;
    Ok(Ask::Run(Box::new(options)))
}

/// Prints what was asked for on standard output and says how the process ends (cli.md §9).
pub fn print(text: &str) -> Exit {
    // A reader that has gone, as in `rsipp -help | head`, is no error.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Exit::Asked
}

/// The same with a pager, if standard output is a terminal.
pub fn page(text: &str) -> Exit {
    pager::show(text);
    Exit::Asked
}

fn remote_host(word: OsString) -> Result<HostPort, Refusal> {
    let word = word.into_string().map_err(|word| Refusal::NotText {
        option: "remote_host".to_owned(),
        value: word.to_string_lossy().into_owned(),
    })?;
    HostPort::parse(&word)
}
