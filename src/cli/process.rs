//! Help group "Process": background, standard input, timers.
//! Spec: cli.md §4.3, §4.10, §10. Must not fork: the run does.

use super::opt::{Group, Opt, Pass, Value};
use super::value::Unit;

pub const GROUP: Group = Group { title: "Process", options: &[BG, NOSTDIN, TIMER_RESOL] };

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
    help: "Do not touch standard input",
    more: "This version never does.",
    spec: "cli.md §10.3",
    pass: Pass::Options(|options, _| {
        options.run.nostdin = true;
        Ok(())
    }),
};

const TIMER_RESOL: Opt = Opt {
    name: "timer_resol",
    value: Value::Time(Unit::Ms),
    default: "1",
    help: "Timer resolution shown on the screen, in ms or with a unit",
    more: "Timers are never coarser than 1 ms, whatever is asked for here.",
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
    }
}
