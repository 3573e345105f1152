//! `-prometheus`: a run at one moment in the text format of Prometheus (0.0.4).
//! Spec: none of SIPp's; README, "Metrics", lists the names, which are part of what reports promise. In: counters. Out: text. Must not
//! serve it (`control::metrics`) nor read a clock.

use std::fmt::Write as _;

use super::causes::CAUSES;
use super::results::{StepKind, describe};
use crate::clock::Span;
use crate::scenario::plan::Plan;
use crate::stats::{Histogram, Resources, Stats};

/// Bounds of all histograms, in µs; beyond the last one is `+Inf`.
const BOUNDS_US: [u64; 16] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000, 30_000_000, 60_000_000,
];

/// One of the scenarios of the main side.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// As in the names of files.
    pub name: &'a str,
    /// The scenario.
    pub plan: &'a Plan,
    /// Its counters.
    pub stats: &'a Stats,
}

/// All metrics of the main side: its scenarios, the main one first, and its worker. `asked`: calls a second, if a rate was asked for.
pub fn text(scenarios: &[Shown<'_>], asked: Option<f64>, resources: &Resources) -> String {
    let mut page = Page { scenarios, out: String::new() };
    page.calls();
    page.messages();
    page.steps();
    page.times();
    page.generator(asked, resources);
    page.out
}

struct Page<'a> {
    scenarios: &'a [Shown<'a>],
    out: String,
}

