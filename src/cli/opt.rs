//! What an option is: one record with its name, value, default, texts, spec section and effect.
//! Spec: cli.md §1.1, §2, §4. The records are in a file per help group; help, clap's arguments and
//! suggestions walk [`GROUPS`]. Must not know how words become options: that is `argv`.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::options::Options;
use super::refusal::Refusal;
use super::unsupported::{self, Unsupported};
use super::value::{self, TimeFault, Unit};
use super::{
    call, check, connection, help, injection, network, performance, process, rate, reports, retransmission,
    scenario, statistics, tls, trace,
};
use crate::number;

/// All options, by help group, in the order of the help.
pub const GROUPS: [&Group; 15] = [
    &scenario::GROUP,
    &injection::GROUP,
    &check::GROUP,
    &rate::GROUP,
    &call::GROUP,
    &retransmission::GROUP,
    &network::GROUP,
    &connection::GROUP,
    &tls::GROUP,
    &trace::GROUP,
    &statistics::GROUP,
    &reports::GROUP,
    &process::GROUP,
    &performance::GROUP,
    &help::GROUP,
];

/// A section of the help.
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// Its options.
    pub options: &'static [Opt],
}

/// An option.
pub struct Opt {
    /// Without its dash.
    pub name: &'static str,
    /// When it takes effect, and how.
    pub pass: Pass,
    /// What follows it.
    pub value: Value,
    /// The value that changes nothing, in the form of a user; empty where there is none to name.
    pub default: &'static str,
    /// One line for `-h`.
    pub help: &'static str,
    /// What `-help` says in addition.
    pub more: &'static str,
    /// Where the spec describes it.
    pub spec: &'static str,
}

/// The four walks over the command line (cli.md §1.1), and what an option does in its own. Each sees the
/// whole line, so an option may stand anywhere.
#[derive(Clone, Copy)]
pub enum Pass {
    /// The first of these on the line makes the text that is printed instead of a test. The slice is the
    /// words behind.
    Print(fn(&Given, &[OsString]) -> Result<String, Refusal>),
    /// The same for a text so long that a person wants a pager.
    Page(fn(&Given, &[OsString]) -> Result<String, Refusal>),
    /// Ordinary options.
    Options(Store),
    /// Scenarios, when all ordinary options are known.
    Scenarios(Store),
    /// `-set`, when all scenarios are known.
    Set(Store),
}

impl Pass {
    /// Which of the four walks it is.
    pub fn turn(self) -> u8 {
        match self {
            Pass::Print(_) | Pass::Page(_) => 0,
            Pass::Options(_) => 1,
            Pass::Scenarios(_) => 2,
            Pass::Set(_) => 3,
        }
    }
}

/// Stores what was given. It checks what can be seen on the command line and touches nothing else.
pub type Store = fn(&mut Options, &Given) -> Result<(), Refusal>;

