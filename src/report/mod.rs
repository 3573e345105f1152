//! Everything a run tells its user: the closing screens, our verdict, and the trace files.
//! Spec: outputs.md §1, §2, §7, §9, §10, §15, §16; cli.md §7. In: plain numbers (`stats`, `scenario::plan`) and owned
//! records from the workers. Out: text and files. Must not count, read a clock, or make a worker wait for a disk.

pub mod errors;
pub mod log_file;
pub mod logs;
pub mod recorder;
pub mod screen;
mod screen_head;
mod screen_steps;
mod screen_totals;
pub mod stamp;
pub mod trace;
pub mod verdict;
