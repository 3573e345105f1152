//! Injection files (`-inf`, `-rxinf`): loading, the line that each new call gets, field texts and `-infindex`.
//! Spec: actions.md §4, §3.16-§3.18; keywords.md §6.9; cli.md §4.5. In: paths or bytes, a random number generator, line and field
//! numbers. Out: field bytes in the caller's buffer, and errors with SIPp's sentences. Must not know scenarios, calls or
//! keywords; reads the disk in [`Files::load`] only and writes nothing.

mod error;
mod file;
mod mode;
mod printf;
mod rows;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use smallvec::SmallVec;

use crate::number;

pub use error::{InjectError, InjectWarning, ModeLine};
use file::File;

/// Position of a file in [`Files`], which alone makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileIx(u16);

/// Position of a data line in its file, virtual lines of PRINTF files included. Only [`Files`] makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineIx(u32);

impl LineIx {
    /// The line's number, from 0, as `lookup` stores it and `line=` takes it.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// One injection file as the command line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSpec {
    /// As typed.
    pub path: PathBuf,
    /// The option it was given to.
    pub option: FileOption,
}

/// The options that load an injection file (cli.md §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOption {
    /// `-inf`: the first one is the default file.
    Inf,
    /// `-rxinf`: the first one is the default file of the `-rxsf` scenario.
    RxInf,
}

/// One `-infindex`, both values as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexSpec {
    /// Base name of a loaded file.
    pub file: String,
    /// Number of the field that is the key, from 0.
    pub field: String,
}

/// What [`Files::field`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The text, possibly empty, was appended.
    Written,
    /// The line has fewer fields: worth [`InjectWarning::NoSuchField`] each time.
    NoSuchField,
    /// The file has no such line; SIPp says nothing about it.
    NoSuchLine,
}

/// The lines that a call drew, one from each file, for all its life. The default has none, as automatic calls do
/// (actions.md §4.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(SmallVec<[Option<LineIx>; 2]>);

impl Lines {
    /// The line drawn from `file`. None for a USER file and a call without a user, and for calls that drew no lines.
    pub fn get(&self, file: FileIx) -> Option<LineIx> {
        self.0.get(usize::from(file.0)).copied().flatten()
    }
}

/// All loaded injection files.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: Vec<File>,
    default: Option<FileIx>,
    rx_default: Option<FileIx>,
    warnings: Vec<InjectWarning>,
}

impl Files {
    /// No files at all.
    pub fn empty() -> Files {
        Files::default()
    }

    /// Reads `files` in command-line order, then makes the indexes.
    ///
    /// # Errors
    /// The load errors of actions.md §4.1 to §4.3. An index on a wrong PRINTF field finds its run errors here.
    pub fn load(files: &[FileSpec], indexes: &[IndexSpec]) -> Result<Files, InjectError> {
        let mut loaded = Files::empty();
        for spec in files {
            let text = std::fs::read(&spec.path)
                .map_err(|source| InjectError::Unreadable { path: spec.path.clone(), source })?;
            loaded.add(spec, &text)?;
        }
        loaded.index_all(indexes)?;
        Ok(loaded)
    }

    /// Like [`Files::load`], with the files' contents at hand.
    ///
    /// # Errors
    /// As [`Files::load`].
    pub fn from_bytes(files: &[(FileSpec, &[u8])], indexes: &[IndexSpec]) -> Result<Files, InjectError> {
        let mut loaded = Files::empty();
        for (spec, text) in files {
            loaded.add(spec, text)?;
        }
        loaded.index_all(indexes)?;
        Ok(loaded)
    }

    /// Adds a file. One of the same base name takes the place of the earlier one (actions.md §4.1).
    fn add(&mut self, spec: &FileSpec, text: &[u8]) -> Result<(), InjectError> {
        let (file, warning) = File::read(&spec.path, text)?;
        self.warnings.extend(warning);
        let at = self.files.iter().position(|known| known.name() == file.name()).unwrap_or(self.files.len());
        let ix = FileIx(u16::try_from(at).map_err(|_| InjectError::TooManyFiles(spec.path.clone()))?);
        match self.files.get_mut(at) {
            Some(earlier) => *earlier = file,
            None => self.files.push(file),
        }
        let default = match spec.option {
            FileOption::Inf => &mut self.default,
            FileOption::RxInf => &mut self.rx_default,
        };
        default.get_or_insert(ix);
        Ok(())
    }

    /// The files as the worker with this index, of so many, sees them: together the workers draw the lines that one would.
    pub fn dealt(&self, index: u32, workers: u32) -> Files {
        let files = self.files.iter().map(|file| file.dealt(index, workers)).collect();
        Files { files, ..self.clone() }
    }

