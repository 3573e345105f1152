//! TLS by rustls: what certificates, keys and options of the command line amount to.
//! Spec: transport.md §17. In: [`Wish`]. Out: configurations for both roles, or SIPp's sentence about what is wrong. Must not open
//! sockets: a session is driven by its connection, so a handshake holds up nobody.
//!
//! The provider is `ring`: it builds with a C compiler alone (aws-lc-rs brings a larger build and, by default, a post-quantum key
//! exchange whose longer hellos a load generator pays for at each handshake), and signs and verifies as fast as we need.

mod files;
mod verify;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, DnsName, ServerName};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    ClientConfig, ClientConnection, KeyLogFile, ServerConfig, ServerConnection, SupportedProtocolVersion,
};

pub use files::FileFault;
use verify::{AnyServer, Trusted};

/// What the command line says about TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// `-tls_cert`
    pub certificate: PathBuf,
    /// `-tls_key`
    pub key: PathBuf,
    /// `-tls_ca`
    pub authorities: Option<PathBuf>,
    /// `-tls_crl`
    pub revocations: Option<PathBuf>,
    /// `-tls_version`
    pub version: Version,
    /// `-tls_verify`: the server's certificate must be trusted and made out to the name that was typed.
    pub strict: bool,
    /// Not with `-tls_no_resume`: sessions are resumed where the peer allows it.
    pub resumes: bool,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish {
            certificate: "cacert.pem".into(),
            key: "cakey.pem".into(),
            authorities: None,
            revocations: None,
            version: Version::default(),
            strict: false,
            resumes: true,
        }
    }
}

/// `-tls_version`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// The newest that both sides have.
    #[default]
    Any,
    /// 1.2
    Tls12,
    /// 1.3
    Tls13,
}

impl Version {
    fn allowed(self) -> &'static [&'static SupportedProtocolVersion] {
        static TLS12: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS12];
        static TLS13: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS13];
        match self {
            Version::Any => rustls::ALL_VERSIONS,
            Version::Tls12 => &TLS12,
            Version::Tls13 => &TLS13,
        }
    }
}

/// Ready to secure connections in both roles.
#[derive(Clone, Debug)]
pub struct Tls {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    name: ServerName<'static>,
}

impl Tls {
    /// Reads the files. `host`: the remote host as typed, for SNI and, if strict, the name in the certificate.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub fn load(wish: &Wish, host: &str) -> Result<Tls, FileFault> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let chain = files::certificates(&wish.certificate)?;
        let authorities = match &wish.authorities {
            Some(path) => Some(files::authorities(path)?),
            None if wish.strict => Some(files::system_authorities()?),
            None => None,
        };
        let revocations = wish.revocations.as_deref().map(files::revocations).transpose()?;
        let trusted = (authorities.is_some() || revocations.is_some())
            .then(|| Trusted { authorities: authorities.unwrap_or_default(), revocations });
        let key_log = || std::env::var_os("SSLKEYLOGFILE").filter(|path| !path.is_empty());
        let unusable =
            |error: rustls::Error| FileFault::Key { path: wish.key.clone(), reason: error.to_string() };
        let key = || files::key(&wish.key);

        let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(wish.version.allowed())
            .map_err(unusable)?
            .dangerous()
            .with_custom_certificate_verifier(match &trusted {
                None => Arc::new(AnyServer::new(&provider)),
                Some(trusted) => trusted.servers(&provider, wish.strict)?,
            });
        let mut client = client.with_client_auth_cert(chain.clone(), key()?).map_err(unusable)?;
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(wish.version.allowed())
            .map_err(unusable)?;
        let server = match &trusted {
            // `-tls_verify` alone is about servers; to demand certificates of clients takes `-tls_ca` (SIPp's rule).
            Some(trusted) if wish.authorities.is_some() || wish.revocations.is_some() => {
                server.with_client_cert_verifier(trusted.clients(&provider)?)
            }
            _ => server.with_client_cert_verifier(WebPkiClientVerifier::no_client_auth()),
        };
        let mut server = server.with_single_cert(chain, key()?).map_err(unusable)?;
        if !wish.resumes {
            client.resumption = Resumption::disabled();
            server.session_storage = Arc::new(NoServerSessionStorage {});
            server.send_tls13_tickets = 0;
        } else if let Ok(ticketer) = rustls::crypto::ring::Ticketer::new() {
            server.ticketer = ticketer;
        }
        if key_log().is_some() {
            client.key_log = Arc::new(KeyLogFile::new());
            server.key_log = Arc::new(KeyLogFile::new());
        }
        Ok(Tls { client: Arc::new(client), server: Arc::new(server), name: server_name(host) })
    }

    /// A session towards the remote host.
    ///
    /// # Errors
    /// rustls's, which never happens with a name that it has parsed.
    pub fn connect(&self) -> Result<rustls::Connection, rustls::Error> {
        ClientConnection::new(Arc::clone(&self.client), self.name.clone()).map(rustls::Connection::from)
    }

    /// A session with who connected to us.
    ///
    /// # Errors
    /// As of [`Tls::connect`].
    pub fn accept(&self) -> Result<rustls::Connection, rustls::Error> {
        ServerConnection::new(Arc::clone(&self.server)).map(rustls::Connection::from)
    }
}

/// SNI is sent for a name and not for a number (transport.md §17). What is neither is not sent.
fn server_name(host: &str) -> ServerName<'static> {
    let unnamed = || ServerName::IpAddress(IpAddr::from([127, 0, 0, 1]).into());
    match host.parse::<IpAddr>() {
        Ok(ip) => ServerName::IpAddress(ip.into()),
        Err(_) => DnsName::try_from(host.to_owned()).map_or_else(|_| unnamed(), ServerName::DnsName),
    }
}

/// What is trusted is compared whole, so that a certificate that signed itself may be its own authority.
type Chain = Vec<CertificateDer<'static>>;

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}

#[cfg(test)]
mod tests;
