//! Tests of transport.md §13, runtime.md §6, §7 and §13, keywords.md §7.5, §7.6 and §8, one for each rule.

use proptest::prelude::*;

use super::header::{self, HeaderName};
use super::*;

const OK: &[u8] = b"SIP/2.0 200 OK\r\n\
    Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK-1-1-0\r\n\
    From: sipp <sip:sipp@127.0.0.1:5060>;tag=1\r\n\
    To: \"Bob\" <sip:b@h;tag=no>;x=1;TAG=yes;y\r\n\
    Call-ID: a///1-26460@127.0.0.1\r\n\
    CSeq: 1 INVITE\r\n\
    Content-Length: 3\r\n\r\nabc";

#[track_caller]
fn message(text: &[u8]) -> Message<'_> {
    match classify(text) {
        Incoming::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

/// A request with these header lines before its Call-ID and CSeq.
fn request(headers: &str) -> Vec<u8> {
    let headers = headers.replace('\n', "\r\n");
    format!("INFO sip:x SIP/2.0\r\n{headers}\r\nCall-ID: id\r\nCSeq: 1 INFO\r\n\r\nX: body\r\n").into_bytes()
}

#[track_caller]
fn warnings(datagram: &[u8]) -> Vec<String> {
    warning_text(datagram, &classify(datagram))
}

/// transport.md §13, check 1.
#[test]
fn keep_alives_and_empty_datagrams_are_told_apart() {
    assert!(matches!(classify(b"\r\n\r\n"), Incoming::KeepAlive));
    assert!(matches!(classify(&[0; 4]), Incoming::KeepAlive));
    assert!(matches!(classify(b""), Incoming::Empty));
    assert!(warnings(b"\r\n\r\n").is_empty());
    assert!(warnings(OK).is_empty());
}

/// transport.md §13, check 1 and the table of malformed datagrams.
#[test]
fn what_is_not_sip_is_discarded_with_its_text_up_to_a_nul() {
    assert_eq!(warnings(b"hello"), ["non SIP message discarded: \"hello\" (5)"]);
    assert_eq!(warnings(b"\r\n"), ["non SIP message discarded: \"\r\n\" (2)"]);
    assert_eq!(warnings(&[0]), ["non SIP message discarded: \"\" (1)"]);
    assert_eq!(warnings(b"INV\0 x SIP/2.0\r\n"), ["non SIP message discarded: \"INV\" (16)"]);
}

/// transport.md §13, check 2; texts and positions observed with sipp 3.6.1.
#[test]
fn a_message_without_call_id_is_discarded() {
    for text in [
        "hello SIP/2.0",
        "A b SIP/2.0\r\nVia: x\r\n\r\nCall-ID: body\r\n\r\n",
        "A b SIP/2.0\r\nCall-ID:  \r\n\r\n",
        "A b SIP/2.0\r\nCall-ID:",
        "A b SIP/2.0\r\nCall-I",
        "A b SIP/2.0",
    ] {
        let expected = [
            format!("(1) No valid Call-ID: header in reply '{text}'"),
            "SIP message without Call-ID discarded".to_owned(),
        ];
        assert_eq!(warnings(text.as_bytes()), expected);
    }
    let text = format!("A b SIP/2.0\r\nCall-ID: {}\r\n\r\n", "c".repeat(2049));
    assert_eq!(warnings(text.as_bytes())[0], format!("(1) Call-ID: header too long in reply '{text}'"));
    let text = text.replacen('c', "", 1);
    assert_eq!(message(text.as_bytes()).call_id().len(), 2048);
}

/// transport.md §13, check 2: "bare LF".
#[test]
fn a_bare_lf_before_the_call_id_stops_the_search() {
    for (text, at) in [
        ("OPTIONS sip:x SIP/2.0\nVia: x\r\nCall-ID: a\r\n\r\n", 21),
        ("OPTIONS sip:x SIP/2.0\r\nVia: x\nCall-ID: a\r\n\r\n", 29),
    ] {
        let expected = [
            format!("Missing CR during header scan at pos {at}"),
            format!("(1) No valid Call-ID: header in reply '{text}'"),
            "SIP message without Call-ID discarded".to_owned(),
        ];
        assert_eq!(warnings(text.as_bytes()), expected);
    }
    assert_eq!(message(b"A b SIP/2.0\r\ni: x\r\nVia: y\nTo: z\r\n\r\n").call_id(), b"x", "but not behind it");
}

/// runtime.md §6.2 and what was observed there.
#[test]
fn call_ids_may_be_compact_spaced_and_folded() {
    for (header, id) in [
        ("i:x", "x"),
        ("CALL-ID  :   x", "x"),
        ("call-id\t: \r\n\t x", "x"),
        ("i: cc///dd  ", "cc///dd  "),
        ("Call-ID: first\r\nCall-ID: second", "first"),
    ] {
        let text = format!("A b SIP/2.0\r\nVia: y\r\n{header}\r\nTo: z\r\n\r\n");
        assert_eq!(message(text.as_bytes()).call_id(), id.as_bytes(), "{header}");
    }
    assert_eq!(message(b"A b SIP/2.0\r\nCall-ID: cut").call_id(), b"cut", "the datagram may end there");
}

/// keywords.md §7.2.
#[test]
fn everything_up_to_the_first_three_slashes_is_trimmed() {
    assert_eq!(message(OK).trimmed_call_id(), b"1-26460@127.0.0.1");
    for (id, trimmed) in [("a///b///X", "b///X"), ("a//b", "a//b"), ("a/////b", "//b"), ("plain", "plain")] {
        let text = format!("A b SIP/2.0\r\nCall-ID: {id}\r\n\r\n");
        assert_eq!(message(text.as_bytes()).trimmed_call_id(), trimmed.as_bytes());
    }
}

/// transport.md §13: "A NUL inside a message ends it".
#[test]
fn a_nul_ends_the_message() {
    let view = message(b"A b SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 A\r\n\0To: y\r\n\r\n");
    assert_eq!(view.text(), b"A b SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 A\r\n");
    assert!(!view.has_to());
}

/// runtime.md §7, item 7.
#[test]
fn the_start_line_is_a_request_a_response_or_malformed() {
    let method = "M".repeat(63);
    for (line, start) in [
        ("SIP/2.0 200 OK", Start::Response(200)),
        ("SIP/2.0  183", Start::Response(183)),
        ("SIP/2.0 0 x", Start::Malformed),
        ("SIP/2.0 abc", Start::Malformed),
        ("SIP/2.0", Start::Malformed),
        ("SIP/2.0 70000 x", Start::Malformed),
        ("sip/2.0 200 SIP/2.0", Start::Request(b"sip/2.0")),
        ("INVITE sip:x SIP/2.0", Start::Request(b"INVITE")),
        (&format!("{method} sip:x SIP/2.0"), Start::Request(method.as_bytes())),
        (&format!("{method}M sip:x SIP/2.0"), Start::Malformed),
    ] {
        let text = format!("{line}\r\ni: x\r\nVia: SIP/2.0/UDP h\r\n\r\n");
        assert_eq!(message(text.as_bytes()).start(), start, "{line}");
    }
    let next_line = message(b"SIP/2.0 \r\n200: x\r\ni: x\r\n\r\n");
    assert_eq!(next_line.start(), Start::Malformed, "the code stands in the first line");
    assert_eq!(message(b"xSIP/2.0\r\ni:x\r\n").start(), Start::Malformed, "no space");
    assert_eq!(message(b"\r\nINFO x SIP/2.0\r\ni: x\r\n\r\n").start(), Start::Request(b"\r\nINFO"));
}

/// transport.md §13, check 5.
#[test]
fn a_to_header_is_seen_in_all_its_spellings() {
    for to in ["To: x", "t: x", "TO : x", "t\t:x"] {
        assert!(message(&request(to)).has_to(), "{to}");
    }
    for no in ["Too: x", "Tx: x", " To: x", "X-To: x"] {
        assert!(!message(&request(no)).has_to(), "{no}");
    }
}

/// runtime.md §7.1 and keywords.md §7.3 ("accept any case").
#[test]
fn cseq_has_a_number_and_a_method() {
    for (header, number, method) in [
        ("CSeq: 1 INVITE", Some(1), "INVITE"),
        ("cseq:2\tBYE  ", Some(2), "BYE  "),
        ("CSEQ \t: 4294967295 INFO", Some(u32::MAX), "INFO"),
        ("CSeq: 4294967296 INFO", None, "INFO"),
        ("CSeq: INFO", None, "INFO"),
        ("CSeq:\r\n 7\r\n INFO", Some(7), "INFO"),
        ("CSeq:", None, ""),
        ("X: y", None, ""),
    ] {
        let text = format!("A b SIP/2.0\r\ni: x\r\n{header}\r\n\r\n");
        assert_eq!(message(text.as_bytes()).cseq(), Cseq { number, method: method.as_bytes() }, "{header}");
    }
}

/// keywords.md §7.5, with its bug mended.
#[test]
fn the_peer_tag_is_a_parameter_of_the_to_header() {
    assert_eq!(message(OK).peer_tag(), Some(&b"yes"[..]));
    for (to, tag) in [
        ("To: <sip:b@h>;tag=uas1", Some("uas1")),
        ("t : sip:b@h;tag=x1 ;z", Some("x1")),
        ("To: <sip:b@h>;\n Tag=x2", Some("x2")),
        ("To: <sip:b@h>\n ; tag=x3;y", Some("x3")),
        ("To: <sip:b@h>;tag=\"x6\"", Some("\"x6\"")),
        ("To: <sip:b@h>;tag=x8,foo", Some("x8,foo")),
        ("To: \"Bob <x>\" <sip:b@h;tag=zz>;TAG=r", Some("r")),
        ("To: \"a\\\">\" <sip:b@h;tag=zz>;tag=r", Some("r")),
        ("To: <sip:b@h;tag=zz>", None),
        ("To: <sip:b@h>;tag =x", None),
        ("To: <sip:b@h>;tag=;x", None),
        ("To: <sip:b@h>", None),
        ("X: y", None),
    ] {
        assert_eq!(message(&request(to)).peer_tag(), tag.map(str::as_bytes), "{to}");
    }
}

/// runtime.md §7.1, `response_txn`.
#[test]
fn the_branch_is_that_of_the_first_via_that_has_one() {
    assert_eq!(message(OK).branch(), Some(&b"z9hG4bK-1-1-0"[..]));
    assert_eq!(message(&request("Via: a\nv: b;branch=x, c;branch=y")).branch(), Some(&b"x"[..]));
    assert_eq!(message(&request("X: y;branch=z")).branch(), None);
}

fn rendered(text: &[u8], name: &str) -> String {
    let mut out = b"before: ".to_vec();
    header::append_rendered(text, &HeaderName::new(name.as_bytes()), &mut out);
    String::from_utf8(out).unwrap().strip_prefix("before: ").unwrap().to_owned()
}

/// keywords.md §8, first two items.
#[test]
fn headers_are_found_by_name_directly_before_the_colon_in_the_header_part() {
    let text = request("X-Sp : v\nx-case:   w  \nX-Casey: no");
    assert_eq!(rendered(&text, "X-Sp"), "");
    assert_eq!(rendered(&text, "X-Case"), "X-Case: w");
    assert_eq!(rendered(&text, "X"), "", "not in the body");
    assert_eq!(rendered(&text, "INFO sip"), "", "not in the first line");
    assert_eq!(
        rendered(b"A b SIP/2.0\r\nX: y", "x"),
        "x: y",
        "without an empty line the whole text is headers"
    );
}

/// keywords.md §8, first two items: a bare LF starts a line as well, and only CR LF CR LF ends the header part.
#[test]
fn a_header_may_follow_a_bare_lf() {
    let text = b"A b SIP/2.0\r\nY: 1\nX: 2\n\nX: 3\r\n\r\nX: body\r\n";
    assert_eq!(rendered(text, "X"), "X: 2, 3");
    assert_eq!(rendered(b"A b SIP/2.0\r\nY: a\rX: 2\r\n\r\n", "X"), "", "a lone CR does not");
}

/// keywords.md §8, third item: "No mapping for Subject/s, Supported/k, Event/o, Refer-To/r, Allow-Events/u".
#[test]
fn other_compact_forms_are_names_of_their_own() {
    for (long, compact) in
        [("Subject", 's'), ("Supported", 'k'), ("Event", 'o'), ("Refer-To", 'r'), ("Allow-Events", 'u')]
    {
        let text = format!("A b SIP/2.0\r\n{compact}: x\r\n\r\n");
        assert_eq!(rendered(text.as_bytes(), long), "", "{long}");
        assert_eq!(rendered(text.as_bytes(), &compact.to_string()), format!("{compact}: x"));
    }
}

/// keywords.md §8: the observed four Vias.
#[test]
fn the_observed_vias_come_out_in_message_order() {
    let text = request("Via: a;branch=x\nv:   b;branch=zz\nVIA:\tc\nV: d");
    assert_eq!(rendered(&text, "Via"), "Via: a;branch=x, b;branch=zz, \tc, d");
}

/// keywords.md §8, third and fourth item.
#[test]
fn compact_forms_of_eight_names_are_merged_in_message_order() {
    let text = request("v: 1\nVia: 2\nv: 3\ns: subject\nSubject: long");
    assert_eq!(rendered(&text, "via"), "via: 1, 2, 3");
    assert_eq!(rendered(&text, "v"), "v: 1, 3", "a compact name finds only itself");
    assert_eq!(rendered(&text, "Subject"), "Subject: long");
    for (long, compact) in [
        ("Call-ID", 'i'),
        ("Contact", 'm'),
        ("Content-Encoding", 'e'),
        ("Content-Length", 'l'),
        ("Content-Type", 'c'),
        ("From", 'f'),
        ("To", 't'),
        ("Via", 'v'),
    ] {
        let text = format!("A b SIP/2.0\r\n{compact}: x\r\n\r\n");
        assert_eq!(header::value(text.as_bytes(), long.as_bytes()), Some(&b"x"[..]), "{long}");
    }
}

/// keywords.md §8: values and folding, the bug of the bare LF mended.
#[test]
fn values_are_trimmed_and_unfolded() {
    assert_eq!(rendered(&request("X-Fold: one,  \n  two,\n\tthree \t"), "X-Fold"), "X-Fold: one, two, three");
    assert_eq!(rendered(&request("X:\n  folded at once"), "X"), "X: folded at once");
    assert_eq!(rendered(&request("X: \ttab stays"), "X"), "X: \ttab stays");
    assert_eq!(rendered(&request("X: a\n \n b"), "X"), "X: a b");
}

/// keywords.md §8: "Several occurrences" and "present but empty".
#[test]
fn several_values_are_joined_with_comma_and_space() {
    assert_eq!(rendered(&request("foo: a\nfoo:\nfoo: c"), "foo"), "foo: a,, c");
    assert_eq!(rendered(&request("foo:\nfoo: bar"), "foo"), "foo: bar");
    assert_eq!(rendered(&request("foo: a:\nfoo: b"), "foo"), "foo: a: b");
    assert_eq!(rendered(&request("X:  "), "X"), "X:");
    assert_eq!(rendered(&request("Y: z"), "X"), "");
}

/// keywords.md §6.7.
#[test]
fn cseq_numbers_and_to_uris_are_found_in_any_text() {
    assert_eq!(header::cseq_number(OK), Some(1));
    assert_eq!(header::cseq_number(b"garbage"), None);
    assert_eq!(header::last_request_uri(OK), b"sip:b@h;tag=no");
    assert_eq!(header::last_request_uri(b"SIP/2.0\r\nT: <sip:a>\r\n"), b"sip:a");
    assert_eq!(header::last_request_uri(b""), b"");
}

fn record(headers: &str, sender: Sender) -> (RouteSet, Recorded) {
    let mut routes = RouteSet::default();
    let recorded = routes.record(&request(headers), sender);
    (routes, recorded)
}

#[track_caller]
fn assert_route(headers: &str, sender: Sender, routes: &str, target: &str) {
    let (set, recorded) = record(headers, sender);
    assert_eq!(recorded, if routes.is_empty() { Recorded::Target } else { Recorded::RouteSet });
    assert_eq!(String::from_utf8_lossy(set.routes()), routes);
    assert_eq!(set.target(), Some(target.as_bytes()));
}

/// keywords.md §7.6, "Observed".
#[test]
fn a_response_reverses_the_hops_and_a_request_keeps_them() {
    let hops = "Record-Route: <sip:p1;lr>\nRecord-Route: <sip:p2;lr>, <sip:p3;lr>\nContact: <sip:c@d>";
    assert_route(hops, Sender::Response, "<sip:p3;lr>, <sip:p2;lr>, <sip:p1;lr>", "sip:c@d");
    assert_route(hops, Sender::Request, "<sip:p1;lr>, <sip:p2;lr>, <sip:p3;lr>", "sip:c@d");
}

/// keywords.md §7.6 item 4; scenario.md §8.
#[test]
fn a_strict_first_hop_becomes_the_target_and_the_contact_the_last_hop() {
    let hops = "Record-Route: <sip:p1;lr>\nRecord-Route: <sip:p2>\nm: \"Bob\" <sip:c@d>;x=1";
    assert_route(hops, Sender::Response, "<sip:p1;lr>, \"Bob\" <sip:c@d>;x=1", "sip:p2");
    assert_route("Record-Route: <sip:p2>\nContact: <sip:c>", Sender::Request, "<sip:c>", "sip:p2");
}

/// keywords.md §7.6 item 4: the bug of the lost hop is mended.
#[test]
fn further_strict_hops_stay_in_the_route_set() {
    let hops = "Record-Route: <sip:p1>, <sip:p2>, <sip:p3;lr=on>\nContact: <sip:c@d>";
    assert_route(hops, Sender::Request, "<sip:p2>, <sip:p3;lr=on>, <sip:c@d>", "sip:p1");
    assert_route("Record-Route: <sip:p;LR>\nContact: <sip:c>", Sender::Request, "<sip:c>", "sip:p;LR");
}

/// keywords.md §7.6 item 4: the bug of the split quotes is mended.
#[test]
fn commas_in_quotes_and_angles_do_not_split() {
    let hops = "Record-Route: \"a, \\\"b\" <sip:p1;lr>, <sip:p2,x;lr>\nContact: <sip:c@d>";
    assert_route(hops, Sender::Response, "<sip:p2,x;lr>, \"a, \\\"b\" <sip:p1;lr>", "sip:c@d");
}

/// keywords.md §7.6 item 5.
#[test]
fn the_target_is_the_uri_in_angles_or_the_whole_value() {
    assert_route("Contact: sip:c@d;x=1", Sender::Response, "", "sip:c@d;x=1");
    assert_route("Contact: *", Sender::Response, "", "*");
    assert_route("m: \"D\" <sip:e@f>;p=1", Sender::Response, "", "sip:e@f");
}

/// keywords.md §7.6 items 1 and 5: several Contacts are joined, and the URI is between the first `<` and the first `>`.
#[test]
fn of_several_contacts_the_first_uri_is_the_target() {
    assert_route("Contact: <sip:a>;q=1\nm: <sip:b>", Sender::Response, "", "sip:a");
    assert_route("Contact: sip:a\nContact: sip:b", Sender::Response, "", "sip:a, sip:b");
    let hops = "Record-Route: <sip:p>\nContact: <sip:a>\nContact: <sip:b>";
    assert_route(hops, Sender::Request, "<sip:a>, <sip:b>", "sip:p");
    assert_route("Contact: > <sip:a>", Sender::Response, "", "> <sip:a>");
}

/// runtime.md §13: "as long as no route set is stored yet".
#[test]
fn a_target_may_change_and_a_route_set_may_not() {
    let mut routes = RouteSet::default();
    let mut record = |headers: &str| {
        let recorded = routes.record(&request(headers), Sender::Response);
        (recorded, routes.target().map(|target| String::from_utf8_lossy(target).into_owned()))
    };
    assert_eq!(record("Contact: <sip:a>"), (Recorded::Target, Some("sip:a".into())));
    assert_eq!(record("Contact: <sip:b>"), (Recorded::Target, Some("sip:b".into())));
    assert_eq!(record("X: y"), (Recorded::NoContact, None), "an earlier target is forgotten");
    assert_eq!(
        record("Contact: <sip:c>\nRecord-Route: <sip:r;lr>"),
        (Recorded::RouteSet, Some("sip:c".into()))
    );
    assert_eq!(record("Contact: <sip:d>"), (Recorded::AlreadyFixed, Some("sip:c".into())));
}

/// A second opinion on what the views say of a sound message.
#[test]
fn rsip_reads_the_same_from_a_response() {
    use rsip::message::HeadersExt;
    let theirs = rsip::Response::try_from(OK).unwrap();
    let ours = message(OK);
    let cseq = theirs.cseq_header().unwrap();
    assert_eq!(ours.cseq().number, Some(cseq.seq().unwrap()));
    assert_eq!(ours.cseq().method, cseq.method().unwrap().to_string().as_bytes());
    assert_eq!(
        ours.peer_tag().unwrap(),
        theirs.to_header().unwrap().tag().unwrap().unwrap().to_string().as_bytes()
    );
    assert_eq!(ours.start(), Start::Response(theirs.status_code.code()));
}

/// Bytes that look like SIP here and there.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..6),
        prop::sample::select(vec![
            "SIP/2.0",
            "\r\n",
            "\n",
            "\r",
            " ",
            "\t",
            ":",
            ";",
            ",",
            "<",
            ">",
            "\"",
            "\\",
            "Call-ID",
            "i:",
            "To:",
            "t",
            "CSeq: ",
            "42",
            "Via:",
            ";branch=",
            ";tag=",
            "Record-Route:",
            "Contact:",
            "///",
            "\0",
            "INVITE ",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_that_arrives_makes_a_view_panic(tail in hostile(), sound_start in any::<bool>()) {
        let text = if sound_start { [b"A b SIP/2.0\r\ni: x\r\n", tail.as_slice()].concat() } else { tail };
        let incoming = classify(&text);
        let _ = warning_text(&text, &incoming);
        if let Incoming::Message(view) = incoming {
            prop_assert!(!view.call_id().is_empty() && view.call_id().len() <= 2048);
            let _ = (view.start(), view.cseq(), view.peer_tag(), view.branch(), view.trimmed_call_id());
        }
        for name in ["To", "Via", "", "Contact", "X"] {
            let _ = rendered_bytes(&text, name);
        }
        let _ = (header::cseq_number(&text), header::last_request_uri(&text));
        for sender in [Sender::Request, Sender::Response] {
            RouteSet::default().record(&text, sender);
        }
    }
}

fn rendered_bytes(text: &[u8], name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    header::append_rendered(text, &HeaderName::new(name.as_bytes()), &mut out);
    out
}
