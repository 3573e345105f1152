//! A name server on a free port of loopback: answers by a zone, or by whatever a test does with the questions, and a record of these.
//! It writes its answers itself, byte by byte, so that it is no party to what the program's library takes for right.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::program::readable_within;

/// How long it stays after the last question.
const DEADLINE: Duration = Duration::from_secs(60);

const TYPES: [(&str, u16); 4] = [("A", 1), ("AAAA", 28), ("SRV", 33), ("NAPTR", 35)];

/// The name server.
pub struct Dns {
    /// Where it listens.
    pub addr: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    socket: UdpSocket,
    thread: Option<JoinHandle<()>>,
}

/// A question, and the message that holds it.
pub struct Question {
    message: Vec<u8>,
    text: String,
}

impl Question {
    fn read(message: &[u8]) -> Question {
        let mut labels = Vec::new();
        let mut rest = &message[12..];
        while let [length @ 1..=63, ..] = *rest {
            let (label, behind) = rest[1..].split_at(length.into());
            labels.push(String::from_utf8_lossy(label).to_lowercase());
            rest = behind;
        }
        let number = u16::from_be_bytes([rest[1], rest[2]]);
        let kind = TYPES.iter().find(|(_, known)| *known == number).map_or("?", |(kind, _)| *kind);
        let name = if labels.is_empty() { ".".to_owned() } else { labels.join(".") };
        // Without the additional section: who asks with EDNS takes answers without.
        let length = message.len() - rest.len() + 5;
        Question { message: message[..length].to_owned(), text: format!("{kind} {name}") }
    }

    /// Type and name.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// An answer of this code with these records, each written as a line of a zone.
    pub fn answer(&self, code: u8, records: &[&str]) -> Vec<u8> {
        let mut bytes = self.message.clone();
        bytes[2..12].copy_from_slice(&[0x81, 0x80 | code, 0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
        records.iter().for_each(|record| bytes.extend(written(record)));
        bytes
    }
}

impl Dns {
    /// Answers as `answer` says; None is silence.
    pub fn new(mut answer: impl FnMut(&Question) -> Option<Vec<u8>> + Send + 'static) -> Dns {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let addr = socket.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (served, record) = (socket.try_clone().unwrap(), asked.clone());
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 4_096];
            while readable_within(&served, DEADLINE) {
                let Ok((length, from)) = served.recv_from(&mut buffer) else { continue };
                if from == addr {
                    return;
                }
                let question = Question::read(&buffer[..length]);
                let answer = answer(&question);
                record.lock().unwrap().push(question.text);
                if let Some(answer) = answer {
                    // The program may have ended: that is for the test to judge.
                    let _ = served.send_to(&answer, from);
                }
            }
        });
        Dns { addr, asked, socket, thread: Some(thread) }
    }

    /// Answers from a zone, a line a record: `name TYPE data`. Other names do not exist.
    pub fn serving(zone: impl Into<String>) -> Dns {
        let zone = zone.into();
        Dns::new(move |question| {
            let (kind, name) = question.text.split_once(' ').unwrap();
            let of_name = zone.lines().map(str::trim).filter(|line| line.split(' ').next() == Some(name));
            let of_name: Vec<&str> = of_name.collect();
            let code = if of_name.is_empty() { 3 } else { 0 };
            let found = of_name.into_iter().filter(|line| line.split(' ').nth(1) == Some(kind));
            Some(question.answer(code, &found.collect::<Vec<_>>()))
        })
    }

    /// What it was asked, each question once, however often it was repeated.
    pub fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.dedup();
        asked
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        // An empty datagram from itself ends the thread.
        let _ = self.socket.send_to(&[], self.addr);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if std::thread::panicking() {
            eprintln!("\n=== the name server at {} was asked {:?}", self.addr, self.asked());
        }
    }
}

/// A line of a zone as a resource record (RFC 1035 §3.2.1, RFC 2782, RFC 3403 §4.1).
fn written(line: &str) -> Vec<u8> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (_, number) = TYPES.iter().find(|(kind, _)| *kind == words[1]).unwrap();
    let mut data = Vec::new();
    match words[1..] {
        ["A" | "AAAA", ip] => match ip.parse().unwrap() {
            IpAddr::V4(ip) => data.extend(ip.octets()),
            IpAddr::V6(ip) => data.extend(ip.octets()),
        },
        ["SRV", priority, weight, port, target] => {
            [priority, weight, port].iter().for_each(|number| data.extend(short(number)));
            data.extend(name(target));
        }
        ["NAPTR", order, preference, flags, service, replacement] => {
            [order, preference].iter().for_each(|number| data.extend(short(number)));
            for text in [flags, service, ""] {
                data.push(text.len() as u8);
                data.extend(text.as_bytes());
            }
            data.extend(name(replacement));
        }
        _ => panic!("not a record: {line}"),
    }
    let mut bytes = name(words[0]);
    bytes.extend(number.to_be_bytes());
    bytes.extend([0, 1, 0, 0, 0, 60]);
    bytes.extend((data.len() as u16).to_be_bytes());
    bytes.extend(data);
    bytes
}

fn short(number: &str) -> [u8; 2] {
    number.parse::<u16>().unwrap().to_be_bytes()
}

fn name(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in text.split('.').filter(|label| !label.is_empty()) {
        bytes.push(label.len() as u8);
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}
