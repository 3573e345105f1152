//! One test a row of scenario.md §2 ("Replacement" column), §2.1 and §2.2.

use super::*;

fn document(source: &[u8]) -> Document {
    read(source).unwrap_or_else(|error| panic!("{error:?}"))
}

/// The attribute `a` of the root.
fn attribute(tag: &str) -> String {
    let document = document(tag.as_bytes());
    assert_eq!(document.oddities, [], "{tag}");
    value(&document.root, "a")
}

fn value(element: &Element, name: &str) -> String {
    element.attribute(name).map(|attribute| attribute.value.to_str().into_owned()).unwrap_or_default()
}

/// What is odd about a file that can be read.
fn oddities(source: &str) -> Vec<String> {
    document(source.as_bytes()).oddities.into_iter().map(|oddity| oddity.text).collect()
}

fn refused(source: &[u8]) -> String {
    read(source).map(|document| panic!("{document:?}")).unwrap_or_else(|error| error.what)
}

/// scenario.md §2, first row.
#[test]
fn the_declaration_is_optional_and_may_come_late() {
    for start in [
        "",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>",
        "\n\n <?xml version=\"1.0\"?>\n",
        "\u{feff}<?xml?>",
    ] {
        assert_eq!(document(format!("{start}<s/>").as_bytes()).root.name, "s");
    }
}

/// scenario.md §2, "Encoding declaration".
#[test]
fn bytes_pass_unchanged_whatever_is_declared() {
    let source = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><s a=\"\xc3\xa9\xe9\"><![CDATA[\xc3\xa9\xff\x80]]></s>";
    let root = document(source).root;
    assert_eq!(root.attribute("a").unwrap().value.bytes(), b"\xc3\xa9\xe9");
    assert_eq!(root.cdata[0].bytes(), b"\xc3\xa9\xff\x80");
}

/// scenario.md §2, "CR bytes".
#[test]
fn cr_lf_is_lf() {
    let root = document(b"<s a=\"x\r\ny\"><![CDATA[1\r\n2\r3]]></s>").root;
    assert_eq!(value(&root, "a"), "x\ny");
    assert_eq!(root.cdata[0].bytes(), b"1\n2\r3");
}

/// scenario.md §2, "DOCTYPE".
#[test]
fn a_doctype_is_skipped_with_its_internal_subset() {
    let source = "<!DOCTYPE s SYSTEM \"sipp.dtd\" [\n<!ENTITY e \"v>\">\n<!-- ]> -->\n<!ELEMENT s (#PCDATA)>\n]>\n<s a=\"&e;\"/>";
    assert_eq!(attribute(source), "&e;");
    assert_eq!(document(b"<!DOCTYPE s [<!-- \xe9 --> ]><s/>").root.name, "s");
}

/// scenario.md §2, "other PIs".
#[test]
fn instructions_are_ignored_wherever_they_stand() {
    let root = document(b"<?xml-model href=\"x\"?><s><?p > ?><b/><?q?></s>").root;
    assert_eq!(root.children.len(), 1);
}

/// scenario.md §2, "Comments".
#[test]
fn a_comment_runs_to_its_first_end() {
    let root = document(b"<s><!-- -- <b/> - > --><c/><!----></s><!-- x -->").root;
    assert_eq!(root.children.len(), 1);
    assert_eq!(root.children[0].name, "c");
}

/// scenario.md §2, "Well-formedness".
#[test]
fn an_unterminated_comment_runs_to_the_end_of_the_file() {
    let sentence = "this comment has no end: the rest of the file is ignored";
    assert_eq!(oddities("<s></s><!-- x >"), [sentence]);
    assert_eq!(oddities("<s><b/><!-- x ></s>"), [sentence, "Missing </s> at the end of the file"]);
}

/// scenario.md §2, "Well-formedness".
#[test]
fn the_last_end_tag_may_be_missing() {
    assert_eq!(oddities("<s><b></b>\n"), ["Missing </s> at the end of the file"]);
    assert_eq!(refused(b"<s><b>"), "the file ends inside this element (expected </b>)");
}

/// scenario.md §2, "Well-formedness".
#[test]
fn a_wrong_end_tag_is_refused() {
    let error = read(b"<s>\n<a></b></s>").unwrap_err();
    assert_eq!(error.what, "Unexpected </b> (expected </a>)");
    assert_eq!(error.place, 7..11);
    assert_eq!(refused(b"</s>"), "Unexpected </s>");
}

