//! A parsed message text and the ways into it.
//! Spec: keywords.md §1. In: scenario text and, once the sockets are open, [`Facts`]. Out: messages.

use std::ops::Range;

use super::cleanup::Cleaned;
use super::segment::{self, Live, Segment};
use super::{Facts, Scene, bind, first_line, parse, render};
use crate::inject::FileIx;
use crate::scenario::plan::{Keeps, Outgoing, VarIx};

/// auth.md §2.
pub(super) const ONE_AUTHENTICATION: &str = "Only one [authentication] keyword is currently supported!";

/// A parsed text.
#[derive(Clone, Debug)]
pub struct Template {
    segments: Vec<Segment>,
}

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
    /// Whether calls draw a line of each injection file; automatic calls do not, and may not use `[fieldN]`.
    fn calls_draw_lines(&self) -> bool {
        true
    }
}

/// Why a text is not a template: SIPp's sentence and the byte range in the text where it went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// The sentence.
    pub message: String,
    /// Where, in the text given to the parser.
    pub at: Range<usize>,
    /// Nearest keyword, when the name is not known.
    pub nearest: Option<String>,
}

/// Why a rendering failed: ends the call or the run as the spec says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// Fatal for the run (exit 255), with SIPp's sentence.
    #[error("{0}")]
    Fatal(String),
    /// The call fails, with SIPp's sentence as a warning. In SIPp this ends the run; here the value may have come from the
    /// network (spec/README.md rule 4).
    #[error("{0}")]
    CallFails(String),
    /// More than 65536 bytes (keywords.md §5.3): the call fails.
    #[error("Message too long: a message may have at most 65536 bytes")]
    TooLong,
}

impl TemplateError {
    pub(super) fn new(message: impl Into<String>, at: Range<usize>) -> TemplateError {
        TemplateError { message: message.into(), at, nearest: None }
    }
}

impl Template {
    /// keywords.md §3: an action text.
    pub fn parse(text: &[u8], names: &mut dyn Names) -> Result<Template, TemplateError> {
        let parsed = parse::segments(text, names)?;
        check_once(&parsed, text.len())?;
        Ok(Template::of(bind::joined(parsed)))
    }

    /// keywords.md §2 + §3 + §4: the CDATA of a `<send>`, from the raw CDATA. Error positions refer to the
    /// raw CDATA. Files as in [`Template::parse`].
    pub fn parse_send(cdata: &[u8], names: &mut dyn Names) -> Result<(Template, Outgoing), TemplateError> {
        Template::parse_message(&Cleaned::of_send(cdata)?, names)
    }

    /// The CDATA of a `<DefaultMessage>`: as [`Template::parse_send`], but a body loses its last newline (keywords.md §1, §2).
    pub fn parse_default_message(
        cdata: &[u8],
        names: &mut dyn Names,
    ) -> Result<(Template, Outgoing), TemplateError> {
        Template::parse_message(&Cleaned::of_default_message(cdata)?, names)
    }

    fn parse_message(
        cleaned: &Cleaned,
        names: &mut dyn Names,
    ) -> Result<(Template, Outgoing), TemplateError> {
        let parsed = parse::segments(&cleaned.text, names).map_err(|error| cleaned.at_origin(error))?;
        check_once(&parsed, cleaned.text.len()).map_err(|error| cleaned.at_origin(error))?;
        let literal = parsed
            .iter()
            .map_while(|part| if let Segment::Literal(text) = part { Some(&**text) } else { None });
        let outgoing = first_line::outgoing(&literal.collect::<Vec<_>>().concat(), &cleaned.text)
            .map_err(|error| cleaned.at_origin(error))?;
        Ok((Template::of(bind::joined(parsed)), outgoing))
    }

    /// A template of these segments.
    pub(super) fn of(segments: Vec<Segment>) -> Template {
        Template { segments }
    }

    /// What calls must keep for this template.
    pub fn keeps(&self) -> Keeps {
        segment::keeps(&self.segments)
    }

    /// Gives every variable that the text reads to `change`: the compiler numbers them anew at its end.
    pub fn map_variables(&mut self, change: &mut dyn FnMut(&mut VarIx)) {
        segment::map_variables(&mut self.segments, change);
    }

    /// Turns all that is known once the sockets are open into text. `own_index`: index of the `<send>` it
    /// belongs to. To be called once, before the first rendering.
    pub fn bind(&mut self, facts: &Facts, own_index: Option<i32>) {
        bind::bind(&mut self.segments, facts, own_index);
    }

    /// Appends the message to `out`. Warnings (a missing field) go to `warnings`. After an error `out` holds
    /// a part of the message.
    pub fn render(
        &self,
        scene: &mut Scene<'_>,
        out: &mut Vec<u8>,
        warnings: &mut Vec<String>,
    ) -> Result<(), RenderError> {
        render::message(&self.segments, scene, out, warnings)
    }
}

/// auth.md §2.
fn check_once(segments: &[Segment], length: usize) -> Result<(), TemplateError> {
    let is_keyword = |segment: &&Segment| matches!(segment, Segment::Live(Live::Authentication(_)));
    match segments.iter().filter(is_keyword).count() {
        0 | 1 => Ok(()),
        _ => Err(TemplateError::new(ONE_AUTHENTICATION, 0..length)),
    }
}

/// No variables, keys or files: for texts of ours, and for what comes from injection files.
pub(super) struct NoNames;

impl Names for NoNames {
    fn variable(&mut self, _name: &str) -> VarIx {
        VarIx::Global(u16::MAX) // a slot that no scenario fills reads as not assigned
    }

    fn has_variable(&self, _name: &str) -> bool {
        false
    }

    fn key(&self, _name: &str) -> Option<&str> {
        None
    }

    fn file(&self, _name: Option<&str>) -> Option<FileIx> {
        None
    }
}
