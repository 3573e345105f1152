//! actions.md §1.4, §3.2-§3.19: what single actions write, warn of and refuse.

use rsipp::engine::{RunEnd, Verdict};
use rsipp::stats::Failure;

use super::pair::{Pair, steps};
use super::peer::{Heard, Silent};
use super::text::{nop, pause, recv, recv_acting, request};

fn run_of(more: &[&str]) -> Pair {
    let options = request("OPTIONS", "");
    let mut pair = Pair::new(steps(&[&[&options[..]], more].concat()), Silent);
    pair.run_until(1_000);
    pair
}

fn acts(actions: &str) -> Pair {
    run_of(&[&nop("", actions)])
}

/// §1.4 item 4, Surprise: LF becomes CR LF; `\xHH` is a byte and opens no keyword.
#[test]
fn a_log_text_is_a_template() {
    let pair = acts(r"<log message='a\nb \x5bcall_number] [call_number]'/><log message=''/>");
    assert_eq!(pair.a().logs, ["a\r\nb [call_number] 1", ""]);
}

/// §3.4: a source that is no double counts as 0; the division by zero is told by name and changes nothing.
#[test]
fn arithmetic_reads_texts_as_0_and_warns_of_a_zero_divisor() {
    let pair = acts(
        "<assignstr assign_to='s' value='5'/><assign assign_to='a' value='9'/><add assign_to='a' variable='s'/>\
         <log message='[$a]'/><divide assign_to='a' variable='s'/><log message='[$a]'/>",
    );
    assert_eq!(pair.a().logs, ["9.000000", "9.000000"]);
    assert!(pair.warned("Action failure: Can not divide by zero ($a/$s)!"));
}

/// §3.7: the six operators of the warning; `assign_to` is then not written.
#[test]
fn a_failed_test_shows_both_sides_and_writes_nothing() {
    let table = [
        ("equal", "check_it", "=="),
        ("not_equal", "check_it_inverse", "!="),
        ("greater_than", "check_it", ">"),
        ("less_than", "check_it_inverse", "<"),
        ("greater_than_equal", "check_it", ">="),
        ("less_than_equal", "check_it_inverse", "<="),
    ];
    for (compare, check, operator) in table {
        let pair = run_of(&[
            &nop(
                "",
                "<assign assign_to='v' value='3'/><assign assign_to='w' value='4'/><assign assign_to='t' value='8'/>",
            ),
            &nop(
                "",
                &format!(
                    "<test assign_to='t' variable='v' variable2='w' compare='{compare}' {check}='true'/>"
                ),
            ),
            &nop(
                "",
                &format!("<test assign_to='t' variable='v' value='4' compare='{compare}' {check}='true'/>"),
            ),
            &nop("", "<log message='[$t]'/>"),
        ]);
        assert!(
            pair.warned(&format!("test \"v:3.000000 {operator} w:4.000000\" with {check} failed")),
            "{compare}"
        );
        assert!(
            pair.warned(&format!("test \"v:3.000000 {operator} :4.000000\" with {check} failed")),
            "{compare}"
        );
        assert_eq!(pair.a().logs, ["8.000000"], "{compare}");
    }
}

/// §3.8: the warning of a failed check.
#[test]
fn a_failed_strcmp_shows_both_texts() {
    let pair = run_of(&[
        &nop("", "<assignstr assign_to='v' value='ab'/><assignstr assign_to='w' value='ad'/>"),
        &nop("", "<strcmp assign_to='c' variable='v' variable2='w' check_it='true'/>"),
        &nop("", "<strcmp assign_to='c' variable='v' value='ab' check_it_inverse='true'/>"),
        &nop("", "<log message='[$c]'/>"),
    ]);
    assert!(pair.warned("strcmp v:\"ab\" and w:\"ad\" with check_it returned -2"));
    assert!(pair.warned("strcmp v:\"ab\" and :\"ab\" with check_it_inverse returned 0"));
    assert_eq!(pair.verdicts(), [Verdict::Failed(Failure::StrcmpShouldntMatch)]);
}

/// §3.7, Bug: `check_it="false"` without `assign_to` does nothing.
#[test]
fn a_check_that_is_off_without_a_target_does_nothing() {
    let pair = acts("<test variable='v' compare='equal' value='1' check_it='false'/><log message='on[$v]'/>");
    assert_eq!((&pair.a().logs[..], pair.verdict().1), (&["on".to_owned()][..], Verdict::Successful));
}