/// scenario.md §2, "Well-formedness".
#[test]
fn what_follows_the_root_is_ignored_with_a_warning() {
    let sentence = "everything from here on is ignored: the scenario has ended";
    assert_eq!(oddities("<s/><t>"), [sentence]);
    assert_eq!(oddities("<s/> junk < & \""), [sentence]);
    assert_eq!(oddities("<s/>\n<!-- x -->\n<?p?> \n"), Vec::<String>::new());
}

/// scenario.md §2, "Empty file".
#[test]
fn a_file_without_an_element_is_refused() {
    assert_eq!(refused(b""), "there is no element in it");
    assert_eq!(refused(b"<?xml version=\"1.0\"?>\n"), "there is no element in it");
}

/// scenario.md §2, "Attribute quoting".
#[test]
fn either_quote_holds_the_other() {
    assert_eq!(attribute("<s a='x\"y'/>"), "x\"y");
    assert_eq!(attribute("<s a=\"x'y\"/>"), "x'y");
    assert_eq!(attribute("<s a\n=\t'x' />"), "x");
}

/// scenario.md §2, "Attribute without value / unquoted".
#[test]
fn an_attribute_without_value_is_ignored_and_one_without_quotes_refused() {
    let document = document(b"<s crlf a=\"1\" hide/>");
    assert_eq!(value(&document.root, "a"), "1");
    assert_eq!(document.root.attributes.len(), 1);
    assert_eq!(document.oddities[0].text, "attribute crlf has no value: ignored");
    assert_eq!(document.oddities[1].text, "attribute hide has no value: ignored");
    assert_eq!(refused(b"<s a=1/>"), "the value of this attribute is not in quotes");
}

