//! Names and sizes of logs with a limit: outputs.md §12.

use std::fs;

use tempfile::TempDir;

use super::*;

/// A log of the messages in a folder of its own, opened in second 100.
struct Log {
    folder: TempDir,
    log: LimitedLog,
}

impl Log {
    fn with(limit: Limit, given: Option<&str>) -> Log {
        let folder = tempfile::tempdir().unwrap();
        let names = |pid| Names::for_builtin(folder.path().join("uac").to_str().unwrap(), pid);
        let given = given.map(|name| folder.path().join(name));
        let file = LogFile::resolve(&names(7), Kind::Messages, given.as_deref(), Some(false));
        fs::write(&file.path, "0123456789").unwrap();
        let rotation = Rotation { at_start: names(7), later: names(8), limit };
        let log = LimitedLog::new(file.open().unwrap(), Kind::Messages, rotation, 100);
        Log { folder, log }
    }

    fn write(&mut self, record: &str, now: i64) {
        self.log.write(record.as_bytes(), now).unwrap();
        self.log.flush().unwrap();
    }

    fn files(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.folder.path()).unwrap().map(Result::unwrap);
        let mut files: Vec<_> = entries
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read_to_string(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    fn holds(&self, files: &[(&str, &str)]) {
        let mut wanted: Vec<_> =
            files.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        wanted.sort();
        assert_eq!(self.files(), wanted);
    }
}

/// The old name has the second in which that file was opened, then a number; N old ones are kept; the first file, of the process before
/// `-bg`, has other names than those after it. What was there at the start of an appended file is not counted.
#[test]
fn a_full_log_is_renamed_and_the_oldest_goes() {
    let mut log = Log::with(Limit::Ring { bytes: 4, files: 2 }, None);
    log.write("abcd", 101);
    log.holds(&[("uac_7_messages.log", "0123456789abcd")]);
    log.write("e", 102);
    log.holds(&[("uac_8_messages_100.log", "0123456789abcde"), ("uac_8_messages.log", "")]);
    log.write("fffff", 102);
    log.write("ggggg", 102);
    log.holds(&[
        ("uac_8_messages_102.log", "fffff"),
        ("uac_8_messages_102.1.log", "ggggg"),
        ("uac_8_messages.log", ""),
    ]);
    log.write("h", 103);
    log.write("iiiiiiiii", 109);
    log.holds(&[
        ("uac_8_messages_102.1.log", "ggggg"),
        ("uac_8_messages_102.2.log", "hiiiiiiiii"),
        ("uac_8_messages.log", ""),
    ]);
}

/// A given name stays the current one; old ones are named as always.
#[test]
fn a_given_name_is_used_again() {
    let mut log = Log::with(Limit::Ring { bytes: 1, files: 1 }, Some("x"));
    log.write("ab", 101);
    log.write("c", 101);
    log.holds(&[("uac_8_messages_100.log", "0123456789ab"), ("x", "c")]);
}

#[test]
fn without_old_files_the_log_begins_anew() {
    let mut log = Log::with(Limit::Ring { bytes: 1, files: 0 }, None);
    log.write("ab", 101);
    log.write("c", 101);
    // The first file is of the process before `-bg`.
    log.holds(&[("uac_7_messages.log", "0123456789ab"), ("uac_8_messages.log", "c")]);
}

#[test]
fn the_record_that_crosses_the_total_is_the_last_and_complete() {
    let mut log = Log::with(Limit::Total { bytes: 3 }, None);
    for record in ["ab", "cd", "ef"] {
        log.write(record, 101);
    }
    log.holds(&[("uac_7_messages.log", "0123456789abcd")]);
    assert!(matches!(log.log.state, State::Closed));
}
