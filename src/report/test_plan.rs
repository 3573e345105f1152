//! Plans for tests of this folder.

use crate::inject::Files;
use crate::scenario::plan::Plan;
use crate::scenario::{self, LoadContext, Scopes};

/// The plan of a scenario's text.
pub fn plan_of(xml: &str) -> Plan {
    let files = Files::default();
    let context = LoadContext { keys: &[], files: &files, credentials: Default::default() };
    match scenario::load(xml.as_bytes(), "test.xml", &context, &mut Scopes::default()) {
        Ok(loaded) => loaded.plan,
        Err(failure) => panic!("{:?}", failure.diagnostics),
    }
}
