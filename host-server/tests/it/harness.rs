//! A server on a port of its own, and someone who asks it.

use std::sync::LazyLock;
use std::time::Duration;

use graphloom::{CancelToken, Engine, Registry};
use graphloom_server::auth::Auth;
use graphloom_server::serve::{Limits, serve};
use graphloom_server::{App, AppBuilder, Principal, Role, Scopes};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::task::JoinSet;

/// The token of the tenant `a`, who may do everything.
pub(crate) const A: &str = "token-of-a";
/// The token of the tenant `b`, who may do everything but run the server.
pub(crate) const B: &str = "token-of-b";

/// A server that ends with the test.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) app: App,
    stop: CancelToken,
    served: JoinSet<()>,
}

/// Returns an engine with all standard blocks.
pub(crate) fn engine() -> Engine {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).expect("the standard blocks");
    Engine::new(registry)
}

/// Takes the tokens of the tests.
pub(crate) fn auth() -> Auth {
    let who = |tenant, scopes| Principal::new(tenant, "tests").scopes(scopes);
    Auth::new()
        .token(A, who("a", Scopes::all()))
        .token(B, who("b", Role::Owner.scopes()))
}

impl Server {
    /// Starts one in memory.
    pub(crate) async fn start() -> Self {
        Self::with(App::builder(engine())).await
    }

    /// Starts this one, which takes the tokens of the tests.
    pub(crate) async fn with(builder: AppBuilder) -> Self {
        Self::within(builder, Limits::default()).await
    }

    /// Starts this one, with these limits of connections.
    pub(crate) async fn within(builder: AppBuilder, limits: Limits) -> Self {
        Self::of(
            &builder.auth(auth()).build().expect("an application"),
            limits,
        )
        .await
    }

    /// Starts this one, which takes these tokens.
    pub(crate) async fn taking(builder: AppBuilder, auth: Auth) -> Self {
        let app = builder.auth(auth).build().expect("an application");
        Self::of(&app, Limits::default()).await
    }

    /// Serves this application, which takes the tokens that it takes.
    pub(crate) async fn of(app: &App, limits: Limits) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let stop = CancelToken::new();
        let (router, until) = (app.router(), stop.clone());
        let mut served = JoinSet::new();
        served.spawn(async move {
            serve(listener, router, limits, until)
                .await
                .expect("it serves");
        });
        Self {
            url,
            app: app.clone(),
            stop,
            served,
        }
    }

    /// Stops it, and waits until it has.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        let ended = self.served.join_next().await;
        ended.expect("it was started").expect("it ends");
    }

    /// Begins a request with a token.
    pub(crate) fn ask(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.url);
        client().request(method, url).bearer_auth(token)
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        Answer::of(self.ask(Method::GET, path, token)).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        Answer::of(json(self.ask(Method::POST, path, token), body)).await
    }

    /// Keeps a graph; returns its id.
    pub(crate) async fn keep(&self, token: &str, graph: &Value) -> String {
        let answer = self.post("/v1/graphs", token, graph).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Starts a run and waits for its end; returns the run.
    pub(crate) async fn run(&self, token: &str, graph: &str, body: &Value) -> Value {
        let path = format!("/v1/graphs/{graph}/runs?wait_ms=60000");
        let answer = self.post(&path, token, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

impl Server {
    /// Waits until a run is over; returns it.
    pub(crate) async fn over(&self, token: &str, run: &str) -> Value {
        let path = format!("/v1/runs/{run}");
        for _ in 0..3_000 {
            let run = self.get(&path, token).await.json();
            let status = run["status"].as_str().expect("a status");
            if ["completed", "failed", "cancelled"].contains(&status) {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the run does not end");
    }
}

/// Returns a client that follows nothing and gives up after a minute.
///
/// All tests have the same, since making one takes long; each has a runtime of its own, so no connection is kept.
pub(crate) fn client() -> Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(make_client);
    CLIENT.clone()
}

fn make_client() -> Client {
    // A second time it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let built = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_mins(1))
        .build();
    built.expect("a client")
}

/// Gives a request a body of JSON.
pub(crate) fn json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    let request = request.header("content-type", "application/json");
    request.body(body.to_string())
}

/// Writes what has this entity tag: a merge patch, nothing where it is deleted, or else all of it.
pub(crate) async fn write(
    server: &Server,
    method: Method,
    path: &str,
    tag: &str,
    sent: &Value,
) -> Answer {
    let request = server.ask(method.clone(), path, A).header("if-match", tag);
    let request = match method {
        Method::PATCH => request
            .header("content-type", "application/merge-patch+json")
            .body(sent.to_string()),
        Method::DELETE => request,
        _ => json(request, sent),
    };
    Answer::of(request).await
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("all of it");
        Self {
            status,
            headers,
            text,
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// Returns a header; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    /// Looks whether a body was refused for what stands at this place; empty: wherever it is.
    pub(crate) fn refuses(&self, place: &str) {
        let refused = (self.status, self.problem());
        let expected = (422, "HTTP_BODY".to_owned());
        assert_eq!(refused, expected, "{place}: {}", self.text);
        let pointer = &self.json()["errors"][0]["pointer"];
        let found = pointer.as_str().expect("a place");
        assert!(found == place || place.is_empty(), "{place}: {}", self.text);
    }

    /// Returns the code of a problem, after looking at its form.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        for member in ["type", "title", "detail", "trace_id"] {
            assert!(
                problem[member]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{problem}"
            );
        }
        problem["code"].as_str().expect("a code").to_owned()
    }
}

/// A graph that greets who it is told.
pub(crate) fn greet() -> Value {
    serde_json::from_str(include_str!("../../src/openapi/greet.json")).expect("JSON")
}

/// Returns what looks like a key of a server: this text again and again.
pub(crate) fn key_of(text: &str) -> String {
    let rest: String = text.chars().cycle().take(43).collect();
    format!("glk_{rest}")
}

/// A folder that goes with the test.
pub(crate) struct Folder(std::path::PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("graphloom-server-{}-{next}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