    fn index_all(&mut self, indexes: &[IndexSpec]) -> Result<(), InjectError> {
        for spec in indexes {
            let file = self.files.iter_mut().find(|file| file.name() == spec.file.as_bytes());
            let file = file.ok_or_else(|| InjectError::IndexOfUnknownFile(spec.file.clone()))?;
            let (field, length) = mode::c_integer(spec.field.as_bytes());
            if length < spec.field.len() {
                return Err(InjectError::IndexField(spec.field.clone()));
            }
            self.warnings.extend(file.index_on(field)?);
        }
        Ok(())
    }

    /// What loading has to say; nothing of it stops a run.
    pub fn warnings(&self) -> &[InjectWarning] {
        &self.warnings
    }

    /// The file of `[fieldN]` without `file=`: the first `-inf`.
    pub fn default_file(&self) -> Option<FileIx> {
        self.default
    }

    /// The same for the `-rxsf` scenario: the first `-rxinf` (cli.md §4.5).
    pub fn rx_default_file(&self) -> Option<FileIx> {
        self.rx_default
    }

    /// The file of that base name (actions.md §4.1).
    pub fn by_name(&self, base_name: &[u8]) -> Option<FileIx> {
        let at = self.files.iter().position(|file| file.name() == base_name)?;
        u16::try_from(at).ok().map(FileIx)
    }

    /// The file that an action names.
    ///
    /// # Errors
    /// [`InjectError::UnknownFile`], the run error of actions.md §3.16.
    pub fn for_action(&self, base_name: &[u8]) -> Result<FileIx, InjectError> {
        let unknown = || InjectError::UnknownFile(String::from_utf8_lossy(base_name).into_owned());
        self.by_name(base_name).ok_or_else(unknown)
    }

    /// As given on the command line, for messages.
    pub fn path(&self, file: FileIx) -> &Path {
        self.file(file).path()
    }

    /// Draws a line from every file for a new call (actions.md §4.4). `user` counts from 1 and is none without `-users`;
    /// 0, which is `[userid]` of a call without a user, is taken as none.
    ///
    /// # Errors
    /// A user beyond the lines of a USER file, a run error.
    pub fn draw(&mut self, user: Option<u32>, rng: &mut impl rand::Rng) -> Result<Lines, InjectError> {
        self.files.iter_mut().map(|file| file.draw(user, rng)).collect::<Result<_, _>>().map(Lines)
    }

    /// Appends a field's text to `out`. Does not allocate but for growing `out`.
    ///
    /// # Errors
    /// A wrong conversion in a PRINTF file, a run error (actions.md §4.3); `out` then holds a part of the text.
    pub fn field(
        &self,
        file: FileIx,
        line: LineIx,
        field: u32,
        out: &mut Vec<u8>,
    ) -> Result<Field, InjectError> {
        self.file(file).field(line, field, out)
    }

    /// The line that `line=` means: `number` truncated toward zero (actions.md §4.5). None out of range.
    pub fn line_at(&self, file: FileIx, number: f64) -> Option<LineIx> {
        let number = number.trunc();
        let in_range = (0.0..f64::from(self.file(file).lines())).contains(&number);
        // In range, so within 32 bits and not negative.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        in_range.then_some(LineIx(number as u32))
    }

    /// The last line with `key` in the indexed field, for `<lookup>` (actions.md §3.16).
    ///
    /// # Errors
    /// A file without `-infindex`, a run error.
    pub fn lookup(&self, file: FileIx, key: &[u8]) -> Result<Option<LineIx>, InjectError> {
        self.file(file).lookup(key)
    }

    /// Appends a line, for `<insert>`: it takes part in the choice of lines and in the index from now on (actions.md §3.17).
    ///
    /// # Errors
    /// A PRINTF file, a run error.
    pub fn insert(&mut self, file: FileIx, line: &[u8]) -> Result<(), InjectError> {
        self.file_mut(file).insert(line)
    }

    /// Puts `text` in the place of a line, for `<replace>`. `line` is its number as text: what follows the point does not
    /// count, and no text is 0 (actions.md §3.18).
    ///
    /// # Errors
    /// No such file, a line that is no number or not there, a PRINTF file.
    pub fn replace(&mut self, file: &[u8], line: &[u8], text: &[u8]) -> Result<(), InjectError> {
        let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let file = self.by_name(file).ok_or_else(|| InjectError::UnknownFileForReplace(shown(file)))?;
        let number = std::str::from_utf8(line).ok().and_then(number::float).filter(|number| !number.is_nan());
        let number = number.ok_or_else(|| InjectError::BadLineNumber(shown(line)))?;
        self.file_mut(file).replace(number, text)
    }

    fn file(&self, file: FileIx) -> &File {
        // In range: `add` made it and files never go away.
        &self.files[usize::from(file.0)]
    }
    fn file_mut(&mut self, file: FileIx) -> &mut File {
        // In range, as above.
        &mut self.files[usize::from(file.0)]
    }
}
