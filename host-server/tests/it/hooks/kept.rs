//! What owners write, and what is shown of it.

use graphloom_server::records::{Kind, Query};
use graphloom_server::{Principal, Scope, Scopes};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Hook, SECRET, STANDARD_SECRET, START, call, echo, hook, make, now, run_of, show, standard,
};
use crate::harness::{A, Answer, B, Server, auth, greet, json as body, write};
use crate::timed::World;

#[tokio::test]
async fn a_webhook_is_kept_changed_and_forgotten() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &echo()).await;
    let made = server
        .post("/v1/webhooks", A, &hook(&graph, "github"))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (path, tag) = (
        made.header("location").to_owned(),
        made.header("etag").to_owned(),
    );
    let address = made.json()["path"].clone();
    assert_eq!(
        made.json()["url"],
        Value::Null,
        "nobody has said where it is reached"
    );
    let shown = server.get(&path, A).await;
    assert_eq!(
        (shown.header("etag"), &shown.json()["path"]),
        (&*tag, &address)
    );

    let events = json!({ "events": ["push"] });
    let answer = Answer::of(
        server
            .ask(Method::PATCH, &path, A)
            .header("content-type", "application/merge-patch+json")
            .body("{}"),
    )
    .await;
    assert_eq!(answer.status, 428);
    let patched = write(&server, Method::PATCH, &path, &tag, &events).await;
    assert_eq!(
        (patched.status, &patched.json()["events"]),
        (200, &json!(["push"]))
    );
    assert_eq!(patched.json()["path"], address, "the address stays");
    let stale = write(&server, Method::PATCH, &path, &tag, &events).await;
    assert_eq!(
        (stale.status, stale.problem().as_str()),
        (412, "HTTP_PRECONDITION")
    );
    let put = write(
        &server,
        Method::PUT,
        &path,
        patched.header("etag"),
        &hook(&graph, "hmac"),
    )
    .await;
    assert_eq!(put.status, 422, "hmac needs a header: {}", put.text);
    let put = write(
        &server,
        Method::PUT,
        &path,
        patched.header("etag"),
        &hook(&graph, "unsigned"),
    )
    .await;
    assert_eq!(
        (put.status, &put.json()["secret_at"]),
        (200, &Value::Null),
        "{}",
        put.text
    );
    // It has no secret now, and needs one to be signed again.
    let put = write(&server, Method::PUT, &path, "*", &hook(&graph, "github")).await;
    assert_eq!((put.status, put.problem().as_str()), (422, "HTTP_BODY"));
    let rotate = server.post(&format!("{path}/rotate"), A, &json!({})).await;
    assert_eq!(
        (rotate.status, rotate.problem().as_str()),
        (409, "HTTP_CONFLICT")
    );

    // Under an id of the owner's, and once for a key.
    let request = server.ask(Method::PUT, "/v1/webhooks/mine", A);
    let request = body(request.header("if-none-match", "*"), &hook(&graph, "token"));
    assert_eq!(
        Answer::of(request).await.status,
        422,
        "token needs a header"
    );
    let request = server.ask(Method::PUT, "/v1/webhooks/mine", A);
    let request = body(
        request.header("if-none-match", "*"),
        &hook(&graph, "gitlab"),
    );
    let mine = Answer::of(request).await;
    assert_eq!(mine.status, 201, "{}", mine.text);
    assert!(mine.json()["secret"].is_string());
    let keyed = || {
        let request = server.ask(Method::POST, "/v1/webhooks", A);
        let request = request.header("idempotency-key", "k-1");
        Answer::of(body(request, &hook(&graph, "standard")))
    };
    let (first, again) = (keyed().await, keyed().await);
    assert_eq!(first.json()["id"], again.json()["id"]);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(first.json()["secret"].is_string() && again.json().get("secret").is_none());

    let listed = async |query: &str| {
        let listed = server.get(&format!("/v1/webhooks?{query}"), A).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        let items = listed.json()["items"].clone();
        items.as_array().map(Vec::len)
    };
    let of_graph = format!("target={graph}");
    for (query, found) in [
        ("", 3),
        ("provider=gitlab", 1),
        ("provider=github", 0),
        ("q=UNSIGNED", 1),
        ("target=x", 0),
        (&*of_graph, 3),
    ] {
        assert_eq!(listed(query).await, Some(found), "{query}");
    }
    let unknown = server.get("/v1/webhooks?provider=git", A).await;
    assert_eq!(
        (unknown.status, unknown.problem().as_str()),
        (400, "HTTP_PARAMETER")
    );
    let page = server.get("/v1/webhooks?limit=2", A).await.json();
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    assert_eq!(listed(&format!("limit=2&cursor={cursor}")).await, Some(1));

    // Another tenant's is not there.
    for path in [path.clone(), format!("{path}/deliveries")] {
        assert_eq!(server.get(&path, B).await.status, 404, "{path}");
    }
    let trial = json!({ "payload": {} });
    assert_eq!(
        server
            .post(&format!("{path}/trial"), B, &trial)
            .await
            .status,
        404
    );
    let foreign = Answer::of(server.ask(Method::DELETE, &path, B).header("if-match", "*")).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(
        server.get("/v1/webhooks", B).await.json()["items"],
        json!([])
    );
    assert_eq!(
        server
            .post("/v1/webhooks", B, &hook(&graph, "github"))
            .await
            .status,
        422
    );

    let gone = write(&server, Method::DELETE, &path, "*", &Value::Null).await;
    assert_eq!((gone.status, server.get(&path, A).await.status), (204, 404));
    server.stop().await;
}

