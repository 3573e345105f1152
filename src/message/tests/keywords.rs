//! keywords.md §6.3-§6.6, §6.9, §6.10, §7.3, §7.4.

use super::{World, expand, refusal};
use crate::clock::{Tick, WallClock};
use crate::engine::circuits::CircuitName;
use crate::engine::variable::Value;
use crate::message::{DynamicIds, Facts, RenderError};
use crate::scenario::plan::VarIx;

/// §6.3.
#[test]
fn identities() {
    assert_eq!(expand("[call_number]|[call_id]|[pid]|[users]|[userid]"), "1|1-21734@127.0.0.1|21734|-1|0");
    assert_eq!(expand("[service]|[sipp_version]|[msg_index]"), "service|0.1.0|0");
}

/// §6.3, `[msg_index]`.
#[test]
fn outside_a_send_the_message_index_is_that_of_the_scene() {
    let mut world = World { own_index: None, ..World::default() };
    assert_eq!(world.expand("[msg_index]"), "-1");
}

/// §6.3, `[dynamic_id]`.
#[test]
fn dynamic_ids_advance_with_each_use() {
    let mut world = World::default();
    let template = world.parse("[dynamic_id] [dynamic_id]").unwrap();
    assert_eq!(world.render(&template), "10000 10004");
    assert_eq!(world.render(&template), "10008 10012");
    world.dynamic = DynamicIds::new(7, 12, 3);
    assert_eq!(world.render(&template) + &world.render(&template), "7 107 10");
}

/// §6.3, `[tdmmap]`: in this form, and without an offset.
#[test]
fn a_circuit_is_three_numbers_of_its_map_and_the_fixed_one() {
    let mut world = World { circuit: Some(CircuitName([2, 99, -7, 30])), ..World::default() };
    assert_eq!(world.expand("<[tdmmap]>"), "<2.99.-7/30>");
    world.circuit = None;
    let template = world.parse("[tdmmap]").unwrap();
    let error = world.try_render(&template).unwrap_err();
    let text = "[tdmmap] keyword without -tdmmap parameter on command line";
    assert_eq!(error, RenderError::Fatal(text.to_owned()));
}

/// §7.4.
#[test]
fn a_branch_has_the_index_of_its_send() {
    let mut world = World { own_index: Some(4), call_number: 7, ..World::default() };
    let branches = world.expand("[branch] [branch-4] [branch-5] [branch+2]");
    assert_eq!(branches, "z9hG4bK-21734-7-4 z9hG4bK-21734-7-0 z9hG4bK-21734-7--1 z9hG4bK-21734-7-6");
}

/// §7.4, last paragraph.
#[test]
fn outside_a_send_the_branch_has_the_index_of_the_scene() {
    let mut world = World { own_index: None, branch_index: 3, ..World::default() };
    assert_eq!(
        world.expand("[branch]|[branch+1]|[branch-9]"),
        "z9hG4bK-21734-1-3|z9hG4bK-21734-1-4|z9hG4bK-21734-1--6"
    );
}

/// §7.3.
#[test]
fn cseq_wraps_at_32_bits() {
    let mut world = World { cseq: 0, ..World::default() };
    assert_eq!(world.expand("[cseq] [cseq-1]"), "0 4294967295");
}

/// §6.4.
#[test]
fn times() {
    let wall = WallClock { epoch_micros_at_zero: 1_795_305_504_245_117, utc_offset_seconds: 3600 };
    let mut world = World { wall, now: Tick::from_micros(12_345), ..World::default() };
    assert_eq!(world.expand("[timestamp]"), "2026-11-22\t00:58:24.257462\t1795305504.257462");
    assert_eq!(world.expand("[date]"), "Sat, 21 Nov 2026 23:58:24 GMT");
    assert_eq!(world.expand("[clock_tick]"), "12");
}

/// §6.4 with `-rfc3339`, in a parameter of another keyword too.
#[test]
fn a_timestamp_has_the_form_that_was_asked_for() {
    for (utc_offset_seconds, wanted) in [
        (0, "2026-11-21T23:58:24.245117Z"),
        (3600, "2026-11-22T00:58:24.245117+01:00"),
        (-(3 * 3600 + 1800), "2026-11-21T20:28:24.245117-03:30"),
        (-1800, "2026-11-21T23:28:24.245117-00:30"),
    ] {
        let wall = WallClock { epoch_micros_at_zero: 1_795_305_504_245_117, utc_offset_seconds };
        let facts = Facts { rfc3339: true, ..World::default().facts };
        let mut world = World { wall, facts, ..World::default() };
        assert_eq!(world.expand("[timestamp]"), wanted);
    }
}

