//! What a failure usually means, and a way out of it, where the cause can be known from what the call has seen.
//! In: a failed call and its surroundings. Out: a sentence or two, or nothing. Must not be surer than it can be.

use super::status_codes::meaning;
use super::story::{Listeners, Surroundings, sent, wanted};
use crate::engine::trail::{FailedCall, Method, Moment};
use crate::scenario::plan::{Action, Expected, Goto, Recv, Role, StepIx, StepKind, Subject};
use crate::sip::{self, Start};
use crate::stats::Failure;
use crate::stats::story::{Direction, Event};

/// The hint for a failed call, if there is one.
pub(super) fn hint(call: &FailedCall, around: &Surroundings<'_>) -> Option<String> {
    match call.cause {
        Failure::UnexpectedMessage => unexpected(call, around),
        Failure::MaxUdpRetrans | Failure::TimeoutOnRecv => Some(no_answer(call, around)),
        Failure::CannotSendMessage => not_sent(call),
        Failure::TcpConnect | Failure::TcpClosed => Some(connection(call, around)),
        Failure::RegexpDoesntMatch | Failure::RegexpShouldntMatch | Failure::RegexpHdrNotFound => {
            expression(call, around)
        }
        Failure::CallRejected if call.details.is_none() => Some(
            "The scenario itself ended the call: an <exec int_cmd=\"stop_call\"/> of the step above.".to_owned(),
        ),
        Failure::AckCseqMismatch => Some(
            "The ACK belongs to another INVITE of the call. -default_behaviors all,-cseq does not look at that."
                .to_owned(),
        ),
        Failure::Aborted => {
            Some("The call was still open when the run was ended (-timeout, q, Q): look at what it waited for.".to_owned())
        }
        _ => None,
    }
}

/// The message that failed the call, looked at again.
fn unexpected(call: &FailedCall, around: &Surroundings<'_>) -> Option<String> {
    let message = sip::reread(&call.last_received)?;
    if !message.has_to() {
        return Some("The message has no To header, so it belongs nowhere.".to_owned());
    }
    match message.start() {
        Start::Response(code @ (401 | 407)) => Some(challenge(call, around, code)),
        Start::Response(code @ ..200) => Some(format!(
            "A provisional response may come or not: let the scenario take it with <recv response=\"{code}\" optional=\"true\"/> \
             above the <recv> it waits at."
        )),
        Start::Response(code @ 200..300) => success(call, around, code),
        Start::Response(code) => meaning(code).map(str::to_owned),
        Start::Request(method) => request(call, around, Method::of(method), &String::from_utf8_lossy(method)),
        Start::Malformed => {
            Some("Its first line is neither that of a request nor that of a response.".to_owned())
        }
    }
}

fn challenge(call: &FailedCall, around: &Surroundings<'_>, code: u16) -> String {
    let takes = |recv: &Recv| recv.stores_challenge;
    let is_taken =
        around.plan.steps.iter().any(|step| matches!(&step.kind, StepKind::Recv(recv) if takes(recv)));
    let here = matches!(&around.plan[call.at].kind, StepKind::Recv(recv) if takes(recv));
    if here && call.details.is_some() {
        return format!("The {code} has no challenge that rsipp can answer: see the details.");
    }
    if call.was_challenged {
        return "The peer refused the credentials: check user and password (-au, -ap, or the fields of [authentication]), and the realm."
            .to_owned();
    }
    if is_taken {
        return format!(
            "The scenario takes a challenge elsewhere, but not here: put <recv response=\"{code}\" auth=\"true\"/> where this one came."
        );
    }
    format!(
        "The peer asks for a password, and the scenario cannot answer: take the {code} with <recv response=\"{code}\" auth=\"true\"/> and \
         send the request again with [authentication]; user and password by -au and -ap. scenarios/uac_auth.xml and register.xml do that."
    )
}

/// A 2xx that was not waited for.
fn success(call: &FailedCall, around: &Surroundings<'_>, code: u16) -> Option<String> {
    match &around.plan[call.at].kind {
        StepKind::Recv(recv) => match recv.expects {
            Expected::Response { code: 100..200, .. } => Some(format!(
                "The {} that the scenario insists on need not come: make that <recv> optional=\"true\".",
                wanted(recv)
            )),
            Expected::Response { code: 300.., .. } => {
                Some(format!("The scenario wants an error here, and the peer accepted with {code}."))
            }
            _ => None,
        },
        StepKind::Pause(_) | StepKind::TimeWait(_) => Some(
            "The answer came while the scenario was in a pause: put the <recv> before the <pause>."
                .to_owned(),
        ),
        StepKind::Send(_) | StepKind::Nop => None,
    }
}

