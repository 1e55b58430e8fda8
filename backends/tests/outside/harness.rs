//! Clients and names for the tests.

use std::collections::HashMap;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphloom::host::{BoxFuture, EgressError, HostSet, Http, HttpRequest, HttpResponse, Secret};
use graphloom_backends::http::{EgressPolicy, GuardedHttp, HttpLimits, HttpOptions, Resolver};

use crate::stub::Server;

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

/// The same with other limits, and a clock.
pub(crate) fn limited(allowed: &[&str], limits: HttpLimits) -> GuardedHttp {
    GuardedHttp::new(options(&Names::new(), allowed).limits(limits))
}

/// A server whose connections are all served by `serve`, each in a thread; returns its address.
pub(crate) fn raw(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Reads the head of a request.
pub(crate) fn read_head(stream: &mut impl Read) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n > 0) {
        head.push(byte[0]);
    }
}

/// Waits until no connection of a server is open; says whether that came to be. The tasks that close them go on meanwhile.
pub(crate) async fn is_left(server: &Server) -> bool {
    for _ in 0..500 {
        if server.open() == 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}
