//! Reads what the command line names: scenarios and injection files.
//! Spec: scenario.md §1, actions.md §4.1, cli.md §6. In: options. Out: plans. Everything wrong here ends with exit 1, before anything
//! is sent. Must not open sockets, nor judge how scenarios go together (`roles`).

use std::borrow::Cow;
use std::io::IsTerminal;
use std::path::Path;

use super::stop::Stop;
use crate::cli::{Exit, Options, ScenarioChoice};
use crate::inject::{Files, IndexSpec};
use crate::scenario::plan::{Plan, VarIx};
use crate::scenario::{
    self, Credentials, Diagnostic, FailureKind, LoadContext, Part, Scopes, builtin, encoding,
};

/// What one side of a test runs, with what belongs to it.
#[derive(Debug)]
pub struct Scenario {
    /// What calls run.
    pub plan: Plan,
    /// `-oocsf`: what answers requests that belong to no call.
    pub out_of_call: Option<Plan>,
    /// `-rxsf`: what messages of unknown calls open.
    pub receiving: Option<Plan>,
    /// Their injection files.
    pub files: Files,
    /// `-set`: slots of global variables and their texts.
    pub globals: Vec<(u16, Vec<u8>)>,
    /// Name of the main scenario in file names and on the screen.
    pub name: String,
}

/// A scenario that the command line names.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// What it is for.
    pub part: Part,
    /// The option that names a built-in one.
    pub option: &'static str,
    /// Which one.
    pub choice: &'a ScenarioChoice,
}

/// The scenarios of the side that the command line is about, in the order in which they are loaded.
pub fn choices(options: &Options) -> Vec<Choice<'_>> {
    let parts = [
        (Part::Main, "-sn", Some(&options.scenario)),
        (Part::OutOfCall, "-oocsn", options.out_of_call.as_ref()),
        (Part::Receiving, "-rxsn", options.receiving.as_ref()),
    ];
    let named = |(part, option, choice): (Part, _, Option<_>)| Some(Choice { part, option, choice: choice? });
    parts.into_iter().filter_map(named).collect()
}

/// The scenario of the other side.
pub fn peer_choice(choice: &ScenarioChoice) -> Choice<'_> {
    Choice { part: Part::Main, option: "-peer_sn", choice }
}

/// Loads the scenarios of one side with the injection files and keys of the command line. `set` is empty for the other side of the
/// test.
///
/// # Errors
/// A [`Stop`] with everything that is wrong with the first scenario that does not load.
pub fn side(choices: &[Choice<'_>], options: &Options, set: &[(String, String)]) -> Result<Scenario, Stop> {
    let mut loader = Loader::new(options)?;
    let loaded: Result<Vec<_>, Stop> =
        choices.iter().map(|choice| Ok((choice.part, loader.load(choice.part, &source(choice)?)?))).collect();
    loader.finish(loaded?, choices, set)
}

/// The text of a scenario file.
#[derive(Debug)]
pub struct Source {
    /// As read from disk.
    pub text: Cow<'static, [u8]>,
    /// The file's name in messages.
    pub shown: String,
}

/// What the scenarios of a side share while they are loaded.
#[derive(Debug)]
pub struct Loader<'a> {
    options: &'a Options,
    files: Files,
    scopes: Scopes,
}

impl<'a> Loader<'a> {
    /// Reads the injection files.
    ///
    /// # Errors
    /// One can not be read or means nothing.
    pub fn new(options: &'a Options) -> Result<Loader<'a>, Stop> {
        Ok(Loader { options, files: injection_files(options)?, scopes: Scopes::default() })
    }

    /// Compiles a scenario. Shows its warnings.
    ///
    /// # Errors
    /// A [`Stop`] with everything that is wrong.
    pub fn load(&mut self, part: Part, source: &Source) -> Result<Plan, Stop> {
        let context = LoadContext {
            keys: &self.options.keys,
            files: &self.files,
            credentials: credentials(self.options),
        };
        match scenario::load_part(part, &source.text, &source.shown, &context, &mut self.scopes) {
            Ok(loaded) => {
                eprint!("{}", render(&loaded.warnings, source));
                Ok(loaded.plan)
            }
            Err(failure) => {
                let text = render(&failure.diagnostics, source);
                let exit = match failure.kind {
                    FailureKind::Load => Exit::Refused,
                    FailureKind::Mode => Exit::Fatal,
                };
                Err(Stop { text: text.into(), exit })
            }
        }
    }

    /// Puts together what was loaded: all of `choices`, the main scenario among them.
    ///
    /// # Errors
    /// `-set` names a variable that no scenario has.
    pub fn finish(
        self,
        loaded: Vec<(Part, Plan)>,
        choices: &[Choice<'_>],
        set: &[(String, String)],
    ) -> Result<Scenario, Stop> {
        let globals =
            set.iter().map(|(name, text)| global(&self.scopes, name, text)).collect::<Result<_, _>>()?;
        let name = choices.iter().find(|choice| choice.part == Part::Main).map(|choice| choice.choice.name());
        let [mut main, mut out_of_call, mut receiving] = [None, None, None];
        for (part, plan) in loaded {
            match part {
                Part::Main => main = Some(plan),
                Part::OutOfCall => out_of_call = Some(plan),
                Part::Receiving => receiving = Some(plan),
            }
        }
        let plan = main.ok_or_else(|| Stop::refused("there is no main scenario"))?;
        let name = name.unwrap_or_default().into_owned();
        Ok(Scenario { plan, out_of_call, receiving, files: self.files, globals, name })
    }
}

fn credentials(options: &Options) -> Credentials<'_> {
    let call = &options.call;
    Credentials { user: call.auth_user.as_deref(), password: call.auth_password.as_deref() }
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
    let index = |(file, field): &(String, usize)| IndexSpec { file: file.clone(), field: field.to_string() };
    let indexes: Vec<_> = options.injection.indexes.iter().map(index).collect();
    let files =
        Files::load(&options.injection.files, &indexes).map_err(|error| Stop::refused(error.to_string()))?;
    for warning in files.warnings() {
        eprintln!("warning: {warning}");
    }
    Ok(files)
}

/// Reads a scenario.
///
/// # Errors
/// There is no such scenario or file.
pub fn source(choice: &Choice<'_>) -> Result<Source, Stop> {
    match choice.choice {
        ScenarioChoice::Builtin(name) => {
            let text =
                builtin::find(choice.option, name).map_err(|error| Stop::refused(error.to_string()))?;
            Ok(Source {
                text: Cow::Borrowed(text.as_bytes()),
                shown: format!("{name}.xml{}", builtin::BUILT_IN),
            })
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
