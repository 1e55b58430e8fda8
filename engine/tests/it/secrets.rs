//! Secrets: what leaves a block that holds one, and where one may go; and requests that end with their run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphloom::block::Level;
use graphloom::host::{
    BoxFuture, Credential, CredentialError, Credentials, EgressError, Grants, HostSet, Http,
    HttpBody, HttpRequest, HttpResponse, MemoryCredentials, Part, Pieces, Secret,
};
use graphloom::value::Sealed;
use graphloom::{
    BlockError, Capability, Code, Context, Engine, EngineBuilder, Observed, Registry, RunOptions,
    RunOutcome, Status, Text, Value, observe,
};

use super::blocks::{any, get, info, simple};
use super::harness::{in_time, one_thread};

/// Reads differently in every form that it is looked for in.
pub(super) const CANARY: &str = "k/ey+with \"all\" \\of ünd it";

/// What was sent, as a server would see it.
#[derive(Default)]
pub(super) struct Echo {
    pub(super) seen: Mutex<Vec<String>>,
    /// Neither the head of an answer nor the end of a body ever comes.
    hangs: Option<&'static str>,
    left: Arc<AtomicBool>,
}

struct Endless(Arc<AtomicBool>);

impl Pieces for Endless {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, EgressError>> {
        Box::pin(std::future::pending())
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Http for Echo {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, EgressError>> {
        let allowed = request.grants().allows_host("a.example", 443);
        let mut seen = format!("{} allowed={allowed}", request.url);
        for (name, part) in &request.headers {
            let value = match part {
                Part::Secret(secret) => format!("{} for {}", secret.expose(), secret.hosts()),
                Part::Text(text) => text.to_string(),
                _ => unreachable!("there are two kinds"),
            };
            seen += &format!("\n{name}: {value}");
        }
        self.seen.lock().unwrap().push(seen.clone());
        let body = match self.hangs {
            Some("head") => {
                let endless = Endless(Arc::clone(&self.left));
                return Box::pin(async move {
                    let mut endless = endless;
                    endless
                        .next()
                        .await
                        .map(|_| HttpResponse::new(200, "", HttpBody::of([])))
                });
            }
            Some(_) => HttpBody::new(Endless(Arc::clone(&self.left))),
            None => HttpBody::of(seen),
        };
        Box::pin(std::future::ready(Ok(HttpResponse::new(
            200,
            request.url,
            body,
        ))))
    }
}

/// Seals by turning every byte around: nobody here is to be kept out, only found.
struct Sealing(MemoryCredentials);

impl Credentials for Sealing {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        self.0.get(name)
    }

    fn seal(&self, plain: &[u8]) -> Result<Sealed, CredentialError> {
        let turned: Vec<String> = plain.iter().map(|byte| (!byte).to_string()).collect();
        Ok(Sealed::new("turned", turned.join(",")))
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Vec<u8>, CredentialError> {
        let bytes = sealed.ciphertext().as_str().split(',');
        Ok(bytes.map(|byte| !byte.parse::<u8>().unwrap()).collect())
    }
}

pub(super) async fn token(cx: &Context) -> Result<Secret, BlockError> {
    let credential = cx.credential("key").await?;
    Ok(credential
        .token()
        .map_err(|error| BlockError::failed(error.to_string()))?
        .clone())
}

/// Does what a careless block does with the secret itself, in each way that there is.
async fn leak(cx: &Context, how: &str) -> Result<String, BlockError> {
    let secret = token(cx).await?.expose().to_owned();
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let json = graphloom::json::to_json(&Value::from(secret.as_str()));
    let all = format!("raw {secret}, hex {hex}, json {json}");
    match how {
        "fail" => Err(BlockError::transient(all)),
        "panic" => panic!("{all}"),
        "wait" => {
            cx.wait("ok", Value::from(all)).await?;
            Ok(String::new())
        }
        _ => {
            cx.log(Level::Warn, all.as_str());
            cx.partial("out", all.as_str());
            cx.cost(all.as_str(), 1.0);
            let step = cx.step("paid", async { Ok(all.clone()) }).await?;
            let blob = cx
                .blobs()?
                .put(all.clone().into_bytes(), None)
                .await
                .unwrap();
            let kept = cx.blobs()?.get(&blob).await.unwrap();
            Ok(format!("{step} {all} {}", String::from_utf8_lossy(&kept)))
        }
    }
}

fn registry() -> Registry {
    let mut registry = super::blocks::registry();
    let asks = &[
        Capability::Credential,
        Capability::Http,
        Capability::Blobs,
        Capability::Wait,
    ];
    for block in [
        simple(
            info("k.leak").capabilities(asks),
            vec![any("how")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    let how = get(inputs, "how").as_str().unwrap_or_default();
                    let leaked = leak(cx, how).await?;
                    out.emit(
                        "out",
                        graphloom::value!({ (leaked.as_str()): [(leaked.as_str())] }),
                    )
                    .await?;
                    Ok(())
                })
            },
        ),
        simple(
            info("k.look").capabilities(asks),
            vec![],
            &["out"],
            |cx, _, out| {
                Box::pin(async move {
                    let secret = token(cx).await?;
                    let seen = cx.expose(&secret)?;
                    out.emit("out", seen.to_uppercase()).await?;
                    Ok(())
                })
            },
        ),
        // Sends what arrives, opened if it is sealed, as a header line; emits what the server saw.
        simple(
            info("k.send").capabilities(asks),
            vec![any("key")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    let secret = match get(inputs, "key") {
                        Value::Sealed(sealed) => cx.unseal(sealed)?,
                        _ => token(cx).await?.prefixed("Bearer "),
                    };
                    let request = HttpRequest::new("GET", "https://a.example/")
                        .header("authorization", secret);
                    let answer = cx.http()?.send(request).await?;
                    out.emit("out", answer.body.text().await?).await?;
                    Ok(())
                })
            },
        ),
    ] {
        registry.add(block).unwrap();
    }
    registry
}

