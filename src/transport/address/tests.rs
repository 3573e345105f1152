//! The rules of transport.md §4, §5 and §10, on loopback addresses and names that need no server.

use super::*;

fn parts(text: &str) -> (&str, Option<u16>) {
    let HostPort { host, port } = HostPort::parse(text).unwrap();
    (host, port)
}

fn local(address: Option<&str>, bind_local: bool, remote: Option<&str>) -> Result<Local, AddressError> {
    let remote = remote.map(|host| resolve_remote(host, 5060).unwrap());
    choose_local(LocalWish { address, bind_local }, remote)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// transport.md §4, cli.md §3.
#[test]
fn host_and_port_are_taken_apart_in_every_accepted_form() {
    assert_eq!(parts("example.org"), ("example.org", None));
    assert_eq!(parts("example.org:5070"), ("example.org", Some(5070)));
    assert_eq!(parts("127.0.0.1:65535"), ("127.0.0.1", Some(65535)));
    assert_eq!(parts("[::1]"), ("::1", None));
    assert_eq!(parts("[::1]:5070"), ("::1", Some(5070)));
    assert_eq!(parts("[::1]junk:5070"), ("::1", Some(5070)));
    assert_eq!(parts("fe80::1"), ("fe80::1", None));
    assert_eq!(parts("::1"), ("::1", None));
    assert_eq!(parts(""), ("", None));
}

/// cli.md §3.
#[test]
fn a_port_text_is_read_leniently_up_to_65535() {
    for none in ["h:abc", "h:0", "h:", "h:-1", "[::1]:"] {
        assert_eq!(HostPort::parse(none).unwrap().port, None, "{none}");
    }
    assert_eq!(parts("h:5070x"), ("h", Some(5070)));
    assert_eq!(parts("h:00005070"), ("h", Some(5070)));
    for large in ["h:65536", "h:85536", "[::1]:99999999999999999999"] {
        let refusal = HostPort::parse(large).unwrap_err().to_string();
        assert_eq!(refusal, format!("The port in '{large}' is larger than 65535"));
    }
}

/// transport.md §4: colons inside the brackets never start a port.
#[test]
fn an_unclosed_bracket_is_part_of_the_host() {
    assert_eq!(parts("[::1"), ("[::1", None));
}

/// transport.md §10.
#[test]
fn a_numeric_remote_host_is_itself() {
    assert_eq!(resolve_remote("127.0.0.1", 5070).unwrap(), "127.0.0.1:5070".parse().unwrap());
    assert_eq!(resolve_remote("::1", 5060).unwrap(), "[::1]:5060".parse().unwrap());
}

/// transport.md §10.
#[test]
fn localhost_is_resolved() {
    assert!(resolve_remote("localhost", 5060).unwrap().ip().is_loopback());
}

/// transport.md §10.
#[test]
fn an_unknown_remote_host_is_named_and_the_resolver_quoted() {
    let error = resolve_remote("no such host", 5060).unwrap_err();
    assert_eq!(error.to_string(), "Unknown remote host 'no such host'.");
    let warning = std::error::Error::source(&error).unwrap().to_string();
    assert!(warning.starts_with("getaddrinfo failed: "), "{warning}");
    assert!(!warning.contains("lookup address information"), "{warning}");
}

/// transport.md §4: the first row of the table, with and without -bind_local.
#[test]
fn a_given_address_binds_and_keeps_its_text() {
    for bind_local in [false, true] {
        let chosen = local(Some("127.0.0.1"), bind_local, Some("127.0.0.1")).unwrap();
        assert_eq!((chosen.text.as_str(), chosen.bind), ("127.0.0.1", ip("127.0.0.1")));
    }
    let named = local(Some("localhost:99"), false, Some("127.0.0.1")).unwrap();
    assert_eq!((named.text.as_str(), named.bind), ("localhost", ip("127.0.0.1")));
    let bracketed = local(Some("[::1]:5060"), false, None).unwrap();
    assert_eq!((bracketed.text.as_str(), bracketed.bind), ("::1", ip("::1")));
}

/// transport.md §4.
#[test]
fn a_given_wildcard_is_accepted() {
    for text in ["0.0.0.0", "::"] {
        let chosen = local(Some(text), false, None).unwrap();
        assert_eq!((chosen.text.as_str(), chosen.bind), (text, ip(text)));
    }
}

/// transport.md §4: the second row of the table.
#[test]
fn without_an_address_the_route_to_the_remote_gives_the_text_and_the_wildcard_is_bound() {
    for (remote, wildcard) in [("127.0.0.1", "0.0.0.0"), ("::1", "::")] {
        let chosen = local(None, false, Some(remote)).unwrap();
        assert_eq!((chosen.text.as_str(), chosen.addr, chosen.bind), (remote, ip(remote), ip(wildcard)));
        assert_eq!(local(None, true, Some(remote)).unwrap().bind, ip(remote));
    }
}

/// transport.md §4: the third row of the table.
#[test]
fn without_any_host_the_machine_s_name_gives_the_family() {
    assert!(own_address("localhost").unwrap().is_loopback());
    let chosen = local(None, false, None).unwrap();
    assert!(chosen.bind.is_unspecified());
    assert_eq!(chosen.bind.is_ipv6(), chosen.addr.is_ipv6());
    assert_eq!(chosen.text, chosen.addr.to_string());
}

/// transport.md §4: better than SIPp, which ends.
#[test]
fn a_machine_whose_name_does_not_resolve_serves_on_the_wildcard() {
    assert_eq!(own_address("no such host"), None);
    let chosen = nameless_local();
    assert_eq!((chosen.text.as_str(), chosen.bind), ("127.0.0.1", ip("0.0.0.0")));
}

/// transport.md §5.
#[test]
fn literals_of_different_families_are_refused() {
    let error = local(Some("::1"), false, Some("127.0.0.1")).unwrap_err().to_string();
    assert_eq!(error, "Network family mismatch for local (::1) and remote (127.0.0.1, 2) IP");
    let error = local(Some("127.0.0.1"), false, Some("::1")).unwrap_err().to_string();
    assert_eq!(error, "Network family mismatch for local (127.0.0.1) and remote (::1, 10) IP");
}

/// transport.md §5.
#[test]
fn a_local_name_that_does_not_resolve_is_refused() {
    let error = local(Some("no such host"), false, Some("127.0.0.1")).unwrap_err().to_string();
    assert_eq!(error, "Can't get local IP address in getaddrinfo, local_ip='no such host', ret=-2");
}

/// transport.md §4.
#[test]
fn no_route_carries_the_errno() {
    let error = AddressError::NoRoute(io::Error::from_raw_os_error(libc::ENETUNREACH)).to_string();
    assert_eq!(error, "Failed to find our local ip, errno = 101 (Network is unreachable)");
}

/// transport.md §4, §10: `-rsa` plays no part in choosing the local address.
#[test]
fn the_sending_address_does_not_choose_the_local_one() {
    let remote = Remote { host: "localhost".to_owned(), addr: resolve_remote("127.0.0.1", 5060).unwrap() };
    let sending = Some(resolve_remote("::1", 5080).unwrap());
    let chosen = Endpoints::choose(Some(remote), sending, LocalWish::default()).unwrap();
    assert_eq!((chosen.local_ip.as_str(), chosen.is_ipv6), ("127.0.0.1", false));
    assert_eq!((chosen.bind, chosen.call_bind), (ip("0.0.0.0"), ip("127.0.0.1")));
}
