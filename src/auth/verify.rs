//! Checks the credentials in a message: `<verifyauth>`.
//! Spec: auth.md §5, actions.md §3.23. In: the message and what the scenario expects. Out: accepted, or why not. What SIPp does
//! not look at (user, URI, nonce, realm) is looked at only when the scenario asks for it, so that old scenarios accept whom
//! they always did.

use super::algorithm::{Algorithm, Secret};
use super::digest::{Digest, Protection, covers_body};
use super::params::{Section, sections, unquoted};
use super::{AkaKeys, aka};
use crate::sip::header;

/// What good credentials are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    /// `username`
    pub user: &'a [u8],
    /// `password`
    pub password: &'a [u8],
    /// `-auth_uri`: hashed in the place of the peer's `uri`.
    pub uri: Option<&'a [u8]>,
    /// `realm`: the credentials looked at are those for it.
    pub realm: Option<&'a [u8]>,
    /// `nonce`: theirs must be this.
    pub nonce: Option<&'a [u8]>,
    /// `aka_K`, `aka_OP`: without them AKA is no algorithm of ours.
    pub aka: Option<AkaKeys>,
    /// `strict`: their `username` must be ours, their `uri` the request's.
    pub is_strict: bool,
}

/// Why credentials are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No credentials, or of another scheme.
    #[error("verifyAuthHeader: authentication must be digest is {0}")]
    NotDigest(String),
    /// An algorithm we do not have.
    #[error("verifyAuthHeader: authentication must use MD5 or SHA-256, value is '{0}'")]
    UnknownAlgorithm(String),
    /// The response does not come from that user and password.
    #[error("wrong response")]
    Response,
    /// Not for the realm asked for.
    #[error("verifyauth: no credentials for the realm asked for")]
    Realm,
    /// Not for the nonce asked for.
    #[error("verifyauth: the nonce is '{0}', not the one asked for")]
    Nonce(String),
    /// `strict`: another user name.
    #[error("verifyauth: the username is '{0}', not the one asked for")]
    User(String),
    /// `strict`: not for this request.
    #[error("verifyauth: the uri is '{0}', not that of the request")]
    Uri(String),
    /// `strict`: `nc` is not eight hex digits above 0.
    #[error("verifyauth: the nc is '{0}', which counts nothing")]
    Count(String),
}

impl Rejection {
    /// Whether it is worth a warning: a wrong password is not, a scenario may test for it.
    pub fn is_worth_a_warning(&self) -> bool {
        *self != Rejection::Response
    }
}

/// Checks the credentials in `message`, a request as received.
///
/// # Errors
/// Why they are not good.
pub fn verify(message: &[u8], expected: &Expected<'_>) -> Result<(), Rejection> {
    let mut text = Vec::new();
    if !header::append_values(message, b"Authorization", &mut text) {
        header::append_values(message, b"Proxy-Authorization", &mut text);
    }
    let all = sections(&text);
    let digests: Vec<_> = all.iter().filter(|section| section.is_digest()).collect();
    let first = *digests.first().ok_or_else(|| Rejection::NotDigest(lossy(&text)))?;
    let params = match expected.realm {
        None => first,
        Some(realm) => {
            let is_for =
                |section: &&Section<'_>| *unquoted(section.get("realm").unwrap_or_default()) == *realm;
            digests.into_iter().find(is_for).ok_or(Rejection::Realm)?
        }
    };
    Credentials { params, message }.check(expected)
}

struct Credentials<'a> {
    params: &'a Section<'a>,
    message: &'a [u8],
}

impl Credentials<'_> {
    fn check(&self, expected: &Expected<'_>) -> Result<(), Rejection> {
        let name = self.params.get("algorithm").unwrap_or(b"MD5");
        let unknown = || Rejection::UnknownAlgorithm(lossy(name));
        let algorithm = Algorithm::named(name).ok_or_else(unknown)?;
        let nonce = self.get("nonce");
        if expected.nonce.is_some_and(|wanted| *unquoted(nonce) != *wanted) {
            return Err(Rejection::Nonce(lossy(nonce)));
        }
        if expected.is_strict {
            self.check_strictly(expected)?;
        }
        match (algorithm.secret, expected.aka) {
            (Secret::Password, _) => self.check_response(algorithm, expected.password, expected),
            (_, None) => Err(unknown()),
            (secret, Some(keys)) => {
                let password =
                    aka::expected_password(secret, nonce, &keys).map_err(|_| Rejection::Response)?;
                self.check_response(algorithm, &password, expected)
            }
        }
    }

    fn check_strictly(&self, expected: &Expected<'_>) -> Result<(), Rejection> {
        let (user, uri, count) = (self.get("username"), self.get("uri"), self.get("nc"));
        if *unquoted(user) != *expected.user {
            return Err(Rejection::User(lossy(user)));
        }
        let start = self.message.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let own = start.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        if expected.uri.unwrap_or(own) != uri {
            return Err(Rejection::Uri(lossy(uri)));
        }
        let counts = count.len() == 8
            && count.iter().all(u8::is_ascii_hexdigit)
            && count.iter().any(|digit| *digit != b'0');
        if self.params.get("qop").is_some() && !counts {
            return Err(Rejection::Count(lossy(count)));
        }
        Ok(())
    }

    /// Several ways to compute the same response are in use; any of them will do:
    /// a session key, or none where SIPp says `-sess`; `nc` and `qop` hashed, or not when the peer has sent a cnonce without
    /// them; the realm with its backslashes, or without.
    fn check_response(
        &self,
        algorithm: Algorithm,
        password: &[u8],
        expected: &Expected<'_>,
    ) -> Result<(), Rejection> {
        let (qop, cnonce) = (self.get("qop"), self.get("cnonce"));
        let protected = Some(Protection { qop, count: self.get("nc") });
        let protections = match (cnonce.is_empty(), qop.is_empty()) {
            (true, _) => &[None][..],
            (false, false) => &[protected],
            (false, true) => &[None, protected],
        };
        let raw_realm = self.get("realm");
        let realm = unquoted(raw_realm);
        let claimed = self.get("response");
        let body = match covers_body(qop) {
            true => header::body_start(self.message).and_then(|start| self.message.get(start..)),
            false => None,
        };
        let matches = |is_session: bool, protection: Option<Protection<'_>>, realm: &[u8]| {
            let response = Digest {
                algorithm: Algorithm { is_session, ..algorithm },
                user: expected.user,
                realm,
                password,
                nonce: &unquoted(self.get("nonce")),
                cnonce,
                protection,
                method: self.message.split(|byte| *byte == b' ').next().unwrap_or_default(),
                uri: expected.uri.unwrap_or_else(|| self.get("uri")),
                body: body.unwrap_or_default(),
            }
            .response();
            // What follows the digits is not looked at.
            claimed.starts_with(&response)
        };
        let sessions = if algorithm.is_session { &[true, false][..] } else { &[false] };
        let realms = if *realm == *raw_realm { &[&*realm][..] } else { &[&*realm, raw_realm] };
        let is_good = sessions.iter().any(|session| {
            protections
                .iter()
                .any(|protected| realms.iter().any(|realm| matches(*session, *protected, realm)))
        });
        if is_good { Ok(()) } else { Err(Rejection::Response) }
    }

    fn get(&self, name: &str) -> &[u8] {
        self.params.get(name).unwrap_or_default()
    }
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}
