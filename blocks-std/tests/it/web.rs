//! The blocks of the web, with a client that answers from a script.

mod autogpt;
mod gmail;
mod mail;
#[cfg_attr(
    not(all(feature = "feed", feature = "web-page")),
    allow(unused_imports, reason = "half of it is about feeds and pages")
)]
mod read;
mod request;
mod webhook;

use std::sync::Arc;

use graphloom::graph::Coercion;
use graphloom::host::{
    BoxFuture, Credential, CredentialError, CredentialKind, Credentials, HostSet, ManualClock,
    MemoryCredentials, Secret,
};
use graphloom::value::{Map, Sealed};
use graphloom::{BlockRun, Engine, Registry, RunOptions, Text, Value};

use crate::stub_http::StubHttp;

/// Keys of the same names for every test, good for `api.example.com`.
struct Keys(MemoryCredentials);

impl Keys {
    fn new() -> Self {
        let hosts = HostSet::parse(["api.example.com", "api.example.com:8443"]).unwrap();
        let lines = CredentialKind::HostScoped(vec![
            (Text::from("X-Key"), Secret::new("host-secret-1")),
            (Text::from("X-Team"), Secret::new("host-secret-2")),
        ]);
        let login = CredentialKind::UserPassword {
            user: Text::from("ada"),
            password: Secret::new("lovelace"),
        };
        let key = Credential::api_key("key", Secret::new("key-secret-1"));
        let all = [
            key,
            Credential::new("http", lines),
            Credential::new("login", login),
        ];
        let store = all
            .into_iter()
            .map(|credential| credential.for_hosts(&hosts));
        Self(store.fold(MemoryCredentials::new(), MemoryCredentials::with))
    }
}

/// Seals by writing down: what is sealed here is not secret.
impl Credentials for Keys {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        self.0.get(name)
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Vec<u8>, CredentialError> {
        Ok(sealed.ciphertext().as_bytes().to_vec())
    }
}

/// A sealed value that may go to `api.example.com`.
fn sealed(text: &str) -> Value {
    let plain = format!(r#"{{"hosts": ["api.example.com"], "value": {text:?}}}"#);
    Value::Sealed(Sealed::new("test", plain).into())
}

fn engine(http: &Arc<StubHttp>) -> Engine {
    engine_at(http, &ManualClock::new())
}

fn engine_at(http: &Arc<StubHttp>, clock: &ManualClock) -> Engine {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    Engine::builder(registry)
        .clock(Arc::new(clock.clone()))
        .http(Arc::clone(http) as Arc<dyn graphloom::host::Http>)
        .credentials(Arc::new(Keys::new()))
        .build()
}

/// Runs a block once under the native policy.
async fn run(http: &Arc<StubHttp>, id: &str, inputs: Value) -> BlockRun {
    run_as(http, id, inputs, Coercion::Strict).await
}

async fn run_as(http: &Arc<StubHttp>, id: &str, inputs: Value, coercion: Coercion) -> BlockRun {
    let inputs: Map = inputs.as_map().unwrap().clone();
    let run = engine(http)
        .run_block(id, inputs, coercion, RunOptions::new())
        .await;
    run.unwrap_or_else(|faults| panic!("{id}: {faults}"))
}

/// The one value that came out, with its pin.
fn only(run: &BlockRun) -> (&str, &Value) {
    let [(pin, value)] = run.outputs.as_slice() else {
        panic!("{run:?}");
    };
    (pin.as_str(), value)
}

/// Why it failed.
fn error(run: &BlockRun) -> &str {
    run.error
        .as_ref()
        .map_or_else(|| panic!("{run:?}"), |failure| failure.message.as_str())
}
