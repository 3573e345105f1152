//! Time stamps and durations as texts.
//! Spec: outputs.md §1.1, §1.2. In: epoch microseconds and the UTC offset fixed at start-up, or a span. Out: text. Must
//! not read the clock.

use chrono::{DateTime, Datelike, Local, NaiveDateTime, Offset, TimeZone, Timelike};

use crate::clock::Span;

/// Which form the outputs marked `STAMPr` take (outputs.md §1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StampStyle {
    /// Date, time and epoch seconds, separated by TABs.
    #[default]
    Tabbed,
    /// `-rfc3339`
    Rfc3339,
}

impl StampStyle {
    /// The moment in this style.
    pub fn text(self, epoch_micros: i64, utc_offset_seconds: i32) -> String {
        match self {
            StampStyle::Tabbed => stamp(epoch_micros, utc_offset_seconds),
            StampStyle::Rfc3339 => rfc3339(epoch_micros, utc_offset_seconds),
        }
    }
}

/// `YYYY-MM-DD⇥HH:MM:SS.uuuuuu⇥EPOCHSECONDS.uuuuuu`, local time.
pub fn stamp(epoch_micros: i64, utc_offset_seconds: i32) -> String {
    let (seconds, micros) = (epoch_micros.div_euclid(1_000_000), epoch_micros.rem_euclid(1_000_000));
    let (date, time) = date_and_time(epoch_micros, utc_offset_seconds);
    format!("{date}\t{time}.{micros:06}\t{seconds:010}.{micros:06}")
}

/// `YYYY-MM-DDTHH:MM:SS.uuuuuu` and `Z` or `±HH:MM`, local time.
pub fn rfc3339(epoch_micros: i64, utc_offset_seconds: i32) -> String {
    let micros = epoch_micros.rem_euclid(1_000_000);
    let (date, time) = date_and_time(epoch_micros, utc_offset_seconds);
    let offset = match utc_offset_seconds {
        0 => String::from("Z"),
        east => {
            let sign = if east < 0 { '-' } else { '+' };
            let minutes = east.unsigned_abs() / 60;
            format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    };
    format!("{date}T{time}.{micros:06}{offset}")
}

/// `HH:MM:SS`, truncated; hours grow as needed.
pub fn hms(span: Span) -> String {
    let seconds = span.millis() / 1_000;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// `HH:MM:SS:uuuuuu`, truncated to milliseconds, so it ends in `000`.
pub fn hmsu(span: Span) -> String {
    format!("{}:{:03}000", hms(span), span.millis() % 1_000)
}

/// Seconds east of UTC at this moment by the system's time zone (`TZ`). For the shell, once, at start-up.
pub fn local_utc_offset(epoch_micros: i64) -> i32 {
    Local.timestamp_micros(epoch_micros).single().map_or(0, |local| local.offset().fix().local_minus_utc())
}

fn date_and_time(epoch_micros: i64, utc_offset_seconds: i32) -> (String, String) {
    let local = epoch_micros.saturating_add(i64::from(utc_offset_seconds) * 1_000_000);
    let local: NaiveDateTime = DateTime::from_timestamp_micros(local).unwrap_or_default().naive_utc();
    (
        format!("{:04}-{:02}-{:02}", local.year(), local.month(), local.day()),
        format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_PAST_FIVE: i32 = 5 * 3_600 + 30 * 60;

    /// outputs.md §1.1, table of formats.
    #[test]
    fn a_stamp_is_date_time_and_epoch_with_the_same_six_digits() {
        assert_eq!(stamp(1_795_305_019_110_132, 0), "2026-11-21\t23:50:19.110132\t1795305019.110132");
    }

    /// outputs.md §1.1: epoch zero-padded to at least 10 digits.
    #[test]
    fn an_early_epoch_is_padded_to_ten_digits() {
        assert_eq!(stamp(7_000_001, 0), "1970-01-01\t00:00:07.000001\t0000000007.000001");
    }

    /// outputs.md §1.1, table of formats.
    #[test]
    fn the_rfc_form_shows_local_time_and_its_offset() {
        assert_eq!(rfc3339(1_795_305_408_474_842, 0), "2026-11-21T23:56:48.474842Z");
        assert_eq!(rfc3339(1_795_306_145_614_056, HALF_PAST_FIVE), "2026-11-22T05:39:05.614056+05:30");
    }

    /// outputs.md §1.1: negative half hours, and the Bug of SIPp between -1 h and 0.
    #[test]
    fn a_negative_offset_keeps_its_sign_even_below_an_hour() {
        assert!(rfc3339(0, -(3 * 3_600 + 30 * 60)).ends_with("-03:30"));
        assert_eq!(rfc3339(1_800_000_000, -30 * 60), "1970-01-01T00:00:00.000000-00:30");
    }

    /// outputs.md §1.1: `STAMPr`.
    #[test]
    fn the_style_chooses_the_form() {
        assert_eq!(StampStyle::default().text(0, 0), stamp(0, 0));
        assert_eq!(StampStyle::Rfc3339.text(0, 60), "1970-01-01T00:01:00.000000+00:01");
    }

    /// outputs.md §1.2.
    #[test]
    fn durations_are_truncated_and_hours_grow() {
        assert_eq!(hms(Span::from_millis(59_999)), "00:00:59");
        assert_eq!(hms(Span::from_millis(123 * 3_600_000 + 61_000)), "123:01:01");
        assert_eq!(hmsu(Span::from_micros(206_999)), "00:00:00:206000");
        assert_eq!(hmsu(Span::from_millis(3_661_007)), "01:01:01:007000");
    }

    /// outputs.md §1.1: `TZ` honoured. The system's own `date` is the judge.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_local_offset_is_the_system_s() {
        let date =
            std::process::Command::new("date").args(["-d", "@1795305019", "+%FT%T.000000%:z"]).output();
        let date = String::from_utf8(date.unwrap().stdout).unwrap();
        let micros = 1_795_305_019_000_000;
        let ours = rfc3339(micros, local_utc_offset(micros));
        assert_eq!(ours.replace('Z', "+00:00"), date.trim_end());
    }
}
