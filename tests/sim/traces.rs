//! outputs.md §4, §6, §7.2, §11: what an engine tells of its calls when a trace is on, and that it says nothing when it is off.

use rsipp::engine::{Effect, Loss, Note, Settings};

use super::pair::{Pair, Setup, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{answer, invite, pause, recv, request, response};

fn with_all(settings: &mut Settings) {
    settings.traces_messages = true;
    settings.traces_calls = true;
    settings.traces_error_codes = true;
    settings.traces_response_times = true;
}

fn records(pair: &Pair) -> &[Effect] {
    &pair.a().records
}

fn notes(pair: &Pair) -> Vec<&Note> {
    let notes = records(pair).iter().filter_map(|record| match record {
        Effect::Note(note) => Some(note),
        _ => None,
    });
    notes.collect()
}

/// §4; runtime.md §18, Observed: every stop that counts is told, in its order, with its span.
#[test]
fn every_stop_of_a_response_time_is_told() {
    let scenario = || {
        steps(&[
            &request("INVITE", "start_rtd='a'"),
            &recv("response='180' optional='true' rtd='a' repeat_rtd='true'"),
            &recv("response='200' rtd='a'"),
            "<nop rtd='a'/>",
            "<nop rtd='b'/>",
        ])
    };
    let answers = |heard: Heard<'_>| vec![heard.answer(200, "180 Ringing"), heard.answer(600, "200 OK")];
    let mut pair = Pair::new(scenario().with(with_all), answers);
    pair.run();
    let stop = |record: &Effect| match record {
        Effect::ResponseTime { rtd, took } => Some((rtd.index(), took.millis())),
        _ => None,
    };
    assert_eq!(records(&pair).iter().filter_map(stop).collect::<Vec<_>>(), [(0, 200), (0, 600), (1, 600)]);

    let mut pair = Pair::new(scenario(), answers);
    pair.run();
    assert_eq!(records(&pair), []);
}

/// §6: responses only, whether or not the call is aborted.
#[test]
fn codes_of_unexpected_responses_are_told() {
    let codes = |setup: Setup| {
        let mut pair = Pair::new(setup.with(with_all), |heard: Heard<'_>| {
            let info = heard.text.replace("OPTIONS", "INFO");
            vec![heard.answer(10, "486 Busy Here"), (20, info), heard.answer(30, "503 No")]
        });
        pair.run_until(1_000);
        let code = |record: &Effect| match record {
            Effect::UnexpectedCode(code) => Some(*code),
            _ => None,
        };
        records(&pair).iter().filter_map(code).collect::<Vec<_>>()
    };
    let scenario = || steps(&[&request("OPTIONS", ""), &recv("response='200' timeout='100'")]);
    assert_eq!(codes(scenario()), [486]);
    assert_eq!(codes(scenario().with(|settings| settings.behaviors.abort_unexpected = false)), [486, 503]);
}

/// §11: the story of a call that is aborted, from its start to what was said at its end.
#[test]
fn an_aborted_call_tells_its_story() {
    let stories = |setup: Setup, answer: &'static str| {
        let mut pair = Pair::new(setup.with(with_all), Answers([("INVITE", 10, answer)]));
        pair.run_until(60_000);
        let story = |record: &Effect| match record {
            Effect::CallDebug { id, history } => {
                let text = |text: &[u8]| String::from_utf8_lossy(text).lines().next().unwrap().to_owned();
                Some((
                    String::from_utf8_lossy(id).into_owned(),
                    history.iter().map(|event| (event.at.millis(), text(&event.text))).collect::<Vec<_>>(),
                ))
            }
            _ => None,
        };
        records(&pair).iter().filter_map(story).collect::<Vec<_>>()
    };
    let scenario =
        || steps(&["<nop/>", &request("INVITE", "retrans='500'"), &recv("response='200'")]).calls(1);
    let told = stories(scenario(), "486 Busy Here");
    let [(id, story)] = &told[..] else { panic!("one story: {told:?}") };
    let wanted = [
        (0, format!("Starting call {id}")),
        (0, format!("Processing message 0 of type 5 for call {id} at 0.")),
        (0, format!("Processing message 1 of type 2 for call {id} at 0.")),
        (0, format!("Sending UDP message for call {id} (index 1):")),
        (0, format!("Processing message 2 of type 3 for call {id} at 0.")),
        (10, "Processing".to_owned()),
        (10, format!("Unexpected message received for call {id} (index 2):")),
        (10, format!("Aborting call {id} (index 2)")),
        (10, format!("Sending UDP message for call {id} (index -1):")),
    ];
    assert_eq!(story.len(), wanted.len(), "{story:?}");
    for ((at, text), (wanted_at, wanted)) in story.iter().zip(wanted) {
        assert!(*at == wanted_at && text.starts_with(&wanted), "{at} {text}");
    }
    assert_eq!(stories(scenario(), "200 OK"), [], "a call that ends well");
    assert_eq!(stories(scenario().without_bye(), "486 Busy Here"), [], "no abort procedure");
}

