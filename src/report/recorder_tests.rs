//! Whole ways from a worker's call to the bytes on disk.

use std::fs;
use std::path::Path;
use std::thread;

use super::*;

/// Stamps start at 2026-11-21T23:50:19.000000Z.
const MOMENTS: Moments = Moments {
    clock: WallClock { epoch_micros_at_zero: 1_795_305_019_000_000, utc_offset_seconds: 0 },
    style: StampStyle::Tabbed,
};

const FIRST_STAMP: &str = "2026-11-21\t23:50:19.000001\t1795305019.000001";

fn file(folder: &Path, name: &str) -> LogFile {
    LogFile { path: folder.join(name), append: false }
}

fn all_on(folder: &Path) -> (Writer, Recorder) {
    let open = OpenTraces::create(Some(&file(folder, "logs")), Some(&file(folder, "messages"))).unwrap();
    open.start(Some(file(folder, "errors")), MOMENTS).unwrap()
}

fn tick(micros: u64) -> Tick {
    Tick::from_micros(micros)
}

/// outputs.md §7, §9, §10: each record in its file, in order.
#[test]
fn records_reach_their_files_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, recorder) = all_on(folder.path());
    assert!(recorder.traces_messages());
    recorder.sent(tick(1), "UDP", b"A");
    recorder.received(tick(2), "UDP", b"B");
    recorder.unexpected("UDP", b"B");
    recorder.log(b"one");
    recorder.log(b"two");
    recorder.warning(tick(1), b"first\n'");
    recorder.warning(tick(1), b"second");
    let finished = writer.finish();

    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let hyphens = "-".repeat(47);
    assert_eq!(
        read("messages"),
        format!(
            "{hyphens} 2026-11-21T23:50:19.000001Z\nUDP message sent [1] bytes:\n\nA\n\
             {hyphens} 2026-11-21T23:50:19.000002Z\nUDP message received [1] bytes:\n\nB\n\
             {hyphens}\nUnexpected UDP message received:\n\nB\n"
        )
    );
    assert_eq!(read("logs"), "one\ntwo\n");
    assert_eq!(
        read("errors"),
        format!("The following events occurred:\n{FIRST_STAMP}: first\n'\n{FIRST_STAMP}: second\n")
    );
    assert_eq!(finished.failure, None);
    let errors = folder.path().join("errors");
    assert_eq!(
        String::from_utf8(finished.warnings.exit_report()).unwrap(),
        format!("{FIRST_STAMP}: second\nThere were more errors, see '{}' file\n", errors.display())
    );
}

/// outputs.md §2: messages and logs exist from the start, the errors log only after an event.
#[test]
fn a_run_without_events_leaves_empty_traces_and_no_errors_log() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, _recorder) = all_on(folder.path());
    assert_eq!(writer.finish(), Finished { warnings: Warnings::default(), failure: None });
    assert_eq!(fs::read(folder.path().join("messages")).unwrap(), b"");
    assert_eq!(fs::read(folder.path().join("logs")).unwrap(), b"");
    assert!(!folder.path().join("errors").exists());
}

/// outputs.md §16.2: without `-trace_err` the last warning is remembered all the same.
#[test]
fn without_files_there_is_no_thread_but_the_last_warning_is_kept() {
    let (writer, recorder) = OpenTraces::default().start(None, MOMENTS).unwrap();
    assert!(matches!(writer.thread, Thread::NotNeeded(_)));
    recorder.sent(tick(1), "UDP", b"A");
    recorder.log(b"nobody reads this");
    recorder.warning(tick(9), b"early");
    recorder.clone().warning(tick(1), b"late\0hidden");
    assert_eq!(
        String::from_utf8(writer.finish().warnings.exit_report()).unwrap(),
        format!("{FIRST_STAMP}: late\nThere were more errors, enable -trace_err to log them.\n")
    );
}

/// outputs.md §9: 32767 bytes of text, stamp on top.
#[test]
fn a_long_warning_is_cut_in_the_file_and_at_exit() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, recorder) = all_on(folder.path());
    recorder.warning(tick(1), &[b'x'; 40_000]);
    let report = writer.finish().warnings.exit_report();
    let record = FIRST_STAMP.len() + 2 + 32_767 + 1;
    assert_eq!(report.len(), record);
    let first_line = "The following events occurred:\n".len();
    assert_eq!(fs::read(folder.path().join("errors")).unwrap().len(), first_line + record);
}

/// outputs.md §2: a start-up file that cannot be created.
#[test]
fn a_start_up_file_that_cannot_be_created_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let missing = file(folder.path(), "no/messages");
    let failure = OpenTraces::create(None, Some(&missing)).unwrap_err();
    assert_eq!(failure.to_string(), format!("Unable to create '{}'", missing.path.display()));
}

