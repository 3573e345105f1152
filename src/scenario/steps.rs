//! Steps: `<send>`, `<recv>`, `<pause>`, `<timewait>`, `<nop>` and the attributes that all of them have.
//! Spec: scenario.md §4, §5, §6 (static rule for optional receives). In: one element. Out: one [`Step`], its jumps noted
//! for later. `recv` and `pause` have what only these elements have. Must not resolve labels.

use crate::clock::Span;
use crate::message::Template;

use super::compile::{Compiler, PendingBranch};
use super::diagnostic::Diagnostic;
use super::labels::Jump;
use super::plan::{
    Condition, CounterIx, Display, Marks, Outgoing, Send, SendTxn, Step, StepKind, Stop, VarIx,
};
use super::xml::{Attribute, Element, Text};

impl Step {
    /// Stands for a step that failed to compile, so that the others keep their index. Never part of a finished plan.
    pub(super) fn placeholder() -> Step {
        Step {
            kind: StepKind::Nop,
            line: 0,
            condexec: None,
            next: None,
            on_timeout: None,
            marks: Marks::default(),
            lost: None,
            actions: Box::default(),
            display: Display::default(),
        }
    }
}

impl Compiler<'_> {
    /// A step; `number` is its position among all elements, from 1.
    pub(super) fn step(&mut self, element: &Element, number: usize) {
        self.report.check_attributes(element);
        self.check_place(element, number);
        let kind = match element.name.as_str() {
            "send" => self.send(element),
            "recv" => Some(self.recv(element)),
            "pause" => Some(StepKind::Pause(self.pause(element))),
            "timewait" => Some(StepKind::TimeWait(self.pause(element))),
            _ => Some(StepKind::Nop),
        };
        self.push_step(element, kind.unwrap_or(StepKind::Nop));
    }

    /// A step of the flow that is being compiled.
    pub(super) fn push_step(&mut self, element: &Element, kind: StepKind) {
        let step = self.with_common(element, kind);
        self.flow.steps.push(step);
    }

    /// After an optional `<recv>` must come another; after a `<timewait>` nothing.
    fn check_place(&mut self, element: &Element, number: usize) {
        let place = element.name_span.clone();
        if let Some(timewait) = &self.timewait {
            let sentence = "<timewait> can only be the last message in a scenario!";
            let error = Diagnostic::error("timewait-not-last", sentence).at(place.clone(), "follows it");
            self.report.push(error.at(timewait.clone(), "must be the last step"));
        }
        if element.name == "timewait" {
            self.timewait = Some(place.clone());
        }
        if element.name == "recv" {
            return;
        }
        if let Some(optional) = self.after_optional.take() {
            let sentence = format!(
                "<recv> before <send> sequence without a mandatory message. Please remove one 'optional=true' (element {number})."
            );
            let error = Diagnostic::error("optional-before-step", sentence);
            let label = format!("a mandatory <recv> must come before this <{}>", element.name);
            self.report.push(error.at(place, label).at(optional, "may not arrive"));
        }
    }

    fn send(&mut self, element: &Element) -> Option<StepKind> {
        let compiled = self.message_of(element);
        let t1 = element
            .attribute("retrans")
            .map(|attribute| self.report.integer(attribute, "retransmission timer 'retrans' parameter"));
        let timeout = element
            .attribute("timeout")
            .map(|attribute| self.report.integer(attribute, "message send timeout 'timeout' parameter"));
        let (template, what) = compiled?;
        let txn = self.send_txn(element, &what);
        match (&what, txn) {
            (Outgoing::Request(method), None) => self.sends_method(method.as_str().as_bytes()),
            // Only `response_txn` sees the answers of a transaction.
            (Outgoing::Request(_), Some(SendTxn::Starts(_) | SendTxn::Acks(_)))
            | (Outgoing::Response(_), _) => {}
        }
        let (retrans, timeout) = (t1.and_then(positive_ms), timeout.and_then(positive_ms));
        Some(StepKind::Send(Box::new(Send { template, what, retrans, timeout, txn })))
    }

    /// Adds to what the `<recv>`s below match. A method that is part of the list already adds nothing to match, and would
    /// make the lists of a long scenario grow with the square of its length.
    fn sends_method(&mut self, method: &[u8]) {
        if memchr::memmem::find(&self.methods, method).is_none() {
            self.methods.extend_from_slice(method);
        }
    }

    fn message_of(&mut self, element: &Element) -> Option<(Template, Outgoing)> {
        let cdata = self.cdata(element, &element.name)?;
        self.message(cdata, Template::parse_send)
    }

    /// The text of an element that must have one; `called` is the element's name in the error sentence.
    pub(super) fn cdata<'e>(&mut self, element: &'e Element, called: &str) -> Option<&'e Text> {
        let Some(cdata) = element.cdata.first() else {
            let sentence = format!("No CDATA in '{called}' section of xml scenario file");
            let error =
                Diagnostic::error("no-cdata", sentence).at(element.name_span.clone(), "has no message");
            self.report.push_hiding(error.help("the message must stand inside <![CDATA[ … ]]>"));
            return None;
        };
        if let Some(second) = element.cdata.get(1) {
            let warning =
                Diagnostic::warning("second-cdata", "a second CDATA section in one element is ignored");
            self.report.push(warning.at(second.places(0..1), "ignored"));
        }
        Some(cdata)
    }

    /// What every step has, in the order in which SIPp reads it (scenario.md §4).
    fn with_common(&mut self, element: &Element, kind: StepKind) -> Step {
        let marks = self.marks(element);
        let has_message = matches!(element.name.as_str(), "send" | "recv");
        let actions = self.actions(element, has_message);
        let lost = element.attribute("lost").map(|lost| self.lost(element, lost));
        self.report.flag(element, "ignoresdp", "ignoresdp");
        let display = self.display(element);
        let condexec = self.condexec(element);
        self.jumps(element);
        let line = self.place.line_of(self.source, element.name_span.start);
        Step { kind, line, condexec, next: None, on_timeout: None, marks, lost, actions, display }
    }

    /// Percent of the step's messages that get lost on purpose.
    fn lost(&mut self, element: &Element, attribute: &Attribute) -> f64 {
        if !matches!(element.name.as_str(), "send" | "recv") {
            let sentence = format!("lost has no effect on <{}>: it has no message", element.name);
            let warning = Diagnostic::warning("lost-without-message", sentence);
            self.report.push(warning.at(attribute.name_span.clone(), "ignored"));
        }
        self.report.float(attribute, "lost percentage")
    }

    fn marks(&mut self, element: &Element) -> Marks {
        let rtd = element.attribute("rtd");
        let stop = rtd.and_then(|rtd| self.rtds.stop(&rtd.value.to_str(), rtd.value_span.clone()));
        let repeat = match element.attribute("repeat_rtd") {
            Some(attribute) if stop.is_none() => {
                let sentence = "There is a repeat_rtd element without an rtd element";
                let error = Diagnostic::error("repeat-without-rtd", sentence);
                self.report.push(error.at(attribute.name_span.clone(), "needs rtd=\"…\" on the same step"));
                false
            }
            Some(attribute) => self.report.boolean(attribute, "repeat_rtd"),
            None => false,
        };
        let start = element.attribute("start_rtd");
        let start = start.and_then(|start| self.rtds.start(&start.value.to_str(), start.value_span.clone()));
        let counter = element.attribute("counter").and_then(|counter| self.counter(counter));
        Marks { counter, start, stop: stop.map(|rtd| Stop { rtd, repeat }) }
    }

    fn counter(&mut self, attribute: &Attribute) -> Option<CounterIx> {
        let name = attribute.value.to_str();
        let problem = match name.as_ref() {
            "" => "Counter names names may not be empty for counter",
            name if name.contains(['$', ',']) => "Counter names may not contain $ or , for counter",
            name => return Some(self.counters.slot(name)),
        };
        self.report.push(
            Diagnostic::error("bad-name", problem).at(attribute.value_span.clone(), "bad counter name"),
        );
        None
    }

    fn display(&mut self, element: &Element) -> Display {
        if let Some(attribute) = element.attribute("hiderest") {
            self.hide_rest = self.report.boolean(attribute, "hiderest 'hiderest' parameter");
        }
        let hide = element.attribute("hide");
        Display {
            hidden: hide.map_or(self.hide_rest, |hide| self.report.boolean(hide, "hide 'hide' parameter")),
            blank_line_after: element.attribute("crlf").is_some(),
            text: element.attribute("display").map(|display| display.value.to_str().into_owned()),
        }
    }

    fn condexec(&mut self, element: &Element) -> Option<Condition> {
        let attribute = element.attribute("condexec")?;
        let var = self.variable(attribute, "condexec variable");
        let inverse =
            self.report.flag(element, "condexec_inverse", "condexec_inverse 'condexec_inverse' parameter");
        Some(Condition { var: var?, inverse })
    }

    /// `next` with `test` and `chance`, and `ontimeout`.
    fn jumps(&mut self, element: &Element) {
        if element.name == "timewait" {
            return self.refuse_jumps(element);
        }
        match element.attribute("next") {
            Some(next) => {
                let test = element.attribute("test").map(|test| self.variable(test, "test variable"));
                let chance = self.chance(element);
                let jump = self.jump("next", next);
                self.flow.branches.push(PendingBranch { jump, test: test.flatten(), chance });
            }
            None => self.warn_without_next(element),
        }
        if let Some(label) = element.attribute("ontimeout") {
            let jump = self.jump("ontimeout", label);
            self.flow.timeouts.push(jump);
        }
    }

    fn jump(&self, attribute: &'static str, label: &Attribute) -> Jump {
        let name = label.value.to_str().into_owned();
        Jump { step: self.flow.steps.len(), attribute, label: name, place: label.value_span.clone() }
    }

    fn refuse_jumps(&mut self, element: &Element) {
        for name in ["next", "ontimeout"] {
            if let Some(attribute) = element.attribute(name) {
                let sentence = format!("{name} labels are not allowed in <timewait> elements.");
                let error = Diagnostic::error("jump-from-timewait", sentence);
                self.report.push(error.at(attribute.name_span.clone(), "not here"));
            }
        }
    }

    fn warn_without_next(&mut self, element: &Element) {
        for name in ["test", "chance"] {
            if let Some(attribute) = element.attribute(name) {
                let sentence = format!("{name} has no effect without next");
                let warning = Diagnostic::warning("test-without-next", sentence);
                let warning = warning.at(attribute.name_span.clone(), "ignored");
                self.report.push(warning.help(match name {
                    "test" => {
                        "add next=\"LABEL\", or use condexec to run the step only if the variable is set"
                    }
                    _ => "add next=\"LABEL\"",
                }));
            }
        }
    }

    fn chance(&mut self, element: &Element) -> f64 {
        let Some(attribute) = element.attribute("chance") else { return 1.0 };
        let chance = self.report.float(attribute, "chance");
        if !(0.0..=1.0).contains(&chance) {
            let text = attribute.value.to_str();
            let error = Diagnostic::error("bad-value", format!("Chance {text} not in range [0..1]"));
            self.report.push(error.at(attribute.value_span.clone(), "a probability, not a percentage"));
        }
        chance
    }

    /// A variable's name in an attribute; `what` ends the error sentence.
    pub(super) fn variable(&mut self, attribute: &Attribute, what: &str) -> Option<VarIx> {
        let name = attribute.value.to_str();
        self.variable_named(&name, attribute.value_span.clone(), what)
    }

    pub(super) fn variable_named(
        &mut self,
        name: &str,
        place: std::ops::Range<usize>,
        what: &str,
    ) -> Option<VarIx> {
        let problem = match name.trim() {
            "" => "empty",
            name if name.contains(['$', ',']) => "contain '$' or ','",
            name => return Some(self.variables.mention(name, place)),
        };
        let verb = if problem == "empty" { "be " } else { "" };
        let sentence = format!("Transaction names may not {verb}{problem} for {what}");
        let error = Diagnostic::error("bad-name", sentence).at(place, "bad variable name");
        self.report.push_hiding(match name.trim().strip_prefix('$') {
            Some(bare) if !bare.is_empty() => error.help(format!("write {bare}: the $ belongs to [$…] only")),
            _ => error,
        });
        None
    }
}

/// A time in ms that is switched off by 0 and below.
pub(super) fn positive_ms(milliseconds: i64) -> Option<Span> {
    u64::try_from(milliseconds).ok().filter(|ms| *ms > 0).map(|ms| Span::from_millis(ms.min(i32::MAX as u64)))
}
