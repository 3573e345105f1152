//! Rules of actions.md §3.1 "Regular expression dialect", and [`Ere::find`] compared with the C library.

use proptest::prelude::*;

use super::*;

/// The ranges of a search: the whole match, then as many groups as the last one that took part.
fn find(pattern: &str, text: &str) -> Option<Vec<Option<String>>> {
    let ere = Ere::compile(pattern.as_bytes()).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    let mut groups = Groups::default();
    let found = ere.find(text.as_bytes(), &mut groups);
    assert_eq!(ere.is_match(text.as_bytes()), found, "is_match of {pattern} in {text:?}");
    found.then(|| {
        let mut texts: Vec<_> =
            (0..REPORTED).map(|i| groups.get(i).map(|range| text[range].to_owned())).collect();
        while texts.last() == Some(&None) {
            texts.pop();
        }
        texts
    })
}

/// The whole match only.
fn whole(pattern: &str, text: &str) -> Option<String> {
    find(pattern, text).and_then(|texts| texts[0].clone())
}

fn reason(pattern: &str) -> String {
    Ere::compile(pattern.as_bytes()).expect_err(pattern).to_string()
}

fn texts<const N: usize>(texts: [&str; N]) -> Option<Vec<Option<String>>> {
    Some(texts.iter().map(|text| (*text != "-").then(|| (*text).to_owned())).collect())
}

/// Compares every way to search with the C library and says whether the translation took part.
#[track_caller]
fn compare(pattern: &[u8], text: &[u8]) -> bool {
    let show = || format!("{} on {}", pattern.escape_ascii(), text.escape_ascii());
    let (ere, posix) = match (Ere::compile(pattern), Posix::compile(pattern)) {
        (Ok(ere), Ok(posix)) => (ere, posix),
        (ere, posix) => {
            assert_eq!(ere.err(), posix.err(), "{}", show());
            return false;
        }
    };
    compare_compiled(&ere, &posix, text, show);
    ere.fast.is_some()
}

#[track_caller]
fn compare_compiled(ere: &Ere, posix: &Posix, text: &[u8], show: impl Fn() -> String) {
    let (mut ours, mut glibc) = (Groups::default(), Groups::default());
    let expected = posix.find(text, &mut glibc);
    assert_eq!(ere.find(text, &mut ours), expected, "{}", show());
    assert_eq!(ours, glibc, "{}", show());
    // glibc contradicts itself on `($.{1,2})` and LF: it is a match unless groups are asked for. So not `expected`.
    assert_eq!(ere.is_match(text), posix.is_match(text), "{}", show());
}

#[test]
fn the_longest_alternative_wins_not_the_first() {
    assert_eq!(whole("a|ab|abc", "abc").as_deref(), Some("abc"));
    assert_eq!(find("(a|ab)(c|bcd)?", "abcd"), texts(["abcd", "a", "bcd"]));
}

#[test]
fn the_leftmost_match_wins_over_a_longer_one() {
    assert_eq!(whole("ab|bcdef", "abcdef").as_deref(), Some("ab"));
}

#[test]
fn earlier_groups_are_as_long_as_the_longest_match_lets_them() {
    assert_eq!(find("(a*)(ab)*(b*)", "aab"), texts(["aab", "aa", "-", "b"]));
    assert_eq!(find("(a?)(a?)(a?)(a?)", "aaa"), texts(["aaa", "a", "a", "a", ""]));
}

#[test]
fn a_repeated_group_reports_its_last_iteration_and_inner_groups_are_not_reset() {
    assert_eq!(find("(ab|cd)*", "abcd"), texts(["abcd", "cd"]));
    assert_eq!(find("(a|(b))*", "ba"), texts(["ba", "a", "b"]));
}

#[test]
fn dots_and_negated_brackets_match_line_ends() {
    assert_eq!(whole("a.b", "a\nb").as_deref(), Some("a\nb"));
    assert_eq!(whole("x.*", "x1\r\ny\r\n\r\nz").as_deref(), Some("x1\r\ny\r\n\r\nz"));
    assert_eq!(whole("a[^x]+b", "a\r\nb").as_deref(), Some("a\r\nb"));
}

#[test]
fn anchors_match_only_at_the_very_ends_wherever_they_stand() {
    assert_eq!(find("^o=", "v=0\r\no=x"), None);
    assert_eq!(find("a$b", "a$b"), None);
    assert_eq!(find("a^b", "a\nb"), None);
    assert_eq!(whole("a$", "ba").as_deref(), Some("a"));
    assert_eq!(find("a$", "a\n"), None);
    assert_eq!(whole("x*$", "ab").as_deref(), Some(""));
}

