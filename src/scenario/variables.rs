//! Names of variables: which scope each belongs to, its slot, and how often the scenario mentions it.
//! Spec: scenario.md §11, actions.md §2.1, §2.2. User and global names live in [`Scopes`], which several scenarios of one
//! run share; call names belong to one scenario. Must not know values.

use std::collections::HashMap;
use std::ops::Range;

use super::diagnostic::{Diagnostic, nearest};
use super::plan::{VarIx, VariableNames};

/// The one name that may be mentioned once.
const THROW_AWAY: &str = "_";
/// Names that the engine itself uses: one mention in the file is enough (scenario.md §7.6).
const ENGINES_OWN: [&str; 2] = [INTERRUPTED_STEP, INTERRUPTED_PAUSE];
/// Receives the step that an unexpected message interrupted.
pub(super) const INTERRUPTED_STEP: &str = "_unexp.retaddr";
/// Receives the end of the pause that it interrupted.
pub(super) const INTERRUPTED_PAUSE: &str = "_unexp.pausedaddr";

/// User and global variables: shared by all scenarios of a run, so the caller keeps them from one load to the next.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    user: Table,
    global: Table,
}

impl Scopes {
    /// Slot of a global variable: the target of `-set NAME VALUE`, to be asked after all scenarios are loaded.
    pub fn global(&self, name: &str) -> Result<VarIx, UnknownGlobal> {
        let slot = self.global.slot(name.trim()).map(VarIx::Global);
        slot.ok_or_else(|| UnknownGlobal {
            name: name.to_owned(),
            nearest: nearest(name, self.global.names()).map(str::to_owned),
            known: self.global.names().map(str::to_owned).collect(),
        })
    }

    /// How many user variables there are.
    pub fn user_count(&self) -> usize {
        self.user.entries.len()
    }

    /// How many global variables there are.
    pub fn global_count(&self) -> usize {
        self.global.entries.len()
    }
}

/// `-set` names a variable that no `<Global>` declares (scenario.md §11).
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("Can not set the global variable {name}, because it does not exist.")]
pub struct UnknownGlobal {
    /// As given.
    pub name: String,
    /// The declared name that looks most like it.
    pub nearest: Option<String>,
    /// All that are declared.
    pub known: Vec<String>,
}

impl VariableNames {
    /// Slot of a global variable of this plan; see [`Scopes::global`] for the error to show.
    pub fn global(&self, name: &str) -> Option<VarIx> {
        let slot = self.global.iter().position(|known| known == name.trim())?;
        u16::try_from(slot).ok().map(VarIx::Global)
    }
}

#[derive(Clone, Debug, Default)]
struct Table {
    entries: Vec<Entry>,
    slots: HashMap<String, u16>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    mentions: u32,
    /// Where the last mention stands: of interest only while it is the single one.
    place: Range<usize>,
}

impl Table {
    fn slot(&self, name: &str) -> Option<u16> {
        self.slots.get(name).copied()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    fn to_vec(&self) -> Vec<String> {
        self.names().map(str::to_owned).collect()
    }

    /// Counts a mention of a known name.
    fn count(&mut self, name: &str) -> Option<u16> {
        let slot = self.slot(name)?;
        if let Some(entry) = self.entries.get_mut(usize::from(slot)) {
            entry.mentions += 1;
        }
        Some(slot)
    }

    /// Counts a mention, creating the variable when needed. Past 65,536 names the last slot is given again; the usage
    /// check refuses such a file.
    fn mention(&mut self, name: &str, place: Range<usize>) -> u16 {
        if let Some(slot) = self.count(name) {
            return slot;
        }
        let slot = u16::try_from(self.entries.len()).unwrap_or(u16::MAX);
        self.entries.push(Entry { name: name.to_owned(), mentions: 1, place });
        self.slots.insert(name.to_owned(), slot);
        slot
    }

    /// Names mentioned only once, in byte order.
    fn lonely(&self) -> Vec<&Entry> {
        let exempt = |name: &str| name == THROW_AWAY || ENGINES_OWN.contains(&name);
        let mut lonely: Vec<_> =
            self.entries.iter().filter(|entry| entry.mentions < 2 && !exempt(&entry.name)).collect();
        lonely.sort_by(|left, right| left.name.cmp(&right.name));
        lonely
    }
}

/// The variables one scenario sees while it is compiled.
pub(super) struct Variables<'s> {
    scopes: &'s mut Scopes,
    call: Table,
}

