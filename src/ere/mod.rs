//! PLACEHOLDER of the agreed interface.
use std::ops::Range;
#[derive(Debug)]
pub struct Ere {}
#[derive(Debug, Default)]
pub struct Groups {}
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct EreError;
impl Ere {
    pub fn compile(_pattern: &[u8]) -> Result<Ere, EreError> {
        Ok(Ere {})
    }
    pub fn is_match(&self, _text: &[u8]) -> bool {
        false
    }
    pub fn find(&self, _text: &[u8], _groups: &mut Groups) -> bool {
        false
    }
}
impl Groups {
    pub fn get(&self, _i: usize) -> Option<Range<usize>> {
        None
    }
}
