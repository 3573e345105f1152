//! Every row of cli.md §1.3 and §4: the option with its values is accepted with the documented default and changes
//! something, or it is refused by name. None is unknown, none is ignored. Which of the two it is follows from the records,
//! so a row of an option that gets built demands its default and effect from then on.

use std::collections::HashSet;

use super::opt::{Known, Pass, all, find};
use super::tests::{options, printed, refused};
use super::unsupported::TABLE;

/// An option of cli.md: its name, the documented default ("" for none), values that are not the default.
struct Row(&'static str, &'static str, &'static [&'static str]);

const ROWS: &[Row] = &[
    // §1.3
    Row("h", "", &[]),
    Row("help", "", &[]),
    Row("v", "", &[]),
    Row("sd", "", &["uas"]),
    // §4.1
    Row("sf", "", &["a.xml"]),
    Row("sn", "uac", &["uas"]),
    Row("oocsf", "", &["a.xml"]),
    Row("oocsn", "", &["ooc_default"]),
    Row("rxsf", "", &["a.xml"]),
    Row("rxsn", "", &["uas"]),
    Row("rxrn", "", &["uas"]),
    // §4.2
    Row("t", "u1", &["tn"]),
    Row("i", "", &["127.0.0.1"]),
    Row("p", "0", &["5070"]),
    Row("bind_local", "", &[]),
    Row("bind_to_device", "", &["lo"]),
    Row("ci", "", &["127.0.0.1"]),
    Row("cp", "0", &["8889"]),
    Row("max_socket", "50000", &["10"]),
    Row("max_reconnect", "0", &["3"]),
    Row("reconnect_close", "true", &["false"]),
    Row("reconnect_sleep", "1000", &["5"]),
    Row("rsa", "", &["127.0.0.1:5061"]),
    Row("tls_cert", "cacert.pem", &["c.pem"]),
    Row("tls_key", "cakey.pem", &["k.pem"]),
    Row("tls_ca", "", &["ca.pem"]),
    Row("tls_crl", "", &["crl.pem"]),
    Row("tls_version", "", &["1.2"]),
    Row("multihome", "", &["127.0.0.1"]),
    Row("heartbeat", "0", &["5"]),
    Row("assocmaxret", "0", &["5"]),
    Row("pathmaxret", "0", &["5"]),
    Row("pmtu", "0", &["1400"]),
    Row("gracefulclose", "true", &["false"]),
    // §4.3
    Row("bg", "", &[]),
    Row("nostdin", "", &[]),
    Row("plugin", "", &["x.so"]),
    Row("sleep", "0", &["5"]),
    Row("skip_rlimit", "", &[]),
    Row("buff_size", "65536", &["4096"]),
    Row("sendbuffer_warn", "false", &["true"]),
    Row("lost", "0", &["5"]),
    Row("key", "", &["name", "text"]),
    Row("set", "", &["name", "text"]),
    Row("tdmmap", "", &["{0-3}{99}{1-24}{1-31}"]),
    Row("dynamicStart", "10000", &["1"]),
    Row("dynamicMax", "12000", &["1"]),
    Row("dynamicStep", "4", &["1"]),
    // §4.4
    Row("aa", "", &[]),
    Row("base_cseq", "1", &["7"]),
    Row("cid_str", "%u-%p@%s", &["%u"]),
    Row("cid_type", "default", &["uuid"]),
    Row("d", "0", &["5"]),
    Row("deadcall_wait", "33000", &["5"]),
    Row("auth_uri", "", &["a:5060"]),
    Row("au", "", &["alice"]),
    Row("ap", "password", &["secret"]),
    Row("s", "service", &["bob"]),
    Row("default_behaviors", "all", &["none"]),
    Row("nd", "", &[]),
    Row("pause_msg_ign", "", &[]),
    Row("callid_slash_ign", "", &[]),
    // §4.5
    Row("inf", "", &["a.csv"]),
    Row("rxinf", "", &["a.csv"]),
    Row("infindex", "", &["a.csv", "0"]),
    Row("ip_field", "0", &["1"]),
    // §4.6
    Row("mi", "", &["127.0.0.1"]),
    Row("rtp_echo", "", &[]),
    Row("mb", "2048", &["4096"]),
    Row("min_rtp_port", "6000", &["7000"]),
    Row("max_rtp_port", "65535", &["8000"]),
    Row("mp", "6000", &["7000"]),
    Row("rtp_payload", "8", &["0"]),
    Row("rtp_threadtasks", "20", &["5"]),
    Row("rtp_buffsize", "65536", &["4096"]),
    Row("rtpcheck_debug", "", &[]),
    Row("srtpcheck_debug", "", &[]),
    Row("audiotolerance", "1.0", &["0.5"]),
    Row("videotolerance", "1.0", &["0.5"]),
    Row("random_base_ssrc", "", &[]),
    // §4.7
    Row("r", "10", &["0.5"]),
    Row("rp", "1000", &["2s"]),
    Row("rate_scale", "1", &["5"]),
    Row("rate_increase", "0", &["5"]),
    Row("rate_interval", "", &["5"]),
    Row("rate_max", "0", &["5"]),
    Row("no_rate_quit", "", &[]),
    Row("l", "", &["5"]),
    Row("m", "", &["5"]),
    Row("users", "", &["5"]),
    // §4.8
    Row("recv_timeout", "0", &["5"]),
    Row("send_timeout", "0", &["5"]),
    Row("timeout", "0", &["500ms"]),
    Row("timeout_error", "", &[]),
    Row("max_retrans", "9", &["1"]),
    Row("max_invite_retrans", "5", &["1"]),
    Row("max_non_invite_retrans", "9", &["1"]),
    Row("nr", "", &[]),
    Row("rtcheck", "full", &["loose"]),
    Row("T2", "4000", &["5"]),
    // §4.9
    Row("3pcc", "", &["127.0.0.1:6060"]),
    Row("master", "", &["m"]),
    Row("slave", "", &["s"]),
    Row("slave_cfg", "", &["a.cfg"]),
    // §4.10
    Row("timer_resol", "1", &["10"]),
    Row("max_recv_loops", "1000", &["5"]),
    Row("max_sched_loops", "1000", &["5"]),
    Row("watchdog_interval", "400", &["5"]),
    Row("watchdog_reset", "600000", &["5"]),
    Row("watchdog_minor_threshold", "500", &["5"]),
    Row("watchdog_major_threshold", "3000", &["5"]),
    Row("watchdog_minor_maxtriggers", "120", &["5"]),
    Row("watchdog_major_maxtriggers", "10", &["-1"]),
    // §4.11
    Row("trace_msg", "", &[]),
    Row("message_file", "", &["f"]),
    Row("message_overwrite", "true", &["false"]),
    Row("trace_shortmsg", "", &[]),
    Row("shortmessage_file", "", &["f"]),
    Row("shortmessage_overwrite", "true", &["false"]),
    Row("trace_logs", "", &[]),
    Row("log_file", "", &["f"]),
    Row("log_overwrite", "true", &["false"]),
    Row("trace_calldebug", "", &[]),
    Row("calldebug_file", "", &["f"]),
    Row("calldebug_overwrite", "true", &["false"]),
    Row("trace_screen", "", &[]),
    Row("screen_file", "", &["f"]),
    Row("screen_overwrite", "true", &["false"]),
    Row("trace_err", "", &[]),
    Row("error_file", "", &["f"]),
    Row("error_overwrite", "true", &["false"]),
    Row("trace_counts", "", &[]),
    Row("trace_error_codes", "", &[]),
    Row("trace_stat", "", &[]),
    Row("trace_rtt", "", &[]),
    Row("f", "1", &["5"]),
    Row("fd", "60", &["5"]),
    Row("stat_delimiter", ";", &[","]),
    Row("stf", "", &["f"]),
    Row("rfc3339", "", &[]),
    Row("periodic_rtd", "", &[]),
    Row("rtt_freq", "200", &["5"]),
    Row("ringbuffer_files", "0", &["5"]),
    Row("ringbuffer_size", "0", &["5"]),
    Row("max_log_size", "0", &["5"]),
];

