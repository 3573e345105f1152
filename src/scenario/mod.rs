//! The scenario compiler: XML text -> tree with spans -> checked -> [`plan::Plan`].
//! Spec: scenario.md, actions.md, keywords.md. Must not know about calls in progress.

pub mod plan;
