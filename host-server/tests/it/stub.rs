//! Another machine: it notes what it is sent, and answers as it is told.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use graphloom::host::HostSet;
use graphloom::{Engine, Registry};
use graphloom_backends::egress::EgressPolicy;
use graphloom_backends::http::{GuardedHttp, HttpOptions};
use tokio::task::JoinSet;

/// What was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Sent {
    /// Returns a header; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    /// Returns a field of a form, decoded; empty where there is none.
    pub(crate) fn field(&self, name: &str) -> String {
        let mut pairs = self.body.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(own, _)| *own == name);
        found.map_or_else(String::new, |(_, value)| plain(value))
    }
}

/// Decodes what stands in an address or a form.
pub(crate) fn plain(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let digits = [bytes.next(), bytes.next()].map(|b| b.expect("a digit"));
                let digits = std::str::from_utf8(&digits).expect("digits").to_owned();
                u8::from_str_radix(&digits, 16).expect("a number")
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(out).expect("UTF-8")
}

/// A status, a media type and a body.
pub(crate) type Told = (u16, &'static str, String);

/// The machine; it ends with the test.
pub(crate) struct Stub {
    /// As a host pattern has it.
    pub(crate) host: String,
    sent: Arc<Mutex<Vec<Sent>>>,
    _served: JoinSet<()>,
}

impl Stub {
    /// Starts one that answers with what this returns.
    pub(crate) async fn start(answer: impl Fn(&Sent) -> Told + Send + Sync + 'static) -> Self {
        let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let (noted, answer) = (Arc::clone(&sent), Arc::new(answer));
        let all = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
            async move {
                let one = Sent {
                    path: uri.to_string(),
                    headers,
                    body: String::from_utf8_lossy(&body).into_owned(),
                };
                let (status, media, body) = answer(&one);
                noted.lock().expect("nobody panicked").push(one);
                let status = StatusCode::from_u16(status).expect("a status");
                (status, [("content-type", media)], body).into_response()
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let mut served = JoinSet::new();
        served.spawn(async move {
            let router = Router::new().fallback(all);
            axum::serve(listener, router).await.expect("it serves");
        });
        Self {
            host,
            sent,
            _served: served,
        }
    }

    /// Returns an address of it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// Returns what it was sent.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().expect("nobody panicked").clone()
    }
}

/// Returns an engine with all standard blocks, that reaches these machines.
pub(crate) fn engine(stubs: &[&Stub]) -> Engine {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).expect("the standard blocks");
    let hosts = stubs.iter().map(|stub| stub.host.as_str());
    let hosts = HostSet::parse(hosts).expect("hosts");
    let policy = EgressPolicy::new().allow_hosts(hosts);
    let http = GuardedHttp::new(HttpOptions::new().policy(policy));
    Engine::builder(registry).http(Arc::new(http)).build()
}
