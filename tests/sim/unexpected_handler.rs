//! runtime.md §7.6, scenario.md §7.6, actions.md §3.14-§3.15: the label `_unexp.main`.

use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{ask, invite, line_of, nop, pause, recv, recv_acting, request, response};

const UNEXPECTED: Verdict = Verdict::Failed(Failure::UnexpectedMessage);
const ID: &str = "1-1@127.0.0.1";

const LABEL: &str = "<label id='_unexp.main'/>";

/// The handler as users write it: answers an INFO, puts the address back to 0 and returns into the pause.
fn handler() -> String {
    let back = nop(
        "",
        "<assign assign_to='to' variable='_unexp.retaddr'/><assign assign_to='_unexp.retaddr' value='0'/>\
         <jump variable='to'/><pauserestore variable='_unexp.pausedaddr'/>",
    );
    [LABEL, &recv("request='INFO'"), &response("200 OK", ""), &back].concat()
}

/// INVITE, 200, ACK, a pause of 1 s at index 3, BYE, 200, then `handler`.
fn dialog(handler: &str) -> Setup {
    steps(&[
        &request("INVITE", ""),
        &recv("response='200'"),
        &request("ACK", ""),
        &pause(1_000),
        &request("BYE", ""),
        &recv("response='200' next='end'"),
        handler,
        "<label id='end'/>",
        &nop("", ""),
    ])
}

fn run(setup: Setup, messages: &[(u64, String)]) -> Pair {
    let mut pair = Pair::new(setup, Answers([("INVITE", 0, "200 OK"), ("BYE", 0, "200 OK")]));
    for (at, message) in messages {
        pair.says(*at, message);
    }
    pair.run_until(5_000);
    pair
}

fn trace_of(pair: &Pair) -> Vec<(u64, String)> {
    pair.trace().split_off(2)
}

fn kinds(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
    expected.iter().map(|(at, kind)| (*at, (*kind).to_owned())).collect()
}

/// §7.6, Observed: an unexpected INFO in a 1 s pause is answered by the handler; the pause is then completed at its original end.
#[test]
fn an_excursion_from_a_pause_ends_with_the_pause_at_its_original_time() {
    let pair = run(dialog(&handler()), &[(300, ask("INFO", ID, 10))]);
    assert_eq!(trace_of(&pair), kinds(&[(300, "200"), (1_000, "BYE")]));
    assert_eq!(pair.verdict(), (1_000, Verdict::Successful));
    assert_eq!(pair.stats().steps[3].unexpected, 0);
    let ok = &pair.texts("SIP/2.0 200")[0];
    assert_eq!(line_of(ok, "CSeq:"), "CSeq: 10 INFO", "the handler answers the message itself");
}

/// §7.6: `_unexp.retaddr` gets the index of the step, `_unexp.pausedaddr` the absolute wake time in ms.
#[test]
fn the_handler_learns_the_step_and_the_wake_time() {
    let log = nop("", "<log message='[$_unexp.retaddr] [$_unexp.pausedaddr]'/>");
    let pair =
        run(dialog(&[LABEL, &log, &handler().replace(LABEL, "")].concat()), &[(300, ask("INFO", ID, 10))]);
    assert_eq!(pair.a().logs, ["3.000000 1000.000000"]);
    assert_eq!(pair.sent_at("BYE"), [1_000]);
}

/// §7.6: without a pause `_unexp.pausedaddr` is 0, and the jump leads back to the recv, which waits on.
#[test]
fn an_excursion_from_a_recv_goes_on_waiting() {
    let log = nop("", "<log message='[$_unexp.retaddr]|[$_unexp.pausedaddr]'/>");
    let setup = dialog(&[LABEL, &log, &handler().replace(LABEL, "")].concat());
    let mut pair = Pair::new(setup, Answers([("INVITE", 400, "200 OK"), ("BYE", 0, "200 OK")]));
    pair.says(100, ask("INFO", ID, 10));
    pair.run();
    assert_eq!(pair.a().logs, ["1.000000|"]);
    let expected = [(0, "INVITE"), (100, "200"), (400, "ACK"), (1_400, "BYE")];
    assert_eq!((pair.trace(), pair.verdicts()), (kinds(&expected), vec![Verdict::Successful]));
}

/// §7.6: with the address put back to 0 the next unexpected message is handled too.
#[test]
fn a_handler_that_clears_its_return_address_serves_again() {
    let pair = run(dialog(&handler()), &[(300, ask("INFO", ID, 10)), (600, ask("INFO", ID, 11))]);
    assert_eq!(trace_of(&pair), kinds(&[(300, "200"), (600, "200"), (1_000, "BYE")]));
    assert_eq!(pair.verdict(), (1_000, Verdict::Successful));
}

