//! Why a command line is refused. Every sentence is SIPp's where scripts may match it (cli.md §1–§4), and
//! says the way out where SIPp's does not. In: what was typed. Out: one or two lines and exit status 1.

use std::io::Write as _;

use super::exit::Exit;
use super::{hint, opt};
use crate::engine::circuits::NoMap;
use crate::report::expect::language::Mistake;

/// A mistake on the command line. `option` is always the option as it was typed, with its dashes (cli.md §2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such option (cli.md §2). `nearest` is what it may have been meant to be.
    #[error("Invalid argument: '{typed}'.{}\nUse 'rsipp -h' for details", any_of(.nearest))]
    UnknownOption {
        /// The word as typed.
        typed: String,
        /// The nearest options with their dash, the likeliest first.
        nearest: Vec<String>,
    },
    /// The command line ends where a value is due (cli.md §2). Holds the last word.
    #[error("Missing argument for param '{0}'.\nUse 'rsipp -h' for details")]
    MissingValue(String),
    /// `-` or `--` alone (cli.md §1).
    #[error("Internal error: I don't recognize the option type for {0}")]
    BareDash(String),
    /// More than one positional argument (cli.md §3).
    #[error("remote_host given multiple times on command-line ({first} and {second})")]
    TwoHosts {
        /// The one before.
        first: String,
        /// The one too many.
        second: String,
    },
    /// `-t ti` and the like (transport.md §3).
    #[error("You can only use a perip socket with UDP!")]
    AddressesNeedUdp,
    /// No such TLS version (transport.md §17).
    #[error("Unrecognized TLS version for [generic] context: {0}")]
    TlsVersion(String),
    /// SIPp knows it, this version of rsipp does not.
    #[error("not supported yet: {0}")]
    NotSupported(String),
    /// SIPp knows it, and rsipp never will. The option and the reason.
    #[error("not supported: {0} ({1})")]
    NeverSupported(String, &'static str),
    /// Not a C integer (cli.md §2).
    #[error("{option}, \"{value}\" is not a valid integer!")]
    NotInteger {
        /// The option as typed.
        option: String,
        /// Its value as typed.
        value: String,
    },
    /// Not a floating point number (cli.md §2).
    #[error("{option}, \"{value}\" is not a floating point number!")]
    NotFloat {
        /// The option as typed.
        option: String,
        /// Its value as typed.
        value: String,
    },
    /// Neither true, false nor an integer (cli.md §2).
    #[error("{option}, \"{value}\" is not a valid boolean!")]
    NotBoolean {
        /// The option as typed.
        option: String,
        /// Its value as typed.
        value: String,
    },
    /// Not a time (cli.md §2).
    #[error("{option}, \"{value}\" is not a valid time!")]
    NotTime {
        /// The option as typed.
        option: String,
        /// Its value as typed.
        value: String,
    },
    /// A time written with colons (cli.md §2). `form` is `mm:ss` or `hh:mm:ss`.
    #[error("{option}, \"{value}\" {form} not implemented yet!\nWrite it with a unit: 500ms, 90s, 1.5m, 2h")]
    ClockTime {
        /// The option as typed.
        option: String,
        /// Its value as typed.
        value: String,
        /// What the value looks like.
        form: &'static str,
    },
    /// Bytes that are not UTF-8 where text is needed.
    #[error("{option}, \"{value}\" is not valid UTF-8")]
    NotText {
        /// The option as typed.
        option: String,
        /// Its value, as far as it can be shown.
        value: String,
    },
    /// A number that can mean nothing here.
    #[error("{option}, \"{value}\": {rule}")]
    OutOfRange {
        /// The option as typed.
        option: String,
        /// Its value as typed.
        value: String,
        /// What the value has to be.
        rule: &'static str,
    },
    /// A port in `host:port` that no port can be (cli.md §3).
    #[error("'{0}': the port must be 1 to 65535")]
    PortRange(String),
    /// `-t` needs two letters (cli.md §4.2).
    #[error("Invalid argument for -t param : '{0}'.\nUse 'rsipp -h' for details")]
    TransportLength(String),
    /// `-ringbuffer_size` and `-max_log_size` (outputs.md §12).
    #[error("Ring Buffer options and maximum log size are mutually exclusive.")]
    TwoLogLimits,
    /// `-sf` and `-sn` more than once or together (cli.md §1.2).
    #[error("Internal error, main_scenario already set (give one of -sf and -sn, once)")]
    ScenarioTwice,
    /// `-peer_sf` and `-peer_sn` more than once or together.
    #[error("the other side plays one scenario: give one of -peer_sf and -peer_sn, once")]
    PeerTwice,
    /// `-sn`, `-sd`: no such built-in scenario (cli.md §1.3).
    #[error("Invalid default scenario name '{name}'{}", suggested(" (did you mean '", .nearest, "'?)"))]
    UnknownBuiltin {
        /// The name as typed.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// `-allow`: no such lint.
    #[error("-allow: no lint is called '{name}'{}", suggested(" (did you mean '", .nearest, "'?)"))]
    UnknownLint {
        /// The name as typed.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// `-l` after `-users` (cli.md §1.2).
    #[error("Can not set open call limit (-l) when -users is specified.")]
    LimitAfterUsers,
    /// `-infindex` before its `-inf`, or with a path (cli.md §4.5).
    #[error("Could not find file for -infindex: {0}")]
    UnknownIndexFile(String),
    /// `-infindex` with something else than a field number (cli.md §4.5).
    #[error("Invalid field specification for -infindex: {0}")]
    IndexField(String),
    /// `-rtcheck` with something else than `full` or `loose` (cli.md §4.8).
    #[error("Unknown retransmission detection method: {0}")]
    UnknownRepeatCheck(String),
    /// `-cid_type` (cli.md §4.4.1).
    #[error("Unknown Call-ID mode '{0}'. Use default, uuid, uuid-compact, random or timestamp")]
    UnknownCallIdKind(String),
    /// `-default_behaviors` with an item that is none (cli.md §11.1).
    #[error("Unknown default behavior: '{0}'")]
    UnknownBehavior(String),
    /// `-tdmmap` with something that is no map (cli.md §4.3).
    #[error(transparent)]
    CircuitMap(#[from] NoMap),
    /// `-expect` with a condition that is none.
    #[error("{option}: {mistake}")]
    Expectation {
        /// The option as typed.
        option: String,
        /// What is wrong, and where.
        mistake: Mistake,
    },
    /// The words passed the walk and clap refused them. The text is clap's, with single dashes.
    #[error("{0}")]
    Clap(String),
}

/// The end of a sentence about something unknown, if there is anything like it.
fn suggested(before: &str, nearest: &Option<String>, behind: &str) -> String {
    nearest.as_ref().map(|name| format!("{before}{name}{behind}")).unwrap_or_default()
}

/// ` Did you mean '-a', '-b' or '-c'?`, if there is anything like it.
fn any_of(nearest: &[String]) -> String {
    let Some((last, others)) = nearest.split_last() else { return String::new() };
    let others: Vec<String> = others.iter().map(|name| format!("'{name}'")).collect();
    let or = if others.is_empty() { "" } else { " or " };
    format!(" Did you mean {}{or}'{last}'?", others.join(", "))
}

impl Refusal {
    /// An option nobody knows, with the nearest one that exists.
    pub(super) fn unknown_option(typed: String) -> Refusal {
        let nearest = opt::nearest(&typed);
        Refusal::UnknownOption { typed, nearest }
    }

    /// Prints the sentence on standard error and says how the process ends.
    pub fn show(&self) -> Exit {
        // Nothing is left to do for a user whose standard error is closed.
        let _ = writeln!(std::io::stderr(), "{self}");
        if let Some(hint) = hint::of(self) {
            let _ = writeln!(std::io::stderr(), "{hint}");
        }
        Exit::Refused
    }
}
