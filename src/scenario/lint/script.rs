//! The scenario as the lints see it: steps in file order, labels, and what may follow what.
//! Spec: scenario.md §4-§6. In: the tree of a file that loads. Out: [`Script`]. It is the tree and not the plan, because
//! findings point at attributes and message lines. Must not fail: what could not be loaded is passed over.

use crate::number;
use crate::scenario::xml::{Attribute, Element};

use super::flow::Flow;
use super::message::{Keyword, Message, split_offset};

/// A scenario.
pub struct Script<'a> {
    /// `<scenario>`
    pub root: &'a Element,
    /// In file order, numbered as `[msg_index]` is.
    pub steps: Vec<Step<'a>>,
    /// In file order.
    pub labels: Vec<Label<'a>>,
    /// What may follow what.
    pub flow: Flow,
    keys: &'a [(String, String)],
}

/// A step.
pub struct Step<'a> {
    /// Where it is written.
    pub element: &'a Element,
    /// What it does.
    pub kind: Kind<'a>,
}

/// The kinds of step.
pub enum Kind<'a> {
    /// `<send>`
    Send(Message<'a>),
    /// `<recv>`
    Recv(Recv),
    /// `<recvCmd>`
    Command,
    /// `<pause>` and `<timewait>`
    Pause,
    /// `<nop>`, `<sendCmd>`
    Nop,
}

/// What a `<recv>` accepts.
pub enum Recv {
    /// A request.
    Request,
    /// A response with this code.
    Response(u16),
    /// A response whose code a regular expression tells.
    SomeResponse,
}

/// A label.
pub struct Label<'a> {
    /// Its `id`.
    pub id: &'a Attribute,
    /// The step it stands before; the number of steps when it stands at the end.
    pub step: usize,
}

impl<'a> Script<'a> {
    /// The scenario with this root.
    pub fn of(root: &'a Element, keys: &'a [(String, String)]) -> Script<'a> {
        let mut steps = Vec::new();
        let mut labels = Vec::new();
        for element in &root.children {
            if let Some(kind) = kind(element) {
                steps.push(Step { element, kind });
            } else if element.name == "label"
                && let Some(id) = element.attribute("id")
            {
                labels.push(Label { id, step: steps.len() });
            }
        }
        let flow = Flow::of(&steps, &labels);
        Script { root, steps, labels, flow, keys }
    }

    /// The `<send>`s with their numbers.
    pub fn sends(&self) -> impl Iterator<Item = (usize, &Step<'a>, &Message<'a>)> {
        self.steps.iter().enumerate().filter_map(|(at, step)| match &step.kind {
            Kind::Send(message) => Some((at, step, message)),
            _ => None,
        })
    }

    /// The message of a step that sends one.
    pub fn message(&self, at: usize) -> Option<&Message<'a>> {
        match &self.steps.get(at)?.kind {
            Kind::Send(message) => Some(message),
            _ => None,
        }
    }

    /// Whether a keyword may stand for any text at all, such as a whole header.
    pub fn is_opaque(&self, keyword: &Keyword<'_>) -> bool {
        let name = keyword.inside;
        let starts = ["$", "field", "file", "fill", "last_message"];
        starts.iter().any(|start| name.starts_with(start))
            || self.keys.iter().any(|(key, _)| key == name || key == split_offset(name).0)
    }
}

impl Step<'_> {
    /// Whether the call may go on without it.
    pub fn is_optional(&self) -> bool {
        let optional = self.element.attribute("optional");
        self.is_waiting() && optional.is_some_and(|optional| optional.value.bytes() != b"false")
    }

    /// `optional="global"`
    pub fn is_global(&self) -> bool {
        let optional = self.element.attribute("optional");
        self.is_waiting() && optional.is_some_and(|optional| optional.value.bytes() == b"global")
    }

    /// Whether it waits for a message.
    pub fn is_waiting(&self) -> bool {
        matches!(self.kind, Kind::Recv(_) | Kind::Command)
    }

    /// A truth value that is false when the attribute is absent.
    pub fn flag(&self, name: &str) -> bool {
        let value = |attribute: &Attribute| number::boolean(&attribute.value.to_str());
        self.element.attribute(name).and_then(value).unwrap_or(false)
    }

    /// A time in ms that is switched off by 0 and below.
    pub fn milliseconds(&self, name: &str) -> Option<&Attribute> {
        let attribute = self.element.attribute(name)?;
        number::integer(&attribute.value.to_str()).filter(|ms| *ms > 0).map(|_| attribute)
    }

    /// The actions of the step.
    pub fn actions(&self) -> impl Iterator<Item = &Element> {
        let lists = self.element.children.iter().filter(|child| child.name == "action");
        lists.flat_map(|list| &list.children)
    }
}

fn kind(element: &Element) -> Option<Kind<'_>> {
    match element.name.as_str() {
        "send" => Some(element.cdata.first().map_or(Kind::Nop, |text| Kind::Send(Message::of(text)))),
        "recv" => Some(Kind::Recv(recv(element))),
        "recvCmd" => Some(Kind::Command),
        "pause" | "timewait" => Some(Kind::Pause),
        "nop" | "sendCmd" => Some(Kind::Nop),
        _ => None,
    }
}

fn recv(element: &Element) -> Recv {
    let is_regexp = element.attribute("regexp_match").is_some_and(|flag| flag.value.bytes() == b"true");
    match (element.attribute("request"), element.attribute("response")) {
        (None, Some(response)) if !is_regexp => {
            let text = response.value.to_str();
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            Recv::Response(text.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(0))
        }
        (None, Some(_)) => Recv::SomeResponse,
        (Some(_), _) | (None, None) => Recv::Request,
    }
}
