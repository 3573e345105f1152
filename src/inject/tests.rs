//! Rules of actions.md §4.1 to §4.5 and §3.16, in that order.

use std::io::Write as _;

use rand::SeedableRng as _;
use rand::rngs::SmallRng;

use super::*;

fn spec(path: &str) -> FileSpec {
    FileSpec { path: path.into(), option: FileOption::Inf }
}

fn index(file: &str, field: &str) -> IndexSpec {
    IndexSpec { file: file.to_owned(), field: field.to_owned() }
}

/// The file `f.csv` with these contents.
fn one(text: &str) -> Files {
    Files::from_bytes(&[(spec("dir/f.csv"), text.as_bytes())], &[]).unwrap()
}

fn load_error(text: &str) -> String {
    Files::from_bytes(&[(spec("dir/f.csv"), text.as_bytes())], &[]).unwrap_err().to_string()
}

fn rng() -> SmallRng {
    SmallRng::seed_from_u64(5061)
}

/// A field of the default file; `None` where there is none.
fn field(files: &Files, line: u32, field: u32) -> Option<String> {
    let mut out = Vec::new();
    let found = files.field(files.default_file().unwrap(), LineIx(line), field, &mut out).unwrap();
    assert!(found == Field::Written || out.is_empty());
    (found == Field::Written).then(|| String::from_utf8(out).unwrap())
}

/// All fields of all lines of the default file.
fn contents(files: &Files) -> Vec<Vec<String>> {
    let fields = |line| (0..).map_while(|number| field(files, line, number)).collect();
    (0..files.file(files.default_file().unwrap()).lines()).map(fields).collect()
}

fn drawn(files: &mut Files, calls: usize) -> Vec<Option<u32>> {
    let default = files.default_file().unwrap();
    let mut rng = rng();
    (0..calls).map(|_| files.draw(None, &mut rng).unwrap().get(default).map(LineIx::number)).collect()
}

// §4.1

#[test]
fn a_file_is_known_by_what_follows_the_last_slash_or_else_backslash() {
    for (path, name) in [
        ("users.csv", "users.csv"),
        ("/a/b.d/users.csv", "users.csv"),
        (r"c:\a\users.csv", "users.csv"),
        (r"a/b\users.csv", r"b\users.csv"),
    ] {
        let files = Files::from_bytes(&[(spec(path), b"USER\na")], &[]).unwrap();
        assert_eq!(files.by_name(name.as_bytes()), files.default_file(), "{path}");
        assert_eq!(files.by_name(b"other.csv"), None);
        assert_eq!(files.path(files.default_file().unwrap()), Path::new(path));
    }
}

#[test]
fn the_first_inf_file_is_the_default() {
    let text = b"SEQUENTIAL\na".as_slice();
    let files = Files::from_bytes(&[(spec("one"), text), (spec("two"), text)], &[]).unwrap();
    assert_eq!(files.default_file(), files.by_name(b"one"));
    assert_ne!(files.by_name(b"one"), files.by_name(b"two"));
    assert_eq!(Files::empty().default_file(), None);
}

#[test]
fn an_rxinf_file_is_the_default_of_the_rx_scenario_only() {
    let text = b"SEQUENTIAL\na".as_slice();
    let rx = FileSpec { path: "rx".into(), option: FileOption::RxInf };
    let files = Files::from_bytes(&[(rx.clone(), text)], &[]).unwrap();
    assert_eq!(files.default_file(), None);
    let files = Files::from_bytes(&[(rx, text), (spec("inf"), text)], &[]).unwrap();
    assert_eq!(files.default_file(), files.by_name(b"inf"));
    assert_eq!(files.rx_default_file(), files.by_name(b"rx"));
}

#[test]
fn a_later_file_of_the_same_base_name_replaces_the_earlier() {
    let files =
        [(spec("a/f"), b"USER\nold".as_slice()), (spec("g"), b"USER\ng"), (spec("b/f"), b"USER\nnew")];
    let files = Files::from_bytes(&files, &[]).unwrap();
    assert_eq!(contents(&files), [["new"]]);
    assert_eq!(files.path(files.by_name(b"f").unwrap()), Path::new("b/f"));
}

