//! runtime.md §2.1, §6.3, scenario.md §14: a client that is called itself (`-rxsf`).

use rsipp::clock::Span;
use rsipp::engine::settings::Load;
use rsipp::engine::{Command, Verdict};
use rsipp::scenario::Part;
use rsipp::stats::{Failure, Stats};

use super::link::{Layer, Link};
use super::pair::{Pair, Setup, address, embedded, steps};
use super::peer::{Heard, Silent};
use super::text::{answer, ask, invite, line_of, pause, recv, recv_acting, request, request_with, response};

/// Somebody who is not the remote host.
const STRANGER: u16 = 7_777;

/// One MESSAGE that waits for its 200, with its injection line.
fn caller() -> Setup {
    steps(&[&request("MESSAGE", ""), &recv("response='200'")])
}

fn answerer() -> Setup {
    steps(&[&recv("request='OPTIONS'"), &response("200 OK", "")])
}

fn receiving(pair: &Pair) -> &Stats {
    pair.stats_of(Part::Receiving)
}

fn let_the_call_end(pair: &mut Pair, at_ms: u64) {
    let message = pair.texts("MESSAGE").pop().expect("a MESSAGE");
    pair.says(at_ms, answer(&message, "200 OK"));
}

/// §2.1: unknown Call-IDs open calls of the second scenario, which count in its own numbers only.
#[test]
fn an_unknown_call_id_opens_a_call_of_the_receiving_scenario() {
    let mut pair = Pair::new(caller().receiving(embedded("uas")), Silent);
    pair.says_from(STRANGER, 5, invite("x"));
    pair.says_from(STRANGER, 10, ask("ACK", "x", 1));
    pair.says_from(STRANGER, 20, ask("BYE", "x", 2));
    pair.run_until(5_000);
    let own = receiving(&pair);
    assert_eq!((own.incoming, own.outgoing, own.successful, own.failed), (1, 0, 1, 0));
    let main = pair.stats();
    assert_eq!((main.created(), main.current, main.auto_answered, main.warnings), (1, 1, 0, 0));
    let answers: Vec<_> = pair.sent().filter(|sent| sent.bytes.starts_with(b"SIP/2.0")).collect();
    assert_eq!(answers.len(), 3);
    assert!(answers.iter().all(|sent| sent.to == address(STRANGER)), "to the source of the first message");
}

/// scenario.md §14: whatever the message is.
#[test]
fn a_response_of_no_call_opens_a_call_that_fails() {
    let mut pair = Pair::new(caller().receiving(answerer()), Silent);
    pair.says(5, answer(&ask("OPTIONS", "x", 1), "200 OK"));
    pair.run_until(10);
    assert_eq!(
        (receiving(&pair).failures[Failure::UnexpectedMessage.index()], pair.stats().out_of_call),
        (1, 0)
    );
    assert!(pair.warned("while expecting 'OPTIONS' (index 0)"));
}

