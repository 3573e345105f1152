//! scenario.md §12, actions.md §2.5: `<init>` runs once, before any call.

use rsipp::engine::settings::Load;
use rsipp::engine::{RunEnd, Verdict};

use super::pair::{Pair, Setup, steps};
use super::peer::Silent;
use super::text::{invite, nop, recv, request, request_with, response};

fn init(nops: &[&str]) -> String {
    format!("<init>{}</init>", nops.concat())
}

/// A client that logs these texts after its OPTIONS.
fn with_init(first: &str, nops: &[&str], log: &str) -> Setup {
    let log = nop("", &format!("<log message='{log}'/>"));
    steps(&[first, &init(nops), &request("OPTIONS", ""), &log])
}

/// §12, Bug: all of `<init>` runs before any call, however many steps it has and however early calls are due.
#[test]
fn init_runs_to_its_end_before_any_call() {
    let count = nop("", "<add assign_to='g' value='1'/>");
    let setup = with_init("<Global variables='g'/>", &[&count[..]; 5], "[$g]").calls(3).rate(1_000.0, 1_000);
    let mut pair = Pair::new(setup, Silent);
    assert_eq!((pair.sent().count(), pair.a().logs.len()), (0, 0));
    pair.run();
    assert_eq!(pair.a().logs, ["5.000000"; 3]);

    let users = with_init("<Global variables='g'/>", &[&count[..]; 5], "[$g]").calls(2);
    let mut pair = Pair::new(users.with(|settings| settings.load = Load::Users(2)), Silent);
    pair.run();
    assert_eq!(pair.a().logs, ["5.000000"; 2]);
}