/// §6.4 at the edges of the calendar and of the clock.
#[test]
fn any_clock_can_be_printed() {
    let wall = WallClock { epoch_micros_at_zero: 951_782_400_000_000, utc_offset_seconds: 0 };
    let mut world = World { wall, ..World::default() };
    assert_eq!(world.expand("[date]"), "Tue, 29 Feb 2000 00:00:00 GMT");
    world.wall = WallClock { epoch_micros_at_zero: i64::MAX, utc_offset_seconds: i32::MAX };
    assert_eq!(world.expand("[timestamp]"), "");
}

/// §6.5 and actions.md §2.3.
#[test]
fn variables_print_by_type() {
    for (value, text) in [
        (Value::Unset, ""),
        (Value::Matched((*b"a\r\nb").into()), "a\r\nb"),
        (Value::Text((*b"").into()), ""),
        (Value::Text((*b"s[pid]").into()), "s[pid]"),
        (Value::Bool(true), "true"),
        (Value::Bool(false), "false"),
        (Value::Number(0.0), ""),
        (Value::Number(-0.0), ""),
        (Value::Number(1.0), "1.000000"),
        (Value::Number(-1.2345678), "-1.234568"),
        (Value::Number(1e20), "100000000000000000000.000000"),
        (Value::Number(1e-9), "0.000000"),
        (Value::Number(0.0000005), "0.000000"),
        (Value::Number(0.5000005), "0.500000"),
        (Value::Number(0.5000015), "0.500001"),
        (Value::Number(f64::INFINITY), "inf"),
        (Value::Number(f64::NEG_INFINITY), "-inf"),
        (Value::Number(f64::NAN.copysign(1.0)), "nan"),
        (Value::Number(f64::NAN.copysign(-1.0)), "-nan"),
    ] {
        let mut world = World::default();
        world.set("v", value.clone());
        assert_eq!(world.expand("<[$v]>"), format!("<{text}>"), "{value:?}");
    }
}

/// §6.5, load-time checks.
#[test]
fn variable_names_are_checked() {
    assert_eq!(refusal("[$]"), "Transaction names may not be empty for Variable keyword");
    assert_eq!(refusal("[$a,b]"), "Transaction names may not contain '$' or ',' for Variable keyword");
}

