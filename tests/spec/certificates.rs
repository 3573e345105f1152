//! Certificates for tests of TLS, made anew.

use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// Certificates: a trusted authority, one made out to `localhost`, a wrong name, an expired one, one that signed itself.
pub struct Certificates(tempfile::TempDir);

impl Certificates {
    pub fn make() -> Certificates {
        use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
        let folder = tempfile::tempdir().unwrap();
        let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        write("ca.pem", authority.pem());
        for (name, host, is_old) in
            [("good", "localhost", false), ("wrong", "example.com", false), ("old", "localhost", true)]
        {
            let mut params = CertificateParams::new([host.to_owned()]).unwrap();
            if is_old {
                params.not_after = rcgen::date_time_ymd(2001, 1, 1);
                params.not_before = rcgen::date_time_ymd(2000, 1, 1);
            }
            let key = KeyPair::generate().unwrap();
            write(&format!("{name}.pem"), params.signed_by(&key, &authority).unwrap().pem());
            write(&format!("{name}.key"), key.serialize_pem());
        }
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        write("own.pem", own.cert.pem());
        write("own.key", own.signing_key.serialize_pem());
        Certificates(folder)
    }

    /// A file in their folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Options for a side with this certificate.
    pub fn of(&self, name: &str) -> String {
        let folder = self.0.path().display();
        format!("-tls_cert {folder}/{name}.pem -tls_key {folder}/{name}.key")
    }

    pub fn authority(&self, name: &str) -> String {
        format!("-tls_ca {}/{name}.pem", self.0.path().display())
    }

    /// What a scripted server with this certificate secures its connections by.
    pub fn server(&self, name: &str) -> Arc<ServerConfig> {
        let certificate = CertificateDer::from_pem_file(self.path(&format!("{name}.pem"))).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.path(&format!("{name}.key"))).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
    }

    /// What a scripted client secures its connections by; it has no certificate.
    pub fn client(&self) -> Arc<ClientConfig> {
        let mut trusted = RootCertStore::empty();
        trusted.add(CertificateDer::from_pem_file(self.path("ca.pem")).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(config.with_root_certificates(trusted).with_no_client_auth())
    }
}

/// A connection that a scripted server has secured; its handshake is made by the first read or write.
pub type Accepted = StreamOwned<ServerConnection, TcpStream>;

/// The same for a scripted client.
pub type Connected = StreamOwned<ClientConnection, TcpStream>;

/// Secures what was accepted.
pub fn accept(config: &Arc<ServerConfig>, stream: TcpStream) -> Accepted {
    StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), stream)
}

/// Secures a connection to the server that is certified as `localhost`.
pub fn connect(config: &Arc<ClientConfig>, stream: TcpStream) -> Connected {
    let name = "localhost".try_into().unwrap();
    StreamOwned::new(ClientConnection::new(Arc::clone(config), name).unwrap(), stream)
}
