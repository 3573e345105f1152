//! Help group "Call rate": how many calls, and when.
//! Spec: cli.md §4.7, §12. What the numbers mean is the pacer's.

use super::opt::{Group, Opt, Pass, Value};
use super::options::Limit;
use super::refusal::Refusal;
use super::value::Unit;

pub const GROUP: Group = Group { title: "Call rate", options: &[R, RP, M, L, USERS] };

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

    /// cli.md §1.2; the last was tried with sipp 3.6.1.
    #[test]
    fn l_after_users_is_refused_and_users_after_l_wins() {
        let load = options("-l 5 -users 3").load;
        assert_eq!((load.users, load.limit), (Some(3), None));
        assert_eq!(refused("-users 0 -l 5"), "Can not set open call limit (-l) when -users is specified.");
        assert_eq!(options("-users -1 -l 5").load.limit, Some(Limit::Calls(5)));
    }
}
