//! POSIX extended regular expressions as glibc understands them, byte-wise and in the C locale.
//! Spec: actions.md §3.1 "Regular expression dialect", scenario.md §5.2 (`regexp_match`). In: an expression and texts, both
//! any bytes. Out: byte ranges of the match and its groups, or glibc's reason for refusing the expression. Must not know
//! scenarios, messages or variables.
//!
//! The C library ([`posix`]) defines the meaning and refuses bad expressions. The `regex` crate ([`translate`]) searches
//! faster and takes over where its result is proved to be the same.

mod posix;
#[cfg(test)]
mod tests;
mod translate;

use std::ops::Range;
use std::sync::{Arc, Mutex};

use regex::bytes::{CaptureLocations, Regex};

use posix::Posix;

/// A compiled expression. Searches take `&self` from any thread; one that has a clone of its own waits for no other.
#[derive(Clone, Debug)]
pub struct Ere {
    posix: Arc<Posix>,
    fast: Option<Fast>,
}

/// Why an expression was refused. The text is what SIPp prints as the reason (actions.md §3.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EreError {
    /// glibc's reason, for example `Unmatched ( or \(`.
    #[error("{0}")]
    Refused(String),
    /// C strings cannot hold it, so the dialect has no way to say it.
    #[error("NUL byte in the expression")]
    Nul,
}

/// How many ranges a search reports: the whole match and `\1` to `\9`.
const REPORTED: usize = 10;

/// The byte ranges of the last successful search: 0 is the whole match, 1 to 9 are the groups. A group that took no part
/// in the match has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups([Option<Range<usize>>; REPORTED]);

impl Groups {
    /// The range of group `i`; none for a group that took no part, does not exist or is above 9.
    pub fn get(&self, i: usize) -> Option<Range<usize>> {
        self.0.get(i).cloned().flatten()
    }

    fn fill(&mut self, range: impl Fn(usize) -> Option<Range<usize>>) {
        self.0 = std::array::from_fn(range);
    }
}

impl Ere {
    /// Compiles `pattern`, already decoded as in actions.md §1.4 (`\\` is one backslash, `\n` is LF).
    ///
    /// # Errors
    /// Exactly where glibc's `regcomp` refuses the expression, and for one with a NUL byte.
    pub fn compile(pattern: &[u8]) -> Result<Ere, EreError> {
        let posix = Arc::new(Posix::compile(pattern)?);
        Ok(Ere { posix, fast: translate::translate(pattern).map(Fast::new) })
    }

    /// Whether `text` contains a match. A match of the empty string is one.
    pub fn is_match(&self, text: &[u8]) -> bool {
        match self.fast_for(text) {
            Some(fast) => fast.regex.is_match(text),
            None => self.posix.is_match(text),
        }
    }

    /// Searches the leftmost, longest match in `text`. `groups` is written only if there is one.
    pub fn find(&self, text: &[u8], groups: &mut Groups) -> bool {
        match self.fast_for(text) {
            Some(fast) => fast.find(text, groups),
            None => self.posix.find(text, groups),
        }
    }

    /// The translation, if there is one and it holds for `text`: the proof in [`translate`] is for text without NUL bytes.
    fn fast_for(&self, text: &[u8]) -> Option<&Fast> {
        self.fast.as_ref().filter(|_| memchr::memchr(0, text).is_none())
    }
}

/// An expression that the `regex` crate may search.
#[derive(Debug)]
struct Fast {
    regex: Regex,
    /// Saves an allocation a search; a thread that finds it taken allocates its own.
    scratch: Mutex<CaptureLocations>,
}

impl Clone for Fast {
    fn clone(&self) -> Fast {
        Fast::new(self.regex.clone())
    }
}

impl Fast {
    fn new(regex: Regex) -> Fast {
        let scratch = Mutex::new(regex.capture_locations());
        Fast { regex, scratch }
    }

    fn find(&self, text: &[u8], groups: &mut Groups) -> bool {
        if self.regex.captures_len() == 1 {
            let Some(found) = self.regex.find(text) else { return false };
            groups.fill(|i| (i == 0).then(|| found.range()));
            return true;
        }
        match self.scratch.try_lock() {
            Ok(mut locations) => self.find_groups(text, &mut locations, groups),
            Err(_) => self.find_groups(text, &mut self.regex.capture_locations(), groups),
        }
    }

    fn find_groups(&self, text: &[u8], locations: &mut CaptureLocations, groups: &mut Groups) -> bool {
        if self.regex.captures_read(locations, text).is_none() {
            return false;
        }
        groups.fill(|i| locations.get(i).map(|(start, end)| start..end));
        true
    }
}
