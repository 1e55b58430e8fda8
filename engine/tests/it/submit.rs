//! Runs that are accepted on someone's behalf, and begun by the write that accepts them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Waker};
use std::time::Duration;

use graphloom::graph::Graph;
use graphloom::host::{
    Blobs, Claim, Credential, Credentials, MemoryBlobs, MemoryCredentials, Message, RunEntry,
    RunQuery, Secret, Store,
};
use graphloom::value::Map;
use graphloom::{
    CancelToken, Capability, Code, Engine, Event, KeepError, Plan, Record, Registry, RunHandle,
    RunOptions, Status, Submitted, Text, Timestamp, Value, Worker, WorkerOptions,
};

use super::blocks::{get, info, need, simple};
use super::harness::{engine, in_time, one_thread};
use super::told::Told;

const CHAIN: &str = r#"{"format": 1, "nodes": {
    "s": {"block": "t.source", "inputs": {"n": 5}}, "m": {"block": "t.map"},
    "o": {"block": "t.out", "inputs": {"name": "o"}}},
  "links": [{"from": "s.item", "to": "m.value"}, {"from": "m.out", "to": "o.value"}]}"#;

/// Waits for a person, for as long as it takes.
const ASKS: &str = r#"{"format": 1, "nodes": {
    "ask": {"block": "k.human"}, "o": {"block": "t.out", "inputs": {"name": "o"}}},
  "links": [{"from": "ask.out", "to": "o.value"}]}"#;

/// One worker of a store, and a graph to run.
struct Bench {
    engine: Engine,
    told: Arc<Told>,
    store: Arc<dyn Store>,
    worker: Worker,
    graph: Graph,
    plan: Arc<Plan>,
}

impl Bench {
    fn new(engine: Engine, json: &str) -> Self {
        let told = Arc::new(Told::default());
        let store: Arc<dyn Store> = Arc::clone(&told) as _;
        // It does not look while the tests are about.
        let options = WorkerOptions::new("w").look_every(Duration::from_secs(3600));
        let options = options.ttl(Duration::from_secs(3600));
        let worker = Worker::new(&engine, &store, options).unwrap();
        let graph = Graph::parse(json.as_bytes()).unwrap();
        let plan = engine.compile(&graph).unwrap();
        Self {
            engine,
            told,
            store,
            worker,
            graph,
            plan,
        }
    }

    async fn try_submit(
        &self,
        options: RunOptions,
        key: Option<&str>,
    ) -> Result<Submitted, KeepError> {
        let key = key.map(Text::from);
        let submitted = self.worker.submit(&self.graph, &self.plan, options, key);
        submitted.await
    }

