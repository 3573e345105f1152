//! Reads certificates, keys and revocation lists.
//! Spec: transport.md §17 (files and options). In: paths of PEM files. Out: what is in them, or SIPp's sentence with the reason.

use std::path::{Path, PathBuf};

use pkcs8::EncryptedPrivateKeyInfo;
use pkcs8::der::Decode;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{Chain, shown};

/// SIPp's fixed passphrase (transport.md §17).
const PASSPHRASE: &str = "ksgr";

/// Why there is no TLS: exit 1, before anything is opened.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// The certificate.
    #[error("TLS_init_context: SSL_CTX_use_certificate_file failed: {}: {reason}", shown(path))]
    Certificate {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The key.
    #[error("TLS_init_context: SSL_CTX_use_PrivateKey_file failed: {}: {reason}", shown(path))]
    Key {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The authorities. SIPp says nothing, and then trusts nobody.
    #[error("TLS_init_context: Unable to load the CA file ({}): {reason}", shown(path))]
    Authorities {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The revocation list.
    #[error("TLS_init_context: Unable to load CRL file ({}): {reason}", shown(path))]
    Revocations {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

fn all<T: PemObject>(path: &Path) -> Result<Vec<T>, String> {
    let bytes = std::fs::read(path).map_err(|error| crate::transport::errno::text(&error))?;
    let found: Result<Vec<T>, _> = T::pem_slice_iter(&bytes).collect();
    found.map_err(|error| error.to_string())
}

/// The certificate and what else of its chain is in the file, all of which is sent. SIPp sends the first alone.
pub(super) fn certificates(path: &Path) -> Result<Chain, FileFault> {
    let found = all::<CertificateDer<'static>>(path).and_then(at_least_one);
    found.map_err(|reason| FileFault::Certificate { path: path.to_owned(), reason })
}

/// Trusted certificates.
pub(super) fn authorities(path: &Path) -> Result<Chain, FileFault> {
    let found = all::<CertificateDer<'static>>(path).and_then(at_least_one);
    found.map_err(|reason| FileFault::Authorities { path: path.to_owned(), reason })
}

/// What this machine trusts.
pub(super) fn system_authorities() -> Result<Chain, FileFault> {
    let found = rustls_native_certs::load_native_certs().certs;
    let path = || PathBuf::from("-tls_verify without -tls_ca");
    at_least_one(found).map_err(|_| FileFault::Authorities {
        path: path(),
        reason: "this machine has no trusted certificates".to_owned(),
    })
}

fn at_least_one<T>(found: Vec<T>) -> Result<Vec<T>, String> {
    if found.is_empty() { Err("no certificate in it".to_owned()) } else { Ok(found) }
}

/// Exactly one list.
pub(super) fn revocations(path: &Path) -> Result<CertificateRevocationListDer<'static>, FileFault> {
    let found = all::<CertificateRevocationListDer<'static>>(path).and_then(|mut lists| match lists.len() {
        1 => lists.pop().ok_or_else(String::new),
        count => Err(format!("{count} lists in it, not one")),
    });
    found.map_err(|reason| FileFault::Revocations { path: path.to_owned(), reason })
}

/// The private key; one that is encrypted opens with SIPp's passphrase or not at all.
pub(super) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, FileFault> {
    let fault = |reason: String| FileFault::Key { path: path.to_owned(), reason };
    let bytes = std::fs::read(path).map_err(|error| fault(crate::transport::errno::text(&error)))?;
    let text = String::from_utf8_lossy(&bytes);
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return decrypted(&text).map_err(fault);
    }
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        let way_out = "openssl pkcs8 -topk8 -in KEY -out NEW -passout pass:ksgr";
        return Err(fault(format!("encrypted in the old form of OpenSSL; convert it: {way_out}")));
    }
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| match error {
        pem::Error::NoItemsFound => fault("no private key in it".to_owned()),
        error => fault(error.to_string()),
    })
}

fn decrypted(text: &str) -> Result<PrivateKeyDer<'static>, String> {
    let block = text.find("-----BEGIN ENCRYPTED").and_then(|at| text.get(at..)).unwrap_or_default();
    let (_, document) = pkcs8::SecretDocument::from_pem(block).map_err(|error| error.to_string())?;
    let locked = EncryptedPrivateKeyInfo::from_der(document.as_bytes()).map_err(|error| error.to_string())?;
    let open = locked.decrypt(PASSPHRASE).map_err(|_| {
        format!("it is encrypted, and not with the passphrase '{PASSPHRASE}', the only one that SIPp tries")
    })?;
    Ok(PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(open.as_bytes().to_vec())))
}
