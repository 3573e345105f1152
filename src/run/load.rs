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
use crate::scenario::{self, Diagnostic, FailureKind, LoadContext, Scopes, builtin, encoding};

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
    let source = source(option, choice)?;
    compile(choice, &source, files, options, set)
}

/// The text of a scenario file.
#[derive(Debug)]
pub struct Source {
    /// As read from disk.
    pub text: Cow<'static, [u8]>,
    /// The file's name in messages.
    pub shown: String,
}

/// Loads a scenario whose text and injection files are read. Shows its warnings.
///
/// # Errors
/// A [`Stop`] with everything that is wrong.
pub fn compile(
    choice: &ScenarioChoice,
    source: &Source,
    files: Files,
    options: &Options,
    set: &[(String, String)],
) -> Result<Scenario, Stop> {
    let mut scopes = Scopes::default();
    let context = LoadContext { keys: &options.keys, files: &files };
    let loaded = scenario::load(&source.text, &source.shown, &context, &mut scopes);
    let plan = match loaded {
        Ok(loaded) => {
            eprint!("{}", render(&loaded.warnings, source));
            loaded.plan
        }
        Err(failure) => {
            let text = render(&failure.diagnostics, source);
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

/// Reads the injection files.
///
/// # Errors
/// One can not be read or means nothing.
pub fn injection_files(options: &Options) -> Result<Files, Stop> {
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

/// Reads a scenario.
///
/// # Errors
/// There is no such scenario or file.
pub fn source(option: &str, choice: &ScenarioChoice) -> Result<Source, Stop> {
    match choice {
        ScenarioChoice::Builtin(name) => {
            let text = builtin::find(option, name).map_err(|error| Stop::refused(error.to_string()))?;
            Ok(Source { text: Cow::Borrowed(text.as_bytes()), shown: format!("{name}.xml (built in)") })
        }
        ScenarioChoice::File(path) => {
            Ok(Source { text: Cow::Owned(read(path)?), shown: path.display().to_string() })
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    std::fs::read(path).map(encoding::to_utf8).map_err(|error| {
        let path = path.display();
        Stop::refused(format!("Unable to load or parse '{path}' xml scenario file: {error}"))
    })
}

/// Colour only for a person: a terminal that can, and nobody asked for none.
pub fn render(diagnostics: &[Diagnostic], source: &Source) -> String {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    let colour = !dumb && std::env::var_os("NO_COLOR").is_none() && std::io::stderr().is_terminal();
    let text =
        |diagnostic: &Diagnostic| format!("{}\n", diagnostic.render(&source.text, &source.shown, colour));
    diagnostics.iter().map(text).collect()
}
