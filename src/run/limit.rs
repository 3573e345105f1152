//! File descriptors: whether there are enough for the sockets of calls.
//! Spec: transport.md §16. In: how many are wanted. Out: SIPp's sentence when the system does not give as many.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// What the process needs besides its sockets: files, timers, pipes.
const BESIDES: u64 = 64;

/// Raises the limit of this process as far as it takes and as the system allows. SIPp only looks at it.
///
/// # Errors
/// Too few even so.
pub fn make_room(sockets: u32) -> Result<(), String> {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return Ok(()) };
    let wanted = u64::from(sockets).saturating_add(BESIDES).min(hard);
    let soft =
        if wanted > soft && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() { wanted } else { soft };
    if u64::from(sockets) <= soft {
        return Ok(());
    }
    Err(format!(
        "Maximum number of open sockets ({sockets}) should be less than the maximum number of open files ({soft}). \
         Tune this with the `ulimit` command or the -max_socket option"
    ))
}