#[test]
fn files_are_read_from_disk_and_an_unreadable_one_is_an_error() {
    let mut on_disk = tempfile::NamedTempFile::new().unwrap();
    on_disk.write_all(b"SEQUENTIAL\na;b\n").unwrap();
    let readable = FileSpec { path: on_disk.path().into(), option: FileOption::Inf };
    assert_eq!(contents(&Files::load(std::slice::from_ref(&readable), &[]).unwrap()), [["a", "b"]]);
    let missing = on_disk.path().with_extension("missing");
    let unreadable = FileSpec { path: missing.clone(), option: FileOption::Inf };
    let error = Files::load(&[readable, unreadable], &[]).unwrap_err();
    assert_eq!(error.to_string(), format!("Unable to open file {}", missing.display()));
}

#[test]
fn an_index_needs_the_base_name_of_a_loaded_file_and_a_number() {
    let with = |file, field| {
        Files::from_bytes(&[(spec("dir/f.csv"), b"USER\na;b")], &[index(file, field)])
            .map_err(|error| error.to_string())
    };
    assert_eq!(with("dir/f.csv", "1").unwrap_err(), "Could not find file for -infindex: dir/f.csv");
    assert_eq!(with("g.csv", "x").unwrap_err(), "Could not find file for -infindex: g.csv");
    for wrong in ["1x", "1 ", "abc", " "] {
        let expected = format!("Invalid field specification for -infindex: {wrong}");
        assert_eq!(with("f.csv", wrong).unwrap_err(), expected);
    }
    for (right, key) in [("1", "b"), ("0x1", "b"), (" 1", "b"), ("", "a")] {
        let files = with("f.csv", right).unwrap();
        let found = files.lookup(files.default_file().unwrap(), key.as_bytes()).unwrap();
        assert_eq!(found, Some(LineIx(0)), "{right:?}");
    }
}

#[test]
fn a_second_index_of_a_file_replaces_the_first() {
    let indexes = [index("f", "0"), index("f", "1")];
    let files = Files::from_bytes(&[(spec("f"), b"USER\na;b")], &indexes).unwrap();
    let file = files.default_file().unwrap();
    assert_eq!(files.lookup(file, b"a").unwrap(), None);
    assert_eq!(files.lookup(file, b"b").unwrap(), Some(LineIx(0)));
}

#[test]
fn lines_lacking_the_index_field_are_under_the_empty_key_with_a_warning() {
    let files = Files::from_bytes(&[(spec("d/f"), b"USER\na;b\nx\ny\n")], &[index("f", "1")]).unwrap();
    assert_eq!(files.lookup(files.default_file().unwrap(), b"").unwrap(), Some(LineIx(2)));
    let expected = InjectWarning::KeyMissing { field: 1, path: "d/f".into(), lines: 2 };
    assert_eq!(files.warnings(), [expected]);
    assert!(files.warnings()[0].to_string().starts_with("Field 1 not found in the file d/f"));

    let files = Files::from_bytes(&[(spec("f"), b"USER\na;b\nx")], &[index("f", "-1")]).unwrap();
    assert_eq!(files.lookup(files.default_file().unwrap(), b"").unwrap(), Some(LineIx(1)));
}

// §4.2

#[test]
fn the_mode_word_is_found_anywhere_and_random_beats_sequential_beats_user() {
    for (line, choice) in [
        ("RANDOM", mode::Choice::Random),
        ("SEQUENTIAL", mode::Choice::Sequential),
        ("USER", mode::Choice::User),
        ("USERS", mode::Choice::User),
        ("USER SEQUENTIAL RANDOM", mode::Choice::Random),
        ("USER,SEQUENTIAL", mode::Choice::Sequential),
        ("# xSEQUENTIALx", mode::Choice::Sequential),
        ("\u{feff}RANDOM", mode::Choice::Random),
    ] {
        let parsed = mode::parse(line.as_bytes(), || unreachable!()).unwrap();
        assert_eq!(parsed, mode::Mode { choice, printf: None }, "{line}");
    }
}

#[test]
fn a_first_line_without_a_mode_word_is_an_error() {
    for first in ["", "# comment", "sequential", "a;b"] {
        let expected = format!(
            "Unknown file type (valid values are RANDOM, SEQUENTIAL, and USER) for dir/f.csv:{first}"
        );
        assert_eq!(load_error(&format!("{first}\nSEQUENTIAL\na")), expected);
        assert_eq!(load_error(&format!("{first}\r\nSEQUENTIAL\na")), expected);
    }
    assert!(load_error("").starts_with("Unknown file type"));
}