pub(super) fn store() -> MemoryCredentials {
    let hosts = HostSet::parse(["a.example"]).unwrap();
    MemoryCredentials::new().with(Credential::api_key("key", Secret::new(CANARY)).for_hosts(&hosts))
}

fn engine(http: &Arc<Echo>) -> EngineBuilder {
    let http: Arc<dyn Http> = Arc::clone(http) as Arc<dyn Http>;
    Engine::builder(registry())
        .credentials(Arc::new(Sealing(store())))
        .http(http)
}

/// Runs a graph and returns how it ended, and all that could be seen of it, printed.
pub(super) fn run(
    engine: &Engine,
    nodes: &str,
    links: &str,
    options: RunOptions,
) -> (RunOutcome, String) {
    let json = format!("{{\"format\": 1, \"nodes\": {nodes}, \"links\": {links}}}");
    let plan = engine.load(json.as_bytes()).unwrap();
    let (observer, mut stream) = observe(10_000);
    one_thread().block_on(async {
        let handle = engine
            .start(&plan, options.record().observe(observer))
            .unwrap();
        let mut seen = String::new();
        let mut asked = false;
        while let Some(item) = in_time(stream.next()).await {
            if let Observed::Events(batch) = &item {
                let records: Vec<_> = batch.records().collect();
                let waits = format!("{records:?}").contains("Waiting");
                seen += &format!("{records:?}");
                if waits && !asked {
                    asked = true;
                    assert!(handle.answer("leak", None, Value::Null).await);
                }
            } else {
                seen += &format!("{item:?}");
            }
        }
        let outcome = in_time(handle.outcome()).await;
        let exported: String = outcome
            .records
            .iter()
            .map(|record| format!("{record:?}"))
            .collect();
        seen += &format!("{outcome:?}{exported}");
        (outcome, seen)
    })
}

pub(super) fn check_hidden(seen: &str) {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let json = graphloom::json::to_json(&Value::from(CANARY));
    // Printed for debugging a text has other escapes; what stands between them is looked for on its own.
    for form in [
        CANARY,
        &hex,
        json.trim_matches('"'),
        "k/ey+with",
        "of ünd it",
    ] {
        assert!(!seen.contains(form), "{form} in {seen}");
    }
}

#[test]
fn nothing_that_a_block_says_holds_a_secret_that_it_was_given() {
    for how in ["tell", "fail", "panic", "wait"] {
        let engine = engine(&Arc::default()).build();
        let nodes = format!(
            "{{\"leak\": {{\"block\": \"k.leak\", \"inputs\": {{\"how\": \"{how}\"}}}}, \"next\": {{\"block\": \"t.map\"}}}}"
        );
        let links = r#"[{"from": "leak.out", "to": "next.value"}]"#;
        let (outcome, seen) = run(&engine, &nodes, links, RunOptions::new());
        check_hidden(&seen);
        if how == "tell" {
            assert_eq!(outcome.status, Status::Completed);
            assert!(seen.matches("[redacted]").count() >= 9, "{seen}");
        }
    }
}

