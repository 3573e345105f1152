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
    /// Why we will never have it; None: not yet.
    pub never: Option<&'static str>,
}

const fn flag(group: &'static str, name: &'static str) -> Unsupported {
    Unsupported { name, values: 0, group, never: None }
}

const fn valued(group: &'static str, name: &'static str) -> Unsupported {
    Unsupported { name, values: 1, group, never: None }
}

const SCTP: &str = "SCTP";
const MEDIA: &str = "RTP";
const PEERS: &str = "Third-party call control";
const PROCESS: &str = "Process";

/// All of them, by help group.
pub const TABLE: &[Unsupported] = &[
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
    Unsupported {
        name: "plugin",
        values: 1,
        group: PROCESS,
        never: Some("a plug-in is native code for the inside of SIPp"),
    },
];
