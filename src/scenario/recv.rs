//! `<recv>`: what it accepts and how the call waits for it.
//! Spec: scenario.md §5.2, §7.2. In: the element. Out: [`Recv`]. Must not match anything.

use crate::ere::Ere;

use super::compile::Compiler;
use super::diagnostic::Diagnostic;
use super::plan::{Expected, Presence, Recv, StepKind};
use super::steps::positive_ms;
use super::xml::{Attribute, Element};

impl Compiler<'_> {
    pub(super) fn recv(&mut self, element: &Element) -> StepKind {
        let expects = self.expected(element);
        let presence = self.presence(element);
        let timeout = element
            .attribute("timeout")
            .map(|attribute| self.report.integer(attribute, "message timeout 'timeout' parameter"))
            .and_then(positive_ms);
        let record_route = self.report.flag(element, "rrs", "record route set");
        self.keeps.route_set |= record_route;
        let stores_challenge = self.report.flag(element, "auth", "message authentication");
        self.after_optional = match presence {
            Presence::Optional | Presence::Global => Some(element.name_span.clone()),
            Presence::Mandatory => None,
        };
        let methods_above = (!self.flow.steps.is_empty()).then(|| self.methods.clone().into_boxed_slice());
        let advances = self.advances(element, presence);
        let txn = self.response_txn(element);
        StepKind::Recv(Box::new(Recv {
            expects,
            presence,
            timeout,
            record_route,
            stores_challenge,
            methods_above,
            txn,
            advances,
        }))
    }

    fn expected(&mut self, element: &Element) -> Expected {
        let is_pattern = self.is_pattern(element);
        match (element.attribute("request"), element.attribute("response")) {
            (Some(request), response) => {
                if let Some(response) = response {
                    let warning =
                        Diagnostic::warning("request-and-response", "response is ignored beside request");
                    self.report.push(warning.at(response.name_span.clone(), "ignored"));
                }
                let text = request.value.to_str().into();
                match is_pattern.then(|| self.method_or_code(request)) {
                    None => Expected::Request(text),
                    Some(Some(pattern)) => Expected::RequestMatching { pattern, text },
                    Some(None) => Expected::Nothing,
                }
            }
            (None, Some(response)) => match is_pattern.then(|| self.method_or_code(response)) {
                None => self.status(response),
                Some(Some(pattern)) => {
                    Expected::ResponseMatching { pattern, text: response.value.to_str().into() }
                }
                Some(None) => Expected::Nothing,
            },
            (None, None) => {
                let sentence = "<recv> without request/response? It matches nothing.";
                let warning = Diagnostic::warning("recv-of-nothing", sentence);
                self.report
                    .push(warning.at(element.name_span.clone(), "needs request=\"…\" or response=\"…\""));
                Expected::Nothing
            }
        }
    }

    /// `regexp_match`: only the exact word counts.
    fn is_pattern(&mut self, element: &Element) -> bool {
        let Some(attribute) = element.attribute("regexp_match") else { return false };
        let value = attribute.value.bytes();
        if !matches!(value, b"true" | b"false") {
            let warning =
                Diagnostic::warning("regexp-match-off", "regexp_match is off: only \"true\" turns it on");
            self.report.push(warning.at(attribute.value_span.clone(), "taken for false"));
        }
        value == b"true"
    }

    /// SIPp compiles it when the first message comes, and then ends the run.
    fn method_or_code(&mut self, attribute: &Attribute) -> Option<Ere> {
        match Ere::compile(attribute.value.bytes()) {
            Ok(pattern) => Some(pattern),
            Err(reason) => {
                let (index, source) = (self.flow.steps.len(), attribute.value.to_str());
                let sentence = format!("Invalid regular expression for index {index}: {source}");
                let error = Diagnostic::error("bad-regexp", sentence);
                self.report.push(error.at(attribute.value_span.clone(), reason.to_string()));
                None
            }
        }
    }

    /// A status code: the leading decimal number of the attribute.
    fn status(&mut self, response: &Attribute) -> Expected {
        let text = response.value.to_str();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let code = text.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let is_pattern = text.contains(['.', '[', '*', '|']);
        if is_pattern || !(100..=699).contains(&code) {
            let sentence = format!("response code, \"{text}\" is not a valid integer!");
            let warning = Diagnostic::warning("no-status-code", sentence);
            let warning = match code {
                100..=699 => warning.at(response.value_span.clone(), format!("means {code}")),
                _ => warning.at(response.value_span.clone(), "no response has this code"),
            };
            self.report.push(match is_pattern {
                true => warning.help("add regexp_match=\"true\" to match it as a regular expression"),
                false => warning,
            });
        }
        Expected::Response { code, text: text.into() }
    }

    fn presence(&mut self, element: &Element) -> Presence {
        let Some(optional) = element.attribute("optional") else { return Presence::Mandatory };
        match optional.value.bytes() {
            b"true" => Presence::Optional,
            b"global" => Presence::Global,
            b"false" => Presence::Mandatory,
            _ => {
                let text = optional.value.to_str();
                let sentence = format!("Could not understand optional value for {}: {text}", element.name);
                let error = Diagnostic::error("bad-value", sentence);
                let error = error.at(optional.value_span.clone(), "not true, false or global");
                let small = text.to_ascii_lowercase();
                self.report.push(match small.as_str() {
                    "true" | "false" | "global" => error.help(format!("in small letters: {small}")),
                    _ => error,
                });
                Presence::Mandatory
            }
        }
    }

    fn advances(&mut self, element: &Element, presence: Presence) -> bool {
        let Some(attribute) = element.attribute("advance_state") else { return true };
        let advances = self.report.boolean(attribute, "recv 'advance_state' parameter");
        if !advances && presence == Presence::Mandatory {
            let index = self.flow.steps.len();
            let sentence = format!("advance_state is allowed only for optional messages (index = {index})");
            let error = Diagnostic::error("advance-state", sentence);
            let error = error.at(attribute.name_span.clone(), "the call could never leave this step");
            self.report.push(error.help("add optional=\"true\" or optional=\"global\""));
        }
        advances
    }
}
