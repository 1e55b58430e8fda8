//! The policy: which places may be connected to.

use std::net::IpAddr;

use graphloom::host::{EgressError, Grants, HostSet};
use url::Host;
#[cfg(feature = "http")]
use url::Url;

use super::address::{Kind, kind};

/// Where this process may connect to. By default everywhere in the internet, and nowhere else: not this machine, not the
/// network around it.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct EgressPolicy {
    allowed: HostSet,
    only: Option<HostSet>,
    denied: HostSet,
}

/// What the addresses of a place may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reach {
    /// The internet's.
    Public,
    /// Those of other networks too, and this machine.
    Private,
    /// This machine only.
    Loopback,
}

impl Reach {
    /// Says whether an address may be dialled.
    #[must_use]
    pub(crate) fn covers(self, address: IpAddr) -> bool {
        match kind(address) {
            Kind::Public => self != Self::Loopback,
            Kind::Private => self == Self::Private,
            Kind::Loopback => self != Self::Public,
            Kind::Never => false,
        }
    }
}

/// A place that may be connected to, as far as its name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// As it stands in a URL: lower-case, an IPv6 address in brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) reach: Reach,
}

impl EgressPolicy {
    /// Returns the default: the internet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets these hosts have private and loopback addresses, and be connected to at every port that their pattern names.
    pub fn allow_hosts(mut self, hosts: HostSet) -> Self {
        self.allowed = hosts;
        self
    }

    /// Lets nothing but these hosts be connected to.
    pub fn only_hosts(mut self, hosts: HostSet) -> Self {
        self.only = Some(hosts);
        self
    }

    /// Lets these hosts not be connected to, whatever else is said.
    pub fn deny_hosts(mut self, hosts: HostSet) -> Self {
        self.denied = hosts;
        self
    }

    /// Judges where an address leads, as far as its text tells: for whoever keeps one that is to be used later. Names are
    /// judged once more when they are dialled, by what they lead to.
    ///
    /// # Errors
    /// [`EgressError::Request`] for what is no address of the web, [`EgressError::Refused`] for one that is barred.
    #[cfg(feature = "http")]
    pub fn check(&self, url: &str) -> Result<(), EgressError> {
        // The parser would leave them out, and what was looked at would be another address.
        if url.chars().any(char::is_control) || url.trim() != url {
            let message = "the address has line ends or other control characters in it, or white space around it";
            let message = message.to_owned();
            return Err(EgressError::Request { message });
        }
        let url = Url::parse(url).map_err(|error| EgressError::Request {
            message: format!("this is no address: {error}"),
        })?;
        self.place(&url, &Grants::all()).map(drop)
    }

    /// Judges where a URL leads.
    #[cfg(feature = "http")]
    pub(crate) fn place(&self, url: &Url, grants: &Grants) -> Result<Place, EgressError> {
        if !matches!(url.scheme(), "http" | "https") {
            let message = format!(
                "\"{}:\" is no address of the web; expected http: or https:",
                url.scheme()
            );
            return Err(EgressError::Request { message });
        }
        if !url.username().is_empty() || url.password().is_some() {
            let message =
                "a name or a password does not belong into an address: use a credential".to_owned();
            return Err(EgressError::Request { message });
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            let message = "the address names no host".to_owned();
            return Err(EgressError::Request { message });
        };
        self.judge(&host, port, is_web_port, grants)
    }

    /// Judges a host and a port; `is_usual` says which ports need no pattern.
    pub(crate) fn judge(
        &self,
        host: &Host<&str>,
        port: u16,
        is_usual: fn(u16) -> bool,
        grants: &Grants,
    ) -> Result<Place, EgressError> {
        let name = host.to_string();
        let refused = |message: String| Err(EgressError::Refused { message });
        if self.denied.matches(&name, port)
            || self
                .only
                .as_ref()
                .is_some_and(|only| !only.matches(&name, port))
        {
            return refused(format!("this host does not let {name}:{port} be reached"));
        }
        if !grants.allows_host(&name, port) {
            return refused(format!("this run has no grant for {name}:{port}"));
        }
        let is_allowed = self.allowed.matches(&name, port);
        if port == 0 || !is_allowed && !is_usual(port) {
            return refused(format!(
                "port {port} of {name} is not one for this; whoever runs this process can allow it, on the command line with `--allow-host {name}:{port}`"
            ));
        }
        let reach = if is_allowed {
            Reach::Private
        } else {
            Reach::Public
        };
        match host {
            Host::Domain(domain) if is_metadata(domain) => return refused(never(&name)),
            Host::Domain(_) => {}
            // Nobody looks an address up, so it is judged here.
            Host::Ipv4(address) => drop(may_dial(reach, &name, &[IpAddr::V4(*address)])?),
            Host::Ipv6(address) => drop(may_dial(reach, &name, &[IpAddr::V6(*address)])?),
        }
        Ok(Place {
            host: name,
            port,
            reach,
        })
    }
}

/// Refuses where none of the addresses of a host may be dialled; else returns those that may.
pub(crate) fn may_dial(
    reach: Reach,
    name: &str,
    addresses: &[IpAddr],
) -> Result<Vec<IpAddr>, EgressError> {
    let good: Vec<IpAddr> = addresses
        .iter()
        .copied()
        .filter(|address| reach.covers(*address))
        .collect();
    if !good.is_empty() || addresses.is_empty() {
        return Ok(good);
    }
    let message = match reach {
        _ if addresses
            .iter()
            .all(|address| kind(*address) == Kind::Never) =>
        {
            never(name)
        }
        Reach::Public => format!(
            "{name} is not in the internet but in a private network or on this machine; whoever runs this process can allow it, on the command line with `--allow-host NAME:PORT`"
        ),
        Reach::Private | Reach::Loopback => {
            format!(
                "{name} is not on this machine, and a secret does not go elsewhere over plain http: use https"
            )
        }
    };
    Err(EgressError::Refused { message })
}

/// Returns the address that a URL names itself.
#[cfg(feature = "http")]
pub(crate) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    }
}

fn never(name: &str) -> String {
    format!(
        "{name} is an address that nothing is sent to: no machine's, or a cloud's own service for its machines"
    )
}

/// Names under which clouds hand a machine its own credentials.
fn is_metadata(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    matches!(
        name,
        "metadata" | "metadata.google.internal" | "metadata.goog" | "instance-data"
    ) || name.starts_with("instance-data.") && name.ends_with(".internal")
}

#[cfg(feature = "http")]
/// Says whether a port is one of the web: 80, 443, and those above 1023 where no other known service listens, which could
/// take a request for a command of its own.
fn is_web_port(port: u16) -> bool {
    match port {
        80 | 443 => true,
        0..1024 => false,
        // Ports that browsers refuse (https://fetch.spec.whatwg.org/#port-blocking) ...
        1719 | 1720 | 1723 | 2049 | 3659 | 4045 | 4190 | 5060 | 5061 | 6000 | 6566 | 6665..=6669 | 6679 | 6697 | 10080
        // ... and of databases, queues and remote control.
        | 1433 | 1521 | 2375..=2380 | 3306 | 3389 | 5432 | 5671 | 5672 | 5900 | 6379 | 9042 | 9092 | 11211 | 27017..=27019 => false,
        _ => true,
    }
}
