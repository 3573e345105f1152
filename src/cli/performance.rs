//! Help group "Performance and watchdog": turns of the worker, and when it is too late too often.
//! Spec: cli.md §4.10, §16. Must not measure anything: `worker` does.

use super::opt::{Group, Opt, Pass, Value};
use super::value::Unit;

pub const GROUP: Group = Group {
    title: "Performance and watchdog",
    options: &[
        MAX_RECV_LOOPS,
        MAX_SCHED_LOOPS,
        WORKERS,
        WATCHDOG_INTERVAL,
        WATCHDOG_RESET,
        WATCHDOG_MINOR_THRESHOLD,
        WATCHDOG_MAJOR_THRESHOLD,
        WATCHDOG_MINOR_MAXTRIGGERS,
        WATCHDOG_MAJOR_MAXTRIGGERS,
    ],
};

const MAX_RECV_LOOPS: Opt = Opt {
    name: "max_recv_loops",
    value: Value::Integer("MESSAGES"),
    default: "1000",
    help: "Messages received before timers get their turn",
    more: "Rounded up to whole batches of 64.",
    spec: "cli.md §4.10",
    pass: Pass::Options(|options, given| match u32::try_from(given.int()?) {
        Ok(messages) if messages > 0 => {
            options.run.max_recv_loops = messages;
            Ok(())
        }
        _ => Err(given.out_of_range("at least one message must be received at a time")),
    }),
};

const MAX_SCHED_LOOPS: Opt = Opt {
    name: "max_sched_loops",
    value: Value::Integer("STEPS"),
    default: "1000",
    help: "Steps that a call may run without waiting before others get their turn",
    more: "Less than 1 is 1.",
    spec: "cli.md §4.10",
    pass: Pass::Options(|options, given| {
        given.int().map(|steps| options.run.max_sched_loops = u32::try_from(steps.max(1)).unwrap_or(1))
    }),
};

/// As many threads as processors are of use; beyond this it is a mistake.
const MOST_WORKERS: u32 = 1_024;

const WORKERS: Opt = Opt {
    name: "workers",
    value: Value::Integer("N"),
    default: "1",
    help: "Threads that the calls are shared out to (ours)",
    more: "Each has a socket, timers and counters of its own, and all that is reported is their sum. A client's workers have a port each, \
           from -p upwards; a server's share one. Not more than there are calls (-m), users or places (-l) for.",
    spec: "ours",
    pass: Pass::Options(|options, given| match u32::try_from(given.int()?) {
        Ok(workers @ 1..=MOST_WORKERS) => {
            options.run.workers = workers;
            Ok(())
        }
        _ => Err(given.out_of_range("from 1 to 1024")),
    }),
};

const WATCHDOG_INTERVAL: Opt = Opt {
    name: "watchdog_interval",
    value: Value::Time(Unit::Ms),
    default: "400",
    help: "How often the watchdog looks whether the program still gets its turn; 0 is never",
    more: "Time since it looked last that is above one of the thresholds is a trip: a warning, and the end of the test \
           (exit status 255) when there are too many. In ms or with a unit.",
    spec: "cli.md §16",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.run.watchdog.interval_ms = ms)),
};

const WATCHDOG_RESET: Opt = Opt {
    name: "watchdog_reset",
    value: Value::Time(Unit::Ms),
    default: "600000",
    help: "Time without a trip after which the trips are forgotten; 0 is never",
    more: "In ms or with a unit.",
    spec: "cli.md §16",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.run.watchdog.reset_ms = ms)),
};

const WATCHDOG_MINOR_THRESHOLD: Opt = Opt {
    name: "watchdog_minor_threshold",
    value: Value::Time(Unit::Ms),
    default: "500",
    help: "More than this between two looks is a minor trip",
    more: "In ms or with a unit.",
    spec: "cli.md §16",
    pass: Pass::Options(|options, given| {
        given.millis().map(|ms| options.run.watchdog.minor_threshold_ms = ms)
    }),
};

const WATCHDOG_MAJOR_THRESHOLD: Opt = Opt {
    name: "watchdog_major_threshold",
    value: Value::Time(Unit::Ms),
    default: "3000",
    help: "More than this between two looks is a major trip",
    more: "In ms or with a unit.",
    spec: "cli.md §16",
    pass: Pass::Options(|options, given| {
        given.millis().map(|ms| options.run.watchdog.major_threshold_ms = ms)
    }),
};

const WATCHDOG_MINOR_MAXTRIGGERS: Opt = Opt {
    name: "watchdog_minor_maxtriggers",
    value: Value::Integer("TRIPS"),
    default: "120",
    help: "Minor trips that are allowed; -1 is any number",
    more: "",
    spec: "cli.md §16",
    pass: Pass::Options(|options, given| {
        given.int().map(|most| options.run.watchdog.minor_maxtriggers = most)
    }),
};

const WATCHDOG_MAJOR_MAXTRIGGERS: Opt = Opt {
    name: "watchdog_major_maxtriggers",
    value: Value::Integer("TRIPS"),
    default: "10",
    help: "Major trips that are allowed; -1 is any number",
    more: "",
    spec: "cli.md §16",
    pass: Pass::Options(|options, given| {
        given.int().map(|most| options.run.watchdog.major_maxtriggers = most)
    }),
};

#[cfg(test)]
mod tests {
    use super::super::options::Watchdog;
    use super::super::tests::{options, refused};

    /// cli.md §4.10, Bug: SIPp spins at 0.
    #[test]
    fn at_least_one_message_is_received_at_a_time() {
        assert_eq!(options("-max_recv_loops 64").run.max_recv_loops, 64);
        for value in ["0", "-1", ""] {
            let sentence =
                format!("-max_recv_loops, \"{value}\": at least one message must be received at a time");
            assert_eq!(refused(&format!("-max_recv_loops {value}")), sentence);
        }
    }

    /// cli.md §4.10.
    #[test]
    fn fewer_steps_than_1_are_1() {
        for (value, steps) in [("7", 7), ("1", 1), ("0", 1), ("-5", 1)] {
            assert_eq!(options(&format!("-max_sched_loops {value}")).run.max_sched_loops, steps);
        }
    }

    /// cli.md §4.10, §16.
    #[test]
    fn the_watchdog_has_six_settings() {
        let line = "-watchdog_interval 1s -watchdog_reset 10m -watchdog_minor_threshold 0.5s \
                    -watchdog_major_threshold 2000 -watchdog_minor_maxtriggers -1 -watchdog_major_maxtriggers 0";
        let wanted = Watchdog {
            interval_ms: 1_000,
            reset_ms: 600_000,
            minor_threshold_ms: 500,
            major_threshold_ms: 2_000,
            minor_maxtriggers: -1,
            major_maxtriggers: 0,
        };
        assert_eq!(options(line).run.watchdog, wanted);
        assert_eq!(options("-watchdog_interval 0").run.watchdog.interval_ms, 0);
        assert_eq!(refused("-watchdog_reset -1"), "-watchdog_reset, \"-1\" is not a valid time!");
    }
}
