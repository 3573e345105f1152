//! The rules of the specification, proven from outside: the real `rsipp`, as its users run it, against a scripted peer.
//!
//! | file | rules of | what |
//! |---|---|---|
//! | `exit_codes` | cli.md §9 | what a script sees in `$?` |
//! | `start_up` | design.md, cli.md §6 | how soon the first packet leaves, and what is left behind on disk |
//! | `child` | cli.md §10 | rsipp as a child of another program: stdin, stdout, `-bg`, ports, neighbours |
//! | `signals` | cli.md §8, runtime.md §15 | INT, TERM, USR1, USR2 in mid-run |
//! | `signal_stages` | cli.md §8, §10.1 | each signal, `q` and `Q` at each stage of a run, on a terminal |
//! | `keys` | cli.md §10.2, §14, §15 | the keyboard, typing commands, jobs in the background |
//! | `live` | outputs.md §14, §15.9 | the live screens on a terminal |
//! | `progress` | ours | the line on a terminal that tells how far a run is |
//! | `remote_control` | cli.md §13, §14 | the UDP remote control |
//! | `traces` | outputs.md §2, §7-§12, §17 | names, contents and size of the log files |
//! | `statistics` | outputs.md §3-§6 | the CSV files |
//! | `retransmission` | runtime.md §5 | the observed time tables |
//! | `load` | runtime.md §2 | when calls start, how many, which users, the rate that grows |
//! | `received` | runtime.md §6-§8, §17 | `-rtcheck`, `-pause_msg_ign`, `-callid_slash_ign`, `-lost`; repeats |
//! | `timeouts` | runtime.md §4, §15 | receive timeouts, the end by `-timeout` |
//! | `injection` | actions.md §4 | `[fieldN]` on the wire |
//! | `keywords` | keywords.md §11, cli.md §4 | message text on the wire |
//! | `failures` | ours | what stderr tells of failed calls: ladder, step, hint |
//! | `html` | ours | the page of a run |
//! | `faults` | spec README, rule 4 | killed peers, garbage |
//! | `streams` | transport.md §3, §7, §11-§17 | TCP, TLS and WebSocket: which connection carries what, and its loss |
//! | `stream_faults` | transport.md §11-§13 | TCP peers that reset, stall, send garbage or do not read, towards both roles |
//! | `tls_faults` | transport.md §17 | certificates that are not believed, handshakes that stall, garbage under TLS |
//! | `ws_faults` | ours | refused upgrades, broken frames, floods |
//! | `sockets` | transport.md §3-§8, §10 | many UDP sockets, `-rsa` |
//! | `srv` | README "Locating the remote host" | NAPTR, SRV and addresses from the DNS |
//! | `options` | cli.md §1.3, §4 | options without a page of their own |
//! | `reports` | README "Reports" | JSON and JUnit files, thresholds, metrics |
//! | `authentication` | auth.md | the shipped scenarios, `-au`, `-ap`, `-auth_uri`, bad challenges |
//! | `peer_option` | `-peer_sn` | both sides in one process |
//! | `other_scenarios` | cli.md §4.1, scenario.md §14 | `-oocsf`, `-rxsf`: answering what belongs to no call |
//! | `old_scenarios` | ios_canceler.md | scenarios as they are found on the web |
//!
//! A new test goes to the file of the page that states its rule, is named after the rule and cites the section.
//! `program` runs rsipp, `terminal` is one that somebody types on, `peer` plays the other side, `stream_peer` that of connections with `certificates`,
//! `xml` writes small scenarios; scenarios worth a file are in `scenarios/`.
//! Nothing here sleeps: tests wait for an event with a deadline. Ports are the system's choice, addresses loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests talk to a real program over real sockets and stop at the first thing that is not as it should be"
)]

mod certificates;
mod fault;
mod peer;
mod program;
mod stream_peer;
mod terminal;
mod xml;

mod authentication;
mod both_transports;
mod child;
mod circuits;
mod exit_codes;
mod failures;
mod faults;
mod html;
mod injection;
mod keys;
mod keywords;
mod live;
mod load;
mod old_scenarios;
mod options;
mod other_scenarios;
mod peer_option;
mod progress;
mod received;
mod remote_control;
mod reports;
mod retransmission;
mod signal_stages;
mod signals;
mod sockets;
mod srv;
mod start_up;
mod statistics;
mod stream_faults;
mod streams;
mod timeouts;
mod tls_faults;
mod traces;
mod workers;
mod ws_faults;
