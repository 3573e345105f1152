//! One injection file: its text taken apart, the state of its line choice, and its index.
//! Spec: actions.md §4.1 to §4.4, §3.16. In: the file's bytes, then line and field numbers. Out: field bytes and line numbers.
//! Must not read the disk or know the other files.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use hashbrown::HashMap;
use memchr::{memchr, memchr_iter, memmem, memrchr};
use rand::RngExt as _;

use super::error::{InjectError, InjectWarning, ModeLine};
use super::mode::{self, Choice, Mode};
use super::rows::{Cell, Rows};
use super::{Field, LineIx, printf};

/// Which line has a key.
type Index = HashMap<Box<[u8]>, LineIx, foldhash::fast::RandomState>;

#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    mode: Mode,
    /// The data lines; the templates of a PRINTF file.
    rows: Rows,
    /// The line that the next call gets of a SEQUENTIAL file.
    next: u32,
    index: Option<Index>,
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
            Ok(_) => Ok((File { path: path.to_owned(), mode, rows, next: 0, index: None }, warning)),
            Err(_) => Err(InjectError::TooManyLines(path.to_owned())),
        }
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
                self.next = (line + 1) % lines;
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
        let mut index = Index::default();
        let mut without = 0;
        let mut key = Vec::new();
        for line in (0..self.lines()).map(LineIx) {
            key.clear();
            let found = match u32::try_from(field) {
                Ok(field) => self.field(line, field, &mut key)?,
                Err(_) => Field::NoSuchField,
            };
            without += u32::from(found != Field::Written);
            // The last line with a key has it (actions.md §3.16).
            index.insert(key.as_slice().into(), line);
        }
        self.index = Some(index);
        let warning = InjectWarning::KeyMissing { field, path: self.path.clone(), lines: without };
        Ok((without > 0).then_some(warning))
    }

    /// The line with `key` in the indexed field.
    pub(super) fn lookup(&self, key: &[u8]) -> Result<Option<LineIx>, InjectError> {
        let not_indexed = || InjectError::NotIndexed(String::from_utf8_lossy(self.name()).into_owned());
        self.index.as_ref().ok_or_else(not_indexed).map(|index| index.get(key).copied())
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