/// §11: resends, timeouts and unanswered resends are part of it.
#[test]
fn a_call_without_an_answer_tells_of_its_resends() {
    let scenario = steps(&[&request("OPTIONS", "retrans='100'"), &recv("response='200' timeout='250'")]);
    let mut pair = Pair::new(scenario.calls(1).with(with_all), Silent);
    pair.run();
    let [Effect::CallDebug { history, .. }] = records(&pair) else { panic!("{:?}", records(&pair)) };
    let at = |beginning: &str| -> Vec<u64> {
        let events = history.iter().filter(|event| event.text.starts_with(beginning.as_bytes()));
        events.map(|event| event.at.millis()).collect()
    };
    assert_eq!(at("Sending"), [0, 100]);
    assert_eq!((at("Receive timeout"), at("Aborting")), (vec![250], vec![250]));
}

/// §7.2; runtime.md §17: each message dropped on purpose is noted, and how.
#[test]
fn messages_dropped_on_purpose_are_noted() {
    let scenario = steps(&[
        &request("OPTIONS", "lost='100' retrans='100'"),
        &recv("response='200' timeout='150' ontimeout='next'"),
        "<label id='next'/>",
        &request("INFO", ""),
        &recv("response='200' lost='100' timeout='100'"),
    ]);
    let mut pair = Pair::new(scenario.calls(1).with(with_all), Answers([("INFO", 10, "200 OK")]));
    pair.run();
    let lost = |note: &&Note| match note {
        Note::Lost(loss) => Some(*loss),
        _ => None,
    };
    let losses: Vec<_> = notes(&pair).iter().filter_map(lost).collect();
    assert_eq!(losses, [Loss::Sending, Loss::Sending, Loss::Receiving]);
}

/// §7.2; runtime.md §17: a repeat of an answered message can be lost too.
#[test]
fn a_repeat_dropped_on_purpose_is_noted_as_one() {
    let server = steps(&[
        &recv("request='INVITE' lost='50'"),
        &response("200 OK", ""),
        &recv("request='ACK' timeout='5000'"),
    ]);
    let mut pair = Pair::new(server.with(with_all), Silent);
    // Enough of them that neither the first nor all others come through by chance.
    (0..60).for_each(|nth| pair.says(nth * 10, invite("the-call@peer")));
    pair.run_until(1_000);
    let losses = notes(&pair);
    assert_eq!(losses.len() as u64, pair.stats().steps[0].lost, "{losses:?}");
    assert!(losses.contains(&&Note::Lost(Loss::ReceivingRepeat)), "{losses:?}");
}

/// §7.2: late responses of a transaction, with its name.
#[test]
fn late_responses_of_a_transaction_are_noted() {
    let scenario = steps(&[
        &request("INVITE", "start_txn='i'"),
        &recv("response='180' optional='true' response_txn='i'"),
        &recv("response='200' response_txn='i'"),
        &request("ACK", "ack_txn='i'"),
        &request("OPTIONS", "start_txn='o'"),
        &recv("response='200' response_txn='o'"),
        &pause(900),
    ]);
    let setup = scenario.calls(1).without_retransmission().with(with_all);
    let mut pair = Pair::new(setup, |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(0, "200 OK"), (300, answer(heard.text, "180 Ringing"))],
        "OPTIONS" => vec![heard.answer(50, "200 OK"), heard.answer(400, "200 OK")],
        _ => vec![],
    });
    pair.run_until(2_000);
    let ignored: Vec<_> = notes(&pair)
        .into_iter()
        .filter_map(|note| match note {
            Note::Ignored { class, txn, .. } => Some((*class, txn.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(ignored, [("provisional", "i"), ("final", "o")]);
}
