//! Calls on a virtual clock: engines in a pair, or one engine against a script, no sockets and no real time.
//! `pair` is the harness, `link` what lies between the two, `peer` scripted peers, `text` scenarios and messages. The other files
//! prove runtime.md (and actions.md §3) rule by rule, a theme a file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets the unexpected must fail"
)]

mod link;
mod pair;
mod peer;
mod text;

mod actions;
mod automatic;
mod checks;
mod creation;
mod dead_calls;
mod duplicates;
mod durations;
mod hostile;
mod loss;
mod matching;
mod quitting;
mod retransmission;
mod timeouts;
mod unexpected;
