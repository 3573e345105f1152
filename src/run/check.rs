//! `-check`: loads what the command line names, reports what is wrong with it, and runs nothing.
//! Spec: ours. In: options. Out: diagnostics on standard error, a line for each scenario on standard output, an exit status.
//! Must not open sockets or trace files.

use std::io::Write as _;

use super::load::{self, Choice, Loader, Scenario};
use super::reports::check_thresholds;
use super::roles;
use super::stop::Stop;
use crate::cli::{Exit, Options};
use crate::scenario::lint;
use crate::scenario::plan::Plan;

/// Checks the scenarios and injection files: 1 after an error or a lint, 0 if there is nothing or only other warnings.
pub fn check(options: &Options) -> Exit {
    let main = side(&load::choices(options), options, &options.set);
    let peer = options.peer.as_ref().map(|peer| side(&[load::peer_choice(peer)], options, &[]));
    let mut is_clean = main.is_clean && peer.as_ref().is_none_or(|peer| peer.is_clean);
    let loaded = (main.loaded, peer.and_then(|peer| peer.loaded));
    let parts = loaded.0.as_ref().map_or(Ok(()), |main| roles::check_parts(main, options));
    let thresholds = loaded.0.as_ref().map_or(Ok(()), |main| check_thresholds(options, main));
    let sides = match &loaded {
        (Some(main), Some(peer)) => roles::check_sides(main, peer),
        _ => Ok(()),
    };
    for stop in [parts, thresholds, sides].into_iter().filter_map(Result::err) {
        stop.show();
        is_clean = false;
    }
    if is_clean { Exit::Success } else { Exit::Refused }
}

/// What was found about one side of the test.
struct Side {
    is_clean: bool,
    /// None: something of it does not load.
    loaded: Option<Scenario>,
}

/// Loads the scenarios of a side, and says of each what was found. They share variables, so behind one that does not load there is
/// nothing to say of the others.
fn side(choices: &[Choice<'_>], options: &Options, set: &[(String, String)]) -> Side {
    let mut lints = 0;
    let loaded = Loader::new(options).map_err(|stop| (stop, choices)).and_then(|mut loader| {
        let mut plans = Vec::new();
        for (at, choice) in choices.iter().enumerate() {
            let found = look_at(choice, &mut loader, options);
            let (plan, found) = found.map_err(|stop| (stop, choices.get(at..).unwrap_or_default()))?;
            println(&summary(&choice.choice.name(), found));
            plans.push((choice.part, plan));
            lints += found;
        }
        loader.finish(plans, choices, set).map_err(|stop| (stop, [].as_slice()))
    });
    match loaded {
        Ok(scenario) => Side { is_clean: lints == 0, loaded: Some(scenario) },
        Err((stop, rest)) => {
            stop.show();
            for (at, choice) in rest.iter().enumerate() {
                let what = if at == 0 { "does not load" } else { "not checked: the one above does not load" };
                println(&format!("{}: {what}", choice.choice.name()));
            }
            Side { is_clean: false, loaded: None }
        }
    }
}

/// Loads one scenario, which shows its warnings, and shows its lints: how many there are.
fn look_at(choice: &Choice<'_>, loader: &mut Loader<'_>, options: &Options) -> Result<(Plan, usize), Stop> {
    let source = load::source(choice)?;
    let plan = loader.load(choice.part, &source)?;
    let lints = lint::run(&source.text, &options.keys, &options.check.allowed);
    eprint(&load::render(&lints, &source));
    Ok((plan, lints.len()))
}

fn summary(name: &str, lints: usize) -> String {
    match lints {
        0 => format!("{name}: no errors, no lints"),
        1 => format!("{name}: loads, with 1 lint (-allow NAME silences those of a name)"),
        lints => format!("{name}: loads, with {lints} lints (-allow NAME silences those of a name)"),
    }
}

/// Nobody may be listening; the exit status says it too.
fn println(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn eprint(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests;
