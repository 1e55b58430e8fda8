//! What leaves a block that has looked at a secret: nothing that is not sealed; and the ways around the guard that are shut.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use graphloom::block::types::PinType;
use graphloom::block::{InputPin, Level};
use graphloom::host::{
    BoxFuture, Capability, Credential, CredentialError, Credentials, HostSet, Http, HttpRequest,
    MemoryCredentials, Secret,
};
use graphloom::value::{Map, Sealed};
use graphloom::{
    BlockError, Code, Engine, Event, Observed, Registry, RunOptions, Status, Value, observe,
};

use super::blocks::{any, get, info, simple};
use super::harness::{in_time, one_thread};
use super::secrets::{CANARY, Echo, check_hidden, run, store, token};

/// Seals the same twice in two ways, as a store does that draws its nonces.
struct Drawing {
    kept: MemoryCredentials,
    sealed: Mutex<Vec<Vec<u8>>>,
}

impl Drawing {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            kept: store(),
            sealed: Mutex::default(),
        })
    }
}

impl Credentials for Drawing {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        self.kept.get(name)
    }

    fn seal(&self, plain: &[u8]) -> Result<Sealed, CredentialError> {
        let mut all = self.sealed.lock().unwrap();
        all.push(plain.to_vec());
        Ok(Sealed::new("drawn", (all.len() - 1).to_string()))
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Vec<u8>, CredentialError> {
        let nth: usize = sealed.ciphertext().parse().unwrap();
        Ok(self.sealed.lock().unwrap()[nth].clone())
    }
}

/// What nobody who searches for the secret would find.
fn made_of(secret: &str) -> String {
    secret.chars().rev().collect()
}

fn check_unmade(seen: &str) {
    check_hidden(seen);
    let made = made_of(CANARY);
    // Without what debug output escapes.
    for part in made.split(['"', '\\']).filter(|part| part.len() > 3) {
        assert!(!seen.contains(part), "{part} in {seen}");
    }
}

/// How often `again` paid.
static PAID: AtomicU32 = AtomicU32::new(0);

fn registry() -> Registry {
    let mut registry = super::blocks::registry();
    let asks = &[
        Capability::Credential,
        Capability::Http,
        Capability::Graphs,
        Capability::Wait,
    ];
    for block in [
        // Looks, and then does as it is told with what it makes of the secret.
        simple(
            info("k.look").capabilities(asks),
            vec![any("how"), InputPin::new("graph", PinType::Text).config()],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    let secret = token(cx).await?;
                    let made = made_of(cx.expose(&secret)?);
                    match get(inputs, "how").as_str().unwrap_or_default() {
                        "input" => return Err(BlockError::input(made)),
                        "failed" => return Err(BlockError::failed(made)),
                        "credential" => {
                            return Err(BlockError::Credential {
                                name: made.clone(),
                                message: made,
                            });
                        }
                        "bug" => return Err(BlockError::Bug { message: made }),
                        "panic" => panic!("{made}"),
                        "wait" => {
                            cx.wait("ok", Value::from(made)).await?;
                        }
                        "call" => {
                            let mut inputs = Map::new();
                            inputs.insert("in", made);
                            let outputs = cx.call_graph("sub", inputs).await?;
                            assert!(matches!(outputs[0].1, Value::Sealed(_)), "{outputs:?}");
                        }
                        "tell" => {
                            cx.log(Level::Info, made.as_str());
                            cx.partial(made.as_str(), made.as_str());
                            cx.cost(made.as_str(), 1.0);
                        }
                        "name" => {
                            let key = secret.expose().to_owned();
                            cx.step(&key, async { Ok(1) }).await?;
                        }
                        "again" => {
                            let step = async {
                                PAID.fetch_add(1, Ordering::SeqCst);
                                Ok(made.clone())
                            };
                            let paid: String = cx.step("paid", step).await?;
                            assert_eq!(paid, made);
                            out.emit("out", paid).await?;
                            if cx.info().attempt < 3 {
                                return Err(BlockError::transient("not yet"));
                            }
                        }
                        // Another value each time, however it is sealed.
                        "differ" => {
                            out.emit("out", i64::from(cx.info().attempt)).await?;
                            return Err(BlockError::transient("not yet"));
                        }
                        other => unreachable!("{other}"),
                    }
                    Ok(())
                })
            },
        ),
        // Sends to this host; after a look at the secret or without any.
        simple(
            info("k.ask").capabilities(asks),
            vec![any("looks")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    if get(inputs, "looks") == &Value::Bool(true) {
                        cx.expose(&token(cx).await?)?;
                    }
                    let request = HttpRequest::new("GET", "https://a.example/");
                    let answer = cx.http()?.send(request).await?;
                    out.emit("out", answer.body.text().await?).await?;
                    Ok(())
                })
            },
        ),
        // Emits what it was given without having anything to do with credentials but the reach.
        simple(
            info("k.told").capabilities(asks),
            vec![any("text"), any("after")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    // Whatever it has is what it might have from there.
                    let request = HttpRequest::new("GET", "https://a.example/");
                    cx.http()?.send(request).await?;
                    out.emit("out", get(inputs, "text").clone()).await?;
                    Ok(())
                })
            },
        ),
        // The words of a server that says the secret, as they come.
        simple(
            info("k.stream").capabilities(asks),
            vec![],
            &["out"],
            |cx, _, out| {
                Box::pin(async move {
                    let said = token(cx).await?.expose().to_owned();
                    let said = format!("it is {said}, and k/ey is not");
                    let mut pieces = Vec::new();
                    let mut rest = said.as_str();
                    while let Some(c) = rest.chars().next() {
                        let (piece, behind) = rest.split_at(c.len_utf8());
                        pieces.push(piece);
                        rest = behind;
                    }
                    for piece in pieces {
                        cx.partial("out", piece);
                    }
                    out.emit("out", said).await?;
                    Ok(())
                })
            },
        ),
    ] {
        registry.add(block).unwrap();
    }
    registry
}

