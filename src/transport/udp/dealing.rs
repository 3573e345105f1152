//! Which of several sockets on one port gets a datagram: the system chooses by a hash of the addresses, so two clients, each with a port,
//! as often as not come to the same socket, and its worker has all the work. By the source port modulo the number of sockets, clients
//! on consecutive ports, such as the workers of an rsipp, come to one socket each.
//!
//! In: the first of the sockets. Out: a rule in the system, in classic BPF (socket(7), `SO_ATTACH_REUSEPORT_CBPF`). Must not matter: without
//! it the hash decides, which is as right, only less even.

use std::os::fd::AsFd;

use nix::sys::socket::{setsockopt, sockopt};

/// Where the network header begins, for loads that are not to look at the payload.
const NETWORK: u32 = libc::SKF_NET_OFF as u32;

/// Lets the system deal datagrams out among `sockets` sockets by source port.
pub(super) fn by_source_port(socket: &impl AsFd, sockets: u32) {
    let instruction = |code: u32, jt: u8, jf: u8, k: u32| libc::sock_filter { code: code as u16, jt, jf, k };
    let load_half = |at: u32| instruction(libc::BPF_LD | libc::BPF_H | libc::BPF_ABS, 0, 0, NETWORK + at);
    let mut program = [
        // The version is the upper half of the first byte. No header of IPv4 here has options, none of IPv6 extensions; the port of one
        // that has is another number, and serves as well.
        instruction(libc::BPF_LD | libc::BPF_B | libc::BPF_ABS, 0, 0, NETWORK),
        instruction(libc::BPF_ALU | libc::BPF_RSH | libc::BPF_K, 0, 0, 4),
        instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 2, 4),
        load_half(20),
        instruction(libc::BPF_JMP | libc::BPF_JA, 0, 0, 1),
        load_half(40),
        instruction(libc::BPF_ALU | libc::BPF_MOD | libc::BPF_K, 0, 0, sockets.max(1)),
        instruction(libc::BPF_RET | libc::BPF_A, 0, 0, 0),
    ];
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    let _ = setsockopt(&socket.as_fd(), sockopt::AttachReusePortCbpf, &program);
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
    use std::time::Duration;

    use super::by_source_port;
    use crate::transport::udp::{Binding, Port};

    /// transport.md §9, ours: of 12 clients, those whose ports leave the same rest come to the same socket, and the others to others.
    #[test]
    fn the_source_port_decides_which_socket_gets_a_datagram() {
        for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            let first = Binding::main(ip, Port::Any).open().unwrap();
            socket2::SockRef::from(&first).set_reuse_port(true).unwrap();
            let to = first.local_addr().unwrap();
            let join =
                || Binding { joins: true, ..Binding::main(ip, Port::Exactly(to.port())) }.open().unwrap();
            let sockets = [first, join(), join()];
            by_source_port(&sockets[0], 3);
            for socket in &sockets {
                socket.set_nonblocking(false).unwrap();
                socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            }
            for _ in 0..12 {
                let client = UdpSocket::bind((ip, 0)).unwrap();
                client.send_to(b"x", to).unwrap();
                let expected = &sockets[usize::from(client.local_addr().unwrap().port() % 3)];
                assert_eq!(expected.recv_from(&mut [0; 8]).unwrap().1, client.local_addr().unwrap());
            }
        }
    }
}