#[tokio::test]
async fn what_does_not_fit_is_told() {
    let world = World::at(START);
    let server = world.start().await;
    let (graph, other) = (
        server.keep(A, &echo()).await,
        server.keep(A, &greet()).await,
    );
    let good = hook(&graph, "github");
    let with = |members: &[(&str, Value)]| {
        let mut webhook = good.clone();
        for (member, value) in members {
            webhook[*member] = value.clone();
        }
        webhook
    };
    let provider = |provider: Value| with(&[("provider", provider)]);
    let canary = "canary";
    let cases = [
        // 78. An empty secret, and one that can be guessed; the right form of it.
        (with(&[("secret", json!(""))]), "/secret"),
        (with(&[("secret", json!("   fifteen chars"))]), "/secret"),
        (with(&[("secret", json!(canary))]), "/secret"),
        (with(&[("secret", json!([canary]))]), "/secret"),
        (
            with(&[
                ("provider", json!({ "kind": "standard" })),
                ("secret", json!("whsec_AAAA")),
            ]),
            "/secret",
        ),
        (
            with(&[
                ("provider", json!({ "kind": "unsigned" })),
                ("secret", json!(SECRET)),
            ]),
            "/secret",
        ),
        (provider(json!({ "kind": "stripe" })), "/secret"),
        (provider(json!({ "kind": "slack" })), "/secret"),
        // How it is proven.
        (provider(json!({ "kind": "none" })), "/provider/kind"),
        (provider(json!({})), "/provider/kind"),
        (provider(json!({ "kind": "hmac" })), "/provider/header"),
        (
            provider(json!({ "kind": "github", "header": "x" })),
            "/provider/header",
        ),
        (
            provider(json!({ "kind": "token", "header": "x y" })),
            "/provider/header",
        ),
        (
            provider(json!({ "kind": "token", "header": "x", "encoding": "hex" })),
            "/provider/encoding",
        ),
        (
            provider(json!({ "kind": "token", "header": "x", "id_header": "X" })),
            "/provider/id_header",
        ),
        (
            provider(json!({ "kind": "unsigned", "event_header": "Cookie" })),
            "/provider/event_header",
        ),
        (
            provider(json!({ "kind": "hmac", "header": "x", "known_by": "id" })),
            "/provider/known_by",
        ),
        (
            provider(json!({ "kind": "stripe", "known_by": "id" })),
            "/provider/known_by",
        ),
        (provider(json!({ "kind": "basic" })), "/provider/user"),
        (
            provider(json!({ "kind": "basic", "user": "a:b" })),
            "/provider/user",
        ),
        // What is run, and where the body goes.
        (with(&[("name", json!(""))]), "/name"),
        (with(&[("events", json!([""]))]), "/events/0"),
        (with(&[("events", json!(vec!["a"; 101]))]), "/events"),
        (
            with(&[("labels", json!({ "a": "x".repeat(6 * 1_024) }))]),
            "/labels",
        ),
        (with(&[("secret", json!("x".repeat(1_025)))]), "/secret"),
        (
            with(&[
                ("provider", json!({ "kind": "unsigned" })),
                ("events", json!(["a"])),
            ]),
            "/events",
        ),
        (with(&[("target", json!({}))]), "/target"),
        (
            with(&[("target", json!({ "graph_id": "nothing" }))]),
            "/target/graph_id",
        ),
        (
            with(&[("target", json!({ "graph_id": other }))]),
            "/payload_to",
        ),
        (
            with(&[("payload_to", json!({ "input": "nobody" }))]),
            "/payload_to",
        ),
        (
            with(&[("payload_to", json!({ "node": "nobody" }))]),
            "/payload_to",
        ),
        (
            with(&[("payload_to", json!({ "node": "hook", "pin": "nobody" }))]),
            "/payload_to",
        ),
        (
            with(&[("payload_to", json!({ "node": "hook", "input": "x" }))]),
            "/payload_to",
        ),
        (
            with(&[("headers_to", json!({ "node": "hook" }))]),
            "/headers_to",
        ),
        (
            with(&[("inputs", json!({ "nobody": 1 }))]),
            "/inputs/nobody",
        ),
        (
            with(&[("labels", json!({ "graphloom.origin": "me" }))]),
            "/labels/graphloom.origin",
        ),
        (
            with(&[("callback", json!({ "url": "https://127.0.0.1/" }))]),
            "/callback/url",
        ),
    ];
    for (webhook, place) in cases {
        let answer = server.post("/v1/webhooks", A, &webhook).await;
        assert_eq!(answer.status, 422, "{webhook}: {}", answer.text);
        let problem = answer.json();
        let errors = problem["errors"].as_array().expect("errors");
        assert!(
            errors.iter().any(|error| error["pointer"] == place),
            "{webhook}: expected {place}: {problem}"
        );
        assert!(!answer.text.contains(canary), "{}", answer.text);
    }
    assert_eq!(
        server.get("/v1/webhooks", A).await.json()["items"],
        json!([])
    );
    server.stop().await;
}

