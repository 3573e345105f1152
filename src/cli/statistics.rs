//! Help group "Statistics": the CSV files, and how often they and the screens are brought up to date.
//! Spec: cli.md §4.11. Must not open them: `report` does.

use super::opt::{Group, Opt, Pass, Value};
use super::value::Unit;

pub const GROUP: Group = Group {
    title: "Statistics",
    options: &[
        TRACE_STAT,
        STF,
        TRACE_COUNTS,
        TRACE_ERROR_CODES,
        TRACE_RTT,
        RTT_FREQ,
        FD,
        STAT_DELIMITER,
        PERIODIC_RTD,
        F,
    ],
};

const TRACE_STAT: Opt = Opt {
    name: "trace_stat",
    value: Value::Flag,
    default: "",
    help: "Write call statistics to <scenario>_<pid>_.csv",
    more: "A row at the start, every -fd, and two at the end.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| {
        options.statistics.rows = true;
        Ok(())
    }),
};

const STF: Opt = Opt {
    name: "stf",
    value: Value::Text("FILE"),
    default: "",
    help: "Another name for the file of -trace_stat",
    more: "Does not switch it on. Always begins the file anew.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| {
        options.statistics.rows_file = Some(given.path());
        Ok(())
    }),
};

const TRACE_COUNTS: Opt = Opt {
    name: "trace_counts",
    value: Value::Flag,
    default: "",
    help: "Write the counts of every message to <scenario>_<pid>_counts.csv",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| {
        options.statistics.counts = true;
        Ok(())
    }),
};

const TRACE_ERROR_CODES: Opt = Opt {
    name: "trace_error_codes",
    value: Value::Flag,
    default: "",
    help: "Write the codes of unexpected responses to <scenario>_<pid>_error_codes.csv",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| {
        options.statistics.error_codes = true;
        Ok(())
    }),
};

const TRACE_RTT: Opt = Opt {
    name: "trace_rtt",
    value: Value::Flag,
    default: "",
    help: "Write every response time to <scenario>_<pid>_rtt.csv",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| {
        options.statistics.response_times = true;
        Ok(())
    }),
};

const RTT_FREQ: Opt = Opt {
    name: "rtt_freq",
    value: Value::Integer("N"),
    default: "200",
    help: "How many response times are written at a time",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| {
        let at_a_time = given.integer()?;
        options.statistics.response_times_at_a_time = u64::try_from(at_a_time).unwrap_or(1).max(1);
        Ok(())
    }),
};

const FD: Opt = Opt {
    name: "fd",
    value: Value::Time(Unit::S),
    default: "60",
    help: "Time between two rows of the statistics files, in s or with a unit",
    more: "0: only the rows at start and end.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| {
        given.millis().map(|millis| options.statistics.row_period_ms = millis)
    }),
};

const STAT_DELIMITER: Opt = Opt {
    name: "stat_delimiter",
    value: Value::Text("TEXT"),
    default: ";",
    help: "What stands between two fields of the statistics files",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| {
        given.text().map(|text| options.statistics.delimiter = text.to_owned())
    }),
};

const PERIODIC_RTD: Opt = Opt {
    name: "periodic_rtd",
    value: Value::Flag,
    default: "",
    help: "Begin the repartitions anew with every row of the statistics files",
    more: "",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, _| {
        options.statistics.periodic_repartitions = true;
        Ok(())
    }),
};

const F: Opt = Opt {
    name: "f",
    value: Value::Time(Unit::S),
    default: "1",
    help: "Time from one drawing of the screens, and one of their periods, to the next, in s or with a unit",
    more: "0: they are drawn at keys only, and the whole run is one period.",
    spec: "cli.md §4.11",
    pass: Pass::Options(|options, given| {
        given.millis().map(|millis| options.statistics.screen_period_ms = millis)
    }),
};

#[cfg(test)]
mod tests {
    use super::super::options::Statistics;
    use super::super::tests::{options, refused};

    /// cli.md §4.11.
    #[test]
    fn each_statistics_file_has_its_own_switch() {
        let wanted = Statistics { rows: true, rows_file: Some("a/b".into()), ..Statistics::default() };
        assert_eq!(options("-trace_stat -stf a/b").statistics, wanted);
        assert_eq!(options("-trace_counts").statistics, Statistics { counts: true, ..Statistics::default() });
        let wanted = Statistics { error_codes: true, periodic_repartitions: true, ..Statistics::default() };
        assert_eq!(options("-trace_error_codes -periodic_rtd").statistics, wanted);
        let wanted =
            Statistics { response_times: true, response_times_at_a_time: 16, ..Statistics::default() };
        assert_eq!(options("-trace_rtt -rtt_freq 0x10").statistics, wanted);
        assert!(!options("-stf x -m 1").statistics.rows);
    }

    /// outputs.md §4: 0 breaks SIPp; here it is every response time.
    #[test]
    fn at_least_one_response_time_is_written_at_a_time() {
        assert_eq!(options("-rtt_freq 0").statistics.response_times_at_a_time, 1);
        assert_eq!(options("-rtt_freq -3").statistics.response_times_at_a_time, 1);
    }

    /// outputs.md §1.3, §1.4.
    #[test]
    fn periods_are_seconds_and_the_delimiter_is_taken_as_it_is() {
        let periods = |line: &str| {
            let statistics = options(line).statistics;
            (statistics.row_period_ms, statistics.screen_period_ms)
        };
        assert_eq!(periods("-m 1"), (60_000, 1_000));
        assert_eq!(periods("-fd 0.5 -f 2"), (500, 2_000));
        assert_eq!(periods("-fd 300ms -f 0"), (300, 0));
        assert_eq!(options(r"-stat_delimiter \t::").statistics.delimiter, r"\t::");
        assert_eq!(refused("-fd 5x"), r#"-fd, "5x" is not a valid time!"#);
    }
}