#[test]
fn a_line_that_starts_with_a_hash_is_a_comment_without_a_number() {
    let files = one("SEQUENTIAL\n#c;d\na\n#\nb#c;#d\n #e\n");
    assert_eq!(contents(&files), [vec!["a"], vec!["b#c", "#d"], vec![" #e"]]);
    assert_eq!(contents(&one("SEQUENTIAL\na\n#at the very end")), [["a"]]);
}

#[test]
fn the_first_empty_line_ends_the_file_with_a_warning() {
    let files = one("SEQUENTIAL\na\nb\n\nc\n");
    assert_eq!(contents(&files), [["a"], ["b"]]);
    let expected = InjectWarning::EndsAtEmptyLine { line: 4, path: "dir/f.csv".into() };
    assert_eq!(files.warnings(), [expected]);
    assert_eq!(one("SEQUENTIAL\na\n\n\n").warnings(), []);
    assert_eq!(load_error("SEQUENTIAL\n\na\n"), "Input file has zero lines: dir/f.csv");
}

#[test]
fn an_empty_line_of_a_crlf_file_is_a_data_line_with_one_empty_field() {
    let files = one("SEQUENTIAL\r\na;b\r\n\r\nc\r\n");
    assert_eq!(contents(&files), [vec!["a", "b"], vec![""], vec!["c"]]);
    assert_eq!(files.warnings(), []);
}

#[test]
fn lines_of_blanks_are_data() {
    assert_eq!(contents(&one("SEQUENTIAL\n \n\t;\n")), [vec![" "], vec!["\t", ""]]);
}

#[test]
fn one_carriage_return_is_stripped_at_the_end_of_a_line() {
    let files = one("SEQUENTIAL,PRINTF=2,PRINTFOFFSET=3\r\n%d;x\r\r\n\ra;b\r");
    assert_eq!(contents(&files), [["3", "x\r"], ["\ra", "b"]]);
}

#[test]
fn the_last_line_needs_no_line_end() {
    assert_eq!(contents(&one("SEQUENTIAL\na\nb")), [["a"], ["b"]]);
}

#[test]
fn a_file_without_data_lines_is_an_error() {
    for text in ["SEQUENTIAL", "SEQUENTIAL\n", "USER\r\n", "RANDOM\n#a\n#b\n", "SEQUENTIAL,PRINTF=3\n"] {
        assert_eq!(load_error(text), "Input file has zero lines: dir/f.csv");
    }
}

#[test]
fn only_semicolons_separate_fields_and_nothing_quotes_escapes_or_trims() {
    let files = one("SEQUENTIAL\n\"x;y\";z\na\\;b\n a ; b \na,b\tc\n\"open;x\n;;c\na;\n;\n");
    let expected: [&[&str]; 8] = [
        &["\"x", "y\"", "z"],
        &["a\\", "b"],
        &[" a ", " b "],
        &["a,b\tc"],
        &["\"open", "x"],
        &["", "", "c"],
        &["a", ""],
        &["", ""],
    ];
    assert_eq!(contents(&files), expected);
}

#[test]
fn text_is_verbatim_whatever_its_bytes() {
    let text = b"USER\n\xef\xbb\xbf[call_id]\0\xff;%d".as_slice();
    let files = Files::from_bytes(&[(spec("f"), text)], &[]).unwrap();
    let mut out = b"kept ".to_vec();
    let file = files.default_file().unwrap();
    assert_eq!(files.field(file, LineIx(0), 0, &mut out).unwrap(), Field::Written);
    assert_eq!(files.field(file, LineIx(0), 1, &mut out).unwrap(), Field::Written);
    assert_eq!(out, b"kept \xef\xbb\xbf[call_id]\0\xff%d");
}

// §4.3

#[test]
fn a_printf_file_numbers_its_virtual_lines_and_uses_its_templates_in_turn() {
    let mut files = one("SEQUENTIAL,PRINTF=3,PRINTFOFFSET=10,PRINTFMULTIPLE=2\n%d\n");
    assert_eq!(contents(&files), [["10"], ["12"], ["14"]]);
    assert_eq!(drawn(&mut files, 4), [Some(0), Some(1), Some(2), Some(0)]);
    let files = one("SEQUENTIAL,PRINTF=5\nA%d;x\nB%03d|%d\n");
    let expected: [&[&str]; 5] = [&["A0", "x"], &["B001|1"], &["A2", "x"], &["B003|3"], &["A4", "x"]];
    assert_eq!(contents(&files), expected);
}