/// scenario.md §2, "`\"` inside a `"` attribute": read like the old reader where that closes the tag.
#[test]
fn a_backslash_protects_a_quote() {
    assert_eq!(attribute(r#"<s a="x\"y" b="\\"/>"#), "x\"y");
    assert_eq!(attribute(r#"<s a="&lt;(\"[^\"]*\")&gt;"/>"#), "<(\"[^\"]*\")>");
}

/// scenario.md §2, same row: a pair of backslashes does not protect.
#[test]
fn a_pair_of_backslashes_ends_before_the_quote() {
    assert_eq!(attribute(r#"<s a="x\\"/>"#), r"x\");
}

/// scenario.md §2, same row: read like the new reader when the tag can not be closed otherwise.
#[test]
fn a_lone_backslash_may_end_a_value() {
    assert_eq!(attribute(r#"<s a="C:\" b="1"/>"#), r"C:\");
    assert_eq!(attribute(r#"<s a="C:\"/>"#), r"C:\");
    assert_eq!(attribute("<s a=\"C:\\\"><b c=\"\"/></s>"), r"C:\");
}

/// scenario.md §2, "Raw `<`, `>`, `&`".
#[test]
fn markup_characters_may_stand_in_a_value() {
    assert_eq!(attribute("<s a=\"<sip:([^;@]*)>\"/>"), "<sip:([^;@]*)>");
    assert_eq!(attribute("<s a=\"x/>y\"></s>"), "x/>y");
    assert_eq!(attribute("<s a=\"a && b &amp\"/>"), "a && b &amp");
    assert_eq!(attribute("<s a=\"<!-- x -->\"/>"), "<!-- x -->");
}

/// scenario.md §2, "No blank between attributes".
#[test]
fn attributes_need_no_blank_between_them() {
    let document = document(b"<s a=\"1\"b=\"2\"c='3'/>");
    assert_eq!(value(&document.root, "b"), "2");
    assert_eq!(value(&document.root, "c"), "3");
    assert_eq!(document.oddities, []);
}

/// scenario.md §2, "Other text between attributes".
#[test]
fn text_between_attributes_is_ignored_with_a_warning() {
    let document = document(b"<s><v a=\"1\",\"N\"/><h a=\"Contact\": b=\"2\"/></s>");
    let children = &document.root.children;
    assert_eq!((value(&children[0], "a"), value(&children[1], "b")), ("1".to_owned(), "2".to_owned()));
    let texts: Vec<_> = document.oddities.iter().map(|oddity| oddity.text.as_str()).collect();
    assert_eq!(texts, ["text between attributes: ignored", "text between attributes: ignored"]);
}

/// scenario.md §2, same row: stray text does not hide the end of an empty tag.
#[test]
fn stray_text_before_the_end_of_an_empty_tag_leaves_it_empty() {
    assert_eq!(document(b"<s><a x=\"1\",/><b/></s>").root.children.len(), 2);
}

/// style.md §4.8: a forgotten quote is reported where it is.
#[test]
fn a_forgotten_quote_does_not_swallow_the_file() {
    let error = read(b"<s>\n <a x=\"1/>\n <b y=\"2\"/>\n</s>").unwrap_err();
    assert_eq!(error.place, 10..11);
    assert_eq!(error.what, "this quote is closed only by that of a later value");
    assert_eq!(refused(b"<s a=\"1\" \"x\n\"/>"), "this quote opens no value");
    assert_eq!(refused(b"<s a=\"1>"), "this quote is not closed");
    assert_eq!(refused(b"<s a=\"1\" <b/>"), "this tag has no end");
}

/// scenario.md §2, "Duplicate attribute".
#[test]
fn the_first_of_two_attributes_counts() {
    let document = document(b"<s a=\"1\" a=\"2\"/>");
    assert_eq!(value(&document.root, "a"), "1");
    assert_eq!(document.oddities[0].text, "attribute a stands here twice: the first one counts");
}

/// scenario.md §2, "Attribute lookup".
#[test]
fn an_attribute_is_found_by_its_exact_name_only() {
    let root = document(b"<s x=\" a='1' \" A=\"2\"/>").root;
    assert!(root.attribute("a").is_none());
}

/// scenario.md §2, last row.
#[test]
fn names_keep_case_and_prefix() {
    assert_eq!(document(b"<x:S-1.b></x:S-1.b>").root.name, "x:S-1.b");
}

/// scenario.md §2.1.
#[test]
fn entities_are_decoded_once() {
    assert_eq!(attribute("<s a=\"&amp; &lt; &gt; &quot; &apos; &#65; &#x42;\"/>"), "& < > \" ' A B");
    assert_eq!(attribute("<s a=\"&amp;lt;\"/>"), "&lt;");
    assert_eq!(attribute("<s a=\"&#233;&#x20AC;\"/>"), "é€");
}

/// scenario.md §2.1.
#[test]
fn what_is_no_entity_stays() {
    assert_eq!(
        attribute("<s a=\"&foo; & &; &l; &#; &#x110000; &#0;\"/>"),
        "&foo; & &; &l; &#; &#x110000; &#0;"
    );
}

/// scenario.md §2.1.
#[test]
fn backslash_escapes_come_after_entities() {
    assert_eq!(attribute(r#"<s a="\q \\ \t\n\r\"/>"#), "\\q \\ \t\n\r\\");
    assert_eq!(attribute(r#"<s a="\&quot;x"/>"#), "\"x");
    assert_eq!(attribute(r#"<s a="\x20"/>"#), r"\x20");
}

/// scenario.md §2.2.
#[test]
fn cdata_is_not_decoded() {
    let root = document(b"<s>text<![CDATA[&lt;\\n]]>more<![CDATA[2]]></s>").root;
    assert_eq!(root.cdata.iter().map(Text::bytes).collect::<Vec<_>>(), [b"&lt;\\n".as_slice(), b"2"]);
    assert_eq!(refused(b"<s><![CDATA[x]]</s>"), "this CDATA section has no end (]]>)");
}

/// style.md §4.8: places survive decoding.
#[test]
fn every_byte_of_a_value_knows_its_place() {
    let source = b"<s a=\"&lt;x\\ty\r\nz\"/>";
    let root = document(source).root;
    let value = &root.attribute("a").unwrap().value;
    assert_eq!(value.bytes(), b"<x\ty\nz");
    let places: Vec<_> = (0..=value.bytes().len()).map(|at| value.place(at)).collect();
    assert_eq!(places, [6, 10, 11, 13, 15, 16, 17]);
    assert_eq!(&source[value.places(3..4)], b"y");
    assert_eq!(root.attribute("a").unwrap().value_span, 6..17);
    assert_eq!(root.attribute("a").unwrap().name_span, 3..4);
}

/// scenario.md §16.
#[test]
fn nesting_has_a_limit() {
    assert_eq!(refused("<a>".repeat(300).as_bytes()), "elements are nested too deeply (more than 256)");
    let deep = format!("{}{}", "<a>".repeat(256), "</a>".repeat(256));
    assert_eq!(document(deep.as_bytes()).root.name, "a");
}

/// scenario.md §2: a stray `<` in text.
#[test]
fn a_lone_angle_bracket_is_refused() {
    assert_eq!(refused(b"<s> a < b </s>"), "this < opens no tag");
}
