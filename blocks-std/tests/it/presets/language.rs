//! The language itself: what is refused when it is read, and what its parts do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graphloom::graph::Coercion;
use graphloom::host::{
    Credential, EgressError, HostSet, Http, ManualClock, MemoryCredentials, Secret,
};
use graphloom::json::{PatchOp, apply};
use graphloom::{BlockRun, Effect, Engine, Registry, RunOptions, Value, value};
use graphloom_blocks::preset::{Preset, PresetError};

use crate::stub_http::{Answer, Sent, StubHttp};
use crate::support::{json, passing};

const GOOD: &str = r#"{
  "preset": 1, "id": "bees.find", "version": 1, "summary": "Finds bees.", "vendor": "https://bees.example/docs",
  "effect": "at_most_once", "credential": { "provider": "bees" }, "hosts": ["api.bees.example"],
  "inputs": {
    "name": { "type": "text", "required": true, "doc": "Whose." },
    "note": { "type": "text", "doc": "What to say." },
    "numbers": { "type": "list of integer", "doc": "Which." }
  },
  "steps": [
    { "name": "hive", "method": "GET", "url": "https://api.bees.example/hives/{name}" },
    { "name": "made", "method": "POST", "url": "https://api.bees.example/hives/{hive.id}/bees",
      "json": { "note": { "$": "note" }, "bees": { "$each": "numbers", "give": { "n": { "$": "item" } } } } }
  ],
  "outputs": { "bee": { "type": "text", "doc": "The bee.", "value": { "$": "made.bee" } } },
  "errors": { "message": "answer.why", "when": { "answer.fine": false } }
}"#;

fn with(patch: &str) -> Value {
    let mut document = json(GOOD.as_bytes());
    let patch: Vec<PatchOp> = serde_json::from_str(patch).unwrap();
    apply(&mut document, &patch).unwrap();
    document
}

fn faults(document: &Value) -> Vec<PresetError> {
    match Preset::from_json(document.to_string().as_bytes()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.0,
    }
}

