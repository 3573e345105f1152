//! Scenario variables at run time: the value of each, how each type reads, and where each scope lives.
//! Spec: actions.md §2.3 (the table of reads), scenario.md §11 (scopes). In: slots resolved by the compiler. Must not look
//! anything up by name.

use crate::scenario::plan::VarIx;

/// What a variable holds (actions.md §2.3).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Never assigned.
    #[default]
    Unset,
    /// A double.
    Number(f64),
    /// The result of `<test>`.
    Bool(bool),
    /// Written by `assignstr`, `-set` and the like.
    Text(Box<[u8]>),
    /// Written by a matching `ereg`.
    Matched(Box<[u8]>),
}

impl Value {
    /// Numeric read: anything but a number is 0.
    pub fn number(&self) -> f64 {
        match self {
            Value::Number(number) => *number,
            _ => 0.0,
        }
    }

    /// Textual read: anything but text is empty.
    pub fn text(&self) -> &[u8] {
        match self {
            Value::Text(text) | Value::Matched(text) => text,
            _ => b"",
        }
    }

    /// Whether `test=` and `condexec` take the variable for set: a string always is, a number when it is not zero.
    pub fn is_set(&self) -> bool {
        match self {
            Value::Unset => false,
            Value::Number(number) => *number != 0.0,
            Value::Bool(truth) => *truth,
            Value::Text(_) | Value::Matched(_) => true,
        }
    }
}

/// The variables one call can see: its own, its user's and the process's.
#[derive(Clone, Copy, Debug)]
pub struct Variables<'a> {
    /// Call scope, by slot.
    pub call: &'a [Value],
    /// User scope, by slot.
    pub user: &'a [Value],
    /// Global scope, by slot.
    pub global: &'a [Value],
}

const UNSET: &Value = &Value::Unset;

impl<'a> Variables<'a> {
    /// The value in a slot.
    pub fn get(&self, var: VarIx) -> &'a Value {
        let (values, slot) = match var {
            VarIx::Unread(_) => return UNSET,
            VarIx::Call(slot) => (self.call, slot),
            VarIx::User(slot) => (self.user, slot),
            VarIx::Global(slot) => (self.global, slot),
        };
        values.get(usize::from(slot)).unwrap_or(UNSET)
    }
}
