//! Scenarios as they are found on the web, run unchanged: ios_canceler.md, "What users bring".
//! The files in `scenarios/` are ours, with the habits of those that are passed around.

use crate::peer::{Heard, Peer, Say, assert_times, now};
use crate::program::{Ended, rsipp};

const CANCELER: &str = include_str!("scenarios/old_canceler.xml");
const REGISTER: &str = include_str!("scenarios/old_register.xml");

/// Rings, and ends the INVITE when it is canceled.
fn ringing() -> impl FnMut(&Heard) -> Vec<Say> {
    let mut invite = None;
    move |heard| match heard.method() {
        "INVITE" => {
            invite = Some(heard.clone());
            vec![now(heard.response("100 Trying")), now(heard.response("180 Ringing"))]
        }
        "CANCEL" => {
            let ended = invite.take().map(|invite| now(invite.response("487 Request Terminated")));
            [now(heard.response("200 canceling"))].into_iter().chain(ended).collect()
        }
        _ => vec![],
    }
}

fn cancel(peer: &Peer, state: &str, options: &str) -> Ended {
    rsipp(&format!(
        "{} -sf invite_cancel.xml -inf call.csv -m 1 -cid_str pushed-id@example.com {options}",
        peer.addr
    ))
    .file("invite_cancel.xml", CANCELER)
    .file("call.csv", format!("SEQUENTIAL\n1001;2002;\"Bob\";4711_9;{state};\n"))
    .run()
}

#[test]
fn an_old_canceler_runs_to_its_end() {
    let peer = Peer::new(ringing());
    cancel(&peer, "canceled", "").exits(0);
    let heard = peer.wait(3);
    let methods: Vec<_> = heard.iter().map(Heard::method).collect();
    assert_eq!(methods, ["INVITE", "CANCEL", "ACK"]);
    assert!(heard.iter().all(|heard| heard.header("Call-ID") == "pushed-id@example.com"));
    let [invite, cancel, ack] = &heard[..] else { unreachable!() };
    // Indentation inside the CDATA is not part of the message, and `[field3 line=0]` is field 3 of the first line.
    assert_eq!(invite.header("X-IOS-Contact-Hash"), "4711_9");
    assert!(invite.text.lines().all(|line| !line.starts_with(' ')));
    // The scenario gives no branch to Via and writes `Cseq:`: so it goes out.
    assert!(!invite.header("Via").contains("branch"));
    assert!(invite.text.contains("\r\nCseq: 1 INVITE\r\n"));
    assert_eq!(cancel.find("Reason"), None);
    // Its ACK has no To tag.
    assert!(!ack.header("To").contains("tag="));
}

#[test]
fn an_old_canceler_tells_when_the_call_was_answered_elsewhere() {
    let peer = Peer::new(ringing());
    cancel(&peer, "answered", "").exits(0);
    let cancels = peer.wait_for(1, "CANCEL");
    assert_eq!(cancels[0].header("Reason"), "SIP;cause=200;text=\"Call completed elsewhere\"");
}

/// ios_canceler.md, flow 6: the jump to the last label is a normal end.
#[test]
fn an_old_canceler_ends_with_0_after_a_404() {
    let peer = Peer::saying(&[("INVITE", "404 Not Found")]);
    assert_eq!(cancel(&peer, "canceled", "").exits(0).calls(), (1, 1, 0));
    assert!(peer.heard_of("CANCEL").is_empty());
}

/// runtime.md §4: but when a *timeout* jumps to a label with no step behind it, the call fails (sipp 3.6.1: exit 1 too).
#[test]
fn an_old_canceler_fails_when_the_device_is_silent() {
    let peer = Peer::silent();
    let ended = cancel(&peer, "canceled", "").exits(1);
    assert_eq!(ended.calls(), (1, 0, 1));
    // It goes to label 12 at 1.5 s and nothing is sent there: the INVITE, once again at 0.5 s, is all.
    assert_times(&peer.heard(), &[0.0, 500.0]);
}

/// keywords.md §2, Surprise: blanks go before tabs, so of a mixed indentation the blanks stay and make a folded line.
#[test]
fn of_an_indentation_by_tabs_and_then_blanks_the_blanks_stay() {
    let peer = Peer::answering();
    let scenario = crate::xml::options_with("X-Folded: one\n\t  two");
    rsipp(&format!("{} -m 1", peer.addr)).scenario(&scenario).run().exits(0);
    assert!(peer.heard()[0].text.contains("\r\nX-Folded: one\r\n  two\r\n"), "{}", peer.heard()[0].text);
}

/// Numbers for names, `next` without quotes around anything clever, `ereg` into `$1`, one `recv` for two requests.
#[test]
fn an_old_scenario_with_numbers_for_names_takes_its_branches() {
    for (status, expected) in [("200 OK", "registered"), ("403 Forbidden", "refused")] {
        let peer = Peer::new(move |heard| match heard.method() {
            "REGISTER" => vec![now(heard.response_with(status, "Expires: 1800\r\n"))],
            "INFO" => vec![now(heard.response("200 OK"))],
            _ => vec![],
        });
        rsipp(&format!("{} -sf register.xml -m 1", peer.addr)).file("register.xml", REGISTER).run().exits(0);
        let info = &peer.wait_for(1, "INFO")[0];
        assert_eq!(info.header("X-Result"), expected);
        assert_eq!(info.header("X-Expires"), if status.starts_with('2') { "1800" } else { "" });
    }
}
