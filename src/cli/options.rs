//! The command line as typed values, grouped by what they are about.
//! Spec: cli.md §4. In: the records of the groups store into it. Out: read by whoever sets up the run.
//! What an option means together with a scenario (the default limit, server mode, ...) is worked out
//! elsewhere.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::path::PathBuf;

pub use super::address::HostPort;
pub use crate::engine::call_id::CallIdKind;
use crate::engine::circuits::CircuitMap;
pub use crate::engine::settings::{Behaviors, RepeatCheck};
pub use crate::inject::{FileOption, FileSpec};
use crate::link::Transport;
use crate::report::expect::Expectation;
use crate::transport::srv::NameServer;
use crate::transport::tls;

/// Everything that was typed, or its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The other side (cli.md §3). A scenario that only receives needs none.
    pub remote: Option<HostPort>,
    /// `-sf`, `-sn`.
    pub scenario: ScenarioChoice,
    /// `-oocsf`, `-oocsn`: what a client answers requests with that belong to no call.
    pub out_of_call: Option<ScenarioChoice>,
    /// `-rxsf`, `-rxsn`, `-rxrn`: what a client plays when it is called itself.
    pub receiving: Option<ScenarioChoice>,
    /// `-peer_sf`, `-peer_sn`: what the other side plays, when it is run by this process on a free loopback
    /// port.
    pub peer: Option<ScenarioChoice>,
    /// `-inf`, `-rxinf`, `-infindex`.
    pub injection: Injection,
    /// `-key`: names and texts for `[name]`, in the order typed; the last of a name wins.
    pub keys: Vec<(String, String)>,
    /// `-set`: global variables and their first values, in the order typed.
    pub set: Vec<(String, String)>,
    /// `-check`, `-allow`.
    pub check: Check,
    /// How a single call behaves.
    pub call: CallOptions,
    /// How many calls, and when.
    pub load: Load,
    /// UDP retransmission.
    pub retransmission: Retransmission,
    /// Addresses, ports and buffers.
    pub network: Network,
    /// The process and the whole test.
    pub run: RunOptions,
    /// Trace files.
    pub trace: Trace,
    /// Statistics files, and how often screens and files are brought up to date.
    pub statistics: Statistics,
    /// Reports and thresholds.
    pub reports: Reports,
}

impl Options {
    /// The scenario's name in default file names and on the screen (cli.md §0.6, §4.11): the name of a
    /// built-in scenario, or the file's without its folder and a final `.xml`.
    pub fn scenario_name(&self) -> Cow<'_, str> {
        self.scenario.name()
    }
}

/// A scenario by file or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioChoice {
    /// An XML file.
    File(PathBuf),
    /// One that is built in.
    Builtin(String),
}

impl ScenarioChoice {
    /// See [`Options::scenario_name`].
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            ScenarioChoice::Builtin(name) => Cow::Borrowed(name),
            ScenarioChoice::File(path) => {
                match path.file_name().unwrap_or(path.as_os_str()).to_string_lossy() {
                    Cow::Borrowed(name) => Cow::Borrowed(name.strip_suffix(".xml").unwrap_or(name)),
                    Cow::Owned(name) => Cow::Owned(name.strip_suffix(".xml").unwrap_or(&name).to_owned()),
                }
            }
        }
    }
}

impl Default for ScenarioChoice {
    fn default() -> Self {
        ScenarioChoice::Builtin("uac".to_owned())
    }
}

/// Injection files (cli.md §4.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Injection {
    /// `-inf` and `-rxinf`, in the order typed: the first of each is the default file of its scenario.
    pub files: Vec<FileSpec>,
    /// `-infindex`: base name of a file in `files`, and a field counted from 0. The last of a file wins.
    pub indexes: Vec<(String, usize)>,
}

/// Looking at the scenario without running it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// `-check`: do that, and nothing else.
    pub wanted: bool,
    /// `-allow`: names of the lints to pass over.
    pub allowed: Vec<&'static str>,
}

