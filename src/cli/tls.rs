//! Help group "TLS".
//! Spec: cli.md §4.2, transport.md §17. Must not read the files.

use super::opt::{Group, Opt, Pass, Value};
use super::refusal::Refusal;
use crate::transport::tls::Version;

pub const GROUP: Group = Group {
    title: "TLS",
    options: &[TLS_CERT, TLS_KEY, TLS_CA, TLS_CRL, TLS_VERSION, TLS_VERIFY, TLS_NO_RESUME],
};

const TLS_CERT: Opt = Opt {
    name: "tls_cert",
    value: Value::Text("FILE"),
    default: "cacert.pem",
    help: "Certificate of both roles, in PEM form, with its chain if it has one",
    more: "A client presents it when asked.",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, given| {
        options.network.tls.certificate = given.path();
        Ok(())
    }),
};

const TLS_KEY: Opt = Opt {
    name: "tls_key",
    value: Value::Text("FILE"),
    default: "cakey.pem",
    help: "Private key of -tls_cert, in PEM form",
    more: "One that is encrypted must have SIPp's passphrase, 'ksgr'; nobody is asked for another.",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, given| {
        options.network.tls.key = given.path();
        Ok(())
    }),
};

const TLS_CA: Opt = Opt {
    name: "tls_ca",
    value: Value::Text("FILE"),
    default: "",
    help: "Trusted certificates; the other side must present one of theirs",
    more: "A server then demands a certificate of its clients. Names are compared only with -tls_verify. \
           Without -tls_ca, -tls_crl and -tls_verify every certificate will do.",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, given| {
        options.network.tls.authorities = Some(given.path());
        Ok(())
    }),
};

const TLS_CRL: Opt = Opt {
    name: "tls_crl",
    value: Value::Text("FILE"),
    default: "",
    help: "List of revoked certificates, exactly one",
    more: "Without -tls_ca it makes every certificate fail.",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, given| {
        options.network.tls.revocations = Some(given.path());
        Ok(())
    }),
};

const TLS_VERSION: Opt = Opt {
    name: "tls_version",
    value: Value::Float("VERSION"),
    default: "",
    help: "1.2 or 1.3 and no other [default: the newest that both sides have]",
    more: "1.0 and 1.1 are refused: they are not safe, and no longer supported.",
    spec: "cli.md §4.2",
    pass: Pass::Options(|options, given| {
        let number = given.float()?;
        options.network.tls.version = match number {
            0.0 => Version::Any,
            1.2 => Version::Tls12,
            1.3 => Version::Tls13,
            1.0 | 1.1 => {
                let text = format!("-tls_version {number:.1}; this version has TLS 1.2 and 1.3");
                return Err(Refusal::NotSupported(text));
            }
            _ => return Err(Refusal::TlsVersion(given.text()?.to_owned())),
        };
        Ok(())
    }),
};

const TLS_VERIFY: Opt = Opt {
    name: "tls_verify",
    value: Value::Flag,
    default: "",
    help: "Demand that the server's certificate is trusted and made out to the remote host",
    more: "Trusted are those of -tls_ca, else of this machine. SIPp never compares names.",
    spec: "ours",
    pass: Pass::Options(|options, _| {
        options.network.tls.strict = true;
        Ok(())
    }),
};

const TLS_NO_RESUME: Opt = Opt {
    name: "tls_no_resume",
    value: Value::Flag,
    default: "",
    help: "Shake hands in full on every connection: no session is resumed",
    more: "As many clients do that are each new to the server. A server with it gives out no tickets.",
    spec: "ours",
    pass: Pass::Options(|options, _| {
        options.network.tls.resumes = false;
        Ok(())
    }),
};

#[cfg(test)]
mod tests {
    use super::super::tests::{options, refused};
    use super::*;

    /// transport.md §17.
    #[test]
    fn versions_are_numbers_and_the_old_ones_are_refused() {
        let version = |line| options(line).network.tls.version;
        assert_eq!(version("-t l1"), Version::Any);
        assert_eq!(version("-tls_version 1.20"), Version::Tls12);
        assert_eq!(version("-tls_version 1.3"), Version::Tls13);
        assert!(refused("-tls_version 1.0").contains("TLS 1.2 and 1.3"));
        assert_eq!(refused("-tls_version 1.4"), "Unrecognized TLS version for [generic] context: 1.4");
        assert_eq!(
            refused("-tls_version TLSv1.2"),
            r#"-tls_version, "TLSv1.2" is not a floating point number!"#
        );
    }

    /// transport.md §17.
    #[test]
    fn certificate_and_key_have_sipp_s_names() {
        let tls = options("-t l1").network.tls;
        assert_eq!((tls.certificate.to_str(), tls.key.to_str()), (Some("cacert.pem"), Some("cakey.pem")));
    }
}