#[test]
fn printf_numbers_are_read_like_strtoul_and_wrap_like_an_int() {
    for (keys, last) in [
        ("PRINTF=0x3", "2"),
        ("PRINTF=010", "7"),
        ("PRINTF=3,PRINTFOFFSET=-5", "-3"),
        ("PRINTF= 3, PRINTFMULTIPLE=+3, PRINTFOFFSET= 1", "7"),
        ("PRINTF=3,PRINTFMULTIPLE=-1", "-2"),
        ("PRINTF=3,PRINTFMULTIPLE=0", "0"),
        ("PRINTF=3,PRINTFOFFSET=", "2"),
        ("PRINTF=2,PRINTFOFFSET=4294967295", "0"),
        ("PRINTF=3,PRINTFMULTIPLE=2147483647", "-2"),
        ("PRINTF=3,PRINTFOFFSET=2,PRINTFOFFSET=9x", "4"),
    ] {
        let files = one(&format!("SEQUENTIAL,{keys}\n%d"));
        assert_eq!(contents(&files).pop().unwrap(), [last], "{keys}");
        let files = one(&format!("{keys},USER\r\n%d\r\n"));
        assert_eq!(contents(&files).pop().unwrap(), [last], "{keys} first");
    }
}

#[test]
fn a_wrong_printf_specification_is_an_error_that_shows_the_mode_line() {
    let requires = "Invalid file printf specification (requires =) for";
    let zero = "A printf file must have at least one virtual line";
    for (line, expected) in [
        ("USER,PRINTFOFFSET=1,PRINTF=2", requires.to_owned()),
        ("USER,PRINTFMULTIPLE=1", requires.to_owned()),
        ("USER,PRINTF", requires.to_owned()),
        ("USER,PRINTF=5x", "Invalid file printf specification for (invalid end character 'x')".to_owned()),
        ("USER,PRINTF=5 ", "Invalid file printf specification for (invalid end character ' ')".to_owned()),
        ("USER,PRINTF=08", "Invalid file printf specification for (invalid end character '8')".to_owned()),
        ("USER,PRINTF=0", zero.to_owned()),
        ("USER,PRINTF=", zero.to_owned()),
        ("USER,PRINTF=-5", zero.to_owned()),
        (
            "USER,PRINTF=5,PRINTFOFFSET=3 ",
            "Invalid PRINTFOFFSET specification for (invalid end character ' ')".to_owned(),
        ),
        (
            "USER,PRINTF=5,PRINTFMULTIPLE=z",
            "Invalid PRINTFOFFSET specification for (invalid end character 'z')".to_owned(),
        ),
        ("USER,PRINTF=5,PRINTFOFFSET", "Invalid file PRINTFOFFSET specification (requires =) for".to_owned()),
        ("USER,PRINTF=5,PRINTFMULTIPLE", "Invalid PRINTFMULTIPLE specification (requires =) for".to_owned()),
    ] {
        assert_eq!(load_error(&format!("{line}\n%d\n")), format!("{expected} dir/f.csv:{line}"));
    }
}

#[test]
fn a_wrong_conversion_is_noticed_only_when_the_field_is_used() {
    let files = one("SEQUENTIAL,PRINTF=2\n%d;%x\n");
    assert_eq!(field(&files, 1, 0).as_deref(), Some("1"));
    let error = files.field(files.default_file().unwrap(), LineIx(1), 1, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "Invalid printf injection field (only decimal values allowed 'x'): %x");
}

#[test]
fn an_index_on_a_printf_file_holds_the_generated_texts() {
    let text = b"SEQUENTIAL,PRINTF=20\nuser%03d\n".as_slice();
    let files = Files::from_bytes(&[(spec("f"), text)], &[index("f", "0")]).unwrap();
    let file = files.default_file().unwrap();
    assert_eq!(files.lookup(file, b"user017").unwrap(), Some(LineIx(17)));
    assert_eq!(files.lookup(file, b"user%03d").unwrap(), None);
}

// §4.4

