//! README rule 4, runtime.md §6.1: nothing that arrives ends the process, and what is noise to one call is nothing to the others.

use proptest::prelude::*;
use rsipp::engine::Verdict;

use super::link::{Layer, Link};
use super::pair::{Pair, embedded};
use super::peer::Answers;
use super::text::{answer, ask, invite};

/// Three good calls of the embedded `uac`, and noise in between.
fn good_calls_beside(noise: &[Vec<u8>]) -> Pair {
    let setup = embedded("uac").calls(3).rate(100.0, 1_000);
    let says = |heard: super::peer::Heard<'_>| match heard.kind() {
        "INVITE" | "BYE" => vec![heard.answer(10, "200 OK")],
        _ => vec![],
    };
    let mut pair = Pair::new(setup, says);
    for (at, bytes) in noise.iter().enumerate() {
        pair.says_from(9_999, at as u64, bytes);
    }
    pair.run();
    pair
}

#[track_caller]
fn assert_unharmed(pair: &Pair) {
    assert_eq!((pair.verdicts(), &pair.a().run_end), (vec![Verdict::Successful; 3], &None));
    pair.assert_nothing_left();
}

/// runtime.md §6.1, transport.md §13: every kind of malformed datagram, with its warning.
#[test]
fn malformed_datagrams_are_dropped_with_a_warning() {
    let table: [(&[u8], &str); 8] = [
        (b"hello", "non SIP message discarded: \"hello\" (5)"),
        (b"\r\n", "non SIP message discarded: \"\r\n\" (2)"),
        (b"\0SIP/2.0 200 OK\r\nCall-ID: 1-1@127.0.0.1\r\n\r\n", "non SIP message discarded: \"\" ("),
        (b"SIP/2.0 200 OK\r\n\r\n", "SIP message without Call-ID discarded"),
        (b"SIP/2.0 200 OK\r\nCall-ID:\r\n\r\n", "SIP message without Call-ID discarded"),
        (b"SIP/2.0 200 OK\nCall-ID: 1-1@127.0.0.1\n\n", "Missing CR during header scan at pos"),
        (b"SIP/2.0", "SIP message without Call-ID discarded"),
        (b"\xff\xfe SIP/2.0\r\nVia: \x80\r\n", "SIP message without Call-ID discarded"),
    ];
    for (noise, warning) in table {
        let pair = good_calls_beside(&[noise.to_vec()]);
        assert!(pair.warned(warning), "{warning}: {:?}", pair.a().warnings);
        assert_unharmed(&pair);
    }
}

/// runtime.md §6.1: keep-alives are dropped silently; an empty datagram counts as a receive error.
#[test]
fn keep_alives_and_empty_datagrams_change_nothing() {
    let pair = good_calls_beside(&[b"\r\n\r\n".to_vec(), vec![0; 4], vec![]]);
    assert_unharmed(&pair);
    assert_eq!((pair.stats().receive_errors, pair.stats().out_of_call), (1, 0));
}

/// runtime.md §6.1: a NUL byte ends a message: what follows it is not looked at.
#[test]
fn what_follows_a_nul_is_not_looked_at() {
    let mut pair = Pair::new(embedded("uas"), Answers([]));
    let mut text = invite("x").replace("Content-Length: 0\r\n\r\n", "").into_bytes();
    text.extend_from_slice(b"\0Content-Length: 0\r\n\r\n");
    pair.says(0, text);
    pair.run_until(10);
    assert_eq!(pair.trace(), [(0, "180".to_owned()), (0, "200".to_owned())]);
}

/// runtime.md §7 item 7, Bug: a long method or a first line without a space is no end of the process, at client or server.
#[test]
fn odd_first_lines_end_no_process() {
    let long = format!("{} sip:x SIP/2.0\r\nTo: <sip:x>\r\nCall-ID: z\r\n\r\n", "M".repeat(70));
    let no_space = "SIP/2.0\r\nTo: <sip:x>\r\nCall-ID: z\r\n\r\n";
    let pair = good_calls_beside(&[long.clone().into_bytes(), no_space.as_bytes().to_vec()]);
    assert_unharmed(&pair);
    let mut server = Pair::new(embedded("uas"), Answers([]));
    server.says(0, long);
    server.says(1, no_space);
    server.run();
    assert_eq!((server.stats().current, &server.a().run_end), (0, &None));
    server.assert_nothing_left();
}

