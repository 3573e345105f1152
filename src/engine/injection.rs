//! Actions on injection files in memory: lookup, insert, replace.
//! Spec: actions.md §3.16-§3.18. In: rendered texts. Out: the files every call reads. What is wrong with the scenario ends the run;
//! what may have come from the network fails the call.

use super::advance::Run;
use super::call::Call;
use super::variable::Value;
use crate::inject::{FileIx, InjectError, LineIx};
use crate::message::Template;
use crate::scenario::plan::VarIx;

impl Run<'_> {
    /// `<lookup>`: the number of the line whose indexed field is `key`, or -1.
    pub fn lookup(&mut self, call: &mut Call, to: VarIx, file: &Template, key: &Template) {
        let (file, key) = (self.render_text(call, file), self.render_text(call, key));
        let files = &self.shared.rendering.files;
        let found = files.for_action(&file).and_then(|file| files.lookup(file, &key));
        match found {
            Ok(line) => {
                let number = line.map_or(-1.0, |line: LineIx| f64::from(line.number()));
                self.set(call, to, Value::Number(number));
            }
            Err(error) => self.fatal(error.to_string().into_bytes()),
        }
    }

    /// `<insert>`: a new last line.
    pub fn insert(&mut self, call: &Call, file: &Template, value: &Template) {
        let (file, value) = (self.render_text(call, file), self.render_text(call, value));
        let inserted = self.file(&file).and_then(|file| self.shared.rendering.files.insert(file, &value));
        if let Err(error) = inserted {
            self.fatal(error.to_string().into_bytes());
        }
    }

    /// `<replace>`: false when there is no such line, which fails the call.
    pub fn replace(&mut self, call: &Call, file: &Template, line: &Template, value: &Template) -> bool {
        let file = self.render_text(call, file);
        let (line, value) = (self.render_text(call, line), self.render_text(call, value));
        match self.shared.rendering.files.replace(&file, &line, &value) {
            Ok(()) => true,
            Err(error @ (InjectError::BadLineNumber(_) | InjectError::NoSuchLine { .. })) => {
                self.warn(error.to_string());
                false
            }
            Err(error) => {
                self.fatal(error.to_string().into_bytes());
                true
            }
        }
    }

    fn file(&self, name: &[u8]) -> Result<FileIx, InjectError> {
        self.shared.rendering.files.for_action(name)
    }
}