fn request(call: &FailedCall, around: &Surroundings<'_>, method: Method, name: &str) -> Option<String> {
    let in_pause = matches!(around.plan[call.at].kind, StepKind::Pause(_) | StepKind::TimeWait(_));
    Some(match method {
        Method::Bye if in_pause => "The peer hung up while the scenario was in a pause: its pause (-d) is longer than the peer lets a call \
             last, or the peer misses media or a session refresh. A scenario that is to be hung up on needs <recv request=\"BYE\"/>."
            .to_owned(),
        Method::Bye => "The peer hung up before the scenario did. If that is right, the scenario needs <recv request=\"BYE\"/> and a 200; \
             if not, the peer's log says why."
            .to_owned(),
        Method::Cancel => "The caller gave up before it was answered: it waits less long than the scenario takes to answer, or is \
             meant to cancel; then the scenario needs <recv request=\"CANCEL\"/>."
            .to_owned(),
        Method::Info | Method::Notify | Method::Options | Method::Update => {
            format!("-aa answers {name} with 200 and lets the call go on.")
        }
        Method::Invite => "A second INVITE in the call: the peer holds, refreshes or changes the session, or repeats its INVITE with \
             another text (-rtcheck loose takes that for a repeat)."
            .to_owned(),
        Method::Ack => "An ACK that the scenario does not wait for: one answers every final response to an INVITE, errors too.".to_owned(),
        _ => format!("If {name} is right here, the scenario needs <recv request=\"{name}\"/>, optional if it need not come."),
    })
}

/// Time was up, or the last resend was without answer.
fn no_answer(call: &FailedCall, around: &Surroundings<'_>) -> String {
    if let Some(late) = late_answer(call, around) {
        return late;
    }
    if call
        .moments
        .iter()
        .any(|moment| matches!(moment.event, Event::DroppedSending | Event::DroppedReceiving))
    {
        return "rsipp dropped messages of this call on purpose (-lost, or lost=\"…\" of a step).".to_owned();
    }
    let came =
        |moment: &&Moment| moment.event.direction() == Some(Direction::In) && moment.event != Event::Late;
    let Some(last) = call.moments.iter().rev().find(came) else { return silence(call, around) };
    if let Some(text) = waits_for_ack(call, around) {
        return text;
    }
    match (last.code, last.method) {
        (100, _) => "The peer took the request (100) and said no more: what is behind it does not answer, or is slow. Its log tells."
            .to_owned(),
        (180..200, _) => "It rang, and nobody answered in time: a longer timeout of the <recv> (or -recv_timeout), or a called party that \
             answers."
            .to_owned(),
        _ => {
            let asked = call.moments.iter().rev().find(|moment| moment.event == Event::Sent);
            let asked = asked.and_then(|moment| step_of(around, moment)).map(|at| sent(around.plan, at));
            match asked {
                Some(message) if call.cause == Failure::MaxUdpRetrans => format!(
                    "The peer had answered before, and not this {message}: does its route set or Contact lead to another address ([routes], \
                     [next_url]), or was it lost?"
                ),
                _ => "The peer had spoken before, and then no more: its log tells what it did with the last message.".to_owned(),
            }
        }
    }
}

fn step_of(around: &Surroundings<'_>, moment: &Moment) -> Option<StepIx> {
    match around.plan.goto(moment.step) {
        Some(Goto::Step(at)) => Some(at),
        Some(Goto::End) | None => None,
    }
}

/// What was waited for came after all.
fn late_answer(call: &FailedCall, around: &Surroundings<'_>) -> Option<String> {
    let StepKind::Recv(recv) = &around.plan[call.at].kind else { return None };
    let Expected::Response { code, .. } = recv.expects else { return None };
    let is_it = |moment: &&Moment| moment.event == Event::Late && moment.code == code;
    // The 200 of our CANCEL or BYE is no answer to what came before.
    let answers_goodbye = |moment: &Moment| {
        let goodbye =
            |other: &Moment| other.event == Event::SentAutomatically && other.method == moment.method;
        call.moments.iter().any(goodbye)
    };
    let late = call.moments.iter().filter(is_it).find(|moment| !answers_goodbye(moment))?;
    let by = late.at.since(call.failed).millis();
    Some(format!(
        "The {} came {by} ms after the call had been given up: a longer timeout of the <recv> (or -recv_timeout), or more resends, would \
         have caught it.",
        wanted(recv)
    ))
}

fn waits_for_ack(call: &FailedCall, around: &Surroundings<'_>) -> Option<String> {
    let waits = matches!(&around.plan[call.at].kind, StepKind::Recv(recv) if matches!(&recv.expects, Expected::Request(method) if &**method == "ACK"));
    waits.then(|| {
        "The caller did not acknowledge the final response: either that did not reach it (is the Via right, is there a NAT in between?), or \
         its ACK went elsewhere (does Contact in the 200 have an address that it can reach, are all Record-Route headers in it?)."
            .to_owned()
    })
}

