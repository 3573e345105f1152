//! What keys mean, one by one and as a command line.
//! Spec: cli.md §14 (last paragraph), §15; outputs.md §15.9. In: bytes of a terminal or pipe. Out: wishes, and what to show of them.
//! Must not read or write.

use super::language::{self, Situation};
use super::view::Scroll;
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
                && let Some((sequence, behind)) = split_sequence(rest)
            {
                let scroll = scroll(sequence).filter(|_| self.line.is_none());
                wishes.extend(scroll.map(|by| Ok(Command::Scroll(by))));
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

    /// The command that is being typed.
    pub fn line(&self) -> Option<&[u8]> {
        self.line.as_deref()
    }
}

/// `[ ... letter` or `O letter` behind the `ESC` with which an arrow key sends it in one piece, and what is behind that; None for the key
/// Esc itself.
fn split_sequence(behind_escape: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = behind_escape.split_first()?;
    let length = match first {
        b'O' => 2,
        b'[' => rest.iter().position(|byte| (0x40..=0x7e).contains(byte))? + 2,
        _ => return None,
    };
    behind_escape.split_at_checked(length)
}

/// What arrow keys, PgUp, PgDn, Home and End move, by what terminals send for them.
fn scroll(sequence: &[u8]) -> Option<Scroll> {
    Some(match sequence {
        b"[A" | b"OA" => Scroll::Lines(-1),
        b"[B" | b"OB" => Scroll::Lines(1),
        b"[5~" => Scroll::Pages(-1),
        b"[6~" => Scroll::Pages(1),
        b"[H" | b"OH" | b"[1~" => Scroll::Top,
        b"[F" | b"OF" | b"[4~" => Scroll::End,
        _ => return None,
    })
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
