//! What rsipp says of itself at the end of a run (`src/report/verdict.rs`). Empty for sipp, which says nothing of the kind.

/// The figures of the verdict lines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verdict {
    /// Calls a second: asked and achieved.
    pub rate: Option<(f64, f64)>,
    /// The 99th percentile of how late calls started, in ms.
    pub lag_p99_ms: Option<f64>,
    /// It says that the generator fell short.
    pub generator_limited: bool,
}

impl Verdict {
    /// Of the caller's standard output.
    pub fn read(said: &str) -> Verdict {
        let Some(begin) = said.find("Verdict:") else { return Verdict::default() };
        let said = &said[begin..];
        let rate = behind(said, "rate asked ").zip(behind(said, "achieved "));
        let lag_p99_ms = said.find("(p50), ").and_then(|at| behind(&said[at..], "(p50), "));
        Verdict { rate, lag_p99_ms, generator_limited: said.contains("generator-limited") }
    }
}

/// The number that follows a word.
fn behind(text: &str, word: &str) -> Option<f64> {
    let rest = &text[text.find(word)? + word.len()..];
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
    rest[..end].parse().ok()
}
