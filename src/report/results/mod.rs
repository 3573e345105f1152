//! A finished run as plain data: what every report file is made of. Serialised it is the file of `-json`, whose form
//! `results.schema.json` describes.
//! Spec: none of SIPp's; the numbers are those of outputs.md §3.3, §15.4, §15.5. Built once, at the end, by `run`. Must not count,
//! format for people, or hold anything that grows with the number of calls.
//!
//! Times are ms with three decimals. Each duration is there twice: `from_start` as it was measured, and `from_due` with the start lag of
//! the call added, for a response time that begins when its call does and for the length of a call. So a generator that is late does
//! not hide what its calls would have met had they begun on time. A response time that begins later in the call (`start_rtd` after
//! something was waited for) begins when the peer or the scenario lets it; there both are the same.

mod scenario;
pub mod series;

use serde::Serialize;

pub(super) use scenario::describe;
pub use scenario::scenario;
use series::Series;

use super::expect::Judgement;
use crate::stats::Histogram;
use crate::stats::story::FailureStory;

/// Grows by one when a field is taken away or changes its meaning. New fields may come at any time.
pub const SCHEMA: u32 = 1;

/// A finished run.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// [`SCHEMA`]
    pub schema: u32,
    /// Version of the program.
    pub rsipp: &'static str,
    /// The command line, without the program's name; passwords (`-ap`) are `***`.
    pub options: Vec<String>,
    /// Process id of the run, as in the names of its other files.
    pub pid: u32,
    /// RFC 3339, local time.
    pub started: String,
    /// RFC 3339, local time.
    pub ended: String,
    /// Seconds from one to the other.
    pub elapsed_s: f64,
    /// What ended the run.
    pub ended_by: EndedBy,
    /// The exit status.
    pub exit_code: u8,
    /// What is to be thought of it all.
    pub verdict: Verdict,
    /// Why it did not pass; empty when it passed, or was only limited by the generator.
    pub reasons: Vec<Reason>,
    /// A threshold says how many calls may fail or must succeed, so that failed calls alone are no reason.
    pub failed_calls_excused: bool,
    /// Whether the generator kept its word.
    pub generator: Generator,
    /// Each threshold of `-expect` and `-fail_on_lag`.
    pub thresholds: Vec<Judgement>,
    /// The main scenario first. Empty when the run ended before its traffic began.
    pub scenarios: Vec<Scenario>,
    /// The main scenario over time.
    pub series: Series,
    /// Where it ran.
    pub machine: Machine,
}

/// The machine that the run was made on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Its name.
    pub host: String,
    /// Operating system, release, kind of processor.
    pub system: String,
    /// Processors that the run could use.
    pub processors: usize,
}

/// What ended the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// Its calls (`-m`), the keyboard, the remote control, an action.
    Itself,
    /// `-timeout`
    Timeout,
    /// INT, TERM, HUP or QUIT.
    Signal,
    /// A fatal error: its text is among the reasons.
    Error,
}

/// What is to be thought of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was asked for came true.
    Passed,
    /// Calls failed, a threshold was not held, not all calls were made, or the run broke off.
    Failed,
    /// Nothing failed, but the generator was a limit: the numbers say less of the peer than they seem to.
    GeneratorLimited,
}

/// Why a run did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// For programs.
    pub kind: ReasonKind,
    /// For people: a sentence without its full stop.
    pub text: String,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// Calls failed.
    CallsFailed,
    /// Not all calls of `-m` were made and ended.
    CallsMissing,
    /// A threshold was not held.
    Threshold,
    /// The run broke off, or nothing happened before `-timeout`.
    Run,
}

/// Whether the generator kept its word. Rates are those of the main scenario.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Generator {
    /// Calls a second asked for; null with `-users`, in a server, and in a run without traffic.
    pub asked_rate: Option<f64>,
    /// Calls a second opened, over the gaps between first and last call; null where the rate changed meanwhile, too.
    pub achieved_rate: Option<f64>,
    /// Calls asked for (`-m`).
    pub calls_wanted: Option<u64>,
    /// Due time of a call to its first step.
    pub start_lag: Spread,
    /// Due calls that `-l` kept from being opened.
    pub held_back: u64,
    /// Datagrams the system threw away because we did not read fast enough; null where it does not tell.
    pub socket_drops: Option<u64>,
    /// Processor time of the worker, in seconds.
    pub cpu_s: f64,
    /// How much of a processor the worker took, 0 to 1; it has one thread and can take no more.
    pub cpu_share: f64,
    /// In which ways it was the limit; empty: it was not.
    pub limits: Vec<String>,
}

