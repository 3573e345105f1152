//! The sans-IO engine: calls, matching, retransmission, timers, pacing.
//! Spec: runtime.md. In: datagrams, time, commands. Out: effects. Must not do IO or read the clock.

pub mod variable;
