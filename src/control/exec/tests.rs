//! The rules of actions.md §3.21 for `command`.

use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::thread::yield_now;
use std::time::{Duration, Instant};

use super::*;

/// Starts `text` with `$OUT` standing for a file, waits for its end and returns what it wrote there.
fn output_of(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut commands = Commands::default();
    commands.start(text.replace("$OUT", &out.display().to_string()).as_bytes()).unwrap();
    wait_for_all(&mut commands);
    fs::read_to_string(&out).unwrap()
}

#[allow(clippy::disallowed_methods)] // A limit against hanging, not a measurement.
fn wait_for_all(commands: &mut Commands) {
    let limit = Instant::now() + Duration::from_secs(20);
    while commands.running() > 0 {
        assert!(Instant::now() < limit, "the command does not end");
        commands.reap();
        yield_now();
    }
}

/// actions.md §3.21.
#[test]
fn a_command_is_run_by_the_shell_in_our_directory_and_environment() {
    let here = env::current_dir().unwrap();
    let home = env::var("PATH").unwrap();
    assert_eq!(
        output_of("echo $((6*7)) > $OUT; pwd >> $OUT; printf %s \"$PATH\" >> $OUT"),
        format!("42\n{}\n{home}", here.display())
    );
}

/// actions.md §3.21: detached. The first command cannot end before the second has run.
#[test]
fn several_commands_run_at_once_and_starting_one_does_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display();
    let mut commands = Commands::default();
    commands
        .start(
            format!("mkfifo {at}/pipe; touch {at}/ready; read word < {at}/pipe; echo $word > {at}/out")
                .as_bytes(),
        )
        .unwrap();
    commands
        .start(format!("until test -e {at}/ready; do :; done; echo joined > {at}/pipe").as_bytes())
        .unwrap();
    assert_eq!(commands.running(), 2);
    wait_for_all(&mut commands);
    assert_eq!(fs::read_to_string(folder.path().join("out")).unwrap(), "joined\n");
}

/// actions.md §3.21: an empty command is allowed, an exit status ignored, a broken command the shell's business.
#[test]
fn how_a_command_ends_does_not_matter() {
    let mut commands = Commands::default();
    for text in ["", "exit 3", "kill -9 $$"] {
        commands.start(text.as_bytes()).unwrap();
    }
    wait_for_all(&mut commands);
}

#[test]
fn an_ended_command_leaves_no_zombie() {
    let mut commands = Commands::default();
    commands.start(b":").unwrap();
    let pid = commands.running[0];
    wait_for_all(&mut commands);
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn a_nul_in_a_command_is_refused_instead_of_running_half_of_it() {
    let refusal = Commands::default().start(b"echo a\0b").unwrap_err();
    assert_eq!(refusal.kind(), io::ErrorKind::InvalidInput);
}

/// actions.md §3.21: SIGPIPE is ignored in the child (bit 12 of the mask).
#[test]
fn a_command_inherits_sigpipe_as_ignored() {
    let status = output_of("cat /proc/self/status > $OUT");
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    assert_ne!(u64::from_str_radix(mask.trim(), 16).unwrap() & 1 << (libc::SIGPIPE - 1), 0);
}

/// cli.md §10.5: a command that runs on does not keep our ports busy.
#[test]
#[allow(clippy::disallowed_methods)] // Any socket of this process will do.
fn a_command_inherits_neither_sockets_nor_input() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let name = fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).unwrap().display().to_string();
    let open = output_of("ls -l /proc/self/fd > $OUT; readlink /proc/self/fd/0 >> $OUT");
    assert!(!open.contains(&name), "{name} in {open}");
    assert!(open.ends_with("\n/dev/null\n"), "{open}");
}
