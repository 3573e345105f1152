//! Lints about what a message takes from messages received before.
//! Spec: keywords.md §6.7, §7.1, §7.5-§7.7; scenario.md §8. All of these keywords are simply empty when there is nothing.

use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::xml::Element;

use super::Lint;
use super::flow::{Node, Nodes};
use super::message::{Header, Keyword, Message, keywords};
use super::script::{Kind, Script};

pub const NO_PEER_TAG: Lint = Lint {
    name: "no-peer-tag",
    reason: "the To header of an ACK, BYE or PRACK has no tag ([peer_tag_param], [last_To:] or a variable), so the peer \
             does not find the dialog",
    check: no_peer_tag,
};

pub const ROUTES_WITHOUT_RRS: Lint = Lint {
    name: "routes-without-rrs",
    reason: "[routes] is always empty where no <recv> with rrs=\"true\" can have come before",
    check: |name, script| without_rrs(name, script, "routes", "[routes] is always empty here"),
};

pub const NEXT_URL_WITHOUT_CONTACT: Lint = Lint {
    name: "next-url-without-contact",
    reason: "[next_url] is not the peer's Contact where no <recv> with rrs=\"true\" can have come before",
    check: |name, script| {
        without_rrs(name, script, "next_url", "[next_url] never has the peer's Contact here")
    },
};

pub const LAST_BEFORE_RECEIVED: Lint = Lint {
    name: "last-before-received",
    reason: "[last_...] is empty where nothing has been received yet; actions of a <recv> still see the message before",
    check: last_before_received,
};

fn no_peer_tag(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, _, message) in script.sends() {
        let Some(method @ ("ACK" | "BYE" | "PRACK")) = message.method() else { continue };
        let Some(to) = message.header("To", "t").filter(|to| !may_have_tag(script, message, to)) else {
            continue;
        };
        let sentence = format!("the To header of this {method} has no tag");
        let diagnostic =
            Diagnostic::warning(name, sentence).at(message.place(to.line), "belongs to no dialog");
        let is_client = script.sends().any(|(.., message)| message.method() == Some("INVITE"));
        found.push(match is_client {
            true => diagnostic.help("end it with [peer_tag_param], or write [last_To:] instead"),
            false => diagnostic.help("take it from the peer's From header with <ereg>"),
        });
    }
    found
}

/// A tag, or a keyword that can hold one: inside `<...>` it could not.
fn may_have_tag(script: &Script<'_>, message: &Message<'_>, to: &Header<'_>) -> bool {
    let value = message.slice(to.value.clone());
    let parameters = value.rfind('>').map_or(0, |end| end + 1);
    let behind = to.value.start + parameters..to.value.end;
    if message.slice(behind.clone()).to_ascii_lowercase().contains("tag=") {
        return true;
    }
    let holds_tag = |keyword: &Keyword<'_>| {
        script.is_opaque(keyword) || keyword.is("peer_tag_param") || keyword.inside.starts_with("last_")
    };
    message.keywords_in(behind).iter().any(holds_tag)
}

/// Uses of a keyword in sends that no `rrs` can have come before.
fn without_rrs(name: &'static str, script: &Script<'_>, keyword: &str, sentence: &str) -> Vec<Diagnostic> {
    let recording = script.steps.iter().enumerate().filter(|(_, step)| step.flag("rrs"));
    let recording = recording.map(|(at, _)| Node::Took(at)).filter(|node| script.flow.is_reached(*node));
    let after_rrs = script.flow.forward(recording, |_| true);
    let mut found = Vec::new();
    for (at, _, message) in script.sends() {
        if after_rrs.has(Node::At(at)) || !script.flow.runs(at) {
            continue;
        }
        for used in message.keywords().into_iter().filter(|used| used.is(keyword)) {
            let diagnostic =
                Diagnostic::warning(name, sentence).at(message.place(used.range), "nothing was recorded");
            found.push(
                diagnostic
                    .help("add rrs=\"true\" to the <recv> of the response or request that has the Contact"),
            );
        }
    }
    found
}

fn last_before_received(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let is_message = |node| matches!(node, Node::Took(at) if is_recv(script, at));
    let silent = script.flow.forward([Node::At(0)], |node| !is_message(node));
    let mut found = Vec::new();
    for (at, step) in script.steps.iter().enumerate() {
        if let Kind::Send(message) = &step.kind
            && silent.has(Node::At(at))
        {
            let uses = message.keywords().into_iter().filter(is_last);
            found.extend(uses.map(|used| {
                let sentence = format!("[{}] is empty here: nothing has been received yet", used.inside);
                Diagnostic::warning(name, sentence)
                    .at(message.place(used.range), "may come before any <recv>")
            }));
        }
        for action in step.actions() {
            found.extend(last_in_action(name, script, at, action, &silent));
        }
    }
    found
}

/// Uses in the texts of an action.
fn last_in_action(
    name: &'static str,
    script: &Script<'_>,
    at: usize,
    action: &Element,
    silent: &Nodes,
) -> Vec<Diagnostic> {
    let is_recv = is_recv(script, at);
    let node = if is_recv { Node::Took(at) } else { Node::At(at) };
    if !silent.has(node) {
        return Vec::new();
    }
    let texts = action.attributes.iter().filter(|attribute| attribute.name != "regexp");
    let uses = texts.flat_map(|attribute| {
        keywords(attribute.value.bytes()).into_iter().filter(is_last).map(move |used| (attribute, used))
    });
    uses.map(|(attribute, used)| {
        let sentence = format!("[{}] is empty here: nothing has been received before", used.inside);
        let place = attribute.value.places(used.range);
        let diagnostic = Diagnostic::warning(name, sentence);
        if is_recv {
            let diagnostic = diagnostic.at(place, "still the message before this one");
            diagnostic.help("put the action into a <nop> behind the <recv>, or read the message with <ereg>")
        } else {
            diagnostic.at(place, "may come before any <recv>")
        }
    })
    .collect()
}

fn is_last(keyword: &Keyword<'_>) -> bool {
    keyword.inside.starts_with("last_")
}

fn is_recv(script: &Script<'_>, at: usize) -> bool {
    script.steps.get(at).is_some_and(|step| matches!(step.kind, Kind::Recv(_)))
}
