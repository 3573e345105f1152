//! Actions: `<action>` blocks and what stands in them.
//! Spec: actions.md §1.1, §3 (attribute rules and load errors); scenario.md §2.2. In: a step's element. Out: the list of
//! [`Action`]s. Must not know what an action does to a call.

use super::compile::{Compiler, listed};
use super::diagnostic::Diagnostic;
use super::plan::{
    Action, Arithmetic, Check, Compare, Operand, SetDest, StopWhat, StrCmp, Test, TextOperand, VarIx,
};
use super::vocabulary::media_command;
use super::xml::{Attribute, Element};
use crate::message::Template;

impl Compiler<'_> {
    /// The actions of a step: those of its first child element, if that is an `<action>`. `has_message`: the step has a
    /// message that they can look at.
    pub(super) fn actions(&mut self, step: &Element, has_message: bool) -> Box<[Action]> {
        let (first, ignored) = match step.children.split_first() {
            Some((first, rest)) if first.name == "action" => (Some(first), rest),
            _ => (None, step.children.as_slice()),
        };
        for element in ignored {
            let sentence =
                format!("<{}> is ignored: only the first element in <{}> counts", element.name, step.name);
            let warning = Diagnostic::warning("ignored-element", sentence);
            let warning = warning.at(element.name_span.clone(), "ignored");
            self.report.push(match first {
                Some(first) => warning.at(first.name_span.clone(), "this one counts"),
                None => warning.help("it must be called <action>"),
            });
        }
        let Some(block) = first else { return Box::default() };
        self.report.check_attributes(block);
        block.children.iter().filter_map(|element| self.action(element, has_message)).collect()
    }

    fn action(&mut self, element: &Element, has_message: bool) -> Option<Action> {
        let action = match element.name.as_str() {
            "assignstr" => self.assign_str(element),
            "assign" => self.assign(element),
            "add" => self.arithmetic(element, Arithmetic::Add),
            "subtract" => self.arithmetic(element, Arithmetic::Subtract),
            "multiply" => self.arithmetic(element, Arithmetic::Multiply),
            "divide" => self.arithmetic(element, Arithmetic::Divide),
            "todouble" => self.double_of(element),
            "test" => self.test(element),
            "strcmp" => self.strcmp(element),
            "ereg" => self.ereg(element, has_message),
            "log" => self.text_of(element, "message").map(Action::Log),
            "warning" => self.text_of(element, "message").map(Action::Warning),
            "error" => self.text_of(element, "message").map(Action::Error),
            "jump" => self.operand(element).map(Action::Jump),
            "exec" => self.exec(element),
            "sample" => self.sample(element),
            "trim" => self.variable_of(element, "assign_to").map(Action::Trim),
            "urlencode" => self.variable_of(element, "variable").map(Action::UrlEncode),
            "urldecode" => self.variable_of(element, "variable").map(Action::UrlDecode),
            "index" => self.variable_of(element, "assign_to").map(Action::Index),
            "gettimeofday" => self.time_of_day(element),
            "pauserestore" => self.operand(element).map(Action::PauseRestore),
            "lookup" => self.lookup(element),
            "insert" => self.insert(element),
            "replace" => self.replace(element),
            "setdest" => self.set_destination(element),
            "closecon" => Some(Action::CloseCon),
            "verifyauth" => self.verify_auth(element),
            _ => {
                self.report.unknown_action(element);
                return None;
            }
        };
        self.report.check_attributes(element);
        action
    }

    fn assign_str(&mut self, element: &Element) -> Option<Action> {
        let to = self.variable_of(element, "assign_to");
        let value = self.text_of(element, "value");
        Some(Action::AssignStr { to: to?, value: value? })
    }

    fn assign(&mut self, element: &Element) -> Option<Action> {
        let to = self.variable_of(element, "assign_to");
        let from = self.operand(element);
        Some(Action::Assign { to: to?, from: from? })
    }

    fn arithmetic(&mut self, element: &Element, op: Arithmetic) -> Option<Action> {
        let to = self.variable_of(element, "assign_to");
        let by = self.operand(element);
        if op == Arithmetic::Divide && by == Some(Operand::Number(0.0)) {
            let error = Diagnostic::error("divide-by-zero", "divide actions can not have a value of zero!");
            let place = element.attribute("value").map_or(&element.name_span, |value| &value.value_span);
            self.report.push(error.at(place.clone(), "zero"));
        }
        Some(Action::Arithmetic { op, to: to?, by: by? })
    }

    fn double_of(&mut self, element: &Element) -> Option<Action> {
        let to = self.variable_of(element, "assign_to");
        let from = self.variable_of(element, "variable");
        Some(Action::ToDouble { to: to?, from: from? })
    }

    /// actions.md §3.7.
    fn test(&mut self, element: &Element) -> Option<Action> {
        let to = self.result_of(element);
        let left = self.variable_of(element, "variable");
        let compare = self.compare(element);
        let check = self.check(element);
        let right = match self.value_or_variable2(element) {
            Some(value) => Some(Operand::Number(
                self.report.float(value, &format!("{} 'value' parameter", element.name)),
            )),
            None => self.variable_of(element, "variable2").map(Operand::Variable),
        };
        Some(Action::Test(Box::new(Test { to: to?, left: left?, compare: compare?, right: right?, check })))
    }

    /// actions.md §3.8.
    fn strcmp(&mut self, element: &Element) -> Option<Action> {
        let to = self.result_of(element);
        let left = self.variable_of(element, "variable");
        let check = self.check(element);
        let right = match self.value_or_variable2(element) {
            Some(value) => Some(TextOperand::Literal(value.value.bytes().into())),
            None => self.variable_of(element, "variable2").map(TextOperand::Variable),
        };
        Some(Action::StrCmp(Box::new(StrCmp { to: to?, left: left?, right: right?, check })))
    }

    /// `assign_to` of a comparison: it may be missing beside a check. The outer None is an error.
    fn result_of(&mut self, element: &Element) -> Option<Option<VarIx>> {
        let has_check = ["check_it", "check_it_inverse"].iter().any(|name| element.attribute(name).is_some());
        if has_check && element.attribute("assign_to").is_none() {
            return Some(None);
        }
        self.variable_of(element, "assign_to").map(Some)
    }

    /// The `value` of a comparison. None: `variable2` must be there.
    fn value_or_variable2<'e>(&mut self, element: &'e Element) -> Option<&'e Attribute> {
        let value = element.attribute("value")?;
        if let Some(variable2) = element.attribute("variable2") {
            let sentence = format!("Can not have both a value and a variable2 for {}!", element.name);
            let error = Diagnostic::error("value-and-variable", sentence);
            let error = error.at(variable2.name_span.clone(), "").at(value.name_span.clone(), "");
            self.report.push_hiding(error);
        }
        Some(value)
    }

    fn compare(&mut self, element: &Element) -> Option<Compare> {
        let attribute = self.report.required(element, "compare")?;
        Some(match attribute.value.bytes() {
            b"equal" => Compare::Equal,
            b"not_equal" => Compare::NotEqual,
            b"greater_than" => Compare::Greater,
            b"less_than" => Compare::Less,
            b"greater_than_equal" => Compare::GreaterEqual,
            b"less_than_equal" => Compare::LessEqual,
            _ => {
                let sentence = format!("Invalid 'compare' parameter: {}", attribute.value.to_str());
                let error = Diagnostic::error("bad-value", sentence);
                let error = error.at(attribute.value_span.clone(), "no such comparison").help(
                    "one of equal, not_equal, greater_than, less_than, greater_than_equal, less_than_equal",
                );
                self.report.push(error);
                return None;
            }
        })
    }

    /// `check_it` and `check_it_inverse`: not both, whatever they say.
    pub(super) fn check(&mut self, element: &Element) -> Option<Check> {
        let check = self.report.action_flag(element, "check_it");
        let inverse = self.report.action_flag(element, "check_it_inverse");
        if let (Some(first), Some(second)) =
            (element.attribute("check_it"), element.attribute("check_it_inverse"))
        {
            let sentence = format!("Can not have both check_it and check_it_inverse for {}!", element.name);
            let error = Diagnostic::error("two-checks", sentence);
            self.report.push(error.at(second.name_span.clone(), "").at(first.name_span.clone(), ""));
        }
        match (check, inverse) {
            (true, _) => Some(Check::MustHold),
            (false, true) => Some(Check::MustNotHold),
            (false, false) => None,
        }
    }

    /// Exactly one of `value` and `variable`.
    fn operand(&mut self, element: &Element) -> Option<Operand> {
        let sentence = match (element.attribute("value"), element.attribute("variable")) {
            (Some(value), None) => {
                let what = format!("{} 'value' parameter", element.name);
                return Some(Operand::Number(self.report.float(value, &what)));
            }
            (None, Some(variable)) => return self.variable(variable, &element.name).map(Operand::Variable),
            (Some(_), Some(_)) => {
                format!("Value and variable are mutually exclusive for {} action!", element.name)
            }
            (None, None) => format!("No value or variable defined for {} action!", element.name),
        };
        let error = Diagnostic::error("value-or-variable", sentence);
        self.report.push_hiding(error.at(element.name_span.clone(), "needs one of value and variable"));
        None
    }

    /// A required variable name.
    pub(super) fn variable_of(&mut self, element: &Element, name: &str) -> Option<VarIx> {
        let attribute = self.report.required_variable(element, name)?;
        self.variable(attribute, &element.name)
    }

    /// A required text with keywords.
    fn text_of(&mut self, element: &Element, name: &str) -> Option<Template> {
        let attribute = self.report.required(element, name)?;
        self.template(&attribute.value)
    }

    /// actions.md §3.13.
    fn time_of_day(&mut self, element: &Element) -> Option<Action> {
        let names = listed(self.required_list(element)?);
        let [(seconds, seconds_at), (micros, micros_at)] = names.as_slice() else {
            let sentence = "The gettimeofday action requires two output variables!";
            let error = Diagnostic::error("two-targets", sentence);
            let place = element.attribute("assign_to").map_or(&element.name_span, |list| &list.value_span);
            let error = error.at(place.clone(), "one name for the seconds, one for the microseconds");
            self.report.push_hiding(error);
            return None;
        };
        let seconds = self.variable_named(seconds, seconds_at.clone(), "gettimeofday");
        let micros = self.variable_named(micros, micros_at.clone(), "gettimeofday");
        Some(Action::GetTimeOfDay { seconds: seconds?, micros: micros? })
    }

    /// `assign_to` of an action with several targets.
    pub(super) fn required_list<'e>(&mut self, element: &'e Element) -> Option<&'e Attribute> {
        let list = element.attribute("assign_to");
        if list.is_none() {
            let error = Diagnostic::error("missing-attribute", "assign_to value is missing");
            self.report.push_hiding(error.at(element.name_span.clone(), "needs assign_to=\"…\""));
        }
        list
    }

    /// actions.md §3.16.
    fn lookup(&mut self, element: &Element) -> Option<Action> {
        let to = self.variable_of(element, "assign_to");
        let (file, key) = (self.text_of(element, "file"), self.text_of(element, "key"));
        Some(Action::Lookup { to: to?, file: file?, key: key? })
    }

    /// actions.md §3.17.
    fn insert(&mut self, element: &Element) -> Option<Action> {
        let (file, value) = (self.text_of(element, "file"), self.text_of(element, "value"));
        Some(Action::Insert { file: file?, value: value? })
    }

    /// actions.md §3.18.
    fn replace(&mut self, element: &Element) -> Option<Action> {
        let [file, line, value] = ["file", "line", "value"].map(|name| self.text_of(element, name));
        Some(Action::Replace { file: file?, line: line?, value: value? })
    }

    /// actions.md §3.19.
    fn set_destination(&mut self, element: &Element) -> Option<Action> {
        let [host, port, protocol] = ["host", "port", "protocol"].map(|name| self.text_of(element, name));
        Some(Action::SetDest(Box::new(SetDest { host: host?, port: port?, protocol: protocol? })))
    }

    /// actions.md §3.21: the first attribute that is there decides.
    fn exec(&mut self, element: &Element) -> Option<Action> {
        if let Some(command) = element.attribute("command") {
            return self.template(&command.value).map(Action::Command);
        }
        if let Some(command) = element.attribute("int_cmd") {
            return Some(Action::Stop(self.stop_what(command)));
        }
        if let Some(media) = media_command(element) {
            self.report.not_built_yet(&format!("exec {}", media.name), media.name_span.clone());
            return None;
        }
        let error = Diagnostic::error("empty-exec", "illegal <exec> in the scenario");
        self.report.push_hiding(error.at(element.name_span.clone(), "says nothing to execute"));
        None
    }

    fn stop_what(&mut self, attribute: &Attribute) -> StopWhat {
        match attribute.value.bytes() {
            b"stop_call" => StopWhat::Call,
            b"stop_gracefully" => StopWhat::NewCalls,
            b"stop_now" => StopWhat::Process,
            _ => {
                let sentence =
                    format!("int_cmd '{}' is unknown: taken for stop_call", attribute.value.to_str());
                let warning = Diagnostic::warning("unknown-int-cmd", sentence);
                let warning = warning.at(attribute.value_span.clone(), "stops the call");
                self.report.push(warning.help("one of stop_call, stop_gracefully, stop_now"));
                StopWhat::Call
            }
        }
    }
}
