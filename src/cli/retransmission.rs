//! Help group "Retransmission and timeouts".
//! Spec: cli.md §4.8. What follows from a timer is the engine's, what from `-timeout` the run's.

use super::opt::{Group, Opt, Pass, Value};
use super::options::RepeatCheck;
use super::refusal::Refusal;
use super::value::Unit;

pub const GROUP: Group = Group {
    title: "Retransmission and timeouts",
    options: &[
        RECV_TIMEOUT,
        SEND_TIMEOUT,
        TIMEOUT,
        TIMEOUT_ERROR,
        NR,
        MAX_RETRANS,
        MAX_INVITE_RETRANS,
        MAX_NON_INVITE_RETRANS,
        T2,
        RTCHECK,
        LOST,
    ],
};

const RECV_TIMEOUT: Opt = Opt {
    name: "recv_timeout",
    value: Value::Time(Unit::Ms),
    default: "0",
    help: "Fail a call that waits longer for a message, in ms",
    more: "For each <recv> without a timeout of its own; its ontimeout label is taken if it has one. 0 is for ever.",
    spec: "cli.md §4.8",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.call.recv_timeout_ms = ms)),
};

const SEND_TIMEOUT: Opt = Opt {
    name: "send_timeout",
    value: Value::Time(Unit::Ms),
    default: "0",
    help: "Fail a call whose connection takes no more for longer, in ms",
    more: "For each <send> without a timeout of its own. It matters when the peer does not read; SIPp never reaches it. 0 is for ever.",
    spec: "cli.md §4.8",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.call.send_timeout_ms = ms)),
};

const TIMEOUT: Opt = Opt {
    name: "timeout",
    value: Value::Time(Unit::S),
    default: "0",
    help: "End the test after this time, in seconds or with a unit",
    more: "Open calls are aborted and count as failed. 0 is never. Fractions of a second count, which SIPp cuts off.",
    spec: "cli.md §4.8, §8.4",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.run.timeout_ms = ms)),
};

const TIMEOUT_ERROR: Opt = Opt {
    name: "timeout_error",
    value: Value::Flag,
    default: "",
    help: "Reaching -timeout is a fatal error (exit status 255)",
    more: "",
    spec: "cli.md §4.8",
    pass: Pass::Options(|options, _| {
        options.run.timeout_is_error = true;
        Ok(())
    }),
};

const NR: Opt = Opt {
    name: "nr",
    value: Value::Flag,
    default: "",
    help: "No retransmission over UDP",
    more: "Retransmissions of the other side are not recognised either.",
    spec: "cli.md §4.8",
    pass: Pass::Options(|options, _| {
        options.retransmission.enabled = false;
        Ok(())
    }),
};

const MAX_RETRANS: Opt = Opt {
    name: "max_retrans",
    value: Value::Integer("TIMES"),
    default: "9",
    help: "Most UDP retransmissions of any message",
    more: "The smaller of this and the next two counts.",
    spec: "cli.md §4.8",
    pass: Pass::Options(|options, given| given.int().map(|times| options.retransmission.max = times.into())),
};

const MAX_INVITE_RETRANS: Opt = Opt {
    name: "max_invite_retrans",
    value: Value::Integer("TIMES"),
    default: "5",
    help: "Most UDP retransmissions of an INVITE",
    more: "",
    spec: "cli.md §4.8",
    pass: Pass::Options(|options, given| {
        given.int().map(|times| options.retransmission.max_invite = times.into())
    }),
};

const MAX_NON_INVITE_RETRANS: Opt = Opt {
    name: "max_non_invite_retrans",
    value: Value::Integer("TIMES"),
    default: "9",
    help: "Most UDP retransmissions of any other message",
    more: "",
    spec: "cli.md §4.8",
    pass: Pass::Options(|options, given| {
        given.int().map(|times| options.retransmission.max_non_invite = times.into())
    }),
};

const T2: Opt = Opt {
    name: "T2",
    value: Value::Time(Unit::Ms),
    default: "4000",
    help: "Longest time between retransmissions of a request other than INVITE",
    more: "The time doubles from one to the next until then. In ms or with a unit.",
    spec: "cli.md §4.8",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.retransmission.t2_ms = ms)),
};

