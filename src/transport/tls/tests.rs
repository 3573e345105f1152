//! Files and their faults: transport.md §17.

use std::io::{Read, Write};

use rustls::HandshakeKind;

use super::*;

/// A certificate made out to `localhost` that signed itself, and its key.
fn pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn folder(cert: &str, key: &str) -> (tempfile::TempDir, Wish) {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key_file) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    std::fs::write(&certificate, cert).unwrap();
    std::fs::write(&key_file, key).unwrap();
    (folder, Wish { certificate, key: key_file, ..Wish::default() })
}

#[track_caller]
fn refused(wish: &Wish, expected: &str) {
    let text = Tls::load(wish, "localhost").unwrap_err().to_string();
    assert!(text.contains(expected), "{text}");
}

#[test]
fn a_certificate_and_its_key_are_enough_for_both_roles() {
    let (cert, key) = pair();
    let (_folder, wish) = folder(&cert, &key);
    let tls = Tls::load(&wish, "localhost").unwrap();
    assert!(tls.connect().unwrap().is_handshaking());
    assert!(tls.accept().unwrap().is_handshaking());
}

#[test]
fn files_that_are_missing_or_hold_something_else_are_refused_with_sipp_s_sentences() {
    let (cert, key) = pair();
    refused(&Wish::default(), "SSL_CTX_use_certificate_file failed: cacert.pem: No such file or directory");
    refused(&folder("nothing", &key).1, "SSL_CTX_use_certificate_file failed");
    let (_folder, wish) = folder(&cert, "nothing");
    refused(&wish, "SSL_CTX_use_PrivateKey_file failed");
    let (_folder, wish) = folder(&cert, &pair().1);
    refused(&wish, "SSL_CTX_use_PrivateKey_file failed");
    let (_folder, wish) = folder(&cert, &key);
    refused(&Wish { authorities: Some("no.pem".into()), ..wish.clone() }, "CA file (no.pem)");
    refused(&Wish { revocations: Some("no.pem".into()), ..wish.clone() }, "Unable to load CRL file (no.pem)");
    let not_a_list = Wish { revocations: Some(wish.certificate.clone()), ..wish };
    refused(&not_a_list, "0 lists in it, not one");
}

#[test]
fn an_encrypted_key_opens_with_sipp_s_passphrase_and_no_other() {
    let (cert, key) = pair();
    let encrypted = |passphrase: &str| {
        let info = pkcs8::SecretDocument::from_pem(&key).unwrap().1;
        let info = pkcs8::PrivateKeyInfo::try_from(info.as_bytes()).unwrap();
        let cipher =
            pkcs8::pkcs5::pbes2::Parameters::pbkdf2_sha256_aes256cbc(2_048, &[7; 16], &[9; 16]).unwrap();
        let locked = info.encrypt_with_params(cipher, passphrase).unwrap();
        locked.to_pem("ENCRYPTED PRIVATE KEY", pkcs8::LineEnding::LF).unwrap().to_string()
    };
    let (_folder, wish) = folder(&cert, &encrypted("ksgr"));
    assert!(Tls::load(&wish, "localhost").is_ok());
    let (_folder, wish) = folder(&cert, &encrypted("secret"));
    refused(&wish, "not with the passphrase 'ksgr'");
    let (_folder, wish) = folder(&cert, "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n");
    refused(&wish, "openssl pkcs8 -topk8");
}

#[test]
fn a_name_is_sent_and_a_number_is_not() {
    assert!(matches!(server_name("sip.example.com"), ServerName::DnsName(_)));
    for host in ["192.0.2.1", "::1", "not a name"] {
        assert!(matches!(server_name(host), ServerName::IpAddress(_)), "{host}");
    }
}

/// A connection from one to the other, from its first byte to one of the server's that the client has read, and what became of
/// the handshake.
fn shake_hands(client: &Tls, server: &Tls) -> HandshakeKind {
    let [mut client, mut server] = [client.connect().unwrap(), server.accept().unwrap()];
    server.writer().write_all(b"!").unwrap();
    while client.reader().read(&mut [0]).is_err() {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        server.read_tls(&mut &wire[..]).unwrap();
        server.process_new_packets().unwrap();
        wire.clear();
        server.write_tls(&mut wire).unwrap();
        client.read_tls(&mut &wire[..]).unwrap();
        client.process_new_packets().unwrap();
    }
    client.handshake_kind().unwrap()
}

/// Ours: `-tls_no_resume`.
#[test]
fn sessions_are_resumed_unless_either_side_is_told_not_to() {
    let (cert, key) = pair();
    for version in [Version::Tls12, Version::Tls13] {
        let (_folder, wish) = folder(&cert, &key);
        let load = |resumes| Tls::load(&Wish { version, resumes, ..wish.clone() }, "localhost").unwrap();
        let kinds = |client: Tls, server: Tls| [(); 2].map(|()| shake_hands(&client, &server));
        let (full, resumed) = (HandshakeKind::Full, HandshakeKind::Resumed);
        assert_eq!(kinds(load(true), load(true)), [full, resumed], "{version:?}");
        assert_eq!(kinds(load(false), load(true)), [full, full], "{version:?}: told to the client");
        assert_eq!(kinds(load(true), load(false)), [full, full], "{version:?}: told to the server");
    }
}
