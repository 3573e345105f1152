//! Help group "Call rate": how many calls, and when.
//! Spec: cli.md §4.7, §12. What the numbers mean is the pacer's.

use super::opt::{Group, Opt, Pass, Value};
use super::options::Limit;
use super::refusal::Refusal;
use super::value::Unit;

pub const GROUP: Group = Group {
    title: "Call rate",
    options: &[R, RP, M, L, USERS, RATE_SCALE, RATE_INCREASE, RATE_INTERVAL, RATE_MAX, NO_RATE_QUIT],
};

const R: Opt = Opt {
    name: "r",
    value: Value::Float("CALLS"),
    default: "10",
    help: "New calls per rate period (-rp)",
    more: "Fractions are allowed; a negative rate is 0.",
    spec: "cli.md §4.7",
    // `max` also makes a 0 of what is not a number.
    pass: Pass::Options(|options, given| given.float().map(|rate| options.load.rate = rate.max(0.0))),
};

const RP: Opt = Opt {
    name: "rp",
    value: Value::Time(Unit::Ms),
    default: "1000",
    help: "Rate period, in ms or with a unit",
    more: "-r 7 -rp 2000 makes 7 calls every 2 seconds.",
    spec: "cli.md §4.7",
    pass: Pass::Options(|options, given| match given.millis()? {
        0 => Err(given.out_of_range("the rate period must be at least 1 ms")),
        period => {
            options.load.period_ms = period;
            Ok(())
        }
    }),
};

const M: Opt = Opt {
    name: "m",
    value: Value::Integer("CALLS"),
    default: "",
    help: "Stop when this many calls were made and have ended [default: never]",
    more: "Incoming calls count as well. 0 ends at once, a negative number is no limit.",
    spec: "cli.md §4.7",
    pass: Pass::Options(|options, given| {
        given.integer().map(|calls| options.load.calls = u64::try_from(calls).ok())
    }),
};

const L: Opt = Opt {
    name: "l",
    value: Value::Integer("CALLS"),
    default: "",
    help: "Most calls open at a time [default: 3 s of calls, or more for long pauses]",
    more: "0 is no limit. Calls that the limit holds back are not made up for later. Must not follow -users.",
    spec: "cli.md §4.7",
    pass: Pass::Options(|options, given| {
        let limit = match u32::try_from(given.int()?) {
            Ok(calls) if calls > 0 => Limit::Calls(calls),
            _ => Limit::Unlimited,
        };
        if options.load.users.is_some() {
            return Err(Refusal::LimitAfterUsers);
        }
        options.load.limit = Some(limit);
        Ok(())
    }),
};

const USERS: Opt = Opt {
    name: "users",
    value: Value::Integer("USERS"),
    default: "",
    help: "Keep exactly this many calls open, instead of a rate",
    more: "A call that ends is replaced at once. Overrides -l, -r and -rp; a negative number means a rate.",
    spec: "cli.md §4.7",
    pass: Pass::Options(|options, given| {
        options.load.users = u32::try_from(given.int()?).ok();
        if options.load.users.is_some() {
            options.load.limit = None;
        }
        Ok(())
    }),
};

const RATE_SCALE: Opt = Opt {
    name: "rate_scale",
    value: Value::Float("CALLS"),
    default: "1",
    help: "What one step of the keys + and - is worth; * and / make ten",
    more: "In calls per rate period, or in users with -users. Fractions are allowed.",
    spec: "cli.md §4.7, §15",
    pass: Pass::Options(|options, given| given.float().map(|scale| options.load.rate_scale = scale)),
};

const RATE_INCREASE: Opt = Opt {
    name: "rate_increase",
    value: Value::Integer("CALLS"),
    default: "0",
    help: "Add so many calls per rate period every -rate_interval",
    more: "A negative number lowers the rate, down to 0. Without effect with -users.",
    spec: "cli.md §4.7; runtime.md §2.4",
    pass: Pass::Options(|options, given| given.int().map(|calls| options.load.rate_increase = calls)),
};

const RATE_INTERVAL: Opt = Opt {
    name: "rate_interval",
    value: Value::Time(Unit::S),
    default: "",
    help: "Time from one -rate_increase to the next, in seconds or with a unit [default: 60]",
    more: "Each increase starts a new schedule: the first call of the new rate is due one slot later. 0 is no increase.",
    spec: "cli.md §4.7; runtime.md §2.4",
    pass: Pass::Options(|options, given| {
        given.millis().map(|interval| options.load.rate_interval_ms = Some(interval))
    }),
};

