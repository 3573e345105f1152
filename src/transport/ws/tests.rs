//! RFC 7118 between two buffers, byte by byte.

use super::*;

/// A client and a server, and what is on its way.
struct Pair {
    client: Ws,
    server: Ws,
    to_server: Vec<u8>,
    to_client: Vec<u8>,
}

impl Pair {
    fn new() -> Pair {
        let asked = request(false, "127.0.0.1:5060", "sip").unwrap();
        let (to_server, to_client) = (Vec::new(), Vec::new());
        Pair { client: Ws::client(&asked).unwrap(), server: Ws::server(), to_server, to_client }
    }

    /// Passes what is on its way in pieces of this size, until both are open.
    fn open(&mut self, piece: usize) {
        for _ in 0..10 {
            if self.client.shake_hands(&mut self.to_server).unwrap() & self.server.is_open() {
                return;
            }
            for bytes in std::mem::take(&mut self.to_server).chunks(piece) {
                self.server.feed(bytes);
                if !self.server.is_open() {
                    self.server.shake_hands(&mut self.to_client).unwrap();
                }
            }
            std::mem::take(&mut self.to_client).chunks(piece).for_each(|bytes| self.client.feed(bytes));
        }
        panic!("no agreement");
    }

    /// The messages that the server gets from the bytes on their way.
    fn heard_by_server(&mut self) -> Vec<String> {
        self.server.feed(&std::mem::take(&mut self.to_server));
        let mut heard = Vec::new();
        while self.server.next_message(&mut self.to_client).unwrap() == Found::Message {
            heard.push(String::from_utf8_lossy(self.server.text()).into_owned());
        }
        heard
    }
}

#[test]
fn messages_pass_one_a_frame_and_those_sent_before_the_upgrade_are_kept() {
    for piece in [1, 7, 4_096] {
        let mut pair = Pair::new();
        pair.client.send(b"early", &mut Vec::new());
        pair.open(piece);
        pair.client.send(b"one", &mut pair.to_server);
        pair.client.send(&[0xff, 0xfe], &mut pair.to_server);
        let heard = pair.heard_by_server();
        assert_eq!((&heard[..2], heard.len()), (&["early".to_owned(), "one".to_owned()][..], 3), "{piece}");
        pair.server.send(b"back", &mut pair.to_client);
        pair.client.feed(&std::mem::take(&mut pair.to_client));
        assert_eq!(pair.client.next_message(&mut Vec::new()), Ok(Found::Message));
        assert_eq!(pair.client.text(), b"back");
    }
}

#[test]
fn a_server_refuses_what_asks_for_no_upgrade_or_for_another_subprotocol() {
    let upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (asked, is_served) in [
        (format!("{upgrade}\r\n"), true),
        (format!("{upgrade}Sec-WebSocket-Protocol: xmpp, SIP\r\n\r\n"), true),
        (format!("{upgrade}Sec-WebSocket-Protocol: xmpp\r\n\r\n"), false),
        ("OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\n\r\n".to_owned(), false),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), false),
    ] {
        let mut server = Ws::server();
        server.feed(asked.as_bytes());
        assert_eq!(server.shake_hands(&mut Vec::new()).is_ok(), is_served, "{asked}");
    }
    let mut refusal = Vec::new();
    let mut server = Ws::server();
    server.feed(format!("{upgrade}Sec-WebSocket-Protocol: xmpp\r\n\r\n").as_bytes());
    assert!(server.shake_hands(&mut refusal).is_err());
    assert_eq!(refusal, b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    let mut server = Ws::server();
    server.feed(&[b'x'; LONGEST_UPGRADE + 1]);
    assert!(server.shake_hands(&mut Vec::new()).is_err());
}

#[test]
fn a_client_refuses_a_server_that_does_not_speak_sip() {
    let mut client = Ws::client(&request(true, "a", "/").unwrap()).unwrap();
    let mut asked = Vec::new();
    assert!(!client.shake_hands(&mut asked).unwrap());
    let asked = String::from_utf8(asked).unwrap();
    assert!(
        asked.starts_with("GET / HTTP/1.1\r\n")
            && asked.to_lowercase().contains("sec-websocket-protocol: sip")
    );
    client.feed(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    assert!(client.shake_hands(&mut Vec::new()).is_err());
}

#[test]
fn a_frame_longer_than_a_message_may_be_breaks_the_rules() {
    let mut pair = Pair::new();
    pair.open(100);
    pair.client.send(&vec![b'x'; LONGEST + 1], &mut pair.to_server);
    pair.server.feed(&std::mem::take(&mut pair.to_server));
    assert!(pair.server.next_message(&mut Vec::new()).is_err());
}

/// RFC 6455 §5.5.1, §7.1.1: in both roles, behind what was said before.
#[test]
fn a_goodbye_is_answered_and_ends_the_connection() {
    let mut pair = Pair::new();
    pair.open(100);
    pair.client.send(b"last", &mut pair.to_server);
    pair.client.close(&mut pair.to_server);
    assert_eq!(pair.heard_by_server(), ["last"]);
    assert_eq!(pair.server.next_message(&mut Vec::new()), Ok(Found::Goodbye));
    pair.client.feed(&pair.to_client);
    assert_eq!(pair.client.next_message(&mut Vec::new()), Ok(Found::Goodbye));
}
