//! Who listens at an address of this machine: for the hint on calls that nobody answered.
//! In: the kernel's lists of sockets (`/proc/net`). Out: what is there. Must not send anything, nor ask another machine.

use std::net::{IpAddr, SocketAddr, UdpSocket};

/// What listens at an address of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// A UDP socket.
    pub udp: bool,
    /// A TCP socket.
    pub tcp: bool,
}

/// Looks; None when the address is another machine's, or the system does not tell.
pub fn at(address: SocketAddr) -> Option<Found> {
    let ip = address.ip().to_canonical();
    // Only an address of ours can be bound.
    UdpSocket::bind((ip, 0)).ok()?;
    let read = |name: &str| std::fs::read_to_string(format!("/proc/net/{name}")).ok();
    let (udp, udp6, tcp, tcp6) = (read("udp")?, read("udp6"), read("tcp")?, read("tcp6"));
    let any = |one: &str, six: Option<&String>, listening: bool| {
        [Some(one), six.map(String::as_str)]
            .into_iter()
            .flatten()
            .any(|table| has_port(table, ip, address.port(), listening))
    };
    Some(Found { udp: any(&udp, udp6.as_ref(), false), tcp: any(&tcp, tcp6.as_ref(), true) })
}

/// State `LISTEN` of a TCP socket in the table.
const LISTEN: &str = "0A";

/// Whether a table has a socket that takes what is sent to `ip` and `port`. `listening`: of TCP, where only such sockets do.
fn has_port(table: &str, ip: IpAddr, port: u16, listening: bool) -> bool {
    table.lines().skip(1).any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (Some(local), Some(remote), Some(state)) = (fields.next(), fields.next(), fields.next()) else {
            return false;
        };
        let Some((local_ip, local_port)) = local.rsplit_once(':') else { return false };
        let is_connected = !remote.ends_with(":0000");
        u16::from_str_radix(local_port, 16) == Ok(port)
            && (if listening { state == LISTEN } else { !is_connected })
            && takes(local_ip, ip)
    })
}

/// Whether a socket bound to this address, as the kernel writes it, takes what is sent to `ip`.
fn takes(bound: &str, ip: IpAddr) -> bool {
    if bound.bytes().all(|digit| digit == b'0') {
        return true;
    }
    // Words of 32 bits, each in the byte order of the machine.
    let words: Option<Vec<u32>> = (0..bound.len() / 8)
        .map(|at| bound.get(at * 8..at * 8 + 8).and_then(|word| u32::from_str_radix(word, 16).ok()))
        .collect();
    let bytes: Vec<u8> = words.unwrap_or_default().iter().flat_map(|word| word.to_ne_bytes()).collect();
    match <[u8; 4]>::try_from(&bytes[..]) {
        Ok(four) => IpAddr::from(four) == ip,
        Err(_) => <[u8; 16]>::try_from(&bytes[..]).is_ok_and(|six| IpAddr::from(six).to_canonical() == ip),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    const UDP: &str = "   sl  local_address rem_address   st tx_queue rx_queue\n   \
        12: 0100007F:13C4 00000000:0000 07 00000000:00000000\n   \
        13: 0100007F:13C6 0100007F:13C4 01 00000000:00000000\n";

    #[test]
    #[cfg(target_endian = "little")]
    fn a_socket_takes_what_is_sent_to_its_address_and_port_unless_it_is_connected() {
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert!(has_port(UDP, local, 5060, false));
        assert!(!has_port(UDP, local, 5062, false), "connected to somebody else");
        assert!(!has_port(UDP, local, 5064, false));
        assert!(!has_port(UDP, IpAddr::from([127, 0, 0, 2]), 5060, false));
    }

    #[test]
    fn a_socket_bound_to_every_address_takes_all() {
        assert!(takes("00000000", IpAddr::V4(Ipv4Addr::LOCALHOST)));
        assert!(takes("00000000000000000000000000000000", IpAddr::V6(Ipv6Addr::LOCALHOST)));
    }

    #[test]
    fn what_listens_on_this_machine_is_found() {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!(at(udp.local_addr().unwrap()).unwrap().udp);
        assert_eq!(at(SocketAddr::from(([192, 0, 2, 1], 5060))), None, "another machine's");
    }
}
