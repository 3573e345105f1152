//! The statistics file byte for byte: outputs.md §3.

use super::*;
use crate::report::test_plan::plan_of;
use crate::scenario::builtin;

fn header(plan: &Plan, delimiter: &str) -> String {
    let mut out = Vec::new();
    StatCsv::of(plan, delimiter).append_header(&mut out);
    String::from_utf8(out).unwrap()
}

fn stats(plan: &Plan) -> Stats {
    let borders: Vec<_> = plan.rtds.iter().map(|rtd| rtd.borders.clone()).collect();
    Stats::new(plan.steps.len(), plan.counters.len(), &borders, &plan.call_length_borders)
}

fn row(plan: &Plan, row: &Row<'_>) -> String {
    let mut out = Vec::new();
    StatCsv::of(plan, ";").append_row(row, Moments::default(), &mut out);
    String::from_utf8(out).unwrap()
}

/// outputs.md §3.3: exactly this line, in 3.6.1 and in 3.7.
#[test]
fn the_header_of_uac_is_that_of_sipp() {
    let plan = plan_of(builtin::find("-sn", "uac").unwrap());
    let names = "StartTime;LastResetTime;CurrentTime;ElapsedTime(P);ElapsedTime(C);TargetRate;CallRate(P);CallRate(C);\
        IncomingCall(P);IncomingCall(C);OutgoingCall(P);OutgoingCall(C);TotalCallCreated;CurrentCall;\
        SuccessfulCall(P);SuccessfulCall(C);FailedCall(P);FailedCall(C);\
        FailedCannotSendMessage(P);FailedCannotSendMessage(C);FailedMaxUDPRetrans(P);FailedMaxUDPRetrans(C);\
        FailedTcpConnect(P);FailedTcpConnect(C);FailedTcpClosed(P);FailedTcpClosed(C);\
        FailedUnexpectedMessage(P);FailedUnexpectedMessage(C);FailedCallRejected(P);FailedCallRejected(C);\
        FailedCmdNotSent(P);FailedCmdNotSent(C);FailedRegexpDoesntMatch(P);FailedRegexpDoesntMatch(C);\
        FailedRegexpShouldntMatch(P);FailedRegexpShouldntMatch(C);FailedRegexpHdrNotFound(P);FailedRegexpHdrNotFound(C);\
        FailedOutboundCongestion(P);FailedOutboundCongestion(C);FailedTimeoutOnRecv(P);FailedTimeoutOnRecv(C);\
        FailedTimeoutOnSend(P);FailedTimeoutOnSend(C);FailedTestDoesntMatch(P);FailedTestDoesntMatch(C);\
        FailedTestShouldntMatch(P);FailedTestShouldntMatch(C);FailedStrcmpDoesntMatch(P);FailedStrcmpDoesntMatch(C);\
        FailedStrcmpShouldntMatch(P);FailedStrcmpShouldntMatch(C);OutOfCallMsgs(P);OutOfCallMsgs(C);\
        DeadCallMsgs(P);DeadCallMsgs(C);Retransmissions(P);Retransmissions(C);AutoAnswered(P);AutoAnswered(C);\
        Warnings(P);Warnings(C);FatalErrors(P);FatalErrors(C);WatchdogMajor(P);WatchdogMajor(C);\
        WatchdogMinor(P);WatchdogMinor(C);\
        ResponseTime1(P);ResponseTime1(C);ResponseTime1StDev(P);ResponseTime1StDev(C);\
        CallLength(P);CallLength(C);CallLengthStDev(P);CallLengthStDev(C);\
        ResponseTimeRepartition1;ResponseTimeRepartition1_<10;ResponseTimeRepartition1_<20;ResponseTimeRepartition1_<30;\
        ResponseTimeRepartition1_<40;ResponseTimeRepartition1_<50;ResponseTimeRepartition1_<100;\
        ResponseTimeRepartition1_<150;ResponseTimeRepartition1_<200;ResponseTimeRepartition1_>=200;\
        CallLengthRepartition;CallLengthRepartition_<10;CallLengthRepartition_<50;CallLengthRepartition_<100;\
        CallLengthRepartition_<500;CallLengthRepartition_<1000;CallLengthRepartition_<5000;\
        CallLengthRepartition_<10000;CallLengthRepartition_>=10000;\n";
    assert_eq!(header(&plan, ";"), names);
}

