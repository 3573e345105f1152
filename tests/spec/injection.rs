//! `[fieldN]` on the wire: actions.md §4.

use crate::peer::Peer;
use crate::program::rsipp;
use crate::xml;

/// What `count` calls put into X-Test, in order.
fn injected(header: &str, file: &str, options: &str, count: usize) -> Vec<String> {
    let peer = Peer::answering();
    rsipp(&format!("{} -m {count} -inf users.csv {options}", peer.addr))
        .scenario(&xml::options_with(&format!("X-Test: {header}")))
        .file("users.csv", file)
        .run()
        .exits(0);
    peer.heard().iter().map(|heard| heard.header("X-Test").to_owned()).collect()
}

/// actions.md §4.2.
#[test]
fn sequential_files_give_a_line_a_call_and_begin_again() {
    let file = "SEQUENTIAL\n# a comment has no number\nalice;1\nbob;2\ncarol;3\n";
    let values = injected("[field0]-[field1]", file, "-r 100", 5);
    assert_eq!(values, ["alice-1", "bob-2", "carol-3", "alice-1", "bob-2"]);
}

/// actions.md §4.2: the first empty line ends the file; nothing is trimmed or unquoted.
#[test]
fn an_empty_line_ends_the_file_and_fields_are_verbatim() {
    let values = injected("<[field1]|[field0]>", "SEQUENTIAL\n\"x;y\";z\n\nnever;used\n", "-r 100", 2);
    assert_eq!(values, ["<y\"|\"x>", "<y\"|\"x>"]);
}

/// actions.md §4.2: uniformly, with replacement; 60 draws of 4 lines miss one in 1 of 8 million runs.
#[test]
fn random_files_give_any_line() {
    let mut values = injected("[field0]", "RANDOM\na\nb\nc\nd\n", "-r 1000", 60);
    let in_order: Vec<_> =
        ["a", "b", "c", "d"].iter().cycle().take(60).map(|line| (*line).to_owned()).collect();
    assert_ne!(values, in_order);
    values.sort();
    values.dedup();
    assert_eq!(values, ["a", "b", "c", "d"]);
}

/// actions.md §4.4: ids N, N-1, ..., 1, line id - 1.
#[test]
fn user_files_give_each_user_its_line() {
    let file = "USERS\none\ntwo\nthree\nextra\n";
    let values = injected("[userid]=[field0]", file, "-users 3", 6);
    assert_eq!(values[..3], ["3=three", "2=two", "1=one"]);
    let mut rest = values[3..].to_vec();
    rest.sort();
    assert_eq!(rest, ["1=one", "2=two", "3=three"]);
}

/// actions.md §4.3, first example.
#[test]
fn printf_files_count() {
    let values =
        injected("[field0]", "SEQUENTIAL,PRINTF=3,PRINTFOFFSET=10,PRINTFMULTIPLE=2\n%d\n", "-r 100", 4);
    assert_eq!(values, ["10", "12", "14", "10"]);
}

/// actions.md §4.3, second example, with a width.
#[test]
fn printf_lines_are_templates_used_in_turn() {
    let values = injected("[field0]", "SEQUENTIAL,PRINTF=5\nA%03d\nB%-4d|\n", "-r 100", 6);
    assert_eq!(values, ["A000", "B1   |", "A002", "B3   |", "A004", "A000"]);
}

/// actions.md §4.4: files advance independently; the first `-inf` is the default.
#[test]
fn two_files_go_on_by_themselves() {
    let peer = Peer::answering();
    rsipp(&format!("{} -m 4 -r 100 -inf a.csv -inf sub/b.csv", peer.addr))
        .scenario(&xml::options_with("X-Test: [field0],[field0 file=\"b.csv\"]"))
        .file("a.csv", "SEQUENTIAL\n1\n2\n")
        .file("sub/b.csv", "SEQUENTIAL\nx\ny\nz\n")
        .run()
        .exits(0);
    let values: Vec<_> = peer.heard().iter().map(|heard| heard.header("X-Test").to_owned()).collect();
    assert_eq!(values, ["1,x", "2,y", "1,z", "2,x"]);
}

/// actions.md §4.5: a line of one's choice; beyond the end it is empty; a field that is missing warns and is empty.
#[test]
fn a_field_can_name_its_line() {
    let file = "SEQUENTIAL\na;b\nc\n";
    assert_eq!(injected("[field0 line=1][field0 line=\"0\"]", file, "", 1), ["ca"]);
    assert_eq!(injected("<[field0 line=9][field1 line=1]>", file, "", 1), ["<>"]);
}
