//! Help group "Tracing": which log files are written, and where.
//! Spec: cli.md §4.11. Must not open them: `report` does.

use super::opt::{Given, Group, Opt, Pass, Value};
use super::options::{LogFile, Options};
use super::refusal::Refusal;

pub const GROUP: Group = Group {
    title: "Tracing",
    options: &[
        TRACE_MSG,
        MESSAGE_FILE,
        MESSAGE_OVERWRITE,
        TRACE_ERR,
        ERROR_FILE,
        ERROR_OVERWRITE,
        TRACE_LOGS,
        LOG_FILE,
        LOG_OVERWRITE,
        TRACE_SHORTMSG,
        SHORTMESSAGE_FILE,
        SHORTMESSAGE_OVERWRITE,
        TRACE_CALLDEBUG,
        CALLDEBUG_FILE,
        CALLDEBUG_OVERWRITE,
        TRACE_SCREEN,
        SCREEN_FILE,
        SCREEN_OVERWRITE,
        RINGBUFFER_SIZE,
        RINGBUFFER_FILES,
        MAX_LOG_SIZE,
        RFC3339,
    ],
};

const TRACE_MSG: Opt = Opt {
    name: "trace_msg",
    value: Value::Flag,
    default: "",
    help: "Log every message to <scenario>_<pid>_messages.log",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| enable(&mut options.trace.messages)),
};

const MESSAGE_FILE: Opt = Opt {
    name: "message_file",
    value: Value::Text("FILE"),
    default: "",
    help: "Another name for the file of -trace_msg",
    more: "Does not switch the log on.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| name(&mut options.trace.messages, given)),
};

const MESSAGE_OVERWRITE: Opt = Opt {
    name: "message_overwrite",
    value: Value::Boolean,
    default: "true",
    help: "Begin that file anew; false appends to it",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| overwrite(&mut options.trace.messages, given)),
};

const TRACE_ERR: Opt = Opt {
    name: "trace_err",
    value: Value::Flag,
    default: "",
    help: "Log errors and warnings to <scenario>_<pid>_errors.log",
    more: "Without it only the last one is shown, at the end.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| enable(&mut options.trace.errors)),
};

const ERROR_FILE: Opt = Opt {
    name: "error_file",
    value: Value::Text("FILE"),
    default: "",
    help: "Another name for the file of -trace_err",
    more: "Does not switch the log on.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| name(&mut options.trace.errors, given)),
};

const ERROR_OVERWRITE: Opt = Opt {
    name: "error_overwrite",
    value: Value::Boolean,
    default: "true",
    help: "Begin that file anew; false appends to it",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| overwrite(&mut options.trace.errors, given)),
};

const TRACE_LOGS: Opt = Opt {
    name: "trace_logs",
    value: Value::Flag,
    default: "",
    help: "Write what <log> actions say to <scenario>_<pid>_logs.log",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| enable(&mut options.trace.logs)),
};

const LOG_FILE: Opt = Opt {
    name: "log_file",
    value: Value::Text("FILE"),
    default: "",
    help: "Another name for the file of -trace_logs",
    more: "Does not switch the log on.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| name(&mut options.trace.logs, given)),
};

const LOG_OVERWRITE: Opt = Opt {
    name: "log_overwrite",
    value: Value::Boolean,
    default: "true",
    help: "Begin that file anew; false appends to it",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| overwrite(&mut options.trace.logs, given)),
};

const TRACE_SHORTMSG: Opt = Opt {
    name: "trace_shortmsg",
    value: Value::Flag,
    default: "",
    help: "Log a line for every message to <scenario>_<pid>_shortmessages.log",
    more: "Time, S (sent) or R (received), Call-ID, CSeq and first line, with tabs between them.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| enable(&mut options.trace.short_messages)),
};