/// §6.6.
#[test]
fn fill_repeats_its_text_to_the_length() {
    for (value, filled) in [
        (Value::Number(4.0), "xyzx"),
        (Value::Number(4.9), "xyzx"),
        (Value::Number(0.0), ""),
        (Value::Number(-3.0), ""),
        (Value::Number(f64::NAN), ""),
        (Value::Text((*b"4").into()), ""),
        (Value::Unset, ""),
    ] {
        let mut world = World::default();
        world.set("n", value.clone());
        assert_eq!(world.expand(r#"[fill variable=n text="xyz"]"#), filled, "{value:?}");
    }
    let mut world = World::default();
    world.set("n", Value::Number(3.0));
    assert_eq!(world.expand("[fill variable=n]"), "XXX");
    assert_eq!(world.expand(r#"[fill text="\\x41" variable=n]"#), "\\x4", "the text is literal");
    assert_eq!(refusal("[fill]"), "Transaction names may not be empty for Fill Variable");
}

/// §6.9.
#[test]
fn fields_need_a_known_file() {
    assert_eq!(refusal("[field0]"), "No injection file was specified!");
    let mut world = World::with_file(
        "SEQUENTIAL
a;b
c;d;e
",
    );
    assert_eq!(world.parse("[fields file=w.csv]").unwrap_err().message, "Invalid injection file: w.csv");
}

/// §6.9.
#[test]
fn a_field_comes_from_the_line_that_the_call_drew() {
    let mut world = World::with_file("SEQUENTIAL\na;[pid]\\x41\nc;d;e\n");
    assert_eq!(world.expand("[field0] [field] [fieldx file=u.csv] [field1]"), "a a a [pid]\\x41", "raw");
}

/// §6.9, §3.4.
#[test]
fn line_chooses_another_line() {
    let mut world = World::with_file("SEQUENTIAL\na;b\nc;d;e\n");
    world.set("n", Value::Number(1.9));
    world.set("zero", Value::Number(0.0));
    assert_eq!(world.expand(r#"[field1 line=1] [field2 file="u.csv" line="[$n]"]"#), "d e");
    assert_eq!(world.expand(r#"<[field0 line="[$zero]"]>"#), "<a>", "empty is line 0");
}

/// §6.9: a line out of range is empty without a word, and the line removal applies.
#[test]
fn a_field_without_line_is_empty_and_removes_its_line() {
    let mut world = World::with_file("SEQUENTIAL\na;b\n");
    assert_eq!(world.expand("A\n[field0 line=7]\n[field1 file=u.csv line=-1]\nB"), "A\r\nB");
    world.lines = Default::default();
    assert_eq!(world.expand("A\n[field0]\nB"), "A\r\nB");
}

/// §6.9.
#[test]
fn a_missing_field_warns_and_is_empty() {
    let mut world = World::with_file("SEQUENTIAL\na;b\n");
    let template = world.parse("A\n[field9]\nB").unwrap();
    let (text, warnings) = world.try_render(&template).unwrap();
    assert_eq!(text, b"A\r\nB");
    assert_eq!(warnings, ["Field 9 not found in the file dir/u.csv"]);
}

/// §6.9: `line=` must be a whole number; empty is 0.
#[test]
fn a_line_that_is_no_number_fails_the_call() {
    let mut world = World::with_file("SEQUENTIAL\na;b\n");
    for (good, text) in [("", "a"), ("0", "a"), ("0.000000", "a"), (" 0", "a"), ("-1", "")] {
        world.set("n", Value::Text(good.as_bytes().into()));
        assert_eq!(world.expand(r#"<[field0 line="[$n]"]>"#), format!("<{text}>"));
    }
    world.set("n", Value::Text((*b"1x").into()));
    let template = world.parse(r#"[field0 line="[$n]"]"#).unwrap();
    let error = world.try_render(&template).unwrap_err();
    assert_eq!(error.to_string(), "Invalid line number generated: '1x'");
}

/// §6.10, read at every rendering.
#[test]
fn a_file_is_inserted_unchanged() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, b"\nl1\n[pid]\\x41\r\n").unwrap();
    let name = file.path().to_str().unwrap();
    assert_eq!(expand(&format!("A\n[file name={name}]\nB")), "A\r\n\nl1\n[pid]\\x41\r\n\r\nB");
    let escaped = name.replace('/', "\\\\x2f");
    assert_eq!(expand(&format!("L: [len]\n\n[file name=\"{escaped}\"]")).lines().next(), Some("L:    15"));
}

/// §6.10.
#[test]
fn a_file_that_is_not_there_ends_the_run_unless_a_call_made_up_its_name() {
    assert_eq!(refusal("[file]"), "No name specified for 'file' keyword!");
    let mut world = World::with_file("SEQUENTIAL\nnope\n");
    let sentence = "Could not open 'nope.txt': No such file or directory".to_owned();
    let template = world.parse("[file name=nope.txt]").unwrap();
    assert_eq!(world.try_render(&template), Err(RenderError::Fatal(sentence.clone())));
    let template = world.parse("[file name=\"[field0].txt\"]").unwrap();
    assert_eq!(world.try_render(&template), Err(RenderError::CallFails(sentence)));
}

/// keywords.md §6.5, §6.6, §6.9: wherever a text reads a variable, the compiler can number it anew.
#[test]
fn every_variable_of_a_text_can_be_renumbered() {
    let mut world = World::with_file("SEQUENTIAL\nx");
    let mut template = world.parse("[$a] [fill variable=b] [field0 line=\"[$c]\"] [call_id]").unwrap();
    let mut seen = Vec::new();
    template.map_variables(&mut |var| {
        seen.push(*var);
        *var = VarIx::Global(7);
    });
    assert_eq!(seen, [VarIx::Call(0), VarIx::Call(1), VarIx::Call(2)]);
    let mut again = Vec::new();
    template.map_variables(&mut |var| again.push(*var));
    assert_eq!(again, [VarIx::Global(7); 3]);
}

/// §6.3: "`-s` value verbatim".
#[test]
fn the_service_is_verbatim() {
    let mut world = World::default();
    world.facts.service = "[pid]\\x41 b".into();
    assert_eq!(world.expand("<[service]>"), "<[pid]\\x41 b>");
}

/// §3.3 item 3, §6.9: what follows `field` and is no number is 0.
#[test]
fn a_field_without_a_number_is_the_first() {
    let mut world = World::with_file("SEQUENTIAL\na;b;c\n");
    assert_eq!(world.expand("[field][fields][fieldx1][field2]"), "aaac");
}

/// §6.9: "The field text is inserted raw: no newline processing".
#[test]
fn a_field_keeps_its_bytes_and_a_variable_too() {
    let mut world = World::with_file("SEQUENTIAL\n \t[call_id]\\n;b\n");
    world.set("v", Value::Matched((*b"[pid]\n\\x41").into()));
    assert_eq!(world.expand("<[field0]|[$v]>"), "< \t[call_id]\\n|[pid]\n\\x41>");
}

/// §6.10: "a replacement must end the string after the file".
#[test]
fn nothing_follows_a_file_at_the_end_of_a_text() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, b"end").unwrap();
    let mut world = World::default();
    let template = world.parse(&format!("[file name={}]", file.path().display())).unwrap();
    assert_eq!(world.render(&template), "end");
    std::io::Write::write_all(&mut file, b"less").unwrap();
    assert_eq!(world.render(&template), "endless", "read again at the next rendering");
}
