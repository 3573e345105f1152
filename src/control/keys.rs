//! What keys mean, one by one and as a command line.
//! Spec: cli.md §14 (last paragraph), §15; outputs.md §15.9. In: bytes of a terminal or pipe. Out: wishes, and what to show of them.
//! Must not read or write.

use super::language::{self, Situation};
use super::{Command, Wish};
use crate::engine;
use crate::report::screen::Screen;

/// Longest command: more is not taken.
const LONGEST_LINE: usize = 1_000;

const ESCAPE: u8 = 0x1b;
const PROMPT: &[u8] = b"\nCommand: ";

/// What a key does; None for all others. `c` is not here: it begins a command.
pub fn command(key: u8) -> Option<Command> {
    Some(match key {
        b'+' => Command::Engine(engine::Command::Adjust(1)),
        b'-' => Command::Engine(engine::Command::Adjust(-1)),
        b'*' => Command::Engine(engine::Command::Adjust(10)),
        b'/' => Command::Engine(engine::Command::Adjust(-10)),
        b'p' => Command::Engine(engine::Command::TogglePause),
        b'q' => Command::Engine(engine::Command::Quit),
        b'Q' => Command::Engine(engine::Command::QuitNow),
        b's' => Command::DumpScreens,
        _ => Command::Show(Screen::of_key(key.into())?),
    })
}

/// A keyboard: single keys, or a command that is being typed.
#[derive(Debug, Default)]
pub struct Keys {
    /// Some while a command is typed.
    line: Option<Vec<u8>>,
}

impl Keys {
    /// Takes what was typed, in one piece. `shown` gets what belongs on the terminal.
    pub fn take(&mut self, mut typed: &[u8], situation: Situation, shown: &mut Vec<u8>) -> Vec<Wish> {
        let mut wishes = Vec::new();
        while let Some((&key, rest)) = typed.split_first() {
            typed = rest;
            if key == ESCAPE
                && let Some(behind) = behind_sequence(rest)
            {
                typed = behind;
                continue;
            }
            match &mut self.line {
                None if key == b'c' => {
                    shown.extend_from_slice(PROMPT);
                    self.line = Some(Vec::new());
                }
                None => wishes.extend(command(key).map(Ok)),
                Some(line) => match edit(line, key, shown) {
                    Edited::GoesOn => {}
                    Edited::Cancelled => self.line = None,
                    Edited::Entered => {
                        let line = self.line.take().unwrap_or_default();
                        wishes
                            .extend(language::parse(&String::from_utf8_lossy(&line), situation).transpose());
                    }
                },
            }
        }
        wishes
    }

    /// Whether a command is being typed.
    pub fn is_typing(&self) -> bool {
        self.line.is_some()
    }
}

/// Behind `ESC [ ... letter` or `ESC O letter`, which an arrow key sends in one piece; None for the key Esc itself.
fn behind_sequence(behind_escape: &[u8]) -> Option<&[u8]> {
    let (first, rest) = behind_escape.split_first()?;
    match first {
        b'O' => rest.get(1..),
        b'[' => {
            let end = rest.iter().position(|byte| (0x40..=0x7e).contains(byte))?;
            rest.get(end + 1..)
        }
        _ => None,
    }
}

enum Edited {
    GoesOn,
    Entered,
    Cancelled,
}

fn edit(line: &mut Vec<u8>, key: u8, shown: &mut Vec<u8>) -> Edited {
    match key {
        b'\n' | b'\r' => {
            shown.push(b'\n');
            return Edited::Entered;
        }
        ESCAPE => {
            while rub_out(line, shown) {}
            shown.extend(PROMPT.iter().flat_map(|_| b"\x08 \x08"));
            return Edited::Cancelled;
        }
        // Backspace sends one or the other.
        0x7f | 0x08 => {
            rub_out(line, shown);
        }
        // Ctrl-U
        0x15 => while rub_out(line, shown) {},
        0..b' ' => {}
        _ if line.len() >= LONGEST_LINE => {}
        _ => {
            line.push(key);
            shown.push(key);
        }
    }
    Edited::GoesOn
}

/// Takes the last character off; false when there is none.
fn rub_out(line: &mut Vec<u8>, shown: &mut Vec<u8>) -> bool {
    let is_inner = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
    while line.pop_if(|byte| is_inner(byte)).is_some() {}
    if line.pop().is_none() {
        return false;
    }
    // Needs no terminal description: every terminal can go back.
    shown.extend_from_slice(b"\x08 \x08");
    true
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
