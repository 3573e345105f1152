//! The response of a digest.
//! Spec: auth.md §3 "Digest computation"; RFC 7616 §3.4.1-§3.4.3. In: all that is hashed. Out: hex digits. Must not choose
//! anything.

use super::algorithm::{Algorithm, Hex};

/// All that goes into a response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digest<'a> {
    pub algorithm: Algorithm,
    pub user: &'a [u8],
    pub realm: &'a [u8],
    pub password: &'a [u8],
    pub nonce: &'a [u8],
    pub cnonce: &'a [u8],
    /// Protection: the server asked for it.
    pub protection: Option<Protection<'a>>,
    pub method: &'a [u8],
    pub uri: &'a [u8],
    pub body: &'a [u8],
}

/// `qop` and `nc` of credentials.
#[derive(Clone, Copy, Debug)]
pub(super) struct Protection<'a> {
    pub qop: &'a [u8],
    pub count: &'a [u8],
}

impl Digest<'_> {
    pub fn response(&self) -> Hex {
        let hash = self.algorithm.hash;
        let mut a1 = hash.of(&[self.user, self.realm, self.password]);
        if self.algorithm.is_session {
            a1 = hash.of(&[&a1, self.nonce, self.cnonce]);
        }
        let a2 = match self.protection {
            Some(protection) if covers_body(protection.qop) => {
                hash.of(&[self.method, self.uri, &hash.of(&[self.body])])
            }
            _ => hash.of(&[self.method, self.uri]),
        };
        match self.protection {
            Some(Protection { qop, count }) => hash.of(&[&a1, self.nonce, count, self.cnonce, qop, &a2]),
            None => hash.of(&[&a1, self.nonce, &a2]),
        }
    }
}

/// Whether `auth-int` is in it, in any letter case.
pub(super) fn covers_body(qop: &[u8]) -> bool {
    contains(qop, b"auth-int")
}

pub(super) fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}
