//! keywords.md §9, runtime.md §10.2 and §11: the observed messages.

use super::World;
use crate::message::{Automatic, Template};

const ANSWER: &str = "SIP/2.0 486 Busy
Via: SIP/2.0/UDP 127.0.0.1:24202;branch=z9hG4bK-21198-1-0
From: sipp <sip:sipp@127.0.0.1:24202>;tag=21198SIPpTag001
To: service <sip:service@127.0.0.1:24200>;tag=pt
Call-ID: 1-21198@127.0.0.1
CSeq: 1 INVITE

";

fn rendered(world: &mut World, pick: fn(&Automatic) -> &Template) -> String {
    world.facts.local_port = Some(24202);
    world.call_id = b"1-21198@127.0.0.1".to_vec();
    let mut automatic = Automatic::new().unwrap();
    automatic.bind(&world.facts);
    world.render(pick(&automatic)).replace("\r\n", "\n")
}

#[test]
fn an_ack_takes_its_headers_from_the_error_response() {
    let expected = "ACK sip:service@127.0.0.1:24200 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:24202;branch=z9hG4bK-21198-1-0
From: sipp <sip:sipp@127.0.0.1:24202>;tag=21198SIPpTag001
To: service <sip:service@127.0.0.1:24200>;tag=pt
Call-ID: 1-21198@127.0.0.1
CSeq: 1 ACK
Contact: <sip:sipp@127.0.0.1:24202;transport=UDP>
Max-Forwards: 70
Subject: Performance Test
Content-Length: 0

";
    assert_eq!(rendered(&mut World::after(ANSWER), |automatic| &automatic.ack), expected);
}

#[test]
fn a_cancel_takes_its_headers_from_the_last_response() {
    let expected = "CANCEL sip:service@127.0.0.1:24200 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:24202;branch=z9hG4bK-21198-1-0
From: sipp <sip:sipp@127.0.0.1:24202>;tag=21198SIPpTag001
To: service <sip:service@127.0.0.1:24200>;tag=pt
Call-ID: 1-21198@127.0.0.1
CSeq: 1 CANCEL
Max-Forwards: 70
Contact: <sip:sipp@127.0.0.1:24202;transport=UDP>
Content-Length: 0

";
    assert_eq!(rendered(&mut World::after(ANSWER), |automatic| &automatic.cancel), expected);
}

#[test]
fn a_bye_goes_along_the_route_set_with_a_branch_of_its_own() {
    let mut world = World {
        routes: b"<sip:r3;lr>, <sip:r1;lr>".to_vec(),
        target: Some(b"sip:c@127.0.0.1:9".to_vec()),
        branch_index: 4,
        ..World::after(ANSWER)
    };
    let expected = "BYE sip:c@127.0.0.1:9 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:24202;branch=z9hG4bK-21734-1-4
Route: <sip:r3;lr>, <sip:r1;lr>
From: sipp <sip:sipp@127.0.0.1:24202>;tag=21198SIPpTag001
To: service <sip:service@127.0.0.1:24200>;tag=pt
Call-ID: 1-21198@127.0.0.1
CSeq: 2 BYE
Max-Forwards: 70
Contact: <sip:sipp@127.0.0.1:24202;transport=UDP>
Content-Length: 0

";
    assert_eq!(rendered(&mut world, |automatic| &automatic.bye), expected);
    world.routes.clear();
    world.target = None;
    let without = expected
        .replace("Route: <sip:r3;lr>, <sip:r1;lr>\n", "")
        .replace("sip:c@127.0.0.1:9", "sip:service@127.0.0.1:24200");
    assert_eq!(
        rendered(&mut world, |automatic| &automatic.bye),
        without,
        "no Route line without a route set"
    );
}

#[test]
fn an_automatic_200_echoes_the_request() {
    let request = "INFO sip:x SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:24242;branch=z9hG4bKp1
From: <sip:p@127.0.0.1>;tag=ft
To: <sip:x@127.0.0.1>
Call-ID: 1-21230@127.0.0.1
CSeq: 7 INFO

";
    let expected = "SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:24242;branch=z9hG4bKp1
From: <sip:p@127.0.0.1>;tag=ft
To: <sip:x@127.0.0.1>
Call-ID: 1-21230@127.0.0.1
CSeq: 7 INFO
Contact: <sip:127.0.0.1:24202;transport=UDP>
Content-Length: 0

";
    assert_eq!(rendered(&mut World::after(request), |automatic| &automatic.ok), expected);
}
