//! Writes `Authorization` and `Proxy-Authorization`.
//! Spec: auth.md §3 "Output format". In: a challenge, who answers it, the request. Out: the header, appended, without line end.

use std::io::Write as _;

use super::algorithm::Secret;
use super::challenge::Challenge;
use super::digest::{Digest, Protection};
use super::params::unquoted;
use super::{AkaKeys, AuthError, Status, aka};

/// Who answers.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// `username`
    pub user: &'a [u8],
    /// `password`
    pub password: &'a [u8],
    /// `aka_K`, `aka_OP`, `aka_AMF`
    pub aka: AkaKeys,
    /// Whether `aka_K` or `aka_OP` was given: then AKA is preferred to a password.
    pub has_card: bool,
}

/// The request that carries the credentials.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Its method.
    pub method: &'a [u8],
    /// The `uri` parameter: not necessarily the request's URI.
    pub uri: &'a [u8],
    /// What follows its empty line.
    pub body: &'a [u8],
}

/// What only this use of the challenge has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fresh {
    pub cnonce: u32,
    /// From 1.
    pub count: u32,
}

/// Appends the header.
pub(super) fn write(
    status: Status,
    challenge: &Challenge<'_>,
    who: &Identity<'_>,
    request: &Request<'_>,
    fresh: Fresh,
    out: &mut Vec<u8>,
) -> Result<(), AuthError> {
    let Challenge { algorithm, nonce, .. } = *challenge;
    let one_time;
    let password = match algorithm.secret {
        Secret::Password => who.password,
        secret => {
            one_time = aka::password(secret, nonce, &who.aka)?;
            &one_time
        }
    };
    let cnonce = format!("{:x}", fresh.cnonce);
    let count = format!("{:08x}", fresh.count);
    let protection = challenge.qop.map(|qop| Protection { qop, count: count.as_bytes() });
    let response = Digest {
        algorithm,
        user: who.user,
        realm: &unquoted(challenge.realm),
        password,
        nonce: &unquoted(nonce),
        cnonce: cnonce.as_bytes(),
        protection,
        method: request.method,
        uri: request.uri,
        body: request.body,
    }
    .response();

    out.extend_from_slice(status.credentials_header());
    out.extend_from_slice(b": Digest username=\"");
    append_quotable(who.user, out);
    text(out, "\",realm=\"", challenge.realm);
    match protection {
        // Writing to a Vec cannot fail.
        Some(Protection { qop, .. }) => {
            drop(write!(out, "\",cnonce=\"{cnonce}\",nc={count},qop="));
            text(out, "", qop);
            text(out, ",uri=\"", request.uri);
        }
        // Without its cnonce nobody could compute the session key again.
        None if algorithm.is_session => {
            drop(write!(out, "\",cnonce=\"{cnonce}\",uri=\""));
            text(out, "", request.uri);
        }
        None => text(out, "\",uri=\"", request.uri),
    }
    text(out, "\",nonce=\"", nonce);
    text(out, "\",response=\"", &response);
    text(out, "\",algorithm=", challenge.algorithm_text);
    if let Some(opaque) = challenge.opaque {
        text(out, ",opaque=\"", opaque);
        out.push(b'"');
    }
    Ok(())
}

fn text(out: &mut Vec<u8>, before: &str, text: &[u8]) {
    out.extend_from_slice(before.as_bytes());
    out.extend_from_slice(text);
}

/// A user name may contain quotes; one that its scenario has guarded stays as it is.
fn append_quotable(text: &[u8], out: &mut Vec<u8>) {
    let mut guarded = false;
    for &byte in text {
        if byte == b'"' && !guarded {
            out.push(b'\\');
        }
        guarded = byte == b'\\' && !guarded;
        out.push(byte);
    }
}
