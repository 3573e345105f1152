//! How many datagrams the system threw away because a socket's receive buffer was full.
//!
//! In: a socket. Out: a count since it was opened. Asked for now and then (`SO_MEMINFO`, one system call), so receiving costs
//! nothing more; `SO_RXQ_OVFL` would put a control message beside each datagram, and `/proc/net/udp` lists all sockets of the host.
#![allow(unsafe_code, reason = "no crate we use has this socket option")]

use std::os::fd::{AsFd, AsRawFd};

/// Which of the numbers that `SO_MEMINFO` tells is the drops.
const DROPS: usize = libc::SK_MEMINFO_DROPS as usize;

/// Datagrams dropped so far; None where the system does not tell.
pub(super) fn of(socket: &impl AsFd) -> Option<u64> {
    let mut numbers = [0_u32; DROPS + 1];
    let mut length = size_of_val(&numbers) as libc::socklen_t;
    // SAFETY: the descriptor is borrowed and so open; the system writes at most `length` bytes to `numbers`, which is as long.
    let outcome = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_MEMINFO,
            numbers.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    let told = length as usize / size_of::<u32>();
    numbers.get(DROPS).filter(|_| outcome == 0 && told > DROPS).map(|drops| u64::from(*drops))
}
