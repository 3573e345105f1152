//! Help group "Connections": how many sockets, what becomes of lost connections, and the value of `-t`.
//! Spec: cli.md §4.2, transport.md §3, §7, §8, §12, §16. Must not open sockets.

use super::opt::{Given, Group, Opt, Pass, Value};
use super::options::{Mode, SocketUse};
use super::refusal::Refusal;
use super::value::Unit;
use crate::link::Transport;

pub const GROUP: Group = Group {
    title: "Connections",
    options: &[MAX_SOCKET, IP_FIELD, MAX_RECONNECT, RECONNECT_CLOSE, RECONNECT_SLEEP, WS_PATH],
};

const MAX_SOCKET: Opt = Opt {
    name: "max_socket",
    value: Value::Integer("SOCKETS"),
    default: "50000",
    help: "Most sockets of calls with -t un, tn, ln, wn; further calls share them",
    more: "Sockets that are no call's own are not counted, unlike in SIPp.",
    spec: "cli.md §4.2, transport.md §7",
    pass: Pass::Options(|options, given| {
        let most = given.int()?;
        options.network.max_socket = u32::try_from(most)
            .ok()
            .filter(|most| *most > 0)
            .ok_or_else(|| given.out_of_range("1 or more"))?;
        Ok(())
    }),
};

const IP_FIELD: Opt = Opt {
    name: "ip_field",
    value: Value::Integer("FIELD"),
    default: "0",
    help: "Field of the first injection file that holds the local address, with -t ui",
    more: "Fields count from 0.",
    spec: "cli.md §4.5, transport.md §8",
    pass: Pass::Options(|options, given| {
        let field = u32::try_from(given.integer()?);
        options.network.ip_field = field.map_err(|_| given.out_of_range("fields count from 0"))?;
        Ok(())
    }),
};

const MAX_RECONNECT: Opt = Opt {
    name: "max_reconnect",
    value: Value::Integer("TIMES"),
    default: "0",
    help: "How often lost connections may be opened again in all; -1 is without end",
    more: "At 0, a lost connection of -t t1 ends the test with status 255 at the next send.",
    spec: "cli.md §4.2, transport.md §12",
    pass: Pass::Options(|options, given| {
        given.int().map(|times| options.network.max_reconnect = u32::try_from(times).ok())
    }),
};

const RECONNECT_CLOSE: Opt = Opt {
    name: "reconnect_close",
    value: Value::Boolean,
    default: "true",
    help: "Calls fail with their connection",
    more: "With false they stay and go on over the next connection.",
    spec: "cli.md §4.2, transport.md §12",
    pass: Pass::Options(|options, given| given.boolean().map(|ends| options.network.reconnect_close = ends)),
};

const RECONNECT_SLEEP: Opt = Opt {
    name: "reconnect_sleep",
    value: Value::Time(Unit::Ms),
    default: "1000",
    help: "How long to wait before opening a lost connection again, in ms or with a unit",
    more: "Only its own calls wait.",
    spec: "cli.md §4.2, transport.md §12",
    pass: Pass::Options(|options, given| given.millis().map(|ms| options.network.reconnect_sleep_ms = ms)),
};

const WS_PATH: Opt = Opt {
    name: "ws_path",
    value: Value::Text("PATH"),
    default: "/",
    help: "Path that a WebSocket client asks for (-t w1, wn, ws1, wsn)",
    more: "",
    spec: "ours",
    pass: Pass::Options(|options, given| {
        options.network.ws_path = given.text()?.to_owned();
        Ok(())
    }),
};

