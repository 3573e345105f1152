//! outputs.md §14.1, last Bug: readable at any size.

use super::*;
use crate::report::screen::Screen;

fn page(lines: usize, notes: &[&str]) -> Page {
    Page {
        screen: Screen::Scenario,
        title: "--- Title ---".into(),
        body: (0..lines).map(|line| format!("line {line}")).collect(),
        notes: notes.iter().map(|note| Note::Plain((*note).to_owned())).collect(),
        footer: "--- Footer ---".into(),
    }
}

/// The lines of the picture, without what is blank on the right.
fn lines(picture: &Picture) -> Vec<String> {
    let width = usize::from(picture.cells.area.width.max(1));
    let rows = picture.cells.content().chunks(width);
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned()).collect()
}

fn fitted(page: &Page, size: (u16, u16)) -> Vec<String> {
    lines(&fit(page, None, &mut Window::default(), size))
}

#[test]
fn title_and_footer_frame_the_terminal_and_notes_stand_above_the_footer() {
    for (columns, height) in [(80, 24), (200, 60), (40, 10)] {
        let shown = fitted(&page(4, &["note 1", "note 2"]), (columns, height));
        assert_eq!(shown.len(), usize::from(height));
        assert_eq!(shown[..5], ["--- Title ---", "line 0", "line 1", "line 2", "line 3"]);
        assert_eq!(shown[shown.len() - 3..], ["note 1", "note 2", "--- Footer ---"]);
    }
}

/// 21 lines fit between title, note and footer of 24; blank ones go first.
#[test]
fn blank_lines_go_before_anything_is_hidden() {
    let mut page = page(21, &["note"]);
    page.body.insert(10, String::new());
    page.body.insert(3, String::new());
    page.body.extend([String::new(), String::new()]);
    let shown = fitted(&page, (80, 24));
    assert_eq!((shown[1].as_str(), shown[4].as_str(), shown[21].as_str()), ("line 0", "line 3", "line 20"));
    assert_eq!(shown[22], "note");
    assert_eq!(fitted(&page, (80, 26))[4], "", "there is room for all of it");
}

#[test]
fn a_longer_page_says_so_and_scrolls_within_its_ends() {
    let (page, mut window) = (page(100, &[]), Window::default());
    let mut after = |by: Option<Scroll>| {
        by.into_iter().for_each(|by| window.scroll(by));
        let shown = lines(&fit(&page, None, &mut window, (80, 24)));
        assert_eq!((shown[0].as_str(), shown[23].as_str()), ("--- Title ---", "--- Footer ---"));
        (shown[1].clone(), shown[21].clone(), shown[22].clone())
    };
    let expected = |first: usize| {
        let mark =
            format!("--- lines {}-{} of 100: arrow keys, PgUp, PgDn, Home, End ---", first + 1, first + 21);
        (format!("line {first}"), format!("line {}", first + 20), mark)
    };
    for (by, first) in [
        (None, 0),
        (Some(Scroll::Lines(-1)), 0),
        (Some(Scroll::Lines(1)), 1),
        (Some(Scroll::Pages(1)), 22),
        (Some(Scroll::Pages(-1)), 1),
        (Some(Scroll::End), 79),
        (Some(Scroll::Pages(1)), 79),
        (Some(Scroll::Lines(-2)), 77),
        (Some(Scroll::Top), 0),
    ] {
        assert_eq!(after(by), expected(first), "{by:?}");
    }
}

#[test]
fn a_larger_terminal_shows_the_end_again_without_blanks_below() {
    let (page, mut window) = (page(30, &[]), Window::default());
    window.scroll(Scroll::End);
    assert_eq!(lines(&fit(&page, None, &mut window, (80, 12)))[1], "line 21");
    assert_eq!(lines(&fit(&page, None, &mut window, (80, 60)))[1], "line 0");
}

/// A scenario may name its methods and texts in any script.
#[test]
fn a_line_that_is_cut_is_marked() {
    let mut page = page(0, &[]);
    page.body = vec!["0123456789".into(), "0123456789a".into(), "ああああああ".into()];
    let shown = fitted(&page, (10, 10));
    assert_eq!(shown[1..4], ["0123456789", "012345678>", "あ あ あ あ  >"]);
    assert_eq!(shown[0], "--- Title>");
}

/// outputs.md §15.9, below the footer; of a long one the end, where the cursor is.
#[test]
fn the_command_being_typed_is_the_last_line() {
    let page = page(100, &["note"]);
    let picture = fit(&page, Some("Command: set rate 7"), &mut Window::default(), (40, 10));
    let shown = lines(&picture);
    assert_eq!(shown[7..], ["note", "--- Footer ---", "Command: set rate 7"]);
    assert_eq!(picture.cursor, Some((19, 9)));
    let picture = fit(&page, Some("Command: set rate 7"), &mut Window::default(), (10, 10));
    assert_eq!((lines(&picture)[9].as_str(), picture.cursor), ("et rate 7", Some((9, 9))));
}

/// The footer stays longest; nothing of it must fail.
#[test]
fn no_terminal_is_too_small() {
    let page = page(100, &["note 1", "note 2", "note 3"]);
    for (columns, height) in (0..12).flat_map(|columns| (0..12).map(move |height| (columns, height))) {
        for typed in [None, Some("Command: あ")] {
            let mut window = Window::default();
            window.scroll(Scroll::End);
            let shown = lines(&fit(&page, typed, &mut window, (columns, height)));
            if typed.is_none() && height > 0 && columns == 11 {
                assert_eq!(shown[usize::from(height) - 1], "--- Footer>");
            }
        }
    }
    assert_eq!(fitted(&page, (40, 1)), ["--- Footer ---"]);
    assert_eq!(fitted(&page, (40, 3)), ["--- Title ---", "line 0", "--- Footer ---"]);
}
