//! Executes the `<action>` list of a step.
//! Spec: actions.md §1.2, §1.3, §3. In: a call, a step, the current message if there is one. Out: variables, effects, and what the
//! list wants of the call. Must not move or end the call: the kind of step decides what a result means.

use super::advance::Run;
use super::call::Call;
use super::effects::{Effect, RunEnd};
use super::variable::Value;
use super::{ereg, text};
use crate::clock::Tick;
use crate::scenario::plan::{
    Action, Arithmetic, Check, Compare, Ereg, Goto, Operand, Step, StopWhat, StrCmp, Test, TextOperand, VarIx,
};
use crate::stats::Failure;

/// What an action list wants of its call.
#[derive(Debug, Default)]
pub(super) struct Acted {
    /// A check failed; the rest of the list was skipped.
    pub failed_check: Option<Failure>,
    /// The last action that ran.
    pub last: usize,
    /// The call must end, as by `stop_call`; the rest of the list was skipped.
    pub ends_call: Option<Failure>,
    /// `<pauserestore>`: the next step is a pause that ends then.
    pub pause_until: Option<Tick>,
    /// The last `<jump>`.
    pub jump: Option<Goto>,
}

impl Run<'_> {
    /// Runs the actions of `step` in order; a failed check or `stop_call` skips the rest.
    pub fn act(&mut self, call: &mut Call, step: &Step, message: Option<&[u8]>) -> Acted {
        let mut acted = Acted::default();
        for (at, action) in step.actions.iter().enumerate() {
            acted.last = at;
            match action {
                Action::Test(test) => acted.failed_check = self.test(call, test),
                Action::StrCmp(strcmp) => acted.failed_check = self.strcmp(call, strcmp),
                Action::Ereg(ereg) => acted.failed_check = self.ereg(call, ereg, message),
                Action::Jump(to) => acted.jump = self.jump(call, *to).or(acted.jump),
                Action::Index(to) => self.index(call, *to, acted.jump),
                Action::VerifyAuth(wanted) => self.verify_auth(call, wanted, message),
                Action::PauseRestore(until) => acted.pause_until = self.pause_restore(call, *until),
                Action::Stop(StopWhat::Call) => acted.ends_call = Some(Failure::CallRejected),
                Action::SetDest(to) => acted.ends_call = self.set_destination(call, to),
                Action::CloseCon => self.close_connection(call),
                Action::Replace { file, line, value } => {
                    acted.ends_call =
                        (!self.replace(call, file, line, value)).then_some(Failure::CallRejected);
                }
                other => self.act_simply(call, other),
            }
            if acted.failed_check.is_some() || acted.ends_call.is_some() || self.out.is_over() {
                self.keep_warning(call);
                break;
            }
        }
        acted
    }

    /// Actions without a result.
    fn act_simply(&mut self, call: &mut Call, action: &Action) {
        match action {
            Action::AssignStr { to, value } => {
                let text = self.render_text(call, value);
                self.set(call, *to, Value::Text(text.into()));
            }
            Action::Assign { to, from } => {
                let number = self.operand(call, *from);
                self.set(call, *to, Value::Number(number));
            }
            Action::Arithmetic { op, to, by } => self.arithmetic(call, *op, *to, *by),
            Action::ToDouble { to, from } => self.convert_to_double(call, *to, *from),
            Action::Log(text) => {
                let text = self.render_text(call, text);
                self.out.others.push(Effect::Log(text));
            }
            Action::Warning(text) => {
                let text = self.render_text(call, text);
                self.warn(text);
            }
            Action::Error(text) => {
                let text = self.render_text(call, text);
                self.fatal(text);
            }
            Action::Command(text) => {
                let text = self.render_text(call, text);
                self.out.others.push(Effect::Command(text));
            }
            Action::Sample { to, from } => {
                let number = from.sample(&mut self.shared.rng);
                self.set(call, *to, Value::Number(number));
            }
            Action::Trim(var) => self.transform(call, *var, |text| text::trimmed(text).to_vec()),
            Action::UrlEncode(var) => self.transform(call, *var, text::url_encoded),
            Action::UrlDecode(var) => self.transform(call, *var, text::url_decoded),
            Action::GetTimeOfDay { seconds, micros } => self.time_of_day(call, *seconds, *micros),
            Action::Lookup { to, file, key } => self.lookup(call, *to, file, key),
            Action::Insert { file, value } => self.insert(call, file, value),
            Action::Stop(StopWhat::NewCalls) => {
                self.shared.quit.softly();
                self.out.others.push(Effect::StopOpening);
            }
            Action::Stop(StopWhat::Process) => self.out.end(RunEnd::StoppedNow),
            Action::Test(_)
            | Action::StrCmp(_)
            | Action::Ereg(_)
            | Action::Jump(_)
            | Action::Index(_)
            | Action::VerifyAuth(_)
            | Action::PauseRestore(_)
            | Action::SetDest(_)
            | Action::Replace { .. }
            | Action::CloseCon
            | Action::Stop(StopWhat::Call) => {}
        }
    }

    /// Writes a variable in its scope.
    pub fn set(&mut self, call: &mut Call, var: VarIx, value: Value) {
        let slot = match var {
            VarIx::Unread(_) => None,
            VarIx::Call(slot) => call.variables.get_mut(usize::from(slot)),
            VarIx::Global(slot) => self.shared.rendering.globals.get_mut(usize::from(slot)),
            VarIx::User(slot) => {
                let of_user = call.user.and_then(|user| self.shared.rendering.users.get_mut(user as usize));
                of_user.unwrap_or(&mut call.own_user_variables).get_mut(usize::from(slot))
            }
        };
        if let Some(slot) = slot {
            *slot = value;
        }
    }

    fn value<'s>(&'s self, call: &'s Call, var: VarIx) -> &'s Value {
        self.shared.variables(call).get(var)
    }

    fn operand(&self, call: &Call, operand: Operand) -> f64 {
        match operand {
            Operand::Number(number) => number,
            Operand::Variable(var) => self.value(call, var).number(),
        }
    }

    /// A target that holds no number starts from 0 (actions.md §3.4).
    fn arithmetic(&mut self, call: &mut Call, op: Arithmetic, to: VarIx, by: Operand) {
        let left = self.value(call, to).number();
        let right = self.operand(call, by);
        let result = match op {
            Arithmetic::Add => left + right,
            Arithmetic::Subtract => left - right,
            Arithmetic::Multiply => left * right,
            Arithmetic::Divide if right == 0.0 => {
                let (to, by) = (self.plan.variables.name(to), self.operand_name(by));
                return self.warn(format!("Action failure: Can not divide by zero (${to}/${by})!"));
            }
            Arithmetic::Divide => left / right,
        };
        self.set(call, to, Value::Number(result));
    }

    fn operand_name(&self, operand: Operand) -> String {
        match operand {
            Operand::Number(number) => number.to_string(),
            Operand::Variable(var) => self.plan.variables.name(var).to_owned(),
        }
    }

    fn convert_to_double(&mut self, call: &mut Call, to: VarIx, from: VarIx) {
        let number = match self.value(call, from) {
            Value::Unset => None,
            Value::Number(number) => Some(*number),
            Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
            Value::Text(text) | Value::Matched(text) => ereg::whole_number(text),
        };
        match number {
            Some(number) => self.set(call, to, Value::Number(number)),
            None => {
                let (from, to) = (self.plan.variables.name(from), self.plan.variables.name(to));
                self.warn(format!("Invalid double conversion from ${from} to ${to}"));
            }
        }
    }

    fn test(&mut self, call: &mut Call, test: &Test) -> Option<Failure> {
        let (left, right) = (self.value(call, test.left).number(), self.operand(call, test.right));
        let (holds, operator) = match test.compare {
            Compare::Equal => (left == right, "=="),
            Compare::NotEqual => (left != right, "!="),
            Compare::Greater => (left > right, ">"),
            Compare::Less => (left < right, "<"),
            Compare::GreaterEqual => (left >= right, ">="),
            Compare::LessEqual => (left <= right, "<="),
        };
        let failure = failed(test.check, holds, Failure::TestDoesntMatch, Failure::TestShouldntMatch);
        if let Some(failure) = failure {
            let name = self.plan.variables.name(test.left);
            let other = match test.right {
                Operand::Variable(var) => self.plan.variables.name(var),
                Operand::Number(_) => "",
            };
            let which = check_name(test.check);
            self.warn(format!("test \"{name}:{left:.6} {operator} {other}:{right:.6}\" with {which} failed"));
            return Some(failure);
        }
        if let Some(to) = test.to {
            self.set(call, to, Value::Bool(holds));
        }
        None
    }

    fn strcmp(&mut self, call: &mut Call, strcmp: &StrCmp) -> Option<Failure> {
        let left = self.value(call, strcmp.left).text();
        let (other, right) = match &strcmp.right {
            TextOperand::Literal(text) => ("", &text[..]),
            TextOperand::Variable(var) => (self.plan.variables.name(*var), self.value(call, *var).text()),
        };
        let difference = byte_difference(left, right);
        let failure =
            failed(strcmp.check, difference == 0, Failure::StrcmpDoesntMatch, Failure::StrcmpShouldntMatch);
        if let Some(failure) = failure {
            let name = self.plan.variables.name(strcmp.left);
            let (left, right) = (String::from_utf8_lossy(left), String::from_utf8_lossy(right));
            let which = check_name(strcmp.check);
            let text = format!(
                "strcmp {name}:\"{left}\" and {other}:\"{right}\" with {which} returned {difference}"
            );
            self.warn(text);
            return Some(failure);
        }
        if let Some(to) = strcmp.to {
            self.set(call, to, Value::Number(f64::from(difference)));
        }
        None
    }

    fn ereg(&mut self, call: &mut Call, ereg: &Ereg, message: Option<&[u8]>) -> Option<Failure> {
        let variables = self.shared.variables(call);
        let found = ereg::search(ereg, message, variables);
        let matched = match found {
            Ok(groups) => groups,
            Err(missing) => {
                self.warn(missing.warning(message.unwrap_or_default()));
                return Some(Failure::RegexpHdrNotFound);
            }
        };
        let failure = failed(
            ereg.check,
            matched.groups.is_some(),
            Failure::RegexpDoesntMatch,
            Failure::RegexpShouldntMatch,
        );
        if let Some(failure) = failure {
            let mut text = match failure {
                Failure::RegexpDoesntMatch => b"Failed regexp match: looking in '".to_vec(),
                _ => b"Regexp matched but should not: looking in '".to_vec(),
            };
            text.extend_from_slice(&matched.subject);
            text.extend_from_slice(format!("', with regexp '{}'", ereg.source).as_bytes());
            self.warn(text);
            return Some(failure);
        }
        // A match of the empty list of groups assigns nothing; groups that took no part keep their variable's content.
        let texts = matched.texts(ereg.to.len());
        for (var, text) in ereg.to.iter().zip(texts) {
            if let Some(text) = text {
                self.set(call, *var, Value::Matched(text));
            }
        }
        None
    }

    /// `<trim>`, `<urlencode>`, `<urldecode>`: the variable becomes a text, whatever it was.
    fn transform(&mut self, call: &mut Call, var: VarIx, change: impl Fn(&[u8]) -> Vec<u8>) {
        let text = change(self.value(call, var).text());
        self.set(call, var, Value::Text(text.into()));
    }

    fn time_of_day(&mut self, call: &mut Call, seconds: VarIx, micros: VarIx) {
        let now = self.shared.rendering.wall.epoch_micros(self.now);
        self.set(call, seconds, Value::Number(now.div_euclid(1_000_000) as f64));
        self.set(call, micros, Value::Number(now.rem_euclid(1_000_000) as f64));
    }

    /// `<index>`: the step the call is at; after a `<jump>` of the same list, the one before its target (actions.md §3.12).
    fn index(&mut self, call: &mut Call, to: VarIx, jump: Option<Goto>) {
        let index = match jump {
            None => f64::from(call.at.number()),
            Some(target) => f64::from(self.index_of(target)) - 1.0,
        };
        self.set(call, to, Value::Number(index));
    }

    /// `<pauserestore>`: an absolute time in ms; 0 restores nothing.
    fn pause_restore(&mut self, call: &Call, until: Operand) -> Option<Tick> {
        let millis = self.operand(call, until).trunc();
        (millis > 0.0).then(|| Tick::from_micros((millis * 1e3) as u64))
    }

    /// Where a `<jump>` leads; to itself or out of range ends the run (actions.md §3.14).
    fn jump(&mut self, call: &Call, to: Operand) -> Option<Goto> {
        let target = self.operand(call, to).trunc();
        let (here, steps) = (call.at.number(), self.plan.steps.len());
        if target == f64::from(here) {
            let text = format!("Jump statement at index {here} jumps to itself and causes an infinite loop");
            self.fatal(text.into_bytes());
            return None;
        }
        let found = (target >= 0.0).then(|| self.plan.goto(target as u32)).flatten();
        if found.is_none() {
            self.fatal(format!("Jump statement out of range (not 0 <= {target} <= {steps})").into_bytes());
        }
        found
    }
}

fn failed(check: Option<Check>, holds: bool, unmet: Failure, unwanted: Failure) -> Option<Failure> {
    match check {
        Some(Check::MustHold) if !holds => Some(unmet),
        Some(Check::MustNotHold) if holds => Some(unwanted),
        _ => None,
    }
}

fn check_name(check: Option<Check>) -> &'static str {
    match check {
        Some(Check::MustNotHold) => "check_it_inverse",
        _ => "check_it",
    }
}

/// Difference of the first differing bytes, a missing byte counting as 0 (actions.md §3.8).
fn byte_difference(left: &[u8], right: &[u8]) -> i32 {
    let at = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let byte = |text: &[u8]| i32::from(text.get(at).copied().unwrap_or(0));
    byte(left) - byte(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// actions.md §3.8, table.
    #[test]
    fn strcmp_gives_the_difference_of_the_first_differing_bytes() {
        let table =
            [("abc", "abc", 0), ("abc", "abd", -1), ("abc", "aba", 2), ("abc", "ab", 99), ("abc", "Z", 7)];
        for (left, right, difference) in table {
            assert_eq!(byte_difference(left.as_bytes(), right.as_bytes()), difference, "{left} {right}");
        }
    }
}