#[test]
fn letters_match_in_their_case_only() {
    assert_eq!(find("invite", "INVITE"), None);
}

#[test]
fn quantifiers_may_follow_one_another_and_stay_greedy() {
    for (pattern, expected) in [
        ("a**", "aaaa"),
        ("a{1}{2}", "aa"),
        ("a*?", "aaaa"),
        ("a{2}", "aa"),
        ("a{2,}", "aaaa"),
        ("a{1,3}", "aaa"),
        ("a{,2}", "aa"),
        ("a+", "aaaa"),
        ("a?", "a"),
    ] {
        assert_eq!(whole(pattern, "aaaa").as_deref(), Some(expected), "{pattern}");
    }
}

#[test]
fn a_bad_expression_is_refused_with_the_reason_of_glibc() {
    let cases: [(&str, &[&str]); 10] = [
        ("Invalid preceding regular expression", &["*a", "(?i)", "(?:a)", "{1}", "^*", "+", "(*a)", "a|*b"]),
        (r"Unmatched \{", &["a{1", "a{"]),
        (r"Invalid content of \{\}", &["a{x}", "a{2,1}"]),
        ("Regular expression too big", &["a{32768}"]),
        (r"Unmatched ( or \(", &["(", "a(b", "(()"]),
        ("Unmatched [, [^, [:, [., or [=", &["[a", "a[b", "[]a", "[^]a", "a[b-"]),
        ("Invalid character class name", &["[[:foo:]]"]),
        ("Trailing backslash", &["a\\", "\\"]),
        ("Invalid range end", &["[z-a]"]),
        ("Invalid back reference", &[r"(a)\2", r"\1"]),
    ];
    for (expected, patterns) in cases {
        for pattern in patterns {
            assert_eq!(reason(pattern), expected, "{pattern}");
        }
    }
    assert_eq!(Ere::compile(b"a\0b").unwrap_err(), EreError::Nul);
}

#[test]
fn empty_alternatives_and_groups_match_the_empty_text() {
    assert_eq!(whole("a||b", "b").as_deref(), Some("b"));
    assert_eq!(whole("a||b", "x").as_deref(), Some(""));
    assert_eq!(whole("b|", "x").as_deref(), Some(""));
    assert_eq!(find("()", "x"), texts(["", ""]));
    assert_eq!(find("a()b", "ab"), texts(["ab", ""]));
    assert_eq!(whole("", "x").as_deref(), Some(""));
}

#[test]
fn an_unmatched_closing_parenthesis_is_a_character() {
    assert_eq!(whole("a)b", "xa)b").as_deref(), Some("a)b"));
    assert_eq!(whole(")", "x)").as_deref(), Some(")"));
}

