//! What may run after what: a graph over the steps, built once.
//! Spec: scenario.md §6, §7; runtime.md §3, §4, §7. In: steps and labels. Out: [`Flow`]. Conditions (`test`, `chance`,
//! `condexec`) are not evaluated: each side is possible. Must not know what a message says.
//!
//! Each step has three nodes, so that the graph stays as small as the file even where every receive of a long window may
//! come next: [`Node::At`] (the call stands there), [`Node::Offer`] (a message is tried against a receive),
//! [`Node::Took`] (the receive has taken it).

use std::collections::HashMap;

use crate::number;

use super::script::{Kind, Label, Step};

/// A node of the graph, by the number of its step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// The call stands at the step. The number of steps is the end.
    At(usize),
    /// A message is tried against the receive.
    Offer(usize),
    /// The receive has taken a message.
    Took(usize),
}

/// The graph.
#[derive(Debug)]
pub struct Flow {
    after: Vec<Vec<usize>>,
    before: Vec<Vec<usize>>,
    reached: Vec<bool>,
    /// Some `<jump>` goes where a variable says.
    pub jumps_anywhere: bool,
    /// Some step may run twice in a call.
    pub has_loops: bool,
}

/// A set of nodes.
pub struct Nodes(Vec<bool>);

impl Nodes {
    /// Whether the node is one of them.
    pub fn has(&self, node: Node) -> bool {
        self.0.get(node.slot()).copied().unwrap_or(false)
    }
}

impl Node {
    fn slot(self) -> usize {
        match self {
            Node::At(step) => 3 * step,
            Node::Offer(step) => 3 * step + 1,
            Node::Took(step) => 3 * step + 2,
        }
    }

    fn of_slot(slot: usize) -> Node {
        match slot % 3 {
            0 => Node::At(slot / 3),
            1 => Node::Offer(slot / 3),
            _ => Node::Took(slot / 3),
        }
    }
}

impl Flow {
    /// The graph of these steps.
    pub fn of(steps: &[Step<'_>], labels: &[Label<'_>]) -> Flow {
        let labels = labels.iter().map(|label| (label.id.value.bytes(), label.step)).collect();
        let nodes = 3 * (steps.len() + 1);
        let flow = Flow {
            after: vec![Vec::new(); nodes],
            before: vec![Vec::new(); nodes],
            reached: Vec::new(),
            jumps_anywhere: false,
            has_loops: false,
        };
        let mut build = Build { steps, labels, globals: Vec::new(), flow };
        for at in 0..steps.len() {
            build.step(at);
        }
        let mut flow = build.flow;
        flow.reached = flow.forward([Node::At(0)], |_| true).0;
        flow
    }

    /// Whether any call can get there.
    pub fn is_reached(&self, node: Node) -> bool {
        self.reached.get(node.slot()).copied().unwrap_or(false)
    }

    /// Whether any call can run the step.
    pub fn runs(&self, step: usize) -> bool {
        self.is_reached(Node::At(step)) || self.is_reached(Node::Took(step))
    }

    /// The nodes from which a call that can exist may come to this one.
    pub fn before(&self, node: Node) -> impl Iterator<Item = Node> {
        let before = self.before.get(node.slot()).map(Vec::as_slice).unwrap_or_default();
        before.iter().map(|slot| Node::of_slot(*slot)).filter(|node| self.is_reached(*node))
    }

    /// The nodes that may follow this one at once.
    pub fn after(&self, node: Node) -> impl Iterator<Item = Node> {
        let after = self.after.get(node.slot()).map(Vec::as_slice).unwrap_or_default();
        after.iter().map(|slot| Node::of_slot(*slot))
    }

    /// All nodes that can be reached, the given ones included. Past a node that is not `open` the search does not go.
    pub fn forward(&self, from: impl IntoIterator<Item = Node>, open: impl Fn(Node) -> bool) -> Nodes {
        let mut seen = vec![false; self.after.len()];
        let mut todo: Vec<Node> = from.into_iter().collect();
        while let Some(node) = todo.pop() {
            let Some(mark) = seen.get_mut(node.slot()) else { continue };
            if !std::mem::replace(mark, true) && open(node) {
                todo.extend(self.after(node));
            }
        }
        Nodes(seen)
    }

