//! No heap allocation for a message in steady state (design.md, "The hot path, and its budget"). A binary of its own, because the
//! allocator that counts is the allocator of the whole process.
//!
//! What a call may allocate, once: its variables, if its scenario has any. Warnings and failed calls allocate the text that says so.

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

/// All that a call may get: five messages that it accepts, and one of them twice.
#[test]
fn every_optional_message_and_a_repeat_cost_no_allocation() {
    let begin = "<send><![CDATA[\n        SIP/2.0 ";
    let provisional = |first_line: &str| {
        format!(
            "{begin}{first_line}\n[last_Via:]\n[last_From:]\n[last_To:];tag=1\n[last_Call-ID:]\n[last_CSeq:]
            Content-Length: 0\n\n]]></send>"
        )
    };
    let uas = embedded("uas");
    let at = |wanted: &str| uas.find(wanted).unwrap();
    let (ringing, ok) = (at("<send><![CDATA["), at("<!-- Over UDP the answer"));
    let (answer, ack) = (at("<send retrans"), at("<!-- A caller that never"));
    let (trying, progress) = (provisional("100 Trying"), provisional("183 Session Progress"));
    // The first of two equal answers without a timer, for the second would wait for it.
    let twice = format!("{}{}", uas[answer..ack].replace(" retrans=\"500\"", ""), &uas[answer..ack]);
    let uas = [&uas[..ringing], &trying, &uas[ringing..ok], &progress, &twice, &uas[ack..]].concat();
    // The second 200 comes before the call hangs up.
    let uac = embedded("uac").replace("<pause/>", "<pause milliseconds=\"10\"/>");
    assert_ne!(uac, embedded("uac"));
    let counts = count(&uac, &uas, 0.0);
    // INVITE, 100, 180, 183, 200, 200, ACK, ACK again, BYE, 200.
    assert!(counts[0].messages > 14_000 * 10, "all of them came: {counts:?}");
    assert_none(&counts);
}

/// Of a peer that does not stop talking: the warning is one allocation, its text.
#[test]
fn a_message_for_a_dead_call_costs_one_allocation() {
    let uas = embedded("uas").replace("<timewait milliseconds=\"4000\"/>", "");
    let uac = embedded("uac");
    let bye = uac.rfind("<send").unwrap();
    let end = bye + uac[bye..].find("</send>").unwrap() + "</send>".len();
    let late = uac[bye..end].replace("BYE", "INFO").replace(" retrans=\"500\"", "");
    let last = uac.rfind("<recv response=\"200\"").unwrap();
    let behind = last + uac[last..].find("/>").unwrap() + "/>".len();
    let uac = format!("{}{late}{}", &uac[..behind], &uac[behind..]);
    let counts = count(&uac, &uas, 0.0);
    let warned = &counts[1];
    assert!(warned.warnings > 14_000, "each call got a message after its end: {counts:?}");
    assert!(warned.of_warnings <= warned.warnings, "no more than the text: {counts:?}");
    assert_none(&counts);
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
