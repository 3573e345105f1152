//! The options of SIPp that this version does not have: known by name and arity, refused by name.
//! Spec: cli.md §4. So nothing of SIPp's is an "unknown option", and no value of theirs is taken for the
//! host. Whoever builds one removes it here and adds a record to its group's file.

/// An option of SIPp that is refused.
pub struct Unsupported {
    /// Without its dash.
    pub name: &'static str,
    /// How many values follow it.
    pub values: usize,
    /// The help group it belongs to.
    pub group: &'static str,
}

const fn flag(group: &'static str, name: &'static str) -> Unsupported {
    Unsupported { name, values: 0, group }
}

const fn valued(group: &'static str, name: &'static str) -> Unsupported {
    Unsupported { name, values: 1, group }
}

const SCENARIO: &str = "Scenario";
const INJECTION: &str = "Data for the scenario";
const RATE: &str = "Call rate";
const CALL: &str = "Calls";
const RETRANSMISSION: &str = "Retransmission and timeouts";
const NETWORK: &str = "Network";
const SCTP: &str = "SCTP";
const MEDIA: &str = "RTP";
const PEERS: &str = "Third-party call control";
const TRACE: &str = "Tracing";
const STATISTICS: &str = "Statistics";
const PROCESS: &str = "Process";
const WATCHDOG: &str = "Performance and watchdog";

/// All of them, by help group.
pub const TABLE: &[Unsupported] = &[
    valued(SCENARIO, "oocsf"),
    valued(SCENARIO, "oocsn"),
    valued(SCENARIO, "rxsf"),
    valued(SCENARIO, "rxsn"),
    valued(SCENARIO, "rxrn"),
    valued(INJECTION, "rxinf"),
    valued(INJECTION, "tdmmap"),
    valued(INJECTION, "dynamicStart"),
    valued(INJECTION, "dynamicMax"),
    valued(INJECTION, "dynamicStep"),
    valued(RATE, "rate_scale"),
    valued(RATE, "rate_increase"),
    valued(RATE, "rate_interval"),
    valued(RATE, "rate_max"),
    flag(RATE, "no_rate_quit"),
    valued(CALL, "cid_type"),
    valued(CALL, "auth_uri"),
    valued(CALL, "au"),
    valued(CALL, "ap"),
    flag(CALL, "pause_msg_ign"),
    flag(CALL, "callid_slash_ign"),
    valued(RETRANSMISSION, "send_timeout"),
    valued(RETRANSMISSION, "rtcheck"),
    valued(RETRANSMISSION, "lost"),
    flag(NETWORK, "bind_local"),
    valued(NETWORK, "bind_to_device"),
    valued(NETWORK, "sendbuffer_warn"),
    valued(SCTP, "multihome"),
    valued(SCTP, "heartbeat"),
    valued(SCTP, "assocmaxret"),
    valued(SCTP, "pathmaxret"),
    valued(SCTP, "pmtu"),
    valued(SCTP, "gracefulclose"),
    flag(MEDIA, "rtp_echo"),
    valued(MEDIA, "mb"),
    valued(MEDIA, "max_rtp_port"),
    valued(MEDIA, "rtp_payload"),
    valued(MEDIA, "rtp_threadtasks"),
    valued(MEDIA, "rtp_buffsize"),
    flag(MEDIA, "rtpcheck_debug"),
    flag(MEDIA, "srtpcheck_debug"),
    valued(MEDIA, "audiotolerance"),
    valued(MEDIA, "videotolerance"),
    flag(MEDIA, "random_base_ssrc"),
    valued(PEERS, "3pcc"),
    valued(PEERS, "master"),
    valued(PEERS, "slave"),
    valued(PEERS, "slave_cfg"),
    flag(TRACE, "trace_shortmsg"),
    valued(TRACE, "shortmessage_file"),
    valued(TRACE, "shortmessage_overwrite"),
    flag(TRACE, "trace_calldebug"),
    valued(TRACE, "calldebug_file"),
    valued(TRACE, "calldebug_overwrite"),
    flag(TRACE, "trace_screen"),
    valued(TRACE, "screen_file"),
    valued(TRACE, "screen_overwrite"),
    flag(TRACE, "rfc3339"),
    valued(TRACE, "ringbuffer_files"),
    valued(TRACE, "ringbuffer_size"),
    valued(TRACE, "max_log_size"),
    flag(STATISTICS, "trace_stat"),
    flag(STATISTICS, "trace_counts"),
    flag(STATISTICS, "trace_error_codes"),
    flag(STATISTICS, "trace_rtt"),
    valued(STATISTICS, "rtt_freq"),
    valued(STATISTICS, "stf"),
    valued(STATISTICS, "stat_delimiter"),
    flag(STATISTICS, "periodic_rtd"),
    valued(STATISTICS, "f"),
    valued(STATISTICS, "fd"),
    valued(PROCESS, "ci"),
    valued(PROCESS, "cp"),
    valued(PROCESS, "plugin"),
    valued(PROCESS, "sleep"),
    valued(WATCHDOG, "max_recv_loops"),
    valued(WATCHDOG, "max_sched_loops"),
    valued(WATCHDOG, "watchdog_interval"),
    valued(WATCHDOG, "watchdog_reset"),
    valued(WATCHDOG, "watchdog_minor_threshold"),
    valued(WATCHDOG, "watchdog_major_threshold"),
    valued(WATCHDOG, "watchdog_minor_maxtriggers"),
    valued(WATCHDOG, "watchdog_major_maxtriggers"),
];