#[test]
fn what_will_not_do_is_refused_with_its_place() {
    // What is changed, and what the one fault says.
    let cases: &[(&str, &str)] = &[
        (
            r#"[{"op":"add","path":"/stepps","value":1}]"#,
            r#""": unknown key "stepps""#,
        ),
        (
            r#"[{"op":"replace","path":"/preset","value":2}]"#,
            r#""/preset": this program reads presets of format 1"#,
        ),
        (
            r#"[{"op":"remove","path":"/summary"}]"#,
            r#"the key "summary" is missing"#,
        ),
        (
            r#"[{"op":"replace","path":"/version","value":0}]"#,
            r#""/version": expected a whole number"#,
        ),
        (
            r#"[{"op":"replace","path":"/effect","value":"pure"}]"#,
            r#""/effect": "pure" is none of idempotent, at_most_once"#,
        ),
        (
            r#"[{"op":"replace","path":"/vendor","value":"docs"}]"#,
            r#""/vendor": expected the address"#,
        ),
        (
            r#"[{"op":"replace","path":"/hosts","value":[]}]"#,
            r#""/hosts": a preset names the hosts"#,
        ),
        (
            r#"[{"op":"replace","path":"/hosts/0","value":"https://a"}]"#,
            r#""/hosts": "https://a" names no host"#,
        ),
        (
            r#"[{"op":"replace","path":"/hosts/0","value":"bees.example"}]"#,
            r#""/steps/0/url": "https://api.bees.example" is none of the hosts"#,
        ),
        (
            r#"[{"op":"add","path":"/inputs/x","value":{"type":"text","doc":"x"}}]"#,
            r#""/inputs/x": nothing uses this input"#,
        ),
        (
            r#"[{"op":"replace","path":"/inputs/note/type","value":"txt"}]"#,
            r#""/inputs/note/type": "txt" is no type"#,
        ),
        (
            r#"[{"op":"add","path":"/inputs/note/default","value":5}]"#,
            r#""/inputs/note/default": the default 5 does not fit"#,
        ),
        (
            r#"[{"op":"add","path":"/inputs/note/secret","value":true}]"#,
            r#""/inputs/note": unknown key "secret""#,
        ),
        (
            r#"[{"op":"add","path":"/inputs/item","value":{"type":"text","doc":"x"}}]"#,
            r#""/inputs/item": this name stands for something else"#,
        ),
        (
            r#"[{"op":"remove","path":"/inputs/note/doc"}]"#,
            r#""/inputs/note": the key "doc" is missing"#,
        ),
        (
            r#"[{"op":"replace","path":"/steps/0/url","value":"https://{name}/hives"}]"#,
            r#""/steps/0/url": expected https://, a host without placeholders"#,
        ),
        (
            r#"[{"op":"replace","path":"/steps/0/url","value":"https://api.bees.example@evil.example/{name}"}]"#,
            r#""/steps/0/url": expected https://"#,
        ),
        (
            r#"[{"op":"replace","path":"/steps/0/url","value":"https://api.bees.example/{name}?a=b"}]"#,
            r#"'?' cannot stand in a path"#,
        ),
        (
            r#"[{"op":"replace","path":"/steps/0/url","value":"https://api.bees.example/../{name}"}]"#,
            "a path has no dot segments",
        ),
        (
            r#"[{"op":"replace","path":"/steps/0/url","value":"https://api.bees.example/%2E/{name}"}]"#,
            "a path has no dot segments",
        ),
        (
            r#"[{"op":"replace","path":"/steps/0/url","value":"https://api.bees.example/{name"}]"#,
            "a { without its }",
        ),
        (
            r#"[{"op":"replace","path":"/steps/0/url","value":"https://api.bees.example/{nam}"}]"#,
            r#"there is no "nam" here: there are name, note, numbers"#,
        ),
        (
            r#"[{"op":"replace","path":"/steps/0/url","value":"https://api.bees.example/{name}/{made.id}"}]"#,
            r#"there is no "made" here"#,
        ),
        (
            r#"[{"op":"replace","path":"/steps/0/url","value":"https://api.bees.example/{name}/{credential}"}]"#,
            r#"{credential} needs a credential with "path": true"#,
        ),
        (
            r#"[{"op":"add","path":"/credential/path","value":true}]"#,
            r#""/steps/0/url": the credential goes into the path"#,
        ),
        (
            r#"[{"op":"add","path":"/credential/query","value":"k"},{"op":"add","path":"/credential/header","value":"k"}]"#,
            "one way to attach it is enough",
        ),
        (
            r#"[{"op":"add","path":"/credential/prefix","value":"a\r\nb"}]"#,
            "a header line has plain letters",
        ),
        (
            r#"[{"op":"replace","path":"/steps/0/method","value":"CONNECT"}]"#,
            r#""CONNECT" is none of GET"#,
        ),
        (
            r#"[{"op":"add","path":"/steps/0/json","value":{}}]"#,
            "a GET request has no body",
        ),
        (
            r#"[{"op":"add","path":"/steps/1/form","value":{}}]"#,
            "one body is enough: found json and form",
        ),
        (
            r#"[{"op":"add","path":"/steps/0/headers","value":{"host":"evil.example"}}]"#,
            r#""/steps/0/headers/host": this header line"#,
        ),
        (
            r#"[{"op":"add","path":"/steps/0/headers","value":{"authorization":"x"}}]"#,
            "the credential stands in this header line",
        ),
        (
            r#"[{"op":"add","path":"/steps/0/headers","value":{"x-a":"a\r\nb: c"}}]"#,
            "without control characters",
        ),
        (
            r#"[{"op":"replace","path":"/steps/1/name","value":"hive"}]"#,
            r#""hive" is taken"#,
        ),
        (
            r#"[{"op":"add","path":"/steps/0/each","value":"numbers"}]"#,
            "ends with the first item",
        ),
        (
            r#"[{"op":"add","path":"/steps/0/read","value":"xml"}]"#,
            r#""xml" is none of json, text, blob, nothing"#,
        ),
        (
            r#"[{"op":"add","path":"/steps/0/accept","value":[999]}]"#,
            "expected a list of statuses",
        ),
        (
            r#"[{"op":"replace","path":"/steps/1/json/note","value":{"$":"item"}}]"#,
            r#""/steps/1/json/note/$": there is no "item" here"#,
        ),
        (
            r#"[{"op":"replace","path":"/steps/1/json/note","value":{"$":"note","else":1}}]"#,
            r#""/steps/1/json/note": unknown key "else""#,
        ),
        (
            r#"[{"op":"replace","path":"/steps/1/json/note","value":{"$if":"note"}}]"#,
            r#""$if" is no placeholder"#,
        ),
        (
            r#"[{"op":"replace","path":"/steps/1/url","value":{"$":"note"}},{"op":"add","path":"/steps/1/credential","value":true}]"#,
            "a credential does not go to an address that comes from outside",
        ),
        (
            r#"[{"op":"add","path":"/outputs/error","value":{"type":"text","doc":"x","value":"x"}}]"#,
            r#"every block has the output pin "error""#,
        ),
        (
            r#"[{"op":"replace","path":"/outputs","value":{}}]"#,
            "a block has an output",
        ),
        (
            r#"[{"op":"replace","path":"/steps","value":[]}]"#,
            "expected a list of 1 to 16 steps",
        ),
        (
            r#"[{"op":"add","path":"/limits","value":{"timeout_ms":0}}]"#,
            r#""/limits/timeout_ms": expected a whole number"#,
        ),
        (
            r#"[{"op":"add","path":"/cost","value":{"unit":"usd","amount":-1}}]"#,
            r#""/cost/amount": expected a number, 0 or more"#,
        ),
    ];
    assert_eq!(faults(&json(GOOD.as_bytes())), []);
    for (patch, said) in cases {
        let faults = faults(&with(patch));
        let found = faults.iter().any(|fault| fault.to_string().contains(said));
        assert!(found, "{patch}: {faults:?}");
    }
    assert!(
        matches!(Preset::from_json(b"{"), Err(errors) if matches!(errors.0[..], [PresetError::Json { .. }]))
    );
    assert!(
        matches!(Preset::from_json(b"[]"), Err(errors) if matches!(errors.0[..], [PresetError::Type { .. }]))
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let patch = r#"[{"op":"remove","path":"/summary"},{"op":"replace","path":"/vendor","value":"docs"},
        {"op":"add","path":"/steps/0/redirects","value":99},{"op":"add","path":"/inputs/note/odd","value":1}]"#;
    assert_eq!(faults(&with(patch)).len(), 4, "{:?}", faults(&with(patch)));
}

