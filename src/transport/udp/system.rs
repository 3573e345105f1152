//! The two system calls that move many datagrams at once, and nothing else: `recvmmsg` and `sendmmsg` with their headers.
//!
//! Spec: transport.md §9, §11. In: places to fill, datagrams to send. Out: what the system says. Must not decide what to send.
//!
//! No crate does both: `nix` tells how many datagrams went out only through addresses that it never initialised, `rustix` has
//! neither `recvmmsg` nor segments (`UDP_SEGMENT`), `quinn-udp` forbids fragmentation and sends datagrams of different peers one by one.
//! What segments save shows when the same load runs with and without `-no_gso`.

#![allow(unsafe_code, reason = "no safe wrapper has both system calls with control messages")]

use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use smallvec::SmallVec;

use super::BATCH;

/// Room for a control message with one number in it.
const CONTROL: usize = ALIGNED_HEADER + 8;
const ALIGNED_HEADER: usize = size_of::<libc::cmsghdr>().next_multiple_of(size_of::<usize>());
/// Room for the address of either family.
const NAME: usize = size_of::<libc::sockaddr_in6>();

/// An address as the system has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    bytes: [u8; NAME],
    len: u8,
}

impl From<SocketAddr> for Name {
    fn from(address: SocketAddr) -> Name {
        let mut bytes = [0; NAME];
        let [family, port, rest] = split(&mut bytes);
        port.copy_from_slice(&address.port().to_be_bytes());
        let len = match address {
            SocketAddr::V4(address) => {
                family.copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
                rest[..4].copy_from_slice(&address.ip().octets());
                size_of::<libc::sockaddr_in>()
            }
            SocketAddr::V6(address) => {
                family.copy_from_slice(&(libc::AF_INET6 as u16).to_ne_bytes());
                rest[..4].copy_from_slice(&address.flowinfo().to_be_bytes());
                rest[4..20].copy_from_slice(&address.ip().octets());
                rest[20..24].copy_from_slice(&address.scope_id().to_ne_bytes());
                size_of::<libc::sockaddr_in6>()
            }
        };
        Name { bytes, len: len as u8 }
    }
}

/// Family, port and the rest of an address.
fn split(bytes: &mut [u8; NAME]) -> [&mut [u8]; 3] {
    let (family, rest) = bytes.split_at_mut(2);
    let (port, rest) = rest.split_at_mut(2);
    [family, port, rest]
}

/// The address that the system wrote; None for another family.
fn address(name: &[u8; NAME]) -> Option<SocketAddr> {
    let word = |at: usize| name.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 4]);
    let [first, second, ..] = word(0);
    let port = u16::from_be_bytes([word(0)[2], word(0)[3]]);
    match i32::from(u16::from_ne_bytes([first, second])) {
        libc::AF_INET => Some(SocketAddrV4::new(Ipv4Addr::from(word(4)), port).into()),
        libc::AF_INET6 => {
            let octets: [u8; 16] = name.get(8..24)?.try_into().ok()?;
            let (flow, scope) = (u32::from_be_bytes(word(4)), u32::from_ne_bytes(word(24)));
            Some(SocketAddrV6::new(Ipv6Addr::from(octets), port, flow, scope).into())
        }
        _ => None,
    }
}

/// A control message with one number.
#[derive(Clone, Copy, Debug)]
#[repr(align(8))]
struct Control([u8; CONTROL]);

impl Control {
    const EMPTY: Control = Control([0; CONTROL]);

    /// `UDP_SEGMENT`: the payload is to leave as datagrams of this size.
    fn segments(size: u16) -> (Control, usize) {
        let mut bytes = [0; CONTROL];
        let len = size_of::<libc::cmsghdr>() + size_of::<u16>();
        let at = size_of::<usize>();
        bytes[..at].copy_from_slice(&len.to_ne_bytes());
        bytes[at..at + 4].copy_from_slice(&libc::SOL_UDP.to_ne_bytes());
        bytes[at + 4..at + 8].copy_from_slice(&libc::UDP_SEGMENT.to_ne_bytes());
        bytes[ALIGNED_HEADER..ALIGNED_HEADER + 2].copy_from_slice(&size.to_ne_bytes());
        (Control(bytes), ALIGNED_HEADER + 8)
    }

    /// `UDP_GRO`: the size of the datagrams that were joined, if they were.
    fn joined(&self, len: usize) -> Option<usize> {
        let read =
            |at: usize| -> Option<i32> { Some(i32::from_ne_bytes(self.0.get(at..at + 4)?.try_into().ok()?)) };
        let at = size_of::<usize>();
        let is_ours =
            len >= ALIGNED_HEADER + 4 && read(at)? == libc::SOL_UDP && read(at + 4)? == libc::UDP_GRO;
        read(ALIGNED_HEADER).filter(|_| is_ours).and_then(|size| usize::try_from(size).ok())
    }
}

/// Something to send: one datagram, or several of one size to one peer.
#[derive(Debug)]
pub(super) struct Parcel<'a> {
    /// Where to.
    pub to: Name,
    /// Its datagrams, in order.
    pub datagrams: &'a [IoSlice<'a>],
}

