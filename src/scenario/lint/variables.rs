//! Lints about variables that are read and never written, or written and never read.
//! Spec: scenario.md §11, actions.md §2, §3. Loading only asks that a variable is mentioned twice, however.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::xml::{Attribute, Element, Text};

use super::Lint;
use super::message::{Keyword, keywords, split_offset};
use super::script::Script;

pub const NEVER_SET: Lint = Lint {
    name: "never-set",
    reason: "a variable is read and no action writes it: it is always empty, and never set for test and condexec",
    check: never_set,
};

pub const NEVER_READ: Lint = Lint {
    name: "never-read",
    reason: "a variable is written and nothing reads it, nor does check_it look at the result",
    check: never_read,
};

/// Names that the engine itself reads and writes (scenario.md §7.6), and the one that means nothing (§11).
const ENGINES_OWN: [&str; 3] = ["_unexp.retaddr", "_unexp.pausedaddr", "_"];

/// How a scenario uses its variables, by name.
#[derive(Default)]
struct Uses(BTreeMap<String, Use>);

/// How it uses one.
#[derive(Default)]
struct Use {
    reads: Vec<Range<usize>>,
    writes: Vec<Write>,
    /// `-set`, another scenario of the run or a person may use it too.
    is_shared: bool,
}

struct Write {
    place: Range<usize>,
    /// The result is looked at here, or it is there for the sake of others in the list.
    is_by_the_way: bool,
    /// The other names of the list.
    others: Vec<String>,
}

impl Uses {
    fn of(script: &Script<'_>) -> Uses {
        let mut uses = Uses::default();
        uses.element(script.root);
        uses
    }

    fn element(&mut self, element: &Element) {
        for attribute in &element.attributes {
            self.attribute(element, attribute);
        }
        for text in &element.cdata {
            self.text(text);
        }
        for child in &element.children {
            self.element(child);
        }
    }

    fn attribute(&mut self, element: &Element, attribute: &Attribute) {
        match (element.name.as_str(), attribute.name.as_str()) {
            // These change a variable in place.
            ("trim", "assign_to") | ("urlencode" | "urldecode", "variable") => {}
            ("Global" | "Reference", "variables") => {
                for (name, _) in listed(attribute) {
                    self.named(name).is_shared = true;
                }
            }
            (_, "assign_to") => self.written(element, attribute),
            (_, "condexec" | "variable" | "variable2") => self.read(attribute),
            (_, "test") if element.attribute("next").is_some() => self.read(attribute),
            // A pattern, and a text that is taken as it is.
            (_, "regexp") | ("strcmp", "value") => {}
            _ => self.text(&attribute.value),
        }
    }

    fn read(&mut self, attribute: &Attribute) {
        let name = attribute.value.to_str().trim().to_owned();
        self.named(name).reads.push(attribute.value_span.clone());
    }

    fn written(&mut self, element: &Element, attribute: &Attribute) {
        let names = listed(attribute);
        let checks = |name: &str| element.attribute(name).is_some();
        let is_by_the_way = checks("check_it") || checks("check_it_inverse");
        for (name, place) in &names {
            let others = names.iter().map(|(other, _)| other).filter(|other| *other != name);
            let write = Write { place: place.clone(), is_by_the_way, others: others.cloned().collect() };
            self.named(name.clone()).writes.push(write);
        }
    }

    /// Variables in a text. `[$v-1]` reads `v-1` if there is such a variable, else `v`.
    fn text(&mut self, text: &Text) {
        let read = |keyword: Keyword<'_>| Some((keyword.variable()?.trim().to_owned(), keyword.range));
        for (name, range) in keywords(text.bytes()).into_iter().filter_map(read) {
            let name = if self.0.contains_key(&name) { &name } else { split_offset(&name).0 };
            self.named(name.to_owned()).reads.push(text.places(range));
        }
    }

    fn named(&mut self, name: String) -> &mut Use {
        self.0.entry(name).or_default()
    }

    /// The variables that are the scenario's own affair.
    fn private(&self) -> impl Iterator<Item = (&str, &Use)> {
        let all = self.0.iter().map(|(name, uses)| (name.as_str(), uses));
        all.filter(|(name, uses)| !uses.is_shared && !ENGINES_OWN.contains(name))
    }

    fn is_read(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|uses| !uses.reads.is_empty())
    }
}

fn never_set(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let uses = Uses::of(script);
    let unset = uses.private().filter(|(_, uses)| uses.writes.is_empty());
    let found =
        unset.filter_map(|(variable, uses)| {
            let sentence = format!("the variable {variable} is read, but nothing sets it");
            let found = Diagnostic::warning(name, sentence).at(uses.reads.first()?.clone(), "never set");
            Some(found.help(
                "a value for the whole run: list it in <Global variables=\"...\"/> and give it with -set",
            ))
        });
    found.collect()
}

fn never_read(name: &'static str, script: &Script<'_>) -> Vec<Diagnostic> {
    let uses = Uses::of(script);
    let unread = uses.private().filter(|(_, of_one)| {
        let idle =
            |write: &Write| !write.is_by_the_way && !write.others.iter().any(|other| uses.is_read(other));
        of_one.reads.is_empty() && of_one.writes.iter().all(idle)
    });
    let found = unread.filter_map(|(variable, of_one)| {
        let sentence = format!("the variable {variable} is set, but nothing reads it");
        Some(Diagnostic::warning(name, sentence).at(of_one.writes.first()?.place.clone(), "never read"))
    });
    found.collect()
}

/// The names in a comma-separated list with their places.
fn listed(attribute: &Attribute) -> Vec<(String, Range<usize>)> {
    let named = super::super::compile::listed(attribute).into_iter();
    named.filter(|(name, _)| !name.is_empty()).collect()
}
