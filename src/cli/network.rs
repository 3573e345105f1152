//! Help group "Network": transport, addresses, ports and buffers.
//! Spec: cli.md §4.2, §4.6, §4.3 (`-buff_size`). Must not resolve names or open sockets.

use std::net::SocketAddr;

use super::address::HostPort;
use super::connection;
use super::opt::{Given, Group, Opt, Pass, Value};
use super::options::Options;
use super::refusal::Refusal;
use crate::transport::srv::NameServer;

/// Of name servers.
const DNS_PORT: u16 = 53;

pub const GROUP: Group = Group {
    title: "Network",
    options: &[
        T,
        I,
        P,
        BIND_LOCAL,
        BIND_TO_DEVICE,
        CI,
        CP,
        MI,
        MP,
        MIN_RTP_PORT,
        RSA,
        SRV,
        SRV_SERVER,
        BUFF_SIZE,
        SENDBUFFER_WARN,
        NO_GSO,
    ],
};

const T: Opt = Opt {
    name: "t",
    value: Value::Choice("TRANSPORT", || {
        vec!["u1", "un", "ui", "t1", "tn", "l1", "ln", "w1", "wn", "ws1", "wsn", "u1,t1"]
    }),
    default: "u1",
    help: "Transport and sockets: u1 un ui, t1 tn, l1 ln, w1 wn, ws1 wsn",
    more: "First UDP (u), TCP (t), TLS (l), WebSocket (w) or WebSocket over TLS (ws), then one socket (1), one for each call (n) \
           or, for UDP, one for each local address of the injection file (i). u1,t1 (ours): whoever is called answers on both, \
           and calls go out by UDP.",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, given| {
        connection::transport(given, options.network.mode).map(|mode| options.network.mode = mode)
    }),
};

const I: Opt = Opt {
    name: "i",
    value: Value::Text("ADDRESS"),
    default: "",
    help: "Local address to bind to, [local_ip] [default: that of the route]",
    more: "A name stays a name in messages. Without this option sockets take packets on every address.",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, given| address(given).map(|address| options.network.local_ip = address)),
};

const P: Opt = Opt {
    name: "p",
    value: Value::Integer("PORT"),
    default: "0",
    help: "Local SIP port; 0 is the first free one of 5060 to 5119",
    more: "A port that is given and taken ends the program with status 254. Beware: 05060 is octal.",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, given| {
        given.port().map(|port| options.network.local_port = (port != 0).then_some(port))
    }),
};

const BIND_LOCAL: Opt = Opt {
    name: "bind_local",
    value: Value::Flag,
    default: "",
    help: "Take packets on the local address only, also without -i",
    more: "",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, _| {
        options.network.bind_local = true;
        Ok(())
    }),
};

const BIND_TO_DEVICE: Opt = Opt {
    name: "bind_to_device",
    value: Value::Text("DEVICE"),
    default: "",
    help: "Send and take SIP packets on this network device only",
    more: "The system may ask for a privilege (CAP_NET_RAW).",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, given| {
        let device = given.text()?;
        options.network.device = (!device.is_empty()).then(|| device.to_owned());
        Ok(())
    }),
};

const CI: Opt = Opt {
    name: "ci",
    value: Value::Text("ADDRESS"),
    default: "",
    help: "Address of the UDP remote control [default: every address of this host]",
    more: "IPv4. Whoever can send to it controls the run: -ci 127.0.0.1 keeps others out.",
    spec: "cli.md §4.2, §13",
    pass: Pass::Options(|options, given| address(given).map(|address| options.network.control_ip = address)),
};

const CP: Opt = Opt {
    name: "cp",
    value: Value::Integer("PORT"),
    default: "0",
    help: "Port of the UDP remote control; 0 is the first free one of 8888 to 8947",
    more: "A datagram is a key (q, p, +, ...), or c and a command: echo 'cset rate 20' >/dev/udp/HOST/8888. \
           A port that is given and taken ends the program with status 254.",
    spec: "cli.md §4.2, §13",
    pass: Pass::Options(|options, given| {
        given.port().map(|port| options.network.control_port = (port != 0).then_some(port))
    }),
};

const MI: Opt = Opt {
    name: "mi",
    value: Value::Text("ADDRESS"),
    default: "",
    help: "Address of media, [media_ip] [default: the local address]",
    more: "",
    spec: "cli.md §4.6",
    pass: Pass::Options(|options, given| address(given).map(|address| options.network.media_ip = address)),
};

