//! The process's exit statuses, one enum with the section of the spec that decides each.
//! Spec: cli.md §9. Must not decide which one applies: that is the run's business.

use std::process::ExitCode;

/// How the process ends (cli.md §9). Several outcomes share a number, as scripts know them from SIPp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: every call succeeded, or there was none (cli.md §9).
    Success,
    /// 1: the test ran to its end and at least one call failed (cli.md §9).
    CallsFailed,
    /// 1: a threshold was not held (ours: `-expect`, `-fail_on_lag`).
    ThresholdMissed,
    /// 1: refused before anything was sent: command line, scenario, trace file (cli.md §6 steps 1–8, §9).
    Refused,
    /// 97: `-timeout` passed with no call successful and none failed (cli.md §8.4, §9).
    TimedOut,
    /// 97: `<exec int_cmd="stop_now"/>` (cli.md §8.5, §9).
    StoppedNow,
    /// 99: help, version or a built-in scenario was asked for; the parent of `-bg` (cli.md §1.3, §10.4).
    Asked,
    /// 254: a port or address is taken (cli.md §9).
    PortTaken,
    /// 255: any other fatal error after the checks (cli.md §6 step 9, §9).
    Fatal,
}

impl Exit {
    /// All of them, in the order of their numbers.
    pub const ALL: [Exit; 9] = [
        Exit::Success,
        Exit::CallsFailed,
        Exit::ThresholdMissed,
        Exit::Refused,
        Exit::TimedOut,
        Exit::StoppedNow,
        Exit::Asked,
        Exit::PortTaken,
        Exit::Fatal,
    ];

    /// The number the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::CallsFailed | Exit::ThresholdMissed | Exit::Refused => 1,
            Exit::TimedOut | Exit::StoppedNow => 97,
            Exit::Asked => 99,
            Exit::PortTaken => 254,
            Exit::Fatal => 255,
        }
    }

    /// What the number means, for the help.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Success => "all calls succeeded, or there was none",
            Exit::CallsFailed => "at least one call failed",
            Exit::ThresholdMissed => "a threshold of -expect or -fail_on_lag was not held",
            Exit::Refused => "command line, scenario or trace file refused, nothing was sent",
            Exit::TimedOut => "-timeout passed, no call succeeded and none failed",
            Exit::StoppedNow => "stopped by <exec int_cmd=\"stop_now\"/>",
            Exit::Asked => "help, version or scenario printed; test continues in the background (-bg)",
            Exit::PortTaken => "a local port is taken",
            Exit::Fatal => "any other fatal error during the test",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cli.md §9.
    #[test]
    fn the_statuses_are_the_numbers_that_scripts_know() {
        assert_eq!(Exit::ALL.map(Exit::code), [0, 1, 1, 1, 97, 97, 99, 254, 255]);
    }
}