impl<'s> Variables<'s> {
    pub(super) fn new(scopes: &'s mut Scopes) -> Variables<'s> {
        Variables { scopes, call: Table::default() }
    }

    /// A use: looks in call, user and global scope, and creates a call variable when it is in none.
    pub(super) fn mention(&mut self, name: &str, place: Range<usize>) -> VarIx {
        let name = name.trim();
        match self.find_and_count(name) {
            Some(var) => var,
            None => VarIx::Call(self.call.mention(name, place)),
        }
    }

    /// `<Reference>`: counts a mention of a variable that must be there already.
    pub(super) fn reference(&mut self, name: &str) -> Option<VarIx> {
        self.find_and_count(name.trim())
    }

    fn find_and_count(&mut self, name: &str) -> Option<VarIx> {
        let user = &mut self.scopes.user;
        let global = &mut self.scopes.global;
        let call = self.call.count(name).map(VarIx::Call);
        call.or_else(|| user.count(name).map(VarIx::User)).or_else(|| global.count(name).map(VarIx::Global))
    }

    /// Whether anything of this name was mentioned already.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.find(name.trim()).is_some()
    }

    /// The variable of this name, if anything mentions it; this is no mention.
    pub(super) fn find(&self, name: &str) -> Option<VarIx> {
        let call = self.call.slot(name).map(VarIx::Call);
        let user = || self.scopes.user.slot(name).map(VarIx::User);
        let global = || self.scopes.global.slot(name).map(VarIx::Global);
        call.or_else(user).or_else(global)
    }

    /// `<Global>`
    pub(super) fn declare_global(&mut self, name: &str, place: Range<usize>) {
        self.scopes.global.mention(name.trim(), place);
    }

    /// `<User>`: a name that is global stays so.
    pub(super) fn declare_user(&mut self, name: &str, place: Range<usize>) {
        let name = name.trim();
        if self.scopes.user.slot(name).is_some() || self.scopes.global.count(name).is_none() {
            self.scopes.user.mention(name, place);
        }
    }

    /// Whether a use above made this a call variable, so that a declaration comes too late.
    pub(super) fn is_call_variable(&self, name: &str) -> bool {
        self.call.slot(name.trim()).is_some()
    }

    /// The name that a mistyped one was meant to be, if one looks like it.
    pub(super) fn nearest(&self, name: &str) -> Option<&str> {
        let tables = [&self.call, &self.scopes.user, &self.scopes.global];
        nearest(name.trim(), tables.into_iter().flat_map(Table::names))
    }

    /// Every variable must be mentioned at least twice.
    pub(super) fn usage_errors(&self, source: &[u8]) -> Vec<Diagnostic> {
        let tables = [&self.call, &self.scopes.user, &self.scopes.global];
        let mut errors: Vec<Diagnostic> = tables
            .iter()
            .flat_map(|table| table.lonely())
            .map(|entry| {
                let sentence = format!("Variable ${} is referenced {} times!", entry.name, entry.mentions);
                let place = narrowed(source, &entry.place, &entry.name);
                let error = Diagnostic::error("variable-used-once", sentence).at(place, "its only mention");
                match self.nearest(&entry.name) {
                    Some(other) => error.help(format!("did you mean {other}?")),
                    None => error
                        .help("write or read it a second time, or list it in <Reference variables=\"…\"/>"),
                }
            })
            .collect();
        if tables.iter().any(|table| table.entries.len() > usize::from(u16::MAX)) {
            errors.push(Diagnostic::error("too-many-variables", "more than 65535 variables in one scope"));
        }
        errors
    }

    /// All names by slot.
    pub(super) fn names(&self) -> VariableNames {
        VariableNames {
            unread: Vec::new(),
            call: self.call.to_vec(),
            user: self.scopes.user.to_vec(),
            global: self.scopes.global.to_vec(),
        }
    }
}

/// The place of the name within a larger text, where it can be found there: after a `$` if there is one.
fn narrowed(source: &[u8], place: &Range<usize>, name: &str) -> Range<usize> {
    let text = source.get(place.clone()).unwrap_or_default();
    let with_dollar = memchr::memmem::find(text, format!("${name}").as_bytes()).map(|at| at + 1);
    match with_dollar.or_else(|| memchr::memmem::find(text, name.as_bytes())) {
        Some(at) if !name.is_empty() => place.start + at..place.start + at + name.len(),
        _ => place.clone(),
    }
}
