//! Keys from standard input.
//! Spec: cli.md §10.2, §10.3, §14, §15. In: bytes of a terminal, pipe or socket. Out: wishes, and the command being typed, on
//! standard output if nobody else shows it. There is a keyboard only if standard output is a terminal; at the end of the input it falls silent. A closed
//! standard input, `/dev/null` and files are no keyboard. Must never block the run: a thread of its own reads.

use std::collections::VecDeque;
use std::fs::File;
use std::future::pending;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::sync::Arc;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::keys::Keys;
use super::language::Situation;
use super::signals::stop_as_a_job;
use super::terminal::{Ground, Terminal};
use super::{Command, Wish};

/// How often a job in the background looks whether it has come to the foreground: nobody tells it.
const LOOK_AGAIN_MS: u16 = 250;

/// The keyboard of a run, or none. Dropped, the terminal is as it was.
#[derive(Debug, Default)]
pub struct Keyboard(Option<Open>);

#[derive(Debug)]
struct Open {
    terminal: Arc<Option<Terminal>>,
    pieces: UnboundedReceiver<Vec<u8>>,
    keys: Keys,
    typing: Typing,
    wishes: VecDeque<Wish>,
}

/// Who shows the command that is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// The keyboard, on standard output.
    Echoed,
    /// The display: it hears of each change by [`Command::DrawAgain`].
    Displayed,
}

impl Keyboard {
    /// No keyboard: `-nostdin`, `-bg`.
    pub fn none() -> Keyboard {
        Keyboard(None)
    }

    /// Opens the keyboard if there is one, and takes what was typed ahead.
    pub fn open(situation: Situation, typing: Typing) -> Keyboard {
        if !io::stdout().is_terminal() {
            return Keyboard(None);
        }
        let Some(mut input) = input() else { return Keyboard(None) };
        let terminal = Arc::new(Terminal::on_stdin());
        let ahead = typed_ahead(&mut input, terminal.as_ref().as_ref());
        let (outbox, pieces) = unbounded_channel();
        let source = Arc::clone(&terminal);
        let reader = std::thread::Builder::new().name("keyboard".into());
        if reader.spawn(move || read_all(input, source.as_ref().as_ref(), &outbox)).is_err() {
            return Keyboard(None);
        }
        let mut open = Open { terminal, pieces, keys: Keys::default(), typing, wishes: VecDeque::new() };
        open.take(&ahead, situation);
        Keyboard(Some(open))
    }

    /// Whether the keys come from a terminal, whose settings we change.
    pub fn is_terminal(&self) -> bool {
        self.0.as_ref().is_some_and(|open| open.terminal.is_some())
    }

    /// What was typed before anybody looked, once.
    pub fn early(&mut self) -> VecDeque<Wish> {
        self.0.as_mut().map_or_else(VecDeque::new, |open| std::mem::take(&mut open.wishes))
    }

    /// Waits for the next wish. Dropping the future loses nothing.
    pub async fn next(&mut self, situation: Situation) -> Wish {
        let Some(open) = &mut self.0 else { return pending().await };
        loop {
            if let Some(wish) = open.wishes.pop_front() {
                return wish;
            }
            match open.pieces.recv().await {
                Some(piece) => open.take(&piece, situation),
                None => pending().await,
            }
        }
    }

    /// Whether a command is being typed.
    pub fn is_typing(&self) -> bool {
        self.line().is_some()
    }

    /// The command that is being typed.
    fn line(&self) -> Option<&[u8]> {
        self.0.as_ref()?.keys.line()
    }

    /// The same with its prompt.
    pub fn typed(&self) -> Option<String> {
        self.line().map(|line| format!("Command: {}", String::from_utf8_lossy(line)))
    }

    /// Stops the process as a job, with the terminal as it was; returns when it goes on.
    pub fn suspend(&self) {
        let terminal = self.0.as_ref().and_then(|open| open.terminal.as_ref().as_ref());
        if let Some(terminal) = terminal {
            terminal.lend();
        }
        stop_as_a_job();
        if let Some(terminal) = terminal {
            terminal.take_again();
        }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        let Some(open) = &self.0 else { return };
        if open.typing == Typing::Echoed && open.keys.line().is_some() {
            show(b"\n");
        }
        if let Some(terminal) = open.terminal.as_ref() {
            terminal.close();
        }
    }
}

impl Open {
    fn take(&mut self, piece: &[u8], situation: Situation) {
        let mut shown = Vec::new();
        self.wishes.extend(self.keys.take(piece, situation, &mut shown));
        match self.typing {
            Typing::Echoed => show(&shown),
            Typing::Displayed if shown.is_empty() => {}
            Typing::Displayed => self.wishes.push_back(Ok(Command::DrawAgain)),
        }
    }
}

/// On the terminal; a terminal that is gone is no reason to stop.
fn show(text: &[u8]) {
    if !text.is_empty() {
        let mut stdout = io::stdout().lock();
        let _ = stdout.write_all(text).and_then(|()| stdout.flush());
    }
}

/// Standard input, if somebody can type on it. Our own descriptor, with the settings that others share left as they are.
fn input() -> Option<File> {
    let descriptor: OwnedFd = io::stdin().as_fd().try_clone_to_owned().ok()?;
    let input = File::from(descriptor);
    let kind = input.metadata().ok()?.file_type();
    (input.is_terminal() || kind.is_fifo() || kind.is_socket()).then_some(input)
}

/// What is there already, without waiting.
fn typed_ahead(input: &mut File, terminal: Option<&Terminal>) -> Vec<u8> {
    let mut piece = [0; 256];
    let is_ours = terminal.is_none_or(|terminal| terminal.claim() == Ground::Fore);
    if !is_ours || !is_readable(input, PollTimeout::ZERO) {
        return Vec::new();
    }
    let length = input.read(&mut piece).unwrap_or(0);
    piece.get(..length).unwrap_or_default().to_vec()
}

/// Reads to the end of the input, or of the run. In the background it touches nothing.
fn read_all(mut input: File, terminal: Option<&Terminal>, pieces: &UnboundedSender<Vec<u8>>) {
    // A read that comes too late for the foreground fails instead of stopping the process.
    let _ = SigSet::from(Signal::SIGTTIN).thread_block();
    let mut piece = [0; 256];
    while !pieces.is_closed() {
        if terminal.is_some_and(|terminal| terminal.claim() == Ground::Back) {
            std::thread::park_timeout(Duration::from_millis(LOOK_AGAIN_MS.into()));
            continue;
        }
        if !is_readable(&input, PollTimeout::from(LOOK_AGAIN_MS)) {
            continue;
        }
        if terminal.is_some_and(|terminal| terminal.claim() == Ground::Back) {
            continue;
        }
        match input.read(&mut piece) {
            Ok(0) => return,
            Ok(length) => {
                let _ = pieces.send(piece.get(..length).unwrap_or_default().to_vec());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // We lost the foreground just now; or the terminal is gone.
            Err(_) if terminal.is_some_and(|terminal| terminal.claim() == Ground::Back) => {}
            Err(_) => return,
        }
    }
}

/// Whether a read would return at once.
fn is_readable(input: &File, timeout: PollTimeout) -> bool {
    poll(&mut [PollFd::new(input.as_fd(), PollFlags::POLLIN)], timeout).is_ok_and(|count| count > 0)
}
