//! The rules of the specification, proven from outside: the real `rsipp`, as its users run it, against a scripted peer.
//!
//! | file | rules of | what |
//! |---|---|---|
//! | `exit_codes` | cli.md §9 | what a script sees in `$?` |
//! | `start_up` | design.md, cli.md §6 | how soon the first packet leaves, and what is left behind on disk |
//! | `child` | cli.md §10 | rsipp as a child of another program: stdin, stdout, `-bg`, ports, neighbours |
//! | `signals` | cli.md §8, runtime.md §15 | INT, TERM, USR1, USR2 in mid-run |
//! | `traces` | outputs.md §2, §7, §8 | names and contents of the log files |
//! | `retransmission` | runtime.md §5 | the observed time tables |
//! | `load` | runtime.md §2 | when calls start, how many, which users |
//! | `injection` | actions.md §4 | `[fieldN]` on the wire |
//! | `keywords` | keywords.md §11, cli.md §4 | message text on the wire |
//! | `faults` | spec README, rule 4 | killed peers, garbage |
//! | `streams` | transport.md §11-§17 | TCP, TLS and WebSocket, and peers that misbehave |
//! | `sockets` | transport.md §3-§8, §10 | many UDP sockets, `-rsa` |
//! | `peer_option` | `-peer_sn` | both sides in one process |
//! | `old_scenarios` | ios_canceler.md | scenarios as they are found on the web |
//!
//! A new test goes to the file of the page that states its rule, is named after the rule and cites the section.
//! `program` runs rsipp, `peer` plays the other side, `xml` writes small scenarios; scenarios worth a file are in `scenarios/`.
//! Nothing here sleeps: tests wait for an event with a deadline. Ports are the system's choice, addresses loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests talk to a real program over real sockets and stop at the first thing that is not as it should be"
)]

mod peer;
mod program;
mod xml;

mod child;
mod exit_codes;
mod faults;
mod injection;
mod keywords;
mod load;
mod old_scenarios;
mod peer_option;
mod retransmission;
mod signals;
mod sockets;
mod start_up;
mod streams;
mod traces;
