//! The four statistics files: when each is opened, and what a row of figures adds to them.
//! Spec: outputs.md §2, §3.1, §3.2, §4-§6. In: figures, stops, codes. Out: files. Must not decide when a row is due.

use std::path::PathBuf;

use super::counts_csv::CountsCsv;
use super::error_codes_csv::ErrorCodesCsv;
use super::log_file::{LogFile, OpenLog, TraceFailure};
use super::recorder::Moments;
use super::rtt_csv::RttCsv;
use super::stat_csv::{Figures, Row, StatCsv};
use crate::clock::{Span, Tick};
use crate::scenario::plan::Plan;

/// Which statistics files are wanted, and where.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `-trace_stat`, `-stf`
    pub rows: Option<LogFile>,
    /// `-trace_counts`
    pub counts: Option<LogFile>,
    /// `-trace_error_codes`
    pub error_codes: Option<LogFile>,
    /// `-trace_rtt`
    pub response_times: Option<LogFile>,
    /// `-rtt_freq`
    pub response_times_at_a_time: u64,
    /// `-stat_delimiter`
    pub delimiter: String,
    /// `-lost` is not 0: the columns of lost messages are there even if no step has a `lost` of its own.
    pub loses: bool,
}

/// The files of a run.
#[derive(Debug, Default)]
pub struct Statistics {
    rows: Option<(Sheet, StatCsv)>,
    counts: Option<(Sheet, CountsCsv)>,
    error_codes: Option<(Sheet, ErrorCodesCsv)>,
    response_times: Option<(Sheet, RttCsv)>,
    /// The last row's.
    last: Option<Figures>,
}

/// A file and its state.
#[derive(Debug)]
enum Sheet {
    Later(LogFile),
    Open(OpenLog),
    /// Given up.
    Closed,
}

impl Statistics {
    /// Creates the files of the start-up: counts, then error codes.
    ///
    /// # Errors
    /// One can not be created: exit 1 (a crash in SIPp, outputs.md §2, Bug).
    pub fn create(wanted: Wanted, plan: &Plan) -> Result<Statistics, TraceFailure> {
        let Wanted { rows, counts, error_codes, response_times, response_times_at_a_time, delimiter, loses } =
            wanted;
        let loss_in_use = loses || plan.steps.iter().any(|step| step.lost.is_some());
        let counts = counts.map(|file| -> Result<_, TraceFailure> {
            let (csv, mut header) = (CountsCsv::of(plan, &delimiter, loss_in_use), Vec::new());
            csv.append_header(&mut header);
            Ok((Sheet::opened(file, &header)?, csv))
        });
        let counts = counts.transpose()?;
        let error_codes =
            error_codes.map(|file| Ok((Sheet::opened(file, b"")?, ErrorCodesCsv::new(&delimiter))));
        Ok(Statistics {
            rows: rows.map(|file| (Sheet::Later(file), StatCsv::of(plan, &delimiter))),
            counts,
            error_codes: error_codes.transpose()?,
            response_times: response_times
                .map(|file| (Sheet::Later(file), RttCsv::of(plan, &delimiter, response_times_at_a_time))),
            last: None,
        })
    }

    /// Opens the statistics file proper: before the first call.
    ///
    /// # Errors
    /// It can not be created: exit 255.
    pub(super) fn open_rows(&mut self) -> Result<(), TraceFailure> {
        let Some((sheet, csv)) = &mut self.rows else { return Ok(()) };
        let mut header = Vec::new();
        csv.append_header(&mut header);
        sheet.open(&header, TraceFailure::OpenStatistics)
    }

    /// Whether anything is written at a row's moment.
    pub(super) fn has_rows(&self) -> bool {
        self.rows.is_some() || self.counts.is_some() || self.error_codes.is_some()
    }

    /// Whether unexpected codes are wanted.
    pub(super) fn has_error_codes(&self) -> bool {
        self.error_codes.is_some()
    }

    /// Whether stops of response-time counters are wanted.
    pub(super) fn has_response_times(&self) -> bool {
        self.response_times.is_some()
    }

