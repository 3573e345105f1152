//! `<DefaultMessage>` (scenario.md §5.7, keywords.md §9).

use super::*;
use crate::message::Facts;

fn message(id: &str, text: &str) -> String {
    format!("{RECV}<DefaultMessage id=\"{id}\"><![CDATA[{text}]]></DefaultMessage>")
}

/// scenario.md §5.7.
#[test]
fn each_automatic_message_can_be_replaced() {
    let built_in = format!("{:?}", plan(RECV).automatic);
    for id in ["ack", "bye", "cancel", "200"] {
        let plan = plan(&message(id, "\n  MINE sip:a SIP/2.0\n"));
        let automatic = plan.automatic;
        let texts = [
            ("ack", automatic.ack),
            ("bye", automatic.bye),
            ("cancel", automatic.cancel),
            ("200", automatic.ok),
        ];
        for (name, template) in texts {
            let shown = format!("{template:?}");
            assert_eq!(!built_in.contains(&shown), name == id, "{id}: {name}");
        }
    }
}

/// scenario.md §5.7: keywords are expanded when it is sent, so the call must keep what they show.
#[test]
fn a_replaced_message_makes_calls_keep_what_it_shows() {
    let keeps = plan(&message("bye", "BYE [next_url] SIP/2.0\n[last_To:]\nX: [peer_tag_param]")).keeps;
    assert!(keeps.last_message && keeps.peer_tag && keeps.route_set);
    let mut plan = plan(&message("bye", "BYE sip:[local_ip] SIP/2.0"));
    plan.bind(&facts());
    assert!(!format!("{:?}", plan.automatic.bye).contains("LocalIp"));
}

fn facts() -> Facts {
    Facts {
        remote_host: String::new(),
        remote_ip: String::new(),
        remote_port: 0,
        local_ip: "127.0.0.1".into(),
        local_ip_type: 4,
        local_port: Some(0),
        server_ip: String::new(),
        transport: Some("UDP"),
        media_ip: String::new(),
        media_ip_type: 4,
        media_port: 0,
        service: String::new(),
        pid: 0,
        rfc3339: false,
        version: String::new(),
    }
}

/// keywords.md §9, "never sent".
#[test]
fn ack2_is_accepted_but_never_sent() {
    assert_eq!(warnings(&message("ack2", "ACK sip:a SIP/2.0")), ["the default message ack2 is never sent"]);
}

/// 3PCC is not built yet.
#[test]
fn the_abort_command_of_3pcc_is_refused() {
    assert_eq!(error(&message("3pcc_abort", "x: y")), "not supported yet: DefaultMessage 3pcc_abort");
}

/// scenario.md §5.7; the sentences as in sipp 3.6.1.
#[test]
fn a_default_message_needs_a_known_id_and_a_message() {
    assert_eq!(error(&message("zz", "BYE a")), "Internal Error: Unknown default message: zz!");
    let sentence = "DefaultMessage is missing the required 'id' parameter.";
    assert_eq!(error(&format!("{RECV}<DefaultMessage/>")), sentence);
    let sentence = "No CDATA in 'send' section of xml scenario file";
    assert_eq!(error(&format!("{RECV}<DefaultMessage id=\"bye\"/>")), sentence);
}

/// keywords.md §1, §4: the first-line rule holds.
#[test]
fn a_default_message_begins_with_a_method_or_a_status_line() {
    let refused = error(&message("bye", "[service] sip:a SIP/2.0"));
    assert!(refused.starts_with("You can not use a keyword for the METHOD"), "{refused}");
}
