//! actions.md §2.1, scenario.md §11: scopes of variables, and variables that nothing reads.

use rsipp::engine::Verdict;
use rsipp::engine::settings::Load;

use super::pair::{Pair, Setup, steps};
use super::peer::Silent;
use super::text::{ask, invite, nop, pause, recv, recv_acting, request, response};

const DECLARED: &str = "<Global variables='g'/><User variables='u'/>";
const COUNT: &str = "<add assign_to='g' value='1'/><add assign_to='u' value='1'/><add assign_to='c' value='1'/>\
     <log message='[userid]: [$g] [$u] [$c]'/>";

fn counting() -> Setup {
    steps(&[DECLARED, &request("OPTIONS", ""), &nop("", COUNT), &pause(100)])
}

fn logs_of(setup: Setup) -> Vec<String> {
    let mut pair = Pair::new(setup, Silent);
    pair.run();
    assert!(pair.verdicts().iter().all(|verdict| *verdict == Verdict::Successful));
    pair.a().logs.clone()
}

/// With `-users` a user variable lasts from call to call of one user; a global one is everybody's; a call variable no one else's.
#[test]
fn a_user_variable_lasts_from_call_to_call_of_its_user() {
    let logs = logs_of(counting().calls(4).with(|settings| settings.load = Load::Users(2)));
    let expected = [
        "2: 1.000000 1.000000 1.000000",
        "1: 2.000000 1.000000 1.000000",
        "2: 3.000000 2.000000 1.000000",
        "1: 4.000000 2.000000 1.000000",
    ];
    assert_eq!(logs, expected);
}

/// Without `-users` each call has fresh user variables.
#[test]
fn without_users_each_call_has_user_variables_of_its_own() {
    let expected = ["0: 1.000000 1.000000 1.000000", "0: 2.000000 1.000000 1.000000"];
    assert_eq!(logs_of(counting().calls(2)), expected);
}

/// Incoming calls have no user either.
#[test]
fn at_a_server_each_call_has_user_variables_of_its_own() {
    let scenario =
        steps(&[DECLARED, &recv_acting("request='INVITE'", COUNT), &response("200 OK", ""), &pause(50)]);
    let mut pair = Pair::new(scenario.with(|settings| settings.load = Load::Users(2)), Silent);
    pair.says(0, invite("x"));
    pair.says(10, invite("y"));
    pair.run();
    assert_eq!(pair.a().logs, ["0: 1.000000 1.000000 1.000000", "0: 2.000000 1.000000 1.000000"]);
}

/// A global variable that one call changes is seen at once by another that is in progress.
#[test]
fn calls_in_progress_share_a_global_variable() {
    let scenario = steps(&[
        "<Global variables='g'/>",
        &request("OPTIONS", ""),
        &nop("", "<assignstr assign_to='g' value='by [call_number]'/>"),
        &pause(150),
        &nop("", "<log message='[call_number] sees [$g]'/>"),
    ]);
    let logs = logs_of(scenario.calls(3).rate(10.0, 1_000));
    assert_eq!(logs, ["1 sees by 2", "2 sees by 3", "3 sees by 3"]);
}

/// actions.md §2.1: `-set` assigns a text: arithmetic sees 0 until it is converted.
#[test]
fn a_set_variable_is_a_text() {
    let log = nop("", "<log message='[$g]'/><add assign_to='g' value='1'/><log message='[$g]'/>");
    let setup = steps(&["<Global variables='g'/>", &request("OPTIONS", ""), &log]);
    let logs = logs_of(setup.with(|settings| settings.globals = vec![(0, b"41".to_vec())]));
    assert_eq!(logs, ["41", "1.000000"]);
}

/// The compiler sets variables apart that nothing reads: their actions still run, and the others keep their values and names.
#[test]
fn a_variable_that_nothing_reads_changes_nothing_for_the_others() {
    let unread = "<ereg regexp='(.)(.)' search_in='var' variable='b' assign_to='x,y,z'/>\
        <assign assign_to='x' value='7'/><add assign_to='y' value='1'/><assignstr assign_to='z' value='[$a]'/>\
        <index assign_to='x'/><sample assign_to='y' distribution='fixed' value='1'/><trim assign_to='z'/>";
    let all = format!(
        "<assignstr assign_to='a' value='A'/>{unread}<assignstr assign_to='b' value='Bb'/>{unread}\
         <ereg regexp='(.)(.)' search_in='var' variable='b' assign_to='x,y,c'/><log message='[$a] [$b] [$c]'/>\
         <divide assign_to='d' variable='a'/><divide assign_to='y' variable='a'/>"
    );
    let scenario = steps(&[&request("OPTIONS", ""), &nop("", &all), "<Reference variables='d,x,y,z'/>"]);
    let mut pair = Pair::new(scenario.calls(2), Silent);
    pair.run();
    assert_eq!(pair.a().logs, ["A Bb b"; 2]);
    let warnings =
        ["($d/$a)!", "($y/$a)!"].map(|names| format!("Action failure: Can not divide by zero {names}"));
    assert_eq!(pair.a().warnings, [warnings.clone(), warnings].concat());
    assert_eq!(pair.verdicts(), [Verdict::Successful; 2]);
}

/// A check on a variable that is otherwise unread still counts.
#[test]
fn a_check_with_an_unread_target_still_fails_the_call() {
    let check = "<ereg regexp='nowhere' search_in='msg' check_it='true' assign_to='x'/>";
    let scenario = steps(&[
        &recv_acting("request='INVITE'", check),
        &response("200 OK", ""),
        &recv("request='ACK'"),
        "<Reference variables='x'/>",
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(0, invite("x"));
    pair.says(5, ask("ACK", "x", 1));
    pair.run();
    assert_eq!(pair.verdicts(), [Verdict::Failed(rsipp::stats::Failure::RegexpDoesntMatch)]);
}
