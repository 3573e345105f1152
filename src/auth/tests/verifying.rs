//! `<verifyauth>`: the table of auth.md §5, and what is ours.

use super::super::digest::{Digest, Protection};
use super::super::{AkaKeys, Expected, Rejection, verify};
use super::{AUTH, algorithm, joe, response};

const JOE: Expected<'_> = Expected {
    user: b"joe",
    password: b"schmo",
    uri: None,
    realm: None,
    nonce: None,
    aka: None,
    is_strict: false,
};

fn message(headers: &str) -> String {
    with_body(headers, "")
}

fn with_body(headers: &str, body: &str) -> String {
    format!("REGISTER sip:reg SIP/2.0\r\nVia: x\r\n{headers}\r\nTo: y\r\n\r\n{body}")
}

/// The header with these parameters and that response.
fn authorization(parameters: &str, response: &str) -> String {
    format!(
        "Authorization: Digest username=\"joe\",realm=\"r\",nonce=\"n1\",uri=\"sip:reg\"{parameters},response=\"{response}\""
    )
}

fn good() -> String {
    authorization("", &response(&joe()))
}

fn is_good(text: &str) -> bool {
    verify(text.as_bytes(), &JOE).is_ok()
}

fn bad(digest: Digest<'_>) -> String {
    authorization("", &response(&digest))
}

#[test]
fn correct_md5_is_good_however_the_header_is_written() {
    let good = good();
    for header in [
        good.clone(),
        good.replace(",", ", "),
        good.replace(",", ",\r\n\t"),
        good.replace("Authorization", "AUTHORIZATION").replace("Digest", "dIGEST"),
        good.replace("realm", "REALM"),
        // RFC 3261 §25.1 allows blanks around the sign; SIPp does not find the realm.
        good.replace("realm=", "realm = "),
        format!("{good}zz"),
        good.replace("\"joe\"", "\"bob\""),
    ] {
        assert!(is_good(&message(&header)), "{header}");
    }
    let junk = authorization("", &format!("{}zz", response(&joe())));
    assert!(is_good(&message(&junk)), "what follows the digits is not looked at");
}

#[test]
fn a_response_of_another_password_user_realm_or_method_is_bad() {
    let upper = authorization("", &response(&joe()).to_uppercase());
    for header in [
        upper,
        bad(Digest { password: b"x", ..joe() }),
        bad(Digest { user: b"bob", ..joe() }),
        bad(Digest { realm: b"x", ..joe() }),
        bad(Digest { nonce: b"x", ..joe() }),
        bad(Digest { method: b"INVITE", ..joe() }),
        bad(Digest { uri: b"sip:other", ..joe() }),
        authorization("", ""),
        authorization("", &response(&joe())[..31]),
    ] {
        assert_eq!(verify(message(&header).as_bytes(), &JOE), Err(Rejection::Response), "{header}");
    }
}

#[test]
fn qop_auth_and_auth_int_are_computed_with_nc_and_cnonce() {
    for (qop, body) in [("auth", "hello"), ("auth-int", "hello"), ("auth-int", ""), ("AUTH-INT", "a\0b")] {
        let protection = Some(Protection { qop: qop.as_bytes(), count: b"0000000a" });
        let digest = Digest { protection, cnonce: b"c1", body: body.as_bytes(), ..joe() };
        for written in [qop.to_owned(), format!("\"{qop}\"")] {
            let parameters = format!(",cnonce=\"c1\",nc=0000000a,qop={written}");
            let header = authorization(&parameters, &response(&digest));
            assert!(is_good(&with_body(&header, body)), "{header}");
            assert_eq!(is_good(&with_body(&header, "other")), qop == "auth", "{header}");
        }
    }
}

/// actions.md §3.23 item 6: SIPp hashes nc and qop wherever there is a cnonce; RFC 7616 where there is a qop.
#[test]
fn a_cnonce_without_qop_is_good_in_both_ways() {
    let empty = Some(Protection { qop: b"", count: b"" });
    for protection in [None, empty] {
        let digest = Digest { protection, cnonce: b"c1", ..joe() };
        assert!(is_good(&message(&authorization(",cnonce=\"c1\"", &response(&digest)))));
    }
}

#[test]
fn all_hashes_with_and_without_session_keys() {
    for name in ["SHA-256", "SHA-512-256", "MD5-sess", "SHA-256-sess", "SHA-512-256-sess"] {
        let digest = Digest { algorithm: algorithm(name), protection: AUTH, cnonce: b"c1", ..joe() };
        let parameters = format!(",algorithm={name},cnonce=\"c1\",nc=00000001,qop=auth");
        assert!(is_good(&message(&authorization(&parameters, &response(&digest)))), "{name}");
        let wrong = Digest { password: b"x", ..digest };
        assert!(!is_good(&message(&authorization(&parameters, &response(&wrong)))), "{name}");
    }
    // As SIPp computes it, without a session key.
    let plain = authorization(",algorithm=MD5-sess", &response(&joe()));
    assert!(is_good(&message(&plain)));
}

#[test]
fn what_is_no_digest_of_ours_warns() {
    let warns = |header: &str, sentence: &str| {
        let rejection = verify(message(header).as_bytes(), &JOE).unwrap_err();
        assert!(rejection.is_worth_a_warning());
        assert!(rejection.to_string().ends_with(sentence), "{rejection}");
    };
    warns("X: y", "authentication must be digest is ");
    warns("Authorization: Basic abc", "authentication must be digest is Basic abc");
    warns(
        &authorization(",algorithm=AKAv1-MD5", "x"),
        "authentication must use MD5 or SHA-256, value is 'AKAv1-MD5'",
    );
    warns(
        &authorization(",algorithm=\"SHA-1\"", "x"),
        "authentication must use MD5 or SHA-256, value is 'SHA-1'",
    );
    assert!(!Rejection::Response.is_worth_a_warning());
}

