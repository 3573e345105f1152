//! Failed calls told to people: from what the engine noted to a story in words, and the drawing of it.
//! Spec: none of SIPp's (design.md: "a failed call can be explained from the report alone"). `story` words what happened, `hint` says
//! what it usually means, `ladder` draws, `briefing` is what stderr gets. Must not count.

pub mod briefing;
mod hint;
pub mod ladder;
mod status_codes;
pub mod story;
