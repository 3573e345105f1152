//! auth.md §1, §2, runtime.md §7.4 item 9, actions.md §3.23: challenges, credentials and their checks in calls.

use rsipp::engine::Verdict;
use rsipp::engine::settings::DigestUri;
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, steps};
use super::peer::Heard;
use super::text::{answer_with, nop, recv, recv_acting, request, request_with, response};

const JOE: &str = "[authentication username=joe password=schmo]";

/// A request with one more header line.
fn signed(method: &str) -> String {
    request_with(method, "", JOE, "")
}

/// Answers the requests of a method with these statuses and header lines, in turn; not at all where there is no status.
fn answering(
    statuses: &'static [(&'static str, &'static str)],
) -> impl FnMut(Heard<'_>) -> Vec<(u64, String)> {
    move |heard| match statuses.get(heard.nth) {
        Some((status, line)) if heard.kind() != "ACK" && !status.is_empty() => {
            vec![(1, answer_with(heard.text, status, &format!("{line}\r\n")))]
        }
        _ => Vec::new(),
    }
}

const OTHER: &str = "Proxy-Authenticate: Digest realm=\"no\",nonce=\"no\"";
const QOP: &str = "WWW-Authenticate: Digest realm=\"r\",nonce=\"n1\",qop=\"auth\"";

fn parameter<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find(|line| line.contains("Authorization: ")).unwrap_or_default();
    line.split_once(name).unwrap_or_default().1.split([',']).next().unwrap_or_default()
}

/// auth.md §3: the count goes over all later requests of the call, whatever their method; other calls count for themselves.
#[test]
fn each_later_request_of_a_call_counts_and_has_a_cnonce_of_its_own() {
    let setup = steps(&[
        &request("REGISTER", ""),
        &recv("response='401' auth='true'"),
        &signed("REGISTER"),
        &recv("response='200'"),
        &signed("OPTIONS"),
        &recv("response='200'"),
    ]);
    let script = |heard: Heard<'_>| {
        let is_signed = heard.text.contains("\r\nAuthorization: ");
        let status = if is_signed { "200 OK" } else { "401 Unauthorized" };
        vec![(1, answer_with(heard.text, status, &format!("{QOP}\r\n")))]
    };
    let mut pair = Pair::new(setup.calls(2), script);
    pair.run();
    assert_eq!(pair.verdicts(), [Verdict::Successful; 2]);
    let texts: Vec<String> = [pair.texts("REGISTER"), pair.texts("OPTIONS")].concat();
    let signed: Vec<_> = texts.iter().filter(|text| text.contains("Authorization")).collect();
    let mut counts: Vec<_> = signed.iter().map(|text| parameter(text, ",nc=")).collect();
    counts.sort_unstable();
    assert_eq!(counts, ["00000001", "00000001", "00000002", "00000002"]);
    let mut cnonces: Vec<_> = signed.iter().map(|text| parameter(text, ",cnonce=")).collect();
    cnonces.sort_unstable();
    cnonces.dedup();
    assert_eq!(cnonces.len(), 4);
}