    /// The first nodes met going backward from `from` (itself excluded) for which `stop` holds.
    pub fn backward(&self, from: Node, stop: impl Fn(Node) -> bool) -> Vec<Node> {
        let mut seen = vec![false; self.before.len()];
        let mut todo: Vec<Node> = self.before(from).collect();
        let mut found = Vec::new();
        while let Some(node) = todo.pop() {
            let Some(mark) = seen.get_mut(node.slot()) else { continue };
            if std::mem::replace(mark, true) {
                continue;
            }
            if stop(node) {
                found.push(node);
            } else {
                todo.extend(self.before(node));
            }
        }
        found
    }
}

/// The graph while it is built.
struct Build<'s, 'a> {
    steps: &'s [Step<'a>],
    labels: HashMap<&'s [u8], usize>,
    /// The global receives so far.
    globals: Vec<usize>,
    flow: Flow,
}

impl Build<'_, '_> {
    fn step(&mut self, at: usize) {
        let Some(step) = self.steps.get(at) else { return };
        let next = self.next(at, step);
        if step.is_waiting() {
            self.edge(Node::At(at), Node::Offer(self.window_start(at)));
            self.edge(Node::Offer(at), Node::Took(at));
            if step.is_optional() && self.steps.get(at + 1).is_some_and(Step::is_waiting) {
                self.edge(Node::Offer(at), Node::Offer(at + 1));
            }
            self.took(at, step, &next);
        }
        if !step.is_waiting() || step.element.attribute("condexec").is_some() {
            for to in next {
                self.edge(Node::At(at), Node::At(to));
            }
        }
        if let Some(to) = self.label(step, "ontimeout") {
            self.edge(Node::At(at), Node::At(to));
        }
        if step.is_waiting() || matches!(step.kind, Kind::Pause) {
            self.interruptions(at);
        }
        if step.is_global() {
            self.globals.push(at);
        }
    }

    /// What a received message does (runtime.md §7.4): the call moves, or it stays where it waits.
    fn took(&mut self, at: usize, step: &Step<'_>, next: &[usize]) {
        let has = |name| step.element.attribute(name).is_some();
        let moves = !has("advance_state") || step.flag("advance_state");
        if moves {
            for to in next {
                self.edge(Node::Took(at), Node::At(*to));
            }
        }
        if !moves || (step.is_optional() && has("next") && has("test")) {
            self.edge(Node::Took(at), Node::Offer(self.window_start(at)));
        }
    }

    /// What may come while the call waits or pauses: messages of global receives above, and unexpected ones.
    fn interruptions(&mut self, at: usize) {
        for index in 0..self.globals.len() {
            if let Some(above) = self.globals.get(index).copied() {
                self.edge(Node::At(at), Node::Took(above));
            }
        }
        if let Some(handler) = self.labels.get(b"_unexp.main".as_slice()).copied() {
            self.edge(Node::At(at), Node::At(handler));
        }
    }

    /// Where the call goes after the step.
    fn next(&mut self, at: usize, step: &Step<'_>) -> Vec<usize> {
        if let Some(jump) = step.actions().filter(|action| action.name == "jump").last()
            && !step.is_waiting()
        {
            let target = jump.attribute("value").and_then(|value| number::float(&value.value.to_str()));
            if let Some(target) = target {
                return vec![(target.max(0.0) as usize).min(self.steps.len())];
            }
            self.flow.jumps_anywhere = true;
            return (0..=self.steps.len()).collect();
        }
        let Some(label) = self.label(step, "next") else { return vec![at + 1] };
        let is_certain = ["test", "chance"].iter().all(|name| step.element.attribute(name).is_none());
        if is_certain { vec![label] } else { vec![label, at + 1] }
    }

    fn label(&self, step: &Step<'_>, attribute: &str) -> Option<usize> {
        let label = step.element.attribute(attribute)?;
        self.labels.get(label.value.bytes()).copied()
    }

    /// The first of the optional receives that stand directly above this receive, or itself.
    fn window_start(&self, at: usize) -> usize {
        window_start(self.steps, at)
    }

    fn edge(&mut self, from: Node, to: Node) {
        self.flow.has_loops |= match (from, to) {
            (Node::At(from) | Node::Took(from), Node::At(to) | Node::Took(to)) => to <= from,
            _ => false,
        };
        if let Some(after) = self.flow.after.get_mut(from.slot()) {
            after.push(to.slot());
        }
        if let Some(before) = self.flow.before.get_mut(to.slot()) {
            before.push(from.slot());
        }
    }
}

/// The first of the optional receives that stand directly above this step, or itself (runtime.md §7.3).
pub fn window_start(steps: &[Step<'_>], at: usize) -> usize {
    let above = steps.get(..at).unwrap_or_default();
    at - above.iter().rev().take_while(|step| step.is_optional()).count()
}