#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Page<'_> {
    fn head(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _ = writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// `labels`: with their braces, or nothing.
    fn value(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.out, "{name}{labels} {value}");
    }

    /// A number of each scenario.
    fn each(&mut self, name: &str, kind: Kind, help: &str, of: impl Fn(&Stats) -> u64) {
        self.head(name, kind, help);
        for shown in self.scenarios {
            self.value(name, &labels(&[("scenario", shown.name)]), of(shown.stats));
        }
    }

    fn calls(&mut self) {
        let opened = "rsipp_calls_opened_total";
        self.head(
            opened,
            Kind::Counter,
            "Calls opened, by the generator (outgoing) or by a received message (incoming).",
        );
        for shown in self.scenarios {
            let counts = [("outgoing", shown.stats.outgoing), ("incoming", shown.stats.incoming)];
            for (direction, count) in counts {
                self.value(opened, &labels(&[("scenario", shown.name), ("direction", direction)]), count);
            }
        }
        self.each("rsipp_calls_succeeded_total", Kind::Counter, "Calls that ended well.", |stats| {
            stats.successful
        });
        let failed = "rsipp_calls_failed_total";
        self.head(failed, Kind::Counter, "Calls that failed, by cause.");
        for shown in self.scenarios {
            for cause in &CAUSES {
                let labels = labels(&[("scenario", shown.name), ("cause", cause.name)]);
                self.value(failed, &labels, shown.stats.failed_by(cause.failure));
            }
        }
        self.each("rsipp_calls_open", Kind::Gauge, "Calls open now.", |stats| stats.current);
    }

    fn messages(&mut self) {
        self.each("rsipp_retransmissions_total", Kind::Counter, "Messages sent again.", |stats| {
            stats.retransmissions
        });
        let help = "Receive timeouts, and sends without an answer after the last resend.";
        self.each("rsipp_timeouts_total", Kind::Counter, help, Stats::timeouts);
        let help = "Messages that no step expected.";
        self.each("rsipp_unexpected_messages_total", Kind::Counter, help, Stats::unexpected);
        let help = "Messages that belong to no call and could open none.";
        self.each("rsipp_out_of_call_messages_total", Kind::Counter, help, |stats| stats.out_of_call);
        let help = "Messages for calls that had ended.";
        self.each("rsipp_dead_call_messages_total", Kind::Counter, help, |stats| stats.dead_call);
        let help = "Messages that the socket refused to send.";
        self.each("rsipp_send_errors_total", Kind::Counter, help, |stats| stats.send_errors);
        self.each("rsipp_warnings_total", Kind::Counter, "Warnings raised.", |stats| stats.warnings);
    }

    fn steps(&mut self) {
        let name = "rsipp_step_messages_total";
        self.head(name, Kind::Counter, "First transmissions and matched messages, by step of the scenario.");
        for shown in self.scenarios {
            for (index, (step, counts)) in shown.plan.steps.iter().zip(&shown.stats.steps).enumerate() {
                let (kind, message) = describe(step);
                let direction = match kind {
                    StepKind::Send => "sent",
                    StepKind::Recv => "received",
                    StepKind::Pause | StepKind::Timewait | StepKind::Nop => continue,
                };
                let index = index.to_string();
                let labels = labels(&[
                    ("scenario", shown.name),
                    ("step", &index),
                    ("direction", direction),
                    ("message", &message),
                ]);
                self.value(name, &labels, counts.messages);
            }
        }
    }

    fn times(&mut self) {
        let (start, due) = ("rsipp_response_time_seconds", "rsipp_response_time_from_due_seconds");
        self.head(start, Kind::Histogram, "Response times as measured, by name of the counter (rtd).");
        for shown in self.scenarios {
            for (rtd, times) in shown.plan.rtds.iter().zip(&shown.stats.response_times) {
                self.histogram(start, &[("scenario", shown.name), ("rtd", &rtd.name)], &times.from_start);
            }
        }
        self.head(due, Kind::Histogram, "The same, with the start lag of the call where they begin with it.");
        for shown in self.scenarios {
            for (rtd, times) in shown.plan.rtds.iter().zip(&shown.stats.response_times) {
                self.histogram(due, &[("scenario", shown.name), ("rtd", &rtd.name)], &times.from_due);
            }
        }
        let length = "rsipp_call_length_seconds";
        self.head(length, Kind::Histogram, "From the start of a call to its end.");
        for shown in self.scenarios {
            self.histogram(length, &[("scenario", shown.name)], &shown.stats.call_length.from_start);
        }
        let lag = "rsipp_start_lag_seconds";
        self.head(lag, Kind::Histogram, "From when a call was due to its start.");
        if let Some(main) = self.scenarios.first() {
            self.histogram(lag, &[("scenario", main.name)], &main.stats.start_lag);
        }
    }

    fn histogram(&mut self, name: &str, with: &[(&str, &str)], times: &Histogram) {
        let (bucket, count) = (format!("{name}_bucket"), times.count());
        for bound in BOUNDS_US {
            let seconds = (bound as f64 / 1e6).to_string();
            let labels = labels(&[with, &[("le", &seconds)]].concat());
            self.value(&bucket, &labels, times.count_up_to(Span::from_micros(bound)));
        }
        self.value(&bucket, &labels(&[with, &[("le", "+Inf")]].concat()), count);
        self.value(&format!("{name}_sum"), &labels(with), times.sum_us() as f64 / 1e6);
        self.value(&format!("{name}_count"), &labels(with), count);
    }

    fn generator(&mut self, asked: Option<f64>, resources: &Resources) {
        self.head("rsipp_info", Kind::Gauge, "Always 1: the program's version.");
        self.value("rsipp_info", &labels(&[("version", env!("CARGO_PKG_VERSION"))]), 1);
        if let Some(asked) = asked {
            self.head("rsipp_asked_rate", Kind::Gauge, "Calls a second asked for.");
            self.value("rsipp_asked_rate", "", asked);
        }
        if let Some(main) = self.scenarios.first() {
            let held_back = main.stats.held_back;
            self.head("rsipp_held_back_total", Kind::Counter, "Due calls that -l kept from being opened.");
            self.value("rsipp_held_back_total", "", held_back);
        }
        if let Some(drops) = resources.drops {
            let help = "Received datagrams that the system dropped because they were not read in time.";
            self.head("rsipp_socket_drops_total", Kind::Counter, help);
            self.value("rsipp_socket_drops_total", "", drops);
        }
        self.head("rsipp_cpu_seconds_total", Kind::Counter, "Processor time of the worker.");
        self.value("rsipp_cpu_seconds_total", "", resources.cpu.micros() as f64 / 1e6);
    }
}

/// With braces.
fn labels(labels: &[(&str, &str)]) -> String {
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels: Vec<_> =
        labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", labels.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_values_are_escaped() {
        assert_eq!(labels(&[("a", "x\\y\"z\n")]), r#"{a="x\\y\"z\n"}"#);
    }

    #[test]
    fn buckets_add_up_and_the_last_one_is_the_count() {
        let mut times = Histogram::default();
        for millis in [1, 3, 3, 70_000] {
            times.record(Span::from_millis(millis));
        }
        let mut page = Page { scenarios: &[], out: String::new() };
        page.histogram("t", &[("rtd", "1")], &times);
        let counts: Vec<_> = page.out.lines().map(|line| line.rsplit(' ').next().unwrap()).collect();
        assert_eq!(counts[..5], ["0", "1", "1", "3", "3"]);
        assert_eq!(counts[15..], ["3", "4", "70.007", "4"]);
        assert!(page.out.contains("t_bucket{rtd=\"1\",le=\"0.0025\"} 1\n"), "{}", page.out);
    }
}
