//! From words to options: walks the command line by SIPp's rules and hands clap what it can read.
//! Spec: cli.md §1, §1.1, §2 (last three items), §3. In: words. Out: the options in the order typed, or the
//! text that was asked for. Must not look into values: the records do.
//!
//! clap alone reads `-rq` as a cluster of short flags, refuses `-r -h` and accepts `--r=5`, `--` and `-`. So
//! the walk looks words up by name, takes as many values as the record says whatever they look like, and
//! turns each option into `--name=value`. [`one_dash`] is the way back for everything that clap prints.

use std::ffi::{OsStr, OsString};

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::opt::{self, GROUPS, Given, Known, Opt, Pass, Value};
use super::refusal::Refusal;

/// Joins the values of an option that has two. No argument of a process can hold it.
const BETWEEN_VALUES: char = '\0';

/// What the words ask for.
pub enum Asked {
    /// A text to print.
    Text(String),
    /// A text to print, through a pager for a person.
    Page(String),
    /// A test: the options in the order typed, and the positional argument.
    Test(Vec<Given>, Option<OsString>),
}

/// Reads the words behind the program's name.
pub fn read(words: &[OsString]) -> Result<Asked, Refusal> {
    let line = match walk(words)? {
        Walked::Text(text) => return Ok(Asked::Text(text)),
        Walked::Page(text) => return Ok(Asked::Page(text)),
        Walked::Line(line) => line,
    };
    if let Some((option, why)) = line.never {
        return Err(Refusal::NeverSupported(option, why));
    }
    if !line.unsupported.is_empty() {
        return Err(Refusal::NotSupported(line.unsupported.join(", ")));
    }
    let matches = command().try_get_matches_from(line.for_clap()).map_err(|error| refused_by_clap(&error))?;
    let remote = matches.get_one::<OsString>(REMOTE).cloned();
    Ok(Asked::Test(in_order(&matches, &line), remote))
}

/// The positional argument's id for clap.
const REMOTE: &str = "remote_host";

/// Pass 0 has nothing more to say.
enum Walked {
    Text(String),
    Page(String),
    Line(Line),
}

/// The words, sorted out.
#[derive(Default)]
struct Line {
    given: Vec<Given>,
    remote: Option<OsString>,
    /// Options that SIPp knows and we do not, with their dash.
    unsupported: Vec<String>,
    /// One that we will never have, and why.
    never: Option<(String, &'static str)>,
}

/// Pass 0 (cli.md §1.1): finds the options with their values, the host, and what ends the program at once.
/// The first word that ends it wins.
fn walk(words: &[OsString]) -> Result<Walked, Refusal> {
    let mut line = Line::default();
    let mut rest = words;
    while let Some((word, behind)) = rest.split_first() {
        rest = behind;
        let typed = word.to_string_lossy();
        if !typed.starts_with('-') {
            match line.given.last().and_then(|last| one_more(last, word)) {
                Some(given) => line.given.push(given),
                None => line.positional(word)?,
            }
            continue;
        }
        let name = typed.strip_prefix("--").or_else(|| typed.strip_prefix('-')).unwrap_or_default();
        match opt::find(name) {
            _ if name.is_empty() => return Err(Refusal::BareDash(typed.into_owned())),
            None => return Err(Refusal::unknown_option(typed.into_owned())),
            Some(Known::Unsupported(known)) => {
                rest = take(word, rest, known.values)?.1;
                match known.never {
                    Some(why) => line.never = Some((format!("-{name}"), why)),
                    None => line.unsupported.push(format!("-{name}")),
                }
            }
            Some(Known::Ours(opt)) => {
                let (values, behind) = take(word, rest, opt.value.names().len())?;
                rest = behind;
                let given = Given { opt, typed: typed.into_owned(), values: values.to_vec() };
                match opt.pass {
                    Pass::Print(print) => return print(&given, behind).map(Walked::Text),
                    Pass::Page(print) => return print(&given, behind).map(Walked::Page),
                    Pass::Options(_) | Pass::Scenarios(_) | Pass::Set(_) => line.given.push(given),
                }
            }
        }
    }
    Ok(Walked::Line(line))
}

/// The next `count` words, whatever they look like, and those behind. SIPp's sentence quotes the last word
/// there is.
fn take<'a>(
    option: &OsStr,
    words: &'a [OsString],
    count: usize,
) -> Result<(&'a [OsString], &'a [OsString]), Refusal> {
    words.split_at_checked(count).ok_or_else(|| {
        let last = words.last().map_or(option, OsString::as_os_str);
        Refusal::MissingValue(last.to_string_lossy().into_owned())
    })
}

