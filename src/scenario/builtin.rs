//! The embedded scenarios.
//! Spec: scenario.md §17, §1 (`-sn`, `-sd`). The text is the file under `scenarios/`, so that `-sd` prints what `-sn` runs.

/// Names of SIPp's own that rsipp does not have yet.
const LATER: [&str; 5] = ["3pcc-C-A", "3pcc-C-B", "3pcc-A", "3pcc-B", "uac_pcap"];

const SCENARIOS: [(&str, &str); 8] = [
    ("uac", include_str!("../../scenarios/uac.xml")),
    ("uas", include_str!("../../scenarios/uas.xml")),
    ("regexp", include_str!("../../scenarios/regexp.xml")),
    ("branchc", include_str!("../../scenarios/branchc.xml")),
    ("branchs", include_str!("../../scenarios/branchs.xml")),
    ("ooc_default", include_str!("../../scenarios/ooc_default.xml")),
    ("ooc_dummy", include_str!("../../scenarios/ooc_dummy.xml")),
    ("invite_cancel", include_str!("../../scenarios/invite_cancel.xml")),
];

/// What diagnostics put behind the file name of an embedded scenario.
pub const BUILT_IN: &str = " (built in)";

/// The XML of an embedded scenario.
pub fn text(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The names that [`text`] knows.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(|(name, _)| *name)
}

/// Why there is no embedded scenario of a name (exit code 1). `option` is the one that asks, as typed: `-sn`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoScenario {
    /// SIPp has it, rsipp not yet.
    #[error("not supported yet: {option} {name}")]
    Later {
        /// The option.
        option: String,
        /// The name.
        name: String,
    },
    /// Nobody has it.
    #[error("Invalid default scenario name '{0}'")]
    Unknown(String),
}

/// The XML of an embedded scenario, or the sentence that says why there is none.
pub fn find(option: &str, name: &str) -> Result<&'static str, NoScenario> {
    text(name).ok_or_else(|| {
        if LATER.contains(&name) {
            NoScenario::Later { option: option.to_owned(), name: name.to_owned() }
        } else {
            NoScenario::Unknown(name.to_owned())
        }
    })
}
