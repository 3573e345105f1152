//! Who reads and who assigns variables: takes call variables that nothing reads out of what each call must hold.
//! Spec: scenario.md §11 (a variable may be assigned and only listed in `<Reference>`). In: a finished plan. Out: the same plan,
//! in which such a variable is [`VarIx::Unread`] and the others are numbered without gaps. Must not change what a call does:
//! an action with an unread target still runs.

use super::plan::{
    Action, Operand, PauseLength, Plan, Step, StepKind, Subject, TextOperand, VarIx, VariableNames,
};

/// What a place in the plan does with its variable.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Reads,
    /// Assigns it, maybe from its own former value.
    Writes,
}

type Visit<'v> = &'v mut dyn FnMut(&mut VarIx, Use);

/// Numbers the call variables of `plan` and its `<init>` anew.
pub(super) fn set_apart(plan: &mut Plan) {
    let mut is_read = vec![false; plan.variables.call.len()];
    visit(plan, &mut |var, what| {
        if let (VarIx::Call(slot), Use::Reads) = (*var, what)
            && let Some(is_read) = is_read.get_mut(usize::from(slot))
        {
            *is_read = true;
        }
    });
    let mut slots = Vec::with_capacity(is_read.len());
    let (mut calls, mut unread) = (0, 0);
    for is_read in &is_read {
        slots.push(match is_read {
            true => VarIx::Call(next(&mut calls)),
            false => VarIx::Unread(next(&mut unread)),
        });
    }
    visit(plan, &mut |var, _| {
        if let VarIx::Call(slot) = *var {
            *var = slots.get(usize::from(slot)).copied().unwrap_or(*var);
        }
    });
    plan.variables.split(&is_read);
    if let Some(init) = &mut plan.init {
        init.variables.split(&is_read);
    }
}

impl Plan {
    /// The name of a global variable that calls assign, if there is one.
    pub fn assigned_global(&self) -> Option<&str> {
        let mut assigned = None;
        // Looking does not change anything, but what can change can also look.
        visit(&mut self.clone(), &mut |var, what| {
            if let (VarIx::Global(slot), Use::Writes) = (*var, what) {
                assigned = assigned.or(Some(slot));
            }
        });
        self.variables.global.get(usize::from(assigned?)).map(String::as_str)
    }
}

fn next(count: &mut u16) -> u16 {
    let slot = *count;
    *count = count.saturating_add(1);
    slot
}

impl VariableNames {
    fn split(&mut self, is_read: &[bool]) {
        let names = std::mem::take(&mut self.call).into_iter().zip(is_read);
        let (call, unread): (Vec<_>, Vec<_>) = names.partition(|(_, is_read)| **is_read);
        self.call = call.into_iter().map(|(name, _)| name).collect();
        self.unread = unread.into_iter().map(|(name, _)| name).collect();
    }
}

/// Every place of a variable in the plan.
fn visit(plan: &mut Plan, found: Visit) {
    for step in &mut plan.steps {
        visit_step(step, found);
    }
    plan.credentials.map_variables(&mut |var| found(var, Use::Reads));
    for template in plan.automatic.templates_mut() {
        template.map_variables(&mut |var| found(var, Use::Reads));
    }
    if let Some(handler) = &mut plan.unexpected {
        // The engine reads it as the guard against recursion.
        handler.return_to.iter_mut().for_each(|var| found(var, Use::Reads));
        handler.paused_until.iter_mut().for_each(|var| found(var, Use::Writes));
    }
    if let Some(init) = &mut plan.init {
        visit(init, found);
    }
}

fn visit_step(step: &mut Step, found: Visit) {
    match &mut step.kind {
        StepKind::Send(send) => send.template.map_variables(&mut |var| found(var, Use::Reads)),
        StepKind::Pause(PauseLength::Variable(var)) | StepKind::TimeWait(PauseLength::Variable(var)) => {
            found(var, Use::Reads);
        }
        StepKind::Recv(_) | StepKind::Pause(_) | StepKind::TimeWait(_) | StepKind::Nop => {}
    }
    if let Some(condition) = &mut step.condexec {
        found(&mut condition.var, Use::Reads);
    }
    if let Some(test) = step.next.as_mut().and_then(|branch| branch.test.as_mut()) {
        found(test, Use::Reads);
    }
    for action in &mut step.actions {
        for template in action.templates_mut() {
            template.map_variables(&mut |var| found(var, Use::Reads));
        }
        visit_action(action, found);
    }
}

/// The variables of an action outside its texts.
fn visit_action(action: &mut Action, found: Visit) {
    match action {
        Action::AssignStr { to, .. }
        | Action::Sample { to, .. }
        | Action::Lookup { to, .. }
        | Action::Index(to)
        | Action::Trim(to)
        | Action::UrlEncode(to)
        | Action::UrlDecode(to) => found(to, Use::Writes),
        Action::Assign { to, from: operand } | Action::Arithmetic { to, by: operand, .. } => {
            found(to, Use::Writes);
            visit_operand(operand, found);
        }
        Action::ToDouble { to, from } => {
            found(to, Use::Writes);
            found(from, Use::Reads);
        }
        Action::VerifyAuth(wanted) => found(&mut wanted.to, Use::Writes),
        Action::GetTimeOfDay { seconds, micros } => {
            found(seconds, Use::Writes);
            found(micros, Use::Writes);
        }
        Action::Test(test) => {
            test.to.iter_mut().for_each(|to| found(to, Use::Writes));
            found(&mut test.left, Use::Reads);
            visit_operand(&mut test.right, found);
        }
        Action::StrCmp(strcmp) => {
            strcmp.to.iter_mut().for_each(|to| found(to, Use::Writes));
            found(&mut strcmp.left, Use::Reads);
            if let TextOperand::Variable(var) = &mut strcmp.right {
                found(var, Use::Reads);
            }
        }
        Action::Ereg(ereg) => {
            ereg.to.iter_mut().for_each(|to| found(to, Use::Writes));
            if let Subject::Variable(var) = &mut ereg.subject {
                found(var, Use::Reads);
            }
        }
        Action::Jump(operand) | Action::PauseRestore(operand) => visit_operand(operand, found),
        Action::Log(_)
        | Action::Warning(_)
        | Action::Error(_)
        | Action::Insert { .. }
        | Action::Replace { .. }
        | Action::SetDest(_)
        | Action::CloseCon
        | Action::Command(_)
        | Action::Stop(_) => {}
    }
}

fn visit_operand(operand: &mut Operand, found: Visit) {
    if let Operand::Variable(var) = operand {
        found(var, Use::Reads);
    }
}