fn engine() -> Engine {
    Engine::builder(registry())
        .credentials(Drawing::new())
        .build()
}

fn look(how: &str, more: &str) -> String {
    format!("{{\"leak\": {{\"block\": \"k.look\", \"inputs\": {{\"how\": \"{how}\"}}{more}}}}}")
}

#[test]
fn what_is_said_of_a_failure_is_withheld() {
    for (how, code) in [
        ("input", Code::BlockInput),
        ("failed", Code::BlockFailed),
        ("credential", Code::BlockCredential),
        ("bug", Code::BlockBug),
        ("panic", Code::BlockBug),
    ] {
        let (outcome, seen) = run(&engine(), &look(how, ""), "[]", RunOptions::new());
        let failure = outcome.failure.unwrap();
        assert_eq!(failure.code, code, "{how}");
        assert!(
            failure.message.contains("withheld"),
            "{how}: {}",
            failure.message
        );
        check_unmade(&seen);
    }
}

#[test]
fn what_is_told_asked_and_handed_on_is_sealed_or_withheld() {
    for how in ["tell", "wait"] {
        let (outcome, seen) = run(&engine(), &look(how, ""), "[]", RunOptions::new());
        assert_eq!(outcome.status, Status::Completed, "{how}: {seen}");
        check_unmade(&seen);
        assert!(seen.contains("[sealed]"), "{how}: {seen}");
    }
}

#[test]
fn a_sub_graph_is_given_what_is_sealed() {
    let graph = r#"{"format": 1,
        "nodes": {"leak": {"block": "k.look", "inputs": {"how": "call", "graph": "sub"}}},
        "graphs": {"sub": {"format": 1,
            "nodes": {
                "in": {"block": "t.in", "inputs": {"name": "in"}},
                "out": {"block": "t.out", "inputs": {"name": "out"}}
            },
            "links": [{"from": "in.result", "to": "out.value"}]
        }}}"#;
    let engine = engine();
    let Ok(plan) = engine.load(graph.as_bytes()) else {
        panic!("{:?}", engine.load(graph.as_bytes()).unwrap_err());
    };
    let outcome = one_thread().block_on(async {
        in_time(
            engine
                .start(&plan, RunOptions::new().record())
                .unwrap()
                .outcome(),
        )
        .await
    });
    assert_eq!(outcome.status, Status::Completed, "{outcome:?}");
    check_unmade(&format!("{outcome:?}"));
}

#[test]
fn a_name_that_is_written_down_must_not_hold_a_secret() {
    let (outcome, seen) = run(&engine(), &look("name", ""), "[]", RunOptions::new());
    assert_eq!(outcome.failure.unwrap().code, Code::BlockBug);
    check_hidden(&seen);
}

