//! The worker loop: what is queued, cut off or has a message is gone on with, by one worker at a time.

use std::sync::Arc;
use std::time::Duration;

use graphloom::graph::Graph;
use graphloom::host::{Claim, MemoryStore, Message, RunQuery, Store};
use graphloom::{
    CancelToken, Code, Engine, Event, Plan, RunHandle, RunOptions, Status, Text, Timestamp, Value,
    Worker, WorkerOptions,
};

use super::harness::{engine, in_time, one_thread};

const CHAIN: &str = r#"{"format": 1, "nodes": {
    "s": {"block": "t.source", "inputs": {"n": 5}}, "m": {"block": "t.map"},
    "o": {"block": "t.out", "inputs": {"name": "o"}}},
  "links": [{"from": "s.item", "to": "m.value"}, {"from": "m.out", "to": "o.value"}]}"#;

/// Waits for a person, for as long as it takes.
const ASKS: &str = r#"{"format": 1, "nodes": {
    "ask": {"block": "k.human"}, "o": {"block": "t.out", "inputs": {"name": "o"}}},
  "links": [{"from": "ask.out", "to": "o.value"}]}"#;

fn compiled(engine: &Engine, json: &str) -> (Graph, Arc<Plan>) {
    let graph = Graph::parse(json.as_bytes()).unwrap();
    let plan = engine.compile(&graph).unwrap();
    (graph, plan)
}

fn options(name: &str) -> WorkerOptions {
    WorkerOptions::new(name)
        .look_every(Duration::from_millis(5))
        .ttl(Duration::from_millis(60))
}

async fn submit(engine: &Engine, store: &Arc<dyn Store>, json: &str, n: usize) -> Vec<Text> {
    let (graph, plan) = compiled(engine, json);
    let mut runs = Vec::new();
    for _ in 0..n {
        let options = RunOptions::new();
        let accepted = engine.submit(&**store, &graph, &plan, &options, None);
        runs.push(accepted.await.unwrap().run);
    }
    runs
}

