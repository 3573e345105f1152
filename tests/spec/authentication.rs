//! auth.md from outside: the shipped scenarios, `-au`, `-ap`, `-auth_uri`, and challenges that no call can answer.

use std::fmt::Write as _;

use crate::peer::{Heard, Peer, Say, now};
use crate::program::{Program, rsipp};
use crate::xml::{await_request, expect, request_with, response, scenario};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// A shipped scenario against the shipped `uas_verifyauth.xml`, with these users.
fn shipped(scenario: &str, users: &str, options: &str) -> Program {
    let folder = format!("{REPOSITORY}/scenarios");
    rsipp(&format!("-inf users.csv -infindex users.csv 0 {options}"))
        .arg("-sf")
        .arg(format!("{folder}/{scenario}.xml"))
        .arg("-peer_sf")
        .arg(format!("{folder}/uas_verifyauth.xml"))
        .file("users.csv", users)
}

fn shipped_users() -> String {
    std::fs::read_to_string(format!("{REPOSITORY}/csv/users.csv")).unwrap()
}

#[test]
fn the_shipped_scenarios_register_and_call() {
    for scenario in ["register", "uac_auth"] {
        let ended = shipped(scenario, &shipped_users(), "-m 20 -r 200").run().exits(0);
        assert_eq!(ended.calls(), (20, 20, 0), "{scenario}");
        assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
    }
}

#[test]
fn the_shipped_scenarios_have_no_lints() {
    for scenario in ["register", "uac_auth", "uas_verifyauth"] {
        let path = format!("{REPOSITORY}/scenarios/{scenario}.xml");
        let users = shipped_users();
        rsipp(&format!("-check -sf {path} -inf users.csv -infindex users.csv 0"))
            .file("users.csv", users)
            .run()
            .exits(0);
    }
}

/// Two thousand different users, each with a password of its own; at a rate that a debug build keeps.
#[test]
fn a_registration_storm() {
    let mut users = "SEQUENTIAL\n".to_owned();
    for user in 0..2_000 {
        writeln!(users, "user{user};secret{user};").unwrap();
    }
    let ended = shipped("register", &users, "-m 2000 -r 500").run().exits(0);
    assert_eq!(ended.calls(), (2_000, 2_000, 0));
}

/// A registrar that challenges whoever brings no credentials.
fn challenging(challenge: &'static str) -> Peer {
    Peer::new(move |heard: &Heard| -> Vec<Say> {
        vec![now(match heard.find("Authorization") {
            None => heard.response_with("401 Unauthorized", &format!("{challenge}\r\n")),
            Some(_) => heard.response("200 OK"),
        })]
    })
}

const PLAIN: &str = r#"WWW-Authenticate: Digest realm="r",nonce="n1""#;

fn register() -> String {
    scenario(&[
        request_with("REGISTER", "", ""),
        "<recv response=\"401\" auth=\"true\"/>".into(),
        request_with("REGISTER", "", "[authentication]"),
        expect("200"),
    ])
}

/// The Authorization header that these options make.
fn authorization(options: &[&str]) -> String {
    let peer = challenging(PLAIN);
    let mut program = rsipp(&format!("{} -m 1", peer.addr)).scenario(&register());
    for option in options {
        program = program.arg(option);
    }
    program.run().exits(0);
    let heard = peer.wait(2);
    assert_eq!(heard[1].header("Content-Length"), "0");
    let port = peer.addr.port().to_string();
    heard[1].header("Authorization").replace(&port, "PORT")
}