const MP: Opt = Opt {
    name: "mp",
    value: Value::Integer("PORT"),
    default: "6000",
    help: "Port of media, [media_port]",
    more: "This version only writes it into messages.",
    spec: "cli.md §4.6",
    pass: Pass::Options(media_port),
};

const MIN_RTP_PORT: Opt = Opt {
    name: "min_rtp_port",
    value: Value::Integer("PORT"),
    default: "6000",
    help: "The same as -mp",
    more: "",
    spec: "cli.md §4.6",
    pass: Pass::Options(media_port),
};

const RSA: Opt = Opt {
    name: "rsa",
    value: Value::Text("HOST:PORT"),
    default: "",
    help: "Send to this address instead of the remote host, as through a proxy",
    more: "[remote_ip] and [remote_port] stay those of the remote host. The port is 5060 if none is given.",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, given| {
        let text = given.text()?;
        options.network.sending_address = if text.is_empty() { None } else { Some(HostPort::parse(text)?) };
        Ok(())
    }),
};

const SRV: Opt = Opt {
    name: "srv",
    value: Value::Flag,
    default: "",
    help: "Locate the remote host in the DNS by its NAPTR and SRV records (RFC 3263)",
    more: "For the transport of -t. A port or a numeric address leaves nothing to locate. The targets' order is that of RFC 2782; with a \
           connection (TCP, TLS, WebSocket) the first one that takes it at the start serves the whole run, with UDP the first one.",
    spec: "ours",
    pass: Pass::Options(|options, _| {
        options.network.srv.get_or_insert(NameServer::System);
        Ok(())
    }),
};

const SRV_SERVER: Opt = Opt {
    name: "srv_server",
    value: Value::Text("IP[:PORT]"),
    default: "",
    help: "The name server for -srv, which this option implies [default: the system's]",
    more: "The port is 53 if none is given. /etc/hosts is then not read.",
    spec: "ours",
    pass: Pass::Options(|options, given| {
        let HostPort { host, port } = HostPort::parse(given.text()?)?;
        let ip = host.parse().map_err(|_| given.out_of_range("an IP address, a port may follow"))?;
        options.network.srv = Some(NameServer::At(SocketAddr::new(ip, port.unwrap_or(DNS_PORT))));
        Ok(())
    }),
};

const NO_GSO: Opt = Opt {
    name: "no_gso",
    value: Value::Flag,
    default: "",
    help: "Hand each UDP datagram to the system by itself, however many there are",
    more: "From some thousand messages a second on, equally long datagrams to one peer otherwise cross the system in groups (UDP GSO and \
           GRO), at a fraction of the cost. The network sees no difference; a capture made on this machine shows each group as one \
           packet.",
    spec: "ours",
    pass: Pass::Options(|options, _| {
        options.network.groups_datagrams = false;
        Ok(())
    }),
};

const BUFF_SIZE: Opt = Opt {
    name: "buff_size",
    value: Value::Integer("BYTES"),
    default: "",
    help: "Socket buffers, each way [default: as large as the system allows]",
    more: "",
    spec: "cli.md §4.3",
    pass: Pass::Options(|options, given| {
        let size = usize::try_from(given.integer()?);
        let size = size.map_err(|_| given.out_of_range("the size of a buffer must be 0 or more"))?;
        options.network.buffer_size = Some(size);
        Ok(())
    }),
};

const SENDBUFFER_WARN: Opt = Opt {
    name: "sendbuffer_warn",
    value: Value::Boolean,
    default: "false",
    help: "true: a message of our own accord (ACK, BYE, CANCEL, 200) that cannot be sent ends the test",
    more: "With exit status 255; otherwise it is a warning. The name says the opposite, as SIPp's does.",
    spec: "cli.md §4.3",
    pass: Pass::Options(|options, given| {
        given.boolean().map(|fatal| options.network.automatic_sends_must_succeed = fatal)
    }),
};

/// An address or name, without brackets and port; nothing for an empty text.
fn address(given: &Given) -> Result<Option<String>, Refusal> {
    let host = HostPort::parse(given.text()?)?.host;
    Ok(Some(host).filter(|host| !host.is_empty()))
}

