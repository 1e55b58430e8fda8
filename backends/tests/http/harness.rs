//! Clients and names for the tests.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use graphloom::host::{BoxFuture, EgressError, HostSet, Http, HttpRequest, HttpResponse, Secret};
use graphloom_backends::http::{EgressPolicy, GuardedHttp, HttpOptions, Resolver};

/// Names that have the addresses that a test gives them, in turn; the last stay.
#[derive(Clone, Default)]
pub(crate) struct Names {
    known: Arc<Mutex<HashMap<String, Vec<Vec<IpAddr>>>>>,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A name with one set of addresses for each time that it is asked for.
    pub(crate) fn with(self, name: &str, turns: &[&[&str]]) -> Self {
        let addresses = |turn: &&[&str]| turn.iter().map(|ip| ip.parse().unwrap()).collect();
        let turns = turns.iter().map(addresses).collect();
        self.known.lock().unwrap().insert(name.to_owned(), turns);
        self
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolver for Names {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.asked.lock().unwrap().push(name.to_owned());
        let mut known = self.known.lock().unwrap();
        let found = match known.get_mut(name) {
            None => Err(io::Error::other("no such name")),
            Some(turns) if turns.len() > 1 => Ok(turns.remove(0)),
            Some(turns) => Ok(turns[0].clone()),
        };
        Box::pin(std::future::ready(found))
    }
}

pub(crate) fn hosts(patterns: &[&str]) -> HostSet {
    HostSet::parse(patterns).unwrap()
}

/// A client whose policy lets these hosts be on this machine.
pub(crate) fn client(names: &Names, allowed: &[&str]) -> GuardedHttp {
    GuardedHttp::new(options(names, allowed))
}

pub(crate) fn options(names: &Names, allowed: &[&str]) -> HttpOptions {
    HttpOptions::new()
        .resolver(Arc::new(names.clone()))
        .policy(EgressPolicy::new().allow_hosts(hosts(allowed)))
}

pub(crate) fn get(url: impl AsRef<str>) -> HttpRequest {
    HttpRequest::new("GET", url.as_ref())
}

pub(crate) fn secret(text: &str, to: &[&str]) -> Secret {
    Secret::new(text).for_hosts(hosts(to))
}

/// Sends a request and reads all of its answer.
pub(crate) async fn text(
    client: &GuardedHttp,
    request: HttpRequest,
) -> Result<String, EgressError> {
    client.send(request).await?.body.text().await
}

pub(crate) async fn send(
    client: &GuardedHttp,
    request: HttpRequest,
) -> Result<HttpResponse, EgressError> {
    client.send(request).await
}

pub(crate) fn is_refused<T: std::fmt::Debug>(result: &Result<T, EgressError>) -> bool {
    matches!(result, Err(EgressError::Refused { .. }))
}
