//! PLACEHOLDER of the agreed interface.
use super::{Facts, Scene};
use crate::inject::FileIx;
use crate::scenario::plan::{Keeps, Outgoing, VarIx};

/// A parsed text.
#[derive(Debug)]
pub struct Template {}

/// What the parser must ask of the scenario compiler. Each `variable` call counts as one mention.
pub trait Names {
    /// Slot of a variable (created in call scope when unknown).
    fn variable(&mut self, name: &str) -> VarIx;
    /// Whether a variable of this name was mentioned already (keywords.md §3.2, names with an offset).
    fn has_variable(&self, name: &str) -> bool;
    /// Text of `-key NAME TEXT`.
    fn key(&self, name: &str) -> Option<&str>;
    /// Injection file by base name, or the default one.
    fn file(&self, name: Option<&str>) -> Option<FileIx>;
}

/// Why a text is not a template: SIPp's sentence and the byte range in the text where it went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// The sentence.
    pub message: String,
    /// Where, in the text given to the parser.
    pub at: std::ops::Range<usize>,
    /// Nearest keyword, when the name is not known.
    pub nearest: Option<String>,
}

/// Why a rendering failed: ends the call or the run as the spec says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderError {
    /// Fatal for the run (exit 255), with SIPp's sentence.
    Fatal(String),
}

impl Template {
    /// keywords.md §3: an action text.
    pub fn parse(_text: &[u8], _names: &mut dyn Names) -> Result<Template, TemplateError> {
        Ok(Template {})
    }
    /// keywords.md §2 + §3 + §4: the CDATA of a `<send>`, from the raw CDATA. Error positions refer to the raw CDATA.
    pub fn parse_send(_cdata: &[u8], _names: &mut dyn Names) -> Result<(Template, Outgoing), TemplateError> {
        Ok((Template {}, Outgoing::Response(200)))
    }
    /// What calls must keep for this template.
    pub fn keeps(&self) -> Keeps {
        Keeps::default()
    }
    /// Turns all that is known once the sockets are open into text. `own_index`: index of the `<send>` it belongs to.
    pub fn bind(&mut self, _facts: &Facts, _own_index: Option<i32>) {}
    /// Appends the message to `out`. Warnings (a missing field) go to `warnings`.
    pub fn render(
        &self,
        _scene: &mut Scene<'_>,
        _out: &mut Vec<u8>,
        _warnings: &mut Vec<String>,
    ) -> Result<(), RenderError> {
        Ok(())
    }
}
