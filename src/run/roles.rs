//! Which scenarios can run together: who calls, who is called, who answers what belongs to no call, and what several workers can share.
//! Spec: scenario.md §13, §14, cli.md §4.1. In: loaded scenarios. Out: a refusal (255, as for all of the mode determination), or a
//! warning. Must not load or run anything.

use super::load::Scenario;
use super::stop::Stop;
use crate::cli::{Options, ScenarioChoice};
use crate::scenario::plan::{Action, Plan, Role};

/// The main scenario must call when others answer what is unknown, and those must be called. Warns of one that never is.
///
/// # Errors
/// A combination that cannot run.
pub fn check_parts(side: &Scenario, options: &Options) -> Result<(), Stop> {
    let name = |choice: &Option<ScenarioChoice>| {
        choice.as_ref().map(|choice| choice.name().into_owned()).unwrap_or_default()
    };
    let (main, out_of_call, receiving) = (&side.name, name(&options.out_of_call), name(&options.receiving));
    let is_called = side.plan.role == Role::Server;
    if side.out_of_call.is_some() && is_called {
        return Err(Stop::fatal(format!(
            "SIPp cannot use out-of-call scenarios when running in server mode\n\
             '{main}' begins by receiving: messages of unknown calls open calls of it"
        )));
    }
    if side.receiving.is_some() && is_called {
        return Err(Stop::fatal(format!(
            "The main scenario '{main}' begins by receiving: with -rxsf it must begin by sending, as uac does"
        )));
    }
    must_be_called(side.out_of_call.as_ref(), &out_of_call, "out-of-call", "ooc_default")?;
    must_be_called(side.receiving.as_ref(), &receiving, "receiving", "uas")?;
    if side.out_of_call.is_some() && side.receiving.is_some() {
        eprintln!(
            "warning: the out-of-call scenario '{out_of_call}' never runs: with -rxsf all messages of unknown calls open calls \
             of '{receiving}'"
        );
    }
    Ok(())
}

/// SIPp runs one that begins by sending, and each of its calls fails at once (scenario.md §14).
fn must_be_called(plan: Option<&Plan>, name: &str, what: &str, such_as: &str) -> Result<(), Stop> {
    match plan.map(|plan| plan.role) {
        Some(Role::Client) => Err(Stop::fatal(format!(
            "The {what} scenario '{name}' begins by sending: it must begin by receiving, as {such_as} does"
        ))),
        Some(Role::Server) | None => Ok(()),
    }
}

/// With several workers a scenario must not change what all its calls see: each worker would change its own copy.
///
/// # Errors
/// It has an `<init>`, assigns a global variable, or changes an injection file; or there is a `-tdmmap`.
pub fn check_shared(side: &Scenario, options: &Options) -> Result<(), Stop> {
    if options.run.workers > 1 && options.call.circuits.is_some() {
        return Err(Stop::refused("-tdmmap: with -workers its calls could not share that. Use one worker"));
    }
    let plans = [Some(&side.plan), side.out_of_call.as_ref(), side.receiving.as_ref()];
    for plan in plans.into_iter().flatten().filter(|_| options.run.workers > 1) {
        let refused = |line: u32, what: &str| {
            let place = if line > 0 { format!("{}:{line}: ", plan.file) } else { String::new() };
            Stop::refused(format!(
                "{place}{what}: with -workers its calls could not share that. Use one worker"
            ))
        };
        if let Some(init) = &plan.init {
            return Err(refused(
                init.steps.first().map_or(0, |step| step.line),
                "the scenario has an <init>",
            ));
        }
        if let Some(name) = plan.assigned_global() {
            return Err(refused(0, &format!("the scenario assigns the global variable '{name}'")));
        }
        let changes = |action: &Action| matches!(action, Action::Insert { .. } | Action::Replace { .. });
        if let Some(step) = plan.steps.iter().find(|step| step.actions.iter().any(changes)) {
            return Err(refused(step.line, "the step changes an injection file"));
        }
    }
    Ok(())
}

/// One side must call the other.
///
/// # Errors
/// Both call, or both wait.
pub fn check_sides(main: &Scenario, peer: &Scenario) -> Result<(), Stop> {
    if main.plan.role != peer.plan.role {
        return Ok(());
    }
    let what = match peer.plan.role {
        Role::Client => "begin by sending, so neither of them waits for a call",
        Role::Server => "begin by receiving, so neither of them makes a call",
    };
    Err(Stop::refused(format!("The scenarios '{}' and '{}' both {what}", main.name, peer.name)))
}
