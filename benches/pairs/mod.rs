//! What benches of whole programs share: two SIP programs that call each other on loopback, a core each; what they took and wrote;
//! the table of it. Must not know what is measured nor by which transport.

pub mod bench;
pub mod held;
pub mod highest;
pub mod machine;
pub mod process;
pub mod program;
pub mod stat_file;
pub mod table;
pub mod verdict;
