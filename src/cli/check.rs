//! Help group "Checking": look at a scenario without running it.
//! Spec: ours. Must not look at scenarios: `run::check` does. The names of the lints are `scenario::lint`'s.

use super::opt::{Group, Opt, Pass, Value, similar};
use super::refusal::Refusal;
use crate::scenario::lint::{self, LINTS};

pub const GROUP: Group = Group { title: "Checking", options: &[CHECK, ALLOW] };

const CHECK: Opt = Opt {
    name: "check",
    value: Value::Flag,
    default: "",
    help: "Look for mistakes in the scenarios and injection files; run nothing",
    more: "Reports what fails the load, what is odd, and what loads and fails later (lints). No remote host is needed and \
           no socket is opened. Exit status 1 after an error or a lint, 0 if there is nothing or only other warnings. \
           Not in SIPp.",
    spec: "ours",
    pass: Pass::Options(|options, _| {
        options.check.wanted = true;
        Ok(())
    }),
};

const ALLOW: Opt = Opt {
    name: "allow",
    value: Value::Choice("LINT", || LINTS.iter().map(|lint| lint.name).collect()),
    default: "",
    help: "Let -check pass over a lint",
    more: "May be given several times; the names are in brackets in the report and in the list below. Does nothing \
           without -check. Not in SIPp.",
    spec: "ours",
    pass: Pass::Options(|options, given| {
        let name = given.text()?;
        let lint = lint::find(name).ok_or_else(|| Refusal::UnknownLint {
            name: name.to_owned(),
            nearest: similar(name, LINTS.iter().map(|lint| lint.name)).map(str::to_owned),
        })?;
        options.check.allowed.push(lint.name);
        Ok(())
    }),
};

/// All lints with their reasons, for `-help`.
pub fn lints() -> String {
    LINTS.iter().map(|lint| format!("  {}\n    {}\n", lint.name, lint.reason)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{options, printed, refused};
    use super::*;

    #[test]
    fn check_is_a_switch_and_allowed_lints_add_up() {
        assert!(!options("-m 1").check.wanted);
        let check = options("-allow unused-label -check --allow no-length -sn uas").check;
        assert!(check.wanted);
        assert_eq!(check.allowed, ["unused-label", "no-length"]);
    }

    #[test]
    fn an_unknown_lint_is_refused_with_the_nearest_one() {
        assert_eq!(
            refused("-allow no-lenght"),
            "-allow: no lint is called 'no-lenght' (did you mean 'no-length'?)"
        );
        assert_eq!(refused("-check -allow 7"), "-allow: no lint is called '7'");
    }

    #[test]
    fn the_long_help_lists_every_lint_with_its_reason() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let help = words(&printed("-help"));
        for lint in &LINTS {
            assert!(help.contains(&words(&format!("{} {}", lint.name, lint.reason))), "{}", lint.name);
        }
    }
}
