//! The rules for the command line as a whole, and those that hold for every record.

use std::collections::HashSet;
use std::ffi::OsString;

use super::opt::{GROUPS, Given, Pass, Value, all};
use super::unsupported::TABLE;
use super::*;

/// A line of words with one blank between them (two blanks: an empty word), or with unit separators if there
/// are any.
fn try_parse(line: &str) -> Result<Ask, Refusal> {
    let separator = if line.contains('\u{1f}') { '\u{1f}' } else { ' ' };
    parse(std::iter::once("rsipp").chain(line.split(separator)).map(OsString::from))
}

/// The options of a line that asks for a test.
pub fn options(line: &str) -> Options {
    match try_parse(line) {
        Ok(Ask::Run(options)) => *options,
        other => panic!("{line}: {other:?}"),
    }
}

/// The text of a line that asks for one.
pub fn printed(line: &str) -> String {
    match try_parse(line) {
        Ok(Ask::Print(text) | Ask::Page(text)) => text,
        other => panic!("{line}: {other:?}"),
    }
}

/// The sentence that refuses a line.
pub fn refused(line: &str) -> String {
    try_parse(line).expect_err(line).to_string()
}

/// cli.md §1.3.
#[test]
fn no_words_at_all_is_the_help() {
    assert!(matches!(parse(["sipp".into()].into_iter()), Ok(Ask::Page(text)) if text == help::short()));
}

/// cli.md §1: all of it is matched exactly.
#[test]
fn an_option_is_matched_exactly() {
    let details = "\nUse 'rsipp -h' for details";
    for (line, first) in [
        ("-foo", "Invalid argument: '-foo'."),
        ("--foo", "Invalid argument: '--foo'."),
        ("-rq", "Invalid argument: '-rq'. Did you mean '-r'?"),
        ("-t2 1", "Invalid argument: '-t2'. Did you mean '-T2' or '-t'?"),
        ("---r 5", "Invalid argument: '---r'. Did you mean '-r'?"),
        ("-R 5", "Invalid argument: '-R'. Did you mean '-r'?"),
        ("--timeout-error", "Invalid argument: '--timeout-error'. Did you mean '-timeout_error'?"),
        ("-timeout_global 5", "Invalid argument: '-timeout_global'. Did you mean '-timeout'?"),
        ("--r=5", "Invalid argument: '--r=5'. Did you mean '-r 5'?"),
        ("-trace_mgs", "Invalid argument: '-trace_mgs'. Did you mean '-trace_msg'?"),
        ("-trace_sta", "Invalid argument: '-trace_sta'. Did you mean '-trace_stat'?"),
        ("-5", "Invalid argument: '-5'."),
    ] {
        assert_eq!(refused(line), format!("{first}{details}"));
    }
}

/// cli.md §1; sipp 3.6.1 quotes the word.
#[test]
fn a_word_of_dashes_is_no_option() {
    assert_eq!(refused("-"), "Internal error: I don't recognize the option type for -");
    assert_eq!(refused("-m 1 -- host"), "Internal error: I don't recognize the option type for --");
}

/// cli.md §2.
#[test]
fn a_missing_value_is_quoted_by_the_last_word() {
    for (line, word) in [("-r", "-r"), ("--r", "--r"), ("-key", "-key"), ("-key a", "a"), ("-cp", "-cp")] {
        let sentence = format!("Missing argument for param '{word}'.\nUse 'rsipp -h' for details");
        assert_eq!(refused(line), sentence);
    }
}

/// cli.md §1.1.
#[test]
fn pass_0_ends_at_the_first_word_that_can_end_it() {
    assert_eq!(printed("-h -foo"), help::short());
    assert_eq!(printed("-trace_stat -r fast a -v b"), printed("-v"));
}

/// cli.md §1.1.
#[test]
fn errors_of_pass_0_before_help_win() {
    assert!(refused("-foo -h").starts_with("Invalid argument: '-foo'."));
    assert!(refused("a b -h").starts_with("remote_host given multiple times"));
    assert!(refused("-r fast -foo").starts_with("Invalid argument: '-foo'."));
}

