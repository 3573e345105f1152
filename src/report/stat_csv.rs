//! The statistics file, `-trace_stat`: header and rows.
//! Spec: outputs.md §3, §1.2, §1.3 (rates as 3.7 writes them). In: the numbers of two moments. Out: bytes. Must not write them or
//! decide when a row is due.

use super::recorder::Moments;
use super::stamp;
use crate::clock::{Span, Tick};
use crate::scenario::plan::Plan;
use crate::stats::{Durations, Failure, Stats, Target};

/// The numbers of one moment, as a worker hands them over.
#[derive(Clone, Debug)]
pub struct Figures {
    /// When.
    pub at: Tick,
    /// Since the start.
    pub stats: Stats,
    /// What the load is to be.
    pub target: Target,
}

/// A line to be written: what is counted up to it, and since when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    /// When the scenario was loaded.
    pub started: Tick,
    /// The row before, or the start.
    pub before: &'a Figures,
    pub now: &'a Figures,
}

/// Columns that depend on the scenario, and what stands between columns.
#[derive(Clone, Debug)]
pub(super) struct StatCsv {
    delimiter: String,
    response_times: Vec<Timed>,
    counters: Vec<String>,
    call_length: Timed,
}

/// The columns of a response time, or of the call length.
#[derive(Clone, Debug)]
struct Timed {
    name: String,
    repartition: String,
    borders: Box<[u32]>,
}

/// Counts that are a pair of columns, in the order of the file, from `SuccessfulCall` on.
const COUNTS: [(&str, Count); 27] = [
    ("SuccessfulCall", Count::Of(|stats| stats.successful)),
    ("FailedCall", Count::Of(|stats| stats.failed)),
    ("FailedCannotSendMessage", Count::Failed(Failure::CannotSendMessage)),
    ("FailedMaxUDPRetrans", Count::Failed(Failure::MaxUdpRetrans)),
    ("FailedTcpConnect", Count::Failed(Failure::TcpConnect)),
    ("FailedTcpClosed", Count::Failed(Failure::TcpClosed)),
    ("FailedUnexpectedMessage", Count::Failed(Failure::UnexpectedMessage)),
    ("FailedCallRejected", Count::Failed(Failure::CallRejected)),
    ("FailedCmdNotSent", Count::Failed(Failure::CmdNotSent)),
    ("FailedRegexpDoesntMatch", Count::Failed(Failure::RegexpDoesntMatch)),
    ("FailedRegexpShouldntMatch", Count::Failed(Failure::RegexpShouldntMatch)),
    ("FailedRegexpHdrNotFound", Count::Failed(Failure::RegexpHdrNotFound)),
    ("FailedOutboundCongestion", Count::Failed(Failure::OutboundCongestion)),
    ("FailedTimeoutOnRecv", Count::Failed(Failure::TimeoutOnRecv)),
    ("FailedTimeoutOnSend", Count::Failed(Failure::TimeoutOnSend)),
    ("FailedTestDoesntMatch", Count::Failed(Failure::TestDoesntMatch)),
    ("FailedTestShouldntMatch", Count::Failed(Failure::TestShouldntMatch)),
    ("FailedStrcmpDoesntMatch", Count::Failed(Failure::StrcmpDoesntMatch)),
    ("FailedStrcmpShouldntMatch", Count::Failed(Failure::StrcmpShouldntMatch)),
    ("OutOfCallMsgs", Count::Of(|stats| stats.out_of_call)),
    ("DeadCallMsgs", Count::Of(|stats| stats.dead_call)),
    ("Retransmissions", Count::Of(|stats| stats.retransmissions)),
    ("AutoAnswered", Count::Of(|stats| stats.auto_answered)),
    ("Warnings", Count::Of(|stats| stats.warnings)),
    ("FatalErrors", Count::Of(|stats| stats.fatal_errors)),
    ("WatchdogMajor", Count::Of(|stats| stats.watchdog_major)),
    ("WatchdogMinor", Count::Of(|stats| stats.watchdog_minor)),
];

/// Where a count stands.
#[derive(Clone, Copy)]
enum Count {
    Of(fn(&Stats) -> u64),
    Failed(Failure),
}

impl Count {
    fn read(self, stats: &Stats) -> u64 {
        match self {
            Count::Of(field) => field(stats),
            Count::Failed(cause) => stats.failed_by(cause),
        }
    }
}

/// Digits of a counter's number that its columns show, in both versions of SIPp.
const SHOWN_DIGITS: usize = 5;

impl StatCsv {
    /// The columns of this scenario.
    pub(super) fn of(plan: &Plan, delimiter: &str) -> StatCsv {
        let timed = |rtd: &crate::scenario::plan::Rtd| Timed {
            name: format!("ResponseTime{}", rtd.name),
            repartition: format!("ResponseTimeRepartition{}", rtd.name),
            borders: rtd.borders.clone(),
        };
        StatCsv {
            delimiter: delimiter.to_owned(),
            response_times: plan.rtds.iter().map(timed).collect(),
            counters: plan.counters.iter().map(|name| counter_column(name)).collect(),
            call_length: Timed {
                name: "CallLength".to_owned(),
                repartition: "CallLengthRepartition".to_owned(),
                borders: plan.call_length_borders.clone(),
            },
        }
    }

