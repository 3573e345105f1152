//! PLACEHOLDER of the agreed interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileIx(pub(crate) u16);
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineIx(pub(crate) u32);
#[derive(Debug, Default)]
pub struct Files {}
#[derive(Debug, Default, Clone)]
pub struct Lines {}
pub enum Field {
    Written,
    NoSuchField,
    NoSuchLine,
}
#[derive(Debug, thiserror::Error)]
pub enum InjectError {
    #[error("x")]
    X,
}
impl Files {
    pub fn empty() -> Files {
        Files {}
    }
    pub fn default_file(&self) -> Option<FileIx> {
        None
    }
    pub fn by_name(&self, _base_name: &[u8]) -> Option<FileIx> {
        None
    }
    pub fn draw(&mut self, _user: Option<u32>, _rng: &mut impl rand::Rng) -> Result<Lines, InjectError> {
        Ok(Lines {})
    }
    pub fn field(
        &self,
        _file: FileIx,
        _line: LineIx,
        _field: u32,
        _out: &mut Vec<u8>,
    ) -> Result<Field, InjectError> {
        Ok(Field::NoSuchLine)
    }
    pub fn line_at(&self, _file: FileIx, _number: f64) -> Option<LineIx> {
        None
    }
    pub fn path(&self, _file: FileIx) -> &std::path::Path {
        std::path::Path::new("")
    }
}
impl Lines {
    pub fn get(&self, _file: FileIx) -> Option<LineIx> {
        None
    }
}