/// Not one message came.
fn silence(call: &FailedCall, around: &Surroundings<'_>) -> String {
    let (peer, transport) = (call.peer, around.transport);
    if around.plan.role == Role::Server {
        return "The peer said nothing in this call.".to_owned();
    }
    let port = peer.port();
    match (around.listeners)(peer, transport) {
        _ if around.was_heard => {
            "The peer answered other calls, and not this one: it is overloaded, drops what it does not like without a word, or the network \
             loses messages."
                .to_owned()
        }
        Listeners::Nobody => format!(
            "Nothing on this machine listens on port {port}, neither UDP nor TCP: start the peer first, or correct the port."
        ),
        Listeners::Only(other) => format!(
            "On this machine nothing listens on {transport} port {port}, but something on {other}: try -t {}.",
            mode(other)
        ),
        Listeners::Someone => format!(
            "Something listens on {transport} port {port} of this machine, and does not answer: it does not take what the message says \
             (is it SIP? does the Request-URI fit?), or answers elsewhere (Via)."
        ),
        Listeners::Unknown => format!(
            "Not one answer came from {peer} over {transport}: is address and port right, does the peer run there and listen on {transport} \
             (-t t1 is TCP, -t l1 TLS), does a firewall drop the way there or back? -i sets the address that the peer answers to."
        ),
    }
}

fn mode(transport: &str) -> &'static str {
    match transport {
        "TCP" => "t1",
        _ => "u1",
    }
}

fn not_sent(call: &FailedCall) -> Option<String> {
    let text = String::from_utf8_lossy(call.details.as_deref()?).into_owned();
    let hint = if text.contains("too long") {
        "The message does not fit into a datagram: use TCP (-t t1), or make it shorter."
    } else if text.contains("dialog_authentication") {
        "[authentication] needs a challenge: a <recv response=\"401\" auth=\"true\"/> (or 407) must have come before it."
    } else if text.contains("unreachable") || text.contains("No route") {
        "This machine has no way to that address: check it, and -i."
    } else if text.contains("not permitted") || text.contains("denied") {
        "The system forbids to send there: a firewall of this machine, most often."
    } else {
        return None;
    };
    Some(hint.to_owned())
}

fn connection(call: &FailedCall, around: &Surroundings<'_>) -> String {
    let text = call.details.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let (transport, port) = (around.transport, call.peer.port());
    if text.contains("efused") {
        return match (around.listeners)(call.peer, transport) {
            Listeners::Only(other) => {
                format!(
                    "Nothing listens for connections on port {port} there, but something on {other}: try -t {}.",
                    mode(other)
                )
            }
            _ => format!("Nothing listens for connections on port {port} there, or a firewall rejects them."),
        };
    }
    if text.contains("ertificate") {
        return "One side does not trust the other's certificate: -tls_ca names who to trust, -tls_cert and -tls_key are ours, and -tls_verify \
                demands that the name fits."
            .to_owned();
    }
    if text.contains("SSL") || text.contains("andshake") {
        return format!(
            "The connection came up and could not be made a {transport} one: does the peer speak {transport} on port {port} (TLS is usually \
             on 5061), and a version that -tls_version allows?"
        );
    }
    if text.contains("timed out") || text.contains("unreachable") {
        return "The address cannot be reached: is it right, does a firewall drop the way there?".to_owned();
    }
    "The peer closed the connection in mid-call: it restarted, ran into a limit, or closes idle connections. -reconnect_close false lets \
     calls go on by a new one."
        .to_owned()
}

/// Which expression found what where.
fn expression(call: &FailedCall, around: &Surroundings<'_>) -> Option<String> {
    let Action::Ereg(ereg) = around.plan[call.at].actions.get(call.action?)? else { return None };
    let place = match &ereg.subject {
        Subject::Message => "the whole message".to_owned(),
        Subject::Body => "the body".to_owned(),
        Subject::Header(search) => format!("what follows '{}'", String::from_utf8_lossy(&search.text)),
        Subject::Variable(var) => format!("variable {}", around.plan.variables.name(*var)),
    };
    let source = &ereg.source;
    Some(match call.cause {
        Failure::RegexpHdrNotFound => match &ereg.subject {
            Subject::Header(search) if search.occurrence > 1 => {
                format!(
                    "The message has {place} fewer than {} times, or nothing behind it.",
                    search.occurrence
                )
            }
            Subject::Header(_) => format!(
                "The message has no {}, or nothing behind it. header=\"…\" is found as written, colon and all, anywhere in the message: \
                 case_indep=\"true\" ignores case, and some send the short form (f: for From:).",
                place.trim_start_matches("what follows ")
            ),
            _ => "The message has no body.".to_owned(),
        },
        Failure::RegexpShouldntMatch => {
            format!("'{source}' was looked for in {place}, must not be there, and was.")
        }
        _ => {
            let hint = perl_habits(source).map_or(String::new(), |habit| format!(" {habit}"));
            format!("'{source}' was looked for in {place} and not found.{hint}")
        }
    })
}

/// What POSIX expressions do not know.
fn perl_habits(source: &str) -> Option<&'static str> {
    let habits = [
        (r"\d", r"POSIX expressions have no \d: write [0-9]."),
        (r"\D", r"POSIX expressions have no \D: write [^0-9]."),
        ("*?", "POSIX expressions are always greedy: there is no *?."),
        ("(?", "POSIX expressions have no (?…)."),
    ];
    habits.iter().find(|(habit, _)| source.contains(habit)).map(|(_, text)| *text)
}