    fn timed(&self) -> impl Iterator<Item = &Timed> {
        self.response_times.iter().chain([&self.call_length])
    }

    /// Appends the header line.
    pub(super) fn append_header(&self, out: &mut Vec<u8>) {
        let mut line = Line { delimiter: &self.delimiter, out };
        for name in ["StartTime", "LastResetTime", "CurrentTime"] {
            line.field(name);
        }
        line.pair_of_names("ElapsedTime");
        line.field("TargetRate");
        for name in ["CallRate", "IncomingCall", "OutgoingCall"] {
            line.pair_of_names(name);
        }
        line.field("TotalCallCreated");
        line.field("CurrentCall");
        COUNTS.iter().for_each(|(name, _)| line.pair_of_names(name));
        for timed in self.timed() {
            line.pair_of_names(&timed.name);
            line.pair_of_names(&format!("{}StDev", timed.name));
        }
        // Counters stand behind all times, which is where the last of these is the call length.
        self.counters.iter().for_each(|name| line.pair_of_names(name));
        for Timed { repartition, borders, .. } in self.timed() {
            let Some(last) = borders.last() else { continue };
            line.field(repartition);
            borders.iter().for_each(|border| line.field(&format!("{repartition}_<{border}")));
            line.field(&format!("{repartition}_>={last}"));
        }
        line.end();
    }

    /// Appends a row.
    pub(super) fn append_row(&self, row: &Row<'_>, moments: Moments, out: &mut Vec<u8>) {
        let (before, now) = (&row.before.stats, &row.now.stats);
        let (periodic, total) = (row.now.at.since(row.before.at), row.now.at.since(row.started));
        let mut line = Line { delimiter: &self.delimiter, out };
        for at in [row.started, row.before.at, row.now.at] {
            line.field(&moments.stamp(at));
        }
        line.field(&stamp::hms(periodic));
        line.field(&stamp::hms(total));
        line.field(&target_text(row.now.target));
        line.field(&rate_text(now.created().saturating_sub(before.created()), periodic));
        line.field(&rate_text(now.created(), total));
        line.count_pair(before.incoming, now.incoming);
        line.count_pair(before.outgoing, now.outgoing);
        line.count(now.created());
        line.count(now.current);
        for (_, count) in COUNTS {
            line.count_pair(count.read(before), count.read(now));
        }
        let times = || now.response_times.iter().zip(&before.response_times);
        times().for_each(|(now, before)| line.times(before, now));
        line.times(&before.call_length, &now.call_length);
        for (before, now) in before.counters.iter().zip(&now.counters) {
            line.count_pair(*before, *now);
        }
        times().for_each(|(now, _)| line.repartition(now));
        line.repartition(&now.call_length);
        line.end();
    }
}

/// A counter's number is called by another name than its text.
fn counter_column(name: &str) -> String {
    match name.get(..SHOWN_DIGITS).unwrap_or(name) {
        digits if name.bytes().all(|byte| byte.is_ascii_digit()) => format!("GenericCounter{digits}"),
        _ => name.to_owned(),
    }
}

fn target_text(target: Target) -> String {
    match target {
        Target::CallsPerPeriod(calls) => format!("{calls:.3}"),
        Target::Users(users) => users.to_string(),
    }
}

/// Calls per second over whole milliseconds, in single precision; 0 when there is none.
fn rate_text(calls: u64, span: Span) -> String {
    let rate = match span.millis() {
        0 => 0.0,
        millis => 1_000.0 * calls as f32 / millis as f32,
    };
    format!("{rate:.3}")
}

/// A line under construction: every field is followed by the delimiter.
struct Line<'a> {
    delimiter: &'a str,
    out: &'a mut Vec<u8>,
}

impl Line<'_> {
    fn field(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(self.delimiter.as_bytes());
    }

    fn pair_of_names(&mut self, name: &str) {
        self.field(&format!("{name}(P)"));
        self.field(&format!("{name}(C)"));
    }

    fn count(&mut self, count: u64) {
        self.field(itoa::Buffer::new().format(count));
    }

    fn count_pair(&mut self, before: u64, now: u64) {
        self.count(now.saturating_sub(before));
        self.count(now);
    }

    fn times(&mut self, before: &Durations, now: &Durations) {
        let periodic = now.since(before);
        for millis in [periodic.mean_ms(), now.mean_ms(), periodic.deviation_ms(), now.deviation_ms()] {
            self.field(&stamp::hmsu(Span::from_millis(millis)));
        }
    }

    /// An empty column for the title, then the counts; nothing without borders.
    fn repartition(&mut self, durations: &Durations) {
        if !durations.classes.is_empty() {
            self.field("");
            durations.classes.iter().for_each(|count| self.count(*count));
        }
    }

    fn end(self) {
        self.out.push(b'\n');
    }
}

#[cfg(test)]
#[path = "stat_csv_tests.rs"]
mod tests;