/// Options of a single call (cli.md §4.4).
#[derive(Clone, Debug, PartialEq)]
pub struct CallOptions {
    /// `-cid_type`: what Call-IDs are made of.
    pub cid_type: CallIdKind,
    /// `-cid_str`: the Call-ID with `%u`, `%p`, `%s`, `%r`, `%%` (cli.md §4.4.1).
    pub cid_str: String,
    /// `-base_cseq`: `[cseq]` of the first counted request.
    pub base_cseq: u32,
    /// `-d`: length of a pause without one, in milliseconds.
    pub default_pause_ms: u64,
    /// `-s`: `[service]`.
    pub service: String,
    /// `-au`: user name of credentials, with keywords; `None` = `-s`.
    pub auth_user: Option<String>,
    /// `-ap`: password of credentials, with keywords; `None` = `password`.
    pub auth_password: Option<String>,
    /// `-auth_uri`: digest URI without `sip:`; `None` = address and port of the remote host.
    pub auth_uri: Option<String>,
    /// `-default_behaviors`, `-nd`.
    pub behaviors: Behaviors,
    /// `-aa`: answer INFO, NOTIFY, OPTIONS and UPDATE (cli.md §11.2).
    pub auto_answer: bool,
    /// `-deadcall_wait`: how long an ended call is remembered, in milliseconds; 0 = not at all.
    pub deadcall_wait_ms: u64,
    /// `-recv_timeout`: for each `<recv>` without its own, in milliseconds; 0 = none.
    pub recv_timeout_ms: u64,
    /// `-send_timeout`; 0 is none.
    pub send_timeout_ms: u64,
    /// `-pause_msg_ign`: drop what comes for a call in a pause.
    pub drops_in_pauses: bool,
    /// `-callid_slash_ign`: do not cut received Call-IDs behind `///`.
    pub keeps_slashes: bool,
    /// `-lost`: percent of messages dropped on purpose, for steps that do not say themselves.
    pub lost_percent: f64,
    /// `-dynamicStart`, `-dynamicMax`, `-dynamicStep`: values of `[dynamic_id]`.
    pub dynamic_ids: DynamicRange,
    /// `-tdmmap`: each call holds a circuit.
    pub circuits: Option<CircuitMap>,
}

impl Default for CallOptions {
    fn default() -> Self {
        CallOptions {
            cid_type: CallIdKind::Template,
            cid_str: "%u-%p@%s".to_owned(),
            base_cseq: 1,
            default_pause_ms: 0,
            service: "service".to_owned(),
            auth_user: None,
            auth_password: None,
            auth_uri: None,
            behaviors: Behaviors::ALL,
            auto_answer: false,
            deadcall_wait_ms: 33_000,
            recv_timeout_ms: 0,
            send_timeout_ms: 0,
            drops_in_pauses: false,
            keeps_slashes: false,
            lost_percent: 0.0,
            dynamic_ids: DynamicRange::default(),
            circuits: None,
        }
    }
}

/// The range of `[dynamic_id]` (keywords.md §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DynamicRange {
    /// The first value.
    pub start: i32,
    /// No value is larger.
    pub max: i32,
    /// From one value to the next.
    pub step: i32,
}

impl Default for DynamicRange {
    fn default() -> Self {
        DynamicRange { start: 10_000, max: 12_000, step: 4 }
    }
}