/// The kind of an option's value, with its name in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(unpredictable_function_pointer_comparisons, reason = "values are only compared with `Flag`")]
pub enum Value {
    /// None: the option is a switch.
    Flag,
    /// A C integer.
    Integer(&'static str),
    /// A floating point number.
    Float(&'static str),
    /// `true` or `false`.
    Boolean,
    /// A time, in this unit if none is written.
    Time(Unit),
    /// Any text.
    Text(&'static str),
    /// The same, and words behind it that have a comparison in them are more of it.
    Conditions(&'static str),
    /// One of some words, or a list of them; completions offer them, and the option itself checks.
    Choice(&'static str, fn() -> Vec<&'static str>),
    /// Two values.
    Pair(&'static str, &'static str),
}

impl Value {
    /// The values' names in the help; as many as there are values.
    pub fn names(self) -> Vec<&'static str> {
        match self {
            Value::Flag => vec![],
            Value::Integer(name)
            | Value::Float(name)
            | Value::Text(name)
            | Value::Conditions(name)
            | Value::Choice(name, _) => vec![name],
            Value::Boolean => vec!["BOOL"],
            Value::Time(_) => vec!["TIME"],
            Value::Pair(first, second) => vec![first, second],
        }
    }
}

/// An option met on the command line.
pub struct Given {
    /// Its record.
    pub opt: &'static Opt,
    /// As it was typed, with one dash or two.
    pub typed: String,
    /// Its values, as many as `opt.value` says.
    pub values: Vec<OsString>,
}

impl Given {
    /// The value as it was typed.
    fn raw(&self) -> &OsStr {
        self.values.first().map_or(OsStr::new(""), OsString::as_os_str)
    }

    /// The value as text.
    pub fn text(&self) -> Result<&str, Refusal> {
        self.as_text(self.raw())
    }

    /// Both values of a [`Value::Pair`] as text.
    pub fn pair(&self) -> Result<(&str, &str), Refusal> {
        let second = self.values.get(1).map_or(OsStr::new(""), OsString::as_os_str);
        Ok((self.as_text(self.raw())?, self.as_text(second)?))
    }

    /// The value as a file name, which need not be text.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(self.raw())
    }

    /// A C integer of 64 bits.
    pub fn integer(&self) -> Result<i64, Refusal> {
        let text = self.text()?;
        let (option, value) = self.quoted(text);
        number::integer(text).ok_or(Refusal::NotInteger { option, value })
    }

    /// A C integer cut down to 32 bits, as SIPp stores most of them (cli.md §2).
    pub fn int(&self) -> Result<i32, Refusal> {
        self.integer().map(|number| number as i32)
    }

    /// A port: reduced modulo 65536 (cli.md §2).
    pub fn port(&self) -> Result<u16, Refusal> {
        self.integer().map(|number| number as u16)
    }

    /// A floating point number; may be infinite or NaN.
    pub fn float(&self) -> Result<f64, Refusal> {
        let text = self.text()?;
        let (option, value) = self.quoted(text);
        number::float(text).ok_or(Refusal::NotFloat { option, value })
    }

    /// A boolean.
    pub fn boolean(&self) -> Result<bool, Refusal> {
        let text = self.text()?;
        let (option, value) = self.quoted(text);
        number::boolean(text).ok_or(Refusal::NotBoolean { option, value })
    }

    /// A time in milliseconds; without a unit it is in that of the option.
    pub fn millis(&self) -> Result<u64, Refusal> {
        let text = self.text()?;
        let unit = if let Value::Time(unit) = self.opt.value { unit } else { Unit::Ms };
        let (option, value) = self.quoted(text);
        value::time(text, unit).map_err(|fault| match fault {
            TimeFault::NotTime => Refusal::NotTime { option, value },
            TimeFault::Clock(form) => Refusal::ClockTime { option, value, form },
        })
    }

    /// The refusal of a value that is well formed and means nothing here.
    pub fn out_of_range(&self, rule: &'static str) -> Refusal {
        let value = self.raw().to_string_lossy().into_owned();
        Refusal::OutOfRange { option: self.typed.clone(), value, rule }
    }

    fn quoted(&self, text: &str) -> (String, String) {
        (self.typed.clone(), text.to_owned())
    }

    fn as_text<'a>(&self, value: &'a OsStr) -> Result<&'a str, Refusal> {
        value.to_str().ok_or_else(|| Refusal::NotText {
            option: self.typed.clone(),
            value: value.to_string_lossy().into_owned(),
        })
    }
}

/// An option that SIPp knows.
pub enum Known {
    /// We have it.
    Ours(&'static Opt),
    /// We do not have it yet.
    Unsupported(&'static Unsupported),
}

/// All records.
pub fn all() -> impl Iterator<Item = &'static Opt> {
    GROUPS.iter().flat_map(|group| group.options)
}

/// The option of this exact name, without dashes.
pub fn find(name: &str) -> Option<Known> {
    let unsupported = || unsupported::TABLE.iter().find(|entry| entry.name == name).map(Known::Unsupported);
    all().find(|opt| opt.name == name).map(Known::Ours).or_else(unsupported)
}

/// What an unknown option may have been meant to be, with a dash, the likeliest first.
pub fn nearest(typed: &str) -> Vec<String> {
    let name = typed.trim_start_matches('-');
    if let Some((start, value)) = name.split_once('=')
        && find(start).is_some()
    {
        return vec![format!("-{start} {value}")];
    }
    let name = name.replace('-', "_");
    let names = all().map(|opt| opt.name).chain(unsupported::TABLE.iter().map(|entry| entry.name));
    if find(&name).is_some() {
        return vec![format!("-{name}")];
    }
    let (mut near, others): (Vec<&str>, Vec<&str>) =
        names.partition(|known| known.eq_ignore_ascii_case(&name));
    near.extend(similar_ones(&name, others.into_iter()));
    near.truncate(SUGGESTIONS);
    near.iter().map(|name| format!("-{name}")).collect()
}

/// The most names that an unknown one is answered with.
const SUGGESTIONS: usize = 3;

/// How much less similar than the best a name may be to be named too.
const NEARLY_AS_SIMILAR: f64 = 0.03;

/// The most similar of `names`, if one is similar enough to be worth a question.
pub fn similar<'a>(to: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    similar_ones(to, names).first().copied()
}

/// The most similar of `names` and those that are about as similar; of equals the first goes first.
fn similar_ones<'a>(to: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(f64, &str)> = names
        .map(|name| (strsim::jaro_winkler(to, name), name))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .collect();
    near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let best = near.first().map_or(0.0, |(likeness, _)| *likeness);
    near.iter().filter(|(likeness, _)| *likeness >= best - NEARLY_AS_SIMILAR).map(|(_, name)| *name).collect()
}