fn engine(
    document: &Value,
    script: impl Fn(usize, &Sent) -> Result<Answer, EgressError> + Send + Sync + 'static,
) -> (Engine, Arc<StubHttp>, ManualClock) {
    let mut registry = Registry::new();
    let preset = Preset::from_json(document.to_string().as_bytes()).unwrap();
    registry.add(preset).unwrap();
    let count = AtomicUsize::new(0);
    let http = StubHttp::new(move |sent| script(count.fetch_add(1, Ordering::SeqCst), sent));
    let hosts = HostSet::parse(["api.bees.example"]).unwrap();
    let key = Credential::api_key("bees", Secret::new("canary-1")).for_hosts(&hosts);
    let clock = ManualClock::new();
    let engine = Engine::builder(registry)
        .clock(Arc::new(clock.clone()))
        .http(Arc::clone(&http) as Arc<dyn Http>)
        .credentials(Arc::new(MemoryCredentials::new().with(key)))
        .build();
    (engine, http, clock)
}

async fn run(engine: &Engine, inputs: Value) -> BlockRun {
    let inputs = inputs.as_map().unwrap().clone();
    engine
        .run_block("bees.find", inputs, Coercion::Strict, RunOptions::new())
        .await
        .unwrap()
}

fn said(run: &BlockRun) -> &str {
    run.error
        .as_ref()
        .map_or("", |error| error.message.as_str())
}

