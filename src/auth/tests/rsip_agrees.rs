//! Another implementation reads our headers and computes the same: rsip's typed headers and its digest, where they know the
//! form (no AKA, no SHA-256 by its registered name, one qop).

use rsip::headers::ToTypedHeader;
use rsip::headers::UntypedHeader;
use rsip::headers::untyped;
use rsip::services::DigestGenerator;

use super::super::{AkaKeys, Challenges, Expected, Identity, Request, Status, verify};

/// The value of the header that answers a challenge which rsip has printed.
fn answered(challenge: &rsip::typed::WwwAuthenticate, user: &str, password: &str) -> String {
    let response = format!("SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\n\r\n");
    let mut challenges = Challenges::default();
    challenges.store(Status::Unauthorized, response.as_bytes(), b"REGISTER").unwrap();
    let who = Identity {
        user: user.as_bytes(),
        password: password.as_bytes(),
        aka: AkaKeys::default(),
        has_card: false,
    };
    let request = Request { method: b"REGISTER", uri: b"sip:registrar.example:5070", body: b"" };
    let mut header = Vec::new();
    challenges.answer(&who, &request, 0x1234, &mut header).unwrap();
    String::from_utf8(header).unwrap().strip_prefix("Authorization: ").unwrap().to_owned()
}

#[test]
fn rsip_reads_and_verifies_our_credentials() {
    for qop in [None, Some(rsip::headers::auth::Qop::Auth), Some(rsip::headers::auth::Qop::AuthInt)] {
        let challenge = rsip::typed::WwwAuthenticate {
            realm: "example.org, east".into(),
            nonce: "4cf2/a+b=".into(),
            opaque: Some("xyz".into()),
            stale: Some("false".into()),
            algorithm: Some(rsip::headers::auth::Algorithm::Md5),
            qop: qop.clone(),
            ..Default::default()
        };
        let value = answered(&challenge, "alice", "open sesame");
        let typed = untyped::Authorization::new(value.clone()).typed().unwrap();
        assert_eq!((typed.username.as_str(), typed.realm.as_str()), ("alice", "example.org, east"));
        assert_eq!((typed.nonce.as_str(), typed.opaque.as_deref()), ("4cf2/a+b=", Some("xyz")));
        let method = rsip::Method::Register;
        assert!(DigestGenerator::from(&typed, "open sesame", &method).verify(&typed.response), "{value}");
        assert!(!DigestGenerator::from(&typed, "wrong", &method).verify(&typed.response));
    }
}

#[test]
fn we_verify_the_credentials_of_rsip() {
    for qop in [None, Some(rsip::headers::auth::AuthQop::Auth { cnonce: "c0ffee".into(), nc: 7 })] {
        let mut typed = rsip::typed::Authorization {
            scheme: rsip::headers::auth::Scheme::Digest,
            username: "bob".into(),
            realm: "r".into(),
            nonce: "n".into(),
            uri: rsip::Uri::try_from("sip:registrar.example").unwrap(),
            response: String::new(),
            algorithm: None,
            opaque: None,
            qop,
        };
        typed.response = DigestGenerator::from(&typed, "secret", &rsip::Method::Invite).compute();
        let message = format!("INVITE sip:registrar.example SIP/2.0\r\nAuthorization: {typed}\r\n\r\n");
        let expected = Expected { user: b"bob", password: b"secret", is_strict: true, ..Expected::default() };
        assert_eq!(verify(message.as_bytes(), &expected), Ok(()), "{message}");
        let wrong = Expected { password: b"other", ..expected };
        assert!(verify(message.as_bytes(), &wrong).is_err());
    }
}