#[test]
fn a_sequential_file_gives_the_next_line_to_each_call_and_wraps() {
    assert_eq!(drawn(&mut one("SEQUENTIAL\na\nb\n"), 5), [Some(0), Some(1), Some(0), Some(1), Some(0)]);
}

#[test]
fn files_advance_independently() {
    let specs = [(spec("two"), b"SEQUENTIAL\na\nb".as_slice()), (spec("three"), b"SEQUENTIAL\na\nb\nc")];
    let mut files = Files::from_bytes(&specs, &[]).unwrap();
    let [two, three] = [b"two".as_slice(), b"three"].map(|name| files.by_name(name).unwrap());
    let pairs: Vec<_> = (0..4)
        .map(|_| files.draw(None, &mut rng()).unwrap())
        .map(|lines| (lines.get(two).unwrap().number() + 1, lines.get(three).unwrap().number() + 1))
        .collect();
    assert_eq!(pairs, [(1, 1), (2, 2), (1, 3), (2, 1)]);
}

#[test]
fn a_random_file_gives_every_line_again_and_again_evenly() {
    let mut counts = [0; 4];
    for line in drawn(&mut one("RANDOM\na\nb\nc\nd\n"), 4000) {
        counts[line.unwrap() as usize] += 1;
    }
    assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
}

#[test]
fn a_user_file_gives_each_user_its_own_line_and_nothing_to_calls_without_a_user() {
    let mut files = one("USER\na\nb\nc\n");
    let file = files.default_file().unwrap();
    for user in [3, 2, 1, 3] {
        let lines = files.draw(Some(user), &mut rng()).unwrap();
        assert_eq!(lines.get(file).map(LineIx::number), Some(user - 1));
    }
    assert_eq!(files.draw(None, &mut rng()).unwrap().get(file), None);
    assert_eq!(files.draw(Some(0), &mut rng()).unwrap().get(file), None);
    let error = files.draw(Some(4), &mut rng()).unwrap_err();
    assert_eq!(error.to_string(), "dir/f.csv has only 3 lines, yet user 4 was requested.");
}

#[test]
fn a_user_changes_nothing_for_sequential_and_random_files() {
    let mut files = one("SEQUENTIAL\na\nb\n");
    let file = files.default_file().unwrap();
    let lines = files.draw(Some(7), &mut rng()).unwrap();
    assert_eq!(lines.get(file), Some(LineIx(0)));
    assert!(one("RANDOM\na\n").draw(Some(7), &mut rng()).is_ok());
}

#[test]
fn an_automatic_call_has_no_lines() {
    let files = one("SEQUENTIAL\na\n");
    assert_eq!(Lines::default().get(files.default_file().unwrap()), None);
}

// §4.5

#[test]
fn a_line_number_is_truncated_toward_zero_and_has_no_line_out_of_range() {
    let files = one("SEQUENTIAL\na\nb\nc\n");
    let line = |number| files.line_at(files.default_file().unwrap(), number).map(LineIx::number);
    for (number, expected) in [
        (0.0, Some(0)),
        (1.0, Some(1)),
        (1.9, Some(1)),
        (2.999, Some(2)),
        (-0.9, Some(0)),
        (3.0, None),
        (-1.0, None),
        (4_294_967_296.0, None),
        (f64::NAN, None),
        (f64::INFINITY, None),
        (f64::NEG_INFINITY, None),
    ] {
        assert_eq!(line(number), expected, "{number}");
    }
}

#[test]
fn a_field_that_the_line_lacks_and_a_line_that_the_file_lacks_are_told_apart() {
    let files = one("SEQUENTIAL\na;b\nc\n");
    let file = files.default_file().unwrap();
    let find = |line, field| files.field(file, LineIx(line), field, &mut Vec::new()).unwrap();
    assert_eq!(find(0, 1), Field::Written);
    assert_eq!(find(0, 2), Field::NoSuchField);
    assert_eq!(find(1, 1), Field::NoSuchField);
    assert_eq!(find(1, u32::MAX), Field::NoSuchField);
    assert_eq!(find(2, 0), Field::NoSuchLine);
    let files = one("SEQUENTIAL,PRINTF=2\n%d\n");
    assert_eq!(files.field(file, LineIx(2), 0, &mut Vec::new()).unwrap(), Field::NoSuchLine);
    let warning = InjectWarning::NoSuchField { field: 2, path: "u.csv".into() };
    assert_eq!(warning.to_string(), "Field 2 not found in the file u.csv");
}

