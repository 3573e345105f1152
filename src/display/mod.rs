//! The live screens: the newest page, drawn on a terminal by a thread of its own.
//! Spec: outputs.md §14, §15.9; cli.md §10.2. In: pages, the command being typed, movements. Out: a terminal that shows them, and is as
//! it was when the display is closed, lent, dropped, or when anything panics. A terminal that takes nothing (Ctrl-S, a dead connection)
//! must hold up nobody: pages that it has no time for are never drawn, and the wait for its restoring has an end.

pub mod fit;
mod tty;

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::panic;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, ThreadId};
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal};

use crate::control::view::Scroll;
use crate::report::page::Page;
use crate::report::progress::is_dumb;
use fit::Window;
use tty::Tty;

/// How long a terminal has to take what puts it in order.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// Whether the terminal is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It is.
    InOrder,
    /// It takes nothing; whoever writes to it now may wait for ever.
    Stuck,
}

/// The display of a run.
#[derive(Debug)]
pub struct Display(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    wanted: Wanted,
    page: Option<Arc<Page>>,
    typed: Option<String>,
    scrolls: Vec<Scroll>,
    /// Something is to be drawn.
    news: bool,
    /// All of it, because others may have written on the screen.
    whole: bool,
    /// The terminal is in order, as far as it is wanted to be.
    is_left: bool,
    /// It was waited for in vain: once is enough.
    is_stuck: bool,
    drawer: Option<ThreadId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wanted {
    #[default]
    Shown,
    /// The job is about to be stopped.
    Lent,
    Closed,
}

impl Display {
    /// The display on standard output, if that can have one. Nothing is drawn before the first page.
    pub fn open() -> Option<Display> {
        if !io::stdout().is_terminal() || is_dumb() {
            return None;
        }
        let file: OwnedFd = io::stdout().as_fd().try_clone_to_owned().ok()?;
        let display = Display::on(file.into())?;
        display.leave_on_panic();
        Some(display)
    }

    fn on(file: File) -> Option<Display> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() });
        let for_thread = Arc::clone(&shared);
        let drawer = thread::Builder::new().name("display".into());
        let drawer = drawer.spawn(move || draw_all(&for_thread, Tty::new(file))).ok()?;
        shared.lock().drawer = Some(drawer.thread().id());
        Some(Display(shared))
    }

    /// Shows a page instead of the one before.
    pub fn show(&self, page: Page) {
        self.change(|state| state.page = Some(Arc::new(page)));
    }

    /// Shows the command that is being typed, with its prompt, or none; and all again, if the terminal has another size.
    pub fn type_line(&self, typed: Option<String>) {
        self.change(|state| state.typed = typed);
    }

    /// Moves the page.
    pub fn scroll(&self, by: Scroll) {
        self.change(|state| state.scrolls.push(by));
    }

    /// Puts the terminal in order until [`take_again`](Display::take_again).
    pub fn lend(&self) -> Left {
        self.0.leave(Wanted::Lent)
    }

    /// Shows the screen again.
    pub fn take_again(&self) {
        self.change(|state| {
            if state.wanted == Wanted::Lent {
                (state.wanted, state.is_left, state.is_stuck, state.whole) =
                    (Wanted::Shown, false, false, true);
            }
        });
    }

    /// Puts the terminal in order for good.
    pub fn close(&self) -> Left {
        self.0.leave(Wanted::Closed)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.0.lock();
        change(&mut state);
        state.news = true;
        drop(state);
        self.0.changed.notify_all();
    }

    /// What a panic says belongs on the screen that stays.
    fn leave_on_panic(&self) {
        let shared: Weak<Shared> = Arc::downgrade(&self.0);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if let Some(shared) = shared.upgrade() {
                shared.leave(Wanted::Closed);
            }
            before(info);
        }));
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, wanted: Wanted) -> Left {
        let mut state = self.lock();
        if state.wanted != Wanted::Closed {
            state.wanted = wanted;
        }
        self.changed.notify_all();
        // The display's own thread puts the terminal in order when it unwinds.
        if state.drawer == Some(thread::current().id()) {
            return Left::InOrder;
        }
        let has_to_wait = |state: &mut State| !state.is_left && !state.is_stuck;
        let waited = self.changed.wait_timeout_while(state, LEAVE_WITHIN, has_to_wait);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_stuck = !state.is_left;
        if state.is_stuck { Left::Stuck } else { Left::InOrder }
    }

    fn has_left(&self) {
        self.lock().is_left = true;
        self.changed.notify_all();
    }
}

/// Sees to it that whoever waits for the end of the thread hears of it.
struct Drawer<'a> {
    shared: &'a Shared,
    tty: Tty,
}

impl Drop for Drawer<'_> {
    fn drop(&mut self) {
        // A terminal that is gone cannot be put in order.
        let _ = self.tty.leave();
        self.shared.lock().wanted = Wanted::Closed;
        self.shared.has_left();
    }
}

/// What the thread is to do next.
enum Task {
    Draw { page: Arc<Page>, typed: Option<String>, scrolls: Vec<Scroll>, whole: bool },
    Leave,
    End,
}

fn draw_all(shared: &Shared, tty: Tty) {
    // A write that comes too late for the foreground must not stop the process.
    let _ = SigSet::from(Signal::SIGTTOU).thread_block();
    let mut drawer = Drawer { shared, tty };
    let mut window = Window::default();
    let mut screen = None;
    loop {
        let done = match shared.next() {
            Task::Draw { page, typed, scrolls, whole } => {
                if screen.replace(page.screen) != Some(page.screen) {
                    window = Window::default();
                }
                scrolls.into_iter().for_each(|by| window.scroll(by));
                if whole {
                    drawer.tty.forget();
                }
                let size = drawer.tty.size();
                drawer.tty.draw(fit::fit(&page, typed.as_deref(), &mut window, size))
            }
            Task::Leave => {
                let done = drawer.tty.leave();
                shared.has_left();
                done
            }
            Task::End => return,
        };
        if done.is_err() {
            return;
        }
    }
}

impl Shared {
    /// Waits for something to do.
    fn next(&self) -> Task {
        let idle = |state: &mut State| match state.wanted {
            Wanted::Shown => !state.news || state.page.is_none(),
            Wanted::Lent => state.is_left,
            Wanted::Closed => false,
        };
        let state = self.changed.wait_while(self.lock(), idle);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        match (state.wanted, &state.page) {
            (Wanted::Shown, Some(page)) => {
                let page = Arc::clone(page);
                state.news = false;
                Task::Draw {
                    page,
                    typed: state.typed.clone(),
                    scrolls: std::mem::take(&mut state.scrolls),
                    whole: std::mem::take(&mut state.whole),
                }
            }
            (Wanted::Lent, _) => Task::Leave,
            (Wanted::Closed | Wanted::Shown, _) => Task::End,
        }
    }
}

#[cfg(test)]
mod tests;
