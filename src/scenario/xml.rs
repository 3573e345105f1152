//! Reader for scenario files: bytes -> tree of elements, attributes and CDATA, each with its place in the file.
//! Spec: scenario.md §2 ("Replacement" column), §2.1, §2.2. It accepts what either generation of SIPp accepts, so it scans
//! tags itself and leaves comments, instructions, DOCTYPE and references to quick-xml. Bytes from 0x80 on pass unchanged,
//! whatever encoding is declared. Must not know what an element means.

mod decode;
mod tag;
mod text;

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::parser::{CommentParser, Parser, PiParser};

pub use text::Text;

/// Deepest nesting of elements: the limit of SIPp up to 3.7.7 (scenario.md §16).
const DEEPEST: usize = 256;

/// An element.
#[derive(Debug)]
pub struct Element {
    /// As written, with any namespace prefix.
    pub name: String,
    /// Place of the name in the start tag.
    pub name_span: Range<usize>,
    /// In document order, without duplicates.
    pub attributes: Vec<Attribute>,
    /// Elements directly inside.
    pub children: Vec<Element>,
    /// CDATA sections directly inside.
    pub cdata: Vec<Text>,
}

impl Element {
    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// An attribute.
#[derive(Debug)]
pub struct Attribute {
    /// As written.
    pub name: String,
    /// Place of the name.
    pub name_span: Range<usize>,
    /// Decoded (scenario.md §2.1).
    pub value: Text,
    /// Place of the raw value, without its quotes.
    pub value_span: Range<usize>,
}

/// Something that is accepted although no XML reader would.
#[derive(Debug, PartialEq, Eq)]
pub struct Oddity {
    /// What, and what became of it.
    pub text: String,
    /// Where.
    pub place: Range<usize>,
}

/// Why the file can not be read.
#[derive(Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub what: String,
    /// Where.
    pub place: Range<usize>,
}

/// A file that could be read.
#[derive(Debug)]
pub struct Document {
    /// Its first element.
    pub root: Element,
    /// What was odd about it.
    pub oddities: Vec<Oddity>,
}

/// Reads a whole file.
pub fn read(source: &[u8]) -> Result<Document, SyntaxError> {
    let start = if source.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut tree = Tree { source, at: start, open: Vec::new(), oddities: Vec::new() };
    loop {
        match tree.next()? {
            Progress::Going => {}
            Progress::Done(root) => {
                tree.look_behind_root();
                return Ok(Document { root, oddities: tree.oddities });
            }
        }
    }
}

enum Progress {
    Going,
    Done(Element),
}

/// The elements that are open while the file is read.
struct Tree<'a> {
    source: &'a [u8],
    at: usize,
    open: Vec<Element>,
    oddities: Vec<Oddity>,
}