/// A word without a dash that belongs to the option before it: `-expect A B` has as many conditions as there are words with a comparison,
/// which no host has.
fn one_more(last: &Given, word: &OsStr) -> Option<Given> {
    let compares = word.as_encoded_bytes().iter().any(|byte| matches!(byte, b'<' | b'>' | b'='));
    let goes_on = matches!(last.opt.value, Value::Conditions(_)) && compares;
    goes_on.then(|| Given { opt: last.opt, typed: last.typed.clone(), values: vec![word.to_owned()] })
}

impl Line {
    /// One host and no other; an empty word is none (cli.md §3).
    fn positional(&mut self, word: &OsStr) -> Result<(), Refusal> {
        if word.is_empty() {
            return Ok(());
        }
        match self.remote.replace(word.to_owned()) {
            None => Ok(()),
            Some(first) => Err(Refusal::TwoHosts {
                first: first.to_string_lossy().into_owned(),
                second: word.to_string_lossy().into_owned(),
            }),
        }
    }

    /// The line as clap reads it, beginning with the program's name.
    fn for_clap(&self) -> Vec<OsString> {
        let options = self.given.iter().map(|given| {
            let mut word = OsString::from(format!("--{}", given.opt.name));
            if given.opt.value != Value::Flag {
                word.push("=");
                word.push(given.values.join(OsStr::new(BETWEEN_VALUES.encode_utf8(&mut [0]))));
            }
            word
        });
        std::iter::once(OsString::from("rsipp")).chain(options).chain(self.remote.clone()).collect()
    }

    /// How an option was typed that clap gave back.
    fn typed(&self, opt: &Opt, values: &[OsString]) -> String {
        let as_typed = self.given.iter().find(|given| given.opt.name == opt.name && given.values == values);
        as_typed.map_or_else(|| format!("-{}", opt.name), |given| given.typed.clone())
    }
}

/// The options that clap has read, in the order typed, which some of them depend on (cli.md §1.2).
fn in_order(matches: &ArgMatches, line: &Line) -> Vec<Given> {
    let mut found: Vec<(usize, Given)> = Vec::with_capacity(line.given.len());
    for opt in opt::all().filter(|opt| matches.value_source(opt.name) == Some(ValueSource::CommandLine)) {
        let places = matches.indices_of(opt.name).into_iter().flatten();
        if opt.value == Value::Flag {
            let typed = line.typed(opt, &[]);
            found.extend(places.last().map(|place| (place, Given { opt, typed, values: vec![] })));
            continue;
        }
        let occurrences = matches.get_occurrences::<OsString>(opt.name).into_iter().flatten();
        for (place, values) in places.step_by(opt.value.names().len()).zip(occurrences) {
            let values: Vec<OsString> = values.cloned().collect();
            found.push((place, Given { opt, typed: line.typed(opt, &values), values }));
        }
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, given)| given).collect()
}

/// The options as clap's, from the same records; help, man page and completions are made from it too.
pub fn command() -> Command {
    let options = GROUPS.iter().flat_map(|group| group.options.iter().map(|opt| argument(opt, group.title)));
    let remote = Arg::new(REMOTE).value_parser(value_parser!(OsString)).hide(true);
    Command::new("rsipp")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args_override_self(true)
        .override_usage("rsipp [remote_host[:port]] [options]")
        .arg(remote)
        .args(options)
}

