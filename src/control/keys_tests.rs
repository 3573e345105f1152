//! cli.md §15, the table of keys; §14, typing a command.

use super::super::language::Load;
use super::*;
use crate::engine::Command as Engine;
use crate::scenario::Part;

const RATE: Situation = Situation { load: Load::Rate, displays: &[Part::Main] };

/// Types the pieces one after the other; what was wished for, and what is on the line of the terminal in the end.
fn typed(pieces: &[&str]) -> (Vec<Wish>, String) {
    let mut keys = Keys::default();
    let mut shown = Vec::new();
    let wishes = pieces.iter().flat_map(|piece| keys.take(piece.as_bytes(), RATE, &mut shown)).collect();
    (wishes, on_screen(&shown))
}

/// A terminal that knows backspace.
fn on_screen(shown: &[u8]) -> String {
    let mut line: Vec<char> = Vec::new();
    let mut at = 0;
    for c in String::from_utf8_lossy(shown).chars() {
        match c {
            '\x08' => at -= 1,
            c => {
                line.truncate(at.max(line.len().min(at)));
                line.push(c);
                at += 1;
            }
        }
    }
    line.truncate(at);
    line.into_iter().collect()
}

fn rate(rate: f64) -> Wish {
    Ok(Command::Engine(Engine::SetRate(rate)))
}

/// cli.md §15, each row.
#[test]
fn each_key_is_its_command() {
    for (key, wanted) in [
        (b'+', Command::Engine(Engine::Adjust(1))),
        (b'-', Command::Engine(Engine::Adjust(-1))),
        (b'*', Command::Engine(Engine::Adjust(10))),
        (b'/', Command::Engine(Engine::Adjust(-10))),
        (b'p', Command::Engine(Engine::TogglePause)),
        (b'q', Command::Engine(Engine::Quit)),
        (b'Q', Command::Engine(Engine::QuitNow)),
        (b's', Command::DumpScreens),
        (b'1', Command::Show(Screen::Scenario)),
        (b'2', Command::Show(Screen::Statistics)),
        (b'3', Command::Show(Screen::Repartition(0))),
        (b'4', Command::Show(Screen::Variables)),
        (b'5', Command::Show(Screen::Circuits)),
        (b'6', Command::Show(Screen::Repartition(1))),
        (b'7', Command::Show(Screen::Repartition(2))),
        (b'8', Command::Show(Screen::Repartition(3))),
        (b'9', Command::Show(Screen::Repartition(4))),
    ] {
        assert_eq!(command(key), Some(wanted), "{}", key as char);
    }
}

/// cli.md §15, last row.
#[test]
fn all_other_keys_do_nothing() {
    let known = b"+-*/pqQs123456789";
    for key in (0..=u8::MAX).filter(|key| !known.contains(key)) {
        assert_eq!(command(key), None, "{key:#x}");
    }
}

/// A held key repeats.
#[test]
fn several_keys_in_one_piece_are_several_commands() {
    let plus = Ok(Command::Engine(Engine::Adjust(1)));
    assert_eq!(typed(&["++\n+"]).0, [plus.clone(), plus.clone(), plus]);
}

/// cli.md §14, "In terminal mode".
#[test]
fn c_begins_a_command_that_enter_ends() {
    let (wishes, screen) = typed(&["c", "set rate", " 7\n"]);
    assert_eq!((wishes, screen.as_str()), (vec![rate(7.0)], "\nCommand: set rate 7\n"));
    assert_eq!(typed(&["cset rate 7\r+"]).0, [rate(7.0), Ok(Command::Engine(Engine::Adjust(1)))]);
}

/// cli.md §14: q, digits and c are text there.
#[test]
fn keys_are_text_until_enter() {
    let (wishes, screen) = typed(&["cqQ1c+"]);
    assert_eq!((wishes, screen.as_str()), (vec![], "\nCommand: qQ1c+"));
}

/// cli.md §14, Bug: SIPp inserts the control character.
#[test]
fn backspace_takes_the_last_character_off() {
    for backspace in ["\x7f", "\x08"] {
        let (wishes, screen) = typed(&[&format!("cset rate 78{backspace}\n")]);
        assert_eq!((wishes, screen.as_str()), (vec![rate(7.0)], "\nCommand: set rate 7\n"));
    }
    let (wishes, screen) = typed(&["cä\x7f\x7f\x7f", "set rate 7\n"]);
    assert_eq!(
        (wishes, screen.as_str()),
        (vec![rate(7.0)], "\nCommand: set rate 7\n"),
        "no further than the prompt"
    );
}

#[test]
fn ctrl_u_begins_the_command_anew() {
    assert_eq!(typed(&["cset foo\x15set rate 7\n"]), (vec![rate(7.0)], "\nCommand: set rate 7\n".into()));
}

/// cli.md §14, Bug: SIPp cannot cancel.
#[test]
fn esc_cancels_the_command_and_leaves_nothing_on_the_line() {
    let (wishes, screen) = typed(&["cset rate 7", "\x1b", "+"]);
    assert_eq!((wishes, screen.as_str()), (vec![Ok(Command::Engine(Engine::Adjust(1)))], ""));
}

/// An arrow key is neither Esc nor the digits it sends.
#[test]
fn arrow_and_function_keys_are_no_other_keys() {
    assert_eq!(typed(&["\x1b[C", "\x1b[1;5C", "\x1bOP", "\x1b[15~"]), (vec![], String::new()));
    assert_eq!(typed(&["cset rate ", "\x1b[A", "\x1b[D", "7\n"]).0, [rate(7.0)]);
}

/// Ours. Terminals send one or the other.
#[test]
fn arrow_keys_and_their_neighbours_scroll() {
    for (keys, by) in [
        (&["\x1b[A", "\x1bOA"][..], Scroll::Lines(-1)),
        (&["\x1b[B", "\x1bOB"], Scroll::Lines(1)),
        (&["\x1b[5~"], Scroll::Pages(-1)),
        (&["\x1b[6~"], Scroll::Pages(1)),
        (&["\x1b[H", "\x1bOH", "\x1b[1~"], Scroll::Top),
        (&["\x1b[F", "\x1bOF", "\x1b[4~"], Scroll::End),
    ] {
        for key in keys {
            assert_eq!(
                typed(&[&format!("{key}q")]).0,
                [Ok(Command::Scroll(by)), Ok(Command::Engine(Engine::Quit))]
            );
        }
    }
}

/// cli.md §14: a warning, and the next key is a key again.
#[test]
fn a_command_that_makes_no_sense_is_refused() {
    let (wishes, _) = typed(&["cfoo bar\n+"]);
    assert_eq!(
        wishes,
        [Err(language::Refusal::UnknownCommand("foo".into())), Ok(Command::Engine(Engine::Adjust(1)))]
    );
}

#[test]
fn a_command_without_end_is_cut() {
    let mut keys = Keys::default();
    let mut shown = Vec::new();
    for _ in 0..100 {
        assert_eq!(keys.take(&[b'c'; 1_000], RATE, &mut shown), []);
    }
    assert_eq!(keys.line.map(|line| line.len()), Some(LONGEST_LINE));
}
