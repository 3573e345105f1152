//! Where and when this was measured: without it figures say nothing.

use std::fs::read_to_string;

/// For example `AMD EPYC, 2 cores, Linux 6.18.44, 2026-11-29`.
pub fn description() -> String {
    let cpu = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown CPU", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let date = chrono::Local::now().format("%Y-%m-%d");
    format!("{model}, {cores} cores, Linux {}, {date}", kernel.trim())
}

/// Processes that wanted a core in the last minute, on average.
pub fn load() -> f64 {
    let text = read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}
