//! Connections and TLS, and the last word on addresses.

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use graphloom::host::EgressError;
use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::{ClientConfig, RootCertStore};

use crate::egress::{Reach, Resolver, may_dial};

use super::options::HttpOptions;

/// How long a connection is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(30);

/// How many such are kept for one host.
const MAX_IDLE: usize = 4;

/// A client for each reach, since a name is looked up without its port and a connection is kept for its name: none that was
/// made with a wide reach can serve a request that has a narrow one.
#[derive(Default)]
pub(super) struct Clients {
    tls: OnceLock<ClientConfig>,
    public: OnceLock<Client>,
    private: OnceLock<Client>,
    loopback: OnceLock<Client>,
}

impl Clients {
    pub(super) fn of(&self, reach: Reach, options: &HttpOptions) -> Result<&Client, EgressError> {
        let cell = match reach {
            Reach::Public => &self.public,
            Reach::Private => &self.private,
            Reach::Loopback => &self.loopback,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = self.build(reach, options)?;
        Ok(cell.get_or_init(|| client))
    }

    fn build(&self, reach: Reach, options: &HttpOptions) -> Result<Client, EgressError> {
        let failed = |error: &dyn Error| EgressError::Connect {
            message: format!("the client cannot be made: {}", deepest(error)),
        };
        let tls = match self.tls.get() {
            Some(tls) => tls.clone(),
            None => {
                let tls = tls(&options.roots).map_err(|error| failed(&error))?;
                self.tls.get_or_init(|| tls).clone()
            }
        };
        Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(Judging {
                reach,
                resolver: Arc::clone(&options.resolver),
            }))
            // A proxy would connect to addresses that nobody has judged.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(options.limits.connect)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(MAX_IDLE)
            .http1_only()
            .http1_max_headers(256)
            .build()
            .map_err(|error| failed(&error))
    }
}

fn tls(roots: &[Vec<u8>]) -> Result<ClientConfig, rustls::Error> {
    let mut store = RootCertStore::empty();
    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for root in roots {
        store.add(root.clone().into())?;
    }
    // Named, since a program may have several of them or none.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(store)
        .with_no_client_auth())
}

/// Looks names up and gives the addresses on that may be dialled. A connection is made to what comes out here and to
/// nothing else, so there is no moment between judging and dialling.
struct Judging {
    reach: Reach,
    resolver: Arc<dyn Resolver>,
}

impl Resolve for Judging {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, resolver) = (self.reach, Arc::clone(&self.resolver));
        Box::pin(async move {
            let found = resolver.resolve(name.as_str()).await?;
            let good = may_dial(reach, name.as_str(), &found).map_err(Barred)?;
            let addresses = good.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// Carries a refusal through the client's own errors.
#[derive(Debug)]
struct Barred(EgressError);

impl fmt::Display for Barred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Barred {}

/// Tells what an error of the client means. Its own texts have addresses in them, and those have secrets.
pub(super) fn told(error: &reqwest::Error, host: &str, connect: Duration) -> EgressError {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = next {
        if let Some(Barred(refusal)) = cause.downcast_ref::<Barred>() {
            return refusal.clone();
        }
        next = cause.source();
    }
    if error.is_connect() && error.is_timeout() {
        return EgressError::Timeout {
            what: "the connection",
            after: connect,
        };
    }
    let message = format!("{host}: {}", deepest(error));
    match error.is_connect() {
        true => EgressError::Connect { message },
        false => EgressError::Transport { message },
    }
}

/// The text of the innermost cause: those around it say where in the client it came up.
fn deepest(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
