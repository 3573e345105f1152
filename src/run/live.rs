//! The live display of a run: when it needs a new look at the worker, and how the terminal is left before the closing screens.
//! Spec: outputs.md §14.1, §16.1. In: that something may have changed, pages. Out: whether to ask the worker. Must not draw.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::stop::Stop;
use crate::cli::Exit;
use crate::display::{Display, Left};

/// The display, and what it waits for.
#[derive(Debug)]
pub struct Live {
    display: Display,
    look: Look,
}

/// A look at the worker for the sake of the display. One at a time: wishes may come faster than a worker tells how it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Look {
    #[default]
    Settled,
    /// The worker has been asked.
    Asked,
    /// And something has happened since.
    Outdated,
}

impl Live {
    /// The display of this process's terminal, if it has one.
    pub fn open() -> Option<Live> {
        Display::open().map(|display| Live { display, look: Look::Settled })
    }
    /// Something may have changed; true: the worker is to be asked.
    pub fn wants_look(&mut self) -> bool {
        self.look.outdate()
    }

    /// What was asked for has come; true: the worker is to be asked again.
    pub fn has_looked(&mut self) -> bool {
        self.look.settle()
    }

    /// The terminal's part.
    pub fn display(&self) -> &Display {
        &self.display
    }
}

impl Look {
    fn outdate(&mut self) -> bool {
        let is_settled = *self == Look::Settled;
        *self = if is_settled { Look::Asked } else { Look::Outdated };
        is_settled
    }

    fn settle(&mut self) -> bool {
        let is_outdated = *self == Look::Outdated;
        *self = if is_outdated { Look::Asked } else { Look::Settled };
        is_outdated
    }
}

/// How long a terminal has to take the closing screens.
const SAID_WITHIN: Duration = Duration::from_secs(5);

/// Prints the closing screens and what stderr gets. `left`: how the display left its terminal, if there was one; when nobody takes what
/// is written there, the run ends without.
pub fn say(left: Option<Left>, screens: String, complaints: Stop) -> Exit {
    let exit = complaints.exit;
    let say = move |to_stdout| {
        if to_stdout {
            // Nobody may be listening (a closed pipe): the exit status still tells.
            let mut stdout = std::io::stdout().lock();
            let _ = stdout.write_all(screens.as_bytes()).and_then(|()| stdout.flush());
        }
        complaints.show()
    };
    match left {
        None => say(true),
        Some(Left::Stuck) if std::io::stderr().is_terminal() => exit,
        Some(Left::Stuck) => say(false),
        Some(Left::InOrder) => {
            let (done, waits) = channel();
            let saying = thread::Builder::new().name("end".into()).spawn(move || {
                say(true);
                let _ = done.send(());
            });
            if saying.is_ok() {
                let _ = waits.recv_timeout(SAID_WITHIN);
            }
            exit
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However many wishes come before the worker answers, it is asked once more, and the last look is younger than the last wish.
    #[test]
    fn wishes_that_come_faster_than_looks_cost_one_more_look() {
        let mut look = Look::Settled;
        let mut asked = 0;
        for _ in 0..5 {
            asked += u32::from(look.outdate());
        }
        assert_eq!(asked, 1);
        assert!(look.settle(), "what happened after the first look was asked for");
        assert!(!look.settle());
        assert!(look.outdate());
    }
}
