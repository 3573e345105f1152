//! auth.md §2, §3 and the client vectors 1 to 25 of §7: a challenge, a request with the keyword, the header it gives.

use super::World;
use crate::auth::{Challenges, Status};
use crate::message::{DefaultCredentials, RenderError};

pub(super) const UNAUTHORIZED: &str = "WWW-Authenticate";
const PROXY: &str = "Proxy-Authenticate";

/// A world that was challenged with a 401.
pub(super) fn challenged(challenge: &str) -> World {
    challenged_by(Status::Unauthorized, &[(UNAUTHORIZED, challenge)])
}

pub(super) fn challenged_by(status: Status, headers: &[(&str, &str)]) -> World {
    let mut world = World { method: Some("REGISTER"), ..World::default() };
    challenge(&mut world, status, headers, "REGISTER");
    world
}

pub(super) fn challenge(world: &mut World, status: Status, headers: &[(&str, &str)], method: &str) {
    let response = response(headers);
    world
        .challenges
        .get_or_insert_with(Challenges::default)
        .store(status, &response, method.as_bytes())
        .unwrap();
}

fn response(headers: &[(&str, &str)]) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("SIP/2.0 401 Unauthorized\r\n{headers}\r\n").into_bytes()
}

pub(super) const JOE: &str = "authentication username=joe password=schmo";

/// The header line that the keyword in a REGISTER gives.
#[track_caller]
pub(super) fn header(world: &mut World, keyword: &str) -> String {
    header_with(world, keyword, "")
}

#[track_caller]
fn header_with(world: &mut World, keyword: &str, body: &str) -> String {
    let sent = world.send(&format!("REGISTER sip:x SIP/2.0\n[{keyword}]\nX: y\n\n{body}"));
    assert!(sent.starts_with("REGISTER sip:x SIP/2.0\r\n") && sent.contains("\r\nX: y\r\n\r\n"), "{sent}");
    sent.lines().nth(1).unwrap().to_owned()
}

/// The `response` parameter of a header line.
pub(super) fn answer(header: &str) -> &str {
    header.split_once(",response=\"").unwrap().1.split('"').next().unwrap()
}

#[track_caller]
fn answer_to(challenge: &str, keyword: &str) -> String {
    answer(&header(&mut challenged(challenge), keyword)).to_owned()
}

pub(super) const PLAIN: &str = r#"Digest realm="r",nonce="n1""#;
const FULL: &str = r#"Digest realm="r",nonce="n1",qop="auth",opaque="op",algorithm=MD5,stale=FALSE"#;
const BOTH: &str = r#"Digest realm="r", nonce="n1", qop="auth,auth-int", opaque="op""#;