#[tokio::test]
async fn what_is_not_given_drops_its_key() {
    let document = json(GOOD.as_bytes());
    let (engine, http, _) = engine(&document, |_, _| {
        Ok(Answer::json(200, r#"{"id": 7, "bee": 9}"#))
    });
    let made = run(
        &engine,
        value!({"name": "a b", "note": "", "numbers": (Value::Null)}),
    )
    .await;
    // A number at a text pin is its text.
    assert_eq!(made.outputs, [("bee".into(), Value::from("9"))], "{made:?}");
    let sent = http.sent();
    assert_eq!(sent[0].url, "https://api.bees.example/hives/a%20b");
    assert_eq!(sent[1].url, "https://api.bees.example/hives/7/bees");
    assert_eq!(sent[1].json(), value!({}));
    assert_eq!(sent[1].header("authorization"), Some("Bearer canary-1"));
    run(
        &engine,
        value!({"name": "a", "note": "x", "numbers": [1, 2]}),
    )
    .await;
    assert_eq!(
        http.sent()[3].json(),
        value!({"note": "x", "bees": [{"n": 1}, {"n": 2}]})
    );
}

#[tokio::test]
async fn what_an_answer_lacks_is_an_error() {
    let document = json(GOOD.as_bytes());
    for (answer, expected) in [
        (r#"{"id": 7}"#, "bees gave nothing for \"bee\""),
        (
            r#"{"id": 7, "bee": [1]}"#,
            "bees gave something else for \"bee\"",
        ),
        (r#"{"bee": 1}"#, "hive.id is not given, or was not found"),
        (
            r#"{"id": "..", "bee": 1}"#,
            "cannot stand as a part of the address",
        ),
        (
            r#"{"id": 7, "bee": 1, "fine": false, "why": "no bees"}"#,
            "bees says no: no bees",
        ),
        ("<html>", "bees gave no JSON"),
        ("", "hive.id is not given"),
    ] {
        let (engine, ..) = engine(&document, move |_, _| Ok(Answer::json(200, answer)));
        let run = run(&engine, value!({"name": "a"})).await;
        assert!(said(&run).contains(expected), "{answer}: {run:?}");
    }
    let deep = "[".repeat(100_000);
    let (engine, ..) = engine(&document, move |_, _| Ok(Answer::json(200, &deep)));
    assert!(said(&run(&engine, value!({"name": "a"})).await).contains("bees gave no JSON"));
}

/// Runs the preset in a graph that tries three times, and returns how many requests there were, and whether it worked.
async fn tried(
    effect: Effect,
    script: impl Fn(usize, &Sent) -> Result<Answer, EgressError> + Send + Sync + 'static,
) -> (usize, bool) {
    let mut document = json(GOOD.as_bytes());
    if let Value::Map(map) = &mut document {
        map.insert("effect", effect.as_str());
    }
    let (engine, http, clock) = engine(&document, script);
    let graph = value!({"format": 1, "nodes": {"a": {"block": "bees.find", "inputs": {"name": "a"},
        "retry": {"max_attempts": 3, "backoff_ms": 10}}}});
    let plan = engine.load(graph.to_string().as_bytes()).unwrap();
    let outcome = passing(&clock, engine.run(&plan, RunOptions::new()))
        .await
        .unwrap();
    (http.sent().len(), outcome.is_ok())
}

#[tokio::test]
async fn what_may_have_acted_is_not_sent_again() {
    let fine = || Ok(Answer::json(200, r#"{"id": 7, "bee": "b"}"#));
    let busy = |status| Ok(Answer::json(status, r#"{"why": "busy"}"#));
    // The reading step fails once: nothing was done, all of it is tried again.
    let read = move |n: usize, _: &Sent| if n == 0 { busy(503) } else { fine() };
    assert_eq!(tried(Effect::AtMostOnce, read).await, (3, true));
    // The acting step fails: nobody knows whether it acted.
    let acted = move |n: usize, _: &Sent| if n == 1 { busy(500) } else { fine() };
    assert_eq!(tried(Effect::AtMostOnce, acted).await, (2, false));
    assert_eq!(tried(Effect::Idempotent, acted).await, (4, true));
    // It was turned away, or there was no connection: it did not.
    let turned = move |n: usize, _: &Sent| if n == 1 { busy(429) } else { fine() };
    assert_eq!(tried(Effect::AtMostOnce, turned).await, (4, true));
    let lost = move |n: usize, _: &Sent| match n {
        1 => Err(EgressError::Connect {
            message: "refused".to_owned(),
        }),
        _ => fine(),
    };
    assert_eq!(tried(Effect::AtMostOnce, lost).await, (4, true));
    let broken = move |n: usize, _: &Sent| match n {
        1 => Err(EgressError::Transport {
            message: "broken".to_owned(),
        }),
        _ => fine(),
    };
    assert_eq!(tried(Effect::AtMostOnce, broken).await, (2, false));
    let wrong = move |n: usize, _: &Sent| if n == 0 { busy(404) } else { fine() };
    assert_eq!(tried(Effect::AtMostOnce, wrong).await, (1, false));
}

#[tokio::test]
async fn a_step_asks_for_each_item_until_one_gives() {
    let patch = r#"[
        {"op":"replace","path":"/steps/0","value":{"name":"hive","each":"numbers","method":"GET",
          "url":"https://api.bees.example/hives/{each}/{name}",
          "take":{"$each":"answer","where":{"kind":["a","b"],"name":{"$":"note"}},"first":true}}}]"#;
    let document = with(patch);
    let script = |_: usize, sent: &Sent| {
        Ok(match sent.url.contains("/hives/2/") {
            true => Answer::json(
                200,
                r#"[{"id": 1, "kind": "c"}, {"id": 2, "kind": "b", "name": "x"}]"#,
            ),
            false => Answer::json(200, r#"[{"id": 3, "kind": "b", "name": "y"}]"#),
        })
    };
    let (engine, http, _) = engine(&document, script);
    let inputs = value!({"name": "q", "note": "x", "numbers": [1, 2, 3]});
    run(&engine, inputs).await;
    let urls: Vec<String> = http.sent().into_iter().map(|sent| sent.url).collect();
    let at = |path: &str| format!("https://api.bees.example/hives/{path}");
    assert_eq!(urls, [at("1/q"), at("2/q"), at("2/bees")]);
    // Without the condition any of the kinds counts.
    run(&engine, value!({"name": "q", "numbers": [1, 2, 3]})).await;
    assert_eq!(http.sent()[3].url, at("1/q"));
    assert_eq!(http.sent()[4].url, at("3/bees"));
    let many: Vec<Value> = (0..101).map(Value::from).collect();
    let refused = run(
        &engine,
        value!({"name": "q", "numbers": (Value::from(many))}),
    )
    .await;
    assert!(
        said(&refused).contains("would be asked 101 times: at most 100 are"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_address_from_outside_stays_on_the_hosts() {
    let patch = r#"[{"op":"replace","path":"/steps/0","value":{"name":"hive","method":"GET","url":{"$":"name"}}}]"#;
    let document = with(patch);
    let (engine, http, _) = engine(&document, |_, _| {
        Ok(Answer::json(200, r#"{"id": 1, "bee": 1}"#))
    });
    for address in [
        "https://evil.example/",
        "https://api.bees.example@evil.example/",
        "https://evil.example#@api.bees.example/",
        "https://evil.example\\@api.bees.example/",
        "https://api.bees.example:8443/",
        "https://api.bees.example.evil.example/",
        "https:/api.bees.example/",
        "//api.bees.example/",
        "file:///etc/passwd",
        "https://api.bees.example /",
        "https://api.bees.ex\u{430}mple/",
        "",
    ] {
        let run = run(&engine, value!({"name": address})).await;
        assert!(run.error.is_some(), "{address}");
        assert!(http.sent().is_empty(), "{address}: {:?}", http.sent());
    }
    run(&engine, value!({"name": "https://api.bees.example/a?b=c"})).await;
    let sent = http.sent();
    assert_eq!(sent[0].url, "https://api.bees.example/a?b=c");
    // The credential stays with the addresses that the preset writes.
    assert_eq!(sent[0].header("authorization"), None);
    assert_eq!(sent[1].header("authorization"), Some("Bearer canary-1"));
}

#[tokio::test]
async fn a_credential_is_found_by_name_or_provider() {
    let document = json(GOOD.as_bytes());
    let (engine, http, _) = engine(&document, |_, _| {
        Ok(Answer::json(200, r#"{"id": 7, "bee": 9}"#))
    });
    run(
        &engine,
        value!({"name": "a", "credential": {"id": "77", "provider": "bees", "type": "api_key"}}),
    )
    .await;
    assert_eq!(http.sent().len(), 2);
    let missing = run(&engine, value!({"name": "a", "credential": "other"})).await;
    assert_eq!(
        missing.error.as_ref().unwrap().code.as_str(),
        "BLOCK_CREDENTIAL",
        "{missing:?}"
    );
    assert_eq!(http.sent().len(), 2);
    let mut optional = with(
        r#"[{"op":"add","path":"/credential/optional","value":true},{"op":"replace","path":"/credential/provider","value":"wasps"}]"#,
    );
    let (engine, http, _) = engine_of(&mut optional);
    run(&engine, value!({"name": "a"})).await;
    assert_eq!(http.sent()[0].header("authorization"), None);
    let named = run(&engine, value!({"name": "a", "credential": "wasps"})).await;
    assert_eq!(
        named.error.as_ref().unwrap().code.as_str(),
        "BLOCK_CREDENTIAL"
    );
}

fn engine_of(document: &mut Value) -> (Engine, Arc<StubHttp>, ManualClock) {
    engine(document, |_, _| {
        Ok(Answer::json(200, r#"{"id": 7, "bee": 9}"#))
    })
}

#[test]
fn a_node_tells_what_it_needs() {
    let document = with(r#"[{"op":"add","path":"/cost","value":{"unit":"usd","amount":0.02}}]"#);
    let (engine, ..) = engine(&document, |_, _| unreachable!("nothing runs"));
    let graph = value!({"format": 1, "nodes": {"a": {"block": "bees.find", "inputs": {"name": "a", "credential": "mine"}}}});
    let plan = engine.load(graph.to_string().as_bytes()).unwrap();
    let overview = plan.overview().to_string();
    for part in ["api.bees.example", "bees", "mine", "0.02", "at_most_once"] {
        assert!(overview.contains(part), "{overview}");
    }
}
