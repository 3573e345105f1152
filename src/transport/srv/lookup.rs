//! The questions of one `-srv`, in their order, and what came of each.
//! Spec: RFC 3263 §4.1, §4.2. In: what is sought, who is asked. Out: targets, or an error that names the questions. Must not outlive its
//! caller's patience: [`super::LIMIT`] is set around it.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::system_conf::read_system_conf;

use super::choice;
use super::{LIMIT, LocateError, NameServer, Service, Sought, Target};

/// The most targets that are looked up: beyond them nobody fails over.
const MOST_TARGETS: usize = 16;

/// Name servers asked at once: all that `/etc/resolv.conf` may name (resolv.conf(5)), so that a dead one costs no time.
const AT_ONCE: usize = 3;

/// A lookup in progress.
pub(super) struct Lookup<'a> {
    sought: Sought<'a>,
    service: Service,
    resolver: TokioResolver,
    /// Who is asked, in words.
    server: String,
    /// Each question and its outcome.
    asked: Vec<(String, &'static str)>,
    /// The address records to ask for. Once an address is found only its family's: there is one main socket.
    families: &'static [RecordType],
}

impl<'a> Lookup<'a> {
    /// Nothing asked yet.
    ///
    /// # Errors
    /// The system's name servers are not known.
    pub fn new(sought: Sought<'a>, server: NameServer) -> Result<Lookup<'a>, LocateError> {
        let unaskable = |error: NetError| LocateError::Unaskable {
            host: sought.host.to_owned(),
            reason: error.to_string(),
        };
        let (config, mut options) = match server {
            NameServer::System => read_system_conf().map_err(unaskable)?,
            NameServer::At(addr) => at(addr),
        };
        options.timeout = LIMIT;
        options.num_concurrent_reqs = AT_ONCE;
        let servers: Vec<String> = config
            .name_servers()
            .iter()
            .take(AT_ONCE)
            .flat_map(|server| {
                server.connections.first().map(|first| SocketAddr::new(server.ip, first.port).to_string())
            })
            .collect();
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        *builder.options_mut() = options;
        Ok(Lookup {
            sought,
            service: Service::of(sought.transport),
            resolver: builder.build().map_err(unaskable)?,
            server: format!("name server {}", servers.join(", ")),
            asked: Vec::new(),
            families: match sought.local {
                None => &[RecordType::A, RecordType::AAAA],
                Some(IpAddr::V4(_)) => &[RecordType::A],
                Some(IpAddr::V6(_)) => &[RecordType::AAAA],
            },
        })
    }

    /// Asks all there is to ask (RFC 3263 §4.1, §4.2).
    ///
    /// # Errors
    /// See [`LocateError`].
    pub async fn targets(&mut self, mut random: impl FnMut(u64) -> u64) -> Result<Vec<Target>, LocateError> {
        let domain = self.name(self.sought.host)?;
        if let Some(port) = self.sought.port {
            let found = self.addresses(&domain, port).await?;
            return self.unless_empty(found);
        }
        for name in self.services(&domain).await? {
            let records = self.ask(&name, RecordType::SRV).await?;
            if records.is_empty() {
                continue;
            }
            let records = records.into_iter().filter_map(|data| match data {
                RData::SRV(record) => Some(record),
                _ => None,
            });
            let records = choice::order(records.collect(), &mut random);
            if records.is_empty() {
                let question = question(&name, RecordType::SRV);
                return Err(LocateError::NotOffered { host: self.sought.host.to_owned(), question });
            }
            let mut found = Vec::new();
            let mut failure = None;
            for record in records.iter().take(MOST_TARGETS) {
                match self.addresses(&record.target, record.port).await {
                    Ok(more) => found.extend(more),
                    // What is wrong with one target keeps nobody from the others.
                    Err(error) => failure = Some(error),
                }
            }
            return match failure {
                Some(failure) if found.is_empty() => Err(failure),
                _ => self.unless_empty(found),
            };
        }
        let found = self.addresses(&domain, self.service.port).await?;
        self.unless_empty(found)
    }

    /// The names of the SRV records: where NAPTR records lead, else the one of the transport.
    async fn services(&mut self, domain: &Name) -> Result<Vec<Name>, LocateError> {
        let records = self.ask(domain, RecordType::NAPTR).await?.into_iter().filter_map(|data| match data {
            RData::NAPTR(record) => Some(record),
            _ => None,
        });
        let pointers = choice::pointers(records.collect(), self.service.naptr);
        if pointers.is_empty() {
            Ok(vec![self.name(&format!("{}.{}", self.service.srv, self.sought.host))?])
        } else {
            Ok(pointers)
        }
    }

    /// The addresses of a host, as targets.
    async fn addresses(&mut self, host: &Name, port: u16) -> Result<Vec<Target>, LocateError> {
        for family in self.families {
            let ips = self.ask(host, *family).await?.into_iter().filter_map(|data| data.ip_addr());
            let found: Vec<Target> =
                ips.map(|ip| Target { host: shown(host), addr: SocketAddr::new(ip, port) }).collect();
            if !found.is_empty() {
                self.families = std::slice::from_ref(family);
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// The records of this kind; none is an answer, too.
    async fn ask(&mut self, name: &Name, kind: RecordType) -> Result<Vec<RData>, LocateError> {
        self.asked.push((question(name, kind), "no answer"));
        let (found, outcome) = match self.resolver.lookup(name.clone(), kind).await {
            Ok(answer) => {
                let of_kind = answer.answers().iter().filter(|record| record.record_type() == kind);
                let found: Vec<RData> = of_kind.map(|record| record.data.clone()).collect();
                let outcome = if found.is_empty() { "no such record" } else { "found" };
                (found, outcome)
            }
            Err(error) if error.is_nx_domain() => (Vec::new(), "no such name"),
            Err(error) if error.is_no_records_found() => (Vec::new(), "no such record"),
            Err(NetError::Timeout) => return Err(self.silent()),
            Err(error) => return Err(self.failed(&error)),
        };
        if let Some(last) = self.asked.last_mut() {
            last.1 = outcome;
        }
        Ok(found)
    }

    fn name(&self, text: &str) -> Result<Name, LocateError> {
        let unaskable = |reason: String| LocateError::Unaskable { host: self.sought.host.to_owned(), reason };
        let mut name = Name::from_utf8(text).map_err(|error| unaskable(error.to_string()))?;
        // No search list: it belongs to short names of hosts, not to domains.
        name.set_fqdn(true);
        Ok(name)
    }

    fn unless_empty(&self, found: Vec<Target>) -> Result<Vec<Target>, LocateError> {
        if !found.is_empty() {
            return Ok(found);
        }
        let mut asked = String::new();
        for (question, outcome) in &self.asked {
            let comma = if asked.is_empty() { "" } else { ", " };
            let _ = write!(asked, "{comma}{question}: {outcome}");
        }
        Err(LocateError::Nowhere { host: self.sought.host.to_owned(), server: self.server.clone(), asked })
    }

    /// The last question was not answered in time.
    pub fn silent(&self) -> LocateError {
        LocateError::Silent {
            host: self.sought.host.to_owned(),
            server: self.server.clone(),
            question: self.last_question(),
        }
    }

    fn failed(&self, error: &NetError) -> LocateError {
        let reason = match error {
            NetError::Dns(DnsError::ResponseCode(code)) => code.to_string(),
            error => error.to_string(),
        };
        LocateError::Failed {
            host: self.sought.host.to_owned(),
            server: self.server.clone(),
            question: self.last_question(),
            reason,
        }
    }

    fn last_question(&self) -> String {
        self.asked.last().map(|(question, _)| question.clone()).unwrap_or_default()
    }
}

/// One server that the user named.
fn at(addr: SocketAddr) -> (ResolverConfig, ResolverOpts) {
    let on_its_port = |mut connection: ConnectionConfig| {
        connection.port = addr.port();
        connection
    };
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(on_its_port);
    let server = NameServerConfig::new(addr.ip(), true, connections.into());
    let mut options = ResolverOpts::default();
    options.use_hosts_file = ResolveHosts::Never;
    (ResolverConfig::from_name_servers(vec![server]), options)
}

fn question(name: &Name, kind: RecordType) -> String {
    format!("{kind} {}", shown(name))
}

/// Without the dot of the root.
fn shown(name: &Name) -> String {
    let text = name.to_string();
    text.strip_suffix('.').filter(|short| !short.is_empty()).unwrap_or(&text).to_owned()
}