    async fn submit(&self, options: RunOptions) -> RunHandle {
        match self.try_submit(options, None).await {
            Ok(Submitted::Begun(handle)) => handle,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_run_is_accepted_claimed_and_begun_by_one_write() {
    one_thread().block_on(async {
        let bench = Bench::new(engine(), CHAIN);
        let options = RunOptions::new()
            .tenant("ada")
            .source("flow-1")
            .label("project", "atlas")
            .label("n", "2");
        let handle = bench.submit(options).await;
        assert_eq!(bench.told.take(), ["create"]);
        let run = handle.id().clone();
        let entry = bench.store.entry(&run).await.unwrap();
        let owner = Some(Text::from("w"));
        assert_eq!((entry.status, entry.epoch), (Status::Running, 1));
        assert_eq!(entry.owner, owner);
        assert_eq!((&*entry.tenant, &*entry.source), ("ada", "flow-1"));
        let labels = Map::from_iter([("project", "atlas"), ("n", "2")]);
        assert_eq!(entry.labels, labels);
        let outcome = in_time(handle.outcome()).await;
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(bench.told.take(), ["entry", "append synced"]);
        assert!(bench.told.news.lock().unwrap()[0].sync);
        let ended = bench.store.entry(&run).await.unwrap();
        assert_eq!(ended.status, Status::Completed);
        assert_eq!((ended.tenant, ended.labels), (entry.tenant, entry.labels));
    });
}

#[test]
fn accepting_need_not_be_synced_by_itself() {
    one_thread().block_on(async {
        let bench = Bench::new(engine(), CHAIN);
        let options = RunOptions::new().accept_unsynced();
        let handle = bench.submit(options.clone()).await;
        let run = handle.id().clone();
        bench.worker.sync(&run).await.unwrap();
        // Its end is, with all before it.
        assert!(in_time(handle.outcome()).await.is_ok());
        assert_eq!(bench.told.take(), ["create", "sync", "append synced"]);
        // Nothing is left to be done, and nothing is refused.
        bench.worker.sync(&run).await.unwrap();
        let (graph, plan) = (&bench.graph, &bench.plan);
        let submitted = bench
            .engine
            .submit(&*bench.store, graph, plan, &options, None);
        let queued = submitted.await.unwrap().run;
        // Nor where someone else has it.
        let claim = Claim::one(
            "other",
            queued.clone(),
            Duration::from_secs(9),
            Timestamp(0),
        );
        bench.store.claim(claim).await.unwrap();
        bench.worker.sync(&queued).await.unwrap();
        let unknown = bench.worker.sync(&Text::from("none")).await.unwrap_err();
        assert_eq!(unknown.code(), Code::StoreUnknownRun);
        let synced = bench.told.news.lock().unwrap();
        assert_eq!(
            synced.iter().map(|new| new.sync).collect::<Vec<_>>(),
            [false; 2]
        );
    });
}

#[test]
fn a_run_that_is_answered_when_it_is_over_begins_while_it_is_accepted() {
    one_thread().block_on(async {
        let bench = Bench::new(engine(), CHAIN);
        bench.told.slow_create.store(100, Ordering::SeqCst);
        let ahead = bench.submit(RunOptions::new().accept_unsynced()).await;
        assert_eq!(bench.told.take(), ["create", "append synced"]);
        assert!(in_time(ahead.outcome()).await.is_ok());
        // One with a key may be known: nothing of it is done before.
        let keyed = bench.try_submit(RunOptions::new().accept_unsynced(), Some("k"));
        assert!(matches!(keyed.await, Ok(Submitted::Begun(_))));
        assert_eq!(bench.told.take(), ["create"]);
        // Nor of one that nobody waits for.
        let handle = bench.submit(RunOptions::new()).await;
        assert_eq!(
            bench.told.take().first().map(String::as_str),
            Some("create")
        );
        assert!(in_time(handle.outcome()).await.is_ok());
    });
}

#[test]
fn a_run_that_has_begun_and_is_not_accepted_leaves_nothing() {
    one_thread().block_on(async {
        let bench = Bench::new(engine(), CHAIN);
        bench.told.is_full.store(true, Ordering::SeqCst);
        let refused = bench.try_submit(RunOptions::new().accept_unsynced(), None);
        assert_eq!(refused.await.unwrap_err().code(), Code::StoreFull);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(bench.store.entries(RunQuery::latest(9)).await.unwrap(), []);
        let large = RunOptions::new()
            .label("note", "a".repeat(9000))
            .accept_unsynced();
        bench.told.is_full.store(false, Ordering::SeqCst);
        bench.told.take();
        let refused = bench.try_submit(large, None).await;
        assert_eq!(refused.unwrap_err().code(), Code::StoreLabels);
        assert_eq!(bench.told.take(), ["create"]);
    });
}

#[test]
fn an_id_that_another_run_of_the_worker_has_begins_nothing() {
    one_thread().block_on(async {
        let bench = Bench::new(engine(), CHAIN);
        let options = RunOptions::new().accept_unsynced().run_id("r");
        let first = bench.submit(options.clone()).await;
        // Whoever began now would write with the lease of the first: time enough for both.
        bench.told.slow_create.store(1_000, Ordering::SeqCst);
        let refused = bench.try_submit(options.clone(), None).await;
        assert_eq!(refused.unwrap_err().code(), Code::StoreRunExists);
        assert!(in_time(first.outcome()).await.is_ok());
        assert_eq!(bench.told.take(), ["create", "create", "append synced"]);
        // Nor two at once: the second one is refused before it has written.
        let options = options.run_id("s");
        let both = tokio::join!(
            bench.try_submit(options.clone(), None),
            bench.try_submit(options.clone(), None)
        );
        let (Ok(Submitted::Begun(first)), Err(refused)) = both else {
            panic!("{both:?}")
        };
        assert_eq!(refused.code(), Code::StoreRunExists);
        assert!(in_time(first.outcome()).await.is_ok());
        assert_eq!(bench.told.take(), ["create", "create", "append synced"]);
        // The id is free again where the run is gone.
        let id = Text::from("s");
        bench.store.delete(&id, Timestamp(0)).await.unwrap();
        let again = bench.submit(options).await;
        assert!(in_time(again.outcome()).await.is_ok());
    });
}

#[test]
fn a_run_goes_on_if_whoever_has_it_accepted_goes_away() {
    one_thread().block_on(async {
        let bench = Bench::new(engine(), CHAIN);
        bench.told.slow_create.store(1_000_000, Ordering::SeqCst);
        let mut submitted = Box::pin(bench.try_submit(RunOptions::new().accept_unsynced(), None));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(submitted.as_mut().poll(&mut cx).is_pending());
        drop(submitted);
        let run = bench.told.news.lock().unwrap()[0].run.clone();
        in_time(async {
            while bench.store.entry(&run).await.unwrap().status != Status::Completed {
                tokio::task::yield_now().await;
            }
        })
        .await;
    });
}

/// A store that has no better way looks at each of them.
#[test]
fn who_has_runs_is_told_by_every_store() {
    one_thread().block_on(async {
        let bench = Bench::new(engine(), CHAIN);
        let (graph, plan) = (&bench.graph, &bench.plan);
        for tenant in ["bob", "", "ada", "bob"].into_iter().cycle().take(1_200) {
            let options = RunOptions::new().tenant(tenant);
            let submitted = bench
                .engine
                .submit(&*bench.store, graph, plan, &options, None);
            submitted.await.unwrap();
        }
        let tenants = async |after: Option<&str>, limit| {
            let found = bench.store.tenants(after.map(Text::from), limit).await;
            found
                .unwrap()
                .iter()
                .map(Text::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(tenants(None, 9).await, ["ada", "bob"]);
        assert_eq!(tenants(None, 1).await, ["ada"]);
        assert_eq!(tenants(Some("ada"), 9).await, ["bob"]);
        assert_eq!(tenants(Some("bob"), 9).await, [""; 0]);
    });
}

#[test]
fn a_known_key_begins_nothing() {
    one_thread().block_on(async {
        let bench = Bench::new(engine(), CHAIN);
        let first = bench.try_submit(RunOptions::new(), Some("order-7")).await;
        let Ok(Submitted::Begun(first)) = first else {
            panic!("{first:?}")
        };
        let run = first.id().clone();
        assert!(in_time(first.outcome()).await.is_ok());
        bench.told.take();
        let again = bench.try_submit(RunOptions::new(), Some("order-7")).await;
        let Ok(Submitted::Known(known)) = again else {
            panic!("{again:?}")
        };
        assert_eq!(known, run);
        assert_eq!(bench.told.take(), ["create"]);
        let all = bench.store.entries(RunQuery::latest(9)).await.unwrap();
        assert_eq!(all.len(), 1);
    });
}

#[test]
fn what_is_refused_is_not_accepted() {
    one_thread().block_on(async {
        let bench = Bench::new(engine(), CHAIN);
        let large = RunOptions::new().label("note", "a".repeat(9000));
        let number = Map::from_iter([("n", Value::from(1))]);
        let cases = [
            (large, Code::StoreLabels),
            (RunOptions::new().labels(number), Code::StoreLabels),
            (RunOptions::new().input("n", 1), Code::InputUnknown),
        ];
        for (options, code) in cases {
            let refused = bench.try_submit(options.clone(), None).await;
            assert_eq!(refused.unwrap_err().code(), code);
            let (graph, plan) = (&bench.graph, &bench.plan);
            let refused = bench
                .engine
                .submit(&*bench.store, graph, plan, &options, None);
            assert_eq!(refused.await.unwrap_err().code(), code);
        }
        let all = bench.store.entries(RunQuery::latest(9)).await.unwrap();
        assert_eq!(all, []);
    });
}

#[test]
fn a_run_that_was_begun_at_once_parks_and_goes_on_as_any_other() {
    one_thread().block_on(async {
        let bench = Bench::new(super::kept::acting(), ASKS);
        let options = RunOptions::new().park().tenant("ada").accept_unsynced();
        let handle = bench.submit(options).await;
        let run = handle.id().clone();
        let outcome = in_time(handle.outcome()).await;
        assert_eq!(outcome.status, Status::Waiting);
        // What is answered now outlives a power cut.
        assert!(bench.told.take().contains(&"append synced".to_owned()));
        let until = CancelToken::new();
        let mut seen = Vec::new();
        let answer = Message::Answer {
            node: Text::from("ask"),
            signal: None,
            value: Value::from("yes"),
        };
        for _ in 0..2 {
            bench.store.send(&run, answer.clone()).await.unwrap();
        }
        // Whoever goes on with it knows on whose behalf.
        let options = |entry: &RunEntry| {
            seen.push((entry.run.clone(), entry.tenant.clone()));
            RunOptions::new()
        };
        let mut handles = Vec::new();
        let told = |_: &Text, handle: Result<RunHandle, _>| {
            let handle: RunHandle = handle.unwrap_or_else(|error: KeepError| panic!("{error}"));
            handles.push(handle);
            until.cancel();
        };
        in_time(bench.worker.work(&until, options, told))
            .await
            .unwrap();
        let outcome = in_time(handles.remove(0).outcome()).await;
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(seen, [(run, Text::from("ada"))]);
    });
}

/// Tells how long the secret of a credential is, and keeps a blob.
fn keeping() -> Registry {
    const OWN: &[Capability] = &[Capability::Credential, Capability::Blobs];
    let mut registry = Registry::new();
    let keep = simple(
        info("k.keep").capabilities(OWN),
        vec![need("value")],
        &["length", "blob"],
        |cx, inputs, out| {
            Box::pin(async move {
                let credential = cx.credential("key").await?;
                let length = credential.token().map_or(0, |token| token.expose().len());
                let bytes = get(inputs, "value").to_string().into_bytes();
                let blob = cx.blobs()?.put(bytes, None).await.unwrap();
                out.emit("length", Value::from(length as u64)).await?;
                out.emit("blob", Value::Blob(Arc::new(blob))).await?;
                Ok(())
            })
        },
    );
    registry.add(keep).unwrap();
    registry
}

fn key(secret: &str) -> Arc<dyn Credentials> {
    let credential = Credential::api_key("key", Secret::new(secret));
    Arc::new(MemoryCredentials::new().with(credential))
}

/// What was emitted, in order.
fn emitted(records: &[Record]) -> Vec<Value> {
    let value = |record: &Record| match &record.event {
        Event::Emitted { value, .. } | Event::Done { value, .. } => Some(value.clone()),
        _ => None,
    };
    records.iter().filter_map(value).collect()
}

#[test]
fn credentials_and_blobs_may_be_the_runs_own() {
    const KEEP: &str =
        r#"{"format": 1, "nodes": {"keep": {"block": "k.keep", "inputs": {"value": "v"}}}}"#;
    let (shared, own) = (
        Arc::new(MemoryBlobs::default()),
        Arc::new(MemoryBlobs::default()),
    );
    let engine = Engine::builder(keeping())
        .credentials(key("of all"))
        .blobs(Arc::clone(&shared) as _)
        .build();
    let both = || {
        RunOptions::new()
            .credentials(key("of the tenant"))
            .blobs(Arc::clone(&own) as _)
    };
    one_thread().block_on(async {
        let bench = Bench::new(engine, KEEP);
        let (engine, plan) = (&bench.engine, &bench.plan);
        let plain = engine.run(plan, RunOptions::new().record()).await.unwrap();
        let [length, Value::Blob(blob)] = &emitted(&plain.records)[..] else {
            panic!("{plain:?}")
        };
        assert_eq!(*length, Value::from("of all".len() as u64));
        assert!(shared.get(blob).await.is_ok());
        assert!(own.get(blob).await.is_err());
        // By a run that is not kept, by one that is, and by one that someone takes up.
        let run = engine.run(plan, both().record()).await.unwrap();
        let mut all = vec![run.records];
        let handle = bench.submit(both()).await;
        let id = handle.id().clone();
        in_time(handle.outcome()).await;
        all.push(bench.store.read(&id, 0, 99).await.unwrap());
        let options = both();
        let submitted = engine.submit(&*bench.store, &bench.graph, plan, &options, None);
        let id = submitted.await.unwrap().run;
        let handle = bench.worker.run(&id, None, both()).await.unwrap();
        in_time(handle.outcome()).await;
        all.push(bench.store.read(&id, 0, 99).await.unwrap());
        for records in all {
            let length = Value::from("of the tenant".len() as u64);
            assert_eq!(emitted(&records)[0], length);
        }
        assert!(own.get(blob).await.is_ok());
    });
}