/// A message for one call harms only that call.
#[test]
fn an_attack_on_one_call_leaves_the_others_alone() {
    let noise: Vec<_> = ["", "BYE sip:x SIP/2.0\r\nCall-ID: 2-1@127.0.0.1\r\n\r\n"]
        .map(|text| text.as_bytes().to_vec())
        .into();
    let setup = embedded("uac").calls(3).rate(100.0, 1_000);
    let mut pair = Pair::new(setup, |heard: super::peer::Heard<'_>| match heard.kind() {
        "INVITE" | "BYE" => vec![heard.answer(10, "200 OK")],
        _ => vec![],
    });
    pair.says(15, &noise[1]);
    pair.run();
    assert_eq!((pair.stats().successful, pair.stats().failed), (2, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Random bytes, and random bytes that look like SIP.
    #[test]
    fn random_datagrams_harm_no_call(noise in prop::collection::vec(noise(), 1..20)) {
        let pair = good_calls_beside(&noise);
        assert_unharmed(&pair);
    }

    /// A server opens calls for anything that has a Call-ID; all of them end or wait, and each is counted once.
    #[test]
    fn a_server_survives_random_datagrams(noise in prop::collection::vec(noise(), 1..20)) {
        let mut pair = Pair::new(embedded("uas"), Answers([]));
        for (at, bytes) in noise.iter().enumerate() {
            pair.says(at as u64 * 7, bytes);
        }
        pair.run_until(120_000);
        prop_assert_eq!(&pair.a().run_end, &None);
    }

    /// Damaged messages between two engines: whatever comes of the calls, each is counted once and nothing is left.
    #[test]
    fn damaged_messages_end_no_process(seed in any::<u64>()) {
        let link = Link::new(seed, &[Layer::Corrupt(0.4), Layer::Delay(1.0, 5.0)]);
        let patience = |settings: &mut rsipp::engine::Settings| {
            settings.recv_timeout = Some(rsipp::clock::Span::from_millis(40_000));
        };
        let client = embedded("uac").calls(10).rate(100.0, 1_000).with(patience);
        let mut pair = Pair::over(link, seed, client, embedded("uas").with(patience));
        pair.run();
        prop_assert_eq!((&pair.a().run_end, &pair.b().run_end), (&None, &None));
        prop_assert_eq!(pair.stats().successful + pair.stats().failed, 10);
        pair.assert_nothing_left();
    }
}

/// Bytes from nowhere, pieces of SIP in disorder, or a sound message of a stranger with a piece cut out.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("SIP/2.0 200 OK"),
        Just("INVITE sip:x SIP/2.0"),
        Just("\r\n"),
        Just("\n"),
        Just("Call-ID: q"),
        Just("i:q"),
        Just("To: <sip:"),
        Just("CSeq: 99999999999 INVITE"),
        Just("CSeq:"),
        Just(" "),
        Just(";tag="),
        Just("\0"),
        Just("Via: SIP/2.0/UDP h;branch="),
        Just("///"),
        Just("BYE"),
        Just("ACK sip:x SIP/2.0"),
        Just("\u{fffd}"),
    ];
    let cut = (0..6_usize, any::<prop::sample::Index>(), 0..40_usize).prop_map(|(which, at, length)| {
        let request = ask(["INVITE", "ACK", "BYE", "INFO"][which % 4], "stranger", 1);
        let text = if which < 4 { request } else { answer(&request, "200 OK") };
        let mut bytes = text.into_bytes();
        let from = at.index(bytes.len());
        let to = (from + length).min(bytes.len());
        bytes.drain(from..to);
        bytes
    });
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat().into_bytes()),
        cut,
    ]
}
