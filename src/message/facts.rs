//! What is the same for every call of a run: addresses, ports, names. Known once the sockets are open.
//! Spec: keywords.md §6.1-§6.3.

/// Values of the keywords that do not change during a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `[remote_host]`: as typed, without port and brackets; empty in server mode without target.
    pub remote_host: String,
    /// `[remote_ip]`: numeric, IPv6 in brackets; empty without target.
    pub remote_ip: String,
    /// `[remote_port]`
    pub remote_port: u16,
    /// `[local_ip]`: IPv6 in brackets.
    pub local_ip: String,
    /// `[local_ip_type]`: 4 or 6.
    pub local_ip_type: u8,
    /// `[local_port]`; None: each call has its own.
    pub local_port: Option<u16>,
    /// `[server_ip]`: address the socket is bound to, no brackets.
    pub server_ip: String,
    /// `[transport]`; None: calls differ in it.
    pub transport: Option<&'static str>,
    /// `[media_ip]`: never bracketed.
    pub media_ip: String,
    /// `[media_ip_type]`: 4 or 6.
    pub media_ip_type: u8,
    /// `[media_port]`
    pub media_port: u16,
    /// `[service]`
    pub service: String,
    /// `[pid]`: of the process that was started (the parent with `-bg`).
    pub pid: u32,
    /// `-rfc3339`: the form of `[timestamp]`.
    pub rfc3339: bool,
    /// `[sipp_version]`
    pub version: String,
}
