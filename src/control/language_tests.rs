//! Every row of cli.md §14. The sentences are what sipp 3.6.1 wrote into its errors log for the same line.

use super::*;
use crate::engine::Command as Engine;

const RATE: Situation = Situation { load: Load::Rate, displays: &[Part::Main] };
const USERS: Situation = Situation { load: Load::Users, displays: &[Part::Main] };

#[track_caller]
fn does(situation: Situation, line: &str, command: Command) {
    assert_eq!(parse(line, situation), Ok(Some(command)), "{line:?}");
}

#[track_caller]
fn refuses(situation: Situation, line: &str, sentence: &str) {
    match parse(line, situation) {
        Err(refusal) => assert_eq!(refusal.to_string(), sentence, "{line:?}"),
        Ok(command) => panic!("{line:?} is {command:?}"),
    }
}

/// cli.md §14, `set rate`: a C float, not below 0.
#[test]
fn set_rate_takes_a_float_and_negative_is_zero() {
    for (text, rate) in [("5", 5.0), ("0.5", 0.5), ("1e2", 100.0), ("0x10", 16.0), ("-5", 0.0), ("nan", 0.0)]
    {
        does(RATE, &format!("set rate {text}"), Command::Engine(Engine::SetRate(rate)));
    }
    refuses(RATE, "set rate fast", "Invalid rate value: \"fast\"");
    refuses(RATE, "set rate 5 6", "Invalid rate value: \"5 6\"");
}

/// cli.md §14, `set rate-scale`: in both modes.
#[test]
fn set_rate_scale_takes_a_float() {
    for situation in [RATE, USERS] {
        does(situation, "set rate-scale 2.5", Command::Engine(Engine::SetRateScale(2.5)));
        does(situation, "set rate-scale -1", Command::Engine(Engine::SetRateScale(-1.0)));
        refuses(situation, "set rate-scale zz", "Invalid rate-scale value: \"zz\"");
        refuses(situation, "set rate-scale nan", "Invalid rate-scale value: \"nan\"");
    }
}

/// cli.md §14, `set users`: integers in C's forms.
#[test]
fn set_users_takes_a_whole_number_from_zero() {
    does(USERS, "set users 5", Command::Engine(Engine::SetUsers(5)));
    does(USERS, "set users 0x10", Command::Engine(Engine::SetUsers(16)));
    does(USERS, "set users 010", Command::Engine(Engine::SetUsers(8)));
    for value in ["z", "-1", "0x1z", "1.5", "99999999999"] {
        refuses(USERS, &format!("set users {value}"), &format!("Invalid users value: \"{value}\""));
    }
}

/// cli.md §14, `set limit`: 0 and below are no limit.
#[test]
fn set_limit_takes_a_whole_number_and_none_is_none() {
    does(RATE, "set limit 7", Command::Engine(Engine::SetLimit(Some(7))));
    does(RATE, "set limit 99999999999", Command::Engine(Engine::SetLimit(Some(99_999_999_999))));
    for value in ["0", "-5"] {
        does(RATE, &format!("set limit {value}"), Command::Engine(Engine::SetLimit(None)));
    }
    for value in ["q", "0x", "3 4", "1.5"] {
        refuses(RATE, &format!("set limit {value}"), &format!("Invalid limit value: \"{value}\""));
    }
}

/// cli.md §14: the mode is looked at before the value.
#[test]
fn rates_and_limits_are_not_for_users_and_users_are_not_for_rates() {
    for value in ["5", "x"] {
        refuses(USERS, &format!("set rate {value}"), "Rates can not be set in a user-based benchmark.");
        refuses(USERS, &format!("set limit {value}"), "Can not set call limit for a user-based benchmark.");
        let sentence = "Users can not be changed at run time for a rate-based benchmark.";
        refuses(RATE, &format!("set users {value}"), sentence);
    }
}

/// cli.md §14, `set display`: SIPp 3.6.1 crashes without an out-of-call scenario.
#[test]
fn set_display_takes_a_scenario_that_is_loaded() {
    does(RATE, "set display main", Command::Display(Part::Main));
    for name in ["ooc", "rx", "foo", "MAIN", "main x"] {
        refuses(RATE, &format!("set display {name}"), &format!("Unknown display scenario: {name}"));
    }
    let all = Situation { displays: &[Part::Main, Part::OutOfCall, Part::Receiving], ..RATE };
    does(all, "set display ooc", Command::Display(Part::OutOfCall));
    does(all, "set display rx", Command::Display(Part::Receiving));
}

