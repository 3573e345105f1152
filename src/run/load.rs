//! Reads what the command line names: scenarios and injection files.
//! Spec: scenario.md §1, actions.md §4.1, cli.md §6. In: options. Out: plans. Everything wrong here ends with exit 1, before anything
//! is sent. Must not open sockets.

use std::borrow::Cow;
use std::io::IsTerminal;
use std::path::Path;

use super::stop::Stop;
use crate::cli::{Exit, Options, ScenarioChoice};
use crate::inject::{FileOption, FileSpec, Files, IndexSpec};
use crate::scenario::plan::{Plan, VarIx};
use crate::scenario::{self, Diagnostic, FailureKind, LoadContext, Scopes, builtin};

/// A scenario with what belongs to it.
#[derive(Debug)]
pub struct Scenario {
    /// What calls run.
    pub plan: Plan,
    /// Its injection files.
    pub files: Files,
    /// `-set`: slots of global variables and their texts.
    pub globals: Vec<(u16, Vec<u8>)>,
    /// Name in file names and on the screen.
    pub name: String,
}

/// Loads a scenario with the injection files and keys of the command line. `set` is empty for the other side of the test.
///
/// # Errors
/// A [`Stop`] with everything that is wrong.
pub fn scenario(
    option: &str,
    choice: &ScenarioChoice,
    options: &Options,
    set: &[(String, String)],
) -> Result<Scenario, Stop> {
    let files = injection_files(options)?;
    let (source, shown) = source(option, choice)?;
    let mut scopes = Scopes::default();
    let context = LoadContext { keys: &options.keys, files: &files };
    let loaded = scenario::load(&source, &shown, &context, &mut scopes);
    let plan = match loaded {
        Ok(loaded) => {
            show(&loaded.warnings, &source, &shown);
            loaded.plan
        }
        Err(failure) => {
            let text = render(&failure.diagnostics, &source, &shown);
            let exit = match failure.kind {
                FailureKind::Load => Exit::Refused,
                FailureKind::Mode => Exit::Fatal,
            };
            return Err(Stop { text: text.into(), exit });
        }
    };
    let globals = set.iter().map(|(name, text)| global(&scopes, name, text)).collect::<Result<_, _>>()?;
    Ok(Scenario { plan, files, globals, name: choice.name().into_owned() })
}

fn global(scopes: &Scopes, name: &str, text: &str) -> Result<(u16, Vec<u8>), Stop> {
    match scopes.global(name) {
        Ok(VarIx::Global(slot)) => Ok((slot, text.as_bytes().to_vec())),
        Ok(VarIx::Unread(_) | VarIx::Call(_) | VarIx::User(_)) => {
            let text = format!("Can not set the global variable {name}, because it does not exist.");
            Err(Stop::refused(text))
        }
        Err(unknown) => Err(Stop::refused(unknown.to_string())),
    }
}

fn injection_files(options: &Options) -> Result<Files, Stop> {
    let file = |path: &std::path::PathBuf| FileSpec { path: path.clone(), option: FileOption::Inf };
    let files: Vec<_> = options.injection.files.iter().map(file).collect();
    let index = |(file, field): &(String, usize)| IndexSpec { file: file.clone(), field: field.to_string() };
    let indexes: Vec<_> = options.injection.indexes.iter().map(index).collect();
    let files = Files::load(&files, &indexes).map_err(|error| Stop::refused(error.to_string()))?;
    for warning in files.warnings() {
        eprintln!("warning: {warning}");
    }
    Ok(files)
}

fn source(option: &str, choice: &ScenarioChoice) -> Result<(Cow<'static, [u8]>, String), Stop> {
    match choice {
        ScenarioChoice::Builtin(name) => {
            let text = builtin::find(option, name).map_err(|error| Stop::refused(error.to_string()))?;
            Ok((Cow::Borrowed(text.as_bytes()), format!("{name}.xml (built in)")))
        }
        ScenarioChoice::File(path) => Ok((Cow::Owned(read(path)?), path.display().to_string())),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    std::fs::read(path).map_err(|error| {
        let path = path.display();
        Stop::refused(format!("Unable to load or parse '{path}' xml scenario file: {error}"))
    })
}

fn show(diagnostics: &[Diagnostic], source: &[u8], file_name: &str) {
    if !diagnostics.is_empty() {
        eprint!("{}", render(diagnostics, source, file_name));
    }
}

/// Colour only for a person: a terminal that can, and nobody asked for none.
fn render(diagnostics: &[Diagnostic], source: &[u8], file_name: &str) -> String {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    let colour = !dumb && std::env::var_os("NO_COLOR").is_none() && std::io::stderr().is_terminal();
    let text = |diagnostic: &Diagnostic| format!("{}\n", diagnostic.render(source, file_name, colour));
    diagnostics.iter().map(text).collect()
}
