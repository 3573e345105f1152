//! `<DefaultMessage>`: another text for a message that goes out without a step.
//! Spec: scenario.md §5.7, keywords.md §9. In: the element. Out: the text in place of the built-in one. Must not know when each is
//! sent.

use crate::message::Template;

use super::compile::Compiler;
use super::diagnostic::{Diagnostic, nearest};
use super::xml::{Attribute, Element};

/// The messages that have a name.
const IDS: [&str; 6] = ["3pcc_abort", "ack", "ack2", "bye", "cancel", "200"];

impl Compiler<'_> {
    /// Of two with one id the last counts.
    pub(super) fn default_message(&mut self, element: &Element) {
        let Some(id) = self.report.required(element, "id") else { return };
        let name = id.value.to_str();
        if !IDS.contains(&&*name) {
            return self.unknown_default_message(id);
        }
        if name == "3pcc_abort" {
            return self.report.not_built_yet("DefaultMessage 3pcc_abort", id.value_span.clone());
        }
        let Some(template) = self.default_text(element) else { return };
        match &*name {
            "ack" => self.automatic.ack = template,
            "bye" => self.automatic.bye = template,
            "cancel" => self.automatic.cancel = template,
            "200" => self.automatic.ok = template,
            _ => {
                let warning = Diagnostic::warning("never-sent", "the default message ack2 is never sent");
                let warning = warning.at(id.value_span.clone(), "has no effect");
                self.report.push(warning.help("the ACK to an error response is called ack"));
            }
        }
    }

    fn default_text(&mut self, element: &Element) -> Option<Template> {
        // SIPp calls every element with a message 'send' here.
        let cdata = self.cdata(element, "send")?;
        self.message(cdata, Template::parse_default_message).map(|(template, _)| template)
    }

    fn unknown_default_message(&mut self, id: &Attribute) {
        let name = id.value.to_str();
        let error =
            Diagnostic::error("bad-value", format!("Internal Error: Unknown default message: {name}!"));
        let error = error.at(id.value_span.clone(), "no such message");
        self.report.push_hiding(match nearest(&name, IDS) {
            Some(other) => error.help(format!("did you mean {other}?")),
            None => error.help(format!("one of {}", IDS.join(", "))),
        });
    }
}
