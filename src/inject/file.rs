//! One injection file: its text taken apart, the state of its line choice, and its index.
//! Spec: actions.md §4.1 to §4.4, §3.16. In: the file's bytes, then line and field numbers. Out: field bytes and line numbers.
//! Must not read the disk or know the other files.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashMap;
use memchr::{memchr, memchr_iter, memmem, memrchr};
use rand::RngExt as _;

use super::error::{InjectError, InjectWarning, ModeLine};
use super::mode::{self, Choice, Mode};
use super::rows::{Cell, Rows};
use super::{Field, LineIx, printf};

/// Which line has a key.
type Keys = HashMap<Box<[u8]>, LineIx, foldhash::fast::RandomState>;

/// The index of `-infindex`.
#[derive(Clone, Debug)]
struct Index {
    /// As given, so possibly a number that no line has.
    field: i32,
    keys: Keys,
}

/// Clones share the lines until one of them changes some.
#[derive(Clone, Debug)]
pub(super) struct File {
    path: PathBuf,
    mode: Mode,
    /// The data lines; the templates of a PRINTF file.
    rows: Arc<Rows>,
    /// The line that the next call gets of a SEQUENTIAL file.
    next: u32,
    /// How far the line after it is.
    step: u32,
    index: Option<Arc<Index>>,
}

impl File {
    /// Takes the bytes of a file apart (actions.md §4.2).
    pub(super) fn read(path: &Path, text: &[u8]) -> Result<(File, Option<InjectWarning>), InjectError> {
        let (first, data) = text.split_at(memchr(b'\n', text).unwrap_or(text.len()));
        let first = first.strip_suffix(b"\r").unwrap_or(first);
        let mode = mode::parse(first, || ModeLine::new(path, first))?;
        let (data, warning) = until_empty_line(data, path);
        let rows = Rows::read(data).map_err(|error| InjectError::Unreadable {
            path: path.to_owned(),
            source: std::io::Error::other(error),
        })?;
        match u32::try_from(rows.len()) {
            Ok(0) => Err(InjectError::NoLines(path.to_owned())),
            Ok(_) => {
                let rows = Arc::new(rows);
                Ok((File { path: path.to_owned(), mode, rows, next: 0, step: 1, index: None }, warning))
            }
            Err(_) => Err(InjectError::TooManyLines(path.to_owned())),
        }
    }

