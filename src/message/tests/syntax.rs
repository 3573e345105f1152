//! keywords.md §3: literals, escapes, delimiters, offsets, parameters.

use super::super::parameter::parameter;
use super::{World, expand, refusal};
use crate::engine::variable::Value;
use crate::message::Template;

/// §3, first row.
#[test]
fn two_hex_digits_make_any_byte() {
    assert_eq!(expand(r"a\x41\x62\x5bcall_id\x5d"), "aAb[call_id]");
    let mut world = World::default();
    let template = world.parse(r"\x00\x0a\xfF").unwrap();
    assert_eq!(world.try_render(&template).unwrap().0, [0, 10, 255], "no line-end conversion");
}

/// §3: the second row's bug is mended: the character is kept.
#[test]
fn one_hex_digit_makes_a_small_byte_and_what_follows_stays() {
    assert_eq!(expand(r"x\x4Zy"), "x\u{4}Zy");
    assert_eq!(expand(r"\x4[pid]"), "\u{4}21734");
}

/// §3, third and fourth row, likewise.
#[test]
fn an_escape_without_digits_is_dropped_alone() {
    assert_eq!(expand(r"x\xZZy"), "xZZy");
    assert_eq!(expand(r"x\x"), "x");
    assert_eq!(expand("x\\x\ny"), "x\r\ny");
}

