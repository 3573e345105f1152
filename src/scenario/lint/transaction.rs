//! Lints about the Via branch, which tells transactions apart.
//! Spec: keywords.md §7.4; RFC 3261 §9.1, §17.1.1.3, §17.2.3. Nothing links the requests of a scenario: the branch is what
//! the message says.

use std::collections::HashMap;
use std::ops::Range;

use crate::scenario::diagnostic::Diagnostic;

use super::Lint;
use super::flow::Node;
use super::message::{Message, split_offset};
use super::script::{Kind, Recv, Script};

pub const CANCEL_BRANCH: Lint = Lint {
    name: "cancel-branch",
    reason: "a CANCEL, or the ACK of a failure, has another Via branch than its INVITE, so the server does not find the \
             transaction that it belongs to",
    check: cancel_branch,
};

pub const BRANCH_REUSE: Lint = Lint {
    name: "branch-reuse",
    reason: "one call sends two requests with the same Via branch (a loop over a [branch], or the same text twice), so \
             the server takes the second for a repetition of the first",
    check: branch_reuse,
};

/// The branch of a message's first Via.
struct Branch {
    /// Its text with `[branch]` and `[msg_index]` resolved: two sends of a call have the same branch if these are equal.
    text: String,
    /// Where it stands in the CDATA.
    range: Range<usize>,
    /// Its keywords have the same values all through a call.
    constant: bool,
    /// A keyword in it may stand for any text.
    opaque: bool,
}

/// The branch of the send with this number, if its Via is written out.
fn branch(script: &Script<'_>, at: usize, message: &Message<'_>) -> Option<Branch> {
    let via = message.header("Via", "v")?;
    let value = message.slice(via.value.clone());
    let start = value.to_ascii_lowercase().find(";branch=")? + ";branch=".len();
    let rest = value.get(start..)?;
    let length = rest.find([';', ',', ' ', '\t']).unwrap_or(rest.len());
    let range = via.value.start + start..via.value.start + start + length;
    let mut branch = Branch { text: String::new(), range, constant: true, opaque: false };
    let mut copied = branch.range.start;
    for keyword in message.keywords_in(branch.range.clone()) {
        branch.text += message.slice(copied..keyword.range.start);
        copied = keyword.range.end;
        match split_offset(keyword.inside) {
            ("branch", offset) => branch.text += &format!("[branch of step {}]", at as i64 + offset),
            ("msg_index", _) => branch.text += &at.to_string(),
            (name, _) => {
                branch.constant &= matches!(
                    name,
                    "call_number" | "call_id" | "pid" | "local_ip" | "local_port" | "remote_ip" | "service"
                );
                branch.opaque |= script.is_opaque(&keyword) || name.starts_with("last_");
                branch.text += message.slice(keyword.range.clone());
            }
        }
    }
    branch.text += message.slice(copied..branch.range.end);
    Some(branch)
}

fn cancel_branch(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (at, _, message) in script.sends() {
        let invites = match message.method() {
            Some("CANCEL") => invites_before(script, Node::At(at)),
            Some("ACK") => failures_before(script, at)
                .map(|failures| {
                    failures.into_iter().flat_map(|failure| invites_before(script, failure)).collect()
                })
                .unwrap_or_default(),
            _ => continue,
        };
        found.extend(foreign_branch(name, script, at, message, &invites));
    }
    found
}

fn invites_before(script: &Script<'_>, from: Node) -> Vec<usize> {
    let is_invite =
        |node| matches!(node, Node::At(at) if script.message(at).and_then(Message::method) == Some("INVITE"));
    let steps = script.flow.backward(from, is_invite).into_iter();
    steps.filter_map(|node| if let Node::At(at) = node { Some(at) } else { None }).collect()
}

/// The receives whose final responses the ACK may answer, if all of them are failures.
fn failures_before(script: &Script<'_>, ack: usize) -> Option<Vec<Node>> {
    let code = |node| match node {
        Node::Took(at) => match script.steps.get(at).map(|step| &step.kind) {
            Some(Kind::Recv(Recv::Response(code))) => Some(*code),
            Some(Kind::Recv(Recv::SomeResponse)) => Some(0),
            _ => None,
        },
        Node::At(_) | Node::Offer(_) => None,
    };
    let finals =
        script.flow.backward(Node::At(ack), |node| code(node).is_some_and(|code| !is_provisional(code)));
    let all_fail =
        !finals.is_empty() && finals.iter().all(|node| code(*node).is_some_and(|code| code >= 300));
    all_fail.then_some(finals)
}

fn is_provisional(code: u16) -> bool {
    (100..200).contains(&code)
}

/// The finding, if the message has the branch of none of these INVITEs and all are known.
fn foreign_branch(
    name: &'static str,
    script: &Script<'_>,
    at: usize,
    message: &Message<'_>,
    invites: &[usize],
) -> Option<Diagnostic> {
    let own = branch(script, at, message)?;
    let of_invite = |at: &usize| {
        let invite = script.message(*at)?;
        branch(script, *at, invite).map(|branch| (*at, invite, branch))
    };
    let invites: Vec<_> = invites.iter().map(of_invite).collect::<Option<_>>()?;
    let is_unknown = own.opaque || invites.iter().any(|(.., branch)| branch.opaque);
    if is_unknown || invites.iter().any(|(.., branch)| branch.text == own.text) {
        return None;
    }
    let (invite_at, invite, invite_branch) = invites.iter().max_by_key(|(at, ..)| *at)?;
    let method = message.method().unwrap_or_default();
    let sentence = match method {
        "ACK" => "this ACK of a failure has another branch than the INVITE",
        _ => "this CANCEL has another branch than the INVITE",
    };
    let place = message.place(own.range);
    let found = Diagnostic::warning(name, sentence).at(place, "makes a transaction of its own");
    let found = found.at(invite.place(invite_branch.range.clone()), "the INVITE's branch");
    let way_out = match invite.slice(invite_branch.range.clone()) {
        "[branch]" if *invite_at < at => {
            format!("write [branch-{}]: the INVITE is so many steps above", at - invite_at)
        }
        _ => "give it the branch of the INVITE".to_owned(),
    };
    Some(found.help(way_out))
}

fn branch_reuse(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut first: HashMap<String, Vec<(usize, Range<usize>)>> = HashMap::new();
    for (at, _, message) in script.sends() {
        let begins = !matches!(message.method(), None | Some("ACK" | "CANCEL"));
        let Some(branch) = branch(script, at, message).filter(|branch| begins && branch.constant) else {
            continue;
        };
        let place = message.place(branch.range);
        let follows = |from, to| {
            let after = script.flow.forward(script.flow.after(Node::At(from)), |_| true);
            script.flow.runs(from) && after.has(Node::At(to))
        };
        if script.flow.has_loops && !script.flow.jumps_anywhere && follows(at, at) {
            let sentence = "this request is sent in a loop, each time with the same branch";
            let diagnostic =
                Diagnostic::warning(name, sentence).at(place.clone(), "the same each time round");
            found.push(diagnostic.help("add something that changes, as in branch=[branch]-[cseq]"));
        }
        let others = first.entry(branch.text).or_default();
        if let Some((_, other)) = others.iter().find(|(other, _)| follows(*other, at) || follows(at, *other))
        {
            let sentence = "two requests of the call have the same branch";
            let diagnostic = Diagnostic::warning(name, sentence).at(place.clone(), "the same branch again");
            let diagnostic = diagnostic.at(other.clone(), "first here");
            found.push(diagnostic.help("write [branch]: it is different for each call and each send"));
        }
        others.push((at, place));
    }
    found
}