/// §12: labels, `next` and jumps work inside `<init>`, with indexes of its own; several elements are one.
#[test]
fn init_may_loop_and_branch() {
    let count = nop(
        "",
        "<add assign_to='g' value='1'/><test assign_to='more' variable='g' compare='less_than' value='2500'/>",
    );
    let again = nop("next='again' test='more'", "");
    let skip = nop("", "<jump value='4'/>");
    let skipped = nop("", "<assign assign_to='g' value='0'/>");
    let scenario = steps(&[
        "<Global variables='g'/>",
        &init(&["<label id='again'/>", &count, &again]),
        &request("OPTIONS", ""),
        &nop("", "<log message='[$g]'/>"),
        &init(&[&skip, &skipped, &nop("", "<add assign_to='g' value='0.5'/>")]),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(pair.a().logs, ["2500.500000"]);
}

/// §12: global variables persist, call and user variables do not.
#[test]
fn of_init_only_global_variables_last() {
    let assign = nop(
        "",
        "<assign assign_to='g' value='1'/><assign assign_to='u' value='2'/><assign assign_to='c' value='3'/>\
         <log message='[$g] [$u] [$c]'/>",
    );
    let declared = "<Global variables='g'/><User variables='u'/>";
    for load in [None, Some(Load::Users(1))] {
        let setup = with_init(declared, &[&assign], "[$g]/[$u]/[$c]");
        let mut pair =
            Pair::new(setup.with(|settings| settings.load = load.unwrap_or(settings.load)), Silent);
        pair.run();
        assert_eq!(pair.a().logs, ["1.000000 2.000000 3.000000", "1.000000//"]);
    }
}

/// §12: after `-set`.
#[test]
fn init_sees_the_values_of_set() {
    let convert = nop("", "<todouble assign_to='g' variable='g'/><add assign_to='g' value='1'/>");
    let setup = with_init("<Global variables='g'/>", &[&convert], "[$g]");
    let mut pair = Pair::new(setup.with(|settings| settings.globals = vec![(0, b"41".to_vec())]), Silent);
    pair.run();
    assert_eq!(pair.a().logs, ["42.000000"]);
}

/// §12, Surprise: `<init>` takes call number 1 and the first line of every injection file.
#[test]
fn init_takes_the_first_call_number_and_the_first_injection_line() {
    let log = nop("", "<log message='[call_number] [call_id] [field0] [field0 file=\"b.csv\"]'/>");
    let scenario = steps(&[&init(&[&log]), &request_with("OPTIONS", "", "X-Line: [field0]", ""), &log]);
    let scenario = scenario.file("a.csv", "SEQUENTIAL\none\ntwo\n").file("b.csv", "SEQUENTIAL\nx\ny\nz\n");
    let mut pair = Pair::new(scenario.calls(2), Silent);
    pair.run();
    let logs = ["1 ///main-init one x", "2 2-1@127.0.0.1 two y", "3 3-1@127.0.0.1 one z"];
    assert_eq!(pair.a().logs, logs);
    assert_eq!(pair.texts("OPTIONS").iter().filter(|text| text.contains("X-Line: two")).count(), 1);
}

/// actions.md §2.5: with a USER file the fields are empty in `<init>`.
#[test]
fn in_init_the_fields_of_a_user_file_are_empty() {
    let log = nop("", "<log message='[call_number]:[field0]'/>");
    let scenario = steps(&[&init(&[&log]), &request("OPTIONS", ""), &log]).file("a.csv", "USER\none\n");
    let mut pair = Pair::new(scenario.with(|settings| settings.load = Load::Users(1)), Silent);
    pair.run();
    assert_eq!(pair.a().logs, ["1:", "2:one"]);
}

/// §12: affects no statistics; counters and RTDs named there exist but stay 0.
#[test]
fn init_appears_in_no_statistics() {
    let marked = nop("counter='c' rtd='1'", "");
    let mut pair = Pair::new(with_init("", &[&marked, &marked], "x"), Silent);
    assert_eq!((pair.stats().created(), &*pair.stats().counters), (0, &[0][..]));
    pair.run();
    let stats = pair.stats();
    assert_eq!((stats.created(), stats.successful, stats.failed), (1, 1, 0));
    assert_eq!((&*stats.counters, stats.response_times[0].count), (&[0][..], 0));
    assert_eq!((stats.steps.len(), stats.steps[0].messages), (2, 1));
    pair.assert_nothing_left();
}

/// §12, actions.md §1.3: failed checks and `stop_call` in `<init>` have no consequence for calls; the rest of the list is skipped.
#[test]
fn failed_checks_and_stop_call_in_init_have_no_consequence() {
    let failing =
        nop("", "<test variable='g' compare='equal' value='1' check_it='true'/><log message='skipped'/>");
    let mut pair = Pair::new(
        with_init("<Global variables='g'/>", &[&failing, &nop("", "<log message='on'/>")], "[$g]"),
        Silent,
    );
    pair.run();
    assert_eq!(pair.a().logs, ["on", ""]);
    assert_eq!((pair.verdicts(), pair.stats().failed), (vec![Verdict::Successful], 0));
    assert!(pair.warned("with check_it failed"));

    let stop = nop("", "<exec int_cmd='stop_call'/>");
    let mut pair = Pair::new(with_init("", &[&stop, &nop("", "<log message='not'/>")], "call"), Silent);
    pair.run();
    assert_eq!(
        (pair.a().logs.clone(), pair.verdicts()),
        (vec!["call".to_owned()], vec![Verdict::Successful])
    );
}

/// actions.md §1 (run error): `stop_now` and `<error>` in `<init>` end the run before any call.
#[test]
fn stop_now_and_error_in_init_end_the_run() {
    let end = |action: &str| {
        let mut pair = Pair::new(with_init("", &[&nop("", action)], "x"), Silent);
        pair.run();
        assert_eq!((pair.sent().count(), pair.stats().created()), (0, 0));
        pair.a().run_end.clone()
    };
    assert_eq!(end("<exec int_cmd='stop_now'/><log message='no'/>"), Some(RunEnd::StoppedNow));
    assert_eq!(end("<error message='no [call_number]'/>"), Some(RunEnd::Fatal(b"no 1".to_vec())));
}

/// actions.md §3.21: `stop_gracefully` in `<init>`: no call is opened.
#[test]
fn stop_gracefully_in_init_lets_no_call_open() {
    let stop = nop("", "<exec int_cmd='stop_gracefully'/>");
    let mut pair = Pair::new(with_init("", &[&stop], "x"), Silent);
    pair.run();
    assert_eq!((pair.stats().created(), pair.a().engine.is_finished()), (0, true));
}

/// A server runs its `<init>` too, before the first message.
#[test]
fn a_server_runs_its_init_before_the_first_message() {
    let scenario = steps(&[
        "<Global variables='g'/>",
        &init(&[&nop("", "<assignstr assign_to='g' value='ready'/><log message='init'/>")]),
        &recv("request='INVITE'"),
        &response("200 OK", ""),
        &nop("", "<log message='[$g] [call_number]'/>"),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    assert_eq!(pair.a().logs, ["init"]);
    pair.says(5, invite("x"));
    pair.run();
    assert_eq!(pair.a().logs, ["init", "ready 2"]);
}

/// Replacement for a scenario that would never begin: an `<init>` that loops for ever ends the run.
#[test]
fn an_init_that_loops_for_ever_ends_the_run() {
    let forever = nop("next='1'", "");
    let mut pair = Pair::new(with_init("", &["<label id='1'/>", &forever], "x"), Silent);
    pair.run();
    assert_eq!(pair.a().run_end, Some(RunEnd::Fatal(b"<init> does not come to an end".to_vec())));
}