/// §3, fifth row.
#[test]
fn other_backslashes_are_text() {
    assert_eq!(expand(r"a\b \\ \\x41 \"), r"a\b \\ \A \");
}

/// §3: LF, CR, `]`.
#[test]
fn a_newline_becomes_cr_lf_and_a_lone_bracket_is_text() {
    assert_eq!(expand("a\nb\r\nc]d"), "a\r\nb\r\r\nc]d");
}

/// §3.1, first item; the bug of the misplaced text is mended.
#[test]
fn an_outer_bracket_is_text() {
    assert_eq!(expand("X: [[local_ip]]:5"), "X: [127.0.0.1]:5");
    assert_eq!(expand("[a\n[pid]"), "[a\r\n21734");
    assert_eq!(expand(r#"["[" [pid]"#), r#"["[" 21734"#, "a bracket in quotes between the two is text too");
}

/// §3.1: "Only one level".
#[test]
fn a_third_bracket_belongs_to_the_name() {
    assert_eq!(refusal("a[[[call_id]]]"), "Unsupported keyword '[call_id' in xml scenario file");
}

/// §3.1: sentences observed with sipp 3.6.1.
#[test]
fn unclosed_empty_and_long_keywords_are_syntax_errors() {
    let sentence = "Syntax error or invalid [keyword] in scenario while parsing";
    assert_eq!(refusal("A\nFoo: a [call_id\nBar"), format!("{sentence} 'Foo: a [call_id'"));
    assert_eq!(refusal("Foo: a [] zz\nBar"), format!("{sentence} 'Foo: a [] zz'"));
    let name = "n".repeat(257);
    assert_eq!(refusal(&format!("[{name}]")), format!("{sentence} '[{name}]'"));
    let name = "n".repeat(256);
    assert_eq!(refusal(&format!("[{name}]")), format!("Unsupported keyword '{name}' in xml scenario file"));
}

/// §3.1: "not limited to the line".
#[test]
fn a_keyword_may_span_lines() {
    assert_eq!(refusal("[foo\nX-B: bar]"), "Unsupported keyword 'foo\nX-B: bar' in xml scenario file");
}

/// §3.1: quotes.
#[test]
fn brackets_in_quotes_are_not_seen() {
    let mut world = World::default();
    world.set("n", Value::Number(3.0));
    assert_eq!(world.expand(r#"[fill variable=n text="]["]"#), "][]");
    assert_eq!(
        refusal("[a \"]\n b]"),
        "Unsupported keyword 'a \"]\n b' in xml scenario file",
        "to the end of line"
    );
}

/// §3.2.
#[test]
fn offsets_follow_a_sign_that_a_digit_follows() {
    assert_eq!(expand("[cseq+1] [cseq-1] [cseq+1 ] [cseq+2x]"), "2 0 2 3");
    for keyword in ["cseq+ 1", "cseq+x", "cseq ", " cseq"] {
        assert_eq!(
            refusal(&format!("[{keyword}]")),
            format!("Unsupported keyword '{keyword}' in xml scenario file")
        );
    }
}

/// §3.2: "accepted on every keyword and ignored where not listed".
#[test]
fn offsets_are_ignored_by_keywords_without_one() {
    assert_eq!(expand("[call_id+3] [service-1]"), "1-21734@127.0.0.1 service");
}

/// §3.2: the bug of the cut names is mended.
#[test]
fn header_names_and_parameters_are_not_cut_at_digits() {
    let mut world = World::after("A b SIP/2.0\nX-3GPP-Foo: bar\n\n");
    assert_eq!(world.expand("[last_X-3GPP-Foo:]"), "X-3GPP-Foo: bar");
    let mut world = World::with_file(
        "SEQUENTIAL
a;b
c;d;e
",
    );
    let error = world.parse(r#"[field0 file="v-2.csv"]"#).unwrap_err();
    assert_eq!(error.message, "Invalid injection file: v-2.csv");
}

/// §3.2, last sentence.
#[test]
fn variables_and_keys_use_the_full_name_if_it_exists() {
    let mut world = World::default();
    world.set("a", Value::Text((*b"cut").into()));
    assert_eq!(world.expand("[$a-1]"), "cut");
    world.set("a-1", Value::Text((*b"full").into()));
    assert_eq!(world.expand("[$a-1]"), "full");

    world.scenario.keys.insert("k".into(), "3".into());
    assert_eq!(world.expand("[k-1] [k+7]"), "3 3");
    world.scenario.keys.insert("k+a-1".into(), "V".into());
    assert_eq!(world.expand("[k+a-1]"), "V");
}

/// §3.3: order of resolution.
#[test]
fn prefixes_win_over_keys_and_simple_names_over_prefixes() {
    let mut world = World::default();
    world.scenario.keys.insert("file1".into(), "v".into());
    world.scenario.keys.insert("pid".into(), "v".into());
    assert_eq!(world.parse("[file1]").unwrap_err().message, "No name specified for 'file' keyword!");
    assert_eq!(world.expand("[pid]"), "21734");
    let mut world = World::after("A b SIP/2.0\nTo: <sip:x>\nlast_request_uri: no\nrequest_uri: yes\n\n");
    assert_eq!(world.expand("[last_Request_URI] [last_request_uri]"), "sip:x request_uri: yes");
}

/// §3.3 item 9.
#[test]
fn key_values_are_inserted_verbatim() {
    let mut world = World::default();
    world.scenario.keys.insert("my key".into(), "a [pid] \\x41 \n z".into());
    assert_eq!(world.expand("<[my key]>"), "<a [pid] \\x41 \n z>");
}

/// §3.3 item 10, and the suggestion of style.md §4.8.
#[test]
fn an_unknown_keyword_is_refused_with_the_nearest_name() {
    let error = World::default().parse("ab [caller_id] c").unwrap_err();
    assert_eq!(error.message, "Unsupported keyword 'caller_id' in xml scenario file");
    assert_eq!(error.at, 3..14);
    assert_eq!(error.nearest.as_deref(), Some("call_id"));
    let error = World::default().parse("[zzzzzzzzz]").unwrap_err();
    assert_eq!(error.nearest, None);
}

#[test]
fn keywords_of_sipp_that_are_missing_here_are_told_apart() {
    for (keyword, name) in [
        ("rtpstream_audio_port+1", "rtpstream_audio_port"),
        ("cryptotag1audio", "cryptotag1audio"),
        ("cryptokeyparams2video-1", "cryptokeyparams2video"),
        ("ueaescm128sha1321audio", "ueaescm128sha1321audio"),
    ] {
        assert_eq!(refusal(&format!("[{keyword}]")), format!("not supported yet: [{name}]"));
    }
    assert_eq!(refusal("[tdmmap+3]"), "Unsupported keyword 'tdmmap+3' in xml scenario file");
}

/// §3.4.
#[test]
fn parameters_have_three_forms() {
    let value =
        |keyword: &str| parameter(keyword.as_bytes(), "p").map(|value| String::from_utf8(value).unwrap());
    assert_eq!(value("k p=0x414g").as_deref(), Some("A\u{4}"), "odd digit, end at a non-digit");
    assert_eq!(value("k p=0X41").as_deref(), Some("0X41"), "lower-case x only");
    assert_eq!(value(r#"k p="a b\"c\x41" q"#).as_deref(), Some("a b\"cx41"));
    assert_eq!(value("k p=ab\u{e4}c").as_deref(), Some("ab"));
    assert_eq!(value("k p=ab q=c").as_deref(), Some("ab"));
    assert_eq!(value("k zip=ab").as_deref(), Some("ab"), "plain substring search");
    assert_eq!((value("k p="), value(r#"k p="""#), value("k")), (None, None, None));
}

/// §3.4: the Surprise.
#[test]
fn unquoted_nesting_is_text_around_the_inner_keyword() {
    let mut world = World::default();
    world.set("n", Value::Text((*b"7").into()));
    assert_eq!(world.expand("[field0 line=[$n]]"), "[field0 line=7]");
}

/// `Names::variable` counts mentions (§6.5).
#[test]
fn each_use_of_a_variable_is_mentioned_once() {
    let mut scenario = World::with_file("SEQUENTIAL\na;b\n").scenario;
    let text = br#"[$a] [$b] [fill variable=a] [field0 line="[$c]"]"#;
    Template::parse(text, &mut scenario).unwrap();
    assert_eq!(scenario.mentions, ["a", "b", "a", "c"]);
}

/// §3.1: "Backslash does not escape a quote in this search"; §3.4: an odd number of `\"` ends the keyword early.
#[test]
fn an_escaped_quote_counts_in_the_search_for_the_end() {
    let mut world = World::default();
    world.set("n", Value::Number(3.0));
    assert_eq!(world.expand(r#"[fill variable=n text="\"]"]"#), r#"""""]"#);
    assert_eq!(world.expand(r#"[fill variable=n text="\"\"]"]"#), r#"""]"#, "an even number shifts nothing");
}

/// §3.1, the last Surprise.
#[test]
fn brackets_of_other_notations_are_keywords() {
    for text in [r#"{"a": ["x"]}"#, "a[0]", "[^;]+", "[1, 2]"] {
        assert!(refusal(text).starts_with("Unsupported keyword '"), "{text}");
    }
    assert_eq!(expand(r#"{"a": \x5b"x"\x5d}"#), r#"{"a": ["x"]}"#);
}

/// §3.2: a `-` without a digit belongs to the name, and so does one in a parameter.
#[test]
fn a_dash_before_a_letter_or_in_a_parameter_cuts_nothing() {
    let mut world = World::after("A b SIP/2.0\nP-Asserted-Identity: <sip:p>\nP: no\n\n");
    assert_eq!(world.expand("[last_P-Asserted-Identity:]"), "P-Asserted-Identity: <sip:p>");
    let template = world.parse("[file name=no-1.txt]").unwrap();
    let error = world.try_render(&template).unwrap_err();
    assert_eq!(error.to_string(), "Could not open 'no-1.txt': No such file or directory");
}

/// §3.3: "case-sensitive".
#[test]
fn names_are_compared_with_case() {
    for keyword in ["Call_ID", "LEN", "Field0", "FILE name=x", "Fill variable=n", "Last_To:"] {
        assert_eq!(
            refusal(&format!("[{keyword}]")),
            format!("Unsupported keyword '{keyword}' in xml scenario file")
        );
    }
    let mut world = World::after("A b SIP/2.0\nCSeq: 7 A\nCSEQ_NUMBER: header\n\n");
    assert_eq!(world.expand("[last_cseq_number] [last_CSeq_Number]"), "7 CSeq_Number: header");
}

/// §3.3: "`-key` cannot override 1–8".
#[test]
fn no_key_hides_a_field_a_variable_a_fill_or_a_header() {
    let mut world = World::with_file("SEQUENTIAL\nfrom the file\n");
    for name in ["field0", "$v", "fill variable=n", "last_To", "last_To:"] {
        world.scenario.keys.insert(name.into(), "from the key".into());
    }
    world.set("v", Value::Text((*b"from the variable").into()));
    world.set("n", Value::Number(2.0));
    assert_eq!(
        world.expand("[field0]|[$v]|[fill variable=n]|[last_To]|[last_To:]"),
        "from the file|from the variable|XX||"
    );
}
