//! The whole program against the programs it meets in the field: real sipp and real Kamailio, over loopback sockets.
//!
//! | file | what |
//! |---|---|
//! | `program.rs` | which program is tested, and child processes that never outlive a test |
//! | `phone.rs` | a SIP phone as a script: sends, waits, answers, remembers |
//! | `kamailio.rs` | a private Kamailio with the shipped configuration |
//! | `canceler.rs` | the iOS canceler through Kamailio (ios_canceler.md, "Proof") |
//! | `child_process.rs` | the iOS canceler as the child of a server process (same list, second part) |
//! | `sipp_pairs.rs` | 5,000 calls between rsipp and sipp, both roles, IPv4 and IPv6; `un` and `ui` |
//! | `statistics.rs` | every trace and statistics file, beside sipp's of the same runs |
//! | `streams.rs` | TCP with sipp, TLS with openssl, TCP, TLS and WebSocket with Kamailio, IPv4 and IPv6, both roles |
//! | `command_lines.rs` | command lines of tutorials and test suites, by sipp and by rsipp, from `command_lines.toml` |
//! | `authentication/` | digest authentication with Kamailio's auth module, and with sipp on the other side |
//! | `differential/` | scenarios that sipp and rsipp run against the same scripted peer, and compare |
//!
//! `INTEROP_PROGRAM=sipp cargo test --test interop` runs the same tests with sipp in rsipp's place: the scenario and the
//! Kamailio configuration must work with both. The 20 ms from REGISTER to INVITE are promised, and asserted, for
//! `cargo test --release --test interop`. Needs
//! `apt-get install kamailio kamailio-tls-modules kamailio-websocket-modules openssl sip-tester`.
#![allow(
    clippy::disallowed_methods,
    reason = "a test of the whole program has sockets and a clock of its own"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test a panic is a failure")]

mod authentication;
mod canceler;
mod child_process;
mod command_lines;
mod differential;
mod kamailio;
mod phone;
mod program;
mod sipp_pairs;
mod statistics;
mod streams;
