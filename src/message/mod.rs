//! Message templates: text with `[keywords]` is parsed once into segments and rendered into a buffer for each message.
//! Spec: keywords.md. `cleanup` (§2) -> `parse` (§3, §4) -> `Template` -> `render` (§5-§7). Must not look anything up by name
//! while rendering.

mod facts;
mod scene;
mod template;

pub use facts::Facts;
pub use scene::{DynamicIds, Scene};
pub use template::{Names, RenderError, Template, TemplateError};
