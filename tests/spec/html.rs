//! `-html` (ours): the page of a run, made by the real program. Its details are proven beside the code.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::peer::{Heard, Peer, now};
use crate::program::rsipp;

/// All text of the page. Panics where it is no XML.
#[track_caller]
fn text_of(page: &str) -> String {
    let mut reader = Reader::from_str(page);
    let mut text = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Text(part)) => text.push_str(&part),
            Ok(Event::GeneralRef(name)) => {
                text.push_str(
                    quick_xml::escape::resolve_predefined_entity(&name).expect("a reference that XML knows"),
                );
            }
            Ok(Event::Start(tag)) => assert_ne!(tag.name().as_ref(), "script"),
            Ok(Event::Eof) => return text,
            Ok(_) => {}
            Err(error) => panic!("{error} at {}", reader.error_position()),
        }
    }
}

#[test]
fn a_failed_run_has_a_page_with_ladders_and_nothing_of_the_network_breaks_it() {
    let peer = Peer::new(|heard: &Heard| match heard.method() {
        "INVITE" => vec![now(heard.response_with(
            "486 </pre><script>alert(1)</script>",
            "Reason: Q.850;text=\"<b>&amp;\u{1b}[2J\"\r\n",
        ))],
        _ => Vec::new(),
    });
    let options = format!("{} -sn uac -m 20 -r 200 -ap secret -html page.html", peer.addr);
    let ended = rsipp(&options).arg("-expect").arg("failed<1%").run().exits(1);
    let text = text_of(&ended.read("page.html"));
    for expected in [
        "Failed.",
        "All 20 calls failed.",
        "failed<1%",
        "not held",
        "|<------- 486 Busy Here (INVITE) --------|",
        "SIP/2.0 486 </pre><script>alert(1)</script>",
        "Reason: Q.850;text=\"<b>&amp;?[2J\"",
        "step 1, uac.xml:33 (built in)",
        "-ap '***'",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[test]
fn a_good_run_has_a_page_that_says_so() {
    let ended = rsipp("-sn uac -peer_sn uas -m 30 -r 100 -html page.html").run().exits(0);
    let text = text_of(&ended.read("page.html"));
    for expected in
        ["Passed.", "All 30 calls succeeded.", "Calls per second", "Response time 1", "No call failed."]
    {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[test]
fn a_run_that_cannot_begin_says_why_on_its_page() {
    let ended = rsipp("-sn uac no..such..host -m 1 -html page.html").run().exits(255);
    let text = text_of(&ended.read("page.html"));
    assert!(text.contains("Failed.") && text.contains("no..such..host"), "{text}");
}
