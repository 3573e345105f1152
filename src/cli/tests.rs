//! The rules for the command line as a whole, and those that hold for every record.

use std::collections::HashSet;
use std::ffi::OsString;

use super::opt::{GROUPS, Given, Known, Pass, Value, all, find};
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
        Ok(Ask::Print(text)) => text,
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
    assert!(matches!(parse(["sipp".into()].into_iter()), Ok(Ask::Print(text)) if text == help::short()));
}

/// cli.md §1: all of it is matched exactly.
#[test]
fn an_option_is_matched_exactly() {
    let details = "\nUse 'rsipp -h' for details";
    for (line, first) in [
        ("-foo", "Invalid argument: '-foo'."),
        ("--foo", "Invalid argument: '--foo'."),
        ("-rq", "Invalid argument: '-rq'. Did you mean '-r'?"),
        ("-t2 1", "Invalid argument: '-t2'. Did you mean '-t'?"),
        ("---r 5", "Invalid argument: '---r'. Did you mean '-r'?"),
        ("-R 5", "Invalid argument: '-R'."),
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
        let remote = options(line).remote.map(|remote| (remote.host, remote.port));
        assert_eq!(remote, Some(("h".to_owned(), 5070)), "{line}");
    }
    assert_eq!(options("-m 1").remote, None);
    assert_eq!(refused("a -m 1 b"), "remote_host given multiple times on command-line (a and b)");
    assert_eq!(refused("h:85536"), "'h:85536': the port must be 1 to 65535");
}

/// design.md: known by name and arity, refused by name.
#[test]
fn options_of_sipp_that_are_missing_are_refused_by_name() {
    assert_eq!(refused("-trace_stat"), "not supported yet: -trace_stat");
    assert_eq!(refused("h --cp 8888 -m 1 -3pcc -h"), "not supported yet: -cp, -3pcc");
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

/// Every option of cli.md §1.3 and §4 with the number of its values.
const OF_SIPP: &str = "
    h 0 help 0 v 0 sd 1
    sf 1 sn 1 oocsf 1 oocsn 1 rxsf 1 rxrn 1 rxsn 1
    t 1 i 1 p 1 bind_local 0 bind_to_device 1 ci 1 cp 1 max_socket 1 max_reconnect 1 reconnect_close 1
    reconnect_sleep 1 rsa 1 tls_cert 1 tls_key 1 tls_ca 1 tls_crl 1 tls_version 1 multihome 1 heartbeat 1
    assocmaxret 1 pathmaxret 1 pmtu 1 gracefulclose 1
    bg 0 nostdin 0 plugin 1 sleep 1 skip_rlimit 0 buff_size 1 sendbuffer_warn 1 lost 1 key 2 set 2 tdmmap 1
    dynamicStart 1 dynamicMax 1 dynamicStep 1
    aa 0 base_cseq 1 cid_str 1 cid_type 1 d 1 deadcall_wait 1 auth_uri 1 au 1 ap 1 s 1 default_behaviors 1 nd 0
    pause_msg_ign 0 callid_slash_ign 0
    inf 1 rxinf 1 infindex 2 ip_field 1
    mi 1 rtp_echo 0 mb 1 min_rtp_port 1 max_rtp_port 1 mp 1 rtp_payload 1 rtp_threadtasks 1 rtp_buffsize 1
    rtpcheck_debug 0 srtpcheck_debug 0 audiotolerance 1 videotolerance 1 random_base_ssrc 0
    r 1 rp 1 rate_scale 1 rate_increase 1 rate_interval 1 rate_max 1 no_rate_quit 0 l 1 m 1 users 1
    recv_timeout 1 send_timeout 1 timeout 1 timeout_error 0 max_retrans 1 max_invite_retrans 1
    max_non_invite_retrans 1 nr 0 rtcheck 1 T2 1
    3pcc 1 master 1 slave 1 slave_cfg 1
    timer_resol 1 max_recv_loops 1 max_sched_loops 1 watchdog_interval 1 watchdog_reset 1
    watchdog_minor_threshold 1 watchdog_major_threshold 1 watchdog_minor_maxtriggers 1
    watchdog_major_maxtriggers 1
    trace_msg 0 message_file 1 message_overwrite 1 trace_shortmsg 0 shortmessage_file 1 shortmessage_overwrite 1
    trace_logs 0 log_file 1 log_overwrite 1 trace_calldebug 0 calldebug_file 1 calldebug_overwrite 1
    trace_screen 0 screen_file 1 screen_overwrite 1 trace_err 0 error_file 1 error_overwrite 1
    trace_counts 0 trace_error_codes 0 trace_stat 0 stf 1 trace_rtt 0
    f 1 fd 1 stat_delimiter 1 rfc3339 0 periodic_rtd 0 rtt_freq 1 ringbuffer_files 1 ringbuffer_size 1
    max_log_size 1";

/// What SIPp does not have.
const OURS: [&str; 6] = ["peer_sf", "peer_sn", "check", "allow", "tls_verify", "ws_path"];

/// cli.md §4.
#[test]
fn every_option_of_sipp_is_there_or_refused_with_its_arity() {
    let words: Vec<&str> = OF_SIPP.split_whitespace().collect();
    for row in words.chunks(2) {
        let values = match find(row[0]) {
            Some(Known::Ours(opt)) => opt.value.names().len(),
            Some(Known::Unsupported(entry)) => entry.values,
            None => panic!("-{} is unknown", row[0]),
        };
        assert_eq!(values.to_string(), row[1], "-{}", row[0]);
    }
    let names: HashSet<&str> = words.chunks(2).map(|row| row[0]).chain(OURS).collect();
    for name in all().map(|opt| opt.name).chain(TABLE.iter().map(|entry| entry.name)) {
        assert!(names.contains(name), "-{name} is not in cli.md §4");
    }
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