/// The value of `-t`: two letters that count independently, and of which SIPp ignores those it does not know; `w` and `ws`
/// (WebSocket) are ours.
pub(super) fn transport(given: &Given, before: Mode) -> Result<Mode, Refusal> {
    let text = given.text()?;
    let mut mode = before;
    if text == "u1,t1" {
        return Ok(Mode { transport: Transport::Udp, sockets: SocketUse::OneAndTcp });
    }
    let sockets = match text.as_bytes() {
        [b'w', b's', sockets] => {
            mode.transport = Transport::Wss;
            *sockets
        }
        [protocol, sockets] => {
            mode.transport = match protocol {
                b'u' => Transport::Udp,
                b't' => Transport::Tcp,
                b'l' => Transport::Tls,
                b'w' => Transport::Ws,
                b's' => {
                    return Err(Refusal::NotSupported(format!(
                        "-t {text} (SCTP); there are UDP, TCP, TLS and WebSocket"
                    )));
                }
                _ => mode.transport,
            };
            *sockets
        }
        _ if text.contains(',') => {
            return Err(Refusal::NotSupported(format!(
                "-t {text}; of several transports at once there is u1,t1"
            )));
        }
        _ => return Err(Refusal::TransportLength(text.to_owned())),
    };
    mode.sockets = match sockets {
        b'1' => SocketUse::One,
        b'n' => SocketUse::PerCall,
        b'i' => SocketUse::PerAddress,
        _ => mode.sockets,
    };
    if mode.sockets == SocketUse::PerAddress && mode.transport != Transport::Udp {
        return Err(Refusal::AddressesNeedUdp);
    }
    Ok(mode)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{options, refused};
    use super::*;

    fn mode(line: &str) -> (Transport, SocketUse) {
        let mode = options(line).network.mode;
        (mode.transport, mode.sockets)
    }

    /// transport.md §3, both tables; WebSocket is ours.
    #[test]
    fn transport_and_sockets_are_a_letter_each_and_unknown_ones_change_nothing() {
        use SocketUse::{One, OneAndTcp, PerAddress, PerCall};
        use Transport::{Tcp, Tls, Udp, Ws, Wss};
        for (text, expected) in [
            ("-t u1", (Udp, One)),
            ("-t un", (Udp, PerCall)),
            ("-t ui", (Udp, PerAddress)),
            ("-t t1", (Tcp, One)),
            ("-t tn", (Tcp, PerCall)),
            ("-t l1", (Tls, One)),
            ("-t ln", (Tls, PerCall)),
            ("-t w1", (Ws, One)),
            ("-t wsn", (Wss, PerCall)),
            ("-t u1,t1", (Udp, OneAndTcp)),
            ("-t u1,t1 -t tn", (Tcp, PerCall)),
            ("-t c1", (Udp, One)),
            ("-t cn", (Udp, PerCall)),
            ("-t ci", (Udp, PerAddress)),
            ("-t xx", (Udp, One)),
            ("-t tn -t xx", (Tcp, PerCall)),
            ("-t tn -t u1", (Udp, One)),
        ] {
            assert_eq!(mode(text), expected, "{text}");
        }
    }

    /// transport.md §3.
    #[test]
    fn sctp_is_refused_by_name_and_addresses_need_udp() {
        assert!(refused("-t s1").contains("-t s1 (SCTP)"));
        assert!(refused("-t u1,l1").contains("of several transports at once there is u1,t1"));
        for text in ["-t ti", "-t li", "-t wi"] {
            assert_eq!(refused(text), "You can only use a perip socket with UDP!");
        }
        for transport in ["", "u", "udp"] {
            let sentence =
                format!("Invalid argument for -t param : '{transport}'.\nUse 'rsipp -h' for details");
            assert_eq!(refused(&format!("-t {transport}")), sentence);
        }
    }

    /// transport.md §12.
    #[test]
    fn reconnections_are_a_number_or_without_end() {
        assert_eq!(options("-t t1").network.max_reconnect, Some(0));
        assert_eq!(options("-max_reconnect 3").network.max_reconnect, Some(3));
        assert_eq!(options("-max_reconnect -1").network.max_reconnect, None);
        assert_eq!(options("-reconnect_sleep 2s").network.reconnect_sleep_ms, 2_000);
        assert!(!options("-reconnect_close false").network.reconnect_close);
        assert_eq!(refused("-max_socket 0"), r#"-max_socket, "0": 1 or more"#);
    }
}