// §3.16

#[test]
fn a_lookup_compares_whole_keys_and_the_last_line_of_a_key_wins() {
    let text = b"SEQUENTIAL\nalice;1\nbob;2\nalice;3\n".as_slice();
    let files = Files::from_bytes(&[(spec("f"), text)], &[index("f", "0")]).unwrap();
    let file = files.for_action(b"f").unwrap();
    assert_eq!(files.lookup(file, b"alice").unwrap(), Some(LineIx(2)));
    assert_eq!(files.lookup(file, b"bob").unwrap(), Some(LineIx(1)));
    for other in ["Bob", "bo", "bob ", ""] {
        assert_eq!(files.lookup(file, other.as_bytes()).unwrap(), None, "{other:?}");
    }
}

#[test]
fn a_lookup_needs_a_loaded_and_indexed_file() {
    let files = one("SEQUENTIAL\na\n");
    let error = files.for_action(b"dir/f.csv").unwrap_err();
    assert_eq!(error.to_string(), "Invalid injection file for insert: dir/f.csv");
    let error = files.lookup(files.for_action(b"f.csv").unwrap(), b"a").unwrap_err();
    assert_eq!(error.to_string(), "Invalid Index File: f.csv");
}

// §3.17

#[test]
fn an_inserted_line_is_the_last_one_and_takes_part_in_the_choice() {
    let mut files = one("SEQUENTIAL\na;b\n");
    let file = files.default_file().unwrap();
    // As in sipp: the first call goes round before the new line is there.
    assert_eq!(drawn(&mut files, 1), [Some(0)]);
    files.insert(file, b"n1;m").unwrap();
    files.insert(file, b"n2").unwrap();
    assert_eq!(contents(&files), [vec!["a", "b"], vec!["n1", "m"], vec!["n2"]]);
    assert_eq!(drawn(&mut files, 4), [Some(0), Some(1), Some(2), Some(0)]);
}

#[test]
fn an_inserted_text_is_split_at_semicolons_only() {
    let mut files = one("USER\nx\n");
    for text in ["#c;d", "", "a\r\nb;\r\n", ";"] {
        files.insert(files.default_file().unwrap(), text.as_bytes()).unwrap();
    }
    let expected: [&[&str]; 5] = [&["x"], &["#c", "d"], &[""], &["a\r\nb", "\r\n"], &["", ""]];
    assert_eq!(contents(&files), expected);
}

#[test]
fn an_inserted_line_takes_over_its_key() {
    let mut files = Files::from_bytes(&[(spec("f"), b"USER\n1;bob\n2;eve")], &[index("f", "1")]).unwrap();
    let file = files.default_file().unwrap();
    files.insert(file, b"3;bob").unwrap();
    files.insert(file, b"4;ann").unwrap();
    let line = |key: &[u8]| files.lookup(file, key).unwrap().map(LineIx::number);
    assert_eq!((line(b"bob"), line(b"eve"), line(b"ann")), (Some(2), Some(1), Some(3)));
}

#[test]
fn an_inserted_line_without_the_index_field_is_under_the_empty_key() {
    let mut files = Files::from_bytes(&[(spec("f"), b"USER\n1;bob")], &[index("f", "1")]).unwrap();
    let file = files.default_file().unwrap();
    files.insert(file, b"3").unwrap();
    assert_eq!(files.lookup(file, b"").unwrap(), Some(LineIx(1)));
}

#[test]
fn a_printf_file_takes_no_lines() {
    let mut files = one("USER,PRINTF=3\n%d\n");
    let sentence = "Can not insert or replace into a printf file: dir/f.csv";
    let error = files.insert(files.default_file().unwrap(), b"x").unwrap_err();
    assert_eq!(error.to_string(), sentence);
    assert_eq!(files.replace(b"f.csv", b"-1", b"x").unwrap_err().to_string(), sentence);
}

// §3.18

