//! `[timestamp]` and `[date]`.
//! Spec: keywords.md §6.4. In: the wall clock and the tick of rendering. Out: digits and English names. Must
//! not read a clock and must not depend on the locale.

use chrono::{DateTime, Datelike, FixedOffset, Timelike, Utc};

use crate::clock::{Tick, WallClock};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Local `YYYY-MM-DD` TAB `HH:MM:SS.uuuuuu` TAB seconds since the epoch with microseconds.
pub(super) fn append_timestamp(wall: WallClock, now: Tick, out: &mut Vec<u8>) {
    let Some(local) = local(wall, now) else { return };
    let epoch_micros = wall.epoch_micros(now);
    day(out, &local);
    out.push(b'\t');
    time_of_day(out, &local);
    out.push(b'.');
    digits(out, epoch_micros.rem_euclid(1_000_000), 6);
    out.push(b'\t');
    digits(out, epoch_micros.div_euclid(1_000_000), 1);
    out.push(b'.');
    digits(out, epoch_micros.rem_euclid(1_000_000), 6);
}

/// The same with `-rfc3339`: `YYYY-MM-DDTHH:MM:SS.uuuuuu`, then `Z` or `±HH:MM`.
pub(super) fn append_rfc3339(wall: WallClock, now: Tick, out: &mut Vec<u8>) {
    let Some(local) = local(wall, now) else { return };
    day(out, &local);
    out.push(b'T');
    time_of_day(out, &local);
    out.push(b'.');
    digits(out, wall.epoch_micros(now).rem_euclid(1_000_000), 6);
    let minutes = i64::from(wall.utc_offset_seconds.unsigned_abs() / 60);
    match wall.utc_offset_seconds {
        0 => return out.push(b'Z'),
        ..0 => out.push(b'-'),
        1.. => out.push(b'+'),
    }
    digits(out, minutes / 60, 2);
    out.push(b':');
    digits(out, minutes % 60, 2);
}

/// Both are sound for any clock of this world; an absurd one prints nothing.
fn local(wall: WallClock, now: Tick) -> Option<DateTime<FixedOffset>> {
    let zone = FixedOffset::east_opt(wall.utc_offset_seconds)?;
    Some(DateTime::<Utc>::from_timestamp_micros(wall.epoch_micros(now))?.with_timezone(&zone))
}

fn day(out: &mut Vec<u8>, date: &impl Datelike) {
    digits(out, i64::from(date.year()), 4);
    out.push(b'-');
    digits(out, date.month().into(), 2);
    out.push(b'-');
    digits(out, date.day().into(), 2);
}

/// UTC, as an RFC 3261 `Date` header has it.
pub(super) fn append_date(wall: WallClock, now: Tick, out: &mut Vec<u8>) {
    let Some(utc) = DateTime::<Utc>::from_timestamp_micros(wall.epoch_micros(now)) else { return };
    out.extend(DAYS.get(utc.weekday().num_days_from_monday() as usize).unwrap_or(&"").bytes());
    out.extend_from_slice(b", ");
    digits(out, utc.day().into(), 2);
    out.push(b' ');
    out.extend(MONTHS.get(utc.month0() as usize).unwrap_or(&"").bytes());
    out.push(b' ');
    digits(out, i64::from(utc.year()), 4);
    out.push(b' ');
    time_of_day(out, &utc);
    out.extend_from_slice(b" GMT");
}

fn time_of_day(out: &mut Vec<u8>, time: &impl Timelike) {
    digits(out, time.hour().into(), 2);
    out.push(b':');
    digits(out, time.minute().into(), 2);
    out.push(b':');
    digits(out, time.second().into(), 2);
}

/// At least `width` digits, with leading zeros.
fn digits(out: &mut Vec<u8>, number: i64, width: usize) {
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(number).as_bytes();
    out.extend(std::iter::repeat_n(b'0', width.saturating_sub(text.len())));
    out.extend_from_slice(text);
}
