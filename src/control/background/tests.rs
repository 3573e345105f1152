//! The rules of cli.md §10.4, in a process of their own: the test starts this test binary again with one test and one
//! thread, and that process splits itself.

use std::path::Path;
use std::process::Command;
use std::thread::yield_now;
use std::time::{Duration, Instant};
use std::{env, fs, process};

use super::*;

/// Names the folder where the child leaves what it saw. Set: we are the process that is to split.
const REPORT: &str = "RSIPP_TEST_SPLIT";

/// cli.md §10.4.
#[test]
fn the_parent_names_the_child_and_ends_and_the_child_goes_on_without_terminal() {
    if let Some(folder) = env::var_os(REPORT) {
        split_and_report(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let parent = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "--test-threads=1"])
        .arg("control::background::tests::the_parent_names_the_child_and_ends_and_the_child_goes_on_without_terminal")
        .env(REPORT, folder.path())
        .output()
        .unwrap();
    assert_eq!(parent.status.code(), Some(99), "{}", String::from_utf8_lossy(&parent.stderr));
    let said = String::from_utf8(parent.stdout).unwrap();
    let seen = wait_for(&folder.path().join("report"));
    let mut lines = seen.lines();
    let pid = lines.next().unwrap();
    assert!(said.contains(&format!("Background mode - PID=[{pid}]\n")), "{said}");
    assert_eq!(said.matches("Background").count(), 1, "the child writes nothing: {said}");
    assert!(lines.all(|line| line == "/dev/null"), "{seen}");
    assert_eq!(seen.lines().count(), 4);
}

/// The content of a file that the child makes in one go.
#[allow(clippy::disallowed_methods)] // A limit against hanging, not a measurement.
fn wait_for(report: &Path) -> String {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        match fs::read_to_string(report) {
            Ok(seen) => return seen,
            Err(error) => assert!(Instant::now() < limit, "no report of the child: {error}"),
        }
        yield_now();
    }
}

/// What the caller of [`split`] does, and then some.
fn split_and_report(folder: &Path) -> ! {
    match split().unwrap() {
        Side::Parent { .. } => process::exit(99),
        Side::Child => {
            println!("Background noise");
            let open = |fd| fs::read_link(format!("/proc/self/fd/{fd}")).unwrap().display().to_string();
            let seen = format!("{}\n{}\n{}\n{}\n", process::id(), open(0), open(1), open(2));
            fs::write(folder.join("draft"), seen).unwrap();
            fs::rename(folder.join("draft"), folder.join("report")).unwrap();
            process::exit(0)
        }
    }
}
