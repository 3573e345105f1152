//! runtime.md §17: messages lost on purpose, by `lost` and `-lost`.

use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, embedded, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{ask, invite, pause, recv, recv_acting, request, request_acting, response};

/// §17, Observed: `lost="100"` on INVITE with `retrans=200`, `-max_invite_retrans 2`: nothing on the wire, Retransmissions 2,
/// FailedMaxUDPRetrans 1.
#[test]
fn a_send_that_is_always_lost_is_resent_in_vain() {
    let scenario = steps(&[&request("INVITE", "lost='100' retrans='200'"), &recv("response='200'")]);
    let mut pair = Pair::new(scenario.resends(2, 9), Silent);
    pair.run();
    assert_eq!((pair.sent().count(), pair.stats().retransmissions), (0, 2));
    assert_eq!(pair.verdicts(), [Verdict::Failed(Failure::MaxUdpRetrans)]);
    assert_eq!((pair.stats().steps[0].messages, pair.stats().steps[0].lost), (1, 3), "sent in all respects");
}

/// §17, Observed: on recv 200 the resends go on, and the call ends by timeout.
#[test]
fn a_recv_that_always_loses_lets_the_resends_go_on_until_the_timeout() {
    let scenario =
        steps(&[&request("OPTIONS", "retrans='100'"), &recv("response='200' lost='100' timeout='1000'")]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| vec![heard.answer(10, "200 OK")]);
    pair.run_until(5_000);
    assert_eq!(pair.sent_at("OPTIONS"), [0, 100, 300, 700]);
    assert_eq!(pair.verdict(), (1_000, Verdict::Failed(Failure::TimeoutOnRecv)));
    assert_eq!((pair.stats().steps[1].messages, pair.stats().steps[1].lost), (0, 4));
}

/// §17: a lost send counts as sent in all respects: its actions run and the call goes on.
#[test]
fn a_lost_send_goes_on_as_if_it_had_been_sent() {
    let scenario = steps(&[
        &request_acting("OPTIONS", "lost='100'", "<log message='sent'/>"),
        &pause(50),
        &request("INFO", ""),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    assert_eq!(
        (pair.trace(), pair.a().logs.clone()),
        (vec![(50, "INFO".to_owned())], vec!["sent".to_owned()])
    );
    assert_eq!(pair.verdict(), (50, Verdict::Successful));
}

/// §7.4 item 1: a lost message does nothing but count: no actions, no bookkeeping, no last message.
#[test]
fn a_lost_message_does_nothing_but_count() {
    let scenario = steps(&[
        &request("OPTIONS", ""),
        &recv_acting("response='100' optional='true' lost='100' rtd='1'", "<log message='heard'/>"),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(scenario, |heard: Heard<'_>| {
        vec![heard.answer(10, "100 Trying"), heard.answer(20, "100 Trying"), heard.answer(30, "200 OK")]
    });
    pair.run();
    assert_eq!((pair.verdict(), pair.a().logs.len()), ((30, Verdict::Successful), 0));
    let step = &pair.stats().steps[1];
    assert_eq!((step.messages, step.lost, step.retransmissions), (0, 2, 0));
    assert_eq!(pair.stats().response_times[0].count, 0);
}

/// §17, `-lost`: the default for all steps without the attribute; a step value of 0 means never.
#[test]
fn the_option_applies_to_steps_without_the_attribute() {
    let run = |lost: &str, settings_lost: f64| {
        let scenario = steps(&[&request("OPTIONS", lost), &recv(&format!("response='200' {lost}"))]);
        let scenario = scenario.with(|settings| {
            settings.lost = settings_lost;
            settings.recv_timeout = Some(rsipp::clock::Span::from_millis(100));
        });
        let mut pair = Pair::new(scenario, Answers([("OPTIONS", 0, "200 OK")]));
        pair.run_until(1_000);
        (pair.sent().count(), pair.verdicts())
    };
    assert_eq!(run("", 100.0), (0, vec![Verdict::Failed(Failure::TimeoutOnRecv)]));
    assert_eq!(run("lost='0'", 100.0), (1, vec![Verdict::Successful]));
    assert_eq!(run("lost='100'", 0.0), (0, vec![Verdict::Failed(Failure::TimeoutOnRecv)]));
}

/// §17: automatic messages are exempt.
#[test]
fn automatic_messages_are_never_lost() {
    let scenario = steps(&[&request("INVITE", ""), &recv("response='200'")]);
    let mut pair = Pair::new(scenario, Silent);
    pair.says(10, ask("BYE", "1-1@127.0.0.1", 1));
    pair.run();
    assert_eq!(pair.sent_at("SIP/2.0 200"), [10]);

    let scenario = steps(&[&request("INVITE", "lost='0'"), &recv("response='200'")]);
    let mut pair = Pair::new(scenario.with(|settings| settings.lost = 100.0), Silent);
    pair.says(10, ask("BYE", "1-1@127.0.0.1", 1));
    pair.run();
    assert_eq!((pair.sent_at("INVITE"), pair.sent_at("SIP/2.0 200")), (vec![0], vec![10]));
}

/// §17, §8 item 1: a duplicate of the answered message is drawn for its recv step, and the repeated answer for its send step.
#[test]
fn duplicates_and_repeated_answers_are_drawn_too() {
    let run = |recv_lost: &str, send_lost: &str| {
        let scenario = steps(&[
            &recv(&format!("request='INVITE' {recv_lost}")),
            &response("200 OK", send_lost),
            &recv("request='ACK'"),
        ]);
        let mut pair = Pair::over(super::link::Link::perfect(), 3, scenario, Silent);
        for at in 0..200 {
            pair.says(at * 10, invite("x"));
        }
        pair.run_until(3_000);
        let steps = &pair.stats().steps;
        (pair.sent().count() as u64, steps[0].lost, steps[0].retransmissions, steps[1].lost)
    };
    assert_eq!(run("", ""), (200, 0, 199, 0));
    assert_eq!(run("", "lost='100'"), (0, 0, 199, 200));
    let (sent, lost, repeats, _) = run("lost='50'", "");
    assert_eq!((sent + lost, sent), (200, repeats + 1), "each is lost or answered");
    assert!((60..140).contains(&lost), "{lost} of 200 lost");
}

/// §17: percent, drawn anew for each message.
#[test]
fn a_share_of_the_messages_is_lost() {
    let calls: Setup = steps(&[&request("OPTIONS", "lost='12.5'")]).calls(4_000).rate(4_000.0, 1_000);
    let mut pair = Pair::new(calls, Silent);
    pair.run();
    let lost = pair.stats().steps[0].lost;
    assert_eq!(lost + pair.sent().count() as u64, 4_000);
    assert!((400..600).contains(&lost), "{lost} of 4000 lost");
}

/// §17: with both sides losing a tenth on purpose all calls still end.
#[test]
fn calls_survive_simulated_loss_on_both_sides() {
    let lossy = |setup: Setup| {
        setup.with(|settings| {
            settings.lost = 10.0;
            settings.recv_timeout = Some(rsipp::clock::Span::from_millis(40_000));
        })
    };
    let client = lossy(embedded("uac").calls(200).rate(100.0, 1_000).limit(None));
    let mut pair = Pair::over(super::link::Link::perfect(), 11, client, lossy(embedded("uas")));
    pair.run();
    assert_eq!(pair.stats().successful + pair.stats().failed, 200);
    assert!(pair.stats().successful > 100, "{} succeeded", pair.stats().successful);
    assert!(pair.stats().steps.iter().map(|step| step.lost).sum::<u64>() > 0);
    pair.assert_nothing_left();
}
