//! `auth`, `<verifyauth>`, `-au` and `-ap` at load: auth.md §1, §2, §5, actions.md §3.23.

use super::*;
use crate::scenario::Credentials;
use crate::scenario::plan::{Action, KeyText, VerifyAuth};

#[test]
fn auth_is_a_truth_value() {
    for (value, stores) in [("true", true), ("1", true), ("TRUE", true), ("0", false), ("false", false)] {
        let plan = plan(&format!("{RECV}<recv response=\"407\" auth=\"{value}\"/>"));
        assert_eq!(recv(&plan.steps[1]).stores_challenge, stores, "{value}");
    }
    let body = format!("{RECV}<recv response=\"407\" auth=\"maybe\"/>");
    assert_eq!(error(&body), "message authentication, \"maybe\" is not a valid boolean!");
}

fn verify(attributes: &str) -> String {
    format!(
        "<recv request=\"REGISTER\"><action><verifyauth {attributes}/></action></recv><nop condexec=\"v\"/><Reference variables=\"v\"/>"
    )
}

#[test]
fn verifyauth_needs_three_attributes() {
    for (attributes, sentence) in [
        (r#"assign_to="v" password="p""#, "verifyauth is missing the required 'username' parameter."),
        (r#"assign_to="v" username="u""#, "verifyauth is missing the required 'password' parameter."),
    ] {
        assert_eq!(error(&verify(attributes)), sentence);
    }
    assert_eq!(
        error("<recv request=\"A\"><action><verifyauth username=\"u\" password=\"p\"/></action></recv>"),
        "verifyauth is missing the required 'assign_to' variable parameter."
    );
}

#[test]
fn keys_of_verifyauth_are_bytes_or_texts() {
    let body =
        verify(r#"assign_to="v" username="u" password="p" aka_K="0x005b" aka_OP="[pid]" strict="true""#);
    let plan = plan(&body);
    let [Action::VerifyAuth(wanted)] = &*plan.steps[0].actions else { panic!("{:?}", plan.steps[0].actions) };
    let VerifyAuth { aka_k, aka_op, is_strict, realm, nonce, .. } = &**wanted;
    assert!(matches!(aka_k, Some(KeyText::Bytes(bytes)) if **bytes == [0, 0x5b]));
    assert!(matches!(aka_op, Some(KeyText::Text(_))));
    assert!(*is_strict && realm.is_none() && nonce.is_none());
}

#[test]
fn a_text_of_au_that_is_no_template_is_refused_at_load() {
    let files = crate::inject::Files::default();
    let credentials = Credentials { user: Some("a[b"), password: None };
    let context = LoadContext { keys: &[], files: &files, credentials };
    let source = format!("<scenario>{RECV}</scenario>");
    let failure = load(source.as_bytes(), "t.xml", &context, &mut Scopes::default()).unwrap_err();
    assert_eq!(
        failure.diagnostics[0].message,
        "Syntax error or invalid [keyword] in scenario while parsing 'a[b'"
    );
    assert!(failure.diagnostics[0].help.as_deref().unwrap().contains("-au or -ap"));
    assert!(failure.diagnostics[0].render(source.as_bytes(), "t.xml", false).contains("Syntax error"));
}

/// auth.md §2, keywords.md §3.2: no offset, any name that begins so; one of them a message.
#[test]
fn the_keyword_is_read_at_load() {
    let send = |text: &str| {
        format!("<send><![CDATA[\nREGISTER sip:x SIP/2.0\n{text}\n\n]]></send><recv response=\"200\"/>")
    };
    assert_eq!(warnings(&send("[authentication username=joe+1 password=\"a]b\"]")), Vec::<String>::new());
    assert_eq!(warnings(&send("[authentications]")), Vec::<String>::new());
    assert_eq!(
        error(&send("[authentication]\n[authentication]")),
        "Only one [authentication] keyword is currently supported!"
    );
    assert_eq!(
        error(&send("[authentication username=\"[nothing_known]\"]")),
        "Unsupported keyword 'nothing_known' in xml scenario file"
    );
}