/// cli.md §14, `set hide`.
#[test]
fn set_hide_takes_true_or_false_and_nothing_else() {
    does(RATE, "set hide true", Command::HonourHide(true));
    does(RATE, "set hide false", Command::HonourHide(false));
    for value in ["maybe", "1", "TRUE", "0 x"] {
        refuses(RATE, &format!("set hide {value}"), &format!("Invalid bool: {value}"));
    }
}

/// cli.md §14, `set index`: of 3.6.1 only.
#[test]
fn set_index_is_accepted_and_does_nothing() {
    assert_eq!(parse("set index true", RATE), Ok(None));
}

/// cli.md §14, `set`.
#[test]
fn set_needs_an_attribute_it_knows_and_a_value() {
    refuses(RATE, "set", "The set command requires at least one argument");
    for line in ["set rate", "set limit", "set foo", "set rate\t5"] {
        refuses(RATE, line, "The set command requires two arguments (attribute and value)");
    }
    refuses(RATE, "set foo bar", "Unknown set attribute: foo");
    refuses(RATE, "set RATE 5", "Unknown set attribute: RATE");
}

/// cli.md §14, `trace`: the second argument is looked at first.
#[test]
fn trace_switches_one_of_four_logs() {
    for (log, traced) in [
        ("error", Traced::Errors),
        ("logs", Traced::Logs),
        ("messages", Traced::Messages),
        ("shortmessages", Traced::ShortMessages),
    ] {
        for (word, on) in [("on", true), ("true", true), ("off", false), ("false", false)] {
            does(RATE, &format!("trace {log} {word}"), Command::Trace(traced, on));
        }
    }
    refuses(RATE, "trace", "The trace command requires at least one argument");
    refuses(RATE, "trace error", "The trace command requires two arguments (log and [on|off])");
    for line in
        ["trace error maybe", "trace error ON", "trace error 1", "trace error on x", "trace foo maybe"]
    {
        refuses(RATE, line, "The trace command's second argument must be on or off.");
    }
    refuses(RATE, "trace foo on", "Unknown log file: foo");
}

/// cli.md §14, `dump`, `reset`.
#[test]
fn dump_and_reset_know_their_words() {
    does(RATE, "dump tasks", Command::Engine(Engine::DumpTasks));
    does(RATE, "dump variables", Command::Engine(Engine::DumpVariables));
    does(RATE, "reset stats", Command::Engine(Engine::ResetStats));
    refuses(RATE, "dump", "The dump command requires at least one argument");
    refuses(RATE, "dump foo", "Unknown dump type: foo");
    refuses(RATE, "dump tasks x", "Unknown dump type: tasks x");
    refuses(RATE, "reset", "The reset command requires at least one argument");
    refuses(RATE, "reset foo", "Unknown reset type: foo");
    refuses(RATE, "reset stats x", "Unknown reset type: stats x");
}

/// cli.md §14, "Missing parts".
#[test]
fn an_unknown_word_alone_lacks_an_argument_and_with_one_is_not_known() {
    refuses(RATE, "foo", "The foo command requires at least one argument");
    refuses(RATE, "", "The  command requires at least one argument");
    refuses(RATE, "  ", "The  command requires at least one argument");
    refuses(RATE, "foo bar", "Unrecognized command: \"foo\"");
    refuses(RATE, "SET rate 5", "Unrecognized command: \"SET\"");
}

/// cli.md §13, §14: blanks around the line are nothing, several between words are one, a tab is part of a word.
#[test]
fn words_are_separated_by_spaces() {
    let rate = Command::Engine(Engine::SetRate(5.0));
    for line in [" set rate 5", "set  rate   5", "set rate 5\r\n", "set rate 5\t", "set \trate 5"] {
        does(RATE, line, rate);
    }
    refuses(RATE, "set\trate\t5", "The set\trate\t5 command requires at least one argument");
}
