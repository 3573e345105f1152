//! The challenge to answer, out of those that a response brings.
//! Spec: auth.md §3 "Parsing the challenge"; RFC 3261 §22.1, RFC 8760 §2.4. In: header values joined by commas. Out: the
//! strongest challenge we can answer, its parameters never mixed with those of another. Must not compute.

use super::AuthError;
use super::algorithm::{Algorithm, Hash, Secret};
use super::digest::{contains, covers_body};
use super::params::{Section, sections};

/// A challenge we can answer. Texts are as between their quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Challenge<'a> {
    pub realm: &'a [u8],
    pub nonce: &'a [u8],
    pub opaque: Option<&'a [u8]>,
    /// What our credentials say.
    pub qop: Option<&'a [u8]>,
    pub algorithm: Algorithm,
    /// As the server spells it.
    pub algorithm_text: &'a [u8],
}

/// How much the user's keys say about AKA: with keys of a card it is the best there is, with a mere password the last resort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    Card,
    Password,
}

/// The strongest; of equal ones the first.
pub(super) fn choose<'a>(text: &'a [u8], keys: Keys) -> Result<Challenge<'a>, AuthError> {
    let mut best: Option<Challenge<'a>> = None;
    let mut first_error = None;
    for section in sections(text).iter().filter(|section| section.is_digest()) {
        match Challenge::read(section, text) {
            Ok(challenge) => {
                if best.is_none_or(|best| challenge.strength(keys) > best.strength(keys)) {
                    best = Some(challenge);
                }
            }
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    best.ok_or_else(|| first_error.unwrap_or(AuthError::NotDigest))
}

impl<'a> Challenge<'a> {
    fn read(section: &Section<'a>, text: &[u8]) -> Result<Challenge<'a>, AuthError> {
        let lossy = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let algorithm_text = section.get("algorithm").unwrap_or(b"MD5");
        let algorithm = Algorithm::named(algorithm_text)
            .ok_or_else(|| AuthError::UnknownAlgorithm(lossy(algorithm_text)))?;
        let realm = section.get("realm").ok_or_else(|| AuthError::NoRealm(lossy(text)))?;
        let nonce = section.get("nonce").ok_or(AuthError::NoNonce)?;
        Ok(Challenge {
            realm,
            nonce,
            opaque: section.get("opaque"),
            qop: section.get("qop").map(chosen_qop),
            algorithm,
            algorithm_text,
        })
    }

    fn strength(&self, keys: Keys) -> (bool, Secret, Hash) {
        let Algorithm { hash, secret, .. } = self.algorithm;
        let is_wanted = (secret == Secret::Password) == (keys == Keys::Password);
        (is_wanted, secret, hash)
    }
}

/// `auth-int` wherever it is offered, else `auth`, else the text as it is.
fn chosen_qop(offered: &[u8]) -> &[u8] {
    if covers_body(offered) {
        b"auth-int"
    } else if contains(offered, b"auth") {
        b"auth"
    } else {
        offered
    }
}
