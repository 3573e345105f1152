//! keywords.md §5.2 and §5.3.

use super::{World, expand};
use crate::engine::variable::Value;
use crate::message::RenderError;

#[test]
fn len_takes_five_columns() {
    let body = "x".repeat(129);
    let text = format!("L: [len]|[len+3]\n\n{body}");
    assert_eq!(expand(&text), format!("L:   129|  132\r\n\r\n{body}"));
}

#[test]
fn every_len_is_filled_and_one_in_the_body_counts_itself() {
    assert_eq!(expand("a[len]b[len]\n\n[len]cd"), "a    7b    7\r\n\r\n    7cd");
}

/// A mended bug: only the number is written.
#[test]
fn without_body_it_is_a_plain_zero_and_what_follows_stays() {
    assert_eq!(
        expand("L: [len]\nX-A: hello\nX-B: world\n\n"),
        "L:     0\r\nX-A: hello\r\nX-B: world\r\n\r\n"
    );
    assert_eq!(expand("len=[len]|"), "len=    0|");
    assert_eq!(expand("L: [len+3]\n\n"), "L:     0\r\n\r\n", "the offset is ignored");
}

/// A mended bug: a negative result prints as such.
#[test]
fn negative_and_wide_results_do_not_overwrite_anything() {
    assert_eq!(expand("L: [len-9]|\n\nabc"), "L:    -6|\r\n\r\nabc");
    assert_eq!(expand("L: [len+100000]|\n\nabc"), "L: 100003|\r\n\r\nabc");
    assert_eq!(expand("L: [len-2147483647]|\n\nabc"), "L: -2147483644|\r\n\r\nabc");
}

#[test]
fn nul_bytes_count() {
    assert_eq!(expand("L: [len]\n\na\\x00b"), "L:     3\r\n\r\na\0b");
}

#[test]
fn a_message_may_have_65536_bytes_and_no_more() {
    let mut world = World::default();
    world.set("v", Value::Text(vec![b'x'; 65_535].into()));
    assert_eq!(world.expand("A[$v]").len(), 65_536);
    let template = world.parse("AB[$v]").unwrap();
    assert_eq!(world.try_render(&template), Err(RenderError::TooLong));
    world.set("n", Value::Number(1e300));
    let template = world.parse("[fill variable=n]").unwrap();
    assert_eq!(world.try_render(&template), Err(RenderError::TooLong), "before any memory is taken");
}

/// §5.1 before §5.2: what the line removal takes away is not counted.
#[test]
fn the_length_is_that_of_the_body_as_sent() {
    assert_eq!(
        World::default().send("A sip:x\nL: [len]\n\nab\n[last_X:]\n[$never]\ncd\n"),
        "A sip:x\r\nL:     8\r\n\r\nab\r\ncd\r\n"
    );
}

/// §5.2: "number of bytes".
#[test]
fn bytes_are_counted_and_not_characters() {
    assert_eq!(expand("L: [len]\n\n\u{e4}\u{20ac}"), "L:     5\r\n\r\n\u{e4}\u{20ac}");
}