    /// The file as the worker with this index sees it: of a SEQUENTIAL file it draws every `step`th line.
    pub(super) fn dealt(&self, index: u32, step: u32) -> File {
        File { next: index % self.lines(), step, ..self.clone() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The base name: what stands after the last `/`, or after the last `\` if there is no `/` (actions.md §4.1).
    pub(super) fn name(&self) -> &[u8] {
        let path = self.path.as_os_str().as_bytes();
        let separator = memrchr(b'/', path).or_else(|| memrchr(b'\\', path));
        separator.and_then(|at| path.get(at + 1..)).unwrap_or(path)
    }

    /// How many lines, virtual ones if it is a PRINTF file. At least one.
    pub(super) fn lines(&self) -> u32 {
        match self.mode.printf {
            Some(printf) => printf.lines,
            // `read` made sure that they fit.
            None => u32::try_from(self.rows.len()).unwrap_or(u32::MAX),
        }
    }

    /// The line of a new call (actions.md §4.4).
    pub(super) fn draw(
        &mut self,
        user: Option<u32>,
        rng: &mut impl rand::Rng,
    ) -> Result<Option<LineIx>, InjectError> {
        let lines = self.lines();
        let line = match self.mode.choice {
            Choice::Random => rng.random_range(0..lines),
            Choice::Sequential => {
                let line = self.next;
                // Below `lines`, so it fits.
                self.next = ((u64::from(line) + u64::from(self.step)) % u64::from(lines)) as u32;
                line
            }
            Choice::User => match user.and_then(|user| user.checked_sub(1)) {
                None => return Ok(None),
                Some(line) if line < lines => line,
                Some(line) => {
                    return Err(InjectError::NoLineForUser {
                        path: self.path.clone(),
                        lines,
                        user: line + 1,
                    });
                }
            },
        };
        Ok(Some(LineIx(line)))
    }

    /// Appends the text of a field.
    pub(super) fn field(&self, line: LineIx, field: u32, out: &mut Vec<u8>) -> Result<Field, InjectError> {
        if line.0 >= self.lines() {
            return Ok(Field::NoSuchLine);
        }
        let row = match self.mode.printf {
            // Templates are used in turn (actions.md §4.3).
            Some(_) => line.0 as usize % self.rows.len(),
            None => line.0 as usize,
        };
        match (self.rows.field(row, field), self.mode.printf) {
            (None, _) => Ok(Field::NoSuchLine),
            (Some(Cell::Missing), _) => Ok(Field::NoSuchField),
            (Some(Cell::Text(text)), None) => {
                out.extend_from_slice(text);
                Ok(Field::Written)
            }
            (Some(Cell::Text(text)), Some(printf)) => {
                printf::expand(text, printf.number(line.0), out).map(|()| Field::Written)
            }
        }
    }

    /// Makes the index on `field`, in place of an earlier one (actions.md §4.1). A number that no line has is allowed.
    pub(super) fn index_on(&mut self, field: i32) -> Result<Option<InjectWarning>, InjectError> {
        let mut keys = Keys::default();
        let mut without = 0;
        for line in (0..self.lines()).map(LineIx) {
            let (key, found) = self.key(line, field)?;
            without += u32::from(found != Field::Written);
            // The last line with a key has it (actions.md §3.16).
            keys.insert(key, line);
        }
        self.index = Some(Arc::new(Index { field, keys }));
        let warning = InjectWarning::KeyMissing { field, path: self.path.clone(), lines: without };
        Ok((without > 0).then_some(warning))
    }

    /// What a line is indexed under: nothing, if it lacks the field.
    fn key(&self, line: LineIx, field: i32) -> Result<(Box<[u8]>, Field), InjectError> {
        let mut key = Vec::new();
        let found = match u32::try_from(field) {
            Ok(field) => self.field(line, field, &mut key)?,
            Err(_) => Field::NoSuchField,
        };
        Ok((key.into(), found))
    }

    /// The line with `key` in the indexed field.
    pub(super) fn lookup(&self, key: &[u8]) -> Result<Option<LineIx>, InjectError> {
        let not_indexed = || InjectError::NotIndexed(String::from_utf8_lossy(self.name()).into_owned());
        self.index.as_ref().ok_or_else(not_indexed).map(|index| index.keys.get(key).copied())
    }

    /// Appends a line (actions.md §3.17).
    pub(super) fn insert(&mut self, line: &[u8]) -> Result<(), InjectError> {
        self.refuse_printf()?;
        let at = LineIx(self.lines());
        if at.0 == u32::MAX {
            return Err(InjectError::TooManyLines(self.path.clone()));
        }
        Arc::make_mut(&mut self.rows).insert(line);
        self.enter(at)
    }

    /// Replaces the line that `number` means (actions.md §3.18).
    pub(super) fn replace(&mut self, number: f64, line: &[u8]) -> Result<(), InjectError> {
        self.refuse_printf()?;
        let lines = self.lines();
        // A cast from float saturates.
        let number = number.trunc() as i64;
        let at = u32::try_from(number).ok().filter(|at| *at < lines).map(LineIx);
        let at = at.ok_or_else(|| InjectError::NoSuchLine { number, file: self.path_text(), lines })?;
        self.leave(at)?;
        Arc::make_mut(&mut self.rows).replace(at.0 as usize, line);
        self.enter(at)
    }

    /// Puts a line's key into the index, taking it over from another line.
    fn enter(&mut self, at: LineIx) -> Result<(), InjectError> {
        let Some(field) = self.index.as_ref().map(|index| index.field) else { return Ok(()) };
        let (key, _) = self.key(at, field)?;
        if let Some(index) = &mut self.index {
            Arc::make_mut(index).keys.insert(key, at);
        }
        Ok(())
    }

    /// Takes a line's key out of the index, if it is the line that has it. Another one of the same key does not get it back.
    fn leave(&mut self, at: LineIx) -> Result<(), InjectError> {
        let Some(field) = self.index.as_ref().map(|index| index.field) else { return Ok(()) };
        let (key, _) = self.key(at, field)?;
        if let Some(index) = self.index.as_mut().filter(|index| index.keys.get(&key) == Some(&at)) {
            Arc::make_mut(index).keys.remove(&key);
        }
        Ok(())
    }

    /// Memory for its lines.
    #[cfg(test)]
    pub(super) fn bytes_held(&self) -> usize {
        self.rows.bytes_held()
    }

    fn refuse_printf(&self) -> Result<(), InjectError> {
        match self.mode.printf {
            Some(_) => Err(InjectError::PrintfFile(self.path_text())),
            None => Ok(()),
        }
    }

    fn path_text(&self) -> String {
        self.path.display().to_string()
    }
}

/// Cuts `data`, which starts with the end of the mode line, before the first empty line. The warning is for text behind
/// it: trailing empty lines alone are nobody's mistake.
fn until_empty_line<'a>(data: &'a [u8], path: &Path) -> (&'a [u8], Option<InjectWarning>) {
    let Some(end) = memmem::find(data, b"\n\n") else { return (data, None) };
    let (data, ignored) = data.split_at(end);
    let warning =
        InjectWarning::EndsAtEmptyLine { line: memchr_iter(b'\n', data).count() + 2, path: path.to_owned() };
    (data, ignored.iter().any(|byte| !byte.is_ascii_whitespace()).then_some(warning))
}
