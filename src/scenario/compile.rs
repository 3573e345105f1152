//! The checker: tree of a scenario file -> [`Plan`], with every mistake of the file reported in one run.
//! Spec: scenario.md §5.7, §6, §10, §11, §13, §16. In: the tree, `-key` texts, injection files, the variables shared by the
//! run's scenarios. Out: a plan or errors. Elements are taken in document order; what needs the whole file (labels,
//! response times, variables, transactions, mode) is settled in `finish`. Must not know calls in progress.

use std::ops::Range;

use crate::inject::FileIx;
use crate::message::{Automatic, DefaultCredentials, Names, Template, TemplateError};

use super::diagnostic::{Diagnostic, Report};
use super::labels::{Jump, Labels};
use super::plan::{Branch, Keeps, Outgoing, Plan, Role, Step, StepKind, VarIx};
use super::rtd::{self, Counters, Rtds};
use super::transactions::Txns;
use super::variables::{Scopes, Variables};
use super::vocabulary::is_later_element;
use super::xml::{Attribute, Element, Text};
use super::{Credentials, FailureKind, LoadContext, Part, unread};

/// [`Template::parse_send`] or its like.
pub(super) type ParseMessage = fn(&[u8], &mut dyn Names) -> Result<(Template, Outgoing), TemplateError>;

/// What is known of a scenario while its elements are taken one by one.
pub(super) struct Compiler<'a> {
    part: Part,
    pub(super) source: &'a [u8],
    /// As diagnostics call it.
    pub(super) file_name: &'a str,
    /// Where the last step began.
    pub(super) place: Place,
    pub(super) context: &'a LoadContext<'a>,
    pub(super) report: Report,
    pub(super) variables: Variables<'a>,
    pub(super) rtds: Rtds,
    pub(super) counters: Counters,
    pub(super) txns: Txns,
    /// What is compiled at present: the scenario, or its `<init>`.
    pub(super) flow: Flow,
    /// The `<init>` elements so far; while one of them is compiled, nothing.
    pub(super) init: Flow,
    /// The messages without a step, as far as `<DefaultMessage>` replaced them.
    pub(super) automatic: Automatic,
    /// User and password of `[authentication]` without its own.
    credentials: DefaultCredentials,
    /// Methods of the requests sent so far, joined, each once (runtime.md §7.1).
    pub(super) methods: Vec<u8>,
    pub(super) keeps: Keeps,
    /// `hiderest`: what `hide` is for steps that do not say.
    pub(super) hide_rest: bool,
    pub(super) nominal_pauses_ms: f64,
    pub(super) default_pauses: u32,
    /// The last step was an optional `<recv>`: its place.
    pub(super) after_optional: Option<Range<usize>>,
    /// A `<timewait>` was met: its place.
    pub(super) timewait: Option<Range<usize>>,
    call_length_borders: Box<[u32]>,
}

/// Steps that follow each other, with the labels among them.
#[derive(Default)]
pub(super) struct Flow {
    pub(super) labels: Labels,
    pub(super) steps: Vec<Step>,
    /// `next` of the steps so far.
    pub(super) branches: Vec<PendingBranch>,
    /// `ontimeout` of the steps so far.
    pub(super) timeouts: Vec<Jump>,
}

/// A place in the file and its line, so that the lines of all steps are found in one pass.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    at: usize,
    lines_before: u32,
}

impl Place {
    /// Goes on to a place further down, and gives its line, from 1.
    pub fn line_of(&mut self, source: &[u8], at: usize) -> u32 {
        let between = source.get(self.at..at).unwrap_or_default();
        self.lines_before += memchr::memchr_iter(b'\n', between).count() as u32;
        self.at = at;
        self.lines_before + 1
    }
}

/// A `next` with its conditions.
pub(super) struct PendingBranch {
    pub(super) jump: Jump,
    pub(super) test: Option<VarIx>,
    pub(super) chance: f64,
}

/// Compiles the tree of a file. The report holds what was odd about the file so far.
pub(super) fn compile(
    part: Part,
    (source, file_name): (&[u8], &str),
    root: &Element,
    context: &LoadContext<'_>,
    scopes: &mut Scopes,
    mut report: Report,
) -> Result<(Plan, Report), (FailureKind, Report)> {
    let automatic = match Automatic::new() {
        Ok(automatic) => automatic,
        Err(error) => {
            report.push(Diagnostic::error("automatic", error.message));
            return Err((FailureKind::Load, report));
        }
    };
    let mut compiler = Compiler {
        part,
        source,
        file_name,
        place: Place::default(),
        context,
        report,
        variables: Variables::new(scopes),
        rtds: Rtds::default(),
        counters: Counters::default(),
        txns: Txns::default(),
        flow: Flow::default(),
        init: Flow::default(),
        automatic,
        credentials: DefaultCredentials::default(),
        methods: Vec::new(),
        keeps: Keeps::default(),
        hide_rest: false,
        nominal_pauses_ms: 0.0,
        default_pauses: 0,
        after_optional: None,
        timewait: None,
        call_length_borders: Box::default(),
    };
    compiler.root(root);
    compiler.finish(root)
}

