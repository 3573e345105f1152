//! The response-time dump, `-trace_rtt`: a line for each stopped response-time counter, `-rtt_freq` lines at a time.
//! Spec: outputs.md §4 (moments with all their digits, where SIPp runs out of them after 17 minutes). In: stops. Out: bytes. Must not
//! write them.

use crate::clock::{Span, Tick};
use crate::scenario::plan::Plan;

/// The lines that wait to be written.
#[derive(Clone, Debug)]
pub(super) struct RttCsv {
    delimiter: String,
    names: Vec<String>,
    /// How many lines go out together; at least 1.
    at_a_time: u64,
    waiting: u64,
    lines: Vec<u8>,
}

impl RttCsv {
    /// For the counters of this scenario.
    pub(super) fn of(plan: &Plan, delimiter: &str, at_a_time: u64) -> RttCsv {
        let names = plan.rtds.iter().map(|rtd| rtd.name.clone()).collect();
        let delimiter = delimiter.to_owned();
        RttCsv { delimiter, names, at_a_time: at_a_time.max(1), waiting: 0, lines: Vec::new() }
    }

    /// The header line.
    pub(super) fn header(&self) -> Vec<u8> {
        let mut line = ["Date_ms", "response_time_ms", "rtd_no"].join(&self.delimiter).into_bytes();
        line.push(b'\n');
        line
    }

    /// A counter was stopped; true when there are enough lines for a dump.
    pub(super) fn add(&mut self, at: Tick, took: Span, rtd: usize) -> bool {
        let name = self.names.get(rtd).map_or("", String::as_str);
        append_millis(at.micros(), &mut self.lines);
        self.lines.extend_from_slice(self.delimiter.as_bytes());
        append_millis(took.micros(), &mut self.lines);
        self.lines.extend_from_slice(self.delimiter.as_bytes());
        self.lines.extend_from_slice(name.as_bytes());
        self.lines.push(b'\n');
        self.waiting += 1;
        self.waiting >= self.at_a_time
    }

    /// The lines of the next dump; whoever has written them says [`RttCsv::clear`].
    pub(super) fn lines(&self) -> &[u8] {
        &self.lines
    }

    /// The lines are written.
    pub(super) fn clear(&mut self) {
        self.waiting = 0;
        self.lines.clear();
    }
}

/// Microseconds as milliseconds: no more digits than needed.
fn append_millis(micros: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(micros / 1_000).as_bytes());
    let fraction = format!(".{:03}", micros % 1_000);
    out.extend_from_slice(fraction.trim_end_matches('0').trim_end_matches('.').as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_plan::plan_of;

    fn csv(at_a_time: u64) -> RttCsv {
        let plan = plan_of("<scenario><recv request='INVITE' rtd='2'/><nop rtd='setup'/></scenario>");
        RttCsv::of(&plan, ";", at_a_time)
    }

    /// outputs.md §4.
    #[test]
    fn a_stop_is_a_line_with_moment_span_and_name() {
        let mut csv = csv(200);
        csv.add(Tick::from_micros(205_752), Span::from_micros(266), 0);
        csv.add(Tick::from_micros(206_900), Span::from_micros(3_000), 1);
        csv.add(Tick::from_micros(1_003_000_001), Span::from_micros(2_500), 1);
        assert_eq!(csv.header(), b"Date_ms;response_time_ms;rtd_no\n");
        assert_eq!(csv.lines(), b"205.752;0.266;2\n206.9;3;setup\n1003000.001;2.5;setup\n");
    }

    /// outputs.md §4: a dump every so many stops; 0, which breaks SIPp, is every stop.
    #[test]
    fn a_dump_is_due_after_so_many_stops() {
        for (at_a_time, due) in [(0, [true, true, true]), (1, [true, true, true]), (3, [false, false, true])]
        {
            let mut csv = csv(at_a_time);
            let stops = [0; 3].map(|rtd| csv.add(Tick::ZERO, Span::ZERO, rtd));
            assert_eq!(stops, due, "{at_a_time}");
        }
        let mut csv = csv(1);
        csv.add(Tick::ZERO, Span::ZERO, 0);
        csv.clear();
        assert_eq!(csv.lines(), b"");
    }
}
