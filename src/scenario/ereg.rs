//! `<ereg>`: a regular expression searched in a message, a header or a variable.
//! Spec: actions.md §3.1 (attributes and load errors). In: the element. Out: [`Ereg`] with its expression compiled. Must not
//! search.

use crate::ere::Ere;

use super::compile::{Compiler, listed};
use super::diagnostic::Diagnostic;
use super::plan::{Action, Ereg, HeaderSearch, Subject, VarIx};
use super::xml::{Attribute, Element};

/// The whole match and nine groups.
const MOST_TARGETS: usize = 10;

impl Compiler<'_> {
    pub(super) fn ereg(&mut self, element: &Element, has_message: bool) -> Option<Action> {
        let regexp = self.report.required(element, "regexp");
        let pattern = regexp.and_then(|regexp| self.pattern(regexp));
        let subject = self.subject(element, has_message);
        let check = self.check(element);
        let to = self.targets(element);
        let source = regexp.map(|regexp| regexp.value.to_str().into_owned());
        let ereg = Ereg { pattern: pattern?, source: source?, subject: subject?, to: to?, check };
        Some(Action::Ereg(Box::new(ereg)))
    }

    fn pattern(&mut self, regexp: &Attribute) -> Option<Ere> {
        match Ere::compile(regexp.value.bytes()) {
            Ok(pattern) => Some(pattern),
            Err(reason) => {
                let source = regexp.value.to_str();
                let sentence = format!("recomp error : regular expression '{source}' - error '{reason}'");
                let error = Diagnostic::error("bad-regexp", sentence);
                self.report.push(error.at(regexp.value_span.clone(), reason.to_string()));
                None
            }
        }
    }

    fn subject(&mut self, element: &Element, has_message: bool) -> Option<Subject> {
        let header = self.header(element);
        let search_in = element.attribute("search_in");
        let subject = match search_in.map_or(b"msg".as_slice(), |attribute| attribute.value.bytes()) {
            b"msg" => Some(Subject::Message),
            b"body" => Some(Subject::Body),
            b"hdr" if header.text.is_empty() => {
                let error = Diagnostic::error("missing-attribute", "search_in=\"hdr\" requires header field");
                self.report.push(error.at(element.name_span.clone(), "needs header=\"…\""));
                None
            }
            b"hdr" => Some(Subject::Header(header)),
            b"var" => return self.variable_of(element, "variable").map(Subject::Variable),
            other => {
                let sentence = format!("Unknown search_in value {}", String::from_utf8_lossy(other));
                let error = Diagnostic::error("bad-value", sentence).help("one of msg, hdr, body, var");
                let place = search_in.map_or(&element.name_span, |attribute| &attribute.value_span);
                self.report.push_hiding(error.at(place.clone(), "no such place"));
                None
            }
        };
        if !has_message {
            let sentence = "<ereg> looks in a message, but this step has none: it never matches";
            let warning = Diagnostic::warning("no-message", sentence);
            let warning = warning.at(element.name_span.clone(), "no message here");
            self.report.push(warning.help("move it into the <recv>, or search in a variable"));
        }
        subject
    }

    /// What `search_in="hdr"` needs. Its attributes are checked for any `search_in`.
    fn header(&mut self, element: &Element) -> HeaderSearch {
        let occurrence = element.attribute("occurrence").or_else(|| element.attribute("occurence"));
        HeaderSearch {
            text: element.attribute("header").map(|header| header.value.bytes().into()).unwrap_or_default(),
            case_independent: self.report.action_flag(element, "case_indep"),
            start_line: self.report.action_flag(element, "start_line"),
            occurrence: occurrence.map_or(1, |attribute| leading_count(&attribute.value.to_str())),
        }
    }

    /// `assign_to`: the variable for the whole match, then those for the groups.
    fn targets(&mut self, element: &Element) -> Option<Box<[VarIx]>> {
        let list = self.required_list(element)?;
        let names = listed(list);
        if names.len() > MOST_TARGETS {
            let error = Diagnostic::error("too-many-groups", "You can only have nine sub expressions!");
            self.report.push(error.at(list.value_span.clone(), "the whole match and more than nine groups"));
        }
        let what = |index| if index == 0 { "assign_to" } else { "sub expression assign_to" };
        let names = names.into_iter().enumerate();
        let targets = names.map(|(index, (name, place))| self.variable_named(&name, place, what(index)));
        targets.collect::<Vec<_>>().into_iter().collect()
    }
}

/// C's `atol`, where junk, zero and negative numbers mean 1.
fn leading_count(text: &str) -> u32 {
    let text = text.trim_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.get(..digits) {
        Some("") | None => 1,
        Some(digits) => digits.parse().unwrap_or(u32::MAX).max(1),
    }
}
