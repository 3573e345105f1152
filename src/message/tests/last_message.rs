//! keywords.md §6.7, §6.8, §7.5, §7.6, §7.7, and the rendered form of §8.

use super::{World, expand};
use crate::message::Template;
use crate::scenario::plan::Keeps;

const OK: &str = "SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:23060;branch=a
v:   SIP/2.0/UDP 1.2.3.4;branch=zz
VIA:\tSIP/2.0/UDP 5.6.7.8;branch=yy
To: \"Bob <x>\" <sip:b@h>;tag=1
X-Empty:
CSeq: 4294967290 INVITE

X-Body: no
";

/// §6.7, §8.
#[test]
fn headers_render_with_the_name_as_typed() {
    let mut world = World::after(OK);
    let vias = "SIP/2.0/UDP 127.0.0.1:23060;branch=a, SIP/2.0/UDP 1.2.3.4;branch=zz, \tSIP/2.0/UDP 5.6.7.8;branch=yy";
    assert_eq!(world.expand("[last_via:]"), format!("via: {vias}"));
    assert_eq!(world.expand("[last_Via]"), format!("Via: {vias}"));
    assert_eq!(world.expand("[last_X-Empty:]|[last_X-Body:]|[last_:]"), "X-Empty:||");
}

/// §6.7.
#[test]
fn the_request_uri_is_that_of_the_to() {
    assert_eq!(World::after(OK).expand("[last_Request_URI]"), "x");
    assert_eq!(World::after("A b SIP/2.0\nt: <sip:t@h>;tag=1\n\n").expand("[last_Request_URI]"), "sip:t@h");
    assert_eq!(World::after("A b SIP/2.0\nTo: sip:t@h\n\n").expand("[last_Request_URI]"), "");
    assert_eq!(World::after("A b SIP/2.0\nTo: > <sip:t@h>\n\n").expand("[last_Request_URI]"), "");
}

/// §6.7; the bug of the negative number is mended.
#[test]
fn the_last_cseq_number_is_unsigned() {
    assert_eq!(World::after(OK).expand("[last_cseq_number] [last_cseq_number+1]"), "4294967290 4294967291");
    assert_eq!(World::after("A b SIP/2.0\ncsEQ : 7 INFO\n\n").expand("[last_cseq_number-1]"), "6");
}

/// §6.7.
#[test]
fn the_whole_last_message_can_be_shown() {
    assert_eq!(World::after(OK).expand("<[last_message]>"), format!("<{}>", OK.replace('\n', "\r\n")));
}

/// §7.7.
#[test]
fn before_anything_was_received_all_are_empty() {
    assert_eq!(
        expand(
            "[last_X:]|[last_message]|[last_Request_URI]|[next_url]|[peer_tag_param]|[routes]|[last_cseq_number+1]"
        ),
        "||||||1"
    );
}

/// §7.5, §7.6.
#[test]
fn dialog_state_is_shown() {
    let mut world = World {
        peer_tag: b";tag=uas1".to_vec(),
        routes: b"<sip:p1;lr>, <sip:p2;lr>".to_vec(),
        target: Some(b"sip:c@d".to_vec()),
        ..World::after(OK)
    };
    assert_eq!(
        world.expand("[peer_tag_param]|[routes]|[next_url]"),
        ";tag=uas1|Route: <sip:p1;lr>, <sip:p2;lr>|sip:c@d"
    );
    world.target = None;
    assert_eq!(world.expand("[next_url]"), "x", "falls back to the To");
}

/// What the engine is told to keep.
#[test]
fn keeps_tells_what_a_template_needs() {
    let keeps = |text: &str| {
        let mut scenario = World::with_file("SEQUENTIAL\na;b\n").scenario;
        Template::parse(text.as_bytes(), &mut scenario).unwrap().keeps()
    };
    let nothing = Keeps::default();
    assert_eq!(keeps("[call_id] [cseq] [branch] [$x] [len]"), nothing);
    for text in [
        "[last_To:]",
        "[last_message]",
        "[last_cseq_number]",
        "[last_Request_URI]",
        r#"[field0 line="[last_X]"]"#,
    ] {
        assert_eq!(keeps(text), Keeps { last_message: true, ..nothing }, "{text}");
    }
    assert_eq!(keeps("[peer_tag_param]"), Keeps { peer_tag: true, ..nothing });
    assert_eq!(keeps("[routes]"), Keeps { route_set: true, ..nothing });
    assert_eq!(keeps("[next_url]"), Keeps { route_set: true, last_message: true, ..nothing });
}
