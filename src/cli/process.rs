//! Help group "Process": background, standard input, timers.
//! Spec: cli.md §4.3, §4.10, §10. Must not fork: the run does.

use super::opt::{Group, Opt, Pass, Value};
use super::value::Unit;

pub const GROUP: Group = Group { title: "Process", options: &[BG, NOSTDIN, SLEEP, SKIP_RLIMIT, TIMER_RESOL] };

const BG: Opt = Opt {
    name: "bg",
    value: Value::Flag,
    default: "",
    help: "Go on in the background: print the process id and exit with 99",
    more: "Mistakes in options and scenario are still shown; use -trace_err for what comes later.",
    spec: "cli.md §10.4",
    pass: Pass::Options(|options, _| {
        options.run.background = true;
        Ok(())
    }),
};

const NOSTDIN: Opt = Opt {
    name: "nostdin",
    value: Value::Flag,
    default: "",
    help: "Do not touch standard input: no keys",
    more: "Keys are only read when standard output is a terminal.",
    spec: "cli.md §10.3",
    pass: Pass::Options(|options, _| {
        options.run.nostdin = true;
        Ok(())
    }),
};

const SLEEP: Opt = Opt {
    name: "sleep",
    value: Value::Time(Unit::S),
    default: "0",
    help: "Wait before opening sockets, in seconds or with a unit",
    more: "Options and files are checked first, so their mistakes are shown at once. -timeout begins afterwards.",
    spec: "cli.md §4.3",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.run.sleep_ms = ms)),
};

const SKIP_RLIMIT: Opt = Opt {
    name: "skip_rlimit",
    value: Value::Flag,
    default: "",
    help: "Do not look at the limit of open files (ulimit -n)",
    more: "Otherwise it is raised as far as the test needs and the system allows, and the test is refused if that is not \
           enough.",
    spec: "cli.md §4.3",
    pass: Pass::Options(|options, _| {
        options.run.skip_rlimit = true;
        Ok(())
    }),
};

const TIMER_RESOL: Opt = Opt {
    name: "timer_resol",
    value: Value::Time(Unit::Ms),
    default: "1",
    help: "Accepted as SIPp's resolution of timers; here they are always exact to 1 ms",
    more: "In ms or with a unit.",
    spec: "cli.md §4.10",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.run.timer_resolution_ms = ms)),
};

#[cfg(test)]
mod tests {
    use super::super::options::RunOptions;
    use super::super::tests::options;

    /// cli.md §4.3, §4.10.
    #[test]
    fn switches_of_the_process_are_stored() {
        let wanted =
            RunOptions { background: true, nostdin: true, timer_resolution_ms: 10, ..RunOptions::default() };
        assert_eq!(options("-bg -nostdin --nostdin -timer_resol 10").run, wanted);
        assert!(options("-skip_rlimit").run.skip_rlimit);
    }

    /// cli.md §4.3.
    #[test]
    fn sleep_is_in_seconds_unless_it_has_a_unit() {
        for (typed, ms) in [("2", 2_000), ("1.5", 1_500), ("20ms", 20), ("1m", 60_000)] {
            assert_eq!(options(&format!("-sleep {typed}")).run.sleep_ms, ms, "{typed}");
        }
    }
}
