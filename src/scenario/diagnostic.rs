//! What the user is told about a scenario file: one mistake or oddity with its id, SIPp's sentence, the places in the
//! file and a way out, rendered like a compiler message.
//! Spec: scenario.md §1 (error reporting), §2.3, §16. In: byte ranges of the file as read from disk. Out: text. Must not
//! print anything and must not end the process.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// Whether the scenario can still run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It can not: the load fails.
    Error,
    /// It can, but probably not as meant.
    Warning,
}

/// One message about the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Short stable name of the rule, shown in brackets.
    pub id: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// The sentence: SIPp's own where scripts may look for it.
    pub message: String,
    /// Byte ranges of the file with what to say there. The first one is where the mistake is.
    pub labels: Vec<(Range<usize>, String)>,
    /// A way out.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake that fails the load.
    pub fn error(id: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { id, severity: Severity::Error, message: message.into(), labels: Vec::new(), help: None }
    }

    /// An oddity that the load survives.
    pub fn warning(id: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(id, message) }
    }

    /// Points at bytes of the file. The first call names the place of the mistake, further ones places that explain it.
    pub fn at(mut self, place: Range<usize>, label: impl Into<String>) -> Diagnostic {
        self.labels.push((place, label.into()));
        self
    }

    /// Adds a way out.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// The message as shown to the user: title, `file:line:column`, source lines with carets, help. `source` is the file
    /// as read from disk; `colour` adds ANSI escapes.
    pub fn render(&self, source: &[u8], file_name: &str, colour: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&self.message).id(self.id);
        let window = Window::around(source, &self.labels);
        let mut group = Group::with_title(title);
        if !self.labels.is_empty() {
            group = group.element(window.snippet(&self.labels).path(file_name));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }

    fn position(&self) -> usize {
        self.labels.first().map_or(usize::MAX, |(place, _)| place.start)
    }
}

/// The lines of the file that a diagnostic shows, so that its cost does not depend on the size of the file.
struct Window {
    text: String,
    start: usize,
    first_line: usize,
}

impl Window {
    fn around(source: &[u8], labels: &[(Range<usize>, String)]) -> Window {
        let low = labels.iter().map(|(place, _)| place.start).min().unwrap_or(0).min(source.len());
        let high = labels.iter().map(|(place, _)| place.end).max().unwrap_or(0).clamp(low, source.len());
        let before = source.get(..low).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let after = source.get(high..).unwrap_or_default();
        let rest_of_line = after.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let end = high + rest_of_line.trim_ascii_end().len();
        let first_line = 1 + memchr::memchr_iter(b'\n', before).count();
        Window { text: displayable(source.get(start..end).unwrap_or_default()), start, first_line }
    }

    fn snippet<'a>(
        &'a self,
        labels: &'a [(Range<usize>, String)],
    ) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let annotations = labels.iter().enumerate().map(|(index, (place, label))| {
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            kind.span(self.local(place)).label((!label.is_empty()).then_some(label.as_str()))
        });
        Snippet::source(&self.text).line_start(self.first_line).annotations(annotations)
    }

    /// The place within the window, widened to whole characters.
    fn local(&self, place: &Range<usize>) -> Range<usize> {
        let mut start = place.start.saturating_sub(self.start).min(self.text.len());
        let mut end = place.end.saturating_sub(self.start).clamp(start, self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }
}

/// The bytes as text of the same length: what is not UTF-8 shows as question marks, a carriage return as a blank.
fn displayable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text.replace('\r', " ")
}

/// Collects what is found wrong while one file is compiled.
#[derive(Debug, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    failed: bool,
    /// Something was skipped, so a variable or response time may have more mentions than were counted.
    pub(super) incomplete: bool,
}

impl Report {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.failed |= diagnostic.severity == Severity::Error;
        self.diagnostics.push(diagnostic);
    }

    /// Adds an error because of which a part of the scenario was not looked at: names may have more mentions than were
    /// counted.
    pub(super) fn push_hiding(&mut self, diagnostic: Diagnostic) {
        self.incomplete = true;
        self.push(diagnostic);
    }

    /// Adds the error of a feature that rsipp does not have yet. What it contains is not looked at.
    pub fn not_built_yet(&mut self, what: &str, place: Range<usize>) {
        self.push_hiding(
            Diagnostic::error("not-built-yet", format!("not supported yet: {what}")).at(place, ""),
        );
    }

    /// Whether an error was added.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// All of them in the order of their places in the file; those without a place last.
    pub fn in_file_order(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(Diagnostic::position);
        self.diagnostics
    }
}

/// The candidate that differs least from a mistyped name, if any is close enough to be meant.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= (candidate.chars().count() / 3).max(1) && *candidate != name
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
