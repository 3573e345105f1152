//! keywords.md §5.1.

use super::{World, expand};
use crate::engine::variable::Value;

#[test]
fn an_empty_value_alone_on_its_line_removes_the_line() {
    assert_eq!(expand("A: b\n[last_Foo:]\nC: d\n"), "A: b\r\nC: d\r\n");
    assert_eq!(expand("A: b\n[$never]\nC: d\n"), "A: b\r\nC: d\r\n");
    assert_eq!(expand("A: b\n[routes]\n   C: d\n"), "A: b\r\nC: d\r\n", "with the next line's indentation");
}

#[test]
fn the_rest_of_the_line_stays() {
    assert_eq!(expand("A: b\n[last_Foo:];tag=1\nC: d"), "A: b\r\n;tag=1\r\nC: d");
}

#[test]
fn a_keyword_inside_a_line_removes_nothing() {
    assert_eq!(expand("X: [last_Foo:]\nC: d"), "X: \r\nC: d");
}

#[test]
fn a_value_that_ends_in_a_newline_triggers_it() {
    let mut world = World::default();
    world.set("v", Value::Matched((*b"line\r\n").into()));
    assert_eq!(world.expand("X: [$v]\nC: d"), "X: line\r\nC: d");
}

#[test]
fn several_empty_lines_in_a_row_disappear() {
    assert_eq!(expand("A\n[last_A:]\n[last_B:]\n[last_C:]\nD"), "A\r\nD");
}

#[test]
fn keywords_in_between_do_not_clear_it() {
    assert_eq!(expand("A\n[last_Q] [service] x"), "A\r\nservice x");
    assert_eq!(expand("A\n[last_Q][service] x"), "A\r\nservicex");
    assert_eq!(expand("A\n[last_Q][service]\n[pid]"), "A\r\nservice21734");
    assert_eq!(expand("A\n[last_Q][call_number]\n\nB"), "A\r\n1\r\nB");
}

#[test]
fn in_a_body_it_removes_one_line_only() {
    assert_eq!(expand("H: x\n\nv=0\n[last_X:]\n\nm=audio"), "H: x\r\n\r\nv=0\r\n\r\nm=audio");
}

/// The bug of the eaten separator is mended.
#[test]
fn the_empty_line_before_the_body_stays() {
    assert_eq!(
        World::default().send("A sip:x\nContent-Length: [len]\n[last_X:]\n\nv=0\n"),
        "A sip:x\r\nContent-Length:     5\r\n\r\nv=0\r\n"
    );
    assert_eq!(World::default().send("A sip:x\n[last_X:]\n"), "A sip:x\r\n\r\n");
}

/// The bug of the cut literal is mended.
#[test]
fn a_nul_in_the_next_literal_does_not_cut_it() {
    assert_eq!(expand("A\n[last_X:]\nb\\x00c"), "A\r\nb\0c");
}

#[test]
fn the_start_of_the_output_is_no_line_start() {
    assert_eq!(expand("[last_Foo:]\nA"), "\r\nA");
}

#[test]
fn routes_remove_their_line_only_without_a_route_set() {
    let mut world = World { routes: b"<sip:p;lr>\r\n".to_vec(), ..World::default() };
    assert_eq!(world.expand("A\n[routes]\nB"), "A\r\nRoute: <sip:p;lr>\r\n\r\nB");
}

#[test]
fn other_keywords_leave_an_empty_line() {
    let mut world = World::default();
    world.scenario.keys.insert("empty".into(), String::new());
    world.facts.service = String::new();
    for keyword in ["next_url", "last_message", "last_Request_URI", "peer_tag_param", "service", "empty"] {
        assert_eq!(world.expand(&format!("A\n[{keyword}]\nB")), "A\r\n\r\nB", "{keyword}");
    }
}

/// A `-key` value is a literal of its own: what follows it is not stripped.
#[test]
fn a_key_value_takes_the_stripping() {
    let mut world = World::default();
    world.scenario.keys.insert("empty".into(), String::new());
    world.scenario.keys.insert("blank".into(), "  ".into());
    assert_eq!(world.expand("A\n[last_X:][empty]\nB"), "A\r\n\r\nB");
    assert_eq!(world.expand("A\n[last_X:][blank]\nB"), "A\r\n\r\nB");
    assert_eq!(world.expand("A\n[last_X:][blank]  B"), "A\r\n  B");
}

/// "Not subject to the rule: [...] `[file]` [...] all others".
#[test]
fn an_empty_file_fill_or_fact_leaves_an_empty_line() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let mut world = World::default();
    world.facts.remote_host = String::new();
    world.call_id = Vec::new();
    let file = format!("file name={}", empty.path().display());
    for keyword in [file.as_str(), "fill variable=none", "remote_host", "call_id"] {
        assert_eq!(world.expand(&format!("A\n[{keyword}]\nB")), "A\r\n\r\nB", "{keyword}");
    }
}

/// §11, last line.
#[test]
fn an_empty_header_between_two_letters_is_nothing() {
    assert_eq!(expand("x[last_Foo:]y"), "xy");
}