/// §3.12, Surprise: after a `jump` of the same list, one below its target.
#[test]
fn an_index_behind_a_jump_is_one_below_its_target() {
    let pair = run_of(&[
        &nop(
            "",
            "<index assign_to='i'/><log message='[$i]'/><jump value='4'/><index assign_to='i'/><log message='[$i]'/>",
        ),
        &pause(1),
        &pause(1),
        &nop("", "<index assign_to='i'/><log message='[$i]'/>"),
    ]);
    assert_eq!(pair.a().logs, ["1.000000", "3.000000", "4.000000"]);
}

/// §3.12, Surprise: in a recv it is the step the call was waiting at, not the one that matched.
#[test]
fn an_index_in_a_recv_is_where_the_call_waited() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv("response='100' optional='true'"),
        &recv("response='180' optional='true'"),
        &recv_acting("response='200'", "<index assign_to='i'/><log message='[$i]'/>"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| vec![heard.answer(0, "200 OK")]);
    pair.run();
    assert_eq!(pair.a().logs, ["1.000000"]);
}

/// §3.14: the target is truncated toward zero.
#[test]
fn a_jump_target_is_truncated() {
    let pair = run_of(&[
        &nop("", "<jump value='3.9'/>"),
        &nop("", "<log message='two'/>"),
        &nop("", "<log message='three'/>"),
        &nop("", "<log message='four'/>"),
    ]);
    assert_eq!(pair.a().logs, ["three", "four"]);
}

/// §3.14: an undefined or text variable counts as 0: back to the first message, and at index 0 to itself.
#[test]
fn a_jump_by_no_number_goes_to_the_first_message() {
    for make in ["", "<assignstr assign_to='to' value='2'/>"] {
        let pair = run_of(&[
            &pause(10),
            &nop("", &format!("{make}<add assign_to='n' value='1'/>")),
            &nop(
                "next='out' test='again'",
                "<test assign_to='again' variable='n' compare='equal' value='2'/>",
            ),
            &nop("", "<jump variable='to'/>"),
            "<label id='out'/><Reference variables='to'/>",
        ]);
        assert_eq!(
            (pair.sent_at("OPTIONS"), pair.verdict()),
            (vec![0, 10], (20, Verdict::Successful)),
            "{make}"
        );
    }
    let first = nop("", "<jump variable='to'/>");
    let mut pair = Pair::new(steps(&[&first, &request("OPTIONS", ""), &nop("condexec='to'", "")]), Silent);
    pair.run();
    let text = b"Jump statement at index 0 jumps to itself and causes an infinite loop".to_vec();
    assert_eq!(pair.a().run_end, Some(RunEnd::Fatal(text)));
}

/// §3.14, Bug: in a recv that does not move the call a jump is ignored too.
#[test]
fn a_jump_in_a_recv_that_does_not_move_the_call_is_ignored() {
    for attributes in ["advance_state='false'", "next='out' test='unset'"] {
        let scenario = steps(&[
            &request("OPTIONS", ""),
            &recv_acting(&format!("response='180' optional='true' {attributes}"), "<jump value='4'/>"),
            &recv("response='200'"),
            "<label id='out'/>",
            &pause(40),
            &nop("condexec='unset'", "<log message='[$unset]'/>"),
        ]);
        let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
            vec![heard.answer(10, "180 Ringing"), heard.answer(20, "200 OK")]
        });
        pair.run();
        assert_eq!(pair.verdict(), (60, Verdict::Successful), "{attributes}");
    }
}

/// Where the message after a `setdest` goes, or the warning and the end of the call that it brings.
fn destination(attributes: &str) -> Result<String, String> {
    let pair = run_of(&[
        &nop("", &format!("<assign assign_to='p' value='5070.9'/><setdest {attributes}/>")),
        &nop("condexec='p'", ""),
        &request("INFO", ""),
    ]);
    match pair.sent().find(|sent| sent.bytes.starts_with(b"INFO")) {
        Some(sent) => {
            assert!(sent.text().starts_with("INFO sip:b@127.0.0.1:5060 SIP/2.0"), "keywords stay");
            Ok(sent.to.to_string())
        }
        None => {
            assert_eq!(pair.verdict(), (0, Verdict::Failed(Failure::CannotSendMessage)), "{attributes}");
            Err(pair.a().warnings.concat())
        }
    }
}