/// Sends at most [`BATCH`] parcels and says how many went out; an error is that of the first.
///
/// # Errors
/// The system's.
pub(super) fn send(socket: BorrowedFd<'_>, parcels: &[Parcel<'_>]) -> io::Result<usize> {
    let mut controls = SmallVec::<[(Control, usize); BATCH]>::new();
    controls.extend(parcels.iter().map(|parcel| match parcel.datagrams {
        [first, _, ..] => Control::segments(first.len() as u16),
        _ => (Control::EMPTY, 0),
    }));
    let mut headers = SmallVec::<[libc::mmsghdr; BATCH]>::new();
    headers.extend(parcels.iter().zip(&mut controls).map(|(parcel, (control, len))| {
        header(
            parcel.to.bytes.as_ptr().cast_mut().cast(),
            parcel.to.len.into(),
            // `IoSlice` is promised to be laid out as `iovec`.
            (parcel.datagrams.as_ptr().cast_mut().cast(), parcel.datagrams.len()),
            (control.0.as_mut_ptr().cast(), *len),
        )
    }));
    // SAFETY: as many headers as are said to be there. Each points to an address, to slices and to a control message, of the
    // lengths it names, all of which outlive the call; the system only reads them, and writes `msg_len` of the headers.
    let sent =
        unsafe { libc::sendmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), headers.len() as libc::c_uint, 0) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Where the system puts senders and control messages.
#[derive(Debug)]
pub(super) struct Slots {
    names: Box<[[u8; NAME]; BATCH]>,
    controls: Box<[Control; BATCH]>,
}

impl Default for Slots {
    fn default() -> Slots {
        Slots { names: Box::new([[0; NAME]; BATCH]), controls: Box::new([Control::EMPTY; BATCH]) }
    }
}

/// What arrived in one buffer: a datagram, or several of one size from one peer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    /// Who sent it; None for another family than IP.
    pub from: Option<SocketAddr>,
    /// Bytes in the buffer.
    pub len: usize,
    /// Of each datagram in it but perhaps the last; None: it is one.
    pub size: Option<usize>,
}

/// Fills `buffers` with what waits in the socket, in order of arrival, and hands each arrival to `arrived`. Never waits.
///
/// # Errors
/// The system's; `WouldBlock` when nothing is there.
pub(super) fn receive<'b>(
    socket: BorrowedFd<'_>,
    slots: &mut Slots,
    buffers: impl Iterator<Item = &'b mut [u8]>,
    arrived: impl FnMut(Arrival),
) -> io::Result<()> {
    let mut parts = SmallVec::<[libc::iovec; BATCH]>::new();
    parts.extend(
        buffers
            .take(BATCH)
            .map(|buffer| libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() }),
    );
    let mut headers = SmallVec::<[libc::mmsghdr; BATCH]>::new();
    let Slots { names, controls } = slots;
    headers.extend(parts.iter_mut().zip(names.iter_mut()).zip(controls.iter_mut()).map(
        |((part, name), control)| {
            let control = (control.0.as_mut_ptr().cast(), CONTROL);
            header(name.as_mut_ptr().cast(), NAME as libc::socklen_t, (ptr::from_mut(part), 1), control)
        },
    ));
    // SAFETY: as many headers as are said to be there. Each points to one part, to room for an address and to room for a control
    // message, of the lengths it names, borrowed exclusively for the length of this function, as is the buffer of the part.
    let count = unsafe {
        let flags = libc::MSG_DONTWAIT as _;
        libc::recvmmsg(
            socket.as_raw_fd(),
            headers.as_mut_ptr(),
            headers.len() as libc::c_uint,
            flags,
            ptr::null_mut(),
        )
    };
    let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
    let filled = headers.iter().zip(names.iter()).zip(controls.iter()).take(count);
    filled
        .map(|((header, name), control)| Arrival {
            from: address(name),
            len: header.msg_len as usize,
            size: control.joined(header.msg_hdr.msg_controllen),
        })
        .for_each(arrived);
    Ok(())
}

fn header(
    name: *mut libc::c_void,
    name_len: libc::socklen_t,
    (parts, part_count): (*mut libc::iovec, usize),
    (control, control_len): (*mut libc::c_void, usize),
) -> libc::mmsghdr {
    // SAFETY: all fields are numbers and pointers, for which zeroes are values. (Some systems have private padding.)
    let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
    header.msg_hdr.msg_name = name;
    header.msg_hdr.msg_namelen = name_len;
    header.msg_hdr.msg_iov = parts;
    header.msg_hdr.msg_iovlen = part_count as _;
    if control_len > 0 {
        header.msg_hdr.msg_control = control;
        header.msg_hdr.msg_controllen = control_len as _;
    }
    header
}

/// Lets the system join datagrams of one size that arrive together; false when it cannot.
pub(super) fn join_arrivals(socket: BorrowedFd<'_>) -> bool {
    let on: libc::c_int = 1;
    // SAFETY: the option's value is an integer, and its size is given.
    let outcome = unsafe {
        let (value, len) = (ptr::from_ref(&on).cast(), size_of::<libc::c_int>() as libc::socklen_t);
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_UDP, libc::UDP_GRO, value, len)
    };
    outcome == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_form_of_the_system() {
        for text in ["127.0.0.1:5060", "[2001:db8::7]:65535", "[fe80::1%3]:1"] {
            let given: SocketAddr = text.parse().unwrap();
            assert_eq!(address(&Name::from(given).bytes), Some(given), "{text}");
        }
        assert_eq!(address(&[0; NAME]), None);
    }

    #[test]
    fn a_control_message_of_another_kind_is_no_size() {
        let (control, len) = Control::segments(357);
        assert_eq!(control.joined(len), None);
        assert_eq!(Control::EMPTY.joined(CONTROL), None);
        assert_eq!(Control::EMPTY.joined(0), None);
    }
}
