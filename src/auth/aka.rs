//! AKA: the one-time password that a challenge's nonce and the card's key make.
//! Spec: auth.md §4, RFC 3310 §3 (version 1), RFC 4169 §3 (version 2). In: the nonce as received, keys. Out: a password for the
//! ordinary digest. The sequence number is not checked and `auts` never sent, as in SIPp.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

use super::AuthError;
use super::algorithm::Secret;
use super::milenage::{Answers, Milenage};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// RAND, SQN xor AK, AMF, MAC.
const NONCE_LENGTH: usize = 32;

/// `aka_K`, `aka_OP`, `aka_AMF`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AkaKeys {
    /// The subscriber's key.
    pub k: [u8; 16],
    /// The operator's variant; OPc is made of it.
    pub op: [u8; 16],
    /// The authentication management field that the server uses.
    pub amf: [u8; 2],
}

impl AkaKeys {
    /// Keys from texts of any length: cut, or filled with zeros (auth.md §2).
    pub fn of(k: &[u8], op: &[u8], amf: &[u8]) -> AkaKeys {
        AkaKeys { k: sized(k), op: sized(op), amf: sized(amf) }
    }
}

fn sized<const N: usize>(text: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.iter_mut().zip(text).for_each(|(byte, given)| *byte = *given);
    bytes
}

/// The client's password, once the server has proved that it knows the key.
pub(super) fn password(secret: Secret, nonce: &[u8], keys: &AkaKeys) -> Result<Vec<u8>, AuthError> {
    let Nonce { rand, hidden_sqn, mac } = Nonce::read(nonce)?;
    let card = Milenage::new(&keys.k, &keys.op);
    let answers = card.answers(&rand);
    let mut sqn = hidden_sqn;
    sqn.iter_mut().zip(answers.ak).for_each(|(byte, ak)| *byte ^= ak);
    if card.mac(&rand, &sqn, &keys.amf) != mac {
        return Err(AuthError::WrongMac);
    }
    Ok(made_of(secret, &answers))
}

/// The password a client with this key must have used.
pub(super) fn expected_password(secret: Secret, nonce: &[u8], keys: &AkaKeys) -> Result<Vec<u8>, AuthError> {
    let nonce = Nonce::read(nonce)?;
    Ok(made_of(secret, &Milenage::new(&keys.k, &keys.op).answers(&nonce.rand)))
}

fn made_of(secret: Secret, answers: &Answers) -> Vec<u8> {
    let Answers { res, ck, ik, .. } = answers;
    if secret != Secret::AkaV2 {
        return res.to_vec();
    }
    let key = [&res[..], ik, ck].concat();
    // A key of any length is good for an HMAC.
    let Ok(mut mac) = Hmac::<Md5>::new_from_slice(&key) else { return Vec::new() };
    mac.update(b"http-digest-akav2-password");
    BASE64.encode(mac.finalize().into_bytes()).into_bytes()
}

struct Nonce {
    rand: [u8; 16],
    hidden_sqn: [u8; 6],
    mac: [u8; 8],
}

impl Nonce {
    fn read(text: &[u8]) -> Result<Nonce, AuthError> {
        let bytes = BASE64.decode(text).unwrap_or_default();
        let short = AuthError::ShortNonce(bytes.len());
        if bytes.len() < NONCE_LENGTH {
            return Err(short);
        }
        // Server data may follow.
        let (rand, rest) = bytes.split_first_chunk().ok_or(short.clone())?;
        let (hidden_sqn, rest) = rest.split_first_chunk().ok_or(short.clone())?;
        let (_amf, rest) = rest.split_first_chunk::<2>().ok_or(short.clone())?;
        let (mac, _) = rest.split_first_chunk().ok_or(short)?;
        Ok(Nonce { rand: *rand, hidden_sqn: *hidden_sqn, mac: *mac })
    }
}
