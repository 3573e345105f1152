//! actions.md §3, end to end: what actions do to a call that runs.

use rsipp::engine::{RunEnd, Verdict};

use super::pair::{Pair, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{answer_with, nop, pause, recv, recv_acting, request, request_acting};

/// Runs a client of these steps that begins with an unanswered OPTIONS, and returns what it logged.
fn logs_of(more: &[&str]) -> Vec<String> {
    let options = request("OPTIONS", "");
    let mut pair = Pair::new(steps(&[&[&options[..]], more].concat()), Silent);
    pair.run_until(10_000);
    pair.a().logs.clone()
}

/// §3.4: a target that holds no number starts from 0; dividing by a variable that is zero changes nothing.
#[test]
fn arithmetic_works_on_numbers_and_starts_from_0() {
    let logs = logs_of(&[&nop(
        "",
        "<assign assign_to='a' value='7'/><add assign_to='a' value='1.5'/><multiply assign_to='a' value='2'/>\
         <subtract assign_to='a' value='1'/><divide assign_to='a' value='4'/><log message='[$a]'/>\
         <assignstr assign_to='s' value='4'/><add assign_to='s' value='1'/><log message='[$s]'/>\
         <divide assign_to='a' variable='z'/><log message='[$a]'/><assign assign_to='z' value='0'/>",
    )]);
    assert_eq!(logs, ["4.000000", "1.000000", "4.000000"]);
}

/// §3.5: assignstr renders its template, and may use its own target.
#[test]
fn assignstr_renders_its_text() {
    let logs = logs_of(&[&nop(
        "",
        "<assignstr assign_to='a' value='x[call_number]'/><assignstr assign_to='a' value='[$a][$a]'/><log message='[$a]'/>",
    )]);
    assert_eq!(logs, ["x1x1"]);
}

/// §3.7: test stores a truth that branches.
#[test]
fn a_test_decides_a_branch() {
    let way = |value: u32| {
        let test = format!(
            "<assign assign_to='v' value='{value}'/><test assign_to='t' variable='v' compare='greater_than' value='3'/>"
        );
        let test = nop("next='big' test='t'", &test);
        let small = nop("next='end'", "<log message='small'/>");
        logs_of(&[
            &test,
            &small,
            "<label id='big'/>",
            &nop("", "<log message='big'/>"),
            "<label id='end'/>",
            &pause(1),
        ])
    };
    assert_eq!((way(3), way(4)), (vec!["small".to_owned()], vec!["big".to_owned()]));
}

/// §3.8, Surprise: 0 ("equal") is false in `test=`, different is true.
#[test]
fn a_strcmp_of_equal_texts_is_false() {
    let way = |text: &str| {
        let compare = format!(
            "<assignstr assign_to='s' value='{text}'/><strcmp assign_to='d' variable='s' value='abc'/><log message='[$d]'/>"
        );
        let compare = nop("next='differs' test='d'", &compare);
        let equal = nop("next='end'", "<log message='equal'/>");
        let differs = nop("", "<log message='differs'/>");
        logs_of(&[&compare, &equal, "<label id='differs'/>", &differs, "<label id='end'/>", &pause(1)])
    };
    assert_eq!(way("abc"), ["", "equal"]);
    assert_eq!(way("abd"), ["1.000000", "differs"]);
}

/// §3.1: ereg takes parts of a response apart, in header, body and whole message.
#[test]
fn ereg_takes_a_response_apart() {
    let actions = "<ereg regexp='sip:([a-z]+)@([0-9.]+)' search_in='hdr' header='Contact:' assign_to='all,user,host'/>\
        <ereg regexp='200 ([A-Z]+)' search_in='msg' assign_to='w,word'/>\
        <log message='[$all] [$user] [$host] [$word]'/><log message='[$w]'/>";
    let scenario = steps(&[&request("OPTIONS", ""), &recv_acting("response='200'", actions)]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        vec![(0, answer_with(heard.text, "200 OK", "Contact: <sip:carol@10.0.0.7>\r\n"))]
    });
    pair.run();
    assert_eq!(pair.a().logs, ["sip:carol@10.0.0.7 carol 10.0.0.7 OK", "200 OK"]);
    assert_eq!(pair.verdicts(), [Verdict::Successful]);
}

/// actions.md §1.2: in a send the current message is what was sent, whatever other actions rendered.
#[test]
fn ereg_in_a_send_sees_the_message_as_sent() {
    let actions = "<log message='noise'/><ereg regexp='[0-9]+ OPTIONS' search_in='msg' assign_to='c'/><log message='[$c]'/>";
    let mut pair = Pair::new(steps(&[&request_acting("OPTIONS", "", actions)]), Silent);
    pair.run();
    assert_eq!(pair.a().logs, ["noise", "1 OPTIONS"]);
}

/// §3.14: jump goes to the index; the rest of the list still runs; the last jump wins; the step's own `next` is not looked at.
#[test]
fn a_jump_goes_to_its_target_and_the_last_one_wins() {
    let logs = logs_of(&[
        &nop("next='trap'", "<jump value='2'/><log message='one'/><jump value='3'/>"),
        &nop("", "<log message='two'/>"),
        &nop("next='end'", "<log message='three'/>"),
        "<label id='trap'/>",
        &nop("", "<log message='trap'/>"),
        "<label id='end'/>",
        &pause(1),
    ]);
    assert_eq!(logs, ["one", "three"]);
}

