//! The variables screen: which actions each step has. Not values: each call has its own.
//! Spec: outputs.md §15.7 (free form but for its frame; no padding at the end, which lets SIPp run out of memory). In: a plan. Out: lines.

use super::screen::Snapshot;
use crate::scenario::plan::{Action, Arithmetic, Check, Operand, Plan, StepKind, Subject, VarIx};

/// Longest line.
const WIDTH: usize = 79;

pub(super) fn append(snapshot: &Snapshot<'_>, out: &mut String) {
    push("Action defined Per Message :", out);
    let plan = snapshot.plan;
    let with_actions = || plan.steps.iter().enumerate().filter(|(_, step)| !step.actions.is_empty());
    if with_actions().next().is_none() {
        push("=> No action found on any messages", out);
    }
    for (index, step) in with_actions() {
        let kind = if matches!(step.kind, StepKind::Recv(_)) { " (Receive Message)" } else { "" };
        let actions = step.actions.len();
        push(&format!("=> Message[{index}]{kind} - [{actions}] action(s) defined :"), out);
        for (number, action) in step.actions.iter().enumerate() {
            push(&format!("   --> action[{number}] = {}", text(plan, action)), out);
        }
    }
}

fn push(line: &str, out: &mut String) {
    out.extend(line.chars().take(WIDTH));
    out.push('\n');
}

fn text(plan: &Plan, action: &Action) -> String {
    let name = |var: &VarIx| plan.variables.name(*var).to_owned();
    let operand = |operand: &Operand| match operand {
        Operand::Number(number) => format!("{number:.6}"),
        Operand::Variable(var) => format!("varId[{}]", name(var)),
    };
    match action {
        Action::AssignStr { to, .. } => format!("string assign varId[{}]", name(to)),
        Action::Assign { to, from } => format!("assign varId[{}] {}", name(to), operand(from)),
        Action::Arithmetic { op, to, by } => {
            let verb = match op {
                Arithmetic::Add => "add",
                Arithmetic::Subtract => "subtract",
                Arithmetic::Multiply => "multiply",
                Arithmetic::Divide => "divide",
            };
            format!("{verb} varId[{}] {}", name(to), operand(by))
        }
        Action::ToDouble { to, from } => format!("toDouble varId[{}] varId[{}]", name(to), name(from)),
        Action::Test(test) => {
            let right = operand(&test.right);
            format!("test varId[{}] {:?} {right}{}", name(&test.left), test.compare, check_text(test.check))
        }
        Action::StrCmp(strcmp) => {
            format!("strcmp varId[{}]{}", name(&strcmp.left), check_text(strcmp.check))
        }
        Action::Ereg(ereg) => {
            let place = match &ereg.subject {
                Subject::Message => "Full Msg".to_owned(),
                Subject::Body => "Body".to_owned(),
                Subject::Header(search) => format!("Header-{}", String::from_utf8_lossy(&search.text)),
                Subject::Variable(var) => format!("varId[{}]", name(var)),
            };
            format!("regexp[{}] where[{place}]{}", ereg.source, check_text(ereg.check))
        }
        Action::Log(_) => "log".to_owned(),
        Action::Warning(_) => "warning".to_owned(),
        Action::Error(_) => "error".to_owned(),
        Action::Sample { to, .. } => format!("sample varId[{}]", name(to)),
        Action::Trim(var) => format!("trim varId[{}]", name(var)),
        Action::UrlEncode(var) => format!("urlencode varId[{}]", name(var)),
        Action::UrlDecode(var) => format!("urldecode varId[{}]", name(var)),
        Action::Index(var) => format!("index varId[{}]", name(var)),
        Action::GetTimeOfDay { seconds, micros } => {
            format!("gettimeofday varId[{}] varId[{}]", name(seconds), name(micros))
        }
        Action::Lookup { to, .. } => format!("lookup varId[{}]", name(to)),
        Action::Insert { .. } => "insert".to_owned(),
        Action::Replace { .. } => "replace".to_owned(),
        Action::SetDest(_) => "setdest".to_owned(),
        Action::CloseCon => "closecon".to_owned(),
        Action::PauseRestore(until) => format!("pauserestore {}", operand(until)),
        Action::Jump(to) => format!("jump {}", operand(to)),
        Action::Command(_) => "command".to_owned(),
        Action::VerifyAuth(verify) => format!("verifyauth varId[{}]", name(&verify.to)),
        Action::Stop(what) => format!("intcmd[{what:?}]"),
    }
}

fn check_text(check: Option<Check>) -> &'static str {
    match check {
        Some(Check::MustHold) => " - checkIt[1]",
        Some(Check::MustNotHold) => " - checkItInverse[1]",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use crate::report::screen::{Screen, tests::drawn};
    use crate::report::test_plan::plan_of;

    const TITLE: &str = "----------------------------- Variables Screen -------- [1-9]: Change Screen --\n\
                         Action defined Per Message :\n";

    /// outputs.md §15.7.
    #[test]
    fn actions_are_listed_by_step() {
        let plan = plan_of(
            "<scenario><nop><action><assign assign_to='n' value='3.5'/><add assign_to='n' value='1'/></action></nop>\
             <recv request='A'><action><ereg regexp='tag=(.*)' search_in='hdr' header='To:' check_it='true' \
             assign_to='n,m'/><log message='[$m]'/></action></recv></scenario>",
        );
        assert_eq!(
            drawn(&plan, Screen::Variables, |_| {}),
            format!(
                "{TITLE}=> Message[0] - [2] action(s) defined :\n\
                \x20  --> action[0] = assign varId[n] 3.500000\n\
                \x20  --> action[1] = add varId[n] 1.000000\n\
                 => Message[1] (Receive Message) - [2] action(s) defined :\n\
                \x20  --> action[0] = regexp[tag=(.*)] where[Header-To:] - checkIt[1]\n\
                \x20  --> action[1] = log\n"
            )
        );
    }

    #[test]
    fn a_scenario_without_actions_says_so() {
        let plan = plan_of("<scenario><recv request='A'/></scenario>");
        let screen = drawn(&plan, Screen::Variables, |_| {});
        assert_eq!(screen, format!("{TITLE}=> No action found on any messages\n"));
    }
}
