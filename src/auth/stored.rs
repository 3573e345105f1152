//! The challenges that a call remembers, and how often each was answered.
//! Spec: auth.md §1, §3 (`nc`). In: 401 and 407 responses. Out: credentials for the requests that follow. Must not choose a
//! cnonce.

use super::AuthError;
use super::challenge::{Challenge, Keys, choose};
use super::credentials::{self, Fresh, Identity, Request};
use crate::sip::header;

/// The response that brought a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 401: a server or registrar asks.
    Unauthorized,
    /// 407: a proxy asks.
    ProxyAuthenticationRequired,
}

impl Status {
    /// None: this response brings no challenge.
    pub fn of(code: u16) -> Option<Status> {
        match code {
            401 => Some(Status::Unauthorized),
            407 => Some(Status::ProxyAuthenticationRequired),
            _ => None,
        }
    }

    /// Name of the header with the answer.
    pub(super) fn credentials_header(self) -> &'static [u8] {
        match self {
            Status::Unauthorized => b"Authorization",
            Status::ProxyAuthenticationRequired => b"Proxy-Authorization",
        }
    }

    /// Names of the headers with the challenges: the one that belongs to this status first.
    fn challenge_headers(self) -> [&'static [u8]; 2] {
        let (www, proxy) = (b"WWW-Authenticate", b"Proxy-Authenticate");
        match self {
            Status::Unauthorized => [www, proxy],
            Status::ProxyAuthenticationRequired => [proxy, www],
        }
    }
}

/// The response has neither header, or only empty ones. The call fails (auth.md §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Couldn't find 'Proxy-Authenticate' or 'WWW-Authenticate' in 401 or 407!")]
pub struct NoChallenge;

/// What was asked of a call: the newest challenge, and the one of the other kind when both guard the same request (a proxy and
/// the server behind it): both must be answered then (RFC 3261 §22.3).
#[derive(Debug, Default)]
pub struct Challenges {
    newest: Option<Stored>,
    other: Option<Stored>,
}

#[derive(Debug)]
struct Stored {
    status: Status,
    /// Method of the request that was challenged.
    method: Box<[u8]>,
    /// Values of the header that belongs to the status; it may be empty.
    text: Box<[u8]>,
    /// Values of the other one: a fallback, as some servers mix them up.
    fallback: Box<[u8]>,
    /// Credentials made so far: `nc`.
    answered: u32,
    /// `-sess`: the first cnonce, part of the session key, serves as long as the challenge.
    session_cnonce: Option<u32>,
}

impl Challenges {
    /// Stores the challenge of a response to a request of this method. The count of credentials begins anew, even for the same
    /// nonce.
    ///
    /// # Errors
    /// There is none in it.
    pub fn store(&mut self, status: Status, response: &[u8], method: &[u8]) -> Result<(), NoChallenge> {
        let [text, fallback] = status.challenge_headers().map(|name| values(response, name));
        if text.is_empty() && fallback.is_empty() {
            return Err(NoChallenge);
        }
        let stored =
            Stored { status, method: method.into(), text, fallback, answered: 0, session_cnonce: None };
        let before = [self.newest.take(), self.other.take()];
        self.other = before.into_iter().flatten().find(|old| old.status != status && *old.method == *method);
        self.newest = Some(stored);
        Ok(())
    }

    /// Appends the credentials: one header without line end, or two with a line end between them.
    ///
    /// # Errors
    /// The newest challenge cannot be answered.
    pub fn answer(
        &mut self,
        who: &Identity<'_>,
        request: &Request<'_>,
        cnonce: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), AuthError> {
        self.newest.as_mut().ok_or(AuthError::NotDigest)?.answer(who, request, cnonce, out)?;
        if let Some(other) = self.other.as_mut().filter(|other| *other.method == *request.method) {
            let end = out.len();
            out.extend_from_slice(b"\r\n");
            if other.answer(who, request, cnonce, out).is_err() {
                out.truncate(end);
            }
        }
        Ok(())
    }
}

impl Stored {
    fn answer(
        &mut self,
        who: &Identity<'_>,
        request: &Request<'_>,
        cnonce: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), AuthError> {
        let keys = if who.has_card { Keys::Card } else { Keys::Password };
        let challenge = chosen(&self.text, &self.fallback, keys)?;
        let cnonce = match challenge.algorithm.is_session {
            true => *self.session_cnonce.get_or_insert(cnonce),
            false => cnonce,
        };
        self.answered = self.answered.wrapping_add(1);
        let fresh = Fresh { cnonce, count: self.answered };
        credentials::write(self.status, &challenge, who, request, fresh, out)
    }
}

/// From the header that belongs to the status, if there is one we can answer.
fn chosen<'a>(text: &'a [u8], fallback: &'a [u8], keys: Keys) -> Result<Challenge<'a>, AuthError> {
    if text.is_empty() {
        return choose(fallback, keys);
    }
    choose(text, keys).or_else(|error| choose(fallback, keys).map_err(|_| error))
}

fn values(response: &[u8], name: &[u8]) -> Box<[u8]> {
    let mut text = Vec::new();
    header::append_values(response, name, &mut text);
    let is_empty = text.iter().all(|byte| matches!(byte, b' ' | b'\t' | b','));
    if is_empty { Box::default() } else { text.into() }
}
