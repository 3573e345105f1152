//! Typed reading of attributes, with SIPp's sentence for each way a value can be wrong.
//! Spec: scenario.md §2.3, §16; actions.md §3 (generic load errors). A value that is wrong reads as its neutral value: the
//! load has failed, but goes on to find more. Must not know what an attribute is for.

use super::diagnostic::{Diagnostic, Report};
use super::xml::{Attribute, Element};
use crate::number;

impl Report {
    /// An integer; `what` opens the error sentence.
    pub(super) fn integer(&mut self, attribute: &Attribute, what: &str) -> i64 {
        let value = number::integer(&attribute.value.to_str());
        self.value(value, attribute, what, "is not a valid integer")
    }

    /// A floating point number.
    pub(super) fn float(&mut self, attribute: &Attribute, what: &str) -> f64 {
        let value = number::float(&attribute.value.to_str());
        self.value(value, attribute, what, "is not a floating point number")
    }

    /// A truth value.
    pub(super) fn boolean(&mut self, attribute: &Attribute, what: &str) -> bool {
        let value = number::boolean(&attribute.value.to_str());
        self.value(value, attribute, what, "is not a valid boolean")
    }

    /// A truth value that is false when the attribute is absent.
    pub(super) fn flag(&mut self, element: &Element, name: &str, what: &str) -> bool {
        element.attribute(name).is_some_and(|attribute| self.boolean(attribute, what))
    }

    /// `… parameter` of an action, named as SIPp names it.
    pub(super) fn action_flag(&mut self, element: &Element, name: &str) -> bool {
        self.flag(element, name, &format!("{} '{name}' parameter", element.name))
    }

    fn value<T: Default>(&mut self, value: Option<T>, attribute: &Attribute, what: &str, problem: &str) -> T {
        value.unwrap_or_else(|| {
            let text = attribute.value.to_str();
            let error = Diagnostic::error("bad-value", format!("{what}, \"{text}\" {problem}!"))
                .at(attribute.value_span.clone(), problem);
            let has_unit =
                text.starts_with(|first: char| first.is_ascii_digit()) && text.ends_with(['s', 'm', 'h']);
            self.push(if has_unit { error.help("times are in milliseconds, without a unit") } else { error });
            T::default()
        })
    }

    /// An attribute that must be there.
    pub(super) fn required<'e>(&mut self, element: &'e Element, name: &str) -> Option<&'e Attribute> {
        self.required_as(element, name, "parameter")
    }

    /// A variable's name that must be there.
    pub(super) fn required_variable<'e>(
        &mut self,
        element: &'e Element,
        name: &str,
    ) -> Option<&'e Attribute> {
        self.required_as(element, name, "variable parameter")
    }

    fn required_as<'e>(&mut self, element: &'e Element, name: &str, what: &str) -> Option<&'e Attribute> {
        let attribute = element.attribute(name);
        if attribute.is_none() {
            let sentence = format!("{} is missing the required '{name}' {what}.", element.name);
            let error = Diagnostic::error("missing-attribute", sentence);
            self.push_hiding(error.at(element.name_span.clone(), format!("needs {name}=\"…\"")));
        }
        attribute
    }
}
