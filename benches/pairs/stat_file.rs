//! The statistics file of a SIP program (`-trace_stat`), as far as this bench needs it. Spec: outputs.md §3.3; rsipp and sipp
//! write the same columns, so both are measured by the same ruler.

use std::path::Path;

/// Cumulative counters at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row {
    /// Seconds since 1970.
    pub at: f64,
    /// Calls opened.
    pub opened: f64,
    /// Calls open now.
    pub open: f64,
    pub successful: f64,
    pub failed: f64,
    /// Messages sent again.
    pub again: f64,
}

/// The rows that are complete by now; none when there is no file yet.
pub fn rows(file: &Path) -> Vec<Row> {
    let text = String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned();
    let complete = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut lines = complete.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(';').collect();
    lines.filter_map(|line| row(&header, &line.split(';').collect::<Vec<_>>())).collect()
}

fn row(header: &[&str], fields: &[&str]) -> Option<Row> {
    let field = |name: &str| fields.get(header.iter().position(|column| *column == name)?).copied();
    let count = |name| field(name)?.parse().ok();
    Some(Row {
        // Date, time of day, seconds since 1970.
        at: field("CurrentTime")?.rsplit('\t').next()?.parse().ok()?,
        opened: count("TotalCallCreated")?,
        open: count("CurrentCall")?,
        successful: count("SuccessfulCall(C)")?,
        failed: count("FailedCall(C)")?,
        again: count("Retransmissions(C)")?,
    })
}

/// Calls opened a second between the first row with calls and the last row before the last call: so neither the start of the
/// program nor what the end waits for is in it.
pub fn achieved(rows: &[Row]) -> Option<f64> {
    let all = rows.last()?.opened;
    let first = rows.iter().find(|row| row.opened > 0.0)?;
    let last = rows.iter().rev().find(|row| row.opened < all)?;
    (last.at > first.at).then(|| (last.opened - first.opened) / (last.at - first.at))
}