/// What SIPp does not have.
const OURS: &[&str] = &[
    "peer_sf",
    "peer_sn",
    "check",
    "allow",
    "tls_verify",
    "tls_no_resume",
    "ws_path",
    "no_gso",
    "srv",
    "srv_server",
    "workers",
    "json",
    "junit",
    "html",
    "prometheus",
    "expect",
    "fail_on_lag",
];

/// Our default is another one, or is no value of the option's, and says so in the help.
const OTHER_DEFAULT: [(&str, &str); 2] =
    [("buff_size", "as large as the system allows"), ("ap", "password unless given")];

/// What must stand before it (cli.md §1.2).
const BEFORE: [(&str, &str); 1] = [("infindex", "-inf a.csv ")];

fn before(name: &str) -> &'static str {
    BEFORE.iter().find(|(option, _)| *option == name).map_or("", |(_, line)| line)
}

#[test]
fn every_row_is_accepted_with_its_default_and_effect_or_refused_by_name() {
    for Row(name, default, values) in ROWS {
        let words = std::iter::once(format!("-{name}")).chain(values.iter().map(|value| (*value).to_owned()));
        let words = words.collect::<Vec<_>>().join(" ");
        match find(name) {
            None => panic!("-{name} is unknown"),
            Some(Known::Unsupported(entry)) => {
                assert_eq!(entry.values, values.len(), "-{name}: number of values");
                let sentence = match entry.never {
                    None => format!("not supported yet: -{name}"),
                    Some(why) => format!("not supported: -{name} ({why})"),
                };
                assert_eq!(refused(&format!("-m 1 {words}")), sentence);
            }
            Some(Known::Ours(opt)) => {
                assert_eq!(opt.value.names().len(), values.len(), "-{name}: number of values");
                match OTHER_DEFAULT.iter().find(|(option, _)| option == name) {
                    None => assert_eq!(opt.default, *default, "-{name}: default"),
                    Some((_, ours)) => assert!(opt.help.contains(ours), "-{name}: {}", opt.help),
                }
                if let Pass::Print(_) | Pass::Page(_) = opt.pass {
                    assert!(!printed(&words).is_empty(), "-{name}");
                    continue;
                }
                let before = before(name);
                let unchanged = options(&format!("{before}host"));
                let changed = options(&format!("{before}host {words}"));
                assert!(changed != unchanged, "-{name}: is it ignored?");
                assert_eq!(
                    changed,
                    options(&format!("{before}-{words} host")),
                    "-{name} and --{name} differ"
                );
            }
        }
    }
}

#[test]
fn every_record_is_a_row_or_ours() {
    let names: HashSet<&str> = ROWS.iter().map(|Row(name, ..)| *name).chain(OURS.iter().copied()).collect();
    assert_eq!(names.len(), ROWS.len() + OURS.len(), "a row twice");
    for name in all().map(|opt| opt.name).chain(TABLE.iter().map(|entry| entry.name)) {
        assert!(names.contains(name), "-{name} is not in cli.md §4");
    }
}