/// cli.md §3.
#[test]
fn the_host_may_stand_anywhere_once_and_empty_words_are_none() {
    for line in ["h:5070 -m 1 -r 2", "-m 1 h:5070 -r 2", "-m 1 -r 2 h:5070", " -m 1 h:5070 "] {
        let remote = options(line).remote.map(|remote| (remote.host.clone(), remote.sip_port()));
        assert_eq!(remote, Some(("h".to_owned(), 5070)), "{line}");
    }
    assert_eq!(options("-m 1").remote, None);
    assert_eq!(refused("a -m 1 b"), "remote_host given multiple times on command-line (a and b)");
    assert_eq!(refused("h:85536"), "'h:85536': the port must be 1 to 65535");
}

/// design.md: known by name and arity, refused by name.
#[test]
fn options_of_sipp_that_are_missing_are_refused_by_name() {
    assert_eq!(refused("h --mb 8888 -m 1 -3pcc -h"), "not supported yet: -mb, -3pcc");
    let never = "not supported: -plugin (a plug-in is native code for the inside of SIPp)";
    assert_eq!(refused("-mb 8888 -plugin x.so"), never);
}

/// What is not text is refused where text is needed, and kept where a file is named.
#[cfg(unix)]
#[test]
fn a_file_name_need_not_be_utf_8() {
    use std::os::unix::ffi::OsStringExt as _;
    let latin1 = OsString::from_vec(b"caf\xe9.xml".to_vec());
    let line = |option: &str| ["rsipp".into(), option.into(), latin1.clone()].into_iter();
    let Ok(Ask::Run(options)) = parse(line("-sf")) else { panic!("refused") };
    assert_eq!(options.scenario, options::ScenarioChoice::File(latin1.clone().into()));
    let refusal = parse(line("-s")).unwrap_err();
    assert_eq!(refusal.to_string(), "-s, \"caf\u{fffd}.xml\" is not valid UTF-8");
}

/// style.md §4.7.
#[test]
fn every_name_is_there_once() {
    let mut seen = HashSet::new();
    for name in all().map(|opt| opt.name).chain(TABLE.iter().map(|entry| entry.name)) {
        assert!(seen.insert(name), "-{name} twice");
    }
}

/// style.md §4.7: what the help calls the default changes nothing.
#[test]
fn every_default_in_the_help_is_the_default() {
    let mut checked = 0;
    for opt in all().filter(|opt| !opt.default.is_empty()) {
        let (Pass::Options(store) | Pass::Scenarios(store) | Pass::Set(store)) = opt.pass else {
            panic!("-{} prints, so it has no default", opt.name);
        };
        let given = Given { opt, typed: format!("-{}", opt.name), values: vec![opt.default.into()] };
        let mut options = Options::default();
        assert_eq!(store(&mut options, &given), Ok(()), "-{}", opt.name);
        assert_eq!(options, Options::default(), "-{}", opt.name);
        checked += 1;
    }
    assert!(checked >= 20, "{checked}");
}

/// style.md §4.7.
#[test]
fn every_record_has_texts_and_a_section_and_a_switch_has_no_default() {
    for opt in all() {
        assert!(!opt.help.is_empty() && !opt.help.ends_with('.'), "-{}", opt.name);
        assert!(opt.more.is_empty() || opt.more.ends_with('.'), "-{}", opt.name);
        assert!(opt.spec.starts_with("cli.md §") || opt.spec == "ours", "-{}", opt.name);
        assert!(opt.value != Value::Flag || opt.default.is_empty(), "-{}", opt.name);
    }
    assert_eq!(GROUPS.iter().map(|group| group.title).collect::<HashSet<_>>().len(), GROUPS.len());
}

proptest::proptest! {
    /// design.md promise 4: no command line can do worse than be refused.
    #[test]
    fn no_command_line_panics(words in proptest::collection::vec("-{0,2}(r|m|d|key|t|i|p|inf|infindex|sn|.{0,6})", 0..6)) {
        let _ = parse(std::iter::once("rsipp".to_owned()).chain(words).map(OsString::from));
    }
}

/// keywords.md §7.3: "Hex/octal accepted (C rules), negative wraps".
#[test]
fn base_cseq_is_read_as_c_reads_numbers() {
    for (typed, number) in
        [("0x10", 16), ("010", 8), ("10", 10), ("-2", u32::MAX - 1), ("4294967295", u32::MAX)]
    {
        assert_eq!(options(&format!("-base_cseq {typed}")).call.base_cseq, number, "{typed}");
    }
    assert_eq!(refused("-base_cseq abc"), r#"-base_cseq, "abc" is not a valid integer!"#);
}