/// cli.md §4.4, auth.md §2, §3; vector 13.
#[test]
fn au_ap_and_auth_uri_say_who_and_where() {
    let own = authorization(&[]);
    assert!(
        own.starts_with(r#"Digest username="service",realm="r",uri="sip:127.0.0.1:PORT",nonce="n1","#),
        "{own}"
    );
    let fixed = ["-auth_uri", "example.com:5060;x=y"];
    let by_default = authorization(&fixed);
    assert_eq!(
        by_default,
        r#"Digest username="service",realm="r",uri="sip:example.com:5060;x=y",nonce="n1",response="6222388470c0cc33958ce1736b0f1f36",algorithm=MD5"#
    );
    let with = |more: &[&str]| authorization(&[&fixed, more].concat());
    assert_eq!(with(&["-au", "[service]", "-ap", "password"]), by_default);
    let svc = with(&["-s", "svc", "-au", "", "-ap", "pw"]);
    assert!(svc.contains("username=\"svc\""), "an empty -au is none: {svc}");
    assert_ne!(with(&["-ap", ""]), by_default, "an empty -ap is the empty password");
}

/// auth.md §3: SIPp forgets the brackets.
#[test]
fn the_digest_uri_of_an_ipv6_target_has_brackets() {
    let peer = Peer::on("[::1]:0", |heard: &Heard| {
        vec![now(match heard.find("Authorization") {
            None => heard.response_with("401 Unauthorized", &format!("{PLAIN}\r\n")),
            Some(_) => heard.response("200 OK"),
        })]
    });
    rsipp(&format!("{} -m 1", peer.addr)).scenario(&register()).run().exits(0);
    let uri = format!("uri=\"sip:[::1]:{}\"", peer.addr.port());
    assert!(peer.wait(2)[1].header("Authorization").contains(&uri));
}

/// spec/README.md rule 4: the call fails and is counted, the run goes on.
#[test]
fn challenges_that_cannot_be_answered_fail_the_call_and_not_the_run() {
    for (challenge, sentence) in [
        ("X-Nothing: here", "Couldn't find 'Proxy-Authenticate' or 'WWW-Authenticate' in 401 or 407!"),
        ("WWW-Authenticate: ", "Couldn't find 'Proxy-Authenticate' or 'WWW-Authenticate' in 401 or 407!"),
        ("WWW-Authenticate: Basic realm=\"r\"", "authentication must be digest"),
        ("WWW-Authenticate: Digest realm=\"r\"", "couldn't parse nonce"),
        (
            "WWW-Authenticate: Digest realm=\"r\",nonce=\"n\",algorithm=SHA-1",
            "authentication must use MD5, AKAv1-MD5 or SHA-256",
        ),
        (
            "WWW-Authenticate: Digest realm=\"r\",nonce=\"AAAA\",algorithm=AKAv1-MD5",
            "Nonce is too short 3 < 32 expected",
        ),
    ] {
        let peer = challenging(challenge);
        let ended = rsipp(&format!("{} -m 3 -nd", peer.addr))
            .scenario(&register())
            .run()
            .exits(1)
            .complains(sentence);
        assert_eq!(ended.calls(), (3, 0, 3), "{challenge}");
    }
}

#[test]
fn the_keyword_without_a_challenge_fails_the_call() {
    let peer = Peer::answering();
    let text = scenario(&[request_with("REGISTER", "", "[authentication]"), expect("200")]);
    let ended = rsipp(&format!("{} -m 2", peer.addr)).scenario(&text).run().exits(1);
    assert_eq!(ended.calls(), (2, 0, 2));
    assert!(ended.stderr.contains("Authentication keyword without dialog_authentication!"));
    assert!(peer.heard().is_empty());
}

/// auth.md §2: "used in a response".
#[test]
fn the_keyword_in_a_response_fails_the_call() {
    let with_keyword = response("200 OK", "").replace("Content-Length", "[authentication]\nContent-Length");
    let running = rsipp("-m 1").scenario(&scenario(&[await_request("OPTIONS"), with_keyword])).start();
    let peer = Peer::silent();
    peer.say_to_port(running.listens_on(), crate::xml::wire_request("OPTIONS", "id", 1));
    running.wait().exits(1).complains("authentication requires a method");
}
