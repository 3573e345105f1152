//! Everything a run tells its user: screens, our verdict, trace and statistics files.
//! Spec: outputs.md; cli.md §7. In: plain numbers (`stats`, `scenario::plan`) and owned
//! records from the workers. Out: text and files. Must not count, read a clock, or make a worker wait for a disk.

mod call_debug;
pub mod causes;
mod counts_csv;
mod error_codes_csv;
pub mod errors;
pub mod expect;
pub mod failure;
pub mod generator;
mod html;
mod junit;
pub mod log_file;
pub mod logs;
pub mod metrics;
pub mod page;
pub mod progress;
pub mod recorder;
pub mod report_file;
pub mod results;
pub mod ring;
mod rtt_csv;
pub mod screen;
mod screen_circuits;
pub mod screen_file;
mod screen_head;
mod screen_repartition;
mod screen_steps;
mod screen_totals;
mod screen_variables;
mod short_messages;
pub mod stamp;
pub mod stat_csv;
pub mod statistics;
#[cfg(test)]
mod test_plan;
pub mod trace;
pub mod verdict;
mod writer;
