//! How far a run is, in one line that is drawn again and again on a terminal.
//! Spec: issue "The whole command line" (ours). In: the counters now and then. Out: a line on stderr, gone at the end. Must never get
//! into a file or a pipe, and not decide when it is drawn.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::clock::Tick;
use crate::stats::Stats;

/// From one line to the next.
pub const PERIOD_MS: u64 = 500;

/// Whether a terminal cannot be drawn on, by its name: all that can be known without a description of it.
pub fn is_dumb() -> bool {
    std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
}

/// The line of one run.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// Calls opened at the last line, and when that was.
    before: (u64, Tick),
}

impl Progress {
    /// The line of a run that is to make so many calls; None when nobody at a terminal would see it.
    pub fn begin(wanted: Option<u64>) -> Option<Progress> {
        (std::io::stderr().is_terminal() && !is_dumb())
            .then(|| Progress::on(ProgressDrawTarget::stderr(), wanted))
    }

    fn on(target: ProgressDrawTarget, wanted: Option<u64>) -> Progress {
        let bar = ProgressBar::with_draw_target(wanted, target);
        let template = match wanted {
            Some(_) => "{elapsed_precise} [{bar:20}] {pos}/{len} calls, {msg}, ETA {eta}",
            None => "{elapsed_precise} {pos} calls, {msg}",
        };
        // The template is one of the two above; without it the bar would still count.
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        Progress { bar, before: (0, Tick::ZERO) }
    }

    /// Draws the line anew.
    pub fn show(&mut self, stats: &Stats, now: Tick) {
        let (opened, at) = self.before;
        self.before = (stats.created(), now);
        let seconds = now.since(at).micros() as f64 / 1e6;
        let rate = if seconds > 0.0 { stats.created().saturating_sub(opened) as f64 / seconds } else { 0.0 };
        self.bar.set_message(line(stats, rate));
        self.bar.set_position(stats.successful + stats.failed);
    }
}

impl Drop for Progress {
    /// What is printed at the end begins on a clean line.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Rate, open and failed calls, and how late calls begin when that can be seen.
fn line(stats: &Stats, rate: f64) -> String {
    let mut line = format!("{rate:.1}/s, {} open, {} failed", stats.current, stats.failed);
    let late_us = stats.start_lag.quantile_us(0.99);
    if late_us >= 1_000 {
        line.push_str(&format!(", started {:.1} ms late (p99)", late_us as f64 / 1e3));
    }
    line
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;
    use crate::clock::Span;

    fn stats(ended: u64, failed: u64, open: u64) -> Stats {
        let mut stats = Stats::new(0, 0, &[], &[]);
        stats.outgoing = ended + failed + open;
        (stats.successful, stats.failed, stats.current) = (ended, failed, open);
        stats
    }

    #[test]
    fn the_line_shows_what_is_done_the_rate_and_what_is_wrong() {
        let terminal = InMemoryTerm::new(5, 100);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let mut progress = Progress::on(target, Some(100));
        progress.show(&stats(10, 2, 8), Tick::from_millis(2_000));
        let shown = terminal.contents();
        assert!(shown.contains("[==>"), "{shown}");
        assert!(shown.contains("12/100 calls, 10.0/s, 8 open, 2 failed, ETA"), "{shown}");
        drop(progress);
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn lag_is_shown_from_a_millisecond_on() {
        let mut stats = stats(1, 0, 0);
        stats.start_lag.record(Span::from_micros(900));
        assert_eq!(line(&stats, 1.0), "1.0/s, 0 open, 0 failed");
        stats.start_lag.record(Span::from_micros(5_000));
        assert!(line(&stats, 1.0).ends_with(", started 5.0 ms late (p99)"));
    }
}
