//! Folders, clocks, and a web client that answers from a script.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use graphloom::host::{
    Body, BoxFuture, Clock, EgressError, Http, HttpBody, HttpRequest, HttpResponse, ManualClock,
    Part,
};
use graphloom_backends::credentials::{FileCredentials, Keys};
use tokio::sync::Semaphore;

/// A folder of its own, gone when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("credentials-{}-{next}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Returns a store with a key of its own.
    pub(crate) fn store(&self, clock: &ManualClock) -> FileCredentials {
        let key = self.join("key");
        let keys = Keys::read(&key).or_else(|_| Keys::create(&key)).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(clock.clone());
        FileCredentials::new(self.join("credentials.json"), keys, clock)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a server would see.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) hosts: String,
}

type Script = dyn Fn(usize, &Sent) -> Result<(u16, String), EgressError> + Send + Sync;

/// Answers a request when it gets a permit.
pub(crate) struct Stub {
    script: Box<Script>,
    pub(crate) gate: Semaphore,
    sent: Mutex<Vec<Sent>>,
}

impl Stub {
    pub(crate) fn new(
        script: impl Fn(usize, &Sent) -> Result<(u16, String), EgressError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let stub = Self::shut(script);
        stub.gate.add_permits(1_000);
        stub
    }

    /// The same, that answers nobody yet.
    pub(crate) fn shut(
        script: impl Fn(usize, &Sent) -> Result<(u16, String), EgressError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            script: Box::new(script),
            gate: Semaphore::new(0),
            sent: Mutex::default(),
        })
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

impl Http for Stub {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, EgressError>> {
        let text = |part: &Part| match part {
            Part::Text(text) => text.to_string(),
            Part::Secret(secret) => secret.expose().to_owned(),
            _ => unreachable!(),
        };
        let (body, hosts) = match &request.body {
            Body::Secret(secret) => (secret.expose().to_owned(), secret.hosts().to_string()),
            other => panic!("the body is not secret: {other:?}"),
        };
        let headers = request.headers.iter();
        let sent = Sent {
            url: request.url.to_string(),
            headers: headers
                .map(|(name, part)| (name.to_string(), text(part)))
                .collect(),
            body,
            hosts,
        };
        Box::pin(async move {
            let nth = {
                let mut all = self.sent.lock().unwrap();
                all.push(sent.clone());
                all.len()
            };
            self.gate.acquire().await.unwrap().forget();
            let (status, body) = (self.script)(nth, &sent)?;
            Ok(HttpResponse::new(status, sent.url, HttpBody::of(body)))
        })
    }
}
