//! actions.md §3.16-§3.18: `lookup`, `insert` and `replace` on injection files in memory.

use rsipp::engine::{RunEnd, Verdict};
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, steps};
use super::peer::Silent;
use super::text::{nop, request};

const BOOK: &str = "SEQUENTIAL\nann;1001\nbob;1002\nann;1003\n";

/// Calls that run these actions once, with a book indexed on its first field.
fn with_book(actions: &str) -> Setup {
    steps(&[&request("OPTIONS", ""), &nop("", actions), &nop("", "<log message='end'/>")])
        .file("book.csv", BOOK)
        .indexed("book.csv", 0)
}

fn lookup(key: &str) -> String {
    format!("<lookup assign_to='line' file='book.csv' key='{key}'/>")
}

const SHOW: &str = "<log message='[$line]|[field1 file=\"book.csv\" line=\"[$line]\"]'/>";

fn ran(setup: Setup) -> Pair {
    let mut pair = Pair::new(setup, Silent);
    pair.run();
    pair
}

fn fatal(setup: Setup) -> String {
    match ran(setup).a().run_end.clone() {
        Some(RunEnd::Fatal(text)) => String::from_utf8(text).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// §3.16: the line with exactly this key, the last one of several, -1 without; line 0 renders empty and is line 0 again.
#[test]
fn lookup_finds_the_last_line_with_a_key() {
    let actions = ["bob", "ann", "Bob", "carol"].map(|key| lookup(key) + SHOW).concat();
    assert_eq!(
        ran(with_book(&actions)).a().logs,
        ["1.000000|1002", "2.000000|1003", "-1.000000|", "-1.000000|", "end"]
    );

    let first = with_book("").file("other.csv", "SEQUENTIAL\nzoe;9\n").indexed("other.csv", 0);
    assert_eq!(ran(first).a().logs, ["end"]);
    let actions = "<lookup assign_to='line' file='one.csv' key='zoe'/><log message='[$line]|[field1 file=\"one.csv\" line=\"[$line]\"]'/>";
    let setup = with_book(actions).file("one.csv", "SEQUENTIAL\nzoe;9\n").indexed("one.csv", 0);
    assert_eq!(ran(setup).a().logs, ["|9", "end"]);
}

/// §3.16: `file` and `key` are templates.
#[test]
fn lookup_renders_its_file_and_key() {
    let actions = "<assignstr assign_to='who' value='bo'/><assignstr assign_to='where' value='book'/>\
        <lookup assign_to='line' file='[$where].csv' key='[$who]b'/>"
        .to_owned()
        + SHOW;
    assert_eq!(ran(with_book(&actions)).a().logs, ["1.000000|1002", "end"]);
}

/// §3.16-§3.18: unknown files and a file without an index end the run.
#[test]
fn wrong_files_end_the_run() {
    let used = "<log message='[$line]'/>";
    let no_file = format!("<lookup assign_to='line' file='no.csv' key='x'/>{used}");
    assert_eq!(fatal(with_book(&no_file)), "Invalid injection file for insert: no.csv");
    let no_index = format!("<lookup assign_to='line' file='plain.csv' key='x'/>{used}");
    let plain = with_book(&no_index).file("plain.csv", "SEQUENTIAL\nx\n");
    assert_eq!(fatal(plain), "Invalid Index File: plain.csv");
    assert_eq!(
        fatal(with_book("<insert file='no.csv' value='x'/>")),
        "Invalid injection file for insert: no.csv"
    );
    assert_eq!(
        fatal(with_book("<replace file='no.csv' line='0' value='x'/>")),
        "Invalid injection file for replace: no.csv"
    );
    let printf = || with_book("<insert file='p.csv' value='x'/>").file("p.csv", "SEQUENTIAL,PRINTF=3\nu%d\n");
    assert_eq!(fatal(printf()), "Can not insert or replace into a printf file: p.csv");
}

/// §3.17: a line is inserted at the end, takes over its key, and is seen by all calls at once.
#[test]
fn an_inserted_line_is_found_by_its_key_by_all_calls() {
    let actions = lookup("ann") + SHOW + "<insert file='book.csv' value='ann;20[call_number]'/>";
    let pair = ran(with_book(&actions).calls(3));
    assert_eq!(
        pair.a().logs,
        ["2.000000|1003", "end", "3.000000|201", "end", "4.000000|202", "end"],
        "each call sees what the one before inserted"
    );
}

/// §3.17: an inserted line takes part in the SEQUENTIAL round; only `;` means something in its text.
#[test]
fn an_inserted_line_takes_part_in_the_round() {
    let setup = steps(&[
        &request("OPTIONS", ""),
        &nop("", "<log message='[field0]/[field1]'/><insert file='two.csv' value='#n[call_number];x'/>"),
    ]);
    let pair = ran(setup.file("two.csv", "SEQUENTIAL\na;1\nb;2\n").calls(5));
    assert_eq!(pair.a().logs, ["a/1", "b/2", "#n1/x", "#n2/x", "#n3/x"]);
}

/// §3.18: a replaced line loses its old key and gets the new one; an earlier duplicate does not reappear; the number may be a
/// fraction, and no text is line 0.
#[test]
fn a_replaced_line_changes_its_key() {
    let replace = |line: &str| format!("<replace file='book.csv' line='{line}' value='dan;3000'/>");
    let found = |actions: String| {
        let all = actions + &["ann", "bob", "dan"].map(|key| lookup(key) + SHOW).concat();
        ran(with_book(&all)).a().logs.clone()
    };
    assert_eq!(found(replace("1.9")), ["2.000000|1003", "-1.000000|", "1.000000|3000", "end"]);
    assert_eq!(found(replace("2")), ["-1.000000|", "1.000000|1002", "2.000000|3000", "end"]);
    assert_eq!(found(replace("")), ["2.000000|1003", "1.000000|1002", "|3000", "end"]);
    let at_lookup = lookup("bob") + &replace("[$line]");
    assert_eq!(found(at_lookup), ["2.000000|1003", "-1.000000|", "1.000000|3000", "end"]);
}

/// §3.18 and spec/README.md rule 4: a line that is not there (a `lookup` that found nothing gives -1) fails the call, not the run.
#[test]
fn replacing_a_line_that_is_not_there_fails_the_call_but_not_the_run() {
    for (line, warning) in [
        ("[$line]", "Invalid line number (-1) for file: book.csv (3 lines)"),
        ("3", "Invalid line number (3) for file: book.csv (3 lines)"),
        ("two", "Invalid line number for replace: two"),
    ] {
        let actions = format!(
            "{}<log message='[$line]'/><replace file='book.csv' line='{line}' value='x'/><log message='no'/>",
            lookup("carol")
        );
        let pair = ran(with_book(&actions).calls(2));
        assert_eq!(pair.verdicts(), [Verdict::Failed(Failure::CallRejected); 2]);
        assert_eq!((pair.a().logs.clone(), &pair.a().run_end), (vec!["-1.000000".to_owned(); 2], &None));
        assert!(pair.warned(warning), "{:?}", pair.a().warnings);
    }
}
