//! A terminal with somebody in front of it: a pseudoterminal, what was written on it, and its settings.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::program::{Ended, Program, Running, rsipp_in_session};

const DEADLINE: Duration = Duration::from_secs(30);

/// The terminal.
pub struct Terminal {
    keyboard: File,
    /// As the program has it; held, so that the settings can be looked at when the program is gone.
    line: Option<File>,
    screen: Arc<(Mutex<Vec<u8>>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

impl Terminal {
    pub fn new() -> Terminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let name = std::ffi::OsStr::from_bytes(name.as_bytes());
        let line =
            OpenOptions::new().read(true).write(true).custom_flags(libc_o_noctty()).open(name).unwrap();
        let keyboard = File::from(master);
        let mut output = keyboard.try_clone().unwrap();
        let screen = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let shared = Arc::clone(&screen);
        let reader = std::thread::spawn(move || {
            let mut piece = [0; 4_096];
            // Ends with an error when nobody has the other side any more.
            while let Ok(length @ 1..) = output.read(&mut piece) {
                shared.0.lock().unwrap().extend_from_slice(&piece[..length]);
                shared.1.notify_all();
            }
        });
        Terminal { keyboard, line: Some(line), screen, reader: Some(reader) }
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
        program.stdin(self.line().try_clone().unwrap()).stdout(self.line().try_clone().unwrap())
    }

    /// Gives the program this terminal's screen, but not its keyboard.
    pub fn attach_screen(&self, program: Program) -> Program {
        program.stdout(self.line().try_clone().unwrap())
    }

    /// Types.
    pub fn types(&self, text: &str) {
        (&self.keyboard).write_all(text.as_bytes()).unwrap();
    }

    /// What has been written on it so far.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.screen.0.lock().unwrap()).into_owned()
    }

    /// Waits until this has been written on it.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        let screen = self.screen.0.lock().unwrap();
        let lacks = |screen: &mut Vec<u8>| !String::from_utf8_lossy(screen).contains(text);
        let (screen, timeout) = self.screen.1.wait_timeout_while(screen, DEADLINE, lacks).unwrap();
        let shown = String::from_utf8_lossy(&screen).into_owned();
        drop(screen);
        assert!(!timeout.timed_out(), "waited in vain for {text:?} on the terminal:\n{shown}");
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

    /// Waits for the end of a program on this terminal, with all that it wrote there as its stdout.
    #[track_caller]
    pub fn wait(&self, running: Running) -> Ended {
        let mut ended = running.wait();
        // What the program wrote comes before what we write now.
        let mark = "<end of the program>";
        self.line().write_all(mark.as_bytes()).unwrap();
        self.shows(mark);
        ended.stdout = self.said();
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
            eprintln!("\n=== the terminal shows\n{}", self.said());
        }
    }
}
