//! rsipp runs SIPp scenarios: a compiler for scenario files, a sans-IO engine for calls, and a thin shell of sockets,
//! clock and files around it. `ARCHITECTURE.md` tells how data flows; each module's first lines say what it must not do.

pub mod auth;
pub mod cli;
pub mod clock;
pub mod control;
pub mod display;
pub mod engine;
pub mod ere;
pub mod inject;
pub mod link;
pub mod message;
pub mod number;
pub mod report;
pub mod run;
pub mod scenario;
pub mod sip;
pub mod stats;
pub mod transport;
pub mod worker;
