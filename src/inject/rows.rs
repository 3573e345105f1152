//! The data lines of an injection file, in one block of memory, so that reading a field costs no allocation.
//! Spec: actions.md §4.2. In: the bytes after the mode line, or fields one line at a time. Out: fields by line and number.
//! Must not know how lines are chosen or what their text means.

use std::io::Read as _;

/// Lines of fields. Only grows: a line once stored stays where it is.
#[derive(Debug, Default)]
pub(super) struct Rows {
    text: Vec<u8>,
    /// Where in `text` each field of each line ends.
    ends: Vec<usize>,
    rows: Vec<Row>,
}

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

    /// Appends a line. The CR of a CRLF is not part of its last field.
    fn push(&mut self, record: &csv::ByteRecord) {
        let row = Row { text: self.text.len(), first: self.ends.len(), last: self.ends.len() + record.len() };
        let last = record.len().saturating_sub(1);
        for (number, field) in record.iter().enumerate() {
            let field = if number == last { field.strip_suffix(b"\r").unwrap_or(field) } else { field };
            self.text.extend_from_slice(field);
            self.ends.push(self.text.len());
        }
        self.rows.push(row);
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
