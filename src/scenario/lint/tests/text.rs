//! `no-length`, `wrong-length`, `body-indent`, `mixed-indent`, `empty-header`, `doubled-header`.

use super::*;

fn message(headers: &str, body: &str) -> String {
    request("MESSAGE", &format!("{headers}\n\n{body}"))
}

#[test]
fn a_body_needs_a_content_length() {
    insta::assert_snapshot!(rendered(&message("Max-Forwards: 70", "hello")), @r#"
    warning[no-length]: this message has a body and no Content-Length
     --> t.xml:3:1
      |
    3 | MESSAGE sip:a SIP/2.0
      | ^^^^^^^^^^^^^^^^^^^^^ where does it end?
      |
      = help: add the header Content-Length: [len]
    "#);
    for header in ["Content-Length: [len]", "l: [len]", "CONTENT-LENGTH : [len]"] {
        assert_eq!(names(&message(header, "hello")), [""; 0], "{header}");
    }
    assert_eq!(names(&message("Max-Forwards: 70", "")), [""; 0]);
}

/// RFC 3261 §20.14.
#[test]
fn over_a_stream_every_message_needs_one() {
    let over = |transport: &str| message(&format!("Via: SIP/2.0/{transport} a;branch=[branch]"), "");
    assert_eq!(names(&over("TCP")), ["no-length"]);
    assert_eq!(names(&over("UDP")), [""; 0]);
    assert_eq!(names(&over("[transport]")), [""; 0]);
}

#[test]
fn a_line_that_is_a_keyword_may_be_the_content_length() {
    let keys = [("customer".to_owned(), "x".to_owned())];
    let source = source(&message("[customer]", "hello"));
    assert_eq!(run(source.as_bytes(), &keys, &[]), []);
    assert_eq!(run(source.as_bytes(), &[], &[]).len(), 1);
}

#[test]
fn a_written_length_must_be_that_of_the_body_as_it_is_sent() {
    insta::assert_snapshot!(rendered(&message("Content-Length: 5", "  hello\n  you")), @r#"
    warning[wrong-length]: Content-Length is 5, but the body has 12 bytes
     --> t.xml:4:17
      |
    4 | Content-Length: 5
      |                 ^ not the body's length
      |
      = help: write [len]
    "#);
    // The line end after the last line counts.
    assert_eq!(names(&message("Content-Length: 12", "  hello\n  you")), [""; 0]);
    assert_eq!(names(&message("Content-Length: 0", "[call_id]")), ["wrong-length"]);
    assert_eq!(names(&message("Content-Length: 7", "[call_id]")), [""; 0]);
    assert_eq!(names(&message("Content-Length: 7", "")), ["wrong-length"]);
    assert_eq!(names(&message("Content-Length: 0", "")), [""; 0]);
    assert_eq!(names(&message("Content-Length: 7\n[$_]\n[$_]", "")), [""; 0]);
}

/// keywords.md §2.
#[test]
fn indentation_within_a_body_is_not_sent() {
    let body =
        |kind: &str, lines: &str| message(&format!("Content-Type: {kind}\nContent-Length: [len]"), lines);
    insta::assert_snapshot!(rendered(&body("text/plain", "  list:\n    item")), @r#"
    warning[body-indent]: the indentation of the body is not sent
     --> t.xml:8:1
      |
    8 |     item
      | ^^^^ removed
      |
      = help: begin the line with \x20, or read the body from a file with [file name=...]
    "#);
    assert_eq!(names(&body("text/plain", "  list:\n  item")), [""; 0]);
    assert_eq!(names(&body("application/pidf+xml", "<a>\n  <b>\n    text\n  </b></a>")), [""; 0]);
    assert_eq!(names(&body("multipart/mixed;boundary=x", "--x\n\n <a>\n  <b/>\n </a>\n--x--")), [""; 0]);
    assert_eq!(names(&body("application/sdp", "v=0\n  s=-")), [""; 0]);
}

/// keywords.md §2, steps 2-5.
#[test]
fn blanks_behind_tabs_stay_and_make_a_folded_line() {
    insta::assert_snapshot!(rendered(&request("OPTIONS", "\t  Max-Forwards: 70")), @r#"
    warning[mixed-indent]: this header line continues the one above it: its indentation is not removed
     --> t.xml:4:1
      |
    4 |       Max-Forwards: 70
      | ^^^^^^^^^^^^^^^^^^^^^^ tabs, then blanks
      |
      = help: indent with blanks only
    "#);
    for indent in ["  \t", "\t\t", "    "] {
        assert_eq!(names(&request("OPTIONS", &format!("{indent}Max-Forwards: 70"))), [""; 0], "{indent:?}");
    }
}

#[test]
fn a_header_without_a_value_is_reported_unless_it_may_be_empty() {
    insta::assert_snapshot!(rendered(&request("OPTIONS", "Contact: \nSupported:")), @r#"
    warning[empty-header]: the header Contact has no value
     --> t.xml:4:1
      |
    4 | Contact:
      | ^^^^^^^^ sent like this
      |
      = help: give it a value, or leave the line out
    "#);
    assert_eq!(names(&request("OPTIONS", "Contact: [call_id]")), [""; 0]);
}

/// keywords.md §6.7.
#[test]
fn a_last_header_behind_its_own_name_doubles_it() {
    let body =
        |header: &str| "<recv request=\"A\"/>\n".to_owned() + &send("", &format!("SIP/2.0 200 OK\n{header}"));
    insta::assert_snapshot!(rendered(&body("Via: [last_Via:]\nTo: [last_From:]")), @r#"
    warning[doubled-header]: this sends 'Via: Via: ...'
     --> t.xml:5:1
      |
    5 | Via: [last_Via:]
      | ^^^^^^^^^^^^^^^^ the name twice
      |
      = help: write [last_Via:] alone
    warning[doubled-header]: this sends 'To: From: ...'
     --> t.xml:6:1
      |
    6 | To: [last_From:]
      | ^^^^^^^^^^^^^^^^ the name twice
      |
      = help: take the value with <ereg search_in="hdr"> and write [$...]
    "#);
    assert_eq!(names(&body("[last_Via:]\nCSeq: [last_cseq_number] A\nX: [last_Request_URI]")), [""; 0]);
}
