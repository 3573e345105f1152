//! Tests of the compiler, a file a concept. Each is named after its rule and cites it.

mod actions;
mod authentication;
mod broken_files;
mod builtin;
mod call_actions;
mod company;
mod default_message;
mod document;
mod flow;
mod init;
mod parts;
mod pause;
mod recv;
mod rendering;
mod rtd;
mod steps;
mod transactions;
mod unexpected;
mod unread;
mod variables;

use super::plan::{Action, Plan, Recv, Send, Step, StepKind};
use super::{FailureKind, LoadContext, LoadFailure, Loaded, Scopes, Severity, load};
use crate::inject::Files;

/// A step that makes a scenario a client.
const SEND: &str = "<send><![CDATA[OPTIONS sip:a SIP/2.0]]></send>";
/// A step that makes a scenario a server.
const RECV: &str = "<recv request=\"OPTIONS\"/>";

fn load_file(source: &[u8], scopes: &mut Scopes) -> Result<Loaded, LoadFailure> {
    let keys = [("greeting".to_owned(), "first".to_owned()), ("greeting".to_owned(), "hello".to_owned())];
    let files = Files::empty();
    load(
        source,
        "t.xml",
        &LoadContext { keys: &keys, files: &files, credentials: Default::default() },
        scopes,
    )
}

fn load_body(body: &str) -> Result<Loaded, LoadFailure> {
    let source = format!("<scenario name=\"t\">{body}</scenario>");
    load_file(source.as_bytes(), &mut Scopes::default())
}

/// The plan of a scenario with this body.
fn plan(body: &str) -> Plan {
    match load_body(body) {
        Ok(loaded) => loaded.plan,
        Err(failure) => panic!("{body}: {:?}", failure.diagnostics),
    }
}

fn messages(diagnostics: &[super::Diagnostic], severity: Severity) -> Vec<String> {
    diagnostics.iter().filter(|one| one.severity == severity).map(|one| one.message.clone()).collect()
}

/// The error sentences of a scenario with this body, all of kind load (exit code 1).
fn errors(body: &str) -> Vec<String> {
    match load_body(body) {
        Ok(_) => panic!("loads: {body}"),
        Err(failure) => {
            assert_eq!(failure.kind, FailureKind::Load, "{body}");
            messages(&failure.diagnostics, Severity::Error)
        }
    }
}

/// The only error sentence.
fn error(body: &str) -> String {
    let errors = errors(body);
    assert_eq!(errors.len(), 1, "{body}: {errors:?}");
    errors[0].clone()
}

/// The warning sentences of a scenario that loads.
fn warnings(body: &str) -> Vec<String> {
    match load_body(body) {
        Ok(loaded) => messages(&loaded.warnings, Severity::Warning),
        Err(failure) => panic!("{body}: {:?}", failure.diagnostics),
    }
}

fn send(step: &Step) -> &Send {
    match &step.kind {
        StepKind::Send(send) => send,
        other => panic!("{other:?}"),
    }
}

fn recv(step: &Step) -> &Recv {
    match &step.kind {
        StepKind::Recv(recv) => recv,
        other => panic!("{other:?}"),
    }
}

/// The plan of a server whose second step, a `<recv>`, has these actions. Variables a, b and c are mentioned besides.
fn plan_with_actions(actions: &str) -> Plan {
    plan(&with_actions(actions))
}

fn with_actions(actions: &str) -> String {
    format!(
        "{RECV}<nop condexec=\"a\"/><nop condexec=\"b\"/><nop condexec=\"c\"/>{RECV_OPEN}{actions}</action></recv>\
             <Reference variables=\"a,b,c\"/>"
    )
}

const RECV_OPEN: &str = "<recv request=\"ACK\"><action>";

/// The only action of [`plan_with_actions`].
fn only_action(plan: &Plan) -> &Action {
    let actions = &plan.steps[4].actions;
    assert_eq!(actions.len(), 1);
    &actions[0]
}