impl<'a> Compiler<'a> {
    fn root(&mut self, root: &Element) {
        if root.name != "scenario" {
            let error = Diagnostic::error("no-scenario", "No 'scenario' section in xml scenario file");
            let error = error.at(root.name_span.clone(), "the first element must be <scenario>");
            return self.report.push_hiding(error);
        }
        self.report.check_attributes(root);
        for (index, element) in root.children.iter().enumerate() {
            self.element(element, index + 1);
        }
    }

    /// A child of `<scenario>`; `number` counts all of them from 1.
    fn element(&mut self, element: &Element, number: usize) {
        match element.name.as_str() {
            "send" | "recv" | "nop" | "pause" | "timewait" => return self.step(element, number),
            "label" => self.label(element),
            "init" => self.init(element),
            "DefaultMessage" => self.default_message(element),
            "Global" => self.variable_list(element, |compiler, name, place| {
                compiler.warn_late_declaration(name, &place);
                compiler.variables.declare_global(name, place);
            }),
            "User" => self.variable_list(element, |compiler, name, place| {
                compiler.warn_late_declaration(name, &place);
                compiler.variables.declare_user(name, place);
            }),
            "Reference" => self.variable_list(element, Compiler::reference),
            "ResponseTimeRepartition" => self.response_time_repartition(element),
            "CallLengthRepartition" => self.call_length_repartition(element),
            name if is_later_element(name) => return self.later(element),
            _ => return self.report.unknown_element(element),
        }
        self.report.check_attributes(element);
    }

    /// An element that is refused for now. A command step keeps its index, so that other errors name the right one.
    fn later(&mut self, element: &Element) {
        self.report.not_built_yet(&format!("<{}>", element.name), element.name_span.clone());
        if matches!(element.name.as_str(), "sendCmd" | "recvCmd") {
            self.after_optional = None;
            self.flow.steps.push(Step::placeholder());
        }
    }

    pub(super) fn label(&mut self, element: &Element) {
        let Some(id) = self.report.required(element, "id") else { return };
        let next = self.flow.steps.len();
        if let Err(error) = self.flow.labels.define(&id.value.to_str(), next, id.value_span.clone()) {
            self.report.push(error);
        }
    }

    /// Names between commas.
    fn variable_list(&mut self, element: &Element, take: impl Fn(&mut Self, &str, Range<usize>)) {
        let Some(list) = self.report.required(element, "variables") else { return };
        for (name, place) in listed(list) {
            take(self, &name, place);
        }
    }

    fn warn_late_declaration(&mut self, name: &str, place: &Range<usize>) {
        if self.variables.is_call_variable(name) {
            let sentence =
                format!("{} is used above its declaration: that use stays a call variable", name.trim());
            let warning = Diagnostic::warning("declared-too-late", sentence);
            self.report.push(warning.at(place.clone(), "").help("move the declaration to the top"));
        }
    }

    fn reference(&mut self, name: &str, place: Range<usize>) {
        // Above a part that was passed over, the mention may be in it.
        if self.variables.reference(name).is_none() && !self.report.incomplete {
            let sentence = format!("Could not reference non-existent variable '{}'", name.trim());
            let error = Diagnostic::error("unknown-variable", sentence).at(place, "not mentioned above");
            let error = match self.variables.nearest(name) {
                Some(other) => error.help(format!("did you mean {other}?")),
                None => error.help("move <Reference> below the first use"),
            };
            self.report.push(error);
        }
    }

    /// Applies to the counters mentioned above; with none there it is not even looked at.
    fn response_time_repartition(&mut self, element: &Element) {
        let Some(value) = self.report.required(element, "value") else { return };
        if self.rtds.is_empty() {
            let sentence = "<ResponseTimeRepartition> has no effect: no rtd or start_rtd stands above it";
            let warning = Diagnostic::warning("repartition-too-early", sentence);
            return self
                .report
                .push(warning.at(element.name_span.clone(), "move it to the end of the scenario"));
        }
        if let Some(borders) = self.borders(value, "response time") {
            self.rtds.set_borders(&borders);
        }
    }

