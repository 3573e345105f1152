//! Help group "Calls": how a single call behaves.
//! Spec: cli.md §4.4, §11. Must not know scenarios.

use super::opt::{Group, Opt, Pass, Value};
use super::options::{Behaviors, CallIdKind};
use super::refusal::Refusal;
use super::value::Unit;

pub const GROUP: Group = Group {
    title: "Calls",
    options: &[
        S,
        AU,
        AP,
        AUTH_URI,
        D,
        CID_TYPE,
        CID_STR,
        BASE_CSEQ,
        DEFAULT_BEHAVIORS,
        ND,
        AA,
        DEADCALL_WAIT,
        PAUSE_MSG_IGN,
        CALLID_SLASH_IGN,
    ],
};

const S: Opt = Opt {
    name: "s",
    value: Value::Text("USER"),
    default: "service",
    help: "[service], the user part of the called address",
    more: "",
    spec: "cli.md §4.4",
    pass: Pass::Options(|options, given| given.text().map(|text| options.call.service = text.to_owned())),
};

const AU: Opt = Opt {
    name: "au",
    value: Value::Text("USER"),
    default: "",
    help: "User name for [authentication]; the text of -s unless given",
    more: "May contain keywords, such as [field0]; a plain [ is \\x5b. username=… in the keyword comes first.",
    spec: "cli.md §4.4, auth.md §2",
    pass: Pass::Options(|options, given| {
        given.text().map(|text| options.call.auth_user = Some(text.to_owned()))
    }),
};

const AP: Opt = Opt {
    name: "ap",
    value: Value::Text("PASSWORD"),
    default: "",
    help: "Password for [authentication]; password unless given",
    more: "May contain keywords, and may be empty. password=… in the keyword comes first.",
    spec: "cli.md §4.4, auth.md §2",
    pass: Pass::Options(|options, given| {
        given.text().map(|text| options.call.auth_password = Some(text.to_owned()))
    }),
};

const AUTH_URI: Opt = Opt {
    name: "auth_uri",
    value: Value::Text("URI"),
    default: "",
    help: "URI of digest credentials, without sip:; else address and port of the target",
    more: "Also what <verifyauth> takes for the peer's URI.",
    spec: "cli.md §4.4, auth.md §3, §5",
    pass: Pass::Options(|options, given| {
        given.text().map(|text| options.call.auth_uri = Some(text.to_owned()))
    }),
};

const D: Opt = Opt {
    name: "d",
    value: Value::Time(Unit::Ms),
    default: "0",
    help: "Length of a <pause> without one, in ms or with a unit",
    more: "A long one also raises the default of -l.",
    spec: "cli.md §4.4",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.call.default_pause_ms = ms)),
};

const CID_TYPE: Opt = Opt {
    name: "cid_type",
    value: Value::Choice("KIND", || CallIdKind::NAMES.iter().map(|(name, _)| *name).collect()),
    default: "default",
    help: "Kind of the Call-ID of outgoing calls: default, uuid, uuid-compact, random, timestamp",
    more: "default is the text of -cid_str, which the others ignore; all end in @ and the local address. uuid-compact is \
           32 hex digits, random is the number of the call and 32 hex digits, timestamp is microseconds since 1970, \
           number of the call and process id. Other names: format and legacy for default, uuidcompact and uuid32 for \
           uuid-compact, random-hex for random, time for timestamp; in any letter case.",
    spec: "cli.md §4.4.1",
    pass: Pass::Options(|options, given| {
        let name = given.text()?;
        let kind = CallIdKind::named(name).ok_or_else(|| Refusal::UnknownCallIdKind(name.to_owned()))?;
        options.call.cid_type = kind;
        Ok(())
    }),
};

const CID_STR: Opt = Opt {
    name: "cid_str",
    value: Value::Text("TEXT"),
    default: "%u-%p@%s",
    help: "Call-ID of outgoing calls, with %u, %p, %s, %r and %%",
    more: "%u is the number of the call, %p the process id, %s the local address, %r a random number and %% a percent \
           sign. Without %u or %r all calls share one Call-ID.",
    spec: "cli.md §4.4.1",
    pass: Pass::Options(|options, given| given.text().map(|text| options.call.cid_str = text.to_owned())),
};