fn argument(opt: &'static Opt, group: &'static str) -> Arg {
    let default = if opt.default.is_empty() { String::new() } else { format!(" [default: {}]", opt.default) };
    let more = if opt.more.is_empty() { String::new() } else { format!("\n{}", opt.more) };
    let arg = Arg::new(opt.name)
        .long(opt.name)
        .help_heading(group)
        .help(format!("{}{default}", opt.help))
        .long_help(format!("{}{default}{more}", opt.help));
    let names = opt.value.names();
    if names.is_empty() {
        return arg.action(ArgAction::SetTrue);
    }
    // Two values are one word to clap, so they have one name; it writes the outer angle brackets.
    let arg =
        arg.action(ArgAction::Append).value_parser(value_parser!(OsString)).value_name(names.join("> <"));
    if names.len() > 1 { arg.value_delimiter(BETWEEN_VALUES) } else { arg }
}

fn refused_by_clap(error: &clap::Error) -> Refusal {
    Refusal::Clap(one_dash(error.to_string().trim_end()))
}

/// Turns the two dashes that clap writes before an option into the one that we have.
pub fn one_dash(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("--") {
        out.push_str(before);
        let starts_word = !out.ends_with(|c: char| c.is_alphanumeric() || c == '-');
        let before_name = behind.starts_with(|c: char| c.is_ascii_alphanumeric());
        out.push_str(if starts_word && before_name { "-" } else { "--" });
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn for_clap(line: &str) -> Vec<OsString> {
        match walk(&words(line)).unwrap() {
            Walked::Line(line) => line.for_clap(),
            Walked::Text(text) | Walked::Page(text) => panic!("prints {text}"),
        }
    }

    /// cli.md §1: the way there.
    #[test]
    fn clap_gets_two_dashes_and_the_value_in_the_same_word() {
        let line = for_clap("-r -h host:5070 --aa -key a -b -m ");
        assert_eq!(line, ["rsipp", "--r=-h", "--aa", "--key=a\0-b", "--m=", "host:5070"]);
    }

    /// cli.md §1: the way back, in what clap says of a word that the walk would not have let through.
    #[test]
    fn what_clap_prints_has_one_dash() {
        let error = command().try_get_matches_from(["rsipp", "--trace_mgs"]).unwrap_err();
        insta::assert_snapshot!(refused_by_clap(&error), @r"
        error: unexpected argument '-trace_mgs' found

          tip: a similar argument exists: '-trace_msg'

        Usage: rsipp [remote_host[:port]] [options]
        ");
    }

    #[test]
    fn dashes_inside_words_and_rules_of_dashes_stay() {
        for text in ["a--b", "-----", "--- r", "-- r", "x -- --", "a ---r"] {
            assert_eq!(one_dash(text), text);
        }
        assert_eq!(one_dash("--r '--rp' [--T2]"), "-r '-rp' [-T2]");
    }

    /// cli.md §1.2: clap sorts by option, we by place.
    #[test]
    fn options_come_back_in_the_order_typed_with_their_values_and_spelling() {
        let line = "-set x 1 -nd -r 1 --key a -b -default_behaviors all -r 2 -key  c -nd h -set y 2";
        let Ok(Asked::Test(given, remote)) = read(&words(line)) else { panic!("refused") };
        let told: Vec<String> = given
            .iter()
            .map(|given| {
                let values: Vec<_> = given.values.iter().map(|value| format!("{value:?}")).collect();
                format!("{} {}", given.typed, values.join(" ")).trim_end().to_owned()
            })
            .collect();
        assert_eq!(
            told,
            [
                r#"-set "x" "1""#,
                r#"-r "1""#,
                r#"--key "a" "-b""#,
                r#"-default_behaviors "all""#,
                r#"-r "2""#,
                r#"-key "" "c""#,
                "-nd",
                r#"-set "y" "2""#,
            ]
        );
        assert_eq!(remote, Some(OsString::from("h")));
    }

    #[test]
    fn the_table_is_one_that_clap_accepts() {
        command().debug_assert();
    }
}