/// §3.14, Bug: the `next` of the element before the target does not lead the jump astray.
#[test]
fn a_jump_ignores_the_next_of_the_step_before_its_target() {
    let logs = logs_of(&[
        &nop("", "<jump value='3'/>"),
        &nop("next='trap'", ""),
        &nop("next='end'", "<log message='target'/>"),
        "<label id='trap'/>",
        &nop("", "<log message='trap'/>"),
        "<label id='end'/>",
        &pause(1),
    ]);
    assert_eq!(logs, ["target"]);
}

/// §3.14: a jump in a pause is taken when the pause ends; one to the number of messages ends the call.
#[test]
fn a_jump_in_a_pause_waits_for_its_end() {
    let leap = "<pause milliseconds='70'><action><jump value='4'/></action></pause>";
    let scenario = steps(&[&request("OPTIONS", ""), leap, &pause(1_000), &pause(1_000)]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(pair.verdict(), (70, Verdict::Successful));
}

/// §3.14, Surprise: ignored in a recv.
#[test]
fn a_jump_in_a_recv_is_ignored() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv_acting("response='200'", "<jump value='3'/>"),
        &pause(40),
        &pause(1),
    ]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 0, "200 OK")]));
    pair.run();
    assert_eq!(pair.verdict(), (41, Verdict::Successful));
}

/// §3.14: loops by jump run on; a loop that never waits lets time and other calls go on.
#[test]
fn a_jump_loops_as_often_as_asked() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &nop(
            "",
            "<add assign_to='i' value='1'/><test assign_to='more' variable='i' compare='less_than' value='5'/>",
        ),
        &pause(10),
        &nop("next='out' test='done'", "<test assign_to='done' variable='i' compare='equal' value='5'/>"),
        &nop("condexec='more'", "<jump value='1'/>"),
        "<label id='out'/>",
        &pause(1),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(pair.verdict(), (51, Verdict::Successful));
}

/// README rule 4: a scenario that loops without waiting holds up neither the clock nor other calls.
#[test]
fn an_endless_loop_does_not_stop_other_calls() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        "<label id='1'/>",
        &nop("next='1'", "<add assign_to='i' variable='i'/>"),
    ]);
    let mut pair = Pair::new(scenario.calls(5).rate(1_000.0, 1_000), Silent);
    pair.run_until(20);
    assert_eq!(pair.sent_at("OPTIONS"), [0, 1, 2, 3, 4]);
    pair.command(rsipp::engine::Command::TimeUp);
    assert_eq!(pair.stats().failed, 5);
}

/// §3.14, run errors: to itself, out of range.
#[test]
fn a_jump_to_itself_or_out_of_range_ends_the_run() {
    let end = |target: &str| {
        let scenario =
            steps(&[&request("OPTIONS", ""), &nop("", &format!("<jump value='{target}'/>")), &pause(1)]);
        let mut pair = Pair::new(scenario, Silent);
        pair.run();
        match pair.a().run_end.clone() {
            Some(RunEnd::Fatal(text)) => String::from_utf8(text).unwrap(),
            other => format!("{other:?}"),
        }
    };
    assert_eq!(end("1"), "Jump statement at index 1 jumps to itself and causes an infinite loop");
    assert_eq!(end("4"), "Jump statement out of range (not 0 <= 4 <= 3)");
    assert_eq!(end("-1"), "Jump statement out of range (not 0 <= -1 <= 3)");
}

/// §3.9: text becomes a number; bad text leaves the target and warns with names.
#[test]
fn todouble_converts_text_and_warns_of_bad_text() {
    let actions = "<assignstr assign_to='s' value='2.5e1'/><todouble assign_to='d' variable='s'/><log message='[$d]'/>\
        <assignstr assign_to='s' value='twelve'/><todouble assign_to='d' variable='s'/><log message='[$d]'/>";
    let mut pair = Pair::new(steps(&[&request("OPTIONS", ""), &nop("", actions)]), Silent);
    pair.run();
    assert_eq!(pair.a().logs, ["25.000000", "25.000000"]);
    assert!(pair.warned("Invalid double conversion from $s to $d"));
}

/// runtime.md §3 item 1: a skipped step still takes its own `next`; a skipped send is not sent.
#[test]
fn a_skipped_step_still_takes_its_branch() {
    let scenario = steps(&[
        &request("ONE", ""),
        &request("TWO", "condexec='unset' next='1'"),
        &request("THREE", ""),
        "<label id='1'/>",
        &request("FOUR", "condexec='unset' condexec_inverse='true'"),
        &recv("response='200'"),
        "<Reference variables='unset'/>",
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    let kinds: Vec<_> = pair.trace().into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, ["ONE", "FOUR"]);
}

/// actions.md §2.1: global variables are shared by all calls of the run, call variables are not.
#[test]
fn global_variables_are_shared_by_calls() {
    let actions = "<add assign_to='g' value='1'/><add assign_to='c' value='1'/><log message='[$g] [$c]'/>";
    let scenario = steps(&["<Global variables='g'/>", &request("OPTIONS", ""), &nop("", actions)]);
    let mut pair = Pair::new(scenario.calls(2), Silent);
    pair.run();
    assert_eq!(pair.a().logs, ["1.000000 1.000000", "2.000000 1.000000"]);
}
