//! Numbers for people: short, with their unit, and the round ones for axes.
//! Must not know what they count.

/// A value of any size, three significant digits, thousands apart.
pub fn value(number: f64) -> String {
    let decimals = match number.abs() {
        0.0 => 0,
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    let text = format!("{number:.decimals$}");
    if decimals == 0 {
        return whole(number.round() as u64);
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A count, thousands apart.
pub fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            // Narrow, and never a line's end.
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// ms, or seconds when there are many.
pub fn millis(ms: f64) -> String {
    if ms >= 10_000.0 { format!("{} s", value(ms / 1_000.0)) } else { format!("{} ms", value(ms)) }
}

/// A share in percent: never 0 % or 100 % unless it is.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0 %".to_owned();
    }
    let share = 100.0 * part as f64 / whole as f64;
    match share {
        _ if part == 0 || part == whole => format!("{share:.0} %"),
        ..0.01 => "< 0.01 %".to_owned(),
        99.99.. => "> 99.99 %".to_owned(),
        _ => format!("{} %", value(share)),
    }
}

/// A length of time in words: `2.3 s`, `4 min 05 s`, `3 h 02 min`.
pub fn length(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{} s", value(seconds)),
        60..3_600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3_600, whole % 3_600 / 60),
    }
}

/// A moment of the run: `after 12 s`.
pub fn moment(seconds: f64) -> String {
    format!("after {}", length(seconds))
}

/// From 0 to at least `most`, about so many steps, each 1, 2 or 5 times a power of ten.
pub fn ticks(most: f64, about: usize) -> Vec<f64> {
    let raw = most / about as f64;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= raw * 0.999);
    let step = step.unwrap_or(power * 10.0);
    let count = (most / step - 1e-9).ceil().max(1.0) as usize;
    (0..=count).map(|index| index as f64 * step).collect()
}

/// Unit of the time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// `12`
    Seconds,
    /// `4:30`
    Minutes,
    /// `3:05`
    Hours,
}

impl TimeUnit {
    /// For the axis.
    pub fn name(self) -> &'static str {
        match self {
            TimeUnit::Seconds => "s",
            TimeUnit::Minutes => "min:s",
            TimeUnit::Hours => "h:min",
        }
    }
}

/// Seconds from mark to mark on a time axis that ends there.
pub fn time_ticks(end_s: f64) -> (f64, TimeUnit) {
    const STEPS: [f64; 12] =
        [15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 43_200.0];
    if end_s <= 120.0 {
        let step = ticks(end_s, 6).get(1).copied().unwrap_or(1.0);
        return (step, TimeUnit::Seconds);
    }
    let step = STEPS.into_iter().find(|step| end_s / step <= 7.0).unwrap_or(86_400.0);
    (step, if end_s <= 7_200.0 { TimeUnit::Minutes } else { TimeUnit::Hours })
}

/// A mark of the time axis.
pub fn time_label(at_s: f64, unit: TimeUnit) -> String {
    let whole = at_s.round() as u64;
    match unit {
        TimeUnit::Seconds => value(at_s),
        TimeUnit::Minutes => format!("{}:{:02}", whole / 60, whole % 60),
        TimeUnit::Hours => format!("{}:{:02}", whole / 3_600, whole % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_thousands_stand_apart() {
        let shown: Vec<String> = [0.0, 0.25, 1.5, 12.34, 123.4, 12_345.6].map(value).into();
        assert_eq!(shown, ["0", "0.25", "1.5", "12.3", "123", "12\u{202f}346"]);
        assert_eq!((whole(999), whole(1_000_000)), ("999".to_owned(), "1\u{202f}000\u{202f}000".to_owned()));
    }

    #[test]
    fn a_share_is_never_nothing_or_everything_unless_it_is() {
        assert_eq!(percent(0, 5), "0 %");
        assert_eq!(percent(5, 5), "100 %");
        assert_eq!(percent(1, 1_000_000), "< 0.01 %");
        assert_eq!(percent(999_999, 1_000_000), "> 99.99 %");
        assert_eq!(percent(1, 3), "33.3 %");
    }

    #[test]
    fn ticks_are_round_and_reach_the_largest_value() {
        assert_eq!(ticks(9.3, 5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(1_000.0, 5), [0.0, 200.0, 400.0, 600.0, 800.0, 1_000.0]);
        assert_eq!(ticks(0.03, 5), [0.0, 0.01, 0.02, 0.03]);
    }

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        assert_eq!([2.31, 245.0, 10_921.0].map(length), ["2.31 s", "4 min 05 s", "3 h 02 min"]);
        assert_eq!(time_ticks(2.0).1, TimeUnit::Seconds);
        assert_eq!(time_ticks(600.0), (120.0, TimeUnit::Minutes));
        assert_eq!(time_label(90.0, TimeUnit::Minutes), "1:30");
    }
}
