//! Message templates: text with `[keywords]` is parsed once into segments and rendered into a buffer for each
//! message.
//! Spec: keywords.md. `cleanup` (§2) -> `parse` + `keyword` (§3, §6) + `first_line` (§4) -> [`Template`] ->
//! `bind` -> `render` (§5-§7). Must not look anything up by name while rendering. Only the parser touches
//! files, for `[file name=]`.

mod authentication;
mod automatic;
mod bind;
mod calendar;
mod cleanup;
mod facts;
mod first_line;
mod keyword;
mod parameter;
mod parse;
mod render;
mod scene;
mod segment;
mod template;

pub use authentication::{DefaultCredentials, Signer};
pub use automatic::Automatic;
pub use facts::Facts;
pub use parameter::key_bytes;
pub use scene::{DynamicIds, Scene};
pub use template::{Names, RenderError, Template, TemplateError};

#[cfg(test)]
mod tests;