/// runtime.md §5: a resend is the bytes of the first transmission.
#[test]
fn a_retransmission_repeats_the_same_credentials() {
    let again = signed("REGISTER").replace("<send", "<send retrans='500'");
    let setup = steps(&[
        &request("REGISTER", ""),
        &recv("response='401' auth='true'"),
        &again,
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(setup, answering(&[("401 Unauthorized", QOP), ("", ""), ("200 OK", "X: y")]));
    pair.run();
    assert_eq!(pair.verdict().1, Verdict::Successful);
    let texts = pair.texts("REGISTER");
    assert_eq!((texts.len(), &texts[1]), (3, &texts[2]));
}

/// auth.md §1: on other codes nothing happens and the old challenge stays.
#[test]
fn only_401_and_407_bring_a_challenge() {
    let setup = steps(&[
        &request("REGISTER", ""),
        &recv("response='401' auth='true'"),
        &signed("REGISTER"),
        &recv("response='200' auth='true'"),
        &signed("REGISTER"),
        &recv("response='407' auth='false'"),
        &signed("REGISTER"),
    ]);
    let mut pair = Pair::new(
        setup,
        answering(&[
            ("401 Unauthorized", QOP),
            ("200 OK", OTHER),
            ("407 Proxy Authentication Required", OTHER),
        ]),
    );
    pair.run();
    assert_eq!(pair.verdict().1, Verdict::Successful);
    let texts = pair.texts("REGISTER");
    let seen: Vec<_> =
        texts[1..].iter().map(|text| (parameter(text, "realm="), parameter(text, ",nc="))).collect();
    assert_eq!(seen, [("\"r\"", "00000001"), ("\"r\"", "00000002"), ("\"r\"", "00000003")]);
}

/// auth.md §1, Bug: the call fails, after the ACK that every answered INVITE gets.
#[test]
fn an_invite_whose_401_asks_for_nothing_is_acknowledged_and_fails() {
    let setup = steps(&[&request("INVITE", ""), &recv("response='401' auth='true'"), &signed("INVITE")]);
    let mut pair = Pair::new(setup, answering(&[("401 Unauthorized", "X: y")]));
    pair.run();
    let kinds: Vec<_> = pair.trace().into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, ["INVITE", "ACK"]);
    assert_eq!(pair.verdict().1, Verdict::Failed(Failure::UnexpectedMessage));
    assert!(pair.warned("Couldn't find 'Proxy-Authenticate' or 'WWW-Authenticate' in 401 or 407!"));
    assert!(pair.a().run_end.is_none());
}

/// auth.md §2, Bug.
#[test]
fn a_broken_challenge_fails_the_call_and_not_the_run() {
    let setup = steps(&[&request("REGISTER", ""), &recv("response='401' auth='true'"), &signed("REGISTER")]);
    let mut pair =
        Pair::new(setup, answering(&[("401 Unauthorized", "WWW-Authenticate: Digest nonce=\"n\"")]));
    pair.run();
    assert_eq!(pair.verdict().1, Verdict::Failed(Failure::CannotSendMessage));
    assert!(pair.warned("couldn't parse realm in 'Digest nonce=\"n\"'"));
    assert!(pair.a().run_end.is_none());
}

/// A server that verifies one REGISTER with these attributes, and what it logs.
fn verdict_on(attributes: &str, change: impl FnOnce(Setup) -> Setup, client: &str) -> (String, Vec<String>) {
    let actions = format!(
        "<verifyauth assign_to='good' username='joe' password='schmo' {attributes}/><log message='[$good]'/>"
    );
    let server = steps(&[
        &recv("request='REGISTER'"),
        &response("401 Unauthorized", "").replace("Content-Length", &format!("{QOP}\nContent-Length")),
        &recv_acting("request='REGISTER'", &actions),
        &response("200 OK", ""),
    ]);
    let client = steps(&[
        &request("REGISTER", ""),
        &recv("response='401' auth='true'"),
        &signed("REGISTER").replace("username=joe password=schmo", client),
        &recv("response='200'"),
    ]);
    let mut pair = Pair::new(change(client), server);
    pair.run();
    assert_eq!(pair.verdict().1, Verdict::Successful);
    (pair.b().logs.concat(), pair.b().warnings.clone())
}

#[test]
fn verifyauth_knows_right_from_wrong() {
    let good = ("true".to_owned(), Vec::new());
    let bad = ("false".to_owned(), Vec::new());
    assert_eq!(verdict_on("", |setup| setup, "username=joe password=schmo"), good);
    assert_eq!(verdict_on("", |setup| setup, "username=joe password=wrong"), bad);
    assert_eq!(verdict_on("", |setup| setup, "username=bob password=schmo"), bad);
    assert_eq!(verdict_on("realm='r' nonce='n1'", |setup| setup, "username=joe password=schmo"), good);
    let (truth, warnings) = verdict_on("nonce='n[pid]x'", |setup| setup, "username=joe password=schmo");
    assert_eq!((truth.as_str(), warnings.len()), ("false", 1));
    assert!(warnings[0].contains("the nonce is 'n1'"), "{warnings:?}");
}

/// `strict`: ours.
#[test]
fn strict_wants_the_uri_of_the_request() {
    let to = |uri: &'static str| {
        move |setup: Setup| setup.with(|settings| settings.digest_uri = DigestUri::Target(uri.to_owned()))
    };
    let (truth, warnings) = verdict_on("strict='true'", to("sip:elsewhere"), "username=joe password=schmo");
    assert_eq!(truth, "false");
    assert!(warnings[0].contains("the uri is 'sip:elsewhere'"), "{warnings:?}");
    let (truth, _) = verdict_on("", to("sip:elsewhere"), "username=joe password=schmo");
    assert_eq!(truth, "true");
}

/// actions.md §1.2, Bug: SIPp crashes.
#[test]
fn verifyauth_without_a_message_is_false() {
    let verify = nop("", "<verifyauth assign_to='good' username='a' password='b'/><log message='[$good]'/>");
    let mut pair = Pair::new(steps(&[&verify, &request("OPTIONS", "")]), super::peer::Silent);
    pair.run();
    assert_eq!(pair.a().logs, ["false"]);
    assert!(pair.warned("no message"));
}

/// auth.md §2: an error of a text is said; the call goes on.
#[test]
fn the_keyword_in_an_action_is_refused_with_a_warning() {
    let log = nop("", "<log message='a[authentication]'/>");
    let mut pair = Pair::new(steps(&[&log, &request("OPTIONS", "")]), super::peer::Silent);
    pair.run();
    assert!(pair.warned("authentication requires a method"));
    assert_eq!(pair.verdict().1, Verdict::Successful);
}