/// One of the scenarios of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Scenario {
    /// What it is for.
    pub part: Part,
    /// Its file name without `.xml`, or the name of the built-in one.
    pub name: String,
    /// Whether it opens calls or is called.
    pub role: Role,
    /// Its calls.
    pub calls: Calls,
    /// Why calls failed: only causes that occurred.
    pub failures: Vec<Failures>,
    /// Messages of the whole run; with the main scenario only, but for retransmissions.
    pub messages: Messages,
    /// What each step counted, in order.
    pub steps: Vec<Step>,
    /// Each response time of the scenario, in the order in which they appear in it.
    pub response_times: Vec<Duration>,
    /// From the start of a call to its end.
    pub call_length: Duration,
    /// Generic counters.
    pub counters: Vec<Counter>,
}

/// What a scenario of the run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// `-sf`, `-sn`
    Main,
    /// `-oocsf`, `-oocsn`
    OutOfCall,
    /// `-rxsf`, `-rxsn`
    Receiving,
    /// `-peer_sf`, `-peer_sn`
    OtherSide,
}

/// Who begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It opens calls.
    Client,
    /// It is called.
    Server,
}

/// How many calls there were.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Calls {
    /// In all.
    pub opened: u64,
    /// By the generator.
    pub outgoing: u64,
    /// By a received message.
    pub incoming: u64,
    /// Ended well.
    pub succeeded: u64,
    /// Failed, whatever the cause.
    pub failed: u64,
    /// Open when the run was broken off: neither succeeded nor failed.
    pub open: u64,
    /// Most open at a time.
    pub most_open: u64,
}

/// Failed calls of one cause.
#[derive(Clone, Debug, Serialize)]
pub struct Failures {
    /// Name of the cause (`report::causes`).
    pub cause: &'static str,
    /// The same for people.
    pub words: &'static str,
    /// How many calls.
    pub count: u64,
    /// The first of them, [`crate::stats::story::EXAMPLES`] at most.
    pub examples: Vec<FailureStory>,
}

/// Messages that no step counts, or all of them together.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Messages {
    /// Sent again.
    pub retransmissions: u64,
    /// Receive timeouts, and sends without an answer after the last resend.
    pub timeouts: u64,
    /// Messages that no step expected.
    pub unexpected: u64,
    /// Messages that belong to no call and could open none.
    pub out_of_call: u64,
    /// Messages for calls that had ended.
    pub dead_call: u64,
    /// Requests answered 200 automatically.
    pub auto_answered: u64,
    /// Messages that the socket refused to send.
    pub send_errors: u64,
    /// Errors on receiving.
    pub receive_errors: u64,
    /// Warnings raised.
    pub warnings: u64,
}

/// What one step counted (outputs.md §15.4).
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Position in the scenario, as on the scenario screen.
    pub index: usize,
    /// What it does.
    pub kind: StepKind,
    /// Method or code of a message; empty for other steps.
    pub message: String,
    /// First transmissions, matched messages, pauses entered.
    pub messages: u64,
    /// Sent again; recognised repeats of the peer.
    pub retransmissions: u64,
    /// Retransmission limit reached; receive timeouts.
    pub timeouts: u64,
    /// Unexpected messages while waiting here.
    pub unexpected: u64,
    /// Dropped on purpose.
    pub lost: u64,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// `<send>`
    Send,
    /// `<recv>`
    Recv,
    /// `<pause>`
    Pause,
    /// `<timewait>`
    Timewait,
    /// `<nop>`
    Nop,
}

/// Durations of one kind; see the top of this page for the two ways of counting.
#[derive(Clone, Debug, Serialize)]
pub struct Duration {
    /// Name of the response time; empty for the call length.
    pub name: String,
    /// As measured.
    pub from_start: Spread,
    /// From when it was due to begin.
    pub from_due: Spread,
}

/// Times in ms: percentiles within 1 %, the mean exact. All 0 when there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// How many.
    pub count: u64,
    /// Mean.
    pub mean_ms: f64,
    /// Half took no longer.
    pub p50_ms: f64,
    /// 90 % took no longer.
    pub p90_ms: f64,
    /// 99 % took no longer.
    pub p99_ms: f64,
    /// 99.9 % took no longer.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Spread {
    /// What a histogram tells.
    pub fn of(histogram: &Histogram) -> Spread {
        let at = |share| millis(histogram.quantile_us(share) as f64);
        Spread {
            count: histogram.count(),
            mean_ms: millis(histogram.mean_us()),
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: millis(histogram.max_us() as f64),
        }
    }
}

/// ms with three decimals.
fn millis(micros: f64) -> f64 {
    micros.round() / 1_000.0
}

/// A generic counter.
#[derive(Clone, Debug, Serialize)]
pub struct Counter {
    /// As written in the scenario.
    pub name: String,
    /// Its value.
    pub count: u64,
}