    /// A row is due: one in each file.
    pub(super) fn row(&mut self, now: Figures, moments: Moments) -> Result<(), TraceFailure> {
        let started = now.stats.since;
        let last = self.last.take().unwrap_or_else(|| Figures { at: started, ..now.clone() });
        let (at, stats) = now.stats.period_start(last.at, &last.stats);
        let before = Figures { at, stats: stats.into_owned(), target: last.target };
        let row = Row { started, before: &before, now: &now };
        let mut outcomes = [Ok(()), Ok(()), Ok(())];
        let [rows, counts, error_codes] = &mut outcomes;
        if let Some((sheet, csv)) = &mut self.rows {
            *rows = sheet.write(|out| csv.append_row(&row, moments, out));
        }
        if let Some((sheet, csv)) = &mut self.counts {
            *counts = sheet.write(|out| csv.append_row(&row, moments, out));
        }
        if let Some((sheet, csv)) = &mut self.error_codes {
            *error_codes = sheet.write(|out| csv.append_row(&row, moments, out));
        }
        self.last = Some(now);
        outcomes.into_iter().collect()
    }

    /// An unexpected response came.
    pub(super) fn unexpected_code(&mut self, code: u16) {
        if let Some((_, csv)) = &mut self.error_codes {
            csv.add(code);
        }
    }

    /// A response-time counter was stopped.
    pub(super) fn response_time(&mut self, at: Tick, took: Span, rtd: usize) -> Result<(), TraceFailure> {
        let full = match &mut self.response_times {
            Some((_, csv)) => csv.add(at, took, rtd),
            None => false,
        };
        if full { self.dump_response_times() } else { Ok(()) }
    }

    /// Writes the stops that wait, on SIGUSR2 and at the end too; the first dump creates the file.
    pub(super) fn dump_response_times(&mut self) -> Result<(), TraceFailure> {
        let Some((sheet, csv)) = &mut self.response_times else { return Ok(()) };
        if csv.lines().is_empty() {
            return Ok(());
        }
        let written = sheet
            .open(&csv.header(), TraceFailure::OpenResponseTimes)
            .and_then(|()| sheet.write(|out| out.extend_from_slice(csv.lines())));
        csv.clear();
        written
    }

    /// Files are as large as they may be: no more rows and response times (outputs.md §13).
    pub(super) fn close_large(&mut self) {
        if let Some((sheet, _)) = &mut self.rows {
            sheet.close();
        }
        if let Some((sheet, _)) = &mut self.response_times {
            sheet.close();
        }
    }

    /// Makes all that was written visible.
    pub(super) fn flush(&mut self) -> Result<(), TraceFailure> {
        let rows = self.rows.as_mut().map(|(sheet, _)| sheet);
        let counts = self.counts.as_mut().map(|(sheet, _)| sheet);
        let error_codes = self.error_codes.as_mut().map(|(sheet, _)| sheet);
        let response_times = self.response_times.as_mut().map(|(sheet, _)| sheet);
        let sheets = [rows, counts, error_codes, response_times].into_iter().flatten();
        let outcomes: Vec<_> = sheets.map(Sheet::flush).collect();
        outcomes.into_iter().collect()
    }
}

impl Sheet {
    fn opened(file: LogFile, header: &[u8]) -> Result<Sheet, TraceFailure> {
        let mut sheet = Sheet::Later(file);
        sheet.open(header, TraceFailure::Create)?;
        sheet.flush()?;
        Ok(sheet)
    }

    /// Creates the file if it is not there yet.
    fn open(&mut self, header: &[u8], failure: fn(PathBuf) -> TraceFailure) -> Result<(), TraceFailure> {
        let Sheet::Later(file) = self else { return Ok(()) };
        let opened = file.open().map_err(|_| failure(file.path.clone()));
        let written = opened.and_then(|mut log| log.write(header).map(|()| log));
        match written {
            Ok(log) => {
                *self = Sheet::Open(log);
                Ok(())
            }
            Err(failure) => {
                *self = Sheet::Closed;
                Err(failure)
            }
        }
    }

    fn write(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> Result<(), TraceFailure> {
        let Sheet::Open(log) = self else { return Ok(()) };
        let mut bytes = Vec::new();
        append(&mut bytes);
        let written = log.write(&bytes);
        self.closed_after(written)
    }

    fn flush(&mut self) -> Result<(), TraceFailure> {
        let Sheet::Open(log) = self else { return Ok(()) };
        let flushed = log.flush();
        self.closed_after(flushed)
    }

    fn close(&mut self) {
        if let Sheet::Open(log) = std::mem::replace(self, Sheet::Closed) {
            log.abandon();
        }
    }

    fn closed_after(&mut self, outcome: Result<(), TraceFailure>) -> Result<(), TraceFailure> {
        if outcome.is_err() {
            self.close();
        }
        outcome
    }
}
