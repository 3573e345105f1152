//! `<init>`: steps that run once, before any call.
//! Spec: scenario.md §12, actions.md §2.5. In: the elements, one after the other. Out: a [`Plan`] of their own, in which variables,
//! response times and counters have the slots that they have in the scenario. Must not run anything.

use crate::message::{Automatic, DefaultCredentials, TemplateError};

use super::compile::Compiler;
use super::diagnostic::Diagnostic;
use super::plan::{Keeps, Plan, Role, StepKind};
use super::xml::Element;

impl Compiler<'_> {
    /// One of the `<init>` elements: each goes on where the one before ended.
    pub(super) fn init(&mut self, element: &Element) {
        std::mem::swap(&mut self.flow, &mut self.init);
        for child in &element.children {
            self.report.check_attributes(child);
            match child.name.as_str() {
                "nop" => self.push_step(child, StepKind::Nop),
                "label" => self.label(child),
                name => {
                    let sentence = format!("Invalid element in an init stanza: '{name}'");
                    let error = Diagnostic::error("not-in-init", sentence);
                    let error = error.at(child.name_span.clone(), "<init> takes <nop> and <label> only");
                    self.report.push_hiding(match name {
                        "action" => error.help("put it into a <nop>"),
                        _ => error,
                    });
                }
            }
        }
        std::mem::swap(&mut self.flow, &mut self.init);
    }

    /// The plan of `<init>`; None when there is nothing to do.
    pub(super) fn init_plan(&mut self, name: &str) -> Result<Option<Box<Plan>>, TemplateError> {
        let steps = std::mem::take(&mut self.init.steps);
        if steps.is_empty() {
            return Ok(None);
        }
        Ok(Some(Box::new(Plan {
            name: name.to_owned(),
            file: self.file_name.to_owned(),
            role: Role::Client,
            steps: steps.into(),
            variables: self.variables.names(),
            rtds: self.rtds.to_plan(),
            counters: self.counters.to_plan(),
            call_length_borders: Box::default(),
            nominal_pauses_ms: 0.0,
            default_pauses: 0,
            keeps: Keeps::default(),
            txns: Box::default(),
            init: None,
            automatic: Automatic::new()?,
            unexpected: None,
            credentials: DefaultCredentials::default(),
        })))
    }
}