const RATE_MAX: Opt = Opt {
    name: "rate_max",
    value: Value::Integer("CALLS"),
    default: "0",
    help: "Highest rate that -rate_increase leads to, 0 is none",
    more: "The increase that would go beyond it ends the test: no new calls, and those in progress end. \
           The rate is held at the maximum for one interval before.",
    spec: "cli.md §4.7; runtime.md §2.4",
    pass: Pass::Options(|options, given| match u32::try_from(given.int()?) {
        Ok(calls) => {
            options.load.rate_max = Some(calls).filter(|calls| *calls > 0);
            Ok(())
        }
        // SIPp lowers the rate to 0 and ends at the first interval.
        Err(_) => Err(given.out_of_range("the highest rate must be 0 (none) or more")),
    }),
};

const NO_RATE_QUIT: Opt = Opt {
    name: "no_rate_quit",
    value: Value::Flag,
    default: "",
    help: "Go on at -rate_max instead of ending the test",
    more: "",
    spec: "cli.md §4.7; runtime.md §2.4",
    pass: Pass::Options(|options, _| {
        options.load.rate_max_quits = false;
        Ok(())
    }),
};

#[cfg(test)]
mod tests {
    use super::super::options::Limit;
    use super::super::tests::{options, refused};

    /// cli.md §4.7.
    #[test]
    fn r_takes_fractions_the_last_one_wins_and_negative_is_zero() {
        assert_eq!(options("-r 5 -r 0.5").load.rate, 0.5);
        assert_eq!(options("--r -3").load.rate, 0.0);
        assert_eq!(options("-r nan").load.rate, 0.0);
        assert_eq!(options("-r inf").load.rate, f64::INFINITY);
        assert_eq!(refused("-r fast"), r#"-r, "fast" is not a floating point number!"#);
    }

    /// cli.md §2, Surprise; the spelling was tried with sipp 3.6.1.
    #[test]
    fn a_value_is_the_next_word_whatever_it_looks_like() {
        assert_eq!(refused("-r -h"), r#"-r, "-h" is not a floating point number!"#);
        assert_eq!(refused("-r 1 --r fast"), r#"--r, "fast" is not a floating point number!"#);
        assert_eq!(options("-r  -m 1").load.rate, 0.0);
    }

    /// cli.md §4.7, Bug.
    #[test]
    fn a_rate_period_of_0_is_refused() {
        assert_eq!(options("-rp 2s").load.period_ms, 2000);
        assert_eq!(refused("-rp 0.5ms"), r#"-rp, "0.5ms": the rate period must be at least 1 ms"#);
    }

    /// cli.md §4.7.
    #[test]
    fn m_is_no_limit_when_negative_and_ends_at_once_when_0() {
        assert_eq!(options("-m 1 -m -1").load.calls, None);
        assert_eq!(options("-m 0").load.calls, Some(0));
        assert_eq!(options("-m ").load.calls, Some(0));
        assert_eq!(options("-m 0x1000000000").load.calls, Some(1 << 36));
    }

    /// cli.md §4.7.
    #[test]
    fn l_is_no_limit_when_0_or_negative() {
        assert_eq!(options("-r 1").load.limit, None);
        assert_eq!(options("-l 7").load.limit, Some(Limit::Calls(7)));
        for line in ["-l 0", "-l -1"] {
            assert_eq!(options(line).load.limit, Some(Limit::Unlimited), "{line}");
        }
    }

    /// cli.md §4.7: `5.5` is no increase; the interval is in seconds.
    #[test]
    fn a_growing_rate_is_stored_step_interval_and_maximum_apart() {
        let load =
            options("-rate_increase -5 -rate_interval 1.5 -rate_max 0x10 -no_rate_quit -rate_scale 2.5").load;
        assert_eq!((load.rate_increase, load.rate_interval_ms), (-5, Some(1_500)));
        assert_eq!((load.rate_max, load.rate_max_quits, load.rate_scale), (Some(16), false, 2.5));
        assert_eq!(options("-rate_interval 200ms").load.rate_interval_ms, Some(200));
        assert_eq!(refused("-rate_increase 5.5"), r#"-rate_increase, "5.5" is not a valid integer!"#);
        assert_eq!(refused("-rate_scale x"), r#"-rate_scale, "x" is not a floating point number!"#);
    }

    /// Ours: sipp 3.6.1 takes -1 for a maximum, sets the rate to 0 and ends after the first interval.
    #[test]
    fn rate_max_is_none_when_0_and_refused_below() {
        assert_eq!(options("-rate_max 5 -rate_max 0").load.rate_max, None);
        assert_eq!(refused("-rate_max -1"), r#"-rate_max, "-1": the highest rate must be 0 (none) or more"#);
    }

    /// cli.md §1.2; the last was tried with sipp 3.6.1.
    #[test]
    fn l_after_users_is_refused_and_users_after_l_wins() {
        let load = options("-l 5 -users 3").load;
        assert_eq!((load.users, load.limit), (Some(3), None));
        assert_eq!(refused("-users 0 -l 5"), "Can not set open call limit (-l) when -users is specified.");
        assert_eq!(options("-users -1 -l 5").load.limit, Some(Limit::Calls(5)));
    }
}