#[test]
fn later_attempts_know_what_the_first_one_sealed() {
    let retry = ", \"retry\": {\"max_attempts\": 3, \"backoff_ms\": 1, \"max_backoff_ms\": 2}";
    let (outcome, seen) = run(&engine(), &look("again", retry), "[]", RunOptions::new());
    assert_eq!(outcome.status, Status::Completed, "{seen}");
    check_unmade(&seen);
    let emitted = |one: &&graphloom::Record| matches!(one.event, Event::Emitted { .. });
    assert_eq!(
        outcome.records.iter().filter(emitted).count(),
        1,
        "the same is emitted once"
    );
    assert_eq!(PAID.load(Ordering::SeqCst), 1);
    let (outcome, _) = run(&engine(), &look("differ", retry), "[]", RunOptions::new());
    assert_eq!(outcome.failure.unwrap().code, Code::BlockDiverged);
}

#[test]
fn who_has_looked_sends_only_to_where_the_secret_may_go() {
    let elsewhere = HostSet::parse(["b.example"]).unwrap();
    for (hosts, allowed) in [(None, true), (Some(elsewhere), false)] {
        let http = Arc::new(Echo::default());
        let mut credential = Credential::api_key("key", Secret::new(CANARY));
        let own = hosts.unwrap_or_else(|| HostSet::parse(["a.example"]).unwrap());
        credential = credential.for_hosts(&own);
        let kept = MemoryCredentials::new().with(credential);
        let engine = Engine::builder(registry())
            .credentials(Arc::new(Drawing {
                kept,
                sealed: Mutex::default(),
            }))
            .http(http.clone() as Arc<dyn Http>)
            .build();
        for (looks, allowed) in [(false, true), (true, allowed)] {
            let node = format!(
                "{{\"ask\": {{\"block\": \"k.ask\", \"inputs\": {{\"looks\": {looks}}}}}}}"
            );
            let (outcome, _) = run(&engine, &node, "[]", RunOptions::new());
            assert_eq!(outcome.status, Status::Completed);
            let seen = http.seen.lock().unwrap().pop().unwrap();
            assert!(seen.contains(&format!("allowed={allowed}")), "{seen}");
        }
    }
}

#[test]
fn a_node_without_a_credential_does_not_tell_what_a_server_knows_from_another() {
    let http = Arc::new(Echo::default());
    let engine = Engine::builder(registry())
        .credentials(Drawing::new())
        .http(http as Arc<dyn Http>)
        .build();
    // Stands for a server that says to the second what the first one sent.
    let json = graphloom::json::to_json(&Value::from(format!("it was {CANARY}")));
    let graph = format!(
        "{{\"format\": 1, \"nodes\": {{\
           \"ask\": {{\"block\": \"k.ask\", \"inputs\": {{\"looks\": true}}}}, \
           \"told\": {{\"block\": \"k.told\", \"inputs\": {{\"text\": {json}}}}}}}, \
         \"links\": [{{\"from\": \"ask.out\", \"to\": \"told.after\"}}]}}"
    );
    let plan = engine.load(graph.as_bytes());
    let outcome = one_thread().block_on(async {
        let options = RunOptions::new().record();
        in_time(engine.start(&plan.unwrap(), options).unwrap().outcome()).await
    });
    assert_eq!(outcome.status, Status::Completed);
    let seen = format!("{:?}", outcome.records);
    check_hidden(&seen);
    assert!(seen.contains("it was [redacted]"), "{seen}");
}

#[test]
fn a_secret_that_comes_in_pieces_is_found() {
    let engine = engine();
    let plan = engine
        .load(br#"{"format": 1, "nodes": {"s": {"block": "k.stream"}}}"#)
        .unwrap();
    let (observer, mut stream) = observe(10_000);
    let told = one_thread().block_on(async {
        let handle = engine
            .start(&plan, RunOptions::new().observe(observer))
            .unwrap();
        let mut told = String::new();
        while let Some(item) = in_time(stream.next()).await {
            if let Observed::Note(note) = &item
                && let graphloom::Said::Partial { text, .. } = &note.said
            {
                told.push_str(text);
            }
        }
        in_time(handle.outcome()).await;
        told
    });
    assert_eq!(told, "it is [redacted], and k/ey is not");
}