/// Vectors 1 to 3.
#[test]
fn without_qop_the_header_has_five_parts_and_the_algorithm() {
    let testrealm = r#"Digest realm="testrealm@host.com",nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093""#;
    assert_eq!(
        header(&mut challenged(testrealm), JOE),
        r#"Authorization: Digest username="joe",realm="testrealm@host.com",uri="sip:127.0.0.1:23502",nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",response="b86465063e0d4343d7646a2fa30f0c47",algorithm=MD5"#
    );
    for name in [UNAUTHORIZED, PROXY] {
        let mut world = challenged_by(Status::ProxyAuthenticationRequired, &[(name, PLAIN)]);
        assert_eq!(
            header(&mut world, JOE),
            r#"Proxy-Authorization: Digest username="joe",realm="r",uri="sip:127.0.0.1:23502",nonce="n1",response="5541d08c0df0a754f75c1d193b553758",algorithm=MD5"#
        );
    }
    let header = header(&mut challenged(&format!("{PLAIN},algorithm=\"md5\"")), JOE);
    assert!(header.ends_with(r#"response="5541d08c0df0a754f75c1d193b553758",algorithm=md5"#), "{header}");
}

/// Vectors 4 to 6.
#[test]
fn with_qop_nc_counts_up_and_the_opaque_comes_last() {
    let mut world = challenged(FULL);
    world.cnonce = 0x59de_fae8;
    assert_eq!(
        header(&mut world, JOE),
        r#"Authorization: Digest username="joe",realm="r",cnonce="59defae8",nc=00000001,qop=auth,uri="sip:127.0.0.1:23502",nonce="n1",response="8c70b45b858f94a2d96506303af36708",algorithm=MD5,opaque="op""#
    );
    world.cnonce = 0x6c40_5159;
    let second = header(&mut world, JOE);
    assert!(second.contains(r#",cnonce="6c405159",nc=00000002,qop=auth,"#), "{second}");
    assert_eq!(answer(&second), "6eaf4864cb8a547a9e8ea55fd1e212d4");

    let mut world = challenged(FULL);
    assert_eq!(answer(&header(&mut world, JOE)), "8c75ca7bf03121679d4f35e910ee0e04");
    world.cnonce = 0x327b_23c6;
    assert_eq!(answer(&header(&mut world, JOE)), "4b76dcefdef2359aa1a2575b4c8e3d0e");
}

/// Vectors 7 to 9; the body as sent, with its final CRLF.
#[test]
fn auth_int_is_preferred_and_covers_the_body() {
    let mut world = challenged(BOTH);
    let first = header_with(&mut world, JOE, "hello\nworld\n");
    assert!(first.contains(",qop=auth-int,"), "{first}");
    assert_eq!(answer(&first), "8ee080ea636fa67eae1da13b7a666690");
    let mut world = World { cnonce: 0x42e9_f0b1, ..challenged(BOTH) };
    assert_eq!(answer(&header_with(&mut world, JOE, "hello\nworld\n")), "18ada27dbad8fc11a5c000c227f083a7");
    let only = r#"Digest realm="r",nonce="n1",qop="auth-int""#;
    assert_eq!(answer_to(only, JOE), "5086bd9368b4ac91519db2bea32e52cb");
    let third = r#"Digest realm="r",nonce="n1",qop="foo,bar,AUTH-INT""#;
    assert_eq!(answer_to(third, JOE), "5086bd9368b4ac91519db2bea32e52cb", "SIPp cuts it to 15 bytes");
}

/// A mended bug of auth.md §2: bytes behind a NUL belong to the body.
#[test]
fn auth_int_covers_a_body_with_nuls() {
    let digest = |body: &str| answer(&header_with(&mut challenged(BOTH), JOE, body)).to_owned();
    assert_ne!(digest("a\\x00b"), digest("a\\x00c"));
    let sent = challenged(BOTH).send(&format!("REGISTER sip:x SIP/2.0\n[{JOE}]\nL: [len]\n\na\\x00b"));
    assert!(sent.contains("L:     3\r\n\r\na\0b"), "{sent:?}");
}

/// Vectors 10 to 12.
#[test]
fn without_parameters_au_and_ap_count_then_s_then_service_and_password() {
    assert_eq!(answer_to(PLAIN, "authentication"), "a828897b5bdd240962c80b56a9b4c776");
    let mut world = challenged(PLAIN);
    world.facts.service = "svc".into();
    assert_eq!(answer(&header(&mut world, "authentication")), "f7832eebcba4c2ae01bcbc0aed5f0338");
    let defaults = DefaultCredentials::parse(Some("usr"), Some("pw"), &mut world.scenario).unwrap();
    world.defaults = defaults;
    assert_eq!(answer(&header(&mut world, "authentication")), "b8ce6aeca664e16b8fd45a04d12647ed");
}

/// auth.md §2: `-au '[service][call_number]'`, and a plain bracket as an escape.
#[test]
fn au_and_ap_may_contain_keywords() {
    let mut world = challenged(PLAIN);
    let defaults =
        DefaultCredentials::parse(Some("[service][call_number]"), Some("\\x5b"), &mut world.scenario);
    world.defaults = defaults.unwrap();
    assert!(header(&mut world, "authentication").contains("username=\"service1\""));
    assert_eq!(
        answer(&header(&mut world, "authentication")),
        answer_to(PLAIN, r#"authentication username=service1 password="\\x5b""#)
    );
    let error = DefaultCredentials::parse(Some("a[b"), None, &mut world.scenario).unwrap_err();
    assert_eq!(error.message, "Syntax error or invalid [keyword] in scenario while parsing 'a[b'");
}

/// Vectors 13 and 14. The brackets that SIPp forgets around an IPv6 address are `run::side`'s affair.
#[test]
fn the_uri_is_hashed_as_it_is_printed() {
    for (uri, keyword, response) in [
        ("sip:example.com:5060;x=y", "authentication", "6222388470c0cc33958ce1736b0f1f36"),
        ("sip:::1:23502", JOE, "379f7fa317fb9ea3e097f6803c819518"),
    ] {
        let mut world = World { digest_uri: uri.into(), ..challenged(PLAIN) };
        let header = header(&mut world, keyword);
        assert!(header.contains(&format!(",uri=\"{uri}\",")), "{header}");
        assert_eq!(answer(&header), response);
    }
}

/// Vectors 15 to 18.
#[test]
fn values_have_the_forms_of_keyword_parameters() {
    for (parameters, user, response) in [
        ("username=0x4142 password=0x4344", "AB", "3930aec70c280bc25932d417c4b161d7"),
        ("username=joe+1 password=a-2b+3", "joe+1", "38087ff2d8a06b1b992be3817325f1bc"),
        (r#"username=joe password="a]b""#, "joe", "f49660e7fb79b631a580fdda7206c2da"),
        (r#"username=joe password="""#, "joe", "49e5f724a61fcc13e4f3bfaa8f5e2b16"),
        (r#"username=joe password=password"#, "joe", "49e5f724a61fcc13e4f3bfaa8f5e2b16"),
    ] {
        let header = header(&mut challenged(PLAIN), &format!("authentication {parameters}"));
        assert!(header.contains(&format!("username=\"{user}\"")), "{header}");
        assert_eq!(answer(&header), response, "{parameters}");
    }
}

/// auth.md §2, the Surprises; `-ap ''` was tried with sipp 3.6.1: the empty password.
#[test]
fn an_empty_password_comes_from_ap_or_from_an_empty_field() {
    let mut world = challenged(PLAIN);
    world.defaults = DefaultCredentials::parse(Some(""), Some(""), &mut world.scenario).unwrap();
    let by_option = header(&mut world, "authentication");
    assert!(by_option.contains("username=\"service\""));
    let mut world = World { method: Some("REGISTER"), ..World::with_file("SEQUENTIAL\nservice;;\n") };
    challenge(&mut world, Status::Unauthorized, &[(UNAUTHORIZED, PLAIN)], "REGISTER");
    assert_eq!(header(&mut world, r#"authentication username="[field0]" password="[field1]""#), by_option);
    assert_ne!(answer(&by_option), answer_to(PLAIN, "authentication"));
    let commas = header(&mut challenged(PLAIN), "authentication username=joe,password=x");
    assert!(commas.contains("username=\"joe,password=x\""));
    assert_eq!(answer(&commas), answer_to(PLAIN, r#"authentication password=x username="joe,password=x""#));
}

#[test]
fn values_are_templates() {
    let user = |keyword: &str| {
        let header = header(&mut challenged(PLAIN), keyword);
        header.split('"').nth(1).unwrap().to_owned()
    };
    assert_eq!(user(r#"authentication username="[call_number]x""#), "1x");
    assert_eq!(user(r"authentication username=\x41b"), "Ab");
    assert_eq!(user("authentication username=jo\u{e9}x"), "jo", "a byte that is not ASCII ends it");
    assert_eq!(user("authenticationfoo username=bob"), "bob", "any name that begins so");
    assert_eq!(user(r#"authentication username=a"b"c"#), "a\\", "a quote is guarded in the header");
}

/// Vectors 19 to 21.
#[test]
fn sha_256() {
    let header = header(&mut challenged(&format!("{PLAIN},algorithm=SHA-256")), JOE);
    assert!(header.ends_with(",algorithm=SHA-256"), "{header}");
    assert_eq!(answer(&header), "9dc0df9fe63d2dad6d985625770b724765ddee74432596ffe08e5eb0bfdf41a7");
    let challenge = format!("{PLAIN},qop=\"auth\",algorithm=SHA-256,opaque=\"o\"");
    let mut world = World { cnonce: 0x2ebf_28cb, ..challenged(&challenge) };
    assert_eq!(
        answer(&self::header(&mut world, JOE)),
        "d797dbdc361dd7fb43773d05de6b075b6441ef8dfa09a9e882ff04983e18031c"
    );
    let challenge = format!("{PLAIN},qop=\"auth-int\",algorithm=SHA-256");
    let mut world = World { cnonce: 0x1fb7_0ef8, ..challenged(&challenge) };
    assert_eq!(
        answer(&header_with(&mut world, JOE, "hello\n")),
        "50bd182e1a6b770423c1d5826fda7defd90600d76ada6beb59ef9157aa656d0e"
    );
}

/// Vector 22 is what SIPp does wrong: plain MD5 labelled MD5-sess. The numbers here were computed apart, by RFC 7616 §3.4.2:
/// the session key has the cnonce of the first answer.
#[test]
fn a_session_key_serves_as_long_as_its_challenge() {
    let challenge = r#"Digest realm="r",nonce="n1",qop="auth",algorithm=MD5-sess"#;
    let mut world = challenged(challenge);
    let first = header(&mut world, JOE);
    assert!(first.ends_with(",algorithm=MD5-sess"), "{first}");
    assert_eq!(answer(&first), "81661686e5d36b8cc579c63d31f8f548");
    world.cnonce = 1;
    let second = header(&mut world, JOE);
    assert!(second.contains(r#"cnonce="6b8b4567",nc=00000002"#), "{second}");
    assert_eq!(answer(&second), "a33b06ec8864a767e9a3240cb65f9f60");
    assert_eq!(
        answer_to(&challenge.replace("MD5", "SHA-256"), JOE),
        "bf24af528293835c85cd9b01ffd46c08a766178f64e9632f382253a1ddaba2af"
    );
    let without_qop = header(&mut challenged(r#"Digest realm="r",nonce="n1",algorithm=MD5-sess"#), JOE);
    assert!(without_qop.contains(r#"realm="r",cnonce="6b8b4567",uri="#), "{without_qop}");
    assert_eq!(answer(&without_qop), "c9756e380d8369696a9a107f54483a33");
}

/// Vector 23, but for the cut to 63 bytes, a bug.
#[test]
fn the_opaque_comes_back_in_full() {
    let opaque = "o".repeat(3000);
    let header = header(&mut challenged(&format!("Digest realm=\"r\",nonce=\"n\",opaque=\"{opaque}\"")), JOE);
    assert!(header.ends_with(&format!(",opaque=\"{opaque}\"")));
    assert_eq!(answer(&header), "7b1990f7386eb0c89286af9aeb125ab2");
}

/// Vector 24 has SIPp's choice, the proxy's challenge for a 401; ours is the one that belongs to the status. With only the proxy's
/// there, it is SIPp's.
#[test]
fn the_challenge_that_belongs_to_the_status_counts() {
    let www = (UNAUTHORIZED, r#"Digest realm="w",nonce="nw""#);
    let proxy = (PROXY, r#"Digest realm="p",nonce="np""#);
    let header = |status, headers: &[(&str, &str)]| header(&mut challenged_by(status, headers), JOE);
    let only = header(Status::Unauthorized, &[proxy]);
    assert!(only.starts_with("Authorization: ") && only.contains(r#"realm="p""#), "{only}");
    assert_eq!(answer(&only), "953a3db5818cf792528bb9c77ee96af6");
    for both in [[www, proxy], [proxy, www]] {
        assert!(header(Status::Unauthorized, &both).contains(r#"realm="w""#));
        let asked_by_proxy = header(Status::ProxyAuthenticationRequired, &both);
        assert!(
            asked_by_proxy.starts_with("Proxy-Authorization: ") && asked_by_proxy.contains(r#"realm="p""#)
        );
    }
    let unusable = (UNAUTHORIZED, r#"Digest realm="w",nonce="nw",algorithm=X"#);
    assert!(header(Status::Unauthorized, &[unusable, proxy]).contains(r#"realm="p""#));
    assert!(header(Status::Unauthorized, &[(UNAUTHORIZED, ""), proxy]).contains(r#"realm="p""#));
    assert!(
        header(Status::Unauthorized, &[www, (PROXY, " ")]).contains(r#"realm="w""#),
        "empty: no challenge"
    );
}

/// Vector 25.
#[test]
fn an_unknown_qop_is_given_back() {
    let header = header(&mut challenged(r#"Digest realm="r",nonce="n",qop="foo""#), JOE);
    assert!(header.contains(",qop=foo,"), "{header}");
    assert_eq!(answer(&header), "717647cabc173f51753bdd92522dd490");
}

/// auth.md §3, Surprise: SIPp mixes the parameters of several challenges.
#[test]
fn of_several_challenges_the_strongest_is_answered_and_none_is_mixed_with_another() {
    let md5 = r#"Digest realm="r1",nonce="n1",opaque="o1""#;
    let sha = r#"Digest realm="r2",nonce="n2",algorithm=SHA-256,qop="auth""#;
    let truncated = r#"Digest realm="r3",nonce="n3",algorithm=SHA-512-256"#;
    let exotic = r#"Digest realm="r4",nonce="n4",algorithm=SHA-1024"#;
    let basic = r#"Basic realm="r0""#;
    let realm = |headers: &[&str]| {
        let headers: Vec<_> = headers.iter().map(|value| (UNAUTHORIZED, *value)).collect();
        let header = header(&mut challenged_by(Status::Unauthorized, &headers), JOE);
        header.split('"').nth(3).unwrap().to_owned()
    };
    assert_eq!(realm(&[md5, sha]), "r2");
    assert_eq!(realm(&[sha, md5]), "r2");
    assert_eq!(realm(&[exotic, basic, md5, sha, truncated]), "r3");
    assert_eq!(realm(&[basic, exotic, md5]), "r1");
    assert_eq!(realm(&[&format!("Negotiate, {basic}, {md5}, {sha}")]), "r2", "in one header");
    assert_eq!(realm(&[md5, r#"Digest realm="r9",nonce="n9""#]), "r1", "of equal ones the first");
    let mut world = challenged_by(Status::Unauthorized, &[(UNAUTHORIZED, md5), (UNAUTHORIZED, sha)]);
    let header = header(&mut world, JOE);
    assert!(header.contains(r#"nonce="n2""#) && !header.contains("opaque"), "{header}");
}

#[test]
fn realms_may_have_commas_quotes_and_the_names_of_parameters_in_them() {
    let header = header(&mut challenged(r#"Digest realm="a, nonce=x, \"b\"",nonce="n1""#), JOE);
    assert!(header.contains(r#"realm="a, nonce=x, \"b\"","#) && header.contains(r#"nonce="n1""#), "{header}");
    // What is hashed is what the quoted text means: user:a, nonce=x, "b":password.
    assert_eq!(answer(&header), "99078dcea3575f6847b2da6f40a8f9bb");
}

/// auth.md §3: case, tabs, folds, blanks around the sign, no commas, no quotes.
#[test]
fn challenges_are_read_in_all_their_forms() {
    let same = answer_to(PLAIN, JOE);
    for challenge in [
        "DIGEST REALM=\"r\",NONCE=\"n1\"",
        "Digest\trealm=r\tnonce=n1",
        "Digest realm = \"r\" , nonce = \"n1\"",
        "Digest realm=\"r\"\r\n ,nonce=\"n1\"",
        "Digest nonce=\"n1\", , realm=\"r\",",
        "Digest realm=\"r\", nonce=\"n1\", algorithm = MD5",
    ] {
        assert_eq!(answer_to(challenge, JOE), same, "{challenge}");
    }
}

/// auth.md §1.
#[test]
fn a_new_challenge_counts_from_1_and_a_stale_one_is_answered() {
    let mut world = challenged(r#"Digest realm="r0",nonce="n0",qop=auth"#);
    assert!(header(&mut world, JOE).contains(",nc=00000001,"));
    let stale = r#"Digest realm="r1",nonce="n1",qop=auth,stale=TRUE"#;
    for _ in 0..2 {
        challenge(&mut world, Status::Unauthorized, &[(UNAUTHORIZED, stale)], "REGISTER");
        let header = header(&mut world, JOE);
        assert!(header.contains(",nc=00000001,") && header.contains(r#"nonce="n1""#), "{header}");
    }
    assert!(header(&mut world, JOE).contains(",nc=00000002,"));
}

/// RFC 3261 §22.3; SIPp answers the newest only.
#[test]
fn a_proxy_and_the_server_behind_it_are_both_answered() {
    let mut world = challenged_by(Status::ProxyAuthenticationRequired, &[(PROXY, FULL)]);
    assert!(header(&mut world, JOE).starts_with("Proxy-Authorization: "));
    challenge(&mut world, Status::Unauthorized, &[(UNAUTHORIZED, PLAIN)], "REGISTER");
    let sent = world.send(&format!("REGISTER sip:x SIP/2.0\n[{JOE}]\nX: y\n\n"));
    let lines: Vec<_> = sent.lines().collect();
    assert!(lines[1].starts_with("Authorization: Digest "), "{sent}");
    assert!(
        lines[2].starts_with("Proxy-Authorization: Digest ") && lines[2].contains("nc=00000002"),
        "{sent}"
    );
    assert_eq!((lines[3], lines.len()), ("X: y", 5));
    // A challenge to another kind of request has nothing to do with it.
    challenge(&mut world, Status::ProxyAuthenticationRequired, &[(PROXY, PLAIN)], "INVITE");
    world.method = Some("INVITE");
    let sent = world.send(&format!("INVITE sip:x SIP/2.0\n[{JOE}]\nX: y\n\n"));
    assert!(sent.lines().nth(1).unwrap().starts_with("Proxy-Authorization: "), "{sent}");
    assert_eq!(sent.lines().nth(2), Some("X: y"));
}

/// auth.md §2, "Placement".
#[test]
fn the_header_stands_where_the_keyword_stood() {
    let sent =
        challenged(PLAIN).send(&format!("REGISTER sip:x SIP/2.0\nX-Foo: a[{JOE}]b\nL: [len]\n\n12345"));
    assert!(sent.contains("\r\nX-Foo: aAuthorization: Digest username=\"joe\""), "{sent}");
    assert!(sent.contains("algorithm=MD5b\r\nL:     5\r\n\r\n12345"), "{sent}");
}

#[test]
fn there_is_one_keyword_a_message_and_it_stands_in_the_head() {
    let mut world = challenged(PLAIN);
    let error = world.parse("[authentication][authentication]").unwrap_err();
    assert_eq!(error.message, "Only one [authentication] keyword is currently supported!");
    let template = world.parse("REGISTER x\nL: [len]\n\n[authentication]").unwrap();
    let sentence = "The authentication keyword should appear in the message header, not the body!";
    assert_eq!(world.try_render(&template), Err(RenderError::Fatal(sentence.into())));
    let template = world.parse("[len][authentication]").unwrap();
    assert_eq!(world.try_render(&template), Err(RenderError::Fatal(sentence.into())));
    assert!(world.expand("REGISTER x\n\n[authentication]").contains("\r\n\r\nAuthorization: "));
}

/// auth.md §2 and §3: what ends SIPp fails the call.
#[test]
fn what_cannot_be_answered_fails_the_call() {
    let fails = |world: &mut World| {
        let template = world.parse(&format!("[{JOE}]")).unwrap();
        match world.try_render(&template) {
            Err(RenderError::CallFails(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(fails(&mut World::default()), "authentication requires a method");
    let mut unasked = World { method: Some("REGISTER"), ..World::default() };
    assert_eq!(fails(&mut unasked), "Authentication keyword without dialog_authentication!");
    for (challenge, end) in [
        (r#"Basic realm="r""#, "authentication must be digest"),
        (
            r#"Digest realm="r",nonce="n",algorithm=SHA-1"#,
            "authentication must use MD5, AKAv1-MD5 or SHA-256, SHA-512-256 or AKAv2-MD5, value is 'SHA-1'",
        ),
        (r#"Digest nonce="n""#, r#"couldn't parse realm in 'Digest nonce="n"'"#),
        (r#"Digest realm="",nonce="n""#, r#"couldn't parse realm in 'Digest realm="",nonce="n"'"#),
        (r#"Digest realm="r""#, "couldn't parse nonce"),
        ("\"", "authentication must be digest"),
        ("=", "authentication must be digest"),
    ] {
        let sentence = fails(&mut challenged(challenge));
        assert!(sentence.ends_with(end), "{challenge}: {sentence}");
    }
}

/// auth.md §1.
#[test]
fn a_response_without_a_challenge_is_told_apart() {
    for headers in [&[][..], &[(UNAUTHORIZED, "")], &[(PROXY, " "), (UNAUTHORIZED, ", ,")]] {
        let mut challenges = Challenges::default();
        let error = challenges.store(Status::Unauthorized, &response(headers), b"REGISTER").unwrap_err();
        assert_eq!(
            error.to_string(),
            "Couldn't find 'Proxy-Authenticate' or 'WWW-Authenticate' in 401 or 407!"
        );
    }
}

/// keywords.md §6.9, auth.md §2 "From a CSV field".
#[test]
fn a_keyword_in_an_injected_field_is_replaced() {
    let inject = |field: &str, text: &str| {
        let mut world =
            World { method: Some("REGISTER"), ..World::with_file(&format!("SEQUENTIAL\n{field}\n")) };
        challenge(&mut world, Status::Unauthorized, &[(UNAUTHORIZED, PLAIN)], "REGISTER");
        let template = world.parse(text).unwrap();
        world.try_render(&template).map(|(bytes, _)| String::from_utf8(bytes).unwrap())
    };
    let message = "REGISTER sip:x SIP/2.0\n[field0]\nL: [len]\n\nab";
    let sent = inject("[authentication username=joe password=schmo]", message).unwrap();
    assert_eq!(sent.lines().nth(1).unwrap(), header(&mut challenged(PLAIN), JOE));
    assert!(sent.ends_with("algorithm=MD5\r\nL:     2\r\n\r\nab"), "{sent}");
    let sent = inject("X-Foo: a[authentication password=\"a]b\"]", message).unwrap();
    let user_service = answer_to(PLAIN, "authentication password=a");
    assert!(sent.contains("\r\nX-Foo: aAuthorization: Digest username=\"service\""), "{sent}");
    assert!(sent.contains(&user_service) && sent.contains("MD5b\"]\r\nL"), "{sent}");
    for (field, text, error) in [
        ("[authentication", "[field0]", "Missing ] behind '[authentication' in an injection file"),
        (
            r#"[authentication username="[service]"]"#,
            "[field0]",
            "Syntax error or invalid [keyword] in scenario while parsing '[service'",
        ),
        (
            "[authentication]",
            "[field0][authentication]",
            "Only one [authentication] keyword is currently supported!",
        ),
    ] {
        assert_eq!(inject(field, text).unwrap_err().to_string(), error);
    }
}