fn media_port(options: &mut Options, given: &Given) -> Result<(), Refusal> {
    given.port().map(|port| options.network.media_port = port)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{options, refused};
    use super::*;

    /// cli.md §4.2.
    #[test]
    fn an_address_loses_brackets_and_port_and_stays_a_name() {
        for (typed, address) in
            [("localhost", "localhost"), ("[::1]:5070", "::1"), ("::1", "::1"), ("10.0.0.1:5070", "10.0.0.1")]
        {
            assert_eq!(options(&format!("-i {typed}")).network.local_ip.as_deref(), Some(address));
            assert_eq!(options(&format!("-mi {typed}")).network.media_ip.as_deref(), Some(address));
        }
        assert_eq!(options("-i h -i ").network.local_ip, None);
    }

    /// cli.md §2 and §4.2.
    #[test]
    fn a_port_may_be_octal_is_reduced_modulo_65536_and_0_is_not_given() {
        for (typed, port) in
            [("5070", Some(5070)), ("05060", Some(2608)), ("99999", Some(34463)), ("0", None), ("", None)]
        {
            assert_eq!(options(&format!("-p {typed}")).network.local_port, port, "{typed}");
        }
        assert_eq!(refused("-p 5060x"), r#"-p, "5060x" is not a valid integer!"#);
    }

    /// cli.md §4.2, §4.3.
    #[test]
    fn sockets_bind_to_an_address_or_device_if_asked_to() {
        let network = options("-bind_local -bind_to_device eth0 -sendbuffer_warn TRUE").network;
        assert!(network.bind_local && network.automatic_sends_must_succeed);
        assert_eq!(network.device.as_deref(), Some("eth0"));
        assert_eq!(options("-bind_to_device eth0 -bind_to_device ").network.device, None);
        let sentence = r#"-sendbuffer_warn, "1x" is not a valid boolean!"#;
        assert_eq!(refused("-sendbuffer_warn 1x"), sentence);
    }

    /// cli.md §4.2, §13: a port behind the address is ignored, port 0 is not given.
    #[test]
    fn the_remote_control_has_an_address_and_a_port() {
        let control = |line| {
            let network = options(line).network;
            (network.control_ip, network.control_port)
        };
        assert_eq!(control("-ci 127.0.0.1 -cp 9000"), (Some("127.0.0.1".to_owned()), Some(9000)));
        assert_eq!(control("-ci h:70 -cp 0"), (Some("h".to_owned()), None));
        assert_eq!(refused("-cp x"), r#"-cp, "x" is not a valid integer!"#);
    }

    /// cli.md §1.2.
    #[test]
    fn of_mp_and_min_rtp_port_the_last_wins() {
        assert_eq!(options("-min_rtp_port 7000 -mp 8000").network.media_port, 8000);
        assert_eq!(options("-mp 8000 -min_rtp_port 7000").network.media_port, 7000);
    }

    /// cli.md §4.2, §3.
    #[test]
    fn rsa_is_a_host_with_port_5060_unless_given() {
        let address = |line| options(line).network.sending_address.map(|at| (at.host.clone(), at.sip_port()));
        assert_eq!(address("-rsa proxy"), Some(("proxy".to_owned(), 5060)));
        assert_eq!(address("-rsa [::1]:5070"), Some(("::1".to_owned(), 5070)));
        assert_eq!(refused("-rsa proxy:70000"), "'proxy:70000': the port must be 1 to 65535");
    }

    /// README, "Locating the remote host".
    #[test]
    fn a_name_server_is_an_address_and_implies_srv() {
        let at = |text: &str| Some(NameServer::At(text.parse().unwrap()));
        for (line, server) in [
            ("-m 1", None),
            ("-srv", Some(NameServer::System)),
            ("-srv_server 10.0.0.1", at("10.0.0.1:53")),
            ("-srv -srv_server [::1]:5353", at("[::1]:5353")),
            ("-srv_server ::1 -srv", at("[::1]:53")),
        ] {
            assert_eq!(options(line).network.srv, server, "{line}");
        }
        let sentence = r#"-srv_server, "ns.example.com": an IP address, a port may follow"#;
        assert_eq!(refused("-srv_server ns.example.com"), sentence);
        assert_eq!(refused("-srv_server 10.0.0.1:70000"), "'10.0.0.1:70000': the port must be 1 to 65535");
    }

    /// cli.md §4.3.
    #[test]
    fn a_buffer_has_a_size_or_the_best_there_is() {
        assert_eq!(options("-t u1").network.buffer_size, None);
        assert_eq!(options("-buff_size 65536").network.buffer_size, Some(65536));
        assert_eq!(refused("-buff_size -1"), r#"-buff_size, "-1": the size of a buffer must be 0 or more"#);
    }
}
