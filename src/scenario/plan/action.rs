//! Compiled actions: what the `<action>` list of a step does.
//! Spec: actions.md §3. Made by the compiler; executed by `engine::action`. Must not know values of variables.

use super::super::distribution::Distribution;
use super::VarIx;
use crate::ere::Ere;
use crate::message::Template;

/// One action (actions.md §3).
#[derive(Clone, Debug)]
pub enum Action {
    /// `<assignstr>`
    AssignStr {
        /// Target.
        to: VarIx,
        /// Text.
        value: Template,
    },
    /// `<assign>`
    Assign {
        /// Target.
        to: VarIx,
        /// Source.
        from: Operand,
    },
    /// `<add>`, `<subtract>`, `<multiply>`, `<divide>`
    Arithmetic {
        /// Which.
        op: Arithmetic,
        /// Target and left operand.
        to: VarIx,
        /// Right operand.
        by: Operand,
    },
    /// `<todouble>`
    ToDouble {
        /// Target.
        to: VarIx,
        /// Source.
        from: VarIx,
    },
    /// `<test>`
    Test(Box<Test>),
    /// `<strcmp>`
    StrCmp(Box<StrCmp>),
    /// `<ereg>`
    Ereg(Box<Ereg>),
    /// `<log>`
    Log(Template),
    /// `<warning>`
    Warning(Template),
    /// `<error>`
    Error(Template),
    /// `<sample>`
    Sample {
        /// Target.
        to: VarIx,
        /// What is drawn from.
        from: Distribution,
    },
    /// `<trim>`
    Trim(VarIx),
    /// `<urlencode>`
    UrlEncode(VarIx),
    /// `<urldecode>`
    UrlDecode(VarIx),
    /// `<index>`
    Index(VarIx),
    /// `<gettimeofday>`
    GetTimeOfDay {
        /// Seconds since the epoch.
        seconds: VarIx,
        /// Microseconds of the second.
        micros: VarIx,
    },
    /// `<lookup>`
    Lookup {
        /// Target: the line number, or -1.
        to: VarIx,
        /// Base name of the injection file.
        file: Template,
        /// Text of the indexed field.
        key: Template,
    },
    /// `<insert>`
    Insert {
        /// Base name of the injection file.
        file: Template,
        /// The new line.
        value: Template,
    },
    /// `<replace>`
    Replace {
        /// Base name of the injection file.
        file: Template,
        /// Number of the line.
        line: Template,
        /// Its new text.
        value: Template,
    },
    /// `<setdest>`
    SetDest(Box<SetDest>),
    /// `<closecon>`: nothing to close when all calls share a socket.
    CloseCon,
    /// `<pauserestore>`: ms since the start of the process at which the next pause is over.
    PauseRestore(Operand),
    /// `<jump>`
    Jump(Operand),
    /// `<exec command>`
    Command(Template),
    /// `<exec int_cmd>`
    Stop(StopWhat),
    /// `<verifyauth>`
    VerifyAuth(Box<VerifyAuth>),
}

impl Action {
    /// The texts of the action.
    pub(in crate::scenario) fn templates_mut(&mut self) -> impl Iterator<Item = &mut Template> {
        let templates: Vec<&mut Template> = match self {
            Action::AssignStr { value: template, .. }
            | Action::Log(template)
            | Action::Warning(template)
            | Action::Error(template)
            | Action::Command(template) => vec![template],
            Action::Lookup { file, key: text, .. } | Action::Insert { file, value: text } => {
                vec![file, text]
            }
            Action::Replace { file, line, value } => vec![file, line, value],
            Action::SetDest(to) => vec![&mut to.host, &mut to.port, &mut to.protocol],
            Action::VerifyAuth(wanted) => wanted.templates_mut(),
            _ => Vec::new(),
        };
        templates.into_iter()
    }
}

/// `<verifyauth>` (actions.md §3.23). What SIPp does not know is None.
#[derive(Clone, Debug)]
pub struct VerifyAuth {
    /// Target: a truth value.
    pub to: VarIx,
    /// `username`
    pub user: Template,
    /// `password`
    pub password: Template,
    /// `realm`: which credentials are looked at.
    pub realm: Option<Template>,
    /// `nonce`: theirs must be this.
    pub nonce: Option<Template>,
    /// `aka_K`
    pub aka_k: Option<KeyText>,
    /// `aka_OP`
    pub aka_op: Option<KeyText>,
    /// `strict`: user name and URI must be right, too.
    pub is_strict: bool,
}

