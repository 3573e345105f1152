//! A terminal with somebody in front of it: a pseudoterminal, what was written on it, what it shows of that, and its settings.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

use crate::program::{Ended, Program, Running, rsipp_in_session};

const DEADLINE: Duration = Duration::from_secs(30);

/// The terminal.
pub struct Terminal {
    keyboard: File,
    /// As the program has it; held, so that the settings can be looked at when the program is gone.
    line: Option<File>,
    screen: Arc<(Mutex<Screen>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

/// What has been written on it.
struct Screen {
    said: Vec<u8>,
    emulator: vt100::Parser,
}

impl Screen {
    fn said(&self) -> String {
        String::from_utf8_lossy(&self.said).into_owned()
    }
}

/// How the other screen is entered and left: what is written in between does not stay.
const ENTER: &str = "\x1b[?1049h";
const LEAVE: &str = "\x1b[?1049l";

/// What stays on the terminal when the program is gone.
fn what_stays(said: &str) -> String {
    let mut pieces = said.split(ENTER);
    let before = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(before, |stays, piece| stays + piece.split_once(LEAVE).map_or("", |(_, behind)| behind))
}

impl Terminal {
    /// One that takes no more once the system's buffer is full.
    pub fn that_nobody_reads() -> Terminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let name = std::ffi::OsStr::from_bytes(name.as_bytes());
        let line =
            OpenOptions::new().read(true).write(true).custom_flags(libc_o_noctty()).open(name).unwrap();
        let keyboard = File::from(master);
        let emulator = vt100::Parser::new(24, 80, 0);
        let screen = Arc::new((Mutex::new(Screen { said: Vec::new(), emulator }), Condvar::new()));
        let terminal = Terminal { keyboard, line: Some(line), screen, reader: None };
        terminal.resize(80, 24);
        terminal
    }

    pub fn new() -> Terminal {
        let mut terminal = Terminal::that_nobody_reads();
        let mut output = terminal.keyboard.try_clone().unwrap();
        let shared = Arc::clone(&terminal.screen);
        let reader = std::thread::spawn(move || {
            let mut piece = [0; 4_096];
            // Ends with an error when nobody has the other side any more.
            while let Ok(length @ 1..) = output.read(&mut piece) {
                let mut screen = shared.0.lock().unwrap();
                screen.said.extend_from_slice(&piece[..length]);
                screen.emulator.process(&piece[..length]);
                drop(screen);
                shared.1.notify_all();
            }
        });
        terminal.reader = Some(reader);
        terminal
    }

    /// Gives it another size, and lets the program know.
    pub fn resize(&self, columns: u16, lines: u16) {
        self.screen.0.lock().unwrap().emulator.screen_mut().set_size(lines, columns);
        let size = Winsize { ws_col: columns, ws_row: lines, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(self.line(), size).unwrap();
    }

    fn line(&self) -> &File {
        self.line.as_ref().unwrap()
    }

    /// Runs rsipp on it.
    pub fn rsipp(&self, arguments: &str) -> Program {
        self.attach(rsipp_in_session(arguments))
    }

    /// Gives the program this terminal.
    pub fn attach(&self, program: Program) -> Program {
        self.attach_screen(program.stdin(self.line().try_clone().unwrap()))
    }

    /// Gives the program this terminal's screen, but not its keyboard.
    pub fn attach_screen(&self, program: Program) -> Program {
        program.stdout(self.line().try_clone().unwrap()).variable("TERM", "xterm")
    }

    /// Gives the program this terminal for its stderr alone.
    pub fn attach_errors(&self, program: Program) -> Program {
        program.stderr(self.line().try_clone().unwrap())
    }

    /// Types.
    pub fn types(&self, text: &str) {
        (&self.keyboard).write_all(text.as_bytes()).unwrap();
    }

    /// What has been written on it so far.
    pub fn said(&self) -> String {
        self.screen.0.lock().unwrap().said()
    }

    /// What can be seen on it now.
    pub fn picture(&self) -> String {
        self.screen.0.lock().unwrap().emulator.screen().contents()
    }

    /// Whether the screen for full-screen programs is up, or the cursor hidden.
    pub fn is_taken(&self) -> bool {
        let screen = self.screen.0.lock().unwrap();
        screen.emulator.screen().alternate_screen() || screen.emulator.screen().hide_cursor()
    }

    /// Waits until this has been written on it.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.waits_until(&format!("{text:?} was written"), |screen| screen.said().contains(text));
    }

    /// Waits until all this can be seen at one time.
    #[track_caller]
    pub fn displays(&self, texts: &[&str]) {
        self.waits_until(&format!("{texts:?} could be seen"), |screen| {
            let picture = screen.emulator.screen().contents();
            texts.iter().all(|text| picture.contains(text))
        });
    }

    /// Waits until there is something in this line, from 1, and in none below it.
    #[track_caller]
    pub fn displays_lines(&self, count: usize) {
        let is_so = |screen: &Screen| screen.emulator.screen().contents().lines().count() == count;
        self.waits_until(&format!("{count} lines could be seen"), is_so);
    }

    /// Waits until this cannot be seen any more.
    #[track_caller]
    pub fn displays_no_more(&self, text: &str) {
        let gone = |screen: &Screen| !screen.emulator.screen().contents().contains(text);
        self.waits_until(&format!("{text:?} was gone"), gone);
    }

    #[track_caller]
    fn waits_until(&self, what: &str, is_so: impl Fn(&Screen) -> bool) {
        let screen = self.screen.0.lock().unwrap();
        let (screen, timeout) =
            self.screen.1.wait_timeout_while(screen, DEADLINE, |screen| !is_so(screen)).unwrap();
        let shown = screen.emulator.screen().contents();
        drop(screen);
        assert!(!timeout.timed_out(), "waited in vain until {what}; the terminal shows:\n{shown}");
    }

    /// All settings, in a form that can be compared.
    pub fn settings(&self) -> String {
        format!("{:?}", tcgetattr(self.line()).unwrap())
    }

    /// Whether it gives single keys and does not echo them.
    pub fn gives_keys(&self) -> bool {
        let modes = tcgetattr(self.line()).unwrap().local_modes;
        !modes.intersects(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Waits until the program reads single keys, or does not any more.
    #[track_caller]
    pub fn waits_for_keys(&self, wanted: bool) {
        let until = Instant::now() + DEADLINE;
        while self.gives_keys() != wanted {
            assert!(Instant::now() < until, "the terminal still has {}", self.settings());
            std::thread::yield_now();
        }
    }

    /// Odd settings, to see whether they come back.
    pub fn set_oddly(&self) {
        let mut odd = tcgetattr(self.line()).unwrap();
        odd.local_modes.remove(LocalModes::ECHOE);
        odd.special_codes[rustix::termios::SpecialCodeIndex::VMIN] = 7;
        tcsetattr(self.line(), OptionalActions::Now, &odd).unwrap();
    }

    /// Waits for the end of a program on this terminal, with all that stays of what it wrote there as its stdout.
    #[track_caller]
    pub fn wait(&self, running: Running) -> Ended {
        let mut ended = running.wait();
        // What the program wrote comes before what we write now.
        let mark = "<end of the program>";
        self.line().write_all(mark.as_bytes()).unwrap();
        self.shows(mark);
        assert!(!self.is_taken(), "the terminal is not as it was");
        ended.stdout = what_stays(&self.said());
        ended
    }
}

fn libc_o_noctty() -> i32 {
    OpenptFlags::NOCTTY.bits() as i32
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.line = None;
        // The reader ends when the program is gone too, which the test sees to; a failing one does not wait for that.
        if let Some(reader) = self.reader.take().filter(|_| !std::thread::panicking()) {
            let _ = reader.join();
        }
        if std::thread::panicking() {
            eprintln!("\n=== the terminal shows\n{}", self.picture());
        }
    }
}
