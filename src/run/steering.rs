//! What users and other programs want of a running test: signals, keys and the remote control, and what becomes of it outside the
//! engine.
//! Spec: cli.md §10, §13-§15; outputs.md §17, §18. In: wishes. Out: orders for the workers, the view, traces switched. Must not
//! know calls.

use std::collections::VecDeque;

use super::live::Live;
use super::side::Common;
use super::{Stop, traces};
use crate::cli::{Exit, Options};
use crate::control::keyboard::{Keyboard, Typing};
use crate::control::language::{Load, Situation};
use crate::control::remote::{NoRemote, Remote};
use crate::control::signals::{Deadly, Held, Listen, Signals};
use crate::control::view::View;
use crate::control::{Command, Traced, Wish};
use crate::display::{Display, Left};
use crate::report::log_file::LogFile;
use crate::report::recorder::{Recorder, Writer};
use crate::report::screen::Screen;
use crate::scenario::Part;
use crate::worker::{Clock, Order, Purpose};

/// All that steers a run from outside, and what was chosen with it.
#[derive(Debug)]
pub struct Steering {
    signals: Signals,
    keyboard: Keyboard,
    remote: Remote,
    situation: Situation,
    early: VecDeque<Wish>,
    /// The live screens, on a terminal.
    pub live: Option<Live>,
    /// For the live screens and the final summary.
    pub view: View,
}

/// What the run is to do about a wish.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// It is done.
    Done,
    /// The main side's worker is to do it.
    Tell(Order),
    /// All workers are to do it.
    TellAll(Order),
    /// The screens are to be dumped.
    Dump,
    /// SIGINT, SIGTERM.
    StopNow,
    /// SIGHUP, SIGQUIT.
    Die(Deadly),
}

impl Steering {
    /// Listens to signals and keys from here on, not yet to the remote control. Must be called inside the main thread's runtime,
    /// before anybody can see our port: a signal sent as soon as we answer must find its listener.
    ///
    /// # Errors
    /// The system's.
    pub fn open(held: Held, options: &Options) -> Result<Steering, Stop> {
        let situation = Situation {
            load: if options.load.users.is_some() { Load::Users } else { Load::Rate },
            displays: match (&options.out_of_call, &options.receiving) {
                (None, None) => &[Part::Main],
                (Some(_), None) => &[Part::Main, Part::OutOfCall],
                (None, Some(_)) => &[Part::Main, Part::Receiving],
                (Some(_), Some(_)) => &Part::ALL,
            },
        };
        // In the background standard output is no terminal, so there are neither screens nor a keyboard.
        let live = Live::open();
        let typing = if live.is_some() { Typing::Displayed } else { Typing::Echoed };
        let mut keyboard =
            if options.run.nostdin { Keyboard::none() } else { Keyboard::open(situation, typing) };
        let on_terminal = keyboard.is_terminal() || live.is_some();
        let listen = if on_terminal { Listen::OnTerminal } else { Listen::Basics };
        let mut signals = Signals::listen(held, listen).map_err(|error| Stop::fatal(error.to_string()))?;
        let early = signals.early().into_iter().map(Ok).chain(keyboard.early()).collect();
        let (remote, view) = (Remote::default(), View::default());
        Ok(Steering { signals, keyboard, remote, situation, early, live, view })
    }

    /// Leaves the terminal as it was; None if it had no display.
    pub fn close(self) -> Option<Left> {
        self.live.map(|live| live.display().close())
    }

    /// Binds the remote control. Call it when the SIP sockets are bound: without `-cp` it takes a port that they leave.
    ///
    /// # Errors
    /// The port of `-cp` cannot be had, or the address of `-ci` is none (cli.md §13).
    pub fn open_remote(&mut self, options: &Options, clock: &Clock, recorder: &Recorder) -> Result<(), Stop> {
        let network = &options.network;
        match Remote::open(network.control_ip.as_deref(), network.control_port) {
            Ok(remote) => self.remote = remote,
            Err(no_port @ NoRemote::NoFreePort(_)) => {
                recorder.warning(clock.now(), no_port.to_string().as_bytes());
            }
            Err(fatal) => {
                let exit = if fatal.is_address_in_use() { Exit::PortTaken } else { Exit::Fatal };
                return Err(Stop { text: fatal.to_string().into(), exit });
            }
        }
        Ok(())
    }