const BASE_CSEQ: Opt = Opt {
    name: "base_cseq",
    value: Value::Integer("NUMBER"),
    default: "1",
    help: "[cseq] of the first request of a call",
    more: "",
    spec: "cli.md §4.4",
    // A CSeq number has 32 bits and no sign.
    pass: Pass::Options(|options, given| given.int().map(|number| options.call.base_cseq = number as u32)),
};

const DEFAULT_BEHAVIORS: Opt = Opt {
    name: "default_behaviors",
    value: Value::Choice("LIST", || vec!["all", "none", "bye", "abortunexp", "pingreply", "cseq"]),
    default: "all",
    help: "What is done without being in the scenario: all, none, bye, abortunexp, pingreply, cseq",
    more: "Read from left to right, beginning with none of them; -NAME takes one away, so all,-bye is all but bye and \
           -bye is none. bye: end the dialog of an aborted call; abortunexp: an unexpected message fails the call; \
           pingreply: answer PING; cseq: check the CSeq number of ACK.",
    spec: "cli.md §11.1",
    pass: Pass::Options(|options, given| {
        given.text().and_then(behaviors).map(|behaviors| options.call.behaviors = behaviors)
    }),
};

const ND: Opt = Opt {
    name: "nd",
    value: Value::Flag,
    default: "",
    help: "The same as -default_behaviors none",
    more: "",
    spec: "cli.md §4.4",
    pass: Pass::Options(|options, _| {
        options.call.behaviors = Behaviors::NONE;
        Ok(())
    }),
};

const AA: Opt = Opt {
    name: "aa",
    value: Value::Flag,
    default: "",
    help: "Answer unexpected INFO, NOTIFY, OPTIONS and UPDATE with 200",
    more: "The call goes on as if nothing had come.",
    spec: "cli.md §11.2",
    pass: Pass::Options(|options, _| {
        options.call.auto_answer = true;
        Ok(())
    }),
};

const DEADCALL_WAIT: Opt = Opt {
    name: "deadcall_wait",
    value: Value::Time(Unit::Ms),
    default: "33000",
    help: "How long an ended call is remembered, in ms or with a unit",
    more: "A late message of a call that is remembered is counted and does not start another call. 0 is not at all.",
    spec: "cli.md §4.4",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.call.deadcall_wait_ms = ms)),
};

const PAUSE_MSG_IGN: Opt = Opt {
    name: "pause_msg_ign",
    value: Value::Flag,
    default: "",
    help: "Drop messages that come for a call in a <pause>",
    more: "They are not answered, not counted and not unexpected, not even a repeat or a BYE.",
    spec: "cli.md §4.4; runtime.md §7",
    pass: Pass::Options(|options, _| {
        options.call.drops_in_pauses = true;
        Ok(())
    }),
};

const CALLID_SLASH_IGN: Opt = Opt {
    name: "callid_slash_ign",
    value: Value::Flag,
    default: "",
    help: "Take /// in a received Call-ID for a part of it",
    more: "Without this a message belongs to the call whose Call-ID follows the first ///.",
    spec: "cli.md §4.4; runtime.md §6.2",
    pass: Pass::Options(|options, _| {
        options.call.keeps_slashes = true;
        Ok(())
    }),
};

