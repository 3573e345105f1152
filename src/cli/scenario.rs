//! Help group "Scenario": what this side plays, and what the other side plays.
//! Spec: cli.md §4.1, §1.3 (`-sd`). Must not read files: loading is `scenario`'s.

use super::opt::{Given, Group, Opt, Pass, Value, similar};
use super::options::{Options, ScenarioChoice};
use super::refusal::Refusal;
use crate::scenario::builtin::{self, NoScenario};

pub const GROUP: Group =
    Group { title: "Scenario", options: &[SF, SN, SD, OOCSF, OOCSN, RXSF, RXSN, RXRN, PEER_SF, PEER_SN] };

const SF: Opt = Opt {
    name: "sf",
    value: Value::Text("FILE"),
    default: "",
    help: "Play the scenario in this XML file",
    more: "The file's name without .xml begins the names of all trace files.",
    spec: "cli.md §4.1",
    pass: Pass::Scenarios(|options, given| {
        options.scenario = ScenarioChoice::File(given.path());
        Ok(())
    }),
};

const SN: Opt = Opt {
    name: "sn",
    value: Value::Choice("NAME", builtin_names),
    default: "uac",
    help: "Play a built-in scenario: uac (client), uas (server), others",
    more: "See it with -sd, which is also how to begin one of your own.",
    spec: "cli.md §4.1",
    pass: Pass::Scenarios(|options, given| builtin_choice(given).map(|choice| options.scenario = choice)),
};

const SD: Opt = Opt {
    name: "sd",
    value: Value::Choice("NAME", builtin_names),
    default: "",
    help: "Print a built-in scenario and exit",
    more: "rsipp -sd uac > mine.xml begins one of your own.",
    spec: "cli.md §1.3",
    pass: Pass::Print(|given, _| builtin_text(given).map(|(_, text)| text.to_owned())),
};

const OOCSF: Opt = Opt {
    name: "oocsf",
    value: Value::Text("FILE"),
    default: "",
    help: "Answer requests that belong to no call with the scenario in this XML file",
    more: "For a scenario that calls; given more than once, the last wins. Its calls have numbers of their own, count in no \
           number of the main scenario, end with the run and may not use injection files.",
    spec: "cli.md §4.1",
    pass: Pass::Scenarios(|options, given| {
        options.out_of_call = Some(ScenarioChoice::File(given.path()));
        Ok(())
    }),
};

const OOCSN: Opt = Opt {
    name: "oocsn",
    value: Value::Text("NAME"),
    default: "",
    help: "The same with a built-in scenario, such as ooc_default, which answers all of them with 200",
    more: "",
    spec: "cli.md §4.1",
    pass: Pass::Scenarios(|options, given| {
        builtin_choice(given).map(|choice| options.out_of_call = Some(choice))
    }),
};

const RXSF: Opt = Opt {
    name: "rxsf",
    value: Value::Text("FILE"),
    default: "",
    help: "Call and be called: messages of unknown calls open calls of the scenario in this XML file",
    more: "The main scenario calls, this one is called; given more than once, the last wins. Its calls share call numbers and \
           injection lines with the main scenario's, but -m, -l and the exit status are the main scenario's alone. Still open \
           when that has ended, they are aborted.",
    spec: "cli.md §4.1",
    pass: Pass::Scenarios(|options, given| {
        options.receiving = Some(ScenarioChoice::File(given.path()));
        Ok(())
    }),
};

const RXSN: Opt = Opt {
    name: "rxsn",
    value: Value::Text("NAME"),
    default: "",
    help: "The same with a built-in scenario, such as uas",
    more: "SIPp lists it as -rxrn.",
    spec: "cli.md §4.1",
    pass: Pass::Scenarios(receiving_builtin),
};

const RXRN: Opt = Opt {
    name: "rxrn",
    value: Value::Text("NAME"),
    default: "",
    help: "Another name of -rxsn",
    more: "",
    spec: "cli.md §4.1",
    pass: Pass::Scenarios(receiving_builtin),
};

fn receiving_builtin(options: &mut Options, given: &Given) -> Result<(), Refusal> {
    builtin_choice(given).map(|choice| options.receiving = Some(choice))
}

const PEER_SF: Opt = Opt {
    name: "peer_sf",
    value: Value::Text("FILE"),
    default: "",
    help: "Let this process also play the other side, from this XML file",
    more: "The other side listens on a free port of the loopback interface, so no remote host is needed. Not in SIPp.",
    spec: "ours",
    pass: Pass::Scenarios(|options, given| {
        options.peer = Some(ScenarioChoice::File(given.path()));
        Ok(())
    }),
};

const PEER_SN: Opt = Opt {
    name: "peer_sn",
    value: Value::Choice("NAME", builtin_names),
    default: "",
    help: "Let this process also play the other side: a built-in scenario, such as uas",
    more: "Excludes -peer_sf. Not in SIPp.",
    spec: "ours",
    pass: Pass::Scenarios(|options, given| builtin_choice(given).map(|choice| options.peer = Some(choice))),
};

fn builtin_names() -> Vec<&'static str> {
    builtin::names().collect()
}

