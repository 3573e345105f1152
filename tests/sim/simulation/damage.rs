//! What happens to datagrams on a bad link, and what strangers send: noise, real messages again, and real messages changed.
//! Spec: runtime.md §6.1. In: dice and the messages of late. Out: bytes. Must not know who gets them.

use super::dice::Dice;

/// Things that look like parts of a message, for places where something else stood.
const SPLINTERS: [&str; 22] = [
    "\r\n",
    "\n",
    "\r\n\r\n",
    "\0",
    "SIP/2.0 ",
    "SIP/2.0 200 OK\r\n",
    "INVITE sip:x SIP/2.0\r\n",
    "Call-ID: stray-1\r\n",
    "i:\r\n",
    "CSeq: 4294967295 INVITE\r\n",
    "CSeq: 99999999999999999999 ACK\r\n",
    "To: <sip:x>;tag=\r\n",
    "t:\r\n",
    "Contact: \"<,\\\" <sip:a@b>\r\n",
    "Record-Route: <sip:a;lr>,,\"<\r\n",
    "Via: SIP/2.0/UDP h;branch=\r\n",
    ";tag=",
    "///",
    "<>",
    "-1",
    "\u{fffd}",
    " \t ",
];

/// Numbers in which a number may turn.
const NUMBERS: [&str; 8] = ["0", "-1", "4294967295", "4294967296", "18446744073709551616", "000", "1e9", ""];

/// A datagram of a stranger; `late`: what was on the way lately, as far as it knows that.
pub fn strange(dice: &mut Dice, late: &[Vec<u8>]) -> Vec<u8> {
    match dice.within(0, 9) {
        0 => (0..dice.within(0, 200)).map(|_| dice.byte()).collect(),
        1 => dice.pick(&[&b""[..], b"\r\n\r\n", b"\0\0\0\0", b"\r\n", b"SIP/2.0"]).to_vec(),
        2 => splinters(dice),
        3 => stray(dice),
        4 | 5 if !late.is_empty() => late[dice.below(late.len())].clone(),
        _ if !late.is_empty() => {
            let mut bytes = late[dice.below(late.len())].clone();
            for _ in 0..dice.within(1, 3) {
                bytes = damaged(dice, bytes, late);
            }
            bytes
        }
        _ => splinters(dice),
    }
}

fn splinters(dice: &mut Dice) -> Vec<u8> {
    (0..dice.within(0, 12)).flat_map(|_| dice.pick(&SPLINTERS).bytes().collect::<Vec<_>>()).collect()
}

/// A sound message of nobody's call.
fn stray(dice: &mut Dice) -> Vec<u8> {
    let method = dice.pick(&["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "PING", "X"]);
    let first = match dice.within(0, 2) {
        0 => format!("SIP/2.0 {} Words", dice.pick(&[100, 180, 200, 404, 699])),
        _ => format!("{method} sip:x@127.0.0.1 SIP/2.0"),
    };
    let id = dice.within(1, 4);
    format!(
        "{first}\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKs{id}\r\nFrom: <sip:s@h>;tag=s\r\nTo: <sip:x@h>\r\n\
         Call-ID: stray-{id}\r\nCSeq: {id} {method}\r\nContact: <sip:s@h>\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// A datagram after an accident.
pub fn damaged(dice: &mut Dice, mut bytes: Vec<u8>, late: &[Vec<u8>]) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let (from, to) = span(dice, bytes.len());
    match dice.within(0, 11) {
        0 => bytes[from] ^= 1 << dice.within(0, 7),
        1 => bytes[from] = dice.byte(),
        2 => bytes.truncate(from),
        3 => bytes.insert(from, 0),
        4 => drop(bytes.drain(from..to)),
        5 => {
            let again = bytes[from..to].to_vec();
            bytes.splice(from..from, again);
        }
        6 => {
            let splinter = dice.pick(&SPLINTERS).bytes();
            bytes.splice(from..to, splinter);
        }
        7 => other_number(dice, &mut bytes),
        8 => without_line(dice, &mut bytes),
        9 if !late.is_empty() => {
            let other = &late[dice.below(late.len())];
            let joint = dice.below(other.len() + 1);
            bytes.truncate(from);
            bytes.extend_from_slice(&other[joint..]);
        }
        10 => {
            let long = vec![dice.pick(b"A,<\" "); dice.within(60, 5_000) as usize];
            bytes.splice(from..from, long);
        }
        _ => bytes.make_ascii_lowercase(),
    }
    bytes
}

/// A stretch of up to 40 bytes.
fn span(dice: &mut Dice, length: usize) -> (usize, usize) {
    let from = dice.below(length);
    (from, (from + dice.within(0, 40) as usize).min(length))
}

/// Some number becomes another one.
fn other_number(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let start = dice.below(bytes.len());
    let Some(from) = bytes[start..].iter().position(u8::is_ascii_digit).map(|at| start + at) else { return };
    let length = bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = dice.pick(&NUMBERS).bytes();
    bytes.splice(from..from + length, number);
}

/// A whole line disappears.
fn without_line(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let gone = dice.below(lines.len());
    *bytes = lines.into_iter().enumerate().filter(|(at, _)| *at != gone).flat_map(|(_, line)| line).collect();
}