/// scenario.md §7.6: `<jump>` does not clear the address: a second unexpected message aborts the call. Observed.
#[test]
fn a_handler_that_does_not_clear_its_return_address_serves_once() {
    let back = nop("", "<jump variable='_unexp.retaddr'/><pauserestore variable='_unexp.pausedaddr'/>");
    let forgetful = [LABEL, &recv("request='INFO'"), &response("200 OK", ""), &back].concat();
    let pair = run(dialog(&forgetful), &[(300, ask("INFO", ID, 10)), (600, ask("INFO", ID, 11))]);
    assert_eq!(trace_of(&pair), kinds(&[(300, "200"), (600, "BYE")]));
    assert_eq!(pair.verdict(), (600, UNEXPECTED));
    assert_eq!(pair.stats().steps[3].unexpected, 1);
}

/// §7.6: nested: a message that comes while the handler is at work, and fits nowhere in it, is plainly unexpected.
#[test]
fn an_unexpected_message_inside_the_handler_aborts_the_call() {
    let slow = handler().replace(&response("200 OK", ""), &[pause(200), response("200 OK", "")].concat());
    let pair = run(dialog(&slow), &[(300, ask("INFO", ID, 10)), (400, ask("MESSAGE", ID, 11))]);
    assert_eq!(trace_of(&pair), kinds(&[(400, "BYE")]));
    assert_eq!(pair.verdict(), (400, UNEXPECTED));
    assert!(pair.warned("while pausing (index 7), received 'MESSAGE"));
}

/// §7.6: the kept message that the handler's first recv does not take is plainly unexpected as well.
#[test]
fn a_message_that_the_handler_does_not_take_aborts_the_call() {
    let pair = run(dialog(&handler()), &[(300, ask("MESSAGE", ID, 10))]);
    assert_eq!((trace_of(&pair), pair.verdict()), (kinds(&[(300, "BYE")]), (300, UNEXPECTED)));
    assert!(pair.warned("while expecting 'INFO' (index 6), received 'MESSAGE"));
}

/// §7.6, Bug: without `_unexp.retaddr` such a message makes SIPp recurse until it crashes; here it is unexpected.
#[test]
fn without_a_return_address_a_message_that_the_handler_does_not_take_aborts_the_call() {
    let blind = [LABEL, &recv("request='INFO'"), &response("200 OK", ""), &pause(10)].concat();
    let pair = run(dialog(&blind), &[(300, ask("MESSAGE", ID, 10))]);
    assert_eq!((trace_of(&pair), pair.verdict()), (kinds(&[(300, "BYE")]), (300, UNEXPECTED)));
}

/// The same for the very first message that the call receives.
#[test]
fn without_a_return_address_even_the_first_message_of_a_call_does_not_recurse() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv("response='200' next='end'"),
        LABEL,
        &recv("request='INFO'"),
        &response("200 OK", ""),
        "<label id='end'/>",
        &nop("", ""),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(10, ask("MESSAGE", ID, 10));
    pair.run_until(100);
    assert_eq!(pair.verdict(), (10, UNEXPECTED));
}

/// scenario.md §7.6: neither variable used → no recursion guard: each message that the handler takes is handled anew.
#[test]
fn without_a_return_address_every_message_enters_the_handler() {
    let count = "<add assign_to='n' value='1'/><log message='[$n]'/>";
    let again = nop("next='wait'", "");
    let scenario = steps(&[
        &request("OPTIONS", ""),
        "<label id='wait'/>",
        &recv("response='200' next='end'"),
        LABEL,
        &recv_acting("request='INFO'", count),
        &response("200 OK", ""),
        &again,
        "<label id='end'/>",
        &nop("", ""),
    ]);
    let mut pair = Pair::new(scenario, Answers([("OPTIONS", 100, "200 OK")]));
    for number in 1..=4 {
        pair.says(u64::from(number) * 10, ask("INFO", ID, number));
    }
    pair.run();
    assert_eq!(pair.a().logs, ["1.000000", "2.000000", "3.000000", "4.000000"]);
    assert_eq!(
        (pair.sent_at("SIP/2.0 200"), pair.verdict()),
        (vec![10, 20, 30, 40], (100, Verdict::Successful))
    );
}

