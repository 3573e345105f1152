//! A scenario, its injection files and the settings it runs with.

use rsipp::clock::Span;
use rsipp::engine::pacer::Rate;
use rsipp::engine::settings::{Limit, Load, Retransmission, Settings};
use rsipp::inject::{FileOption, FileSpec, Files, IndexSpec};
use rsipp::scenario::builtin;

/// A scenario and how to run it. Unless told otherwise a client opens one call, at once, and a server any number.
#[derive(Clone, Debug)]
pub struct Setup {
    pub(super) xml: String,
    pub(super) out_of_call: Option<String>,
    pub(super) receiving: Option<String>,
    pub(super) settings: Settings,
    pub(super) calls: Option<Option<u64>>,
    pub(super) pid: u32,
    pub(super) port: u16,
    pub(super) remote: u16,
    files: Vec<(FileOption, &'static str, &'static str)>,
    indexes: Vec<IndexSpec>,
}

/// An embedded scenario.
pub fn embedded(name: &str) -> Setup {
    Setup::new(builtin::text(name).expect("an embedded scenario").to_owned())
}

/// A scenario of these steps.
pub fn steps(steps: &[&str]) -> Setup {
    Setup::new(super::text::scenario(steps))
}

impl Setup {
    fn new(xml: String) -> Setup {
        let (files, indexes) = (Vec::new(), Vec::new());
        Setup {
            xml,
            out_of_call: None,
            receiving: None,
            settings: Settings::default(),
            calls: None,
            pid: 1,
            port: 5061,
            remote: 5060,
            files,
            indexes,
        }
    }

    /// The same with declarations in front of the steps, such as `<Global>` and `<init>`.
    pub fn declaring(self, declarations: &str) -> Setup {
        let xml = self.xml.replacen(
            "<scenario name=\"test\">",
            &format!("<scenario name=\"test\">{declarations}"),
            1,
        );
        Setup { xml, ..self }
    }

    /// `-oocsf`: the scenario of `other`, of which nothing else is taken.
    pub fn out_of_call(self, other: Setup) -> Setup {
        Setup { out_of_call: Some(other.xml), ..self }
    }

    /// `-rxsf`: the scenario of `other`, of which nothing else is taken.
    pub fn receiving(self, other: Setup) -> Setup {
        Setup { receiving: Some(other.xml), ..self }
    }

    /// Changes settings.
    pub fn with(mut self, change: impl FnOnce(&mut Settings)) -> Setup {
        change(&mut self.settings);
        self
    }

    /// `-m`; None: no end.
    pub fn calls(self, calls: impl Into<Option<u64>>) -> Setup {
        Setup { calls: Some(calls.into()), ..self }
    }

    /// `-r`
    pub fn rate(self, calls: f64, period_ms: u64) -> Setup {
        self.with(|settings| settings.load = Load::Rate(Rate::new(calls, Span::from_millis(period_ms))))
    }

    /// `-users`
    pub fn users(self, users: u32) -> Setup {
        self.with(|settings| settings.load = Load::Users(users))
    }

    /// `-l`
    pub fn limit(self, calls: Option<u64>) -> Setup {
        self.with(|settings| settings.limit = Limit::Given(calls))
    }

    /// `-max_invite_retrans`, `-max_non_invite_retrans`
    pub fn resends(self, invite: u32, other: u32) -> Setup {
        self.with(|settings| {
            let usual = Retransmission::default();
            settings.retransmission = Some(Retransmission { max_invite: invite, max_other: other, ..usual });
        })
    }

    /// `-nr`
    pub fn without_retransmission(self) -> Setup {
        self.with(|settings| settings.retransmission = None)
    }

    /// `-default_behaviors`
    pub fn without_bye(self) -> Setup {
        self.with(|settings| settings.behaviors.bye = false)
    }

    /// Process id, local and remote port as they show in messages.
    pub fn known_as(self, pid: u32, port: u16, remote: u16) -> Setup {
        Setup { pid, port, remote, ..self }
    }

    /// `-inf`: a file of this name and content; the first one is the default.
    pub fn file(mut self, name: &'static str, text: &'static str) -> Setup {
        self.files.push((FileOption::Inf, name, text));
        self
    }

    /// `-rxinf`: the first one is the default of the `-rxsf` scenario.
    pub fn rx_file(mut self, name: &'static str, text: &'static str) -> Setup {
        self.files.push((FileOption::RxInf, name, text));
        self
    }

    /// `-infindex`
    pub fn indexed(mut self, file: &str, field: u32) -> Setup {
        self.indexes.push(IndexSpec { file: file.to_owned(), field: field.to_string() });
        self
    }

    pub(super) fn loaded_files(&self) -> Files {
        let file = |(option, name, text): &(FileOption, &str, &'static str)| {
            (FileSpec { path: name.into(), option: *option }, text.as_bytes())
        };
        let files: Vec<_> = self.files.iter().map(file).collect();
        Files::from_bytes(&files, &self.indexes).expect("injection files")
    }
}