    /// Whether a command is being typed.
    pub fn is_typing(&self) -> bool {
        self.keyboard.is_typing()
    }

    /// Waits for the next wish. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Wish {
        tokio::select! {
            biased;
            command = self.signals.next() => Ok(command),
            wish = self.keyboard.next(self.situation) => wish,
            wish = self.remote.next(self.situation) => wish,
        }
    }

    /// Does what was wished for while the run began. What is for the main side's worker it must know before its first call: it shall
    /// open none that it was told not to open.
    pub fn begin(&mut self, common: &Common<'_>, recorder: &Recorder, writer: &mut Writer) -> Vec<Order> {
        let mut orders = Vec::new();
        for wish in std::mem::take(&mut self.early) {
            match self.act(wish, common, recorder, writer) {
                Move::Tell(order) | Move::TellAll(order) => orders.push(order),
                Move::Dump => orders.push(Order::Show(Purpose::Dump)),
                // Neither keys nor signals that wait end a run at once.
                Move::Done | Move::StopNow | Move::Die(_) => {}
            }
        }
        orders
    }

    /// Does what can be done here. What cannot be done is a warning.
    pub fn act(&mut self, wish: Wish, common: &Common<'_>, recorder: &Recorder, writer: &mut Writer) -> Move {
        let warn = |text: &str| recorder.warning(common.clock.now(), text.as_bytes());
        let command = match wish {
            Ok(command) => command,
            Err(refusal) => {
                warn(&refusal.to_string());
                return Move::Done;
            }
        };
        match command {
            Command::Engine(command) => return Move::Tell(Order::Engine(command)),
            Command::StopNow => return Move::StopNow,
            Command::Die(signal) => return Move::Die(signal),
            Command::Suspend => self.suspend(),
            Command::Scroll(by) => {
                let _ = self.live.as_ref().map(|live| live.display().scroll(by));
            }
            Command::DrawAgain => {
                let _ = self.live.as_ref().map(|live| live.display().type_line(self.keyboard.typed()));
            }
            Command::DumpScreens => return Move::Dump,
            // Without circuits there is no map of them.
            Command::Show(Screen::Circuits) if common.options.call.circuits.is_none() => {}
            Command::Show(screen) => self.view.screen = screen,
            Command::Display(display) => self.view.display = display,
            Command::HonourHide(honours) => self.view.honours_hide = honours,
            Command::Trace(traced, on) => {
                switch(traced, on, common, recorder, writer);
                return Move::TellAll(Order::TraceMessages(recorder.traces_notes()));
            }
        }
        Move::Done
    }

    /// Stops the process as a job; goes on where it was.
    fn suspend(&self) {
        let display = self.live.as_ref().map(Live::display);
        let _ = display.map(Display::lend);
        self.keyboard.suspend();
        let _ = display.map(Display::take_again);
    }
}

/// The command `trace`. A file that cannot be created leaves the trace off.
fn switch(traced: Traced, on: bool, common: &Common<'_>, recorder: &Recorder, writer: &mut Writer) {
    let now = common.clock.now();
    if !on {
        writer.close(traced);
    } else if let Err(failure) = writer.open(now, traced, file_of(traced, common)) {
        recorder.warning(now, failure.to_string().as_bytes());
    }
}

/// The file that the options name. A start-up trace goes on in its own file, which carries the pid of the process that was
/// started (cli.md §10.4); any other that of this process.
fn file_of(traced: Traced, common: &Common<'_>) -> LogFile {
    let trace = &common.options.trace;
    let wanted = match traced {
        Traced::Messages => &trace.messages,
        Traced::ShortMessages => &trace.short_messages,
        Traced::Logs => &trace.logs,
        Traced::Errors => &trace.errors,
    };
    let is_of_start_up = wanted.enabled && traced != Traced::Errors;
    let pid = if is_of_start_up { common.pid } else { std::process::id() };
    traces::file(&traces::names(&common.options.scenario, pid), traced.kind(), wanted)
}
