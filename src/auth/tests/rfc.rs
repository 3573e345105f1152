//! The examples of RFC 2617, RFC 7616 and RFC 3310. RFC 8760 has no computed example: its new algorithms are those of RFC 7616.

use super::super::aka::AkaKeys;
use super::super::algorithm::{Algorithm, Hash, Secret};
use super::super::digest::Digest;
use super::super::{AuthError, aka};
use super::{AUTH, algorithm, response};

/// RFC 2617 §3.5.
#[test]
fn mufasa() {
    let digest = Digest {
        algorithm: algorithm("MD5"),
        user: b"Mufasa",
        realm: b"testrealm@host.com",
        password: b"Circle Of Life",
        nonce: b"dcd98b7102dd2f0e8b11d0f600bfb0c093",
        cnonce: b"0a4f113b",
        protection: AUTH,
        method: b"GET",
        uri: b"/dir/index.html",
        body: b"",
    };
    assert_eq!(response(&digest), "6629fae49393a05397450978507c4ef1");
}

/// RFC 7616 §3.9.1.
#[test]
fn mufasa_again_with_md5_and_sha_256() {
    for (name, expected) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let digest = Digest {
            algorithm: algorithm(name),
            user: b"Mufasa",
            realm: b"http-auth@example.org",
            password: b"Circle of Life",
            nonce: b"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            cnonce: b"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            protection: AUTH,
            method: b"GET",
            uri: b"/dir/index.html",
            body: b"",
        };
        assert_eq!(response(&digest), expected);
    }
}

/// RFC 7616 §3.9.2, as corrected by erratum 4897: the printed example is a SHA-512 cut to 256 bits.
#[test]
fn jason_doe_with_sha_512_256() {
    let user = "J\u{e4}s\u{f8}n Doe".as_bytes();
    assert_eq!(
        Hash::Sha512_256.of(&[user, b"api@example.org"]).as_slice(),
        b"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
    );
    let digest = Digest {
        algorithm: algorithm("SHA-512-256"),
        user,
        realm: b"api@example.org",
        password: b"Secret, or not?",
        nonce: b"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
        cnonce: b"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
        protection: AUTH,
        method: b"GET",
        uri: b"/doe.json",
        body: b"",
    };
    assert_eq!(response(&digest), "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
}

/// auth.md: prefixes, in any letter case; RFC 8760 §2.1: the names.
#[test]
fn algorithms_are_known_by_the_start_of_their_names() {
    for (name, hash, is_session, secret) in [
        ("md5", Hash::Md5, false, Secret::Password),
        ("MD5-sess", Hash::Md5, true, Secret::Password),
        ("MD5x", Hash::Md5, false, Secret::Password),
        ("SHA-256", Hash::Sha256, false, Secret::Password),
        ("sha-256-SESS", Hash::Sha256, true, Secret::Password),
        ("SHA-512-256", Hash::Sha512_256, false, Secret::Password),
        ("SHA-512-256-sess", Hash::Sha512_256, true, Secret::Password),
        ("AKAv1-MD5", Hash::Md5, false, Secret::AkaV1),
        ("akaV2-md5", Hash::Md5, false, Secret::AkaV2),
    ] {
        assert_eq!(algorithm(name), Algorithm { hash, is_session, secret }, "{name}");
    }
    for name in ["", "SHA", "SHA256", "SHA-512", "AKAv3-MD5", "AKAv1-SHA-256", "xMD5"] {
        assert_eq!(Algorithm::named(name.as_bytes()), None, "{name}");
    }
}

/// RFC 3310 §4 gives no keys, so all there is to check of its example is that the nonce is one: 32 bytes and server data.
#[test]
fn the_nonce_of_rfc_3310_is_read() {
    let example = b"MzQ0a2xrbGtmbGtsZm9wb2tsc2tqaHJzZXNy9uQyMzMzMzQK";
    let read = aka::password(Secret::AkaV1, example, &AkaKeys::default());
    assert_eq!(read, Err(AuthError::WrongMac), "long enough, but not made with a key of zeros");
}
