//! `-check`: loads what the command line names, reports what is wrong with it, and runs nothing.
//! Spec: ours. In: options. Out: diagnostics on standard error, a line for each scenario on standard output, an exit status.
//! Must not open sockets or trace files.

use std::io::Write as _;

use super::check_roles;
use super::load::{self, Scenario};
use crate::cli::{Exit, Options, ScenarioChoice};
use crate::scenario::lint;

/// Checks the scenarios and injection files: 1 after an error or a lint, 0 if there is nothing or only other warnings.
pub fn check(options: &Options) -> Exit {
    let main = side("-sn", &options.scenario, options, &options.set);
    let peer = options.peer.as_ref().map(|peer| side("-peer_sn", peer, options, &[]));
    let mut is_clean = true;
    let mut scenarios = Vec::new();
    for side in [Some(main), peer].into_iter().flatten() {
        is_clean &= side.is_clean();
        println(&side.summary());
        scenarios.extend(side.loaded);
    }
    if let [main, peer] = &scenarios[..]
        && let Err(stop) = check_roles(main, peer)
    {
        stop.show();
        is_clean = false;
    }
    if is_clean { Exit::Success } else { Exit::Refused }
}

/// What was found about one scenario.
struct Side {
    name: String,
    /// None: it does not load, or its injection files do not.
    loaded: Option<Scenario>,
    lints: usize,
}

impl Side {
    fn is_clean(&self) -> bool {
        self.loaded.is_some() && self.lints == 0
    }

    fn summary(&self) -> String {
        let Side { name, loaded, lints } = self;
        match (loaded, lints) {
            (None, _) => format!("{name}: does not load"),
            (Some(_), 0) => format!("{name}: no errors, no lints"),
            (Some(_), 1) => format!("{name}: loads, with 1 lint (-allow NAME silences those of a name)"),
            (Some(_), lints) => {
                format!("{name}: loads, with {lints} lints (-allow NAME silences those of a name)")
            }
        }
    }
}

/// Loads one scenario, which shows its errors and warnings, and shows the lints of one that loads.
fn side(option: &str, choice: &ScenarioChoice, options: &Options, set: &[(String, String)]) -> Side {
    let mut side = Side { name: choice.name().into_owned(), loaded: None, lints: 0 };
    let loaded = load::injection_files(options).and_then(|files| {
        let source = load::source(option, choice)?;
        let scenario = load::compile(choice, &source, files, options, set)?;
        let lints = lint::run(&source.text, &options.keys, &options.check.allowed);
        Ok((scenario, lints.len(), load::render(&lints, &source)))
    });
    match loaded {
        Ok((scenario, lints, text)) => {
            eprint(&text);
            side.loaded = Some(scenario);
            side.lints = lints;
        }
        Err(stop) => {
            stop.show();
        }
    }
    side
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