/// How many calls, and when (cli.md §4.7, §12).
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// `-r`: calls per period; 0 or more, may be infinite, never NaN.
    pub rate: f64,
    /// `-rp`: the period in milliseconds, at least 1.
    pub period_ms: u64,
    /// `-l`; `None` = the limit is computed from rate and pauses (cli.md §12.1).
    pub limit: Option<Limit>,
    /// `-m`: calls to create; `None` = no end.
    pub calls: Option<u64>,
    /// `-users`; `None` = calls come at `rate`.
    pub users: Option<u32>,
    /// `-rate_scale`: what a step of the keys `+ -` is worth, in calls per period or users.
    pub rate_scale: f64,
    /// `-rate_increase`: calls per period that each interval adds; 0 = the rate stays.
    pub rate_increase: i32,
    /// `-rate_interval` in milliseconds; `None` = as `-fd`, 60 s. 0 = the rate stays.
    pub rate_interval_ms: Option<u64>,
    /// `-rate_max`: no increase goes beyond it; `None` = no maximum.
    pub rate_max: Option<u32>,
    /// Off with `-no_rate_quit`: an increase beyond `rate_max` ends the run softly.
    pub rate_max_quits: bool,
}

impl Default for Load {
    fn default() -> Self {
        Load {
            rate: 10.0,
            period_ms: 1000,
            limit: None,
            calls: None,
            users: None,
            rate_scale: 1.0,
            rate_increase: 0,
            rate_interval_ms: None,
            rate_max: None,
            rate_max_quits: true,
        }
    }
}

/// `-l`: how many calls may be open at a time (cli.md §4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `-l 0` and below.
    Unlimited,
    /// So many; never 0.
    Calls(u32),
}

/// UDP retransmission (cli.md §4.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retransmission {
    /// Off with `-nr`.
    pub enabled: bool,
    /// `-T2`: cap of the doubling interval of requests other than INVITE, in milliseconds.
    pub t2_ms: u64,
    /// `-max_retrans`: cap of both values below. Nothing is resent at 0 or less.
    pub max: i64,
    /// `-max_invite_retrans`.
    pub max_invite: i64,
    /// `-max_non_invite_retrans`.
    pub max_non_invite: i64,
    /// `-rtcheck`: which received messages count as repeats.
    pub check: RepeatCheck,
}

impl Default for Retransmission {
    fn default() -> Self {
        Retransmission {
            enabled: true,
            t2_ms: 4000,
            max: 9,
            max_invite: 5,
            max_non_invite: 9,
            check: RepeatCheck::Full,
        }
    }
}

/// Addresses, ports and buffers (cli.md §4.2, §4.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// `-i`: address or name for `[local_ip]`, to bind to; as typed, without brackets and port.
    pub local_ip: Option<String>,
    /// `-p`; `None` = the first free one of 5060…5119, else any.
    pub local_port: Option<u16>,
    /// `-mi`: `[media_ip]`; `None` = the local address.
    pub media_ip: Option<String>,
    /// `-mp`, `-min_rtp_port`: `[media_port]`.
    pub media_port: u16,
    /// `-rsa`: where messages go instead of to the remote host.
    pub sending_address: Option<HostPort>,
    /// `-srv`, `-srv_server`: who is asked where the remote host is; `None` = the system's resolver, for an address only.
    pub srv: Option<NameServer>,
    /// `-ci`: address of the remote control; `None` = all of this host's.
    pub control_ip: Option<String>,
    /// `-cp`: its port; `None` = the first free one of 8888…8947.
    pub control_port: Option<u16>,
    /// `-buff_size`: bytes of the socket buffers, each way; `None` = as large as the system allows.
    pub buffer_size: Option<usize>,
    /// Whether datagrams may cross the system in groups; not with `-no_gso`.
    pub groups_datagrams: bool,
    /// `-t`
    pub mode: Mode,
    /// `-max_socket`: sockets of calls.
    pub max_socket: u32,
    /// `-ip_field`
    pub ip_field: u32,
    /// `-max_reconnect`; `None` = without end.
    pub max_reconnect: Option<u32>,
    /// `-reconnect_close`: calls end with their connection.
    pub reconnect_close: bool,
    /// `-reconnect_sleep`, in milliseconds.
    pub reconnect_sleep_ms: u64,
    /// `-ws_path`
    pub ws_path: String,
    /// `-tls_cert` and the like.
    pub tls: tls::Wish,
    /// `-bind_local`: bind to the local address although `-i` was not given.
    pub bind_local: bool,
    /// `-bind_to_device`: the network device of the SIP sockets.
    pub device: Option<String>,
    /// `-sendbuffer_warn true`: an automatic message that cannot be sent is a fatal error.
    pub automatic_sends_must_succeed: bool,
}

