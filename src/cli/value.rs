//! The form in which times are written on the command line.
//! Spec: cli.md §2. In: text. Out: milliseconds, or what is wrong with the text. Must not know options.

use crate::number::float_prefix;

/// The unit of a time that is written without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
}

impl Unit {
    fn in_ms(self) -> f64 {
        match self {
            Unit::Ms => 1.0,
            Unit::S => 1000.0,
        }
    }
}

/// Why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFault {
    /// Not a number with a unit.
    NotTime,
    /// Colons; holds the form it looks like, `mm:ss` or `hh:mm:ss`.
    Clock(&'static str),
}

/// A time in whole milliseconds (fractions are cut off): a number that starts with a digit, then `ms`, `s`,
/// `m`, `h` or nothing for `unit`.
pub fn time(text: &str, unit: Unit) -> Result<u64, TimeFault> {
    let (number, suffix) = match float_prefix(text) {
        Some(read) if text.starts_with(|c: char| c.is_ascii_digit()) => read,
        _ => return Err(TimeFault::NotTime),
    };
    let factor = match suffix {
        "" => unit.in_ms(),
        "ms" => 1.0,
        "s" => 1000.0,
        "m" => 60_000.0,
        "h" => 3_600_000.0,
        _ if suffix.starts_with(':') => {
            return Err(match suffix.matches(':').count() {
                1 => TimeFault::Clock("mm:ss"),
                2 => TimeFault::Clock("hh:mm:ss"),
                _ => TimeFault::NotTime,
            });
        }
        _ => return Err(TimeFault::NotTime),
    };
    // `as` cuts the fraction off and stays in range.
    Ok((number * factor) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cli.md §2.
    #[test]
    fn a_time_has_a_unit_or_takes_the_default_and_loses_its_fraction() {
        for (text, ms) in
            [("1.5s", 1500), ("2m", 120_000), ("1h", 3_600_000), ("1e3", 1000), ("0x10", 16), ("1.9ms", 1)]
        {
            assert_eq!(time(text, Unit::Ms), Ok(ms), "{text:?}");
        }
        assert_eq!(time("2", Unit::S), Ok(2000));
        assert_eq!(time("0.5", Unit::S), Ok(500));
        assert_eq!(time("500ms", Unit::S), Ok(500));
        assert_eq!(time("1e99h", Unit::S), Ok(u64::MAX));
    }

    /// cli.md §2; the last five were tried with sipp 3.6.1.
    #[test]
    fn what_does_not_start_with_a_digit_or_has_another_unit_is_no_time() {
        for text in
            ["", "-5", ".5s", "+1", " 5", "5 s", "5S", "5q", "1:2:3:4", "1ms2", "1e", "0x", "1.5.5", "5 "]
        {
            assert_eq!(time(text, Unit::Ms), Err(TimeFault::NotTime), "{text:?}");
        }
        assert_eq!(time("1:30", Unit::Ms), Err(TimeFault::Clock("mm:ss")));
        assert_eq!(time("5:", Unit::Ms), Err(TimeFault::Clock("mm:ss")));
        assert_eq!(time("1:2:3", Unit::Ms), Err(TimeFault::Clock("hh:mm:ss")));
    }
}