#[test]
fn a_line_is_replaced_by_its_number_truncated_and_no_text_is_line_0() {
    for (number, at) in [("1", 1), ("1.9", 1), ("2.000000", 2), ("0x1", 1), ("", 0), ("-0.5", 0)] {
        let mut files = one("USER\na;1\nb;2\nc;3\n");
        files.replace(b"f.csv", number.as_bytes(), b"x;y;z").unwrap();
        let lines = contents(&files);
        assert_eq!(lines[at], ["x", "y", "z"], "{number}");
        assert_eq!(lines.iter().filter(|line| line.len() == 2).count(), 2, "{number}");
    }
}

#[test]
fn the_key_of_a_replaced_line_leaves_the_index_and_an_earlier_duplicate_stays_hidden() {
    let text = b"USER\nbob;1\nbob;2\neve;3".as_slice();
    let mut files = Files::from_bytes(&[(spec("f"), text)], &[index("f", "0")]).unwrap();
    let file = files.default_file().unwrap();
    let line = |files: &Files, key: &[u8]| files.lookup(file, key).unwrap().map(LineIx::number);
    // The index points at the other bob: nothing leaves.
    files.replace(b"f", b"0", b"ann;1").unwrap();
    assert_eq!((line(&files, b"bob"), line(&files, b"ann")), (Some(1), Some(0)));
    files.replace(b"f", b"1", b"eve;2").unwrap();
    assert_eq!((line(&files, b"bob"), line(&files, b"eve")), (None, Some(1)));
    files.replace(b"f", b"1", b"eve;9").unwrap();
    assert_eq!(line(&files, b"eve"), Some(1));
}

#[test]
fn replacing_what_is_not_there_is_an_error() {
    let mut files = one("USER\na\nb\n");
    let mut error = |file: &str, line: &str| {
        files.replace(file.as_bytes(), line.as_bytes(), b"x").unwrap_err().to_string()
    };
    assert_eq!(error("dir/f.csv", "0"), "Invalid injection file for replace: dir/f.csv");
    for text in ["x", "1 ", "1x", "nan"] {
        assert_eq!(error("f.csv", text), format!("Invalid line number for replace: {text}"));
    }
    for (text, number) in [("-1", "-1"), ("2", "2"), ("-1.000000", "-1"), ("2.5", "2")] {
        assert_eq!(
            error("f.csv", text),
            format!("Invalid line number ({number}) for file: dir/f.csv (2 lines)")
        );
    }
    assert_eq!(contents(&files), [["a"], ["b"]]);
}

/// design.md, "Dependable": a scenario may replace lines for days.
#[test]
fn replaced_lines_do_not_pile_up_in_memory() {
    let mut files = one("USER\nfirst;line\nsecond;line\n");
    for round in 0..20_000_u32 {
        files
            .replace(b"f.csv", b"1", format!("{round};{}", "x".repeat(round as usize % 90)).as_bytes())
            .unwrap();
    }
    assert_eq!(contents(&files)[0], ["first", "line"]);
    assert_eq!(contents(&files)[1], ["19999".to_owned(), "x".repeat(19_999 % 90)]);
    assert!(files.file(files.default_file().unwrap()).bytes_held() < 64 * 1024);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// Splitting by hand, line by line, finds what the store holds.
    #[test]
    fn any_data_lines_are_stored_as_they_are(
        lines in proptest::collection::vec("[ab;\"\\\\, #\t]{1,8}", 1..8),
    ) {
        let expected: Vec<Vec<&str>> =
            lines.iter().filter(|line| !line.starts_with('#')).map(|line| line.split(';').collect()).collect();
        proptest::prop_assume!(!expected.is_empty());
        for end in ["\n", "\r\n"] {
            assert_eq!(contents(&one(&format!("USER{end}{}", lines.join(end)))), expected);
        }
    }

    #[test]
    fn no_bytes_make_loading_panic(
        text in proptest::collection::vec(proptest::prop_oneof![
            proptest::prelude::any::<u8>(), proptest::sample::select(&b"\n\r;#%d05"[..])
        ], 0..40),
        mode in "(USER|RANDOM)?(,PRINTF=[0-9x-]{0,4})?(,PRINTFOFFSET=[0-9x-]{0,4})?\n?",
    ) {
        let text = [mode.as_bytes(), &text].concat();
        if let Ok(files) = Files::from_bytes(&[(spec("f"), &text)], &[]) {
            for line in 0..3 {
                for number in 0..3 {
                    let _ = files.field(files.default_file().unwrap(), LineIx(line), number, &mut Vec::new());
                }
            }
        }
    }
}