/// `-t` (transport.md §3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// What carries messages.
    pub transport: Transport,
    /// How many sockets do.
    pub sockets: SocketUse,
}

/// The second letter of `-t`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SocketUse {
    /// `1`
    #[default]
    One,
    /// `u1,t1`: one, and a TCP listener on the same port.
    OneAndTcp,
    /// `n`: one for each call.
    PerCall,
    /// `i`: one for each local address of the injection file.
    PerAddress,
}

impl Default for Network {
    fn default() -> Self {
        Network {
            local_ip: None,
            local_port: None,
            media_ip: None,
            media_port: 6000,
            sending_address: None,
            srv: None,
            control_ip: None,
            control_port: None,
            buffer_size: None,
            groups_datagrams: true,
            mode: Mode::default(),
            max_socket: 50_000,
            ip_field: 0,
            max_reconnect: Some(0),
            reconnect_close: true,
            reconnect_sleep_ms: 1_000,
            ws_path: "/".to_owned(),
            tls: tls::Wish::default(),
            bind_local: false,
            device: None,
            automatic_sends_must_succeed: false,
        }
    }
}

/// The process and the whole test (cli.md §4.3, §4.8, §4.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// `-timeout` in milliseconds; 0 = none (cli.md §8.4; we do not cut it down to seconds).
    pub timeout_ms: u64,
    /// `-timeout_error`: reaching `timeout_ms` is a fatal error.
    pub timeout_is_error: bool,
    /// `-bg` (cli.md §10.4).
    pub background: bool,
    /// `-nostdin`: standard input must not be touched (cli.md §10.3).
    pub nostdin: bool,
    /// `-timer_resol`: what was asked for; timers are never coarser than 1 ms.
    pub timer_resolution_ms: u64,
    /// `-sleep`: wait so long before the sockets are opened, in milliseconds.
    pub sleep_ms: u64,
    /// `-skip_rlimit`: do not look at the limit of open files.
    pub skip_rlimit: bool,
    /// `-max_recv_loops`: messages received before timers get their turn; at least 1.
    pub max_recv_loops: u32,
    /// `-max_sched_loops`: steps a call may run before others get their turn; at least 1.
    pub max_sched_loops: u32,
    /// Ours, `-workers`: threads that calls are shared out to; at least 1.
    pub workers: u32,
    /// `-watchdog_*`.
    pub watchdog: Watchdog,
}

impl Default for RunOptions {
    fn default() -> Self {
        RunOptions {
            timeout_ms: 0,
            timeout_is_error: false,
            background: false,
            nostdin: false,
            timer_resolution_ms: 1,
            sleep_ms: 0,
            skip_rlimit: false,
            max_recv_loops: 1_000,
            max_sched_loops: 1_000,
            workers: 1,
            watchdog: Watchdog::default(),
        }
    }
}

/// `-watchdog_*` (cli.md §16). Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watchdog {
    /// How often it looks; 0 = never.
    pub interval_ms: u64,
    /// Trips are forgotten after so long without one; 0 = never.
    pub reset_ms: u64,
    /// More between two looks is a minor trip.
    pub minor_threshold_ms: u64,
    /// More between two looks is a major trip.
    pub major_threshold_ms: u64,
    /// Minor trips allowed; negative = any number.
    pub minor_maxtriggers: i32,
    /// Major trips allowed; negative = any number.
    pub major_maxtriggers: i32,
}

