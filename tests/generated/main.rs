//! Files that are made from the option records and checked in: the man page and the completions.
//!
//! | file | what |
//! |---|---|
//! | `man_page.rs` | `man/rsipp.1`, by clap_mangen |
//! | `completions.rs` | `man/completions/`, by clap_complete, for bash, zsh and fish |
//!
//! The tests fail when a file is stale. `RSIPP_BLESS=1 cargo test --test generated` writes them anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test a panic is a failure")]

mod completions;
mod man_page;

use std::path::{Path, PathBuf};

/// A checked-in file.
fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a checked-in file with what it should be, or writes it when `RSIPP_BLESS` is set.
#[track_caller]
fn check(path: &str, wanted: &str) {
    let file = in_repository(path);
    if std::env::var_os("RSIPP_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("make the folder");
        std::fs::write(&file, wanted).expect("write the file");
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    if found != wanted {
        let diff = similar::TextDiff::from_lines(found.as_str(), wanted);
        let diff = diff.unified_diff().context_radius(1).to_string();
        panic!("{path} is stale; run: RSIPP_BLESS=1 cargo test --test generated\n{diff}");
    }
}
