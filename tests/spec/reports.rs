//! README, "Reports": the files for programs, thresholds, exit codes. What each number means is proven beside the code.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::options::wait_for_handlers;
use crate::peer::Peer;
use crate::program::{Ended, rsipp};
use crate::xml;

/// The JSON file, which must be what the schema says.
#[track_caller]
fn results(ended: &Ended) -> Value {
    let schema: Value = serde_json::from_str(include_str!("../../src/report/results/schema.json")).unwrap();
    let results: Value = serde_json::from_str(&ended.read("r.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<_> =
        validator.iter_errors(&results).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    results
}

fn texts(results: &Value, of: &str, field: &str) -> Vec<String> {
    let list = results[of].as_array().unwrap();
    list.iter().map(|one| one[field].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_good_run_has_passed() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 20 -r 100 -json r.json", peer.addr)).run().exits(0);
    let results = results(&ended);
    // On a busy machine calls may start late.
    let verdict = if results["generator"]["limits"][0].is_null() { "passed" } else { "generator_limited" };
    assert_eq!((&results["verdict"], &results["exit_code"]), (&verdict.into(), &0.into()));
    assert_eq!(results["reasons"], serde_json::json!([]));
    let main = &results["scenarios"][0];
    assert_eq!((&main["name"], &main["calls"]["succeeded"]), (&"uac".into(), &20.into()));
    let times = &main["response_times"][0];
    assert_eq!((&times["name"], &times["from_start"]["count"]), (&"1".into(), &20.into()));
    let (sent, due) = (&times["from_start"]["mean_ms"], &times["from_due"]["mean_ms"]);
    assert!(due.as_f64() >= sent.as_f64(), "{times}");
    assert_eq!((&main["steps"][0]["message"], &main["steps"][0]["messages"]), (&"INVITE".into(), &20.into()));
    let samples = results["series"]["samples"].as_array().unwrap();
    assert_eq!(samples.iter().map(|sample| sample["opened"].as_u64().unwrap()).sum::<u64>(), 20);
    let generator = &results["generator"];
    assert_eq!((&generator["socket_drops"], &generator["calls_wanted"]), (&0.into(), &20.into()));
    assert!(generator["cpu_s"].as_f64().unwrap() > 0.0, "{generator}");
}

#[test]
fn failed_calls_are_counted_by_cause_and_fail_the_run() {
    let peer = Peer::saying(&[("INVITE", "486 Busy Here")]);
    let ended = rsipp(&format!("{} -m 3 -r 100 -json r.json -junit r.xml", peer.addr)).run().exits(1);
    let results = results(&ended);
    assert_eq!((&results["verdict"], &results["exit_code"]), (&"failed".into(), &1.into()));
    assert_eq!(texts(&results, "reasons", "kind"), ["calls_failed"]);
    let failures = &results["scenarios"][0]["failures"];
    assert_eq!((&failures[0]["cause"], &failures[0]["count"]), (&"unexpected_message".into(), &3.into()));
    let example = &failures[0]["examples"][2];
    assert_eq!(
        (&example["came"], &example["place"]["step"]),
        (&"SIP/2.0 486 Busy Here".into(), &1.into()),
        "{example}"
    );
    assert_eq!(example["ladder"][0]["message"], "INVITE");
    let junit = ended.read("r.xml");
    assert!(junit.contains("2 more calls failed like this"), "{junit}");
    // Of these attributes, and no others, the schema of Jenkins' xUnit plugin knows.
    assert!(
        junit.contains("<testsuites name=\"rsipp\" tests=\"3\" failures=\"1\" errors=\"0\" time=\""),
        "{junit}"
    );
    assert!(junit.contains("3 of 3 calls failed: 3 unexpected message"), "{junit}");
}

/// The other scenarios of a run are told apart.
#[test]
fn the_other_side_has_results_of_its_own() {
    let ended = rsipp("-m 2 -r 100 -peer_sn uas -json r.json").run().exits(0);
    let results = results(&ended);
    let sides = texts(&results, "scenarios", "part");
    assert_eq!(sides, ["main", "other_side"]);
    assert_eq!(results["scenarios"][1]["calls"]["incoming"], 2);
}

#[test]
fn a_threshold_that_is_not_held_fails_a_run_whose_calls_succeed() {
    let peer = Peer::answering();
    let command = format!("{} -m 2 -r 100 -json r.json -junit r.xml -expect calls>=2,calls>2", peer.addr);
    let ended = rsipp(&command).run().exits(1);
    let ended = ended.complains("Not held: calls>2: 2");
    assert!(!ended.stderr.contains("calls>=2"), "{ended}");
    assert!(ended.stdout.contains("  calls>=2: 2, held\n  calls>2: 2, not held\n"), "{ended}");
    let results = results(&ended);
    assert_eq!(texts(&results, "reasons", "text"), ["calls>2 was not held: 2"]);
    assert_eq!(results["exit_code"], 1);
    assert!(ended.read("r.xml").contains("failures=\"1\""));
}

/// It takes the place of the rule that no call may fail.
#[test]
fn a_threshold_on_failed_calls_excuses_those_below_it_and_no_others() {
    let peer = Peer::saying(&[("INVITE", "486 Busy Here")]);
    let run = |expected: &str| {
        rsipp(&format!("{} -m 2 -r 100 -json r.json", peer.addr)).arg("-expect").arg(expected).run()
    };
    let reasons = |expected: &str, exit| texts(&results(&run(expected).exits(exit)), "reasons", "kind");
    assert_eq!(reasons("failed <= 100 %", 0), [""; 0]);
    assert_eq!(reasons("failed<100%", 1), ["threshold"]);
    assert_eq!(reasons("succeeded>0", 1), ["threshold"]);
    // About one cause: says nothing of the others.
    assert_eq!(reasons("failed.timeout_on_recv==0", 1), ["calls_failed"]);
}

#[test]
fn a_condition_that_means_nothing_is_refused_before_anything_is_sent() {
    let peer = Peer::answering();
    let refused = |expected: &str, why: &str| {
        rsipp(&format!("{} -m 1", peer.addr)).arg("-expect").arg(expected).run().exits(1).complains(why);
    };
    refused(
        "failed<1%, rtd1.p99<50",
        "rtd1.p99 needs a unit: us, ms or s\n  failed<1%, rtd1.p99<50\n                        ^",
    );
    refused("rtd7.p99<50ms", "the scenario has no response time '7' (it has rtd1)");
    assert!(peer.heard().is_empty());
    rsipp("-check -expect rtd7.p99<50ms").run().exits(1).complains("the scenario has no response time '7'");
}

/// A machine that stalls while calls are due.
#[test]
fn fail_on_lag_fails_a_run_whose_calls_start_late() {
    let peer = Peer::answering();
    rsipp(&format!("{} -m 2 -r 100 -fail_on_lag 60s", peer.addr)).run().exits(0);
    let command = format!("{} -m 2000 -r 1000000 -l 0 -fail_on_lag 0 -json r.json", peer.addr);
    let ended = rsipp(&command).run().exits(1).complains("Not held: -fail_on_lag 0: ");
    assert_eq!(texts(&results(&ended), "reasons", "kind"), ["threshold"]);
}

/// What comes while the process stands still and the receive buffer is full never reaches it: not the peer's fault.
#[test]
fn datagrams_that_our_own_socket_dropped_are_counted_and_said() {
    let peer = Peer::silent();
    let xml = xml::scenario(&[xml::await_request("OPTIONS"), xml::response("200 OK", "")]);
    let command = "-i 127.0.0.1 -buff_size 4096 -json r.json -junit r.xml -expect drops==0";
    let server = rsipp(command).scenario(&xml).start();
    let port = server.listens_on();
    server.signal(Signal::STOP);
    for call in 0..200 {
        peer.say_to_port(port, xml::wire_request("OPTIONS", &format!("call-{call}"), 1));
    }
    server.signal(Signal::CONT);
    // Somebody was heard at all.
    peer.wait_for(1, "SIP/2.0");
    server.signal(Signal::TERM);
    let ended = server.wait().exits(1).complains("Not held: drops==0: ");
    assert!(ended.stdout.contains("generator-limited: "), "{ended}");
    let results = results(&ended);
    let drops = results["generator"]["socket_drops"].as_u64().unwrap();
    let heard = results["scenarios"][0]["calls"]["incoming"].as_u64().unwrap();
    assert_eq!(drops + heard, 200, "{}", results["generator"]);
    assert!(results["generator"]["limits"][0].as_str().unwrap().contains("datagrams were dropped"));
    assert!(ended.read("r.xml").contains("<skipped message=\"generator-limited: "));
}

/// cli.md §8.4, §9: SIPp's exit code is 0 when one call has succeeded.
#[test]
fn calls_that_timeout_kept_from_being_made_fail_the_report() {
    let peer = Peer::answering();
    let command = format!("{} -m 2 -r 0.01 -timeout 3 -json r.json -junit r.xml", peer.addr);
    let ended = rsipp(&command).run().exits(0);
    let results = results(&ended);
    assert_eq!((&results["verdict"], &results["ended_by"]), (&"failed".into(), &"timeout".into()));
    assert_eq!(texts(&results, "reasons", "kind"), ["calls_missing"]);
    assert!(ended.read("r.xml").contains("type=\"calls_missing\""));
}

/// Whatever ends it, a run leaves its reports.
#[test]
fn a_run_that_breaks_off_says_why_in_its_reports() {
    let peer = Peer::silent();
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let broken = [
        (format!("{} -i 127.0.0.1 -p {port}", peer.addr), 254, "Unable to bind main socket"),
        (format!("{} -sf missing.xml", peer.addr), 1, "Unable to load or parse 'missing.xml'"),
        ("no..such..host".to_owned(), 255, "Unknown remote host"),
    ];
    for (command, exit, why) in broken {
        let ended = rsipp(&format!("{command} -m 1 -json r.json -junit r.xml")).run().exits(exit);
        let results = results(&ended);
        assert_eq!(
            (&results["verdict"], &results["exit_code"]),
            (&"failed".into(), &exit.into()),
            "{command}"
        );
        assert!(results["reasons"][0]["text"].as_str().unwrap().contains(why), "{results}");
        assert!(ended.read("r.xml").contains("errors=\"1\""), "{command}");
    }
    let asleep = rsipp(&format!("{} -m 1 -json r.json -sleep 60", peer.addr)).start();
    wait_for_handlers(asleep.pid());
    asleep.signal(Signal::INT);
    let ended = asleep.wait().exits(0);
    assert_eq!(results(&ended)["ended_by"], "signal");
    let xml = xml::scenario(&[xml::request("OPTIONS", ""), xml::nop("<error message=\"enough\"/>")]);
    let ended = rsipp(&format!("{} -m 1 -json r.json", peer.addr)).scenario(&xml).run().exits(255);
    let results = results(&ended);
    assert_eq!(
        (&results["ended_by"], &results["scenarios"][0]["calls"]["opened"]),
        (&"error".into(), &1.into())
    );
}

#[test]
fn a_report_that_cannot_be_created_is_refused_before_anything_is_sent() {
    let peer = Peer::answering();
    for option in ["-json", "-junit"] {
        let refused = rsipp(&format!("{} -m 1 {option} no/such/folder", peer.addr)).run().exits(1);
        refused.complains("Unable to create 'no/such/folder'");
    }
    assert!(peer.heard().is_empty());
}

/// A full disk must not pass for a good run.
#[test]
fn a_report_that_cannot_be_written_ends_with_255() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1 -json /dev/full", peer.addr)).run().exits(255);
    ended.complains("Unable to write to '/dev/full': No space left on device");
}

/// Asks for a page by HTTP.
fn get(at: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {at}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// README, "Metrics": from the first moment, without a look at what has been since.
#[test]
fn metrics_are_served_while_the_run_goes_on() {
    let peer = Peer::answering();
    let client = rsipp(&format!("{} -m 3 -r 100 -d 60000 -prometheus 0", peer.addr)).start();
    let at = client.says("Metrics are at http://", "/metrics");
    assert!(get(&at, "/metrics").contains("# TYPE rsipp_calls_opened_total counter\n"));
    // Brought up to date every second.
    let deadline = Instant::now() + Duration::from_secs(30);
    let page = loop {
        let page = get(&at, "/metrics");
        if page.contains("rsipp_calls_open{scenario=\"uac\"} 3\n") {
            break page;
        }
        assert!(Instant::now() < deadline, "{page}");
    };
    for line in [
        "rsipp_calls_opened_total{scenario=\"uac\",direction=\"outgoing\"} 3",
        "rsipp_step_messages_total{scenario=\"uac\",step=\"0\",direction=\"sent\",message=\"INVITE\"} 3",
        "rsipp_response_time_seconds_count{scenario=\"uac\",rtd=\"1\"} 3",
        "rsipp_response_time_seconds_bucket{scenario=\"uac\",rtd=\"1\",le=\"+Inf\"} 3",
        "rsipp_start_lag_seconds_count{scenario=\"uac\"} 3",
        "rsipp_calls_failed_total{scenario=\"uac\",cause=\"unexpected_message\"} 0",
        "rsipp_socket_drops_total 0",
        "rsipp_asked_rate 100",
    ] {
        assert!(page.lines().any(|found| found == line), "no {line} in:\n{page}");
    }
    assert!(get(&at, "/").starts_with("HTTP/1.1 404"));
    client.signal(Signal::TERM);
    client.wait().exits(0);
}

#[test]
fn a_metrics_port_that_is_taken_is_refused_before_anything_is_sent() {
    let peer = Peer::answering();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap();
    let refused = rsipp(&format!("{} -m 1 -prometheus {at}", peer.addr)).run().exits(254);
    refused.complains(&format!("Unable to serve metrics at {at}: Address already in use"));
    assert!(peer.heard().is_empty());
}
