//! keywords.md §11, byte for byte, and messages as the embedded scenarios have them, read by another parser.

use rsip::headers::ToTypedHeader;
use rsip::message::HeadersExt;

use super::World;

#[test]
fn the_worked_example_comes_out_byte_for_byte() {
    let cdata = "
      OPTIONS sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: sipp <sip:sipp@[local_ip]:[local_port]>;tag=[pid]SIPpTag00[call_number]
      To: sut <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
      Call-ID: [call_id]
      CSeq: [cseq] OPTIONS
      X-B: [call_number]|[dynamic_id]|[dynamic_id]|[msg_index]|[users]|[userid]
      X-F: [remote_port+3]|[local_port-2]|[cseq+5]|[cseq-1]|[branch-1]|[branch+2]|[call_id+3]
      X-G: [next_url]|[last_Request_URI]|[last_cseq_number]|[last_cseq_number+1]|[last_message]|[peer_tag_param]
      [last_Foo:]
      [last_Foo:];tag=zz
      [routes]
      Content-Length: [len]
    ";
    let expected = "\
OPTIONS sip:service@127.0.0.1:23202 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:23200;branch=z9hG4bK-21734-1-0
From: sipp <sip:sipp@127.0.0.1:23200>;tag=21734SIPpTag001
To: sut <sip:service@127.0.0.1:23202>
Call-ID: 1-21734@127.0.0.1
CSeq: 1 OPTIONS
X-B: 1|10000|10004|0|-1|0
X-F: 23205|23198|6|0|z9hG4bK-21734-1--1|z9hG4bK-21734-1-2|1-21734@127.0.0.1
X-G: ||0|1||
;tag=zz
Content-Length:     0

";
    assert_eq!(World::default().send(cdata), expected.replace('\n', "\r\n"));
}

/// The second opinion: what is rendered is SIP to a parser that is not ours.
#[test]
fn a_rendered_invite_is_sip_to_rsip() {
    let sent = World::default().send(
        "
      INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: caller <sip:caller@[local_ip]:[local_port]>;tag=[pid]SIPpTag00[call_number]
      To: [service] <sip:[service]@[remote_ip]:[remote_port]>
      Call-ID: [call_id]
      CSeq: 1 INVITE
      Contact: <sip:caller@[local_ip]:[local_port]>
      Max-Forwards: 70
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0
      a=rtpmap:0 PCMU/8000
    ",
    );
    let request = rsip::Request::try_from(sent.as_str()).unwrap();
    assert_eq!(request.method, rsip::Method::Invite);
    assert_eq!(request.uri.to_string(), "sip:service@127.0.0.1:23202");
    assert_eq!(request.call_id_header().unwrap().to_string(), "Call-ID: 1-21734@127.0.0.1");
    let via = request.via_header().unwrap().typed().unwrap();
    assert_eq!(via.branch().unwrap().to_string(), "z9hG4bK-21734-1-0");
    assert_eq!(request.from_header().unwrap().tag().unwrap().unwrap().to_string(), "21734SIPpTag001");
    let length = request.headers.iter().find_map(|header| match header {
        rsip::Header::ContentLength(length) => length.length().ok(),
        _ => None,
    });
    assert_eq!(length.map(|length| length as usize), Some(request.body.len()));
    assert!(request.body.ends_with(b"a=rtpmap:0 PCMU/8000\r\n"));
}

#[test]
fn a_rendered_200_is_sip_to_rsip_and_echoes_the_request() {
    let mut world = World::after(
        "INVITE sip:b@h SIP/2.0
Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK-1
Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK-2
From: \"A\" <sip:a@h>;tag=f
To: <sip:b@h>
Call-ID: x@y
CSeq: 7 INVITE
Content-Length: 0

",
    );
    let sent = world.send(
        "
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]SIPpTag01[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:[local_ip]:[local_port];transport=[transport]>
      Content-Length: 0

    ",
    );
    let response = rsip::Response::try_from(sent.as_str()).unwrap();
    assert_eq!(response.status_code, rsip::StatusCode::OK);
    assert_eq!(response.to_header().unwrap().tag().unwrap().unwrap().to_string(), "21734SIPpTag011");
    assert_eq!(response.cseq_header().unwrap().seq().unwrap(), 7);
    assert_eq!(response.call_id_header().unwrap().to_string(), "Call-ID: x@y");
    assert!(sent.contains(
        "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK-1, SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK-2\r\n"
    ));
}
