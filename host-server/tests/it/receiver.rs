//! Somebody who is told: a server of the test's own.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::task::JoinSet;

use crate::timed::until;

/// What was received.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.expect("a header").to_str().expect("a text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Says of each signature whether this secret made it, as the specification has it.
    pub(crate) fn signed(&self, secret: &str) -> Vec<bool> {
        let key = secret.strip_prefix("whsec_").expect("a prefix");
        let key = STANDARD.decode(key).expect("base64");
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).expect("a key");
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(&self.body);
        let code = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let signatures = self.header("webhook-signature").split(' ');
        signatures.map(|signature| signature == code).collect()
    }
}

/// How to answer the next one.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    /// With this status and these headers.
    This(u16, Vec<(&'static str, String)>),
    /// Never.
    Nothing,
}

#[derive(Default)]
struct Inner {
    got: Mutex<Vec<Got>>,
    say: Mutex<VecDeque<Say>>,
}

/// A server that notes what it gets and answers as it was told; `200` where it was not.
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) port: u16,
    inner: Arc<Inner>,
    _served: JoinSet<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let router = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&inner));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mut served = JoinSet::new();
        served.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self {
            url: format!("http://127.0.0.1:{port}/told"),
            port,
            inner,
            _served: served,
        }
    }

    /// Says how to answer those that come next.
    pub(crate) fn say(&self, answers: impl IntoIterator<Item = Say>) {
        self.inner.say.lock().expect("a lock").extend(answers);
    }

    /// Returns what has come.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.inner.got.lock().expect("a lock").clone()
    }

    /// Waits until so much has come.
    pub(crate) async fn until(&self, count: usize) -> Vec<Got> {
        until(&format!("{count} messages"), async || {
            Some(self.got()).filter(|got| got.len() >= count)
        })
        .await
    }
}

async fn receive(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    inner
        .got
        .lock()
        .expect("a lock")
        .push(Got { headers, body });
    let say = inner.say.lock().expect("a lock").pop_front();
    match say {
        None => StatusCode::OK.into_response(),
        Some(Say::This(status, headers)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let mut response = (status, "no matter").into_response();
            for (name, value) in headers {
                let value = value.parse().expect("a header value");
                response.headers_mut().insert(name, value);
            }
            response
        }
        Some(Say::Nothing) => {
            tokio::time::sleep(Duration::from_mins(10)).await;
            StatusCode::OK.into_response()
        }
    }
}