#[test]
fn brackets_take_classes_and_backslash_is_a_member() {
    assert_eq!(whole("[[:digit:]]+", "ab123").as_deref(), Some("123"));
    assert_eq!(whole("[:space:]+", "x :ecaps y").as_deref(), Some(":ecaps"));
    assert_eq!(whole("[]x]+", "a]x]").as_deref(), Some("]x]"));
    assert_eq!(whole("[^]x]+", "]xab]").as_deref(), Some("ab"));
    assert_eq!(whole("[x-]+", "a-x-").as_deref(), Some("-x-"));
    assert_eq!(whole(r"[\.]+", r"a.\.b").as_deref(), Some(r".\."));
    assert_eq!(whole(r"[\d]+", r"1d\2").as_deref(), Some(r"d\"));
}

#[test]
fn back_references_repeat_what_the_group_matched() {
    assert_eq!(find(r"(a+)b\1", "aabaa"), texts(["aabaa", "aa"]));
    assert_eq!(find(r"(.)(.)\2\1", "xabba"), texts(["abba", "a", "b"]));
    assert_eq!(whole(r"(a)(b)(c)(d)(e)(f)(g)(h)(i)\9", "abcdefghii").as_deref(), Some("abcdefghii"));
}

#[test]
fn gnu_escapes_work_and_other_escaped_characters_are_themselves() {
    assert_eq!(whole(r"\w+", "-a_1-").as_deref(), Some("a_1"));
    assert_eq!(whole(r"\W+", "a- b").as_deref(), Some("- "));
    assert_eq!(whole(r"\s+", "a \t\r\n\x0b\x0cb").as_deref(), Some(" \t\r\n\x0b\x0c"));
    assert_eq!(whole(r"\S+", " ab ").as_deref(), Some("ab"));
    assert_eq!(whole(r"\bfoo\b", "xfoo foo").as_deref(), Some("foo"));
    assert_eq!(whole(r"\Boo", "oo foo").as_deref(), Some("oo"));
    assert_eq!(whole(r"\<b\w*\>", "ab bc").as_deref(), Some("bc"));
    assert_eq!(find(r"\`b", "a\nb"), None);
    assert_eq!(find(r"a\'", "a\nb"), None);
    assert_eq!(whole(r"\d+", "12dd").as_deref(), Some("dd"));
    assert_eq!(whole(r"a\/b", "a/b").as_deref(), Some("a/b"));
    assert_eq!(whole(r"\x41", "A x41").as_deref(), Some("x41"));
    assert_eq!(whole(r"1\.2\*", "1x2 1.2*").as_deref(), Some("1.2*"));
}

#[test]
fn a_search_without_a_match_leaves_the_groups_as_they_were() {
    for pattern in ["(b+)c", "(b+|x)c", "b+c"] {
        let ere = Ere::compile(pattern.as_bytes()).unwrap();
        let mut groups = Groups::default();
        assert!(ere.find(b"abbc", &mut groups));
        let before = groups.clone();
        assert!(!ere.find(b"abb", &mut groups));
        assert_eq!(groups, before, "{pattern}");
        assert_eq!(groups.get(0), Some(1..4));
        assert_eq!(groups.get(10), None);
    }
}

#[test]
fn ten_groups_and_more_report_the_first_nine() {
    let mut groups = Groups::default();
    let ere = Ere::compile(b"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)").unwrap();
    assert!(ere.fast.is_some());
    assert!(ere.find(b"abcdefghij", &mut groups));
    assert_eq!((groups.get(9), groups.get(10)), (Some(8..9), None));
}

#[test]
fn a_search_while_another_thread_holds_the_scratch_finds_the_same() {
    let ere = Ere::compile(b"a(.*)b").unwrap();
    let held = ere.fast.as_ref().unwrap().scratch.lock().unwrap();
    let mut groups = Groups::default();
    assert!(ere.find(b"xa12bx", &mut groups));
    assert_eq!((groups.get(0), groups.get(1)), (Some(1..5), Some(2..4)));
    drop(held);
}

/// The module doc of `translate` says which expressions these are.
#[test]
fn only_expressions_within_the_rule_are_translated() {
    let fast = [
        ".*",
        "sip:(.*)>.*",
        " *1 *INVITE",
        "<sip:([^;@]*)>",
        ".*(;tag=.*)",
        "[[:punct:]](.*)[[:punct:]]",
        "m=video [0-9]{1,5} RTP/AVP 99 34+..*",
        r".*tag=desk\.[0-9]+",
        "^a?[^b]{2,}(c+)$",
        "",
        "()",
        "[]-a]",
    ];
    let slow = [
        "a|b", "(ab)*", "(a)?", "a**", r"(a)\1", r"\bfoo", "a)", "[[.a.]]", "[[=a=]]", "a{,2}", "(^)*",
        "a{1}{2}",
    ];
    for (pattern, expected) in fast.map(|p| (p, true)).into_iter().chain(slow.map(|p| (p, false))) {
        assert_eq!(Ere::compile(pattern.as_bytes()).unwrap().fast.is_some(), expected, "{pattern}");
    }
}

/// Expressions of SIP scenarios and every odd form of the dialect list.
#[rustfmt::skip]
const PATTERNS: &[&str] = &[
    ".+", ",", ".", ".*", "<sip:([^;@]*)>", "[:space:]*<sip:([^>]*)>;tag=B2B.", "eventlist", " (.+)", "mediasec",
    "Contact: <sip:(alice|bob|charlie|carol)-office@.::2.:5062>;expires=1[0-5]", "<sip:([^;@]*);thinfo=",
    ".*(;tag=.*)", "m=video [0-9]{1,5} RTP/AVP 99 34+..*", "[[:punct:]](.*)[[:punct:]]", "SIP/2.0 100",
    ".*sip:asterisk@.*", "sip:(.*)>.*", "sip:(.*)>", r"application/vnd.etsi\.aoc\+xml", r".*tag=mobile\.[0-9]+",
    " *3 *BYE", "2..", "0", "INVITE|ACK", "^INVITE$", "^(INVITE|BYE)$", "tag=([^;]*)", "branch=z9hG4bK(.{2,5})",
    r"([0-9]{1,3}\.){3}[0-9]{1,3}", "(Via|v): *([^;\r\n]*)(;[^\r\n]*)?", "o=([^ ]*) ([0-9]+) ([0-9]+) IN IP4 ([0-9.]+)",
    "c=IN IP(4|6) ([^\r\n]+)", r"\w+@\w+", r"\s*([a-z]+)\s*", r"(\w+)=(\w+);?", r"(.)\1", r"(a*)\1b", r"\bsip\b",
    r"\<tag\>", r"\`v=0", r"x\'", r"\Ba", r"\W", r"\S+\s\S+", "a**", "a{1}{2}", "a*?", "a+?b", "a{2}{3}",
    "a||b", "b|", "()", "(|a)b", "a()b", "a)", "a^b", "a$b", "^a|b$", "(^a)", "(a$)", "^^a", "a$$", "[]x]", "[^]x]",
    "[x-]", "[-x]", r"[\.]", r"[\d]", "[a-f0-9]+", "[[:alpha:]][[:alnum:]]*", "[[:upper:]]+[[:lower:]]*",
    "[[:cntrl:]]+", "[^[:print:]]", "[[:graph:]]+", "[[:blank:]]+", "[[:xdigit:]-]+", "[[.a.]]b", "[[=a=]b]", "[[.-.]]",
    "(a|ab)(c|bcd)?", "(a*)(ab)*(b*)", "(a?)(a?)(a?)(a?)", "(a|(b))*", "a|ab|abc", "(a*)*", "(a+)+", "(a|b)*abb",
    "((a)(b)?)*", "(a{1,2}){2}", "(x)?y", "(a(b(c)?)?)?", "a?ab", "a*ab?", "(a*)(a|b)", "[ab]*a[ab]{1,2}", "a.c", "a.{3}c",
    "(.*)(.*)", "(.*),(.*),(.*)", "([^,]*),([^,]*)", "(a{0,2})(a*)", "(a*)(a{2})", "[^a]*a[^b]*b", "a{0}", "(a{0})b", "x*",
    "(x*)$", "^(.*)$", "^$", "\r\n", "[\r\n]+", r"\.", r"\*", r"\(a\)", r"\[b\]", r"\{", "}", "]", "é", "[é]+", "[^é]",
];

#[rustfmt::skip]
const TEXTS: &[&[u8]] = &[
    b"", b"a", b"b", b"x", b"y", b"ab", b"ba", b"aa", b"aab", b"abb", b"abc", b"abcd", b"aaaaa", b"abababb", b"aaabbb", b"a,b,c",
    b",,", b"a\nb", b"\r\n", b"xa\r\nxb", b"a)", b"(a)", b"[b]", b"{", b"}", b"]x]", b"-", b"\\", b".", b"*", b"a$b", b"a^b",
    b"0", b"200", b"INVITE", b"BYE", b"XINVITE", b" 1 INVITE", b"3 BYE",
    b"INVITE sip:bob@10.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-1-0\r\nTo: <sip:bob@b>;tag=x;y=1\r\n\
      Contact: <sip:carol-office@1::2]:5062>;expires=12\r\n\r\nv=0\r\no=user1 53655765 2353687637 IN IP4 127.0.0.1\r\n\
      c=IN IP4 127.0.0.1\r\nm=video 6000 RTP/AVP 99 34\r\na=x\r\n",
    b"SIP/2.0 100 Trying\r\nv: SIP/2.0/TCP h\r\n", b" <sip:asterisk@h>;tag=B2B.1", b"x;tag=mobile.123", b"application/vnd.etsi.aoc+xml",
    b"\"Display, Name\" <sip:a@b;thinfo=1>", b"name=value;other=thing", b"a_1 -b-", b"\tTab \x0b\x0c", b"caf\xc3\xa9 \xe9\xff",
    b"nul\0nul a\0b", b"\0", b"a\0", b"\x7f\x80\xff",
];

#[test]
fn every_search_of_the_table_ends_as_the_c_library_says() {
    assert!(PATTERNS.len() * TEXTS.len() > 300);
    let mut fast = 0;
    for pattern in PATTERNS {
        fast += usize::from(TEXTS.iter().all(|text| compare(pattern.as_bytes(), text)));
    }
    assert!(fast > 60, "only {fast} expressions of the table are translated");
}

/// All sequences of three of these items, with and without groups around a part, on all texts of up to five bytes of
/// `abc`: the ground that the proof in `translate` covers.
#[test]
fn all_short_sequences_of_repeated_sets_match_as_the_c_library_says() {
    let items =
        ["a", "b", "a*", "[ab]*", "a?", "b?", ".*", "[^a]+", "[bc]?", "a{1,2}", "[ab]{2}", "c*", "^", "$"];
    let shapes = ["{0}{1}{2}", "({0})({1}){2}", "(({0}){1})({2})"];
    let texts = all_texts(b"abc", 5);
    let mut compared_fast = 0;
    for number in 0..items.len().pow(3) {
        let [x, y, z] = [1, items.len(), items.len().pow(2)].map(|place| items[number / place % items.len()]);
        let shape = shapes[number % shapes.len()];
        let pattern = shape.replace("{0}", x).replace("{1}", y).replace("{2}", z);
        let ere = Ere::compile(pattern.as_bytes()).unwrap();
        let posix = Posix::compile(pattern.as_bytes()).unwrap();
        for text in &texts {
            compare_compiled(&ere, &posix, text, || format!("{pattern} on {}", text.escape_ascii()));
            compared_fast += usize::from(ere.fast.is_some());
        }
    }
    assert!(compared_fast > 600_000, "{compared_fast} searches with a translation");
}

fn all_texts(alphabet: &[u8], longest: usize) -> Vec<Vec<u8>> {
    let mut texts = vec![Vec::new()];
    let mut longer = texts.clone();
    for _ in 0..longest {
        let extend = |text: &Vec<u8>| {
            alphabet.iter().map(|byte| [text.as_slice(), &[*byte]].concat()).collect::<Vec<_>>()
        };
        longer = longer.iter().flat_map(extend).collect();
        texts.extend_from_slice(&longer);
    }
    texts
}

#[test]
fn every_byte_is_in_the_same_sets_as_in_the_c_library() {
    let classes = [
        "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
        "xdigit",
    ];
    let mut patterns: Vec<Vec<u8>> = classes
        .iter()
        .flat_map(|class| [format!("[[:{class}:]]"), format!("[^[:{class}:]]"), format!("[x[:{class}:]-]")])
        .map(String::into_bytes)
        .collect();
    for pattern in [
        ".",
        r"\w",
        r"\W",
        r"\s",
        r"\S",
        "[a-z]",
        "[^a-z0-9]",
        "[ -~]",
        "[+--]",
        "[a-c-e]",
        "[--/]",
        r"[\-z]",
    ] {
        patterns.push(pattern.into());
    }
    for byte in 1..=u8::MAX {
        patterns.extend([
            vec![byte],
            vec![b'\\', byte],
            vec![b'[', byte, b']'],
            vec![b'[', b'^', byte, b']'],
        ]);
        patterns.extend([vec![b'[', b'!', b'-', byte, b']'], vec![b'[', byte, b'-', 0xff, b']']]);
    }
    for pattern in patterns {
        let (Ok(ere), Ok(posix)) = (Ere::compile(&pattern), Posix::compile(&pattern)) else {
            compare(&pattern, b"");
            continue;
        };
        for byte in 0..=u8::MAX {
            compare_compiled(&ere, &posix, &[byte], || format!("{} on {byte:#x}", pattern.escape_ascii()));
        }
    }
}

/// Small expressions of the kind people write, most of them valid.
fn pattern() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        6 => "[abc]",
        3 => Just(".".to_owned()),
        3 => r"\[\^?[ab]{1,2}\]",
        1 => "[\\^$]",
        1 => r"\\[wWsSb<>.1]",
        1 => "[])x,;-]",
    ];
    let quantifier =
        prop_oneof![6 => Just(""), 2 => Just("*"), 1 => Just("+"), 1 => Just("?"), 1 => Just("{1,2}")];
    let item = (atom, quantifier).prop_map(|(atom, quantifier)| format!("{atom}{quantifier}"));
    let sequence = prop::collection::vec(item, 0..4).prop_map(|items| items.concat());
    sequence.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            3 => inner.clone().prop_map(|inner| format!("({inner})")),
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}{b}")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}|{b}")),
            1 => inner.prop_map(|inner| format!("({inner})*")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_expressions_match_random_texts_as_the_c_library_says(
        pattern in pattern(),
        texts in prop::collection::vec(prop_oneof![4 => "[abc]{0,8}", 1 => "[abcx,; \r\n\\x00-]{0,12}"], 1..6),
    ) {
        for text in texts {
            compare(pattern.as_bytes(), text.as_bytes());
        }
    }

    #[test]
    fn no_bytes_make_compiling_or_searching_panic(
        pattern in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"[](){}*+?|^$.\\:-,a1"[..])], 0..12),
        text in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        compare(&pattern, &text);
    }
}
