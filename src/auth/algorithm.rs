//! Digest algorithms by name, and their hash functions.
//! Spec: auth.md (table of algorithms), RFC 8760 §2, RFC 3310 §3.1, RFC 4169 §3. Must not know headers.

use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};
use smallvec::SmallVec;

/// A hash in lower-case hex digits: 32 or 64 of them.
pub(super) type Hex = SmallVec<[u8; 64]>;

/// Hash functions, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hash {
    Md5,
    Sha256,
    Sha512_256,
}

/// Where the password comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Secret {
    /// The user's.
    Password,
    /// RES (RFC 3310).
    AkaV1,
    /// Made of RES, IK and CK (RFC 4169).
    AkaV2,
}

/// The `algorithm` parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Algorithm {
    pub hash: Hash,
    /// `-sess`: the hash of the password goes with nonce and cnonce into a session key.
    pub is_session: bool,
    pub secret: Secret,
}

const NAMES: [(&str, Hash, Secret); 5] = [
    ("AKAv1-MD5", Hash::Md5, Secret::AkaV1),
    ("AKAv2-MD5", Hash::Md5, Secret::AkaV2),
    ("SHA-512-256", Hash::Sha512_256, Secret::Password),
    ("SHA-256", Hash::Sha256, Secret::Password),
    ("MD5", Hash::Md5, Secret::Password),
];

impl Algorithm {
    /// The algorithm whose name `text` begins with, in any letter case.
    pub fn named(text: &[u8]) -> Option<Algorithm> {
        NAMES.iter().find_map(|&(name, hash, secret)| {
            let rest = after(text, name)?;
            Some(Algorithm { hash, secret, is_session: after(rest, "-sess").is_some() })
        })
    }
}

fn after<'a>(text: &'a [u8], start: &str) -> Option<&'a [u8]> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start.as_bytes()).then_some(rest)
}

impl Hash {
    /// Hash of the parts with colons between them.
    pub fn of(self, parts: &[&[u8]]) -> Hex {
        match self {
            Hash::Md5 => hex(&joined::<Md5>(parts)),
            Hash::Sha256 => hex(&joined::<Sha256>(parts)),
            Hash::Sha512_256 => hex(&joined::<Sha512_256>(parts)),
        }
    }
}

fn joined<D: Digest>(parts: &[&[u8]]) -> SmallVec<[u8; 32]> {
    let mut digest = D::new();
    for (nth, part) in parts.iter().enumerate() {
        if nth > 0 {
            digest.update(b":");
        }
        digest.update(part);
    }
    SmallVec::from_slice(&digest.finalize())
}

fn hex(bytes: &[u8]) -> Hex {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
