//! Scripted peers: what they hear, and what they say to it after how long.

use super::text::{answer, kind_of};

/// One datagram that a script hears.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// Its text.
    pub text: &'a str,
    /// How many of the same kind (method or code) came before it.
    pub nth: usize,
}

impl Heard<'_> {
    /// Its method or code.
    pub fn kind(&self) -> &str {
        kind_of(self.text)
    }

    /// A response to it after so many ms.
    pub fn answer(&self, after_ms: u64, status: &str) -> (u64, String) {
        (after_ms, answer(self.text, status))
    }
}

/// What a script says: after how many ms, and what.
pub type Says = Vec<(u64, String)>;

/// A peer that is no engine.
pub trait Script {
    fn hear(&mut self, heard: Heard<'_>) -> Says;
}

impl<F: FnMut(Heard<'_>) -> Says> Script for F {
    fn hear(&mut self, heard: Heard<'_>) -> Says {
        self(heard)
    }
}

/// Never answers.
#[derive(Debug)]
pub struct Silent;

impl Script for Silent {
    fn hear(&mut self, _heard: Heard<'_>) -> Says {
        Says::new()
    }
}

/// Answers the first request of each method: (method, after ms, status).
#[derive(Debug)]
pub struct Answers<const N: usize>(pub [(&'static str, u64, &'static str); N]);

impl<const N: usize> Script for Answers<N> {
    fn hear(&mut self, heard: Heard<'_>) -> Says {
        let fits = |(method, _, _): &&(&str, u64, &str)| heard.nth == 0 && *method == heard.kind();
        self.0.iter().filter(fits).map(|(_, after, status)| heard.answer(*after, status)).collect()
    }
}