/// §3.19: the port is a number whose fraction is cut; `[transport]` is a protocol; `[remote_port]` keeps its value.
#[test]
fn setdest_moves_the_later_messages_of_the_call() {
    let to = |text: &str| Ok(text.to_owned());
    assert_eq!(destination("host='127.0.0.2' port='5070' protocol='udp'"), to("127.0.0.2:5070"));
    assert_eq!(destination("host='127.0.0.2' port='[$p]' protocol='UDP'"), to("127.0.0.2:5070"));
    assert_eq!(destination("host='127.0.0.2' port='0x10' protocol='[transport]'"), to("127.0.0.2:16"));
    assert_eq!(destination("host='127.0.0.2' port='' protocol='udp'"), to("127.0.0.2:0"));
}

/// §3.19: what it refuses; here the call ends, not the run (destination.rs).
#[test]
fn setdest_refuses_what_is_no_destination() {
    let table = [
        ("host='127.0.0.2' port='50x' protocol='udp'", "Invalid port for setdest: 50x"),
        ("host='127.0.0.2' port='5060 ' protocol='udp'", "Invalid port for setdest: 5060 "),
        ("host='127.0.0.2' port='5060' protocol='Udp'", "Unknown transport for setdest: 'Udp'"),
        ("host='127.0.0.2' port='5060' protocol='tcp'", "Can not switch protocols during setdest."),
        ("host='127.0.0.2' port='5060' protocol='SCTP'", "Can not switch protocols during setdest."),
        ("host='[$p].invalid' port='5060' protocol='udp'", "Unknown host '5070.900000.invalid' for setdest"),
    ];
    for (attributes, warning) in table {
        assert_eq!(destination(attributes), Err(warning.to_owned()));
    }
}

/// §3.6: "Draws one number per execution".
#[test]
fn a_sample_draws_a_number_each_time() {
    let draw = "<sample assign_to='v' distribution='uniform' min='5' max='6'/><log message='[$v]'/>";
    let pair = acts(&draw.repeat(20));
    let drawn: Vec<f64> = pair.a().logs.iter().map(|text| text.parse().unwrap()).collect();
    assert!(drawn.len() == 20 && drawn.iter().all(|number| (5.0..=6.0).contains(number)), "{drawn:?}");
    assert!(drawn.iter().any(|number| *number != drawn[0]), "{drawn:?}");
    let fixed = acts("<sample assign_to='v' distribution='fixed' value='2.5'/><log message='[$v]'/>");
    assert_eq!(fixed.a().logs, ["2.500000"]);
}

/// §3.20, Bug: with a shared socket closecon does nothing, and later sends of the call go out.
#[test]
fn closecon_on_a_shared_socket_does_nothing() {
    let pair = run_of(&[&nop("", "<closecon/><log message='on'/>"), &request("INFO", "")]);
    assert_eq!((pair.sent_at("INFO"), &pair.a().logs[..]), (vec![0], &["on".to_owned()][..]));
    assert_eq!(pair.verdicts(), [Verdict::Successful]);
}

/// §3.21, `stop_gracefully`: "the action list goes on"; `stop_now`: nothing more happens.
#[test]
fn the_list_goes_on_behind_stop_gracefully_and_not_behind_stop_now() {
    let logs = |what: &str| acts(&format!("<exec int_cmd='{what}'/><log message='on'/>")).a().logs.clone();
    assert_eq!(logs("stop_gracefully"), ["on"]);
    assert_eq!(logs("stop_now"), Vec::<String>::new());
    assert_eq!(logs("no such command"), Vec::<String>::new(), "is stop_call");
}

/// §3.10, §3.11, Surprise: a double becomes an empty text, which is set.
#[test]
fn trimming_and_encoding_a_number_leave_an_empty_text_that_is_set() {
    for change in ["<trim assign_to='v'/>", "<urlencode variable='v'/>", "<urldecode variable='v'/>"] {
        let pair = run_of(&[
            &nop("", &format!("<assign assign_to='v' value='0'/>{change}")),
            &nop("condexec='v'", "<log message='set ([$v])'/>"),
        ]);
        assert_eq!(pair.a().logs, ["set ()"], "{change}");
    }
}
