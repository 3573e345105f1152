//! rsipp runs SIPp scenarios: a compiler for scenario files, a sans-IO engine for calls, and a thin shell of sockets,
//! clock and files around it. `ARCHITECTURE.md` tells how data flows; each module's first lines say what it must not do.

pub mod clock;
pub mod engine;
pub mod ere;
pub mod inject;
pub mod message;
pub mod scenario;
pub mod stats;
