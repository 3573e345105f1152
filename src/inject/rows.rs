//! The data lines of an injection file, in one block of memory, so that reading a field costs no allocation.
//! Spec: actions.md §4.2. In: the bytes after the mode line, or fields one line at a time. Out: fields by line and number.
//! Must not know how lines are chosen or what their text means.

use std::io::Read as _;

/// Lines of fields. A line once stored keeps its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    text: Vec<u8>,
    /// Where in `text` each field of each line ends.
    ends: Vec<usize>,
    rows: Vec<Row>,
    /// How much of `text` and `ends` belongs to lines that were replaced.
    abandoned: Abandoned,
}

#[derive(Clone, Copy, Debug, Default)]
struct Abandoned {
    bytes: usize,
    fields: usize,
}

/// Abandoned space that is not worth the work of closing it up.
const SMALL: usize = 4_096;

/// One line.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// Where its text starts.
    text: usize,
    /// Where its field ends start, and where they stop.
    first: usize,
    last: usize,
}

impl Rows {
    /// Reads data lines up to the end of `text`. `text` starts with the line end before the first of them and holds no
    /// empty line, which the reader would skip.
    pub(super) fn read(text: &[u8]) -> Result<Rows, csv::Error> {
        // Without the line end added here the reader takes a comment at the very end for a record.
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .terminator(csv::Terminator::Any(b'\n'))
            .comment(Some(b'#'))
            .quoting(false)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::None)
            .from_reader(text.chain(b"\n".as_slice()));
        let mut rows = Rows::default();
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record)? {
            rows.push(&record);
        }
        Ok(rows)
    }

    /// Appends a line of the file. The CR of a CRLF is not part of its last field.
    fn push(&mut self, record: &csv::ByteRecord) {
        let last = record.len().saturating_sub(1);
        let fields = record.iter().enumerate().map(|(number, field)| match number == last {
            true => field.strip_suffix(b"\r").unwrap_or(field),
            false => field,
        });
        let row = self.store(fields);
        self.rows.push(row);
    }

    fn store<'t>(&mut self, fields: impl Iterator<Item = &'t [u8]>) -> Row {
        let (text, first) = (self.text.len(), self.ends.len());
        for field in fields {
            self.text.extend_from_slice(field);
            self.ends.push(self.text.len());
        }
        Row { text, first, last: self.ends.len() }
    }

    /// Appends a line of which only `;` means something (actions.md §3.17).
    pub(super) fn insert(&mut self, line: &[u8]) {
        let row = self.store(line.split(|byte| *byte == b';'));
        self.rows.push(row);
    }

    /// Puts a line in the place of another; false if there is none (actions.md §3.18).
    pub(super) fn replace(&mut self, at: usize, line: &[u8]) -> bool {
        let Some(old) = self.rows.get(at).copied() else { return false };
        let new = self.store(line.split(|byte| *byte == b';'));
        if let Some(row) = self.rows.get_mut(at) {
            *row = new;
        }
        self.abandoned.fields += old.last - old.first;
        self.abandoned.bytes +=
            self.ends.get(old.first..old.last).and_then(<[_]>::last).unwrap_or(&old.text) - old.text;
        let too_much = |abandoned: usize, all: usize| abandoned > SMALL && abandoned > all / 2;
        if too_much(self.abandoned.bytes, self.text.len()) || too_much(self.abandoned.fields, self.ends.len())
        {
            self.close_up();
        }
        true
    }

    /// Drops what no line uses, so that a run may replace lines for ever.
    fn close_up(&mut self) {
        let (text, ends) = (std::mem::take(&mut self.text), std::mem::take(&mut self.ends));
        for row in &mut self.rows {
            let (mut from, first, start) = (row.text, self.ends.len(), self.text.len());
            for end in ends.get(row.first..row.last).unwrap_or_default() {
                self.text.extend_from_slice(text.get(from..*end).unwrap_or_default());
                self.ends.push(self.text.len());
                from = *end;
            }
            *row = Row { text: start, first, last: self.ends.len() };
        }
        self.abandoned = Abandoned::default();
    }

    /// Memory for texts and fields, in use or not.
    #[cfg(test)]
    pub(super) fn bytes_held(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<usize>()
    }

    /// How many lines.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The text of a field. None if there is no such line.
    pub(super) fn field(&self, line: usize, field: u32) -> Option<Cell<'_>> {
        let row = self.rows.get(line)?;
        let ends = self.ends.get(row.first..row.last).unwrap_or_default();
        let Ok(field) = usize::try_from(field) else { return Some(Cell::Missing) };
        let start = field.checked_sub(1).map_or(Some(&row.text), |before| ends.get(before));
        let cell = start.zip(ends.get(field)).and_then(|(start, end)| self.text.get(*start..*end));
        Some(cell.map_or(Cell::Missing, Cell::Text))
    }
}

/// What a line holds at a field's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    Text(&'a [u8]),
    /// The line has fewer fields.
    Missing,
}