/// §7.6, Surprise: at index 0 the stored address is 0, which looks like "not in a jump": a second message is handled too.
#[test]
fn at_index_0_the_return_address_is_0_and_guards_nothing() {
    let scenario = steps(&[
        &pause(1_000),
        &request("OPTIONS", "next='end'"),
        LABEL,
        &recv_acting("request='INFO'", "<log message='[$_unexp.retaddr]/[$_unexp.pausedaddr]'/>"),
        &response("200 OK", ""),
        &pause(500),
        "<label id='end'/>",
        &nop("", ""),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(100, ask("INFO", ID, 10));
    pair.says(200, ask("INFO", ID, 11));
    pair.run();
    assert_eq!(pair.sent_at("SIP/2.0 200"), [100, 200]);
    assert_eq!(pair.a().logs, ["/1000.000000", "4.000000/600.000000"]);
}

/// §7.6, §10: with this label the automatic answers to BYE, CANCEL and PING, and those of `-aa`, are never given.
#[test]
fn with_a_handler_nothing_is_answered_automatically() {
    let setup = || dialog(&handler()).with(|settings| settings.auto_answer = true);
    for method in ["BYE", "CANCEL", "PING", "OPTIONS", "NOTIFY"] {
        let pair = run(setup(), &[(300, ask(method, ID, 10))]);
        assert_eq!((pair.sent_at("SIP/2.0 200"), pair.stats().auto_answered), (vec![], 0), "{method}");
        assert_eq!((pair.verdict(), pair.sent_at("BYE")), ((300, UNEXPECTED), vec![300]), "{method}");
    }
}

/// §7.6: the handler may answer a BYE itself.
#[test]
fn a_handler_may_answer_a_bye() {
    let answering = [LABEL, &recv("request='BYE'"), &response("200 OK", ""), &pause(0)].concat();
    let pair = run(dialog(&answering), &[(300, ask("BYE", ID, 10))]);
    assert_eq!((trace_of(&pair), pair.verdict()), (kinds(&[(300, "200")]), (300, Verdict::Successful)));
}

/// §7.6: at a server too.
#[test]
fn a_server_may_have_a_handler() {
    let scenario = steps(&[
        &recv("request='INVITE'"),
        &response("200 OK", ""),
        &recv("request='ACK'"),
        &pause(1_000),
        &nop("next='end'", "<log message='over'/>"),
        &handler(),
        "<label id='end'/>",
        &nop("", ""),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    for (at, method, cseq) in [(0, "INVITE", 1), (10, "ACK", 1), (300, "INFO", 2)] {
        pair.says(at, ask(method, "x", cseq));
    }
    pair.run();
    assert_eq!((pair.sent_at("SIP/2.0 200"), pair.a().logs.clone()), (vec![0, 300], vec!["over".to_owned()]));
    assert_eq!(pair.verdict(), (1_010, Verdict::Successful));
}

/// §7.6: the message that opens a server's call may enter the handler too; index 0 is stored.
#[test]
fn an_opening_message_that_fits_nowhere_enters_the_handler() {
    let scenario = steps(&[
        &recv("request='INVITE'"),
        &response("200 OK", "next='end'"),
        LABEL,
        &recv("request='OPTIONS'"),
        &response("404 Not Found", ""),
        "<label id='end'/>",
        &nop("", ""),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(0, ask("OPTIONS", "x", 1));
    pair.says(10, invite("y"));
    pair.says(20, ask("INFO", "z", 1));
    pair.run_until(100);
    assert_eq!((pair.sent_at("SIP/2.0 404"), pair.sent_at("SIP/2.0 200")), (vec![0], vec![10]));
    assert_eq!(pair.verdicts(), [Verdict::Successful, Verdict::Successful, UNEXPECTED]);
}

/// The same at a server that begins with a nop and so keeps its opening message: it may enter the handler, but only once.
#[test]
fn an_opening_message_that_was_kept_enters_the_handler_once() {
    let scenario = steps(&[
        &nop("", ""),
        &pause(10),
        &recv("request='INVITE'"),
        &response("200 OK", "next='end'"),
        LABEL,
        &pause(10),
        &recv("request='OPTIONS'"),
        &response("404 Not Found", ""),
        "<label id='end'/>",
        &nop("", ""),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(0, ask("OPTIONS", "x", 1));
    pair.says(1, ask("INFO", "z", 1));
    pair.run_until(100);
    assert_eq!(pair.sent_at("SIP/2.0 404"), [20]);
    assert_eq!(pair.a().ends, [(20, Verdict::Successful), (21, UNEXPECTED)]);
}

/// §8, Replacement: with `_unexp.main` the jump comes before the look at all accepted messages; §8 items 1 and 2 come first.
#[test]
fn a_repeat_of_the_answered_message_does_not_enter_the_handler() {
    let setup = dialog(&handler());
    let mut pair = Pair::new(setup, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK"), heard.answer(500, "200 OK")],
        "BYE" => vec![heard.answer(0, "200 OK")],
        _ => vec![],
    });
    pair.run();
    assert_eq!((pair.sent_at("ACK"), pair.verdict()), (vec![0, 500], (1_000, Verdict::Successful)));
}
