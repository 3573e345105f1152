//! Calls on a virtual clock: engines in a pair, or one engine against a script, no sockets and no real time.
//! `pair` is the harness, `setup` what one side runs, `link` what lies between the two, `peer` scripted peers, `text` scenarios and
//! messages. The other files prove runtime.md (and actions.md §3) rule by rule, a theme a file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets the unexpected must fail"
)]

mod link;
mod links;
mod pair;
mod peer;
mod setup;
mod text;

mod action_results;
mod action_timing;
mod actions;
mod authentication;
mod automatic;
mod checks;
mod commands;
mod creation;
mod dead_calls;
mod default_message;
mod duplicates;
mod durations;
mod ereg;
mod hostile;
mod ignored;
mod init;
mod injection_actions;
mod jumps;
mod keywords;
mod late_messages;
mod loss;
mod loss_attribute;
mod matching;
mod matching_language;
mod mixed_mode;
mod out_of_call;
mod pacing;
mod pauses;
mod pausing;
mod quitting;
mod rate_changes;
mod rate_increase;
mod receiving;
mod regressions;
mod retransmission;
mod rtcheck;
mod setdest;
mod simulation;
mod stories;
mod timeouts;
mod traces;
mod transactions;
mod unexpected;
mod unexpected_handler;
mod users_changes;
mod value_actions;
mod variable_types;
mod variables;