    fn call_length_repartition(&mut self, element: &Element) {
        let Some(value) = self.report.required(element, "value") else { return };
        if let Some(borders) = self.borders(value, "call length") {
            self.call_length_borders = borders.into();
        }
    }

    fn borders(&mut self, value: &Attribute, of_what: &str) -> Option<Vec<u32>> {
        let text = value.value.to_str();
        let borders = rtd::borders(&text);
        if borders.is_none() {
            let sentence = format!("Could not create table for {of_what} repartition '{text}'");
            let error = Diagnostic::error("bad-repartition", sentence).at(value.value_span.clone(), "");
            self.report
                .push(error.help("write unsigned milliseconds between commas, such as \"10, 50, 100\""));
        }
        borders
    }

    /// An action text.
    pub(super) fn template(&mut self, text: &Text) -> Option<Template> {
        let parsed = Template::parse(text.bytes(), &mut self.names(text));
        let parsed = parsed.map_err(|error| self.template_error(text, error)).ok()?;
        self.keep(parsed.keeps());
        Some(parsed)
    }

    /// A message text, cleaned up and parsed by `parse`.
    pub(super) fn message(&mut self, text: &Text, parse: ParseMessage) -> Option<(Template, Outgoing)> {
        let parsed = parse(text.bytes(), &mut self.names(text));
        let (template, what) = parsed.map_err(|error| self.template_error(text, error)).ok()?;
        self.keep(template.keeps());
        Some((template, what))
    }

    /// `-au` and `-ap`: their texts stand on the command line, so there is no place to show.
    fn default_credentials(&mut self) {
        let Credentials { user, password } = self.context.credentials;
        let context = self.context;
        let mut names =
            TemplateNames { part: self.part, variables: &mut self.variables, context, place: 0..0 };
        match DefaultCredentials::parse(user, password, &mut names) {
            Ok(credentials) => {
                credentials.keeps().into_iter().for_each(|keeps| self.keep(keeps));
                self.credentials = credentials;
            }
            Err(error) => {
                let error = Diagnostic::error("message", error.message);
                self.report
                    .push(error.help("this is the text of -au or -ap; for a plain bracket write \\x5b"));
            }
        }
    }

    fn names(&mut self, text: &Text) -> TemplateNames<'_, 'a> {
        let place = text.places(0..text.bytes().len());
        TemplateNames { part: self.part, variables: &mut self.variables, context: self.context, place }
    }

    fn template_error(&mut self, text: &Text, error: TemplateError) {
        let place = text.places(error.at);
        let id = if error.message.starts_with("not supported yet") { "not-built-yet" } else { "message" };
        let is_unknown = error.message.starts_with("Unsupported keyword");
        let diagnostic = Diagnostic::error(id, error.message).at(place, "");
        self.report.push_hiding(match error.nearest {
            Some(keyword) => diagnostic.help(format!("did you mean [{keyword}]?")),
            None if is_unknown => diagnostic.help(
                "-key NAME TEXT on the command line gives [NAME] a text; for a plain bracket write \\x5b",
            ),
            None => diagnostic,
        });
    }

    fn keep(&mut self, more: Keeps) {
        self.keeps.last_message |= more.last_message;
        self.keeps.route_set |= more.route_set;
        self.keeps.peer_tag |= more.peer_tag;
    }

    /// The checks that need the whole file (scenario.md §16), and the plan.
    fn finish(mut self, root: &Element) -> Result<(Plan, Report), (FailureKind, Report)> {
        for error in self.flow.resolve_jumps().into_iter().chain(self.init.resolve_jumps()) {
            self.report.push(error);
        }
        self.default_credentials();
        self.check_names();
        if self.flow.steps.is_empty() && !self.report.failed() {
            let error = Diagnostic::error("no-steps", "Did not find any messages inside of scenario!");
            self.report.push(error.at(root.name_span.clone(), "this scenario does nothing"));
        }
        if self.report.failed() {
            return Err((FailureKind::Load, self.report));
        }
        let Some(role) = role(&self.flow.steps) else {
            let sentence = "Unable to determine creation mode of the tool (server, client)";
            let error = Diagnostic::error("no-mode", sentence);
            self.report.push(error.at(root.name_span.clone(), "no <send> and no <recv> in it"));
            return Err((FailureKind::Mode, self.report));
        };
        let name = root.attribute("name").map(|name| name.value.to_str().into_owned()).unwrap_or_default();
        match self.plan(name, role) {
            Ok(plan) => Ok(plan),
            Err((error, mut report)) => {
                report.push(Diagnostic::error("automatic", error.message));
                Err((FailureKind::Load, report))
            }
        }
    }

