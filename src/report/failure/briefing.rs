//! What stderr gets of failed calls: a few ladders, one of each kind, and how many more there were.
//! In: stories in order of time. Out: text; nothing when no call failed. Must stay short: logs of CI are read by people.

use super::ladder;
use crate::stats::story::FailureStory;

/// Ladders that are drawn in full.
pub const MOST: usize = 3;

/// The text. `failed`: failed calls in all, told of or not.
pub fn text(stories: &[FailureStory], failed: u64) -> String {
    let mut kinds: Vec<(&FailureStory, u64)> = Vec::new();
    for story in stories {
        match kinds.iter_mut().find(|(first, _)| first.is_like(story)) {
            Some((_, count)) => *count += 1,
            None => kinds.push((story, 1)),
        }
    }
    let mut out = String::new();
    for (story, count) in kinds.iter().take(MOST) {
        out.push_str(&ladder::text(story));
        // Not every failed call has a story; when all are alike, the rest is, too.
        let alike = if kinds.len() == 1 { failed.max(*count) } else { *count };
        match alike - 1 {
            0 => {}
            1 => out.push_str("  1 more call failed like this\n"),
            more => out.push_str(&format!("  {more} more calls failed like this\n")),
        }
        out.push('\n');
    }
    let told: u64 = kinds.iter().take(MOST).map(|(_, count)| count).sum();
    if kinds.len() > 1 && failed > told {
        out.push_str(&format!("{} more calls failed, some of them in other ways\n\n", failed - told));
    }
    out
}
