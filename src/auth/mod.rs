//! Digest authentication: reads challenges, computes credentials, checks those of others.
//! Spec: auth.md; RFC 3261 §22, RFC 7616, RFC 8760, RFC 3310 and RFC 4169 (AKA), 3GPP TS 35.206 (Milenage). In: header values,
//! keys, and what the caller drew at random. Out: header lines and verdicts. Must not draw numbers, know calls or end anything:
//! every mistake of a peer is an [`AuthError`] or a [`Rejection`].
//!
//! `params` reads `name=value` lists, `challenge` picks the challenge to answer, `digest` computes, `credentials` writes,
//! `stored` is what a call remembers, `verify` is the server's side. `aka` and `milenage` make the password of AKA.
//!
//! Why not rsip's typed headers: they know one `qop` (`"auth,auth-int"` is an error), `SHA256` instead of `SHA-256`, no AKA, an
//! `nc` that is decimal and ends at 255, and only URIs they can parse. The tests use them, and rsip's digest, as an independent
//! reader of our headers.

mod aka;
mod algorithm;
mod challenge;
mod credentials;
mod digest;
mod milenage;
mod params;
mod stored;
mod verify;

pub use aka::AkaKeys;
pub use credentials::{Identity, Request};
pub use stored::{Challenges, NoChallenge, Status};
pub use verify::{Expected, Rejection, verify};

#[cfg(test)]
mod tests;

/// Why a challenge cannot be answered, with SIPp's sentence. The call fails (auth.md §2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No challenge with the scheme `Digest`.
    #[error("createAuthHeader: authentication must be digest")]
    NotDigest,
    /// No challenge with an algorithm we have.
    #[error(
        "createAuthHeader: authentication must use MD5, AKAv1-MD5 or SHA-256, SHA-512-256 or AKAv2-MD5, value is '{0}'"
    )]
    UnknownAlgorithm(String),
    /// No realm, or an empty one.
    #[error("createAuthHeader: couldn't parse realm in '{0}'")]
    NoRealm(String),
    /// No nonce, or an empty one.
    #[error("createAuthHeader: couldn't parse nonce")]
    NoNonce,
    /// AKA: the nonce has fewer than 32 bytes; 0 when it is no base64.
    #[error("createAuthHeaderAKAv1MD5: Nonce is too short {0} < 32 expected")]
    ShortNonce(usize),
    /// AKA: the server proves knowledge of another key, or uses another AMF.
    #[error(
        "createAuthHeaderAKAv1MD5: MAC != expectedMAC -> Server might not know the secret (man-in-the-middle attack?)"
    )]
    WrongMac,
}