impl Default for Watchdog {
    fn default() -> Self {
        Watchdog {
            interval_ms: 400,
            reset_ms: 600_000,
            minor_threshold_ms: 500,
            major_threshold_ms: 3_000,
            minor_maxtriggers: 120,
            major_maxtriggers: 10,
        }
    }
}

/// Trace files (cli.md §4.11).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// `-trace_msg`: every message sent and received.
    pub messages: LogFile,
    /// `-trace_err`: errors and warnings.
    pub errors: LogFile,
    /// `-trace_logs`: what `<log>` actions write.
    pub logs: LogFile,
    /// `-rfc3339`: the form of time stamps, those of `[timestamp]` too.
    pub rfc3339: bool,
    /// `-trace_shortmsg`: a line for every message.
    pub short_messages: LogFile,
    /// `-trace_calldebug`: the story of each aborted call.
    pub call_debug: LogFile,
    /// `-trace_screen`: the screens at the end, and whenever they are asked for.
    pub screens: LogFile,
    /// `-ringbuffer_size`: a log of more bytes is rotated; 0 = never.
    pub ring_bytes: u64,
    /// `-ringbuffer_files`: old logs kept.
    pub ring_files: usize,
    /// `-max_log_size`: a log of more bytes is closed; 0 = never.
    pub most_bytes: u64,
}

/// Statistics files (cli.md §4.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// `-trace_stat`
    pub rows: bool,
    /// `-stf`: name of that file; `None` = `<scenario>_<pid>_.csv` in the working directory.
    pub rows_file: Option<PathBuf>,
    /// `-trace_counts`
    pub counts: bool,
    /// `-trace_error_codes`
    pub error_codes: bool,
    /// `-trace_rtt`
    pub response_times: bool,
    /// `-rtt_freq`: response times written at a time, at least 1.
    pub response_times_at_a_time: u64,
    /// `-fd`: milliseconds between two rows; 0 = only those at start and end.
    pub row_period_ms: u64,
    /// `-f`: milliseconds between two periods of the screens; 0 = one period for the whole run.
    pub screen_period_ms: u64,
    /// `-stat_delimiter`
    pub delimiter: String,
    /// `-periodic_rtd`: repartitions begin anew with every row.
    pub periodic_repartitions: bool,
}

impl Default for Statistics {
    fn default() -> Self {
        Statistics {
            rows: false,
            rows_file: None,
            counts: false,
            error_codes: false,
            response_times: false,
            response_times_at_a_time: 200,
            row_period_ms: 60_000,
            screen_period_ms: 1_000,
            delimiter: ";".to_owned(),
            periodic_repartitions: false,
        }
    }
}

/// Reports and thresholds (ours).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reports {
    /// `-json`
    pub json: Option<PathBuf>,
    /// `-junit`
    pub junit: Option<PathBuf>,
    /// `-html`
    pub html: Option<PathBuf>,
    /// `-prometheus`
    pub metrics: Option<SocketAddr>,
    /// `-expect` and `-fail_on_lag`, in the order typed.
    pub expectations: Vec<Expectation>,
}

/// One trace file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFile {
    /// Whether it is written at all.
    pub enabled: bool,
    /// Where; `None` = `<scenario>_<pid>_<suffix>` in the working directory.
    pub name: Option<PathBuf>,
    /// Whether an existing file is kept and continued.
    pub append: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cli.md §0.6.
    #[test]
    fn the_scenario_name_is_the_base_name_without_a_final_xml() {
        for (path, name) in [
            ("my.xml", "my"),
            ("/a/b/my.xml", "my"),
            ("a.b/my.uac.xml", "my.uac"),
            ("my.XML", "my.XML"),
            ("my", "my"),
            ("my.xml.xml", "my.xml"),
        ] {
            assert_eq!(ScenarioChoice::File(path.into()).name(), name, "{path:?}");
        }
        assert_eq!(Options::default().scenario_name(), "uac");
    }
}
