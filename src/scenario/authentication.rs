//! `<verifyauth>`.
//! Spec: actions.md §3.23, auth.md §5. In: the element. Out: [`VerifyAuth`]. `realm`, `nonce`, `strict`, `aka_K` and `aka_OP`
//! are ours; SIPp ignores them. Must not verify anything.

use super::compile::Compiler;
use super::plan::{Action, KeyText, VerifyAuth};
use super::xml::{Attribute, Element};
use crate::message::{Template, key_bytes};

impl Compiler<'_> {
    pub(super) fn verify_auth(&mut self, element: &Element) -> Option<Action> {
        let to = self.variable_of(element, "assign_to");
        let [user, password] = ["username", "password"].map(|name| {
            let attribute = self.report.required(element, name)?;
            self.template(&attribute.value)
        });
        let wanted = VerifyAuth {
            realm: self.optional_text(element, "realm"),
            nonce: self.optional_text(element, "nonce"),
            aka_k: element.attribute("aka_K").and_then(|key| self.key(key)),
            aka_op: element.attribute("aka_OP").and_then(|key| self.key(key)),
            is_strict: self.report.action_flag(element, "strict"),
            to: to?,
            user: user?,
            password: password?,
        };
        Some(Action::VerifyAuth(Box::new(wanted)))
    }

    fn optional_text(&mut self, element: &Element, name: &str) -> Option<Template> {
        let attribute = element.attribute(name)?;
        self.template(&attribute.value)
    }

    fn key(&mut self, attribute: &Attribute) -> Option<KeyText> {
        match key_bytes(attribute.value.bytes()) {
            Some(bytes) => Some(KeyText::Bytes(bytes.into())),
            None => self.template(&attribute.value).map(KeyText::Text),
        }
    }
}
