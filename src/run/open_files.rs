//! The limit of open files: raised as far as the test needs, and the test refused when that is not enough.
//! Spec: cli.md §6 step 8, transport.md §16; SIPp only looks at the soft limit, we raise it. In: the number of sockets.
//! Out: nothing, or the sentence and exit 1. Must not open anything.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::stop::Stop;

/// What rsipp opens besides SIP sockets: standard streams, runtimes, timers, signals, trace files.
const OWN: u64 = 64;

/// What to do about the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Enough,
    RaiseTo(u64),
    TooLow,
}

/// Makes room for so many sockets.
///
/// # Errors
/// Not even the sockets alone fit (`-skip_rlimit` does not ask).
pub fn make_room_for(sockets: u64) -> Result<(), Stop> {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return Ok(()) };
    match decide(sockets, soft, hard) {
        Decision::Enough => Ok(()),
        // A system that refuses will say so again when a socket is opened.
        Decision::RaiseTo(limit) => {
            let _ = setrlimit(Resource::RLIMIT_NOFILE, limit, hard);
            Ok(())
        }
        Decision::TooLow => Err(Stop::refused(format!(
            "Maximum number of open sockets ({sockets}) should be less than the maximum number of open files \
             ({hard}). Tune this with the `ulimit` command or the -max_socket option"
        ))),
    }
}

fn decide(sockets: u64, soft: u64, hard: u64) -> Decision {
    let wanted = sockets.saturating_add(OWN);
    if wanted <= soft {
        Decision::Enough
    } else if sockets > hard {
        Decision::TooLow
    } else if hard > soft {
        Decision::RaiseTo(wanted.min(hard))
    } else {
        Decision::Enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// transport.md §16; raising is ours.
    #[test]
    fn the_limit_is_raised_only_as_far_as_needed() {
        assert_eq!(decide(1, 1_024, 4_096), Decision::Enough);
        assert_eq!(decide(50_000, 1_024, 1 << 20), Decision::RaiseTo(50_064));
        assert_eq!(decide(50_000, 1_024, 50_010), Decision::RaiseTo(50_010));
        assert_eq!(decide(u64::MAX, 1_024, u64::MAX), Decision::RaiseTo(u64::MAX));
    }

    /// transport.md §16: equality is accepted.
    #[test]
    fn sockets_that_can_not_all_be_opened_are_refused() {
        assert_eq!(decide(50_000, 1_024, 20_000), Decision::TooLow);
        assert_eq!(decide(20_000, 20_000, 20_000), Decision::Enough);
    }
}
