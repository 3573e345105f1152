//! actions.md §2.3: how each type of variable reads, a test per row of the table.

use super::pair::{Pair, steps};
use super::peer::Silent;
use super::text::{nop, request};

/// Actions that give `v` each type.
const TYPES: [(&str, &str); 11] = [
    ("undefined", ""),
    ("zero", "<assign assign_to='v' value='0'/>"),
    ("double", "<assign assign_to='v' value='2.5'/>"),
    ("nan", "<assign assign_to='v' value='nan'/>"),
    ("true", "<test assign_to='v' variable='none' compare='equal' value='0'/>"),
    ("false", "<test assign_to='v' variable='none' compare='equal' value='1'/>"),
    ("text", "<assignstr assign_to='v' value='seven'/>"),
    ("digits", "<assignstr assign_to='v' value='7'/>"),
    ("empty text", "<assignstr assign_to='v' value=''/>"),
    (
        "match",
        "<assignstr assign_to='s' value='7'/><ereg regexp='7' search_in='var' variable='s' assign_to='v'/>",
    ),
    ("empty match", "<ereg regexp='x*' search_in='var' variable='s' assign_to='v'/>"),
];

/// What these steps log when `v` is of each type.
fn reads(look: &[&str]) -> Vec<(&'static str, String)> {
    let logs = |make: &str| {
        let begin = [&request("OPTIONS", "")[..], &nop("", make)];
        let mention = ["<Reference variables='v,none,s'/>"];
        let used = nop("", "<log message='[$v][$none][$s]'/>");
        let mut pair = Pair::new(steps(&[&begin[..], look, &[&used], &mention].concat()), Silent);
        pair.run();
        pair.a().logs[..pair.a().logs.len() - 1].join("|")
    };
    TYPES.into_iter().map(|(name, make)| (name, logs(make))).collect()
}

/// Row `[$x]`: `%f`, and nothing for an exact zero; `true` or `false`; the text.
#[test]
fn a_keyword_shows_each_type_in_its_way() {
    let expected = [
        ("undefined", "()"),
        ("zero", "()"),
        ("double", "(2.500000)"),
        ("nan", "(nan)"),
        ("true", "(true)"),
        ("false", "(false)"),
        ("text", "(seven)"),
        ("digits", "(7)"),
        ("empty text", "()"),
        ("match", "(7)"),
        ("empty match", "()"),
    ];
    assert_eq!(
        reads(&[&nop("", "<log message='([$v])'/>")]),
        expected.map(|(name, log)| (name, log.to_owned()))
    );
}

/// Row "numeric read": only a double has a number; texts of digits are 0 too.
#[test]
fn anything_but_a_double_is_the_number_0() {
    let look =
        nop("", "<assign assign_to='n' variable='v'/><add assign_to='n' value='1'/><log message='[$n]'/>");
    for (name, log) in reads(&[&look]) {
        let expected = match name {
            "double" => "3.500000",
            "nan" => "nan",
            _ => "1.000000",
        };
        assert_eq!(log, expected, "{name}");
    }
}

/// Row "textual read": only texts and matches have a text; a double is empty to `strcmp` and `ereg`.
#[test]
fn anything_but_a_text_is_the_empty_text() {
    let look = nop(
        "",
        "<strcmp assign_to='c' variable='v' value=''/><ereg regexp='.*' search_in='var' variable='v' assign_to='t'/>\
         <log message='[$c]([$t])'/>",
    );
    for (name, log) in reads(&[&look]) {
        let expected = match name {
            "text" => "115.000000(seven)",
            "digits" | "match" => "55.000000(7)",
            _ => "()",
        };
        assert_eq!(log, expected, "{name}");
    }
}

/// Row "truth", for `condexec` and for `test=` with `next=`: a double other than 0 (NaN too), a true boolean, any text.
#[test]
fn texts_are_true_even_when_empty_and_doubles_when_not_0() {
    let said = nop("condexec='v'", "<log message='runs'/>");
    let branch = nop("next='1' test='v'", "");
    let stays = nop("", "<log message='no branch'/>");
    for (name, log) in reads(&[&said, &branch, &stays, "<label id='1'/>"]) {
        let expected = if matches!(name, "undefined" | "zero" | "false") { "no branch" } else { "runs" };
        assert_eq!(log, expected, "{name}");
    }
}

/// Row `todouble`: fails for undefined and for text that is no number, and then leaves its target; a boolean is 1 or 0; §3.9: empty
/// text is 0.
#[test]
fn todouble_takes_numbers_booleans_and_numeric_text() {
    let look = nop(
        "",
        "<assign assign_to='d' value='-1'/><todouble assign_to='d' variable='v'/><log message='([$d])'/>",
    );
    for (name, log) in reads(&[&look]) {
        let expected = match name {
            "undefined" | "text" => "(-1.000000)",
            "double" => "(2.500000)",
            "nan" => "(nan)",
            "true" => "(1.000000)",
            "digits" | "match" => "(7.000000)",
            _ => "()",
        };
        assert_eq!(log, expected, "{name}");
    }
}

/// §2.3, Surprise: two texts compare equal as numbers, whatever they are.
#[test]
fn a_test_of_two_texts_finds_them_equal() {
    let look = nop(
        "",
        "<assignstr assign_to='a' value='one'/><assignstr assign_to='b' value='three'/>\
         <test assign_to='t' variable='a' compare='equal' variable2='b'/><log message='[$t]'/>",
    );
    assert!(reads(&[&look]).iter().all(|(_, log)| log == "true"));
}
