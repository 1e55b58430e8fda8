//! The codes of runs that are kept in a store.

use std::sync::Arc;
use std::time::Duration;

use graphloom::block::BlockError;
use graphloom::host::{
    Append, Claim, Journal, Lease, MemoryStore, NewRun, Release, Store, StoreError,
};
use graphloom::value::Map;
use graphloom::{
    Code, Engine, Event, Failure, Graph, Record, Registry, RunOptions, Status, Text, Timestamp,
};

use super::blocks::Probe;
use super::fixtures::printed;

pub(super) fn by_hand() -> impl Iterator<Item = Code> {
    let kept = |code: &Code| {
        matches!(code, Code::BlockInDoubt | Code::RunChanged) || code.as_str().starts_with("STORE_")
    };
    Code::ALL.iter().copied().filter(kept)
}

/// The error of a code of kept runs, as hosts print it.
pub(super) fn raised(code: Code) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let failure = match code {
        Code::BlockInDoubt => {
            let error = BlockError::InDoubt;
            Failure::new(error.code(), error.to_string())
                .at("pay")
                .attempt(1)
        }
        Code::RunChanged => runtime.block_on(changed()),
        code if code.as_str().starts_with("STORE_") => {
            let error = match runtime.block_on(by_a_store(code)) {
                Some(error) => error,
                None => told(code)?,
            };
            assert_eq!(error.code(), code);
            Failure::new(error.code(), error.to_string())
        }
        _ => return None,
    };
    assert_eq!(failure.code, code);
    Some(printed(&failure))
}

const NOW: Timestamp = Timestamp(1_795_276_004_354);
const TTL: Duration = Duration::from_secs(15);

/// What a store in memory can be brought to refuse.
async fn by_a_store(code: Code) -> Option<StoreError> {
    let store = MemoryStore::new();
    let new = || NewRun::new("nightly-7", "{}", NOW);
    let run = Text::from("nightly-7");
    store.create(new()).await.unwrap();
    let claim = |now: i64| Claim::one("worker-1", run.clone(), TTL, Timestamp(NOW.0 + now));
    let ended = |seq| {
        let mut record = a_record().clone();
        record.seq = seq;
        record.event = Event::Ended {
            status: Status::Completed,
            failure: None,
        };
        Arc::new(vec![record])
    };
    let refused = match code {
        Code::StoreRunExists => store.create(new()).await.map(drop),
        Code::StoreLabels => {
            let labels = Map::from_iter([("note", "a".repeat(9_000))]);
            store.create(new().labels(labels)).await.map(drop)
        }
        Code::StoreUnknownRun => store.entry(&Text::from("nightly-8")).await.map(drop),
        Code::StoreLeased => {
            store.claim(claim(0)).await.unwrap();
            store.claim(claim(1)).await.map(drop)
        }
        Code::StoreSequence => {
            let lease = store.claim(claim(0)).await.unwrap().remove(0);
            store.append(Append::new(&lease, 2, ended(2))).await
        }
        Code::StoreFenced => {
            let lease: Lease = store.claim(claim(0)).await.unwrap().remove(0);
            store.claim(claim(60_000)).await.unwrap();
            store.append(Append::new(&lease, 0, ended(0))).await
        }
        Code::StoreRunOver => {
            let lease = store.claim(claim(0)).await.unwrap().remove(0);
            let append = Append::new(&lease, 0, ended(0));
            store.append(append).await.unwrap();
            store.release(&lease, Release::Queue, NOW).await
        }
        _ => return None,
    };
    Some(refused.unwrap_err())
}

/// What only a disk can refuse.
fn told(code: Code) -> Option<StoreError> {
    let message = |text: &str| text.to_owned();
    Some(match code {
        Code::StoreBroken => StoreError::Broken {
            run: message("nightly-7"),
            seq: 17,
            message: message("its checksum is wrong"),
        },
        Code::StoreFormat => StoreError::Format { found: 3, known: 1 },
        Code::StoreFull => StoreError::Full {
            message: message("database or disk is full"),
        },
        Code::StoreReadOnly => StoreError::ReadOnly {
            message: message("attempt to write a readonly database"),
        },
        Code::StoreBusy => StoreError::Busy {
            message: message("database is locked"),
        },
        Code::StoreFailed => StoreError::Failed {
            message: message("disk I/O error"),
        },
        _ => return None,
    })
}

fn one_block(version: u32) -> Engine {
    let mut registry = Registry::new();
    let block = Probe::new("app.mark", |_, _, out| {
        Box::pin(async move { Ok(out.emit("out", 1).await?) })
    });
    let block = block.info(|mut info| {
        info.version = version;
        info
    });
    registry.add(block).unwrap();
    Engine::new(registry)
}

const MARK: &[u8] = br#"{ "format": 1, "nodes": { "mark": { "block": "app.mark" } } }"#;

/// A run that began with another version of its block.
async fn changed() -> Failure {
    let (before, after) = (one_block(1), one_block(2));
    let graph = Graph::parse(MARK).unwrap();
    let plan = before.compile(&graph).unwrap();
    let memory = MemoryStore::new();
    let options = RunOptions::new().run_id("nightly-7");
    let submitted = before.submit(&memory, &graph, &plan, &options, None);
    let run = submitted.await.unwrap().run;
    let lease = memory.claim(Claim::one("worker-1", run, TTL, NOW)).await;
    let store: Arc<dyn Store> = Arc::new(memory);
    let lease = lease.unwrap().remove(0);
    let resumed = after.resume(&store, lease, None, RunOptions::new()).await;
    let error = resumed.unwrap_err();
    Failure::new(error.code(), error.to_string())
}

/// Any event: stores do not look into them.
fn a_record() -> &'static Record {
    static RECORD: std::sync::OnceLock<Record> = std::sync::OnceLock::new();
    RECORD.get_or_init(|| {
        graphloom::journal::read_line(r#"{"seq":0,"at":0,"scope":0,"kind":"cancel_requested"}"#)
            .unwrap()
    })
}