const RTCHECK: Opt = Opt {
    name: "rtcheck",
    value: Value::Text("HOW"),
    default: "full",
    help: "What makes a received message a repeat: full or loose",
    more: "full: every byte is the same. loose: To, From, Call-ID and CSeq are, and of a response its first line and body \
           too; so a repeat with another branch is still one.",
    spec: "cli.md §4.8; runtime.md §8",
    pass: Pass::Options(|options, given| {
        options.retransmission.check = match given.text()? {
            "full" => RepeatCheck::Full,
            "loose" => RepeatCheck::Loose,
            other => return Err(Refusal::UnknownRepeatCheck(other.to_owned())),
        };
        Ok(())
    }),
};

const LOST: Opt = Opt {
    name: "lost",
    value: Value::Float("PERCENT"),
    default: "0",
    help: "Drop so many of the messages sent and received, in percent, on purpose",
    more: "For each step without a lost attribute of its own. A lost message counts as sent, and its timers run.",
    spec: "cli.md §4.3; runtime.md §17",
    pass: Pass::Options(|options, given| given.float().map(|percent| options.call.lost_percent = percent)),
};

#[cfg(test)]
mod tests {
    use super::super::options::{RepeatCheck, Retransmission};
    use super::super::tests::{options, refused};

    /// cli.md §4.8; ours: SIPp cuts down to whole seconds, so 500ms would be never.
    #[test]
    fn timeout_is_in_seconds_and_keeps_fractions() {
        for (value, ms) in [("10", 10_000), ("500ms", 500), ("1.5", 1500), ("2m", 120_000), ("0", 0)] {
            assert_eq!(options(&format!("-timeout {value}")).run.timeout_ms, ms, "{value}");
        }
        assert_eq!(refused("-timeout -1"), r#"-timeout, "-1" is not a valid time!"#);
        let clock = "-timeout, \"1:30\" mm:ss not implemented yet!\n\
                     Write it with a unit: 500ms, 90s, 1.5m, 2h";
        assert_eq!(refused("-timeout 1:30"), clock);
    }

    /// cli.md §4.8.
    #[test]
    fn timeout_error_does_not_set_a_timeout() {
        let run = options("-timeout_error -timeout_error").run;
        assert_eq!((run.timeout_is_error, run.timeout_ms), (true, 0));
    }

    /// cli.md §4.8.
    #[test]
    fn the_caps_are_stored_one_by_one() {
        let stored = options("-nr -T2 1s -max_retrans 3 -max_invite_retrans -1 -max_non_invite_retrans 010");
        let wanted = Retransmission {
            enabled: false,
            t2_ms: 1000,
            max: 3,
            max_invite: -1,
            max_non_invite: 8,
            check: RepeatCheck::Full,
        };
        assert_eq!(stored.retransmission, wanted);
        assert_eq!(refused("-max_retrans many"), r#"-max_retrans, "many" is not a valid integer!"#);
    }

    /// cli.md §4.8.
    #[test]
    fn rtcheck_is_full_or_loose() {
        assert_eq!(options("-rtcheck loose").retransmission.check, RepeatCheck::Loose);
        assert_eq!(options("-rtcheck loose -rtcheck full").retransmission.check, RepeatCheck::Full);
        for other in ["Loose", "tight", ""] {
            let sentence = format!("Unknown retransmission detection method: {other}");
            assert_eq!(refused(&format!("-rtcheck {other}")), sentence);
        }
    }

    /// cli.md §2: "percent" values are plain floats.
    #[test]
    fn lost_is_a_number_without_a_percent_sign() {
        assert_eq!(options("-lost 2.5").call.lost_percent, 2.5);
        assert_eq!(refused("-lost 5%"), r#"-lost, "5%" is not a floating point number!"#);
    }

    /// cli.md §4.8.
    #[test]
    fn send_timeout_is_in_milliseconds() {
        assert_eq!(options("-send_timeout 5s").call.send_timeout_ms, 5_000);
        assert_eq!(refused("-send_timeout soon"), r#"-send_timeout, "soon" is not a valid time!"#);
    }

    /// cli.md §4.8: the unit differs from `-timeout`.
    #[test]
    fn recv_timeout_is_in_milliseconds() {
        assert_eq!(options("-recv_timeout 1500").call.recv_timeout_ms, 1500);
    }
}