/// A key written in the scenario.
#[derive(Clone, Debug)]
pub enum KeyText {
    /// `0x…`
    Bytes(Box<[u8]>),
    /// A text with keywords.
    Text(Template),
}

impl VerifyAuth {
    fn templates_mut(&mut self) -> Vec<&mut Template> {
        let VerifyAuth { user, password, realm, nonce, aka_k, aka_op, .. } = self;
        let keys = [aka_k, aka_op].into_iter().flatten().filter_map(|key| match key {
            KeyText::Text(template) => Some(template),
            KeyText::Bytes(_) => None,
        });
        [user, password].into_iter().chain([realm, nonce].into_iter().flatten()).chain(keys).collect()
    }
}

/// `<setdest>` (actions.md §3.19)
#[derive(Clone, Debug)]
pub struct SetDest {
    /// Name or address.
    pub host: Template,
    /// Port, as text of a number.
    pub port: Template,
    /// `udp`, `tcp`, `tls` or `sctp`, in either case.
    pub protocol: Template,
}

/// A number written in the scenario or read from a variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand {
    /// `value`
    Number(f64),
    /// `variable`
    Variable(VarIx),
}

/// The four operations. A division by a literal zero is refused at load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `<add>`
    Add,
    /// `<subtract>`
    Subtract,
    /// `<multiply>`
    Multiply,
    /// `<divide>`
    Divide,
}

/// `check_it` or `check_it_inverse` on an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The call fails when the result is false.
    MustHold,
    /// The call fails when it is true.
    MustNotHold,
}

/// `<test>` (actions.md §3.7)
#[derive(Clone, Debug)]
pub struct Test {
    /// Where the truth goes, if anywhere.
    pub to: Option<VarIx>,
    /// Left side.
    pub left: VarIx,
    /// Comparison.
    pub compare: Compare,
    /// Right side.
    pub right: Operand,
    /// What fails the call.
    pub check: Option<Check>,
}

/// The `compare` attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `equal`
    Equal,
    /// `not_equal`
    NotEqual,
    /// `greater_than`
    Greater,
    /// `less_than`
    Less,
    /// `greater_than_equal`
    GreaterEqual,
    /// `less_than_equal`
    LessEqual,
}

/// `<strcmp>` (actions.md §3.8)
#[derive(Clone, Debug)]
pub struct StrCmp {
    /// Where the difference goes, if anywhere.
    pub to: Option<VarIx>,
    /// Left side.
    pub left: VarIx,
    /// Right side.
    pub right: TextOperand,
    /// What fails the call.
    pub check: Option<Check>,
}

/// A text written in the scenario or read from a variable.
#[derive(Clone, Debug)]
pub enum TextOperand {
    /// `value`, taken literally.
    Literal(Box<[u8]>),
    /// `variable2`
    Variable(VarIx),
}

/// `<ereg>` (actions.md §3.1)
#[derive(Clone, Debug)]
pub struct Ereg {
    /// The compiled expression.
    pub pattern: Ere,
    /// Its text, for warnings.
    pub source: String,
    /// What is searched.
    pub subject: Subject,
    /// Whole match, then groups 1 to 9.
    pub to: Box<[VarIx]>,
    /// What fails the call.
    pub check: Option<Check>,
}

/// `search_in`
#[derive(Clone, Debug)]
pub enum Subject {
    /// The whole message.
    Message,
    /// Everything after the first empty line.
    Body,
    /// The rest of the line behind a literal text.
    Header(HeaderSearch),
    /// A variable's text.
    Variable(VarIx),
}

/// How `search_in="hdr"` finds its line.
#[derive(Clone, Debug)]
pub struct HeaderSearch {
    /// The literal text (`header`), colon included if wanted.
    pub text: Box<[u8]>,
    /// Ignore ASCII case of that text.
    pub case_independent: bool,
    /// Only at the start of the message or of a line.
    pub start_line: bool,
    /// The n-th hit, from 1.
    pub occurrence: u32,
}

/// `<exec int_cmd>` (actions.md §3.21)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopWhat {
    /// This call, at once, without a word to the peer.
    Call,
    /// New calls; those in progress end by themselves.
    NewCalls,
    /// The process, exit code 97.
    Process,
}