const SHORTMESSAGE_FILE: Opt = Opt {
    name: "shortmessage_file",
    value: Value::Text("FILE"),
    default: "",
    help: "Another name for the file of -trace_shortmsg",
    more: "Does not switch the log on.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| name(&mut options.trace.short_messages, given)),
};

const SHORTMESSAGE_OVERWRITE: Opt = Opt {
    name: "shortmessage_overwrite",
    value: Value::Boolean,
    default: "true",
    help: "Begin that file anew; false appends to it",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| overwrite(&mut options.trace.short_messages, given)),
};

const TRACE_CALLDEBUG: Opt = Opt {
    name: "trace_calldebug",
    value: Value::Flag,
    default: "",
    help: "Log what happened to each aborted call to <scenario>_<pid>_calldebug.log",
    more: "Every call's history is kept in memory until it ends.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| enable(&mut options.trace.call_debug)),
};

const CALLDEBUG_FILE: Opt = Opt {
    name: "calldebug_file",
    value: Value::Text("FILE"),
    default: "",
    help: "Another name for the file of -trace_calldebug",
    more: "Does not switch the log on.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| name(&mut options.trace.call_debug, given)),
};

const CALLDEBUG_OVERWRITE: Opt = Opt {
    name: "calldebug_overwrite",
    value: Value::Boolean,
    default: "true",
    help: "Begin that file anew; false appends to it",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| overwrite(&mut options.trace.call_debug, given)),
};

const TRACE_SCREEN: Opt = Opt {
    name: "trace_screen",
    value: Value::Flag,
    default: "",
    help: "Write the screens to <scenario>_<pid>_screen.log at the end and on SIGUSR2",
    more: "Without it SIGUSR2 writes them too, and each time begins the file anew.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| enable(&mut options.trace.screens)),
};

const SCREEN_FILE: Opt = Opt {
    name: "screen_file",
    value: Value::Text("FILE"),
    default: "",
    help: "Another name for the file of -trace_screen",
    more: "Does not switch the log on.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| name(&mut options.trace.screens, given)),
};

const SCREEN_OVERWRITE: Opt = Opt {
    name: "screen_overwrite",
    value: Value::Boolean,
    default: "true",
    help: "Begin that file anew; false appends to it",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| overwrite(&mut options.trace.screens, given)),
};

const RINGBUFFER_SIZE: Opt = Opt {
    name: "ringbuffer_size",
    value: Value::Integer("BYTES"),
    default: "0",
    help: "Rename a log that is larger than this, and begin a new one; 0: never",
    more: "For messages, short messages, logs, call debug and errors. The old one is called <scenario>_<pid>_<kind>_<time>.log.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| {
        given.integer().map(|bytes| options.trace.ring_bytes = not_negative(bytes))
    }),
};

const RINGBUFFER_FILES: Opt = Opt {
    name: "ringbuffer_files",
    value: Value::Integer("N"),
    default: "0",
    help: "How many old logs of each kind are kept",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| {
        given.int().map(|files| options.trace.ring_files = usize::try_from(files).unwrap_or(0))
    }),
};

const MAX_LOG_SIZE: Opt = Opt {
    name: "max_log_size",
    value: Value::Integer("BYTES"),
    default: "0",
    help: "Close a log that is larger than this for good; 0: never",
    more: "Cannot be used with -ringbuffer_size.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| {
        given.integer().map(|bytes| options.trace.most_bytes = not_negative(bytes))
    }),
};

const RFC3339: Opt = Opt {
    name: "rfc3339",
    value: Value::Flag,
    default: "",
    help: "Time stamps as 2026-11-21T23:56:48.474842Z, those of [timestamp] too",
    more: "Otherwise they are date, time and seconds since 1970 with tabs between. -trace_msg always has this form.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| {
        options.trace.rfc3339 = true;
        Ok(())
    }),
};

fn enable(file: &mut LogFile) -> Result<(), Refusal> {
    file.enabled = true;
    Ok(())
}

