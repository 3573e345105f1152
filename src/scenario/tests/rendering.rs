//! Diagnostics as users see them (style.md §4.8).

use super::*;

/// All diagnostics of a file, rendered without colour.
fn rendered(source: &[u8]) -> String {
    let diagnostics = match load_file(source, &mut Scopes::default()) {
        Ok(loaded) => loaded.warnings,
        Err(failure) => failure.diagnostics,
    };
    let texts: Vec<_> = diagnostics.iter().map(|one| one.render(source, "busy.xml", false)).collect();
    texts.join("\n")
}

#[test]
fn an_unknown_label_shows_the_jump_and_the_nearest_label() {
    let source =
        b"<scenario>\n  <label id=\"busy\"/>\n  <recv response=\"486\" next=\"bsy\"/>\n</scenario>\n";
    insta::assert_snapshot!(rendered(source), @r#"
    error[unknown-label]: The label 'bsy' was not defined (index 0, next attribute)
     --> busy.xml:3:30
      |
    2 |   <label id="busy"/>
      |              ---- nearest label
    3 |   <recv response="486" next="bsy"/>
      |                              ^^^ jumps to it
    "#);
}

#[test]
fn a_bad_number_shows_its_value_and_a_way_out() {
    let source = b"<scenario>\n  <recv response=\"200\" timeout=\"500ms\"/>\n</scenario>\n";
    insta::assert_snapshot!(rendered(source), @r#"
    error[bad-value]: message timeout 'timeout' parameter, "500ms" is not a valid integer!
     --> busy.xml:2:33
      |
    2 |   <recv response="200" timeout="500ms"/>
      |                                 ^^^^^ is not a valid integer
      |
      = help: times are in milliseconds, without a unit
    "#);
}

#[test]
fn a_typing_error_in_an_attribute_is_a_warning_with_the_nearest_name() {
    let source = b"<scenario>\n  <recv response=\"200\" nxet=\"1\"/>\n</scenario>\n";
    insta::assert_snapshot!(rendered(source), @r#"
    warning[unknown-attribute]: attribute 'nxet' of <recv> is unknown: ignored
     --> busy.xml:2:24
      |
    2 |   <recv response="200" nxet="1"/>
      |                        ^^^^ no such attribute
      |
      = help: did you mean next?
    "#);
}

#[test]
fn an_optional_recv_before_a_send_shows_both() {
    let source = b"<scenario>\n  <recv request=\"A\" optional=\"true\"/>\n  <pause/>\n</scenario>\n";
    insta::assert_snapshot!(rendered(source), @r#"
    error[optional-before-step]: <recv> before <send> sequence without a mandatory message. Please remove one 'optional=true' (element 2).
     --> busy.xml:3:4
      |
    2 |   <recv request="A" optional="true"/>
      |    ---- may not arrive
    3 |   <pause/>
      |    ^^^^^ a mandatory <recv> must come before this <pause>
    "#);
}

#[test]
fn a_wrong_end_tag_shows_what_was_expected() {
    let source = b"<scenario>\n  <send><![CDATA[BYE sip:a SIP/2.0]]></snd>\n</scenario>\n";
    insta::assert_snapshot!(rendered(source), @r#"
    error[xml]: Unable to load or parse 't.xml' xml scenario file
     --> busy.xml:2:38
      |
    2 |   <send><![CDATA[BYE sip:a SIP/2.0]]></snd>
      |                                      ^^^^^^ Unexpected </snd> (expected </send>)
    "#);
}

#[test]
fn a_feature_that_is_missing_is_named() {
    let source = b"<scenario>\n  <recvCmd>\n  </recvCmd>\n</scenario>\n";
    insta::assert_snapshot!(rendered(source), @r#"
    error[not-built-yet]: not supported yet: <recvCmd>
     --> busy.xml:2:4
      |
    2 |   <recvCmd>
      |    ^^^^^^^
    "#);
}

#[test]
fn several_errors_come_in_file_order_whatever_found_them() {
    let source = b"<scenario>\n <nop next=\"1\"/>\n <recv request=\"A\" condexec=\"v\"/>\n <nop hide=\"x\"/>\n</scenario>\n";
    insta::assert_snapshot!(rendered(source), @r#"
    error[unknown-label]: The label '1' was not defined (index 0, next attribute)
     --> busy.xml:2:13
      |
    2 |  <nop next="1"/>
      |             ^ jumps to it
    error[variable-used-once]: Variable $v is referenced 1 times!
     --> busy.xml:3:30
      |
    3 |  <recv request="A" condexec="v"/>
      |                              ^ its only mention
      |
      = help: write or read it a second time, or list it in <Reference variables="…"/>
    error[bad-value]: hide 'hide' parameter, "x" is not a valid boolean!
     --> busy.xml:4:13
      |
    4 |  <nop hide="x"/>
      |             ^ is not a valid boolean
    "#);
}

/// scenario.md §2: bytes from 0x80 on are not text, and CR LF is a line end.
#[test]
fn what_is_not_utf8_and_carriage_returns_do_not_move_the_column() {
    let source = b"<scenario>\r\n <recv request=\"\xe9\" next=\"9\"/>\r\n</scenario>\r\n";
    insta::assert_snapshot!(rendered(source), @r#"
    error[unknown-label]: The label '9' was not defined (index 0, next attribute)
     --> busy.xml:2:26
      |
    2 |  <recv request="?" next="9"/>
      |                          ^ jumps to it
    "#);
}

/// style.md §4.8: colour only when the caller asks.
#[test]
fn colour_is_added_on_request() {
    let source = b"<scenario/>";
    let failure = load_file(source, &mut Scopes::default()).unwrap_err();
    assert!(failure.diagnostics[0].render(source, "t.xml", true).contains('\x1b'));
    assert!(!failure.diagnostics[0].render(source, "t.xml", false).contains('\x1b'));
}