    fn plan(mut self, name: String, role: Role) -> Result<(Plan, Report), (TemplateError, Report)> {
        let init = match self.init_plan(&name) {
            Ok(init) => init,
            Err(error) => return Err((error, self.report)),
        };
        let unexpected = self.unexpected_handler();
        let mut plan = Plan {
            name,
            file: self.file_name.to_owned(),
            role,
            steps: self.flow.steps.into(),
            variables: self.variables.names(),
            rtds: self.rtds.to_plan(),
            counters: self.counters.to_plan(),
            call_length_borders: self.call_length_borders,
            nominal_pauses_ms: self.nominal_pauses_ms,
            default_pauses: self.default_pauses,
            keeps: self.keeps,
            txns: self.txns.into_plan(),
            init,
            automatic: self.automatic,
            unexpected,
            credentials: self.credentials,
        };
        unread::set_apart(&mut plan);
        Ok((plan, self.report))
    }

    /// Response times, variables and transactions: counted only when no part of the file was passed over.
    fn check_names(&mut self) {
        if !self.report.incomplete {
            let errors = self.rtds.never_stopped().into_iter();
            let errors = errors.chain(self.variables.usage_errors(self.source)).chain(self.txns.errors());
            for error in errors {
                self.report.push(error);
            }
        }
        if self.rtds.overflow() || self.counters.overflow() {
            self.report
                .push(Diagnostic::error("too-many-counters", "more than 65535 response times or counters"));
        }
        for warning in self.rtds.without_table() {
            self.report.push(warning);
        }
    }
}

impl Flow {
    /// Puts the jumps into their steps, once all labels are known.
    fn resolve_jumps(&mut self) -> Vec<Diagnostic> {
        let count = self.steps.len();
        let mut errors = Vec::new();
        for PendingBranch { jump, test, chance } in std::mem::take(&mut self.branches) {
            match (self.labels.resolve(&jump, count), self.steps.get_mut(jump.step)) {
                (Ok(to), Some(step)) => step.next = Some(Branch { to, test, chance }),
                (Err(error), _) => errors.push(error),
                (Ok(_), None) => {}
            }
        }
        for jump in std::mem::take(&mut self.timeouts) {
            match (self.labels.resolve(&jump, count), self.steps.get_mut(jump.step)) {
                (Ok(to), Some(step)) => step.on_timeout = Some(to),
                (Err(error), _) => errors.push(error),
                (Ok(_), None) => {}
            }
        }
        errors
    }
}

/// Client or server, by the first step that sends or receives (scenario.md §13).
fn role(steps: &[Step]) -> Option<Role> {
    steps.iter().find_map(|step| match step.kind {
        StepKind::Send(_) => Some(Role::Client),
        StepKind::Recv(_) => Some(Role::Server),
        StepKind::Pause(_) | StepKind::TimeWait(_) | StepKind::Nop => None,
    })
}

/// The names in a comma-separated list with the place of each, blanks around them removed.
pub(super) fn listed(list: &Attribute) -> Vec<(String, Range<usize>)> {
    let text = &list.value;
    let mut from = 0;
    let parts = text.bytes().split(|byte| *byte == b',');
    parts
        .map(|part| {
            let leading = part.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let name = part.trim_ascii();
            let start = from + leading;
            from += part.len() + 1;
            (String::from_utf8_lossy(name).into_owned(), text.places(start..start + name.len()))
        })
        .collect()
}

/// What a template may ask while it is parsed. Each variable it names counts as mentioned at `place`.
struct TemplateNames<'n, 's> {
    part: Part,
    variables: &'n mut Variables<'s>,
    context: &'n LoadContext<'n>,
    place: Range<usize>,
}

impl Names for TemplateNames<'_, '_> {
    fn variable(&mut self, name: &str) -> VarIx {
        self.variables.mention(name, self.place.clone())
    }

    fn has_variable(&self, name: &str) -> bool {
        self.variables.knows(name)
    }

    fn key(&self, name: &str) -> Option<&str> {
        self.context.keys.iter().rev().find(|(key, _)| key == name).map(|(_, text)| text.as_str())
    }

    fn file(&self, name: Option<&str>) -> Option<FileIx> {
        match name {
            Some(name) => self.context.files.by_name(name.as_bytes()),
            None if self.part == Part::Receiving => {
                self.context.files.rx_default_file().or(self.context.files.default_file())
            }
            None => self.context.files.default_file(),
        }
    }

    fn calls_draw_lines(&self) -> bool {
        self.part != Part::OutOfCall
    }
}
