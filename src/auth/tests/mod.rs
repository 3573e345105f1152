//! Tests of auth.md and the RFCs behind it. The client's vectors of auth.md §7 are in `message::tests::authentication`: they
//! begin with a keyword.

mod milenage;
mod rfc;
mod rsip_agrees;
mod verifying;

use super::algorithm::Algorithm;
use super::digest::{Digest, Protection};

/// A digest of user joe, password schmo, realm r, nonce n1, URI sip:reg, REGISTER.
fn joe() -> Digest<'static> {
    Digest {
        algorithm: Algorithm::named(b"MD5").unwrap(),
        user: b"joe",
        realm: b"r",
        password: b"schmo",
        nonce: b"n1",
        cnonce: b"",
        protection: None,
        method: b"REGISTER",
        uri: b"sip:reg",
        body: b"",
    }
}

fn response(digest: &Digest<'_>) -> String {
    String::from_utf8(digest.response().to_vec()).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn algorithm(name: &str) -> Algorithm {
    Algorithm::named(name.as_bytes()).unwrap()
}

const AUTH: Option<Protection<'_>> = Some(Protection { qop: b"auth", count: b"00000001" });