/// outputs.md §2: the errors log fails at its first event; the warning is not lost.
#[test]
fn an_errors_log_that_cannot_be_created_breaks_the_recorder_at_the_first_warning() {
    let folder = tempfile::tempdir().unwrap();
    let missing = file(folder.path(), "no/errors");
    let (writer, recorder) = OpenTraces::default().start(Some(missing.clone()), MOMENTS).unwrap();
    assert!(!recorder.is_broken());
    recorder.warning(tick(1), b"lost call");
    let finished = writer.finish();
    assert!(recorder.is_broken());
    assert_eq!(
        finished.failure.unwrap().to_string(),
        format!("Unable to create '{}': No such file or directory.", missing.path.display())
    );
    assert_eq!(finished.warnings.exit_report(), format!("{FIRST_STAMP}: lost call\n").into_bytes());
    assert_eq!(finished.warnings.file, None);
}

/// design.md: a full disk drops nothing silently, and does not stop the other traces.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_and_the_other_traces_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let full = LogFile { path: "/dev/full".into(), append: true };
    let open = OpenTraces::create(Some(&file(folder.path(), "logs")), Some(&full)).unwrap();
    let (writer, recorder) = open.start(None, MOMENTS).unwrap();
    recorder.sent(tick(1), "UDP", &[b'x'; 200_000]);
    recorder.log(b"still here");
    assert_eq!(
        writer.finish().failure.unwrap().to_string(),
        "Unable to write to '/dev/full': No space left on device."
    );
    assert_eq!(fs::read(folder.path().join("logs")).unwrap(), b"still here\n");
}

/// Nothing is dropped, whoever records, even when the writer is only dropped.
#[test]
fn records_of_many_workers_are_all_written() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, recorder) = all_on(folder.path());
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let recorder = recorder.clone();
            thread::spawn(move || (0..1_000).for_each(|n| recorder.log(format!("{worker} {n}").as_bytes())))
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    drop(writer);
    let logs = fs::read_to_string(folder.path().join("logs")).unwrap();
    for worker in 0..4 {
        let of_worker = logs.lines().filter_map(|line| line.strip_prefix(&format!("{worker} ")));
        assert!(of_worker.eq((0..1_000).map(|n| n.to_string())), "worker {worker}");
    }
}

/// outputs.md §2: usable with `tail -f`: a record is visible while the run goes on.
#[test]
fn a_record_is_visible_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, recorder) = all_on(folder.path());
    recorder.log(b"now");
    let path = folder.path().join("logs");
    let visible = (0..10_000_000).any(|_| {
        thread::yield_now();
        fs::read(&path).unwrap() == b"now\n"
    });
    assert!(visible);
    drop(writer);
}

/// cli.md §14, `trace`: on at run time, off, and on again at the end of the same file; nothing of the time between.
#[test]
fn a_trace_can_be_switched_on_and_off_and_goes_on_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("messages"), "from an earlier run").unwrap();
    let (mut writer, recorder) = OpenTraces::default().start(None, MOMENTS).unwrap();
    for (kind, name) in [(Kind::Messages, "messages"), (Kind::Logs, "logs"), (Kind::Errors, "errors")] {
        for round in ["one", "two"] {
            writer.open(kind, file(folder.path(), name)).unwrap();
            writer.open(kind, file(folder.path(), "opened twice")).unwrap();
            assert_eq!(recorder.traces_messages(), kind == Kind::Messages);
            recorder.sent(tick(1), "UDP", round.as_bytes());
            recorder.log(round.as_bytes());
            recorder.warning(tick(1), round.as_bytes());
            writer.close(kind);
            recorder.sent(tick(1), "UDP", b"between");
            recorder.log(b"between");
            recorder.warning(tick(1), b"between");
        }
    }
    let finished = writer.finish();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let message = |text: &str| {
        let rule = "-".repeat(47);
        format!("{rule} 2026-11-21T23:50:19.000001Z\nUDP message sent [3] bytes:\n\n{text}\n")
    };
    assert_eq!(read("messages"), message("one") + &message("two"));
    assert_eq!(read("logs"), "one\ntwo\n");
    // Each time it is opened it begins with its title (sipp 3.6.1).
    let events = |text: &str| format!("The following events occurred:\n{FIRST_STAMP}: {text}\n");
    assert_eq!(read("errors"), events("one") + &events("two"));
    assert_eq!(finished.failure, None);
    assert_eq!(finished.warnings.file, Some(folder.path().join("errors")), "where the others are");
    assert!(!folder.path().join("opened twice").exists());
}

/// A trace of the start-up is kept when it is switched off and on.
#[test]
fn a_trace_of_the_start_up_goes_on_in_its_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, recorder) = all_on(folder.path());
    recorder.log(b"one");
    writer.close(Kind::Logs);
    writer.open(Kind::Logs, file(folder.path(), "logs")).unwrap();
    recorder.log(b"two");
    writer.finish();
    assert_eq!(fs::read_to_string(folder.path().join("logs")).unwrap(), "one\ntwo\n");
}

/// cli.md §14: nothing that a command asks for is fatal.
#[test]
fn a_trace_whose_file_cannot_be_created_stays_off_and_breaks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, recorder) = OpenTraces::default().start(None, MOMENTS).unwrap();
    let missing = file(folder.path(), "no/messages");
    let failure = writer.open(Kind::Messages, missing.clone()).unwrap_err();
    assert_eq!(failure.to_string(), format!("Unable to create '{}'", missing.path.display()));
    assert!(!recorder.traces_messages() && !recorder.is_broken());
    assert_eq!(writer.finish().failure, None);
}
