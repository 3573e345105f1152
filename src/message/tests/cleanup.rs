//! keywords.md §2, scenario.md §3.

use super::super::cleanup::Cleaned;
use super::World;
use crate::message::Template;
use crate::message::tests::Scenario;

fn cleaned(cdata: &str) -> String {
    String::from_utf8(Cleaned::of_send(cdata.as_bytes()).unwrap().text).unwrap()
}

/// §2 step 1.
#[test]
fn blanks_tabs_and_newlines_at_both_ends_are_removed() {
    assert_eq!(cleaned(" \t\n \nA sip:x\n\nb \t "), "A sip:x\n\nb");
}

/// §2 steps 2 to 5.
#[test]
fn pure_runs_of_one_kind_around_a_newline_are_removed() {
    assert_eq!(cleaned("A\n   B\nC   \nD\n\t\tE\nF\t\t\nG\n\nx"), "A\nB\nC\nD\nE\nF\nG\n\nx");
}

/// §2: "mixed indentation is only partly removed", and scenario.md §3's table.
#[test]
fn the_order_of_the_passes_shows_in_mixed_indentation() {
    assert_eq!(cleaned("A\n\t  Via: x\n\nb"), "A\n  Via: x\n\nb", "TAB then spaces");
    assert_eq!(cleaned("A\nx  \t\nB\n\nb"), "A\nx  \nB\n\nb", "spaces then TAB at the end");
    assert_eq!(cleaned("A\n \tB\n\nb"), "A\nB\n\nb", "space then TAB");
    assert_eq!(cleaned("A\n \t B\n\nb"), "A\n B\n\nb", "space, TAB, space");
}

/// §2: "A line of only blanks counts as the empty line".
#[test]
fn a_line_of_blanks_is_the_empty_line() {
    assert_eq!(cleaned("A: b\n  \nbody"), "A: b\n\nbody");
}

/// §2 step 6.
#[test]
fn a_text_without_empty_line_gets_one() {
    assert_eq!(cleaned("A: b"), "A: b\n\n");
    assert_eq!(cleaned("\nA: b\n\n\n"), "A: b\n\n");
}

/// §2 step 7 and the table below it.
#[test]
fn a_body_keeps_exactly_one_of_its_final_newlines() {
    assert_eq!(cleaned("A: b\n\nbody"), "A: b\n\nbody");
    assert_eq!(cleaned("A: b\n\nbody\n"), "A: b\n\nbody\n");
    assert_eq!(cleaned("A: b\n\nbody\n\n \n"), "A: b\n\nbody\n");
}

/// §2, "`<DefaultMessage>`: step 7 is missing".
#[test]
fn a_default_message_loses_the_final_newlines_of_its_body() {
    let cleaned = |cdata: &[u8]| Cleaned::of_default_message(cdata).unwrap().text;
    assert_eq!(cleaned(b"\n A: b\n\n body\n\n"), b"A: b\n\nbody");
    assert_eq!(cleaned(b"\n A: b\n"), b"A: b\n\n");
}

/// §2: "Carriage returns".
#[test]
fn cr_lf_and_lone_cr_are_newlines() {
    assert_eq!(cleaned("A: b\r\nC: d\rE: f\r\n\r\nbody\r\n"), "A: b\nC: d\nE: f\n\nbody\n");
}

/// §2: "Consequences".
#[test]
fn escaped_indentation_of_body_lines_survives() {
    assert_eq!(World::default().send("A sip:x\n\n  \\x20 a\n"), "A sip:x\r\n\r\n  a\r\n");
}

/// §2, last item.
#[test]
fn one_byte_is_an_empty_cdata() {
    let error = Cleaned::of_send(b" \n x \n").unwrap_err();
    assert_eq!(error.message, "Empty cdata in xml scenario file");
}

/// style.md §4.8: an error points at what the user wrote.
#[test]
fn error_positions_refer_to_the_raw_cdata() {
    let cdata = "\n\n   OPTIONS sip:x SIP/2.0\n     \t\n     To: [nonsense] x\n";
    let error = Template::parse_send(cdata.as_bytes(), &mut Scenario::default()).unwrap_err();
    assert_eq!(&cdata[error.at], "[nonsense]");
    let cdata = "  OPTIONS sip:x SIP/2.0\r\n\r\n    To: [local_ip\r\n  ";
    let error = Template::parse_send(cdata.as_bytes(), &mut Scenario::default()).unwrap_err();
    assert_eq!(&cdata[error.at], "[local_ip");
}