#[tokio::test]
async fn a_secret_is_replaced_and_the_one_before_holds_a_day() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &echo()).await;
    let hook = make(&server, &hook(&graph, "standard")).await;
    let first = hook.made["secret"]
        .as_str()
        .expect("it was drawn")
        .to_owned();
    assert!(first.starts_with("whsec_"));
    assert_eq!(
        show(&server, &hook).await.get("secret"),
        None,
        "it is shown once"
    );

    let send = async |secret: &str, id: &str| {
        let headers = standard(secret, id, now(&world), "{}");
        call(&server, &hook.path, &headers, "{}").await.status
    };
    assert_eq!(send(&first, "1").await, 202);
    let path = format!("/v1/webhooks/{}/rotate", hook.id);
    let rotated = server.post(&path, A, &json!({})).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    let second = rotated.json()["secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    assert_ne!(second, first);
    assert_eq!(rotated.json()["former_until"], "2026-11-22T12:00:30.000Z");
    assert_eq!(
        (send(&first, "2").await, send(&second, "3").await),
        (202, 202)
    );
    world.clock.pass(86_399);
    assert_eq!(send(&first, "4").await, 202);
    world.clock.pass(1);
    assert_eq!(
        (send(&first, "5").await, send(&second, "6").await),
        (401, 202)
    );
    assert_eq!(show(&server, &hook).await["former_until"], Value::Null);

    // One that is written is in place of all others at once.
    let put = write(
        &server,
        Method::PATCH,
        &format!("/v1/webhooks/{}", hook.id),
        "*",
        &json!({ "secret": STANDARD_SECRET }),
    )
    .await;
    assert_eq!(
        (put.status, put.json().get("secret")),
        (200, None),
        "{}",
        put.text
    );
    assert_eq!(send(&second, "7").await, 401);
    assert_eq!(send(STANDARD_SECRET, "8").await, 202);
    // Given ones are checked; another tenant's webhook is not there.
    for (token, sent, status) in [
        (A, json!({ "secret": "" }), 422),
        (A, json!({ "secret": 1 }), 422),
        (B, json!({}), 404),
    ] {
        assert_eq!(
            server.post(&path, token, &sent).await.status,
            status,
            "{sent}"
        );
    }
    server.stop().await;
}

/// The address of one that is unsigned is all that it takes to call it.
#[tokio::test]
async fn an_address_is_shown_to_those_who_may_write_it() {
    let world = World::at(START);
    let reads = Principal::new("a", "reader").scopes(Scopes::none().with(Scope::WebhooksRead));
    let taking = auth().token("reader", reads.clone());
    let server = Server::taking(world.app(), taking).await;
    let graph = server.keep(A, &echo()).await;
    let open = make(&server, &hook(&graph, "unsigned")).await;
    let signed = make(&server, &hook(&graph, "github")).await;
    let listed = server.get("/v1/webhooks", "reader").await;
    assert!(!listed.text.contains(&open.path) && listed.text.contains(&signed.path));
    let shown = server
        .get(&format!("/v1/webhooks/{}", open.id), "reader")
        .await;
    assert_eq!((shown.status, &shown.json()["path"]), (200, &Value::Null));
    for (path, sent) in [
        ("/v1/webhooks", hook(&graph, "github")),
        ("/v1/webhooks/x/trial", json!({ "payload": 1 })),
    ] {
        let answer = server.post(path, "reader", &sent).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (403, "AUTH_SCOPE")
        );
    }
    // Each request that gives nothing to know it by is another one.
    let first = run_of(&call(&server, &open.path, &[], "").await);
    assert_ne!(run_of(&call(&server, &open.path, &[], "").await), first);
    let keyed = [("idempotency-key", "k-1".to_owned())];
    let first = run_of(&call(&server, &open.path, &keyed, "").await);
    assert_eq!(run_of(&call(&server, &open.path, &keyed, "").await), first);

    // Whoever has the records has neither addresses nor secrets.
    let kept = world.records.list(
        reads.may(Scope::WebhooksRead).expect("it may"),
        Query::of(Kind::Webhook, 10),
    );
    let kept = kept.await.expect("they are there");
    let all = format!("{kept:?}");
    let secret = signed.made["secret"].as_str().expect("it was drawn");
    let address = |hook: &Hook| hook.path.rsplit('/').next().expect("a text").to_owned();
    for word in [secret, &address(&open), &address(&signed)] {
        assert!(!all.contains(word), "{word} is in the records");
    }
    server.stop().await;
}