#[test]
fn a_server_that_sends_a_secret_back_gives_nothing_away() {
    let http = Arc::new(Echo::default());
    let (outcome, seen) = run(
        &engine(&http).build(),
        r#"{"send": {"block": "k.send"}}"#,
        "[]",
        RunOptions::new(),
    );
    assert_eq!(outcome.status, Status::Completed);
    check_hidden(&seen);
    assert!(seen.contains("Bearer [redacted] for a.example"), "{seen}");
    assert!(http.seen.lock().unwrap()[0].contains(&format!("Bearer {CANARY}")));
}

#[test]
fn what_a_block_emits_that_looked_at_a_secret_is_sealed_and_can_be_used() {
    let http = Arc::new(Echo::default());
    let nodes = r#"{"look": {"block": "k.look"}, "send": {"block": "k.send"}}"#;
    let links = r#"[{"from": "look.out", "to": "send.key"}]"#;
    let (outcome, seen) = run(&engine(&http).build(), nodes, links, RunOptions::new());
    assert_eq!(outcome.status, Status::Completed, "{seen}");
    check_hidden(&seen);
    check_hidden(&seen.to_lowercase());
    assert!(seen.contains("[sealed]"));
    // It may still go only where the secret may that it was made of.
    let sent = format!("authorization: {} for a.example", CANARY.to_uppercase());
    assert!(http.seen.lock().unwrap()[0].contains(&sent));
}

#[test]
fn without_a_key_what_looked_at_a_secret_emits_nothing() {
    let engine = Engine::builder(registry())
        .credentials(Arc::new(store()))
        .build();
    let (outcome, seen) = run(
        &engine,
        r#"{"look": {"block": "k.look"}}"#,
        "[]",
        RunOptions::new(),
    );
    let failure = outcome.failure.unwrap();
    assert_eq!(failure.code, Code::BlockRefused);
    assert!(
        failure.message.contains("does not seal"),
        "{}",
        failure.message
    );
    check_hidden(&seen);
}

#[test]
fn grants_hold_for_credentials_and_go_along_with_requests() {
    let send = r#"{"send": {"block": "k.send"}}"#;
    let http = Arc::new(Echo::default());
    let engine = engine(&http).build();
    let none = RunOptions::new().grants(Grants::all().only_credentials(["other"]));
    let (outcome, _) = run(&engine, send, "[]", none);
    assert_eq!(outcome.failure.unwrap().code, Code::BlockCredential);
    for (host, allowed) in [("a.example", true), ("b.example", false)] {
        let only = Grants::all().only_hosts(HostSet::parse([host]).unwrap());
        let (outcome, _) = run(&engine, send, "[]", RunOptions::new().grants(only));
        assert_eq!(outcome.status, Status::Completed);
        let seen = http.seen.lock().unwrap().last().unwrap().clone();
        assert!(seen.contains(&format!("allowed={allowed}")), "{seen}");
    }
}

#[test]
fn a_request_ends_with_its_run() {
    for hangs in ["head", "body"] {
        let http = Arc::new(Echo {
            hangs: Some(hangs),
            ..Echo::default()
        });
        let left = Arc::clone(&http.left);
        let engine = engine(&http).build();
        let plan = engine
            .load(br#"{"format": 1, "nodes": {"send": {"block": "k.send"}}}"#)
            .unwrap();
        let outcome = one_thread().block_on(async {
            let handle = engine.start(&plan, RunOptions::new()).unwrap();
            while http.seen.lock().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            handle.cancel();
            in_time(handle.outcome()).await
        });
        assert_eq!(outcome.status, Status::Cancelled);
        let receipt = outcome.cancelled.unwrap();
        // It stopped by itself: nobody had to drop it.
        assert_eq!(receipt.done, [Text::from("send:0")]);
        assert!(receipt.aborted.is_empty() && receipt.abandoned.is_empty());
        assert!(
            left.load(Ordering::SeqCst),
            "the {hangs} is still waited for"
        );
    }
}