/// Several headers: the first counts, or the one for the realm asked for. The proxy's header counts where there is no other.
#[test]
fn which_credentials_are_looked_at() {
    let (good, bad) = (good(), bad(Digest { password: b"x", ..joe() }));
    assert!(is_good(&message(&format!("{good}\r\n{bad}"))));
    assert!(!is_good(&message(&format!("{bad}\r\n{good}"))));
    assert!(is_good(&message(&format!("Proxy-{good}"))));
    assert!(!is_good(&message(&format!("Proxy-{good}\r\n{bad}"))));
    let foreign = bad.replace("realm=\"r\"", "realm=\"elsewhere\"");
    let both = message(&format!("{foreign}\r\n{good}"));
    assert!(!is_good(&both));
    assert_eq!(verify(both.as_bytes(), &Expected { realm: Some(b"r"), ..JOE }), Ok(()));
    let absent = Expected { realm: Some(b"q"), ..JOE };
    assert_eq!(verify(both.as_bytes(), &absent), Err(Rejection::Realm));
}

/// auth.md §5, Surprise.
#[test]
fn auth_uri_takes_the_place_of_the_peers_uri() {
    let expected = Expected { uri: Some(b"sip:own"), ..JOE };
    let header = bad(Digest { uri: b"sip:own", ..joe() });
    assert_eq!(verify(message(&header).as_bytes(), &expected), Ok(()));
    assert_eq!(verify(message(&good()).as_bytes(), &expected), Err(Rejection::Response));
}

/// Ours: only where the scenario asks for it.
#[test]
fn nonce_user_uri_and_count_are_checked_on_demand() {
    let verdict = |header: &str, expected| verify(message(header).as_bytes(), &expected);
    let nonce = |nonce| Expected { nonce: Some(nonce), ..JOE };
    assert_eq!(verdict(&good(), nonce(b"n1")), Ok(()));
    assert_eq!(verdict(&good(), nonce(b"n2")), Err(Rejection::Nonce("n1".into())));

    let strict = Expected { is_strict: true, ..JOE };
    assert_eq!(verdict(&good(), strict), Ok(()));
    let bob = good().replace("\"joe\"", "\"bob\"");
    assert_eq!(verdict(&bob, strict), Err(Rejection::User("bob".into())));
    let elsewhere = bad(Digest { uri: b"sip:x", ..joe() }).replace("uri=\"sip:reg\"", "uri=\"sip:x\"");
    assert_eq!(verdict(&elsewhere, JOE), Ok(()));
    assert_eq!(verdict(&elsewhere, strict), Err(Rejection::Uri("sip:x".into())));
    for (count, expected) in [
        ("00000001", Ok(())),
        ("00000000", Err(Rejection::Count("00000000".into()))),
        ("1", Err(Rejection::Count("1".into()))),
        ("0000000x", Err(Rejection::Count("0000000x".into()))),
    ] {
        let protection = Some(Protection { qop: b"auth", count: count.as_bytes() });
        let digest = Digest { protection, cnonce: b"c", ..joe() };
        let parameters = format!(",cnonce=\"c\",qop=auth,nc={count}");
        assert_eq!(verdict(&authorization(&parameters, &response(&digest)), strict), expected);
    }
}

/// Ours: SIPp's server has no AKA. The credentials are those of vectors A1 and A9.
#[test]
fn aka_is_verified_by_who_has_the_card() {
    let card = |k: [u8; 16], op: [u8; 16]| Expected { aka: Some(AkaKeys { k, op, amf: [0; 2] }), ..JOE };
    let header = "Authorization: Digest username=\"joe\",realm=\"ims.test\",uri=\"sip:127.0.0.1:23502\",\
                  nonce=\"I1U8vpY3qJ0hiuZNrke/NfrJAkDesLm5Qr2AUQX/bVc=\",response=\"0f04c34664f598f6b6567702b3cb664f\",\
                  algorithm=AKAv1-MD5";
    let k = super::hex("112233445566778899aabbccddeeff01").try_into().unwrap();
    let op = super::hex("0123456789abcdef1021324354657687").try_into().unwrap();
    assert_eq!(verify(message(header).as_bytes(), &card(k, op)), Ok(()));
    assert_eq!(verify(message(header).as_bytes(), &card(k, k)), Err(Rejection::Response));
    let short = header.replace("I1U8vpY3", "");
    assert_eq!(verify(message(&short).as_bytes(), &card(k, op)), Err(Rejection::Response));
}

/// RFC 7616 §3.4 hashes what a quoted realm means; some peers hash it as it stands.
#[test]
fn a_realm_with_quotes_is_hashed_in_either_way() {
    for realm in [&b"a, \"b\""[..], br#"a, \"b\""#] {
        let header = bad(Digest { realm, ..joe() }).replace("realm=\"r\"", r#"realm="a, \"b\"""#);
        assert!(is_good(&message(&header)), "{header}");
    }
}

/// Nothing from the network may panic.
#[test]
fn any_bytes_are_refused_quietly() {
    for text in
        ["", " ", "\r\n\r\n", "A", "Authorization: Digest", "A b\r\nAuthorization: Digest =,\"\r\n\r\n", "\0"]
    {
        assert!(verify(text.as_bytes(), &Expected { is_strict: true, ..JOE }).is_err(), "{text:?}");
    }
}