impl Tree<'_> {
    /// Takes the next piece of markup; text between is of no interest.
    fn next(&mut self) -> Result<Progress, SyntaxError> {
        let Some(skipped) = memchr::memchr(b'<', self.rest()) else { return self.end_of_file() };
        self.at += skipped;
        let rest = self.rest();
        if rest.starts_with(b"<!--") {
            self.comment();
        } else if rest.starts_with(b"<![CDATA[") {
            self.cdata()?;
        } else if rest.starts_with(b"<!") {
            self.declaration()?;
        } else if rest.starts_with(b"<?") {
            self.instruction()?;
        } else if rest.starts_with(b"</") {
            return self.end_tag();
        } else if rest.get(1).is_some_and(|byte| tag::is_name_start(*byte)) {
            return self.start_tag();
        } else {
            return Err(self.error(self.at..self.at + 1, "this < opens no tag"));
        }
        Ok(Progress::Going)
    }

    fn comment(&mut self) {
        let start = self.at;
        let inside = start + b"<!--".len();
        match CommentParser::default().feed(self.source.get(inside..).unwrap_or_default()) {
            Some(length) => self.at = inside + length,
            None => {
                self.at = self.source.len();
                let text = "this comment has no end: the rest of the file is ignored".to_owned();
                self.oddities.push(Oddity { text, place: start..inside });
            }
        }
    }

    fn cdata(&mut self) -> Result<(), SyntaxError> {
        let inside = self.at + b"<![CDATA[".len();
        let content = self.source.get(inside..).unwrap_or_default();
        let Some(length) = memchr::memmem::find(content, b"]]>") else {
            return Err(self.error(self.at..inside, "this CDATA section has no end (]]>)"));
        };
        if let Some(element) = self.open.last_mut() {
            element.cdata.push(Text::from_source(content.get(..length).unwrap_or_default(), inside));
        }
        self.at = inside + length + b"]]>".len();
        Ok(())
    }

    /// DOCTYPE with its internal subset.
    fn declaration(&mut self) -> Result<(), SyntaxError> {
        let mut reader = Reader::from_reader(self.rest());
        let length = match reader.read_event_into(&mut Vec::new()) {
            Ok(Event::DocType(_)) => usize::try_from(reader.buffer_position()).ok(),
            _ => memchr::memchr(b'>', self.rest()).map(|at| at + 1),
        };
        match length {
            Some(length) => self.at += length,
            None => return Err(self.error(self.at..self.at + 2, "this declaration has no end")),
        }
        Ok(())
    }

    fn instruction(&mut self) -> Result<(), SyntaxError> {
        let inside = self.at + b"<?".len();
        match PiParser::default().feed(self.source.get(inside..).unwrap_or_default()) {
            Some(length) => self.at = inside + length + 1,
            None => return Err(self.error(self.at..inside, "this instruction has no end (?>)")),
        }
        Ok(())
    }

    fn start_tag(&mut self) -> Result<Progress, SyntaxError> {
        let tag = tag::read(self.source, self.at)?;
        if self.open.len() >= DEEPEST {
            return Err(self.error(tag.name, "elements are nested too deeply (more than 256)"));
        }
        self.at = tag.end;
        self.oddities.extend(tag.oddities);
        self.open.push(Element {
            name: self.text(tag.name.clone()),
            name_span: tag.name,
            attributes: tag.attributes,
            children: Vec::new(),
            cdata: Vec::new(),
        });
        Ok(if tag.empty { self.close() } else { Progress::Going })
    }

    fn end_tag(&mut self) -> Result<Progress, SyntaxError> {
        let inside = self.at + b"</".len();
        let Some(length) = memchr::memchr(b'>', self.source.get(inside..).unwrap_or_default()) else {
            return Err(self.error(self.at..inside, "this end tag has no end"));
        };
        let written = self.text(inside..inside + length);
        let name = written.trim();
        match self.open.last() {
            Some(element) if element.name == name => {}
            Some(element) => {
                let what = format!("Unexpected </{name}> (expected </{}>)", element.name);
                return Err(self.error(self.at..inside + length + 1, &what));
            }
            None => {
                return Err(self.error(self.at..inside + length + 1, &format!("Unexpected </{name}>")));
            }
        }
        self.at = inside + length + 1;
        Ok(self.close())
    }

    fn close(&mut self) -> Progress {
        match (self.open.pop(), self.open.last_mut()) {
            (Some(element), Some(parent)) => {
                parent.children.push(element);
                Progress::Going
            }
            (Some(root), None) => Progress::Done(root),
            (None, _) => Progress::Going,
        }
    }

    /// Only the last end tag may be missing.
    fn end_of_file(&mut self) -> Result<Progress, SyntaxError> {
        let end = self.source.len();
        match (self.open.pop(), self.open.is_empty()) {
            (Some(root), true) => {
                let text = format!("Missing </{}> at the end of the file", root.name);
                self.oddities.push(Oddity { text, place: root.name_span.clone() });
                self.at = end;
                Ok(Progress::Done(root))
            }
            (Some(element), false) => {
                let what = format!("the file ends inside this element (expected </{}>)", element.name);
                Err(SyntaxError { what, place: element.name_span })
            }
            (None, _) => Err(self.error(end..end, "there is no element in it")),
        }
    }

    /// After the root only blanks, comments and instructions go without a word.
    fn look_behind_root(&mut self) {
        loop {
            let blanks = self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.at += blanks;
            let rest = self.rest();
            if rest.starts_with(b"<!--") {
                self.comment();
            } else if !rest.starts_with(b"<?") || self.instruction().is_err() {
                break;
            }
        }
        if !self.rest().is_empty() {
            let text = "everything from here on is ignored: the scenario has ended".to_owned();
            self.oddities.push(Oddity { text, place: self.at..self.at + 1 });
        }
    }

    fn rest(&self) -> &[u8] {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn text(&self, place: Range<usize>) -> String {
        String::from_utf8_lossy(self.source.get(place).unwrap_or_default()).into_owned()
    }

    fn error(&self, place: Range<usize>, what: &str) -> SyntaxError {
        SyntaxError { what: what.to_owned(), place }
    }
}

#[cfg(test)]
mod tests;
