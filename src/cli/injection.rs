//! Help group "Data for the scenario": injection files, keywords and variables from the command line.
//! Spec: cli.md §4.5, §4.3 (`-key`, `-set`). Must not open the files: `inject` does.

use std::path::Path;

use super::opt::{Given, Group, Opt, Pass, Value};
use super::options::{FileOption, FileSpec, Options};
use super::refusal::Refusal;
use crate::number;

pub const GROUP: Group = Group {
    title: "Data for the scenario",
    options: &[INF, RXINF, INFINDEX, KEY, SET, DYNAMIC_START, DYNAMIC_MAX, DYNAMIC_STEP, TDMMAP],
};

const INF: Opt = Opt {
    name: "inf",
    value: Value::Text("FILE"),
    default: "",
    help: "Injection file: a line of values for each call, read as [fieldN]",
    more: "May be given several times; the first is the default file of [fieldN]. \
           A scenario names a file without its folder.",
    spec: "cli.md §4.5",
    pass: Pass::Options(|options, given| add_file(options, given, FileOption::Inf)),
};

const RXINF: Opt = Opt {
    name: "rxinf",
    value: Value::Text("FILE"),
    default: "",
    help: "Injection file that is the default file of the -rxsf scenario",
    more: "Otherwise as -inf, whose first file is the default file of that scenario too when there is no -rxinf.",
    spec: "cli.md §4.5",
    pass: Pass::Options(|options, given| add_file(options, given, FileOption::RxInf)),
};

fn add_file(options: &mut Options, given: &Given, option: FileOption) -> Result<(), Refusal> {
    options.injection.files.push(FileSpec { path: given.path(), option });
    Ok(())
}

const INFINDEX: Opt = Opt {
    name: "infindex",
    value: Value::Pair("FILE", "FIELD"),
    default: "",
    help: "Index an injection file on a field, for the lookup action",
    more: "The file's name without its folder, behind its -inf; fields count from 0.",
    spec: "cli.md §4.5",
    pass: Pass::Options(|options, given| {
        let (file, field) = given.pair()?;
        if !options.injection.files.iter().any(|known| base_name(&known.path) == file) {
            return Err(Refusal::UnknownIndexFile(file.to_owned()));
        }
        let field = number::integer(field)
            .and_then(|field| usize::try_from(field).ok())
            .ok_or_else(|| Refusal::IndexField(field.to_owned()))?;
        options.injection.indexes.push((file.to_owned(), field));
        Ok(())
    }),
};

const KEY: Opt = Opt {
    name: "key",
    value: Value::Pair("NAME", "TEXT"),
    default: "",
    help: "Put this text wherever the scenario says [NAME]",
    more: "May be given several times; the last text of a name wins, keywords of our own win over it.",
    spec: "cli.md §4.3",
    pass: Pass::Options(|options, given| {
        given.pair().map(|(name, text)| options.keys.push((name.to_owned(), text.to_owned())))
    }),
};

const SET: Opt = Opt {
    name: "set",
    value: Value::Pair("VARIABLE", "TEXT"),
    default: "",
    help: "Give a global variable of the scenario its first value",
    more: "The variable is declared in <Global variables=\"...\"/> and named without $. \
           The actions of <init> run afterwards.",
    spec: "cli.md §4.3",
    pass: Pass::Set(|options, given| {
        given.pair().map(|(name, text)| options.set.push((name.to_owned(), text.to_owned())))
    }),
};

const DYNAMIC_START: Opt = Opt {
    name: "dynamicStart",
    value: Value::Integer("NUMBER"),
    default: "10000",
    help: "First value of [dynamic_id]",
    more: "Each use of the keyword gives the next value.",
    spec: "cli.md §4.3",
    pass: Pass::Options(|options, given| given.int().map(|start| options.call.dynamic_ids.start = start)),
};

const DYNAMIC_MAX: Opt = Opt {
    name: "dynamicMax",
    value: Value::Integer("NUMBER"),
    default: "12000",
    help: "Largest value of [dynamic_id]; then comes the first again",
    more: "",
    spec: "cli.md §4.3",
    pass: Pass::Options(|options, given| given.int().map(|max| options.call.dynamic_ids.max = max)),
};

const DYNAMIC_STEP: Opt = Opt {
    name: "dynamicStep",
    value: Value::Integer("NUMBER"),
    default: "4",
    help: "From one value of [dynamic_id] to the next",
    more: "",
    spec: "cli.md §4.3",
    pass: Pass::Options(|options, given| given.int().map(|step| options.call.dynamic_ids.step = step)),
};

const TDMMAP: Opt = Opt {
    name: "tdmmap",
    value: Value::Text("MAP"),
    default: "",
    help: "Give each call a free circuit of a TDM gateway, written [tdmmap]",
    more: "{0-3}{99}{1-24}{1-31} has one for each number from 0 to 3, 1 to 24 and 1 to 31, called like 2.99.7/30. \
           A call that finds none free fails. The screen behind key 5 shows them.",
    spec: "cli.md §4.3",
    pass: Pass::Options(|options, given| {
        options.call.circuits = Some(given.text()?.parse()?);
        Ok(())
    }),
};

/// What a scenario calls the file: what is behind the last `/`, or behind the last `\` if there is no `/`.
fn base_name(path: &Path) -> String {
    let path = path.to_string_lossy();
    let separator = if path.contains('/') { '/' } else { '\\' };
    path.rsplit(separator).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{options, refused};
    use super::*;

    /// cli.md §1.2.
    #[test]
    fn files_keys_and_variables_accumulate_in_order() {
        let options = options("-set v 1 -inf a/x.csv -key k -h -rxinf r.csv -inf y.csv -key k  -set w 2");
        let file = |(path, option): (&str, FileOption)| FileSpec { path: path.into(), option };
        let (inf, rx) = (FileOption::Inf, FileOption::RxInf);
        assert_eq!(options.injection.files, [("a/x.csv", inf), ("r.csv", rx), ("y.csv", inf)].map(file));
        let pair = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        assert_eq!(options.keys, [("k", "-h"), ("k", "")].map(pair));
        assert_eq!(options.set, [("v", "1"), ("w", "2")].map(pair));
    }

    /// cli.md §1.2, §4.5.
    #[test]
    fn infindex_names_the_base_name_of_a_file_before_it() {
        let line = "-inf a/x.csv -rxinf b\\y.csv -infindex x.csv 0x2 -infindex y.csv 1";
        assert_eq!(options(line).injection.indexes, [("x.csv".to_owned(), 2), ("y.csv".to_owned(), 1)]);
        for line in ["-infindex x.csv 0 -inf x.csv", "-inf a/x.csv -infindex a/x.csv 0"] {
            assert!(refused(line).starts_with("Could not find file for -infindex: "), "{line}");
        }
        for field in ["x", "-1"] {
            let sentence = format!("Invalid field specification for -infindex: {field}");
            assert_eq!(refused(&format!("-inf x.csv -infindex x.csv {field}")), sentence);
        }
    }
}