/// outputs.md §3.3: names glued, counters behind the call length, five digits of a number, repartitions at the end.
#[test]
fn named_timers_and_counters_have_columns_in_the_order_of_the_file() {
    let plan = plan_of(
        "<scenario><recv request='INVITE' start_rtd='setup' counter='1234567'/>\
         <pause rtd='setup' counter='busy'/><nop rtd='2'/>\
         <ResponseTimeRepartition value='5,10'/><recv request='BYE' rtd='late'/></scenario>",
    );
    let header = header(&plan, ",");
    let tail: Vec<_> = header.split(',').skip(68).collect();
    let timed = |name: &str| ["(P)", "(C)", "StDev(P)", "StDev(C)"].map(|end| format!("{name}{end}"));
    let mut wanted: Vec<String> = ["ResponseTimesetup", "ResponseTime2", "ResponseTimelate", "CallLength"]
        .into_iter()
        .flat_map(timed)
        .collect();
    for counter in ["GenericCounter12345", "busy"] {
        wanted.extend([format!("{counter}(P)"), format!("{counter}(C)")]);
    }
    for name in ["setup", "2"] {
        wanted.extend(["", "_<5", "_<10", "_>=10"].map(|end| format!("ResponseTimeRepartition{name}{end}")));
    }
    wanted.push("\n".to_owned());
    assert_eq!(tail, wanted);
}

/// outputs.md §3.3, §3.7: the third row of the sample, with figures that lead to it.
#[test]
fn a_row_is_that_of_the_sample() {
    let plan = plan_of(builtin::find("-sn", "uac").unwrap());
    let at = |micros| Tick::from_micros(micros);
    let mut before = stats(&plan);
    before.outgoing = 1;
    before.successful = 1;
    let ended = |stats: &mut Stats, millis, length| {
        stats.response_times[0].record(Span::from_millis(millis));
        stats.call_length.record(Span::from_millis(length));
    };
    ended(&mut before, 2, 206);
    let mut now = before.clone();
    (now.outgoing, now.successful, now.current) = (4, 3, 1);
    now.response_times[0].record(Span::from_millis(3));
    ended(&mut now, 2, 207);
    ended(&mut now, 2, 205);
    let figures = |micros, stats| Figures { at: at(micros), stats, target: Target::CallsPerPeriod(2.0) };
    let (before, now) = (figures(1_003_194, before), figures(2_005_248, now));
    let written = row(&plan, &Row { started: at(0), before: &before, now: &now });
    let zeros = "0;".repeat(50);
    assert_eq!(
        written,
        format!(
            "1970-01-01\t00:00:00.000000\t0000000000.000000;1970-01-01\t00:00:01.003194\t0000000001.003194;\
             1970-01-01\t00:00:02.005248\t0000000002.005248;00:00:01;00:00:02;2.000;2.994;1.995;\
             0;0;3;4;4;1;2;3;{zeros}0;0;\
             00:00:00:002000;00:00:00:002000;00:00:00:000000;00:00:00:000000;\
             00:00:00:206000;00:00:00:206000;00:00:00:001000;00:00:00:001000;\
             ;4;0;0;0;0;0;0;0;0;;0;0;0;3;0;0;0;0;\n"
        )
    );
    assert_eq!(written.matches(';').count(), header(&plan, ";").matches(';').count());
}

/// outputs.md §3.3: each cause in its own column, users as a whole number, no rate without a period.
#[test]
fn every_cause_has_a_column_of_its_own() {
    let plan = plan_of("<scenario><recv request='INVITE' counter='c'/></scenario>");
    let mut now = stats(&plan);
    let causes = COUNTS.iter().filter_map(|(_, count)| match count {
        Count::Failed(cause) => Some(*cause),
        Count::Of(_) => None,
    });
    let causes: Vec<_> = causes.collect();
    for (n, cause) in causes.iter().enumerate() {
        now.failures[cause.index()] = 10 + n as u64;
    }
    now.counters[0] = 7;
    let same = |stats: &Stats| Figures { at: Tick::ZERO, stats: stats.clone(), target: Target::Users(3) };
    let (before, now) = (same(&stats(&plan)), same(&now));
    let written = row(&plan, &Row { started: Tick::ZERO, before: &before, now: &now });
    let fields: Vec<_> = written.split(';').collect();
    assert_eq!(fields[5..8], ["3", "0.000", "0.000"]);
    assert_eq!(causes.len(), 17);
    for n in 0..causes.len() {
        let count = (10 + n).to_string();
        assert_eq!(fields[18 + 2 * n..20 + 2 * n], [&count, &count]);
    }
    assert_eq!(fields[68 + 4..], ["7", "7", "\n"]);
}