/// Reads the list from left to right, starting with nothing; empty items say nothing.
fn behaviors(list: &str) -> Result<Behaviors, Refusal> {
    let mut set = Behaviors::NONE;
    for item in list.split(',').filter(|item| !item.is_empty()) {
        let (on, name) = match item.strip_prefix('-') {
            Some(name) => (false, name),
            None => (true, item.strip_prefix('+').unwrap_or(item)),
        };
        match name {
            "all" => set = if on { Behaviors::ALL } else { Behaviors::NONE },
            "bye" => set.bye = on,
            "abortunexp" => set.abort_unexpected = on,
            "pingreply" => set.ping_reply = on,
            "cseq" => set.cseq = on,
            _ if item == "none" => set = Behaviors::NONE,
            _ => return Err(Refusal::UnknownBehavior(item.to_owned())),
        }
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{options, refused};
    use super::*;

    /// cli.md §11.1.
    #[test]
    fn behaviors_start_from_nothing() {
        for (list, set) in [
            ("all", Behaviors::ALL),
            ("none", Behaviors::NONE),
            ("-bye", Behaviors::NONE),
            ("all,-bye", Behaviors { bye: false, ..Behaviors::ALL }),
            ("bye,+cseq", Behaviors { bye: true, cseq: true, ..Behaviors::NONE }),
            ("all,none,pingreply", Behaviors { ping_reply: true, ..Behaviors::NONE }),
            ("all,-all,abortunexp", Behaviors { abort_unexpected: true, ..Behaviors::NONE }),
            ("", Behaviors::NONE),
            (",bye,", Behaviors { bye: true, ..Behaviors::NONE }),
        ] {
            assert_eq!(options(&format!("-default_behaviors {list}")).call.behaviors, set, "{list}");
        }
    }

    /// cli.md §4.4.1.
    #[test]
    fn cid_type_has_several_names_in_any_letter_case() {
        for (typed, kind) in [
            ("default", CallIdKind::Template),
            ("Legacy", CallIdKind::Template),
            ("UUID", CallIdKind::Uuid),
            ("uuid32", CallIdKind::UuidCompact),
            ("random-hex", CallIdKind::Random),
            ("time", CallIdKind::Timestamp),
        ] {
            assert_eq!(options(&format!("-cid_type {typed}")).call.cid_type, kind, "{typed}");
        }
        let sentence = "Unknown Call-ID mode 'uid'. Use default, uuid, uuid-compact, random or timestamp";
        assert_eq!(refused("-cid_type uid"), sentence);
    }

    /// cli.md §11.1; `+-bye` was tried with sipp 3.6.1.
    #[test]
    fn a_behavior_that_is_none_is_refused_by_name() {
        for item in ["foo", "-foo", "+-bye", "BYE", "-none", " bye"] {
            let line = format!("-default_behaviors\u{1f}all,{item}");
            assert_eq!(refused(&line), format!("Unknown default behavior: '{item}'"));
        }
    }

    /// cli.md §1.2.
    #[test]
    fn of_nd_and_default_behaviors_the_last_wins() {
        assert_eq!(options("-nd -default_behaviors all").call.behaviors, Behaviors::ALL);
        assert_eq!(options("-default_behaviors all -nd").call.behaviors, Behaviors::NONE);
        assert_eq!(options("-nd -default_behaviors all -nd").call.behaviors, Behaviors::NONE);
    }

    /// cli.md §4.4.
    #[test]
    fn what_is_ignored_of_received_messages_is_asked_for_by_name() {
        let call = options("-pause_msg_ign").call;
        assert_eq!((call.drops_in_pauses, call.keeps_slashes), (true, false));
        let call = options("-callid_slash_ign").call;
        assert_eq!((call.drops_in_pauses, call.keeps_slashes), (false, true));
    }

    /// cli.md §4.4.
    #[test]
    fn texts_and_times_of_a_call_are_stored() {
        let call = options("-s bob -d 1m -cid_str %r@x -base_cseq -1 -aa -deadcall_wait 0").call;
        assert_eq!((call.service.as_str(), call.cid_str.as_str()), ("bob", "%r@x"));
        assert_eq!((call.default_pause_ms, call.deadcall_wait_ms), (60_000, 0));
        assert_eq!((call.base_cseq, call.auto_answer), (u32::MAX, true));
        assert_eq!(refused("-base_cseq 1.5"), r#"-base_cseq, "1.5" is not a valid integer!"#);
        assert_eq!(refused("-d "), r#"-d, "" is not a valid time!"#);
    }
}
