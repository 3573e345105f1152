//! Who is believed: anybody, or whose chain ends at a trusted certificate, with or without a look at the name.
//! Spec: transport.md §17 (rules). In: what the peer presents. Out: yes or why not. Must not log.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
};

use super::{Chain, FileFault};

/// What `-tls_ca` and `-tls_crl` name.
#[derive(Clone, Debug)]
pub(super) struct Trusted {
    pub authorities: Chain,
    pub revocations: Option<CertificateRevocationListDer<'static>>,
}

impl Trusted {
    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.authorities.iter().cloned());
        Arc::new(roots)
    }

    fn fault(error: impl std::fmt::Display) -> FileFault {
        FileFault::Authorities { path: "-tls_ca, -tls_crl".into(), reason: error.to_string() }
    }

    /// Believes servers; without authorities (`-tls_crl` alone) none.
    pub fn servers(
        &self,
        provider: &Arc<CryptoProvider>,
        checks_name: bool,
    ) -> Result<Arc<dyn ServerCertVerifier>, FileFault> {
        let roots = self.roots();
        if roots.is_empty() {
            let (trusted, any) = (Vec::new(), AnyServer::new(provider));
            return Ok(Arc::new(TrustedServer { inner: None, trusted, any, checks_name }));
        }
        let inner = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider))
            .with_crls(self.revocations.clone())
            .build()
            .map_err(Trusted::fault)?;
        let (trusted, any) = (self.authorities.clone(), AnyServer::new(provider));
        Ok(Arc::new(TrustedServer { inner: Some(inner), trusted, any, checks_name }))
    }

    /// Demands certificates of clients, and believes them; without authorities none.
    pub fn clients(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>, FileFault> {
        let roots = self.roots();
        let inner = if roots.is_empty() {
            None
        } else {
            let built = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(provider))
                .with_crls(self.revocations.clone())
                .build();
            Some(built.map_err(Trusted::fault)?)
        };
        Ok(Arc::new(AnyClient { inner, trusted: self.authorities.clone(), any: AnyServer::new(provider) }))
    }
}

/// Whether a chain failed only because the certificate is itself one of the trusted ones, which OpenSSL accepts. Its dates were
/// found good before.
fn is_its_own_authority(
    error: &Error,
    presented: &CertificateDer<'_>,
    trusted: &[CertificateDer<'_>],
) -> bool {
    let Error::InvalidCertificate(CertificateError::Other(cause)) = error else { return false };
    let reason = cause.0.downcast_ref::<webpki::Error>();
    matches!(reason, Some(webpki::Error::CaUsedAsEndEntity)) && trusted.contains(presented)
}

/// Believes any server that has the key of its certificate.
#[derive(Debug)]
pub(super) struct AnyServer(Arc<CryptoProvider>);

impl AnyServer {
    pub fn new(provider: &Arc<CryptoProvider>) -> AnyServer {
        AnyServer(Arc::clone(provider))
    }
}

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Believes servers by their chain: SIPp's verification; strictly also by their name.
#[derive(Debug)]
pub(super) struct TrustedServer {
    inner: Option<Arc<WebPkiServerVerifier>>,
    trusted: Chain,
    any: AnyServer,
    checks_name: bool,
}

impl ServerCertVerifier for TrustedServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else { return Err(CertificateError::UnknownIssuer.into()) };
        match inner.verify_server_cert(end_entity, intermediates, name, ocsp, now) {
            // The name is looked at last, when the chain was found good.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.checks_name => Ok(ServerCertVerified::assertion()),
            Err(error) if is_its_own_authority(&error, end_entity, &self.trusted) => {
                if self.checks_name {
                    verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.any.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.any.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.any.supported_verify_schemes()
    }
}

/// Demands a certificate of a client, and believes it by its chain.
#[derive(Debug)]
pub(super) struct AnyClient {
    inner: Option<Arc<dyn ClientCertVerifier>>,
    trusted: Chain,
    any: AnyServer,
}

impl ClientCertVerifier for AnyClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.as_ref().map_or(&[], |inner| inner.root_hint_subjects())
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let Some(inner) = &self.inner else { return Err(CertificateError::UnknownIssuer.into()) };
        match inner.verify_client_cert(end_entity, intermediates, now) {
            Err(error) if is_its_own_authority(&error, end_entity, &self.trusted) => {
                Ok(ClientCertVerified::assertion())
            }
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.any.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.any.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.any.supported_verify_schemes()
    }
}
