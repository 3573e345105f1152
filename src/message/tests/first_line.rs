//! keywords.md §4; sentences observed with sipp 3.6.1.

use super::Scenario;
use crate::message::Template;
use crate::scenario::plan::{Method, Outgoing};

fn outgoing(cdata: &str) -> Result<Outgoing, String> {
    let mut scenario = Scenario::default();
    scenario.keys.insert("m".into(), "OPTIONS ".into());
    Template::parse_send(cdata.as_bytes(), &mut scenario)
        .map(|parsed| parsed.1)
        .map_err(|error| error.message)
}

#[test]
fn the_first_word_is_the_method_compared_with_case() {
    assert_eq!(outgoing("INVITE sip:[service] SIP/2.0"), Ok(Outgoing::Request(Method::Invite)));
    assert_eq!(outgoing("CANCEL sip:[service] SIP/2.0"), Ok(Outgoing::Request(Method::Cancel)));
    assert_eq!(outgoing("invite sip:x SIP/2.0"), Ok(Outgoing::Request(Method::Other("invite".into()))));
}

#[test]
fn sip_2_0_is_a_response_with_a_literal_code() {
    assert_eq!(outgoing("SIP/2.0 200 OK"), Ok(Outgoing::Response(200)));
    assert_eq!(outgoing("SIP/2.0 100"), Ok(Outgoing::Response(100)), "no reason phrase");
    assert_eq!(outgoing("SIP/2.0 +699\nA: b"), Ok(Outgoing::Response(699)));
    assert_eq!(outgoing("SIP/2.0 180 [service]"), Ok(Outgoing::Response(180)));
}

#[test]
fn a_keyword_for_the_method_is_refused() {
    let sentence = "You can not use a keyword for the METHOD or to generate \"SIP/2.0\" to ensure proper [cseq] operation!";
    for text in
        ["[call_id] x", "[file name=Cargo.toml] x", "OPTIONS[call_id] sip:x SIP/2.0", "OPTIONS", "[last_To:]"]
    {
        assert_eq!(outgoing(text), Err(format!("{sentence}\n{text}\n\n")));
    }
    assert_eq!(outgoing(" \n "), Err(format!("{sentence}\n\n\n")), "nothing left after the clean-up");
}

#[test]
fn a_key_counts_as_literal_text() {
    assert_eq!(outgoing("[m]sip:x SIP/2.0"), Ok(Outgoing::Request(Method::Other("OPTIONS".into()))));
}

#[test]
fn bad_reply_codes_are_refused() {
    assert_eq!(
        outgoing("SIP/2.0 abc OK\nFoo: a"),
        Err("Invalid reply code: abc OK\r\nFoo: a\r\n\r\n".into())
    );
    assert_eq!(outgoing("SIP/2.0 200x OK"), Err("Invalid reply code: 200x OK\r\n\r\n".into()));
    for text in ["SIP/2.0 99 a", "SIP/2.0 700 a", "SIP/2.0 -200 a", "SIP/2.0 [call_id] OK"] {
        assert_eq!(outgoing(text), Err("Response codes must be in the range of 100-700".into()));
    }
}

/// "anywhere in that first literal, even on a later line".
#[test]
fn the_method_may_end_on_a_later_line() {
    let method = Outgoing::Request(Method::Other("OPTIONS\r\nVia:".into()));
    assert_eq!(outgoing("OPTIONS\nVia: x\n[call_id]"), Ok(method));
}

/// "exactly `ACK`/`CANCEL`/`INVITE` are special".
#[test]
fn ack_is_one_of_the_special_methods() {
    assert_eq!(outgoing("ACK [next_url] SIP/2.0"), Ok(Outgoing::Request(Method::Ack)));
    for method in ["Ack", "ACKN", "Cancel"] {
        let other = Ok(Outgoing::Request(Method::Other(method.into())));
        assert_eq!(outgoing(&format!("{method} sip:x SIP/2.0")), other);
    }
}
