//! No heap allocation for a message in steady state (design.md, "The hot path, and its budget"). A binary of its own, because the
//! allocator that counts is the allocator of the whole process.
//!
//! What a call may allocate, once: its variables, if its scenario has any; its list of accepted messages, when there are more than
//! three. Warnings and failed calls allocate the text that says so.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod line;

use line::{Count, WINDOW_CALLS, count, count_with};
use rsipp::inject::{FileOption, FileSpec, Files};
use rsipp::scenario::builtin;

/// A share of datagrams large enough that each kind of message is repeated in the calls that are counted.
const LOSS: f64 = 0.05;

fn embedded(name: &str) -> &'static str {
    builtin::text(name).unwrap()
}

/// Both sides made their calls, and no message of theirs allocated.
#[track_caller]
fn assert_none(counts: &[Count; 2]) {
    assert_at_most(0, counts);
}

/// The same, but for so many allocations a call.
#[track_caller]
fn assert_at_most(per_call: u64, counts: &[Count; 2]) {
    for count in counts {
        assert!(count.calls > 14_000, "calls were made: {count:?}");
        // What a message costs, or one in ten, would show in each window.
        let allowed = per_call * WINDOW_CALLS;
        let within = count.windows.iter().filter(|allocations| **allocations <= allowed).count();
        assert!(2 * within > count.windows.len(), "most windows are free of allocations: {count:?}");
        let growth: u64 = count.windows.iter().map(|allocations| allocations.saturating_sub(allowed)).sum();
        assert!(growth * 500 < count.messages, "what grows grows seldom: {count:?}");
    }
}

#[test]
fn a_message_of_a_plain_call_costs_no_allocation() {
    let counts = count(embedded("uac"), embedded("uas"), 0.0);
    assert_none(&counts);
    assert!(counts.iter().all(|count| count.warnings == 0), "nothing to warn of: {counts:?}");
}

#[test]
fn a_message_sent_again_or_received_again_costs_no_allocation() {
    let counts = count(embedded("uac"), embedded("uas"), LOSS);
    assert!(counts.iter().all(|count| count.again > 1_000), "messages were repeated: {counts:?}");
    assert_none(&counts);
}

/// The fourth message that a call accepts moves the list of them out of the call: once a call, not once a message.
#[test]
fn an_optional_message_that_comes_costs_at_most_one_allocation_a_call() {
    let invite = "<recv request=\"INVITE\" crlf=\"true\"/>";
    let trying = "<send><![CDATA[\n
        SIP/2.0 100 Trying\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]
        Content-Length: 0\n\n]]></send>";
    let uas = embedded("uas").replace(invite, &format!("{invite}{trying}"));
    assert_ne!(uas, embedded("uas"));
    let counts = count(embedded("uac"), &uas, 0.0);
    assert!(counts[0].messages > 14_000 * 7, "the 100 came before the 180: {counts:?}");
    assert_at_most(1, &counts);
}

#[test]
fn a_message_of_many_keywords_costs_no_allocation() {
    let header = "Subject: Performance Test";
    let many = format!(
        "{header}
    X-Facts: [remote_host] [local_port] [media_ip] [pid] [service] [transport]
    X-Call: [call_number] [call_id] [cseq] [cseq+7] [msg_index] [branch] [branch-1]
    X-Clock: [clock_tick] [date] [timestamp]
    X-Last: [last_CSeq:value]
    [last_Contact:]
    Route: [routes]"
    );
    let uac = embedded("uac").replace(header, &many);
    assert_ne!(uac, embedded("uac"));
    let counts = count(&uac, embedded("uas"), 0.0);
    assert_none(&counts);
}

/// The variables of a call are one allocation, when it is opened; what is written into a message is none.
#[test]
fn injected_fields_and_variables_cost_one_allocation_a_call() {
    let users: String = std::iter::once("SEQUENTIAL\n".to_owned())
        .chain((0..100).map(|user| format!("user{user};secret{user};+49 30 {user}\n")))
        .collect();
    let spec = FileSpec { path: "users.csv".into(), option: FileOption::Inf };
    let files = Files::from_bytes(&[(spec, users.as_bytes())], &[]).unwrap();
    let set =
        "<nop><action><assign assign_to=\"n\" value=\"7\"/><add assign_to=\"n\" value=\"1\"/></action></nop>";
    let header = "Subject: Performance Test";
    let uac = embedded("uac").replacen("<send retrans", &format!("{set}<send retrans"), 1);
    let uac = uac.replace(header, &format!("{header} [field0] [field2] [$n]"));
    let counts = count_with(files, &uac, embedded("uas"), 0.0);
    assert_at_most(1, &counts);
}
