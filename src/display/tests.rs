//! The display on a pseudoterminal.

use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Action, Winsize, tcflow, tcsetwinsize};

use super::*;
use crate::report::screen::Screen;

/// A terminal and the side of whoever looks at it.
fn terminal() -> (File, File) {
    let seen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&seen).unwrap();
    unlockpt(&seen).unwrap();
    let name = ptsname(&seen, Vec::new()).unwrap();
    let name = std::ffi::OsStr::from_bytes(name.as_bytes());
    let line = File::options().read(true).write(true).open(name).unwrap();
    (line, seen.into())
}

fn page(title: &str) -> Page {
    let body = vec!["the body".to_owned()];
    Page { screen: Screen::Scenario, title: title.into(), body, notes: Vec::new(), footer: "the end".into() }
}

/// Reads until something has been written.
fn read_until(seen: &mut File, text: &str) -> String {
    let mut all = Vec::new();
    let mut piece = [0; 4_096];
    while !String::from_utf8_lossy(&all).contains(text) {
        let length = seen.read(&mut piece).unwrap();
        all.extend_from_slice(&piece[..length]);
    }
    String::from_utf8(all).unwrap()
}

const ENTER: &str = "\x1b[?1049h";
const LEAVE: &str = "\x1b[?1049l";

#[test]
fn nothing_is_written_before_the_first_page() {
    let (mut line, mut seen) = terminal();
    let display = Display::on(line.try_clone().unwrap()).unwrap();
    display.type_line(Some("Command: ".into()));
    display.scroll(Scroll::End);
    assert_eq!(display.close(), Left::InOrder);
    line.write_all(b"mark").unwrap();
    assert_eq!(read_until(&mut seen, "mark"), "mark");
}

#[test]
fn a_display_that_is_lent_leaves_the_screen_and_comes_back_with_all_of_it() {
    let (line, mut seen) = terminal();
    let display = Display::on(line).unwrap();
    display.show(page("one"));
    assert!(read_until(&mut seen, "the end").contains(ENTER));
    assert_eq!(display.lend(), Left::InOrder);
    display.show(page("two"));
    read_until(&mut seen, LEAVE);
    display.take_again();
    let shown = read_until(&mut seen, "the end");
    assert!(shown.contains(ENTER) && shown.contains("two") && shown.contains("body"), "{shown:?}");
    drop(display);
    read_until(&mut seen, LEAVE);
}

#[test]
fn only_what_is_new_is_written_until_the_size_changes() {
    let (line, mut seen) = terminal();
    let size = |ws_col| Winsize { ws_col, ws_row: 12, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&line, size(40)).unwrap();
    let display = Display::on(line.try_clone().unwrap()).unwrap();
    display.show(page("one"));
    read_until(&mut seen, "the end");
    display.show(page("two"));
    assert!(!read_until(&mut seen, "two").contains("body"));
    tcsetwinsize(&line, size(20)).unwrap();
    display.type_line(None);
    assert!(read_until(&mut seen, "the end").contains("body"));
}

/// The size is whatever somebody has set; a picture of that size would take all memory.
#[test]
fn a_terminal_may_claim_to_be_of_any_size() {
    let (line, mut seen) = terminal();
    tcsetwinsize(&line, Winsize { ws_col: 65_535, ws_row: 65_535, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let display = Display::on(line).unwrap();
    display.show(page("one"));
    assert!(read_until(&mut seen, "the end").contains("body"));
}

/// What a panicking thread says must stay to be read.
#[test]
fn a_panic_leaves_the_screen() {
    let (line, mut seen) = terminal();
    let display = Display::on(line).unwrap();
    display.leave_on_panic();
    display.show(page("one"));
    read_until(&mut seen, "the end");
    let panicked = thread::spawn(|| panic!("for the test")).join();
    assert!(panicked.is_err());
    assert!(read_until(&mut seen, LEAVE).contains("\x1b[?25h"), "with the cursor");
    // Pages that come later are not drawn.
    display.show(page("two"));
    assert_eq!(display.close(), Left::InOrder);
}

/// Ctrl-S: neither pages nor the end are waited for, and the end only once.
#[test]
#[allow(clippy::disallowed_methods, reason = "a test may look at the clock")]
fn a_terminal_that_takes_nothing_is_given_up() {
    let (line, mut seen) = terminal();
    let display = Display::on(line.try_clone().unwrap()).unwrap();
    display.show(page("one"));
    read_until(&mut seen, "the end");
    tcflow(&line, Action::OOff).unwrap();
    let begin = std::time::Instant::now();
    for _ in 0..1_000 {
        display.show(page("two"));
    }
    assert!(begin.elapsed() < LEAVE_WITHIN / 2, "{:?}", begin.elapsed());
    assert_eq!(display.close(), Left::Stuck);
    drop(display);
    let took = begin.elapsed();
    assert!(took >= LEAVE_WITHIN && took < 2 * LEAVE_WITHIN, "{took:?}");
    tcflow(&line, Action::OOn).unwrap();
    read_until(&mut seen, LEAVE);
}

#[test]
fn a_terminal_that_is_gone_is_left_at_once() {
    let (line, mut seen) = terminal();
    let display = Display::on(line).unwrap();
    display.show(page("one"));
    read_until(&mut seen, "the end");
    drop(seen);
    display.show(page("two"));
    assert_eq!(display.close(), Left::InOrder);
}