/// An empty name is none: the default stays.
fn name(file: &mut LogFile, given: &Given) -> Result<(), Refusal> {
    file.name = Some(given.path()).filter(|path| !path.as_os_str().is_empty());
    Ok(())
}

fn overwrite(file: &mut LogFile, given: &Given) -> Result<(), Refusal> {
    given.boolean().map(|overwrite| file.append = !overwrite)
}

/// A size below nothing is none.
fn not_negative(bytes: i64) -> u64 {
    u64::try_from(bytes).unwrap_or(0)
}

/// Both ways to limit a log at once.
pub fn check_limits(options: &Options) -> Result<(), Refusal> {
    if options.trace.ring_bytes > 0 && options.trace.most_bytes > 0 {
        return Err(Refusal::TwoLogLimits);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::options::{LogFile, Trace};
    use super::super::tests::{options, refused};

    /// cli.md §4.11.
    #[test]
    fn each_log_has_its_own_switch_name_and_overwriting() {
        for (line, pick) in [
            (
                "-trace_msg -message_file f -message_overwrite false",
                (|trace| trace.messages) as fn(Trace) -> LogFile,
            ),
            ("-trace_err -error_file f -error_overwrite false", |trace| trace.errors),
            ("-trace_logs -log_file f -log_overwrite false", |trace| trace.logs),
            ("-trace_shortmsg -shortmessage_file f -shortmessage_overwrite false", |trace| {
                trace.short_messages
            }),
            ("-trace_calldebug -calldebug_file f -calldebug_overwrite false", |trace| trace.call_debug),
            ("-trace_screen -screen_file f -screen_overwrite false", |trace| trace.screens),
        ] {
            let trace = options(line).trace;
            let logs = [
                &trace.messages,
                &trace.errors,
                &trace.logs,
                &trace.short_messages,
                &trace.call_debug,
                &trace.screens,
            ];
            assert_eq!(logs.iter().filter(|log| **log == &LogFile::default()).count(), 5, "{line}");
            let wanted = LogFile { enabled: true, name: Some("f".into()), append: true };
            assert_eq!(pick(trace), wanted, "{line}");
        }
    }

    /// cli.md §4.11, Bug: SIPp's file name becomes empty here.
    #[test]
    fn a_name_does_not_enable_and_overwriting_does_not_change_the_name() {
        let errors = options("-error_overwrite 0 -error_file e").trace.errors;
        assert_eq!(errors, LogFile { enabled: false, name: Some("e".into()), append: true });
        assert_eq!(options("-message_overwrite true -message_file ").trace.messages, LogFile::default());
    }

    /// cli.md §4.11.
    #[test]
    fn rfc3339_is_a_switch() {
        assert!(options("-rfc3339").trace.rfc3339);
        assert!(!options("-trace_err").trace.rfc3339);
    }

    /// cli.md §2.
    #[test]
    fn overwriting_is_true_false_or_a_number() {
        assert_eq!(refused("-log_overwrite yes"), r#"-log_overwrite, "yes" is not a valid boolean!"#);
    }

    /// cli.md §4.11; outputs.md §1.4, §12.
    #[test]
    fn logs_are_limited_in_one_way_at_a_time() {
        let trace = options("-ringbuffer_size 0x10 -ringbuffer_files 3").trace;
        assert_eq!((trace.ring_bytes, trace.ring_files, trace.most_bytes), (16, 3, 0));
        let trace = options("-max_log_size 1000 -ringbuffer_files 3 -ringbuffer_size -5").trace;
        assert_eq!((trace.ring_bytes, trace.most_bytes), (0, 1_000));
        assert_eq!(
            refused("-max_log_size 1 -ringbuffer_size 2"),
            "Ring Buffer options and maximum log size are mutually exclusive."
        );
        assert_eq!(refused("-ringbuffer_size 1k"), r#"-ringbuffer_size, "1k" is not a valid integer!"#);
    }
}
