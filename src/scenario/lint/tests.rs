//! Each lint has a scenario that fires, shown as users see it, and near misses that do not.

mod dialog;
mod reach;
mod text;
mod transaction;
mod variables;
mod waiting;

use super::*;
use crate::inject::Files;
use crate::scenario::{LoadContext, Scopes, builtin, load};

/// The names of the lints that fire on a scenario with this body. It must load.
#[track_caller]
fn names(body: &str) -> Vec<&'static str> {
    let source = source(body);
    run(source.as_bytes(), &[], &[]).iter().map(|one| one.id).collect()
}

/// What users see of them.
#[track_caller]
fn rendered(body: &str) -> String {
    let source = source(body);
    let found = run(source.as_bytes(), &[], &[]);
    found.iter().map(|one| one.render(source.as_bytes(), "t.xml", false)).collect::<Vec<_>>().join("\n")
}

/// A scenario that loads.
#[track_caller]
fn source(body: &str) -> String {
    let source = format!("<scenario>\n{body}\n</scenario>\n");
    let files = Files::empty();
    let context = LoadContext {
        keys: &[("customer".to_owned(), "x".to_owned())],
        files: &files,
        credentials: Default::default(),
    };
    if let Err(failure) = load(source.as_bytes(), "t.xml", &context, &mut Scopes::default()) {
        let texts = failure.diagnostics.iter().map(|one| one.render(source.as_bytes(), "t.xml", false));
        panic!("{}", texts.collect::<Vec<_>>().join("\n"));
    }
    source
}

/// A `<send>` of a request with these header lines.
fn request(method: &str, headers: &str) -> String {
    send("", &format!("{method} sip:a SIP/2.0\n{headers}"))
}

/// A `<send>` with these attributes and this message.
fn send(attributes: &str, message: &str) -> String {
    format!("<send {attributes}><![CDATA[\n{message}\n\n]]></send>\n")
}

/// A header line for [`request`].
fn via(branch: &str) -> String {
    format!("Via: SIP/2.0/UDP a;branch={branch}")
}

#[test]
fn the_embedded_scenarios_are_clean() {
    for name in ["uac", "uas"] {
        assert_eq!(run(builtin::text(name).unwrap().as_bytes(), &[], &[]), [], "{name}");
    }
    assert_eq!(run(include_bytes!("../../../scenarios/invite_cancel.xml"), &[], &[]), []);
}

#[test]
fn every_lint_has_a_name_of_its_own_and_a_sentence_without_a_dot() {
    for lint in &LINTS {
        assert_eq!(LINTS.iter().filter(|other| other.name == lint.name).count(), 1, "{}", lint.name);
        assert!(lint.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", lint.name);
        assert!(!lint.reason.is_empty() && !lint.reason.ends_with('.') && !lint.reason.contains("  "));
        assert!(find(lint.name).is_some_and(|found| found.name == lint.name));
    }
    assert!(find("No-Length").is_none());
}

#[test]
fn an_allowed_lint_is_left_out_and_the_others_stay() {
    let source = source("<label id=\"a\"/>\n<recv response=\"180\"/>\n<recv response=\"200\"/>");
    let names = |allowed: &[&'static str]| {
        run(source.as_bytes(), &[], allowed).iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["unused-label", "provisional-mandatory"]);
    assert_eq!(names(&["unused-label"]), ["provisional-mandatory"]);
    assert_eq!(names(&["unused-label", "provisional-mandatory"]), [""; 0]);
}

#[test]
fn what_is_no_xml_has_no_findings() {
    assert_eq!(run(b"<scenario><send>", &[], &[]), []);
}

proptest::proptest! {
    /// A lint must not panic, however odd the scenario is.
    #[test]
    fn no_scenario_panics(parts in proptest::collection::vec(
        "<(send|recv|nop|pause|recvCmd) ?((next|ontimeout|response|optional|timeout|test|assign_to)=\"(1|true|180|)\" ){0,3}/>\
         |<label id=\"1\"/>|<send><!\\[CDATA\\[(INVITE|ACK|Via|branch=|To|\\[last_|\\]|\\[branch-9|:|;|\n|\n\n| |\t|\"|é){0,12}\\]\\]></send>",
        0..9,
    )) {
        let source = format!("<scenario>{}</scenario>", parts.concat());
        for one in run(source.as_bytes(), &[], &[]) {
            let _ = one.render(source.as_bytes(), "t.xml", false);
        }
    }
}
