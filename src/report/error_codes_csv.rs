//! The file of unexpected response codes, `-trace_error_codes`: a row at each moment of a statistics row, without a header.
//! Spec: outputs.md §6. In: codes as they come. Out: bytes. Must not write them.

use super::recorder::Moments;
use super::stamp;
use super::stat_csv::Row;

/// The codes since the last row.
#[derive(Clone, Debug)]
pub(super) struct ErrorCodesCsv {
    delimiter: String,
    codes: Vec<u16>,
}

impl ErrorCodesCsv {
    pub(super) fn new(delimiter: &str) -> ErrorCodesCsv {
        ErrorCodesCsv { delimiter: delimiter.to_owned(), codes: Vec::new() }
    }

    /// An unexpected response came.
    pub(super) fn add(&mut self, code: u16) {
        self.codes.push(code);
    }

    /// Appends a row with the codes since the last one, the newest first, a comma behind each whatever the delimiter is.
    pub(super) fn append_row(&mut self, row: &Row<'_>, moments: Moments, out: &mut Vec<u8>) {
        let elapsed = stamp::hmsu(row.now.at.since(row.started));
        for field in [moments.stamp(row.now.at), elapsed] {
            out.extend_from_slice(field.as_bytes());
            out.extend_from_slice(self.delimiter.as_bytes());
        }
        for code in self.codes.drain(..).rev() {
            out.extend_from_slice(format!("{code},").as_bytes());
        }
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::super::stat_csv::Figures;
    use super::*;
    use crate::clock::Tick;
    use crate::stats::{Stats, Target};

    /// outputs.md §6.
    #[test]
    fn codes_stand_newest_first_with_commas_and_once() {
        let figures = |millis| Figures {
            at: Tick::from_millis(millis),
            stats: Stats::new(0, 0, &[], &[]),
            target: Target::Users(1),
        };
        let (before, now) = (figures(0), figures(202));
        let row = Row { started: Tick::ZERO, before: &before, now: &now };
        let mut csv = ErrorCodesCsv::new(";");
        csv.add(486);
        csv.add(503);
        let mut out = Vec::new();
        csv.append_row(&row, Moments::default(), &mut out);
        csv.append_row(&row, Moments::default(), &mut out);
        let stamp = "1970-01-01\t00:00:00.202000\t0000000000.202000;00:00:00:202000;";
        assert_eq!(String::from_utf8(out).unwrap(), format!("{stamp}503,486,\n{stamp}\n"));
    }
}
