//! The file of counts per message, `-trace_counts`: header and rows.
//! Spec: outputs.md §5 (SIPp's columns, those of `nop` and commands too). In: a plan, counts. Out: bytes. Must not count.

use super::recorder::Moments;
use super::stamp;
use super::stat_csv::Row;
use crate::scenario::plan::{Expected, Outgoing, Plan, StepKind};
use crate::stats::StepCounts;

/// The columns of a scenario.
#[derive(Clone, Debug)]
pub(super) struct CountsCsv {
    delimiter: String,
    columns: Vec<Column>,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    step: usize,
    count: fn(&StepCounts) -> u64,
}

/// The columns of one step: ends of their names, and what they show.
type Columns = Vec<(&'static str, fn(&StepCounts) -> u64)>;

impl CountsCsv {
    /// Its columns in the order of its steps; those that `hide` have none.
    pub(super) fn of(plan: &Plan, delimiter: &str, loss_in_use: bool) -> CountsCsv {
        let mut columns = Vec::new();
        for (index, step) in plan.steps.iter().enumerate().filter(|(_, step)| !step.display.hidden) {
            let (what, ends) = columns_of(&step.kind, loss_in_use);
            for (end, count) in ends {
                columns.push(Column { name: format!("{index}_{what}_{end}"), step: index, count });
            }
        }
        CountsCsv { delimiter: delimiter.to_owned(), columns }
    }

    /// Appends the header line.
    pub(super) fn append_header(&self, out: &mut Vec<u8>) {
        let names = ["CurrentTime", "ElapsedTime"].into_iter();
        for name in names.chain(self.columns.iter().map(|column| column.name.as_str())) {
            self.append_field(name, out);
        }
        out.push(b'\n');
    }

    /// Appends a row.
    pub(super) fn append_row(&self, row: &Row<'_>, moments: Moments, out: &mut Vec<u8>) {
        self.append_field(&moments.stamp(row.now.at), out);
        self.append_field(&stamp::hmsu(row.now.at.since(row.started)), out);
        for column in &self.columns {
            let counts = row.now.stats.steps.get(column.step).copied().unwrap_or_default();
            self.append_field(itoa::Buffer::new().format((column.count)(&counts)), out);
        }
        out.push(b'\n');
    }

    fn append_field(&self, text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(text.as_bytes());
        out.extend_from_slice(self.delimiter.as_bytes());
    }
}

fn columns_of(kind: &StepKind, loss_in_use: bool) -> (String, Columns) {
    let mut columns: Columns = Vec::new();
    let what = match kind {
        StepKind::Send(send) => {
            columns.push(("Sent", |counts| counts.messages));
            columns.push(("Retrans", |counts| counts.retransmissions));
            if send.retrans.is_some() {
                columns.push(("Timeout", |counts| counts.timeouts));
            }
            match &send.what {
                Outgoing::Request(method) => method.as_str().to_owned(),
                Outgoing::Response(code) => code.to_string(),
            }
        }
        StepKind::Recv(recv) if !matches!(recv.expects, Expected::Nothing) => {
            columns.push(("Recv", |counts| counts.messages));
            columns.push(("Retrans", |counts| counts.retransmissions));
            columns.push(("Timeout", |counts| counts.timeouts));
            columns.push(("Unexp", |counts| counts.unexpected));
            recv.expects.as_str().to_owned()
        }
        StepKind::Pause(_) | StepKind::TimeWait(_) => {
            columns.push(("Sessions", |counts| counts.messages));
            columns.push(("Unexp", |counts| counts.unexpected));
            return ("Pause".to_owned(), columns);
        }
        StepKind::Nop | StepKind::Recv(_) => {
            columns.push(("Sessions", |_| 0));
            columns.push(("Unexp", |counts| counts.unexpected));
            return ("Pause".to_owned(), columns);
        }
    };
    if loss_in_use {
        columns.push(("Lost", |counts| counts.lost));
    }
    (what, columns)
}

#[cfg(test)]
mod tests {
    use super::super::stat_csv::Figures;
    use super::*;
    use crate::clock::Tick;
    use crate::report::test_plan::plan_of;
    use crate::stats::{Stats, Target};

    fn header(plan: &Plan, loss_in_use: bool) -> String {
        let mut out = Vec::new();
        CountsCsv::of(plan, ";", loss_in_use).append_header(&mut out);
        String::from_utf8(out).unwrap()
    }

    /// outputs.md §5, and byte for byte what sipp 3.6.1 writes.
    #[test]
    fn the_header_of_uac_is_that_of_sipp() {
        let plan = plan_of(crate::scenario::builtin::find("-sn", "uac").unwrap());
        assert_eq!(
            header(&plan, false),
            "CurrentTime;ElapsedTime;0_INVITE_Sent;0_INVITE_Retrans;0_INVITE_Timeout;\
             1_100_Recv;1_100_Retrans;1_100_Timeout;1_100_Unexp;2_180_Recv;2_180_Retrans;2_180_Timeout;2_180_Unexp;\
             3_183_Recv;3_183_Retrans;3_183_Timeout;3_183_Unexp;4_200_Recv;4_200_Retrans;4_200_Timeout;4_200_Unexp;\
             5_ACK_Sent;5_ACK_Retrans;6_Pause_Sessions;6_Pause_Unexp;7_BYE_Sent;7_BYE_Retrans;7_BYE_Timeout;\
             8_200_Recv;8_200_Retrans;8_200_Timeout;8_200_Unexp;\n"
        );
    }

    /// outputs.md §5: hidden steps have no columns but a number; `nop` looks like a pause; losses only where they are in use.
    #[test]
    fn hidden_steps_nops_and_losses() {
        let plan = plan_of(
            "<scenario><nop hide='true'/><nop/><label id='a'/><recv request='A|B' regexp_match='true'/>\
             <recv/><timewait/></scenario>",
        );
        assert_eq!(
            header(&plan, true),
            "CurrentTime;ElapsedTime;1_Pause_Sessions;1_Pause_Unexp;\
             2_A|B_Recv;2_A|B_Retrans;2_A|B_Timeout;2_A|B_Unexp;2_A|B_Lost;\
             3_Pause_Sessions;3_Pause_Unexp;4_Pause_Sessions;4_Pause_Unexp;\n"
        );
    }

    /// outputs.md §5: cumulative values, elapsed time with its fraction, any delimiter.
    #[test]
    fn a_row_has_the_counts_since_the_start() {
        let plan = plan_of("<scenario><recv request='INVITE'/><pause/></scenario>");
        let figures = |millis, messages| {
            let mut stats = Stats::new(2, 0, &[], &[]);
            stats.steps[0] = StepCounts { messages, retransmissions: 2, timeouts: 3, unexpected: 4, lost: 9 };
            stats.steps[1] = StepCounts { messages, unexpected: 5, ..StepCounts::default() };
            Figures { at: Tick::from_millis(millis), stats, target: Target::Users(1) }
        };
        let (before, now) = (figures(500, 6), figures(1_503, 7));
        let mut out = Vec::new();
        let row = Row { started: Tick::from_millis(500), before: &before, now: &now };
        CountsCsv::of(&plan, "::", false).append_row(&row, Moments::default(), &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "1970-01-01\t00:00:01.503000\t0000000001.503000::00:00:01:003000::7::2::3::4::7::5::\n"
        );
    }
}
