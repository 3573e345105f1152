//! Help group "Tracing": which log files are written, and where.
//! Spec: cli.md §4.11. Must not open them: `report` does.

use super::opt::{Given, Group, Opt, Pass, Value};
use super::options::LogFile;
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
        ] {
            let trace = options(line).trace;
            let logs = [&trace.messages, &trace.errors, &trace.logs];
            assert_eq!(logs.iter().filter(|log| **log == &LogFile::default()).count(), 2, "{line}");
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
}