async fn all_have(store: &Arc<dyn Store>, status: Status, n: usize) {
    let reached = async {
        loop {
            let query = RunQuery::latest(1_000).status(status);
            if store.entries(query).await.unwrap().len() == n {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    in_time(reached).await;
}

#[test]
fn two_workers_share_what_is_queued_and_do_each_run_once() {
    one_thread().block_on(async {
        let engine = engine();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let runs = submit(&engine, &store, CHAIN, 60).await;
        let until = CancelToken::new();
        let mut tasks = tokio::task::JoinSet::new();
        for name in ["a", "b"] {
            // A process that stands still for as long as its leases hold has lost its runs, and the other one goes on with
            // them, which is right: here no lease ends.
            let hour = options(name).ttl(Duration::from_secs(3600)).slots(7);
            let worker = Worker::new(&engine, &store, hour).unwrap();
            let until = until.clone();
            tasks.spawn(async move {
                let mut mine = 0;
                let told = |_: &Text, handle: Result<RunHandle, _>| {
                    mine += 1;
                    let handle: RunHandle = handle.unwrap_or_else(|error| panic!("{error}"));
                    handle.detach();
                };
                worker
                    .work(&until, |_| RunOptions::new(), told)
                    .await
                    .unwrap();
                mine
            });
        }
        all_have(&store, Status::Completed, runs.len()).await;
        until.cancel();
        let each = in_time(tasks.join_all()).await;
        assert_eq!(each.iter().sum::<usize>(), runs.len());
        for run in &runs {
            let records = store.read(run, 0, usize::MAX).await.unwrap();
            let resumed = records
                .iter()
                .any(|r| matches!(r.event, Event::Resumed { .. }));
            assert!(!resumed, "one worker did it from its beginning to its end");
        }
    });
}

#[test]
fn a_worker_goes_on_with_what_another_one_left() {
    one_thread().block_on(async {
        let engine = super::kept::acting();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let run = submit(&engine, &store, ASKS, 1).await.remove(0);
        let (_, plan) = compiled(&engine, ASKS);
        let first = Worker::new(&engine, &store, options("first")).unwrap();
        let handle = first
            .run(&run, Some(&plan), RunOptions::new())
            .await
            .unwrap();
        while handle.snapshot().await.unwrap().questions.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Nobody else may have it as long as it is renewed.
        let second = Worker::new(&engine, &store, options("second")).unwrap();
        tokio::time::sleep(Duration::from_millis(150)).await;
        let refused = second.run(&run, None, RunOptions::new()).await.unwrap_err();
        assert_eq!(refused.code(), Code::StoreLeased);
        // A worker that is gone renews nothing; what it began goes on here until it writes, and that is refused.
        drop(first);
        tokio::time::sleep(Duration::from_millis(150)).await;
        let taken = second.run(&run, None, RunOptions::new()).await.unwrap();
        handle.answer("ask", None, "from the first").await;
        let lost = in_time(handle.outcome()).await;
        assert_eq!(lost.failure.unwrap().code, Code::StoreFenced);
        for _ in 0..2 {
            let message = Message::Answer {
                node: Text::from("ask"),
                signal: None,
                value: Value::from("from outside"),
            };
            store.send(&run, message).await.unwrap();
        }
        let outcome = in_time(taken.outcome()).await;
        assert!(outcome.is_ok(), "{outcome:?}");
        let said = outcome.output("o")[0].to_string();
        assert_eq!(said, r#"["from outside","from outside"]"#);
        assert_eq!(store.messages(&run).await.unwrap(), []);
    });
}

#[test]
fn a_run_in_motion_hears_that_it_is_to_stop() {
    one_thread().block_on(async {
        let engine = super::kept::acting();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let run = submit(&engine, &store, ASKS, 1).await.remove(0);
        let worker = Worker::new(&engine, &store, options("w")).unwrap();
        let handle = worker.run(&run, None, RunOptions::new()).await.unwrap();
        store.send(&run, Message::Cancel).await.unwrap();
        let outcome = in_time(handle.outcome()).await;
        assert_eq!(outcome.status, Status::Cancelled);
        assert_eq!(store.entry(&run).await.unwrap().status, Status::Cancelled);
    });
}

#[test]
fn a_parked_run_is_taken_up_when_there_is_a_message() {
    one_thread().block_on(async {
        let engine = super::kept::acting();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let run = submit(&engine, &store, ASKS, 1).await.remove(0);
        let worker = Worker::new(&engine, &store, options("w")).unwrap();
        let until = CancelToken::new();
        let work = async {
            let told = |_: &Text, handle: Result<RunHandle, _>| {
                let handle: RunHandle = handle.unwrap_or_else(|error| panic!("{error}"));
                handle.detach();
            };
            worker
                .work(&until, |_| RunOptions::new().park(), told)
                .await
        };
        let outside = async {
            for _ in 0..2 {
                all_have(&store, Status::Waiting, 1).await;
                let message = Message::Answer {
                    node: Text::from("ask"),
                    signal: None,
                    value: Value::from("yes"),
                };
                store.send(&run, message).await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            all_have(&store, Status::Completed, 1).await;
            until.cancel();
        };
        let (worked, ()) = in_time(async { tokio::join!(work, outside) }).await;
        worked.unwrap();
        assert!(store.entry(&run).await.unwrap().epoch >= 3);
    });
}

#[test]
fn a_run_whose_blocks_have_changed_is_refused_and_waits_for_who_can() {
    one_thread().block_on(async {
        let before = super::kept::acting();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let run = submit(&before, &store, ASKS, 1).await.remove(0);
        // An engine that does not know the block at all.
        let other = Worker::new(&engine(), &store, options("other")).unwrap();
        let refused = other.run(&run, None, RunOptions::new()).await.unwrap_err();
        assert_eq!(refused.code(), Code::GraphUnknownBlock);
        let entry = store.entry(&run).await.unwrap();
        assert_eq!((entry.status, entry.owner), (Status::Waiting, None));
        let own = Worker::new(&before, &store, options("own")).unwrap();
        let handle = own.run(&run, None, RunOptions::new().park()).await.unwrap();
        assert_eq!(in_time(handle.outcome()).await.status, Status::Waiting);
    });
}

#[test]
fn a_repeated_request_means_the_same_run() {
    one_thread().block_on(async {
        let engine = engine();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let (graph, plan) = compiled(&engine, CHAIN);
        let key = || Some(Text::from("order-7"));
        let options = RunOptions::new();
        let first = engine
            .submit(&*store, &graph, &plan, &options, key())
            .await
            .unwrap();
        let again = engine
            .submit(&*store, &graph, &plan, &options, key())
            .await
            .unwrap();
        assert_eq!(
            (first.run.clone(), true, false),
            (again.run.clone(), first.is_new, again.is_new)
        );
        let worker = Worker::new(&engine, &store, self::options("w")).unwrap();
        let handle = worker.begin(&again, RunOptions::new()).await.unwrap();
        assert!(in_time(handle.outcome()).await.is_ok());
        let over = worker.begin(&first, RunOptions::new()).await.unwrap_err();
        assert_eq!(over.code(), Code::StoreRunOver);
        let claim = Claim::any("w", 5, Duration::ZERO, Timestamp(0));
        assert_eq!(store.claim(claim).await.unwrap(), []);
    });
}