/// §2.2, scenario.md §14: one counter of call numbers, one order of injection lines.
#[test]
fn calls_of_both_scenarios_share_numbers_and_injection_lines() {
    let with_line = |method: &str| request_with(method, "", "X-Line: [field0]", "");
    let main = steps(&[&with_line("MESSAGE"), &recv("response='200'")]).calls(2).rate(10.0, 1_000);
    let main = main.file("a.csv", "SEQUENTIAL\none\ntwo\nthree\n");
    let called = steps(&[&recv("request='OPTIONS'"), &response("200 OK", ""), &with_line("NOTIFY")]);
    let mut pair = Pair::new(main.receiving(called), Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run_until(150);
    let lines: Vec<_> =
        pair.sent().filter(|sent| !sent.bytes.starts_with(b"SIP")).map(|sent| sent.text()).collect();
    let lines: Vec<_> = lines.iter().map(|text| (line_of(text, "From:"), line_of(text, "X-Line:"))).collect();
    let from = |number: u32| format!("From: <sip:a@127.0.0.1:5061>;tag=a{number}");
    let expected = [(from(1), "X-Line: one"), (from(2), "X-Line: two"), (from(3), "X-Line: three")];
    assert_eq!(lines, expected.each_ref().map(|(from, line)| (from.as_str(), *line)));
}

/// cli.md §4.5 and its Bug in actions.md §4.1: the first `-rxinf` file is the default of the receiving scenario, and of no other.
#[test]
fn the_receiving_scenario_has_a_default_injection_file_of_its_own() {
    let with_line = |method: &str| request_with(method, "", "X-Line: [field0]", "");
    let main =
        || steps(&[&with_line("MESSAGE"), &recv("response='200'")]).file("a.csv", "SEQUENTIAL\nmain\n");
    let called = || steps(&[&recv("request='OPTIONS'"), &response("200 OK", ""), &with_line("NOTIFY")]);
    let lines = |setup: Setup| {
        let mut pair = Pair::new(setup.receiving(called()), Silent);
        pair.says(5, ask("OPTIONS", "x", 1));
        pair.run_until(10);
        ["MESSAGE", "NOTIFY"].map(|method| line_of(&pair.texts(method)[0], "X-Line:").to_owned())
    };
    assert_eq!(lines(main().rx_file("b.csv", "SEQUENTIAL\nrx\n")), ["X-Line: main", "X-Line: rx"]);
    assert_eq!(lines(main()), ["X-Line: main", "X-Line: main"]);
}

/// §2.1, §2.5: incoming calls count neither for `-m` nor for `-l`.
#[test]
fn incoming_calls_count_neither_for_m_nor_for_l() {
    let setup = caller().calls(2).limit(Some(2)).rate(10.0, 1_000).receiving(embedded("uas"));
    let mut pair = Pair::new(setup, Silent);
    for id in ["x", "y", "z"] {
        pair.says(5, invite(id));
    }
    pair.run_until(150);
    assert_eq!((pair.sent_at("MESSAGE"), pair.stats().held_back), (vec![0, 100], 0));
    assert_eq!((receiving(&pair).current, receiving(&pair).peak, pair.stats().peak), (3, 3, 2));
}

/// §2.1: they are still opened while quitting, do not hold the process, and are aborted at its end; a server says nothing (§11).
#[test]
fn while_draining_calls_are_still_accepted_and_at_the_end_they_are_aborted() {
    let mut pair = Pair::new(caller().calls(None).rate(0.1, 1_000).receiving(embedded("uas")), Silent);
    pair.run_until(5);
    pair.command(Command::Quit);
    pair.says(10, invite("x"));
    pair.says(15, ask("ACK", "x", 1));
    pair.run_until(20);
    assert_eq!((pair.stats().out_of_call, receiving(&pair).current), (0, 1));
    let_the_call_end(&mut pair, 30);
    pair.run_until(30);
    assert_eq!((pair.verdict(), pair.a().finished_at), ((30, Verdict::Successful), Some(30)));
    assert_eq!((receiving(&pair).failures[Failure::Aborted.index()], receiving(&pair).current), (1, 0));
    assert!(pair.warned("Aborted call with Call-ID 'x'"));
    assert_eq!(pair.trace().iter().map(|(_, kind)| &kind[..]).collect::<Vec<_>>(), ["MESSAGE", "180", "200"]);
    pair.says(40, invite("late"));
    pair.run();
    assert_eq!((receiving(&pair).incoming, pair.stats().out_of_call), (1, 1));
    pair.assert_nothing_left();
}

/// §10.2, Surprise and Replacement, for the scenario that is called: what its first `<recv>` does not take is answered, and opens nothing.
#[test]
fn aa_answers_what_the_receiving_scenario_does_not_begin_with() {
    let setup = caller().receiving(embedded("uas")).with(|settings| settings.auto_answer = true);
    let mut pair = Pair::new(setup, Silent);
    pair.says_from(STRANGER, 5, ask("OPTIONS", "x", 1));
    pair.says(10, invite("y"));
    pair.run_until(15);
    assert_eq!((pair.stats().auto_answered, receiving(&pair).incoming), (1, 1));
    assert_eq!(pair.sent().nth(1).map(|sent| sent.to), Some(address(STRANGER)));
    let mut pair =
        Pair::new(caller().receiving(answerer()).with(|settings| settings.auto_answer = true), Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run_until(10);
    assert_eq!((pair.stats().auto_answered, receiving(&pair).successful), (0, 1));
}

/// §6.3: the table is read from above.
#[test]
fn the_receiving_scenario_goes_before_the_out_of_call_scenario() {
    let setup = caller().out_of_call(embedded("ooc_default")).receiving(answerer());
    let mut pair = Pair::new(setup, Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.says(6, invite("y"));
    pair.run_until(10);
    assert_eq!((receiving(&pair).incoming, pair.stats_of(Part::OutOfCall).incoming), (2, 0));
}

/// scenario.md §11: global variables are those of all scenarios of the run.
#[test]
fn global_variables_are_shared_by_both_scenarios() {
    let text = request_with("MESSAGE", "", "X-Seen: [$seen]", "");
    let main = steps(&[&pause(50), &text, &recv("response='200'")]).declaring("<Global variables='seen'/>");
    let called = steps(&[
        &recv_acting("request='OPTIONS'", "<assignstr assign_to='seen' value='[call_id]'/>"),
        &response("200 OK", ""),
    ]);
    let mut pair = Pair::new(main.receiving(called), Silent);
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run_until(60);
    assert_eq!(line_of(&pair.texts("MESSAGE")[0], "X-Seen:"), "X-Seen: x");
}

/// scenario.md §12, Bug: it is run, and takes a number and a line as a call of the scenario does.
#[test]
fn the_init_of_the_receiving_scenario_runs_too() {
    let init = |name: &str| {
        format!("<init><nop><action><log message='{name} [call_number] [field0]'/></action></nop></init>")
    };
    let main = caller().declaring(&init("main")).file("a.csv", "SEQUENTIAL\none\ntwo\nthree\n");
    let mut pair = Pair::new(main.receiving(answerer().declaring(&init("rx"))), Silent);
    pair.run_until(10);
    assert_eq!(pair.a().logs, ["main 1 one", "rx 2 two"]);
    assert_eq!(line_of(&pair.texts("MESSAGE")[0], "Call-ID:"), "Call-ID: 3-1@127.0.0.1");
}

/// §2.6: users call; who calls them is none of them.
#[test]
fn users_belong_to_the_calls_of_the_generator() {
    let called = steps(&[
        &recv("request='OPTIONS'"),
        &response("200 OK", ""),
        &request_with("NOTIFY", "", "X-User: [userid]", ""),
    ]);
    let main =
        steps(&[&request_with("MESSAGE", "", "X-User: [userid]", ""), &recv("response='200'")]).calls(2);
    let setup = main.with(|settings| settings.load = Load::Users(1)).receiving(called);
    let mut pair = Pair::new(setup, |heard: Heard<'_>| match heard.kind() {
        "MESSAGE" => vec![heard.answer(10, "200 OK")],
        _ => vec![],
    });
    pair.says(5, ask("OPTIONS", "x", 1));
    pair.run();
    assert_eq!(line_of(&pair.texts("NOTIFY")[0], "X-User:"), "X-User: 0");
    assert_eq!(pair.sent_at("MESSAGE"), [0, 10]);
}

/// spec/README.md rule 4: two that call each other over a bad link; every call of either scenario ends and is counted once, which the
/// harness checks after each event.
#[test]
fn two_that_call_each_other_over_a_bad_link_lose_no_call() {
    let (mut good, mut bad) = (0, 0);
    for seed in 0..8 {
        let both_ways = |pid| {
            let setup = embedded("uac").calls(40).rate(50.0, 1_000).receiving(embedded("uas"));
            setup.known_as(pid, 5061, 5060).with(|settings| {
                settings.default_pause = Span::from_millis(200);
                settings.recv_timeout = Some(Span::from_millis(5_000));
            })
        };
        let layers = [Layer::Lose(0.1), Layer::Duplicate(0.1), Layer::Delay(5.0, 5.0)];
        let mut pair = Pair::over(Link::new(seed, &layers), seed, both_ways(1), both_ways(2));
        pair.run();
        for engine in [&pair.a().engine, &pair.b().engine] {
            let (main, called) = (engine.stats(), engine.stats_of(Part::Receiving).unwrap());
            assert_eq!((main.created(), main.current, called.current), (40, 0, 0), "seed {seed}");
            assert!(called.incoming >= 20, "seed {seed}: {} incoming", called.incoming);
            good += main.successful.min(called.successful);
            bad += main.failed.min(called.failed);
        }
        pair.assert_nothing_left();
    }
    assert!(good > 0 && bad > 0, "{good} of both succeeded, {bad} of both failed");
}