/// One scenario a side (cli.md §1.2).
pub fn check_one_a_side(given: &[Given]) -> Result<(), Refusal> {
    let count = |names: [&str; 2]| given.iter().filter(|given| names.contains(&given.opt.name)).count();
    if count([SF.name, SN.name]) > 1 {
        return Err(Refusal::ScenarioTwice);
    }
    if count([PEER_SF.name, PEER_SN.name]) > 1 {
        return Err(Refusal::PeerTwice);
    }
    Ok(())
}

fn builtin_choice(given: &Given) -> Result<ScenarioChoice, Refusal> {
    builtin_text(given).map(|(name, _)| ScenarioChoice::Builtin(name.to_owned()))
}

/// The name that was given and the XML of it.
fn builtin_text(given: &Given) -> Result<(&str, &'static str), Refusal> {
    let name = given.text()?;
    match builtin::find(&given.typed, name) {
        Ok(text) => Ok((name, text)),
        Err(NoScenario::Later { .. }) => Err(Refusal::NotSupported(format!("{} {name}", given.typed))),
        Err(NoScenario::Unknown(_)) => {
            let nearest = similar(name, builtin::names()).map(str::to_owned);
            Err(Refusal::UnknownBuiltin { name: name.to_owned(), nearest })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{options, printed, refused};
    use super::*;

    /// cli.md §1, Bug: SIPp fails with two dashes here.
    #[test]
    fn sf_and_sn_choose_the_scenario_with_one_dash_or_two() {
        assert_eq!(options("-sf a/b.xml").scenario, ScenarioChoice::File("a/b.xml".into()));
        assert_eq!(options("--sf a/b.xml").scenario_name(), "b");
        assert_eq!(options("--sn uas").scenario, ScenarioChoice::Builtin("uas".to_owned()));
        assert_eq!(options("-m 1").scenario, ScenarioChoice::Builtin("uac".to_owned()));
    }

    /// cli.md §1.2.
    #[test]
    fn a_side_plays_one_scenario() {
        for line in ["-sf a -sf a", "-sf a -sn uac", "-sn uac -sn uac"] {
            assert_eq!(
                refused(line),
                "Internal error, main_scenario already set (give one of -sf and -sn, once)"
            );
        }
        let twice = "the other side plays one scenario: give one of -peer_sf and -peer_sn, once";
        assert_eq!(refused("-peer_sf a -peer_sn uas"), twice);
    }

    /// cli.md §1.3.
    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_one() {
        assert_eq!(refused("-sn nothing"), "Invalid default scenario name 'nothing'");
        assert_eq!(refused("-sd uax"), "Invalid default scenario name 'uax' (did you mean 'uac'?)");
        assert_eq!(refused("-peer_sn ''"), "Invalid default scenario name ''''");
    }

    /// cli.md §1.3.
    #[test]
    fn sd_prints_exactly_the_built_in_text() {
        assert_eq!(printed("-m 1 -sd uas -m x"), builtin::text("uas").unwrap());
    }

    #[test]
    fn the_peer_is_chosen_beside_the_scenario() {
        let options = options("-peer_sn uas -sf my.xml");
        assert_eq!(options.peer, Some(ScenarioChoice::Builtin("uas".to_owned())));
        assert_eq!(options.scenario_name(), "my");
        assert_eq!(self::options("-peer_sf p.xml").peer, Some(ScenarioChoice::File("p.xml".into())));
    }

    /// cli.md §1.2: the last wins silently; §4.1, Bug: `-rxsn` and `-rxrn` both work; §1, Bug: two dashes too.
    #[test]
    fn the_scenarios_beside_the_main_one_are_chosen_by_file_or_name_and_the_last_wins() {
        let builtin = |name: &str| Some(ScenarioChoice::Builtin(name.to_owned()));
        let file = |path: &str| Some(ScenarioChoice::File(path.into()));
        assert_eq!(options("-oocsf a.xml -oocsn ooc_default").out_of_call, builtin("ooc_default"));
        assert_eq!(options("-oocsn ooc_default --oocsf a.xml").out_of_call, file("a.xml"));
        assert_eq!(options("-rxsf a.xml --rxsn uas").receiving, builtin("uas"));
        assert_eq!(options("-rxrn uas").receiving, builtin("uas"));
        assert_eq!(options("-rxsn uas -rxsf a.xml").receiving, file("a.xml"));
        let plain = options("-m 1");
        assert_eq!((plain.out_of_call, plain.receiving), (None, None));
        for option in ["-oocsn", "-rxsn", "-rxrn"] {
            assert_eq!(refused(&format!("{option} nope")), "Invalid default scenario name 'nope'");
        }
    }

    /// scenario.md §17: the names that SIPp knows, built in here or not.
    const NAMES: [&str; 12] = [
        "uac",
        "uas",
        "regexp",
        "3pcc-C-A",
        "3pcc-C-B",
        "3pcc-A",
        "3pcc-B",
        "branchc",
        "branchs",
        "uac_pcap",
        "ooc_default",
        "ooc_dummy",
    ];

    #[test]
    fn every_name_of_sipp_is_printed_or_refused_by_name() {
        for name in NAMES {
            match builtin::text(name) {
                Some(text) => assert_eq!(printed(&format!("-sd {name}")), text),
                None => assert_eq!(refused(&format!("-sd {name}")), format!("not supported yet: -sd {name}")),
            }
        }
    }
}
